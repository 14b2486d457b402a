"""Cross-origin calls (CDS Hooks 2.0.1, CORS; T34; decision 18): exact origins from the file of trusted clients, on every answer, never `*`."""

import pytest

from cds_service.settings import Settings
from cds_service.web import create_app
from tests.contract.helpers import NOBODY, request_for
from tests.security.conftest import EC, ORIGIN, OTHER_ORIGIN, RSA, TYPED
from tests.security.tokens import (
    ADDRESSES,
    DISCOVERY,
    FEEDBACK,
    NO_NEWS,
    SELECT,
    SERVICES,
    SIGN,
    VIEW,
    Moment,
)

ALLOW = "Access-Control-Allow-Origin"
PATHS = [DISCOVERY, *SERVICES, FEEDBACK, f"{SELECT}/feedback", f"{SIGN}/feedback"]


def check_never_careless(answer) -> None:
    """No wildcard and no credentials, whatever the answer is; and caches know that it depends on the origin."""
    assert (
        "*" not in answer.headers.get(ALLOW, "")
        and "," not in answer.headers.get(ALLOW, "")
        and answer.headers.get(ALLOW) != "null"
    )
    assert "Access-Control-Allow-Credentials" not in answer.headers
    assert "*" not in answer.headers.get(
        "Access-Control-Allow-Headers", ""
    ) and "*" not in answer.headers.get("Access-Control-Allow-Methods", "")
    assert "origin" in answer.headers["Vary"].lower()


def listed(answer, name: str) -> set[str]:
    return {
        word.strip().lower()
        for word in answer.headers.get(f"Access-Control-Allow-{name}", "").split(",")
        if word.strip()
    }


def preflight(
    web,
    path: str,
    origin: str,
    method: str = "POST",
    headers: str = "authorization,content-type",
    **more: str,
):
    asked = {
        "Origin": origin,
        "Access-Control-Request-Method": method,
        **({"Access-Control-Request-Headers": headers} if headers else {}),
    }
    return web.options(path, headers=asked, **more)


# ---------------------------------------------------------------------------------------------------- preflights


@pytest.mark.requirement("M1")
@pytest.mark.parametrize("origin", [ORIGIN, OTHER_ORIGIN])
@pytest.mark.parametrize("path", PATHS)
def test_a_preflight_needs_no_token_and_admits_every_registered_origin(service, path, origin):
    """Check 30: the browser sends no token with it, so it cannot say which client it is: the union of all is admitted."""
    answer = preflight(service.web, path, origin, "GET" if path == DISCOVERY else "POST")
    assert answer.status_code == 204 and answer.data == b""
    assert answer.headers[ALLOW] == origin
    assert {"authorization", "content-type"} <= listed(answer, "Headers") and {
        "get",
        "post",
    } <= listed(answer, "Methods")
    check_never_careless(answer)


def test_a_preflight_of_discovery_as_the_sandbox_sends_it(service):
    """4.6: `authorization` alone."""
    answer = preflight(service.web, DISCOVERY, ORIGIN, "GET", "authorization")
    assert answer.headers[ALLOW] == ORIGIN and "authorization" in listed(answer, "Headers")


STRANGERS = [
    "https://evil.example.org",
    "null",
    "",
    "*",
    "https://ehr.ec.example.org.evil.example.org",
    "https://evil-ehr.ec.example.org",
    "https://ehr.ec.example.org:8443",
    "http://ehr.ec.example.org",
    "https://ehr.rsa.example.org",
    "https://ehr.ec.example.org/",
    "https://ehr.ec.example.org, https://evil.example.org",
    "https://user@ehr.ec.example.org",
    "https://ehr-ec.example.org",
    "https://ec.example.org",
    "file://",
    "http://localhost:3000",
    "http://127.0.0.1:3000",
    "https://EHR.EC.EXAMPLE.ORG",
    "https://ehr.ec.example.org\t",
    "https://ehr.ec.example.org%00.evil.example.org",
    "https://ehr.ec.example.org#",
    "capacitor://localhost",
    "https://ehr.ec.example.org.",
]


@pytest.mark.requirement("M2")
@pytest.mark.parametrize("origin", STRANGERS)
def test_strangers_are_not_admitted(service, origin):
    """T34, check 31: equality, never a beginning, an end or a pattern; loopback is no exception when authentication is on."""
    for method, path in ADDRESSES:
        for answer in (
            preflight(service.web, path, origin, method),
            service.send(method, path, None, Origin=origin),
            service.send(method, path, f"Bearer {service.token(EC, path)}", Origin=origin),
        ):
            assert ALLOW not in answer.headers, (method, path, answer.status_code)
            check_never_careless(answer)


def test_a_preflight_does_not_admit_what_it_is_asked_for(service):
    """No echo of methods and headers."""
    answer = preflight(service.web, VIEW, ORIGIN, "DELETE", "x-evil,authorization")
    assert "x-evil" not in listed(answer, "Headers") and "delete" not in listed(answer, "Methods")


@pytest.mark.parametrize(
    "headers", [{"Origin": ORIGIN}, {"Access-Control-Request-Method": "POST"}, {}]
)
def test_other_options_requests_are_no_preflight(service, headers):
    """Interface: a preflight has both headers; anything else needs a token."""
    assert service.web.options(VIEW, headers=headers).status_code == 401


def test_a_preflight_gives_nothing_away(service):
    """It answers alike for services that exist and those that do not, and never with their data."""
    for path in (VIEW, "/cds-services/no-such-service", "/nothing"):
        answer = preflight(service.web, path, ORIGIN)
        assert answer.status_code == 204 and answer.data == b"" and answer.headers[ALLOW] == ORIGIN


# ---------------------------------------------------------------------------------------------------- real calls

INCOMPLETE = {
    "hook": "patient-view",
    "hookInstance": "8c6bd6d6-1e0b-4b7a-8d2e-0a3f7f1f6d51",
    "context": {"userId": "Practitioner/1", "patientId": "1"},
}


def whole(service, templates):
    return request_for(NOBODY, "patient-view", templates, service.clock)


# status -> path, body made from the fixtures
CALLS = {
    "200 of discovery": (200, DISCOVERY, None),
    "200 of a service": (200, VIEW, whole),
    "200 of feedback": (200, FEEDBACK, NO_NEWS),
    "400": (400, VIEW, b"{"),
    "400 of feedback": (400, FEEDBACK, {}),
    "404": (404, "/cds-services/no-such-service", {}),
    "405": (405, "/cds-services/", {}),
    "412": (412, VIEW, INCOMPLETE),
}


@pytest.mark.requirement("M1", "M2")
@pytest.mark.parametrize("status, path, body", CALLS.values(), ids=list(CALLS))
def test_a_client_is_answered_at_its_own_origin_and_no_other(
    service, templates, status, path, body
):
    """Decision 18: the token says which client it is; another client's origin is a stranger's then. On errors too (4.1: the sandbox)."""
    body = body(service, templates) if callable(body) else body
    method = "POST" if status == 405 else "GET" if path == DISCOVERY else "POST"
    audience = path.rstrip("/")
    for client, own, others in (
        (EC, ORIGIN, OTHER_ORIGIN),
        (RSA, OTHER_ORIGIN, ORIGIN),
        (TYPED, None, ORIGIN),
    ):
        for origin in (own, others):
            if origin is None:
                continue
            answer = service.send(
                method, path, f"Bearer {service.token(client, audience)}", body, Origin=origin
            )
            assert answer.status_code == status, answer.get_data(as_text=True)
            assert answer.headers.get(ALLOW) == (origin if origin == own else None), (
                client.id,
                origin,
            )
            check_never_careless(answer)


@pytest.mark.requirement("M1")
@pytest.mark.parametrize("origin", [ORIGIN, OTHER_ORIGIN])
@pytest.mark.parametrize("method, path", ADDRESSES)
def test_a_refusal_can_be_read_at_registered_origins(service, method, path, origin):
    """Check 30: 401 as well, for it is not known who calls; the same for each reason."""
    for authorization in (
        None,
        "Bearer a.b.c",
        f"Bearer {service.token(EC, path, signer=RSA.key, alg='RS384')}",
    ):
        answer = service.send(method, path, authorization, Origin=origin)
        assert answer.status_code == 401 and answer.headers[ALLOW] == origin
        check_never_careless(answer)


def test_calls_without_an_origin_are_no_browsers(service):
    """EHR servers send none."""
    for method, path in ADDRESSES:
        answer = service.send(method, path, f"Bearer {service.token(EC, path)}")
        assert ALLOW not in answer.headers
        check_never_careless(answer)


def test_the_origin_is_no_proof(service):
    """A registered origin without a token is nobody."""
    assert service.send("GET", DISCOVERY, None, Origin=ORIGIN).status_code == 401


def test_over_the_wire(served):
    """The same under gunicorn: preflight, call, refusal."""
    asked = [
        ("Origin", ORIGIN),
        ("Access-Control-Request-Method", "POST"),
        ("Access-Control-Request-Headers", "authorization,content-type"),
    ]
    for path in PATHS:
        answer = served.exchange("OPTIONS", path, asked)
        assert (answer.status, answer.header(ALLOW)) == (204, ORIGIN)
    token = served.token(EC, DISCOVERY)
    answer = served.send("GET", DISCOVERY, ("Authorization", f"Bearer {token}"), ("Origin", ORIGIN))
    assert (answer.status, answer.header(ALLOW)) == (200, ORIGIN)
    answer = served.send("GET", DISCOVERY, ("Authorization", f"Bearer {token}"), ("Origin", ORIGIN))
    assert (answer.status, answer.header(ALLOW)) == (401, ORIGIN)
    answer = served.send(
        "GET",
        DISCOVERY,
        ("Authorization", f"Bearer {served.token(EC, DISCOVERY)}"),
        ("Origin", OTHER_ORIGIN),
    )
    assert (answer.status, answer.header(ALLOW)) == (200, None)


# ---------------------------------------------------------------------------------------------------- authentication off


@pytest.fixture(scope="module")
def open_web(library):
    return create_app(Settings(auth="off"), library, Moment()).test_client()


@pytest.mark.parametrize(
    "origin",
    ["http://localhost:3000", "http://127.0.0.1:8001", "http://[::1]:8080", "https://localhost"],
)
def test_with_authentication_off_pages_of_this_machine_are_admitted(open_web, origin):
    """Decision 18."""
    for path in PATHS:
        answer = preflight(open_web, path, origin)
        assert answer.status_code == 204 and answer.headers[ALLOW] == origin
        check_never_careless(answer)
    answer = open_web.get(DISCOVERY, headers={"Origin": origin})
    assert answer.status_code == 200 and answer.headers[ALLOW] == origin


@pytest.mark.parametrize(
    "origin",
    [
        ORIGIN,
        "https://sandbox.cds-hooks.org",
        "null",
        "http://localhost.evil.example.org",
        "http://127.0.0.1.evil.example.org",
        "http://evil.example.org@127.0.0.1",
        "http://10.0.0.5",
        "http://localhost:3000.evil.example.org",
        "file://",
    ],
)
def test_with_authentication_off_nobody_else_is(open_web, origin):
    for answer in (
        preflight(open_web, DISCOVERY, origin),
        open_web.get(DISCOVERY, headers={"Origin": origin}),
    ):
        assert ALLOW not in answer.headers
        check_never_careless(answer)
