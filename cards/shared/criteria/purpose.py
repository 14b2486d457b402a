"""What an examination is ordered for: staging and surveillance, as the order itself states, or another question.

The catalogue's rules "Removing an order" (an examination without a reason has an unknown purpose) and "Suspicion is a new question".
"""

from cds_service.facts.model import Fact
from cds_service.guideline.criterion import Answer, Facts, criterion
from cds_service.logic import MET, NOT_MET, UNKNOWN

from ..examinations import EXAMINATIONS
from .orders import STAGING_REASONS, is_urgent, reasons

BREAST_EXAMINATIONS = frozenset(
    kind for kind, made in EXAMINATIONS.items() if made.region == "breast"
)
STATED = frozenset(("staging", "surveillance"))
# What may stand beside a stated purpose without asking anything else.
BESIDE = frozenset(("cancer", "recurrence", "metastases", "no_consequence"))


def stated_purpose(order: Fact) -> frozenset[str]:
    """The purposes that an order states in so many words. A question about metastases of breast cancer is the staging question itself,
    save on an examination of the breast."""
    return reasons(order) & (
        STATED if order.value in BREAST_EXAMINATIONS else STATED | {"suspected_metastases"}
    )


@criterion(source="project choice: the rule that a suspicion is a new question")
def another_purpose(facts: Facts) -> Answer:
    """Is the examination ordered for something else than staging or surveillance? Without a reason that is unknown, and a reason
    that names no more than the cancer tells no purpose either."""
    order = facts.order
    if order is None:
        return Answer(UNKNOWN)
    if reasons(order) - STAGING_REASONS:
        return Answer(MET, (order,))
    of_metastases = order.value not in BREAST_EXAMINATIONS and "metastases" in reasons(order)
    return Answer(NOT_MET if stated_purpose(order) or of_metastases else UNKNOWN, (order,))


@criterion(source="project choice: the rule on removing an order")
def examination_states_its_purpose(facts: Facts) -> Answer:
    """Does an examination state its purpose itself: staging, surveillance, routine or follow-up, and no other question? What is no
    examination needs no such reason."""
    order = facts.order
    if order is None or order.value not in EXAMINATIONS:
        return Answer(MET, (order,) if order is not None else ())
    stated, said = stated_purpose(order), reasons(order)
    if not said:
        return Answer(UNKNOWN, (order,))
    return Answer(
        MET if stated and not said - stated - BESIDE and not is_urgent(order) else NOT_MET, (order,)
    )
