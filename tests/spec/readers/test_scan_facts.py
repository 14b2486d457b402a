"""Which imaging was done: the tracer of a PET, the region of an MRI, and whether a report calls itself conclusive.

Expectations from the meaning of the fact `scan`, the catalogue (FDG is never assumed from "PET") and the terminology page on imaging.
Codes are the tests' own. "-" means: no fact.
"""

import base64
from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

import pytest

from cds_service.content import cards_folder, content_module
from cds_service.facts.definitions import load_facts, load_value_sets
from cds_service.facts.extraction import Reading
from cds_service.fhir.record import PrefetchInput, Record
from cds_service.fhir.resource_types import KEYS
from cds_service.fhir.state import State
from cds_service.terminology.value_set import ValueSet
from tests.spec.tables import MET, NOT_MET, UNKNOWN, table

ZONE = ZoneInfo("Europe/Amsterdam")
NOW = datetime(2026, 6, 15, 12, tzinfo=ZONE)
SNOMED, LOINC, DCM, ATC = (
    "http://snomed.info/sct",
    "http://loinc.org",
    "http://dicom.nema.org/resources/ontology/DCM",
    "http://www.whocc.no/atc",
)
NCIT = "http://ncicb.nci.nih.gov/xml/owl/EVS/Thesaurus.owl"
SYSTEMS = {"snomed": SNOMED, "loinc": LOINC, "dcm": DCM}
MODULES = ("scans", "care_orders", "meetings", "alarms")


@lru_cache(maxsize=1)
def content():
    """The shared value sets, facts and the readers under test, without any guideline."""
    sets, faults = load_value_sets(cards_folder() / "shared")
    sets["laterality"] = ValueSet(
        "laterality",
        {key: row for s in sets.values() for key, row in s.codes.items() if row[1]},
        (),
    )
    definitions, more = load_facts(cards_folder() / "shared", sets)
    modules = [content_module(f"readers.{name}") for name in MODULES]
    readers = {
        name: f
        for module in modules
        for name, f in vars(module).items()
        if getattr(f, "is_reader", False)
    }
    assert faults + more == []
    return sets, definitions, readers


def read_of(*resources, drafts=()):
    """A record that holds just these resources, being read."""
    sets, _, readers = content()
    by_type = {kind: [r for r in resources if r["resourceType"] == kind] for kind in KEYS}
    inputs = {
        kind: PrefetchInput(kind, kind, State.PRESENT if by_type[kind] else State.EMPTY)
        for kind in KEYS
    }
    return Reading(Record("p", by_type, inputs, drafts=tuple(drafts)), NOW, ZONE, sets, readers)


def facts_in(name, *resources, drafts=()):
    """The facts of a name that a record tells, and the Reading behind them."""
    reading = read_of(*resources, drafts=drafts)
    return reading.facts(content()[1][name]).facts, reading


def values_in(name, *resources, drafts=()):
    """The values told, sorted, as tables write them."""
    return (
        " ".join(sorted({fact.value for fact in facts_in(name, *resources, drafts=drafts)[0]}))
        or "-"
    )


def coded(system, code, **words):
    display = {"display": words["display"]} if "display" in words else {}
    return {"coding": [{"system": system, "code": code} | display]} | (
        {"text": words["text"]} if "text" in words else {}
    )


def report(code=None, **elements):
    base = {
        "resourceType": "DiagnosticReport",
        "id": "r",
        "status": "final",
        "effectiveDateTime": "2026-05-01",
    }
    return (
        base
        | ({"code": {"text": code} if isinstance(code, str) else code} if code else {})
        | elements
    )


def study(*modalities, **elements):
    base = {
        "resourceType": "ImagingStudy",
        "id": "i",
        "status": "available",
        "started": "2026-05-01T09:00:00+02:00",
    }
    return (
        base
        | ({"modality": [{"system": DCM, "code": m} for m in modalities]} if modalities else {})
        | elements
    )


def procedure(code, **elements):
    return {
        "resourceType": "Procedure",
        "id": "p",
        "status": "completed",
        "performedDateTime": "2026-05-01",
        "code": code,
    } | elements


def given(concept, day="2026-05-01", **elements):
    base = {
        "resourceType": "MedicationAdministration",
        "id": "m",
        "status": "completed",
        "effectiveDateTime": day,
        "medicationCodeableConcept": concept,
    }
    return base | elements


# --- the name of an examination, in words

IN_WORDS = table("""
    words                                                              | told
    -------------------------------------------------------------------+------------------------
    18F-FDG PET-CT                                                     | fdg_pet
    FDG-PET/CT                                                         | fdg_pet
    FDG PETCT whole body                                               | fdg_pet
    fdgpetct                                                           | fdg_pet
    FDG-scan                                                           | fdg_pet
    PET-CT na toediening van FDG                                       | fdg_pet
    PET/MRI met FDG                                                    | fdg_pet
    18F-fludeoxyglucose PET                                            | fdg_pet
    18F-FDG-PET/CT hals-thorax-abdomen                                 | fdg_pet
    Positron emission tomography with computed tomography of whole body| pet
    PET-CT                                                             | pet
    PET-scan                                                           | pet
    Positron emission tomography study for localization of tumor       | pet
    FES-PET                                                            | fes_pet
    [18F]FES PET/CT                                                    | fes_pet
    16α-fluoroestradiol PET                                            | fes_pet
    16α-[18F]-fluoro-17β-estradiol PET/CT                              | fes_pet
    ER-PET                                                             | fes_pet
    18F-natriumfluoride PET-CT                                         | naf_pet
    NaF-PET                                                            | naf_pet
    Sodium fluoride PET/CT                                             | naf_pet
    68Ga-FAPI-46 PET/CT                                                | fapi_pet
    FAPI PET                                                           | fapi_pet
    68Ga-PSMA PET                                                      | psma_pet
    PSMA-scan                                                          | psma_pet
    18F-fluciclovine PET                                               | fluciclovine_pet
    Axumin PET/CT                                                      | fluciclovine_pet
    choline PET/CT                                                     | other_pet
    68Ga-DOTATATE PET                                                  | other_pet
    FES-PET wegens niet-conclusieve FDG-PET                            | fes_pet
    FDG-PET/CT en FES-PET/CT                                           | fdg_pet fes_pet
    Botscan                                                            | bone_scan
    Skeletscintigrafie                                                 | bone_scan
    Whole body bone scintigraphy                                       | bone_scan
    Tc-99m HDP total body                                              | bone_scan
    Botscan met SPECT-CT                                               | bone_scan
    SPECT hart                                                         | -
    Scintimammografie                                                  | -
    Schildklierscintigrafie                                            | -
    DEXA botdichtheid                                                  | -
    MRI wervelkolom                                                    | mri_spine
    MRI TWK/LWK                                                        | mri_spine
    MRI CWK                                                            | mri_spine
    MRI total spine                                                    | mri_spine
    MRI thoracale en lumbale wervelkolom                               | mri_spine
    Wervelkolom-MRI                                                    | mri_spine
    MRI-scan van de wervelkolom met contrast                           | mri_spine
    MRI bekken                                                         | mri_pelvis
    MRI SI-gewrichten                                                  | mri_pelvis
    MR Pelvis W contrast IV                                            | mri_pelvis
    MRI lever                                                          | mri_liver
    MRI bovenbuik                                                      | mri_liver
    MRI abdomen                                                        | mri_liver
    Magnetic resonance imaging of liver                                | mri_liver
    MRI lever en bekken                                                | mri_liver mri_pelvis
    MR Abdomen and Pelvis                                              | mri_liver mri_pelvis
    MRI hersenen                                                       | mri_brain
    MRI schedel                                                        | mri_brain
    MRI brein met contrast                                             | mri_brain
    MRI mamma beiderzijds                                              | mri_breast
    MR mammografie                                                     | mri_breast
    Breast MRI                                                         | mri_breast
    whole-body MRI                                                     | mri_whole_body
    WB-MRI                                                             | mri_whole_body
    MRI                                                                | mri
    MRI-onderzoek                                                      | mri
    MRI ThWK                                                           | mri_spine
    MRI knie rechts                                                    | -
    MRI heup                                                           | -
    MRI hart                                                           | -
    CT thorax                                                          | ct_chest
    CT thorax/abdomen                                                  | ct_abdomen ct_chest
    CT-thorax-abdomen met contrast                                     | ct_abdomen ct_chest
    Computed tomography of thorax                                      | ct_chest
    CT abdomen en X-thorax                                             | chest_xray ct_abdomen
    CT wervelkolom                                                     | -
    X-thorax                                                           | chest_xray
    Thoraxfoto                                                         | chest_xray
    Röntgenfoto thorax                                                 | chest_xray
    XR Chest 2 Views                                                   | chest_xray
    X-bekken                                                           | -
    Echo lever                                                         | liver_ultrasound
    Echografie bovenbuik                                               | liver_ultrasound
    Ultrasound abdomen                                                 | liver_ultrasound
    leverecho                                                          | liver_ultrasound
    Echo oksel rechts                                                  | -
    Echo mamma links                                                   | -
    Echo cor                                                           | -
    X-thorax, echo lever en botscan                                    | bone_scan chest_xray liver_ultrasound
    MRI wervelkolom en CT thorax/abdomen                               | ct_abdomen ct_chest mri_spine
    Thorax-CT en lever-MRI                                             | ct_chest mri_liver
    FDG-PET/CT + diagnostische CT thorax-abdomen                       | ct_abdomen ct_chest fdg_pet
    PET/CT whole body en MRI lever                                     | mri_liver pet
    MRI wervelkolom i.v.m. onduidelijke haard L3 op FDG-PET/CT         | mri_spine
    MRI wervelkolom (FDG-PET: onduidelijke haard L3)                   | mri_spine
    MRI lever bij mammacarcinoom                                       | mri_liver
    CT-geleide biopsie lever                                           | -
    Echogeleide punctie lever                                          | -
    Plannings-CT thorax                                                | -
    Bespreken MRI lever                                                | -
    Geen MRI                                                           | -
    FDG-PET/CT, indien niet conclusief MRI wervelkolom                 | fdg_pet
    Consult neurologie i.v.m. uitslag MRI wervelkolom                  | -
    Poliklinische controle na MRI                                      | -
    Stadiëring na operatie: FDG-PET/CT                                 | fdg_pet
    FDG-PET/CT toonde een haard                                        | -
    Mammografie beiderzijds                                            | -
    Consult longarts                                                   | -
""")


@pytest.mark.parametrize("words, told", IN_WORDS, ids=[row[0] for row in IN_WORDS])
def test_the_name_of_an_examination(words, told):
    assert values_in("scan", procedure({"text": words})) == told


# --- codes

BY_CODE = table("""
    system | code             | told
    -------+------------------+----------------------
    snomed | 443271005        | fdg_pet
    loinc  | 81555-5          | fdg_pet
    loinc  | 81554-8          | fdg_pet
    snomed | 725931007        | naf_pet
    loinc  | 81552-2          | naf_pet
    snomed | 764695006        | other_pet
    snomed | 443234008        | other_pet
    snomed | 450436003        | pet
    snomed | 82918005         | pet
    loinc  | 44139-4          | pet
    snomed | 418832007        | bone_scan
    loinc  | 25031-6          | bone_scan
    snomed | 241645008        | mri_spine
    snomed | 495741000119105  | mri_spine
    loinc  | 24968-0          | mri_spine
    loinc  | 24867-4          | mri_pelvis
    snomed | 433138001        | mri_pelvis
    snomed | 1332285003       | mri_pelvis
    loinc  | 36046-1          | mri_liver
    snomed | 394531000119101  | mri_liver
    snomed | 699582003        | mri_liver mri_pelvis
    snomed | 426252008        | mri_whole_body
    snomed | 241615005        | mri_breast
    loinc  | 30794-2          | mri_breast
    snomed | 113091000        | mri
    snomed | 169069000        | ct_chest
    loinc  | 41806-1          | ct_abdomen
    loinc  | 87869-4          | ct_abdomen ct_chest
    snomed | 77477000         | -
    snomed | 71651007         | -
    snomed | 418432003        | -
    snomed | 12738006         | -
""")


@pytest.mark.parametrize("system, code, told", BY_CODE, ids=[" ".join(row[:2]) for row in BY_CODE])
def test_the_code_of_an_examination(system, code, told):
    assert values_in("scan", report(coded(SYSTEMS[system], code))) == told


def test_a_code_wins_over_words_and_words_make_a_general_code_exact():
    assert values_in("scan", report(coded(SNOMED, "443271005", text="FES-PET"))) == "fdg_pet"
    assert values_in("scan", report(coded(SNOMED, "450436003", text="FES-PET-CT"))) == "fes_pet"
    assert values_in("scan", report(coded(SNOMED, "113091000", text="MRI bekken"))) == "mri_pelvis"
    assert values_in("scan", report(coded(SNOMED, "77477000", text="CT thorax"))) == "ct_chest"
    assert values_in("scan", report(coded(f"{SNOMED}/11000146104", "241645008"))) == "mri_spine"


# --- regions and tracers that stand elsewhere

SPINE, PELVIS, LEFT_BREAST = (
    coded(SNOMED, "421060004"),
    coded(SNOMED, "12921003"),
    coded(SNOMED, "80248007"),
)
SERIES = {"modality": {"system": DCM, "code": "MR"}}
REFERENCE = {"reference": "ImagingStudy/i"}
ORDER = {
    "resourceType": "ServiceRequest",
    "id": "s",
    "status": "completed",
    "code": {"text": "MRI bekken"},
}
MEDICATION = {"resourceType": "Medication", "id": "x", "code": coded(ATC, "V09IX11")}
ELSEWHERE = [
    (
        "MR, series of the spine",
        [study("MR", series=[SERIES | {"bodySite": {"system": SNOMED, "code": "421060004"}}])],
        "mri_spine",
    ),
    (
        "MR, series of spine and pelvis",
        [
            study(
                series=[
                    SERIES | {"bodySite": {"system": SNOMED, "code": c}}
                    for c in ("421060004", "12921003")
                ]
            )
        ],
        "mri_pelvis mri_spine",
    ),
    (
        "MR, R5: a concept in the series",
        [study(series=[{"modality": coded(DCM, "MR"), "bodySite": {"concept": SPINE}}])],
        "mri_spine",
    ),
    (
        "MR, words of a series",
        [study("MR", series=[SERIES | {"description": "T2 sag LWK"}])],
        "mri_spine",
    ),
    ("MR, description", [study("MR", description="MRI lever met contrast")], "mri_liver"),
    ("MR, description without a modality", [study("MR", description="Bekken")], "mri_pelvis"),
    ("MR of the knee, in the description", [study("MR", description="Knie links")], "-"),
    ("MR and nothing else", [study("MR")], "mri"),
    (
        "CT of the chest by its series",
        [
            study(
                series=[
                    {
                        "modality": {"system": DCM, "code": "CT"},
                        "bodySite": {"system": SNOMED, "code": "39607008"},
                    }
                ]
            )
        ],
        "ct_chest",
    ),
    ("CT of nobody knows what", [study("CT")], "-"),
    (
        "US of the liver by its series",
        [
            study(
                series=[
                    {
                        "modality": {"system": DCM, "code": "US"},
                        "bodySite": {"system": SNOMED, "code": "10200004"},
                    }
                ]
            )
        ],
        "liver_ultrasound",
    ),
    (
        "NM of bone",
        [
            study(
                series=[
                    {
                        "modality": {"system": DCM, "code": "NM"},
                        "bodySite": {"system": SNOMED, "code": "272673000"},
                    }
                ]
            )
        ],
        "bone_scan",
    ),
    ("NM of something", [study("NM")], "-"),
    ("PT and CT, no tracer", [study("PT", "CT")], "pet"),
    ("PT and MR: a PET/MRI", [study("PT", "MR")], "pet"),
    (
        "PT, its series names the tracer",
        [
            study(
                "PT",
                "CT",
                series=[{"modality": {"system": DCM, "code": "PT"}, "description": "FDG WB AC"}],
            )
        ],
        "fdg_pet",
    ),
    (
        "PT, procedureCode",
        [study("PT", "CT", procedureCode=[coded(SNOMED, "443271005")])],
        "fdg_pet",
    ),
    (
        "PT, R5 procedure",
        [study("PT", "CT", procedure=[{"concept": coded(LOINC, "81551-4")}])],
        "naf_pet",
    ),
    (
        "PT and CT with a diagnostic CT in words",
        [study("PT", "CT", description="FDG-PET/CT met CT thorax")],
        "ct_chest fdg_pet",
    ),
    (
        "MRI procedure with a site",
        [procedure(coded(SNOMED, "113091000"), bodySite=[PELVIS])],
        "mri_pelvis",
    ),
    (
        "MRI procedure of an armpit",
        [procedure(coded(SNOMED, "113091000"), bodySite=[coded(SNOMED, "91470000")])],
        "-",
    ),
    (
        "MRI procedure of the left breast",
        [procedure(coded(SNOMED, "113091000"), bodySite=[LEFT_BREAST])],
        "mri_breast",
    ),
    (
        "mammogram, ultrasound and MRI",
        [procedure({"text": "Mammografie, echo mamma en MRI"})],
        "mri_breast",
    ),
    (
        "PET, usedCode",
        [procedure(coded(SNOMED, "450436003"), usedCode=[coded(SNOMED, "926372005")])],
        "fes_pet",
    ),
    (
        "PET, usedReference",
        [
            procedure(
                coded(SNOMED, "450436003"),
                usedReference=[{"reference": "#x"}],
                contained=[MEDICATION],
            )
        ],
        "fes_pet",
    ),
    (
        "PET, R5 used",
        [procedure(coded(SNOMED, "450436003"), used=[{"concept": coded(SNOMED, "35321007")}])],
        "fdg_pet",
    ),
    (
        "PET, usedCode of PSMA-1007",
        [procedure(coded(SNOMED, "450436003"), usedCode=[coded(DCM, "126758")])],
        "psma_pet",
    ),
    (
        "PET, usedCode of piflufolastat",
        [procedure(coded(SNOMED, "450436003"), usedCode=[coded(NCIT, "C116352")])],
        "psma_pet",
    ),
    (
        "PET, fluorine alone is no tracer",
        [procedure(coded(SNOMED, "450436003"), usedCode=[coded(SNOMED, "77004003")])],
        "pet",
    ),
    (
        "PET, FDG given that day",
        [procedure(coded(SNOMED, "450436003")), given(coded(ATC, "V09IX04"))],
        "fdg_pet",
    ),
    ("PET study, FES given that day", [study("PT", "CT"), given(coded(ATC, "V09IX11"))], "fes_pet"),
    (
        "PET, FDG in words given that day",
        [study("PT"), given({"text": "18F-FDG 200 MBq"})],
        "fdg_pet",
    ),
    (
        "PET, FDG given the day before",
        [study("PT"), given(coded(ATC, "V09IX04"), "2026-04-30")],
        "pet",
    ),
    ("PET, FDG not given", [study("PT"), given(coded(ATC, "V09IX04"), status="not-done")], "pet"),
    (
        "PET, two tracers that day",
        [study("PT"), given(coded(ATC, "V09IX04")), given(coded(ATC, "V09IX11"), id="m2")],
        "pet",
    ),
    (
        "PET, two that day, one for it",
        [
            procedure(coded(SNOMED, "82918005")),
            given(coded(ATC, "V09IX04")),
            given(coded(ATC, "V09IX11"), id="m2", partOf=[{"reference": "Procedure/p"}]),
        ],
        "fes_pet",
    ),
    (
        "PET, contained medication that day",
        [study("PT"), given(None, medicationReference={"reference": "#x"}, contained=[MEDICATION])],
        "fes_pet",
    ),
    ("PET, another medicine that day", [study("PT"), given(coded(ATC, "N02BE01"))], "pet"),
    (
        "report of its study",
        [
            report(coded(LOINC, "18748-4"), imagingStudy=[REFERENCE]),
            study("MR", description="MRI lever"),
        ],
        "mri_liver",
    ),
    (
        "general report of its study",
        [
            report(coded(SNOMED, "113091000"), imagingStudy=[REFERENCE]),
            study("MR", description="MRI lever"),
        ],
        "mri_liver",
    ),
    (
        "study of its report",
        [report("FDG-PET/CT", imagingStudy=[REFERENCE]), study("PT", "CT")],
        "fdg_pet",
    ),
    (
        "R5 report of its study",
        [
            report(coded(SNOMED, "113091000"), study=[REFERENCE]),
            study("MR", description="MRI lever"),
        ],
        "mri_liver",
    ),
    (
        "report of an order",
        [report(coded(SNOMED, "113091000"), basedOn=[{"reference": "ServiceRequest/s"}]), ORDER],
        "mri_pelvis",
    ),
    (
        "study of a procedure",
        [
            study("PT", procedureReference={"reference": "Procedure/p"}),
            procedure(coded(SNOMED, "450436003", text="FES-PET")),
        ],
        "fes_pet",
    ),
    (
        "report of an unread study",
        [report(coded(SNOMED, "113091000"), imagingStudy=[{"reference": "ImagingStudy/9"}])],
        "mri",
    ),
    (
        "the region in the conclusion",
        [
            report(
                coded(SNOMED, "113091000", text="MRI"), conclusion="MRI LWK: onduidelijke haard L3."
            )
        ],
        "mri_spine",
    ),
    (
        "the region of an advice is not that of the scan",
        [
            report(
                coded(SNOMED, "113091000"), conclusion="MRI wervelkolom: haard. Advies MRI lever."
            )
        ],
        "mri_spine",
    ),
    (
        "the tracer in the conclusion",
        [report(coded(SNOMED, "450436003"), conclusion="FDG-avide haard in L3.")],
        "fdg_pet",
    ),
    (
        "an earlier tracer in the conclusion",
        [
            report(
                coded(SNOMED, "450436003"),
                conclusion="Intense opname van FES. Vergeleken met FDG-PET van maart.",
            )
        ],
        "fes_pet",
    ),
    (
        "two tracers in the conclusion",
        [report(coded(SNOMED, "450436003"), conclusion="Discrepantie tussen FDG en FES.")],
        "pet",
    ),
    (
        "a report of radiology, read by its title",
        [report("Radiologieverslag", conclusion="CT thorax/abdomen: geen afwijkingen.")],
        "ct_abdomen ct_chest",
    ),
    (
        "a report in the category radiology",
        [
            report(
                "Verslag",
                category=[{"text": "Radiologie"}],
                conclusion="FDG-PET/CT: geen metastasen",
            )
        ],
        "fdg_pet",
    ),
    (
        "plain text attached",
        [
            report(
                "Radiologieverslag",
                presentedForm=[
                    {
                        "contentType": "text/plain",
                        "data": base64.b64encode(b"MRI bekken. Normaal.").decode(),
                    }
                ],
            )
        ],
        "mri_pelvis",
    ),
    (
        "a letter that mentions an MRI is none",
        [report("Ontslagbrief", conclusion="MRI lever was normaal.")],
        "-",
    ),
    (
        "pathology",
        [report("Pathologieverslag", conclusion="Biopsie na MRI lever: metastase.")],
        "-",
    ),
]


@pytest.mark.parametrize(
    "resources, told", [row[1:] for row in ELSEWHERE], ids=[row[0] for row in ELSEWHERE]
)
def test_what_stands_elsewhere(resources, told):
    shown = [r for r in resources if r["resourceType"] != "MedicationAdministration"]
    facts, _ = facts_in("scan", *resources)
    first = {fact.value for fact in facts if fact.reference.startswith(shown[0]["resourceType"])}
    assert (" ".join(sorted(first)) or "-") == told


def test_a_study_is_known_by_the_report_that_lists_it():
    facts, _ = facts_in("scan", study("PT", "CT"), report("FDG-PET/CT", imagingStudy=[REFERENCE]))
    assert {(f.resource_type, f.value) for f in facts} == {
        ("ImagingStudy", "fdg_pet"),
        ("DiagnosticReport", "fdg_pet"),
    }


# --- done or not

STANDING = [
    ("a final report", report("FDG-PET/CT"), MET),
    ("a preliminary report", report("FDG-PET/CT", status="preliminary"), UNKNOWN),
    ("a registered report", report("FDG-PET/CT", status="registered"), NOT_MET),
    ("a registered study", study("MR", description="MRI lever", status="registered"), NOT_MET),
    ("a procedure in preparation", procedure({"text": "Botscan"}, status="preparation"), NOT_MET),
    ("a procedure that was not done", procedure({"text": "Botscan"}, status="not-done"), NOT_MET),
]


@pytest.mark.parametrize(
    "resource, asserted", [row[1:] for row in STANDING], ids=[row[0] for row in STANDING]
)
def test_whether_it_was_done(resource, asserted):
    (fact,), _ = facts_in("scan", resource)
    assert fact.asserted is asserted


VOID = [
    ("entered in error", {"status": "entered-in-error"}, "set-aside"),
    ("cancelled", {"status": "cancelled"}, "set-aside"),
    ("in the future", {"effectiveDateTime": "2026-12-01"}, "future"),
    ("no date at all", {"effectiveDateTime": "gisteren"}, "unreadable"),
    ("unknown modifier", {"modifierExtension": [{"url": "x"}]}, "unreadable"),
]


@pytest.mark.parametrize(
    "elements, problem", [row[1:] for row in VOID], ids=[row[0] for row in VOID]
)
def test_what_must_not_be_used_is_told(elements, problem):
    facts, reading = facts_in("scan", report("FDG-PET/CT", **elements))
    assert facts == () and problem in {kind for _, kind, _ in reading.problems}


def test_malformed_codes_are_told():
    facts, reading = facts_in("scan", report({"coding": "443271005"}))
    assert facts == () and {kind for _, kind, _ in reading.problems} == {"unreadable"}


def test_a_malformed_administration_is_told_and_hides_no_scan():
    facts, reading = facts_in(
        "scan", study("PT"), given({"coding": [{"system": ATC, "code": "V09IX04"}]}, "1 mei")
    )
    assert [f.value for f in facts] == ["pet"] and {kind for _, kind, _ in reading.problems} == {
        "unreadable"
    }


def test_a_draft_is_nothing_done():
    assert (
        values_in("scan", drafts=[procedure({"text": "FDG-PET/CT"}, status="preparation")]) == "-"
    )


def test_the_day_of_a_scan_and_the_mark_of_words():
    (fact,), _ = facts_in("scan", report("MRI lever"))
    assert str(fact.when) == "2026-05-01" and fact.from_text
    (fact,), _ = facts_in("scan", report(coded(LOINC, "36046-1")))
    assert not fact.from_text
    (fact,), _ = facts_in("scan", report("MRI mamma links"))
    assert fact.side.value == "left"


# --- conclusive

CONCLUSIVE = [
    ("Geen aanwijzing voor metastasen.", "told"),
    ("Onduidelijke haard in L3.", "told"),
    ("Niet conclusief onderzoek.", "no"),
    ("Niet-conclusieve bevinding in de lever.", "no"),
    ("Onvoldoende informatie voor uitspraak over L3.", "no"),
    ("Geen zekere uitspraak mogelijk.", "no"),
    ("Inconclusive study.", "no"),
    ("Equivocal uptake in L3.", "no"),
    ("Indeterminate focus.", "no"),
    ("Eerder niet conclusief onderzoek; nu duidelijke metastase.", "told"),
    ("Niet te beoordelen door bewegingsartefact.", "no"),
    ("Conclusief onderzoek.", "told"),
]


@pytest.mark.parametrize("conclusion, said", CONCLUSIVE)
def test_whether_a_report_is_conclusive(conclusion, said):
    (fact,), _ = facts_in("scan", report("FDG-PET/CT", conclusion=conclusion))
    assert [m.value for m in fact.attributes["conclusive"]] == [said]


def test_conclusive_by_code_by_result_and_not_said():
    (fact,), _ = facts_in("scan", report("FDG-PET/CT", conclusionCode=[coded(SNOMED, "408379005")]))
    assert [m.value for m in fact.attributes["conclusive"]] == ["no"]
    result = {
        "resourceType": "Observation",
        "id": "o",
        "status": "final",
        "code": {"text": "Conclusie"},
        "valueString": "Niet conclusief",
    }
    (fact,), _ = facts_in(
        "scan", report("FDG-PET/CT", result=[{"reference": "Observation/o"}]), result
    )
    assert [m.value for m in fact.attributes["conclusive"]] == ["no"]
    (fact,), _ = facts_in("scan", report("FDG-PET/CT"))
    assert "conclusive" not in fact.attributes
