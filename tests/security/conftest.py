"""What the security tests share: one service in this process that trusts clients of every kind, and one under gunicorn."""

import pytest

from tests.security.tokens import Canary, Client, JwksServer, Service, jwk, key, soon
from tests.security.tokens import served as serving

EPIC_AUDIENCE = "https://mammacards.zuider.example/typed-in"
ORIGIN, OTHER_ORIGIN = "https://ehr.ec.example.org", "https://ehr.rsa.example.org:8443"

# The clients of the files themselves: each kind that docs/clients.md knows.
EC = Client("ec", kid="ec-1", more={"origins": [ORIGIN]})
RSA = Client("rsa", "RS384", "RSA-3072", kid="rsa-1", more={"origins": [OTHER_ORIGIN]})
SMALL_RSA = Client("rsa2048", "RS384", "RSA-2048", kid="rsa-2")
NORTH = Client("north", issuer="https://shared.example.org/fhir", tenant="north-1", kid="north")
SOUTH = Client("south", issuer="https://shared.example.org/fhir", tenant="south-1", kid="south")
TYPED = Client(
    "typed",
    kid="typed",
    more={"audiences": ["https://mammacards.example.org"]},
    claims={"aud": "https://mammacards.example.org"},
)
EPIC = Client(
    "epic",
    "RS384",
    "RSA-2048",
    kid="ab/cd+ef==",
    more={"profile": "epic", "audiences": [EPIC_AUDIENCE]},
    claims={
        "aud": EPIC_AUDIENCE,
        "sub": "cds-hooks-client-id",
        "nbf": lambda s: s.now - 300,
        "exp": lambda s: s.now + 900,
    },
)
LONG = Client("long", kid="long", more={"max_token_seconds": 600})
INLINE = [EC, RSA, SMALL_RSA, NORTH, SOUTH, TYPED, EPIC, LONG]


@pytest.fixture(scope="session")
def jwks():
    server = JwksServer()
    yield server
    server.down()


@pytest.fixture(scope="session")
def canary():
    port = Canary()
    yield port
    port.close()


@pytest.fixture(scope="session")
def fetched(jwks):
    """A client whose keys are fetched; some of them are of kinds that nobody may use."""
    client = Client("fetched", kid="fetched-1", jwks_url=jwks.url("/fetched.json"))
    jwks.serve("/fetched.json", client.jwk)
    return client


@pytest.fixture(scope="session")
def careless(jwks):
    """A client that publishes weak and doubtful keys beside a good one."""
    client = Client("careless", kid="good", jwks_url=jwks.url("/careless.json"))
    jwks.serve(
        "/careless.json",
        client.jwk,
        jwk(key("P-256", "careless"), "p256-called-384", "ES384"),
        jwk(key("P-256", "careless"), "p256", "ES256"),
        jwk(key("RSA-3072", "careless"), "rsa", "RS384"),
    )
    return client


@pytest.fixture(scope="session")
def careless_rsa(jwks):
    client = Client(
        "careless-rsa", "RS384", "RSA-2048", kid="good", jwks_url=jwks.url("/careless-rsa.json")
    )
    jwks.serve(
        "/careless-rsa.json",
        client.jwk,
        jwk(key("RSA-1024", "careless"), "rsa-1024", "RS384"),
        jwk(key("RSA-3072", "careless"), "rs256", "RS256"),
    )
    return client


@pytest.fixture(scope="session")
def twice(jwks):
    """A client whose set holds two keys of one kid."""
    client = Client("twice", kid="same", jwks_url=jwks.url("/twice.json"))
    jwks.serve("/twice.json", client.jwk, jwk(key("P-384", "another"), "same", "ES384"))
    return client


@pytest.fixture(scope="session")
def service(tmp_path_factory, library, jwks, fetched, careless, careless_rsa, twice):
    """The application in this process. Keys are fetched when it is handed out."""
    found = Service(
        tmp_path_factory.mktemp("service"),
        library,
        [*INLINE, fetched, careless, careless_rsa, twice],
    )
    assert all(found.soon_accepts(client) for client in (fetched, careless, careless_rsa)), (
        "keys at a registered URL are fetched at start"
    )
    assert soon(lambda: jwks.count("/twice.json"))
    return found


@pytest.fixture(scope="session")
def served(tmp_path_factory, fetched, careless_rsa):
    """The service under gunicorn with two workers."""
    with serving(tmp_path_factory.mktemp("served"), [*INLINE, fetched, careless_rsa]) as running:
        assert all(
            soon(lambda client=client: running.call(client).status == 200)
            for client in (fetched, careless_rsa)
        )
        yield running
