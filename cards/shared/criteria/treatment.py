"""What was done about the disease since a date: examinations, systemic treatment, meetings.

Sources: the catalogue's "How criteria are judged"; decisions 6 and 10h.
"""

from collections.abc import Iterable

from cds_service.facts.model import Fact
from cds_service.fhir.dates import Dates, month_end
from cds_service.guideline.criterion import Answer, Facts
from cds_service.logic import MET, NOT_MET, UNKNOWN, Truth

from .answers import attribute_values


def done_since(
    facts: Facts, name: str, values: Iterable[str], opens: Dates, *, doubtful: Iterable[str] = ()
) -> Answer:
    """Whether something of these values was done on or after a date. `doubtful`: values that may be one of them."""
    wanted, perhaps = frozenset(values), frozenset(doubtful)

    def counts_as(fact: Fact) -> Truth:
        if fact.value not in wanted | perhaps:
            return NOT_MET
        return fact.when.since(opens) & (MET if fact.value in wanted else UNKNOWN)

    return facts.on_record(name, counts_as)


def started(when: Dates) -> Dates:
    """When a treatment began: the first day of a course from - to. A month or a year stays what it is."""
    if when.earliest is None or when.latest is None:
        return Dates(when.earliest, when.earliest or when.latest)
    whole_months = when.earliest.day == 1 and when.latest == month_end(
        when.latest.year, when.latest.month
    )
    return when if whole_months else Dates(when.earliest, when.earliest, when.instant)


def systemic_treatment_since(facts: Facts, since: Dates) -> Answer:
    """Whether a systemic treatment, of whatever kind, began on or after a date. What is only drafted did not begin."""

    def began(treatment: Fact) -> Truth:
        return NOT_MET if treatment.draft is not None else started(treatment.when).since(since)

    return facts.on_record("systemic_treatment", began)


def mdt_since(facts: Facts, opens: Dates) -> Answer:
    """Whether a multidisciplinary meeting was held since a date, is planned, or is asked for."""

    def counts_as(meeting: Fact) -> Truth:
        planned = "yes" in attribute_values(meeting, "planned")
        return MET if planned else meeting.when.since(opens)

    return facts.on_record("mdt_meeting", counts_as)
