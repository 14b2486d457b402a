"""What is not on record since a metastasis was found: staging, tissue, receptors, care of bone metastases."""

from cds_service.facts.model import Fact, Side
from cds_service.guideline.criterion import Answer, Facts, all_of, criterion, one_of
from cds_service.logic import MET, NOT_MET, UNKNOWN, Truth

from ..shared.criteria.answers import attribute_values
from ..shared.criteria.treatment import done_since
from ..shared.receptor_results import result_of
from .criteria import BONE, confirmed, metastases_at_several_sites, recent, since_found

WHOLE_BODY, PERHAPS_WHOLE_BODY = ("fdg_pet", "pet"), ("fes_pet", "mri_whole_body")
# The standard combination: chest film, ultrasound of the liver, bone scan; or an examination of the same part that shows more.
CHEST, LIVER, SKELETON = (
    ("chest_xray", "ct_chest"),
    ("liver_ultrasound", "ct_abdomen", "mri_liver"),
    ("bone_scan", "naf_pet"),
)
# Tissue that can only be of a metastasis, and tissue that may be.
METASTASIS, PERHAPS_METASTASIS = (
    frozenset(("bone", "liver", "lung", "metastasis")),
    frozenset(("node", "other", "unspecified_site")),
)
HORMONE_RECEPTORS = ("er", "pr")
NERVE = frozenset(("neurological", "cord_compression"))
COMPLAINTS = NERVE | {"bone_pain", "fracture_risk", "pathological_fracture"}


def ordered(facts: Facts, kinds: tuple[str, ...]) -> Answer:
    """Whether something of these kinds is ordered since the metastasis was found. A biopsy with a side may be of the breast."""
    opens = since_found(facts)

    def counts(order: Fact) -> Truth:
        if order.value not in kinds:
            return NOT_MET
        surely = UNKNOWN if order.value == "biopsy" and order.side is not Side.UNKNOWN else MET
        return surely & (
            order.when.not_before(opens) if order.when.is_known and opens.is_known else MET
        )

    return facts.on_record("care_order", counts)


def _seen(facts: Facts, kinds: tuple[str, ...], doubtful: tuple[str, ...] = ()) -> Answer:
    return one_of(
        (
            done_since(facts, "scan", kinds, since_found(facts), doubtful=doubtful),
            ordered(facts, kinds),
        )
    )


@criterion(
    reads=("cancer_diagnosis", "care_order", "lesion", "scan", "tumour_stage"),
    settings=("several_organs_lesions", "several_sites_lesions"),
    source="metastatic-information, Aanvullend onderzoek",
)
def rest_of_the_body_not_staged(facts: Facts) -> Answer:
    """Is neither a PET/CT nor the standard combination done or ordered? With several sites known there is nothing to look for."""
    several = metastases_at_several_sites(facts)
    if several.truth is MET:
        return Answer(NOT_MET, several.evidence)
    combination = all_of(_seen(facts, part) for part in (CHEST, LIVER, SKELETON))
    return ~one_of((_seen(facts, WHOLE_BODY, PERHAPS_WHOLE_BODY), combination))


def receptors_of_the_metastasis(facts: Facts) -> Answer:
    """Whether the hormone receptors of the metastasis are known; a newer result of an untold tissue leaves it unknown."""
    opens = since_found(facts)

    def of_metastasis(result: Fact) -> Truth:
        tissue = attribute_values(result, "tissue")
        of_hormones = any(result_of(result.value, marker) for marker in HORMONE_RECEPTORS)
        if not of_hormones or tissue and "metastasis" not in tissue:
            return NOT_MET
        if tissue:
            return MET
        return UNKNOWN & (
            result.when.not_before(opens) if result.when.is_known and opens.is_known else UNKNOWN
        )

    return facts.on_record("receptor", of_metastasis)


@criterion(
    reads=("cancer_diagnosis", "care_order", "lesion", "receptor", "tumour_stage"),
    source="metastatic-information, Aanvullend onderzoek",
)
def receptors_of_the_metastasis_missing(facts: Facts) -> Answer:
    """Are the hormone receptors of the metastasis not on record, nor their determination ordered?"""
    return ~one_of((receptors_of_the_metastasis(facts), ordered(facts, ("receptors",))))


@criterion(
    reads=("cancer_diagnosis", "care_order", "lesion", "receptor", "tissue_sample", "tumour_stage"),
    source="metastatic-information, Aanvullend onderzoek",
)
def tissue_of_the_metastasis_missing(facts: Facts) -> Answer:
    """Is no tissue of the metastasis on record since it was found, and no biopsy ordered?"""
    opens = since_found(facts)
    of_skin = any(
        f.value == "skin" and confirmed(facts, f) is MET for f in facts.of("lesion").facts
    )

    def taken(sample: Fact) -> Truth:
        sites = METASTASIS | {"skin"} if of_skin else METASTASIS
        if sample.value not in sites | PERHAPS_METASTASIS:
            return NOT_MET
        when = sample.when.not_before(opens) if sample.when.is_known and opens.is_known else UNKNOWN
        return when & (
            MET
            if sample.value in sites and "benign" not in attribute_values(sample, "finding")
            else UNKNOWN
        )

    return ~one_of(
        (
            facts.on_record("tissue_sample", taken),
            receptors_of_the_metastasis(facts),
            ordered(facts, ("biopsy",)),
        )
    )


@criterion(
    reads=(
        "bone_protection",
        "cancer_diagnosis",
        "cancer_surgery",
        "care_order",
        "complication",
        "lesion",
        "radiotherapy",
        "receptor",
        "scan",
        "tissue_sample",
        "tumour_stage",
    ),
    settings=("new_metastasis_months", "several_organs_lesions", "several_sites_lesions"),
    source="metastatic-information, Aanvullend onderzoek; Bestraling; Andere maatregelen",
)
def something_is_missing(facts: Facts) -> Answer:
    """Is any of it missing? A complaint of the bones counts where it is on record; that nobody recorded one asks nothing."""
    complaint = bone_complaint_without_local_treatment(facts)
    missing = [
        rest_of_the_body_not_staged(facts),
        tissue_of_the_metastasis_missing(facts),
        receptors_of_the_metastasis_missing(facts),
        bone_metastases_without_bone_protection(facts),
    ]
    return one_of([*missing, *([complaint] if complaint.truth is MET or complaint.unread else [])])


# --- bone


def bone_metastasis(facts: Facts) -> Answer:
    """Whether a bone metastasis is confirmed."""
    return facts.on_record(
        "lesion", lambda fact: confirmed(facts, fact) if fact.value in BONE else NOT_MET
    )


@criterion(
    reads=("bone_protection", "cancer_diagnosis", "lesion", "tumour_stage"),
    source="metastatic-information, Andere maatregelen",
)
def bone_metastases_without_bone_protection(facts: Facts) -> Answer:
    """Are there bone metastases, and no bisphosphonate or denosumab since?"""
    given = done_since(
        facts, "bone_protection", ("bisphosphonate", "denosumab"), since_found(facts)
    )
    return all_of((bone_metastasis(facts), ~given))


def complaint(facts: Facts, kinds: frozenset[str]) -> Answer:
    """Whether such a complaint is on record now; nobody need write it down."""
    return facts.on_record(
        "complication",
        lambda fact: recent(facts, fact) if fact.value in kinds else NOT_MET,
        otherwise=UNKNOWN,
    )


def treated_locally(facts: Facts) -> Answer:
    """Whether bone was irradiated or stabilised since the metastasis was found, or that is ordered."""
    opens = since_found(facts)

    def field_ordered(order: Fact) -> Truth:
        fields = attribute_values(order, "field") - {"unspecified_field"}
        if order.value != "radiotherapy" or fields and "bone" not in fields:
            return NOT_MET
        when = order.when.not_before(opens) if order.when.is_known and opens.is_known else MET
        return when & (MET if fields else UNKNOWN)

    return one_of(
        (
            done_since(facts, "radiotherapy", ("bone",), opens, doubtful=("unspecified_field",)),
            done_since(facts, "cancer_surgery", ("bone_stabilisation",), opens),
            facts.on_record("care_order", field_ordered),
            ordered(facts, ("bone_stabilisation",)),
        )
    )


@criterion(
    reads=(
        "cancer_diagnosis",
        "cancer_surgery",
        "care_order",
        "complication",
        "lesion",
        "radiotherapy",
        "tumour_stage",
    ),
    settings=("new_metastasis_months",),
    source="metastatic-information, Bestraling; Andere maatregelen",
)
def bone_complaint_without_local_treatment(facts: Facts) -> Answer:
    """Do bone metastases come with pain, nerve symptoms or a risk of fracture, without radiotherapy or stabilisation since?"""
    return all_of((bone_metastasis(facts), complaint(facts, COMPLAINTS), ~treated_locally(facts)))


@criterion(
    reads=("complication",),
    settings=("new_metastasis_months",),
    source="metastatic-information, Bestraling; Andere maatregelen",
)
def nerve_symptoms(facts: Facts) -> Answer:
    """Are there nerve symptoms or signs of compression of the spinal cord?"""
    return complaint(facts, NERVE)
