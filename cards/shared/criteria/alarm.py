"""Alarms on record: what every guideline asks before it speaks against an examination or lets an order be removed.

The catalogue's rule "Alarm on record": cord compression, cauda equina or threatened paraplegia, active and
at most some months old; a new deficit or a (threatened) pathological fracture, recorded in the last days (both settings, project choice).
"""

from cds_service.facts.model import Fact
from cds_service.fhir.dates import Dates
from cds_service.guideline.criterion import Answer, Facts, criterion, day_of
from cds_service.logic import MET, NOT_MET, UNKNOWN, Truth

from .answers import attribute_values, first_record

ORDERS = ("ServiceRequest", "MedicationRequest")


def is_recent(facts: Facts, alarm: Fact) -> Truth:
    """Whether an alarm is of now: a draft is; what bears no date may be."""
    if alarm.draft is not None:
        return MET
    today = Dates(facts.today, facts.today)
    lately = day_of(alarm).since(today.shifted(months=-facts.setting("alarm_months")), undated=MET)
    if alarm.value == "cord_compression":
        return lately
    days_ago = today.shifted(days=-facts.setting("alarm_days"))
    return lately & first_record(alarm).since(days_ago, undated=MET)


def _is_answered(alarm: Fact, facts: tuple[Fact, ...]) -> bool:
    """Whether a suspected alarm was denied on a later day. An order of now asks its question still; what was certain stays so."""
    if alarm.draft is not None or "suspected" not in attribute_values(alarm, "certainty"):
        return False
    denials = [
        f
        for f in facts
        if f.value == alarm.value and f.asserted is NOT_MET and f.resource_type not in ORDERS
    ]
    day_after = first_record(alarm).shifted(days=1)
    return any(first_record(denial).since(day_after) is MET for denial in denials)


def alarms(facts: Facts) -> tuple[tuple[Fact, Truth], ...]:
    """Every alarm of the record and of this request that stands, or may stand, with its truth."""
    found = facts.of("alarm").facts
    judged = (
        (f, f.asserted & f.current & is_recent(facts, f))
        for f in found
        if not _is_answered(f, found)
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
    if status_truth := standing_alarms(facts):
        return Answer(MET, status_truth)
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
