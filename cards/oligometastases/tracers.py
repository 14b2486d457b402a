"""The questions of module 10.1.1 about PET with another tracer than FDG, and the bone scan; all on an order."""

from itertools import product

from cds_service.facts.model import Fact
from cds_service.guideline.criterion import Answer, Facts, all_of, any_of, criterion
from cds_service.logic import MET, NOT_MET, UNKNOWN, Truth, truth

from ..shared.criteria.answers import attribute_values, first_record
from ..shared.criteria.lesions import PARTS, certainty
from ..shared.criteria.orders import reasons
from .criteria import (
    SKELETON,
    conclusions,
    fdg_pet_ct,
    latest_pet,
    lies_in,
    question_opens,
    said_of_consequence,
    uncertain_findings,
)

# Tracers that are mostly asked for because of another disease.
OF_ANOTHER_DISEASE = frozenset(("psma_pet", "fluciclovine_pet", "other_pet"))


@criterion(
    source="oligometastases-2026, Aanbeveling-2; Overwegingen, uitgangsvraag 2; rationale van de 2e aanbeveling"
)
def order_is(facts: Facts, kind: str) -> Answer:
    """Is this the examination that is ordered?"""
    return Answer(truth(facts.order is not None and facts.order.value == kind))


@criterion(
    reads=("other_cancer_in_order", "prostate_cancer"),
    source="oligometastases-2026, Aanbeveling-1; Aanbeveling-2; Overwegingen, uitgangsvraag 2; rationale van de 2e aanbeveling",
)
def ordered_for_the_breast_cancer(facts: Facts) -> Answer:
    """Is it ordered for the breast cancer, not for another disease? Without a reason it is.

    A tracer that is mostly one of another disease is not when its reason is one that nobody here knows, nor when prostate
    cancer is on record. Urgency makes no difference: no PET with another tracer is an emergency.
    """
    order = facts.order
    if order is None:
        return Answer(NOT_MET)
    named = (
        *said_by_the_order(facts, "other_cancer_in_order"),
        *said_by_the_order(facts, "prostate_cancer"),
    )
    if named:
        return Answer(NOT_MET, named)
    if order.value not in OF_ANOTHER_DISEASE:
        return Answer(MET, (order,))
    if reasons(order) and reasons(order) <= {"other", "suspicion"}:
        return Answer(NOT_MET, (order,))
    return ~_prostate_cancer(facts)


def said_by_the_order(facts: Facts, name: str) -> tuple[Fact, ...]:
    """What the order under review says in its reason or in a remark, suspected or doubted things too."""
    return tuple(
        f
        for f in facts.find(name, possible=True)
        if facts.order is not None and f.draft == facts.order.draft
    )


def _prostate_cancer(facts: Facts) -> Answer:
    """Prostate cancer on record, past or suspected too: then its tracer is not for the breast cancer as far as we can tell."""
    on_record = [
        f for f in facts.find("prostate_cancer", possible=True) if f.resource_type == "Condition"
    ]
    return any_of(((f, MET) for f in on_record), facts.of("prostate_cancer").unread)


@criterion(
    reads=("study_participation",),
    source="oligometastases-2026, Aanbeveling-2; Overwegingen, uitgangsvraag 2; rationale van de 2e aanbeveling",
)
def ordered_outside_a_study(facts: Facts) -> Answer:
    """Is it ordered outside a study: no research reason, and the patient in no study now?"""
    if facts.order is not None and "research" in reasons(facts.order):
        return Answer(NOT_MET, (facts.order,))
    return ~facts.on_record("study_participation", lambda participation: participation.current)


# --- FES-PET


@criterion(
    reads=("cancer_diagnosis", "lesion", "scan"),
    settings=("pet_current_months",),
    source="oligometastases-2026, Aanbeveling-2",
)
def fdg_pet_ct_was_inconclusive(facts: Facts) -> Answer:
    """Was an FDG-PET/CT done that did not give enough information, by its report, its findings or the order's reason?"""
    if facts.order is not None and "inconclusive" in reasons(facts.order):
        return Answer(MET, (facts.order,))
    done, pet = fdg_pet_ct(facts), latest_pet(facts)
    if done.truth is MET and pet is not None and "no" in conclusions(facts):
        return Answer(MET, (pet,))
    return uncertain_findings(facts) if done.truth is MET else done


@criterion(source="oligometastases-2026, Aanbeveling-2")
def biopsy_is_not_preferred(facts: Facts) -> Answer:
    """Is a biopsy not preferred? Only the order's reason says so; otherwise it is unknown."""
    order = facts.order
    if order is not None and "no_biopsy" in reasons(order):
        return Answer(MET, (order,))
    return Answer(UNKNOWN)


@criterion(
    reads=("cancer_diagnosis", "care_order", "lesion", "mdt_meeting"),
    settings=("pet_current_months",),
    source="oligometastases-2026, Aanbeveling-2",
)
def outcome_changes_choice_of_treatment(facts: Facts) -> Answer:
    """Would the outcome directly change the choice of treatment? What an MDT says against it is about local treatment only."""
    return said_of_consequence(facts, frozenset(("consequence",)))


@criterion(
    reads=("cancer_diagnosis", "care_order", "lesion", "mdt_meeting", "scan"),
    settings=("pet_current_months",),
    source="oligometastases-2026, Aanbeveling-2",
)
def fes_pet_is_an_exception(facts: Facts) -> Answer:
    """Do all three conditions hold under which FES-PET/CT has a place?"""
    return all_of(
        (
            fdg_pet_ct_was_inconclusive(facts),
            biopsy_is_not_preferred(facts),
            outcome_changes_choice_of_treatment(facts),
        )
    )


# --- bone scan and NaF-PET/CT


@criterion(
    reads=("cancer_diagnosis", "lesion", "unclear_findings_in_order"),
    settings=("pet_current_months",),
    source="oligometastases-2026, Aanbeveling-2; Overwegingen, uitgangsvraag 2",
)
def bone_findings_are_unclear(facts: Facts) -> Answer:
    """Are findings in the skeleton uncertain, do examinations contradict each other, or does the order's reason say so?"""
    if said := said_by_the_order(facts, "unclear_findings_in_order"):
        return Answer(MET, said)
    if facts.order is not None and "inconclusive" in reasons(facts.order):
        return Answer(MET, (facts.order,))
    unclear = [
        (f, f.asserted & _tells_of_bone_now(facts, f))
        for f in facts.of("lesion").facts
        if certainty(f) == "uncertain"
    ]
    answer = any_of(unclear, facts.of("lesion").unread)
    opposed = _discrepant(facts)
    return Answer(MET, opposed) if answer.truth is not MET and opposed else answer


def _tells_of_bone_now(facts: Facts, finding: Fact) -> Truth:
    """A diagnosis that still stands, or a finding since the suspicion, in any bone."""
    in_bone_now = finding.current & lies_in(finding, SKELETON)
    if finding.resource_type == "Condition":
        return in_bone_now
    return in_bone_now & first_record(finding).since(question_opens(facts))


def _discrepant(facts: Facts) -> tuple[Fact, ...]:
    """A bone lesion and its denial in another record, both since the suspicion, about the same place."""
    opens = question_opens(facts)
    bone = [
        f
        for f in facts.of("lesion").facts
        if f.value in SKELETON and first_record(f).since(opens) is MET
    ]
    seen = [f for f in bone if f.asserted & f.current is MET]
    denied = [f for f in bone if f.asserted is NOT_MET]
    pairs = [
        (one, other)
        for one, other in product(seen, denied)
        if one.reference != other.reference and _same_place(one, other)
    ]
    return tuple(dict.fromkeys(fact for pair in pairs for fact in pair))


def _same_place(one: Fact, other: Fact) -> bool:
    places = attribute_values(one, "place"), attribute_values(other, "place")
    if all(places) and not places[0] & places[1]:
        return False
    return (
        one.value == other.value
        or one.value in PARTS.get(other.value, ())
        or other.value in PARTS.get(one.value, ())
    )
