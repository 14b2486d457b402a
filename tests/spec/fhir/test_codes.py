"""Codes in other spellings: `code` elements with a required value set are read without regard to case, blanks and hyphens, and nothing else.

Sources: FHIR R4 value sets (codes are case-sensitive; no two codes of these sets differ in case only), decision 33.
"""

import pytest

from cds_service.fhir.codes import CODES, in_fhir_spelling, is_outside
from cds_service.fhir.record import Record
from cds_service.fhir.resource_types import CLINICAL, STANDING, VERIFICATION

SPELLED = [
    ("Observation", "FINAL", "final"),
    ("Observation", " Final ", "final"),
    ("Observation", "Entered-In-Error", "entered-in-error"),
    ("Observation", "ENTERED_IN_ERROR", "entered-in-error"),
    ("Observation", "ENTEREDINERROR", "entered-in-error"),
    ("DiagnosticReport", "Amended", "amended"),
    ("Procedure", "COMPLETED", "completed"),
    ("Procedure", "IN_PROGRESS", "in-progress"),
    ("Procedure", "Not done", "not-done"),
    ("ServiceRequest", "ACTIVE", "active"),
    ("ServiceRequest", "ON HOLD", "on-hold"),
    ("MedicationStatement", "NOTTAKEN", "not-taken"),
    ("ResearchSubject", "On-Study", "on-study"),
    ("Encounter", "Finished\n", "finished"),
    ("Appointment", "BOOKED", "booked"),
    ("ImagingStudy", "Available", "available"),
    # what is in no set of its type stays as it came
    ("Observation", "gereed", "gereed"),
    ("Observation", "ACTIVE", "ACTIVE"),
    ("Procedure", "done", "done"),
    ("Observation", "", ""),
    ("Banana", "FINAL", "FINAL"),
]


@pytest.mark.parametrize("kind, written, read", SPELLED)
def test_a_status_in_another_spelling(kind, written, read):
    assert in_fhir_spelling({"resourceType": kind, "id": "x", "status": written}) == {
        "resourceType": kind,
        "id": "x",
        "status": read,
    }


def test_what_is_spelled_well_or_no_text_is_left_alone():
    for resource in (
        {"resourceType": "Observation", "status": "final"},
        {"resourceType": "Observation", "status": 5},
        {"resourceType": "Observation"},
        {"resourceType": "Condition", "clinicalStatus": "active"},
        {"resourceType": "Condition", "clinicalStatus": {"coding": [5, {"code": 5}]}},
        {
            "resourceType": "Observation",
            "contained": [None, {"resourceType": "Observation", "status": "final"}],
        },
    ):
        assert in_fhir_spelling(resource) is resource


def test_orders_conditions_and_what_is_contained():
    order = in_fhir_spelling(
        {"resourceType": "ServiceRequest", "priority": "Stat", "intent": "ORDER", "status": "DRAFT"}
    )
    assert order == {
        "resourceType": "ServiceRequest",
        "priority": "stat",
        "intent": "order",
        "status": "draft",
    }
    problem = in_fhir_spelling(
        {
            "resourceType": "Condition",
            "clinicalStatus": {
                "coding": [{"system": "x", "code": "Active"}, {"code": "A"}],
                "text": "Ja",
            },
            "verificationStatus": {"coding": [{"code": "ENTERED_IN_ERROR", "display": "X"}]},
        }
    )
    assert problem["clinicalStatus"] == {
        "coding": [{"system": "x", "code": "active"}, {"code": "A"}],
        "text": "Ja",
    }
    assert problem["verificationStatus"] == {
        "coding": [{"code": "entered-in-error", "display": "X"}]
    }
    report = in_fhir_spelling(
        {
            "resourceType": "DiagnosticReport",
            "status": "final",
            "contained": [{"resourceType": "Observation", "status": "FINAL"}],
        }
    )
    assert report["contained"] == [{"resourceType": "Observation", "status": "final"}]


def test_no_two_codes_of_a_set_have_the_same_letters():
    for sets in CODES.values():
        for codes in sets.values():
            assert len({"".join(filter(str.isalpha, code)) for code in codes}) == len(codes)


def test_every_code_that_is_read_stands_in_a_set():
    for kind, statuses in STANDING.items():
        assert set(statuses) <= CODES[kind]["status"], kind
    assert {code for code in CLINICAL if not code.isdigit()} <= CODES["Condition"]["clinicalStatus"]
    assert {code for code in VERIFICATION if not code.isdigit()} <= CODES["Condition"][
        "verificationStatus"
    ]


def test_a_record_has_one_spelling_whatever_leads_to_a_resource():
    sent = {"resourceType": "Observation", "id": "o", "status": "FINAL"}
    draft = {"resourceType": "ServiceRequest", "id": "s", "status": "DRAFT"}
    record = Record(
        "p", {"Observation": [sent]}, {}, drafts=(draft,), full_urls={"urn:uuid:1": sent}
    )
    [read] = record.of_type("Observation")
    assert (
        read["status"] == "final"
        and record.resolve("Observation/o") is read
        and record.resolve("urn:uuid:1") is read
    )
    assert record.drafts[0]["status"] == "draft" and sent["status"] == "FINAL"


def test_what_is_outside():
    assert is_outside({"resourceType": "Observation", "status": "gereed"}, "status")
    assert not any(
        is_outside({"resourceType": "Observation", "status": status}, "status")
        for status in ("final", " final", "", None, 5)
    )
