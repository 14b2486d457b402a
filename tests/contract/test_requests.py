"""Malformed and odd requests (CDS Hooks 2.0.1 §Calling a CDS Service; acceptance checks 17-23, 40, 43, 44).

One table of what is refused and one of what is accepted; both run against the application and against gunicorn as it is
served. For all: never 5xx, never HTML, an OperationOutcome on what is not 2xx, and no value of the request in it.
"""

import copy
import gzip
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import zlib
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.conftest import SERVICE
from tests.contract.conformance import marks
from tests.contract.helpers import (
    CONTRAINDICATED,
    REFERRAL,
    check_outcome,
    codes,
    empties,
    outcome_of,
    post,
    request_for,
    walk,
    without_uuids,
)

CANARY = "canary-zq7x"  # stands for the patient: in every id, reference and text of a request
LIMIT = 1 << 20  # CDS_MAX_BODY_BYTES of the served process
VIEW, SELECT, SIGN = "patient-view", "order-select", "order-sign"
JSON = "application/json"
BASE = {VIEW: REFERRAL, SELECT: CONTRAINDICATED, SIGN: CONTRAINDICATED}
USUAL = {
    VIEW: ["ductoscopyReferral"],
    SELECT: ["ductoscopyContraindicated"],
    SIGN: ["ductoscopyContraindicated"],
}


def base_request(hook: str, templates: dict, clock, case: str = "") -> dict:
    """A valid request of a hook that gets a card (or of a case), with the canary wherever the patient's id stood."""
    case = case or BASE[hook]
    written = json.dumps(request_for(case, hook, templates, clock)).replace(case, CANARY)
    request = json.loads(written)
    request["prefetch"]["patient"]["name"] = [{"family": f"Family-{CANARY}"}]
    return request


# ---------------------------------------------------------------------------------------------------- what a row changes


def put(path: str, value: object) -> Callable[[dict], None]:
    """Set the member at a dotted path."""

    def change(body: dict) -> None:
        *parents, last = path.split(".")
        node = body
        for name in parents:
            node = node[int(name)] if isinstance(node, list) else node[name]
        node[int(last) if isinstance(node, list) else last] = value

    return change


def drop(path: str) -> Callable[[dict], None]:
    def change(body: dict) -> None:
        *parents, last = path.split(".")
        node = body
        for name in parents:
            node = node[int(name)] if isinstance(node, list) else node[name]
        del node[last]

    return change


def both(*changes: Callable[[dict], None]) -> Callable[[dict], None]:
    return lambda body: [change(body) for change in changes] and None


def text(replace: str, by: str) -> Callable[[dict], bytes]:
    """A change of the written JSON; what is replaced must stand there."""

    def change(body: dict) -> bytes:
        written = json.dumps(body)
        assert replace in written
        return written.replace(replace, by, 1).encode()

    return change


def encoded(how: Callable[[str], bytes]) -> Callable[[dict], bytes]:
    return lambda body: how(json.dumps(body, ensure_ascii=False))


def nested(depth: int, opening: str = "[", closing: str = "]") -> Callable[[dict], bytes]:
    """So many containers around nothing, as an unknown member beside the others; the body itself is one more."""
    return text('{"hook"', f'{{"x": {opening * (depth - 1)}{closing * (depth - 1)}, "hook"')


def deep_object(depth: int) -> Callable[[dict], bytes]:
    return text(
        '{"hook"', '{"x": ' + '{"a": ' * (depth - 2) + "{}" + "}" * (depth - 2) + ', "hook"'
    )


def order(**elements: object) -> Callable[[dict], None]:
    """Change the draft order."""
    return lambda body: body["context"]["draftOrders"]["entry"][0]["resource"].update(elements)


def beside(**resource: object) -> Callable[[dict], None]:
    """Another draft beside the order."""
    subject = {"subject": {"reference": f"Patient/{CANARY}"}}
    return lambda body: body["context"]["draftOrders"]["entry"].append(
        {"resource": {"resourceType": "ServiceRequest", **subject, **resource}}
    )


# ---------------------------------------------------------------------------------------------------- refused


@dataclass(frozen=True)
class Row:
    """One refused request."""

    id: str
    hook: str
    change: object  # a change of the body (None: none), or the bytes themselves
    status: int = 400
    headers: dict | None = None  # instead of Content-Type: application/json
    says: str = ""  # what the OperationOutcome names


def rows(clause: str, *entries: tuple) -> list:
    return [
        pytest.param(Row(*entry), id=f"{clause}: {entry[0]}", marks=marks(clause))
        for entry in entries
    ]


def each_of(hook: str, path: str, values: list) -> list[tuple]:
    """One row for every value at a path; the outcome names the path."""
    name = re.sub(r"\.\d+", "", path)
    return [
        (f"{path} = {json.dumps(value)[:30]}", hook, put(path, value), 400, None, name)
        for value in values
    ]


AUTH = {
    "access_token": f"token-{CANARY}",
    "token_type": "Bearer",
    "expires_in": 300,
    "scope": "user/*.read",
    "subject": "mammacards",
}
LOCAL = "http://127.0.0.1:9/fhir"
NO_TEXT = [None, 5, 1.5, True, [], {}, "", "  ", [CANARY], {"a": CANARY}]
NO_OBJECT = ["", CANARY, 5, True, [], [CANARY]]
REFUSED = [
    *rows(
        "all bodies are JSON, RFC 8259 (A2, K5)",
        ("empty body", VIEW, b""),
        ("blank", VIEW, b" \r\n"),
        ("no JSON", VIEW, CANARY.encode()),
        ("cut off", VIEW, b'{"hook": "patient-view"'),
        ("one quote", VIEW, b'"'),
        ("one brace", VIEW, b"{"),
        ("single quotes", VIEW, b"{'hook': 'patient-view'}"),
        ("XML", VIEW, b"<hook/>"),
        ("trailing comma", VIEW, text('{"hook"', '{"x": [1,], "hook"')),
        ("comment", VIEW, text('{"hook"', '/* x */ {"hook"')),
        ("text after it", VIEW, encoded(lambda w: f"{w} {CANARY}".encode())),
        ("two objects", VIEW, encoded(lambda w: (w + w).encode())),
        ("raw line end in a text", VIEW, text(CANARY, f"{CANARY}\n")),
        ("raw NUL in a text", VIEW, text(CANARY, f"{CANARY}\0")),
        ("NUL after it", VIEW, encoded(lambda w: w.encode() + b"\0")),
        ("leading zero", VIEW, text('{"hook"', '{"x": 01, "hook"')),
        ("plus sign", VIEW, text('{"hook"', '{"x": +1, "hook"')),
        ("bare point", VIEW, text('{"hook"', '{"x": .5, "hook"')),
        ("hexadecimal", VIEW, text('{"hook"', '{"x": 0x10, "hook"')),
        ("bad escape", VIEW, text(CANARY, f"{CANARY}\\x41")),
        ("form data", VIEW, b"hook=patient-view"),
    ),
    *rows(
        "an object (A2, K5)",
        ("array", VIEW, b"[]"),
        ("array of it", VIEW, encoded(lambda w: f"[{w}]".encode())),
        ("null", VIEW, b"null"),
        ("true", VIEW, b"true"),
        ("number", VIEW, b"1"),
        ("text", VIEW, f'"{CANARY}"'.encode()),
        ("empty object", VIEW, b"{}"),
    ),
    *rows(
        "UTF-8 without byte order mark (A2)",
        ("byte order mark", VIEW, encoded(lambda w: w.encode("utf-8-sig"))),
        ("UTF-16", VIEW, encoded(lambda w: w.encode("utf-16"))),
        ("UTF-16 LE", VIEW, encoded(lambda w: w.encode("utf-16-le"))),
        ("UTF-16 BE", VIEW, encoded(lambda w: w.encode("utf-16-be"))),
        ("UTF-32", VIEW, encoded(lambda w: w.encode("utf-32"))),
        ("Latin-1", VIEW, encoded(lambda w: w.replace(CANARY, "é").encode("latin-1"))),
        ("overlong NUL", VIEW, encoded(lambda w: w.encode().replace(CANARY.encode(), b"\xc0\x80"))),
        (
            "raw surrogate",
            VIEW,
            encoded(lambda w: w.encode().replace(CANARY.encode(), b"\xed\xa0\x80")),
        ),
        ("half a character at the end", VIEW, encoded(lambda w: w.encode() + b"\xe2\x82")),
        ("lone surrogate in a text", VIEW, text(f"Family-{CANARY}", "\\ud800")),
        ("low surrogate first", VIEW, text(f"Family-{CANARY}", "\\udc00\\ud800")),
        ("lone surrogate in a name", VIEW, text('{"hook"', '{"\\udfff": 1, "hook"')),
    ),
    *rows(
        "numbers that are numbers",
        ("NaN", VIEW, text('{"hook"', '{"x": NaN, "hook"')),
        ("Infinity", VIEW, text('{"hook"', '{"x": Infinity, "hook"')),
        ("-Infinity", VIEW, text('{"hook"', '{"x": -Infinity, "hook"')),
        ("1e999", VIEW, text('{"hook"', '{"x": 1e999, "hook"')),
        ("-1e999 deep down", VIEW, text('"birthDate"', '"x": [{"y": -1e999}], "birthDate"')),
        ("an integer of 5,000 digits", VIEW, text('{"hook"', f'{{"x": {"9" * 5000}, "hook"')),
    ),
    *rows(
        "no duplicate keys (I-JSON)",
        ("at the top", VIEW, text('{"hook"', '{"hook": "patient-view", "hook"')),
        ("in context", VIEW, text('"patientId"', '"patientId": "x", "patientId"')),
        ("in a resource", VIEW, text('"birthDate"', '"birthDate": "1970-01-01", "birthDate"')),
        ("escaped alike", VIEW, text('{"hook"', '{"\\u0068ook": 1, "hook"')),
    ),
    *rows(
        "at most 64 deep",
        ("65 arrays", VIEW, nested(65)),
        ("1,000 arrays", VIEW, nested(1000)),
        ("100,000 arrays", VIEW, nested(100_000)),
        ("100,000 that never close", VIEW, b"[" * 100_000),
        ("65 objects", VIEW, deep_object(65)),
        ("1,000 objects", VIEW, deep_object(1000)),
        ("100,000 objects", VIEW, deep_object(100_000)),
        ("65 in a resource", VIEW, put("prefetch.patient.x", json.loads("[" * 62 + "]" * 62))),
        (
            "1,000 in a draft order",
            SIGN,
            lambda b: text(
                '"draftOrders": {', '"draftOrders": {"x": ' + "[" * 1000 + "]" * 1000 + ", "
            )(b),
        ),
    ),
    *rows(
        "hook: REQUIRED, that of the service (C2, K5)",
        *each_of(VIEW, "hook", NO_TEXT),
        ("missing", VIEW, drop("hook"), 400, None, "hook"),
        ("of another service", VIEW, put("hook", SIGN)),
        ("of another service", SIGN, put("hook", SELECT)),
        ("unknown", VIEW, put("hook", CANARY)),
        ("in capitals", VIEW, put("hook", "PATIENT-VIEW")),
    ),
    *rows(
        "hookInstance: REQUIRED (C3, K5)",
        *each_of(VIEW, "hookInstance", NO_TEXT),
        ("missing", VIEW, drop("hookInstance"), 400, None, "hookInstance"),
    ),
    *rows(
        "context: REQUIRED object (C6, K5)",
        *each_of(VIEW, "context", [None, *NO_OBJECT]),
        ("missing", VIEW, drop("context"), 400, None, "context"),
        ("empty", VIEW, put("context", {}), 400, None, "context."),
    ),
    *rows(
        "context.userId: REQUIRED (C6)",
        *each_of(VIEW, "context.userId", NO_TEXT),
        *[(f"missing on {h}", h, drop("context.userId"), 400, None, "userId") for h in SERVICE],
    ),
    *rows(
        "context.patientId: REQUIRED (C6)",
        *each_of(VIEW, "context.patientId", NO_TEXT),
        *[
            (f"missing on {h}", h, drop("context.patientId"), 400, None, "patientId")
            for h in SERVICE
        ],
    ),
    *rows(
        "context.draftOrders: REQUIRED on order hooks, a Bundle (C6)",
        *[
            (f"missing on {h}", h, drop("context.draftOrders"), 400, None, "context.draftOrders")
            for h in (SELECT, SIGN)
        ],
        *each_of(SIGN, "context.draftOrders", [None, *NO_OBJECT]),
        *each_of(SIGN, "context.draftOrders.entry", ["", CANARY, 5, True, {}, {"a": 1}]),
        *each_of(
            SIGN,
            "context.draftOrders.entry.0",
            [
                None,
                CANARY,
                5,
                [],
                {},
                {"resource": None},
                {"resource": []},
                {"resource": CANARY},
                {"resource": {}},
            ],
        ),
        *[
            (
                f"resourceType = {v!r}",
                SIGN,
                order(resourceType=v),
                400,
                None,
                "context.draftOrders.entry[0]",
            )
            for v in (None, 5, [], {})
        ],
    ),
    *rows(
        "context.selections: REQUIRED on order-select, a list of Type/id (C6, P5)",
        ("missing", SELECT, drop("context.selections"), 400, None, "context.selections"),
        *each_of(
            SELECT,
            "context.selections",
            [None, CANARY, 5, True, {}, [None], [5], [[]], [{"reference": CANARY}], [CANARY, 5]],
        ),
    ),
    *rows("prefetch: OPTIONAL object (C7)", *each_of(VIEW, "prefetch", NO_OBJECT)),
    *rows("fhirServer: a URL (C4)", *each_of(VIEW, "fhirServer", [5, True, [], {}, [CANARY]])),
    *rows(
        "fhirAuthorization: an object",
        *[
            (
                f"{v!r}",
                VIEW,
                both(put("fhirServer", LOCAL), put("fhirAuthorization", v)),
                400,
                None,
                "fhirAuthorization",
            )
            for v in NO_OBJECT
        ],
    ),
    *rows(
        "fhirServer: REQUIRED with fhirAuthorization (C4)",
        ("missing", VIEW, put("fhirAuthorization", AUTH), 400, None, "fhirServer"),
        ("null", VIEW, both(put("fhirServer", None), put("fhirAuthorization", AUTH))),
        ("empty", VIEW, both(put("fhirServer", ""), put("fhirAuthorization", AUTH))),
    ),
    *rows(
        "fhirAuthorization.access_token: REQUIRED (C9)",
        *[
            (
                f"{v!r}",
                VIEW,
                both(
                    put("fhirServer", LOCAL), put("fhirAuthorization", {**AUTH, "access_token": v})
                ),
                400,
                None,
                "access_token",
            )
            for v in (
                None,
                5,
                [],
                "",
                f"{CANARY} x",
                f"{CANARY}\r\nX-Evil: 1",
                f"{CANARY}é",
                f"{CANARY}\0",
                f"{CANARY}\x7f",
            )
        ],
        (
            "missing",
            VIEW,
            both(put("fhirServer", LOCAL), put("fhirAuthorization", {"token_type": "Bearer"})),
        ),
    ),
    *rows(
        "fhirAuthorization.token_type: fixed Bearer (C10)",
        *[
            (
                f"{v!r}",
                VIEW,
                both(put("fhirServer", LOCAL), put("fhirAuthorization", {**AUTH, "token_type": v})),
                400,
                None,
                "token_type",
            )
            for v in ("Basic", CANARY, 5, None, "")
        ],
    ),
    *rows(
        "another patient's data (C14, K5)",
        (
            "the token's patient",
            VIEW,
            both(put("fhirServer", LOCAL), put("fhirAuthorization", {**AUTH, "patient": "other"})),
        ),
        ("a draft of another patient", SIGN, order(subject={"reference": "Patient/other"})),
        (
            "a second draft of another patient",
            SIGN,
            beside(id="2", code={"text": CANARY}, **{"subject": {"reference": "Patient/other"}}),
        ),
        (
            "an active order of another patient",
            SIGN,
            order(status="active", subject={"reference": "Patient/other"}),
        ),
        (
            "a draft of another patient, absolute",
            SIGN,
            order(subject={"reference": "https://ehr.example.org/fhir/Patient/other"}),
        ),
        (
            "a draft of another patient, versioned",
            SIGN,
            order(subject={"reference": "Patient/other/_history/2"}),
        ),
        ("a draft of a group", SIGN, order(subject={"reference": "Group/1"})),
    ),
    *rows(
        "Content-Type: application/json in UTF-8 (A9, K6)",
        ("none", VIEW, None, 415, {}),
        ("text/plain", VIEW, None, 415, {"Content-Type": "text/plain"}),
        ("text/html", VIEW, None, 415, {"Content-Type": "text/html"}),
        ("form", VIEW, None, 415, {"Content-Type": "application/x-www-form-urlencoded"}),
        ("multipart", VIEW, None, 415, {"Content-Type": "multipart/form-data; boundary=x"}),
        ("XML", VIEW, None, 415, {"Content-Type": "application/fhir+xml"}),
        ("a list", VIEW, None, 415, {"Content-Type": "application/json, text/plain"}),
        ("garbage", VIEW, None, 415, {"Content-Type": f";;{CANARY}"}),
        ("UTF-16", VIEW, None, 415, {"Content-Type": f"{JSON}; charset=utf-16"}),
        ("Latin-1", VIEW, None, 415, {"Content-Type": f"{JSON}; charset=iso-8859-1"}),
        ("unknown charset", VIEW, None, 415, {"Content-Type": f"{JSON}; charset={CANARY}"}),
    ),
    *rows(
        "no compression (K6)",
        (
            "gzip",
            VIEW,
            encoded(lambda w: gzip.compress(w.encode())),
            415,
            {"Content-Type": JSON, "Content-Encoding": "gzip"},
        ),
        (
            "deflate",
            VIEW,
            encoded(lambda w: zlib.compress(w.encode())),
            415,
            {"Content-Type": JSON, "Content-Encoding": "deflate"},
        ),
        ("br", VIEW, None, 415, {"Content-Type": JSON, "Content-Encoding": "br"}),
        ("twice", VIEW, None, 415, {"Content-Type": JSON, "Content-Encoding": "identity, gzip"}),
        ("gzip that does not say so", VIEW, encoded(lambda w: gzip.compress(w.encode()))),
    ),
]


def made(row_change: object, hook: str, templates: dict, clock) -> bytes:
    """The bytes of a row's request."""
    if isinstance(row_change, bytes):
        return row_change
    body = base_request(hook, templates, clock)
    written = row_change(body) if row_change else None
    return written if isinstance(written, bytes) else json.dumps(body).encode()


def check_refusal(row: Row, status: int, content_type: str, body: bytes) -> None:
    assert status == row.status, body[:300]
    outcome = check_outcome(status, content_type, body)
    assert CANARY not in body.decode().lower() and "zq7x" not in body.decode().lower(), (
        "no value of the request comes back"
    )
    if row.says:
        issue = outcome["issue"][0]
        assert row.says in json.dumps(
            [issue.get("expression", []), issue.get("diagnostics", "")]
        ), outcome


@pytest.mark.requirement("E6")
@pytest.mark.parametrize("row", REFUSED)
@pytest.mark.parametrize("path", ["/cds-services/", "/explain/"], ids=["service", "explain"])
def test_refused(client, templates, clock, row, path):
    """Checks 21-23, 40, 43: the status in the table, an OperationOutcome that names the place, no value of the request."""
    headers = {"Content-Type": JSON} if row.headers is None else row.headers
    body = made(row.change, row.hook, templates, clock)
    answer = client.post(
        path + SERVICE[row.hook],
        data=body,
        headers=headers,
        environ_overrides={"CONTENT_LENGTH": str(len(body))},
    )
    check_refusal(row, answer.status_code, answer.content_type, answer.data)


def test_a_refusal_of_foreign_data_repeats_no_resource_type(client, templates, clock):
    """No value of the request comes back: the type of a foreign resource is text of the client's."""
    request = base_request(VIEW, templates, clock)
    request["prefetch"]["more"] = {
        "resourceType": f"Type-{CANARY}",
        "id": "1",
        "subject": {"reference": "Patient/other"},
    }
    answer = post(client, VIEW, request)
    check_refusal(Row("", VIEW, None), answer.status_code, answer.content_type, answer.data)


OTHERS = {"reference": "Patient/other"}


@pytest.mark.requirement("K5")
@pytest.mark.parametrize(
    "hook, change",
    [
        (
            SIGN,
            both(
                put("context.draftOrders.entry", []),
                beside(id="2", code={"text": "Bloedonderzoek"}, subject=OTHERS),
            ),
        ),
        (
            SELECT,
            both(
                beside(id="2", code={"text": "Bloedonderzoek"}, subject=OTHERS),
                put("context.selections", ["ServiceRequest/2"]),
            ),
        ),
        (SELECT, both(order(subject=OTHERS), put("context.selections", []))),
    ],
    ids=[
        "an order that concerns us not",
        "beside ours, which is not selected",
        "ours, not selected",
    ],
)
def test_a_draft_of_another_patient_is_refused_whatever_it_orders(
    client, templates, clock, hook, change
):
    """Decision 14: data of another patient: 400 always."""
    request = base_request(hook, templates, clock)
    change(request)
    assert post(client, hook, request).status_code == 400


def test_the_table_is_long_enough():
    """At least 120 malformed or odd requests."""
    assert len(REFUSED) + len(ACCEPTED) >= 120


# ---------------------------------------------------------------------------------------------------- accepted


@dataclass(frozen=True)
class Accepted:
    """One odd request that is answered; `cards` None: as the usual request of the hook, to the letter."""

    id: str
    hook: str
    change: object
    cards: list[str] | None = None
    headers: dict | None = None


def accepted(clause: str, *entries: tuple) -> list:
    return [
        pytest.param(Accepted(*entry), id=f"{clause}: {entry[0]}", marks=marks(clause))
        for entry in entries
    ]


def everywhere(body: dict) -> None:
    """An unknown member and an extension in every object of the envelope (not in the resources)."""
    bundle = body["context"].get("draftOrders", {"entry": []})
    for node in (body, body["context"], body["prefetch"], bundle, *bundle["entry"]):
        node["x-unknown"] = [{"deep": [1, None, True, "x"]}]
        node["extension"] = {"com.example.thing": {"a": None, "b": []}}
        node["_x"] = None


def order_without(element: str) -> Callable[[dict], None]:
    """The draft order without an element."""

    def change(body: dict) -> None:
        del body["context"]["draftOrders"]["entry"][0]["resource"][element]

    return change


def order_ids(ductoscopy: str, other: str, selected: str) -> Callable[[dict], None]:
    return both(
        order(id=ductoscopy),
        beside(id=other, status="draft", intent="order", code={"text": "Bloedonderzoek"}),
        put("context.selections", [f"ServiceRequest/{selected}"]),
    )


LONG = "x" * 194
MEDICATION = {
    "resourceType": "MedicationRequest",
    "id": "m",
    "status": "draft",
    "intent": "order",
    "subject": {"reference": f"Patient/{CANARY}"},
    "contained": [{"resourceType": "Medication", "id": "med", "code": {"text": "tamoxifen"}}],
    "medicationReference": {"reference": "#med"},
    "category": {"text": "an object where FHIR wants a list"},
}
UNSELECTED, CONTRA = [], ["ductoscopyContraindicated"]
SCOPES = [
    "user/Patient.read user/Observation.read",
    "user/*.rs patient/Condition.rs?category=x",
    "EPIC.FHIR.R4.SERVICES.Patient.Read",
    "",
    5,
    None,
]
ACCEPTED = [
    *accepted(
        "unknown members are ignored (C8, C22, O1)",
        *[(f"at every level of {hook}", hook, everywhere) for hook in SERVICE],
        *[
            (f"extension = {json.dumps(v)}", VIEW, put("extension", v))
            for v in (None, [], "x", 5, {"a": {}})
        ],
        ("a feedback member", VIEW, put("feedback", [{"card": "x"}])),
        ("an unknown prefetch key", VIEW, put("prefetch.unknown", None)),
        ("an encounter", VIEW, put("context.encounterId", "e1")),
        ("an encounter of no type", VIEW, put("context.encounterId", [None])),
    ),
    *accepted(
        "hookInstance need not be a UUID (C3)",
        *[
            (v[:20], VIEW, put("hookInstance", v))
            for v in ("1", "not a uuid", "é" * 300, "<b>", "a\nb")
        ],
    ),
    *accepted(
        "what is left out may be null (C4, C5)",
        ("fhirServer", VIEW, put("fhirServer", None)),
        ("fhirAuthorization", VIEW, put("fhirAuthorization", None)),
        ("fhirServer empty", VIEW, put("fhirServer", "")),
    ),
    *accepted(
        "scopes of SMART 1, SMART 2 and Epic, and the rest of fhirAuthorization (C10, C11, C12, C13, C14)",
        *[
            (
                str(scope)[:30],
                VIEW,
                both(put("fhirServer", LOCAL), put("fhirAuthorization", {**AUTH, "scope": scope})),
            )
            for scope in SCOPES
        ],
        (
            "only a token",
            VIEW,
            both(
                put("fhirServer", LOCAL),
                put("fhirAuthorization", {k: AUTH[k] for k in ("access_token", "token_type")}),
            ),
        ),
        (
            "expires_in as text",
            VIEW,
            both(put("fhirServer", LOCAL), put("fhirAuthorization", {**AUTH, "expires_in": "300"})),
        ),
        (
            "token_type in lower case",
            VIEW,
            both(
                put("fhirServer", LOCAL), put("fhirAuthorization", {**AUTH, "token_type": "bearer"})
            ),
        ),
        (
            "the patient as an id",
            VIEW,
            both(put("fhirServer", LOCAL), put("fhirAuthorization", {**AUTH, "patient": CANARY})),
        ),
        (
            "the patient as a reference",
            VIEW,
            both(
                put("fhirServer", LOCAL),
                put("fhirAuthorization", {**AUTH, "patient": f"Patient/{CANARY}"}),
            ),
        ),
    ),
    *accepted(
        "Content-Type: no rule exists, with or without charset, any case (A9)",
        *[
            (value, VIEW, None, None, {"Content-Type": value})
            for value in (
                "application/json",
                "application/json; charset=utf-8",
                "application/json;charset=UTF-8",
                'application/json; charset="utf-8"',
                "Application/JSON",
                "application/json; charset=utf8",
                "application/json; profile=x",
            )
        ],
        ("identity", VIEW, None, None, {"Content-Type": JSON, "Content-Encoding": "identity"}),
    ),
    *accepted(
        "JSON of any dress",
        ("white space around it", VIEW, encoded(lambda w: f"\r\n\t {w} \n".encode())),
        ("indented", VIEW, lambda b: json.dumps(b, indent=3).encode()),
        (
            "unescaped text beyond ASCII",
            VIEW,
            lambda b: (
                put("prefetch.patient.name", [{"family": "Ĳsselmüiden 😀"}])(b),
                json.dumps(b, ensure_ascii=False).encode(),
            )[1],
        ),
        ("a surrogate pair in escapes", VIEW, text(f"Family-{CANARY}", "\\ud83d\\ude00")),
        ("a big integer", VIEW, put("x", 10**300)),
        ("a tiny float", VIEW, text('{"hook"', '{"x": 1e-999, "hook"')),
        ("60 deep", VIEW, nested(60)),
        ("10,000 members", VIEW, put("x", {str(n): n for n in range(10_000)})),
    ),
    *accepted(
        "draft orders as clients send them (P3, P7)",
        ("Bundle without type", SIGN, drop("context.draftOrders.type")),
        ("Bundle without resourceType", SIGN, drop("context.draftOrders.resourceType")),
        ("a fullUrl", SIGN, put("context.draftOrders.entry.0.fullUrl", "urn:uuid:1")),
        ("order without id", SIGN, order_without("id"), CONTRA),
        ("id as a number", SIGN, order(id=10), CONTRA),
        ("id of 194 characters", SIGN, order(id=LONG), CONTRA),
        ("order without subject", SIGN, order_without("subject")),
        ("order without status", SIGN, order_without("status"), CONTRA),
        ("order without code beside it", SIGN, beside(id="2", status="draft")),
        (
            "order with empty coding beside it",
            SIGN,
            beside(id="2", code={"coding": [{}]}, reasonCode=[], intent="plan"),
        ),
        ("order with no coding beside it", SIGN, beside(id="2", code={"coding": []})),
        ("an unknown type beside it", SIGN, beside(id="2", resourceType="Banana")),
        (
            "a contained Medication beside it",
            SIGN,
            lambda b: b["context"]["draftOrders"]["entry"].append({"resource": MEDICATION}),
        ),
        (
            "only a Medication",
            SIGN,
            put("context.draftOrders.entry", [{"resource": MEDICATION}]),
            [],
        ),
        ("no entry", SIGN, drop("context.draftOrders.entry"), []),
        ("entry null", SIGN, put("context.draftOrders.entry", None), []),
        ("entry empty", SIGN, put("context.draftOrders.entry", []), []),
        ("only an order without code", SIGN, order_without("code"), []),
    ),
    *accepted(
        "order-sign: orders that are signed again (P6)",
        ("active", SIGN, order(status="active"), CONTRA),
        (
            "active, beside a draft",
            SIGN,
            both(
                order(status="active"),
                beside(id="2", status="draft", code={"text": "Bloedonderzoek"}),
            ),
            CONTRA,
        ),
        ("revoked", SIGN, order(status="revoked"), []),
    ),
    *accepted(
        "order-select: advice belongs to the selected orders (P2, P5)",
        ("nothing selected (decision 14)", SELECT, put("context.selections", []), UNSELECTED),
        (
            "selections name nothing",
            SELECT,
            put("context.selections", ["ServiceRequest/none"]),
            UNSELECTED,
        ),
        (
            "selections of another type",
            SELECT,
            lambda b: put(
                "context.selections",
                [b["context"]["selections"][0].replace("Service", "Medication")],
            )(b),
            UNSELECTED,
        ),
        (
            "selections as bare ids",
            SELECT,
            lambda b: put("context.selections", [b["context"]["selections"][0].split("/")[1]])(b),
            UNSELECTED,
        ),
        ("order 1 of 1 and 10", SELECT, order_ids("1", "10", "1"), CONTRA),
        ("order 10 of 1 and 10", SELECT, order_ids("1", "10", "10"), UNSELECTED),
        ("order 10, advice on 10", SELECT, order_ids("10", "1", "10"), CONTRA),
        ("order 1, advice on 10", SELECT, order_ids("10", "1", "1"), UNSELECTED),
        ("ids of 194 characters", SELECT, order_ids(LONG, LONG + "y", LONG), CONTRA),
        (
            "ids of 194 characters, the other",
            SELECT,
            order_ids(LONG, LONG + "y", LONG + "y"),
            UNSELECTED,
        ),
        (
            "selected twice",
            SELECT,
            lambda b: put("context.selections", b["context"]["selections"] * 2)(b),
            CONTRA,
        ),
        (
            "one that is there and one that is not",
            SELECT,
            lambda b: put(
                "context.selections", [*b["context"]["selections"], "ServiceRequest/none"]
            )(b),
            CONTRA,
        ),
    ),
    *accepted(
        "selections matter on order-select only",
        ("on order-sign", SIGN, put("context.selections", [])),
        ("on patient-view", VIEW, put("context.selections", 5)),
        ("draftOrders on patient-view", VIEW, put("context.draftOrders", CANARY)),
    ),
    *accepted(
        "prefetched resources under any key (decision 11)",
        (
            "a key of the client's own",
            VIEW,
            lambda b: b["prefetch"].update(problems=b["prefetch"].pop("conditions")),
        ),
        (
            "bare resources",
            VIEW,
            lambda b: b["prefetch"].update(
                conditions=b["prefetch"]["conditions"]["entry"][0]["resource"]
            ),
        ),
        (
            "a bare list",
            VIEW,
            lambda b: b["prefetch"].update(
                conditions=[e["resource"] for e in b["prefetch"]["conditions"]["entry"]]
            ),
        ),
        ("Bundle without type", VIEW, drop("prefetch.conditions.type")),
    ),
]


@pytest.mark.parametrize("row", ACCEPTED)
def test_accepted(client, templates, clock, row):
    """Checks 17-20, 40: 200 and the cards in the table; where nothing relevant changed, the same cards to the letter."""
    usual = post(client, row.hook, base_request(row.hook, templates, clock)).get_json()["cards"]
    assert [card["source"]["topic"]["code"] for card in usual] == USUAL[row.hook]
    answer = client.post(
        f"/cds-services/{SERVICE[row.hook]}",
        data=made(row.change, row.hook, templates, clock),
        headers=row.headers or {"Content-Type": JSON},
    )
    assert answer.status_code == 200, answer.get_json()
    assert empties(answer.get_json()) in ([], ["cards"])
    if row.cards is None:
        assert without_uuids(answer.get_json()["cards"]) == without_uuids(usual)
    else:
        assert codes(answer) == row.cards
        assert row.cards or answer.get_json() == {"cards": []}


@pytest.mark.requirement("P2")
def test_the_advice_names_the_selected_order(client, templates, clock):
    """Check 18: two draft orders, one selected: the tree names that order."""
    request = base_request(SELECT, templates, clock)
    order_ids("10", "1", "10")(request)
    (card,) = post(client, SELECT, request).get_json()["cards"]
    assert card["extension"]["org.mammacards.evaluation"]["order"] == "ServiceRequest/10"
    assert [
        a["resourceId"] for s in card["suggestions"] for a in s["actions"] if a["type"] == "delete"
    ] == ["ServiceRequest/10"]


@pytest.mark.requirement("A5", "F7", "G9")
def test_an_order_without_id_cannot_be_removed(client, templates, clock):
    """G9: delete needs resourceId Type/id; without one the suggestion is left out, and so is selectionBehavior."""
    request = base_request(SIGN, templates, clock)
    del request["context"]["draftOrders"]["entry"][0]["resource"]["id"]
    (card,) = post(client, SIGN, request).get_json()["cards"]
    assert "suggestions" not in card and "selectionBehavior" not in card


# ---------------------------------------------------------------------------------------------------- values that once broke something


CONDITION = "prefetch.conditions.entry.0.resource"
REPORT = "prefetch.diagnosticReports.entry.0.resource"
UNTIL_9999 = {"start": "2026-03-01", "end": "9999-12-31"}
EXTREME = [
    pytest.param(put(f"{CONDITION}.onsetDateTime", "0001-01-01"), id="onset in year 1"),
    pytest.param(put(f"{CONDITION}.onsetDateTime", "0001"), id="onset in some day of year 1"),
    pytest.param(
        both(drop(f"{CONDITION}.onsetDateTime"), put(f"{CONDITION}.recordedDate", "0001-01-01")),
        id="recorded in year 1",
    ),
    pytest.param(put(f"{CONDITION}.onsetDateTime", "0000-01-01"), id="onset in year 0"),
    pytest.param(put(f"{CONDITION}.onsetDateTime", "9999-12-31"), id="onset in year 9999"),
    pytest.param(
        put(f"{CONDITION}.onsetDateTime", "9999-12-31T23:59:59-14:00"),
        id="onset after the last moment",
    ),
    pytest.param(
        put(f"{CONDITION}.onsetDateTime", "0001-01-01T00:00:00+14:00"),
        id="onset before the first moment",
    ),
    pytest.param(put(f"{CONDITION}.abatementDateTime", "9999-12-31"), id="abated in year 9999"),
    pytest.param(
        both(
            drop(f"{CONDITION}.onsetDateTime"),
            put(f"{CONDITION}.onsetAge", {"value": 50, "code": "a"}),
            put("prefetch.patient.birthDate", "9999-12-31"),
        ),
        id="age of a patient born in year 9999",
    ),
    pytest.param(
        both(
            drop(f"{CONDITION}.onsetDateTime"),
            put(f"{CONDITION}.onsetAge", {"value": 1e308, "code": "a"}),
        ),
        id="onset at a huge age",
    ),
    pytest.param(
        both(
            drop(f"{CONDITION}.onsetDateTime"),
            put(f"{CONDITION}.onsetAge", {"value": 10**400, "code": "a"}),
        ),
        id="onset at a huger age",
    ),
    pytest.param(
        both(drop(f"{REPORT}.effectiveDateTime"), put(f"{REPORT}.effectivePeriod", UNTIL_9999)),
        id="examination until year 9999",
    ),
    pytest.param(
        both(
            drop(f"{REPORT}.effectiveDateTime"),
            put(f"{REPORT}.effectivePeriod", UNTIL_9999),
            put(f"{REPORT}.conclusionCode", []),
            put(f"{REPORT}.conclusion", "BI-RADS 0"),
        ),
        id="BI-RADS 0 until year 9999",
    ),
    pytest.param(
        put(
            f"{CONDITION}.component",
            [{"code": {"text": "tepelvloed kleur"}, "valueInteger": 10**400}],
        ),
        id="a huge integer as answer",
    ),
    pytest.param(put(f"{REPORT}.conclusion", "BI-RADS " + "9" * 4000), id="a huge BI-RADS"),
    pytest.param(
        put(f"{CONDITION}.code", {"text": "zonder " * 300_000}), id="two million characters of text"
    ),
    pytest.param(
        put(f"{CONDITION}.bodySite", [{"coding": [{"code": "80248007"}] * 20_000}]),
        id="20,000 codings",
    ),
    pytest.param(put("context.patientId", "x" * 100_000), id="a patient id of 100,000 characters"),
    pytest.param(
        put("context.userId", f"Practitioner/{'x' * 100_000}"), id="a user id of 100,000 characters"
    ),
]


@pytest.mark.requirement("K3")
@pytest.mark.parametrize("change", EXTREME)
def test_extreme_values_break_nothing(client, templates, clock, change):
    """Oracle "no 5xx by input": no request body may produce a status of 500 or more while all dependencies are healthy."""
    request = base_request(VIEW, templates, clock)
    change(request)
    for path in ("/cds-services/", "/explain/"):
        answer = post(client, VIEW, request, path)
        assert answer.status_code in (200, 400, 412), answer.get_json()


@pytest.mark.requirement("C20")
def test_a_long_text_takes_no_longer_than_a_short_one_in_proportion(client, templates, clock):
    """C20: about 500 ms. One complaint with 20,000 characters of text, which is what is read of a text, must not hold a worker."""
    request = base_request(VIEW, templates, clock)
    put(f"{CONDITION}.code", {"text": "tepelvloed " * 1800})(request)
    post(client, VIEW, base_request(VIEW, templates, clock))
    started = time.perf_counter()
    assert post(client, VIEW, request).status_code == 200
    assert time.perf_counter() - started < 1.0


# ---------------------------------------------------------------------------------------------------- addresses and methods

PLACES = [
    ("GET", "/cds-services/breast-patient-view", 405, "POST"),
    ("PUT", "/cds-services/breast-patient-view", 405, "POST"),
    ("DELETE", "/cds-services/breast-order-sign", 405, "POST"),
    ("PATCH", "/cds-services/breast-order-select", 405, "POST"),
    ("FOO", "/cds-services/breast-patient-view", 405, "POST"),
    ("POST", "/cds-services", 405, "GET"),
    ("PUT", "/cds-services", 405, "GET"),
    ("DELETE", "/cds-services", 405, "GET"),
    ("GET", "/explain/breast-patient-view", 405, "POST"),
    ("GET", "/cds-services/canary-zq7x", 405, "POST"),
    ("POST", "/cds-services/canary-zq7x", 404, None),
    ("POST", "/cds-services/BREAST-PATIENT-VIEW", 404, None),
    ("POST", "/cds-services/breast-patient-view%20", 404, None),
    ("POST", "/cds-services/breast-patient-view%00", 404, None),
    ("POST", "/cds-services/..", 404, None),
    ("POST", "/cds-services/%2e%2e/x", 404, None),
    ("POST", "/cds-services/breast-patient-view/x", 404, None),
    ("POST", "/explain/canary-zq7x", 404, None),
    ("POST", "/explain", 404, None),
    ("GET", "/nowhere", 404, None),
    ("GET", "/fhir/Patient", 404, None),
    ("GET", "/cds-services.json", 404, None),
    ("GET", "/guidelines/canary-zq7x", 404, None),
    ("GET", "/guidelines/../setup.cfg", 404, None),
    ("GET", "/cds-services/%F0%9F%98%80", 405, "POST"),
    ("GET", "/?<script>canary-zq7x", 200, None),
]
SAME = ["/cds-services/{}/", "//cds-services/{}", "/cds-services//{}", "///cds-services///{}///"]
MIRROR = {
    "X-Canary": CANARY,
    "Authorization": f"Bearer {CANARY}",
    "Cookie": f"a={CANARY}",
    "User-Agent": CANARY,
    "Referer": f"http://{CANARY}/",
}


@pytest.mark.requirement("B14", "E5", "E6", "K6")
@pytest.mark.parametrize(
    "method, path, status, allow", PLACES, ids=[f"{m} {p}" for m, p, *_ in PLACES]
)
def test_addresses_and_methods(client, method, path, status, allow):
    """Check 23: unknown id 404, wrong method 405 with Allow; JSON; no header, path or query of the request comes back."""
    answer = client.open(
        path,
        method=method,
        headers=MIRROR,
        data=b"{}" if method != "GET" else None,
        content_type=JSON,
    )
    assert answer.status_code == status
    assert "zq7x" not in answer.get_data(as_text=True) and "zq7x" not in str(answer.headers)
    if status != 200:
        outcome_of(answer)
        assert (answer.headers.get("Allow") is not None) == (status == 405)
        assert status != 405 or allow in re.split(r",\s*", answer.headers["Allow"])


@pytest.mark.requirement("C1")
@pytest.mark.parametrize("path", SAME)
@pytest.mark.parametrize("hook", SERVICE)
def test_slashes_do_not_matter(client, templates, clock, hook, path):
    """Check 44: trailing and double slashes give the same answer, without a redirect that drops the POST body."""
    body = json.dumps(base_request(hook, templates, clock))
    answer = client.post(
        "/x",
        environ_overrides={"PATH_INFO": path.format(SERVICE[hook])},
        data=body,
        content_type=JSON,
    )
    assert answer.status_code == 200 and codes(answer) == USUAL[hook]


@pytest.mark.parametrize(
    "length", ["-1", "abc", "", "1e3", "99999999999999999999999999", "0x10", "+5"]
)
def test_content_length_that_is_no_length(client, templates, clock, length):
    """A length that cannot be read is none: 411; one that is larger than allowed: 413."""
    answer = client.post(
        f"/cds-services/{SERVICE[VIEW]}",
        data=json.dumps(base_request(VIEW, templates, clock)),
        content_type=JSON,
        environ_overrides={"CONTENT_LENGTH": length},
    )
    assert answer.status_code in (400, 411, 413)
    outcome_of(answer)


@pytest.mark.requirement("B17", "L15")
@pytest.mark.parametrize(
    "method, path",
    [("POST", "/cds-services/breast-patient-view"), ("GET", "/cds-services"), ("GET", "/nowhere")],
)
def test_answers_are_not_kept_or_sniffed(client, method, path):
    """T35: no caching, no cookies, no sniffing, on every answer; JSON says so."""
    answer = client.open(path, method=method)
    assert (
        answer.headers["Cache-Control"] == "no-store"
        and answer.headers["X-Content-Type-Options"] == "nosniff"
    )
    assert "Set-Cookie" not in answer.headers and answer.mimetype == JSON


# ---------------------------------------------------------------------------------------------------- browsers and the log

PLACES_OF_A_BROWSER = [
    "/cds-services",
    "/cds-services/",
    f"/cds-services/{SERVICE[VIEW]}",
    f"/explain/{SERVICE[VIEW]}",
    "/cds-services//x",
    "/nowhere",
]
OURS = ["http://localhost:3000", "http://127.0.0.1:8080", "https://localhost", "http://[::1]:5000"]
FOREIGN = [
    "https://evil.test",
    "http://localhost.evil.test",
    "http://127.0.0.1.evil.test",
    "http://127.0.0.1@evil.test",
    "null",
    "*",
    "http://[",
    f"http://{CANARY}",
    "",
]


@pytest.mark.requirement("M1")
@pytest.mark.parametrize("origin", OURS)
@pytest.mark.parametrize("path", PLACES_OF_A_BROWSER)
def test_preflight(client, path, origin):
    """Check 30: OPTIONS with authorization and content-type: 2xx without a token; allow-origin, allow-methods, allow-headers."""
    asks = {
        "Origin": origin,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type",
    }
    answer = client.options(path, headers=asks)
    assert 200 <= answer.status_code < 300 and not answer.data
    assert answer.headers["Access-Control-Allow-Origin"] == origin
    assert {"GET", "POST"} <= set(re.split(r",\s*", answer.headers["Access-Control-Allow-Methods"]))
    assert {"authorization", "content-type"} <= set(
        re.split(r",\s*", answer.headers["Access-Control-Allow-Headers"].lower())
    )
    assert (
        "Access-Control-Allow-Credentials" not in answer.headers
        and "Origin" in answer.headers["Vary"]
    )


@pytest.mark.requirement("M1", "M2")
@pytest.mark.parametrize(
    "method, path, change, status",
    [
        ("GET", "/cds-services", None, 200),
        ("POST", f"/cds-services/{SERVICE[VIEW]}", None, 200),
        ("POST", f"/cds-services/{SERVICE[VIEW]}", drop("hook"), 400),
        ("POST", f"/cds-services/{SERVICE[VIEW]}", drop("prefetch"), 412),
        ("POST", "/cds-services/x", None, 404),
        ("GET", f"/cds-services/{SERVICE[VIEW]}", None, 405),
    ],
    ids=lambda v: str(v) if isinstance(v, int) else "",
)
@pytest.mark.parametrize("origin", [*OURS[:2], *FOREIGN])
def test_origins(client, templates, clock, origin, method, path, change, status):
    """Checks 30, 31, decision 18: the headers stand on every answer for pages of this machine, and on none for others; never `*`."""
    answer = client.open(
        path,
        method=method,
        data=made(change, VIEW, templates, clock) if method == "POST" else None,
        headers={"Origin": origin, "Content-Type": JSON},
    )
    assert answer.status_code == status
    assert answer.headers.get("Access-Control-Allow-Origin") == (origin if origin in OURS else None)


@pytest.mark.requirement("C15", "L13")
def test_the_log_has_the_hook_instance_and_no_patient(client, templates, clock, caplog):
    """Check 45: the log holds hookInstance, and no token, no patient data, no text of the request, whatever is asked."""
    caplog.set_level("DEBUG")
    request = base_request(VIEW, templates, clock) | {
        "fhirServer": LOCAL,
        "fhirAuthorization": AUTH,
    }
    post(client, VIEW, request)
    assert request["hookInstance"] in caplog.text
    for parameter in (*REFUSED, *ACCEPTED):
        (row,) = parameter.values
        headers = {"Content-Type": JSON} if row.headers is None else row.headers
        client.post(
            f"/cds-services/{SERVICE[row.hook]}",
            data=made(row.change, row.hook, templates, clock),
            headers=headers,
        )
    assert "zq7x" not in caplog.text
    assert not re.search(r"(?i)bloederig|ductoscopie|<b>|\n.*\x1b", caplog.text)


# ---------------------------------------------------------------------------------------------------- property

ODD = st.sampled_from(
    [
        None,
        True,
        False,
        0,
        -1,
        1,
        65,
        10**20,
        1.5,
        -0.0,
        1e308,
        "",
        " ",
        "x",
        "2026-13-01",
        "2026-02-30",
        "9999-12-31",
        "today",
        "T",
        "2026-06-15T25:00:00Z",
        "-1",
        "\0",
        "\u202e<script>",
        "Patient/other",
        f"Patient/{CANARY}",
        "urn:uuid:x",
        "#",
        "#x",
        "/",
        "//",
        "http://[",
        "http://[::1",
        "a" * 3000,
        "links en rechts",
        "BI-RADS 0",
        "BI-RADS 5",
        "geen tepelvloed",
        [],
        {},
        [[]],
        [None],
        [1],
        [{}],
        {"value": 1},
        {"value": None},
        {"value": "5"},
        {"reference": None},
        {"reference": 5},
        {"reference": "Patient/other"},
        {"coding": None},
        {"coding": [None]},
        {"coding": "x"},
        {"coding": [{"code": 5}]},
        {"coding": [{"system": 5, "code": "x"}]},
        {"coding": [{"system": "http://snomed.info/sct", "code": "54302000"}]},
        {"text": 5},
        {"text": None},
        {"text": "Bloederige tepeluitvloed links"},
        {"start": "2026-06-01", "end": "2025-01-01"},
        {"start": 5},
        {"end": None},
        {"low": {"value": 1}, "high": {"value": 1999}},
        {"value": 1999, "code": "a"},
        {"value": -1, "code": "mo"},
        {"value": 1e308, "unit": "wk"},
        {"resourceType": "OperationOutcome"},
        {"resourceType": "Bundle", "entry": [None]},
        {"resourceType": "Bundle", "link": [{"relation": "next", "url": "x"}]},
        {"resourceType": "Condition"},
        {"resourceType": "Patient", "id": CANARY},
    ]
)
ANY_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8"), max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(codec="utf-8"), max_size=8), inner, max_size=4)
    ),
    max_leaves=8,
)
ELEMENTS = (  # noqa: SIM905 - a line of words
    "abatementDateTime abatementPeriod authoredOn basedOn birthDate bodySite category clinicalStatus code component conclusion conclusionCode contained "
    "dataAbsentReason derivedFrom description doNotPerform effectiveDateTime effectivePeriod evidence extension focus id implicitRules issued method modality "
    "modifierExtension note onsetAge onsetDateTime onsetPeriod onsetRange onsetString orderDetail outcome partOf performedPeriod procedureCode recordedDate "
    "resourceType result series stage started status subject valueBoolean valueCodeableConcept valueInteger valueQuantity valueString verificationStatus "
    "appointmentType content date individual medication medicationCodeableConcept medicationReference participant period reasonCode serviceType start study type"
).split()
# Patients of all guidelines: together their records hold every resource type that is read.
_ORDERING = [
    CONTRAINDICATED,
    "fapi-pet-ct-ordered-for-a-study",
    "docetaxel-first-for-hormone-positive",
    "chemotherapy-ordered-node-not-marked",
    "mastectomy-being-ordered",
]
PATIENTS = {
    VIEW: [
        REFERRAL,
        "mastitis-not-over-after-two-weeks-of",
        "statement-of-antibiotic-use-mastitis",
        "ibc-docetaxel-administered",
        "meeting-booked-for-next-week",
        "meeting-known-from-its-report",
        "meeting-as-an-encounter",
        "two-vertebral-lesions-uncertain-focus",
        "axillary-recurrence-seven-years-after",
        "fdg-pet-ct-as-an-imaging-study",
    ],
    SELECT: _ORDERING,
    SIGN: _ORDERING,
}


@pytest.mark.requirement("K3")
@pytest.mark.parametrize("hook", SERVICE)
@settings(
    max_examples=100,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
@given(data=st.data())
def test_any_json_anywhere_is_answered(client, templates, clock, hook, data):
    """Random JSON values at random places of a valid request: 200, 400 or 412, JSON, never 5xx, by the service and by /explain."""
    request = base_request(hook, templates, clock, data.draw(st.sampled_from(PATIENTS[hook])))
    for _ in range(data.draw(st.integers(1, 3))):
        nodes = [node for _, node in walk(request) if isinstance(node, (dict, list)) and node]
        node = data.draw(st.sampled_from(nodes))
        value = copy.deepcopy(data.draw(ODD | ANY_JSON))
        if isinstance(node, list):
            node[data.draw(st.integers(0, len(node) - 1))] = value
        else:
            node[
                data.draw(st.sampled_from([*node, *(ELEMENTS if "resourceType" in node else [])]))
            ] = value
    for path in ("/cds-services/", "/explain/"):
        answer = post(client, hook, request, path)
        assert answer.status_code in (200, 400, 412), answer.get_json()
        assert answer.mimetype == JSON
        if answer.status_code == 200:
            assert set(answer.get_json()) >= (
                {"cards"} if path == "/cds-services/" else {"recommendations", "inputs", "problems"}
            )
            assert path == "/explain/" or empties(answer.get_json()) in ([], ["cards"])
        else:
            outcome_of(answer)


# ---------------------------------------------------------------------------------------------------- as it is served: gunicorn


@pytest.fixture(scope="session")
def served(tmp_path_factory):
    """The port of the service under gunicorn on loopback, with a small limit for bodies."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [
        sys.executable,
        "-m",
        "gunicorn",
        "cds_service:create_app()",
        "--config",
        "python:cds_service.serving",
        "--bind",
        f"127.0.0.1:{port}",
    ]
    errors = tmp_path_factory.mktemp("gunicorn") / "stderr"
    environment = {
        **{k: v for k, v in os.environ.items() if not k.startswith("CDS_")},
        "CDS_MAX_BODY_BYTES": str(LIMIT),
        "CDS_AUTH": "off",
        "CDS_DATABASE_URL": f"sqlite:///{errors.parent}/served.db",
    }
    with errors.open("wb") as stderr:
        process = subprocess.Popen(
            [*command, "--workers", "1", "--log-level", "warning"],
            env=environment,
            stdout=stderr,
            stderr=stderr,
            cwd=errors.parent,
            start_new_session=True,
        )
    try:
        for _ in range(300):
            assert process.poll() is None, errors.read_text()
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        yield port
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    assert CANARY not in errors.read_text(), "nothing of a request stands in the log of errors"


@contextmanager
def connection(port: int):
    opened = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        yield opened
    finally:
        opened.close()


def raw(port: int, *pieces: bytes, half_close: bool = False) -> tuple[int, dict, bytes]:
    """Write pieces to a socket and read one answer: status, headers in lower case, body. Status 0: closed without an answer."""
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connected:
        try:
            for piece in pieces:
                connected.sendall(piece)
            if half_close:
                connected.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # refused before all was sent
        answer = http.client.HTTPResponse(connected)
        try:
            answer.begin()
            return answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read()
        except (http.client.HTTPException, OSError):
            return 0, {}, b""


def head(*lines: str, hook: str = VIEW) -> bytes:
    start = [
        f"POST /cds-services/{SERVICE[hook]} HTTP/1.1",
        "Host: 127.0.0.1",
        f"Content-Type: {JSON}",
        "Connection: close",
    ]
    return "\r\n".join([*start, *lines, "", ""]).encode()


def chunked(body: bytes, size: int) -> bytes:
    pieces = [body[at : at + size] for at in range(0, len(body), size)]
    return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"


def padded(body: bytes, length: int) -> bytes:
    """The same request with white space after it."""
    return body + b" " * (length - len(body))


@pytest.fixture
def body(templates, clock) -> bytes:
    return json.dumps(base_request(VIEW, templates, clock)).encode()


@pytest.mark.requirement("E6")
def test_served_refused(served, templates, clock):
    """The whole table of refusals once more, over the wire."""
    with connection(served) as wire:
        for parameter in REFUSED:
            (row,) = parameter.values
            headers = {"Content-Type": JSON} if row.headers is None else row.headers
            # http.client would refuse to write what is no Latin-1; the table has none.
            wire.request(
                "POST",
                f"/cds-services/{SERVICE[row.hook]}",
                body=made(row.change, row.hook, templates, clock),
                headers=headers,
            )
            answer = wire.getresponse()
            check_refusal(row, answer.status, answer.getheader("Content-Type"), answer.read())


def test_served_accepted(served, templates, clock):
    """The whole table of odd but good requests once more: 200 and JSON, on one connection that stays open."""
    with connection(served) as wire:
        for parameter in ACCEPTED:
            (row,) = parameter.values
            wire.request(
                "POST",
                f"/cds-services/{SERVICE[row.hook]}",
                body=made(row.change, row.hook, templates, clock),
                headers=row.headers or {"Content-Type": JSON},
            )
            answer = wire.getresponse()
            assert (answer.status, set(json.loads(answer.read()))) == (200, {"cards"}), parameter.id


@pytest.mark.requirement("B1")
@pytest.mark.parametrize(
    "path", ["/cds-services", "/cds-services/", "//cds-services", "/cds-services?x=y"]
)
def test_served_discovery(served, path):
    """Check 44 over the wire: no redirect."""
    with connection(served) as wire:
        wire.request("GET", path)
        answer = wire.getresponse()
        assert answer.status == 200 and len(json.loads(answer.read())["services"]) == len(SERVICE)


@pytest.mark.requirement("C1")
@pytest.mark.parametrize("path", SAME)
def test_served_slashes(served, body, path):
    """Check 44 over the wire: the body of a POST survives."""
    status, _, answer = raw(
        served,
        head(f"Content-Length: {len(body)}").replace(
            b"/cds-services/breast-patient-view", path.format(SERVICE[VIEW]).encode()
        ),
        body,
    )
    assert status == 200 and "cards" in json.loads(answer)


@pytest.mark.requirement("K6")
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH", "HEAD"])
def test_served_methods(served, method):
    """Check 23 over the wire: 405 with Allow, JSON (a HEAD has no body)."""
    with connection(served) as wire:
        wire.request(method, f"/cds-services/{SERVICE[VIEW]}")
        answer = wire.getresponse()
        content = answer.read()
        assert (
            answer.status == 405
            and "POST" in answer.getheader("Allow")
            and answer.getheader("Content-Type") == JSON
        )
        assert not content if method == "HEAD" else check_outcome(405, JSON, content)


@pytest.mark.parametrize("size", [1, 100, 65_536], ids=lambda n: f"chunks of {n}")
def test_served_chunked_body(served, body, size):
    """Decision 16: a chunked body under the limit is read as a whole."""
    status, _, answer = raw(served, head("Transfer-Encoding: chunked"), chunked(body, size))
    assert (status, set(json.loads(answer))) == (200, {"cards"})


@pytest.mark.requirement("K6")
@pytest.mark.parametrize(
    "length, status",
    [(LIMIT - 1, 200), (LIMIT, 200), (LIMIT + 1, 413), (LIMIT + 2, 413), (2 * LIMIT, 413)],
)
@pytest.mark.parametrize("how", ["Content-Length", "chunked"])
def test_served_limit(served, body, how, length, status):
    """Decision 16: bodies up to the limit are answered, one byte more is 413, told or chunked; nothing is silently cut off."""
    long = padded(body, length)
    if how == "chunked":
        found, headers, answer = raw(
            served, head("Transfer-Encoding: chunked"), chunked(long, 65_536)
        )
    else:
        found, headers, answer = raw(served, head(f"Content-Length: {length}"), long)
    assert found == status
    if status == 413:
        assert check_outcome(413, headers["content-type"], answer)["issue"][0]["code"] == "too-long"


def test_served_limit_by_chunks_that_make_a_whole_when_cut(served, body):
    """A body whose first part is a good request and whose rest is not: cut off at the limit it would have been answered."""
    found, _, _ = raw(
        served, head("Transfer-Encoding: chunked"), chunked(padded(body, LIMIT) + b"x", 65_536)
    )
    assert found == 413


def test_served_refuses_a_large_body_before_it_is_sent(served):
    """413 from Content-Length alone, at once."""
    started = time.monotonic()
    found, headers, answer = raw(served, head("Content-Length: 9999999999"))
    assert found == 413 and time.monotonic() - started < 2
    check_outcome(413, headers["content-type"], answer)


@pytest.mark.requirement("K6")
def test_served_without_length(served, body):
    """Neither Content-Length nor chunks: 411."""
    found, headers, answer = raw(served, head(), body, half_close=True)
    assert found == 411
    assert check_outcome(411, headers["content-type"], answer)["issue"][0]["code"] == "required"


@pytest.mark.parametrize("missing", [1, 100, 3000])
def test_served_truncated_body(served, body, missing):
    """A body shorter than Content-Length says: 400, not the answer to a part of it."""
    found, headers, answer = raw(
        served, head(f"Content-Length: {len(body) + missing}"), body, half_close=True
    )
    assert found == 400
    check_outcome(400, headers["content-type"], answer)


def test_served_longer_body(served, body):
    """A body longer than Content-Length says is read up to there, and what follows is not taken for an answer's input."""
    found, headers, answer = raw(served, head(f"Content-Length: {len(body) - 5}"), body)
    assert found == 400
    check_outcome(400, headers["content-type"], answer)


# What gunicorn itself refuses need not be an OperationOutcome (decision 15), but is never answered and never 5xx.
SMUGGLED = {
    "two lengths": (f"Content-Length: 5\r\nContent-Length: {LIMIT}",),
    "length and chunks": ("Content-Length: 5", "Transfer-Encoding: chunked"),
    "length that is no number": ("Content-Length: abc",),
    "negative length": ("Content-Length: -1",),
    "chunks twice": ("Transfer-Encoding: chunked, chunked",),
    "unknown transfer coding": ("Transfer-Encoding: xchunked",),
    "folded header": ("X-A: b\r\n c: d",),
    "space before colon": ("Content-Length : 5",),
    "16 kB header": (f"X-A: {'a' * 16_000}",),
    "200 headers": tuple(f"X-{n}: a" for n in range(200)),
}


@pytest.mark.parametrize("lines", SMUGGLED.values(), ids=list(SMUGGLED))
def test_served_smuggling(served, lines):
    """T37: ambiguous requests are refused."""
    found, _, answer = raw(served, head(*lines), b"5\r\n{}   \r\n0\r\n\r\n", half_close=True)
    assert found == 0 or 400 <= found < 500 or found == 501
    assert b"cards" not in answer and b"zq7x" not in answer


@pytest.mark.parametrize(
    "chunks",
    [
        pytest.param(b"zz\r\nabc\r\n0\r\n\r\n", id="no number"),
        pytest.param(b"5\r\nab", id="cut off"),
        pytest.param(b"-1\r\n", id="negative"),
        pytest.param(b"ffffffffffffffffffff\r\nx", id="too large a number"),
        pytest.param(b"5;x=" + b"y" * 20_000 + b"\r\nabcde\r\n0\r\n\r\n", id="long extension"),
    ],
)
def test_served_bad_chunks(served, chunks):
    """Chunks that are none: refused or closed, never 5xx."""
    found, _, answer = raw(served, head("Transfer-Encoding: chunked"), chunks, half_close=True)
    assert found == 0 or 400 <= found < 500, answer
    assert b"cards" not in answer


def test_served_expect_continue(served, body):
    """A client that waits for 100 Continue gets it, and its answer."""
    with socket.create_connection(("127.0.0.1", served), timeout=5) as connected:
        connected.sendall(head(f"Content-Length: {len(body)}", "Expect: 100-continue"))
        assert connected.recv(1024).startswith(b"HTTP/1.1 100")
        connected.sendall(body)
        answer = http.client.HTTPResponse(connected)
        answer.begin()
        assert answer.status == 200 and set(json.loads(answer.read())) == {"cards"}


def test_served_still_answers(served, body):
    """After all of that the same process answers as before."""
    status, headers, answer = raw(served, head(f"Content-Length: {len(body)}"), body)
    assert (status, headers["content-type"], set(json.loads(answer))) == (200, JSON, {"cards"})
