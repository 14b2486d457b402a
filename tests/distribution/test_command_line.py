"""The command line as a person uses it: inputs of every form, exit codes, errors without traceback."""

import json
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

from cds_service.casebook.render import hook_request, render
from cds_service.cli.group import main
from tests.cases import all_cases

EXAMPLES = Path(__file__).resolve().parents[2] / "fhir_examples"
HEADLINE = EXAMPLES / "bloody-discharge-for-five-months.json"
TODAY = ["--today", "2026-06-15"]


def run(*arguments, stdin=None, env=None):
    return CliRunner().invoke(main, [str(a) for a in arguments], input=stdin, env=env)


def keys(output: str) -> list[list[str]]:
    return [
        [card["source"]["topic"]["code"] for card in json.loads(line)["cards"]]
        for line in output.splitlines()
    ]


def resources():
    return [entry["resource"] for entry in json.loads(HEADLINE.read_text())["entry"]]


@pytest.mark.parametrize(
    "name, content",
    [
        ("bundle.json", lambda: HEADLINE.read_text()),
        ("list.json", lambda: json.dumps(resources())),
        (
            "batch.json",
            lambda: json.dumps(
                {
                    "resourceType": "Bundle",
                    "type": "batch-response",
                    "entry": [{"resource": json.loads(HEADLINE.read_text())}],
                }
            ),
        ),
        ("export.ndjson", lambda: "\n".join(json.dumps(r) for r in resources())),
    ],
)
def test_evaluate_takes_a_bundle_a_list_and_ndjson(tmp_path, name, content):
    (tmp_path / name).write_text(content())
    result = run("evaluate", tmp_path / name, "--json", *TODAY)
    assert result.exit_code == 0, result.output
    assert keys(result.output) == [["ductoscopyReferral"]]


def test_evaluate_takes_a_hook_request_on_standard_input(templates):
    case = next(c for c in all_cases() if c.expect.get("order-sign") == ["ductoscopyBeforeSurgery"])
    record = render(case, date(2026, 6, 15))
    body = json.dumps(
        hook_request(case, record, "order-sign", prefetch_keys=templates["order-sign"])
    )
    result = run("evaluate", "-", "--json", "--today", record.today.isoformat(), stdin=body)
    assert keys(result.output) == [["ductoscopyBeforeSurgery"]]


def test_patients_of_an_export_are_told_apart(tmp_path):
    lines = [
        json.dumps(e["resource"])
        for p in sorted(EXAMPLES.glob("*.json"))
        for e in json.loads(p.read_text())["entry"]
    ]
    (tmp_path / "all.ndjson").write_text("\n".join(lines))
    result = run("evaluate", tmp_path / "all.ndjson", "--json", *TODAY)
    told = {
        json.loads(line)["patient"]: [
            c["source"]["topic"]["code"] for c in json.loads(line)["cards"]
        ]
        for line in result.output.splitlines()
    }
    expected = {
        c.id: c.expect["patient-view"]
        for c in all_cases()
        if c.example and "patient-view" in c.expect
    }
    assert {patient: sorted(told[patient]) for patient in expected} == {
        patient: sorted(found) for patient, found in expected.items()
    }


def test_references_of_the_bundles_own_making_are_followed(tmp_path):
    text = HEADLINE.read_text().replace(
        "Patient/bloody-discharge-for-five-months", "urn:uuid:0b5a1d24-0000-4000-8000-000000000001"
    )
    bundle = json.loads(text)
    for entry in bundle["entry"]:
        if entry["resource"]["resourceType"] == "Patient":
            entry["fullUrl"] = "urn:uuid:0b5a1d24-0000-4000-8000-000000000001"
    (tmp_path / "urn.json").write_text(json.dumps(bundle))
    assert keys(run("evaluate", tmp_path / "urn.json", "--json", *TODAY).output) == [
        ["ductoscopyReferral"]
    ]


@pytest.mark.parametrize("status", ["draft", "DRAFT"])
def test_draft_orders_of_a_record_are_what_is_ordered(tmp_path, status):
    order = {
        "resourceType": "ServiceRequest",
        "id": "o",
        "status": status,
        "intent": "order",
        "code": {"text": "Ductoscopie links"},
        "subject": {"reference": "Patient/bloody-discharge-for-five-months"},
    }
    without = [r for r in resources() if r["resourceType"] != "DiagnosticReport"]
    (tmp_path / "draft.json").write_text(json.dumps([*without, order]))
    result = run("evaluate", tmp_path / "draft.json", "--hook", "order-sign", "--json", *TODAY)
    assert keys(result.output) == [["breastImagingFirst"]]


def test_explain_shows_silent_recommendations_too():
    result = run("explain", HEADLINE, *TODAY, "--language", "en")
    for key in (
        "breastImagingFirst",
        "dischargeWatchfulWaiting",
        "ductoscopyReferral",
        "ductoscopyContraindicated",
    ):
        assert key in result.output
    assert (
        "recommended-after-check" in result.output and "✓" in result.output and "?" in result.output
    )


@pytest.mark.parametrize(
    "arguments, stdin, env, code, words",
    [
        (["evaluate"], None, {}, 2, "Missing argument"),
        (["evaluate", "nowhere.json"], None, {}, 2, "does not exist"),
        (["evaluate", "-"], "not json", {}, 1, "line 1"),
        (["evaluate", "-"], "[]", {}, 1, "no patient found"),
        (["evaluate", "-"], '{"hook": "patient-view"}', {}, 1, "hookInstance"),
        (["evaluate", "-"], '{"hook": "appointment-book"}', {}, 1, "hook"),
        (["settings"], None, {"CDS_LANGUAGE": "fr"}, 3, "CDS_LANGUAGE"),
        (["settings"], None, {"CDS_TIMEZONE": "Mars/Base"}, 3, "CDS_TIMEZONE"),
        (["settings"], None, {"CDS_FHIR_DEADLINE_MS": "soon"}, 3, "CDS_FHIR_DEADLINE_MS"),
        (["settings"], None, {"CDS_AUTH": "jwt"}, 3, "CDS_AUTH"),
        (["settings"], None, {"CDS_PUBLIC_URL": "ftp://x"}, 3, "CDS_PUBLIC_URL"),
        (["settings"], None, {"CDS_FHIR_SERVERS": "fhir.example.org"}, 3, "CDS_FHIR_SERVERS"),
        (["settings"], None, {"CDS_FEEDBACK_KEEPS": "everything"}, 3, "CDS_FEEDBACK_KEEPS"),
        (["settings"], None, {"CDS_CLIENTS_FILE": "nowhere.yaml"}, 3, "CDS_CLIENTS_FILE"),
        (["serve"], None, {}, 3, "CDS_CLIENTS_FILE"),
        (
            ["serve", "--bind", "0.0.0.0:8000"],
            None,
            {"CDS_AUTH": "off"},
            3,
            "CDS_ALLOW_INSECURE_BIND",
        ),
        (["nonsense"], None, {}, 2, "No such command"),
    ],
)
def test_errors_say_what_to_do(arguments, stdin, env, code, words):
    result = run(*arguments, stdin=stdin, env=env)
    assert result.exit_code == code, result.output
    assert words in result.output and "Traceback" not in result.output


def test_settings_are_printed_with_their_values():
    result = run("settings", env={"CDS_LANGUAGE": "en"})
    assert (
        "CDS_LANGUAGE=en" in result.output
        and "CDS_TIMEZONE=Europe/Amsterdam  (default)" in result.output
    )
