"""Criteria that two or more guidelines ask: examinations of the breast, their BI-RADS result, what was ordered.

They are about `facts.side`, the breast under evaluation, and about a window of time that the guideline gives: the
complaint's begin. Sources: the catalogue's "How criteria are judged"; ductoscopy-2022, Indicatie.
"""

from cds_service.facts.model import Fact
from cds_service.fhir.dates import Dates
from cds_service.guideline.criterion import Answer, Facts, any_of, newest
from cds_service.logic import MET, NOT_MET, UNKNOWN, Truth, either

# The setting that a guideline gives to `window`.
SETTINGS = ("imaging_window_months",)
SUSPICIOUS, UNSUSPICIOUS, INCOMPLETE = frozenset("456"), frozenset("123"), frozenset("0")
# The value of an examination of which nobody says what it was.
OWN_WORDS = ("examination",)
WHOLE_CATEGORY = {"4a": "4", "4b": "4", "4c": "4"}


def category(fact: Fact) -> str:
    """The BI-RADS category of an examination without its letter ("4a" -> "4"), "" where none is on record."""
    found = fact.attributes.get("birads", ())
    return WHOLE_CATEGORY.get(found[0].value, found[0].value) if found else ""


def window(facts: Facts, began: Dates) -> Dates:
    """When the window of a complaint opens: so many months before it began (a setting)."""
    return began.shifted(months=-facts.setting("imaging_window_months"))


def examinations(
    facts: Facts, opens: Dates, modality: str | None = None
) -> list[tuple[Fact, Truth]]:
    """The examinations of this breast in the window, each with how surely it is one. A category of which nobody says by what
    examination it was found may be of any."""
    return [
        (
            fact,
            fact.asserted & fact.on(facts.side) & fact.when.since(opens) & _is_of(fact, modality),
        )
        for fact in facts.of("breast_imaging").facts
        if modality in (None, fact.value) or fact.value == "examination"
    ]


def _is_of(fact: Fact, modality: str | None) -> Truth:
    return UNKNOWN if modality is not None and fact.value != modality else MET


def examination_done(facts: Facts, opens: Dates, modality: str) -> Answer:
    """Whether an examination of this breast was done for this complaint. BI-RADS 0 counts as not done."""
    found = examinations(facts, opens, modality)
    incomplete = [f for f, t in found if t is not NOT_MET and category(f) in INCOMPLETE]
    # What is no later than the incomplete result is that same examination, or is overtaken by it.
    counting = [
        (f, t)
        for f, t in found
        if all(f.when.since(zero.when.shifted(days=1)) is MET for zero in incomplete)
    ]
    return any_of(counting, facts.of("breast_imaging").unread)


def suspicious_result(facts: Facts, opens: Dates, modality: str | None = None) -> Answer:
    """Whether BI-RADS 4, 5 or 6 of this breast stands in the window without malignancy having been excluded afterwards."""
    judged = [
        (fact, surely & ~_malignancy_excluded(facts, fact))
        for fact, surely in examinations(facts, opens, modality)
        if category(fact) in SUSPICIOUS
    ]
    answer = any_of(judged, facts.of("breast_imaging").unread)
    if answer.truth is NOT_MET:
        return answer
    unread = answer.unread | (
        facts.of("tissue_diagnosis").unread | facts.of("breast_biopsy").unread
        if judged
        else frozenset()
    )
    opposed = [
        f
        for f, t in examinations(facts, opens, modality)
        if category(f) in UNSUSPICIOUS and t is not NOT_MET
    ]
    contrary = [
        *(o for o in opposed if any(_same_examination(f, o) for f in answer.evidence)),
        *(t for f in answer.evidence for t in _opposed_tissue(facts, f)),
    ]
    return Answer(
        answer.truth,
        tuple(dict.fromkeys((*answer.evidence, *contrary))),
        unread if answer.truth is UNKNOWN else frozenset(),
        conflicting=bool(contrary),
    )


def _same_examination(one: Fact, other: Fact) -> bool:
    return (
        one.value == other.value
        and one.when.is_known
        and (one.when.earliest, one.when.latest) == (other.when.earliest, other.when.latest)
    )


def _malignancy_excluded(facts: Facts, suspicious: Fact) -> Truth:
    """A benign tissue diagnosis on or after the result, or BI-RADS 1-3 after a biopsy since; never for BI-RADS 6."""
    if category(suspicious) == "6":
        return NOT_MET
    later = [
        (t, t.asserted & t.on(facts.side) & t.when.since(suspicious.when))
        for t in facts.of("tissue_diagnosis").facts
    ]
    malignant = either(sure for t, sure in later if t.value == "malignant")
    benign = either(sure for t, sure in later if t.value == "benign")
    biopsies = [
        (b, b.asserted & b.on(facts.side) & b.when.since(suspicious.when))
        for b in facts.of("breast_biopsy").facts
    ]
    quiet = [
        (e, e.asserted & e.on(facts.side))
        for e in facts.of("breast_imaging").facts
        if category(e) in UNSUSPICIOUS
    ]
    followed = either(
        sure & calm & e.when.since(b.when) & e.when.since(suspicious.when.shifted(days=1))
        for b, sure in biopsies
        for e, calm in quiet
    )
    unread = facts.of("tissue_diagnosis").unread | facts.of("breast_biopsy").unread
    excluded = (benign | followed) & ~malignant
    return UNKNOWN if unread and malignant is not MET else excluded


def _opposed_tissue(facts: Facts, suspicious: Fact) -> list[Fact]:
    """Tissue diagnoses after a suspicious result that call it benign and malignant on one day."""
    later = [
        t
        for t in facts.of("tissue_diagnosis").facts
        if (t.asserted & t.on(facts.side) & t.when.since(suspicious.when)) is not NOT_MET
    ]
    said = [
        (t, other)
        for t in later
        for other in later
        if (t.value, other.value) == ("malignant", "benign")
        and t.when.is_known
        and t.when.latest == other.when.latest
    ]
    return [t for pair in said for t in pair]


def without_suspicion(facts: Facts, opens: Dates, modality: str) -> Answer:
    """Whether an examination was done and its result in force is BI-RADS 1-3, or 4-5 with malignancy excluded since."""
    done = examination_done(facts, opens, modality)
    suspicion = suspicious_result(facts, opens, modality)
    if done.truth is not MET:
        return done
    if suspicion.conflicting:
        return Answer(UNKNOWN, suspicion.evidence, conflicting=True)
    if suspicion.truth is not NOT_MET:
        return ~suspicion
    judged = [
        (f, t)
        for f, t in examinations(facts, opens, modality)
        if category(f) in UNSUSPICIOUS | SUSPICIOUS
    ]
    if calm := [f for f, t in judged if t is MET]:
        return Answer(MET, newest(calm))
    doubtful = tuple(f for f, t in judged if t is UNKNOWN)
    return Answer(UNKNOWN, doubtful or done.evidence, done.unread)
