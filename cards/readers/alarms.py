"""Alarms: compression of the spinal cord, a neurological deficit, a pathological fracture or the threat of one; in problems,
observations, reports and the reasons of orders."""

import re
from collections.abc import Iterator
from dataclasses import replace

from cds_service.clinical_text.context import clauses, findings
from cds_service.clinical_text.folding import fold
from cds_service.facts.extraction import Reading, recognised
from cds_service.facts.matching import answer_of, matches, nodes_of
from cds_service.facts.model import Fact, FactDefinition
from cds_service.fhir.elements import codings, objects, texts
from cds_service.guideline.criterion import reader
from cds_service.logic import Truth
from cds_service.terminology.value_set import Match, ValueSet

# The kinds of alarm, by the values of the value set `complication` that raise one.
KINDS = {
    "cord_compression": "cord_compression",
    "neurological": "neurological",
    "brain_deficit": "neurological",
    "pathological_fracture": "fracture",
    "fracture_risk": "fracture",
}
ORDERS = ("ServiceRequest", "MedicationRequest", "Appointment")
# "Sinds vorige week" is now, whatever "vorige" says elsewhere.
_LATELY = re.compile(r"(?<![a-z])(?:vorige|afgelopen|last)\s(?=week|weekend|nacht|night|\w+dag\b)")
# What is told beforehand, for when it would happen: "bij krachtsverlies direct bellen", "alert op uitval".
_WARNED = re.compile(
    r"(?<![a-z])(?:indien|mocht|should|return if|call if|in case of|bij (?:nieuwe?|toename|optreden|ontstaan)|bel(?:len)? bij|(?:retour|terug|terugkomen|contact|contact opnemen) (?:bij|als)"
    r"|instructie\w*|voorlichting|uitleg|angst voor|bang voor|fear of|besproken dat|rode vlaggen|red flags|alarmsymptomen|alert op)(?![a-z])"
    r"|(?<![a-z])bij [^,;]* (?:bellen|contact|retour|seh)(?![a-z])"
)
_NERVE = re.compile(
    r"(?<![a-z])(nn?)\.(?=\s)", re.IGNORECASE
)  # "parese n. facialis": the stop ends no clause
# Other diseases that a patient has, and not what is told here is caused by.
_HISTORY = re.compile(
    r"(?<![a-z])(?:vg|voorgeschiedenis|bekend met|known with|history of|hx)(?![a-z]).*"
)
# A risk of fracture is one of the disease where the words name it; otherwise it is that of osteoporosis.
_BARE_RISK = re.compile(
    r"^(?:verhoogd )?(?:fractuurrisico|fractuurgevaar)$|^(?:fracture risk|risk of fracture)$"
)
_OF_THE_DISEASE = re.compile(
    r"metasta|(?:bot|wervel|skelet|skeletal|ossal)\w*meta|patholog|lyti|laesie|lesion|tumou?r|neoplas|maligne|malignan"
)
_ICD = re.compile(r"icd-10|\.6\.(?:3|90)$|icd10", re.IGNORECASE)
_OSTEOPOROTIC_FRACTURE = "M80"  # ICD-10: osteoporosis with pathological fracture


@reader(value_sets=("fracture_region", "other_cause"))
def alarm(read: Reading, definition: FactDefinition) -> Iterator[Fact]:
    """Alarms, one fact for each kind that a resource tells; a suspected one holds like a certain one and is marked as suspected.

    A deficit that names another cause (a stroke, MS, an operated hernia, a neuropathy) is none, nor is a fracture of osteoporosis;
    advice for when it would happen is none either. What is denied does not hold; what is told of before is not current.
    """

    def make(resource: dict, draft: int | None, found: dict[str, Match]) -> Iterator[Fact]:
        region = _regions(read, resource, definition)
        for kind, match in found.items():
            fact = read.fact(definition, resource, draft, match, read.side(resource, ()), {})
            if fact is not None:
                yield _as_alarm(
                    resource,
                    definition,
                    replace(fact, value=kind),
                    match,
                    region if kind == "fracture" else (),
                )

    return recognised(read, definition, lambda resource: _found(read, resource, definition), make)


def _as_alarm(
    resource: dict, definition: FactDefinition, fact: Fact, match: Match, region: tuple[Match, ...]
) -> Fact:
    """Suspected, provisional, preliminary: an alarm all the same. Only a question that nobody answered leaves it unknown."""
    is_order = resource["resourceType"] in ORDERS
    is_suspected = is_order or match.uncertain or fact.asserted is Truth.UNKNOWN
    is_answered = (
        resource["resourceType"] != "Observation"
        or not resource.get("dataAbsentReason")
        and answer_of(resource, definition) is not Truth.UNKNOWN
    )
    asserted = (
        Truth.MET
        if fact.asserted is Truth.UNKNOWN and is_answered and not match.negated
        else fact.asserted
    )
    attributes = (
        {"certainty": (Match("suspected"),)}
        if is_suspected and asserted is not Truth.NOT_MET
        else {}
    )
    # An order of before asks no question now.
    current = Truth.NOT_MET if is_order and match.past else fact.current
    return replace(
        fact,
        asserted=asserted,
        current=current,
        attributes={**attributes, **({"region": region} if region else {})},
    )


def _found(read: Reading, resource: dict, definition: FactDefinition) -> dict[str, Match] | None:
    """Kind of alarm -> what says it: what affirms it before what denies it, what is now before what was."""
    if not read.mentions(resource, definition.value_set):
        return None
    nodes, causes = nodes_of(resource, definition), read.value_sets["other_cause"]
    said = [m for node in nodes for m in _coded(node, definition.value_set)]
    told = [
        clause for node in nodes for text in _texts(node) for clause in _clauses(resource, text)
    ]
    is_osteoporotic = _is_osteoporotic(nodes, told, causes)
    for clause in told:
        if not _WARNED.search(clause):
            said += [
                m
                for m in definition.value_set.text(clause)
                if not _has_another_cause(clause, m, causes) and not _is_bare_risk(clause, m)
            ]
    found: dict[str, Match] = {}
    for match in sorted(said, key=lambda m: (m.negated, m.past, m.uncertain)):
        if match.value in KINDS and not (is_osteoporotic and KINDS[match.value] == "fracture"):
            found.setdefault(KINDS[match.value], match)
    return found or None


def _is_component(node: object) -> bool:
    return isinstance(node, dict) and isinstance(node.get("code"), dict)


def _coded(node: object, value_set: ValueSet) -> list[Match]:
    """What codes say; a component of an examination is a question with its answer, in codes or words."""
    if _is_component(node):
        return matches([node], value_set)
    return (
        [m for c in codings(node) if (m := value_set.coding(c.system, c.code))]
        if isinstance(node, dict)
        else []
    )


def _texts(node: object) -> Iterator[str]:
    yield from () if _is_component(node) else texts(node)


def _clauses(resource: dict, text: str) -> list[str]:
    """The clauses of a text; of a report those of its findings."""
    text = _NERVE.sub(r"\1", text)
    read = findings(text) if resource["resourceType"] == "DiagnosticReport" else clauses(text)
    return [_LATELY.sub(" ", clause) for clause in read]


def _has_another_cause(clause: str, match: Match, causes: ValueSet) -> bool:
    """Whether the clause that tells of a deficit says for certain what else it comes from; of the spinal cord only what leaves
    a lasting deficit counts: a hernia may threaten it today."""
    if match.negated or KINDS.get(match.value) not in ("neurological", "cord_compression"):
        return False
    named = {
        m.value for m in causes.text(_HISTORY.sub(" ", clause)) if not m.negated and not m.uncertain
    }
    return "cord" in named or KINDS[match.value] == "neurological" and "deficit" in named


def _is_bare_risk(clause: str, match: Match) -> bool:
    return _BARE_RISK.search(match.words) is not None and _OF_THE_DISEASE.search(clause) is None


def _is_osteoporotic(nodes: list[object], told: list[str], causes: ValueSet) -> bool:
    """Whether a fracture is one of osteoporosis or of an accident: by its code, or by words that name no metastasis beside it."""
    found = [
        c
        for node in nodes
        if isinstance(node, dict) and not _is_component(node)
        for c in codings(node)
    ]
    if any(
        _ICD.search(c.system or "") and c.code.upper().startswith(_OSTEOPOROTIC_FRACTURE)
        for c in found
    ):
        return True
    named = any(
        m.value == "fracture" and not m.negated and not m.uncertain
        for clause in told
        for m in causes.text(_HISTORY.sub(" ", clause))
    )
    return named and not any("metasta" in clause for clause in told)


def _regions(read: Reading, resource: dict, definition: FactDefinition) -> tuple[Match, ...]:
    """The regions that the words or the place of a fracture name: spine, pelvis, other."""
    nodes = [*nodes_of(resource, definition), *objects(resource.get("bodySite"), "bodySite")]
    words = [fold(text) for node in nodes for text in _texts(node)]
    found = {
        m.value
        for text in words
        for m in read.value_sets["fracture_region"].text(text)
        if not m.negated
    }
    return tuple(Match(value) for value in ("spine", "pelvis", "other") if value in found)
