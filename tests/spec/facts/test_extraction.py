"""From resources to facts: what is read, from where, and what is never silently dropped.

Expectations from the catalogue ("How criteria are judged"), decisions 6 to 8, and fhir-reading. Codes are the tests' own.
"""

import base64
import copy
import time
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from cds_service.cds_hooks.request import HookRequest
from cds_service.clinical_text.folding import MAX_LENGTH
from cds_service.decision.decide import decide, prefetch_templates
from cds_service.decision.gather import gather
from cds_service.facts.extraction import Reading
from cds_service.fhir.record import PrefetchInput, Record
from cds_service.fhir.state import State
from tests.spec.tables import MET, NOT_MET, UNKNOWN

ZONE = ZoneInfo("Europe/Amsterdam")
NOW = datetime(2026, 6, 15, 12, tzinfo=ZONE)
SNOMED, DICOM = "http://snomed.info/sct", "http://dicom.nema.org/resources/ontology/DCM"
OWN = "https://guideline-cards.example.org/CodeSystem/breast"
TYPES = (
    "Patient",
    "Condition",
    "Observation",
    "Procedure",
    "ImagingStudy",
    "DiagnosticReport",
    "ServiceRequest",
)


def coded(system, code, display=None):
    return {
        "coding": [{"system": system, "code": code} | ({"display": display} if display else {})]
    }


@pytest.fixture
def read(library):
    """read(fact, *resources): the facts of that name in a record that holds just these, and the Reading behind them."""
    definitions = library.fact_definitions("patient-view") | library.fact_definitions("order-sign")

    def facts(name, *resources, drafts=()):
        by_type = {kind: [r for r in resources if r["resourceType"] == kind] for kind in TYPES}
        inputs = {
            kind: PrefetchInput(kind, kind, State.PRESENT if by_type[kind] else State.EMPTY)
            for kind in TYPES
        }
        reading = Reading(
            Record("p", by_type, inputs, drafts=tuple(drafts)),
            NOW,
            ZONE,
            library.value_sets,
            library.readers,
        )
        return reading.facts(definitions[name]), reading

    return facts


@pytest.fixture
def whole(library):
    """whole(*resources): the decision on patient-view for a record that holds just these."""

    def decided(*resources, hook="patient-view", prefetch=None):
        wanted = prefetch_templates(library, hook)
        entries = [
            {
                "resource": {"subject": {"reference": "Patient/p"}, **r}
                if r["resourceType"] != "Patient"
                else r
            }
            for r in resources
        ]
        by_key = {
            key: {
                "resourceType": "Bundle",
                "entry": [
                    e
                    for e in entries
                    if e["resource"]["resourceType"] == template.split("?")[0].split("/")[0]
                ],
            }
            for key, template in wanted.items()
        }
        return decide(
            HookRequest(hook, "1", "p", "Practitioner/1", prefetch or by_key),
            library,
            wanted,
            NOW,
            None,
        )

    return decided


def discharge(kind="Observation", **elements):
    base = {
        "resourceType": kind,
        "id": "d",
        "code": coded(SNOMED, "54302000") | {"text": "Tepelvloed links"},
    }
    return (
        base
        | ({"status": "final", "effectiveDateTime": "2026-06-01"} if kind == "Observation" else {})
        | elements
    )


# --- an Observation is a question with its answer

YES_NO = [
    ("a boolean: yes", {"valueBoolean": True}, MET),
    ("a boolean: no", {"valueBoolean": False}, NOT_MET),
    ("ja", {"valueString": "ja"}, MET),
    ("Nee.", {"valueString": "Nee."}, NOT_MET),
    ("nee, as the text of a concept", {"valueCodeableConcept": {"text": "nee"}}, NOT_MET),
    (
        "SNOMED CT: no, with its display",
        {"valueCodeableConcept": coded(SNOMED, "373067005", "No (qualifier value)")},
        NOT_MET,
    ),
    (
        "SNOMED CT: yes, with its display",
        {"valueCodeableConcept": coded(SNOMED, "373066001", "Yes (qualifier value)")},
        MET,
    ),
    ("afwezig", {"valueCodeableConcept": {"text": "Afwezig"}}, NOT_MET),
    ("niet aanwezig", {"valueString": "niet aanwezig"}, NOT_MET),
    ("a colour says that it is there", {"valueCodeableConcept": {"text": "bloederig"}}, MET),
    ("no answer at all: the finding itself", {}, MET),
    ("the answer is absent for a reason", {"dataAbsentReason": {"text": "not asked"}}, UNKNOWN),
    ("preliminary", {"status": "preliminary", "valueBoolean": True}, UNKNOWN),
]


@pytest.mark.parametrize(
    "elements, asserted", [row[1:] for row in YES_NO], ids=[row[0] for row in YES_NO]
)
def test_an_observation_of_the_complaint(read, elements, asserted):
    (fact,) = read("nipple_discharge", discharge(**elements))[0].facts
    assert fact.asserted is asserted


NOT_SAID = [
    ("no, without a display", {"valueCodeableConcept": coded(SNOMED, "373067005")}, NOT_MET),
    ("absent, without a display", {"valueCodeableConcept": coded(SNOMED, "2667000")}, NOT_MET),
    ("geen tepelvloed", {"valueString": "Geen tepelvloed"}, NOT_MET),
    (
        "no nipple discharge",
        {"valueCodeableConcept": {"text": "No nipple discharge seen"}},
        NOT_MET,
    ),
    ("nee, geen", {"valueString": "nee, geen"}, NOT_MET),
    ("onbekend", {"valueString": "onbekend"}, UNKNOWN),
    ("unknown", {"valueCodeableConcept": {"text": "Unknown"}}, UNKNOWN),
    ("niet beoordeeld", {"valueString": "niet beoordeeld"}, UNKNOWN),
    ("n.v.t.", {"valueString": "n.v.t."}, UNKNOWN),
    ("mogelijk", {"valueString": "mogelijk"}, UNKNOWN),
    (
        "data-absent-reason on the value",
        {
            "_valueBoolean": {
                "extension": [
                    {
                        "url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason",
                        "valueCode": "unknown",
                    }
                ]
            }
        },
        UNKNOWN,
    ),
]


@pytest.mark.parametrize(
    "elements, asserted", [row[1:] for row in NOT_SAID], ids=[row[0] for row in NOT_SAID]
)
def test_an_answer_that_is_no_yes_is_not_read_as_one(read, elements, asserted):
    (fact,) = read("nipple_discharge", discharge(**elements))[0].facts
    assert fact.asserted is asserted


# --- components: attributes of the complaint

COMPONENTS = [
    # attribute, question, answer -> (value, denied)
    ("ducts", "Aantal melkgangen", {"valueString": "één"}, [("1", False)]),
    ("ducts", "Aantal melkgangen", {"valueString": "Eén."}, [("1", False)]),
    ("ducts", "Number of ducts", {"valueString": "one"}, [("1", False)]),
    ("ducts", "Aantal melkgangen", {"valueInteger": 1}, [("1", False)]),
    ("ducts", "Aantal melkgangen", {"valueInteger": 3}, [("3", False)]),
    ("ducts", "Aantal melkgangen", {"valueQuantity": {"value": 1}}, [("1", False)]),
    ("ducts", "Aantal melkgangen", {"valueQuantity": {"value": 1.0}}, [("1", False)]),
    ("ducts", "Aantal melkgangen", {"valueCodeableConcept": {"text": "meerdere"}}, [("2", False)]),
    ("ducts", "Aantal melkgangen", {"valueString": "twee"}, [("2", False)]),
    (
        "ducts",
        "Aantal melkgangen",
        {"valueCodeableConcept": {"text": "één melkgang"}},
        [("single", False)],
    ),
    (
        "ducts",
        "Aantal melkgangen",
        {"valueCodeableConcept": coded(OWN, "multiple")},
        [("multiple", False)],
    ),
    ("ducts", "Aantal melkgangen", {"valueString": "onbekend"}, []),
    ("ducts", "Aantal melkgangen", {"valueRange": {"low": {"value": 1}}}, []),
    ("ducts", "Aantal melkgangen", {"dataAbsentReason": {"text": "not asked"}}, []),
    ("spontaneous", "Spontaan", {"valueBoolean": True}, [("yes", False)]),
    ("spontaneous", "Spontaan", {"valueBoolean": False}, [("yes", True)]),
    ("spontaneous", "Spontaan", {"valueString": "ja"}, [("yes", False)]),
    ("spontaneous", "Spontaan", {"valueCodeableConcept": {"text": "Nee"}}, [("yes", True)]),
    ("spontaneous", "Spontaan", {"valueString": "niet spontaan"}, [("yes", True)]),
    ("spontaneous", "Spontaan", {"valueString": "alleen bij knijpen"}, [("no", False)]),
    ("spontaneous", "Spontaan", {"valueString": "onbekend"}, []),
    ("spontaneous", "Spontaan", {"valueString": "soms"}, []),
    (
        "spontaneous",
        "Spontaan",
        {"valueCodeableConcept": coded(SNOMED, "373067005")},
        [("yes", True)],
    ),  # SNOMED CT: no
    ("spontaneous", "Spontaan", {"dataAbsentReason": {"text": "not asked"}}, []),
    ("colour", "Kleur", {"valueString": "bruin"}, [("brown", False)]),
    ("colour", "Kleur", {"valueCodeableConcept": {"text": "Sereus"}}, [("serous", False)]),
    ("colour", "Kleur", {"valueCodeableConcept": coded(OWN, "milky")}, [("milky", False)]),
    ("colour", "Kleur", {"valueString": "niet bloederig"}, [("bloody", True)]),
    ("colour", "Kleur", {"dataAbsentReason": {"text": "not asked"}}, []),
    ("colour", "Bloederig", {"valueBoolean": True}, [("bloody", False)]),
    ("colour", "Bloederig", {"valueBoolean": False}, [("bloody", True)]),
    ("colour", "Kleur van de urine", {"dataAbsentReason": {"text": "not asked"}}, []),
    ("colour", "Pijn", {"valueBoolean": True}, []),
]


@pytest.mark.parametrize(
    "attribute, question, elements, expected",
    COMPONENTS,
    ids=[f"{row[1]}: {row[2]}" for row in COMPONENTS],
)
def test_components_as_questions_with_answers(read, attribute, question, elements, expected):
    component = {"code": {"text": question}, **elements}
    (fact,) = read("nipple_discharge", discharge(valueBoolean=True, component=[component]))[0].facts
    assert [(m.value, m.negated) for m in fact.attributes[attribute]] == expected


@pytest.mark.parametrize(
    "attribute, code, elements, expected",
    [
        ("spontaneous", "discharge-spontaneous", {"valueBoolean": False}, [("yes", True)]),
        ("ducts", "discharge-ducts", {"valueInteger": 1}, [("1", False)]),
        (
            "colour",
            "discharge-colour",
            {"valueCodeableConcept": coded(OWN, "bloody")},
            [("bloody", False)],
        ),
    ],
)
def test_a_coded_question_is_no_reading_from_text(read, attribute, code, elements, expected):
    component = {"code": coded(OWN, code), **elements}
    (fact,) = read("nipple_discharge", discharge(valueBoolean=True, component=[component]))[0].facts
    assert [(m.value, m.negated) for m in fact.attributes[attribute]] == expected
    assert not any(m.from_text for m in fact.attributes[attribute])


def test_a_coded_answer_wins_over_words_about_the_same(read):
    """Decision 8."""
    component = [
        {"code": coded(OWN, "discharge-colour"), "valueCodeableConcept": coded(OWN, "brown")}
    ]
    (fact,) = read(
        "nipple_discharge",
        discharge(valueBoolean=True, component=component, note=[{"text": "bloederig"}]),
    )[0].facts
    assert [(m.value, m.from_text) for m in fact.attributes["colour"]] == [("brown", False)]


@pytest.mark.parametrize(
    "elements",
    [
        {},
        {
            "_valueBoolean": {
                "extension": [
                    {
                        "url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason",
                        "valueCode": "unknown",
                    }
                ]
            }
        },
    ],
    ids=["no value", "data-absent-reason on the value"],
)
def test_a_question_without_an_answer_says_nothing(read, elements):
    component = {"code": {"text": "Spontaan"}, **elements}
    (fact,) = read("nipple_discharge", discharge(valueBoolean=True, component=[component]))[0].facts
    assert fact.attributes["spontaneous"] == ()


def test_a_number_is_no_answer_to_a_yes_no_question(read):
    component = {"code": {"text": "Spontaan"}, "valueInteger": 1}
    (fact,) = read("nipple_discharge", discharge(valueBoolean=True, component=[component]))[0].facts
    assert fact.attributes["spontaneous"] == ()


# --- what must not be used, and is told

UNUSABLE = [
    (
        "an unknown modifierExtension",
        {"modifierExtension": [{"url": "https://example.org/not", "valueBoolean": True}]},
        "unreadable",
        "modifierExtension",
    ),
    (
        "implicit rules",
        {"implicitRules": "https://example.org/rules"},
        "unreadable",
        "implicitRules",
    ),
    (
        "a date that is none",
        {"effectiveDateTime": "vorige week"},
        "unreadable",
        "Observation.effectiveDateTime",
    ),
    (
        "a period that ends before it starts",
        {
            "effectiveDateTime": None,
            "effectivePeriod": {"start": "2026-05-02", "end": "2026-05-01"},
        },
        "unreadable",
        "Observation.effectivePeriod",
    ),
    ("a status that is no text", {"status": 1}, "unreadable", "Observation.status"),
    (
        "a body site without structure",
        {"bodySite": {"coding": "x"}},
        "unreadable",
        "bodySite.coding",
    ),
    ("a component without structure", {"component": ["x"]}, "unreadable", None),
    ("dated tomorrow", {"effectiveDateTime": "2026-06-16"}, "future", "nipple_discharge"),
    ("dated 2999", {"effectiveDateTime": "2999-01-01"}, "future", "nipple_discharge"),
    (
        "an instant six minutes ahead",
        {"effectiveDateTime": "2026-06-15T12:06:00+02:00"},
        "future",
        "nipple_discharge",
    ),
    ("entered in error", {"status": "entered-in-error"}, "set-aside", "entered-in-error"),
    ("cancelled", {"status": "cancelled"}, "set-aside", "cancelled"),
]


@pytest.mark.parametrize(
    "elements, kind, text", [row[1:] for row in UNUSABLE], ids=[row[0] for row in UNUSABLE]
)
def test_what_must_not_be_used_is_told_and_not_used(read, elements, kind, text):
    facts, reading = read("nipple_discharge", discharge(valueBoolean=True, **elements))
    assert facts.facts == ()
    ((reference, told, words),) = reading.problems
    assert (reference, told) == ("Observation/d", kind)
    assert text is None or words == text
    # What could not be read leaves the question open; what is void or dated in the future was read.
    assert bool(facts.unread) is (kind == "unreadable")


def test_one_unreadable_resource_does_not_take_the_others_with_it(read):
    good = discharge(valueBoolean=True) | {"id": "good"}
    facts, _ = read("nipple_discharge", discharge(effectiveDateTime="?"), good)
    assert [f.reference for f in facts.facts] == ["Observation/good"]
    assert facts.unread == {"Condition", "Observation"}, (
        "and still nobody may say that nothing else is on record"
    )


def test_a_resource_about_something_else_may_be_as_odd_as_it_likes(read):
    facts, reading = read(
        "nipple_discharge",
        {
            "resourceType": "Observation",
            "id": "x",
            "code": {"text": "Bloeddruk"},
            "effectiveDateTime": "?",
            "status": 1,
        },
    )
    assert facts.facts == () and facts.unread == frozenset() and not reading.problems


def test_a_resource_of_which_nobody_can_tell_what_it_is_about_is_told(read):
    facts, reading = read(
        "nipple_discharge", {"resourceType": "Condition", "id": "x", "code": {"coding": "54302000"}}
    )
    assert facts.facts == () and [kind for _, kind, _ in reading.problems] == ["unreadable"]


def test_no_problem_holds_a_value_of_the_record(read):
    for elements in (
        {"effectiveDateTime": "GEHEIM"},
        {"component": "GEHEIM"},
        {"bodySite": "GEHEIM", "note": "GEHEIM"},
        {"code": {"coding": "GEHEIM", "text": "tepelvloed"}},
    ):
        _, reading = read("nipple_discharge", discharge(**elements))
        assert "GEHEIM" not in str(reading.problems)


# .NET writes 0001-01-01 for "no date", many systems 9999-12-31 for "no end".
REPORT = {
    "resourceType": "DiagnosticReport",
    "id": "r",
    "status": "final",
    "code": {"text": "Mammografie links"},
    "effectiveDateTime": "2026-05-01",
}
SENTINELS = [
    ("onset 0001", [discharge("Condition", onsetDateTime="0001-01-01")]),
    ("recorded 0001", [discharge("Condition", recordedDate="0001-01-01T00:00:00Z")]),
    (
        "onset until 9999",
        [discharge("Condition", onsetPeriod={"start": "2026-01-01", "end": "9999-12-31"})],
    ),
    (
        "observed until 9999",
        [
            discharge(
                valueBoolean=True,
                effectiveDateTime=None,
                effectivePeriod={"start": "2026-01-01", "end": "9999-12-31"},
            )
        ],
    ),
    (
        "report until 9999",
        [
            discharge("Condition", onsetDateTime="2026-01-01"),
            REPORT
            | {
                "effectiveDateTime": None,
                "effectivePeriod": {"start": "2026-05-01", "end": "9999-12-31"},
                "conclusion": "BI-RADS 0",
            },
        ],
    ),
]


@pytest.mark.parametrize(
    "resources", [row[1] for row in SENTINELS], ids=[row[0] for row in SENTINELS]
)
def test_a_sentinel_date_does_not_break_the_answer(whole, resources):
    assert whole(*resources).all_assessments


def test_an_empty_onset_range_does_not_break_the_answer(whole):
    assert whole(discharge("Condition", onsetRange=[])).all_assessments


# --- orders

ORDERS = [
    ("one examination", {"code": {"text": "Mammografie links"}}, [("mammography", "left")]),
    (
        "two examinations in one text",
        {"code": {"text": "Mammografie en echografie mamma links"}},
        [("mammography", "left"), ("ultrasound", "left")],
    ),
    (
        "two examinations, both sides",
        {"code": {"text": "Mammografie + echo mammae bdz"}},
        [("mammography", "both"), ("ultrasound", "both")],
    ),
    (
        "two examinations as two codings",
        {
            "code": {
                "coding": [
                    {"system": SNOMED, "code": "71651007"},
                    {"system": SNOMED, "code": "47079000"},
                ]
            }
        },
        [("mammography", "unknown"), ("ultrasound", "unknown")],
    ),
    (
        "a code that holds the side",
        {"code": coded(SNOMED, "736751004")},
        [("duct_surgery", "left")],
    ),
    ("words", {"code": {"text": "Ductoscopie rechts"}}, [("ductoscopy", "right")]),
    (
        "the side in a note",
        {"code": {"text": "Ductoscopie"}, "note": [{"text": "links"}]},
        [("ductoscopy", "left")],
    ),
    (
        "order detail",
        {"code": {"text": "Operatie"}, "orderDetail": [{"text": "microdochectomie"}]},
        [("duct_surgery", "unknown")],
    ),
    (
        "R5: a CodeableReference",
        {"code": {"concept": {"text": "Ductoscopie rechts"}}},
        [("ductoscopy", "right")],
    ),
    ("a general examination of another organ", {"code": {"text": "Echo bovenbuik"}}, []),
    (
        "a general examination of the breast",
        {"code": {"text": "Echo"}, "bodySite": [coded(SNOMED, "80248007")]},
        [("ultrasound", "left")],
    ),
    ("denied in words", {"code": {"text": "Geen ductoscopie"}}, []),
    ("no code", {}, []),
]


@pytest.mark.parametrize(
    "elements, expected", [row[1:] for row in ORDERS], ids=[row[0] for row in ORDERS]
)
@pytest.mark.parametrize("drafted", [False, True], ids=["on record", "draft"])
def test_what_an_order_is_for(read, elements, expected, drafted):
    order = {
        "resourceType": "ServiceRequest",
        "id": "s",
        "status": "draft" if drafted else "active",
        "intent": "order",
        **elements,
    }
    facts = read("breast_order", *([] if drafted else [order]), drafts=[order] if drafted else [])[
        0
    ].facts
    assert sorted((f.value, f.side.value) for f in facts) == sorted(expected)
    assert all(f.asserted is MET and f.draft == (0 if drafted else None) for f in facts)


# --- BI-RADS: from conclusionCode, result Observations, components, text

BIRADS_4A = {
    "resourceType": "Observation",
    "id": "b",
    "status": "final",
    "code": {"text": "BI-RADS"},
    "valueString": "4a",
    "effectiveDateTime": "2026-05-01",
}


def examinations(facts):
    return sorted(
        (f.value, f.side.value, "".join(m.value for m in f.attributes.get("birads", ())))
        for f in facts.facts
    )


FROM = [
    (
        "conclusionCode",
        [REPORT | {"conclusionCode": [coded(SNOMED, "397144001")]}],
        [("mammography", "left", "4")],
    ),
    (
        "the words of the conclusion",
        [REPORT | {"conclusion": "Conclusie: BI-RADS 4a."}],
        [("mammography", "left", "4a")],
    ),
    (
        "the text of conclusionCode",
        [REPORT | {"conclusionCode": [{"text": "BI-RADS 2"}]}],
        [("mammography", "left", "2")],
    ),
    (
        "a code beats the words",
        [REPORT | {"conclusionCode": [coded(SNOMED, "397144001")], "conclusion": "BI-RADS 2"}],
        [("mammography", "left", "4")],
    ),
    (
        "a listed result, relative",
        [REPORT | {"result": [{"reference": "Observation/b"}]}, BIRADS_4A],
        [("mammography", "left", "4a")],
    ),
    (
        "a listed result, absolute and versioned",
        [
            REPORT
            | {"result": [{"reference": "https://ehr.example.org/fhir/Observation/b/_history/2"}]},
            BIRADS_4A,
        ],
        [("mammography", "left", "4a")],
    ),
    (
        "a contained result",
        [REPORT | {"contained": [BIRADS_4A], "result": [{"reference": "#b"}]}],
        [("mammography", "left", "4a")],
    ),
    (
        "a result that is not in the record",
        [REPORT | {"result": [{"reference": "Observation/other"}]}],
        [("mammography", "left", "")],
    ),
    (
        "a contained result that is not there",
        [REPORT | {"result": [{"reference": "#b"}]}],
        [("mammography", "left", "")],
    ),
    (
        "a result entered in error",
        [
            REPORT | {"result": [{"reference": "Observation/b"}]},
            BIRADS_4A | {"status": "entered-in-error"},
        ],
        [("mammography", "left", "")],
    ),
    (
        "a component",
        [
            REPORT
            | {
                "resourceType": "Observation",
                "component": [{"code": {"text": "BI-RADS"}, "valueInteger": 3}],
            }
        ],
        [("mammography", "left", "3")],
    ),
    (
        "a component with a coded question",
        [
            REPORT
            | {
                "resourceType": "Observation",
                "component": [{"code": coded(OWN, "birads-category"), "valueInteger": 3}],
            }
        ],
        [("mammography", "left", "3")],
    ),
    (
        "a component with a coded answer",
        [
            REPORT
            | {
                "resourceType": "Observation",
                "component": [
                    {
                        "code": {"text": "Assessment"},
                        "valueCodeableConcept": coded(SNOMED, "397141009"),
                    }
                ],
            }
        ],
        [("mammography", "left", "2")],
    ),
    (
        "an Observation of its own",
        [BIRADS_4A | {"code": {"text": "BI-RADS mammografie"}}],
        [("mammography", "unknown", "4a")],
    ),
    (
        "an Observation derived from a study",
        [
            BIRADS_4A
            | {
                "derivedFrom": [{"reference": "ImagingStudy/i"}],
                "bodySite": coded(SNOMED, "80248007"),
            },
            {
                "resourceType": "ImagingStudy",
                "id": "i",
                "status": "available",
                "series": [{"modality": {"system": DICOM, "code": "MG"}}],
            },
        ],
        [("mammography", "left", "4a"), ("mammography", "unknown", "")],
    ),
    (
        "an Observation whose code is the category",
        [
            BIRADS_4A
            | {
                "code": coded(SNOMED, "397144001", "Mammography assessment (Category 4)"),
                "valueString": None,
            }
        ],
        [("mammography", "unknown", "4")],
    ),
    (
        "an Observation without any modality: of an examination that nobody names",
        [BIRADS_4A],
        [("examination", "unknown", "4a")],
    ),
    (
        "two sides in the text",
        [
            REPORT
            | {"code": {"text": "Mammografie"}, "conclusion": "BI-RADS 2 links, BI-RADS 4 rechts."}
        ],
        [("mammography", "left", "2"), ("mammography", "right", "4")],
    ),
    (
        "two modalities in two sentences",
        [
            REPORT
            | {
                "code": {"text": "Mammografie en echografie mammae links"},
                "conclusion": "Mammografie: BI-RADS 2. Echografie: BI-RADS 4.",
            }
        ],
        [("mammography", "left", "2"), ("ultrasound", "left", "4")],
    ),
    (
        "one category for both modalities",
        [
            REPORT
            | {
                "code": {"text": "Mammografie en echografie mammae links"},
                "conclusion": "BI-RADS 2",
            }
        ],
        [("mammography", "left", "2"), ("ultrasound", "left", "2")],
    ),
    (
        "an earlier result in the text",
        [REPORT | {"conclusion": "Vorig onderzoek BI-RADS 4. Nu BI-RADS 2."}],
        [("mammography", "left", "2")],
    ),
    (
        "no category",
        [REPORT | {"conclusion": "Geen bijzonderheden."}],
        [("mammography", "left", "")],
    ),
    (
        "the study of a report gives modality and side",
        [
            REPORT
            | {
                "code": {"text": "Radiologieverslag"},
                "conclusion": "BI-RADS 2",
                "imagingStudy": [{"reference": "ImagingStudy/i"}],
            },
            {
                "resourceType": "ImagingStudy",
                "id": "i",
                "status": "available",
                "started": "2026-05-01",
                "series": [
                    {
                        "modality": {"system": DICOM, "code": "MG"},
                        "laterality": {"system": SNOMED, "code": "24028007"},
                    }
                ],
            },
        ],
        [("mammography", "right", ""), ("mammography", "right", "2")],
    ),
    (
        "ultrasound of the breast",
        [
            {
                "resourceType": "ImagingStudy",
                "id": "i",
                "status": "available",
                "series": [
                    {
                        "modality": {"system": DICOM, "code": "US"},
                        "bodySite": {"system": SNOMED, "code": "80248007"},
                    }
                ],
            }
        ],
        [("ultrasound", "left", "")],
    ),
    (
        "ultrasound of another organ",
        [
            {
                "resourceType": "ImagingStudy",
                "id": "i",
                "status": "available",
                "series": [
                    {
                        "modality": {"system": DICOM, "code": "US"},
                        "bodySite": {"system": SNOMED, "code": "10200004", "display": "Liver"},
                    }
                ],
            }
        ],
        [],
    ),
    (
        "the modality of the study, where the series has none",
        [
            {
                "resourceType": "ImagingStudy",
                "id": "i",
                "status": "available",
                "modality": [{"system": DICOM, "code": "MG"}],
                "series": [{"uid": "1"}],
            }
        ],
        [("mammography", "unknown", "")],
    ),
]


@pytest.mark.parametrize(
    "resources, expected", [row[1:] for row in FROM], ids=[row[0] for row in FROM]
)
def test_where_a_category_stands(read, resources, expected):
    assert examinations(read("breast_imaging", *resources)[0]) == expected


def test_a_category_read_from_words_is_marked_so(read):
    (fact,) = read(
        "breast_imaging",
        REPORT | {"code": coded(SNOMED, "71651007"), "conclusion": "BI-RADS 2 links"},
    )[0].facts
    assert fact.from_text
    (fact,) = read(
        "breast_imaging",
        REPORT
        | {"code": coded(SNOMED, "71651007"), "conclusionCode": [coded(SNOMED, "397141009")]},
    )[0].facts
    assert not fact.from_text


@pytest.mark.parametrize(
    "conclusion, mammography, ultrasound",
    [
        ("Mammografie BI-RADS 2 links, echografie BI-RADS 4 links.", "2", "4"),
        ("Echografie BI-RADS 4 links, mammografie BI-RADS 2 links.", "2", "4"),
    ],
)
def test_two_modalities_in_one_sentence(read, conclusion, mammography, ultrasound):
    report = REPORT | {
        "code": {"text": "Mammografie en echografie mammae"},
        "conclusion": conclusion,
    }
    assert examinations(read("breast_imaging", report)[0]) == [
        ("mammography", "left", mammography),
        ("ultrasound", "left", ultrasound),
    ]


def test_a_label_with_modality_and_side(read):
    assert examinations(
        read("breast_imaging", BIRADS_4A | {"code": {"text": "BI-RADS mammografie rechts"}})[0]
    ) == [("mammography", "right", "4a")]


def test_a_preliminary_result_of_a_final_report_is_unknown(read):
    (fact,) = read(
        "breast_imaging",
        REPORT | {"result": [{"reference": "Observation/b"}]},
        BIRADS_4A | {"status": "preliminary"},
    )[0].facts
    assert fact.asserted is UNKNOWN


# --- references of a Bundle's own making

REPORT_OF_BUNDLE = REPORT | {
    "subject": {"reference": "urn:uuid:0"},
    "result": [{"reference": "urn:uuid:2"}],
}
BUNDLE = {
    "resourceType": "Bundle",
    "type": "collection",
    "entry": [
        {"fullUrl": "urn:uuid:0", "resource": {"resourceType": "Patient", "id": "p"}},
        {"fullUrl": "urn:uuid:1", "resource": REPORT_OF_BUNDLE},
        {"fullUrl": "urn:uuid:2", "resource": BIRADS_4A | {"subject": {"reference": "urn:uuid:0"}}},
    ],
}


def test_a_result_named_by_the_full_url_of_its_bundle(library):
    """Two in three references of the real data were urn:uuid."""
    wanted = prefetch_templates(library, "patient-view")
    record = gather(
        HookRequest("patient-view", "1", "p", "Practitioner/1", {"everything": BUNDLE}),
        wanted,
        None,
    )
    reading = Reading(record, NOW, ZONE, library.value_sets, library.readers)
    facts = reading.facts(library.fact_definitions("patient-view")["breast_imaging"])
    assert examinations(facts) == [("mammography", "left", "4a")]


def test_resources_are_recognised_under_any_key(library):
    """Decision 11: by what they are."""
    wanted = prefetch_templates(library, "patient-view")
    record = gather(
        HookRequest("patient-view", "1", "p", "Practitioner/1", {"everything": BUNDLE}),
        wanted,
        None,
    )
    assert [r["id"] for r in record.of_type("DiagnosticReport")] == ["r"]
    assert [r["id"] for r in record.of_type("Observation")] == ["b"]


# --- nothing in a record, however odd, breaks the answer

ODD = [
    None,
    [],
    {},
    "",
    0,
    -1,
    1.5,
    True,
    "x",
    "0001-01-01",
    "9999-12-31",
    "2026-13-01",
    [None],
    [[]],
    [{}],
    [[{}]],
    {"coding": None},
    {"coding": [None]},
    {"reference": "#x"},
    {"reference": None},
    {"value": 1e308},
    {"low": {"value": 1}},
    "geen",
    "?",
    "9" * 400,
    {"extension": [{"url": None}]},
    {"start": "0001-01-01", "end": "9999-12-31"},
    {"start": "9999-12-31"},
    {"end": "0001-01-01"},
]
ADDED = (
    "onsetAge",
    "onsetPeriod",
    "onsetRange",
    "abatementAge",
    "effectivePeriod",
    "component",
    "note",
    "bodySite",
    "valueQuantity",
    "valueInteger",
    "valueCodeableConcept",
    "series",
    "contained",
    "result",
    "imagingStudy",
    "partOf",
    "presentedForm",
    "conclusionCode",
    "orderDetail",
)
WHOLE = [
    discharge("Condition", onsetDateTime="2026-01-15", bodySite=[coded(SNOMED, "80248007")]),
    discharge(valueBoolean=True, component=[{"code": {"text": "Kleur"}, "valueString": "bruin"}]),
    {
        "resourceType": "Condition",
        "id": "l",
        "code": coded(SNOMED, "89164003") | {"text": "Knobbel"},
        "bodySite": [coded(SNOMED, "80248007")],
    },
    REPORT
    | {
        "conclusion": "BI-RADS 4a links",
        "conclusionCode": [coded(SNOMED, "397144001")],
        "result": [{"reference": "Observation/b"}],
    },
    BIRADS_4A | {"derivedFrom": [{"reference": "ImagingStudy/i"}]},
    {
        "resourceType": "ImagingStudy",
        "id": "i",
        "status": "available",
        "started": "2026-05-01",
        "series": [
            {
                "modality": {"system": DICOM, "code": "MG"},
                "laterality": {"system": SNOMED, "code": "7771000"},
            }
        ],
    },
    {
        "resourceType": "Procedure",
        "id": "o",
        "status": "completed",
        "code": {"text": "Microdochectomie links"},
        "performedDateTime": "2020-01-01",
    },
    {
        "resourceType": "Procedure",
        "id": "n",
        "status": "completed",
        "code": {"text": "Mammabiopt links"},
        "performedDateTime": "2026-05-03",
    },
    {
        "resourceType": "DiagnosticReport",
        "id": "t",
        "status": "final",
        "code": {"text": "Pathologie mammabiopt links"},
        "effectiveDateTime": "2026-05-04",
        "conclusion": "Benigne.",
    },
    {
        "resourceType": "ServiceRequest",
        "id": "s",
        "status": "active",
        "intent": "order",
        "code": {"text": "Ductoscopie links"},
        "authoredOn": "2026-05-20",
    },
    {"resourceType": "Patient", "id": "p", "birthDate": "1974-01-15"},
]


def places(node, root=None):
    """(container, key, element of the resource that it lies in) of every element; the outer ones have key == element."""
    for key in (
        list(node) if isinstance(node, dict) else range(len(node)) if isinstance(node, list) else ()
    ):
        if key not in ("resourceType", "id", "subject"):
            yield node, key, root or key
            yield from places(node[key], root or key)


def test_the_whole_record_is_read(whole):
    found = {a.recommendation.key: a.verdict.value for a in whole(*WHOLE).all_assessments}
    assert found["ductoscopyContraindicated"] == "recommended-after-check", (
        "this breast was operated on; the duct is not recorded"
    )
    assert found["ductoscopyReferral"] == "contraindicated"


# What is known to break: (resource, element) -> why.
def with_odd_values(position):
    """Copies of the record in which one element of one resource is odd: each outer one in every way, each inner one in a few."""
    for number, (outer, _, element) in enumerate(list(places(WHOLE[position]))):
        for odd in (
            ODD
            if outer is WHOLE[position]
            else [ODD[(5 * number + 7 * n) % len(ODD)] for n in range(3)]
        ):
            record = copy.deepcopy(WHOLE)
            container, key, _ = list(places(record[position]))[number]
            container[key] = copy.deepcopy(odd)
            yield element, odd, record
    for number, name in enumerate(ADDED):
        for odd in [ODD[(number + 6 * n) % len(ODD)] for n in range(5)]:
            yield name, odd, [r | {name: odd} if n == position else r for n, r in enumerate(WHOLE)]


@pytest.mark.full
@pytest.mark.sampled(2)
@pytest.mark.parametrize(
    "position", range(len(WHOLE)), ids=lambda n: f"{WHOLE[n]['resourceType']}/{WHOLE[n]['id']}"
)
def test_no_odd_value_anywhere_breaks_the_answer(whole, position):
    for element, odd, record in with_odd_values(position):
        assert whole(*record).all_assessments, (element, odd)


# --- a text longer than what is read of one: what stands behind is unknown, and told; it hides no other text

LONG = "De patiente voelt zich goed en heeft verder geen vragen. " * 400
assert len(LONG) > MAX_LENGTH
READ_IN_PART = "read-in-part"


def in_part(reading):
    return {
        problem.reference for problem in reading.problems.values() if problem.kind == READ_IN_PART
    }


def long_report(name, said="", **elements):
    return {
        "resourceType": "DiagnosticReport",
        "id": "r",
        "status": "final",
        "code": {"text": name},
        "effectiveDateTime": "2026-06-01",
        "conclusion": said + LONG,
    } | elements


@pytest.mark.parametrize("fact", ["breast_imaging", "lesion", "tissue_diagnosis"])
@pytest.mark.parametrize(
    "report",
    [
        long_report("Echo mamma links"),
        long_report("Pathologie"),
        long_report("MDO verslag"),
        long_report("Verslag oncologie"),
        long_report("PET/CT"),
        long_report("Verslag", category=[{"text": "Radiologie"}]),
    ],
    ids=lambda r: r["code"]["text"],
)
def test_a_long_report_of_ours_is_read_in_part(read, fact, report):
    found, reading = read(fact, report)
    assert "DiagnosticReport" in found.unread and in_part(reading) == {"DiagnosticReport/r"}


def test_what_was_read_in_it_still_counts(read):
    found, reading = read("breast_imaging", long_report("Echo mamma links", "BI-RADS 5 links. "))
    assert [fact.attributes["birads"][0].value for fact in found.facts] == ["5"] and in_part(
        reading
    )


def test_a_long_letter_that_speaks_of_ours_is_read_in_part(read):
    assert "DiagnosticReport" in read("lesion", long_report("Brief", "Levermetastasen. "))[0].unread
    assert (
        read("breast_imaging", long_report("Brief", "Levermetastasen. "))[0].unread == frozenset()
    ), "of what it does not speak it leaves unread nothing"


@pytest.mark.parametrize(
    "resource",
    [
        long_report("Brief dermatologie"),
        long_report("Echo mamma links", status="entered-in-error"),
        long_report("Echo mamma links", conclusion="BI-RADS 2 links." + " " * 100),
        {
            "resourceType": "Condition",
            "id": "c",
            "code": {"text": "Mammacarcinoom links"},
            "note": [{"text": LONG}],
        },  # nobody looks for a lesion there
    ],
    ids=["of something else", "entered in error", "short", "a note that is not read"],
)
def test_what_is_long_and_not_ours_leaves_nothing_unread(read, resource):
    found, reading = read("lesion", resource)
    assert found.unread == frozenset() and in_part(reading) == set()


@pytest.mark.parametrize("length", [19_000, 21_000])
def test_a_long_note_hides_no_text_beside_it(read, whole, length):
    """The words of the code are found, however long the note beside them is."""
    note = (LONG * 2)[:length]
    condition = {
        "resourceType": "Condition",
        "id": "c",
        "code": {"text": "Tepelvloed links"},
        "note": [{"text": note}],
        "onsetDateTime": "2026-01-01",
    }
    assert len(read("nipple_discharge", condition)[0].facts) == 1
    assert [
        a
        for a in whole(
            condition, {"resourceType": "Patient", "id": "p", "gender": "female"}
        ).all_assessments
        if a.recommendation.key == "breastImagingFirst" and a.evaluations
    ]


def test_a_long_text_file_is_read_in_part(read):
    data = base64.b64encode(LONG.encode()).decode()
    report = long_report(
        "Echo mamma links",
        conclusion="Zie bijlage",
        presentedForm=[{"contentType": "text/plain", "data": data}],
    )
    assert in_part(read("breast_imaging", report)[1]) == {"DiagnosticReport/r"}


def test_the_decision_tells_it_and_does_not_advise(whole):
    decision = whole(discharge(valueString="Tepelvloed links"), long_report("Echo mamma links"))
    assert [p.reference for p in decision.all_problems if p.kind == READ_IN_PART] == [
        "DiagnosticReport/r"
    ]


@pytest.mark.parametrize(
    "letters",
    [
        "abcdefghij0123456789",
        "tepel",
        "4",
        "-",
        "vloed-",
        "geen ",
        "metastase, lever, ",
        "&amp;",
        "\n",
        "kwab",
    ],
)
def test_an_endless_text_takes_no_endless_time(read, letters):
    """Linear: four times the text takes at most some eight times as long, where a quadratic reader takes sixteen."""

    def seconds(length):
        text = (letters * length)[:length]
        began = time.process_time()
        for fact in ("lesion", "breast_imaging", "nipple_discharge"):
            read(fact, long_report("MRI mamma", conclusion="Tepelvloed, metastase " + text))
        return time.process_time() - began

    seconds(1_000)
    few, many = min(seconds(4_000) for _ in range(3)), min(seconds(16_000) for _ in range(2))
    assert many < max(9 * few, 0.2), f"{few:.3f} s, then {many:.3f} s"
