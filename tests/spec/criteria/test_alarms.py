"""Alarms: what words and codes raise one, what does not, and until when it stands (catalogue, rule "Alarm on record")."""

from datetime import date
from types import SimpleNamespace

import pytest
from cds_service.cards.shared.criteria import alarm, purpose

from cds_service.facts.model import Fact, FactSet, Laterality
from cds_service.fhir.dates import Dates
from cds_service.guideline.criterion import Facts
from cds_service.logic import Truth
from cds_service.terminology.value_set import Match
from tests.spec.readers.test_scan_facts import facts_in
from tests.spec.tables import MET, NOT_MET, TRUTHS, UNKNOWN, table

ICD10 = "http://hl7.org/fhir/sid/icd-10"
OWN = "https://guideline-cards.example.org/CodeSystem/breast"


def condition(words, **more):
    return {"resourceType": "Condition", "id": "c", "code": {"text": words}, **more}


def told(resource):
    """Kind, "?" where it is suspected, "-" where it is denied, "past" where it was; each alarm of a resource."""
    facts, _ = facts_in("alarm", resource)
    marks = [
        ("-" if f.asserted is NOT_MET else "")
        + f.value
        + ("?" if "certainty" in f.attributes else "")
        + (" past" if f.current is NOT_MET else "")
        for f in facts
    ]
    return ", ".join(sorted(marks)) or "none"


WORDS = table("""
    words                                                    | alarm
    ---------------------------------------------------------+------------------------
    Dreigende dwarslaesie                                    | cord_compression
    Verdenking myelumcompressie                              | cord_compression?
    dreigende dwarslaesie?                                   | cord_compression?
    dd caudasyndroom                                         | cord_compression?
    Spinal cord compression                                  | cord_compression
    Cauda equina syndrome                                    | cord_compression
    Suspected malignant spinal cord compression              | cord_compression?
    compressie van het myelum Th8                            | cord_compression
    conus-caudasyndroom                                      | cord_compression
    paraplegia                                               | cord_compression
    Wervelmetastase L3 met dreigende dwarslaesie             | cord_compression
    Krachtsverlies benen                                     | neurological
    Gevoelloosheid zadelgebied en urineretentie              | neurological
    Patiënte kan niet meer lopen sinds vanmorgen             | neurological
    Loopt niet meer, sensibele stoornis vanaf Th8            | neurological
    Unable to walk since this morning                        | neurological
    Numbness of both legs                                    | neurological
    Kan weer lopen                                           | none
    krachtverlies been links sinds gisteren                  | neurological
    krachtsverlies benen sinds vorige week                   | neurological
    Vorige week ontstaan krachtsverlies benen                | neurological
    paraparese                                               | neurological
    klapvoet rechts                                          | neurological
    rijbroekanesthesie                                       | neurological
    leg weakness                                             | neurological
    saddle anaesthesia                                       | neurological
    Neurological deficit                                     | neurological
    hemiparese links                                         | neurological
    Pathologische fractuur femur                             | fracture
    pathologische humerusfractuur                            | fracture
    Dreigende pathologische fractuur                         | fracture
    impending fracture of the hip                            | fracture
    Pathological fracture due to metastasis                  | fracture
    Fractuurdreiging                                         | fracture
    fractuurrisico van de femurmetastase                     | fracture
    Uitval S1 rechts                                         | neurological
    MESCC Th8                                                | cord_compression
    # none
    angst voor dwarslaesie                                   | none
    Bellse parese                                            | none
    geen aanwijzingen voor dwarslaesie                       | -cord_compression
    geen krachtsverlies, geen caudasyndroom                  | -cord_compression, -neurological
    no evidence of cord compression                          | -cord_compression
    status na dwarslaesie 2015                               | cord_compression past
    Osteoporose met pathologische fractuur                   | none
    Osteoporosis with pathological fracture                  | none
    verhoogd fractuurrisico                                  | none
    Hemiparese na CVA                                        | none
    krachtsverlies arm door herseninfarct                    | none
    paraparese bij multiple sclerose                         | none
    Klapvoet na geopereerde hernia L4-L5                     | none
    krachtsverlies been bij hernia L5-S1                     | none
    caudasyndroom, geopereerde hernia                        | none
    sensibele uitval bij diabetische neuropathie             | none
    uitval door CIPN                                         | none
    parese n. facialis (Bell)                                | none
    verlamming aangezicht links                              | none
    parese door radiatieplexopathie                          | none
    recurrensparese                                          | none
    traumatische dwarslaesie                                 | none
    radiculaire pijn                                         | none
    rugpijn                                                  | none
    wervelfractuur na val                                    | none
    bij krachtsverlies direct bellen                         | none
    contact opnemen bij krachtsverlies                       | none
    uitleg over rode vlaggen: krachtsverlies, incontinentie  | none
    # another disease that is not the cause, or only thought of
    dreigende dwarslaesie, dd hernia                         | cord_compression
    krachtsverlies been, geen CVA                            | neurological
    krachtsverlies benen; vg CVA                             | neurological
    krachtsverlies benen, bekend met MS                      | neurological
    caudasyndroom bij hernia L4-L5                           | cord_compression
    pathologische fractuur bij botmetastase, osteoporose     | fracture
""")


@pytest.mark.parametrize("words, expected", WORDS, ids=[row[0] for row in WORDS])
def test_words_that_raise_an_alarm(words, expected):
    assert told(condition(words)) == expected


def observation(words, **more):
    return {
        "resourceType": "Observation",
        "id": "o",
        "status": "final",
        "code": {"text": words},
        "category": [{"coding": [{"code": "exam"}]}],
        **more,
    }


def order(**more):
    return {
        "resourceType": "ServiceRequest",
        "id": "s",
        "status": "active",
        "intent": "order",
        "code": {"text": "MRI wervelkolom"},
        **more,
    }


RESOURCES = [
    (
        "a code of our own",
        condition("x") | {"code": {"coding": [{"system": OWN, "code": "spinal-cord-compression"}]}},
        "cord_compression",
    ),
    (
        "the display of a code that nobody here knows",
        condition("x")
        | {
            "code": {
                "coding": [
                    {"system": ICD10, "code": "G95.2", "display": "Cord compression, unspecified"}
                ]
            }
        },
        "cord_compression",
    ),
    (
        "M80 with words that do not say osteoporosis",
        condition("Pathologische fractuur")
        | {
            "code": {
                "text": "Pathologische fractuur",
                "coding": [{"system": ICD10, "code": "M80.0"}],
            }
        },
        "none",
    ),
    (
        "provisional",
        condition("Dwarslaesie", verificationStatus={"coding": [{"code": "provisional"}]}),
        "cord_compression?",
    ),
    (
        "unconfirmed",
        condition("Krachtsverlies benen", verificationStatus={"coding": [{"code": "unconfirmed"}]}),
        "neurological?",
    ),
    (
        "refuted",
        condition("Dwarslaesie", verificationStatus={"coding": [{"code": "refuted"}]}),
        "-cord_compression",
    ),
    (
        "entered in error",
        condition("Dwarslaesie", verificationStatus={"coding": [{"code": "entered-in-error"}]}),
        "none",
    ),
    (
        "resolved",
        condition("Dwarslaesie", clinicalStatus={"coding": [{"code": "resolved"}]}),
        "cord_compression past",
    ),
    (
        "in a note of a problem",
        condition("Wervelmetastase", note=[{"text": "Sinds gisteren krachtsverlies benen."}]),
        "neurological",
    ),
    (
        "an observation that says yes",
        observation("Krachtsverlies benen", valueBoolean=True),
        "neurological",
    ),
    (
        "an observation that says no",
        observation("Krachtsverlies benen", valueString="nee"),
        "-neurological",
    ),
    (
        "an observation without an answer",
        observation("Neurologische uitval", valueString="niet beoordeeld"),
        "neurological?",
    ),
    (
        "a preliminary observation",
        observation(
            "Neurologisch onderzoek", valueString="parese been rechts", status="preliminary"
        ),
        "neurological?",
    ),
    (
        "a component",
        observation(
            "Neurologisch onderzoek",
            component=[{"code": {"text": "Krachtsverlies benen"}, "valueBoolean": True}],
        ),
        "neurological",
    ),
    (
        "a component that says no",
        observation(
            "Neurologisch onderzoek",
            component=[{"code": {"text": "Krachtsverlies benen"}, "valueBoolean": False}],
        ),
        "-neurological",
    ),
    (
        "a report",
        {
            "resourceType": "DiagnosticReport",
            "id": "r",
            "status": "final",
            "code": {"text": "MRI"},
            "conclusion": "Myelumcompressie ter hoogte van Th8.",
        },
        "cord_compression",
    ),
    (
        "the question of a report",
        {
            "resourceType": "DiagnosticReport",
            "id": "r",
            "status": "final",
            "code": {"text": "MRI"},
            "conclusion": "Vraagstelling: myelumcompressie? Conclusie: geen myelumcompressie.",
        },
        "-cord_compression",
    ),
    (
        "the reason of an order",
        order(reasonCode=[{"text": "dreigende dwarslaesie"}]),
        "cord_compression?",
    ),
    (
        "the name of an order",
        order(code={"text": "MRI wervelkolom ivm krachtsverlies benen"}),
        "neurological?",
    ),
    ("a remark of an order", order(note=[{"text": "CAVE dwarslaesie"}]), "cord_compression?"),
    (
        "an order that denies it",
        order(reasonCode=[{"text": "Stadiëring, geen aanwijzingen voor dwarslaesie"}]),
        "-cord_compression",
    ),
    (
        "a revoked order",
        order(status="revoked", reasonCode=[{"text": "dreigende dwarslaesie"}]),
        "none",
    ),
    (
        "a prescription",
        {
            "resourceType": "MedicationRequest",
            "id": "m",
            "status": "active",
            "intent": "order",
            "medicationCodeableConcept": {"text": "dexamethason"},
            "reasonCode": [{"text": "Myelumcompressie"}],
        },
        "cord_compression?",
    ),
]


@pytest.mark.parametrize(
    "resource, expected", [row[1:] for row in RESOURCES], ids=[row[0] for row in RESOURCES]
)
def test_resources_that_raise_an_alarm(resource, expected):
    assert told(resource) == expected


def test_a_question_that_nobody_answered_leaves_it_open():
    (fact,), _ = facts_in(
        "alarm", observation("Neurologische uitval", valueString="niet beoordeeld")
    )
    assert fact.asserted is UNKNOWN


REGIONS = [
    ("Pathologische fractuur femur", "pelvis"),
    ("Pathologische fractuur L3", "spine"),
    ("pathologische wervelfractuur", "spine"),
    ("Dreigende pathologische fractuur", ""),
    ("pathologische fractuur humerus", "other"),
]


@pytest.mark.parametrize("words, region", REGIONS)
def test_the_region_of_a_fracture(words, region):
    (fact,), _ = facts_in("alarm", condition(words))
    assert " ".join(m.value for m in fact.attributes.get("region", ())) == region


# --- until when it stands

TODAY = date(2026, 11, 30)
SETTINGS = {"alarm_months": SimpleNamespace(value=6), "alarm_days": SimpleNamespace(value=30)}


def day(text):
    return (
        Dates(*(date.fromisoformat(part) for part in (text.split("/") * 2)[:2]))
        if text
        else Dates()
    )


def fact(
    value,
    when="",
    *,
    recorded=None,
    asserted=MET,
    current=MET,
    suspected=False,
    resource_type="Condition",
    draft=None,
):
    attributes = {"certainty": (Match("suspected"),)} if suspected else {}
    return Fact(
        "alarm",
        "",
        resource_type,
        value,
        Laterality.UNKNOWN,
        asserted,
        current,
        day(when),
        day(when if recorded is None else recorded),
        attributes,
        draft=draft,
    )


def asked(*facts, unread=()):
    reading = SimpleNamespace(
        facts=lambda _: FactSet(tuple(facts), frozenset(unread)),
        now=SimpleNamespace(date=lambda: TODAY),
    )
    return alarm.alarm_on_record(Facts(reading, {"alarm": None}, SETTINGS))


STANDING = table("""
    kind             | began                 | recorded   | alarm
    cord_compression | 2026-11-30            | 2026-11-30 | yes
    cord_compression | 2026-05-30            | 2026-05-30 | yes
    cord_compression | 2026-05-29            | 2026-05-29 | no
    cord_compression | 2026-04-01            | 2026-11-20 | no    # how old it is counts, not when it was copied
    cord_compression | 2026-05-01/2026-05-31 |            | ?
    cord_compression |                       | 2026-11-20 | yes
    cord_compression |                       |            | yes   # active, without any date
    neurological     | 2026-10-31            | 2026-10-31 | yes
    neurological     | 2026-10-30            | 2026-10-30 | no
    neurological     | 2026-10-01            | 2026-11-20 | yes
    neurological     | 2023-10-01            | 2026-11-20 | no    # not new
    neurological     |                       |            | yes
    fracture         | 2026-11-01            | 2026-11-01 | yes
    fracture         | 2026-09-01            | 2026-09-01 | no
""")


@pytest.mark.parametrize(
    "kind, began, recorded, expected", STANDING, ids=[" ".join(row[:3]) for row in STANDING]
)
def test_how_long_an_alarm_stands(kind, began, recorded, expected):
    assert asked(fact(kind, began, recorded=recorded)).truth is TRUTHS[expected]


ANSWERED = [
    (
        "suspected, denied the day after",
        fact("cord_compression", "2026-11-20", suspected=True),
        fact("cord_compression", "2026-11-21", asserted=NOT_MET, resource_type="DiagnosticReport"),
        NOT_MET,
    ),
    (
        "suspected, denied the same day",
        fact("cord_compression", "2026-11-20", suspected=True),
        fact("cord_compression", "2026-11-20", asserted=NOT_MET, resource_type="DiagnosticReport"),
        MET,
    ),
    (
        "suspected, something else denied",
        fact("cord_compression", "2026-11-20", suspected=True),
        fact("fracture", "2026-11-21", asserted=NOT_MET, resource_type="DiagnosticReport"),
        MET,
    ),
    (
        "certain, denied later",
        fact("cord_compression", "2026-11-20"),
        fact("cord_compression", "2026-11-21", asserted=NOT_MET, resource_type="DiagnosticReport"),
        MET,
    ),
    (
        "a draft asks now",
        fact("cord_compression", suspected=True, resource_type="ServiceRequest", draft=0),
        fact("cord_compression", "2026-11-29", asserted=NOT_MET, resource_type="DiagnosticReport"),
        MET,
    ),
    (
        "an order is no denial",
        fact("cord_compression", "2026-11-20", suspected=True),
        fact("cord_compression", "2026-11-21", asserted=NOT_MET, resource_type="ServiceRequest"),
        MET,
    ),
]


@pytest.mark.parametrize(
    "suspected, denial, expected", [row[1:] for row in ANSWERED], ids=[row[0] for row in ANSWERED]
)
def test_a_suspicion_ends_when_it_is_denied_later(suspected, denial, expected):
    assert asked(suspected, denial).truth is expected


def test_what_was_not_read_is_asked_and_never_makes_a_verdict_not_assessed():
    answer = asked(unread=["conditions"])
    assert (answer.truth, answer.unread, answer.asked) == (UNKNOWN, frozenset(), {"conditions"})
    assert asked().truth is NOT_MET and (~asked(unread=["conditions"])).asked == {"conditions"}


# --- what an order states

PURPOSES = table("""
    order      | reasons                            | priority | states its purpose | another purpose
    mri_spine  |                                    |          | ?                  | ?
    mri_spine  | staging                            |          | yes                | no
    mri_spine  | surveillance cancer                |          | yes                | no
    mri_spine  | suspected_metastases               |          | yes                | no
    mri_spine  | metastases                         |          | no                 | no
    mri_spine  | cancer                             |          | no                 | ?
    mri_spine  | staging suspicion                  |          | no                 | yes
    mri_spine  | staging cord_compression           |          | no                 | yes
    mri_spine  | staging                            | urgent   | no                 | no
    mri_spine  | staging consequence                |          | no                 | no
    ultrasound | surveillance                       |          | yes                | no
    ultrasound | suspected_metastases               |          | no                 | ?
    ultrasound | surveillance suspected_recurrence  |          | no                 | no
    mastectomy |                                    |          | yes                | ?
""")


@pytest.mark.parametrize(
    "kind, reasons, priority, states, another",
    PURPOSES,
    ids=[" ".join(row[:3]) for row in PURPOSES],
)
def test_what_an_order_is_for(kind, reasons, priority, states, another):
    attributes = {
        "reason": tuple(Match(word) for word in reasons.split()),
        "priority": tuple(Match(word) for word in priority.split()),
    }
    ordered = Fact(
        "care_order",
        "",
        "ServiceRequest",
        kind,
        Laterality.UNKNOWN,
        MET,
        MET,
        Dates(),
        Dates(),
        attributes,
        draft=0,
    )
    facts = Facts(SimpleNamespace(), {}, {}, order=ordered)
    assert purpose.examination_states_its_purpose(facts).truth is TRUTHS[states]
    assert purpose.another_purpose(facts).truth is TRUTHS[another]


def test_without_an_order_nothing_is_stated():
    facts = Facts(SimpleNamespace(), {}, {})
    assert purpose.another_purpose(facts).truth is Truth.UNKNOWN
