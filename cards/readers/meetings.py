"""Multidisciplinary meetings, held or to come, and taking part in a study."""

from collections.abc import Iterator
from dataclasses import replace

from cds_service.facts import timing
from cds_service.facts.extraction import Reading, recognised
from cds_service.facts.matching import matches, nodes_at, nodes_of
from cds_service.facts.model import Fact, FactDefinition, Laterality
from cds_service.fhir.dates import Dates
from cds_service.fhir.elements import as_list, codings, objects, string, texts
from cds_service.fhir.resource_types import STANDING
from cds_service.guideline.criterion import reader
from cds_service.logic import Truth
from cds_service.terminology.value_set import Match

from .order_reasons import consequences
from .reports import prose

# Statuses that say that it is still to come.
PLANNED = {
    "Encounter": ("planned",),
    "Procedure": ("preparation",),
    "Appointment": ("proposed", "pending", "booked"),
}


@reader(value_sets=("mdt_request", "treatment_consequence"))
def mdt_meeting(read: Reading, definition: FactDefinition) -> Iterator[Fact]:
    """A meeting that was held, or that is planned (no date then). A document that only asks for one is no meeting."""

    def look(resource: dict) -> Match | None:
        if (
            not read.mentions(resource, definition.value_set)
            and resource["resourceType"] != "DocumentReference"
        ):
            return None
        nodes = nodes_of(resource, definition)
        found = [
            m
            for node in nodes
            for m in matches([node], definition.value_set)
            if not m.negated and not m.past
        ]
        coded = [m for m in found if not m.from_text]
        asks = [
            m
            for node in nodes
            for text in texts(node, "type")
            for m in read.value_sets["mdt_request"].text(text)
            if not m.negated
        ]
        return None if asks and not coded else next(iter(coded or found), None)

    return recognised(
        read,
        definition,
        look,
        lambda resource, draft, found: _meeting(read, definition, resource, draft, found),
    )


def _meeting(
    read: Reading, definition: FactDefinition, resource: dict, draft: int | None, found: Match
) -> Iterator[Fact]:
    words = [
        text
        for node in nodes_at(resource, definition.attributes["consequence"].paths)
        for text in texts(node, "note")
    ]
    words += list(prose(_with_attachments(resource)))
    changes = consequences(read, words)
    fact = read.fact(
        definition,
        resource,
        draft,
        found,
        Laterality.UNKNOWN,
        {"consequence": changes} if changes else {},
    )
    if fact is None or draft is not None:
        return
    fact = _dated(read, resource, fact)
    planned = resource.get("status") in PLANNED.get(resource["resourceType"], ())
    if planned and fact.when.latest is not None and fact.when.latest < read.now.date():
        # It should have been held by now; nobody wrote down whether it was.
        yield replace(fact, asserted=Truth.UNKNOWN)
    elif planned or fact.when.is_future(read.now):
        asserted = Truth.UNKNOWN if found.uncertain else Truth.MET
        attributes = {**fact.attributes, "planned": (Match("yes"),)}
        yield replace(
            fact, asserted=asserted, when=Dates(), recorded=Dates(), attributes=attributes
        )
    else:
        yield fact


def _with_attachments(resource: dict) -> dict:
    """A document with its attachments where a report has its own, so that both are read alike."""
    attached = [
        a
        for content in objects(resource.get("content"), "content")
        for a in objects(content.get("attachment"), "content.attachment")
    ]
    return {**resource, "presentedForm": [*as_list(resource.get("presentedForm")), *attached]}


def _dated(read: Reading, resource: dict, fact: Fact) -> Fact:
    """A document tells of the time of its context; the date on which it was filed stands in for it."""
    if resource["resourceType"] != "DocumentReference":
        return fact
    period = next(
        (c.get("period") for c in objects(resource.get("context"), "context") if c.get("period")),
        resource.get("period"),
    )
    when = (
        timing.event_time({"resourceType": "Encounter", "period": period}, read.zone, read.birth)
        if period
        else Dates()
    )
    if string(resource.get("docStatus"), "DocumentReference.docStatus") == "entered-in-error":
        return replace(fact, asserted=Truth.NOT_MET)
    return replace(fact, when=when, recorded=when) if when.is_known else fact


@reader()
def study_participation(read: Reading, definition: FactDefinition) -> Iterator[Fact]:
    """Taking part in a study: current while the status says so and its period has not ended."""

    def make(resource: dict, draft: int | None, found: Match) -> Iterator[Fact]:
        fact = read.fact(definition, resource, draft, found, Laterality.UNKNOWN, {})
        if fact is None:
            return
        asserted = _state(resource, fact.asserted)
        ended = fact.when.latest is not None and fact.when.latest < read.now.date()
        # "On study" with an end in the past contradicts itself.
        asserted = Truth.UNKNOWN if ended and asserted is Truth.MET else asserted
        yield replace(fact, asserted=asserted, current=asserted)

    return recognised(
        read, definition, lambda resource: Match("study", words=_name_of(resource)), make
    )


def _name_of(resource: dict) -> str:
    study = resource.get("study")
    display = study.get("display") if isinstance(study, dict) else None
    return display if isinstance(display, str) and display else "study"


def _state(resource: dict, asserted: Truth) -> Truth:
    """R5 tells the course of a subject in `progress`; its `status` is that of the record."""
    steps = [
        step for step in objects(resource.get("progress"), "progress") if step.get("subjectState")
    ]
    going = [step for step in steps if not step.get("endDate")] or steps[-1:]
    known = STANDING["ResearchSubject"]
    found = {
        truth
        for step in going
        for c in codings(step["subjectState"], "progress.subjectState")
        if (truth := known.get(c.code)) is not None
    }
    return found.pop() if len(found) == 1 else Truth.UNKNOWN if steps else asserted
