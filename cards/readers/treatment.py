"""Radiotherapy by field, and systemic treatment by kind."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from cds_service.facts.extraction import Reading, facts_of, recognised
from cds_service.facts.matching import matches, nodes_of
from cds_service.facts.model import Fact, FactDefinition
from cds_service.fhir.dates import Dates
from cds_service.fhir.elements import texts
from cds_service.guideline.criterion import reader
from cds_service.logic import Truth
from cds_service.terminology.value_set import Match, ValueSet

from .medication import UNNAMED, medication_facts, medication_matches
from .report_text.phrases import (
    coded_and_further,
    is_only_talked_of,
    is_told_as_earlier,
    soundly_said,
    without,
)

UNSPECIFIED = "unspecified_field"
NODAL_FIELDS = {"axilla", "supraclavicular", "infraclavicular", "internal_mammary"}
SEED_THERAPY = "394918006"  # used by mistake for a seed that marks a tumour


@reader(
    value_sets=(
        "cancer_as_reason",
        "other_radiation",
        "radiotherapy",
        "radiotherapy_field",
        "radiotherapy_letters",
        "seed_localisation",
        "treatment_talk",
    )
)
def radiotherapy(read: Reading, definition: FactDefinition) -> Iterator[Fact]:
    """One fact for each field that was irradiated; what has begun counts. A history on the problem list is radiotherapy that was given."""

    def look(resource: dict) -> list[Match]:
        if not read.mentions(resource, definition.value_set):
            return []
        if not matches(nodes := nodes_of(resource, definition), definition.value_set) or _is_talk(
            read, resource
        ):
            return []
        return [
            m
            for m in radiotherapy_fields(read, resource, nodes)
            if not is_only_talked_of(read, resource, m, nodes)
        ]

    return recognised(
        read,
        definition,
        look,
        lambda resource, draft, found: _given(
            read, definition, _without_letters(read, resource), draft, found
        ),
    )


def _without_letters(read: Reading, resource: dict) -> dict:
    """The resource with "RT mamma" written out: beside a Dutch word, RT is radiotherapy, and not the right side."""
    named = (
        m.words
        for text in texts(resource.get("code"))
        for m in read.value_sets["radiotherapy"].text(text)
    )
    if not any(words.startswith("rt ") for words in named):
        return resource
    return {
        **resource,
        "code": without(resource["code"], read.value_sets["radiotherapy_letters"], "radiotherapie"),
    }


def _is_talk(read: Reading, resource: dict) -> bool:
    """Whether a Procedure's code tells of a talk or a planning scan, whatever department its category names."""
    said = [text for text in texts(resource.get("code")) if resource["resourceType"] == "Procedure"]
    return any(m.value == "about" for m in matches(said, read.value_sets["treatment_talk"]))


def radiotherapy_fields(read: Reading, resource: dict, nodes: list[object]) -> list[Match]:
    """The fields that a resource about radiotherapy names, nothing where it is not about radiotherapy.

    A code may hold its field; otherwise the bodySite tells it, otherwise the words. The cancer that is the reason is no field
    ("radiotherapie wegens mammacarcinoom"), and a lymph node region that is named is not told again as "regional".
    """
    clean = [without(node, read.value_sets["other_radiation"]) for node in nodes]
    therapy = matches(clean, read.value_sets["radiotherapy"])
    if not therapy:
        return []
    by_site = (
        matches([resource["bodySite"]], read.value_sets["radiotherapy_field"])
        if resource.get("bodySite")
        else []
    )
    said = [text for node in clean for text in texts(node)] if not by_site else []
    by_words = soundly_said(
        m
        for text in said
        for m in read.value_sets["radiotherapy_field"].text(_without_reason(read, text))
    )
    specific = [m for m in therapy if m.value != UNSPECIFIED]
    fields = specific + [
        _as_field(m, therapy[0]) for m in by_site or by_words if _adds(m, specific)
    ]
    if {m.value for m in fields} & NODAL_FIELDS:
        fields = [m for m in fields if m.value != "regional_nodes"]
    if any(m.value == "regional_nodes" for m in fields) and not specific:
        fields = [
            m for m in fields if m.value != "breast"
        ]  # "locoregionaal" says of the nodes, not which breast field
    return fields or [_doubted_seed(read, resource, therapy[0], said)]


def _adds(field: Match, coded: list[Match]) -> bool:
    """Whether a site or a word adds a field to the coded ones: another one of the breast and its nodes."""
    return (
        not coded
        or field.value not in {"bone", "brain", "other"}
        and field.value not in {m.value for m in coded}
    )


def _without_reason(read: Reading, text: str) -> str:
    return str(without(text, read.value_sets["cancer_as_reason"]))


def _as_field(field: Match, therapy: Match) -> Match:
    """A field as something irradiated: it is denied, doubted, past and told in words as the radiotherapy itself is."""
    return replace(
        field,
        side="",  # the side is read from the whole resource
        negated=field.negated or therapy.negated,
        uncertain=field.uncertain or therapy.uncertain,
        past=field.past or therapy.past,
        from_text=therapy.from_text or field.from_text,
        words=therapy.words if therapy.from_text else field.words,
    )


def _doubted_seed(read: Reading, resource: dict, therapy: Match, said: list[str]) -> Match:
    """Iodine seed *radiotherapy* beside words about marking a tumour contradicts itself: nobody knows which it was."""
    coded = resource.get("code")
    is_seed = isinstance(coded, dict) and SEED_THERAPY in str(coded.get("coding"))
    return replace(
        therapy,
        uncertain=therapy.uncertain
        or is_seed
        and bool(matches(said, read.value_sets["seed_localisation"])),
    )


def _given(
    read: Reading, definition: FactDefinition, resource: dict, draft: int | None, found: list[Match]
) -> Iterator[Fact]:
    """Treatments that were given: begun is given, the past is no end, and told of as earlier has a date of its own."""
    has_begun = resource["resourceType"] == "Procedure" and resource.get("status") in (
        "in-progress",
        "stopped",
        "on-hold",
    )
    begun = {**resource, "status": "completed"} if has_begun else resource
    nodes = nodes_of(resource, definition)
    earlier = {m.value for m in found if is_told_as_earlier(resource, m, nodes)}
    for fact in facts_of(read, definition, begun, draft, found):
        undated: dict[str, Any] = (
            {"when": Dates(), "recorded": Dates()} if fact.value in earlier else {}
        )
        yield replace(fact, current=Truth.MET, **undated)


@reader(value_sets=("chemotherapy_regimen", "other_systemic", "topical_form", "treatment_talk"))
def systemic_treatment(read: Reading, definition: FactDefinition) -> Iterator[Fact]:
    """Systemic treatment of cancer by kind: prescribed, given, used, or told as a procedure. "Systemic" alone counts only
    where its kind is not said."""
    regimens = read.value_sets["chemotherapy_regimen"]

    def look(resource: dict) -> list[Match]:
        if resource["resourceType"] != "Procedure":
            return _known_kinds(medication_matches(read, resource, definition.value_set, regimens))
        return _known_kinds(_procedure_kinds(read, definition, resource, regimens))

    def make(resource: dict, draft: int | None, found: list[Match]) -> Iterator[Fact]:
        is_procedure = resource["resourceType"] == "Procedure"
        facts = (
            _given(read, definition, resource, draft, found)
            if is_procedure
            else medication_facts(read, definition, resource, draft, found)
        )
        for fact in facts:
            yield replace(
                fact,
                attributes={
                    **fact.attributes,
                    "intent": _one_intent(fact.attributes.get("intent", ())),
                },
            )

    return recognised(read, definition, look, make)


def _procedure_kinds(
    read: Reading, definition: FactDefinition, resource: dict, regimens: ValueSet
) -> list[Match]:
    """The kinds that a Procedure names. The name of a regimen counts beside chemotherapy only: "AC-gewricht" is a joint."""
    if not read.mentions(resource, definition.value_set):
        return []
    nodes = [
        without(node, read.value_sets["other_systemic"]) for node in nodes_of(resource, definition)
    ]
    found = [
        m
        for m in coded_and_further(nodes, definition.value_set)
        if not is_only_talked_of(read, resource, m, nodes)
    ]
    return found + [
        m for m in matches(nodes, regimens) if found and m.value not in {f.value for f in found}
    ]


def _known_kinds(found: list[Match]) -> list[Match]:
    specific = [m for m in found if m.value != "systemic"]
    return specific if specific and found != [UNNAMED] else found


def _one_intent(intents: tuple[Match, ...]) -> tuple[Match, ...]:
    """ "Neo-adjuvant" holds the word adjuvant; it is not both."""
    if any(m.value == "neoadjuvant" for m in intents):
        return tuple(m for m in intents if m.value != "adjuvant")
    return intents
