"""Examinations of the breast with their BI-RADS categories."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from cds_service.clinical_text.context import findings, was_not_done
from cds_service.clinical_text.folding import fold
from cds_service.clinical_text.laterality import sides as sides_in_text
from cds_service.facts.extraction import Reading, recognised
from cds_service.facts.matching import attribute_of, matches, nodes_of
from cds_service.facts.model import Fact, FactDefinition, Laterality
from cds_service.fhir.elements import Unreadable, objects, texts
from cds_service.guideline.criterion import reader
from cds_service.logic import Truth
from cds_service.terminology.value_set import Match

from .breast_modalities import modalities_in, naming_several, with_a_category
from .report_text.birads import (
    Category,
    asks_for_category,
    bare_category,
    categories,
)
from .reports import (
    SIDE_OF_WORDS,
    examination_of,
    linked,
    listed_results,
    prose,
    results,
    was_not_made,
    year_of,
)

# The value of an examination of which nobody says what it was: a category without a modality.
UNKNOWN_EXAMINATION = "examination"
_AND = re.compile(r"(?<![a-z])(?:en|and)(?![a-z])|[,;+&]")


ONE_SIDE = (Laterality.LEFT, Laterality.RIGHT)
MAY_BE_MALIGNANT = ("4", "4a", "4b", "4c", "5", "6")


@dataclass(frozen=True)
class Stated:
    """A BI-RADS category as one resource gives it."""

    match: Match
    sides: frozenset[str]  # named beside it in words
    words: str  # around it
    where: dict  # the resource
    overall: bool = False  # of the whole examination, and of no side
    asserted: Truth = Truth.MET  # as far as a result of its own status goes


@reader(
    value_sets=(
        "birads",
        "breast_examination",
        "breast_site",
        "generic_modality",
        "image_guidance",
        "other_region",
    )
)
def breast_imaging(read: Reading, definition: FactDefinition) -> Iterator[Fact]:
    """One fact for each modality, side and BI-RADS category of a breast examination.

    The modality comes from the examination's own code, an ImagingStudy's series first; a general modality
    (ultrasound, MRI) needs a breast beside it. A category comes from conclusionCode, from the listed result
    Observations, from components, or from the words of the conclusion. An Observation with a category counts for the
    report, study or procedure that it belongs to, and by itself otherwise.
    """
    listed = listed_results(read)

    def look(resource: dict) -> list[Match]:
        is_observation = resource["resourceType"] == "Observation"
        relevant = (
            ("birads",) if is_observation else ("breast_examination", "generic_modality", "birads")
        )
        if not read.mentions(
            resource, *(read.value_sets[name] for name in relevant)
        ) and not _linked_to_study(resource):
            return []
        if not is_observation:
            return _modalities(read, resource, definition)
        return [] if id(resource) in listed else _modalities_of_category(read, resource, definition)

    return recognised(
        read,
        definition,
        look,
        lambda resource, _, found: _examinations(read, definition, resource, found),
    )


def _linked_to_study(resource: dict) -> bool:
    """A report without a word of its own may still be known by the study that it lists."""
    return resource["resourceType"] == "DiagnosticReport" and bool(
        resource.get("imagingStudy") or resource.get("presentedForm")
    )


def _modalities(read: Reading, resource: dict, definition: FactDefinition) -> list[Match]:
    """The breast modalities of a resource: specific codes or words, or a general modality beside a breast.

    A report whose code names neither (the coarse types of nl-core) is read by its study; by its words only when it
    gives a category, so that a letter that mentions a mammogram is no mammogram.
    """
    if was_not_made(resource):
        return []
    nodes = nodes_of(resource, definition)
    found = modalities_in(read, resource, nodes)
    if not found and resource["resourceType"] == "DiagnosticReport":
        studies = [
            other
            for other in linked(read, resource, ("imagingStudy",))
            if other.get("resourceType") == "ImagingStudy"
        ]
        found = [m for study in studies for m in _modalities(read, study, definition)]
        if not found and (words := _around_categories(resource, definition)):
            found = modalities_in(read, resource, words) or modalities_in(
                read, resource, [*prose(resource)]
            )
    if found and resource["resourceType"] == "DiagnosticReport":
        found += _named_beside(read, resource, definition, {m.value for m in found})
    return [m for m in found if not (m.from_text and _was_left_out(read, resource, m))]


def _named_beside(
    read: Reading, resource: dict, definition: FactDefinition, named: set[str]
) -> list[Match]:
    """What a report tells of beside the examination that it is called after: "mammografie en echo: BI-RADS 1" is both."""
    try:
        words = [
            *_around_categories(resource, definition),
            *naming_several(read, resource, named),
        ]
    except Unreadable:
        return []  # told where the examination is read closely
    return [m for m in with_a_category(read, words) if m.value not in named]


def _around_categories(resource: dict, definition: FactDefinition) -> list[object]:
    """The words in which a resource gives its categories."""
    return [stated.words for stated in _categories(resource, definition) if stated.words]


def _was_left_out(read: Reading, resource: dict, match: Match) -> bool:
    """Whether a report that is named after two examinations says that this one did not take place."""
    terms = [
        term
        for name in ("breast_examination", "generic_modality")
        for term, value, _ in read.value_sets[name].terms
        if value == match.value
    ]
    told = [clause for text in prose(resource) for clause in findings(text)]
    return any(
        was_not_done(clause[hit.end() :])
        for clause in told
        for term in terms
        for hit in term.pattern.finditer(clause)
    )


def _modalities_of_category(
    read: Reading, resource: dict, definition: FactDefinition
) -> list[Match]:
    """The modality of an Observation that carries a category; of other Observations nothing (they are no examination)."""
    if not _categories(resource, definition):
        return []
    found = modalities_in(read, resource, nodes_of(resource, definition))
    if found:
        return found
    for examination in examination_of(read, resource):
        if found := _modalities(read, examination, definition):
            return found
    if found := with_a_category(read, _around_categories(resource, definition)):
        return found
    # The SNOMED categories say "mammography assessment"; without any other modality they mean just that.
    coded = [
        m
        for m in attribute_of(resource, definition.attributes["birads"])
        if m.words.startswith("Mammography assessment")
    ]
    if coded:
        return [replace(coded[0], value="mammography", side="")]
    return [Match(UNKNOWN_EXAMINATION, from_text=True, words="BI-RADS")]


def _categories(resource: dict, definition: FactDefinition) -> list[Stated]:
    """The categories that one resource gives; coded ones win over words."""
    coded = attribute_of(resource, definition.attributes["birads"])
    if coded:
        return [Stated(m, frozenset(), "", resource) for m in coded if not m.negated]
    answered = [Stated(_category(c.value), c.sides, c.part, resource) for c in _answered(resource)]
    return answered or [
        Stated(_category(c.value), c.sides, c.part, resource, c.overall)
        for text in prose(resource)
        for c in categories(text, year_of(resource))
    ]


def _category(value: str) -> Match:
    return Match(value, from_text=True, words=f"BI-RADS {value}")


def _answered(resource: dict) -> Iterator[Category]:
    """The categories of an Observation or component that asks for one and answers with it."""
    parts = [(resource, "Observation")] if resource.get("resourceType") == "Observation" else []
    parts += [
        (component, "component") for component in objects(resource.get("component"), "component")
    ]
    for part, path in parts:
        questions = [text for text in texts(part.get("code"), path) if asks_for_category(text)]
        number = part.get("valueInteger")
        if isinstance(quantity := part.get("valueQuantity"), dict) and quantity.get(
            "value"
        ) in range(7):
            number = int(quantity["value"])
        answers = [str(number)] if isinstance(number, int) and not isinstance(number, bool) else []
        for key in ("valueString", "valueCodeableConcept"):
            answers += texts(part.get(key), path)
        if questions and (
            found := next((value for answer in answers if (value := bare_category(answer))), "")
        ):
            yield Category(found, frozenset(), questions[0])
        elif questions:
            # "BI-RADS: R2/L4a": the question is the label of what is answered.
            yield from (c for answer in answers for c in categories(f"BI-RADS {answer}"))


def _examinations(
    read: Reading, definition: FactDefinition, resource: dict, found: list[Match]
) -> Iterator[Fact]:
    """The facts of one examination: a category for every side it is given for, or the bare examination."""
    listed = results(read, resource)
    own_side = _side(read, resource, found)
    apart = _sides_apart(read, resource, found)
    stated = _categories(resource, definition)
    for result in listed:
        if (asserted := read.status_truth(result, None)) is not None:
            stated += [
                replace(category, asserted=asserted) for category in _categories(result, definition)
            ]
    for modality in found:
        bare = read.fact(
            definition,
            resource,
            None,
            replace(modality, side=""),
            apart.get(modality.value, own_side),
            {},
        )
        if bare is None:
            return
        mine = [s for s in stated if _speaks_of(read, s, modality, found)]
        if any(not s.match.from_text for s in mine):
            mine = [s for s in mine if not s.match.from_text]
        for category in mine:
            other_side = (
                read.side(category.where) if category.where is not resource else Laterality.UNKNOWN
            )
            side = SIDE_OF_WORDS.get(category.sides) or (
                other_side if other_side is not Laterality.UNKNOWN else bare.side
            )
            if side is Laterality.BOTH and modality.value in apart:
                side = apart[modality.value]
            is_of_no_side = category.overall or not category.sides and _names_sides_apart(category)
            if is_of_no_side and category.match.value in MAY_BE_MALIGNANT and side not in ONE_SIDE:
                yield bare  # the higher of two: nobody says of which
                continue
            yield replace(
                bare,
                side=side,
                asserted=bare.asserted & category.asserted,
                attributes={"birads": (category.match,)},
                from_text=bare.from_text or category.match.from_text,
            )
        if not mine:
            yield bare


def _side(read: Reading, resource: dict, found: list[Match]) -> Laterality:
    """The side of an examination: its own, that of the studies and results it lists or belongs to, that of its words."""
    own = read.side(resource, [m.side for m in found])
    if own is not Laterality.UNKNOWN:
        return own
    connected = (
        results(read, resource)
        + linked(read, resource, ("imagingStudy",))
        + examination_of(read, resource)
    )
    sides = {side for other in connected if (side := read.side(other)) is not Laterality.UNKNOWN}
    if sides:
        return (
            sides.pop()
            if len(sides) == 1
            else Laterality.BOTH
            if sides <= {Laterality.LEFT, Laterality.RIGHT, Laterality.BOTH}
            else Laterality.CONFLICT
        )
    named: frozenset[str] = frozenset()
    if resource["resourceType"] == "DiagnosticReport":
        for clause in (clause for text in prose(resource) for clause in findings(text)):
            # "Echo mamma links: geen afwijkingen" is of the left breast.
            named |= sides_in_text(clause) | sides_in_text(
                clause.partition(":")[0], denied_too=True
            )
    return SIDE_OF_WORDS.get(named, Laterality.UNKNOWN)


def _sides_apart(read: Reading, resource: dict, found: list[Match]) -> dict[str, Laterality]:
    """The side of each modality, where a name in words gives every one its own ("mammografie beiderzijds en echo links")."""
    if len(found) < 2:
        return {}
    if all(m.from_text for m in found):
        by_name = _sides_in_pieces(read, fold(" en ".join(texts(resource.get("code")))))
        if by_name:
            return by_name
    named = {m.value for m in found}
    for clause in naming_several(read, resource, named):
        apart = _sides_in_pieces(read, str(clause))
        if named <= apart.keys():
            return apart
    return {}


def _names_sides_apart(stated: Stated) -> bool:
    """Whether the words of a resource speak of one side and of the other, so that a category without a side may be of either."""
    named = {sides_in_text(c, denied_too=True) for t in prose(stated.where) for c in findings(t)}
    return {frozenset(("left",)), frozenset(("right",))} <= named


def _sides_in_pieces(read: Reading, words: str) -> dict[str, Laterality]:
    """Modality -> its side, where every piece of some words names one modality with its side."""
    sets = [read.value_sets[s] for s in ("breast_examination", "generic_modality")]
    pieces = [
        ({m.value for s in sets for m in s.text(piece)}, sides_in_text(piece))
        for piece in _AND.split(words.partition(":")[0])
    ]
    if any(len(kinds) != 1 or not named for kinds, named in pieces):
        return {}
    return {kind: SIDE_OF_WORDS[named] for kinds, named in pieces for kind in kinds}


def _speaks_of(read: Reading, stated: Stated, modality: Match, all_found: list[Match]) -> bool:
    """Whether a category belongs to a modality, when one report tells of several ("Mammografie BI-RADS 2, echo BI-RADS 1")."""
    if len(all_found) == 1:
        return True
    nodes: list[object] = [stated.words] if stated.words else []
    if stated.where.get("resourceType") == "Observation":
        nodes += [stated.where.get("code"), stated.where.get("method")]
    nodes = [n for n in nodes if n]
    named = {
        m.value
        for name in ("breast_examination", "generic_modality")
        for m in matches(nodes, read.value_sets[name])
    }
    named &= {m.value for m in all_found}
    return not named or modality.value in named
