"""Who is let in (CDS Hooks 2.0.1 §Trusting CDS Clients, §JWT Signing Algorithm, §Cross-Origin Resource Sharing; best practices, JWT): the clauses, one by one."""

import hmac
import json
import logging
import uuid
from collections.abc import Mapping
from dataclasses import replace
from hashlib import sha256

import jwt
import pytest
import yaml
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm
from jwt.utils import base64url_encode

from cds_service.errors import ConfigurationError
from cds_service.settings import Settings, from_environment
from cds_service.web import create_app
from tests.conftest import SERVICE, SETTINGS
from tests.contract.conformance import marks
from tests.contract.helpers import NOBODY, check_outcome, codes, outcome_of, request_for
from tests.faults.stub import Stub, serves

VIEW, BASE = "patient-view", "https://cds.example.org"
SERVICE_PATH = f"/cds-services/{SERVICE[VIEW]}"
ISSUER, ORIGIN, OTHER = "https://fhir-ehr.example.com/", "https://ehr.example.com", "https://other.example.com"
KEYS = {"ES384": ec.generate_private_key(ec.SECP384R1()), "RS384": rsa.generate_private_key(65537, 2048)}
STRANGER = ec.generate_private_key(ec.SECP384R1())
DROP = object()


def jwk(algorithm: str) -> dict:
    written = (ECAlgorithm if algorithm == "ES384" else RSAAlgorithm).to_jwk(KEYS[algorithm].public_key(), as_dict=True)
    return {**written, "kid": algorithm, "alg": algorithm, "use": "sig"}


def registered(algorithm: str, **more: object) -> dict:
    return {"id": algorithm, "issuer": ISSUER + algorithm, "algorithm": algorithm, "keys": [jwk(algorithm)], **more}


@pytest.fixture(scope="module")
def door(tmp_path_factory, library, clock):
    """A client of the service with authentication on: two clients are trusted, their keys handed over out of band."""
    path = tmp_path_factory.mktemp("trust") / "clients.yaml"
    path.write_text(yaml.safe_dump({"clients": [registered("ES384", origins=[ORIGIN]), registered("RS384", origins=[OTHER])]}), encoding="utf-8")
    return create_app(replace(SETTINGS, auth="on", clients_file=path, public_url=BASE), library, clock).test_client()


def token(clock, path: str, algorithm: str = "ES384", key=None, sign_as: str = "", header: Mapping = {}, **claims: object) -> str:
    """A token for the address, good but for what is changed."""
    now = int(clock().timestamp())
    good = {"iss": ISSUER + algorithm, "aud": BASE + path, "exp": now + 300, "iat": now, "jti": str(uuid.uuid4())}
    payload = {name: value for name, value in {**good, **claims}.items() if value is not DROP}
    headers = {name: value for name, value in {"kid": algorithm, "typ": "JWT", **header}.items() if value is not DROP}
    return jwt.encode(payload, KEYS[algorithm] if key is None else key, algorithm=sign_as or algorithm, headers=headers)


def call(door, path: str, authorization: str | None, body: object = None, **headers: str):
    told = {**headers, **({"Authorization": authorization} if authorization is not None else {})}
    return door.get(path, headers=told) if path == "/cds-services" else door.post(path, json=body or {}, headers=told)


# ---------------------------------------------------------------------------------------------------- let in


@pytest.mark.requirement("L2", "L4", "L5", "L6", "L8", "L10")
@pytest.mark.parametrize("several", [False, True], ids=["aud a text", "aud a list"])
@pytest.mark.parametrize("algorithm", KEYS)
@pytest.mark.parametrize("path", ["/cds-services", SERVICE_PATH, f"{SERVICE_PATH}/feedback"])
def test_a_token_for_the_address_is_accepted(door, templates, clock, path, algorithm, several):
    """ES384 and RS384; `aud` is the address that is called, as a text or in an array; keys that were exchanged out of band, no `jku`."""
    body = {"feedback": []} if path.endswith("feedback") else request_for(NOBODY, VIEW, templates, clock)
    aud = [BASE + path] if several else BASE + path
    assert call(door, path, f"Bearer {token(clock, path, algorithm, aud=aud)}", body).status_code == 200


@pytest.mark.requirement("J10", "J12")
def test_feedback_is_authenticated_like_any_other_call(door, clock):
    """`aud` of feedback is not said: its own address is good, and so is that of the service; without a token nobody is heard."""
    path = f"{SERVICE_PATH}/feedback"
    for aud, status in ((BASE + path, 200), (BASE + SERVICE_PATH, 200), (BASE + "/cds-services", 401)):
        assert call(door, path, f"Bearer {token(clock, path, aud=aud)}", {"feedback": []}).status_code == status
    assert call(door, path, None, {"feedback": []}).status_code == 401


@pytest.mark.requirement("L1")
def test_authentication_is_required_unless_it_is_switched_off(library):
    """The setting is on where nobody says anything, and without trusted clients nothing starts."""
    assert from_environment({}).auth == "on"
    with pytest.raises(ConfigurationError, match="CDS_CLIENTS_FILE"):
        create_app(Settings(auth="on"), library)


# ---------------------------------------------------------------------------------------------------- refused

PEM = KEYS["ES384"].public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


def hs256(clock, path: str) -> str:
    """Signed with the public key as if it were a secret; PyJWT would not do it, so the parts are put together here."""
    head, claims, _ = token(clock, path, header={"alg": "ES384"}).split(".")
    head = base64url_encode(json.dumps({"alg": "HS256", "typ": "JWT", "kid": "ES384"}).encode()).decode()
    return f"{head}.{claims}.{base64url_encode(hmac.new(PEM, f'{head}.{claims}'.encode(), sha256).digest()).decode()}"


def tampered(clock, path: str) -> str:
    """The claims of one token with the signature of another."""
    (head, claims, _), other = token(clock, path).split("."), token(clock, path)
    return f"{head}.{claims}.{other.rpartition('.')[2]}"


def with_(**more: object):
    return lambda clock, path: token(clock, path, **more)


NO_SIGNATURE = {"sign_as": "none", "key": ""}
REFUSED = {
    "garbage (L2)": lambda clock, path: "a.b.c", "nothing (L2)": lambda clock, path: "",
    "no kid (L4)": with_(header={"kid": DROP}), "no typ (L4)": with_(header={"typ": ""}), "an unknown kid (L4)": with_(header={"kid": "x"}), "another typ (L4)": with_(header={"typ": "at+jwt"}),
    **{f"no {name} (L5)": with_(**{name: DROP}) for name in ("iss", "aud", "exp", "iat", "jti")},
    "a tenant that is not registered (L5, L9)": with_(tenant="2ddd6c3a"), "times as texts (L5)": with_(exp="tomorrow"),
    "the audience of another service (L6)": with_(aud=f"{BASE}/cds-services/{SERVICE['order-sign']}"), "of another host (L6)": with_(aud="https://cds.example.com" + SERVICE_PATH),
    "one good audience and another (L6)": lambda clock, path: token(clock, path, aud=[BASE + path, "https://cds.example.com"]),
    "alg none (L7)": with_(**NO_SIGNATURE), "HS256 with the public key as secret (L7)": hs256,
    "ES256 (L8, L9)": with_(key=ec.generate_private_key(ec.SECP256R1()), sign_as="ES256"), "RS256 with the key for RS384 (L9)": with_(algorithm="RS384", sign_as="RS256"),
    "an unknown issuer (L9)": with_(iss="https://evil.example.com/"), "an issuer that begins alike (L9)": with_(iss=ISSUER + "ES384/x"),
    "a jku that is not registered (L9)": with_(header={"jku": "https://fhir-ehr.example.com/jwk_uri"}),
    "expired (L11)": lambda clock, path: token(clock, path, iat=int(clock().timestamp()) - 290, exp=int(clock().timestamp()) - 100),
    "signed by somebody else (L11)": with_(key=STRANGER), "tampered with (L11)": tampered,
}  # fmt: skip


@pytest.mark.requirement("L12", "K4")
@pytest.mark.parametrize("made", [pytest.param(made, id=name, marks=marks(name)) for name, made in REFUSED.items()])
@pytest.mark.parametrize("path", ["/cds-services", SERVICE_PATH])
def test_a_bad_token_is_refused_without_a_reason(door, clock, caplog, path, made):
    """401, the answer of a call without any token to the byte; no piece of the token in the log."""
    caplog.set_level(logging.DEBUG)
    bare, written = call(door, path, None), made(clock, path)
    answer = call(door, path, f"Bearer {written}")
    assert (answer.status_code, answer.data) == (401, bare.data) and dict(answer.headers) == dict(bare.headers)
    assert answer.headers["WWW-Authenticate"] == "Bearer" and outcome_of(answer)["issue"][0]["code"] == "login"
    assert not any(part in caplog.text for part in written.split(".") if len(part) > 8)


@pytest.mark.requirement("L2", "L12", "K4")
@pytest.mark.parametrize("authorization", [None, "", "Basic dXNlcjpwYXNz", "Bearer", "{}", "JWT {}"])
def test_a_token_comes_as_bearer(door, clock, authorization):
    """Also a good token is not heard elsewhere than behind the word Bearer."""
    answer = call(door, SERVICE_PATH, authorization and authorization.format(token(clock, SERVICE_PATH)))
    assert (answer.status_code, answer.data) == (401, call(door, SERVICE_PATH, None).data)


@pytest.mark.requirement("L11")
def test_a_token_is_good_once(door, clock):
    """Best practices: a `jti` that was seen is refused, while it could still be valid, at whatever address and with whatever signature."""
    once = token(clock, "/cds-services", jti="once")
    assert [call(door, "/cds-services", f"Bearer {once}").status_code for _ in range(3)] == [200, 401, 401]
    assert call(door, SERVICE_PATH, f"Bearer {token(clock, SERVICE_PATH, jti='once')}").status_code == 401


@pytest.mark.requirement("E6", "K4")
@pytest.mark.parametrize("method, path", [("GET", "/nowhere"), ("POST", "/cds-services/nobody"), ("GET", SERVICE_PATH), ("PUT", "/cds-services")])
def test_strangers_learn_nothing_of_addresses(door, method, path):
    """401 comes before 404 and 405."""
    answer = door.open(path, method=method)
    assert answer.status_code == 401 and check_outcome(401, answer.content_type, answer.data)


# ---------------------------------------------------------------------------------------------------- what a caller names is not followed


@pytest.mark.requirement("L17")
def test_no_address_of_a_request_is_followed(door, templates, clock):
    """`jku` and `fhirServer` are the caller's words: neither is contacted unless it is registered; the request is answered as if it named none."""
    with Stub(serves([])) as server:
        forged = token(clock, SERVICE_PATH, key=STRANGER, header={"jku": f"http://{server.host}/jwks.json"})
        assert call(door, SERVICE_PATH, f"Bearer {forged}").status_code == 401
        request = request_for(NOBODY, VIEW, templates, clock)
        request |= {"fhirServer": server.base, "fhirAuthorization": {"access_token": "canary", "token_type": "Bearer"}}
        assert codes(call(door, SERVICE_PATH, f"Bearer {token(clock, SERVICE_PATH)}", request)) == []
        del request["prefetch"]
        answer = call(door, SERVICE_PATH, f"Bearer {token(clock, SERVICE_PATH)}", request)
        assert answer.status_code == 412 and outcome_of(answer)
    assert server.asked == []


# ---------------------------------------------------------------------------------------------------- web pages

ASKS = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization,content-type"}


@pytest.mark.requirement("M1", "M2")
@pytest.mark.parametrize("origin, is_known", [(ORIGIN, True), (OTHER, True), ("https://evil.example.com", False), ("http://localhost:3000", False), ("null", False)])
@pytest.mark.parametrize("path", ["/cds-services", SERVICE_PATH, f"{SERVICE_PATH}/feedback"])
def test_preflights_need_no_token(door, path, origin, is_known):
    """A browser sends none with it: origins of all clients are admitted, nobody else's, and never everybody's."""
    answer = door.options(path, headers={"Origin": origin, **ASKS})
    assert answer.status_code == 204
    assert answer.headers.get("Access-Control-Allow-Origin") == (origin if is_known else None) and "Access-Control-Allow-Credentials" not in answer.headers
    if is_known:
        assert "authorization" in answer.headers["Access-Control-Allow-Headers"].lower() and "POST" in answer.headers["Access-Control-Allow-Methods"]


@pytest.mark.requirement("M1", "M2")
@pytest.mark.parametrize("origin, may_read", [(ORIGIN, True), (OTHER, False), ("https://evil.example.com", False)])
@pytest.mark.parametrize("status", [200, 400, 404])
def test_answers_are_for_the_clients_own_pages(door, templates, clock, status, origin, may_read):
    """The token says who calls: only that client's origins may read the answer, also where it is an error."""
    path = SERVICE_PATH if status != 404 else "/cds-services/nobody"
    answer = call(door, path, f"Bearer {token(clock, path)}", request_for(NOBODY, VIEW, templates, clock) if status == 200 else {}, Origin=origin)
    assert (answer.status_code, answer.headers.get("Access-Control-Allow-Origin")) == (status, origin if may_read else None)
