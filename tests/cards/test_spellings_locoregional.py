"""Locoregional recurrence, reconstruction, inflammatory cancer and nipple discharge: patients in other spellings.

Written from the sources without sight of the logic: raw FHIR R4 as Dutch hospitals, general practitioners and
international systems would send it, each with the exact set of keys that the specification calls for and the reason.
Where the specification leaves a question open, the patient is not here. The day of the tests is 2026-06-15.
"""

from collections import defaultdict
from datetime import date
from itertools import count
from typing import NamedTuple

import pytest

from tests.conftest import SERVICE, keys

PV, OS, SG = "patient-view", "order-select", "order-sign"
SYSTEMS = {
    "sct": "http://snomed.info/sct",
    "loinc": "http://loinc.org",
    "icd": "http://hl7.org/fhir/sid/icd-10",
    "icdnl": "http://hl7.org/fhir/sid/icd-10-nl",
    "icdcm": "http://hl7.org/fhir/sid/icd-10-cm",
    "icpc": "http://hl7.org/fhir/sid/icpc-1-nl",
    "atc": "http://www.whocc.no/atc",
    "dcm": "http://dicom.nema.org/resources/ontology/DCM",
}
HL7 = "http://terminology.hl7.org/CodeSystem/"
MCODE = "http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-"
NL = "http://nictiz.nl/fhir/StructureDefinition/"
SIDES = {"L": ("7771000", "Left"), "R": ("24028007", "Right"), "B": ("51440002", "Right and left")}
ids = count(1)


def cc(*spellings):
    """A CodeableConcept from "system:code" or "system:code|display" items; anything else is its text."""
    concept = {}
    for spelling in spellings:
        system, _, rest = spelling.partition(":")
        if system in SYSTEMS and rest and not rest.startswith(" "):
            code, _, display = rest.partition("|")
            coding = {"system": SYSTEMS[system], "code": code} | (
                {"display": display} if display else {}
            )
            concept.setdefault("coding", []).append(coding)
        else:
            concept["text"] = spelling
    return concept


def concept(value):
    return cc(*([value] if isinstance(value, str) else value))


def site(code, side=None, how="nl"):
    """A bodySite with the laterality extension on it: of nl-core, or of mCODE."""
    url = (
        NL + "ext-AnatomicalLocation.Laterality" if how == "nl" else MCODE + "laterality-qualifier"
    )
    body = concept(code)
    if side:
        number, display = SIDES[side]
        body["extension"] = [{"url": url, "valueCodeableConcept": cc(f"sct:{number}|{display}")}]
    return body


def res(kind, **fields):
    fields.setdefault("id", f"r{next(ids)}")
    return {"resourceType": kind} | {
        name: value for name, value in fields.items() if value is not None
    }


PATIENT = {"reference": "Patient/p1"}


def condition(
    code, since=None, *, status="active", ver="confirmed", at=None, recorded=None, **more
):
    clinical = status and {"coding": [{"system": HL7 + "condition-clinical", "code": status}]}
    certain = ver and {"coding": [{"system": HL7 + "condition-ver-status", "code": ver}]}
    return res(
        "Condition",
        code=concept(code),
        subject=PATIENT,
        clinicalStatus=clinical,
        verificationStatus=certain,
        onsetDateTime=since,
        recordedDate=recorded,
        bodySite=[at] if at else None,
        **more,
    )


def zib_problem(code, since, *, at=None, **more):
    """nl-core-Problem: the certainty is coded twice, the kind of problem is given."""
    problem = condition(code, since, at=at, **more)
    problem["meta"] = {"profile": [NL + "nl-core-Problem"]}
    problem["category"] = [cc("sct:282291009|diagnose")]
    problem["verificationStatus"]["coding"].append({"system": SYSTEMS["sct"], "code": "410605003"})
    return problem


def mcode_condition(profile, code, since, **more):
    return condition(code, since, **more) | {"meta": {"profile": [MCODE + profile]}}


def procedure(code, when=None, *, status="completed", at=None, **more):
    return res(
        "Procedure",
        status=status,
        code=concept(code),
        subject=PATIENT,
        performedDateTime=when,
        bodySite=[at] if at else None,
        **more,
    )


def observation(code, value=None, when="2026-06-10", *, at=None, **more):
    fields = (
        {"valueString": value}
        if isinstance(value, str)
        else {"valueCodeableConcept": value}
        if value
        else {}
    )
    category = [{"coding": [{"system": HL7 + "observation-category", "code": "exam"}]}]
    return res(
        "Observation",
        status="final",
        category=category,
        code=concept(code),
        subject=PATIENT,
        effectiveDateTime=when,
        bodySite=at,
        **fields,
        **more,
    )


def report(code, when, conclusion=None, **more):
    return res(
        "DiagnosticReport",
        status="final",
        code=concept(code),
        subject=PATIENT,
        effectiveDateTime=when,
        conclusion=conclusion,
        **more,
    )


def request(code, when=None, *, status="active", at=None, **more):
    return res(
        "ServiceRequest",
        status=status,
        intent="order",
        code=concept(code),
        subject=PATIENT,
        authoredOn=when,
        bodySite=[at] if at else None,
        **more,
    )


def draft(code, *, at=None, **more):
    return request(code, status="draft", at=at, **more)


def prescription(drug, when=None, *, status="active", **more):
    return res(
        "MedicationRequest",
        status=status,
        intent="order",
        medicationCodeableConcept=concept(drug),
        subject=PATIENT,
        authoredOn=when,
        **more,
    )


def given(drug, start, end=None, *, status="in-progress"):
    """A MedicationAdministration whose drug is a contained Medication with an ingredient."""
    medication = {
        "resourceType": "Medication",
        "id": "m",
        "ingredient": [{"itemCodeableConcept": concept(drug)}],
    }
    return res(
        "MedicationAdministration",
        status=status,
        contained=[medication],
        subject=PATIENT,
        medicationReference={"reference": "#m"},
        effectivePeriod={"start": start} | ({"end": end} if end else {}),
    )


class Case(NamedTuple):
    """A patient, the hook that asks, and what the specification calls for."""

    id: str
    hook: str
    record: list
    drafts: list
    expected: list
    reason: str
    selected: list | None = None
    gender: str = "female"


AXILLA, BREAST, CHEST = "sct:91470000|Axilla", "sct:76752008|Mamma", "sct:78904004|Chest wall"

# ---- Regional recurrence ---------------------------------------------------------------------------------------------
PRIMARY_R = zib_problem(
    ("icdnl:C50.4", "Mammacarcinoom rechts, lateraal bovenkwadrant"),
    "2019-03-11",
    at=site(BREAST, "R"),
)
NODE_R = zib_problem(
    "sct:94181007", "2026-05-20", at=site(AXILLA, "R"), status="recurrence", recorded="2026-05-20"
)
AXILLARY = [PRIMARY_R, NODE_R]
PRIMARY_L = mcode_condition(
    "primary-cancer-condition",
    "sct:372137005|Primary malignant neoplasm of breast",
    "2018-02-01",
    at=site("sct:80248007|Left breast structure", "L", "mcode"),
)
SUPRA_L = mcode_condition(
    "secondary-cancer-condition",
    "sct:94614009",
    "2026-04-28",
    status="recurrence",
    at=site("sct:77621008", "L", "mcode"),
)
TEXT_AXILLA = [
    condition(
        "Mammaca links 2017, MST + SN + RT, adjuvant tamoxifen",
        "2017-06-01",
        ver=None,
        status="inactive",
        at=cc("linkermamma"),
    ),
    condition("Okselklierrecidief links, cytologisch bewezen", "2026-06-02", ver=None),
]
MASTECTOMY_2023 = [
    condition("icd:C50.9", "2023-01-10", at=site(BREAST, "L")),
    procedure(("sct:428571003", "Ablatio mamma links"), "2023-02-20"),
]


def late_node(since):
    return condition(
        ("icd:C77.3", "Lymfkliermetastase oksel links"), since, at=site(AXILLA, "L"), recorded=since
    )


def mdt(code, when="2026-05-28", **more):
    return procedure(code, when, **more)


def appointment(text, start, status="booked"):
    return res(
        "Appointment",
        status=status,
        description=text,
        start=f"{start}T09:00:00+02:00",
        participant=[{"actor": PATIENT, "status": "accepted"}],
    )


def encounter(text, start, status="finished"):
    return res(
        "Encounter",
        status=status,
        subject=PATIENT,
        type=[cc(text)],
        period={"start": f"{start}T12:30:00+02:00"},
        **{"class": {"system": HL7 + "v3-ActCode", "code": "VR"}},
    )


def document(kind, when):
    return res(
        "DocumentReference",
        status="current",
        type=concept(kind),
        subject=PATIENT,
        date=f"{when}T15:00:00+02:00",
        content=[{"attachment": {"contentType": "application/pdf", "title": "Verslag"}}],
    )


MDT_CARD = ["regionalRecurrenceMdt"]
REGIONAL = [
    Case(
        "recurrence-axilla-nlcore",
        PV,
        AXILLARY,
        [],
        MDT_CARD,
        "nodal metastasis with status recurrence, same side, no MDT",
    ),
    Case(
        "recurrence-axilla-mdt-done",
        PV,
        [*AXILLARY, mdt("sct:399414003")],
        [],
        [],
        "MDT after the recurrence",
    ),
    Case(
        "recurrence-axilla-mdt-2019",
        PV,
        [*AXILLARY, mdt("sct:399414003", "2019-04-02")],
        [],
        MDT_CARD,
        "the MDT on record is that of the primary",
    ),
    Case(
        "recurrence-axilla-mdt-not-done",
        PV,
        [*AXILLARY, mdt("sct:708004003", status="not-done")],
        [],
        MDT_CARD,
        "an MDT that did not take place suppresses nothing",
    ),
    Case(
        "recurrence-axilla-mdo-booked",
        PV,
        [*AXILLARY, appointment("MDO mammaoncologie", "2026-06-18")],
        [],
        [],
        "MDT planned",
    ),
    Case(
        "recurrence-axilla-mdo-cancelled",
        PV,
        [*AXILLARY, appointment("MDO mammaoncologie", "2026-06-18", "cancelled")],
        [],
        MDT_CARD,
        "a cancelled booking is not planned",
    ),
    Case(
        "recurrence-axilla-mdo-encounter",
        PV,
        [*AXILLARY, encounter("Multidisciplinair overleg mammacarcinoom", "2026-06-03")],
        [],
        [],
        "MDT recorded as Encounter in text",
    ),
    Case(
        "recurrence-axilla-tumor-board-note",
        PV,
        [*AXILLARY, document("loinc:85232-7", "2026-06-04")],
        [],
        [],
        "tumor board note since the recurrence",
    ),
    Case(
        "recurrence-axilla-mdo-requested",
        PV,
        [*AXILLARY, request("Aanmelding MDO borstkanker", "2026-06-10")],
        [],
        [],
        "MDT ordered",
    ),
    Case(
        "recurrence-axilla-mdo-revoked",
        PV,
        [*AXILLARY, request("Aanmelding MDO borstkanker", "2026-06-10", status="revoked")],
        [],
        MDT_CARD,
        "a revoked request is not an order",
    ),
    Case(
        "recurrence-axilla-text-only",
        PV,
        TEXT_AXILLA,
        [],
        MDT_CARD,
        "recurrence in the axilla, in words",
    ),
    Case(
        "recurrence-axilla-refuted",
        PV,
        [
            PRIMARY_R,
            condition(
                "sct:94181007", "2026-05-20", ver="refuted", status=None, at=site(AXILLA, "R")
            ),
        ],
        [],
        [],
        "refuted is never evidence",
    ),
    Case(
        "recurrence-axilla-resolved",
        PV,
        [
            PRIMARY_R,
            condition("sct:94181007", "2022-05-20", status="resolved", at=site(AXILLA, "R")),
        ],
        [],
        [],
        "a resolved condition is history",
    ),
    Case(
        "recurrence-supraclavicular-mcode",
        PV,
        [PRIMARY_L, SUPRA_L],
        [],
        MDT_CARD,
        "ipsilateral supraclavicular recurrence",
    ),
    Case(
        "recurrence-with-lung-metastasis",
        PV,
        [
            PRIMARY_L,
            SUPRA_L,
            mcode_condition("secondary-cancer-condition", "sct:94391008", "2026-05-05"),
        ],
        [],
        ["fdgPetCtFirst", "metastaticWorkUp"],
        "distant metastasis: curative card off, staging and work-up instead",
    ),
    Case(
        "recurrence-parasternal",
        PV,
        [
            PRIMARY_L,
            condition(
                "sct:94392001", "2026-06-01", status="relapse", at=site("sct:245282001", "L")
            ),
        ],
        [],
        MDT_CARD,
        "lymph node metastasis, internal mammary site, relapse",
    ),
    Case(
        "recurrence-parasternal-words",
        PV,
        [
            condition("icpc:X76", "2016-01-01", at=site(BREAST, "R")),
            condition("Parasternaal klierrecidief rechts", "2026-05-11"),
        ],
        [],
        MDT_CARD,
        "parasternal recurrence, in words",
    ),
    Case(
        "recurrence-icd10cm",
        PV,
        [
            condition("icdcm:C50.912", "2015-07-01", status="remission"),
            condition(
                ("icdcm:C77.3", "Recurrent left axillary lymph node metastasis"),
                "2026-05-30",
                status="recurrence",
            ),
        ],
        [],
        MDT_CARD,
        "ICD-10-CM with the side in the text",
    ),
    Case(
        "recurrence-breast-cancer-code-axillary-site",
        PV,
        [
            condition(
                "sct:254838004", "2026-05-02", status="recurrence", at=site("sct:68171009", "R")
            ),
            procedure("sct:735086001", "2014-09-01"),
        ],
        [],
        MDT_CARD,
        "breast cancer, status recurrence, at the axilla",
    ),
    Case(
        "recurrence-breast-cancer-code-breast-site",
        PV,
        [
            condition("sct:254838004", "2026-05-02", status="recurrence", at=site(BREAST, "R")),
            procedure("sct:735086001", "2014-09-01"),
        ],
        [],
        [],
        "the same at the breast is a local recurrence",
    ),
    Case(
        "recurrence-local-only",
        PV,
        [PRIMARY_R, condition("sct:314955001", "2026-05-02", at=site(BREAST, "R"))],
        [],
        [],
        "local recurrence without nodes",
    ),
    Case(
        "recurrence-infraclavicular-man",
        PV,
        [
            condition("sct:354491000119109", "2020-10-01"),
            condition(
                "sct:94338000", "2026-05-15", status="recurrence", at=cc("infraclaviculair links")
            ),
        ],
        [],
        MDT_CARD,
        "infraclavicular recurrence in a man",
        gender="male",
    ),
    Case(
        "node-33-months-after-surgery",
        PV,
        [*MASTECTOMY_2023, late_node("2025-11-20")],
        [],
        MDT_CARD,
        "nodal disease six months or more after surgery counts as recurrence",
    ),
    Case(
        "node-4-months-after-surgery",
        PV,
        [*MASTECTOMY_2023, late_node("2023-06-15")],
        [],
        [],
        "not long enough after surgery",
    ),
    Case(
        "node-synchronous",
        PV,
        [condition("icdnl:C50.4", "2026-05-18", at=site(BREAST, "L")), late_node("2026-05-21")],
        [],
        [],
        "synchronous node-positive disease is not a recurrence",
    ),
    Case(
        "node-contralateral",
        PV,
        [
            PRIMARY_L,
            condition(
                "sct:94181007",
                "2026-05-12",
                status="recurrence",
                at=site(AXILLA, "R"),
                recorded="2026-05-12",
            ),
        ],
        [],
        ["fdgPetCtFirst", "metastaticWorkUp"],
        "contralateral nodes are distant",
    ),
    Case(
        "node-mediastinal",
        PV,
        [
            PRIMARY_L,
            condition("sct:94408005", "2026-05-12", status="recurrence", recorded="2026-05-12"),
        ],
        [],
        ["fdgPetCtFirst", "metastaticWorkUp"],
        "mediastinal nodes are distant",
    ),
    Case(
        "recurrence-earlier-radiotherapy-and-markers",
        PV,
        [
            PRIMARY_L,
            SUPRA_L,
            procedure(
                "sct:1287742003",
                "2018-08-01",
                at=site(BREAST, "L", "mcode"),
                meta={"profile": [MCODE + "radiotherapy-course-summary"]},
            ),
            observation(
                "loinc:85337-4",
                cc("Positive"),
                "2026-05-04",
                meta={"profile": [MCODE + "tumor-marker-test"]},
            ),
            observation(
                "loinc:48676-1",
                cc("Negative"),
                "2026-05-04",
                meta={"profile": [MCODE + "tumor-marker-test"]},
            ),
        ],
        [],
        MDT_CARD,
        "prognostic data colour the card and do not switch it",
    ),
]

# ---- Systemic therapy and MARI in a regional recurrence ----------------------------------------------------------------
DOCETAXEL = prescription(("atc:L01CD02", "Docetaxel 75 mg/m2"), status="draft", id="doce")
PARACETAMOL = prescription(("atc:N02BE01", "Paracetamol 1000 mg"), status="draft", id="para")
MARK_CARD = ["markNodeBeforeSystemic"]
SYNCHRONOUS = [
    condition("icdnl:C50.4", "2026-05-18", at=site(BREAST, "R")),
    condition("sct:94181007", "2026-05-21", at=site(AXILLA, "R")),
]


def contained_prescription(**medication):
    return res(
        "MedicationRequest",
        status="draft",
        intent="order",
        subject=PATIENT,
        contained=[{"resourceType": "Medication", "id": "med"} | medication],
        medicationReference={"reference": "#med"},
    )


MARKING = [
    Case(
        "mark-docetaxel",
        OS,
        AXILLARY,
        [DOCETAXEL],
        MARK_CARD,
        "chemotherapy selected in an axillary recurrence",
    ),
    Case(
        "mark-docetaxel-not-selected",
        OS,
        AXILLARY,
        [DOCETAXEL, PARACETAMOL],
        [],
        "only the selection is judged",
        selected=["MedicationRequest/para"],
    ),
    Case(
        "mark-docetaxel-among-several",
        SG,
        AXILLARY,
        [PARACETAMOL, DOCETAXEL],
        MARK_CARD,
        "several drafts, one cytotoxic",
    ),
    Case(
        "mark-done",
        OS,
        [
            *AXILLARY,
            procedure("Markeren aangedane okselklier rechts, clip echogeleid", "2026-06-01"),
        ],
        [DOCETAXEL],
        [],
        "a node was marked since the recurrence",
    ),
    Case(
        "mark-done-in-2019",
        OS,
        [
            *AXILLARY,
            procedure("Markeren aangedane okselklier rechts, clip echogeleid", "2019-03-25"),
        ],
        [DOCETAXEL],
        MARK_CARD,
        "the marker of the primary treatment does not count",
    ),
    Case(
        "mark-done-other-side",
        OS,
        [*AXILLARY, procedure("Markeren okselklier links, clip echogeleid", "2026-06-01")],
        [DOCETAXEL],
        MARK_CARD,
        "the marker sits in the other axilla",
    ),
    Case(
        "mark-irresectable",
        OS,
        [
            PRIMARY_R,
            condition(
                ("sct:94181007", "Irresectabel okselrecidief rechts"),
                "2026-05-20",
                status="recurrence",
                at=site(AXILLA, "R"),
            ),
        ],
        [DOCETAXEL],
        [],
        "the record says not resectable",
    ),
    Case(
        "mark-letrozole-starts",
        SG,
        AXILLARY,
        [prescription(("atc:L02BG04", "Letrozol 2,5 mg"), status="draft")],
        MARK_CARD,
        "endocrine therapy that starts now is systemic therapy",
    ),
    Case(
        "mark-letrozole-repeat",
        SG,
        [*AXILLARY, prescription("atc:L02BG04", "2025-02-01")],
        [prescription(("atc:L02BG04", "Letrozol 2,5 mg"), status="draft")],
        [],
        "endocrine therapy that runs already",
    ),
    Case(
        "mark-trastuzumab-contained",
        SG,
        AXILLARY,
        [
            contained_prescription(
                ingredient=[{"itemCodeableConcept": cc("sct:387003001|Trastuzumab")}]
            )
        ],
        MARK_CARD,
        "anti-HER2 as ingredient of a contained Medication",
    ),
    Case(
        "mark-paclitaxel-words",
        OS,
        TEXT_AXILLA,
        [contained_prescription(code=cc("Paclitaxel 80 mg/m2 wekelijks"))],
        MARK_CARD,
        "chemotherapy and recurrence in words",
    ),
    Case(
        "mark-chemotherapy-procedure",
        SG,
        [PRIMARY_L, SUPRA_L],
        [draft("sct:367336001|Chemotherapy")],
        MARK_CARD,
        "chemotherapy ordered as procedure in a supraclavicular recurrence",
    ),
    Case(
        "mark-ribociclib",
        SG,
        AXILLARY,
        [contained_prescription(ingredient=[{"itemCodeableConcept": cc("sct:732257004")}])],
        [],
        "a CDK4/6 inhibitor is none of chemotherapy, anti-HER2, endocrine",
    ),
    Case(
        "mark-zoledronic-acid",
        SG,
        AXILLARY,
        [prescription("atc:M05BA08", status="draft")],
        [],
        "not systemic cancer therapy",
    ),
    Case(
        "mark-synchronous",
        SG,
        SYNCHRONOUS,
        [DOCETAXEL],
        [],
        "primary node-positive disease is not a recurrence",
    ),
    Case(
        "mark-distant-disease",
        SG,
        [
            *AXILLARY,
            condition("sct:94391008", "2026-05-25"),
            observation("loinc:85337-4", cc("Negative"), "2026-06-01"),
            observation("loinc:85339-0", cc("Negative"), "2026-06-01"),
        ],
        [DOCETAXEL],
        [],
        "distant metastases switch the curative cards off; receptors negative",
    ),
    Case(
        "mari-words",
        SG,
        AXILLARY,
        [draft("MARI-procedure oksel rechts")],
        ["mariInRecurrence"],
        "MARI for an axillary recurrence",
    ),
    Case(
        "tad-words-english",
        OS,
        TEXT_AXILLA,
        [draft("Targeted axillary dissection, left")],
        ["mariInRecurrence"],
        "TAD for an axillary recurrence",
    ),
    Case(
        "mari-synchronous",
        SG,
        SYNCHRONOUS,
        [draft("MARI-procedure oksel rechts")],
        [],
        "standard in the primary setting",
    ),
    Case(
        "mari-supraclavicular",
        SG,
        [PRIMARY_L, SUPRA_L],
        [draft("MARI-procedure oksel links")],
        [],
        "the recurrence is not axillary",
    ),
    Case(
        "mari-alnd",
        SG,
        AXILLARY,
        [draft("sct:79544006", at=site(AXILLA, "R"))],
        [],
        "axillary dissection is the standard",
    ),
    Case(
        "mari-other-side",
        SG,
        AXILLARY,
        [draft("MARI-procedure", at=site(AXILLA, "L"))],
        [],
        "the order is for the other axilla",
    ),
]

# ---- Fat transfer ----------------------------------------------------------------------------------------------------
CANCER_R = zib_problem(("icdnl:C50.2", "Mammacarcinoom rechts"), "2026-05-04", at=site(BREAST, "R"))
ABLATIO_R = request("sct:172043006|Simple mastectomy", "2026-06-08", at=site(BREAST, "R"))
PLANNED = [CANCER_R, ABLATIO_R]
DCIS_L = condition(("icd:D05.1", "DCIS graad 3 linkermamma"), "2026-05-12", at=site(BREAST, "L"))
AFT_CARD = ["aftCounselling"]
COUNSELLING = [
    Case("aft-planned", PV, PLANNED, [], AFT_CARD, "mastectomy for breast cancer planned"),
    Case(
        "aft-planned-revoked",
        PV,
        [CANCER_R, request("sct:172043006", "2026-06-08", status="revoked", at=site(BREAST, "R"))],
        [],
        [],
        "the order was withdrawn",
    ),
    Case(
        "aft-radiotherapy-same-side",
        PV,
        [*PLANNED, request("sct:428624002", "2026-06-09", at=site(CHEST, "R"))],
        [],
        [],
        "radiotherapy of that side is ordered",
    ),
    Case(
        "aft-radiotherapy-same-side-words",
        PV,
        [*PLANNED, request("Postmastectomie radiotherapie thoraxwand rechts", "2026-06-09")],
        [],
        [],
        "radiotherapy of that side is ordered, in words",
    ),
    Case(
        "aft-radiotherapy-other-side",
        PV,
        [
            *PLANNED,
            condition("icdnl:C50.9", "2026-02-01", at=site(BREAST, "L")),
            request("sct:428923005", "2026-06-09", at=site(BREAST, "L")),
        ],
        [],
        AFT_CARD,
        "radiotherapy is for the other breast",
    ),
    Case(
        "aft-done",
        PV,
        [
            CANCER_R,
            request("sct:172043006", "2026-05-20", status="completed", at=site(BREAST, "R")),
            procedure("sct:406505007", "2026-06-01", at=site(BREAST, "R")),
        ],
        [],
        [],
        "the mastectomy has been done",
    ),
    Case(
        "aft-other-breast-done",
        PV,
        [*PLANNED, procedure("sct:428571003", "2015-03-01")],
        [],
        AFT_CARD,
        "the earlier mastectomy was of the other breast",
    ),
    Case(
        "aft-procedure-in-preparation",
        PV,
        [CANCER_R, procedure("sct:429400009", status="preparation")],
        [],
        AFT_CARD,
        "planned as a Procedure in preparation",
    ),
    Case(
        "aft-booked",
        PV,
        [CANCER_R, appointment("OK: ablatio mamma rechts + SN", "2026-06-29")],
        [],
        AFT_CARD,
        "the operation is booked",
    ),
    Case(
        "aft-dcis-words",
        SG,
        [DCIS_L],
        [draft("Huidsparende mastectomie links")],
        AFT_CARD,
        "in situ counts",
    ),
    Case("aft-lumpectomy", SG, [DCIS_L], [draft("sct:735085002")], [], "breast-conserving"),
    Case(
        "aft-skin-sparing-reason-reference",
        OS,
        [CANCER_R],
        [
            draft(
                "sct:428564008",
                at=site(BREAST, "R", "mcode"),
                reasonReference=[{"reference": f"Condition/{CANCER_R['id']}"}],
            )
        ],
        AFT_CARD,
        "mastectomy being ordered, reason given by reference",
    ),
    Case(
        "aft-bilateral",
        SG,
        [CANCER_R],
        [draft("sct:27865001")],
        AFT_CARD,
        "a bilateral order counts for each side",
    ),
    Case(
        "aft-prophylactic",
        SG,
        [condition("BRCA1-mutatiedrager", "2024-01-01")],
        [draft(("sct:447421006", "Bilaterale profylactische mastectomie"))],
        [],
        "no breast cancer",
    ),
    Case(
        "aft-wants-no-own-tissue",
        PV,
        [
            *PLANNED,
            observation("loinc:75773-2", "Patiënte wil geen reconstructie met eigen weefsel"),
        ],
        [],
        [],
        "a confirm item that is answered no",
    ),
]
FLAT = [
    condition("sct:429087003|History of malignant neoplasm of breast", "2023-09-01"),
    procedure("sct:428571003|Mastectomy of left breast", "2023-10-12"),
    procedure("sct:764926003|Transfer of fat to breast", "2025-05-20", at=site(BREAST, "L")),
]
FLAT_WORDS = [
    procedure("Ablatio mammae rechts wegens carcinoom", "2022-04-04"),
    procedure("Lipofilling rechterborst, 3e sessie", "2024-11-11"),
]
NO_IMAGING = ["aftNoRoutineImaging"]
IMAGING = [
    Case(
        "fat-mammography-routine",
        SG,
        FLAT,
        [draft("loinc:36627-8", reasonCode=[cc("Jaarlijkse controle")])],
        NO_IMAGING,
        "surveillance of the side with fat transfer",
    ),
    Case(
        "fat-mammography-no-reason",
        OS,
        FLAT,
        [draft("sct:71651007", at=site(BREAST, "L"))],
        NO_IMAGING,
        "no reason means surveillance",
    ),
    Case(
        "fat-mammography-other-side",
        SG,
        FLAT,
        [draft("loinc:37774-7", reasonCode=[cc("Jaarlijkse controle")])],
        [],
        "the other breast",
    ),
    Case(
        "fat-mammography-bilateral",
        SG,
        FLAT,
        [draft("loinc:36626-0", reasonCode=[cc("Follow-up")])],
        NO_IMAGING,
        "a bilateral order counts for each side",
    ),
    Case(
        "fat-mammography-urgent",
        SG,
        FLAT,
        [draft("sct:71651007", at=site(BREAST, "L"), priority="urgent")],
        [],
        "an urgent order without reason is not surveillance",
    ),
    Case(
        "fat-lump-on-record",
        SG,
        [*FLAT, condition("icd:N63", "2026-06-10", at=site(BREAST, "L"))],
        [draft("loinc:36627-8")],
        [],
        "a complaint of that side is on record",
    ),
    Case(
        "fat-lump-on-other-side",
        SG,
        [*FLAT, condition("icd:N63", "2026-06-10", at=site(BREAST, "R"))],
        [draft("loinc:36627-8", reasonCode=[cc("Jaarlijkse controle")])],
        NO_IMAGING,
        "the complaint is of the other breast",
    ),
    Case(
        "fat-lump-as-reason",
        SG,
        FLAT,
        [draft("loinc:36627-8", reasonCode=[cc("Nieuwe palpabele zwelling links")])],
        [],
        "ordered for a complaint",
    ),
    Case(
        "fat-words-ultrasound",
        OS,
        FLAT_WORDS,
        [draft("Echo mamma rechts, routinecontrole")],
        NO_IMAGING,
        "everything in words",
    ),
    Case(
        "fat-words-mri-english",
        SG,
        FLAT_WORDS,
        [draft("MRI of the right breast", reasonCode=[cc("Routine surveillance")])],
        NO_IMAGING,
        "surveillance by MRI",
    ),
    Case(
        "fat-after-lumpectomy",
        SG,
        [procedure("sct:735085002", "2023-10-12"), FLAT[2]],
        [draft("loinc:36627-8")],
        [],
        "fat transfer after breast-conserving surgery",
    ),
    Case(
        "fat-implant-instead",
        SG,
        [FLAT[1], procedure("sct:172061002", "2023-10-12", at=site(BREAST, "L"))],
        [draft("loinc:36627-8")],
        [],
        "reconstruction by implant",
    ),
    Case(
        "fat-only-planned",
        SG,
        [FLAT[1], request("sct:764926003", "2026-06-01", at=site(BREAST, "L"))],
        [draft("loinc:36627-8")],
        [],
        "the fat transfer has not been done",
    ),
]

# ---- Inflammatory cancer: suspicion ------------------------------------------------------------------------------------
MASTITIS = condition(
    ("sct:198100003", "Mastitis links, niet lacterend"), "2026-05-25", at=site(BREAST, "L")
)


def floxapen(when, **more):
    return prescription(("atc:J01CF05", "Flucloxacilline 500 mg 4dd1"), when, **more)


def statement(drug, start):
    """A MedicationStatement with a contained Medication that carries a code."""
    return res(
        "MedicationStatement",
        status="active",
        subject=PATIENT,
        medicationReference={"reference": "#x"},
        contained=[{"resourceType": "Medication", "id": "x", "code": concept(drug)}],
        effectivePeriod={"start": start},
    )


PEAU_L = observation("sct:87386002", cc("aanwezig"), "2026-04-20", at=site(BREAST, "L"))
RED_L = observation("sct:247441003|Erythema", None, "2026-06-01", at=cc("sct:80248007"))
SUSPECT = ["ibcSuspected"]
SUSPICION = [
    Case(
        "mastitis-18-days",
        PV,
        [MASTITIS, floxapen("2026-05-28")],
        [],
        SUSPECT,
        "active 18 days after the antibiotic began",
    ),
    Case(
        "mastitis-7-days", PV, [MASTITIS, floxapen("2026-06-08")], [], SUSPECT, "exactly seven days"
    ),
    Case("mastitis-6-days", PV, [MASTITIS, floxapen("2026-06-09")], [], [], "six days"),
    Case(
        "mastitis-partial-date",
        PV,
        [MASTITIS, floxapen("2026-06")],
        [],
        ["informationNeeded"],
        "the interval straddles seven days: unknown",
    ),
    Case(
        "mastitis-resolved",
        PV,
        [
            condition(
                "sct:198100003",
                "2026-05-25",
                status="resolved",
                abatementDateTime="2026-06-10",
                at=site(BREAST, "L"),
            ),
            floxapen("2026-05-28"),
        ],
        [],
        [],
        "no longer active",
    ),
    Case(
        "mastitis-antibiotic-in-january",
        PV,
        [MASTITIS, floxapen("2026-01-28")],
        [],
        [],
        "the course was not for this mastitis",
    ),
    Case(
        "mastitis-ointment",
        PV,
        [MASTITIS, prescription(("atc:D06AX01", "Fusidinezuurcrème"), "2026-05-28")],
        [],
        [],
        "no systemic antibiotic",
    ),
    Case(
        "mastitis-breastfeeding",
        PV,
        [
            MASTITIS,
            floxapen("2026-05-28"),
            observation("loinc:63895-7", cc("loinc:LA29252-6|Currently breastfeeding")),
        ],
        [],
        [],
        "lactation",
    ),
    Case(
        "mastitis-delivery-february",
        PV,
        [
            condition("icdnl:N61", "2026-05-25", at=site(BREAST, "L")),
            floxapen("2026-05-28"),
            condition("icpc:W90", "2026-02-10"),
        ],
        [],
        [],
        "pregnancy within twelve months",
    ),
    Case(
        "mastitis-delivery-2023",
        PV,
        [
            condition("icdnl:N61", "2026-05-25", at=site(BREAST, "L")),
            floxapen("2026-05-28"),
            condition("icpc:W90", "2023-02-10", status="resolved"),
        ],
        [],
        SUSPECT,
        "the delivery was three years ago",
    ),
    Case(
        "mastitis-puerperal",
        PV,
        [condition("sct:700038005", "2026-05-25"), floxapen("2026-05-28")],
        [],
        [],
        "mastitis of lactation",
    ),
    Case(
        "mastitis-with-fever",
        PV,
        [MASTITIS, floxapen("2026-05-28"), condition("sct:386661006", "2026-06-13")],
        [],
        SUSPECT,
        "fever excludes by signs only, not the persisting mastitis",
    ),
    Case(
        "mastitis-referred",
        PV,
        [MASTITIS, floxapen("2026-05-28"), request("Verwijzing mammapoli", "2026-06-12")],
        [],
        [],
        "referred since",
    ),
    Case(
        "mastitis-referred-coded-2024",
        PV,
        [MASTITIS, floxapen("2026-05-28"), request("sct:306300002", "2024-02-01")],
        [],
        SUSPECT,
        "the referral is older than the mastitis",
    ),
    Case(
        "mastitis-man",
        PV,
        [condition(("icd:N61", "Mastitis rechts"), "2026-05-20"), floxapen("2026-05-22")],
        [],
        SUSPECT,
        "holds for men too",
        gender="male",
    ),
    Case(
        "mastitis-gp-words",
        PV,
        [
            condition(
                ("icpc:X21", "Borstontsteking rechts, geeft geen borstvoeding"), "2026-05-29"
            ),
            statement(("atc:J01CR02", "Amoxicilline/clavulaanzuur 625 mg 3dd"), "2026-06-01"),
        ],
        [],
        SUSPECT,
        "a general practitioner's words, the course as MedicationStatement",
    ),
    Case("peau-dorange", PV, [PEAU_L], [], SUSPECT, "begun two months ago"),
    Case(
        "peau-dorange-old",
        PV,
        [condition("sct:87386002", "2025-10-01", at=site(BREAST, "L"))],
        [],
        [],
        "more than six months",
    ),
    Case(
        "peau-dorange-breastfeeding",
        PV,
        [PEAU_L, observation("sct:413712001", None, "2026-06-01")],
        [],
        SUSPECT,
        "lactation excludes the mastitis route only",
    ),
    Case(
        "peau-dorange-fever",
        PV,
        [PEAU_L, condition(("sct:386661006", "Koorts"), "2026-06-13")],
        [],
        [],
        "fever",
    ),
    Case(
        "peau-dorange-refuted",
        PV,
        [condition("sct:87386002", "2026-05-01", ver="refuted", status=None)],
        [],
        [],
        "refuted",
    ),
    Case(
        "erythema-and-oedema",
        PV,
        [RED_L, observation("sct:290077003", None, "2026-06-01", at=site(BREAST, "L"))],
        [],
        SUSPECT,
        "both signs on the same breast",
    ),
    Case(
        "erythema-and-oedema-two-sides",
        PV,
        [RED_L, observation("sct:290077003", None, "2026-06-01", at=site(BREAST, "R"))],
        [],
        [],
        "the signs are on different breasts",
    ),
    Case("erythema-alone", PV, [RED_L], [], [], "erythema without oedema"),
    Case(
        "erythema-and-oedema-words",
        PV,
        [condition("Roodheid en oedeem van de linkerborst", "2026-05-25")],
        [],
        SUSPECT,
        "both signs in words",
    ),
]

# ---- Inflammatory cancer: diagnosed ------------------------------------------------------------------------------------
IBC_L = zib_problem(
    ("sct:254840009", "Inflammatoir mammacarcinoom links"),
    "2026-05-20",
    at=site(BREAST, "L"),
    recorded="2026-05-20",
)
SKIN = procedure("Huidstansbiopt linkerborst", "2026-05-18")
SKIN_CODED = procedure("sct:87697008", "2026-05-18", at=site(BREAST, "L"))
MAMMO_L = report("loinc:36627-8", "2026-05-15", "Diffuse huidverdikking links, BI-RADS 5")
ECHO_L = report("loinc:26215-4", "2026-05-15", "Oedeem, BI-RADS 5")
MRI_L = res(
    "ImagingStudy",
    status="available",
    subject=PATIENT,
    started="2026-05-27T10:00:00+02:00",
    numberOfSeries=1,
    series=[
        {
            "uid": "1.2.3",
            "modality": {"system": SYSTEMS["dcm"], "code": "MR"},
            "bodySite": {"system": SYSTEMS["sct"], "code": "80248007"},
        }
    ],
)
PET = report("sct:443271005", "2026-05-29", "Geen afstandsmetastasen.")
PET_WORDS = report(
    ("sct:450436003", "FDG PET-CT whole body"),
    "2026-05-29",
    "Geen aanwijzingen voor metastasen op afstand.",
)
DOXORUBICIN = given("sct:372817009|Doxorubicin", "2026-06-05")
WORKUP = [SKIN_CODED, MAMMO_L, ECHO_L, MRI_L, PET]
BOTH = ["ibcNeoadjuvantFirst", "ibcStaging"]
FIRST = ["ibcNeoadjuvantFirst"]
DIAGNOSED = [
    Case("ibc-new", PV, [IBC_L], [], BOTH, "nothing done yet"),
    Case(
        "ibc-new-icd10cm", PV, [condition("icdcm:C50.A2", "2026-06-01")], [], BOTH, "ICD-10-CM code"
    ),
    Case(
        "ibc-new-words-dutch",
        PV,
        [condition("Mastitis carcinomatosa rechts", "2026-06-01")],
        [],
        BOTH,
        "the old Dutch name",
    ),
    Case(
        "ibc-new-words-english",
        PV,
        [condition("Inflammatory breast cancer, right (cT4d)", "2026-06-01")],
        [],
        BOTH,
        "in English",
    ),
    Case(
        "ibc-new-pt4d",
        PV,
        [CANCER_R, observation("loinc:21899-0", cc("sct:373190002"), "2026-06-01")],
        [],
        BOTH,
        "pT4d is inflammatory carcinoma",
    ),
    Case(
        "ibc-signs-and-diagnosis", PV, [IBC_L, PEAU_L], [], BOTH, "suspicion is off once diagnosed"
    ),
    Case(
        "ibc-refuted",
        PV,
        [
            condition(
                "sct:254840009", "2026-05-20", ver="refuted", status=None, at=site(BREAST, "L")
            )
        ],
        [],
        [],
        "refuted",
    ),
    Case(
        "ibc-complete-treated",
        PV,
        [IBC_L, *WORKUP, DOXORUBICIN],
        [],
        [],
        "staged and under systemic therapy",
    ),
    Case("ibc-complete-untreated", PV, [IBC_L, *WORKUP], [], FIRST, "no systemic therapy since"),
    Case(
        "ibc-complete-prescribed",
        PV,
        [IBC_L, *WORKUP, prescription("atc:L01CD02", "2026-06-05")],
        [],
        [],
        "systemic therapy on record as prescription",
    ),
    Case(
        "ibc-complete-treated-2014-only",
        PV,
        [IBC_L, *WORKUP, given("sct:386918005", "2014-03-01", "2014-07-01", status="completed")],
        [],
        FIRST,
        "the chemotherapy on record is of another time",
    ),
    Case(
        "ibc-no-mri",
        PV,
        [IBC_L, SKIN, MAMMO_L, ECHO_L, PET, DOXORUBICIN],
        [],
        ["ibcStaging"],
        "breast MRI is missing",
    ),
    Case(
        "ibc-mri-other-breast",
        PV,
        [IBC_L, SKIN, MAMMO_L, ECHO_L, report("loinc:35955-4", "2026-05-27"), PET, DOXORUBICIN],
        [],
        ["ibcStaging"],
        "the MRI was of the other breast",
    ),
    Case(
        "ibc-no-skin-biopsy",
        PV,
        [IBC_L, MAMMO_L, ECHO_L, MRI_L, PET, DOXORUBICIN],
        [],
        ["ibcStaging"],
        "skin biopsy is missing",
    ),
    Case(
        "ibc-ultrasound-only",
        PV,
        [IBC_L, SKIN, ECHO_L, MRI_L, PET_WORDS, DOXORUBICIN],
        [],
        [],
        "mammography and/or ultrasound; FDG in words",
    ),
    Case(
        "ibc-pet-without-tracer",
        PV,
        [
            IBC_L,
            SKIN,
            ECHO_L,
            MRI_L,
            report(("sct:450436003", "PET-CT"), "2026-05-29", "Geen bijzonderheden."),
            DOXORUBICIN,
        ],
        [],
        ["informationNeeded"],
        "FDG is never assumed: the tracer is unknown, and it decides whether anything is missing",
    ),
    Case(
        "ibc-imaging-10-weeks-before",
        PV,
        [IBC_L, SKIN, report("loinc:36627-8", "2026-03-12"), MRI_L, PET, DOXORUBICIN],
        [],
        [],
        "counts from three months before",
    ),
    Case(
        "ibc-imaging-5-months-before",
        PV,
        [IBC_L, SKIN, report("loinc:36627-8", "2025-12-18"), MRI_L, PET, DOXORUBICIN],
        [],
        ["ibcStaging"],
        "too old",
    ),
    Case(
        "ibc-with-liver-metastasis",
        PV,
        [IBC_L, condition("sct:94381002", "2026-06-05")],
        [],
        ["fdgPetCtFirst", "ibcNeoadjuvantFirst", "ibcStaging", "metastaticWorkUp"],
        "inflammatory cancer and a new metastasis",
    ),
    Case(
        "ibc-mrm-untreated",
        SG,
        [IBC_L, *WORKUP],
        [draft("sct:406505007", at=site(BREAST, "L"))],
        FIRST,
        "surgery before systemic therapy; no fat transfer counselling in inflammatory cancer",
    ),
    Case(
        "ibc-mrm-after-chemotherapy",
        SG,
        [IBC_L, *WORKUP, given("sct:372817009", "2026-05-25", "2026-06-10", status="completed")],
        [draft("sct:406505007", at=site(BREAST, "L"))],
        [],
        "mastectomy after systemic therapy",
    ),
    Case(
        "ibc-lumpectomy-after-chemotherapy",
        SG,
        [IBC_L, *WORKUP, given("sct:372817009", "2026-05-25", "2026-06-10", status="completed")],
        [draft("Lumpectomie linkerborst, lokalisatie met jodiumzaadje")],
        FIRST,
        "breast-conserving surgery at any time",
    ),
    Case(
        "ibc-lumpectomy-other-breast",
        OS,
        [
            IBC_L,
            *WORKUP,
            DOXORUBICIN,
            condition("sct:109889007", "2026-05-29", at=site(BREAST, "R")),
        ],
        [draft("sct:735086001")],
        [],
        "breast-conserving surgery of the other breast, for DCIS",
    ),
    Case(
        "ibc-skin-biopsy-order",
        OS,
        [IBC_L],
        [draft("sct:240977001", at=site(BREAST, "L"))],
        [],
        "not breast surgery",
    ),
    Case(
        "cancer-not-ibc-mrm",
        SG,
        [CANCER_R],
        [draft("sct:406505007", at=site(BREAST, "R"))],
        AFT_CARD,
        "no inflammatory cancer: the other guideline speaks",
    ),
]


# ---- With nipple discharge ---------------------------------------------------------------------------------------------
def bloody(side, since):
    return condition("sct:290113009|Bloody nipple discharge", since, at=site("sct:24142002", side))


def imaged(side, mammography, ultrasound, when="2026-05-10"):
    """Both reports of a side, with the BI-RADS category as the radiologist writes it."""
    mg, us, name = {"L": ("36627-8", "26215-4", "links"), "R": ("37774-7", "26216-2", "rechts")}[
        side
    ]
    return [
        report(f"loinc:{mg}", when, f"Mammografie {name}. Conclusie: BI-RADS {mammography}."),
        report(f"loinc:{us}", when, f"Echografie mamma {name}. Conclusie: BI-RADS {ultrasound}."),
    ]


LONG_L = bloody("L", "2026-01-05")
CLEAR_L = [LONG_L, *imaged("L", 2, 1)]
DUCTOSCOPY_L = draft("Ductoscopie linkerborst")
MIXED = [
    Case(
        "discharge-and-recurrence",
        PV,
        [*AXILLARY, LONG_L],
        [],
        ["breastImagingFirst", "regionalRecurrenceMdt"],
        "nothing imaged on the left; recurrence on the right",
    ),
    Case(
        "discharge-imaged-wrong-side-and-recurrence",
        PV,
        [*AXILLARY, LONG_L, *imaged("R", 2, 2)],
        [],
        ["breastImagingFirst", "regionalRecurrenceMdt"],
        "right-sided imaging says nothing about the left",
    ),
    Case(
        "discharge-and-ibc-other-breast",
        PV,
        [*CLEAR_L, condition("Inflammatoir mammacarcinoom rechts", "2026-06-01")],
        [],
        ["ductoscopyReferral", "ibcNeoadjuvantFirst", "ibcStaging"],
        "five months, both unsuspicious; inflammatory cancer right",
    ),
    Case(
        "discharge-with-skin-change",
        PV,
        [bloody("L", "2026-04-10"), *imaged("L", 2, 1), PEAU_L],
        [],
        SUSPECT,
        "a skin change of that breast is another complaint: no waiting",
    ),
    Case(
        "discharge-skin-change-other-breast",
        PV,
        [bloody("R", "2026-04-10"), *imaged("R", 2, 1), PEAU_L],
        [],
        ["dischargeWatchfulWaiting", "ibcSuspected"],
        "two months, unsuspicious; the skin change is of the other breast",
    ),
    Case(
        "discharge-birads-5-and-mastitis",
        PV,
        [LONG_L, *imaged("L", "4c", 5), MASTITIS, floxapen("2026-06-01")],
        [],
        ["ductoscopyContraindicated", "ibcSuspected"],
        "BI-RADS 4 and 5 without tissue diagnosis; persisting mastitis",
    ),
    Case(
        "discharge-milky-breastfeeding",
        PV,
        [
            condition(("icd:O92.6", "Melkachtige afscheiding beiderzijds"), "2026-05-01"),
            condition("sct:700038005", "2026-05-25"),
            floxapen("2026-05-28"),
            observation("loinc:63895-7", cc("loinc:LA29252-6")),
        ],
        [],
        [],
        "milky discharge is not pathological; mastitis of lactation",
    ),
    Case(
        "discharge-gp-and-planned-mastectomy",
        PV,
        [
            condition(("icpc:X20", "Bloederig tepelvocht rechts"), "2026-06-01"),
            DCIS_L,
            request("Ablatio mamma links", "2026-06-08"),
        ],
        [],
        ["aftCounselling", "breastImagingFirst"],
        "discharge right not imaged; mastectomy left planned for DCIS",
    ),
    Case(
        "ductoscopy-and-fat-imaging",
        SG,
        [*CLEAR_L, *FLAT_WORDS],
        [DUCTOSCOPY_L, draft("Echo mamma rechts", reasonCode=[cc("controle")])],
        NO_IMAGING,
        "ductoscopy is in order; surveillance of the other side is not",
    ),
    Case(
        "microdochectomy-and-mastectomy",
        SG,
        [*CLEAR_L, CANCER_R],
        [draft("sct:237400005", at=site(BREAST, "L")), draft("sct:429400009")],
        ["aftCounselling", "ductoscopyBeforeSurgery"],
        "duct surgery left before ductoscopy; mastectomy right for cancer",
    ),
    Case(
        "microdochectomy-after-ductoscopy-and-mari",
        SG,
        [*AXILLARY, *CLEAR_L, procedure("Ductoscopie links", "2026-05-30")],
        [draft("sct:237400005", at=site(BREAST, "L")), draft("MARI-procedure oksel rechts")],
        ["mariInRecurrence"],
        "ductoscopy was done; MARI in the recurrence",
    ),
    Case(
        "ductoscopy-after-duct-surgery-and-docetaxel",
        SG,
        [*AXILLARY, *CLEAR_L, procedure("sct:736751004", "2020-02-02")],
        [DUCTOSCOPY_L, DOCETAXEL],
        ["ductoscopyContraindicated", "markNodeBeforeSystemic"],
        "earlier surgery of that nipple; systemic therapy unmarked",
    ),
    Case(
        "ductoscopy-after-duct-surgery-other-side",
        SG,
        [*CLEAR_L, procedure("sct:736752006", "2020-02-02")],
        [DUCTOSCOPY_L],
        [],
        "the earlier surgery was of the other nipple",
    ),
    Case(
        "cone-excision-and-ibc-lumpectomy",
        SG,
        [bloody("R", "2026-01-05"), IBC_L],
        [draft("Conusexcisie rechts"), draft("sct:735085002")],
        ["breastImagingFirst", "ibcNeoadjuvantFirst"],
        "duct surgery without imaging; breast-conserving surgery in inflammatory cancer",
    ),
]

# ---- Shorthand of the ward and of the surgery ------------------------------------------------------------------------
NO_FEVER = observation("sct:386661006|Fever", "nee", "2026-06-12")
CHEMO_CURE = procedure("sct:367336001|Chemotherapy", "2026-06-01", status="in-progress")
OLD_LEFT = [
    condition("sct:429087003", "2012-03-01", at=site(BREAST, "L")),
    procedure("Lumpectomie + SN links", "2012-03-20"),
]
SHORTHAND = [
    Case(
        "words-ibc-carcinomatous-mastitis-coded",
        PV,
        [condition(("icdnl:C50.9", "Mastitis carcinomatosa"), "2026-06-01", at=site(BREAST, "L"))],
        [],
        BOTH,
        "the text says which breast cancer the broad code stands for; no metastasis in it",
    ),
    Case(
        "words-ibc-staged-report",
        PV,
        [
            condition("Inflammatoire borstkanker links", "2026-05-20"),
            report("PA huidbiopt linkermamma", "2026-05-19"),
            report(("sct:16310003", "Echo mamma links"), "2026-05-15"),
            report(("sct:113091000", "MRI mammae beiderzijds"), "2026-05-27"),
            PET_WORDS,
            CHEMO_CURE,
        ],
        [],
        [],
        "everything done, as zib text results",
    ),
    Case(
        "words-ibc-breast-conserving",
        SG,
        [IBC_L, *WORKUP, CHEMO_CURE],
        [draft("Mammasparende operatie links")],
        FIRST,
        "breast-conserving at any time",
    ),
    Case(
        "words-ibc-mastectomy-untreated",
        OS,
        [condition("Inflammatory carcinoma of the right breast", "2026-06-01")],
        [draft("Modified radical mastectomy, right")],
        FIRST,
        "surgery before systemic therapy, in English",
    ),
    Case(
        "words-no-recurrence-in-report",
        PV,
        [
            PRIMARY_R,
            report(
                "loinc:24606-6",
                "2026-05-20",
                "Geen aanwijzingen voor regionaal recidief. BI-RADS 2.",
            ),
        ],
        [],
        [],
        "a negated finding",
    ),
    Case(
        "words-recurrence-treated-before",
        PV,
        [
            PRIMARY_L,
            condition(
                "Status na okselklierrecidief links 2021, curatief behandeld",
                "2021-02-01",
                status="resolved",
            ),
        ],
        [],
        [],
        "an old recurrence, resolved",
    ),
    Case(
        "words-recurrence-in-nodes",
        PV,
        [
            condition(
                "Mammacarcinoom rechts (2014), borstsparend behandeld",
                "2014-05-01",
                status="inactive",
            ),
            condition("Recidief mammacarcinoom in okselklieren rechts", "2026-05-28"),
        ],
        [],
        MDT_CARD,
        "axillary recurrence",
    ),
    Case(
        "words-supraclavicular-late",
        PV,
        [*OLD_LEFT, condition("Lymfkliermetastase supraclaviculair links", "2026-05-06")],
        [],
        MDT_CARD,
        "nodal disease fourteen years after surgery",
    ),
    Case(
        "words-relapse-english",
        PV,
        [*OLD_LEFT, condition("Nodal relapse, left axilla", "2026-05-06")],
        [],
        MDT_CARD,
        "axillary relapse in English",
    ),
    Case(
        "words-mdt-procedure",
        PV,
        [*AXILLARY, mdt("Oncologiebespreking mamma")],
        [],
        [],
        "the MDT by another name",
    ),
    Case(
        "words-mdt-document",
        PV,
        [*AXILLARY, document("Verslag MDO", "2026-06-04")],
        [],
        [],
        "minutes of the MDT",
    ),
    Case(
        "words-mark-seed",
        OS,
        [*AXILLARY, procedure("Jodiumzaadje geplaatst in okselklier rechts", "2026-06-08")],
        [DOCETAXEL],
        [],
        "marked with a seed since the recurrence",
    ),
    Case(
        "words-ac-cure",
        OS,
        AXILLARY,
        [contained_prescription(code=cc("AC-kuur (doxorubicine + cyclofosfamide), kuur 1"))],
        MARK_CARD,
        "chemotherapy in words",
    ),
    Case(
        "mark-trastuzumab-atc",
        SG,
        AXILLARY,
        [prescription("atc:L01FD01", status="draft")],
        MARK_CARD,
        "anti-HER2 by ATC",
    ),
    Case(
        "mark-capecitabine",
        SG,
        AXILLARY,
        [prescription("atc:L01BC06", status="draft")],
        MARK_CARD,
        "cytotoxic by ATC",
    ),
    Case(
        "mark-tamoxifen-words",
        SG,
        AXILLARY,
        [contained_prescription(code=cc("Tamoxifen 20 mg tablet"))],
        MARK_CARD,
        "endocrine therapy starts",
    ),
    Case(
        "mark-order-for-radiotherapy",
        SG,
        AXILLARY,
        [draft("sct:429579007", at=site(AXILLA, "R"))],
        [],
        "not systemic therapy",
    ),
    Case(
        "words-aft-amputation",
        OS,
        [CANCER_R],
        [draft("Borstamputatie rechts")],
        AFT_CARD,
        "mastectomy in plain Dutch",
    ),
    Case(
        "words-aft-mastectomy-and-radiotherapy-drafts",
        SG,
        [CANCER_R],
        [draft("sct:429400009"), draft("sct:428624002", at=site(CHEST, "R"))],
        [],
        "radiotherapy of that side is among the same drafts",
    ),
    Case(
        "words-aft-in-ibc",
        PV,
        [*WORKUP, CHEMO_CURE, IBC_L, request("Ablatio mamma links", "2026-06-12")],
        [],
        [],
        "inflammatory cancer is an indication for radiotherapy",
    ),
    Case(
        "words-fat-grafting",
        SG,
        [
            procedure("Mastectomy, left", "2021-02-03"),
            procedure("Fat grafting of left breast", "2024-02-03"),
        ],
        [draft("Mammogram left breast", reasonCode=[cc("Annual surveillance")])],
        NO_IMAGING,
        "everything in English",
    ),
    Case(
        "words-fat-autologous",
        OS,
        [
            procedure("Ablatio links", "2021-02-03"),
            procedure("Autologe vettransplantatie linkerborst", "2024-02-03"),
        ],
        [draft("Mammografie beiderzijds")],
        NO_IMAGING,
        "the Dutch term, a bilateral order",
    ),
    Case(
        "words-fat-reason-pain",
        OS,
        FLAT,
        [draft("Mammografie links", reasonCode=[cc("Pijn en roodheid linkerborst")])],
        [],
        "ordered for a complaint",
    ),
    Case(
        "mastitis-course-finished",
        PV,
        [MASTITIS, floxapen("2026-05-26", status="completed")],
        [],
        SUSPECT,
        "the course is finished, the mastitis is not",
    ),
    Case(
        "mastitis-intravenous",
        PV,
        [MASTITIS, given("atc:J01DD04|Ceftriaxon", "2026-06-01", "2026-06-05", status="completed")],
        [],
        SUSPECT,
        "antibiotic as administration, by ATC",
    ),
    Case(
        "mastitis-not-breastfeeding",
        PV,
        [
            MASTITIS,
            floxapen("2026-05-28"),
            observation("sct:413712001", None, "2026-06-01", valueBoolean=False),
        ],
        [],
        SUSPECT,
        "a recorded no is not lactation",
    ),
    Case(
        "mastitis-pregnant",
        PV,
        [
            MASTITIS,
            floxapen("2026-05-28"),
            observation("loinc:82810-3", cc("sct:77386006|Pregnant")),
        ],
        [],
        [],
        "pregnant",
    ),
    Case(
        "mastitis-referred-words",
        PV,
        [
            MASTITIS,
            floxapen("2026-05-28"),
            request("Verwijzing naar mammapolikliniek", "2026-06-12", status="completed"),
        ],
        [],
        [],
        "referred since",
    ),
    Case(
        "peau-dorange-dutch",
        PV,
        [condition("Sinaasappelhuid rechterborst", "2026-05-20")],
        [],
        SUSPECT,
        "the sign in Dutch",
    ),
    Case(
        "peau-dorange-english",
        PV,
        [condition("Peau d'orange of the left breast", "2026-05-20")],
        [],
        SUSPECT,
        "in English",
    ),
    Case(
        "peau-dorange-fever-denied",
        PV,
        [PEAU_L, NO_FEVER],
        [],
        SUSPECT,
        "fever was asked and is not there",
    ),
    Case(
        "peau-dorange-negated",
        PV,
        [condition("Knobbel linkerborst, geen peau d'orange", "2026-05-20")],
        [],
        [],
        "a negated sign",
    ),
    Case(
        "peau-dorange-referred",
        PV,
        [PEAU_L, request("sct:306300002", "2026-05-02")],
        [],
        [],
        "referred since the sign",
    ),
]

# ---- Awkward shapes and days on the edge -----------------------------------------------------------------------------
NODE_MCODE = mcode_condition(
    "secondary-cancer-condition",
    "sct:94181007",
    "2026-05-08",
    at=site("sct:68171009", "R", "mcode"),
)
MARI_R = draft("MARI-procedure oksel rechts", id="mari")


def operated(status):
    return procedure(
        "sct:392021009|Lumpectomy of breast",
        "2019-04-10",
        status=status,
        at=site(BREAST, "R", "mcode"),
        meta={"profile": [MCODE + "cancer-related-surgical-procedure"]},
    )


def rated(side, category):
    """A contained Observation with the category of one breast, as American breast radiology reports it."""
    system = "http://hl7.org/fhir/us/breast-radiology/CodeSystem/RadLexCDE"
    return {
        "resourceType": "Observation",
        "id": side,
        "status": "final",
        "subject": PATIENT,
        "code": {"coding": [{"system": system, "code": "RDE1586"}]},
        "valueCodeableConcept": cc(f"sct:{category}"),
        "bodySite": site("sct:80248007" if side == "L" else "sct:73056007"),
    }


BOTH_BREASTS = report(
    "loinc:36626-0",
    "2026-05-10",
    contained=[rated("L", "397141009"), rated("R", "397145000")],
    result=[{"reference": "#L"}, {"reference": "#R"}],
)
EDGES = [
    Case(
        "edge-mari-selected-docetaxel-not",
        OS,
        AXILLARY,
        [MARI_R, DOCETAXEL],
        ["mariInRecurrence"],
        "only the selection is judged",
        selected=["ServiceRequest/mari"],
    ),
    Case(
        "edge-node-mcode-after-surgery",
        PV,
        [PRIMARY_R, operated("completed"), NODE_MCODE],
        [],
        MDT_CARD,
        "nodal disease seven years after surgery",
    ),
    Case(
        "edge-node-mcode-never-operated",
        PV,
        [PRIMARY_R, operated("not-done"), NODE_MCODE],
        [],
        [],
        "no completed surgery and not called a recurrence",
    ),
    Case(
        "edge-node-six-months",
        PV,
        [*MASTECTOMY_2023, late_node("2023-08-20")],
        [],
        MDT_CARD,
        "six calendar months exactly",
    ),
    Case(
        "edge-node-six-months-less-a-day",
        PV,
        [*MASTECTOMY_2023, late_node("2023-08-19")],
        [],
        [],
        "a day too early",
    ),
    Case(
        "edge-recurrence-entered-in-error",
        PV,
        [
            PRIMARY_R,
            condition(
                "sct:94181007",
                "2026-05-20",
                ver="entered-in-error",
                status=None,
                at=site(AXILLA, "R"),
            ),
        ],
        [],
        [],
        "entered in error",
    ),
    Case(
        "edge-aft-prophylactic-after-cancer",
        PV,
        [
            condition("icd:Z85.3", "2015-03-01", at=site(BREAST, "L")),
            request("Profylactische mastectomie rechts", "2026-06-02"),
        ],
        [],
        [],
        "the mastectomy is not for breast cancer",
    ),
    Case(
        "edge-aft-site-in-words",
        SG,
        [DCIS_L],
        [draft("sct:5884001", at=cc("linkerborst"))],
        AFT_CARD,
        "the side in words",
    ),
    Case(
        "edge-fat-abbreviation",
        SG,
        [FLAT[1], procedure("AFT linkerborst, 2e sessie", "2025-01-20")],
        [draft("loinc:36627-8")],
        NO_IMAGING,
        "the abbreviation that the module itself uses",
    ),
    Case(
        "edge-fat-contained-reason",
        SG,
        FLAT,
        [
            draft(
                "loinc:36627-8",
                reasonReference=[{"reference": "#why"}],
                contained=[
                    {
                        "resourceType": "Condition",
                        "id": "why",
                        "subject": PATIENT,
                        "code": cc("Pijnlijke knobbel links"),
                    }
                ],
            )
        ],
        [],
        "ordered for a complaint that the order contains",
    ),
    Case(
        "edge-ibc-prescription-cancelled",
        PV,
        [IBC_L, *WORKUP, prescription("atc:L01CD02", "2026-06-05", status="cancelled")],
        [],
        FIRST,
        "a cancelled prescription is no therapy",
    ),
    Case(
        "edge-ibc-surgery-prescription-in-error",
        SG,
        [IBC_L, *WORKUP, prescription("atc:L01CD02", "2026-06-05", status="entered-in-error")],
        [draft("sct:428571003")],
        FIRST,
        "mastectomy with no systemic therapy on record",
    ),
    Case(
        "edge-mastitis-fed-14-months-ago",
        PV,
        [
            MASTITIS,
            floxapen("2026-05-28"),
            observation("loinc:63895-7", cc("loinc:LA29252-6"), "2025-04-01"),
        ],
        [],
        SUSPECT,
        "lactation longer than twelve months ago",
    ),
    Case(
        "edge-mastitis-fed-8-months-ago",
        PV,
        [
            MASTITIS,
            floxapen("2026-05-28"),
            observation("loinc:63895-7", cc("loinc:LA29252-6"), "2025-10-01"),
        ],
        [],
        [],
        "lactation within twelve months",
    ),
    Case(
        "edge-mastitis-period",
        PV,
        [
            condition(
                ("icpc:X21", "Mastitis rechterborst"), None, onsetPeriod={"start": "2026-05-24"}
            ),
            floxapen("2026-05-28"),
        ],
        [],
        SUSPECT,
        "onset as an open period",
    ),
    Case(
        "edge-peau-six-months",
        PV,
        [condition("sct:87386002", "2025-12-15", at=site(BREAST, "L"))],
        [],
        SUSPECT,
        "six calendar months exactly",
    ),
    Case(
        "edge-peau-six-months-and-a-day",
        PV,
        [condition("sct:87386002", "2025-12-14", at=site(BREAST, "L"))],
        [],
        [],
        "a day longer",
    ),
    Case(
        "edge-discharge-three-months-and-recurrence",
        PV,
        [*AXILLARY, bloody("L", "2026-03-15"), *imaged("L", 2, 1)],
        [],
        ["dischargeWatchfulWaiting", "regionalRecurrenceMdt"],
        "exactly three months is at most three",
    ),
    Case(
        "edge-discharge-three-months-and-a-day",
        PV,
        [*AXILLARY, bloody("L", "2026-03-14"), *imaged("L", 2, 1)],
        [],
        ["ductoscopyReferral", "regionalRecurrenceMdt"],
        "longer than three months",
    ),
    Case(
        "edge-discharge-two-breasts-one-report",
        PV,
        [LONG_L, BOTH_BREASTS, imaged("L", 1, 2)[1]],
        [],
        ["ductoscopyReferral"],
        "category 2 left, 5 right, as contained results of one report",
    ),
]

CASES = [
    *REGIONAL,
    *MARKING,
    *COUNSELLING,
    *IMAGING,
    *SUSPICION,
    *DIAGNOSED,
    *MIXED,
    *SHORTHAND,
    *EDGES,
]


def bundle(resources, kind="searchset"):
    return {
        "resourceType": "Bundle",
        "type": kind,
        "entry": [{"resource": resource} for resource in resources],
    }


def prefetch_of(case, templates):
    """Every advertised key: the Patient, or the resources of the template's type; null where there are none."""
    by_type = defaultdict(list)
    for resource in case.record:
        by_type[resource["resourceType"]].append(resource)
    answer = {}
    for key, template in templates[case.hook].items():
        kind = template.partition("?")[0].partition("/")[0]
        found = [] if key == "observationsByCode" else by_type[kind]
        answer[key] = bundle(found) if found else None
    patient = {
        "resourceType": "Patient",
        "id": "p1",
        "gender": case.gender,
        "birthDate": "1971-04-03",
    }
    return answer | {"patient": patient}


@pytest.mark.parametrize("case", CASES, ids=[case.id for case in CASES])
def test_patient(case, client, clock, templates):
    clock.day = date(2026, 6, 15)
    context = {"userId": "Practitioner/d1", "patientId": "p1"}
    if case.hook != PV:
        context["draftOrders"] = bundle(case.drafts, "collection")
    if case.hook == OS:
        context["selections"] = case.selected or [
            f"{order['resourceType']}/{order['id']}" for order in case.drafts
        ]
    call = {
        "hook": case.hook,
        "hookInstance": "5b4b9a0e-6f0c-4b52-9a55-1d1f7d0c2f11",
        "context": context,
        "prefetch": prefetch_of(case, templates),
    }
    response = client.post(f"/cds-services/{SERVICE[case.hook]}", json=call)
    assert response.status_code == 200, response.get_data(as_text=True)
    assert keys(response) == sorted(case.expected), case.reason
