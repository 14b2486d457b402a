"""The same facts in other spellings: patients in raw FHIR R4 as Dutch, German and English-speaking systems write them.

Written from the source document and the recommendation catalogue, without the reader and its value sets: every code below was typed
in here. A patient has a sentence, its resources, and the exact cards on each hook that is named. Everything plays on 15 November 2026.
"""

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date

import pytest

from cds_service.fhir.validation import problems
from cds_service.web import create_app
from tests.conftest import SERVICE, SETTINGS, keys

TODAY = date(2026, 11, 15)
ANNA = "anna-5512"
UUID = "1f0c7a52-8d0e-4a55-9a3e-2b8e7f1d9c11"

REFER, FIRST, WAIT = "ductoscopyReferral", "breastImagingFirst", "dischargeWatchfulWaiting"
CONTRA, BEFORE, ASK = "ductoscopyContraindicated", "ductoscopyBeforeSurgery", "informationNeeded"
NONE: list[str] = []

# --- codes as the source systems write them


def coding(system: str, code: str, display: str | None = None) -> dict:
    return {"system": system, "code": code} | ({"display": display} if display else {})


def sct(code, display=None):
    return coding("http://snomed.info/sct", code, display)


def loinc(code, display=None):
    return coding("http://loinc.org", code, display)


def dcm(code, display=None):
    return coding("http://dicom.nema.org/resources/ontology/DCM", code, display)


def local(code, display=None):
    return coding("urn:oid:2.16.840.1.113883.2.4.6.1.99999.5", code, display)


def concept(*codings, text=None, **more) -> dict:
    return ({"coding": list(codings)} if codings else {}) | ({"text": text} if text else {}) | more


def text(words: str) -> dict:
    return {"text": words}


def laterality(url: str, code: str, display: str) -> dict:
    return {"extension": [{"url": url, "valueCodeableConcept": concept(sct(code, display))}]}


ZIB = "http://nictiz.nl/fhir/StructureDefinition/ext-AnatomicalLocation.Laterality"
MCODE = "http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-laterality-qualifier"
FURTHER = "http://nictiz.nl/fhir/StructureDefinition/ext-Problem.FurtherSpecificationProblemName"
RDE = "http://hl7.org/fhir/us/breast-radiology/CodeSystem/RadLexCDE"
ICD10, ICD10NL, ICD10CM = (
    f"http://hl7.org/fhir/sid/icd-10{edition}" for edition in ("", "-nl", "-cm")
)
ICD10GM = "http://fhir.de/CodeSystem/bfarm/icd-10-gm"
ICPC = "http://hl7.org/fhir/sid/icpc-1-nl"
CLINICAL = "http://terminology.hl7.org/CodeSystem/condition-clinical"
VERIFICATION = "http://terminology.hl7.org/CodeSystem/condition-ver-status"
UCUM = "http://unitsofmeasure.org"

LEFT_BREAST, RIGHT_BREAST = (
    concept(sct("80248007", "Left breast structure")),
    concept(sct("73056007", "Right breast structure")),
)
BOTH_BREASTS = concept(sct("63762007", "Both breasts"))
BREAST, NIPPLE = sct("76752008", "Breast structure"), sct("24142002", "Nipple structure")
LEFT, RIGHT, BOTH = (
    sct("7771000", "Left"),
    sct("24028007", "Right"),
    sct("51440002", "Right and left"),
)
BLOODY = concept(sct("290113009", "Bloody nipple discharge"))
DISCHARGE = concept(sct("54302000", "Discharge from nipple"))
BIRADS = {
    0: "397138000",
    1: "397140005",
    2: "397141009",
    3: "397143007",
    4: "397144001",
    5: "397145000",
    6: "6111000179101",
}

# --- resources: the type, the subject and what nearly every system fills in


def made(kind: str, **elements) -> dict:
    whose = {
        "FamilyMemberHistory": "patient",
        "AllergyIntolerance": "patient",
        "Immunization": "patient",
    }.get(kind, "subject")
    given = {whose: {"reference": f"Patient/{ANNA}"}} | elements
    return {"resourceType": kind} | {
        name: value for name, value in given.items() if value is not None
    }


def status(code: str) -> dict:
    return concept(coding(CLINICAL, code))


def condition(code: dict, **elements) -> dict:
    """An active Condition."""
    return made("Condition", **{"clinicalStatus": status("active"), "code": code} | elements)


def discharge(
    code: dict = BLOODY,
    onset: str | None = "2026-06-10",
    side: dict | None = LEFT_BREAST,
    **elements,
) -> dict:
    """Bloody, left, since five months: longer than three."""
    return condition(
        code, **{"bodySite": [side] if side else None, "onsetDateTime": onset} | elements
    )


def observation(code: dict, **elements) -> dict:
    given = {
        "status": "final",
        "category": [concept(coding(OBSERVATION_CATEGORY, "exam"))],
        "effectiveDateTime": "2026-10-20",
    }
    return made("Observation", **given | {"code": code} | elements)


OBSERVATION_CATEGORY = "http://terminology.hl7.org/CodeSystem/observation-category"
SECTION = "http://terminology.hl7.org/CodeSystem/v2-0074"


def report(code: dict, conclusion: str | None = None, **elements) -> dict:
    given = {
        "status": "final",
        "category": [concept(coding(SECTION, "RAD"))],
        "effectiveDateTime": "2026-10-20",
    }
    return made("DiagnosticReport", **given | {"code": code, "conclusion": conclusion} | elements)


def pathology(conclusion: str, when: str = "2026-10-28", **elements) -> dict:
    given = {"category": [concept(coding(SECTION, "PAT"))], "effectiveDateTime": when}
    return report(
        **{"code": text("Pathologieverslag"), "conclusion": conclusion} | given | elements
    )


def procedure(code: dict, when: str | None = "2026-10-20", **elements) -> dict:
    return made(
        "Procedure", **{"status": "completed", "code": code, "performedDateTime": when} | elements
    )


def study(*series: dict, **elements) -> dict:
    given = {
        "status": "available",
        "started": "2026-10-20T09:30:00+02:00",
        "series": list(series) or None,
    }
    return made("ImagingStudy", **given | elements)


def one_series(modality: str, site: dict | None = BREAST, side: dict | None = LEFT) -> dict:
    where = ({"bodySite": site} if site else {}) | ({"laterality": side} if side else {})
    return {"uid": "1.2.840.99.1", "number": 1, "modality": dcm(modality)} | where


def order(code: dict | None, **elements) -> dict:
    return made("ServiceRequest", **{"status": "draft", "intent": "order", "code": code} | elements)


def birads(category: int) -> dict:
    return concept(sct(BIRADS[category]))


def component(name: str, **value) -> dict:
    return {"code": text(name), **value}


def mammography(category: int = 2, when: str = "2026-10-20", code: dict | None = None) -> dict:
    """Of the left breast, category coded."""
    return report(
        code or concept(loinc("36627-8", "MG Breast - left Views")),
        conclusionCode=[birads(category)],
        effectiveDateTime=when,
    )


def ultrasound(category: int = 1, when: str = "2026-10-20", code: dict | None = None) -> dict:
    """Of the left breast, category in the conclusion."""
    return report(
        code or concept(loinc("26215-4", "US Breast - left")),
        f"BI-RADS {category}.",
        effectiveDateTime=when,
    )


RIGHT_MAMMOGRAPHY = mammography(code=concept(loinc("37774-7", "MG Breast - right Views")))
RIGHT_ULTRASOUND = ultrasound(code=concept(loinc("26216-2", "US Breast - right")))
IMAGED_LEFT = [mammography(), ultrasound()]
IMAGED_RIGHT = [RIGHT_MAMMOGRAPHY, RIGHT_ULTRASOUND]
IMAGED_BOTH = [
    mammography(code=concept(loinc("36626-0"))),
    ultrasound(code=concept(loinc("26214-7"))),
]

# --- patients


@dataclass(frozen=True)
class Patient:
    sentence: str
    record: list[dict]
    expect: dict[str, list[str]]
    orders: list[dict] = field(default_factory=list)
    selected: list[int] | None = None  # positions among the orders; None: all
    prefetch: Callable | None = None  # how this client fills prefetch, if not key by key
    birth: str = "1973-03-01"
    patient_id: str = ANNA
    invalid: bool = False  # not valid R4 on purpose, but sent by a real client


PATIENTS: list[Patient] = []


def patient(
    sentence: str, *record: dict | list, view=None, ordered=None, select=None, sign=None, **more
) -> None:
    """`ordered`: the cards on order-select and order-sign alike."""
    hooks = {
        "patient-view": view,
        "order-select": ordered if select is None else select,
        "order-sign": ordered if sign is None else sign,
    }
    flat = [one for part in record for one in (part if isinstance(part, list) else [part])]
    PATIENTS.append(
        Patient(
            sentence,
            flat,
            {hook: cards for hook, cards in hooks.items() if cards is not None},
            **more,
        )
    )


# ------------------------------------------------------------------------------------------------ which side

patient("side as a pre-coordinated body structure", discharge(), IMAGED_LEFT, view=[REFER])
patient(
    "side as the zib extension on the nipple",
    discharge(side=concept(NIPPLE, **laterality(ZIB, "7771000", "Links"))),
    IMAGED_LEFT,
    view=[REFER],
)
patient(
    "side as the zib extension, the other side imaged",
    discharge(side=concept(BREAST, **laterality(ZIB, "24028007", "Rechts"))),
    IMAGED_LEFT,
    view=[FIRST],
)
patient(
    "side as the mCODE extension on the breast",
    discharge(side=concept(BREAST, **laterality(MCODE, "24028007", "Right (qualifier value)"))),
    IMAGED_RIGHT,
    view=[REFER],
)
patient(
    "side as the only body site coding, as in the published nl-core example",
    discharge(side=concept(LEFT)),
    IMAGED_LEFT,
    view=[REFER],
)
patient("body site text 'mamma li'", discharge(side=text("mamma li")), IMAGED_LEFT, view=[REFER])
patient("body site text 're. borst'", discharge(side=text("re. borst")), IMAGED_RIGHT, view=[REFER])
patient(
    "body site text 're. borst', left imaged",
    discharge(side=text("re. borst")),
    IMAGED_LEFT,
    view=[FIRST],
)
patient(
    "body site text 'linkermamma'", discharge(side=text("linkermamma")), IMAGED_LEFT, view=[REFER]
)
patient("body site text 'Lt breast'", discharge(side=text("Lt breast")), IMAGED_LEFT, view=[REFER])
patient("body site text 'R breast'", discharge(side=text("R breast")), IMAGED_RIGHT, view=[REFER])
patient(
    "German body site text 'linke Brust'",
    discharge(side=text("linke Brust")),
    IMAGED_LEFT,
    view=[REFER],
)
patient(
    "side in a local body site display",
    discharge(side=concept(local("MAM-L", "Linker mamma"))),
    IMAGED_LEFT,
    view=[REFER],
)
patient(
    "two body site codings, the second is SNOMED CT",
    discharge(side=concept(local("4711"), sct("73056007", "Structuur van rechter mamma"))),
    IMAGED_RIGHT,
    view=[REFER],
)
patient(
    "side in the code text 'rechterborst'",
    discharge(text("Bloederige tepeluitvloed rechterborst"), side=None),
    IMAGED_RIGHT,
    view=[REFER],
)
patient(
    "side in capitals in the code text",
    discharge(text("TEPELUITVLOED RECHTS, BLOEDERIG"), side=None),
    IMAGED_LEFT,
    view=[FIRST],
)
patient(
    "side as 'li' at the end of the code text",
    discharge(text("bloederige tepelvloed li"), side=None),
    IMAGED_LEFT,
    view=[REFER],
)
patient(
    "side in an English display",
    discharge(text("Bloody discharge from left nipple"), side=None),
    IMAGED_LEFT,
    view=[REFER],
)
patient(
    "the coded side wins over the text",
    discharge(side=LEFT_BREAST | text("rechter borst")),
    IMAGED_LEFT,
    view=[REFER],
)
patient("both breasts coded", discharge(side=BOTH_BREASTS), view=NONE)
patient(
    "both sides by the zib extension",
    discharge(side=concept(NIPPLE, **laterality(ZIB, "51440002", "Beiderzijds"))),
    view=NONE,
)
patient(
    "both sides as two body sites",
    discharge(side=None) | {"bodySite": [LEFT_BREAST, RIGHT_BREAST]},
    view=NONE,
)
patient(
    "both sides in the text 'bdz'",
    discharge(text("Bloederige tepeluitvloed bdz."), side=None),
    view=NONE,
)
patient(
    "both sides in the text 'beide borsten'",
    discharge(text("Bruine tepeluitvloed beide borsten"), side=None),
    view=NONE,
)
patient("both sides as two complaints", discharge(), discharge(side=RIGHT_BREAST), view=NONE)
patient(
    "the complaint of the other side is over",
    discharge(),
    discharge(
        side=RIGHT_BREAST,
        onset="2024-01-01",
        clinicalStatus=status("resolved"),
        abatementDateTime="2024-05-01",
    ),
    IMAGED_LEFT,
    view=[REFER],
)
patient("no side, nothing imaged", discharge(side=None), view=[FIRST])
patient("no side, both breasts imaged", discharge(side=None), IMAGED_BOTH, view=[REFER])
patient("no side, one breast imaged", discharge(side=None), IMAGED_LEFT, view=[ASK])
patient(
    "side as a component of two observations",
    [
        observation(
            DISCHARGE,
            effectiveDateTime=when,
            component=[component("Zijde", valueCodeableConcept=concept(LEFT))],
        )
        for when in ("2026-05-11", "2026-11-02")
    ],
    IMAGED_LEFT,
    view=[REFER],
)
patient(
    "side as the body site of two observations, the other breast imaged",
    [
        observation(BLOODY, effectiveDateTime=when, bodySite=RIGHT_BREAST)
        for when in ("2026-05-11", "2026-11-02")
    ],
    IMAGED_LEFT,
    view=[FIRST],
)

# ------------------------------------------------------------------------------------------------ the discharge

patient(
    "ICD-10-NL N64.5 with a text",
    discharge(concept(coding(ICD10NL, "N64.5"), text="Tepeluitvloed, bloederig, links"), side=None),
    IMAGED_LEFT,
    view=[REFER],
)
patient(
    "ICD-10-CM N64.52",
    discharge(concept(coding(ICD10CM, "N64.52", "Nipple discharge"))),
    IMAGED_LEFT,
    view=[REFER],
)
patient(
    "ICPC X20 with a text",
    discharge(concept(coding(ICPC, "X20"), text="bloederige tepelvloed links"), side=None),
    view=[FIRST],
)
patient(
    "ICPC X20 with the zib further specification",
    discharge(
        concept(
            coding(ICPC, "X20", "Symptomen/klachten tepel"),
            extension=[{"url": FURTHER, "valueString": "bruine tepeluitvloed links"}],
        ),
        side=None,
    ),
    view=[FIRST],
)
patient(
    "ICPC X20 for a nipple fissure",
    discharge(concept(coding(ICPC, "X20"), text="Tepelkloof links"), side=None),
    view=NONE,
)
patient(
    "a German problem with ICD-10-GM and SNOMED CT",
    discharge(
        concept(
            coding(ICD10GM, "N64.5"), sct("54302000"), text="Pathologische Mamillensekretion links"
        ),
        side=text("Mamma links"),
    ),
    IMAGED_LEFT,
    view=[REFER],
)
patient(
    "symptom variant of the code", discharge(concept(sct("162164007"))), IMAGED_LEFT, view=[REFER]
)
patient(
    "third SNOMED code, no display", discharge(concept(sct("162166009"))), IMAGED_LEFT, view=[REFER]
)
patient(
    "SNOMED CT with the Dutch edition as version",
    discharge(
        concept(
            sct("54302000") | {"version": "http://snomed.info/sct/11000146104/version/20260331"}
        )
    ),
    IMAGED_LEFT,
    view=[REFER],
)
patient("text only, brown", discharge(text("Bruine tepelvloed links"), side=None), view=[FIRST])
patient(
    "text only, 'bloed uit de tepel'",
    discharge(text("Bloed uit de tepel rechts"), side=None),
    view=[FIRST],
)
patient(
    "text only, 'uitvloed uit de tepel'",
    discharge(text("Uitvloed uit de linker tepel, sereus"), side=None),
    IMAGED_LEFT,
    view=[REFER],
)
patient(
    "text only, yellow is serous",
    discharge(text("gele tepeluitvloed links"), side=None),
    IMAGED_LEFT,
    view=[REFER],
)
patient(
    "text only, English serosanguineous",
    discharge(text("Serosanguineous discharge from the right nipple"), side=None),
    IMAGED_RIGHT,
    view=[REFER],
)
patient(
    "zib verification confirmed twice, several categories",
    discharge(
        verificationStatus=concept(
            coding(VERIFICATION, "confirmed"), sct("410605003", "Aanwezigheid bevestigd")
        ),
        category=[
            concept(sct("409586006", "Klacht")),
            concept(
                coding(
                    "http://terminology.hl7.org/CodeSystem/condition-category", "problem-list-item"
                )
            ),
        ],
    ),
    IMAGED_LEFT,
    view=[REFER],
)
patient(
    "zib verification refuted and known absent",
    discharge(
        verificationStatus=concept(
            coding(VERIFICATION, "refuted"), sct("410516002", "Bekend afwezig")
        )
    ),
    view=NONE,
)
patient(
    "zib verification known absent alone",
    discharge(verificationStatus=concept(sct("410516002", "Bekend afwezig"))),
    view=NONE,
)
patient(
    "entered in error",
    discharge(
        clinicalStatus=None, verificationStatus=concept(coding(VERIFICATION, "entered-in-error"))
    ),
    view=NONE,
)
patient("inactive", discharge(clinicalStatus=status("inactive")), view=NONE)
patient(
    "no clinical status, abated",
    discharge(clinicalStatus=None, abatementDateTime="2026-08"),
    view=NONE,
)
patient("no clinical status, not abated", discharge(clinicalStatus=None), IMAGED_LEFT, view=[REFER])
patient(
    "on the problem list with onset and as an encounter diagnosis without",
    discharge(),
    discharge(DISCHARGE, onset=None, recordedDate="2026-10-20"),
    IMAGED_LEFT,
    view=[REFER],
)
patient(
    "observation coded as a question, answered present",
    observation(
        DISCHARGE, bodySite=LEFT_BREAST, valueCodeableConcept=concept(sct("52101004", "Present"))
    ),
    view=[FIRST],
)
patient(
    "observation coded as a question, answered true",
    observation(DISCHARGE, bodySite=LEFT_BREAST, valueBoolean=True),
    view=[FIRST],
)
patient(
    "observation with the finding as its value",
    observation(
        text("Lichamelijk onderzoek mammae"), bodySite=LEFT_BREAST, valueCodeableConcept=BLOODY
    ),
    view=[FIRST],
)
patient(
    "observation in Dutch text",
    observation(text("Inspectie mamma li"), valueString="bloederige tepeluitvloed"),
    view=[FIRST],
)
patient(
    "questionnaire-like observation",
    observation(text("Tepeluitvloed links"), valueString="ja, bloederig"),
    view=[FIRST],
)
patient(
    "DICOM: non-bloody discharge says nothing about brown or serous",
    observation(concept(dcm("111478", "Non-bloody discharge (from nipple)")), bodySite=LEFT_BREAST),
    view=[FIRST],
)
patient(
    "one recent observation does not tell how long",
    observation(BLOODY, bodySite=LEFT_BREAST),
    IMAGED_LEFT,
    view=[ASK],
)
patient(
    "one observation of last year is no current complaint",
    observation(BLOODY, bodySite=LEFT_BREAST, effectiveDateTime="2025-09-01"),
    view=NONE,
)
patient(
    "cancelled observation",
    observation(BLOODY, bodySite=LEFT_BREAST, status="cancelled"),
    view=NONE,
)
patient(
    "components: brown, spontaneous, one duct",
    discharge(DISCHARGE),
    observation(
        DISCHARGE,
        bodySite=LEFT_BREAST,
        component=[
            component("Kleur", valueString="bruin"),
            component("Spontaan", valueBoolean=True),
            component("Aantal melkgangen", valueInteger=1),
        ],
    ),
    IMAGED_LEFT,
    view=[REFER],
)
patient(
    "component: watery",
    discharge(DISCHARGE),
    observation(
        DISCHARGE,
        bodySite=LEFT_BREAST,
        component=[component("Kleur", valueCodeableConcept=text("waterig"))],
    ),
    view=NONE,
)
patient(
    "component: not spontaneous",
    observation(
        DISCHARGE, bodySite=LEFT_BREAST, component=[component("Spontaan", valueBoolean=False)]
    ),
    view=NONE,
)
patient(
    "component in English: several ducts",
    observation(
        DISCHARGE,
        bodySite=LEFT_BREAST,
        component=[component("Number of ducts", valueString="multiple")],
    ),
    view=NONE,
)
patient(
    "only when squeezed",
    discharge(text("Tepeluitvloed links, alleen bij knijpen"), side=None),
    view=NONE,
)
patient(
    "from several ducts, in the text",
    discharge(text("Tepeluitvloed links uit meerdere melkgangen"), side=None),
    view=NONE,
)
patient("clear, in the text", discharge(text("Heldere tepeluitvloed links"), side=None), view=NONE)
patient(
    "clear and not bloody",
    discharge(text("Niet-bloederige heldere tepeluitvloed links"), side=None),
    view=NONE,
)
patient(
    "not bloody, colour not told",
    discharge(text("Niet-bloederige tepeluitvloed links"), side=None),
    IMAGED_LEFT,
    view=[REFER],
)
patient(
    "milky, in the text", discharge(text("Melkachtige tepeluitvloed rechts"), side=None), view=NONE
)
patient(
    "milky, in English text", discharge(text("Milky nipple discharge, left"), side=None), view=NONE
)
patient(
    "galactorrhoea, ICD-10-NL",
    discharge(concept(coding(ICD10NL, "N64.3"), text="Galactorroe")),
    view=NONE,
)
patient(
    "galactorrhoea of the puerperium, SNOMED CT", discharge(concept(sct("200444007"))), view=NONE
)

# ------------------------------------------------------------------------------------------------ no discharge at all

patient("'geen tepeluitvloed'", discharge(text("Geen tepeluitvloed"), side=None), view=NONE)
patient(
    "left yes, right no",
    discharge(text("Bloederige tepeluitvloed links, rechts niet"), side=None),
    IMAGED_LEFT,
    view=[REFER],
)
patient(
    "right no, left yes",
    discharge(text("Rechts geen tepeluitvloed, links bloederige tepeluitvloed"), side=None),
    IMAGED_LEFT,
    view=[REFER],
)
patient(
    "denied in Dutch",
    observation(text("Anamnese mammae"), valueString="Patiënte ontkent tepeluitvloed."),
    view=NONE,
)
patient(
    "denied in English",
    observation(
        text("Breast history"), valueString="Denies nipple discharge, breast lump or skin changes"
    ),
    view=NONE,
)
patient(
    "observation answered absent",
    observation(DISCHARGE, valueCodeableConcept=concept(sct("2667000", "Absent"))),
    view=NONE,
)
patient(
    "observation answered false",
    observation(DISCHARGE, bodySite=LEFT_BREAST, valueBoolean=False),
    view=NONE,
)
patient(
    "observation answered 'nee'", observation(text("Tepeluitvloed"), valueString="nee"), view=NONE
)
patient(
    "observation not asked",
    observation(
        DISCHARGE,
        dataAbsentReason=concept(
            coding(
                "http://terminology.hl7.org/CodeSystem/data-absent-reason", "not-asked", "Not Asked"
            )
        ),
    ),
    view=NONE,
)
patient(
    "'status na' is history",
    discharge(text("Status na bloederige tepeluitvloed links in 2021"), side=None, onset="2021"),
    view=NONE,
)
patient(
    "only in the family",
    made(
        "FamilyMemberHistory",
        status="completed",
        relationship=text("moeder"),
        condition=[
            {"code": BLOODY, "note": [text("bloederige tepeluitvloed links, mammacarcinoom")]}
        ],
    ),
    condition(text("Familieanamnese: moeder bloederige tepeluitvloed links")),
    view=NONE,
)
patient(
    "ear discharge",
    discharge(text("Bloederige uitvloed linkeroor"), side=text("oor links")),
    view=NONE,
)
patient(
    "nasal discharge", discharge(text("Bloody nasal discharge, left nostril"), side=None), view=NONE
)
patient(
    "vaginal discharge",
    discharge(concept(coding(ICPC, "X14"), text="Uitvloed vaginaal, bruin"), side=None),
    view=NONE,
)
patient(
    "wound discharge of the breast",
    discharge(text("Bloederige wonduitvloed litteken linkerborst"), side=LEFT_BREAST),
    view=NONE,
)
patient(
    "discharge from hospital",
    condition(text("Discharge from hospital after left nipple surgery consult")),
    view=NONE,
)
patient(
    "mastitis",
    condition(
        concept(sct("45198002", "Mastitis")), bodySite=[LEFT_BREAST], onsetDateTime="2026-11-10"
    ),
    view=NONE,
)
patient(
    "painful nipple",
    condition(concept(coding(ICPC, "X20"), text="Pijnlijke tepel links")),
    view=NONE,
)
patient(
    "nipple retraction alone",
    condition(concept(sct("271955004", "Retraction of nipple")), bodySite=[LEFT_BREAST]),
    view=NONE,
)

# ------------------------------------------------------------------------------------------------ since when


def since(**onset) -> dict:
    return discharge(onset=None, **onset)


def age(value: float, code: str) -> dict:
    return {
        "value": value,
        "unit": {"a": "years", "mo": "months"}[code],
        "system": UCUM,
        "code": code,
    }


for written, card in {
    "2025": REFER,
    "2026": ASK,
    "2026-07": REFER,
    "2026-08": ASK,
    "2026-09": WAIT,
    "2026-08-14": REFER,
    "2026-08-15": WAIT,  # exactly three calendar months
    "2026-08-14T21:45:00+02:00": REFER,
    "2026-08-14T23:30:00Z": WAIT,  # the 15th in the Netherlands
    "2026-08-15T00:30:00+02:00": WAIT,  # the 14th in UTC
    "2026-08-14T21:00:00-05:00": WAIT,  # the 15th in the Netherlands
    "2026-08-14T22:15:30.250+02:00": REFER,
}.items():
    patient(f"since {written}", since(onsetDateTime=written), IMAGED_LEFT, view=[card])
patient("since the age of 52", since(onsetAge=age(52, "a")), IMAGED_LEFT, view=[REFER])
patient(
    "since the age of 53, which she is now", since(onsetAge=age(53, "a")), IMAGED_LEFT, view=[ASK]
)
patient("since 640 months old", since(onsetAge=age(640, "mo")), IMAGED_LEFT, view=[REFER])
patient("since 641 months old", since(onsetAge=age(641, "mo")), IMAGED_LEFT, view=[ASK])
patient("since 642 months old", since(onsetAge=age(642, "mo")), IMAGED_LEFT, view=[WAIT])
patient(
    "since the age of 52, year of birth only",
    since(onsetAge=age(52, "a")),
    IMAGED_LEFT,
    view=[ASK],
    birth="1973",
)
patient(
    "since the age of 50, year of birth only",
    since(onsetAge=age(50, "a")),
    IMAGED_LEFT,
    view=[REFER],
    birth="1973",
)
patient(
    "onset period open since May",
    since(onsetPeriod={"start": "2026-05-01"}),
    IMAGED_LEFT,
    view=[REFER],
)
patient(
    "onset period open since October",
    since(onsetPeriod={"start": "2026-10-01"}),
    IMAGED_LEFT,
    view=[WAIT],
)
patient(
    "onset some time in May",
    since(onsetPeriod={"start": "2026-05-01", "end": "2026-05-31"}),
    IMAGED_LEFT,
    view=[REFER],
)
patient(
    "onset between the ages of 51 and 52",
    since(onsetRange={"low": age(51, "a"), "high": age(52, "a")}),
    IMAGED_LEFT,
    view=[REFER],
)
patient(
    "onset in words",
    since(onsetString="sinds de zomer", recordedDate="2026-10-25"),
    IMAGED_LEFT,
    view=[ASK],
)
patient("no onset, recorded in June", since(recordedDate="2026-06-10"), IMAGED_LEFT, view=[REFER])
patient(
    "no onset, recorded in June as an instant",
    since(recordedDate="2026-06-10T10:00:00+02:00"),
    IMAGED_LEFT,
    view=[REFER],
)
patient("no onset, recorded in October", since(recordedDate="2026-10-20"), IMAGED_LEFT, view=[ASK])
patient(
    "onset marked as unknown, recorded in June",
    since(
        recordedDate="2026-06-10",
        _onsetDateTime={
            "extension": [
                {
                    "url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason",
                    "valueCode": "unknown",
                }
            ]
        },
    ),
    IMAGED_LEFT,
    view=[REFER],
)

# ------------------------------------------------------------------------------------------------ how it was imaged

patient(
    "image study with side in the series, category as part of it",
    discharge(),
    study(one_series("MG"), id="mg-1", modality=[dcm("MG")]),
    observation(
        text("BI-RADS"),
        bodySite=LEFT_BREAST,
        partOf=[{"reference": "ImagingStudy/mg-1"}],
        valueCodeableConcept=birads(2),
    ),
    ultrasound(),
    view=[REFER],
)
patient(
    "image study with the modality in the series only, category derived from it",
    discharge(),
    mammography(),
    study(one_series("US"), id="us-1"),
    observation(
        text("BI-RADS classificatie"),
        derivedFrom=[{"reference": "ImagingStudy/us-1"}],
        valueString="BI-RADS 1",
    ),
    view=[REFER],
)
patient(
    "image study with a procedure code",
    discharge(),
    mammography(),
    study(
        id="us-1",
        modality=[dcm("US")],
        procedureCode=[concept(loinc("26215-4", "US Breast - left"))],
    ),
    observation(text("BI-RADS"), derivedFrom=[{"reference": "ImagingStudy/us-1"}], valueInteger=1),
    view=[REFER],
)
patient(
    "image study with a description only",
    discharge(),
    mammography(),
    study(one_series("US", site=None, side=None), id="us-1", description="ECHO MAMMA LI"),
    observation(text("BI-RADS"), derivedFrom=[{"reference": "ImagingStudy/us-1"}], valueString="1"),
    view=[REFER],
)
patient(
    "image study without a category",
    discharge(),
    mammography(),
    study(one_series("US")),
    view=[ASK],
)
patient(
    "image study of the right breast",
    discharge(),
    mammography(),
    study(one_series("US", side=RIGHT)),
    view=[FIRST],
)
patient(
    "image study cancelled",
    discharge(),
    mammography(),
    study(one_series("US"), status="cancelled"),
    view=[FIRST],
)
patient(
    "image study of the abdomen",
    discharge(),
    mammography(),
    study(one_series("US", sct("818983003", "Abdomen"), None)),
    view=[FIRST],
)
patient(
    "image study named by the report, category on the report",
    discharge(),
    study(one_series("MG"), id="mg-1"),
    report(
        concept(sct("71651007", "Mammography")),
        "Geen verdachte afwijkingen. BI-RADS 2.",
        imagingStudy=[{"reference": "ImagingStudy/mg-1"}],
    ),
    ultrasound(),
    view=[REFER],
)

TWO_SIDES = """Klinische gegevens: bloederige tepeluitvloed links sinds juni.
Vraagstelling: afwijkingen?
Verslag: Mammografie en echografie beiderzijds. Densiteit ACR C.
Rechts lateraal een onscherp begrensde massa van 12 mm, op 9 uur. Echografisch hypoechogeen. Links geen massa, geen verdachte kalk.
In vergelijking met 14-3-2024 (links destijds BI-RADS 4a, biopt benigne) links ongewijzigd.
Conclusie: Rechts BI-RADS 4a, biopsie geadviseerd. Links BI-RADS 2."""
BOTH_EXAMINATIONS = concept(
    sct("363680008", "Radiografische beeldvormende verrichting"),
    text="Mammografie en echografie mammae",
)
patient(
    "one report, two sides, two modalities: left is benign",
    discharge(),
    report(BOTH_EXAMINATIONS, TWO_SIDES),
    view=[REFER],
)
patient(
    "one report, two sides, two modalities: right is suspicious",
    discharge(side=RIGHT_BREAST),
    report(BOTH_EXAMINATIONS, TWO_SIDES),
    view=[CONTRA],
)
patient(
    "one report with a category per modality",
    discharge(),
    report(
        text("X-mammografie + echo mamma links"),
        "Mammografie links: geen verdachte kalk, BI-RADS 2. Echografie links: geen afwijkingen, BI-RADS 1.",
    ),
    view=[REFER],
)
patient(
    "one report, suspicious on ultrasound only",
    discharge(),
    report(
        text("Mammografie + echo mamma links"),
        "Mammografie links: BI-RADS 2.\nEcho links: massa retroareolair, BI-RADS 4b.",
    ),
    view=[CONTRA],
)
patient(
    "nl-core ultrasound with the region in the text",
    discharge(),
    mammography(),
    report(
        concept(sct("16310003", "Echografie")),
        "Verslag: Echo mamma links. Geen massa's. Conclusie: BI-RADS 1.",
    ),
    view=[REFER],
)
patient(
    "nl-core ultrasound of the upper abdomen",
    discharge(),
    mammography(),
    report(concept(sct("16310003", "Echografie")), "Echo bovenbuik: galstenen. Lever normaal."),
    view=[FIRST],
)
patient(
    "nl-core X-ray with the mammography in the text",
    discharge(),
    report(
        concept(sct("363680008")), "Mammografie beiderzijds.\nConclusie: BI-RADS 1 beiderzijds."
    ),
    ultrasound(),
    view=[REFER],
)
patient(
    "nl-core X-ray of the chest",
    discharge(),
    report(concept(sct("363680008")), "X-thorax: geen afwijkingen."),
    ultrasound(),
    view=[FIRST],
)
patient(
    "LOINC bilateral, category without a side counts for both",
    discharge(),
    report(concept(loinc("26346-7", "MG Breast - bilateral Diagnostic")), "BI-RADS 2."),
    ultrasound(),
    view=[REFER],
)
patient(
    "SNOMED CT tomosynthesis, side in the conclusion",
    discharge(),
    report(concept(sct("450566007")), "Tomosynthese linkermamma: BI-RADS 2."),
    ultrasound(),
    view=[REFER],
)
patient(
    "local code, Dutch display",
    discharge(),
    mammography(code=concept(local("RAD0815", "Mammografie links"))),
    ultrasound(),
    view=[REFER],
)
patient(
    "text only 'echo mamma li'",
    discharge(),
    mammography(),
    ultrasound(code=text("Echo mamma li.")),
    view=[REFER],
)
patient(
    "text only, breast ultrasound in English",
    discharge(),
    mammography(),
    ultrasound(code=text("US Left Breast Limited")),
    view=[REFER],
)
patient(
    "text only, mammogram in English",
    discharge(),
    mammography(code=text("Diagnostic mammogram, left")),
    ultrasound(),
    view=[REFER],
)
patient(
    "English report with an impression and a prior",
    discharge(),
    report(
        text("MAMMOGRAM DIAGNOSTIC BILATERAL"),
        "COMPARISON: 03/2024, BI-RADS 4 left, benign biopsy.\nFINDINGS: Scattered densities.\n"
        "IMPRESSION: No evidence of malignancy. BI-RADS Category 2: Benign.",
    ),
    report(text("US BREAST LEFT"), "IMPRESSION: Negative. ACR BI-RADS assessment category: 1"),
    view=[REFER],
)
patient(
    "German reports",
    discharge(),
    report(text("Mammographie beidseits"), "Beurteilung: BI-RADS 2 beidseits, ACR-Dichte 3."),
    report(text("Sonographie Mamma links"), "Beurteilung: BI-RADS 1 links."),
    view=[REFER],
)
patient(
    "amended report",
    discharge(),
    mammography() | {"status": "amended"},
    ultrasound() | {"status": "corrected"},
    view=[REFER],
)
patient(
    "cancelled report",
    discharge(),
    mammography(),
    ultrasound() | {"status": "cancelled"},
    view=[FIRST],
)
patient(
    "registered report",
    discharge(),
    mammography() | {"status": "registered"},
    ultrasound(),
    view=[FIRST],
)
patient(
    "report entered in error",
    discharge(),
    mammography() | {"status": "entered-in-error"},
    ultrasound(),
    view=[FIRST],
)
patient(
    "report period instead of a date",
    discharge(),
    mammography()
    | {
        "effectiveDateTime": None,
        "effectivePeriod": {"start": "2026-10-20T09:00:00Z", "end": "2026-10-20T09:20:00Z"},
    },
    ultrasound(),
    view=[REFER],
)
patient(
    "category as a contained result",
    discharge(),
    report(
        concept(loinc("36627-8")),
        contained=[
            {
                "resourceType": "Observation",
                "id": "cat",
                "status": "final",
                "code": text("BI-RADS"),
                "valueCodeableConcept": birads(2),
            }
        ],
        result=[{"reference": "#cat"}],
    ),
    ultrasound(),
    view=[REFER],
)
patient(
    "category as a relative result",
    discharge(),
    report(concept(loinc("36627-8")), result=[{"reference": "Observation/cat"}]),
    observation(text("BI-RADS-score"), id="cat", valueCodeableConcept=birads(4)),
    ultrasound(),
    view=[CONTRA],
)
patient(
    "category as an absolute result",
    discharge(),
    report(
        concept(loinc("36627-8")),
        result=[{"reference": "https://epd.ziekenhuis.example/fhir/R4/Observation/cat"}],
    ),
    observation(text("BI-RADS"), id="cat", valueString="BI-RADS: 2"),
    ultrasound(),
    view=[REFER],
)
patient(
    "a result for each side: the left one counts",
    discharge(),
    report(
        concept(loinc("36626-0")),
        result=[{"reference": "Observation/cat-l"}, {"reference": "Observation/cat-r"}],
    ),
    observation(text("BI-RADS"), id="cat-l", bodySite=LEFT_BREAST, valueCodeableConcept=birads(1)),
    observation(text("BI-RADS"), id="cat-r", bodySite=RIGHT_BREAST, valueCodeableConcept=birads(5)),
    ultrasound(),
    view=[REFER],
)
patient(
    "a result with a component per side: the right one counts",
    discharge(side=RIGHT_BREAST),
    report(concept(loinc("36626-0")), result=[{"reference": "Observation/cat"}]),
    observation(
        text("BI-RADS"),
        id="cat",
        component=[
            component("BI-RADS links", valueCodeableConcept=birads(1)),
            component("BI-RADS rechts", valueCodeableConcept=birads(5)),
        ],
    ),
    RIGHT_ULTRASOUND,
    view=[CONTRA],
)
patient(
    "procedure with a category that is part of it",
    discharge(),
    procedure(
        concept(sct("71651007", "Mammografie")),
        id="mg",
        bodySite=[concept(BREAST, **laterality(ZIB, "7771000", "Links"))],
    ),
    observation(
        text("BI-RADS"), partOf=[{"reference": "Procedure/mg"}], valueCodeableConcept=birads(2)
    ),
    ultrasound(),
    view=[REFER],
)
patient(
    "procedures in English text, categories by their own code",
    discharge(),
    procedure(text("Bilateral mammogram")),
    procedure(text("Ultrasound of left breast")),
    observation(text("BI-RADS category, mammogram, left breast"), valueInteger=2),
    observation(text("BI-RADS category, breast ultrasound, left"), valueInteger=1),
    view=[REFER],
)
patient(
    "procedure in preparation",
    discharge(),
    mammography(),
    procedure(concept(sct("47079000")), bodySite=[LEFT_BREAST], status="preparation"),
    view=[FIRST],
)
patient(
    "procedure not done",
    discharge(),
    mammography(),
    procedure(text("Echo mamma links"), status="not-done"),
    view=[FIRST],
)
patient(
    "report in a plain text attachment",
    discharge(),
    report(
        text("Mammografie links"),
        presentedForm=[
            {
                "contentType": "text/plain",
                "data": base64.b64encode(
                    b"Verslag: geen verdachte kalk.\nConclusie: BI-RADS 2."
                ).decode(),
            }
        ],
    ),
    ultrasound(),
    view=[REFER],
)
patient(
    "examination as an observation with its category as the value",
    discharge(),
    observation(text("Mammografie links"), valueString="BI-RADS 2"),
    observation(text("Echografie mamma links"), valueString="BIRADS 1"),
    view=[REFER],
)
patient(
    "RadElement category derived from a study",
    discharge(),
    study(one_series("MG"), id="mg-1"),
    observation(
        concept(coding(RDE, "RDE1586", "Assessment category")),
        derivedFrom=[{"reference": "ImagingStudy/mg-1"}],
        valueCodeableConcept=concept(coding(RDE, "RDE1586_category2BenignFinding")),
    ),
    ultrasound(),
    view=[REFER],
)
patient(
    "RadElement category 4B",
    discharge(),
    mammography(),
    study(one_series("US"), id="us-1"),
    observation(
        concept(coding(RDE, "RDE1586")),
        partOf=[{"reference": "ImagingStudy/us-1"}],
        valueCodeableConcept=concept(
            coding(RDE, "RDE1586_category4BSuspiciousAbnormalityModerateLikelihoodOfBeingCancer")
        ),
    ),
    view=[CONTRA],
)
patient(
    "category as the code of the observation",
    discharge(),
    study(one_series("MG"), id="mg-1"),
    observation(
        concept(sct("397141009")), bodySite=LEFT_BREAST, partOf=[{"reference": "ImagingStudy/mg-1"}]
    ),
    ultrasound(),
    view=[REFER],
)
patient(
    "category as a component of the examination",
    discharge(),
    observation(
        concept(loinc("36627-8")), component=[component("BI-RADS", valueCodeableConcept=birads(2))]
    ),
    ultrasound(),
    view=[REFER],
)

for words, cards in {
    "BI-RADS II.": [REFER],
    "Birads-classificatie: 3": [REFER],
    "BI-RADS 2 (laesie van 4 mm op 5 uur)": [REFER],
    "ACR-densiteit 4. BI-RADS 1.": [REFER],
    "BI-RADS dichtheid: D. BI-RADS 2.": [REFER],
    "Geen BI-RADS 4 of 5 laesies. BI-RADS 2.": [REFER],
    "BI-RADS 2, ongewijzigd ten opzichte van vorig onderzoek (BI-RADS 4a).": [REFER],
    "BIRADS IVb": [CONTRA],
    "BI-RADS 4a": [CONTRA],
    "BI-RADS-5": [CONTRA],
    "BI-RADS: V": [CONTRA],
    "BI-RADS VI, bekend carcinoom": [CONTRA],
    "BI-RADS 0, aanvullend onderzoek nodig": [FIRST],
    "Vorig onderzoek BI-RADS 2. Nu BI-RADS 4c.": [CONTRA],
    "Vorige BI-RADS 3; conclusie BI-RADS 5": [CONTRA],
    "Retroareolair dilatatie van één melkgang.": [ASK],
}.items():
    patient(
        f"mammography says '{words}'",
        discharge(),
        report(concept(loinc("36627-8")), words),
        ultrasound(),
        view=cards,
    )

patient("category 0 coded", discharge(), mammography(0), ultrasound(), view=[FIRST])
patient("category 4 and no ultrasound", discharge(), mammography(4), view=[FIRST, CONTRA])
patient("category 3 on ultrasound", discharge(), mammography(), ultrasound(3), view=[REFER])
patient("category 6 coded", discharge(), mammography(6), ultrasound(), view=[CONTRA])
patient(
    "category 5 of the other breast",
    discharge(),
    IMAGED_LEFT,
    mammography(5, code=concept(loinc("37774-7"))),
    view=[REFER],
)
patient(
    "category 4 on MRI of that breast",
    discharge(),
    IMAGED_LEFT,
    report(concept(loinc("35954-7", "MR Breast - left")), "BI-RADS 4."),
    view=[CONTRA],
)
patient(
    "category 4 then 2 without a biopsy",
    discharge(),
    mammography(4, "2026-07-01"),
    IMAGED_LEFT,
    view=[CONTRA],
)
patient(
    "category 4 two years before the complaint",
    discharge(),
    mammography(4, "2024-03-14"),
    IMAGED_LEFT,
    view=[REFER],
)
patient(
    "imaged five months before onset",
    discharge(),
    mammography(when="2026-01-20"),
    ultrasound(),
    view=[REFER],
)
patient(
    "imaged seven months before onset",
    discharge(),
    mammography(when="2025-11-01"),
    ultrasound(),
    view=[FIRST],
)
patient(
    "breast MRI only",
    discharge(),
    report(concept(sct("241615005")), "MRI mammae beiderzijds: BI-RADS 2."),
    view=[FIRST],
)
patient(
    "axillary ultrasound",
    discharge(),
    mammography(),
    report(concept(loinc("72529-1", "US Axilla - left")), "Geen verdachte klieren."),
    view=[FIRST],
)
patient(
    "axillary ultrasound in text",
    discharge(),
    mammography(),
    report(text("Echo oksel links"), "Geen pathologische klieren, BI-RADS 1."),
    view=[FIRST],
)
patient(
    "pregnancy ultrasound",
    discharge(),
    mammography(),
    report(text("Echo zwangerschap"), "Vitale intra-uteriene graviditeit 12 wk."),
    view=[FIRST],
)
patient(
    "galactography is no mammography",
    discharge(),
    report(concept(loinc("38096-4")), "Links BI-RADS 2."),
    ultrasound(),
    view=[FIRST],
)
patient(
    "screening mammogram of both breasts with category 0",
    discharge(),
    report(
        concept(sct("24623002"), text="Bevolkingsonderzoek borstkanker, mammogram beiderzijds"),
        "BI-RADS 0 links, verwijzing.",
    ),
    ultrasound(),
    view=[FIRST],
)
patient(
    "ultrasound ordered, not done",
    discharge(),
    mammography(),
    order(concept(loinc("26215-4")), status="active"),
    view=NONE,
)
patient(
    "both ordered of both breasts",
    discharge(),
    order(concept(sct("71651007", "Mammografie")), status="active", bodySite=[BOTH_BREASTS]),
    order(text("Echo mammae beiderzijds"), status="on-hold"),
    view=NONE,
)
patient(
    "ultrasound order revoked",
    discharge(),
    mammography(),
    order(concept(loinc("26215-4")), status="revoked"),
    view=[FIRST],
)
patient(
    "ultrasound of the right breast ordered",
    discharge(),
    mammography(),
    order(text("Echo mamma re"), status="active"),
    view=[FIRST],
)
patient(
    "ultrasound ordered without a side",
    discharge(),
    mammography(),
    order(concept(sct("47079000")), status="active"),
    view=[FIRST],
)
patient(
    "ultrasound is not to be performed",
    discharge(),
    mammography(),
    order(concept(loinc("26215-4")), status="active", doNotPerform=True),
    view=[FIRST],
)

# ------------------------------------------------------------------------------------------------ suspicious, then cleared

SUSPICIOUS = [mammography(4), ultrasound()]
patient(
    "needle biopsy benign in a Dutch pathology report",
    discharge(),
    SUSPICIOUS,
    pathology("Mamma links, naaldbiopt: fibroadenoom. Geen maligniteit."),
    view=[REFER],
)
patient(
    "B2 in a pathology report with a microscopy part",
    discharge(),
    SUSPICIOUS,
    pathology(
        "Macroscopie: 3 cilinders. Microscopie: fibrocysteuze veranderingen. Conclusie: mammabiopt links: benigne, geen atypie (B2)."
    ),
    view=[REFER],
)
patient(
    "benign tissue in an English observation",
    discharge(),
    SUSPICIOUS,
    observation(
        text("Core needle biopsy, left breast - pathology diagnosis"),
        effectiveDateTime="2026-10-28",
        valueCodeableConcept=concept(
            sct("5244003", "Intraductal papilloma"),
            text="Benign intraductal papilloma without atypia",
        ),
    ),
    view=[REFER],
)
patient(
    "benign tissue as the result of a report on a biopsy",
    discharge(),
    SUSPICIOUS,
    procedure(
        concept(sct("44578009", "Core needle biopsy of breast")),
        "2026-10-26",
        bodySite=[LEFT_BREAST],
    ),
    pathology(
        None, code=text("Histologie mamma links"), result=[{"reference": "Observation/histology"}]
    ),
    observation(
        text("Histologische diagnose"),
        id="histology",
        effectiveDateTime="2026-10-28",
        valueString="benigne, fibroadenoom",
    ),
    view=[REFER],
)
patient(
    "a biopsy and a later benign category",
    discharge(),
    mammography(4, "2026-07-01"),
    procedure(concept(sct("723990008")), "2026-07-10", bodySite=[LEFT_BREAST]),
    IMAGED_LEFT,
    view=[REFER],
)
patient(
    "a biopsy without a result",
    discharge(),
    SUSPICIOUS,
    procedure(text("Echogeleide biopsie mamma links"), "2026-10-26"),
    view=[CONTRA],
)
patient(
    "a benign biopsy of the other breast",
    discharge(),
    SUSPICIOUS,
    pathology("Mamma rechts, naaldbiopt: fibroadenoom, benigne."),
    view=[CONTRA],
)
patient(
    "a benign biopsy of before",
    discharge(),
    SUSPICIOUS,
    pathology("Mamma links, biopt: benigne.", "2026-09-01"),
    view=[CONTRA],
)
patient(
    "a malignant biopsy",
    discharge(),
    SUSPICIOUS,
    pathology("Mamma links, naaldbiopt: ductaal carcinoma in situ, graad 2."),
    view=[CONTRA],
)
patient(
    "malignancy not ruled out",
    discharge(),
    SUSPICIOUS,
    pathology("Biopt mamma links: atypische cellen, maligniteit niet uit te sluiten."),
    view=[CONTRA],
)
patient(
    "a benign skin lesion elsewhere",
    discharge(),
    SUSPICIOUS,
    pathology("Huidbiopt rug links: benigne naevus."),
    view=[CONTRA],
)

# ------------------------------------------------------------------------------------------------ contra-indications and other complaints

patient(
    "retraction not reducible, Dutch text",
    discharge(),
    IMAGED_LEFT,
    condition(text("Niet-reponeerbare tepelretractie links")),
    view=[CONTRA],
)
patient(
    "retraction cannot be everted, code with text",
    discharge(),
    IMAGED_LEFT,
    condition(concept(sct("271955004"), text="Tepelretractie links, niet te everteren")),
    view=[CONTRA],
)
patient(
    "retraction not reducible, English text",
    discharge(),
    IMAGED_LEFT,
    condition(text("Non-reducible left nipple retraction")),
    view=[CONTRA],
)
patient(
    "retraction with a component",
    discharge(),
    IMAGED_LEFT,
    observation(
        concept(sct("271955004")),
        bodySite=LEFT_BREAST,
        component=[component("Reponeerbaar", valueBoolean=False)],
    ),
    view=[CONTRA],
)
patient(
    "retraction not reducible, two months of discharge",
    discharge(onset="2026-09-20"),
    IMAGED_LEFT,
    condition(text("Tepelretractie links, niet reponeerbaar")),
    view=[CONTRA],
)
patient(
    "retraction reducible",
    discharge(),
    IMAGED_LEFT,
    condition(text("Reponeerbare tepelretractie links")),
    view=[REFER],
)
patient(
    "retraction, reducibility not told",
    discharge(),
    IMAGED_LEFT,
    condition(concept(sct("31845005")), bodySite=[LEFT_BREAST]),
    view=[REFER],
)
patient(
    "retraction of the other nipple",
    discharge(),
    IMAGED_LEFT,
    condition(text("Niet-reponeerbare tepelretractie rechts")),
    view=[REFER],
)
patient(
    "'geen tepelretractie'",
    discharge(),
    IMAGED_LEFT,
    observation(text("Inspectie mammae"), valueString="Geen tepelretractie."),
    view=[REFER],
)
patient(
    "duct excision with the side in the code",
    discharge(),
    IMAGED_LEFT,
    procedure(concept(sct("736751004")), "2015"),
    view=[CONTRA],
)
patient(
    "duct excision of the other side in the code",
    discharge(),
    IMAGED_LEFT,
    procedure(concept(sct("736752006")), "2015"),
    view=[REFER],
)
patient(
    "nipple reconstruction, zib side",
    discharge(),
    IMAGED_LEFT,
    procedure(
        concept(sct("387628008")),
        "2012-04",
        bodySite=[concept(NIPPLE, **laterality(ZIB, "7771000", "Links"))],
    ),
    view=[CONTRA],
)
patient(
    "reduction of both breasts",
    discharge(),
    IMAGED_LEFT,
    procedure(concept(sct("59214008")), "2001", bodySite=[BOTH_BREASTS]),
    view=[CONTRA],
)
patient(
    "microdochectomy in Dutch text",
    discharge(),
    IMAGED_LEFT,
    procedure(text("Microdochectomie li"), "2019-02-11"),
    view=[CONTRA],
)
patient(
    "microdochectomy of the right breast in text",
    discharge(),
    IMAGED_LEFT,
    procedure(text("Microdochectomie re."), "2019-02-11"),
    view=[REFER],
)
patient(
    "subareolar duct excision in English text",
    discharge(),
    IMAGED_LEFT,
    procedure(text("Subareolar duct excision, left breast"), "2019-02-11"),
    view=[CONTRA],
)
patient(
    "'status na' microdochectomy on the problem list",
    discharge(),
    IMAGED_LEFT,
    condition(text("Status na microdochectomie links (2018)")),
    view=[CONTRA],
)
patient(
    "surgery of the nipple without a side is to be confirmed",
    discharge(),
    IMAGED_LEFT,
    procedure(concept(sct("237400005")), "2019"),
    view=[REFER],
)
patient(
    "surgery of the nipple was not done",
    discharge(),
    IMAGED_LEFT,
    procedure(concept(sct("237400005")), "2019", status="not-done", bodySite=[LEFT_BREAST]),
    view=[REFER],
)
patient(
    "contra-indicated and nothing imaged",
    discharge(),
    procedure(concept(sct("736751004")), "2015"),
    view=[FIRST, CONTRA],
)
patient(
    "clear discharge with a suspicious mammogram",
    discharge(text("Heldere tepeluitvloed links"), side=None),
    SUSPICIOUS,
    view=NONE,
)

RECENT = discharge(onset="2026-09-20")
patient(
    "two months and a lump of that breast",
    RECENT,
    IMAGED_LEFT,
    condition(concept(sct("89164003")), bodySite=[LEFT_BREAST]),
    view=NONE,
)
patient(
    "two months and a lump by ICD-10",
    RECENT,
    IMAGED_LEFT,
    condition(concept(coding(ICD10NL, "N63")), bodySite=[LEFT_BREAST]),
    view=NONE,
)
patient(
    "two months and a lump by ICPC and text",
    RECENT,
    IMAGED_LEFT,
    condition(concept(coding(ICPC, "X19"), text="Knobbel linkerborst")),
    view=NONE,
)
patient(
    "two months and a lump of the other breast",
    RECENT,
    IMAGED_LEFT,
    condition(text("Knobbel rechterborst")),
    view=[WAIT],
)
patient(
    "two months and a lump of the past",
    RECENT,
    IMAGED_LEFT,
    condition(concept(sct("89164003")), bodySite=[LEFT_BREAST], clinicalStatus=status("resolved")),
    view=[WAIT],
)
patient(
    "two months and no category on ultrasound",
    RECENT,
    mammography(),
    report(concept(loinc("26215-4")), "Verslag volgt."),
    view=[ASK],
)

# ------------------------------------------------------------------------------------------------ orders

DUCTOSCOPY = order(text("Ductoscopie links"))
MICRODOCHECTOMY = order(concept(sct("237400005", "Microdochectomy")), bodySite=[LEFT_BREAST])
READY = [discharge(), *IMAGED_LEFT]

patient("ductoscopy ordered as advised", READY, orders=[DUCTOSCOPY], ordered=NONE)
patient(
    "ductoscopy ordered in the third month",
    RECENT,
    IMAGED_LEFT,
    orders=[DUCTOSCOPY],
    ordered=[CONTRA],
)
patient(
    "ductoscopy ordered without ultrasound",
    discharge(),
    mammography(),
    orders=[DUCTOSCOPY],
    ordered=[FIRST],
)
patient(
    "ductoscopy ordered in English with a suspicious mammogram",
    discharge(),
    SUSPICIOUS,
    orders=[order(text("Ductoscopy, left breast"))],
    ordered=[CONTRA],
)
patient(
    "ductoscopy ordered with the side as a body site",
    discharge(),
    SUSPICIOUS,
    orders=[order(text("Ductoscopie"), bodySite=[concept(LEFT)])],
    ordered=[CONTRA],
)
patient(
    "referral for ductoscopy in the order detail",
    discharge(),
    SUSPICIOUS,
    orders=[
        order(
            concept(sct("306300002"), text="Verwijzing mammachirurg"),
            orderDetail=[text("Ductoscopie links")],
        )
    ],
    ordered=[CONTRA],
)
patient(
    "ductoscopy by a local code",
    discharge(),
    SUSPICIOUS,
    orders=[order(concept(local("DUCTO", "Ductoscopie mamma links")))],
    ordered=[CONTRA],
)
patient(
    "no discharge on record", condition(text("Pijn linkerborst")), orders=[DUCTOSCOPY], ordered=NONE
)
patient("microdochectomy by code and body site", READY, orders=[MICRODOCHECTOMY], ordered=[BEFORE])
patient(
    "duct excision with the side in the code ordered",
    READY,
    orders=[order(concept(sct("736751004")))],
    ordered=[BEFORE],
)
patient(
    "duct excision of the other side ordered",
    READY,
    orders=[order(concept(sct("736752006")))],
    ordered=NONE,
)
patient(
    "cone excision in Dutch text",
    READY,
    orders=[order(text("Conusexcisie mamma links"))],
    ordered=[BEFORE],
)
patient(
    "microdochectomy in text with a surgical category and priority",
    READY,
    orders=[
        order(
            text("microdochectomie li. mamma"),
            category=[concept(sct("387713003", "Surgical procedure"))],
            priority="routine",
            intent="plan",
            authoredOn="2026-11-15T11:58:00+01:00",
        )
    ],
    ordered=[BEFORE],
)
patient(
    "duct surgery in English text",
    READY,
    orders=[order(text("Excision of subareolar ducts, left breast"))],
    ordered=[BEFORE],
)
patient(
    "duct surgery in the order detail",
    READY,
    orders=[order(text("Operatie mamma links"), orderDetail=[text("Microdochectomie")])],
    ordered=[BEFORE],
)
patient(
    "duct surgery by the zib side on the body site",
    READY,
    orders=[
        order(
            concept(sct("265255003")),
            bodySite=[concept(BREAST, **laterality(ZIB, "7771000", "Links"))],
        )
    ],
    ordered=[BEFORE],
)
patient(
    "duct surgery in the third month", RECENT, IMAGED_LEFT, orders=[MICRODOCHECTOMY], ordered=NONE
)
patient("duct surgery without imaging", discharge(), orders=[MICRODOCHECTOMY], ordered=[FIRST])
patient(
    "duct surgery for clear discharge",
    discharge(text("Heldere tepeluitvloed links"), side=None),
    IMAGED_LEFT,
    orders=[MICRODOCHECTOMY],
    ordered=NONE,
)
patient(
    "duct surgery for a papilloma seen on ultrasound",
    discharge(),
    mammography(),
    report(concept(loinc("26215-4")), "Retroareolair intraductaal papilloom van 6 mm. BI-RADS 3."),
    orders=[MICRODOCHECTOMY],
    ordered=NONE,
)
patient(
    "duct surgery, no papilloma on ultrasound",
    discharge(),
    mammography(),
    report(concept(loinc("26215-4")), "Geen papilloom. BI-RADS 1."),
    orders=[MICRODOCHECTOMY],
    ordered=[BEFORE],
)
patient(
    "duct surgery while ductoscopy is ordered",
    READY,
    order(text("Ductoscopie links"), status="active"),
    orders=[MICRODOCHECTOMY],
    ordered=[BEFORE],
    view=NONE,
)
patient(
    "duct surgery after a ductoscopy",
    READY,
    procedure(text("Ductoscopie mamma links"), "2026-11-02"),
    orders=[MICRODOCHECTOMY],
    ordered=NONE,
    view=NONE,
)
patient(
    "duct surgery, ductoscopy of an earlier complaint",
    READY,
    procedure(text("Ductoscopie mamma links"), "2022-11-02"),
    orders=[MICRODOCHECTOMY],
    ordered=[BEFORE],
    view=[REFER],
)
patient(
    "ductoscopy order revoked",
    READY,
    order(text("Ductoscopie links"), status="revoked"),
    view=[REFER],
)
patient(
    "ductoscopy of the other breast ordered",
    READY,
    order(text("Ductoscopie rechts"), status="active"),
    view=[REFER],
)
patient(
    "another order is selected",
    READY,
    orders=[order(text("Lab: hemoglobine")), MICRODOCHECTOMY],
    selected=[0],
    select=NONE,
    sign=[BEFORE],
)
patient(
    "the duct surgery is selected among others",
    READY,
    orders=[order(text("Lab: hemoglobine")), MICRODOCHECTOMY],
    selected=[1],
    select=[BEFORE],
)
patient(
    "a signed order is signed again",
    READY,
    orders=[MICRODOCHECTOMY | {"status": "active"}],
    sign=[BEFORE],
)
patient(
    "a very long draft id",
    READY,
    orders=[MICRODOCHECTOMY | {"id": "e" * 194}],
    ordered=[BEFORE],
    invalid=True,
)
patient(
    "cone biopsy of the cervix", READY, orders=[order(text("Conisatie portio uteri"))], ordered=NONE
)
patient(
    "excision of a salivary duct",
    READY,
    orders=[order(text("Excisie ductus parotideus links"))],
    ordered=NONE,
)
patient("mammography ordered", discharge(), orders=[order(concept(loinc("36627-8")))], ordered=NONE)
patient("an order without a code", READY, orders=[order(None, intent="plan")], ordered=NONE)
patient(
    "the sandbox's empty coding",
    READY,
    orders=[order({"coding": [{}]}, intent="plan", reasonCode=[])],
    ordered=NONE,
    invalid=True,
)

# ------------------------------------------------------------------------------------------------ how the data arrive


def advertised(templates: dict, value) -> dict:
    return {key: value for key in templates if key != "patient"}


def one_bundle(resources, who, templates):
    entries = [{"fullUrl": f"urn:uuid:{one['id']}", "resource": one} for one in [who, *resources]]
    return advertised(templates, None) | {
        "patient": who,
        "everything": {"resourceType": "Bundle", "type": "collection", "entry": entries},
    }


def bare_lists(resources, who, templates):
    kinds = {template.split("?")[0] for key, template in templates.items() if key != "patient"}
    lists = {
        f"list{kind}": [one for one in resources if one["resourceType"] == kind] for kind in kinds
    }
    return advertised(templates, None) | lists | {"patient": who}


def one_by_one(resources, who, templates):
    return (
        advertised(templates, None)
        | {"patient": who}
        | {f"item{number}": one for number, one in enumerate(resources)}
    )


def all_in_the_first_key(resources, who, templates):
    bundle = {
        "resourceType": "Bundle",
        "type": "searchset",
        "entry": [{"resource": one} for one in resources],
    }
    return advertised(templates, None) | {"patient": who, "conditions": bundle}


def twice(resources, who, templates):
    bundle = {
        "resourceType": "Bundle",
        "type": "searchset",
        "entry": [{"resource": one} for one in resources],
    }
    return advertised(templates, bundle) | {"patient": who, "again": bundle}


def nulls(resources, who, templates):
    return advertised(templates, None) | {"patient": who}


def empty_bundles(resources, who, templates):
    return advertised(templates, {"resourceType": "Bundle", "type": "searchset", "total": 0}) | {
        "patient": who
    }


def nothing(resources, who, templates):
    return {}


patient("all data in one bundle under an unknown key", READY, prefetch=one_bundle, view=[REFER])
patient("all data as bare lists under unknown keys", READY, prefetch=bare_lists, view=[REFER])
patient("every resource under a key of its own", READY, prefetch=one_by_one, view=[REFER])
patient("all data under the conditions key", READY, prefetch=all_in_the_first_key, view=[REFER])
patient("every resource under every key", READY, SUSPICIOUS[0], prefetch=twice, view=[CONTRA])
patient("nothing on record, null", prefetch=nulls, view=NONE)
patient(
    "nothing on record, null, duct surgery ordered",
    prefetch=nulls,
    orders=[MICRODOCHECTOMY],
    ordered=NONE,
)
patient("nothing on record, bundles without entries", prefetch=empty_bundles, view=NONE)
patient(
    "a prescription without any prefetch",
    prefetch=nothing,
    orders=[
        made(
            "MedicationRequest",
            status="draft",
            intent="order",
            medicationCodeableConcept=text("Paracetamol 500 mg tablet"),
        )
    ],
    ordered=NONE,
)
patient(
    "results by urn:uuid in one bundle",
    discharge(),
    report(concept(loinc("36627-8")), result=[{"reference": f"urn:uuid:{UUID}"}]),
    observation(text("BI-RADS"), id=UUID, valueCodeableConcept=birads(2)),
    ultrasound(),
    prefetch=one_bundle,
    view=[REFER],
)
patient(
    "the patient by urn:uuid, one bundle",
    [one | {"subject": {"reference": f"urn:uuid:{UUID}"}} for one in READY],
    prefetch=one_bundle,
    patient_id=UUID,
    view=[REFER],
)
patient(
    "the patient by urn:uuid, key by key",
    [one | {"subject": {"reference": f"urn:uuid:{UUID}"}} for one in READY],
    patient_id=UUID,
    view=[REFER],
)
patient(
    "the patient by an absolute and by a versioned reference",
    discharge(
        subject={
            "reference": f"https://epd.ziekenhuis.example/fhir/R4/Patient/{ANNA}",
            "display": "A. de Vries",
        }
    ),
    mammography() | {"subject": {"reference": f"Patient/{ANNA}/_history/3", "type": "Patient"}},
    ultrasound(),
    view=[REFER],
)
ODD = {
    "meta": {
        "versionId": "7",
        "lastUpdated": "2026-10-20T12:00:00.123+02:00",
        "profile": ["http://nictiz.nl/fhir/StructureDefinition/nl-core-Problem"],
        "security": [coding("http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "N")],
    },
    "language": "nl-NL",
    "text": {
        "status": "generated",
        "div": '<div xmlns="http://www.w3.org/1999/xhtml">Geen bijzonderheden. BI-RADS 5 rechts.</div>',
    },
    "contained": [{"resourceType": "Practitioner", "id": "arts", "name": [{"family": "Jansen"}]}],
    "extension": [
        {"url": "https://epd.example/ext/afdeling", "valueString": "Chirurgie, uitvloed"}
    ],
    "identifier": [{"system": "https://epd.example/id", "value": "0001"}],
}
patient(
    "meta, narrative, contained and unknown extensions on everything",
    [one | ODD for one in READY],
    view=[REFER],
)
patient(
    "extensions on primitives and on codings",
    discharge(
        concept(
            sct("290113009")
            | {
                "userSelected": True,
                "extension": [{"url": "https://epd.example/ext/rang", "valueInteger": 1}],
            }
        ),
        _onsetDateTime={
            "id": "o1",
            "extension": [{"url": "https://epd.example/ext/bron", "valueString": "patiënt"}],
        },
        recorder={"reference": "#arts"},
        contained=ODD["contained"],
        stage=[{"summary": text("onbekend")}],
        evidence=[{"code": [text("anamnese")]}],
    ),
    IMAGED_LEFT,
    view=[REFER],
)

# ------------------------------------------------------------------------------------------------ whole records


def busy_record() -> list[dict]:
    """Sixty resources of a general practice and a hospital that have nothing to do with the breast."""
    vitals = [
        ("8867-4", "Heart rate", 72, "/min"),
        ("29463-7", "Body weight", 71.5, "kg"),
        ("8302-2", "Body height", 168, "cm"),
    ]
    labs = [
        ("718-7", "Hemoglobin", 8.3, "mmol/L"),
        ("2160-0", "Creatinine", 71, "umol/L"),
        ("4548-4", "HbA1c", 38, "mmol/mol"),
    ]
    problems_ = [
        "Hypertensie",
        "Diabetes mellitus type 2",
        "Hooikoorts",
        "Lage rugpijn",
        "Status na appendectomie",
        "Otitis externa li",
    ]
    written = [
        observation(
            concept(loinc(code, name)),
            category=[concept(coding(OBSERVATION_CATEGORY, kind))],
            effectiveDateTime=f"2026-0{month}-12T08:00:00+02:00",
            valueQuantity={"value": value + month / 10, "unit": unit, "system": UCUM, "code": unit},
        )
        for kind, rows in (("vital-signs", vitals), ("laboratory", labs))
        for code, name, value, unit in rows
        for month in (2, 3, 5, 6, 8)
    ]
    written += [
        condition(text(words), onsetDateTime=f"20{10 + number}")
        for number, words in enumerate(problems_)
    ]
    written += [
        procedure(text("Laparoscopische appendectomie"), "1998-07"),
        procedure(concept(sct("73761001", "Colonoscopy")), "2021-03-04"),
        procedure(text("Plaatsen oorbuisje rechts"), "1980"),
        report(
            text("X-thorax"), "Geen afwijkingen. Linker sinus vrij.", effectiveDateTime="2026-03-02"
        ),
        report(text("Echo abdomen"), "Steatosis hepatis.", effectiveDateTime="2026-08-11"),
        report(text("CT hersenen"), "Geen bloeding.", effectiveDateTime="2025-01-02"),
        report(text("Lab: glucose dagcurve"), category=[concept(coding(SECTION, "LAB"))]),
        pathology("Huidbiopt rug: basaalcelcarcinoom.", "2023-02-02"),
        study(one_series("CT", sct("69536005", "Head"), None), started="2025-01-02T10:00:00Z"),
        study(one_series("US", sct("818983003", "Abdomen"), None), started="2026-08-11T10:00:00Z"),
        study(
            {"uid": "1.2.3.4", "modality": dcm("DX"), "bodySite": sct("43799004", "Thorax")},
            started="2026-03-02T10:00:00Z",
        ),
        order(text("Lab: lipiden"), status="completed"),
        order(text("Verwijzing oogarts"), status="active"),
        order(text("X-knie rechts"), status="active"),
        made("AllergyIntolerance", code=text("Penicilline"), clinicalStatus=None),
        made(
            "Immunization",
            status="completed",
            vaccineCode=text("Influenza"),
            occurrenceDateTime="2025-10-10",
        ),
    ]
    medicines = "metformine lisinopril simvastatine cetirizine omeprazol paracetamol amoxicilline salbutamol".split()  # noqa: SIM905 - a line of words
    written += [
        made(
            "MedicationRequest",
            status="active",
            intent="order",
            medicationCodeableConcept=text(one),
        )
        for one in medicines
    ]
    return written


DUTCH_HOSPITAL = [
    discharge(
        concept(
            sct("54302000", "Tepeluitvloed"),
            coding(ICD10NL, "N64.5"),
            text="Tepeluitvloed",
            extension=[
                {"url": FURTHER, "valueString": "spontane bloederige uitvloed uit één melkgang"}
            ],
        ),
        side=concept(NIPPLE, **laterality(ZIB, "7771000", "Links")),
        onset="2026-05",
        verificationStatus=concept(coding(VERIFICATION, "confirmed"), sct("410605003")),
        category=[concept(sct("409586006", "Klacht"))],
        recordedDate="2026-06-02",
    ),
    order(
        concept(sct("71651007"), text="Mammografie + echo bdz"),
        status="completed",
        authoredOn="2026-06-03",
        bodySite=[BOTH_BREASTS],
    ),
    report(
        concept(sct("363680008", "Radiografische beeldvormende verrichting")),
        "Klinische gegevens: bloederige tepelvloed links.\nVerslag mammografie: densiteit ACR B, symmetrisch klierweefsel."
        "\nEchografie: links retroareolair geen afwijkingen, rechts simpele cyste.\nConclusie: BI-RADS 2 rechts, BI-RADS 1 links.",
        effectiveDateTime="2026-06-09T10:15:00+02:00",
    ),
    made(
        "Encounter",
        status="finished",
        **{"class": coding("http://terminology.hl7.org/CodeSystem/v3-ActCode", "AMB")},
    ),
]
MCODE_RECORD = [
    discharge(
        concept(
            sct("290113009", "Bloody nipple discharge (disorder)"),
            coding(ICD10CM, "N64.52", "Nipple discharge"),
        ),
        side=concept(BREAST, **laterality(MCODE, "24028007", "Right")),
        onset="2026-04-18T09:00:00-04:00",
        category=[
            concept(
                coding(
                    "http://terminology.hl7.org/CodeSystem/condition-category",
                    "encounter-diagnosis",
                )
            )
        ],
    ),
    study(
        one_series("MG", side=RIGHT),
        one_series("MG", side=LEFT) | {"uid": "1.2.840.99.2"},
        id="mg-9",
        modality=[dcm("MG")],
    ),
    observation(
        concept(coding(RDE, "RDE1586")),
        bodySite=concept(BREAST, **laterality(MCODE, "24028007", "Right")),
        derivedFrom=[{"reference": "ImagingStudy/mg-9"}],
        valueCodeableConcept=concept(
            coding(RDE, "RDE1586_category4ASuspiciousAbnormalityLowLikelihoodOfBeingCancer")
        ),
    ),
    RIGHT_ULTRASOUND,
]
GERMAN_RECORD = [
    discharge(
        concept(
            coding(ICD10GM, "N64.5"), sct("290113009"), text="Blutige Mamillensekretion rechts"
        ),
        side=RIGHT_BREAST,
        onset=None,
        onsetPeriod={"start": "2026-09-28"},
    ),
    report(concept(loinc("37774-7")), "Beurteilung: ACR-Dichte b. BI-RADS 2 rechts."),
    report(concept(loinc("26216-2")), "Beurteilung: Unauffällig, BI-RADS 1 rechts."),
]
patient("a whole Dutch hospital record", busy_record(), DUTCH_HOSPITAL, view=[REFER])
patient(
    "a whole Dutch hospital record in one bundle",
    busy_record(),
    DUTCH_HOSPITAL,
    prefetch=one_bundle,
    view=[REFER],
)
patient(
    "a whole Dutch hospital record, cone excision ordered",
    DUTCH_HOSPITAL,
    busy_record(),
    orders=[order(text("Conusexcisie li mamma"))],
    ordered=[BEFORE],
)
patient("a whole mCODE-like record", busy_record(), MCODE_RECORD, view=[CONTRA])
patient(
    "a whole mCODE-like record after a benign biopsy",
    busy_record(),
    MCODE_RECORD,
    pathology("Right breast, core biopsy: fibroadenoma. Benign."),
    view=[REFER],
)
patient("a whole German record", busy_record(), GERMAN_RECORD, view=[WAIT])
patient("a whole record without a breast complaint", busy_record(), view=NONE)
patient(
    "a whole record without a breast complaint, prescription and ductoscopy ordered",
    busy_record(),
    orders=[DUCTOSCOPY],
    ordered=NONE,
)

# ------------------------------------------------------------------------------------------------ second round
# Written after the first run, around the places where it failed; judged by the same texts.

patient(
    "heart ultrasound for pain 'op de borst', which is the chest",
    discharge(),
    mammography(),
    report(text("Echo hart"), "Klinische gegevens: pijn op de borst links. Goede LV-functie."),
    view=[FIRST],
)
patient(
    "axillary ultrasound that names the breast as clinical data",
    discharge(),
    mammography(),
    report(
        concept(loinc("72529-1", "US Axilla - left")),
        "Klinische gegevens: afwijking mamma links. Geen verdachte klieren.",
    ),
    view=[FIRST],
)
patient(
    "a benign axillary node does not clear the breast",
    discharge(),
    SUSPICIOUS,
    pathology("Klinische gegevens: BI-RADS 4 mamma links. Punctie oksellymfeklier links: benigne."),
    view=[CONTRA],
)

SIDES_AS_HEADINGS = "Rechts:\nMassa van 12 mm. BI-RADS 4a.\nLinks:\nGeen afwijkingen. BI-RADS 1."
BREASTS_AS_HEADINGS = "Rechtermamma: massa. BI-RADS 4a. Linkermamma: geen afwijkingen. BI-RADS 1."
patient(
    "report with sides as headings: left",
    discharge(),
    report(concept(loinc("36626-0")), SIDES_AS_HEADINGS),
    ultrasound(),
    view=[REFER],
)
patient(
    "report with sides as headings: right",
    discharge(side=RIGHT_BREAST),
    report(concept(loinc("36626-0")), SIDES_AS_HEADINGS),
    RIGHT_ULTRASOUND,
    view=[CONTRA],
)
patient(
    "report with breasts as headings on one line: left",
    discharge(),
    report(concept(loinc("36626-0")), BREASTS_AS_HEADINGS),
    ultrasound(),
    view=[REFER],
)
for words, cards in {
    "BIRADS2": [REFER],
    "Bi-Rads klasse II": [REFER],
    "BI-RADS 2 li, BI-RADS 4 re": [REFER],
    "BI-RADS li 2, re 4": [REFER],
    "BI-RADS re 2, li 4": [CONTRA],
    "BI-RADS-score links: 4": [CONTRA],
    "Eindclassificatie BI-RADS: 4": [CONTRA],
    "BI-RADS eindconclusie 5": [CONTRA],
    "BI-RADS (ACR) 4": [CONTRA],
    "BI-RADS™ 4": [CONTRA],
    "BI-RADS® 4B": [CONTRA],
    "BI-RADS cat. 4": [CONTRA],
    "BI-RADS graad 4": [CONTRA],
    "Links BI-RADS 4 (2019), nu BI-RADS 2.": [REFER],
}.items():
    patient(
        f"mammography of both breasts says '{words}'",
        discharge(),
        report(concept(loinc("36626-0")), words),
        ultrasound(),
        view=cards,
    )
patient(
    "category as a quantity",
    discharge(),
    mammography(),
    report(concept(loinc("26215-4")), result=[{"reference": "Observation/cat"}]),
    observation(text("BI-RADS"), id="cat", valueQuantity={"value": 4}),
    view=[CONTRA],
)
patient(
    "category as a member of a panel",
    discharge(),
    mammography(),
    report(concept(loinc("26215-4")), result=[{"reference": "Observation/panel"}]),
    observation(
        text("Beoordeling echo mamma"), id="panel", hasMember=[{"reference": "Observation/cat"}]
    ),
    observation(text("BI-RADS"), id="cat", valueString="4"),
    view=[CONTRA],
)
patient(
    "two months and a lump in the neck",
    RECENT,
    IMAGED_LEFT,
    condition(text("Knobbel hals links")),
    view=[WAIT],
)
patient(
    "two months and a lump in the groin, English",
    RECENT,
    IMAGED_LEFT,
    condition(text("Lump in left groin")),
    view=[WAIT],
)
patient(
    "two months and a skin lesion of the leg",
    RECENT,
    IMAGED_LEFT,
    condition(text("Huidafwijking linkeronderbeen")),
    view=[WAIT],
)
patient(
    "two months and no lump",
    RECENT,
    IMAGED_LEFT,
    condition(text("Geen knobbels linkerborst")),
    view=[WAIT],
)
patient(
    "two months and a lump felt at examination",
    RECENT,
    IMAGED_LEFT,
    observation(text("Palpatie mammae"), valueString="Links knobbel van 2 cm op 3 uur."),
    view=NONE,
)
patient(
    "surgery of a salivary duct is none of the nipple",
    discharge(),
    IMAGED_LEFT,
    procedure(text("Excision of left submandibular duct stone"), "2019"),
    view=[REFER],
)
patient(
    "excision of a thyroglossal duct",
    READY,
    orders=[order(text("Excision of thyroglossal duct cyst"))],
    ordered=NONE,
)
patient(
    "conusexcisie in the history",
    discharge(),
    IMAGED_LEFT,
    condition(
        text("Voorgeschiedenis: conusexcisie linkerborst 2017"), clinicalStatus=status("inactive")
    ),
    view=[CONTRA],
)
patient(
    "retraction 'niet te reponeren'",
    discharge(),
    IMAGED_LEFT,
    condition(text("Niet te reponeren tepelretractie links")),
    view=[CONTRA],
)

patient(
    "no fever, then discharge",
    observation(
        text("Anamnese"), valueString="Geen koorts, sinds kort bloederige tepeluitvloed links"
    ),
    view=[FIRST],
)
patient(
    "serous, not bloody",
    discharge(text("Sereuze, geen bloederige tepeluitvloed links"), side=None),
    IMAGED_LEFT,
    view=[REFER],
)
patient(
    "no lump, but discharge",
    discharge(text("Geen knobbel, wel bloederige tepeluitvloed links"), side=None),
    IMAGED_LEFT,
    view=[REFER],
)
patient(
    "lines with answers",
    observation(text("Anamnese"), valueString="Pijn: nee\nTepeluitvloed: nee\nKnobbel: nee"),
    view=NONE,
)
patient(
    "answers in one line",
    observation(text("Anamnese"), valueString="Pijn: nee, tepeluitvloed: ja, bloederig links"),
    view=[FIRST],
)
patient(
    "a minus sign for no",
    observation(
        text("Lichamelijk onderzoek"),
        valueString="Mammae symmetrisch, tepeluitvloed (-), retractie (-)",
    ),
    view=NONE,
)
patient(
    "advice to return with discharge",
    observation(text("Beleid"), valueString="Retour bij tepeluitvloed of een knobbel."),
    view=NONE,
)
patient(
    "advice to return with discharge, English",
    observation(text("Plan"), valueString="Return if nipple discharge develops"),
    view=NONE,
)
patient(
    "discharge of a sister",
    condition(text("Angst voor borstkanker na tepeluitvloed bij zus")),
    view=NONE,
)
patient(
    "component: no discharge",
    observation(
        text("Mammaonderzoek links"), component=[component("Tepeluitvloed", valueBoolean=False)]
    ),
    view=NONE,
)
patient(
    "components: discharge and its colour",
    observation(
        text("Mammaonderzoek"),
        bodySite=LEFT_BREAST,
        component=[
            component("Tepeluitvloed", valueBoolean=True),
            component("Kleur", valueString="bloederig"),
        ],
    ),
    view=[FIRST],
)
patient(
    "an index term: 'Discharge, nipple'",
    discharge(text("Discharge, nipple, left, bloody"), side=None),
    IMAGED_LEFT,
    view=[REFER],
)
patient(
    "'linkertepel lekt bloed'", discharge(text("Linkertepel lekt bloed"), side=None), view=[FIRST]
)
patient(
    "'vocht uit linkertepel'",
    discharge(text("Bloederig vocht uit linkertepel"), side=None),
    IMAGED_LEFT,
    view=[REFER],
)
patient(
    "'tepelsecretie'",
    discharge(text("Bloederige tepelsecretie links"), side=None),
    IMAGED_LEFT,
    view=[REFER],
)
patient(
    "both sides as 're>li'", discharge(text("Bloederige tepeluitvloed re>li"), side=None), view=NONE
)
patient(
    "both sides as 'L+R'", discharge(text("Bloederige tepeluitvloed L+R"), side=None), view=NONE
)
for words in ("re", "re.", "(re)", "(R)"):
    patient(
        f"right as '{words}'",
        discharge(text(f"Bloederige tepeluitvloed {words}"), side=None),
        IMAGED_LEFT,
        view=[FIRST],
    )
patient(
    "mammography as 'X-mamma'",
    discharge(),
    mammography(code=text("X-mamma links 2 richtingen")),
    ultrasound(),
    view=[REFER],
)
patient(
    "mammography as 'Mammografie L+R'",
    discharge(),
    mammography(code=text("Mammografie L+R")),
    ultrasound(),
    view=[REFER],
)
patient(
    "both examinations 'bds'",
    discharge(),
    mammography(code=text("Mammografie bds")),
    ultrasound(code=text("US mammae bds")),
    view=[REFER],
)
patient(
    "ultrasound dated in the future",
    discharge(),
    mammography(),
    ultrasound(when="2026-12-20"),
    view=[FIRST],
)

# ------------------------------------------------------------------------------------------------ third round
# Words that look like history, a relative or a denial and are not; sides that stand beside each other.

for words in (
    "In vergelijking met 2024 nieuwe massa, BI-RADS 4.",
    "Ten opzichte van vorig onderzoek toegenomen kalk, BI-RADS 4b.",
    "Compared to prior exam, new spiculated mass, BI-RADS 5",
    "Familiair belast, nieuwe massa: BI-RADS 4",
    "Bekend met cysten, nu massa met BI-RADS 4a",
    "Geen vorig onderzoek ter vergelijking, BI-RADS 4",
):
    patient(
        f"left mammography says '{words}'",
        discharge(),
        report(concept(loinc("36627-8")), words),
        ultrasound(),
        view=[CONTRA],
    )
for words in (
    "Bekend met bloederige tepeluitvloed links",
    "VG blanco, bloederige tepeluitvloed links",
    "Moeder van drie kinderen, bloederige tepeluitvloed links",
    "Familieanamnese negatief, bloederige tepeluitvloed links",
    "Bloederige tepeluitvloed links, moeder had borstkanker",
    "Known with bloody nipple discharge, left",
    "Geen trauma. Bloederige tepeluitvloed li.",
):
    patient(
        f"a complaint told as '{words}'",
        discharge(text(words), side=None),
        IMAGED_LEFT,
        view=[REFER],
    )
patient(
    "abbreviated sides end their sentences",
    discharge(text("Geen tepeluitvloed li. Bloederige tepeluitvloed re."), side=None),
    IMAGED_RIGHT,
    view=[REFER],
)
patient(
    "categories with abbreviated sides: left",
    discharge(),
    report(concept(loinc("36626-0")), "BI-RADS 2 li. BI-RADS 4 re."),
    ultrasound(),
    view=[REFER],
)
patient(
    "categories with abbreviated sides: right",
    discharge(side=RIGHT_BREAST),
    report(concept(loinc("36626-0")), "BI-RADS 2 li. BI-RADS 4 re."),
    RIGHT_ULTRASOUND,
    view=[CONTRA],
)
OTHER_SIDE_AS_CLINICAL_DATA = (
    "Klinische gegevens: pijn rechts. Echo mamma links: geen afwijkingen. BI-RADS 1."
)
patient(
    "the side of the clinical data is not that of the examination",
    discharge(side=RIGHT_BREAST),
    RIGHT_MAMMOGRAPHY,
    report(concept(sct("16310003", "Echografie")), OTHER_SIDE_AS_CLINICAL_DATA),
    view=[FIRST],
)
patient(
    "a report that tells the complaint, the examination without a finding",
    discharge(),
    mammography(),
    report(
        concept(sct("16310003", "Echografie")),
        "Klinische gegevens: pijn rechts, uitvloed links. Echo mamma links: geen afwijkingen. BI-RADS 1.",
    ),
    view=[REFER],
)
patient(
    "earlier surgery of the mother",
    discharge(),
    IMAGED_LEFT,
    condition(text("Moeder: microdochectomie links")),
    view=[REFER],
)
patient(
    "surgery of the nipple refuted",
    discharge(),
    IMAGED_LEFT,
    condition(text("Geen eerdere microdochectomie links")),
    view=[REFER],
)
patient(
    "report in a PDF only",
    discharge(),
    report(
        text("Mammografie links"),
        presentedForm=[
            {
                "contentType": "application/pdf",
                "data": base64.b64encode(b"%PDF-1.7 BI-RADS 2").decode(),
            }
        ],
    ),
    ultrasound(),
    view=[ASK],
)

# ------------------------------------------------------------------------------------------------ fourth round
# Written without looking at the repairs that followed the first three rounds.

for words, side in {
    "Spontane bloederige tepelvloed li mamma, 1 ductus": "left",
    "Sinds maanden bruinige afscheiding uit re tepel": "right",
    "tepeluitvloed (bloederig) links": "left",
    "Linkszijdige bloederige tepelvloed, geen knobbel": "left",
    "Unilateral bloody nipple discharge, right-sided": "right",
    "L nipple: bloody discharge": "left",
    "Bloody discharge from R nipple": "right",
    "Tepelvloed rechts; links geen bijzonderheden": "right",
    "Bloederige tepelvloed links zonder palpabele afwijking": "left",
    "Bloederige tepelvloed links. Rechts geen klachten.": "left",
    "Sero-sanguinolente tepelvloed rechter mamma": "right",
    "Bloederig vocht uit de tepel van de rechterborst": "right",
    "Recidief bloederige tepeluitvloed links": "left",
    "Persisterende tepeluitvloed rechts, eerder links": "right",
}.items():
    patient(
        f"text only: '{words}'",
        discharge(text(words), side=None),
        IMAGED_LEFT if side == "left" else IMAGED_RIGHT,
        view=[REFER],
    )
for words in (
    "Geen tepelvloed of tepelintrekking",
    "Tepeluitvloed: geen",
    "Tepelvloed links verdwenen sinds 2024, geen klachten meer",
    "Knobbel noch tepeluitvloed",
    "Nipple discharge: none",
    "Negative for nipple discharge",
    "Patient denies any pain, lump or bloody nipple discharge",
    "Afspraak: terug bij tepelvloed",
    "Zus heeft bloederige tepeluitvloed",
    "Family history: mother with nipple discharge",
    "Uitvloed bij pessarium",
    "Waterige neusuitvloed, pijnlijke tepels",
    "Discharge instructions given, nipple care explained",
    "Bloed bij ontlasting, jeukende tepel",
    "Tepelpiercing links, wondje met pus",
):
    patient(
        f"no discharge of the nipple: '{words}'",
        observation(text("Anamnese"), valueString=words),
        view=NONE,
    )
for words in (
    "Alleen uitdrukbare tepeluitvloed links",
    "Non-spontaneous nipple discharge, left",
    "Tepelvloed links uit meerdere ducti",
    "Kleurloze tepeluitvloed rechts",
    "Witte tepelvloed links",
    "Bilateral nipple discharge, brown",
):
    patient(f"not pathological: '{words}'", discharge(text(words), side=None), view=NONE)

for words, cards in {
    "Conclusie: geen aanwijzingen voor maligniteit (BI-RADS 1)": [REFER],
    "BI-RADS-categorie: II (benigne)": [REFER],
    "Vorig onderzoek: BI-RADS 4b (biopt benigne). Huidig onderzoek: BI-RADS 2.": [REFER],
    "Mammografie 2023: BI-RADS 5. Conclusie: status na biopsie, BI-RADS 2.": [REFER],
    "Impression:\nLeft breast: BI-RADS 2\nRight breast: BI-RADS 0": [REFER],
    "Eindoordeel rechts BI-RADS 5; links BI-RADS 1": [REFER],
    "Linkermamma BI-RADS 3, rechtermamma BI-RADS 1": [REFER],
    "R: BI-RADS 4, L: BI-RADS 2": [REFER],
    "R: BI-RADS 2, L: BI-RADS 4": [CONTRA],
    "BI-RADS 4C links": [CONTRA],
    "Left breast: new calcifications, BI-RADS category 4 (suspicious)": [CONTRA],
    "Nieuwe massa links ten opzichte van 2024. BI-RADS IV.": [CONTRA],
    "Progressie t.o.v. eerder onderzoek, nu BI-RADS 4": [CONTRA],
    "BI-RADS 2 rechts; links BI-RADS 0, echo volgt": [FIRST],
    "Geen BI-RADS-classificatie mogelijk": [ASK],
    "Densiteit volgens BI-RADS: c": [ASK],
    "Advies: controle over 4 maanden (BI-RADS volgt)": [ASK],
}.items():
    patient(
        f"report of both breasts: '{words}'",
        discharge(),
        report(concept(loinc("36626-0")), words),
        ultrasound(),
        view=cards,
    )

for words, cards in {
    "Naaldbiopt linkermamma: usual ductal hyperplasia, geen atypie, benigne.": [REFER],
    "Vacuum-assisted biopsy left breast: benign, no malignancy.": [REFER],
    "Biopt mamma links: sclerotiserend papilloom, goedaardig": [REFER],
    "Klinische vraag: maligniteit? Mammabiopt links. Conclusie: fibroadenoom, benigne.": [REFER],
    "Biopt mamma links: invasief carcinoom NST. Biopt 2: benigne.": [CONTRA],
    "Biopt mamma links niet representatief, geen diagnose mogelijk.": [CONTRA],
    "Biopt mamma rechts benigne; links volgt.": [CONTRA],
    "Left axillary node, FNA: benign.": [CONTRA],
    "Cervixbiopt: benigne.": [CONTRA],
}.items():
    patient(
        f"suspicious, then pathology: '{words}'",
        discharge(),
        SUSPICIOUS,
        pathology(words),
        view=cards,
    )

for words, cards in {
    "Tepel links ingetrokken, niet reponibel": [CONTRA],
    "Left nipple retraction, cannot be everted": [CONTRA],
    "Fixed retraction of the left nipple": [CONTRA],
    "Gefixeerde tepelretractie links": [CONTRA],
    "Tepelretractie links, goed reponeerbaar": [REFER],
    "Left nipple inversion, everts easily, reducible": [REFER],
    "Geen gefixeerde tepelretractie links": [REFER],
    "Niet-reponeerbare liesbreuk links": [REFER],
    "Status na ductexcisie rechts, links geen operaties": [REFER],
    "Eerder conusexcisie li": [CONTRA],
    "Status na mammareductie bdz": [CONTRA],
    "Conisatie cervix 2015": [REFER],
}.items():
    patient(
        f"on the problem list: '{words}'",
        discharge(),
        IMAGED_LEFT,
        condition(text(words)),
        view=cards,
    )

# ------------------------------------------------------------------------------------------------ fifth round
# A handful around the repairs, written after reading them.

for words in (
    "BI-RADS 4 (onderzoek van 20-10-2026)",
    "BI-RADS 4a, biopsie gepland, controle in 2027",
    "Massa links, vergeleken met 2024 toegenomen en BI-RADS 4",
    "Indicatie: tepeluitvloed, conclusie BI-RADS 5",
    "Vraagstelling: maligniteit? Antwoord: BI-RADS 5 links",
):
    patient(
        f"mammography of today says '{words}'",
        discharge(),
        report(concept(loinc("36627-8")), words),
        ultrasound(),
        view=[CONTRA],
    )
for words, cards in {
    "Linkermamma: naaldbiopt, fibroadenoom, benigne": [REFER],
    "Oksel niet bemonsterd. Mammabiopt links: fibroadenoom, benigne.": [REFER],
    "Mammabiopt rechts: benigne. Mammabiopt links: atypie, excisie geadviseerd.": [CONTRA],
}.items():
    patient(
        f"suspicious left, then tissue: '{words}'",
        discharge(),
        SUSPICIOUS,
        pathology(words),
        view=cards,
    )


# ------------------------------------------------------------------------------------------------ found by a third examiner

for words in (
    "Niet everteerbare tepelretractie links",
    "Niet-everteerbare tepelintrekking links",
    "Tepelinversie links, niet uit te trekken",
    "Nipple retraction left, not everting",
    "Nipple inversion left, unable to evert",
):
    patient(
        f"a retraction told as '{words}'",
        discharge(),
        IMAGED_LEFT,
        condition(text(words)),
        view=[CONTRA],
    )
RETRACTION = concept(sct("271955004", "Retraction of nipple"))
for number, value in enumerate(
    [{"valueString": "niet everteerbaar"}, {"valueCodeableConcept": text("Niet everteerbaar")}]
):
    patient(
        f"a retraction whose value says it cannot be everted, {number}",
        discharge(),
        IMAGED_LEFT,
        observation(RETRACTION, bodySite=LEFT_BREAST, **value),
        view=[CONTRA],
    )
patient(
    "both examinations in one code, the breast named by one of them",
    discharge(),
    report(
        text("Mammografie en echografie links"),
        "Mammografie links: BI-RADS 2. Echografie links: BI-RADS 2.",
    ),
    view=[REFER],
)
for words in (
    "Cone excision left breast",
    "Kegelexcisie tepel links",
    "Central duct excision left",
):
    patient(
        f"duct surgery ordered as '{words}'", READY, orders=[order(text(words))], ordered=[BEFORE]
    )
for words in ("Bloody discharge, left nipple", "Bloody discharge left nipple"):
    patient(f"a complaint in the words '{words}'", discharge(text(words), side=None), view=[FIRST])


# --- the requests


def prepared(one: Patient) -> tuple[list[dict], list[dict], dict]:
    """The record and the drafts, each resource with an id and without empty members, and the patient."""

    def with_ids(resources, prefix):
        return [
            {"id": f"{prefix}-{number}"} | {k: v for k, v in written.items() if v is not None}
            for number, written in enumerate(resources)
        ]

    who = {
        "resourceType": "Patient",
        "id": one.patient_id,
        "gender": "female",
        "birthDate": one.birth,
        "name": [{"family": "Vries"}],
    }
    return with_ids(one.record, "record"), with_ids(one.orders, "draft"), who


def key_by_key(resources: list[dict], who: dict, templates: dict) -> dict:
    """As a client does that runs the advertised queries; what no query asks for comes under a key of its own."""
    answered: dict = {"patient": who}
    for key, template in templates.items():
        if key != "patient":
            found = [
                {"resource": one}
                for one in resources
                if one["resourceType"] == template.split("?")[0]
            ]
            answered[key] = (
                {"resourceType": "Bundle", "type": "searchset", "total": len(found), "entry": found}
                if found
                else None
            )
    kinds = {template.split("?")[0] for template in templates.values()}
    others = [one for one in resources if one["resourceType"] not in kinds]
    return answered | (
        {"others": {"resourceType": "Bundle", "entry": [{"resource": one} for one in others]}}
        if others
        else {}
    )


def request(one: Patient, hook: str, templates: dict) -> dict:
    record, drafts, who = prepared(one)
    context: dict = {"userId": "Practitioner/dr-jansen", "patientId": one.patient_id}
    if hook != "patient-view":
        context["draftOrders"] = {
            "resourceType": "Bundle",
            "entry": [{"resource": draft} for draft in drafts],
        }
    if hook == "order-select":
        chosen = [drafts[number] for number in one.selected] if one.selected is not None else drafts
        context["selections"] = [f"{draft['resourceType']}/{draft['id']}" for draft in chosen]
    prefetch = (one.prefetch or key_by_key)(record, who, templates)
    return {
        "hook": hook,
        "hookInstance": "8a5f3f1c-0c1e-4c4b-8a55-5d1f1f0e7a10",
        "context": context,
        "prefetch": prefetch,
    }


def cases() -> list:
    marked = []
    for one in PATIENTS:
        for hook in one.expect:
            marked.append(pytest.param(one, hook, id=f"{one.sentence} ({hook})"))
    return marked


@pytest.mark.parametrize(("one", "hook"), cases())
def test_patient_gets_exactly_these_cards(one, hook, client, clock, templates):
    clock.day = TODAY
    answer = client.post("/cds-services/" + SERVICE[hook], json=request(one, hook, templates[hook]))
    assert answer.status_code == 200, answer.get_json()
    assert keys(answer) == sorted(one.expect[hook])


@pytest.mark.parametrize(
    "one", [one for one in PATIENTS if not one.invalid], ids=lambda one: one.sentence
)
def test_patient_is_valid_r4(one):
    record, drafts, who = prepared(one)
    assert {
        json.dumps(resource): found
        for resource in [*record, *drafts, who]
        if (found := problems(resource))
    } == {}


def test_cards_in_english_are_the_same_cards(library, client, clock, templates):
    clock.day = TODAY
    english = create_app(replace(SETTINGS, language="en"), library, clock).test_client()
    different = []
    for one in PATIENTS:
        for hook in one.expect:
            body = request(one, hook, templates[hook])
            answers = [
                app.post("/cds-services/" + SERVICE[hook], json=body).get_json()
                for app in (client, english)
            ]
            dutch, other = (
                {
                    card["source"]["topic"]["code"]: card["summary"]
                    for card in answer.get("cards", [])
                }
                for answer in answers
            )
            if dutch.keys() != other.keys() or set(dutch.values()) & set(other.values()):
                different.append((one.sentence, hook, dutch, other))
    assert different == []


def test_sentences_are_told_once():
    sentences = [one.sentence for one in PATIENTS]
    assert sorted(set(sentences)) == sorted(sentences)
