"""The questions of the guideline on nipple discharge (ductoscopy-2022), about one breast: `facts.side`."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date

from cds_service.facts.model import Fact, Laterality
from cds_service.fhir.dates import Dates, add_months, first, lasts_longer_than
from cds_service.guideline.criterion import Answer, Facts, agreed, all_of, criterion, one_of
from cds_service.logic import MET, NOT_MET, UNKNOWN, Truth, truth

from ..shared.criteria.answers import attribute
from ..shared.criteria.breast_imaging import (
    examination_done,
    suspicious_result,
    window,
    without_suspicion,
)
from ..shared.criteria.cancer import sides_of
from ..shared.criteria.orders import ordered

PATHOLOGICAL_COLOURS = {"bloody", "brown", "serous"}


def is_current(facts: Facts, fact: Fact) -> Truth:
    """A condition that still exists; a discharge known from an Observation is current for so many months (setting)."""
    if fact.resource_type == "Condition":
        return fact.asserted & fact.current
    oldest = add_months(facts.today, -facts.setting("observation_current_months"))
    return fact.asserted & fact.current & fact.when.on_or_after(oldest)


def discharge(facts: Facts, wanted: tuple[Truth, ...] = (MET,)) -> list[Fact]:
    """The statements about a current discharge of this breast; of the unknown side only when no side is known."""
    found = [f for f in facts.of("nipple_discharge").facts if is_current(facts, f) in wanted]
    if facts.side is Laterality.UNKNOWN:
        sided = any(f.side in (Laterality.LEFT, Laterality.RIGHT, Laterality.BOTH) for f in found)
        return [] if sided else found
    return [f for f in found if f.side in (facts.side, Laterality.BOTH)]


def began(facts: Facts) -> Dates:
    """When the discharge began. Without an onset: no later than it was first recorded."""
    onset = first(f.when for f in discharge(facts) if f.resource_type == "Condition")
    if not onset.is_known:
        return Dates(None, _first_day_recorded(facts))
    return Dates(onset.earliest, min(onset.latest or facts.today, facts.today))


def _first_day_recorded(facts: Facts) -> date | None:
    """The day by which it was on record."""
    return _first_end(fact.recorded for fact in discharge(facts))


def _first_end(days: Iterable[Dates]) -> date | None:
    return min((day.latest for day in days if day.latest), default=None)


def complaint_window(facts: Facts) -> Dates:
    """When imaging starts to count as "for this complaint". With an unknown onset it is measured from the first record."""
    start = began(facts)
    if start.earliest is None:
        start = first(fact.recorded for fact in discharge(facts))
    return window(facts, start)


@criterion(
    reads=("nipple_discharge",),
    settings=("observation_current_months",),
    source="ductoscopy-2022, Introductie",
)
def current_nipple_discharge(facts: Facts) -> Answer:
    """Is there a discharge from the nipple of this breast now?"""
    if found := discharge(facts):
        return Answer(MET, tuple(found))
    doubtful, unread = discharge(facts, (UNKNOWN,)), facts.of("nipple_discharge").unread
    if doubtful or unread:
        return Answer(UNKNOWN, tuple(doubtful), unread)
    return Answer(NOT_MET)


@criterion(
    reads=("nipple_discharge",),
    settings=("observation_current_months",),
    source="ductoscopy-2022, Introductie",
)
def discharge_lasts_longer_than(facts: Facts, months: int) -> Answer:
    """Does it last longer than so many calendar months? Exactly three months is not longer."""
    found = discharge(facts)
    conditions = [f for f in found if f.resource_type == "Condition"]
    if not conditions:
        longer = _observed_for_longer_than(months, found)
        return _with_unread(facts, Answer(MET if longer else UNKNOWN, tuple(found)))
    by_record = Dates(None, _first_day_recorded(facts))
    answers = []
    for fact in conditions:
        start = fact.when if fact.when.is_known else by_record
        answers.append(Answer(lasts_longer_than(months, start, facts.today), (fact,)))
    return _with_unread(facts, agreed(answers))


def _observed_for_longer_than(months: int, observations: list[Fact]) -> bool:
    """Whether more time lies between the first and the latest observation. It may have begun before the first one."""
    begin = _first_end(fact.when for fact in observations)
    last = max((f.when.earliest for f in observations if f.when.earliest), default=None)
    return begin is not None and last is not None and last > add_months(begin, months)


def _with_unread(facts: Facts, answer: Answer) -> Answer:
    """An answer about the discharge: where it is unknown, what was not read could change it."""
    if answer.truth is not UNKNOWN:
        return answer
    return replace(answer, unread=facts.of("nipple_discharge").unread)


@criterion(
    reads=("nipple_discharge",),
    settings=("observation_current_months",),
    source="ductoscopy-2022, Introductie",
    values=("three_months_on",),
)
def discharge_lasts_at_most(facts: Facts, months: int) -> Answer:
    """Does it last at most so many calendar months?"""
    longer = discharge_lasts_longer_than(facts, months)
    start = began(facts)
    until = add_months(start.earliest, months) if start.earliest else None
    return replace(~longer, values={"three_months_on": until})


def _attribute(facts: Facts, name: str, accepts: Callable[[str], bool | None]) -> Answer:
    return _with_unread(facts, attribute(discharge(facts), name, accepts))


@criterion(
    reads=("nipple_discharge",),
    settings=("observation_current_months",),
    source="ductoscopy-2022, Introductie, Indicatie",
)
def discharge_is_spontaneous(facts: Facts) -> Answer:
    """Does it come by itself, not only on pressing?"""
    return _attribute(facts, "spontaneous", lambda value: value == "yes")


@criterion(
    reads=("nipple_discharge",),
    settings=("observation_current_months",),
    source="ductoscopy-2022, Introductie, Indicatie",
)
def discharge_is_unilateral(facts: Facts) -> Answer:
    """Is it on one side? Left and right, in one record or in two, is bilateral."""
    recorded = facts.of("nipple_discharge")
    current = tuple(f for f in recorded.facts if is_current(facts, f) is MET)
    if {Laterality.LEFT, Laterality.RIGHT} <= sides_of(current):
        return Answer(NOT_MET, current)
    here = tuple(discharge(facts))
    if facts.side is Laterality.UNKNOWN or recorded.unread:
        return Answer(UNKNOWN, here, recorded.unread)
    return Answer(MET, here)


@criterion(
    reads=("nipple_discharge",),
    settings=("observation_current_months",),
    source="ductoscopy-2022, Introductie, Indicatie",
)
def discharge_is_bloody_brown_or_serous(facts: Facts) -> Answer:
    """Is its colour one that goes with a lesion in the duct? Milky and clear are not."""
    return _attribute(facts, "colour", PATHOLOGICAL_COLOURS.__contains__)


@criterion(
    reads=("nipple_discharge",),
    settings=("observation_current_months",),
    source="ductoscopy-2022, Introductie, Indicatie",
)
def discharge_is_from_a_single_duct(facts: Facts) -> Answer:
    """Does it come from one duct?"""
    return _attribute(facts, "ducts", lambda value: value in ("single", "1"))


@criterion(
    reads=("breast_biopsy", "breast_imaging", "nipple_discharge", "tissue_diagnosis"),
    settings=("imaging_window_months", "observation_current_months"),
    source="ductoscopy-2022, Introductie; Indicatie",
)
def imaging_without_suspicion(facts: Facts, modality: str) -> Answer:
    """Was this examination done for this complaint, with a result in force of BI-RADS 1-3?"""
    return without_suspicion(facts, complaint_window(facts), modality)


@criterion(
    reads=("breast_imaging", "nipple_discharge"),
    settings=("imaging_window_months", "observation_current_months"),
    source="ductoscopy-2022, Introductie",
)
def examination_missing(facts: Facts, modality: str) -> Answer:
    """Is this examination of this breast, for this complaint, not on record?"""
    return ~examination_done(facts, complaint_window(facts), modality)


@criterion(
    reads=("breast_imaging", "breast_order", "nipple_discharge"),
    settings=("imaging_window_months", "observation_current_months"),
    source="project choice: what is ordered is not suggested again",
)
def examination_missing_and_not_ordered(facts: Facts, modality: str) -> Answer:
    """Is it neither on record nor ordered?"""
    return all_of((examination_missing(facts, modality), ~_examination_ordered(facts, modality)))


def _examination_ordered(facts: Facts, modality: str) -> Answer:
    return ordered(facts, "breast_order", (modality,), complaint_window(facts), sideless=UNKNOWN)


@criterion(
    reads=("breast_imaging", "breast_order", "nipple_discharge"),
    settings=("imaging_window_months", "observation_current_months"),
    source="project choice: what is ordered answers the advice",
)
def missing_examinations_are_ordered(facts: Facts) -> Answer:
    """Is every missing examination ordered?"""
    return all_of(
        one_of((~examination_missing(facts, m), _examination_ordered(facts, m)))
        for m in ("mammography", "ultrasound")
    )


@criterion(
    reads=("breast_order", "nipple_discharge"),
    settings=("observation_current_months",),
    source="project choice: what is ordered is not suggested again",
)
def no_breast_clinic_referral(facts: Facts) -> Answer:
    """Is no referral to a breast clinic on record since the complaint began?"""
    return ~ordered(facts, "breast_order", ("breast_clinic",), began(facts), sideless=MET)


@criterion(
    reads=("breast_biopsy", "breast_imaging", "nipple_discharge", "tissue_diagnosis"),
    settings=("imaging_window_months", "observation_current_months"),
    source="ductoscopy-2022, Indicatie",
)
def birads_4_or_higher_malignancy_not_excluded(facts: Facts) -> Answer:
    """Is there BI-RADS 4 or higher of this breast without malignancy having been excluded afterwards?"""
    return suspicious_result(facts, complaint_window(facts))


@criterion(reads=("nipple_retraction",), source="ductoscopy-2022, Indicatie")
def nipple_retraction_not_reducible(facts: Facts) -> Answer:
    """Is there a retraction of this nipple that cannot be everted? Not on record is unknown: nobody need write it down."""

    def irreducible(fact: Fact) -> Truth:
        reducible = attribute([fact], "reducible", lambda value: value == "yes").truth
        return fact.on(facts.side) & fact.current & ~reducible

    def everted(fact: Fact) -> Truth:
        return fact.asserted & fact.on(facts.side) & ~irreducible(fact)

    return facts.on_record("nipple_retraction", irreducible, denied=everted)


@criterion(reads=("nipple_areola_surgery",), source="ductoscopy-2022, Indicatie")
def earlier_nipple_areola_surgery(facts: Facts) -> Answer:
    """Was this nipple-areola complex operated on before?"""
    return facts.on_record("nipple_areola_surgery", lambda fact: fact.on(facts.side))


@criterion(
    reads=("breast_complaint_now",),
    settings=("observation_current_months",),
    source="ductoscopy-2022, Introductie",
)
def other_complaint_of_this_breast(facts: Facts) -> Answer:
    """Is there a lump, a skin change or a retraction of this breast beside the discharge?"""

    def is_another(fact: Fact) -> Truth:
        if fact.value not in ("lump", "skin change", "retraction"):
            return NOT_MET
        return fact.on(facts.side) & is_current(facts, fact)

    return facts.on_record("breast_complaint_now", is_another, otherwise=UNKNOWN)


@criterion(
    reads=("ductoscopy", "nipple_discharge"),
    settings=("observation_current_months",),
    source="project choice: what was done answers the advice",
)
def ductoscopy_done_since_onset(facts: Facts) -> Answer:
    """Was a ductoscopy of this breast done since the complaint began?"""
    start = began(facts)
    return facts.on_record("ductoscopy", lambda fact: fact.on(facts.side) & fact.when.since(start))


@criterion(
    reads=("breast_order", "nipple_discharge"),
    settings=("observation_current_months",),
    source="project choice: what is ordered answers the advice",
)
def ductoscopy_ordered(facts: Facts) -> Answer:
    """Is a ductoscopy of this breast ordered since the complaint began? An order without a side counts: it is a referral."""
    return ordered(facts, "breast_order", ("ductoscopy",), began(facts), sideless=MET)


@criterion(
    aside=("breast_order",),
    source="project choice: advice that the same request follows already says nothing",
)
def ductoscopy_in_this_request(facts: Facts) -> Answer:
    """Is a ductoscopy of this breast drafted in the same request? One without a side counts: it is a referral. What was
    ordered earlier is in nobody's hands now and does not count."""
    drafted = tuple(
        f
        for f in facts.find("breast_order", ("ductoscopy",))
        if f.draft is not None and (f.side is Laterality.UNKNOWN or f.on(facts.side) is MET)
    )
    return Answer(truth(bool(drafted)), drafted)


@criterion(reads=("papilloma",), source="ductoscopy-2022, Bijlage 1")
def papilloma_seen_on_ultrasound(facts: Facts) -> Answer:
    """Is a papilloma of this breast on record, so that it can be removed by targeted surgery?"""
    return facts.on_record("papilloma", lambda fact: fact.on(facts.side) & fact.current)
