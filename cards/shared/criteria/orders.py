"""The order under review, and whether something else is ordered.

Sources: the catalogue's "How criteria are judged"; the rulings on orders (decisions 6 and 10g).
"""

from collections.abc import Callable, Iterable

from cds_service.facts.model import Fact, Laterality
from cds_service.fhir.dates import Dates
from cds_service.guideline.criterion import Answer, Facts, criterion
from cds_service.logic import MET, NOT_MET, Truth

from .answers import attribute_values

URGENT = frozenset(("urgent", "asap", "stat"))

# What an order for staging may say; any other reason takes it out of the advice against it. A question about metastases
# or a recurrence of the breast cancer is the staging question itself.
STAGING_REASONS = frozenset(
    (
        "staging",
        "surveillance",
        "cancer",
        "recurrence",
        "metastases",
        "suspected_metastases",
        "suspected_recurrence",
        "consequence",
        "no_consequence",
        "consequence_asked",
        "inconclusive",
        "no_biopsy",
    )
)


def reasons(order: Fact) -> frozenset[str]:
    """The reasons that an order gives; empty where it gives none."""
    return attribute_values(order, "reason")


def is_urgent(order: Fact) -> bool:
    """Whether an order says that it cannot wait."""
    return bool(attribute_values(order, "priority") & URGENT)


def may_be_urgent(order: Fact) -> bool:
    """Whether an order is urgent, or has a priority that nobody could read: it must not be told that it can wait."""
    return is_urgent(order) or "unreadable" in attribute_values(order, "priority")


@criterion(
    source="oligometastases-2026, Aanbeveling-1; metastatic-information, Aanvullend onderzoek"
)
def order_is_for_staging(facts: Facts) -> Answer:
    """Is the order routine, and for staging or surveillance? Without a reason it is; urgency and any other reason exempt it."""
    order = facts.order
    exempt = order is None or may_be_urgent(order) or bool(reasons(order) - STAGING_REASONS)
    return Answer(NOT_MET if exempt else MET, (order,) if order is not None else ())


def ordered(
    facts: Facts,
    fact_name: str,
    kinds: Iterable[str],
    since: Dates,
    *,
    sideless: Truth | None = None,
    undated: Truth = MET,
    to_come_since: Dates | None = None,
    where: Callable[[Fact], Truth] = lambda _: MET,
) -> Answer:
    """Whether one of these is ordered since a date, or drafted in this request.

    The order under review does not count. Another draft of the request does, and so does an order without a date: it
    stands on the record now. What differs between the guidelines:
    `sideless`: what an order without a side counts as, of an action of one breast: MET for a referral, UNKNOWN for
    imaging; None for what is of no side.
    `undated`: what a dated order counts as while the date to count from is not known.
    `to_come_since`: an order since this earlier date counts as well, until it is carried out.
    `where`: what else must hold for the order.
    """
    wanted = frozenset(kinds)

    def here(order: Fact) -> Truth:
        if sideless is None:
            return MET
        return sideless if order.side is Laterality.UNKNOWN else order.on(facts.side)

    def in_time(order: Fact) -> Truth:
        if order.draft is not None or not order.when.is_known:
            return MET
        asked = order.when.since(since, undated=undated)
        if to_come_since is None or "completed" in attribute_values(order, "state"):
            return asked
        return asked | order.when.since(to_come_since)

    def counts(order: Fact) -> Truth:
        if order.value not in wanted or order is facts.order:
            return NOT_MET
        return here(order) & in_time(order) & where(order)

    return facts.on_record(fact_name, counts)
