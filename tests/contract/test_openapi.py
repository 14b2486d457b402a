"""GET /openapi.json tells the truth: it names what is there, it is a valid document, and requests and answers are as it says."""

import re

import pytest
from jsonschema import Draft202012Validator

from cds_service import __version__
from tests.conftest import SERVICE, SETTINGS
from tests.contract.helpers import SAMPLE, empties, post, request_for
from tests.contract.openapi import DOCUMENT, faults_of_answer, schema

FEEDBACK = {"card": "x", "outcome": "overridden", "outcomeTimestamp": "2026-06-15T10:00:00Z"}


def test_it_is_public_and_filled_in(client):
    answer = client.get("/openapi.json")
    assert (
        answer.status_code == 200
        and answer.mimetype == "application/json"
        and answer.get_json() == DOCUMENT
    )
    assert DOCUMENT["info"]["version"] == __version__ and DOCUMENT["servers"] == [
        {"url": SETTINGS.public_url}
    ]
    assert DOCUMENT["components"]["parameters"]["Service"]["schema"]["enum"] == list(
        SERVICE.values()
    )
    assert empties(DOCUMENT) == ["security[0].token"]


def test_it_names_every_endpoint_and_no_other(app):
    """Pages for people are left out, and so is the document itself."""
    found = set()
    for rule in app.url_map.iter_rules():
        if rule.endpoint.startswith(("start.", "pages.", "guidelines.", "openapi.")):
            continue
        path = rule.rule.replace("<service_id>", "{service}")
        paths = (
            [path.replace("{service}", service) for service in SERVICE.values()]
            if path == "/cds-services/{service}"
            else [path]
        )
        found |= {(one, method) for one in paths for method in rule.methods - {"HEAD", "OPTIONS"}}
    assert found == {
        (path, method.upper())
        for path, operations in DOCUMENT["paths"].items()
        for method in operations
    }


@pytest.mark.parametrize("name", DOCUMENT["components"]["schemas"])
def test_its_schemas_are_json_schema(name):
    Draft202012Validator.check_schema(DOCUMENT["components"]["schemas"][name])


def test_every_schema_and_answer_is_used():
    used = set(re.findall(r"#/components/(?:schemas|responses|parameters)/(\w+)", str(DOCUMENT)))
    held = {
        name
        for part in ("schemas", "responses", "parameters")
        for name in DOCUMENT["components"][part]
    }
    assert used == held


@pytest.mark.sampled(3)
@pytest.mark.parametrize("case, hook", SAMPLE[::4], ids=lambda v: getattr(v, "id", v))
def test_requests_and_answers_are_as_it_says(client, templates, clock, case, hook):
    """A good request fits its schema, and so do the answers of the service, of /explain and of feedback."""
    request = request_for(case.id, hook, templates, clock)
    assert schema(
        {"patient-view": "PatientView", "order-select": "OrderSelect", "order-sign": "OrderSign"}[
            hook
        ]
    ).is_valid(request)
    for start in ("/cds-services/", "/explain/"):
        answer = post(client, hook, request, start)
        assert (
            faults_of_answer("POST", start + SERVICE[hook], answer.status_code, answer.get_json())
            == []
        )
    for card in post(client, hook, request).get_json().get("cards", []):
        told = {"feedback": [FEEDBACK | {"card": card["uuid"]}]}
        assert schema("Feedback").is_valid(told)
        answer = client.post(f"/cds-services/{SERVICE[hook]}/feedback", json=told)
        assert (
            faults_of_answer(
                "POST",
                f"/cds-services/{SERVICE[hook]}/feedback",
                answer.status_code,
                answer.get_json(),
            )
            == []
        )


WRONG = [
    ("Cards", {}),
    ("Cards", {"cards": None}),
    ("Cards", {"cards": [{}]}),
    ("Cards", {"cards": [], "systemActions": []}),
    ("Discovery", {"services": []}),
    ("Discovery", {"services": [{"id": "x"}]}),
    ("Explanation", {"recommendations": []}),
    ("OperationOutcome", {"resourceType": "OperationOutcome", "issue": []}),
    ("OperationOutcome", {"issue": [{"severity": "error", "code": "invalid"}]}),
    ("PatientView", {"hook": "patient-view"}),
    (
        "OrderSign",
        {"hook": "order-sign", "hookInstance": "x", "context": {"userId": "u", "patientId": "p"}},
    ),
    ("Feedback", {"feedback": None}),
    ("Feedback", {"feedback": [FEEDBACK | {"outcome": "accepted"}]}),
]


@pytest.mark.parametrize("name, value", WRONG)
def test_control_the_schemas_refuse(name, value):
    assert not schema(name).is_valid(value)


@pytest.mark.parametrize(
    "change",
    [
        {"summary": "x" * 140},
        {"summary": " "},
        {"indicator": "hard-stop"},
        {"detail": None},
        {"links": []},
        {"x": 1},
        {"uuid": "x"},
        {"selectionBehavior": None},
        {"source": {"label": "x"}},
    ],
    ids=str,
)
def test_control_a_card_that_is_not_to_the_letter_is_seen(client, templates, clock, change):
    """The limits of the standard: summary under 140, the three indicators, nothing null or empty, no member that is not told."""
    cards = post(
        client,
        "patient-view",
        request_for("bloody-discharge-for-five-months", "patient-view", templates, clock),
    ).get_json()["cards"]
    assert schema("Cards").is_valid({"cards": cards})
    assert not schema("Cards").is_valid({"cards": [cards[0] | change]})
