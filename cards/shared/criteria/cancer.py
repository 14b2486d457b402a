"""Breast cancer on record, and its side."""

from cds_service.facts.model import Side
from cds_service.guideline.criterion import Answer, Facts, criterion
from cds_service.logic import MET, NOT_MET

CANCER = frozenset(
    ("invasive", "inflammatory", "cancer", "history")
)  # in situ does not metastasise


@criterion(
    reads=("cancer_diagnosis",),
    source="oligometastases-2026, Uitgangsvraag; metastatic-information, Aanvullend onderzoek",
)
def breast_cancer_on_record(facts: Facts) -> Answer:
    """Is there a breast cancer on record, current or past? In situ alone is not enough."""
    return facts.on_record(
        "cancer_diagnosis", lambda fact: MET if fact.value in CANCER else NOT_MET
    )


def cancer_sides(facts: Facts) -> frozenset[Side]:
    """The sides of the breast cancers on record, in situ left out."""
    found = [
        f
        for f in facts.of("cancer_diagnosis").facts
        if f.value in CANCER and f.holds is not NOT_MET
    ]
    return frozenset(
        side
        for f in found
        for side in ((Side.LEFT, Side.RIGHT) if f.side is Side.BOTH else (f.side,))
    )
