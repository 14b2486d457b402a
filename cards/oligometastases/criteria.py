"""The questions of module 10.1.1 (imaging in oligometastases) about FDG-PET/CT, its findings and the MDT. Not per breast."""

from collections.abc import Iterable
from dataclasses import replace

from cds_service.facts.model import Fact
from cds_service.fhir.dates import Dates
from cds_service.guideline.criterion import (
    Answer,
    Facts,
    agreed,
    all_of,
    any_of,
    criterion,
    newest,
)
from cds_service.logic import MET, NOT_MET, UNKNOWN, Truth, truth

from ..shared.criteria.answers import attribute_values, first_record
from ..shared.criteria.lesions import (
    PARTS,
    REGIONS,
    at_most_so_many_lesions,
    certainty,
    distant_lesions,
    since_suspicion,
)
from ..shared.criteria.orders import ordered, reasons
from ..shared.criteria.purpose import STATED
from ..shared.criteria.treatment import done_since, mdt_since

# Regions for which an MRI is offered. The sacrum belongs to spine and pelvis; by itself it is offered as pelvis.
OFFERED = {
    "spine": REGIONS["spine"] - {"sacrum"},
    "pelvis": REGIONS["pelvis"],
    "liver": REGIONS["liver"],
}
SKELETON = PARTS["bone"] | {"bone"}
CONSEQUENCE = frozenset(("consequence", "no_consequence"))  # of the outcome for the treatment
DAYS_OF_ONE_SCAN = 3  # study, report and findings of one scan may be dated a few days apart

PET = ("cancer_diagnosis", "lesion", "scan")  # what the latest FDG-PET/CT for this question takes
GROUNDS = (*PET, "care_order", "mdt_meeting")  # and what could be a ground for an MRI


def question_opens(facts: Facts) -> Dates:
    """From when scans, orders and meetings count: the suspicion, or some months ago (a setting) where no lesion is on record."""
    if distant_lesions(facts, (MET, UNKNOWN)):
        return since_suspicion(facts)
    return Dates(facts.today, facts.today).shifted(months=-facts.setting("pet_current_months"))


# --- FDG-PET/CT


def fdg_pet_ct(facts: Facts) -> Answer:
    """Whether an FDG-PET/CT was done for this question. A PET whose tracer nobody wrote down leaves it unknown."""
    answer = done_since(facts, "scan", ("fdg_pet",), question_opens(facts), doubtful=("pet",))
    unread = facts.of("lesion").unread
    # Lesions that were not read could move the date from which a scan counts.
    if unread and any(scan.value in ("fdg_pet", "pet") for scan in facts.of("scan").facts):
        return Answer(UNKNOWN, answer.evidence, answer.unread | unread)
    return answer


def latest_pet(facts: Facts) -> Fact | None:
    """The latest FDG-PET/CT for this question."""
    found = newest(scan for scan in fdg_pet_ct(facts).evidence if scan.value == "fdg_pet")
    return found[0] if found else None


def pet_date(facts: Facts) -> Dates:
    """When the latest FDG-PET/CT for this question was made."""
    pet = latest_pet(facts)
    return pet.when if pet is not None else Dates()


def conclusions(facts: Facts) -> frozenset[str]:
    """What the records of the latest FDG-PET/CT say of it: "no" (inconclusive), "told", or nothing."""
    opens = pet_date(facts).shifted(days=-DAYS_OF_ONE_SCAN)
    same = [
        scan
        for scan in fdg_pet_ct(facts).evidence
        if scan.value == "fdg_pet" and scan.when.since(opens) is MET
    ]
    return frozenset(word for scan in same for word in attribute_values(scan, "conclusive"))


@criterion(
    reads=PET,
    settings=("pet_current_months",),
    source="oligometastases-2026, Aanbeveling-1; Rationale van de 1e aanbeveling",
)
def fdg_pet_ct_done(facts: Facts) -> Answer:
    """Was an FDG-PET/CT done for this suspicion?"""
    return fdg_pet_ct(facts)


@criterion(
    reads=(*PET, "care_order"),
    settings=("pet_current_months",),
    source="oligometastases-2026, Aanbeveling-1",
)
def fdg_pet_ct_missing(facts: Facts) -> Answer:
    """Is no FDG-PET/CT on record for this suspicion? A PET, done or ordered, whose tracer nobody wrote down leaves it open.

    So does an order that calls an FDG-PET/CT inconclusive (it may lie elsewhere); with NaF that may be said of a bone scan.
    """
    order = facts.order
    if order is not None and order.value != "naf_pet" and "inconclusive" in reasons(order):
        return Answer(UNKNOWN, (order,))
    return all_of((~fdg_pet_ct(facts), ~_pet_of_unknown_tracer_ordered(facts)))


def _pet_of_unknown_tracer_ordered(facts: Facts) -> Answer:
    answer = asked_for(facts, ("pet",), question_opens(facts))
    return replace(answer, truth=UNKNOWN) if answer.truth is MET else answer


@criterion(
    reads=("cancer_diagnosis", "care_order", "lesion"),
    settings=("pet_current_months",),
    source="oligometastases-2026, Aanbeveling-1",
)
def fdg_pet_ct_ordered(facts: Facts) -> Answer:
    """Is an FDG-PET/CT ordered since the suspicion, or among the drafts of this request?"""
    return asked_for(facts, ("fdg_pet",), question_opens(facts))


def asked_for(facts: Facts, kinds: Iterable[str], since: Dates) -> Answer:
    """Whether one of these is ordered since a date, or since the suspicion and not carried out yet."""
    opens = question_opens(facts)
    return ordered(facts, "care_order", kinds, since, undated=UNKNOWN, to_come_since=opens)


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


# --- what the PET/CT left open


def uncertain_findings(facts: Facts, sites: Iterable[str] | None = None) -> Answer:
    """Whether a finding in these sites (anywhere) is uncertain on the latest FDG-PET/CT or since.

    Not met when the report concludes and leaves nothing uncertain there; unknown while no conclusion is on record.
    """
    done, pet, unread = fdg_pet_ct(facts), latest_pet(facts), facts.of("lesion").unread
    if pet is None and done.truth is NOT_MET:
        return replace(done, evidence=())
    if pet is None:
        return Answer(UNKNOWN, done.evidence, done.unread | unread)
    unclear = [
        (f, f.asserted & f.current & _told_since(f, pet.when))
        for f in facts.of("lesion").facts
        if certainty(f) == "uncertain"
    ]
    answer = any_of(((f, surely & lies_in(f, sites)) for f, surely in unclear), unread)
    if answer.truth is not NOT_MET:
        return answer
    # "Inconclusive" belongs to the findings that are named; where none is, it may belong to this site.
    explained = any(
        surely is MET and f.value not in ("bone", "unspecified") for f, surely in unclear
    )
    said = conclusions(facts)
    nothing_here = explained if "no" in said else "told" in said
    return Answer(NOT_MET if nothing_here else UNKNOWN, (pet,))


def _told_since(finding: Fact, pet: Dates) -> Truth:
    """Whether a finding is of this PET/CT or of later. A diagnosis of before that still stands may have been settled by it."""
    of_the_scan = "fdg_pet" in attribute_values(finding, "seen_on")
    opens = pet.shifted(days=-DAYS_OF_ONE_SCAN) if of_the_scan else pet
    since = first_record(finding).since(opens)
    return UNKNOWN if since is NOT_MET and finding.resource_type == "Condition" else since


def lies_in(finding: Fact, sites: Iterable[str] | None) -> Truth:
    """Whether a finding lies in one of some sites; "bone" may be any bone, an unspecified lesion may lie anywhere."""
    if sites is None:
        return MET
    wanted = frozenset(sites)
    if finding.value in wanted:
        return MET
    anywhere = {"unspecified", "bone"} if wanted & SKELETON else {"unspecified"}
    return UNKNOWN if finding.value in anywhere else NOT_MET


@criterion(
    reads=PET,
    settings=("pet_current_months",),
    source="oligometastases-2026, Aanbeveling-1",
)
def uncertain_finding_on_pet(facts: Facts, region: str) -> Answer:
    """Did the FDG-PET/CT leave a finding in this region uncertain, or is one uncertain since?"""
    return uncertain_findings(facts, OFFERED[region])


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
        (meeting, meeting.asserted & meeting.when.since(opens))
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
