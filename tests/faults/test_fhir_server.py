"""The fail-visibly oracle: whatever the client's FHIR server or prefetch does, missing data are seen, never read as "nothing to advise".

CDS Hooks 2.0.1 §Prefetch Template ("412 Precondition Failed"), §FHIR Resource Access; acceptance checks 11-16, 36, 37, 41. The real
application against a misbehaving server on raw sockets, and for the good case the embedded sandbox over real HTTP.
"""

import copy
import json
import logging
import re
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import date

import pytest
from werkzeug.serving import make_server

from cds_service.casebook.render import render
from cds_service.content import examples_folder
from cds_service.demo.sandbox.http.routes import create_sandbox
from cds_service.web import create_app
from tests.conftest import SETTINGS
from tests.contract.helpers import (
    CASES,
    CONTRAINDICATED,
    DAY,
    NOBODY,
    REFERRAL,
    SURGERY,
    codes,
    guideline_of,
    outcome_of,
    post,
    request_for,
    without_uuids,
)
from tests.faults import stub as stubs
from tests.faults.stub import Stub, http, outcome, says, says_json, searchset, serves

TOKEN = "canary-token-9b1d"
ABOUT_A_SECOND = 1.5  # the reads have 350 ms together; the rest is room for a busy machine
VIEW, SELECT, SIGN = "patient-view", "order-select", "order-sign"
NOTES = {"notAssessed", "informationNeeded"}  # cards that advise nothing
# Warnings whose notAssessed stays info (the catalogue's alarm rule): it stands on every work-up that could not be read, and an alarm is rare.
STAYS_INFO = {"metastaticWorkUp"}
EXAMPLES = [case for case in CASES.values() if case.example and not case.unread]


@pytest.fixture(autouse=True)
def no_token_in_logs(caplog):
    """C15, T06: the access token is in no log, at any level, of any test here."""
    caplog.set_level(logging.DEBUG)
    yield
    assert TOKEN not in caplog.text
    assert not any(TOKEN in repr(record.__dict__) for record in caplog.records)


def access(base: str, token: str | None = TOKEN) -> dict:
    """fhirServer, and fhirAuthorization where there is a token."""
    authorization = {
        "access_token": token,
        "token_type": "Bearer",
        "expires_in": 300,
        "scope": "user/*.rs",
        "subject": "mammacards",
    }
    return {"fhirServer": base, **({"fhirAuthorization": authorization} if token else {})}


def record_of(case_id: str) -> list[dict]:
    return render(CASES[case_id], DAY).resources


def is_visible(answer) -> bool:
    """412 with an OperationOutcome, or 200 with a card that says that something was not assessed."""
    assert TOKEN not in answer.get_data(as_text=True) and TOKEN not in str(answer.headers)
    if answer.status_code == 412:
        assert outcome_of(answer)["issue"][0]["code"] == "incomplete"
        return True
    assert answer.status_code == 200, answer.get_json()
    return "notAssessed" in codes(answer)


def advice(answer) -> set[str]:
    """The keys of the cards that advise something."""
    return set(codes(answer)) - NOTES


def timed(call):
    started = time.monotonic()
    answer = call()
    return answer, time.monotonic() - started


# ---------------------------------------------------------------------------------------------------- a good server


@pytest.fixture(scope="module")
def unhurried(library, clock):
    """The application with the longest deadline, for tests that are not about time."""
    return create_app(replace(SETTINGS, fhir_deadline_seconds=2.0), library, clock).test_client()


@pytest.fixture(scope="module")
def sandbox():
    """The embedded sandbox with the examples under a threaded server; (base, what was asked: path and Authorization)."""
    application = create_sandbox(
        json.loads(path.read_text(encoding="utf-8"))
        for path in sorted(examples_folder().glob("*.json"))
    )
    asked: list[tuple[str, str | None]] = []

    def recorded(environ, start_response):
        asked.append((environ["PATH_INFO"], environ.get("HTTP_AUTHORIZATION")))
        return application(environ, start_response)

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = make_server("127.0.0.1", 0, recorded, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.port}/fhir", asked
    server.shutdown()
    server.server_close()


@pytest.mark.requirement("C16", "C17", "C21", "D9")
@pytest.mark.parametrize(
    "case, hook",
    [(case, hook) for case in EXAMPLES for hook in case.expect],
    ids=lambda v: getattr(v, "id", v),
)
def test_fetched_data_give_the_same_cards_as_prefetched_data(
    unhurried, sandbox, templates, clock, case, hook
):
    """Check 12: no prefetch, fhirServer and token given: 200 and the same cards; Authorization: Bearer on every read (C16)."""
    base, asked = sandbox
    asked.clear()
    request = request_for(case.id, hook, templates, clock)
    prefetched = post(unhurried, hook, request).get_json()["cards"]
    del request["prefetch"]
    answer = post(unhurried, hook, request | access(base))
    assert answer.status_code == 200, answer.get_json()
    assert without_uuids(answer.get_json()["cards"]) == without_uuids(prefetched)
    if prefetched or hook == VIEW:
        assert len(asked) == len(templates[hook]), "one read for each key, no retries"
    assert {authorization for _, authorization in asked} <= {f"Bearer {TOKEN}"}


@pytest.mark.parametrize(
    "hook, case", [(VIEW, REFERRAL), (SELECT, CONTRAINDICATED), (SIGN, CONTRAINDICATED)]
)
def test_all_keys_are_read_in_one_round_trip(unhurried, templates, clock, hook, case):
    """Issue 7: one round trip of parallel queries. The server answers none of them before all have been asked; asked again, over connections that are open."""
    together = threading.Barrier(len(templates[hook]), timeout=4)
    well = serves(record_of(case))

    def behave(connection, asked, stub):
        together.wait()
        well(connection, asked, stub)

    request = request_for(case, hook, templates, clock)
    prefetched = codes(post(unhurried, hook, request))
    del request["prefetch"]
    with Stub(behave) as server:
        for times in (1, 2):
            assert codes(post(unhurried, hook, request | access(server.base))) == prefetched != []
            assert len(server.asked) == times * len(templates[hook])


@pytest.mark.requirement("C5", "C16")
@pytest.mark.parametrize("token", [TOKEN, None])
def test_without_a_token_none_is_sent(unhurried, templates, clock, token):
    """Decision 13: bases on loopback are admitted with or without a token; what was not given is not invented."""
    with Stub(serves(record_of(REFERRAL))) as server:
        request = request_for(REFERRAL, VIEW, templates, clock) | access(server.base, token)
        del request["prefetch"]
        assert codes(post(unhurried, VIEW, request)) == ["ductoscopyReferral"]
    assert server.tokens == {f"Bearer {token}" if token else None}
    assert {asked.method for asked in server.asked} == {"GET"}
    assert not any(asked.headers.keys() & {"cookie", "referer"} for asked in server.asked)


@pytest.mark.parametrize("slash", ["", "/"])
def test_a_base_with_or_without_slash(unhurried, templates, clock, slash):
    """The base is joined with one slash."""
    with Stub(serves(record_of(REFERRAL))) as server:
        request = request_for(REFERRAL, VIEW, templates, clock) | access(server.base + slash)
        del request["prefetch"]
        assert codes(post(unhurried, VIEW, request)) == ["ductoscopyReferral"]
    assert all("//" not in asked.path for asked in server.asked)


OF_CANCER = [
    "medicationRequests",
    "medicationAdministrations",
    "medicationStatements",
    "researchSubjects",
    "documentReferences",
    "encounters",
    "appointments",
]
ALL = [
    "patient",
    "conditions",
    "observations",
    "procedures",
    "imagingStudies",
    "diagnosticReports",
    "serviceRequests",
    "observationsByCode",
    *OF_CANCER,
]


@pytest.mark.requirement("C17", "D9", "D12", "D16")
@pytest.mark.parametrize(
    "missing",
    [
        [],
        ["conditions"],
        ["patient"],
        ["observations"],
        ["observationsByCode"],
        ["appointments"],
        ["procedures", "serviceRequests"],
        ALL[:-1],
        ALL,
    ],
    ids=lambda keys: "+".join(keys[:3]) + f" ({len(keys)})",
)
def test_only_missing_keys_are_fetched(unhurried, templates, clock, missing):
    """Check 16, D16: compare what arrived with the template and fetch the rest: singly, not all or nothing."""
    assert set(ALL) == set(templates[VIEW])
    with Stub(serves(record_of(REFERRAL))) as server:
        request = request_for(REFERRAL, VIEW, templates, clock) | access(server.base)
        for key in missing:
            del request["prefetch"][key]
        answer = post(unhurried, VIEW, request)
        assert codes(answer) == ["ductoscopyReferral"]
    wanted = []
    for key in missing:
        path, _, query = (
            templates[VIEW][key].replace("{{context.patientId}}", REFERRAL).partition("?")
        )
        wanted.append(
            (
                f"/{path}",
                tuple(tuple(pair.split("=", 1)) for pair in query.split("&")) if query else (),
            )
        )
    assert sorted((asked.path, asked.parameters) for asked in server.asked) == sorted(wanted)


@pytest.mark.requirement("D14")
@pytest.mark.parametrize("key", ALL)
def test_what_failed_before_is_not_asked_again(unhurried, templates, clock, key):
    """D14, §1D: an OperationOutcome is a query that failed: degrade or 412, do not repeat it."""
    with Stub(serves(record_of(REFERRAL))) as server:
        request = request_for(REFERRAL, VIEW, templates, clock) | access(server.base)
        request["prefetch"][key] = outcome()
        post(unhurried, VIEW, request)
    assert server.asked == []


@pytest.mark.requirement("E2")
def test_nothing_is_read_when_no_order_concerns_us(unhurried, templates, clock):
    """Decision 9: no order that concerns us: 200 {"cards": []} without reading anything."""
    with Stub(serves(record_of(CONTRAINDICATED))) as server:
        request = request_for(CONTRAINDICATED, SELECT, templates, clock) | access(server.base)
        del request["prefetch"]
        request["context"]["selections"] = []
        assert post(unhurried, SELECT, request).get_json() == {"cards": []}
    assert server.asked == []


@pytest.mark.requirement("C15")
def test_requests_do_not_mix(unhurried, templates, clock):
    """T12, check 38: parallel requests of two patients with two tokens: each read carries its own patient's token, each answer its own cards."""
    records = record_of(REFERRAL) + record_of(NOBODY)

    def ask(patient: str):
        request = request_for(patient, VIEW, templates, clock) | access(
            server.base, f"{TOKEN}-{patient}"
        )
        del request["prefetch"]
        return patient, post(unhurried.application.test_client(), VIEW, request)

    with Stub(serves(records)) as server, ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(ask, [REFERRAL, NOBODY] * 6))
    for patient, answer in answers:
        assert codes(answer) == (["ductoscopyReferral"] if patient == REFERRAL else [])
    for asked in server.asked:
        patient = dict(asked.parameters).get("patient") or asked.path.split("/")[-1]
        assert asked.headers["authorization"] == f"Bearer {TOKEN}-{patient}"


# ---------------------------------------------------------------------------------------------------- a server that fails

PAGE = json.dumps(searchset([])).encode()
HTML = b"<html><body>Sign in</body></html>"
DROPS = b"HTTP/1.1 200 OK\r\nContent-Type: application/fhir+json\r\n"
SELF = [{"relation": "self", "url": "http://ehr.example.org/fhir/Condition?_count=500"}]
FAULTS = {
    "resets the connection": stubs.resets,
    "closes without a word": stubs.hangs_up,
    "accepts and never answers": stubs.silent,
    "drips its headers": stubs.drips(b"HTTP/1.1 200 OK\r\nX-A: ", b"a"),
    "drips its body": stubs.drips(DROPS + b"Content-Length: 100000\r\n\r\n", b" "),
    "drips chunks": stubs.drips(DROPS + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
    "drips without length": stubs.drips(DROPS + b"\r\n", b" "),
    "answers after the deadline": stubs.slowly(says(http(PAGE)), 0.8),
    **{
        f"status {status}": says(http(json.dumps(outcome()).encode(), status))
        for status in (
            "400 Bad Request",
            "401 Unauthorized",
            "403 Forbidden",
            "404 Not Found",
            "406 Not Acceptable",
            "410 Gone",
            "429 Too Many Requests",
            "500 Internal Server Error",
            "502 Bad Gateway",
            "503 Service Unavailable",
            "504 Gateway Timeout",
        )
    },
    **{
        f"status {status} with a good body": says(http(PAGE, status))
        for status in (
            "201 Created",
            "202 Accepted",
            "203 Non-Authoritative",
            "206 Partial Content",
            "500 Oops",
        )
    },
    "status 204": says(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"),
    "status 304": says(b"HTTP/1.1 304 Not Modified\r\nConnection: close\r\n\r\n"),
    "no HTTP": says(b"SSH-2.0-OpenSSH_9.6\r\n"),
    "a login page with 200": says(http(HTML, content_type="text/html")),
    "a login page that calls itself JSON": says(http(HTML)),
    "a good body as text/html": says(http(PAGE, content_type="text/html")),
    "a good body as XML": says(http(PAGE, content_type="application/fhir+xml")),
    "an empty body": says(http(b"")),
    "a body shorter than it says": says(http(PAGE[:-10], length=len(PAGE))),
    "a body cut off by the end": says(DROPS + b"\r\n" + PAGE[:-10]),
    "chunks cut off": says(
        DROPS + b"Transfer-Encoding: chunked\r\n\r\n" + b"%x\r\n" % len(PAGE) + PAGE[:-10]
    ),
    "no JSON": says(http(b"{'resourceType': 'Bundle'}")),
    "JSON with NaN": says(http(PAGE[:-1] + b', "x": NaN}')),
    "JSON with a key twice": says(http(PAGE[:-1] + b', "resourceType": "Bundle"}')),
    "bottomless JSON": says(http(b"[" * 100_000)),
    "null": says_json(None),
    "a list": says_json([]),
    "a number": says_json(5),
    "an object of no type": says_json({}),
    "another resource": says_json({"resourceType": "CapabilityStatement", "status": "active"}),
    "an OperationOutcome with 200": says_json(outcome()),
    "a Bundle with an error in it": says_json(
        searchset([], entry=[{"resource": outcome(), "search": {"mode": "outcome"}}])
    ),
    "a Bundle with a warning in it": says_json(
        searchset(
            [],
            entry=[{"resource": outcome("warning", "suppressed"), "search": {"mode": "outcome"}}],
        )
    ),
    "an entry without resource": says_json(searchset([], entry=[{"fullUrl": "urn:uuid:1"}])),
    "entries that are no list": says_json(searchset([], entry={})),
    "more in total than it gives": says_json(searchset([]) | {"total": 3}),
    "a self link without the patient": says_json(searchset([], link=SELF)),
    "a next link to nowhere": says_json(searchset([], link=[{"relation": "next"}])),
    "a next link to another server": says_json(
        searchset([], link=[{"relation": "next", "url": "https://evil.test/fhir/Condition?page=2"}])
    ),
    "pages without end": stubs.endless_pages,
    "pages in a circle": stubs.loops,
    "6 megabytes": says(http(PAGE[:-1] + b" " * 6_000_000 + b"}")),
}


@pytest.mark.requirement("C20", "D17", "E4", "K2")
@pytest.mark.parametrize("fault", FAULTS.values(), ids=list(FAULTS))
def test_a_server_that_fails_is_seen_and_soon(client, templates, clock, fault):
    """Check 13: never 200 {"cards": []}: 412 where nothing could be assessed, 200 with notAssessed where something could; within about a second."""
    with Stub(fault) as server:
        request = request_for(REFERRAL, VIEW, templates, clock) | access(server.base)
        without_procedures = copy.deepcopy(request)
        del request["prefetch"], without_procedures["prefetch"]["procedures"]
        nothing, seconds = timed(lambda: post(client, VIEW, request))
        assert nothing.status_code == 412 and is_visible(nothing)
        assert all(
            key in nothing.get_data(as_text=True) for key in ("conditions", "observations")
        ), "check 11: the keys are named"
        assert seconds < ABOUT_A_SECOND
        partly, seconds = timed(lambda: post(client, VIEW, without_procedures))
        assert (
            partly.status_code == 200
            and is_visible(partly)
            and "ductoscopyReferral" not in codes(partly)
        )
        assert seconds < ABOUT_A_SECOND
    assert "of the server" not in nothing.get_data(as_text=True), (
        "no text of the server in the answer"
    )
    assert server.tokens <= {f"Bearer {TOKEN}"}


def closed_port() -> str:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return f"http://127.0.0.1:{probe.getsockname()[1]}/fhir"


@pytest.mark.requirement("D17", "E4", "E6", "K2")
@pytest.mark.parametrize(
    "hook, patient",
    [
        (VIEW, REFERRAL),
        (VIEW, NOBODY),
        (SELECT, CONTRAINDICATED),
        (SIGN, CONTRAINDICATED),
        (SIGN, SURGERY),
    ],
)
@pytest.mark.parametrize("server", ["refuses", "none given"])
def test_a_dead_server_or_none_is_412_on_every_hook(
    client, templates, clock, hook, patient, server
):
    """Check 11, D17: SHALL be 412 when needed data is neither prefetched nor readable; the OperationOutcome names the keys."""
    request = request_for(patient, hook, templates, clock)
    del request["prefetch"]
    answer, seconds = timed(
        lambda: post(client, hook, request | (access(closed_port()) if server == "refuses" else {}))
    )
    assert answer.status_code == 412 and is_visible(answer) and seconds < ABOUT_A_SECOND
    assert "conditions" in outcome_of(answer)["issue"][0]["diagnostics"]


@pytest.mark.requirement("L17")
@pytest.mark.parametrize(
    "status",
    [
        "301 Moved Permanently",
        "302 Found",
        "303 See Other",
        "307 Temporary Redirect",
        "308 Permanent Redirect",
        "300 Multiple Choices",
    ],
)
def test_redirects_are_not_followed(client, templates, clock, status):
    """T03, L17: the token follows no redirect, not even to the same server."""
    with Stub(serves(record_of(REFERRAL))) as elsewhere:

        def redirects(connection, asked, stub):
            target = asked.path if asked.path.startswith("/moved") else f"/moved{asked.path}"
            place = (
                f"{stub.base}{target}" if len(stub.asked) % 2 else f"{elsewhere.base}{asked.path}"
            )
            connection.sendall(http(b"", status, stubs.FHIR, f"Location: {place}"))

        with Stub(redirects) as server:
            request = request_for(REFERRAL, VIEW, templates, clock) | access(server.base)
            del request["prefetch"]
            answer = post(client, VIEW, request)
    assert answer.status_code == 412 and is_visible(answer)
    assert elsewhere.asked == [] and not any(
        asked.path.startswith("/moved") for asked in server.asked
    )


@pytest.mark.requirement("D17")
@pytest.mark.parametrize("key", ALL)
def test_one_read_that_fails(unhurried, templates, clock, key):
    """One query fails: what it may change is not assessed, and only that; a failed read of the patient or of what only cancer asks hides nothing here."""
    resource_type = re.split("[/?]", templates[VIEW][key])[0]
    with Stub(
        stubs.instead(
            resource_type, says_json(outcome(), status="500 Oops"), serves(record_of(REFERRAL))
        )
    ) as server:
        request = request_for(REFERRAL, VIEW, templates, clock) | access(server.base)
        del request["prefetch"]
        answer = post(unhurried, VIEW, request)
        told = post(unhurried, VIEW, request, "/explain/").get_json()["inputs"]
    assert (
        codes(answer) == ["ductoscopyReferral"]
        if key in PATIENTS[REFERRAL][2]
        else is_visible(answer)
    )
    assert {i["key"] for i in told if i["state"] not in ("present", "empty")} == {
        k for k, t in templates[VIEW].items() if re.split("[/?]", t)[0] == resource_type
    }


# ---------------------------------------------------------------------------------------------------- pages of prefetched Bundles


def paged(request: dict, key: str, url: str) -> dict:
    """The request with the key's Bundle cut after its first entry; returns the rest as a Bundle."""
    bundle = request["prefetch"][key]
    first, rest = bundle["entry"][:1], bundle["entry"][1:]
    request["prefetch"][key] = {
        **bundle,
        "entry": first,
        "link": [{"relation": "next", "url": url}],
    }
    return {"resourceType": "Bundle", "type": "searchset", "entry": rest}


@pytest.mark.requirement("D11")
@pytest.mark.parametrize("token", [TOKEN, None])
def test_a_further_page_on_the_same_server_is_followed(unhurried, templates, clock, token):
    """Check 36: `next` on the same origin: followed, with the token where there is one; the cards are those of the whole."""
    rest = {}
    with Stub(lambda connection, asked, stub: says_json(rest)(connection, asked, stub)) as server:
        request = request_for(REFERRAL, VIEW, templates, clock) | access(server.base, token)
        usual = post(unhurried, VIEW, request).get_json()["cards"]
        rest.update(paged(request, "diagnosticReports", f"{server.base}/DiagnosticReport?page=2"))
        answer = post(unhurried, VIEW, request)
    assert without_uuids(answer.get_json()["cards"]) == without_uuids(usual)
    assert [(asked.path, asked.parameters) for asked in server.asked] == [
        ("/DiagnosticReport", (("page", "2"),))
    ]
    assert server.tokens == {f"Bearer {token}" if token else None}


@pytest.mark.requirement("D11", "L17")
@pytest.mark.parametrize(
    "place", ["another port", "another base", "userinfo", "no server", "relative", "file", "no URL"]
)
def test_a_further_page_elsewhere_is_never_followed(client, templates, clock, place):
    """Check 36, T04: `next` on another host: never followed, token not sent; treated as incomplete."""
    with (
        Stub(serves(record_of(REFERRAL))) as server,
        Stub(serves(record_of(REFERRAL))) as elsewhere,
    ):
        url = {
            "another port": f"{elsewhere.base}/DiagnosticReport?page=2",
            "another base": f"http://{server.host}/other/DiagnosticReport?page=2",
            "userinfo": f"http://{server.host}@{elsewhere.host}/fhir/DiagnosticReport",
            "no server": f"{elsewhere.base}/DiagnosticReport?page=2",
            "relative": "DiagnosticReport?page=2",
            "file": "file:///etc/passwd",
            "no URL": "http://[",
        }[place]
        request = request_for(REFERRAL, VIEW, templates, clock) | (
            access(server.base) if place != "no server" else {}
        )
        paged(request, "diagnosticReports", url)
        assert is_visible(post(client, VIEW, request))
    assert server.asked == [] and elsewhere.asked == []


# ---------------------------------------------------------------------------------------------------- states of prefetch, key by key


def with_failure_inside(
    bundle: dict | None, severity: str = "error", code: str = "processing"
) -> dict:
    """A Bundle that holds an OperationOutcome beside what it held (a Patient becomes a Bundle's entry)."""
    held = (
        [{"resource": bundle}]
        if bundle and bundle["resourceType"] != "Bundle"
        else (bundle or {}).get("entry", [])
    )
    return {
        "resourceType": "Bundle",
        "type": "searchset",
        "entry": [*held, {"resource": outcome(severity, code), "search": {"mode": "outcome"}}],
    }


def with_further_page(bundle: dict | None) -> dict:
    held = (
        [{"resource": bundle}]
        if bundle and bundle["resourceType"] != "Bundle"
        else (bundle or {}).get("entry", [])
    )
    return {
        "resourceType": "Bundle",
        "type": "searchset",
        "link": [{"relation": "next", "url": "https://ehr.example.org/fhir?page=2"}],
        "entry": held[1:],
    }


def shape(value: object):
    return lambda before: value


BUNDLE = {"resourceType": "Bundle", "type": "searchset"}
ABSENT = object()
STATES = {
    "absent": shape(ABSENT),
    "OperationOutcome": shape(outcome()),
    "OperationOutcome without issue": shape({"resourceType": "OperationOutcome"}),
    "OperationOutcome inside, nothing else": lambda before: with_failure_inside(None),
    "OperationOutcome inside, all the rest": with_failure_inside,
    "warning inside": lambda before: with_failure_inside(None, "warning", "suppressed"),
    "next that cannot be followed": with_further_page,
    "no resource": shape({}),
    "a text": shape("canary"),
    "a number": shape(5),
    "true": shape(True),
    "a list of nulls": shape([None]),
    "an entry that is null": shape({**BUNDLE, "entry": [None]}),
    "an entry without resource": shape({**BUNDLE, "entry": [{"response": {"status": "404"}}]}),
}
# Shapes that hide something and are taken for "nothing found".
TAKEN_FOR_EMPTY = {
    "a resource of another type": shape({"resourceType": "Banana"}),
    "entry that is an object": shape({**BUNDLE, "entry": {}}),
    "entry that is a text": shape({**BUNDLE, "entry": ""}),
    "entry that is false": shape({**BUNDLE, "entry": False}),
    "links that are no list": shape(
        {**BUNDLE, "link": {"relation": "next", "url": "https://ehr.example.org/fhir?page=2"}}
    ),
    "next without url": shape({**BUNDLE, "link": [{"relation": "next"}]}),
    "more in total than it holds": shape({**BUNDLE, "total": 700}),
    "a list of something else": shape(
        {"resourceType": "List", "status": "current", "mode": "working"}
    ),
    "what is attached to something": shape(
        {
            **BUNDLE,
            "entry": [
                {
                    "resource": {
                        "resourceType": "Binary",
                        "contentType": "application/pdf",
                        "data": "JVBERg==",
                    }
                }
            ],
        }
    ),
    "answers to nothing": shape({"resourceType": "Bundle", "type": "batch-response", "entry": []}),
}
# patient -> (hook, complete answer, the keys on which this answer cannot depend).
# Without a current discharge, inflammation or cancer nothing is advised, so only what may tell of one matters; the patient matters where an
# age must be computed; medication, meetings and studies matter where there is cancer or inflammation.
NO_AGE = {"patient", *OF_CANCER}
MASTITIS, RECURRENCE, TRACER = (
    "mastitis-not-over-after-two-weeks-of",
    "axillary-recurrence-seven-years-after",
    "fapi-pet-ct-after-the-study-was-left",
)
DOCETAXEL = "docetaxel-first-for-hormone-positive"
PATIENTS = {
    REFERRAL: (VIEW, ["ductoscopyReferral"], NO_AGE),
    NOBODY: (
        VIEW,
        [],
        NO_AGE | {"procedures", "imagingStudies", "diagnosticReports", "serviceRequests"},
    ),
    CONTRAINDICATED: (SIGN, ["ductoscopyContraindicated"], NO_AGE),
}


def in_state(request: dict, key: str, state) -> dict:
    value = state(request["prefetch"][key])
    if value is ABSENT:
        del request["prefetch"][key]
    else:
        request["prefetch"][key] = value
    return request


# Every state of every key, and for keys on which no answer here depends one state of each sort.
OF_EACH_SORT = ("absent", "OperationOutcome", "next that cannot be followed", "a text")
KEYS_IN_STATES = [
    (key, name) for key in ALL for name in STATES if key not in OF_CANCER or name in OF_EACH_SORT
]


@pytest.mark.requirement("D11", "D12", "D15")
@pytest.mark.parametrize("patient", PATIENTS)
@pytest.mark.parametrize(
    "key, state",
    [pytest.param(key, STATES[name], id=f"{key}-{name}") for key, name in KEYS_IN_STATES],
)
def test_unread_data_are_seen(client, templates, clock, patient, key, state):
    """Oracle 4 (fail visibly) and decision 2: for every key and state: 412, or 200 with notAssessed wherever the key could change the answer;
    never a silent {"cards": []}; never a recommendation that the complete data do not give."""
    hook, complete, indifferent = PATIENTS[patient]
    answer = post(client, hook, in_state(request_for(patient, hook, templates, clock), key, state))
    if key in indifferent:
        assert (answer.status_code, codes(answer)) == (200, complete), (
            "assessable: no unread input could change it"
        )
        return
    assert answer.status_code == 412 or answer.get_json()["cards"], "never silent"
    visible = is_visible(answer)
    assert answer.status_code == 412 or advice(answer) <= set(complete), (
        "nothing is recommended for want of data"
    )
    assert visible or codes(answer) == complete
    told = {
        i["key"]: i["state"]
        for i in post(
            client,
            hook,
            in_state(request_for(patient, hook, templates, clock), key, state),
            "/explain/",
        ).get_json()["inputs"]
    }
    assert told[key] in ("partial", "unavailable")
    assert {k for k, found in told.items() if found in ("partial", "unavailable")} == {key}


@pytest.mark.requirement("D13")
@pytest.mark.parametrize("state", TAKEN_FOR_EMPTY.values(), ids=list(TAKEN_FOR_EMPTY))
def test_a_shape_that_hides_something_is_not_empty(client, templates, clock, state):
    """§1D, four states: only null and a Bundle with zero entries are known to be empty; F12: `total` > entries without next is PARTIAL."""
    answer = post(
        client, VIEW, in_state(request_for(REFERRAL, VIEW, templates, clock), "conditions", state)
    )
    assert is_visible(answer)


@pytest.mark.requirement("D13")
@pytest.mark.parametrize("patient", PATIENTS)
@pytest.mark.parametrize("key", ALL)
def test_null_and_an_empty_bundle_are_one_answer(client, templates, clock, patient, key):
    """Check 14, D13: null; a zero-entry Bundle; an absent `entry`; a note that only informs: the same, "no such data", neither 412 nor 500."""
    hook = PATIENTS[patient][0]
    note = {
        "resource": {
            "resourceType": "OperationOutcome",
            "issue": [{"severity": "information", "code": "informational"}],
        }
    }
    found = []
    for empty in (
        None,
        {**BUNDLE, "entry": []},
        BUNDLE,
        {**BUNDLE, "total": 0, "link": []},
        {**BUNDLE, "entry": None},
        [],
        {**BUNDLE, "entry": [note]},
    ):
        answer = post(
            client, hook, in_state(request_for(patient, hook, templates, clock), key, shape(empty))
        )
        assert answer.status_code == 200
        found.append(without_uuids(answer.get_json()["cards"]))
    assert all(cards == found[0] for cards in found)
    assert "notAssessed" not in [card["source"]["topic"]["code"] for card in found[0]]


def as_age(request: dict) -> dict:
    """The complaint's onset told as an age, so that the patient's birth date matters."""
    for entry in request["prefetch"]["conditions"]["entry"]:
        if entry["resource"].pop("onsetDateTime", None):
            entry["resource"]["onsetAge"] = {
                "value": 51,
                "unit": "jaar",
                "system": "http://unitsofmeasure.org",
                "code": "a",
            }
    return request


@pytest.mark.parametrize("patient, hook", [(REFERRAL, VIEW), (SURGERY, SIGN)])
@pytest.mark.parametrize(
    "state",
    [
        STATES["absent"],
        STATES["OperationOutcome"],
        STATES["OperationOutcome inside, nothing else"],
        STATES["next that cannot be followed"],
    ],
)
def test_an_unread_patient_is_seen_where_an_age_must_be_computed(
    client, templates, clock, patient, hook, state
):
    """The exception of the table above: an onset told as an age needs the birth date."""
    assert (
        codes(post(client, hook, as_age(request_for(patient, hook, templates, clock))))
        == PATIENTS.get(patient, (0, ["ductoscopyBeforeSurgery"]))[1]
    )
    assert is_visible(
        post(
            client,
            hook,
            in_state(as_age(request_for(patient, hook, templates, clock)), "patient", state),
        )
    )


# Resources that would bring, change or silence advice if they stood under a key that could not be read: type -> cases that hold such ones.
WITNESSES = {
    "Condition": [
        REFERRAL,
        "retraction-that-cannot-be-everted",
        "six-weeks-normal-imaging",
        "milky-discharge-without-imaging",
        "both-breasts-in-one-record",
        MASTITIS,
        RECURRENCE,
        "ibc-just-diagnosed-nothing-on-record",
        "liver-metastasis-found-a-month-ago",
    ],
    "DiagnosticReport": [
        REFERRAL,
        "all-four-properties-on-record",
        "bi-rads-5-on-ultrasound",
        "bi-rads-5-benign-biopsy-afterwards",
        "two-vertebral-lesions-uncertain-focus",
    ],
    "Procedure": [
        "earlier-microdochectomy-of-this-breast",
        "bi-rads-5-benign-biopsy-afterwards",
        "microdochectomy-after-ductoscopy",
        "mastectomy-in-icd-10-and-as-a-planned",
    ],
    "ServiceRequest": ["ductoscopy-ordered", "microdochectomy-while-ductoscopy-is"],
    "Observation": [
        "observed-twice-within-five-months",
        "observed-once-last-week",
        "milky-as-a-component-of-an-observation",
        "peau-d-orange-observed-last-week",
        "liver-metastasis-as-an-observation",
    ],
    "ImagingStudy": ["category-beside-an-imaging-study", "fdg-pet-ct-as-an-imaging-study"],
    "MedicationRequest": [MASTITIS],
    "MedicationAdministration": [
        "antibiotic-administered-ten-days-ago",
        "ibc-docetaxel-administered",
    ],
    "MedicationStatement": ["statement-of-antibiotic-use-mastitis"],
    "ResearchSubject": ["fapi-pet-ct-ordered-for-a-study"],
    "DocumentReference": ["meeting-known-from-its-report"],
    "Encounter": ["meeting-as-an-encounter"],
    "Appointment": ["meeting-booked-for-next-week"],
}


def witnesses(resource_type: str, patient: str) -> list[list[dict]]:
    """For each witness case its resources of a type, as if they were this patient's."""
    found = []
    for case_id in WITNESSES.get(resource_type, []):
        resources = [r for r in record_of(case_id) if r["resourceType"] == resource_type]
        assert resources, f"{case_id} has no {resource_type} any more"
        found.append(
            json.loads(
                json.dumps(resources).replace(f'"Patient/{case_id}"', f'"Patient/{patient}"')
            )
        )
    return found


def told_by(answer) -> dict[tuple[str, str], str]:
    """(guideline, key) -> indicator of the cards of an answer: a note speaks for its own guideline only."""
    return {
        (guideline_of(card)[0], card["source"]["topic"]["code"]): card["indicator"]
        for card in answer.get_json()["cards"]
    }


def faults_of_less_data(client, templates, clock, case, keys) -> list[tuple]:
    """What is wrong with the answers of a case when one key after the other cannot be read."""
    wrong, hook = [], list(case.expect)[-1]
    request = request_for(case.id, hook, templates, clock)
    complete = told_by(post(client, hook, request))
    for key in keys:
        answer = post(
            client, hook, {**request, "prefetch": {**request["prefetch"], key: outcome()}}
        )
        if answer.status_code == 412:
            continue
        cards = told_by(answer)
        gone = complete.keys() - cards.keys()
        if {code for _, code in cards.keys() - complete.keys()} - NOTES:
            wrong.append((case.id, hook, key, "adds a recommendation", sorted(cards)))
        if any((guideline, "notAssessed") not in cards for guideline, _ in gone):
            wrong.append((case.id, hook, key, "hides a card", sorted(cards)))
        if any(
            complete[card] == "warning" != cards.get((card[0], "notAssessed"))
            for card in gone
            if card[1] not in STAYS_INFO
        ):
            wrong.append((case.id, hook, key, "hides a warning behind an info", sorted(cards)))
        if not cards:
            # Silence claims that the answer cannot depend on this key: then no witness under it may make a difference.
            held = (request["prefetch"][key] or {}).get("entry", []) if key != "patient" else []
            for resources in witnesses(re.split("[/?]", templates[hook][key])[0], case.id):
                bundle = {
                    "resourceType": "Bundle",
                    "type": "searchset",
                    "entry": [*held, *({"resource": r} for r in resources)],
                }
                if (
                    other := post(
                        client, hook, {**request, "prefetch": {**request["prefetch"], key: bundle}}
                    )
                ).get_json() != {"cards": []}:
                    wrong.append(
                        (case.id, hook, key, "was silent, and with other data says", codes(other))
                    )
    return wrong


@pytest.mark.parametrize("part", range(4))
def test_less_data_never_means_more_advice(client, templates, clock, part):
    """Metamorphic, every seventh case and three keys of each in turn: a key that fails never adds a recommendation, never takes a card away (a warning
    least of all) without its guideline's notAssessed or 412, and silence is never broken by data that could have stood under that key."""
    cases = [case for case in CASES.values() if not case.unread][::7]
    mine = list(enumerate(cases))[part::4]
    turns = [
        (case, [ALL[(number + turn) % len(ALL)] for turn in (0, 5, 10)]) for number, case in mine
    ]
    assert [
        fault
        for case, keys in turns
        for fault in faults_of_less_data(client, templates, clock, case, keys)
    ] == []


@pytest.mark.parametrize("number", range(len(EXAMPLES)), ids=[case.id for case in EXAMPLES])
def test_less_data_never_means_more_advice_to_an_example(client, templates, clock, number):
    """The same for every example: half of the keys, and the other half for its neighbour."""
    assert (
        faults_of_less_data(client, templates, clock, EXAMPLES[number], ALL[number % 2 :: 2]) == []
    )


# patient -> (hook, card, the keys without which this card cannot be given: what its triggers, requirements, exclusions and suppressions read).
SIGNS = {"conditions", "observations", "observationsByCode"}
ORDERED = {"procedures", "serviceRequests", "appointments"}
DECISIVE = {
    # the antibiotic is known from a prescription: administrations and statements can add nothing
    MASTITIS: (VIEW, "ibcSuspected", SIGNS | ORDERED | {"medicationRequests"}),
    # distant metastases are an exclusion, a meeting has been held or is planned
    RECURRENCE: (
        VIEW,
        "regionalRecurrenceMdt",
        SIGNS
        | ORDERED
        | {"imagingStudies", "diagnosticReports", "documentReferences", "encounters"},
    ),
    TRACER: (SIGN, "researchTracer", SIGNS | {"researchSubjects"}),
    # first line: no systemic treatment, however recorded, since the metastasis
    DOCETAXEL: (
        SIGN,
        "endocrineFirst",
        SIGNS
        | {
            "procedures",
            "imagingStudies",
            "diagnosticReports",
            "medicationRequests",
            "medicationAdministrations",
            "medicationStatements",
        },
    ),
}


@pytest.mark.parametrize("key", ALL)
@pytest.mark.parametrize("patient", DECISIVE)
def test_a_card_needs_what_it_rests_on_and_nothing_else(client, templates, clock, patient, key):
    """Decision 2, in the guidelines on cancer: a key that may change the card takes it away visibly; another key does not."""
    hook, code, needed = DECISIVE[patient]
    complete = post(client, hook, request_for(patient, hook, templates, clock))
    assert codes(complete) == [code]
    answer = post(
        client,
        hook,
        in_state(request_for(patient, hook, templates, clock), key, STATES["OperationOutcome"]),
    )
    assert (
        (is_visible(answer) and not advice(answer)) if key in needed else advice(answer) == {code}
    )


# ---------------------------------------------------------------------------------------------------- keys of the client's own


def renamed(request: dict, add: dict | None = None, **more: object) -> dict:
    """Conditions under a key of the client's own, which holds another complaint only."""
    bundle = request["prefetch"].pop("conditions")
    other = {
        "resourceType": "Condition",
        "id": "other",
        "subject": bundle["entry"][0]["resource"]["subject"],
        "code": {"text": "hoofdpijn"},
    }
    request["prefetch"]["problems"] = {
        **bundle,
        **more,
        "total": 1,
        "entry": [{"resource": other}, *([add] if add else [])],
    }
    return request


OWN_KEYS = {
    "a further page": lambda request: renamed(
        request, link=[{"relation": "next", "url": "https://ehr.example.org/fhir?page=2"}]
    ),
    "a failure inside": lambda request: renamed(request, add={"resource": outcome()}),
    "an entry without resource": lambda request: renamed(request, add={"fullUrl": "urn:uuid:1"}),
}


@pytest.mark.parametrize("incomplete", OWN_KEYS.values(), ids=list(OWN_KEYS))
def test_an_incomplete_key_of_the_clients_own_is_seen(client, templates, clock, incomplete):
    """Decision 11: resources count under any key; so does what is missing under it."""
    assert is_visible(post(client, VIEW, incomplete(request_for(REFERRAL, VIEW, templates, clock))))


# ---------------------------------------------------------------------------------------------------- another patient's data


def foreign(resource_type: str) -> dict:
    if resource_type == "Patient":
        return {"resourceType": "Patient", "id": "other"}
    other = {"reference": "Patient/other"}
    owner = {
        "Appointment": {"participant": [{"actor": other}]},
        "ResearchSubject": {"individual": other},
    }.get(resource_type, {"subject": other})
    return {
        "resourceType": resource_type,
        "id": "foreign-1",
        "status": "final",
        "code": {"text": "Canary"},
        **owner,
    }


PLACES = {
    "beside the patient's own": lambda request, key, r: (
        request["prefetch"].update(
            {key: with_failure_inside(request["prefetch"][key], "information")}
        )
        or request["prefetch"][key]["entry"].append({"resource": r})
    ),
    "instead of them": lambda request, key, r: request["prefetch"].update(
        {key: {**BUNDLE, "entry": [{"resource": r}]}}
    ),
    "as a bare resource": lambda request, key, r: request["prefetch"].update({key: r}),
    "under a key of the client's own": lambda request, key, r: request["prefetch"].update(
        {"mine": {**BUNDLE, "entry": [{"resource": r}]}}
    ),
}


@pytest.mark.requirement("K5")
@pytest.mark.parametrize("place", PLACES.values(), ids=list(PLACES))
@pytest.mark.parametrize("key", ALL)
@pytest.mark.parametrize("patient", PATIENTS)
def test_another_patients_data_are_refused_in_any_key(
    client, templates, clock, patient, key, place
):
    """Check 37, T14, decision 14: 400 always, an OperationOutcome `conflict`, nothing evaluated, nothing of them told."""
    hook = PATIENTS[patient][0]
    request = request_for(patient, hook, templates, clock)
    place(request, key, foreign(re.split("[/?]", templates[hook][key])[0]))
    for path in ("/cds-services/", "/explain/"):
        answer = post(client, hook, request, path)
        assert answer.status_code == 400
        assert outcome_of(answer)["issue"][0]["code"] == "conflict"
        assert not re.search("other/|foreign-1|Canary", answer.get_data(as_text=True))


REFERENCES = [
    "Patient/other",
    "https://ehr.example.org/fhir/Patient/other",
    "Patient/other/_history/1",
    "/Patient/other",
    f"Patient/{REFERRAL}x",
    f"Patient/{REFERRAL[:-1]}",
    f"Patient/{REFERRAL.upper()}",
    f"Practitioner/{REFERRAL}",
    f"Group/{REFERRAL}",
    f"Patient/{REFERRAL}/Patient/other",
    "urn:uuid:of-another",
]


@pytest.mark.parametrize("reference", REFERENCES)
@pytest.mark.parametrize("member", ["subject", "patient"])
def test_references_to_another_patient(client, templates, clock, reference, member):
    """T14: every subject must resolve to Patient/{patientId}: relative, absolute, versioned, urn:uuid inside the Bundle; any mismatch is refused."""
    request = request_for(REFERRAL, VIEW, templates, clock)
    stray = {
        "resourceType": "Procedure",
        "id": "p",
        "status": "completed",
        "code": {"text": "x"},
        member: {"reference": reference},
    }
    request["prefetch"]["procedures"] = {**BUNDLE, "entry": [{"resource": stray}]}
    if reference.startswith("urn:"):
        request["prefetch"]["procedures"]["entry"].append(
            {"fullUrl": reference, "resource": {"resourceType": "Patient", "id": "other"}}
        )
    assert post(client, VIEW, request).status_code == 400


@pytest.mark.parametrize(
    "reference",
    [
        f"Patient/{REFERRAL}",
        f"https://ehr.example.org/fhir/Patient/{REFERRAL}",
        f"Patient/{REFERRAL}/_history/7",
        "urn:uuid:own",
    ],
)
def test_references_to_the_patient(client, templates, clock, reference):
    """Control: the same forms, to the context patient, are used."""
    request = request_for(REFERRAL, VIEW, templates, clock)
    entries = request["prefetch"]["conditions"]["entry"]
    entries[0]["resource"]["subject"] = {"reference": reference}
    if reference.startswith("urn:"):
        entries.append({"fullUrl": reference, "resource": request["prefetch"]["patient"]})
    assert codes(post(client, VIEW, request)) == ["ductoscopyReferral"]


@pytest.mark.parametrize("key", ALL)
def test_another_patients_data_from_the_server_are_refused(unhurried, templates, clock, key):
    """F09: a wrong patient in the server's answer: nothing evaluated, 400."""
    resource_type = re.split("[/?]", templates[VIEW][key])[0]
    wrong = says_json(
        foreign("Patient") if key == "patient" else searchset([foreign(resource_type)])
    )
    with Stub(stubs.instead(resource_type, wrong, serves(record_of(REFERRAL)))) as server:
        request = request_for(REFERRAL, VIEW, templates, clock) | access(server.base)
        del request["prefetch"]
        answer = post(unhurried, VIEW, request)
    if key == "patient":  # a read that gives another id than asked for is a failed read
        assert codes(answer) == ["ductoscopyReferral"]
    else:
        assert answer.status_code == 400 and outcome_of(answer)["issue"][0]["code"] == "conflict"


def test_another_patients_data_under_a_name_that_was_seen(client, templates, clock):
    """Decision 14: 400 always, also where the foreign resource has the Type/id of one that came before it."""
    request = request_for(REFERRAL, VIEW, templates, clock)
    twin = copy.deepcopy(request["prefetch"]["conditions"]["entry"][0]["resource"]) | {
        "subject": {"reference": "Patient/other"}
    }
    request["prefetch"]["more"] = {**BUNDLE, "entry": [{"resource": twin}]}
    assert post(client, VIEW, request).status_code == 400


def test_another_patients_data_inside_a_report(client, templates, clock):
    """Decision 14: 400 always, also for a result contained in the patient's own report."""
    request = request_for(REFERRAL, VIEW, templates, clock)
    report = request["prefetch"]["diagnosticReports"]["entry"][0]["resource"]
    report["contained"] = [
        {
            "resourceType": "Observation",
            "id": "o",
            "status": "final",
            "subject": {"reference": "Patient/other"},
            "code": {"text": "x"},
        }
    ]
    report["result"] = [{"reference": "#o"}]
    assert post(client, VIEW, request).status_code == 400


def test_all_subjects_are_looked_at(client, templates, clock):
    """A resource whose first subject cannot be told and whose second is another patient is not used, and is missed."""
    request = request_for(REFERRAL, VIEW, templates, clock)
    request["prefetch"]["conditions"]["entry"][0]["resource"].update(
        subject={"reference": "#x"}, patient={"reference": "Patient/other"}
    )
    answer = post(client, VIEW, request)
    assert answer.status_code == 400 or is_visible(answer) and not advice(answer)


# ---------------------------------------------------------------------------------------------------- data that cannot be used


@dataclass(frozen=True)
class Unusable:
    """What is done to a resource, the problem that /explain tells, and whether the card says notAssessed."""

    change: dict
    kind: str
    noted: bool


NEXT_YEAR = "2027-06-15"
UNUSABLE = {
    "no subject": Unusable({"subject": None}, "no-patient", True),
    "a subject that names nobody": Unusable(
        {"subject": {"display": "mevrouw X"}}, "no-patient", True
    ),
    "a subject by identifier": Unusable(
        {"subject": {"identifier": {"value": "999990019"}}}, "no-patient", True
    ),
    "a subject that is contained": Unusable({"subject": {"reference": "#p"}}, "no-patient", True),
    "a subject that is a text": Unusable({"subject": f"Patient/{REFERRAL}"}, "no-patient", True),
    "modifierExtension": Unusable(
        {"modifierExtension": [{"url": "https://ehr.example.org/not", "valueBoolean": True}]},
        "unreadable",
        True,
    ),
    "implicitRules": Unusable(
        {"implicitRules": "https://ehr.example.org/rules"}, "unreadable", True
    ),
}
OF_DISCHARGE = {
    "future-dated": Unusable({"onsetDateTime": NEXT_YEAR}, "future", False),
    "recorded in the future": Unusable(
        {"onsetDateTime": None, "recordedDate": NEXT_YEAR}, "future", False
    ),
    "entered in error": Unusable(
        {"verificationStatus": {"coding": [{"code": "entered-in-error"}]}}, "set-aside", False
    ),
    "malformed onset": Unusable({"onsetDateTime": "vorig jaar"}, "unreadable", True),
    "onset with a day that there is not": Unusable(
        {"onsetDateTime": "2026-02-30"}, "unreadable", True
    ),
    "onset that is a number": Unusable({"onsetDateTime": 20260101}, "unreadable", True),
    "period that ends before it starts": Unusable(
        {"onsetDateTime": None, "onsetPeriod": {"start": "2026-03-01", "end": "2026-01-01"}},
        "unreadable",
        True,
    ),
    "malformed clinical status": Unusable(
        {"clinicalStatus": {"coding": "active"}}, "unreadable", True
    ),
    "malformed verification status": Unusable(
        {"verificationStatus": {"coding": [{"code": 5}]}}, "unreadable", True
    ),
    "malformed body site": Unusable(
        {"bodySite": [{"coding": [{"code": ["80248007"]}]}]}, "unreadable", True
    ),
    "malformed recording date": Unusable({"recordedDate": "gisteren"}, "unreadable", True),
}
OF_REPORT = {
    "future-dated": Unusable({"effectiveDateTime": NEXT_YEAR}, "future", False),
    "entered in error": Unusable({"status": "entered-in-error"}, "set-aside", False),
    "malformed date": Unusable({"effectiveDateTime": "gisteren"}, "unreadable", True),
    "malformed status": Unusable({"status": ["final"]}, "unreadable", True),
    "malformed conclusion": Unusable({"conclusionCode": [{"coding": "x"}]}, "unreadable", True),
}


@pytest.mark.parametrize(
    "key, unusable",
    [
        pytest.param(key, u, id=f"{key}: {name}")
        for key, table in (
            ("conditions", {**UNUSABLE, **OF_DISCHARGE}),
            ("diagnosticReports", {**UNUSABLE, **OF_REPORT}),
        )
        for name, u in table.items()
    ],
)
def test_data_that_cannot_be_used_are_seen(client, templates, clock, key, unusable):
    """T17, decision 4 of the house rules: unusable data are named in the trace (by reference, never by value); unreadable ones make the advice not assessed."""
    request = request_for(REFERRAL, VIEW, templates, clock)
    resource = request["prefetch"][key]["entry"][0]["resource"]
    for element, value in unusable.change.items():
        resource.pop(element, None)
        if value is not None:
            resource[element] = value
    told = post(client, VIEW, request, "/explain/").get_json()
    problems = [(p.get("reference"), p["kind"]) for p in told["problems"]]
    assert (f"{resource['resourceType']}/{resource['id']}", unusable.kind) in problems, told[
        "problems"
    ]
    assert not re.search("mevrouw X|999990019|vorig jaar|gisteren", json.dumps(told["problems"]))
    answer = post(client, VIEW, request)
    assert "ductoscopyReferral" not in codes(answer) if answer.status_code == 200 else True
    if unusable.noted:
        assert is_visible(answer)
    if unusable.kind == "unreadable":
        assert answer.status_code == 200 and "notAssessed" in codes(answer), (
            "read, but not understood: 200"
        )
        (note,) = [
            card
            for card in answer.get_json()["cards"]
            if card["source"]["topic"]["code"] == "notAssessed"
        ]
        assert resource["id"].split("-")[-2] in note["detail"].replace("\\", ""), (
            "the card names the resource"
        )


ORDERS = {  # what makes the order under review unusable, and whether the answer itself must show it
    "malformed date": ({"authoredOn": "gisteren"}, True),
    "malformed status": ({"status": ["draft"]}, True),
    "malformed body site": ({"bodySite": [1]}, True),
    "modifierExtension": (
        {"modifierExtension": [{"url": "https://ehr.example.org/not", "valueBoolean": True}]},
        True,
    ),
    "future-dated": ({"authoredOn": NEXT_YEAR}, False),
}


@pytest.mark.parametrize("change, noted", ORDERS.values(), ids=list(ORDERS))
def test_an_order_that_cannot_be_read_is_seen(client, templates, clock, change, noted):
    """The order under review is the first thing that must be read: an unreadable ductoscopy order must not turn a warning into {"cards": []}."""
    request = request_for(CONTRAINDICATED, SIGN, templates, clock)
    request["context"]["draftOrders"]["entry"][0]["resource"].update(change)
    assert post(client, SIGN, request, "/explain/").get_json()["problems"]
    assert codes(post(client, SIGN, request)) or not noted


@pytest.mark.parametrize("birth", ["vroeger", "1974-13-01", 1974, ["1974-01-01"]])
def test_a_birth_date_that_cannot_be_read_is_seen(client, templates, clock, birth):
    """Where an age must be computed the birth date is data that is read: unreadable, it is a problem and a reason for notAssessed."""
    request = as_age(request_for(REFERRAL, VIEW, templates, clock))
    request["prefetch"]["patient"]["birthDate"] = birth
    assert "unreadable" in [
        problem["kind"]
        for problem in post(client, VIEW, request, "/explain/").get_json()["problems"]
    ]
    assert is_visible(post(client, VIEW, request))


# ---------------------------------------------------------------------------------------------------- what a request may write into a query
# (Which servers are contacted at all: tests/security/test_egress.py.)


@pytest.mark.parametrize(
    "value",
    [
        "1&code=x",
        "%2e%2e",
        "1,2",
        "a b",
        "a/b",
        "../x",
        "a\r\nX-Evil: 1",
        "#",
        "?",
        "x" * 5000,
        "é",
    ],
    ids=lambda text: ascii(text)[:20],
)
def test_a_patient_id_cannot_rewrite_a_query(client, templates, clock, value):
    """The id goes into read and search as a value: it adds no parameter, path or header, or nothing is read."""
    with Stub(says(http(PAGE))) as server:
        request = request_for(NOBODY, VIEW, templates, clock) | access(server.base)
        del request["prefetch"]
        request["context"]["patientId"] = value
        post(client, VIEW, request)
    for asked in server.asked:
        assert {name for name, _ in asked.parameters} <= {
            "patient",
            "category",
            "code",
            "_count",
        } and "x-evil" not in asked.headers
        assert asked.path.count("/") == (1 if asked.parameters else 2)
        assert not asked.parameters or dict(asked.parameters)["patient"] == value
        assert [name for name, _ in asked.parameters].count("code") <= 1
        assert "code" not in dict(asked.parameters) or dict(asked.parameters)["code"] != "x"


def test_data_of_nobody_under_a_key_of_the_clients_own_are_no_silence(client, templates, clock):
    """Decision 11 beside T14: what a client tells under its own key counts, but a Condition without a subject is not used, and is missed."""
    clock.day = date(2026, 6, 15)
    orphan = {
        "resourceType": "Condition",
        "id": "a",
        "code": {"text": "Bloederige tepelvloed links"},
        "onsetDateTime": "2026-05-01",
    }
    prefetch = {key: None for key in templates["patient-view"] if key != "conditions"}
    prefetch["problems"] = {"resourceType": "Bundle", "entry": [{"resource": orphan}]}
    body = {
        "hook": "patient-view",
        "hookInstance": "x",
        "context": {"userId": "Practitioner/1", "patientId": "p"},
        "prefetch": prefetch,
    }
    answer = client.post("/cds-services/breast-patient-view", json=body)
    assert is_visible(answer) and not advice(answer)
    assert "nipple_discharge" in [guideline_of(card)[0] for card in answer.get_json()["cards"]], (
        "some other guideline could be assessed"
    )
    told = client.post("/explain/breast-patient-view", json=body).get_json()["inputs"]
    assert [
        (i["key"], i["state"], i["reason"]) for i in told if i["state"] not in ("present", "empty")
    ] == [("conditions", "partial", "no-patient")]
