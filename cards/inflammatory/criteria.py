"""Suspecting inflammatory breast cancer: the questions about mastitis and skin signs of one breast, `facts.side`.

A sign whose side is not on record is judged with the breast "side unknown", so that it never stays silent.
"""

from collections.abc import Iterable
from datetime import date

from cds_service.facts.model import Fact, Laterality
from cds_service.fhir.dates import Dates, add_days, add_months, first, lasts_longer_than
from cds_service.guideline.criterion import (
    Answer,
    Facts,
    all_of,
    criterion,
    day_of,
    newest,
    one_of,
)
from cds_service.logic import MET, NOT_MET, UNKNOWN, Truth, truth

from ..shared.criteria.answers import attribute_values, first_record
from ..shared.criteria.orders import ordered
from ..shared.criteria.treatment import started

PREGNANCY_MONTHS = 9  # a pregnancy counts from its end, of which only its beginning is known


def here(facts: Facts, fact: Fact) -> Truth:
    """Whether a fact is about the breast under evaluation; what has no side belongs to the breast of unknown side."""
    if facts.side is Laterality.UNKNOWN:
        return truth(fact.side not in (Laterality.LEFT, Laterality.RIGHT, Laterality.BOTH))
    return truth(fact.side in (facts.side, Laterality.BOTH))


def began(found: Iterable[Fact]) -> Dates:
    """When a sign began: its onset; without one its first record."""
    signs = tuple(found)
    onset = first((f.when for f in signs if f.resource_type == "Condition"), by_end=True)
    return onset if onset.is_known else first(map(first_record, signs), by_end=True)


def denies(fact: Fact, said: Truth) -> Truth:
    """Whether a fact is a "no" to what another fact would say "yes" to."""
    return ~fact.asserted & said


# --- (a) mastitis in spite of an antibiotic


def mastitis(facts: Facts, fact: Fact) -> Truth:
    """A mastitis of this breast that exists now and is not called one of lactation."""
    if fact.value != "mastitis":
        return NOT_MET
    oldest = add_months(facts.today, -facts.setting("recent_signs_months"))
    recent = MET if fact.resource_type == "Condition" else fact.when.on_or_after(oldest)
    return here(facts, fact) & fact.current & recent


@criterion(
    reads=("breast_inflammation",),
    settings=("recent_signs_months",),
    source="ibc-recognition, De kern; Anamnese",
)
def mastitis_now(facts: Facts) -> Answer:
    """Is there a mastitis of this breast now? A puerperal mastitis is none that counts here."""
    return facts.on_record("breast_inflammation", lambda fact: mastitis(facts, fact))


def persists(facts: Facts, complaint: tuple[Fact, ...]) -> Answer:
    """Whether a complaint still exists a week after a systemic antibiotic began, also one that was stopped since."""
    opens = began(complaint).shifted(days=-facts.setting("antibiotic_before_days"))
    week = facts.setting("antibiotic_days")
    lasting = any(f.resource_type == "Condition" for f in complaint)
    seen = max((f.when.earliest for f in complaint if f.when.earliest), default=None)

    def a_week_before(day: date | None, start: Dates) -> Truth:
        return ~start.on_or_after(add_days(day, 1 - week)) if day is not None else UNKNOWN

    def in_spite_of(antibiotic: Fact) -> Truth:
        start = started(antibiotic.when)
        # Known from observations only: one of a week later shows that it persisted.
        persisted = lasting or a_week_before(seen, start) is MET
        return (
            start.since(opens) & a_week_before(facts.today, start) & (MET if persisted else UNKNOWN)
        )

    return facts.on_record("antibiotic_course", in_spite_of)


@criterion(
    reads=("antibiotic_course", "breast_inflammation"),
    settings=("antibiotic_before_days", "antibiotic_days", "recent_signs_months"),
    source="ibc-recognition, De kern; Anamnese",
)
def mastitis_a_week_after_antibiotic(facts: Facts) -> Answer:
    """Does the mastitis still exist a week (exactly seven days is enough) after a systemic antibiotic began?"""
    return persists(facts, mastitis_now(facts).evidence)


@criterion(
    reads=("pregnancy_or_lactation",),
    settings=("recent_pregnancy_months",),
    source="ibc-recognition, Anamnese, Conclusie",
)
def lactation_or_recent_pregnancy(facts: Facts) -> Answer:
    """Does the patient breastfeed, or was she pregnant recently? Not on record is unknown; "no" takes both."""
    opens = add_months(facts.today, -facts.setting("recent_pregnancy_months"))

    def recent(fact: Fact) -> Truth:
        if fact.ended.is_known:
            lately = fact.ended.on_or_after(opens)
        elif fact.value == "pregnancy" and fact.resource_type == "Condition":
            lately = day_of(fact).on_or_after(add_months(opens, -PREGNANCY_MONTHS))
        else:
            lately = day_of(fact).on_or_after(opens)
        lactates = fact.value == "lactation" and fact.resource_type == "Condition"
        return lately | fact.current if lactates else lately

    answer = facts.on_record(
        "pregnancy_or_lactation", recent, denied=lambda fact: denies(fact, recent(fact))
    )
    told = {fact.value for fact in answer.evidence}
    if answer.truth is NOT_MET and not {"lactation", "pregnancy"} <= told:
        return Answer(UNKNOWN, answer.evidence)
    return answer


# --- (b) the signs themselves


def sign(facts: Facts, value: str, *, any_side: bool = False) -> Answer:
    """Whether a sign of this breast exists now."""

    def is_there(fact: Fact) -> Truth:
        of_this_breast = MET if any_side else here(facts, fact)
        return truth(fact.value == value) & fact.current & of_this_breast

    return facts.on_record("breast_inflammation", is_there)


def pictures(facts: Facts) -> tuple[Answer, Answer]:
    """Peau d'orange; oedema and erythema together. Of the two, one may have a side where the other has none."""
    both = all_of((sign(facts, "oedema"), sign(facts, "erythema")))
    if facts.side is Laterality.UNKNOWN:
        both = one_of(
            (
                all_of((sign(facts, "oedema"), sign(facts, "erythema", any_side=True))),
                all_of((sign(facts, "oedema", any_side=True), sign(facts, "erythema"))),
            )
        )
    return sign(facts, "peau_dorange"), both


@criterion(reads=("breast_inflammation",), source="ibc-recognition, Anamnese, Diagnostiek")
def skin_signs_of_inflammatory_cancer(facts: Facts) -> Answer:
    """Is there peau d'orange, or oedema and erythema together, of this breast now?"""
    return one_of(pictures(facts))


@criterion(
    reads=("breast_inflammation",),
    source="project choice: a sign without a side is judged with the breast of unknown side",
)
def skin_signs_are_of_one_breast(facts: Facts) -> Answer:
    """Are oedema and erythema of the same breast? With a side for the one and none for the other that is unknown."""
    peau, pair = pictures(facts)
    sides = {f.side in (Laterality.LEFT, Laterality.RIGHT, Laterality.BOTH) for f in pair.evidence}
    mixed = peau.truth is not MET and facts.side is Laterality.UNKNOWN and len(sides) > 1
    return Answer(UNKNOWN if mixed else MET, pair.evidence or peau.evidence)


@criterion(
    reads=("breast_inflammation",),
    settings=("recent_signs_months",),
    source="ibc-recognition, Anamnese, Diagnostiek",
)
def skin_signs_are_recent(facts: Facts) -> Answer:
    """Did these signs begin at most so many months ago (a setting)? Of oedema and erythema both did."""
    months = facts.setting("recent_signs_months")

    def recent(signs: tuple[Fact, ...]) -> Answer:
        return Answer(~lasts_longer_than(months, began(signs), facts.today), signs)

    seen = [picture.evidence for picture in pictures(facts) if picture.truth is MET]
    if not seen:
        return Answer(UNKNOWN, unread=facts.of("breast_inflammation").unread)
    return one_of(all_of(map(recent, by_value(signs))) for signs in seen)


def by_value(found: Iterable[Fact]) -> list[tuple[Fact, ...]]:
    """Some facts, those of one value together, in the order in which they come."""
    groups: dict[str, list[Fact]] = {}
    for fact in found:
        groups.setdefault(fact.value, []).append(fact)
    return [tuple(group) for group in groups.values()]


@criterion(
    reads=("antibiotic_course", "breast_inflammation"),
    settings=("antibiotic_before_days", "antibiotic_days"),
    source="ibc-recognition, Anamnese",
)
def skin_signs_a_week_after_antibiotic(facts: Facts) -> Answer:
    """Do the signs still exist a week after a systemic antibiotic began?"""
    return persists(facts, skin_signs_of_inflammatory_cancer(facts).evidence)


# --- what speaks for or against it, and what was done


def complaint_began(facts: Facts) -> Dates:
    """When the complaint of this breast began, mastitis or skin sign."""
    complaints = (
        *mastitis_now(facts).evidence,
        *skin_signs_of_inflammatory_cancer(facts).evidence,
    )
    return first((began([fact]) for fact in complaints), by_end=True)


def latest_since(facts: Facts, value: str) -> Answer:
    """What the latest record since the complaint began says of fever or leucocytosis; nothing on record is unknown."""
    since, source = complaint_began(facts), facts.of("fever")

    def in_time(fact: Fact) -> Truth:
        return fact.current if fact.resource_type == "Condition" else fact.when.since(since)

    judged = [(f, in_time(f)) for f in source.facts if f.value == value]
    found = [f for f, counts in judged if counts is MET and first_record(f).is_known]
    if not found or source.unread:
        doubtful = tuple(
            f for f, counts in judged if counts is not NOT_MET and f.asserted is not NOT_MET
        )
        return Answer(UNKNOWN, doubtful, source.unread)
    latest = newest(found, day=first_record)
    said = {fact.asserted for fact in latest}
    if len(said) > 1:
        return Answer(UNKNOWN, latest, conflicting={MET, NOT_MET} <= said)
    return Answer(latest[0].asserted, latest)


@criterion(
    reads=("breast_inflammation", "fever"),
    settings=("recent_signs_months",),
    source="ibc-recognition, Anamnese",
)
def fever_now(facts: Facts) -> Answer:
    """Is there fever, as the latest record since the complaint began tells? Not on record is unknown."""
    return latest_since(facts, "fever")


@criterion(
    reads=("breast_inflammation", "fever"),
    settings=("recent_signs_months",),
    source="ibc-recognition, Anamnese",
)
def leucocytosis_now(facts: Facts) -> Answer:
    """Is there leucocytosis, as the latest record since the complaint began tells?"""
    return latest_since(facts, "leucocytosis")


@criterion(reads=("breast_inflammation",), source="ibc-recognition, Anamnese, Diagnostiek")
def sign_on_record(facts: Facts, sign: str) -> Answer:
    """Is this sign of this breast on record now?"""

    def now(fact: Fact) -> Truth:
        return truth(fact.value == sign) & here(facts, fact) & fact.current

    return facts.on_record("breast_inflammation", now, denied=lambda fact: denies(fact, now(fact)))


@criterion(reads=("breast_inflammation",), source="ibc-recognition, Anamnese, Diagnostiek")
def extent_at_least_a_third(facts: Facts) -> Answer:
    """Do the signs take up at least a third of this breast?"""
    found = [
        f
        for f in facts.of("breast_inflammation").facts
        if f.asserted & f.current & here(facts, f) is MET
    ]
    for value, result in (("third", MET), ("less", NOT_MET)):
        if said_so := tuple(f for f in found if value in attribute_values(f, "extent")):
            return Answer(result, said_so)
    return Answer(UNKNOWN, (), facts.of("breast_inflammation").unread)


@criterion(
    reads=("cancer_diagnosis",), source="project choice: what is diagnosed is not suspected again"
)
def inflammatory_cancer_already_diagnosed(facts: Facts) -> Answer:
    """Is inflammatory cancer of this breast known already? One without a side counts for every breast, and the other way round."""

    def known(fact: Fact) -> Truth:
        of_this_breast = (
            facts.side is Laterality.UNKNOWN
            or fact.side not in (Laterality.LEFT, Laterality.RIGHT)
            or fact.side is facts.side
        )
        return fact.current if fact.value == "inflammatory" and of_this_breast else NOT_MET

    return facts.on_record("cancer_diagnosis", known)


@criterion(
    reads=("breast_inflammation", "care_order"),
    settings=("recent_signs_months",),
    source="project choice: a referral since the complaint began answers the advice",
)
def breast_clinic_referral_since(facts: Facts) -> Answer:
    """Was the patient referred to a breast clinic since the complaint began? A referral without a side counts."""
    # Where the side of the complaint is not known, a referral for either breast may be for it, and counts.
    sideless = None if facts.side is Laterality.UNKNOWN else MET
    return ordered(
        facts, "care_order", ("breast_clinic",), complaint_began(facts), sideless=sideless
    )
