"""Signs and states of a patient: inflammation and complaints of a breast, fever, performance status, pregnancy and lactation.

Expectations from cards/shared/facts.yaml (`meaning`) and the catalogue, written out by hand as in test_treatment_facts:
value, side (l, r, both, -), whether it holds (yes, no, ?), `past` where it is no longer so.
"""

import pytest

from tests.spec.readers.test_treatment_facts import (
    DEFINITIONS,
    ICD10,
    LOINC,
    SNOMED,
    codes,
    condition,
    expected,
    on,
    procedure,
    reading,
    said,
    told,
)
from tests.spec.tables import table

ICPC1, ICPC2 = "http://hl7.org/fhir/sid/icpc-1-nl", "http://hl7.org/fhir/sid/icpc-2"


def observation(code, **elements):
    base = {
        "resourceType": "Observation",
        "id": "o",
        "status": "final",
        "effectiveDateTime": "2026-06-01",
    }
    return base | {"code": {"text": code} if isinstance(code, str) else code} | elements


def ids(rows):
    return [row[0] for row in rows]


# --- inflammation of a breast

INFLAMMATION = table("""
words                                              | facts
Mastitis links                                     | mastitis l yes
Borstontsteking rechts                             | mastitis r yes
Ontsteking van de linker borst                     | mastitis l yes
Granulomateuze mastitis rechts                     | mastitis r yes
Non-puerperale mastitis links                      | mastitis l yes; lactational_mastitis l no
Breast infection, left                             | mastitis l yes
Mastitis puerperalis rechts                        | lactational_mastitis r yes
Lactatiemastitis links                             | lactational_mastitis l yes
Mastitis tijdens borstvoeding                      | lactational_mastitis - yes
Mastitis, geen borstvoeding                        | mastitis - yes
Mastitis carcinomatosa links                       |
Inflammatory breast cancer                         |
Mastitis links, cave mastitis carcinomatosa        | mastitis l yes
Verdenking mastitis links                          | mastitis l ?
Geen mastitis                                      | mastitis - no
Status na mastitis links                           | mastitis l yes past
Zus mastitis                                       |
Peau d'orange linkerborst                          | peau_dorange l yes
Sinaasappelhuid rechterborst                       | peau_dorange r yes
Geen peau d'orange                                 | peau_dorange - no
Oedeem van de linkerborst                          | oedema l yes
Mamma-oedeem rechts                                | oedema r yes
Breast edema left                                  | oedema l yes
Lymfoedeem arm links                               |
Roodheid en oedeem van de rechterborst             | erythema r yes; oedema r yes
Rode, warme borst links                            | erythema l yes; warmth l yes
Borst is rood en warm                              | erythema - yes; warmth - yes
Borst niet rood                                    | erythema - no
Erythema of the left breast                        | erythema l yes
Erytheem                                           | erythema - ?              # of what?
Roodheid onderbeen                                 |
Roodheid op de borst                               | erythema - ?              # the chest, perhaps
Jeukende borst links                               | itch l yes
Jeuk                                               |
Zware borst rechts                                 | heaviness r yes
Gezwollen linkerborst                              | swelling l yes
Zwelling enkels                                    |
Vergrote borst rechts                              | enlargement r yes
Pijnlijke borst links                              | pain l yes
Mastodynie                                         | pain - yes
Pijn op de borst                                   |
Roodheid van meer dan een derde van de linkerborst | erythema l yes third
Hele borst rood links                              | erythema l yes third
Erythema of 1/3 of the left breast                 | erythema l yes third
Erytheem minder dan een derde van de rechterborst  | erythema r yes less
Lokaal erytheem linkerborst                        | erythema l yes less
Dermatitis                                         |
""")


@pytest.mark.parametrize("words, facts", INFLAMMATION, ids=ids(INFLAMMATION))
def test_signs_of_inflammation_in_words(words, facts):
    assert told("breast_inflammation", condition(words)) == expected(facts)


CODED_INFLAMMATION = [
    ("mastitis", condition(codes(SNOMED, "45198002"), bodySite=on("80248007")), "mastitis l yes"),
    ("granulomatous mastitis", condition(codes(SNOMED, "237444008")), "mastitis - yes"),
    ("ICD-10 N61", condition(codes(ICD10, "N61", text="Mastitis links")), "mastitis l yes"),
    (
        "ICD-10-NL, by category",
        condition(codes("http://hl7.org/fhir/sid/icd-10-nl", "O91.2")),
        "lactational_mastitis - yes",
    ),
    ("puerperal mastitis", condition(codes(SNOMED, "1287638006")), "lactational_mastitis - yes"),
    (
        "mastitis associated with lactation",
        condition(codes(SNOMED, "700038005")),
        "lactational_mastitis - yes",
    ),
    ("ICPC-2 W94", condition(codes(ICPC2, "W94")), "lactational_mastitis - yes"),
    (
        "the words tell the kind of a coded mastitis",
        condition(codes(SNOMED, "45198002", text="Mastitis puerperalis links")),
        "lactational_mastitis l yes",
    ),
    (
        "zib: further specification in words",
        condition(
            {
                "coding": [{"system": SNOMED, "code": "45198002"}],
                "extension": [
                    {
                        "url": "http://nictiz.nl/fhir/StructureDefinition/ext-Problem.FurtherSpecificationProblemName",
                        "valueString": "lactatiemastitis",
                    }
                ],
            }
        ),
        "lactational_mastitis - yes",
    ),
    ("peau d'orange", observation(codes(SNOMED, "87386002")), "peau_dorange - yes"),
    (
        "peau d'orange: no",
        observation(codes(SNOMED, "87386002"), valueBoolean=False),
        "peau_dorange - no",
    ),
    (
        "oedema of breast",
        observation(codes(SNOMED, "290077003"), bodySite=codes(SNOMED, "73056007")),
        "oedema r yes",
    ),
    (
        "erythema with a breast as bodySite",
        condition(codes(SNOMED, "247441003"), bodySite=on("80248007")),
        "erythema l yes",
    ),
    (
        "erythema, breast in the words",
        condition(codes(SNOMED, "247441003", text="Roodheid rechterborst")),
        "erythema r yes",
    ),
    ("erythema without a site", condition(codes(SNOMED, "247441003")), "erythema - ?"),
    (
        "erythema of the arm",
        condition(codes(SNOMED, "247441003"), bodySite=[{"text": "onderarm"}]),
        "",
    ),
    (
        "coded erythema, oedema in words",
        condition(codes(SNOMED, "247441003", text="Roodheid en oedeem linkerborst")),
        "erythema l yes; oedema l yes",
    ),
    (
        "itch of a breast",
        condition(codes(SNOMED, "418363000"), bodySite=on("80248007")),
        "itch l yes",
    ),
    ("skin thickening on a mammogram", observation(codes(SNOMED, "129797000")), ""),
    ("X18", condition(codes(ICPC1, "X18")), "pain - yes"),
    (
        "components",
        observation(
            "Inspectie mamma links",
            component=[
                {"code": {"text": "Roodheid"}, "valueBoolean": True},
                {"code": {"text": "Peau d'orange"}, "valueString": "nee"},
                {"code": {"text": "Uitbreiding"}, "valueString": "een derde van de borst"},
            ],
        ),
        "erythema l yes third; peau_dorange l no third",
    ),
    (
        "findings in words",
        observation(
            "Lichamelijk onderzoek",
            valueString="Roodheid en oedeem rechterborst, geen peau d'orange.",
        ),
        "erythema r yes; oedema r yes; peau_dorange r no",
    ),
    (
        "two parts of the body",
        observation(
            "Lichamelijk onderzoek",
            valueString="Erytheem onderbeen, mamma rechts geen bijzonderheden",
        ),
        "",
    ),
    (
        "extent in a note",
        condition("Erytheem linkerborst", note=[{"text": "gehele borst aangedaan"}]),
        "erythema l yes third",
    ),
    (
        "resolved",
        condition("Mastitis links", clinicalStatus=codes("x", "resolved")),
        "mastitis l yes past",
    ),
    (
        "unconfirmed",
        condition("Mastitis links", verificationStatus=codes("x", "unconfirmed")),
        "mastitis l ?",
    ),
    (
        "entered in error",
        condition("Mastitis links", verificationStatus=codes("x", "entered-in-error")),
        "",
    ),
]


@pytest.mark.parametrize(
    "resource, facts", [row[1:] for row in CODED_INFLAMMATION], ids=ids(CODED_INFLAMMATION)
)
def test_coded_signs_of_inflammation(resource, facts):
    assert told("breast_inflammation", resource) == expected(facts)


# --- complaints

COMPLAINTS = table("""
words                        | facts
Knobbel linkerborst          | lump l yes
Knobbel                      | lump - ?
Knobbel in de nek            |
Breast lump, right           | lump r yes
Zwelling in de mamma links   | lump l yes
Mastodynie rechts            | pain r yes
Pijn in de rechterborst      | pain r yes
Pijn op de borst             |
Huidintrekking mamma links   | skin change l yes
Ingetrokken tepel links      | retraction l yes
Tepeluitvloed rechts         | discharge r yes
Klacht van de borst          | complaint - yes
Mammaklachten links          | complaint l yes
Geen klachten van de borst   | complaint - no
Hypertensie                  |
""")


@pytest.mark.parametrize("words, facts", COMPLAINTS, ids=ids(COMPLAINTS))
def test_complaints_in_words(words, facts):
    assert told("breast_complaint_now", condition(words)) == expected(facts)


CODED_COMPLAINTS = [
    ("breast lump", condition(codes(SNOMED, "89164003"), bodySite=on("80248007")), "lump l yes"),
    ("ICD-10 N63", condition(codes(ICD10, "N63")), "lump - yes"),
    ("X18", condition(codes(ICPC1, "X18")), "pain - yes"),
    ("X19", condition(codes(ICPC1, "X19")), "lump - yes"),
    ("X20", condition(codes(ICPC1, "X20")), "complaint - yes"),
    ("X21", condition(codes(ICPC1, "X21")), "complaint - yes"),
    ("nipple discharge", observation(codes(SNOMED, "54302000")), "discharge - yes"),
    ("pain: no", observation(codes(SNOMED, "53430007"), valueBoolean=False), "pain - no"),
    (
        "resolved",
        condition(codes(ICPC1, "X19"), clinicalStatus=codes("x", "resolved")),
        "lump - yes past",
    ),
]


@pytest.mark.parametrize(
    "resource, facts", [row[1:] for row in CODED_COMPLAINTS], ids=ids(CODED_COMPLAINTS)
)
def test_coded_complaints(resource, facts):
    assert told("breast_complaint_now", resource) == expected(facts)


# --- fever


def degrees(value, unit="Cel", **more):
    return {"valueQuantity": {"value": value, "unit": unit, **more}}


FEVER = [
    ("fever", condition(codes(SNOMED, "386661006")), "fever - yes"),
    ("koorts", condition("Koorts"), "fever - yes"),
    ("geen koorts", condition("Geen koorts"), "fever - no"),
    ("afebriel", observation("Anamnese", valueString="Afebriel"), "fever - no"),
    ("koortsvrij", condition("Koortsvrij"), "fever - no"),
    ("no fever", observation("History", valueString="No fever"), "fever - no"),
    ("koorts: nee", observation("Koorts", valueBoolean=False), "fever - no"),
    ("koorts: ja", observation("Koorts", valueString="ja"), "fever - yes"),
    ("hooikoorts", condition("Hooikoorts"), ""),
    ("hay fever", condition("Hay fever"), ""),
    ("38.0", observation("Temperatuur", **degrees(38.0)), "fever - yes"),
    ("37.9", observation("Temperatuur", **degrees(37.9)), "fever - no"),
    ("39 as an integer", observation("Lichaamstemperatuur", **degrees(39, "°C")), "fever - yes"),
    (
        "LOINC by its display",
        observation(
            {"coding": [{"system": LOINC, "code": "8310-5", "display": "Body temperature"}]},
            **degrees(38.5),
        ),
        "fever - yes",
    ),
    ("Fahrenheit", observation("Body temperature", **degrees(101, "[degF]")), "fever - yes"),
    ("Fahrenheit, none", observation("Body temperature", **degrees(98.6, "[degF]")), "fever - no"),
    ("more than 37", observation("Temperatuur", **degrees(37, comparator=">")), "fever - ?"),
    ("less than 38", observation("Temperatuur", **degrees(37.5, comparator="<")), "fever - no"),
    ("a number that is no temperature", observation("Temperatuur", **degrees(7.2)), "fever - ?"),
    ("in words", observation("Temperatuur", valueString="38,6 °C"), "fever - yes"),
    ("no value", observation("Temperatuur"), ""),
    ("preliminary", observation("Temperatuur", status="preliminary", **degrees(39)), "fever - ?"),
    ("leucocytosis", condition("Leukocytose"), "leucocytosis - yes"),
    ("no leucocytosis", condition("Geen leucocytose"), "leucocytosis - no"),
    ("past", condition("Status na koorts"), "fever - yes past"),
    ("something else", observation("Bloeddruk", valueString="120/80"), ""),
]


@pytest.mark.parametrize("resource, facts", [row[1:] for row in FEVER], ids=ids(FEVER))
def test_fever(resource, facts):
    assert told("fever", resource) == expected(facts)


# --- performance status

CONDITION = [
    (
        "coded answer",
        observation(codes(LOINC, "89247-1"), valueCodeableConcept=codes(LOINC, "LA9622-7")),
        "ecog_0 - yes",
    ),
    (
        "German question",
        observation(codes(LOINC, "89262-0"), valueCodeableConcept=codes(LOINC, "LA9625-0")),
        "ecog_3 - yes",
    ),
    ("a number", observation(codes(LOINC, "89247-1"), valueInteger=1), "ecog_1 - yes"),
    ("zero", observation(codes(LOINC, "89247-1"), valueInteger=0), "ecog_0 - yes"),
    (
        "a Quantity",
        observation(codes(LOINC, "89247-1"), valueQuantity={"value": 2}),
        "ecog_2 - yes",
    ),
    (
        "WHO performance status",
        observation("WHO performance status", valueInteger=4),
        "ecog_4 - yes",
    ),
    ("ECOG: 0", observation("ECOG", valueString="0"), "ecog_0 - yes"),
    (
        "words of a concept",
        observation("ECOG", valueCodeableConcept={"text": "1: beperkt bij zware inspanning"}),
        "ecog_1 - yes",
    ),
    (
        "WHO 1, where it is asked",
        observation("Algemene conditie", valueString="WHO 1"),
        "ecog_1 - yes",
    ),
    (
        "ECOG 2 in a text",
        observation("Lichamelijk onderzoek", valueString="ECOG 2, mobiel"),
        "ecog_2 - yes",
    ),
    ("in the question itself", observation("ECOG performance status: 1"), "ecog_1 - yes"),
    ("WHO 2 may be a grade", observation("Histologie", valueString="WHO 2"), "ecog_2 - ?"),
    (
        "a range",
        observation("Lichamelijk onderzoek", valueString="ECOG 0-1"),
        "ecog_0 - ?; ecog_1 - ?",
    ),
    ("dead", observation("ECOG", valueInteger=5), ""),
    ("no answer", observation("ECOG"), ""),
    ("preliminary", observation("ECOG", status="preliminary", valueInteger=1), "ecog_1 - ?"),
    ("Karnofsky", observation("Karnofsky", valueInteger=90), ""),
]


@pytest.mark.parametrize("resource, facts", [row[1:] for row in CONDITION], ids=ids(CONDITION))
def test_performance_status(resource, facts):
    assert told("general_condition", resource) == expected(facts)


# --- pregnancy and lactation

PREGNANCY = [
    ("pregnant", condition(codes(SNOMED, "77386006")), "pregnancy - yes"),
    ("ICPC W78", condition(codes(ICPC1, "W78")), "pregnancy - yes"),
    (
        "ICPC W90, delivery",
        condition(codes(ICPC1, "W90"), clinicalStatus=codes("x", "resolved")),
        "delivery - yes",
    ),
    (
        "pregnancy over",
        condition(codes(ICPC1, "W78"), clinicalStatus=codes("x", "resolved")),
        "pregnancy - yes past",
    ),
    ("nl-core-Pregnancy", observation(codes(SNOMED, "118185001")), "pregnancy - yes"),
    (
        "status: pregnant",
        observation(codes(LOINC, "82810-3"), valueCodeableConcept={"text": "Pregnant"}),
        "pregnancy - yes",
    ),
    (
        "status: pregnant, coded",
        observation(codes(LOINC, "82810-3"), valueCodeableConcept=codes(SNOMED, "77386006")),
        "pregnancy - yes",
    ),
    (
        "status: not pregnant",
        observation(codes(LOINC, "82810-3"), valueCodeableConcept={"text": "Not pregnant"}),
        "pregnancy - no",
    ),
    (
        "status: unknown",
        observation(codes(LOINC, "82810-3"), valueCodeableConcept={"text": "Unknown"}),
        "pregnancy - ?",
    ),
    (
        "status: an answer that nobody here knows",
        observation(codes(LOINC, "82810-3"), valueCodeableConcept=codes(LOINC, "LA26683-5")),
        "pregnancy - ?",
    ),
    (
        "status: possibly",
        observation(codes(LOINC, "82810-3"), valueString="mogelijk zwanger"),
        "pregnancy - ?",
    ),
    ("zwanger: nee", observation("Zwanger", valueBoolean=False), "pregnancy - no"),
    ("zwanger: ja", observation("Zwanger", valueString="ja"), "pregnancy - yes"),
    ("zwanger", condition("Zwanger, 20 weken"), "pregnancy - yes"),
    ("niet zwanger", condition("Niet zwanger"), "pregnancy - no"),
    ("zwangerschapswens", condition("Zwangerschapswens"), ""),
    ("wish", condition("Wil zwanger worden"), ""),
    ("an earlier pregnancy", condition("Eerdere zwangerschap"), "pregnancy - yes past"),
    ("a daughter", condition("Dochter zwanger"), ""),
    (
        "breastfeeding status: currently",
        observation(codes(LOINC, "63895-7"), valueCodeableConcept=codes(LOINC, "LA29252-6")),
        "lactation - yes",
    ),
    (
        "breastfeeding status: in words",
        observation(
            codes(LOINC, "63895-7"), valueCodeableConcept={"text": "Currently breastfeeding"}
        ),
        "lactation - yes",
    ),
    (
        "breastfeeding status: not",
        observation(codes(LOINC, "63895-7"), valueCodeableConcept={"text": "Not breastfeeding"}),
        "lactation - no",
    ),
    ("breastfeeding (mother)", condition(codes(SNOMED, "413712001")), "lactation - yes"),
    ("lactation established", condition(codes(SNOMED, "225604004")), "lactation - yes"),
    ("borstvoeding", condition("Geeft borstvoeding"), "lactation - yes"),
    (
        "geen borstvoeding",
        observation("Anamnese", valueString="Geeft geen borstvoeding"),
        "lactation - no",
    ),
    ("lacterend", condition("Lacterend"), "lactation - yes"),
    ("niet lacterend", condition("Niet lacterend"), "lactation - no"),
    ("kolven", condition("Kolft nog"), "lactation - yes"),
    ("gestopt", condition("Borstvoeding gestopt"), "lactation - yes past"),
    ("puerperium", condition("Puerperium"), "delivery - yes"),
    (
        "postpartum",
        observation("Anamnese", valueString="3 maanden postpartum, geeft borstvoeding"),
        "delivery - yes; lactation - yes",
    ),
    ("a delivery", procedure("Sectio caesarea"), "delivery - yes"),
    ("a planned one", procedure("Sectio caesarea", status="preparation"), "delivery - no"),
    ("drug delivery", procedure("Drug delivery system"), ""),
    ("mastitis puerperalis tells of a mastitis", condition("Mastitis puerperalis"), ""),
]


@pytest.mark.parametrize("resource, facts", [row[1:] for row in PREGNANCY], ids=ids(PREGNANCY))
def test_pregnancy_and_lactation(resource, facts):
    assert told("pregnancy_or_lactation", resource) == expected(facts)


# --- what cannot be read is told

UNREADABLE = [
    (
        "fever",
        observation("Temperatuur", valueQuantity={"value": "38"}),
        "Observation.valueQuantity.value",
    ),
    ("general_condition", observation("ECOG", valueInteger=True), "Observation.value"),
    ("breast_inflammation", condition("Mastitis", onsetDateTime="soon"), "Condition.onsetDateTime"),
    (
        "breast_inflammation",
        condition({"coding": [{"system": SNOMED, "code": 45198002}]}),
        "code.coding.code",
    ),
    (
        "pregnancy_or_lactation",
        condition(codes(SNOMED, "77386006"), modifierExtension=[{"url": "x"}]),
        "modifierExtension",
    ),
    (
        "breast_complaint_now",
        condition(codes(ICPC1, "X19"), onsetDateTime="2025-13-01"),
        "Condition.onsetDateTime",
    ),
]


@pytest.mark.parametrize("name, resource, path", UNREADABLE)
def test_what_cannot_be_read_is_told(name, resource, path):
    read = reading(resource)
    assert said(read.facts(DEFINITIONS[name]).facts) == ""
    assert [p.text for p in read.problems.values()] == [path]
