"""Inflammatory breast cancer that was diagnosed: its staging, and systemic therapy before surgery; about `facts.side`."""

from cds_service.facts.model import Fact, Laterality
from cds_service.fhir.dates import Dates, first
from cds_service.guideline.criterion import Answer, Facts, criterion, one_of
from cds_service.logic import MET, NOT_MET, UNKNOWN, Truth, truth

from ..shared.criteria.breast_imaging import examination_done
from ..shared.criteria.orders import ordered
from ..shared.criteria.treatment import done_since, systemic_treatment_since
from .criteria import here

SYSTEMIC = frozenset(
    ("chemotherapy", "anti_her2", "endocrine", "cdk46", "immunotherapy", "targeted", "systemic")
)


def inflammatory_cancer(facts: Facts, fact: Fact) -> Truth:
    """A current inflammatory cancer of this breast; one of unknown side only when no side is known."""
    if fact.value != "inflammatory":
        return NOT_MET
    if facts.side is Laterality.UNKNOWN and any(
        f.value == "inflammatory"
        and f.asserted & f.current is MET
        and f.side in (Laterality.LEFT, Laterality.RIGHT, Laterality.BOTH)
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
    found = inflammatory_cancer_now(facts).evidence
    return first((day for f in found for day in (f.when, f.recorded)), by_end=True)


# --- staging


def window(facts: Facts) -> Dates:
    """From when an examination counts: so many months before the diagnosis."""
    return diagnosed(facts).shifted(months=-facts.setting("staging_window_months"))


@criterion(
    reads=("cancer_diagnosis", "care_order", "tissue_sample"),
    settings=("staging_window_months",),
    source="ibc-recognition, Diagnostiek",
)
def skin_biopsy_missing(facts: Facts) -> Answer:
    """Is a biopsy of the skin of this breast neither on record nor ordered?"""
    opens = window(facts)

    def skin(sample: Fact) -> Truth:
        return truth(sample.value == "skin") & sample.on(facts.side) & sample.when.since(opens)

    done = facts.on_record("tissue_sample", skin)
    asked = ordered(facts, "care_order", ("skin_biopsy",), opens, sideless=UNKNOWN)
    return ~one_of((done, asked))


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
            ordered(facts, "care_order", (order,), opens, sideless=UNKNOWN),
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

    def of_fdg(order: Fact) -> Truth:
        return MET if order.value == "fdg_pet" else UNKNOWN

    return ~one_of(
        (
            done_since(facts, "scan", ("fdg_pet",), opens, doubtful=("pet",)),
            ordered(facts, "care_order", ("fdg_pet", "pet"), opens, where=of_fdg),
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
    return one_of(
        (
            ordered(facts, "care_order", SYSTEMIC, since),
            ordered(facts, "medication_order", SYSTEMIC, since),
        )
    )
