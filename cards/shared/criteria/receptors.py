"""Hormone receptors and HER2: the newest result wins (decisions 10h)."""

from datetime import date

from cds_service.guideline.criterion import Answer, Facts, criterion
from cds_service.logic import MET, NOT_MET, UNKNOWN

from .answers import first_record


def receptor(facts: Facts, name: str) -> Answer:
    """Whether a receptor ("er", "pr", "her2") is positive: the newest result wins, of whatever tissue.

    Results of one day that contradict each other leave it unknown.
    """
    results = [
        f
        for f in facts.of("receptor").facts
        if f.holds is MET and (f.value.startswith(f"{name}_") or f.value == "triple_negative")
    ]
    if not results:
        return Answer(UNKNOWN, (), facts.of("receptor").unread)
    newest = max(f.when.latest or first_record(f).latest or date.min for f in results)
    latest = [f for f in results if (f.when.latest or first_record(f).latest or date.min) == newest]
    positive = {f.value.endswith("_positive") for f in latest}
    if len(positive) > 1:
        return Answer(UNKNOWN, tuple(latest), conflicting=True)
    return Answer(MET if positive == {True} else NOT_MET, tuple(latest))


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
