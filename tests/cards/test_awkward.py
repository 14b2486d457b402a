"""The hand-written awkward patients of fhir_examples/awkward, through the real application."""

import json
import uuid
from datetime import date
from pathlib import Path

import pytest

from tests.conftest import keys

FOLDER = Path(__file__).resolve().parents[2] / "fhir_examples" / "awkward"


def ask(client, clock, name, path="/cds-services/"):
    clock.day = date(2026, 6, 15)
    resources = [
        entry["resource"] for entry in json.loads((FOLDER / f"{name}.json").read_text())["entry"]
    ]
    # Everything under keys of the client's own, as bare lists, whatever was asked.
    prefetch = {"theirOwnName": resources}
    for key, kind in {
        "procedures": "Procedure",
        "serviceRequests": "ServiceRequest",
        "imagingStudies": "ImagingStudy",
        "observations": "Observation",
        "diagnosticReports": "DiagnosticReport",
        "observationsByCode": "Observation",
        "conditions": "Condition",
    }.items():
        prefetch[key] = {
            "resourceType": "Bundle",
            "type": "searchset",
            "entry": [{"resource": r} for r in resources if r["resourceType"] == kind],
        }
    body = {
        "hook": "patient-view",
        "hookInstance": str(uuid.uuid4()),
        "context": {"userId": "Practitioner/1", "patientId": name},
        "prefetch": prefetch,
    }
    return client.post(f"{path}breast-patient-view", json=body, headers={"Accept-Language": "en"})


def test_words_only(client, clock):
    answer = ask(client, clock, "words-only")
    assert keys(answer) == ["ductoscopyReferral"]
    detail = answer.get_json()["cards"][0]["detail"]
    assert (
        "BI-RADS 2, left" in detail and "BI-RADS 1, left" in detail and "read from text" in detail
    )
    criteria = {
        c["id"]: c["truth"]
        for c in answer.get_json()["cards"][0]["extension"]["org.mammacards.evaluation"]["criteria"]
    }
    assert (
        criteria["discharge_is_spontaneous"] == criteria["discharge_is_from_a_single_duct"] == "met"
    )


def test_age_and_series(client, clock):
    card = ask(client, clock, "age-and-series").get_json()["cards"][0]
    assert card["source"]["topic"]["code"] == "breastImagingFirst"
    labels = [suggestion["label"] for suggestion in card["suggestions"]]
    assert "Order ultrasound of the right breast" in labels and not any(
        "mammography" in label for label in labels
    )


def test_date_that_is_none(client, clock):
    answer = ask(client, clock, "date-that-is-none")
    assert keys(answer) == ["notAssessed"]
    card = answer.get_json()["cards"][0]
    # No ground for a warning is on record, so the unreadable entry hides none.
    assert (
        card["indicator"] == "info"
        and "Condition\\/date-that-is-none-d" in card["detail"]
        and "10-01-2026" not in card["detail"]
    )
    told = ask(client, clock, "date-that-is-none", "/explain/").get_json()
    assert {
        "reference": "Condition/date-that-is-none-d",
        "kind": "unreadable",
        "text": "Condition.onsetDateTime",
    } in told["problems"]
    conditions = next(i for i in told["inputs"] if i["key"] == "conditions")
    assert conditions["unreadable"] == ["Condition/date-that-is-none-d"]


def test_dated_in_the_future(client, clock):
    assert keys(ask(client, clock, "dated-in-the-future")) == []
    problems = ask(client, clock, "dated-in-the-future", "/explain/").get_json()["problems"]
    assert [(p["reference"], p["kind"]) for p in problems] == [
        ("Condition/dated-in-the-future-d", "future")
    ]


def test_left_and_right(client, clock):
    card = ask(client, clock, "left-and-right").get_json()["cards"][0]
    assert card["source"]["topic"]["code"] == "breastImagingFirst"
    assert "side unknown" in card["summary"] and "conflicting side" in card["detail"]


def test_somebody_elses(client, clock):
    answer = ask(client, clock, "somebody-elses")
    assert answer.status_code == 400 and answer.get_json()["issue"][0]["code"] == "conflict"


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.json")), ids=lambda path: path.stem)
def test_every_file_has_a_test(path):
    assert f"test_{path.stem.replace('-', '_')}" in globals()
