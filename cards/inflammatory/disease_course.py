"""Inflammatory breast cancer that was diagnosed: its staging, and systemic therapy before surgery; about `facts.side`."""

from cds_service.facts.model import Fact, Side
from cds_service.fhir.dates import Dates, add_months
from cds_service.guideline.criterion import Answer, Facts, criterion, one_of
from cds_service.logic import MET, NOT_MET, UNKNOWN, Truth

from ..shared.criteria.breast_imaging import examination_done
from ..shared.criteria.orders import ordered
from ..shared.criteria.treatment import done_since, systemic_treatment_since
from .criteria import earliest, here

SYSTEMIC = frozenset(
    ("chemotherapy", "anti_her2", "endocrine", "cdk46", "immunotherapy", "targeted", "systemic")
)


def inflammatory_cancer(facts: Facts, fact: Fact) -> Truth:
    """A current inflammatory cancer of this breast; one of unknown side only when no side is known."""
    if fact.value != "inflammatory":
        return NOT_MET
    if facts.side is Side.UNKNOWN and any(
        f.value == "inflammatory"
        and f.holds & f.current is MET
        and f.side in (Side.LEFT, Side.RIGHT, Side.BOTH)
        for f in facts.of("cancer_diagnosis").facts
    ):
        return NOT_MET
    return here(facts, fact) & fact.current


@criterion(reads=("cancer_diagnosis",), source="ibc-recognition, Diagnostiek; Behandeling")
def inflammatory_cancer_now(facts: Facts) -> Answer:
    """Is inflammatory cancer of this breast diagnosed and current? A suspicion is not enough, a past one does not count."""
    return facts.on_record("cancer_diagnosis", lambda fact: inflammatory_cancer(facts, fact))


def diagnosed(facts: Facts) -> Dates:
    """When it was diagnosed: the earliest date that the record gives."""
    return earliest(
        [day for f in inflammatory_cancer_now(facts).evidence for day in (f.when, f.recorded)]
    )


# --- staging


def window(facts: Facts) -> Dates:
    """From when an examination counts: so many months before the diagnosis."""
    months, day = facts.setting("staging_window_months"), diagnosed(facts)
    return Dates(*(add_months(d, -months) if d else None for d in (day.earliest, day.latest)))


@criterion(
    reads=("cancer_diagnosis", "care_order", "tissue_sample"),
    settings=("staging_window_months",),
    source="ibc-recognition, Diagnostiek",
)
def skin_biopsy_missing(facts: Facts) -> Answer:
    """Is a biopsy of the skin of this breast neither on record nor ordered?"""
    opens = window(facts)

    def skin(sample: Fact) -> Truth:
        in_time = (
            sample.when.not_before(opens) if opens.is_known and sample.when.is_known else UNKNOWN
        )
        return sample.on(facts.side) & in_time if sample.value == "skin" else NOT_MET

    done = facts.on_record("tissue_sample", skin)
    return ~one_of((done, ordered(facts, "care_order", "skin_biopsy", opens, sideless=False)))


@criterion(
    reads=("breast_imaging", "cancer_diagnosis", "care_order"),
    settings=("staging_window_months",),
    source="ibc-recognition, Diagnostiek",
)
def mammography_and_ultrasound_missing(facts: Facts) -> Answer:
    """Is neither a mammography nor an ultrasound of this breast on record or ordered? One of them is enough."""
    return ~one_of(
        _examined(facts, modality, modality) for modality in ("mammography", "ultrasound")
    )


@criterion(
    reads=("breast_imaging", "cancer_diagnosis", "care_order"),
    settings=("staging_window_months",),
    source="ibc-recognition, Diagnostiek",
)
def breast_mri_missing(facts: Facts) -> Answer:
    """Is an MRI of this breast neither on record nor ordered?"""
    return ~_examined(facts, "mri", "mri_breast")


def _examined(facts: Facts, modality: str, order: str) -> Answer:
    opens = window(facts)
    return one_of(
        (
            examination_done(facts, opens, modality),
            ordered(facts, "care_order", order, opens, sideless=False),
        )
    )


@criterion(
    reads=("cancer_diagnosis", "care_order", "scan"),
    settings=("staging_window_months",),
    source="ibc-recognition, Diagnostiek",
)
def fdg_pet_ct_missing(facts: Facts) -> Answer:
    """Is an FDG-PET/CT neither on record nor ordered? Of a PET without a known tracer nobody can say."""
    opens = window(facts)

    def wanted(order: Fact) -> Truth:
        if order.value not in ("fdg_pet", "pet"):
            return NOT_MET
        in_time = (
            order.when.not_before(opens)
            if opens.is_known and order.when.is_known and order.draft is None
            else MET
        )
        return in_time & (MET if order.value == "fdg_pet" else UNKNOWN)

    return ~one_of(
        (
            done_since(facts, "scan", ("fdg_pet",), opens, doubtful=("pet",)),
            facts.on_record("care_order", wanted),
        )
    )


@criterion(
    reads=("breast_imaging", "cancer_diagnosis", "care_order", "scan", "tissue_sample"),
    settings=("staging_window_months",),
    source="ibc-recognition, Diagnostiek",
)
def an_examination_is_missing(facts: Facts) -> Answer:
    """Is any of these examinations missing?"""
    return one_of(
        (
            skin_biopsy_missing(facts),
            mammography_and_ultrasound_missing(facts),
            breast_mri_missing(facts),
            fdg_pet_ct_missing(facts),
        )
    )


# --- treatment


@criterion(reads=("cancer_diagnosis", "systemic_treatment"), source="ibc-recognition, Behandeling")
def no_systemic_therapy_since_diagnosis(facts: Facts) -> Answer:
    """Did no systemic therapy, of whatever kind, begin since the diagnosis?"""
    return ~systemic_treatment_since(facts, diagnosed(facts))


@criterion(
    reads=("cancer_diagnosis", "care_order", "medication_order"),
    source="ibc-recognition, Behandeling",
)
def systemic_therapy_ordered(facts: Facts) -> Answer:
    """Is systemic therapy ordered since the diagnosis, or in this same request?"""
    since = diagnosed(facts)

    def for_this(order: Fact) -> Truth:
        if order.value not in SYSTEMIC or order is facts.order:
            return NOT_MET
        return (
            order.when.not_before(since)
            if order.draft is None and order.when.is_known and since.is_known
            else MET
        )

    return one_of(
        (facts.on_record("care_order", for_this), facts.on_record("medication_order", for_this))
    )
