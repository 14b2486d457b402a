"""Hormone receptors and HER2: the newest result wins (decisions 10h)."""

from cds_service.facts.model import Laterality
from cds_service.guideline.criterion import Answer, Facts, criterion, newest
from cds_service.logic import MET, NOT_MET, UNKNOWN, truth

from ..receptor_results import POSITIVE, result_of


def receptor(facts: Facts, marker: str, *, side: Laterality | None = None) -> Answer:
    """Whether a marker ("er", "pr", "her2") is positive: the newest result wins, of whatever tissue.

    Results of one day that contradict each other leave it unknown. `side`: results that are surely of the other breast
    do not count; without it those of both breasts do.
    """
    results = [
        f
        for f in facts.find("receptor")
        if result_of(f.value, marker) and (side is None or f.on(side) is not NOT_MET)
    ]
    if not results:
        return Answer(UNKNOWN, (), facts.of("receptor").unread)
    latest = newest(results)
    said = {result_of(f.value, marker) for f in latest}
    if len(said) > 1:
        return Answer(UNKNOWN, latest, conflicting=True)
    return Answer(truth(said == {POSITIVE}), latest)


@criterion(
    reads=("receptor",),
    source="ibc-recognition, Behandeling; metastatic-information, Chemotherapie",
)
def her2_positive(facts: Facts) -> Answer:
    """Is the tumour HER2-positive, as the newest result says?"""
    return receptor(facts, "her2")


def hormone_receptor(facts: Facts) -> Answer:
    """Whether the tumour is hormone receptor positive: oestrogen or progesterone receptor."""
    answers = [receptor(facts, "er"), receptor(facts, "pr")]
    known = [a for a in answers if a.truth is not UNKNOWN]
    if any(a.truth is MET for a in known):
        return next(a for a in known if a.truth is MET)
    if len(known) == 2 or known and known[0] is answers[0] and not answers[1].evidence:
        return Answer(NOT_MET, tuple(f for a in known for f in a.evidence))
    return Answer(
        UNKNOWN,
        tuple(f for a in answers for f in a.evidence),
        facts.of("receptor").unread,
        conflicting=any(a.conflicting for a in answers),
    )
