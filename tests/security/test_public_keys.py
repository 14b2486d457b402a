"""Keys whose private half anybody can read: the one printed in the standard, and that of the public CDS Hooks sandbox (cds-hooks.md 1L, 4.1).

Whoever trusts them trusts everybody. They are refused as configuration, also under another name, and never trusted when a JWKS URL serves them;
`development: true` in the file of trusted clients admits them, for trying things out on this machine.
"""

import base64
import json

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from cds_service.errors import ConfigurationError
from cds_service.security.clients import load_clients
from tests.security.tokens import (
    DISCOVERY,
    PUBLIC_URL,
    Client,
    Scene,
    Service,
    from_jwk,
    mint,
    write_clients,
)

# CDS Hooks (HL7/cds-hooks, input/pagecontent/index.md, "JSON Web Token Example"): the printed key and token.
PRINTED = {
    "kty": "EC",
    "d": "SeFXUXda8UomZ8GFUl7HH_Oi15rIbfMcsWj9ecIsDR8kLbqsEz2CGNgwy_IcILxy",
    "use": "sig",
    "crv": "P-384",
    "kid": "example-kid",
    "x": "46SDH7Znh821wblCBglA61sNE9ZrHYKKt3qRtRTmSXyOI_FIGBLWrWa0GPUkDCEk",
    "y": "XMcRuuoGW7CXjQdy-F5i3FeBE0x9hPLdeFdSoDd3ELmx404tLX0VRRcqzAsPhXcI",
    "alg": "ES384",
}
PRINTED_TOKEN = (
    "eyJhbGciOiJFUzM4NCIsInR5cCI6IkpXVCIsImtpZCI6ImV4YW1wbGUta2lkIiwiamt1IjoiaHR0cHM6Ly9maGlyLWVoci5leGFtcGxlLmNvbS9qd2tfdXJpIn0."
    "eyJpc3MiOiJodHRwczovL2ZoaXItZWhyLmV4YW1wbGUuY29tLyIsImF1ZCI6Imh0dHBzOi8vY2RzLmV4YW1wbGUub3JnL2Nkcy1zZXJ2aWNlcy9zb21lLXNlcnZpY2UiLCJleHAiOjE0MjI1Njg4"
    "NjAsImlhdCI6MTMxMTI4MDk3MCwianRpIjoiZWUyMmIwMjEtZTFiNy00NjExLWJhNWItOGVlYzZhMzNhYzFlIiwidGVuYW50IjoiMmRkZDZjM2EtOGU5YS00NGM2LWEzMDUtNTIxMTFhZDMwMmEyIn0."
    "d1WfLjGRKlcWB94l9do4cM8REXeYJLL6SGUBO8VHZhfM8mwKYP70EMxJ67War4TQblEpaQrp11wx5p7oPFm2ETYgCicS84vXWEIYTdjooZdooCSDf2L8-i4awdoUwiEb"
)
# cds-hooks/sandbox, keys/jwk-keypair.json and keys/ecprivkey.pem.
SANDBOX = {
    "kty": "EC",
    "d": "yOcYl9QzMKnBFUiPZKBijDV_lsEtn6oWFVOqtFyXbY_-V63WCBYYdxsLo9Pclr84",
    "use": "sig",
    "crv": "P-384",
    "kid": "44823f3d-0b01-4a6c-a80e-b9d3e8a7226f",
    "x": "dw_JGR8nB2I6XveNxUOl2qk699ZPLM2nYI5STSdiEl9avAkrm3CkfYMbrrjr8laB",
    "y": "Sm3mLE-n1zYNla_aiE3cb3nZsL51RbC7ysw3q8aJLxGm-hx79RPMYpITDjp7kgzy",
    "alg": "ES384",
}
SANDBOX_PEM = b"""-----BEGIN PRIVATE KEY-----
MIG2AgEAMBAGByqGSM49AgEGBSuBBAAiBIGeMIGbAgEBBDDI5xiX1DMwqcEVSI9k
oGKMNX+WwS2fqhYVU6q0XJdtj/5XrdYIFhh3Gwuj09yWvzihZANiAAR3D8kZHycH
Yjpe943FQ6XaqTr31k8szadgjlJNJ2ISX1q8CSubcKR9gxuuuOvyVoFKbeYsT6fX
Ng2Vr9qITdxvedmwvnVFsLvKzDerxokvEab6HHv1E8xikhMOOnuSDPI=
-----END PRIVATE KEY-----
"""
SANDBOX_ISSUER = "https://sandbox.cds-hooks.org"
SANDBOX_JWKS = "https://sandbox.cds-hooks.org/.well-known/jwks.json"


def public(members: dict, **changes: str) -> dict:
    return {name: value for name, value in members.items() if name != "d"} | changes


def test_the_keys_are_those_that_are_printed():
    """Known answers: the printed token verifies with the printed key, and the sandbox's PEM and JWK are one key."""
    message, _, signature = PRINTED_TOKEN.rpartition(".")
    raw = base64.urlsafe_b64decode(signature)
    asn1 = encode_dss_signature(int.from_bytes(raw[:48], "big"), int.from_bytes(raw[48:], "big"))
    from_jwk(PRINTED).public_key().verify(asn1, message.encode(), ec.ECDSA(hashes.SHA384()))
    stored = serialization.load_pem_private_key(SANDBOX_PEM, None)
    assert stored.private_numbers() == from_jwk(SANDBOX).private_numbers()


# name -> an entry of the file of trusted clients
CONFIGURED = {
    "the printed key": {"issuer": "https://ehr.example.org", "keys": [public(PRINTED)]},
    "the printed key under another kid": {
        "issuer": "https://ehr.example.org",
        "keys": [public(PRINTED, kid="our-own")],
    },
    "the printed key beside a good one": {
        "issuer": "https://ehr.example.org",
        "keys": [Client("good", kid="good").jwk, public(PRINTED, kid="second")],
    },
    "the sandbox's key": {"issuer": "https://ehr.example.org", "keys": [public(SANDBOX)]},
    "the sandbox's key under another kid": {
        "issuer": "https://ehr.example.org",
        "keys": [public(SANDBOX, kid="our-own")],
    },
    "the sandbox's issuer with another key": {
        "issuer": SANDBOX_ISSUER,
        "keys": [Client("good", kid="good").jwk],
    },
    "the sandbox's issuer with its URL": {"issuer": SANDBOX_ISSUER, "jwks_url": SANDBOX_JWKS},
}


def entry(members: dict) -> dict:
    return {"id": "somebody", "algorithm": "ES384", **members}


@pytest.mark.requirement("L9")
@pytest.mark.parametrize("members", CONFIGURED.values(), ids=list(CONFIGURED))
def test_refused_as_configuration(tmp_path, members):
    """L7, 4.1: the service does not start; the message names the client and the switch for development."""
    with pytest.raises(ConfigurationError) as told:
        load_clients(write_clients(tmp_path / "clients.yaml", [entry(members)]))
    assert "somebody" in str(told.value) and "development" in str(told.value)


@pytest.mark.parametrize("members", CONFIGURED.values(), ids=list(CONFIGURED))
def test_admitted_in_development(tmp_path, members):
    assert load_clients(
        write_clients(tmp_path / "clients.yaml", [entry(members)], development=True)
    ).development


SIGNERS = {
    "the printed key": (public(PRINTED), from_jwk(PRINTED), "https://ehr.example.org"),
    "the sandbox's key": (public(SANDBOX), from_jwk(SANDBOX), SANDBOX_ISSUER),
}


@pytest.mark.parametrize("shown, signer, issuer", SIGNERS.values(), ids=list(SIGNERS))
def test_they_open_the_door_in_development_only(tmp_path, library, shown, signer, issuer):
    """Known answer the other way: a token signed with the published private key is accepted once the file says development."""
    service = Service(
        tmp_path, library, [entry({"issuer": issuer, "keys": [shown]})], top={"development": True}
    )
    token = mint(
        Client("x", issuer=issuer, kid=shown["kid"]), service.scene(DISCOVERY), signer=signer
    )
    assert service.send("GET", DISCOVERY, f"Bearer {token}").status_code == 200


def test_the_printed_token_itself_is_never_accepted(tmp_path, library):
    """It expired in 2015 and had a life of three and a half years: refused at every time, in development too."""
    public_url, address = "https://cds.example.org", "/cds-services/some-service"
    client = entry(
        {
            "issuer": "https://fhir-ehr.example.com/",
            "tenant": "2ddd6c3a-8e9a-44c6-a305-52111ad302a2",
            "audiences": [public_url + address],
            "keys": [public(PRINTED)],
        }
    )
    service = Service(tmp_path, library, [client], top={"development": True}, public_url=public_url)
    issued = 1311280970
    for offset in (0, 1, 100, 300, 10_000_000, 111_287_890, 500_000_000):
        service.clock.move(issued + offset - service.clock.seconds)
        assert service.send("POST", address, f"Bearer {PRINTED_TOKEN}").status_code == 401
    assert json.loads(base64.urlsafe_b64decode(PRINTED_TOKEN.split(".")[1] + "=="))["iat"] == issued


@pytest.mark.parametrize("shown, signer, issuer", SIGNERS.values(), ids=list(SIGNERS))
@pytest.mark.parametrize("kid", ["as published", "our-own"])
def test_never_trusted_when_a_jwks_url_serves_them(
    tmp_path, library, jwks, shown, signer, issuer, kid
):
    """A client that publishes a known private key: its good key works, that one never."""
    kid = shown["kid"] if kid == "as published" else kid
    path = f"/published-{len(jwks.answers)}.json"
    client = Client("publisher", kid="good", jwks_url=jwks.url(path))
    jwks.serve(path, client.jwk, {**shown, "kid": kid})
    service = Service(tmp_path, library, [client])
    assert service.soon_accepts(client)
    assert not service.accepts(client, header={"kid": kid}, signer=signer)


def test_the_scene_of_these_tests_is_a_good_one(service):
    """The same forgery with a key that is trusted is accepted: what is refused above is refused for its key."""
    from tests.security.conftest import EC

    token = mint(EC, Scene(PUBLIC_URL + DISCOVERY, service.clock.seconds), signer=EC.key)
    assert service.send("GET", DISCOVERY, f"Bearer {token}").status_code == 200
