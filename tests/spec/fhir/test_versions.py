"""Which version of FHIR a resource is written in, told by its shape; R5 shapes put into those of R4. Malformed ones break nothing."""

import pytest

from cds_service.fhir.record import Record
from cds_service.fhir.versions import _CHANGES, _MARKS, as_r4, is_plain, outdated

TEXT, LINK, MR = (
    {"text": "x"},
    {"reference": "Condition/c"},
    {"system": "http://dicom.nema.org/resources/ontology/DCM", "code": "MR"},
)
BOTH = {"concept": TEXT, "reference": LINK}

SHAPES = [
    # type, as R5 has it, as R4 has it
    ("ImagingStudy", {"modality": [{"coding": [MR]}]}, {"modality": [MR]}),
    (
        "ImagingStudy",
        {"modality": [{"coding": [MR], "text": "MRI"}]},
        {"modality": [{"coding": [MR], "text": "MRI"}]},
    ),  # a Coding would lose the text
    ("ImagingStudy", {"modality": [TEXT]}, {"modality": [{"display": "x"}]}),
    (
        "ImagingStudy",
        {
            "series": [
                {
                    "modality": {"coding": [MR]},
                    "bodySite": {"concept": {"coding": [MR]}},
                    "laterality": {"coding": [MR]},
                }
            ]
        },
        {"series": [{"modality": MR, "bodySite": MR, "laterality": MR}]},
    ),
    (
        "ImagingStudy",
        {"procedure": [{"concept": TEXT}, {"reference": LINK}]},
        {"procedureCode": [TEXT], "procedureReference": [LINK]},
    ),
    ("ImagingStudy", {"reason": [BOTH]}, {"reasonCode": [TEXT], "reasonReference": [LINK]}),
    ("ServiceRequest", {"code": {"concept": TEXT}}, {"code": TEXT}),
    (
        "ServiceRequest",
        {"code": {"reference": {"reference": "PlanDefinition/1", "display": "Mammografie"}}},
        {"code": {"text": "Mammografie"}},
    ),
    ("ServiceRequest", {"code": {"reference": {"reference": "PlanDefinition/1"}}}, {"code": {}}),
    (
        "ServiceRequest",
        {
            "orderDetail": [
                {
                    "parameter": [
                        {"code": TEXT, "valueCodeableConcept": TEXT},
                        {"code": TEXT, "valueString": "links"},
                    ]
                }
            ]
        },
        {"orderDetail": [TEXT, {"text": "links"}]},
    ),
    (
        "ServiceRequest",
        {"reason": [{"concept": TEXT}], "reasonCode": [{"text": "y"}]},
        {"reasonCode": [{"text": "y"}, TEXT]},
    ),
    ("Procedure", {"occurrenceDateTime": "2026-01-01"}, {"performedDateTime": "2026-01-01"}),
    (
        "Procedure",
        {"occurrencePeriod": {"start": "2026-01-01"}},
        {"performedPeriod": {"start": "2026-01-01"}},
    ),
    (
        "Procedure",
        {"occurrenceDateTime": "2026-01-02", "performedDateTime": "2026-01-01"},
        {"performedDateTime": "2026-01-01"},
    ),
    ("Procedure", {"used": [{"concept": TEXT}]}, {"usedCode": [TEXT]}),
    ("DiagnosticReport", {"study": [LINK]}, {"imagingStudy": [LINK]}),
    (
        "Condition",
        {"evidence": [{"concept": TEXT}, {"reference": LINK}]},
        {"evidence": [{"code": [TEXT]}, {"detail": [LINK]}]},
    ),
    (
        "MedicationRequest",
        {"medication": BOTH},
        {"medicationCodeableConcept": TEXT, "medicationReference": LINK},
    ),
    (
        "MedicationAdministration",
        {"occurenceDateTime": "2026-01-01"},
        {"effectiveDateTime": "2026-01-01"},
    ),
    (
        "MedicationStatement",
        {"status": "recorded", "adherence": {"code": {"coding": [{"code": "not-taking"}]}}},
        {"status": "not-taken"},
    ),
    (
        "MedicationStatement",
        {
            "status": "recorded",
            "adherence": {"code": {"coding": [{"code": "taking-not-as-directed"}]}},
        },
        {"status": "active"},
    ),
    (
        "MedicationStatement",
        {
            "status": "recorded",
            "adherence": {"code": {"coding": [{"code": "stopped-as-directed"}]}},
        },
        {"status": "stopped"},
    ),
    (
        "MedicationStatement",
        {"status": "recorded", "adherence": {"code": {"text": "?"}}},
        {"status": "unknown"},
    ),
    (
        "Medication",
        {"ingredient": [{"item": {"concept": TEXT}}, {"item": {"reference": LINK}}]},
        {"ingredient": [{"itemCodeableConcept": TEXT}, {"itemReference": LINK}]},
    ),
    (
        "MedicationRequest",
        {
            "contained": [
                {"resourceType": "Medication", "ingredient": [{"item": {"concept": TEXT}}]}
            ]
        },
        {
            "contained": [
                {"resourceType": "Medication", "ingredient": [{"itemCodeableConcept": TEXT}]}
            ]
        },
    ),
    ("Encounter", {"actualPeriod": {"start": "2026-01-01"}}, {"period": {"start": "2026-01-01"}}),
    (
        "Encounter",
        {"reason": [{"use": [TEXT], "value": [{"concept": TEXT}, {"reference": LINK}]}]},
        {"reasonCode": [TEXT], "reasonReference": [LINK]},
    ),
    ("Encounter", {"serviceType": [{"concept": TEXT}]}, {"serviceType": [TEXT]}),
    ("Appointment", {"reason": [{"concept": TEXT}]}, {"reasonCode": [TEXT]}),
]


@pytest.mark.parametrize(
    "kind, r5, r4",
    SHAPES,
    ids=[f"{kind}: {', '.join(r5)} {n}" for n, (kind, r5, _) in enumerate(SHAPES)],
)
def test_a_shape_of_r5(kind, r5, r4):
    sent = {"resourceType": kind, "id": "1", **r5}
    before = repr(sent)
    assert as_r4(sent) == {"resourceType": kind, "id": "1", **r4}
    assert repr(sent) == before, "what was sent stays as it was sent"
    assert not outdated(sent)


@pytest.mark.parametrize(
    "kind, r4",
    [(kind, r4) for kind, _, r4 in SHAPES if "coding" not in str(r4)],
    ids=lambda v: v if isinstance(v, str) else "",
)
def test_r4_is_not_touched(kind, r4):
    sent = {"resourceType": kind, "id": "1", **r4}
    assert as_r4(sent) is sent and not outdated(sent)


ODD = [
    None,
    [],
    {},
    "x",
    0,
    True,
    [None],
    ["x"],
    [[]],
    [{}],
    {"concept": None},
    {"concept": []},
    {"concept": "x"},
    [{"concept": 1}],
    {"reference": None},
    {"reference": 1},
    {"reference": {}},
    {"reference": {"display": 1}},
    [{"item": 1}],
    [{"parameter": None}],
    [{"parameter": [1]}],
    [{"value": 1}],
    {"code": {"coding": [1]}},
    {"code": 1},
    {"coding": None},
    {"coding": "x"},
    {"coding": [None, None]},
]
ELEMENTS = sorted(
    {(kind, element) for kind, r5, _ in SHAPES for element in r5}
    | {("Condition", "clinicalStatus"), ("Encounter", "reason"), ("Observation", "contained")}
)


@pytest.mark.parametrize("kind, element", ELEMENTS, ids=lambda v: v)
def test_a_malformed_element_breaks_nothing(kind, element):
    for odd in ODD:
        sent = {"resourceType": kind, "status": "recorded", element: odd}
        assert as_r4(sent)["resourceType"] == kind
        outdated(sent)


OLDER = [
    ("ProcedureRequest", {}, "ServiceRequest"),
    ("ReferralRequest", {}, "ServiceRequest"),
    ("MedicationOrder", {}, "MedicationRequest"),
    ("Condition", {"clinicalStatus": "active"}, "Condition"),
    ("Condition", {"verificationStatus": "confirmed"}, "Condition"),
    ("Condition", {"assertedDate": "2026-01-01"}, "Condition"),
    ("Observation", {"context": {"reference": "Encounter/1"}}, "Observation"),
    ("Observation", {"related": [{"type": "derived-from", "target": LINK}]}, "Observation"),
    ("Procedure", {"status": "completed", "notDone": True}, "Procedure"),
    ("ImagingStudy", {"modalityList": [MR]}, "ImagingStudy"),
    ("ImagingStudy", {"patient": LINK}, "ImagingStudy"),
    ("DiagnosticReport", {"codedDiagnosis": [TEXT]}, "DiagnosticReport"),
    ("MedicationStatement", {"status": "active", "taken": "n"}, "MedicationStatement"),
    (
        "MedicationAdministration",
        {"status": "completed", "notGiven": True},
        "MedicationAdministration",
    ),
    ("Encounter", {"reason": [TEXT]}, "Encounter"),
    ("Appointment", {"reason": [{"coding": [MR]}]}, "Appointment"),
    # What R4 has as well, or R5, is no sign of STU3.
    ("MedicationStatement", {"context": {"reference": "Encounter/1"}}, ""),
    ("DocumentReference", {"context": {"period": {}}}, ""),
    ("AllergyIntolerance", {"patient": LINK}, ""),
    ("Encounter", {"reason": [{"value": [{"concept": TEXT}]}]}, ""),
    ("Condition", {"clinicalStatus": {"coding": [{"code": "active"}]}}, ""),
    ("Patient", {}, ""),
    ("Questionnaire", {"context": 1}, ""),
]


@pytest.mark.parametrize(
    "kind, elements, meant", OLDER, ids=[f"{kind} {', '.join(e)}" for kind, e, _ in OLDER]
)
def test_what_is_older_than_r4(kind, elements, meant):
    assert outdated({"resourceType": kind, **elements}) == meant


WRITTEN = [(kind, elements) for kind, r5, r4 in SHAPES for elements in (r5, r4)] + [
    (kind, elements) for kind, elements, _ in OLDER
]
WRITTEN += [(kind, {element: odd}) for kind, element in ELEMENTS for odd in ODD] + [
    ("Patient", {}),
    ("Observation", {"status": "final"}),
    ("Condition", {"code": TEXT}),
]


def test_what_one_look_passes_over_is_r4():
    """Over all shapes of these tables: what is called plain is neither older than R4 nor changed from R5."""
    resources = [{"resourceType": kind, "id": "1"} | elements for kind, elements in WRITTEN]
    passed = [resource for resource in resources if is_plain(resource)]
    assert len(passed) > 10 and len(passed) < len(resources) / 2
    assert [r for r in passed if outdated(r) or as_r4(r) is not r] == []


def test_a_record_holds_one_shape_and_finds_it_by_every_name():
    study = {"resourceType": "ImagingStudy", "id": "i", "modality": [{"coding": [MR]}]}
    old = {"resourceType": "ProcedureRequest", "id": "o"}
    plain = {"resourceType": "Observation", "id": "p"}
    record = Record(
        "p",
        {"ImagingStudy": [study], "ProcedureRequest": [old], "Observation": [plain]},
        {},
        full_urls={"urn:uuid:1": study, "urn:uuid:2": old, "urn:uuid:3": plain},
    )
    (found,) = record.of_type("ImagingStudy")
    assert found["modality"] == [MR]
    assert record.resolve("urn:uuid:1") is found and record.resolve("ImagingStudy/i") is found
    assert record.resolve("urn:uuid:3") is plain is record.of_type("Observation")[0]
    assert record.outdated == {"ServiceRequest": [old]} and record.resolve("urn:uuid:2") is None


def test_every_mark_of_r5_has_a_change_that_looks_at_it():
    """The table says when to look, the changes what to do: neither goes without the other."""
    assert _MARKS.keys() == _CHANGES.keys()
