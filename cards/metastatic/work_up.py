"""What is not on record since a metastasis was found: staging, tissue, receptors, care of bone metastases."""

from cds_service.facts.model import Fact, Laterality
from cds_service.guideline.criterion import Answer, Facts, all_of, criterion, one_of
from cds_service.logic import MET, NOT_MET, UNKNOWN, Truth, truth

from ..shared.criteria.answers import attribute_values
from ..shared.criteria.orders import ordered
from ..shared.criteria.treatment import done_since
from ..shared.receptor_results import result_of
from .criteria import BONE, is_metastasis, metastases_at_several_sites, recent, since_found

# What the whole work-up takes: the facts that it reads, and its settings.
WORK_UP = (
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
)
WORK_UP_SETTINGS = ("new_metastasis_months", "several_organs_lesions", "several_sites_lesions")
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


def _seen(facts: Facts, kinds: tuple[str, ...], doubtful: tuple[str, ...] = ()) -> Answer:
    opens = since_found(facts)
    return one_of(
        (
            done_since(facts, "scan", kinds, opens, doubtful=doubtful),
            ordered(facts, "care_order", kinds, opens),
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
        return MET if tissue else UNKNOWN & result.when.since(opens)

    return facts.on_record("receptor", of_metastasis)


@criterion(
    reads=("cancer_diagnosis", "care_order", "lesion", "receptor", "tumour_stage"),
    source="metastatic-information, Aanvullend onderzoek",
)
def receptors_of_the_metastasis_missing(facts: Facts) -> Answer:
    """Are the hormone receptors of the metastasis not on record, nor their determination ordered?"""
    asked = ordered(facts, "care_order", ("receptors",), since_found(facts))
    return ~one_of((receptors_of_the_metastasis(facts), asked))


@criterion(
    reads=("cancer_diagnosis", "care_order", "lesion", "receptor", "tissue_sample", "tumour_stage"),
    source="metastatic-information, Aanvullend onderzoek",
)
def tissue_of_the_metastasis_missing(facts: Facts) -> Answer:
    """Is no tissue of the metastasis on record since it was found, and no biopsy ordered?"""
    opens = since_found(facts)
    of_skin = any(is_metastasis(facts, f) is MET for f in facts.find("lesion", ("skin",)))
    sites = METASTASIS | {"skin"} if of_skin else METASTASIS

    def taken(sample: Fact) -> Truth:
        if sample.value not in sites | PERHAPS_METASTASIS:
            return NOT_MET
        benign = "benign" in attribute_values(sample, "finding")
        surely = sample.value in sites and not benign
        return sample.when.since(opens) & (MET if surely else UNKNOWN)

    def of_a_metastasis(biopsy: Fact) -> Truth:
        """One with a side may be of the breast."""
        return MET if biopsy.side is Laterality.UNKNOWN else UNKNOWN

    return ~one_of(
        (
            facts.on_record("tissue_sample", taken),
            receptors_of_the_metastasis(facts),
            ordered(facts, "care_order", ("biopsy",), opens, where=of_a_metastasis),
        )
    )


@criterion(
    reads=WORK_UP,
    settings=WORK_UP_SETTINGS,
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
        "lesion", lambda fact: truth(fact.value in BONE) & is_metastasis(facts, fact)
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
        lambda fact: truth(fact.value in kinds) & recent(facts, fact),
        otherwise=UNKNOWN,
    )


def treated_locally(facts: Facts) -> Answer:
    """Whether bone was irradiated or stabilised since the metastasis was found, or that is ordered."""
    opens = since_found(facts)

    def of_bone(radiotherapy: Fact) -> Truth:
        fields = attribute_values(radiotherapy, "field") - {"unspecified_field"}
        return truth("bone" in fields) if fields else UNKNOWN

    return one_of(
        (
            done_since(facts, "radiotherapy", ("bone",), opens, doubtful=("unspecified_field",)),
            done_since(facts, "cancer_surgery", ("bone_stabilisation",), opens),
            ordered(facts, "care_order", ("radiotherapy",), opens, where=of_bone),
            ordered(facts, "care_order", ("bone_stabilisation",), opens),
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
