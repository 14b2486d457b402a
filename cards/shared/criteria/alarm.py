"""Alarms on record: what every guideline asks before it speaks against an examination or lets an order be removed.

The catalogue's rule "Alarm on record": cord compression, cauda equina or threatened paraplegia, active and
at most some months old; a new deficit or a (threatened) pathological fracture, recorded in the last days (both settings, project choice).
"""

from cds_service.facts.model import Fact
from cds_service.fhir.dates import add_days, add_months
from cds_service.guideline.criterion import Answer, Facts, criterion
from cds_service.logic import MET, NOT_MET, UNKNOWN, Truth

from .answers import attribute_values, first_record

ORDERS = ("ServiceRequest", "MedicationRequest")


def is_recent(facts: Facts, alarm: Fact) -> Truth:
    """Whether an alarm is of now: a draft is; what bears no date may be."""
    if alarm.draft is not None:
        return MET
    began = alarm.when if alarm.when.is_known else alarm.recorded
    months = (
        began.on_or_after(add_months(facts.today, -facts.setting("alarm_months")))
        if began.is_known
        else MET
    )
    if alarm.value == "cord_compression":
        return months
    recorded = first_record(alarm)
    return months & (
        recorded.on_or_after(add_days(facts.today, -facts.setting("alarm_days")))
        if recorded.is_known
        else MET
    )


def _is_answered(alarm: Fact, facts: tuple[Fact, ...]) -> bool:
    """Whether a suspected alarm was denied on a later day. An order of now asks its question still; what was certain stays so."""
    if alarm.draft is not None or "suspected" not in attribute_values(alarm, "certainty"):
        return False
    denials = [
        f
        for f in facts
        if f.value == alarm.value and f.holds is NOT_MET and f.resource_type not in ORDERS
    ]
    day = first_record(alarm).latest
    return day is not None and any(
        first_record(f).earliest is not None and first_record(f).earliest > day for f in denials
    )  # type: ignore[operator]


def alarms(facts: Facts) -> tuple[tuple[Fact, Truth], ...]:
    """Every alarm of the record and of this request that stands, or may stand, with its truth."""
    found = facts.of("alarm").facts
    judged = (
        (f, f.holds & f.current & is_recent(facts, f)) for f in found if not _is_answered(f, found)
    )
    return tuple((f, truth) for f, truth in judged if truth is not NOT_MET)


def standing_alarms(facts: Facts) -> tuple[Fact, ...]:
    """The alarms that surely stand, suspected ones too."""
    return tuple(f for f, truth in alarms(facts) if truth is MET)


@criterion(
    aside=("alarm",),
    settings=("alarm_days", "alarm_months"),
    source="project choice: the rule on alarms, which come before every advice",
)
def alarm_on_record(facts: Facts) -> Answer:
    """Is there an alarm now, also a suspected one: compression of the spinal cord or cauda, a new neurological deficit, a
    (threatened) pathological fracture? In the record, in this order or in another one. Where that was not read it is asked."""
    if standing := standing_alarms(facts):
        return Answer(MET, standing)
    doubtful, unread = tuple(f for f, _ in alarms(facts)), facts.of("alarm").unread
    return Answer(UNKNOWN, doubtful, asked=unread) if doubtful or unread else Answer(NOT_MET)


@criterion(
    aside=("alarm",),
    settings=("alarm_days", "alarm_months"),
    source="project choice: the rule on removing an order",
)
def no_alarm_on_record(facts: Facts) -> Answer:
    """Is there surely no alarm, in data that were read? Only then may a card offer to remove an order."""
    return ~alarm_on_record(facts)
