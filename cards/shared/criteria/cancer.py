"""Breast cancer on record, and its side."""

from collections.abc import Iterable

from cds_service.facts.model import Fact, Laterality
from cds_service.guideline.criterion import Answer, Facts, criterion
from cds_service.logic import truth

# In situ does not metastasise.
CANCER = frozenset(("invasive", "inflammatory", "cancer", "history"))


@criterion(
    reads=("cancer_diagnosis",),
    source="oligometastases-2026, Uitgangsvraag; metastatic-information, Aanvullend onderzoek",
)
def breast_cancer_on_record(facts: Facts) -> Answer:
    """Is there a breast cancer on record, current or past? In situ alone is not enough."""
    return facts.on_record("cancer_diagnosis", lambda fact: truth(fact.value in CANCER))


def cancer_sides(facts: Facts) -> frozenset[Laterality]:
    """The sides of the breast cancers on record, in situ left out."""
    return sides_of(facts.find("cancer_diagnosis", CANCER, possible=True))


def sides_of(found: Iterable[Fact]) -> frozenset[Laterality]:
    """The sides of some facts; what is on both sides is on the left and on the right."""
    sides = frozenset(fact.side for fact in found)
    return (
        sides - {Laterality.BOTH} | {Laterality.LEFT, Laterality.RIGHT}
        if Laterality.BOTH in sides
        else sides
    )
