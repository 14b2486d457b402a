"""The questions of module 10.1.1 (imaging in oligometastases) about what the outcome would change, MRI and the MDT. Not per breast."""

from collections.abc import Mapping
from dataclasses import replace

from cds_service.facts.model import Fact
from cds_service.guideline.criterion import (
    Answer,
    Facts,
    agreed,
    all_of,
    criterion,
    newest,
    one_of,
)
from cds_service.logic import MET, NOT_MET, UNKNOWN, truth

from ..shared.criteria.alarm import alarm_on_record, standing_alarms
from ..shared.criteria.answers import attribute_values
from ..shared.criteria.lesions import REGIONS, at_most_so_many_lesions, distant_lesions
from ..shared.criteria.orders import reasons
from ..shared.criteria.purpose import STATED
from ..shared.criteria.treatment import done_since, mdt_since
from ..shared.examinations import NONE, examination, kinds_of
from .fdg_pet import (
    OFFERED,
    PET,
    asked_for,
    pet_date,
    question_opens,
    uncertain_finding_on_pet,
    uncertain_findings,
)

GROUNDS = (*PET, "care_order", "mdt_meeting")  # what could be a ground for an MRI
CONSEQUENCE = frozenset(("consequence", "no_consequence"))  # of the outcome for the treatment


# --- how many lesions


@criterion(
    reads=("cancer_diagnosis", "lesion"),
    settings=("most_oligo_lesions",),
    source="oligometastases-2026, Uitgangsvraag",
    values=("lesions",),
)
def more_lesions_than_oligometastatic(facts: Facts) -> Answer:
    """Are more distinct distant lesions on record than oligometastatic disease has (a setting)?"""
    return ~at_most_so_many_lesions(facts)


# --- what the outcome would change


def said_of_consequence(facts: Facts, meetings: frozenset[str]) -> Answer:
    """Whether the outcome would change the treatment, by the order's reason (without an order: that of an MDT request), and
    otherwise by the newest MDT that says so. `meetings`: the statements of an MDT that count."""
    orders = (facts.order,) if facts.order is not None else facts.find("care_order", ("mdt",))
    if stated := [order for order in orders if reasons(order) & CONSEQUENCE]:
        return agreed(_consequence(order, reasons(order)) for order in stated)
    opens, unread = question_opens(facts), facts.of("mdt_meeting").unread
    unread |= facts.of("care_order").unread if facts.order is None else frozenset()
    said = [
        (meeting, meeting.holds & meeting.when.since(opens))
        for meeting in facts.of("mdt_meeting").facts
        if attribute_values(meeting, "consequence") & meetings
    ]
    sure = [meeting for meeting, surely in said if surely is MET]
    if unread or not sure:
        return Answer(UNKNOWN, tuple(m for m, surely in said if surely is UNKNOWN), unread)
    return agreed(_consequence(m, attribute_values(m, "consequence")) for m in newest(sure))


def _consequence(fact: Fact, words: frozenset[str]) -> Answer:
    if words >= CONSEQUENCE:
        return Answer(UNKNOWN, (fact,), conflicting=True)
    return Answer(truth("consequence" in words), (fact,))


@criterion(
    reads=("cancer_diagnosis", "care_order", "lesion", "mdt_meeting"),
    settings=("pet_current_months",),
    source="oligometastases-2026, Aanbeveling-1",
)
def outcome_changes_local_treatment(facts: Facts) -> Answer:
    """Would the outcome directly change the local treatment, by the order's reason or the MDT? A reason that states staging,
    surveillance or routine and names no consequence says that it would not. Otherwise unknown."""
    answer, order = said_of_consequence(facts, CONSEQUENCE), facts.order
    if order is None or answer.truth is not UNKNOWN or answer.evidence or answer.unread:
        return answer
    routine = reasons(order) & STATED and "consequence_asked" not in reasons(order)
    return Answer(NOT_MET, (order,)) if routine else answer


# --- MRI of exactly that region


def regions_wanted(facts: Facts) -> Mapping[str, tuple[Fact, ...]]:
    """The regions that an MRI could settle, each with its findings: the uncertain ones; without any, and when the outcome
    changes the local treatment, those with a lesion."""
    silent = regions_of_an_alarm(facts)
    uncertain = {
        region: uncertain_finding_on_pet(facts, region)
        for region in OFFERED
        if region not in silent
    }
    wanted = {
        region: answer.evidence for region, answer in uncertain.items() if answer.truth is MET
    }
    if wanted or outcome_changes_local_treatment(facts).truth is not MET:
        return wanted
    placed = {
        region: tuple(f for f in distant_lesions(facts) if f.value in sites)
        for region, sites in OFFERED.items()
        if region not in silent
    }
    return {region: found for region, found in placed.items() if found}


def regions_of_an_alarm(facts: Facts) -> frozenset[str]:
    """The regions in which an alarm stands: the spine for its cord and for a deficit; for a fracture the regions that it names, and
    without one spine and pelvis."""
    found: set[str] = set()
    for alarm in standing_alarms(facts):
        named = attribute_values(alarm, "region")
        if alarm.value != "fracture":
            found.add("spine")
        else:
            found |= named & OFFERED.keys() if named else {"spine", "pelvis"}
    return frozenset(found)


@criterion(
    reads=GROUNDS,
    aside=("alarm",),
    settings=("alarm_days", "alarm_months", "pet_current_months"),
    source="project choice: the rule on alarms, which come before every advice",
)
def alarm_in_every_such_region(facts: Facts) -> Answer:
    """Does an alarm stand in every region that an MRI could settle, so that this is a matter of haste? Not read: asked."""
    answer = alarm_on_record(facts)
    if answer.truth is not MET:
        return answer
    return answer if regions_of_an_alarm(facts) and not regions_wanted(facts) else Answer(NOT_MET)


def _answered(facts: Facts, region: str, findings: tuple[Fact, ...]) -> Answer:
    """Whether an MRI of this region, or of the whole body, was done or ordered since the PET/CT."""
    only_sacrum = region == "pelvis" and findings and all(f.value == "sacrum" for f in findings)
    kinds = kinds_of("mri", region, "whole_body", *(["spine"] if only_sacrum else []))
    return one_of(
        (
            done_since(facts, "scan", kinds, pet_date(facts), doubtful=("mri",)),
            asked_for(facts, kinds, pet_date(facts)),
        )
    )


@criterion(
    reads=GROUNDS,
    aside=("alarm",),
    settings=("alarm_days", "alarm_months", "pet_current_months"),
    source="oligometastases-2026, Aanbeveling-1",
    values=("regions",),
)
def mri_of_every_such_region_is_done_or_ordered(facts: Facts) -> Answer:
    """Is there an MRI since the PET/CT, done or ordered, of every region that it could settle?"""
    wanted = regions_wanted(facts)
    answers = {
        region: _answered(facts, region, wanted.get(region, ())) for region in wanted or OFFERED
    }
    still_open = [region for region in wanted if answers[region].truth is not MET]
    answer = all_of(answers.values()) if wanted else one_of(answers.values())
    return replace(answer, values={"regions": tuple(still_open) or "region_of_the_mdt"})


@criterion(
    reads=GROUNDS,
    aside=("alarm",),
    settings=("alarm_days", "alarm_months", "pet_current_months"),
    source="oligometastases-2026, Aanbeveling-1",
)
def mri_of_this_region_is_worth_considering(facts: Facts, region: str) -> Answer:
    """Is this region one that an MRI could settle, without an MRI of it since the PET/CT?"""
    wanted = regions_wanted(facts)
    return ~_answered(facts, region, wanted[region]) if region in wanted else Answer(NOT_MET)


def _region(order: Fact | None) -> str:
    """The region of an MRI that is ordered; "" for what is none."""
    made = examination(order.value) if order is not None else NONE
    return made.region if made.modality == "mri" else ""


@criterion(
    reads=PET,
    settings=("pet_current_months",),
    source="oligometastases-2026, Aanbeveling-1",
)
def uncertain_finding_in_the_ordered_region(facts: Facts) -> Answer:
    """Did the FDG-PET/CT leave a finding uncertain in the region of the MRI that is ordered, or is one uncertain since?"""
    return uncertain_findings(facts, REGIONS.get(_region(facts.order), frozenset()))


@criterion(
    reads=GROUNDS,
    settings=("pet_current_months",),
    source="oligometastases-2026, Aanbeveling-1",
)
def mri_of_the_ordered_region_has_a_ground(facts: Facts) -> Answer:
    """Is a finding in the ordered region uncertain, or would the outcome directly change the local treatment?"""
    return one_of(
        (uncertain_finding_in_the_ordered_region(facts), outcome_changes_local_treatment(facts))
    )


@criterion(
    reads=GROUNDS,
    settings=("pet_current_months",),
    source="oligometastases-2026, Aanbeveling-1",
)
def nothing_else_in_this_order_has_a_place(facts: Facts) -> Answer:
    """Does the rest of the order hold no MRI of a region that has a ground, and no other examination? Then it can be removed whole."""
    rest = [
        o
        for o in facts.of("care_order").facts
        if facts.order is not None and o.draft == facts.order.draft and o is not facts.order
    ]
    kept = [
        o
        for o in rest
        if _region(o) not in REGIONS
        or mri_of_the_ordered_region_has_a_ground(replace(facts, order=o)).truth is MET
    ]
    return Answer(NOT_MET if kept else MET, tuple(kept))


# --- the multidisciplinary meeting


@criterion(
    reads=(*PET, "mdt_meeting"),
    settings=("pet_current_months",),
    source="oligometastases-2026, Rationale van de 1e aanbeveling",
)
def mdt_since_the_pet_ct(facts: Facts) -> Answer:
    """Was the patient discussed in an MDT since the FDG-PET/CT, or is such a meeting planned?"""
    return mdt_since(facts, pet_date(facts))


@criterion(
    reads=(*PET, "care_order"),
    settings=("pet_current_months",),
    source="oligometastases-2026, Rationale van de 1e aanbeveling",
)
def mdt_ordered(facts: Facts) -> Answer:
    """Is an MDT asked for since the FDG-PET/CT, or since the suspicion and not held yet?"""
    return asked_for(facts, ("mdt",), pet_date(facts))
