"""What names the medication of a prescription, an administration or a statement of use, and the facts that it makes."""

from collections.abc import Iterator
from dataclasses import replace

from cds_service.facts.extraction import Reading, concept_of, facts_of, recognised
from cds_service.facts.matching import matches
from cds_service.facts.model import Fact, FactDefinition
from cds_service.fhir.elements import Unreadable, codings, objects, references, texts
from cds_service.guideline.criterion import reader
from cds_service.logic import Truth
from cds_service.terminology.systems import ATC, SAME_SYSTEM
from cds_service.terminology.value_set import Match, ValueSet

# What stands in the place of a medication that the record names but does not hold.
UNNAMED = Match("possible", words="?")


def medication_nodes(read: Reading, resource: dict) -> list[object]:
    """Everything that names the medication of a resource: its own concept, the Medication that it refers to (contained or on
    record) with its ingredients, and the words beside the reference. Raises Unreadable where one of them is malformed."""
    kind = str(resource.get("resourceType"))
    nodes: list[object] = [
        *objects(resource.get("medicationCodeableConcept"), f"{kind}.medicationCodeableConcept")
    ]
    for link in _links(resource):
        nodes += [link["display"]] if isinstance(link.get("display"), str) else []
    for medication in _medications(read, resource):
        nodes += _named_by(read, medication)
    return nodes


def medication_is_unread(read: Reading, resource: dict) -> bool:
    """Whether a resource refers to a Medication that was not read, and says nothing else of what it is.

    Raises Unreadable where a reference is malformed.
    """
    return (
        bool(_links(resource))
        and not _medications(read, resource)
        and not medication_nodes(read, resource)
    )


def _links(resource: dict) -> list[dict]:
    """The References to a Medication."""
    return objects(
        resource.get("medicationReference"), f"{resource.get('resourceType')}.medicationReference"
    )


def _medications(read: Reading, resource: dict) -> list[dict]:
    """The Medications that a resource refers to, as far as they were read."""
    path = f"{resource.get('resourceType')}.medicationReference"
    found = (read.record.resolve(text, resource) for text in references(_links(resource), path))
    return [other for other in found if other is not None]


def _named_by(read: Reading, medication: dict) -> list[object]:
    """The code of a Medication, and those of its ingredients (a bag of glucose with doxorubicin in it)."""
    nodes: list[object] = [*objects(medication.get("code"), "Medication.code")]
    for ingredient in objects(medication.get("ingredient"), "Medication.ingredient"):
        nodes += objects(ingredient.get("itemCodeableConcept"), "Medication.ingredient.item")
        links = objects(ingredient.get("itemReference"), "Medication.ingredient.item")
        nodes += [link["display"] for link in links if isinstance(link.get("display"), str)]
        for text in references(links, "Medication.ingredient.item"):
            substance = read.record.resolve(text, medication)
            nodes += (
                objects(substance.get("code"), "Medication.ingredient.item") if substance else []
            )
    return nodes


def medication_matches(read: Reading, resource: dict, *value_sets: ValueSet) -> list[Match]:
    """What a medication is within the value sets; UNNAMED alone where the record refers to a Medication that was not read.

    An ATC code of something else rules the words out: clindamycin lotion (D10AF01) is no J01FF01, low-dose methotrexate
    (L04AX03) no chemotherapy. Raises Unreadable.
    """
    if not _may_name(read, resource, value_sets):
        return []
    if medication_is_unread(read, resource):
        return [UNNAMED]
    nodes = medication_nodes(read, resource)
    found = [match for value_set in value_sets for match in matches(nodes, value_set)]
    coded = [match for match in found if not match.from_text]
    concepts = [node for node in nodes if isinstance(node, dict)]
    if coded or any(
        SAME_SYSTEM.get(c.system, c.system) == ATC for node in concepts for c in codings(node)
    ):
        return coded
    return [] if _is_topical(read, resource, nodes) else found


def _may_name(read: Reading, resource: dict, value_sets: tuple[ValueSet, ...]) -> bool:
    """One look that passes over most medication: neither it nor the Medication behind it mentions the value sets."""
    own = resource.get("medicationCodeableConcept")
    if read.mentions(resource, *value_sets) or not (
        own is None or isinstance(own, dict)
    ):  # a malformed one is to be told
        return True
    if not _links(resource):
        return False
    medications = _medications(read, resource)
    return not medications or any(
        read.mentions(medication, *value_sets) for medication in medications
    )


def _is_topical(read: Reading, resource: dict, nodes: list[object]) -> bool:
    """Whether words say that it goes on the skin or in an eye: a cream of an antibiotic is no systemic one."""
    said = list(nodes)
    for key in ("dosageInstruction", "dosage"):
        for dosage in objects(resource.get(key), key):
            said += [
                node
                for node in (dosage.get("route"), dosage.get("text"))
                if isinstance(node, dict | str)
            ]
    return bool(matches(said, read.value_sets["topical_form"]))


def medication_facts(
    read: Reading, definition: FactDefinition, resource: dict, draft: int | None, found: list[Match]
) -> Iterator[Fact]:
    """One fact for each meaning, in the record's own name for the medication. Raises Unreadable for one that nobody could read."""
    if found == [UNNAMED] and read.status_truth(resource, draft) in (None, Truth.NOT_MET):
        return  # whatever it was, it was not given
    if found == [UNNAMED]:
        raise Unreadable(f"{resource['resourceType']}.medicationReference")
    name = next((text for node in medication_nodes(read, resource) for text in texts(node)), "")
    if draft is None and resource.get("status") == "draft":
        return  # a prescription that is still being written was not given
    for fact in facts_of(read, definition, resource, draft, found):
        yield replace(fact, words=name or fact.words)


def _treatment_given(read: Reading, definition: FactDefinition, resource: dict) -> list[Match]:
    """A treatment that is recorded as a procedure ("antibiotic therapy")."""
    return concept_of(read, definition, resource) if resource["resourceType"] == "Procedure" else []


@reader(value_sets=("topical_form",))
def medication(read: Reading, definition: FactDefinition) -> Iterator[Fact]:
    """Medication of the definition's value set: prescribed, given or used. A Medication that the record refers to and that
    was not read may be anything, so that it makes the input unread."""
    return recognised(
        read,
        definition,
        lambda resource: (
            _treatment_given(read, definition, resource)
            or medication_matches(read, resource, definition.value_set)
        ),
        lambda resource, draft, found: medication_facts(read, definition, resource, draft, found),
    )
