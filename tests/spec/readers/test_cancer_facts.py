"""The diagnosis of breast cancer, its stage and receptors, biopsies, and complaints or a course that change treatment.

Expectations from the interface in cards/shared/facts.yaml, decisions 8, 10h and 10j. Codes are the tests' own. A fact is
written as its value, with its side, and `no` (denied or refuted), `?` (unknown), `past` (not current), `back` (recurrence).
"""

import base64
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from cds_service.content import cards_folder
from cds_service.facts.definitions import load_facts
from cds_service.facts.extraction import Reading
from cds_service.facts.model import Laterality
from cds_service.fhir.record import PrefetchInput, Record
from cds_service.fhir.state import State
from tests.spec.tables import MET, NOT_MET, UNKNOWN, table

ZONE = ZoneInfo("Europe/Amsterdam")
NOW = datetime(2026, 6, 15, 12, tzinfo=ZONE)
SYSTEMS = {
    "icd": "http://hl7.org/fhir/sid/icd-10",
    "nl": "http://hl7.org/fhir/sid/icd-10-nl",
    "cm": "http://hl7.org/fhir/sid/icd-10-cm",
    "icpc": "http://hl7.org/fhir/sid/icpc-1-nl",
    "loinc": "http://loinc.org",
    "sct": "http://snomed.info/sct",
}
TYPES = ("Patient", "Condition", "Observation", "Procedure", "ImagingStudy", "DiagnosticReport")


@pytest.fixture(scope="module")
def read(library):
    """read(fact, *resources): the facts of that name in a record that holds just these, and the Reading behind them."""
    definitions, faults = load_facts(cards_folder() / "shared", dict(library.value_sets))
    assert not faults

    def facts(name, *resources):
        by_type = {kind: [r for r in resources if r["resourceType"] == kind] for kind in TYPES}
        inputs = {
            kind: PrefetchInput(kind, kind, State.PRESENT if by_type[kind] else State.EMPTY)
            for kind in TYPES
        }
        reading = Reading(
            Record("p", by_type, inputs), NOW, ZONE, library.value_sets, library.readers
        )
        return reading.facts(definitions[name]), reading

    return facts


def coded(code, display=None):
    """A concept by "254837009", "icd C50.9" or "loinc 85337-4"."""
    system = SYSTEMS[code.split()[0] if " " in code else "sct"]
    return {
        "coding": [
            {"system": system, "code": code.split()[-1]} | ({"display": display} if display else {})
        ]
    }


def problem(text=None, *codes, **elements):
    code = {"coding": [c for one in codes for c in coded(one)["coding"]]} if codes else {}
    return {
        "resourceType": "Condition",
        "id": "c",
        "code": code | ({"text": text} if text else {}),
    } | elements


def seen(text=None, code=None, **elements):
    return {
        "resourceType": "Observation",
        "id": "o",
        "status": "final",
        "effectiveDateTime": "2026-06-01",
        "code": code or {"text": text},
    } | elements


def report(conclusion=None, name="Pathologie", **elements):
    base = {
        "resourceType": "DiagnosticReport",
        "id": "r",
        "status": "final",
        "code": {"text": name},
        "effectiveDateTime": "2026-06-01",
    }
    return base | ({"conclusion": conclusion} if conclusion else {}) | elements


def done(text=None, code=None, **elements):
    return {
        "resourceType": "Procedure",
        "id": "p",
        "status": "completed",
        "performedDateTime": "2026-06-01",
        "code": code or {"text": text},
    } | elements


def status(code):
    return {
        "coding": [
            {"system": "http://terminology.hl7.org/CodeSystem/condition-clinical", "code": code}
        ]
    }


def verified(code):
    return {
        "coding": [
            {"system": "http://terminology.hl7.org/CodeSystem/condition-ver-status", "code": code}
        ]
    }


def told(facts, *attributes):
    """Facts in the notation of the tables, sorted."""
    lines = []
    for fact in facts.facts:
        marks = [m.value for name in attributes for m in fact.attributes.get(name, ())]
        marks += [] if fact.side is Laterality.UNKNOWN else [fact.side.value]
        marks += {MET: [], NOT_MET: ["no"], UNKNOWN: ["?"]}[fact.asserted]
        marks += [] if fact.current is MET else ["past"]
        marks += (
            ["back"]
            if any(m.value == "recurrence" for m in fact.attributes.get("course", ()))
            else []
        )
        lines.append(" ".join([fact.value, *marks]))
    return sorted(lines)


def expected(cell):
    return sorted(part.strip() for part in cell.split(";") if part.strip() and part.strip() != "-")


# --- the diagnosis

CODES = """
code                 | diagnosis
254837009            | invasive
372137005            | invasive
713609000            | invasive
408643008            | invasive
278054005            | invasive
254838004            | cancer         # carcinoma of the breast: not said which
353431000119107      | invasive left
353511000119101      | invasive right
354491000119109      | invasive left
15635801000119106    | invasive both
109889007            | in_situ
109888004            | in_situ
254840009            | inflammatory
96291000119105       | inflammatory
314955001            | cancer back
1081551000119106     | invasive left back
706970001            | invasive
315004001            | cancer
429087003            | history past
415076002            | history past
icd C50.9            | invasive
icd C50              | invasive
nl C50.4             | invasive
icd D05.1            | in_situ
icd D05              | in_situ
icd Z85.3            | history past
icd Z80.3            | -
cm C50.A1            | inflammatory right
cm C50.A2            | inflammatory left
cm C50.912           | invasive left
cm D05.12            | in_situ left
icpc X76             | cancer
icpc X26             | -              # fear of breast cancer
icpc X79             | -
icd C34.9            | -
icd D24              | -
"""


@pytest.mark.parametrize("code, diagnosis", table(CODES), ids=[row[0] for row in table(CODES)])
def test_a_code_of_breast_cancer(read, code, diagnosis):
    facts, reading = read("cancer_diagnosis", problem(None, code))
    assert told(facts) == expected(diagnosis) and not reading.problems


WORDS = """
words                                             | diagnosis
Mammacarcinoom links                              | cancer left
Borstkanker rechts                                | cancer right
Mammaca links                                     | cancer left
Invasief ductaal carcinoom mamma links            | invasive left
Invasief mammacarcinoom NST rechts                | invasive right
Invasief lobulair carcinoom links                 | invasive left
DCIS rechts                                       | in_situ right
LCIS links                                        | in_situ left
Ductaal carcinoma in situ mamma rechts            | in_situ right
DCIS en invasief ductaal carcinoom links          | invasive left
Inflammatoir mammacarcinoom links                 | inflammatory left
Mastitis carcinomatosa                            | inflammatory
IBC rechts                                        | inflammatory right
Mammacarcinoom links cT4d                         | inflammatory left
Inflammatory breast cancer                        | inflammatory
Breast cancer left                                | cancer left
Invasive ductal carcinoma, right breast           | invasive right
Recidief mammacarcinoom links                     | cancer left back
Mammacarcinoom links, geen recidief               | cancer left
Gemetastaseerd mammacarcinoom                     | cancer
Status na mammacarcinoom links                    | history left past
Voorgeschiedenis: borstkanker                     | history past
Eerder mammacarcinoom rechts                      | history right past
History of breast cancer                          | history past
Verdenking mammacarcinoom links                   | cancer left ?
Mammacarcinoom?                                   | cancer ?
Mogelijk borstkanker                              | cancer ?
Mammacarcinoom links, mogelijk inflammatoir mammacarcinoom | cancer left; inflammatory left ?
Geen mammacarcinoom                               | cancer no
Mammacarcinoom uitgesloten                        | cancer no
Moeder mammacarcinoom                             | -
Borstkanker in de familie                         | -
Familieanamnese: mammacarcinoom                   | -
Angst voor borstkanker                            | -
Verhoogd risico op mammacarcinoom                 | -
Bevolkingsonderzoek borstkanker                   | -
Longcarcinoom                                     | -
Fibroadenoom mamma links                          | -
Knobbel in de borst                               | -
"""


@pytest.mark.parametrize("words, diagnosis", table(WORDS), ids=[row[0] for row in table(WORDS)])
def test_words_of_a_problem(read, words, diagnosis):
    facts, _ = read("cancer_diagnosis", problem(words))
    assert told(facts) == expected(diagnosis) and all(fact.from_text for fact in facts.facts)


HISTOLOGY = "http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-histology-morphology-behavior"
LEFT = {
    "extension": [
        {
            "url": "http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-laterality-qualifier",
            "valueCodeableConcept": coded("7771000"),
        }
    ]
}
TOGETHER = [
    ("in situ before the general code", problem(None, "254837009", "icd D05.1"), "in_situ"),
    ("ICPC with words: in situ", problem("DCIS links", "icpc X76"), "in_situ left"),
    (
        "ICPC with words: invasive",
        problem("Invasief ductaal carcinoom rechts", "icpc X76"),
        "invasive right",
    ),
    (
        "ICD-10 has no inflammatory cancer: the words say it",
        problem("Inflammatoir mammacarcinoom links", "icd C50.9"),
        "inflammatory left",
    ),
    ("a code wins over words", problem("DCIS links", "icd C50.9"), "invasive left"),
    (
        "mCODE: in situ by its histology",
        problem(
            None,
            "254837009",
            extension=[{"url": HISTOLOGY, "valueCodeableConcept": coded("1162814007")}],
        ),
        "in_situ",
    ),
    (
        "mCODE: inflammatory by its histology",
        problem(
            None,
            "254837009",
            extension=[{"url": HISTOLOGY, "valueCodeableConcept": coded("32968003")}],
        ),
        "inflammatory",
    ),
    (
        "mCODE: invasive by its histology",
        problem(
            None,
            "254838004",
            extension=[{"url": HISTOLOGY, "valueCodeableConcept": coded("82711006")}],
        ),
        "invasive",
    ),
    (
        "the side on the body site",
        problem(None, "254837009", bodySite=[coded("76752008") | LEFT]),
        "invasive left",
    ),
    (
        "the side as a body site",
        problem(None, "icd C50.9", bodySite=[coded("73056007")]),
        "invasive right",
    ),
    (
        "sides that contradict",
        problem(None, "353431000119107", bodySite=[coded("73056007")]),
        "invasive conflict",
    ),
    ("refuted", problem(None, "254837009", verificationStatus=verified("refuted")), "invasive no"),
    (
        "provisional",
        problem(None, "254837009", verificationStatus=verified("provisional")),
        "invasive ?",
    ),
    (
        "entered in error",
        problem(None, "254837009", verificationStatus=verified("entered-in-error")),
        "-",
    ),
    (
        "in remission",
        problem(None, "254837009", clinicalStatus=status("remission")),
        "invasive past",
    ),
    ("came back", problem(None, "254837009", clinicalStatus=status("recurrence")), "invasive back"),
    ("relapsed", problem(None, "icd C50.9", clinicalStatus=status("relapse")), "invasive back"),
    (
        "a code with words of the past",
        problem("Status na mammacarcinoom links", "icd C50.9"),
        "invasive left past",
    ),
    ("a code with words of doubt", problem("Verdenking mammacarcinoom", "icd C50.9"), "invasive ?"),
    (
        "the history code with words",
        problem("Mammacarcinoom links 2012", "icd Z85.3"),
        "history left past",
    ),
    ("a finding", seen("Diagnose", valueCodeableConcept=coded("254837009")), "invasive"),
    ("a finding in words", seen("Diagnose", valueString="Mammacarcinoom links"), "cancer left"),
    ("a finding, denied", seen(code=coded("254840009"), valueBoolean=False), "inflammatory no"),
    (
        "history as an observation: no",
        seen(code=coded("429087003"), valueBoolean=False),
        "history no past",
    ),
    ("pT4d", seen("pT", valueCodeableConcept=coded("373190002")), "inflammatory"),
    (
        "family history as an observation",
        seen("Familieanamnese", valueString="mammacarcinoom"),
        "-",
    ),
    (
        "the name of a test is no diagnosis",
        seen(
            code=coded(
                "loinc 85337-4",
                "Estrogen receptor Ag [Presence] in Breast cancer specimen by Immune stain",
            ),
            valueCodeableConcept={"text": "Positive"},
        ),
        "-",
    ),
    (
        "a risk in numbers",
        seen("Levenslang risico borstkanker", valueQuantity={"value": 12, "unit": "%"}),
        "-",
    ),
    (
        "R5: the concept of a body site",
        problem(None, "254837009", bodySite=[{"concept": coded("80248007")}]),
        "invasive left",
    ),
]


@pytest.mark.parametrize(
    "resource, diagnosis", [row[1:] for row in TOGETHER], ids=[row[0] for row in TOGETHER]
)
def test_a_diagnosis_with_all_its_elements(read, resource, diagnosis):
    facts, reading = read("cancer_diagnosis", resource)
    assert told(facts) == expected(diagnosis) and all(
        kind == "set-aside" for _, kind, _ in reading.problems
    )


MALFORMED = [
    ("a code without structure", problem() | {"code": {"coding": "254837009"}}),
    ("a date that is none", problem("Mammacarcinoom", onsetDateTime="vorige week")),
    ("a verification status that is a number", problem("Mammacarcinoom", verificationStatus=1)),
    ("an extension without structure", problem(None, "254837009", extension=["x"])),
    ("implicit rules", problem("Mammacarcinoom", implicitRules="urn:x")),
]


@pytest.mark.parametrize(
    "resource", [row[1] for row in MALFORMED], ids=[row[0] for row in MALFORMED]
)
def test_what_cannot_be_read_is_told(read, resource):
    facts, reading = read("cancer_diagnosis", resource)
    assert facts.facts == () and [kind for _, kind, _ in reading.problems] == ["unreadable"]


# --- the stage

STAGES = [
    ("mCODE cM0", seen(code=coded("399387003"), valueCodeableConcept=coded("1229901006")), "m0"),
    ("mCODE cM1", seen(code=coded("399387003"), valueCodeableConcept=coded("1229903009")), "m1"),
    ("pM1", seen(code=coded("371497001"), valueCodeableConcept=coded("1229916009")), "m1"),
    ("stage IV", seen(code=coded("loinc 21908-9"), valueCodeableConcept=coded("1222837003")), "m1"),
    (
        "stage IIIC is not stage IV",
        seen(code=coded("loinc 21908-9"), valueCodeableConcept=coded("1222806003")),
        "-",
    ),
    ("cN0", seen(code=coded("399534004"), valueCodeableConcept=coded("1229967007")), "n0"),
    ("cN1", seen(code=coded("399534004"), valueCodeableConcept=coded("1229973008")), "n1"),
    ("pN2", seen(code=coded("371494008"), valueCodeableConcept=coded("1229957002")), "n2"),
    ("cN3", seen(code=coded("399534004"), valueCodeableConcept=coded("1229984001")), "n3"),
    ("a LOINC question with words", seen(code=coded("loinc 21907-1"), valueString="cM0"), "m0"),
    (
        "a LOINC question about nodes with words",
        seen(code=coded("loinc 21906-3"), valueCodeableConcept={"text": "cN1"}),
        "n1",
    ),
    ("distant metastasis present: yes", seen(code=coded("399409002"), valueBoolean=True), "m1"),
    ("distant metastasis present: no", seen(code=coded("399409002"), valueBoolean=False), "m1 no"),
    ("a TNM in words", seen("TNM", valueString="cT2N1M0"), "m0; n1"),
    ("a TNM in words with spaces", seen("TNM", valueString="cT2 N0 M0"), "m0; n0"),
    ("a stage in words", seen("Stadium", valueString="stadium IV"), "m1"),
    ("stage 3 in words", seen("Stadium", valueString="stadium III"), "-"),
    ("N1 without a question for it", seen("Zenuw", valueString="N1"), "-"),
    (
        "the stage of a problem (IKNL)",
        problem("Mammacarcinoom", stage=[{"summary": {"text": "stadium IV"}}]),
        "m1",
    ),
    (
        "the stage of a problem, coded",
        problem("Mammacarcinoom", stage=[{"summary": coded("1222837003")}]),
        "m1",
    ),
    (
        "a TNM in the words of a problem",
        problem("Mammacarcinoom links cT2N1M0"),
        "m0 left; n1 left",
    ),
    ("a problem with M1", problem("Mammacarcinoom links, M1"), "m1 left"),
    ("the stage of another tumour", problem("Coloncarcinoom stadium IV"), "-"),
    (
        "preliminary",
        seen(
            code=coded("399387003"), valueCodeableConcept=coded("1229903009"), status="preliminary"
        ),
        "m1 ?",
    ),
]


@pytest.mark.parametrize(
    "resource, stage", [row[1:] for row in STAGES], ids=[row[0] for row in STAGES]
)
def test_the_stage(read, resource, stage):
    assert told(read("tumour_stage", resource)[0]) == expected(stage)


def test_the_stage_of_another_tumour_that_an_observation_is_about(read):
    colon = problem("Coloncarcinoom") | {"id": "colon"}
    stage = seen(
        code=coded("399387003"),
        valueCodeableConcept=coded("1229903009"),
        focus=[{"reference": "Condition/colon"}],
    )
    assert told(read("tumour_stage", colon, stage)[0]) == []


# --- receptors

PATHOLOGY = """
conclusion                                                              | receptors
ER+, PR-, HER2 negatief                                                 | er_positive; her2_negative; pr_negative
ER positief, PR positief, HER2 positief                                 | er_positive; her2_positive; pr_positive
ER+/PR+/HER2-                                                           | er_positive; her2_negative; pr_positive
ER en PR positief, HER2 negatief                                        | er_positive; her2_negative; pr_positive
ER 100%, PR 0%, HER2 3+                                                 | er_positive; her2_positive; pr_negative
ER: positief (90%), PgR: negatief, Her2/neu: 1+                         | er_positive; her2_negative; pr_negative
ER 5%                                                                   | er_positive ?
HER2 2+                                                                 | her2_positive ?
HER2 2+, FISH negatief                                                  | her2_negative
HER2 2+, FISH positief                                                  | her2_positive
HER2 0                                                                  | her2_negative
Oestrogeenreceptor positief, progesteronreceptor negatief               | er_positive; pr_negative
Hormoonreceptor positief mammacarcinoom                                 | er_positive
Hormoongevoelig mammacarcinoom                                          | er_positive
Triple negatief mammacarcinoom                                          | triple_negative
Triple-negative breast cancer                                           | triple_negative
Estrogen receptor: positive. HER2: negative.                            | er_positive; her2_negative
ER-positief, HER2-negatief                                              | er_positive; her2_negative
Er zijn positieve klieren in de oksel                                   | -
Er is geen maligniteit                                                  | -
"""


@pytest.mark.parametrize(
    "conclusion, receptors", table(PATHOLOGY), ids=[row[0] for row in table(PATHOLOGY)]
)
def test_receptors_in_the_words_of_pathology(read, conclusion, receptors):
    facts, _ = read("receptor", report(conclusion))
    assert told(facts) == expected(receptors) and all(fact.from_text for fact in facts.facts)


LOINC_ER = coded(
    "loinc 85337-4", "Estrogen receptor Ag [Presence] in Breast cancer specimen by Immune stain"
)
POSITIVE, NEGATIVE = (
    {"valueCodeableConcept": {"text": "Positive"}},
    {"valueCodeableConcept": {"coding": [{"display": "Negatief"}]}},
)
TESTS = [
    ("mCODE: ER positive", seen(code=LOINC_ER, **POSITIVE), "er_positive"),
    ("ER negative", seen(code=LOINC_ER, **NEGATIVE), "er_negative"),
    ("PR negative", seen(code=coded("loinc 85339-0"), **NEGATIVE), "pr_negative"),
    ("HER2 positive", seen(code=coded("loinc 48676-1"), **POSITIVE), "her2_positive"),
    ("HER2 3+", seen(code=coded("loinc 85319-2"), valueString="3+"), "her2_positive"),
    ("HER2 2+", seen(code=coded("loinc 85319-2"), valueString="2+"), "her2_positive ?"),
    ("HER2 1+", seen(code=coded("loinc 85319-2"), valueString="1+"), "her2_negative"),
    ("HER2 as a number", seen(code=coded("loinc 85319-2"), valueInteger=0), "her2_negative"),
    ("FISH positive", seen(code=coded("loinc 85318-4"), **POSITIVE), "her2_positive"),
    (
        "ER 90 %",
        seen(code=coded("loinc 85329-1"), valueQuantity={"value": 90, "unit": "%"}),
        "er_positive",
    ),
    (
        "ER 0 %",
        seen(code=coded("loinc 85329-1"), valueQuantity={"value": 0, "unit": "%"}),
        "er_negative",
    ),
    (
        "ER 5 %: nobody draws the line",
        seen(code=coded("loinc 85329-1"), valueQuantity={"value": 5, "unit": "%"}),
        "er_positive ?",
    ),
    ("in words", seen("Oestrogeenreceptor", valueString="positief"), "er_positive"),
    ("yes or no", seen("HER2", valueBoolean=False), "her2_negative"),
    (
        "a value that is a finding (Dutch screening)",
        seen("ER-status", valueCodeableConcept=coded("441117001")),
        "er_negative",
    ),
    ("a finding as the code", seen(code=coded("416561008")), "pr_positive"),
    ("not known", seen(code=LOINC_ER, valueCodeableConcept={"text": "Unknown"}), "er_positive ?"),
    ("absent", seen(code=LOINC_ER, dataAbsentReason={"text": "not performed"}), "-"),
    ("preliminary", seen(code=LOINC_ER, status="preliminary", **POSITIVE), "er_positive ?"),
    (
        "components",
        seen(
            "Receptoren",
            component=[
                {"code": {"text": "ER"}, "valueString": "positief"},
                {"code": {"text": "HER2"}, "valueString": "negatief"},
            ],
        ),
        "er_positive; her2_negative",
    ),
    ("a problem", problem(None, "706970001"), "triple_negative"),
    ("hormone receptor positive cancer", problem(None, "417181009"), "er_positive"),
    ("HER2 negative cancer", problem(None, "431396003"), "her2_negative"),
    (
        "a problem in words",
        problem("Mammacarcinoom links ER+ HER2-"),
        "er_positive left; her2_negative left",
    ),
    (
        "a problem in words, triple negative",
        problem("Triple negatief mammacarcinoom rechts"),
        "triple_negative right",
    ),
    (
        "refuted",
        problem(None, "706970001", verificationStatus=verified("refuted")),
        "triple_negative no",
    ),
    ("conclusionCode", report(conclusionCode=[coded("416053008")]), "er_positive"),
    (
        "Ki-67 is none",
        seen(code=coded("loinc 85330-9"), valueQuantity={"value": 20, "unit": "%"}),
        "-",
    ),
]


@pytest.mark.parametrize(
    "resource, receptors", [row[1:] for row in TESTS], ids=[row[0] for row in TESTS]
)
def test_receptors_by_test_and_code(read, resource, receptors):
    facts, reading = read("receptor", resource)
    assert told(facts) == expected(receptors) and not reading.problems


TISSUES = [
    (
        "the liver as the site",
        seen(code=LOINC_ER, bodySite=coded("10200004"), **POSITIVE),
        "er_positive metastasis",
    ),
    (
        "the breast as the site",
        seen(code=LOINC_ER, bodySite=coded("80248007"), **POSITIVE),
        "er_positive primary left",
    ),
    (
        "the specimen in words",
        seen(code=LOINC_ER, specimen={"display": "Biopt levermetastase"}, **POSITIVE),
        "er_positive metastasis",
    ),
    (
        "a note",
        seen(code=LOINC_ER, note=[{"text": "Okselrecidief"}], **POSITIVE),
        "er_positive recurrence",
    ),
    (
        "the conclusion",
        report("Leverbiopt: metastase van mammacarcinoom. ER+."),
        "er_positive metastasis",
    ),
    (
        "a breast biopsy",
        report("ER+, HER2-.", "PA mammabiopt links"),
        "er_positive primary left; her2_negative primary left",
    ),
    ("a recurrence", report("Recidief mammacarcinoom. ER negatief."), "er_negative recurrence"),
    (
        "primary and metastasis in one report",
        report("Primaire tumor ER+, metastase ER-."),
        "er_negative metastasis; er_positive primary",
    ),
    ("not said", seen(code=LOINC_ER, **POSITIVE), "er_positive"),
]


@pytest.mark.parametrize(
    "resource, receptors", [row[1:] for row in TISSUES], ids=[row[0] for row in TISSUES]
)
def test_the_tissue_that_receptors_were_told_of(read, resource, receptors):
    assert told(read("receptor", resource)[0], "tissue") == expected(receptors)


def test_the_report_that_lists_a_test_says_of_which_tissue(read):
    test = seen(code=LOINC_ER, **POSITIVE)
    assert told(
        read(
            "receptor", report(name="PA leverbiopt", result=[{"reference": "Observation/o"}]), test
        )[0],
        "tissue",
    ) == ["er_positive metastasis"]


# --- biopsies

SAMPLES = [
    ("breast biopsy", done(code=coded("122548005")), "breast"),
    ("core needle biopsy in words, left", done("Mammabiopt links"), "breast left"),
    ("punch biopsy of skin", done(code=coded("87697008")), "skin"),
    ("skin of the breast", done("Huidbiopt mamma rechts"), "skin right"),
    ("stansbiopt", done("Stansbiopt"), "skin"),
    ("biopsy of liver", done(code=coded("86259008")), "liver"),
    ("biopsy of bone", done(code=coded("274333000")), "bone"),
    ("biopsy of lymph node", done(code=coded("21911005")), "node"),
    ("liver metastasis", done("Biopt levermetastase"), "liver"),
    ("a vertebra", done("Biopt wervel L3"), "bone"),
    ("a lung nodule", done("CT-geleide biopsie long links"), "lung left"),
    ("an axillary node", done("Echogeleide punctie okselklier rechts"), "node right"),
    (
        "an axillary node of breast cancer",
        done("Biopt okselklier bij mammacarcinoom links"),
        "node left",
    ),
    ("a metastasis, site not said", done("Biopt metastase"), "metastasis"),
    ("site by body site", done("Biopsie", bodySite=[coded("10200004")]), "liver"),
    (
        "site by body site of another organ",
        done("Biopsie", bodySite=[{"text": "Bijnier"}]),
        "other",
    ),
    ("a core needle biopsy of nobody says what", done(code=coded("9911007")), "unspecified_site"),
    ("not done", done("Mammabiopt", status="not-done"), "breast no"),
    ("in preparation", done("Leverbiopt", status="preparation"), "liver no"),
    ("entered in error", done("Leverbiopt", status="entered-in-error"), "-"),
    (
        "pathology: malignant",
        report("Mammabiopt links: invasief ductaal carcinoom"),
        "breast malignant",
    ),
    ("pathology: benign", report("Mammabiopt: fibroadenoom, geen maligniteit"), "breast benign"),
    (
        "pathology of the liver",
        report("Leverbiopt: metastase van mammacarcinoom"),
        "liver malignant",
    ),
    ("pathology by its name", report("Adenocarcinoom", "PA leverbiopt"), "liver malignant"),
    (
        "pathology of skin",
        report("Huidbiopt: dermale tumorembolieën, carcinoom", "Pathologie"),
        "skin malignant",
    ),
    ("no result", report("Leverbiopt: niet representatief materiaal"), "liver no_result"),
    ("pathology without words", report(), "unspecified_site"),
    ("registered", report("Leverbiopt", status="registered"), "liver no"),
    (
        "an observation with a site",
        seen("Histologie", bodySite=coded("10200004"), valueString="metastase mammacarcinoom"),
        "liver malignant",
    ),
    ("an imaging report is none", report("Verdachte laesie lever", "MRI lever"), "-"),
    ("an excision is none", done("Mastectomie links"), "-"),
]


@pytest.mark.parametrize(
    "resource, sample", [row[1:] for row in SAMPLES], ids=[row[0] for row in SAMPLES]
)
def test_a_biopsy_or_a_result_of_pathology(read, resource, sample):
    found = told(read("tissue_sample", resource)[0], "finding")
    assert [
        line.removesuffix(" left") if "malignant" in line else line for line in found
    ] == expected(sample)


def test_a_report_tells_the_finding_of_the_observation_that_it_lists(read):
    result = seen("Histologie", valueString="carcinoom")
    facts = read(
        "tissue_sample",
        report(name="PA leverbiopt", result=[{"reference": "Observation/o"}]),
        result,
    )[0]
    assert told(facts, "finding") == ["liver malignant"]


def test_a_report_may_be_an_attachment(read):
    form = {
        "contentType": "text/plain",
        "data": base64.b64encode(b"Leverbiopt: adenocarcinoom. ER positief.").decode(),
    }
    pathology = report(presentedForm=[form])
    assert told(read("tissue_sample", pathology)[0], "finding") == ["liver malignant"]
    assert told(read("receptor", pathology)[0]) == ["er_positive"]


# --- complaints and course

COURSE = """
words                                             | course
Dreigende dwarslaesie                             | cord_compression
Myelumcompressie Th8                              | cord_compression
Caudasyndroom                                     | cord_compression
Spinal cord compression                           | cord_compression
Neurologische uitval                              | neurological
Pijnlijke botmetastasen                           | bone_pain
Botpijn                                           | bone_pain
Dreigende fractuur femur                          | fracture_risk
Verhoogd fractuurrisico                           | fracture_risk
Pathologische fractuur L3                         | pathological_fracture
Snelle progressie                                 | rapid_progression
Rapidly progressive disease                       | rapid_progression
Viscerale crisis                                  | visceral_crisis
Uitgebreide viscerale metastasering               | visceral_crisis
Beenmerginfiltratie                               | marrow_failure
Beenmergfalen                                     | marrow_failure
Progressie onder hormoontherapie                  | endocrine_failure
Progressie onder letrozol                         | endocrine_failure
Hormoonresistent mammacarcinoom                   | endocrine_failure
Geen tekenen van myelumcompressie                 | cord_compression no
Geen neurologische uitval                         | neurological no
Verdenking myelumcompressie                       | cord_compression ?
Progressie                                        | -
Rugpijn                                           | -
"""


@pytest.mark.parametrize("words, course", table(COURSE), ids=[row[0] for row in table(COURSE)])
@pytest.mark.parametrize("where", ["problem", "finding", "report"])
def test_complaints_and_course(read, words, course, where):
    resource = {"problem": problem(words), "finding": seen(words), "report": report(words, "MRI")}[
        where
    ]
    assert told(read("complication", resource)[0]) == expected(course)


def test_the_question_of_a_report_is_no_finding(read):
    assert (
        told(
            read(
                "complication",
                report("Vraagstelling: myelumcompressie. Conclusie: geen bijzonderheden.", "MRI"),
            )[0]
        )
        == []
    )
