"""What is stopped before anything is evaluated, with authentication on: another patient's data, data that cannot be judged, malformed bodies.

T14, T17, T22, T23, decision 14; the whole tables stand in tests/faults and tests/contract and run with authentication off.
"""

import copy
import json
import logging
import re

import pytest

from tests.conftest import SERVICE
from tests.contract.helpers import (
    CONTRAINDICATED,
    REFERRAL,
    check_outcome,
    codes,
    guideline_of,
    outcome_of,
    request_for,
)
from tests.faults.test_fhir_server import foreign
from tests.security.conftest import EC
from tests.security.tokens import JSON, Client, Service

VIEW, SELECT, SIGN = SERVICE
PATIENT = {VIEW: REFERRAL, SELECT: CONTRAINDICATED, SIGN: CONTRAINDICATED}
HOSPITAL = Client("hospital", kid="h-1", more={"fhir_servers": ["https://ehr.example.org/fhir"]})


@pytest.fixture(scope="module")
def service(tmp_path_factory, library):
    return Service(tmp_path_factory.mktemp("door"), library, [HOSPITAL])


@pytest.fixture
def lines(caplog):
    """The lines of the log so far."""
    caplog.set_level(logging.DEBUG)
    return lambda: [record.getMessage() for record in caplog.records if record.name == "mammacards"]


def request_of(hook: str, templates, service) -> dict:
    return request_for(PATIENT[hook], hook, templates, service.clock)


# ---------------------------------------------------------------------------------------------------- another patient


def token_of(patient: object):
    def change(request: dict) -> None:
        request |= {
            "fhirServer": "https://ehr.example.org/fhir",
            "fhirAuthorization": {"access_token": "x", "token_type": "Bearer", "patient": patient},
        }

    return change


def under(key: str, resource_type: str):
    return lambda request: request["prefetch"].update(
        {key: {"resourceType": "Bundle", "entry": [{"resource": foreign(resource_type)}]}}
    )


def as_draft(request: dict) -> None:
    request["context"].setdefault("draftOrders", {"resourceType": "Bundle", "entry": []})[
        "entry"
    ].append({"resource": foreign("ServiceRequest") | {"status": "draft"}})


FOREIGN = {
    "the token's patient": token_of("patient-of-another"),
    "the token's patient, as a reference": token_of("Patient/patient-of-another"),
    "the token's patient, shorter": token_of(REFERRAL[:-1]),
    "the token's patient, blank": token_of(""),
    "the token's patient, no text": token_of(["x"]),
    **{
        f"a {kind}": under(key, kind)
        for key, kind in (
            ("conditions", "Condition"),
            ("observations", "Observation"),
            ("procedures", "Procedure"),
            ("diagnosticReports", "DiagnosticReport"),
            ("serviceRequests", "ServiceRequest"),
            ("medicationRequests", "MedicationRequest"),
            ("appointments", "Appointment"),
            ("encounters", "Encounter"),
            ("mine", "Condition"),
        )
    },
    "the patient herself": lambda request: request["prefetch"].update(
        patient={"resourceType": "Patient", "id": "patient-of-another"}
    ),
}


@pytest.mark.parametrize("where", ["/cds-services/", "/explain/"])
@pytest.mark.parametrize("hook", SERVICE)
@pytest.mark.parametrize("change", FOREIGN.values(), ids=list(FOREIGN))
def test_another_patient_is_refused_and_told_to_the_log_without_a_name(
    service, templates, lines, hook, change, where
):
    """400 `conflict`, nothing evaluated, and one security event that says which client, hook and request; no patient in it."""
    request = request_of(hook, templates, service)
    change(request)
    answer = service.call(HOSPITAL, where + SERVICE[hook], request)
    assert answer.status_code == 400 and outcome_of(answer)["issue"][0]["code"] == "conflict"
    events = [line for line in lines() if "patient-mismatch" in line]
    assert events == [
        f"security patient-mismatch client=hospital hook={hook} instance={request['hookInstance']}"
    ]
    told = answer.get_data(as_text=True) + "\n".join(lines())
    assert not re.search(f"patient-of-another|foreign-1|Patient/|{PATIENT[hook]}", told)


@pytest.mark.parametrize("hook", [SELECT, SIGN])
def test_a_draft_of_another_patient(service, templates, lines, hook):
    request = request_of(hook, templates, service)
    as_draft(request)
    answer = service.call(HOSPITAL, f"/cds-services/{SERVICE[hook]}", request)
    assert answer.status_code == 400 and outcome_of(answer)["issue"][0]["code"] == "conflict"
    assert sum("patient-mismatch" in line for line in lines()) == 1


@pytest.mark.parametrize("patient", [None, REFERRAL, f"Patient/{REFERRAL}"])
def test_control_the_same_patient(service, templates, lines, patient):
    request = request_of(VIEW, templates, service)
    token_of(patient)(request)
    assert codes(service.call(HOSPITAL, f"/cds-services/{SERVICE[VIEW]}", request)) == [
        "ductoscopyReferral"
    ]
    assert not any("mismatch" in line for line in lines())


def test_a_forged_line_is_not_written(service, templates, lines):
    """A hookInstance with line ends and colours is one word in the log."""
    request = request_of(VIEW, templates, service) | {
        "hookInstance": "1\nsecurity patient-mismatch client=other\x1b[31m"
    }
    under("conditions", "Condition")(request)
    assert service.call(HOSPITAL, f"/cds-services/{SERVICE[VIEW]}", request).status_code == 400
    (event,) = [line for line in lines() if line.startswith("security")]
    assert re.fullmatch(
        r"security patient-mismatch client=hospital hook=patient-view instance=[A-Za-z0-9-]*", event
    )


# ---------------------------------------------------------------------------------------------------- data that cannot be judged


def told_on(answer) -> str:
    """The details of all cards."""
    return "\n".join(card["detail"] for card in answer.get_json()["cards"]).replace("\\", "")


def test_data_of_the_future_are_named(service, templates):
    """T17: in /explain and on the card; what is dated in the future is not used, also where it would change the advice."""
    request = request_of(VIEW, templates, service)
    later = copy.deepcopy(request["prefetch"]["diagnosticReports"]["entry"][0]["resource"]) | {
        "id": "of-next-year",
        "effectiveDateTime": "2027-01-01",
    }
    request["prefetch"]["diagnosticReports"]["entry"].append({"resource": later})
    answer = service.call(HOSPITAL, f"/cds-services/{SERVICE[VIEW]}", request)
    problems = service.call(HOSPITAL, f"/explain/{SERVICE[VIEW]}", request).get_json()["problems"]
    assert [(p["reference"], p["kind"]) for p in problems] == [
        ("DiagnosticReport/of-next-year", "future")
    ]
    assert codes(answer) == ["ductoscopyReferral"] and "DiagnosticReport/of-next-year" in told_on(
        answer
    )


def of_stu3(key: str, **elements: object):
    """Every resource under a key as STU3 writes it: `elements` are replaced, None takes one out."""

    def change(request: dict) -> None:
        for entry in request["prefetch"][key]["entry"]:
            for name, value in elements.items():
                entry["resource"].pop(name, None)
                if value is not None:
                    entry["resource"][name] = value

    return change


OF_STU3 = {
    "an order that was placed, as ProcedureRequest": (
        "ductoscopy-ordered",
        of_stu3("serviceRequests", resourceType="ProcedureRequest"),
    ),
    "a complaint with a text as clinicalStatus": (
        REFERRAL,
        of_stu3("conditions", clinicalStatus="active", verificationStatus="confirmed"),
    ),
    "a complaint that is over, as a text": (
        REFERRAL,
        of_stu3("conditions", clinicalStatus="resolved"),
    ),
    "a complaint that was refuted, as a text": (
        REFERRAL,
        of_stu3("conditions", verificationStatus="refuted"),
    ),
    "an operation that was not done": (
        "earlier-microdochectomy-of-this-breast",
        of_stu3("procedures", notDone=True),
    ),
    "a report with codedDiagnosis": (
        REFERRAL,
        of_stu3("diagnosticReports", codedDiagnosis=[{"text": "BI-RADS 5"}], conclusionCode=None),
    ),
}


@pytest.mark.parametrize("patient, change", OF_STU3.values(), ids=list(OF_STU3))
def test_data_of_another_version_are_named_and_never_silently_dropped(
    service, templates, patient, change
):
    """§5: named in /explain and on the card, and no advice rests on their absence ("not done, therefore recommend")."""
    request = request_for(patient, VIEW, templates, service.clock)
    usual = codes(service.call(HOSPITAL, f"/cds-services/{SERVICE[VIEW]}", request))
    change(request)
    answer = service.call(HOSPITAL, f"/cds-services/{SERVICE[VIEW]}", request)
    problems = service.call(HOSPITAL, f"/explain/{SERVICE[VIEW]}", request).get_json()["problems"]
    assert "version" in [p["kind"] for p in problems], problems
    assert set(codes(answer)) - {"notAssessed"} <= set(usual), (
        "no advice that the data of R4 do not give"
    )
    (note,) = [
        card
        for card in answer.get_json()["cards"]
        if card["source"]["topic"]["code"] == "notAssessed"
        and guideline_of(card)[0] == "nipple_discharge"
    ]
    named = [p["reference"] for p in problems if p["kind"] == "version"]
    assert any(reference in note["detail"].replace("\\", "") for reference in named), (
        named,
        note["detail"],
    )


@pytest.mark.parametrize(
    "patient, key, change",
    [
        (
            "ductoscopy-ordered",
            "serviceRequests",
            lambda resource: resource.update(code={"concept": resource["code"]}),
        ),
        (
            "earlier-microdochectomy-of-this-breast",
            "procedures",
            lambda resource: resource.update(
                occurrenceDateTime=resource.pop("performedDateTime", "2020-01-01")
            ),
        ),
    ],
)
def test_r5_shapes_are_read_as_what_they_say(service, templates, patient, key, change):
    """CodeableReference as code, occurrence for performed: the same cards."""
    request = request_for(patient, VIEW, templates, service.clock)
    usual = codes(service.call(HOSPITAL, f"/cds-services/{SERVICE[VIEW]}", request))
    for entry in request["prefetch"][key]["entry"]:
        change(entry["resource"])
    assert codes(service.call(HOSPITAL, f"/cds-services/{SERVICE[VIEW]}", request)) == usual


def test_a_draft_order_of_stu3_is_refused(service, templates):
    """An order that cannot be read is no order that needs no warning."""
    request = request_of(SIGN, templates, service)
    request["context"]["draftOrders"]["entry"][0]["resource"]["resourceType"] = "ProcedureRequest"
    answer = service.call(HOSPITAL, f"/cds-services/{SERVICE[SIGN]}", request)
    assert (
        answer.status_code == 400 and "draftOrders" in outcome_of(answer)["issue"][0]["diagnostics"]
    )


# ---------------------------------------------------------------------------------------------------- strict input, over the wire


def in_place(old: bytes, new: bytes):
    return lambda body: body.replace(old, new, 1)


HOOK = b'{"hook"'
BODIES = {
    "no JSON": (lambda body: b"hook=patient-view", 400),
    "empty": (lambda body: b"", 400),
    "an array": (lambda body: b"[" + body + b"]", 400),
    "null": (lambda body: b"null", 400),
    "a member twice": (in_place(HOOK, b'{"hook": "x", "hook"'), 400),
    "NaN": (in_place(HOOK, b'{"x": NaN, "hook"'), 400),
    "1e999": (in_place(HOOK, b'{"x": 1e999, "hook"'), 400),
    "5,000 digits": (in_place(HOOK, b'{"x": ' + b"9" * 5000 + b', "hook"'), 400),
    "65 deep": (in_place(HOOK, b'{"x": ' + b"[" * 65 + b"]" * 65 + b', "hook"'), 400),
    "100,000 deep": (lambda body: b"[" * 100_000, 400),
    "half a character": (in_place(HOOK, b'{"x": "\\ud800", "hook"'), 400),
    "UTF-16": (lambda body: body.decode().encode("utf-16"), 400),
    "a byte order mark": (lambda body: b"\xef\xbb\xbf" + body, 400),
    "cut off": (lambda body: body[:-9], 400),
}
TYPES = {
    "none": ({}, 415),
    "text": ({"Content-Type": "text/plain"}, 415),
    "UTF-16": ({"Content-Type": "application/json; charset=utf-16"}, 415),
    "gzip": (JSON | {"Content-Encoding": "gzip"}, 415),
}
WIRE = {
    **{name: (change, JSON, status) for name, (change, status) in BODIES.items()},
    **{f"type: {name}": (bytes, headers, status) for name, (headers, status) in TYPES.items()},
}


@pytest.mark.parametrize("change, headers, status", WIRE.values(), ids=list(WIRE))
@pytest.mark.parametrize(
    "path",
    [
        f"/cds-services/{SERVICE[VIEW]}",
        f"/explain/{SERVICE[VIEW]}",
        f"/cds-services/{SERVICE[VIEW]}/feedback",
    ],
)
def test_served_malformed(served, templates, clock, path, change, headers, status):
    """With a good token: refused with an OperationOutcome; without one: 401, whatever the body is, and always the same answer."""
    good = json.dumps(
        {"feedback": []}
        if path.endswith("feedback")
        else request_for(REFERRAL, VIEW, templates, clock)
    ).encode()
    good = good.replace(b'{"feedback"', b'{"hook": 1, "feedback"')
    body = change(good)
    answer = served.exchange(
        "POST",
        path,
        [*headers.items(), ("Authorization", f"Bearer {served.token(EC, path)}")],
        body,
    )
    assert answer.status == status, answer
    check_outcome(status, answer.header("Content-Type") or "", answer.body)
    stranger = served.exchange("POST", path, headers.items(), body)
    assert stranger.status == 401 and stranger.body == served.exchange("POST", "/x", []).body


def test_served_good(served, templates, clock):
    """Control: the same request, unchanged, is answered."""
    path = f"/cds-services/{SERVICE[VIEW]}"
    answer = served.exchange(
        "POST",
        path,
        [*JSON.items(), ("Authorization", f"Bearer {served.token(EC, path)}")],
        json.dumps(request_for(REFERRAL, VIEW, templates, clock)).encode(),
    )
    assert answer.status == 200 and "cards" in json.loads(answer.body)
