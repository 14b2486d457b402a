"""The story on one page: gather -> extract -> evaluate. Rendering follows in rendering.py; both read one tree."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property

from cds_service.cds_hooks.request import HookRequest
from cds_service.clinical_text.memory import forget
from cds_service.decision.gather import Reader, gather
from cds_service.decision.ownership import check_drafts
from cds_service.decision.prefetch_templates import templates
from cds_service.errors import MammaCardsError
from cds_service.facts.extraction import Reading, invalid
from cds_service.fhir.record import DataIssue, Record
from cds_service.fhir.validation import problems as validate
from cds_service.guideline.evaluation import (
    Assessment,
    assess,
    not_judged,
    orders_that_concern,
    unreadable_orders,
)
from cds_service.guideline.fault import Fault, fault_of, note
from cds_service.guideline.library import Library
from cds_service.guideline.model import Guideline


@dataclass(frozen=True)
class Decision:
    """Everything that one request led to: the record as read, and every recommendation with its verdict."""

    request: HookRequest
    reading: Reading  # the facts of the record, also for whoever wants to ask further (the demo's timeline and what-if)
    problems: tuple[DataIssue, ...]  # what came to light while reading
    assessments: Mapping[str, tuple[Assessment, ...]]  # by guideline id
    guidelines: tuple[
        Guideline, ...
    ]  # those that were asked; none when no order of the request concerns any

    @property
    def record(self) -> Record:
        return self.reading.record

    @property
    def today(self) -> str:
        """The day on which it was judged."""
        return self.reading.now.date().isoformat()

    @property
    def all_assessments(self) -> tuple[Assessment, ...]:
        return tuple(a for group in self.assessments.values() for a in group)

    @cached_property
    def all_problems(self) -> tuple[DataIssue, ...]:
        """The problems, and what the model library finds wrong in resources that facts were read from. Cards do not tell that and
        nothing is discarded for it, so resources are validated only for who asks (/explain, a population run)."""
        return (*self.problems, *invalid(self.reading, validate))

    @property
    def is_answerable(self) -> bool:
        """False -> 412: an input was not read and no recommendation can be assessed without it.

        A recommendation that is about none of the orders needs no reading: on the order hooks it takes that nothing was read.
        """
        inputs = [i.state.is_read for i in self.record.inputs.values()]
        asked = [a for a in self.all_assessments if a.fault is None]  # reading mends no fault
        if all(inputs) or not asked or any(a.is_assessable for a in asked):
            return True
        return self.request.is_order_hook and any(inputs)


def prefetch_templates(library: Library, hook: str) -> dict[str, str]:
    """What the guidelines of a hook need to read."""
    return templates(library.fact_definitions(hook).values())


def decide(
    request: HookRequest,
    library: Library,
    wanted: Mapping[str, str],
    now: datetime,
    read: Reader | None,
) -> Decision:
    """Answer one request at one moment (`now`, aware, in the service's time zone). Raises RequestError (400).

    `read` reads what prefetch lacks; None where no FHIR server may be contacted.
    """
    try:
        return _decided(request, library, wanted, now, read)
    finally:
        forget()


def _decided(
    request: HookRequest,
    library: Library,
    wanted: Mapping[str, str],
    now: datetime,
    read: Reader | None,
) -> Decision:
    check_drafts(request)

    def reading_of(record: Record) -> Reading:
        return Reading(
            record,
            now,
            now.tzinfo or UTC,
            library.value_sets,
            library.readers,
            index=library.index,
        )

    guidelines = library.for_hook(request.hook)
    unreadable: dict[str, frozenset[str]] = {}
    faults: dict[str, Fault] = {}
    if request.is_order_hook:
        # First the orders alone: what concerns nobody needs no reading.
        orders = reading_of(Record(request.patient_id, {}, {}, [], request.drafts, request.judged))
        concerned = []
        for guideline in guidelines:
            try:
                unreadable[guideline.id] = unreadable_orders(guideline, request.hook, orders)
                concerns = orders_that_concern(guideline, request.hook, orders)
            except MammaCardsError:
                raise
            except Exception as error:  # whether an order concerns it, nobody can tell
                faults[guideline.id] = fault_of(error, guideline.id, request.hook, "orders")
            else:
                if not concerns and not unreadable[guideline.id]:
                    continue
            concerned.append(guideline)
        guidelines = tuple(concerned)
        if not guidelines:
            return decision_of(request, orders, {}, ())
    reading = reading_of(gather(request, wanted, read))
    assessments = {
        g.id: not_judged(g, request.hook, faults[g.id])
        if g.id in faults
        else assess(g, request.hook, reading, unreadable.get(g.id, frozenset()))
        for g in guidelines
    }
    for fault in faults_in(assessments):
        note(fault)
    return decision_of(request, reading, assessments, guidelines)


def faults_in(assessments: Mapping[str, tuple[Assessment, ...]]) -> list[Fault]:
    """The faults for which guidelines could not be judged, one for each of those."""
    return [group[0].fault for group in assessments.values() if group and group[0].fault]


def decision_of(
    request: HookRequest,
    reading: Reading,
    assessments: Mapping[str, tuple[Assessment, ...]],
    guidelines: tuple[Guideline, ...],
) -> Decision:
    """What was judged, with everything that came to light while reading, faults of the content too."""
    faults = [DataIssue("", "fault", f"{f.guideline}: {f}") for f in faults_in(assessments)]
    problems = tuple(dict.fromkeys([*reading.record.problems, *reading.problems.values(), *faults]))
    return Decision(request, reading, problems, assessments, guidelines)
