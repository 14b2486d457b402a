"""The words of cases.yaml: each gives valid FHIR R4 of this patient, in every way of telling it, and refuses what it does not know."""

import inspect
from datetime import date

import pytest

from cds_service.casebook.vocabulary import Writer, words_of, write
from cds_service.content import content_modules
from cds_service.fhir.validation import problems

TODAY = date(2026, 6, 15)
WORDS = words_of("shared")
PATIENT_ELEMENT = {"FamilyMemberHistory": "patient", "ResearchSubject": "individual"}


def each(option: str, *values: object, **others: object) -> list[dict]:
    return [{option: value, **others} for value in values]


COURSE = {
    "onset": "-5 months",
    "recorded": "-4 months",
    "clinical": "recurrence",
    "verification": "provisional",
    "remark": "x",
}
SIDES = [
    *each("side_in", "bodySite", "zib", "mcode", "text", side="left"),
    {"side": "both"},
    {"side": "right", "coded": "none"},
]
DONE = [
    {},
    {"date": "-1 year as month", "status": "planned"},
    {
        "date": "-3 months",
        "until": "-1 week",
        "status": "in-progress",
        "reason": "x",
        "remark": "y",
    },
    {"coded": "none"},
]
EXAMINATION = [
    {},
    *each(
        "as",
        "DiagnosticReport",
        "ImagingStudy",
        "Procedure",
        date="-1 week",
        conclusion="Geen afwijkingen",
    ),
    *each(
        "as",
        "DiagnosticReport",
        "ImagingStudy",
        "Procedure",
        date="-1 week",
        findings=[{"site": "liver"}, {"site": "bone", "as": "Observation"}],
    ),
    {"findings": [{"site": "liver", "certainty": "benign"}], "linked": False},
    {"status": "planned", "date": "+1 week", "coded": "none"},
    {"text": "Onderzoek"},
]
ORDER = [
    {},
    *each("priority", "routine", "urgent", "asap", "stat"),
    {
        "reason": "Stadiëring",
        "reason_of": ["breast_cancer", "cord_compression"],
        "reason_code": {"system": "http://snomed.info/sct", "code": "254837009"},
    },
    {"reason_reference": "Condition/metastasis-1", "coded": "none", "text": "Order", "remark": "x"},
    {"status": "cancelled", "date": "-2 months", "id": 12, "not_to_do": True},
]
SIDED_ORDER = [*ORDER, *SIDES]
BREAST_EXAMINATION = [
    {},
    *each(
        "as",
        "DiagnosticReport",
        "ImagingStudy",
        "Procedure",
        "Observation",
        side="left",
        date="-1 week",
        birads=4,
    ),
]
AXILLA = [*DONE, *SIDES]
ALARM = [
    {},
    *each("as", "Condition", "Observation", date="-1 week", present=False, site="spine"),
    {"coded": "none", "text": "x"},
]
BREAST_COURSE = [{}, *SIDES[:4], COURSE]
PROCEDURE = [{}, *SIDES[:4], {"date": "-2 years", "status": "not-done"}]
MEDICINE = [
    {},
    *each(
        "as",
        "MedicationRequest",
        "MedicationAdministration",
        "MedicationStatement",
        "Procedure",
        date="-2 months",
        intent="neoadjuvant",
    ),
    *each(
        "as",
        "MedicationRequest",
        "MedicationAdministration",
        "MedicationStatement",
        "Procedure",
        until="-1 week",
        intent="adjuvant",
        intent_in="extension",
        remark="x",
    ),
    *each("medication_in", "codeable_concept", "contained", "reference"),
    {"coded": "none", "status": "stopped"},
]
SITES = "bone spine cervical_spine thoracic_spine lumbar_spine sacrum pelvis pelvic_bone liver lung brain pleura peritoneum meninges leptomeninges skin chest_wall ovary adrenal"
SITES = [*SITES.split(), "mediastinal_nodes", "unspecified"]
DRUGS = (  # noqa: SIM905 - a line of words
    "doxorubicin epirubicin cyclophosphamide paclitaxel docetaxel capecitabine carboplatin trastuzumab trastuzumab_old_atc pertuzumab tamoxifen letrozole "
    "anastrozole exemestane fulvestrant goserelin palbociclib ribociclib abemaciclib"
).split()
KINDS = ("chemotherapy", "endocrine", "anti_her2", "cdk46", "immunotherapy", "targeted", "systemic")
TRACERS = ("fdg", "naf", "fes", "fapi", "psma", "fluciclovine", "none")
REGIONS = (
    "spine",
    "whole_spine",
    "cervical",
    "thoracic",
    "lumbar",
    "sacrum",
    "pelvis",
    "liver",
    "abdomen",
    "brain",
    "whole_body",
)
FIELDS = (
    "breast",
    "chest_wall",
    "axilla",
    "supraclavicular",
    "infraclavicular",
    "internal_mammary",
    "regional",
    "bone",
    "spine",
    "brain",
    "unspecified",
)
BIOPSIES = each("of", "breast", "skin", "liver", "bone", "node", "metastasis", side="left")

EXAMPLES = {
    # cancer
    "breast_cancer": [
        *each(
            "kind",
            "unspecified",
            "ductal",
            "lobular",
            "dcis",
            "lcis",
            "inflammatory",
            "local_recurrence",
            "recurrent",
            "triple_negative",
            "hormone_positive",
        ),
        *each(
            "coded",
            "snomed",
            "icd10",
            "icd10cm",
            "icpc",
            "mcode",
            "none",
            side="left",
            stage="IIIB",
        ),
        *each("side", "left", "right", "both", side_in="code"),
        {"male": True, "side": "right", "side_in": "code"},
        {"kind": "inflammatory", "coded": "icd10cm"},
        *BREAST_COURSE,
    ],
    "history_of_breast_cancer": [
        *each("coded", "snomed", "icd10", "none", side="left", date="-8 years as year"),
        COURSE,
    ],
    "family_history_of_breast_cancer": [
        {},
        {"relation": "zus"},
        *each("coded", "icd10", "none", **{"as": "Condition"}),
    ],
    "nodal_disease": [
        *each(
            "station",
            "axillary",
            "supraclavicular",
            "infraclavicular",
            "internal_mammary",
            "nodes",
            side="left",
            recurrence=True,
        ),
        *each(
            "coded",
            "snomed",
            "icd10",
            "site",
            "breast_cancer",
            "none",
            side="right",
            resectable=False,
        ),
        *BREAST_COURSE,
    ],
    "metastasis": [
        *each("site", *SITES, date="-1 month"),
        *each("site", *SITES, coded="site", side="left", side_in="zib"),
        *each(
            "certainty",
            "confirmed",
            "suspected",
            "suspected_zib",
            "unconfirmed",
            "possible",
            "differential",
            "refuted",
            "entered-in-error",
            "none",
            site="liver",
        ),
        *each("certainty_in", "both", "status", "text", certainty="refuted"),
        *each(
            "coded",
            "snomed",
            "icd10",
            "icd10cm",
            "site",
            "mcode",
            "of_breast",
            "none",
            site="bone",
            level="L3",
            lesions=3,
        ),
        *each(
            "certainty",
            "confirmed",
            "suspected",
            "refuted",
            "entered-in-error",
            **{"as": "Observation"},
            site="bone",
            date="-1 week",
        ),
        {"times": 6, "site": "lung", **COURSE},
    ],
    # results
    "tnm": [
        {"t": "4d", "n": "1", "m": "0"},
        {"n": "1", "kind": "pathologic", "date": "-1 week"},
        {"m": "1", "coded": "none"},
    ],
    "stage": [
        *each("group", "0", "I", "II", "IIA", "IIB", "III", "IIIA", "IIIB", "IIIC", "IV"),
        *each("kind", "clinical", "pathologic", "other", coded="none"),
    ],
    "lymph_node_count": each(
        "of", "positive", "examined", "suspicious", count=4, side="left", date="-1 week"
    ),
    "receptors": [
        *each(
            "as",
            "Observation",
            "Condition",
            "text",
            er="positive",
            pr="negative",
            her2="negative",
            of="primary",
            side="left",
            date="-1 week",
        ),
        *each("of", "primary", "metastasis", "unspecified", er=90, her2="equivocal", site="liver"),
        {"er": "positive", "value_in": "interpretation", "coded": "none"},
    ],
    "tumour_marker": each("kind", "ca153", "cea", value=48, date="-1 week"),
    "performance_status": each("value_in", "code", "integer", "text", ecog=1, date="-1 week"),
    "leucocytosis": [
        {},
        {"present": False},
        {"value": 14.2},
        {"as": "Condition", "date": "-1 week"},
    ],
    # scans
    "pet_ct": [
        *each("tracer", *TRACERS),
        *each("tracer_in", "code", "text", "radiopharmaceutical", date="-1 week"),
        *each("coded", "snomed", "loinc"),
        *EXAMINATION,
        *each(
            "as",
            "DiagnosticReport",
            "ImagingStudy",
            "Procedure",
            tracer="fapi",
            tracer_in="radiopharmaceutical",
        ),
    ],
    "mri": [
        *BREAST_EXAMINATION,
        *each("region", *REGIONS),
        *each("region", *REGIONS, region_in="text", contrast=True),
        *[{"region": "liver", **one} for one in EXAMINATION],
        *each("as", "ImagingStudy", "Procedure", region="sacrum", region_in="bodySite"),
        *each("as", "ImagingStudy", "Procedure", region="spine", region_in="bodySite"),
    ],
    "ct": [*each("region", "thorax", "abdomen", "thorax_abdomen", coded="loinc"), *EXAMINATION],
    "bone_scan": [{"coded": "loinc"}, *EXAMINATION],
    "chest_xray": EXAMINATION,
    "liver_ultrasound": EXAMINATION,
    "scan_finding": [
        *each("site", *SITES, side="left", side_in="zib"),
        *each("certainty", "uncertain", "suspicious", "benign", "none", level="L3", date="-1 week"),
        *each("coded", "value", "code", "none"),
        {"as": "Condition", "site": "spine", "date": "-1 week"},
        *each("linked", "ImagingStudy", "Procedure"),
    ],
    # treatment
    "mastectomy": [
        *each(
            "kind",
            "unspecified",
            "simple",
            "modified_radical",
            "radical",
            "skin_sparing",
            "subcutaneous",
            "prophylactic",
            "with_axilla",
        ),
        *each("side", "left", "right", "both", side_in="code"),
        *each("side", "left", "right", "both", **{"as": "Condition"}),
        *AXILLA,
    ],
    "breast_conserving_surgery": [
        *each("kind", "lumpectomy", "part", "wide_excision", "quadrantectomy", "re_excision"),
        *each("side", "left", "right", side_in="code"),
        *AXILLA,
    ],
    "breast_reconstruction": [
        *each("kind", "unspecified", "implant", "expander", "diep", "ld", "ld_implant", "fat"),
        *AXILLA,
    ],
    "fat_transfer": AXILLA,
    "axillary_dissection": [
        *each("kind", "complete", "level_1", "level_2", "level_3", "excision"),
        *AXILLA,
    ],
    "sentinel_node": AXILLA,
    "node_marking": [*each("kind", "seed", "clip", "magnetic", "unspecified"), *AXILLA],
    "mari": AXILLA,
    "tad": AXILLA,
    "radiotherapy": [
        *each("field", *FIELDS, side="left", boost=True),
        *each("coded", "snomed", "site", "mcode", "none"),
        *AXILLA,
    ],
    "hyperthermia": DONE,
    "bone_surgery": [*each("site", "bone", "spine", "pelvic_bone"), *DONE],
    "biopsy": [
        *BIOPSIES,
        {"of": "liver", "result": "Metastase van mammacarcinoom", "date": "-1 week"},
        *AXILLA,
    ],
    # medicines
    "systemic_therapy": [
        *each("drug", *DRUGS),
        *each("drug", "doxorubicin", "letrozole", coded="snomed"),
        *each("kind", *KINDS),
        *[{"drug": "docetaxel", **one} for one in MEDICINE],
        *MEDICINE,
        {"drug": "docetaxel", "priority": "urgent", "reason": "x"},
    ],
    "bone_agent": [*each("drug", "zoledronic_acid", "denosumab"), *MEDICINE],
    "antibiotic": [
        *each("drug", "flucloxacillin", "amoxicillin_clavulanate", "cream", "unspecified"),
        *MEDICINE,
    ],
    # care
    "mdt": [
        {"conclusion": "Mastectomie"},
        *each(
            "as",
            "Procedure",
            "Encounter",
            "DocumentReference",
            "ServiceRequest",
            "Appointment",
            date="-1 week",
        ),
        *each(
            "as",
            "Procedure",
            "Encounter",
            "ServiceRequest",
            "Appointment",
            date="+1 week",
            status="planned",
        ),
        {"coded": "own"},
        {"coded": "none"},
    ],
    "study": [
        {},
        {"status": "off-study", "date": "-1 year", "until": "-1 month"},
        {"status": "candidate", "date": "-1 week"},
    ],
    "preference": [{"text": "Wil geen prothese"}],
    # complaints
    "mastitis": [
        *each(
            "kind",
            "plain",
            "non_puerperal",
            "lactational",
            "granulomatous",
            "abscess",
            "unnamed",
            side="left",
        ),
        *each("coded", "snomed", "icd10", "icd10cm", "none"),
        {"kind": "lactational", "coded": "icpc"},
        *BREAST_COURSE,
    ],
    "breast_sign": [
        *each(
            "sign",
            "peau_dorange",
            "oedema",
            "erythema",
            "discoloration",
            "warmth",
            "itch",
            "heaviness",
            "swelling",
            side="left",
            extent="een derde",
        ),
        *each("as", "Condition", "Observation", sign="erythema", date="-1 week", extent="de helft"),
        {"sign": "itch", "coded": "none", **COURSE},
    ],
    "fever": [
        {},
        {"present": False},
        *each("as", "Condition", "Observation", present=False, date="-1 day"),
        {"coded": "none", "text": "Geen koorts"},
    ],
    "pregnancy": [
        {},
        {"date": "-1 year", "ended": "-3 months"},
        *each("coded", "snomed", "icd10cm", "icpc", "none"),
        *each("coded", "nlcore", "loinc", **{"as": "Observation"}),
        {"as": "Observation", "status_now": False, "date": "-1 week"},
    ],
    "lactation": [
        {},
        {"date": "-1 year", "ended": "-3 months"},
        *each("present", True, False, **{"as": "Observation"}, date="-1 week"),
        {"coded": "none"},
    ],
    "delivery": [
        *each("as", "Condition", "Procedure", date="-4 months"),
        {"date": "-4 months", "coded": "none"},
    ],
    **dict.fromkeys(
        (
            "pain_bone",
            "neurological_deficit",
            "fracture_risk",
            "spinal_cord_compression",
            "rapid_progression",
            "visceral_crisis",
            "marrow_failure",
            "endocrine_failure",
        ),
        ALARM,
    ),
    # orders
    "order_mri": [
        *each("region", *REGIONS, "breast"),
        *each("region", *REGIONS, region_in="bodySite", contrast=False),
        *each("coded", "snomed", "loinc"),
        *ORDER,
    ],
    "order_pet_ct": [
        *each("tracer", *TRACERS),
        *each("tracer_in", "code", "text", "detail"),
        *ORDER,
    ],
    "order_ct": [*each("region", "thorax", "abdomen", "thorax_abdomen"), *ORDER],
    **dict.fromkeys(
        (
            "order_bone_scan",
            "order_chest_xray",
            "order_liver_ultrasound",
            "order_mdt",
            "order_restaging",
            "order_referral",
        ),
        ORDER,
    ),
    "order_surveillance_imaging": [*each("kind", "mammography", "ultrasound", "mri"), *SIDED_ORDER],
    "order_mastectomy": [
        *each("kind", "unspecified", "simple", "skin_sparing"),
        {"side": "left", "side_in": "code"},
        *SIDED_ORDER,
    ],
    "order_breast_conserving_surgery": [{"side": "left", "side_in": "code"}, *SIDED_ORDER],
    "order_reconstruction": [
        *each("kind", "unspecified", "implant", "diep", "ld", "fat"),
        *SIDED_ORDER,
    ],
    "order_radiotherapy": [*each("field", *FIELDS, side="left"), *SIDED_ORDER],
    "order_systemic": [
        *each("drug", *DRUGS),
        *each("kind", *KINDS),
        {},
        *each(
            "as",
            "MedicationRequest",
            "ServiceRequest",
            drug="docetaxel",
            priority="urgent",
            reason="x",
        ),
        *each(
            "medication_in",
            "contained",
            "reference",
            drug="paclitaxel",
            intent="neoadjuvant",
            coded="none",
        ),
    ],
    "order_bone_agent": each("drug", "zoledronic_acid", "denosumab"),
    "order_biopsy": [*BIOPSIES, *SIDED_ORDER],
    "order_receptors": each("coded", "own", "none", date="-1 week"),
    **dict.fromkeys(
        (
            "order_breast_mri",
            "order_fat_transfer",
            "order_axillary_dissection",
            "order_sentinel_node",
            "order_mari",
            "order_tad",
            "order_node_marking",
            "order_skin_biopsy",
            "order_mammography",
            "order_ultrasound",
            "order_imaging",
            "order_ductoscopy",
            "order_duct_surgery",
            "order_breast_clinic",
            "order_other",
        ),
        SIDED_ORDER,
    ),
    # nipple and breast
    "discharge": [
        *BREAST_COURSE,
        {
            "as": "Observation",
            "date": "-1 week",
            "colour": "bloody",
            "spontaneous": True,
            "ducts": "one",
        },
    ],
    "nipple_retraction": [
        *BREAST_COURSE,
        {"as": "Observation", "date": "-1 week", "reducible": False},
    ],
    **dict.fromkeys(("lump", "skin_change", "breast_pain"), BREAST_COURSE),
    "papilloma": [{"side": "left", "date": "-1 week"}],
    **dict.fromkeys(("mammography", "tomosynthesis", "ultrasound", "imaging"), BREAST_EXAMINATION),
    "tissue_diagnosis": each(
        "as", "Observation", "DiagnosticReport", result="benign", side="left", date="-1 week"
    ),
    **dict.fromkeys(("duct_surgery", "nipple_surgery", "ductoscopy"), PROCEDURE),
}


def render(word: str, options: dict, drafting: bool = False) -> list[dict]:
    writer = Writer("anna", TODAY)
    writer.drafting = drafting
    return write(word, options, WORDS, writer)


def test_every_word_has_an_example():
    assert set(WORDS) == set(EXAMPLES)


def test_no_two_modules_have_the_same_word():
    functions = [
        (name, module.__name__)
        for module in content_modules("case_words")
        for name, function in inspect.getmembers(module, inspect.isfunction)
        if function.__module__ == module.__name__ and WORDS.get(name)
    ]
    assert sorted(name for name, _ in functions) == sorted(WORDS)


@pytest.mark.parametrize("word", EXAMPLES)
def test_a_word_writes_valid_resources_of_this_patient(word):
    for options in EXAMPLES[word]:
        for drafting in (False, True) if word.startswith("order_") else (False,):
            resources = render(word, options, drafting)
            assert resources, options
            for resource in resources:
                assert problems(resource) == [], (options, resource)
                assert resource["id"].startswith("anna-") or resource["id"] == str(
                    options.get("id")
                ), options
                kind = resource["resourceType"]
                if kind == "Appointment":
                    assert resource["participant"][0]["actor"] == {"reference": "Patient/anna"}
                elif kind != "Medication":
                    assert resource[PATIENT_ELEMENT.get(kind, "subject")] == {
                        "reference": "Patient/anna"
                    }
                if (
                    word.startswith("order_")
                    and kind in ("ServiceRequest", "MedicationRequest")
                    and "status" not in options
                ):
                    assert resource["status"] == ("draft" if drafting else "active")


@pytest.mark.parametrize("word", EXAMPLES)
def test_a_word_refuses_an_option_that_it_does_not_know(word):
    with pytest.raises((TypeError, ValueError)):
        render(word, {**EXAMPLES[word][0], "colur": "red"})


@pytest.mark.parametrize(
    "word, options, message",
    [
        ("breast_cancer", {"kind": "ductall"}, "kind: 'ductall' is none of unspecified, ductal"),
        ("breast_cancer", {"side": "lft"}, "side: 'lft' is none of"),
        ("breast_cancer", {"coded": "snomedct"}, "coded: 'snomedct' is none of snomed"),
        ("breast_cancer", {"clinical": "actief"}, "clinical: 'actief' is none of active"),
        ("breast_cancer", {"verification": "sure"}, "verification: 'sure' is none of"),
        (
            "breast_cancer",
            {"side_in": "code", "kind": "dcis", "side": "left"},
            "side_in: no snomed code of dcis names the side",
        ),
        ("breast_cancer", {"male": True, "coded": "icpc"}, "coded: 'icpc' is none of"),
        ("metastasis", {"site": "livr"}, "site: 'livr' is none of bone"),
        ("metastasis", {"certainty": "maybe"}, "certainty: 'maybe' is none of confirmed"),
        ("metastasis", {"site": "liver", "coded": "icd10cm"}, "coded: 'icd10cm' is none of"),
        ("metastasis", {"as": "Procedure"}, "as: 'Procedure' is none of"),
        ("nodal_disease", {"station": "groin"}, "station: 'groin' is none of axillary"),
        ("stage", {"group": "V"}, "group: 'V' is none of 0"),
        ("receptors", {"er": "yes"}, "er: 'yes' is none of positive"),
        ("performance_status", {"ecog": 6}, "ecog: 6 is none of 0"),
        ("pet_ct", {"tracer": "fdgg"}, "tracer: 'fdgg' is none of fdg"),
        (
            "pet_ct",
            {"tracer": "fes", "tracer_in": "code"},
            "tracer_in: no code of a PET/CT names fes",
        ),
        (
            "pet_ct",
            {"status": "finished"},
            "status: 'finished' is none of planned, done, cancelled",
        ),
        ("mri", {"region": "knee"}, "region: 'knee' is none of spine"),
        (
            "mri",
            {"region": "spine", "region_in": "bodySite"},
            "region_in: a DiagnosticReport has no bodySite",
        ),
        ("scan_finding", {"certainty": "odd"}, "certainty: 'odd' is none of uncertain"),
        ("mastectomy", {"kind": "half"}, "kind: 'half' is none of unspecified"),
        ("mastectomy", {"side_in": "code"}, "side: 'none' is none of left"),
        ("radiotherapy", {"field": "leg"}, "field: 'leg' is none of breast"),
        ("systemic_therapy", {"drug": "aspirin"}, "drug: 'aspirin' is none of doxorubicin"),
        ("systemic_therapy", {"kind": "x"}, "kind: 'x' is none of chemotherapy"),
        (
            "systemic_therapy",
            {"drug": "docetaxel", "as": "Observation"},
            "as: 'Observation' is none of MedicationRequest",
        ),
        (
            "systemic_therapy",
            {"drug": "docetaxel", "intent": "x"},
            "intent: 'x' is none of neoadjuvant",
        ),
        (
            "systemic_therapy",
            {"drug": "docetaxel", "medication_in": "x"},
            "medication_in: 'x' is none of",
        ),
        ("antibiotic", {"drug": "denosumab"}, "drug: 'denosumab' is none of flucloxacillin"),
        ("mdt", {"as": "Task"}, "as: 'Task' is none of Procedure"),
        (
            "mdt",
            {"as": "DocumentReference", "status": "planned"},
            "status: 'planned' is none of done",
        ),
        (
            "mdt",
            {"as": "Encounter", "priority": "stat"},
            "as Encounter there is no option priority",
        ),
        ("study", {"status": "active"}, "status: 'active' is none of candidate"),
        ("breast_sign", {"sign": "lump"}, "sign: 'lump' is none of peau_dorange"),
        ("mastitis", {"coded": "icpc"}, "coded: 'icpc' is none of snomed"),
        ("order_mri", {"priority": "now"}, "priority: 'now' is none of routine"),
        ("order_mri", {"reason_of": "curiosity"}, "reason_of: 'curiosity' is none of staging"),
        ("order_surveillance_imaging", {"kind": "ct"}, "kind: 'ct' is none of mammography"),
    ],
)
def test_a_word_names_the_choices(word, options, message):
    with pytest.raises(ValueError, match=message):
        render(word, options)


# --- what some words write


def test_a_suspected_metastasis_says_so_in_status_and_words():
    (found,) = render(
        "metastasis", {"site": "liver", "certainty": "suspected_zib", "date": "-2 weeks"}
    )
    assert found["code"]["text"] == "Verdenking levermetastase"
    assert [c["code"] for c in found["verificationStatus"]["coding"]] == [
        "provisional",
        "415684004",
    ]
    assert found["onsetDateTime"] == "2026-06-01"


def test_a_lesion_stands_at_its_level_and_lesions_are_separate_resources():
    assert (
        render("metastasis", {"site": "bone", "level": "L3"})[0]["code"]["text"]
        == "Botmetastase L3"
    )
    assert [found["id"] for found in render("metastasis", {"site": "bone", "times": 3})] == [
        "anna-metastasis-1",
        "anna-metastasis-2",
        "anna-metastasis-3",
    ]


def test_a_recurrence_in_words():
    (found,) = render(
        "nodal_disease", {"side": "right", "recurrence": True, "coded": "none", "resectable": False}
    )
    assert found["code"] == {"text": "Axillair recidief rechts"} and found["note"] == [
        {"text": "Niet resectabel"}
    ]


@pytest.mark.parametrize(
    "as_, link",
    [("DiagnosticReport", "result"), ("ImagingStudy", "derivedFrom"), ("Procedure", "partOf")],
)
def test_a_finding_is_linked_to_its_scan(as_, link):
    scan, found = render(
        "pet_ct",
        {"as": as_, "date": "-1 week", "findings": [{"site": "lumbar_spine", "level": "L3"}]},
    )
    holder, other = (scan, found) if link == "result" else (found, scan)
    assert holder[link] == [{"reference": f"{other['resourceType']}/{other['id']}"}]
    assert (
        found["effectiveDateTime"] == "2026-06-08"
        and found["valueCodeableConcept"]["text"] == "onzeker"
    )


def test_the_tracer_may_stand_beside_the_scan():
    scan, given = render(
        "pet_ct", {"tracer": "fes", "tracer_in": "radiopharmaceutical", "date": "-1 week"}
    )
    assert (
        scan["code"]["text"] == "PET/CT"
        and given["medicationCodeableConcept"]["coding"][0]["code"] == "926372005"
    )
    assert given["supportingInformation"] == [{"reference": f"DiagnosticReport/{scan['id']}"}]


def test_an_order_has_its_urgency_and_reasons():
    (order,) = render(
        "order_mri",
        {
            "region": "liver",
            "priority": "stat",
            "reason_of": "oligometastases",
            "reason": "Vraag",
            "reason_reference": "Condition/metastasis-1",
        },
        True,
    )
    assert (order["status"], order["priority"], order["code"]["text"]) == (
        "draft",
        "stat",
        "MRI lever",
    )
    assert [reason["text"] for reason in order["reasonCode"]] == ["Oligometastasen", "Vraag"]
    assert order["reasonReference"] == [{"reference": "Condition/anna-metastasis-1"}]


def test_a_planned_meeting_has_the_status_of_its_type():
    statuses = {
        as_: render("mdt", {"as": as_, "status": "planned", "date": "+1 week"})[0]["status"]
        for as_ in ("Procedure", "Encounter", "ServiceRequest", "Appointment")
    }
    assert statuses == {
        "Procedure": "preparation",
        "Encounter": "planned",
        "ServiceRequest": "active",
        "Appointment": "booked",
    }


def test_the_intent_of_a_medicine_in_words_and_as_extension():
    (in_words,) = render("systemic_therapy", {"drug": "docetaxel", "intent": "neoadjuvant"})
    (extended,) = render(
        "systemic_therapy", {"drug": "docetaxel", "intent": "neoadjuvant", "intent_in": "extension"}
    )
    assert in_words["note"] == [{"text": "neoadjuvant"}]
    assert (
        extended["extension"][0]["valueCodeableConcept"]["coding"][0]["code"] == "373847000"
        and "note" not in extended
    )
