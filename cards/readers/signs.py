"""Signs: inflammation of a breast, complaints of a breast, fever, and the performance status."""

import re
from collections.abc import Iterator
from dataclasses import replace

from cds_service.clinical_text.folding import fold
from cds_service.facts.extraction import Reading, concept_of, facts_of, recognised
from cds_service.facts.matching import matches, nodes_of
from cds_service.facts.model import Fact, FactDefinition
from cds_service.fhir.elements import Unreadable, objects, string, texts
from cds_service.guideline.criterion import reader
from cds_service.terminology.value_set import Match

from .report_text.phrases import (
    coded_and_further,
    parts_of,
    soundly_said,
    without,
)

# Signs that are told of any part of the body; without a breast named they stay uncertain, the others are not taken for one of the breast.
UNCERTAIN_WITHOUT_SITE = {"erythema", "oedema"}
FEVER_CELSIUS, FEVER_FAHRENHEIT = 38.0, 100.4


@reader(value_sets=("breast_site", "inflammation_signs", "not_mastitis", "other_body_part"))
def breast_inflammation(read: Reading, definition: FactDefinition) -> Iterator[Fact]:
    """Signs of inflammation of a breast, one fact for each sign that a text or a code tells.

    Redness, oedema, warmth and itch have no part of the body of their own: a breast has to be named. "Mastitis
    carcinomatosa" is cancer, and no mastitis. Mastitis of the puerperium is told as such only.
    """
    signs = read.value_sets["inflammation_signs"]

    def look(resource: dict) -> list[Match]:
        if not read.mentions(resource, definition.value_set, signs):
            return []
        nodes = [
            without(node, read.value_sets["not_mastitis"])
            for node in nodes_of(resource, definition)
        ]
        found = coded_and_further(nodes, definition.value_set)
        named = {m.value for m in found}
        found = [m for m in found if not _is_elsewhere(read, m, nodes)]
        found += [m for m in _general_signs(read, resource, nodes) if m.value not in named]
        lactational = any(m.value == "lactational_mastitis" and not m.negated for m in found)
        return [m for m in found if not (lactational and m.value == "mastitis")]

    def make(resource: dict, draft: int | None, found: list[Match]) -> Iterator[Fact]:
        for fact in facts_of(read, definition, resource, draft, found):
            yield replace(
                fact,
                attributes={
                    **fact.attributes,
                    "extent": _extent(fact.attributes.get("extent", ())),
                },
            )

    return recognised(read, definition, look, make)


def _general_signs(read: Reading, resource: dict, nodes: list[object]) -> list[Match]:
    """Signs without a part of the body of their own, as far as they are of the breast."""
    found = coded_and_further(nodes, read.value_sets["inflammation_signs"])
    if not found:
        return []
    sites = objects(resource.get("bodySite"), "bodySite")
    if sites and not matches(sites, read.value_sets["breast_site"]):
        return []
    asked = [
        c.get("code") for c in objects(resource.get("component"), "component") if c.get("code")
    ]
    if matches([*sites, *nodes, *asked], read.value_sets["breast_site"]):
        return [m for m in found if not _is_elsewhere(read, m, nodes)]
    kept = [m for m in found if m.value in UNCERTAIN_WITHOUT_SITE or not m.from_text]
    if matches(parts_of(nodes), read.value_sets["other_body_part"]):
        return []
    return [
        replace(m, uncertain=not m.negated) for m in kept if m.words not in ("rood", "rode", "red")
    ]


def _is_elsewhere(read: Reading, match: Match, nodes: list[object]) -> bool:
    """Whether a sign in words stands in parts of a sentence that name another part of the body ("roodheid been")."""
    naming = [part for part in parts_of(nodes) if match.from_text and match.words in part]
    other, breast = read.value_sets["other_body_part"], read.value_sets["breast_site"]
    return bool(naming) and all(
        matches([part], other) and not matches([part], breast) for part in naming
    )


def _extent(extents: tuple[Match, ...]) -> tuple[Match, ...]:
    """ "Minder dan een derde" holds the words "een derde"; it is the smaller one."""
    less = tuple(m for m in extents if m.value == "less")
    return less or tuple(m for m in extents if not m.negated)


@reader(value_sets=("breast_site", "breast_word", "other_body_part"))
def breast_complaint_now(read: Reading, definition: FactDefinition) -> Iterator[Fact]:
    """A complaint of a breast. In words only, it is one of the breast where a breast is named or the word itself names it."""
    own_words = read.value_sets["breast_word"]

    def names_the_breast(match: Match) -> bool:
        return not match.from_text or bool(own_words.text(match.words))

    def look(resource: dict) -> list[Match]:
        if not read.mentions(resource, definition.value_set):
            return []
        found = soundly_said(
            coded_and_further(nodes_of(resource, definition), definition.value_set)
        )
        found = [replace(m, value="complaint") if m.value == "possible" else m for m in found]
        said = [
            resource[key]
            for key in ("code", "bodySite", "valueString", "valueCodeableConcept")
            if resource.get(key)
        ]
        if matches(said, read.value_sets["breast_site"]):
            return found
        if matches(said, read.value_sets["other_body_part"]):
            return [m for m in found if names_the_breast(m)]
        return [
            replace(m, uncertain=True) if not names_the_breast(m) and not m.negated else m
            for m in found
        ]

    return recognised(
        read,
        definition,
        look,
        lambda resource, draft, found: facts_of(read, definition, resource, draft, found),
    )


@reader(value_sets=("breast_complaint_now", "breast_inflammation", "inflammation_signs"))
def complaint_that_words_may_tell(read: Reading, definition: FactDefinition) -> Iterator[Fact]:
    """A complaint; a code of any complaint of the breast (ICPC X21) is no hint of this one where its words name another."""

    def look(resource: dict) -> list[Match]:
        found = concept_of(read, definition, resource)
        if not any(m.value == "possible" for m in found):
            return found
        words = [
            text
            for node in nodes_of(resource, definition)
            if isinstance(node, dict)
            for text in texts(node)
        ]
        named = {
            m.value
            for name in ("breast_complaint_now", "breast_inflammation", "inflammation_signs")
            for m in matches(words, read.value_sets[name])
            if not m.negated
        }
        return [] if named - {"complaint", "discharge"} else found

    return recognised(
        read,
        definition,
        look,
        lambda resource, draft, found: facts_of(read, definition, resource, draft, found),
    )


@reader(value_sets=("not_fever", "temperature"))
def fever(read: Reading, definition: FactDefinition) -> Iterator[Fact]:
    """Fever and leucocytosis. A temperature of 38.0 degrees or more is fever, a lower one denies it."""

    def look(resource: dict) -> list[Match]:
        if not read.mentions(resource, definition.value_set, read.value_sets["temperature"]):
            return []
        nodes = [
            without(node, read.value_sets["not_fever"]) for node in nodes_of(resource, definition)
        ]
        found = [
            replace(m, value="fever", negated=not m.negated) if m.value == "no_fever" else m
            for m in matches(nodes, definition.value_set)
        ]
        asks = resource["resourceType"] == "Observation" and matches(
            [resource.get("code") or ""], read.value_sets["temperature"]
        )
        return found or (_measured(resource) if asks else [])

    return recognised(
        read,
        definition,
        look,
        lambda resource, draft, found: facts_of(read, definition, resource, draft, found),
    )


def _measured(resource: dict) -> list[Match]:
    """A measured temperature as fever or none; uncertain where the number or its unit leaves it open."""
    number, unit, comparator = _temperature(resource)
    if number is None:
        return []
    limit = FEVER_FAHRENHEIT if "f" in unit.lower() else FEVER_CELSIUS
    is_known = 80 < number < 115 if limit == FEVER_FAHRENHEIT else 30 < number < 45
    is_fever = number >= limit
    open_ended = (
        comparator in (">", ">=") and not is_fever or comparator in ("<", "<=") and is_fever
    )
    uncertain = not is_known or open_ended
    return [
        Match(
            "fever",
            negated=not is_fever and not uncertain,
            uncertain=uncertain,
            from_text=True,
            words=f"{number:g} {unit or '°C'}",
        )
    ]


def _temperature(resource: dict) -> tuple[float | None, str, str]:
    """(number, unit, comparator) of a temperature, as a Quantity or in words. Raises Unreadable."""
    for quantity in objects(resource.get("valueQuantity"), "Observation.valueQuantity"):
        number = quantity.get("value")
        if number is not None and (isinstance(number, bool) or not isinstance(number, int | float)):
            raise Unreadable("Observation.valueQuantity.value")
        unit = string(quantity.get("code"), "Observation.valueQuantity.code") or string(
            quantity.get("unit"), "Observation.valueQuantity.unit"
        )
        return (
            number,
            unit,
            string(quantity.get("comparator"), "Observation.valueQuantity.comparator"),
        )
    written = re.search(
        r"(?<!\d)(\d{2,3})(?:[.,](\d))?(?!\d)",
        string(resource.get("valueString"), "Observation.valueString"),
    )
    return (float(f"{written[1]}.{written[2] or 0}"), "", "") if written else (None, "", "")


# The values of the performance status, by its grade.
_ECOG = ("ecog_0", "ecog_1", "ecog_2", "ecog_3", "ecog_4")
_GRADE = re.compile(
    r"(?:(?:ecog|who|zubrod|ps|score|graad|grade|performance|status)[\s:=\-]*)*([0-4])(?!\s*[\-/]\s*\d)(?:$|[\s:(,.;=\-])"
)


@reader()
def general_condition(read: Reading, definition: FactDefinition) -> Iterator[Fact]:
    """The ECOG or WHO performance status: a coded answer, a number where one is asked, or words ("ECOG 1").

    "WHO 2" alone may grade a tumour, so that it counts where the performance status is asked or named. A range ("0-1") says
    neither for certain.
    """

    def look(resource: dict) -> list[Match]:
        if not read.mentions(resource, definition.value_set):
            return []
        found = matches(nodes_of(resource, definition), definition.value_set)
        grades = [m for m in found if m.value and not m.negated]
        asked = bool(
            [m for m in matches([resource.get("code") or ""], definition.value_set) if not m.value]
        )
        if any(not m.from_text for m in grades):
            return [m for m in grades if not m.from_text]
        if asked and (number := _grade(resource)) is not None:
            return [Match(_ECOG[number], from_text=False, words=f"ECOG {number}")]
        certain = len({m.value for m in grades}) == 1 and (
            asked
            or any(not m.words.startswith("who") for m in grades)
            or any(not m.value for m in found)
        )
        return grades if certain else [replace(m, uncertain=True) for m in grades]

    return recognised(
        read,
        definition,
        look,
        lambda resource, draft, found: facts_of(read, definition, resource, draft, found),
    )


def _grade(resource: dict) -> int | None:
    """The grade that answers a question for it, as a number or in words; None where there is none from 0 to 4."""
    number = resource.get("valueInteger")
    for quantity in objects(resource.get("valueQuantity"), "Observation.valueQuantity"):
        number = quantity.get("value")
    if number is not None:
        if isinstance(number, bool) or not isinstance(number, int | float):
            raise Unreadable("Observation.value")
        return int(number) if number in range(5) else None
    said = [
        text
        for key in ("valueString", "valueCodeableConcept")
        for text in texts(resource.get(key), key)
    ]
    return next(
        (int(found[1]) for text in said if (found := _GRADE.match(fold(text).strip()))), None
    )
