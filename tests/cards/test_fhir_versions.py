"""One patient in several versions of FHIR: R4 and R5 give the same cards and the same trace, STU3 is refused and never silent."""

import copy
from collections import Counter
from dataclasses import replace
from datetime import datetime, time

import pytest

from cds_service.casebook.render import hook_request, render
from cds_service.cds_hooks.request import parse
from cds_service.decision.decide import decide
from cds_service.rendering.cards import render_cards
from cds_service.rendering.trace import explain
from tests.cards.fhir_versions import as_r5, as_stu3
from tests.conftest import SETTINGS
from tests.contract.helpers import (
    CASES,
    DAY,
    PAIRS,
    REFERRAL,
    codes,
    outcome_of,
    post,
    request_for,
    without_uuids,
)

NOTES = {"notAssessed", "informationNeeded"}


def answered(library, templates, case, record, hook):
    """(cards, trace) for a record on a hook, as the service gives them."""
    request = parse(hook_request(case, record, hook, prefetch_keys=templates[hook]), hook)
    decision = decide(
        request,
        library,
        templates[hook],
        datetime.combine(record.today, time(12), SETTINGS.timezone),
        None,
    )
    return without_uuids(render_cards(decision, library, SETTINGS, "nl")), explain(
        decision, library, "nl"
    )


def written(record, form):
    return replace(
        record,
        resources=[form(r) for r in record.resources],
        draft_orders=[form(r) for r in record.draft_orders],
    )


@pytest.mark.parametrize(
    "case",
    [c for n, c in enumerate(CASES.values()) if c.example or n % 2 == 0],
    ids=lambda case: case.id,
)
def test_r5_gives_the_same_cards_and_the_same_tree(library, templates, case):
    """All examples on all their hooks, and every other case on its first."""
    record = render(case, DAY)
    for hook in case.expect if case.example else list(case.expect)[:1]:
        cards, trace = answered(library, templates, case, record, hook)
        cards_r5, trace_r5 = answered(library, templates, case, written(record, as_r5), hook)
        assert cards_r5 == cards
        assert trace_r5["recommendations"] == trace["recommendations"]
        assert trace_r5["inputs"] == trace["inputs"]


def test_the_cases_hold_every_shape_that_differs():
    """Otherwise the test above says nothing of it."""
    differing = Counter()
    for case in CASES.values():
        record = render(case, DAY)
        differing.update(
            {r["resourceType"] for r in [*record.resources, *record.draft_orders] if as_r5(r) != r}
        )
    assert {
        "ImagingStudy",
        "Procedure",
        "ServiceRequest",
        "MedicationRequest",
    } <= differing.keys(), differing


# --- STU3


@pytest.mark.parametrize(
    "case, hook",
    [(case, hook) for case, hook in PAIRS if case.example and hook == "patient-view"],
    ids=lambda v: getattr(v, "id", v),
)
def test_stu3_gives_no_advice_and_is_not_silent(library, templates, case, hook):
    """Whatever R4 would have advised, or not: nobody read it, and the answer names what was not read."""
    record = render(case, DAY)
    cards, _ = answered(library, templates, case, record, hook)
    cards_stu3, trace = answered(library, templates, case, written(record, as_stu3), hook)
    assert {card["source"]["topic"]["code"] for card in cards_stu3} <= NOTES
    named = {p["reference"] for p in trace["problems"] if p["kind"] == "version"}
    if cards:
        assert [card["source"]["topic"]["code"] for card in cards_stu3].count("notAssessed") >= 1
        assert named and all(
            p["text"] == "FHIR STU3 or older is not read"
            for p in trace["problems"]
            if p["kind"] == "version"
        )
        assert any("FHIR STU3" in card["detail"] for card in cards_stu3)


def one_in_stu3(case_id, wanted, templates, clock, hook="patient-view"):
    """The request of a case in which the resources of one type are written as STU3."""
    body = copy.deepcopy(request_for(case_id, hook, templates, clock))
    for found in body["prefetch"].values():
        for entry in (found or {}).get("entry", []):
            if entry["resource"]["resourceType"] == wanted:
                entry["resource"] = as_stu3(entry["resource"])
    return body


@pytest.mark.parametrize(
    "kind", ["Condition", "DiagnosticReport", "ImagingStudy", "Procedure", "Observation"]
)
def test_what_stu3_could_have_said_is_not_taken_as_not_there(client, templates, clock, kind):
    """A mammogram in STU3 must not become "make a mammogram first"."""
    body = one_in_stu3(REFERRAL, kind, templates, clock)
    written = [
        e["resource"]
        for found in body["prefetch"].values()
        for e in (found or {}).get("entry", [])
        if e["resource"]["resourceType"] == kind
    ]
    before = codes(
        post(client, "patient-view", request_for(REFERRAL, "patient-view", templates, clock))
    )
    answer = post(client, "patient-view", body)
    assert answer.status_code == 200
    assert "breastImagingFirst" not in codes(answer)
    if not written:
        assert codes(answer) == before
    elif kind in ("Condition", "DiagnosticReport", "ImagingStudy"):
        assert "notAssessed" in codes(answer)


def test_an_order_on_record_in_stu3_is_not_taken_as_not_ordered(client, templates, clock):
    body = request_for(REFERRAL, "patient-view", templates, clock)
    order = {
        "resourceType": "ProcedureRequest",
        "id": "pr",
        "status": "active",
        "intent": "order",
        "code": {"text": "Ductoscopie links"},
        "subject": {"reference": f"Patient/{REFERRAL}"},
    }
    body["prefetch"]["theirOrders"] = {
        "resourceType": "Bundle",
        "type": "searchset",
        "entry": [{"resource": order}],
    }
    answer = post(client, "patient-view", body)
    assert codes(answer) == ["notAssessed"]
    assert "ProcedureRequest\\/pr" in answer.get_json()["cards"][0]["detail"]


def test_stu3_about_something_else_changes_nothing(client, templates, clock):
    body = request_for(REFERRAL, "patient-view", templates, clock)
    before = codes(post(client, "patient-view", body))
    other = {
        "resourceType": "Condition",
        "id": "h",
        "clinicalStatus": "active",
        "verificationStatus": "confirmed",
        "code": {"text": "Hypertensie"},
        "subject": {"reference": f"Patient/{REFERRAL}"},
    }
    body["prefetch"]["theirs"] = {
        "resourceType": "Bundle",
        "type": "searchset",
        "entry": [{"resource": other}],
    }
    assert codes(post(client, "patient-view", body)) == before == ["ductoscopyReferral"]


@pytest.mark.parametrize("path", ["/cds-services/", "/explain/"])
def test_an_order_under_review_in_stu3_is_refused(client, templates, clock, path):
    body = request_for("ductoscopy-ordered-with-bi-rads-5", "order-sign", templates, clock)
    for entry in body["context"]["draftOrders"]["entry"]:
        entry["resource"] = as_stu3(entry["resource"])
    answer = post(client, "order-sign", body, path)
    assert answer.status_code == 400
    (issue,) = outcome_of(answer)["issue"]
    assert (
        issue["code"] == "not-supported" and "STU3" in str(issue) and "ServiceRequest" in str(issue)
    )
