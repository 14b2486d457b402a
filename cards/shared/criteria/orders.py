"""The order under review, and whether something else is ordered.

Sources: the catalogue's "How criteria are judged"; the rulings on orders (decisions 6 and 10g).
"""

from cds_service.facts.model import Fact, Side
from cds_service.fhir.dates import Dates
from cds_service.guideline.criterion import Answer, Facts, criterion
from cds_service.logic import MET, NOT_MET, Truth

from .answers import attribute_values

URGENT = frozenset(("urgent", "asap", "stat"))


# What an order for staging may say; any other reason takes it out of the advice against it. A question about metastases or a recurrence of
# the breast cancer is the staging question itself.
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


def ordered(facts: Facts, fact_name: str, kind: str, since: Dates, *, sideless: bool) -> Answer:
    """Whether such an order is on record since a date, or is another draft order of this request.

    An order without a side counts for actions that have none (`sideless`), and is unknown for imaging.
    """

    def counts(order: Fact) -> Truth:
        if order.value != kind or order is facts.order:
            return NOT_MET
        here = MET if sideless and order.side is Side.UNKNOWN else order.on(facts.side)
        return here if order.draft is not None else here & _since(order.when, since)

    return facts.on_record(fact_name, counts)


def _since(when: Dates, since: Dates) -> Truth:
    """An order without a date counts: it stands on the record now."""
    return when.not_before(since) if when.is_known and since.is_known else MET
