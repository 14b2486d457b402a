"""Keys that are fetched (T07, T09, F17): from the registered URL only, in the background, seldom, and never at the cost of a request."""

import gzip
import json
import time
import uuid

import pytest

from tests.security.conftest import EC
from tests.security.tokens import (
    DISCOVERY,
    Client,
    JwksServer,
    Service,
    answer,
    jwk,
    key,
    private_jwk,
    soon,
)

MINUTE = 61


@pytest.fixture
def server():
    """A JWKS server of the test's own, which may go down."""
    found = JwksServer()
    yield found
    found.down()


@pytest.fixture
def hospital(server):
    """A client whose keys stand at that server."""
    client = Client("hospital", kid="2026-a", jwks_url=server.url("/jwks.json"))
    server.serve("/jwks.json", client.jwk)
    return client


NEW = key("P-384", "next year's")


def ends_well(service: Service, client: Client, **changes: object) -> bool:
    """Whether tokens are accepted within the next minute (told by the service's clock, or real time where that counts)."""
    if soon(lambda: service.accepts(client, **changes), 1):
        return True
    service.clock.move(MINUTE)
    return service.soon_accepts(client, **changes)


# ---------------------------------------------------------------------------------------------------- the life of a key


def test_keys_are_fetched_at_start_without_a_request(tmp_path, library, server, hospital):
    """docs/clients.md: at start."""
    Service(tmp_path, library, [hospital])
    assert soon(lambda: server.count("/jwks.json") == 1)


@pytest.mark.requirement("L4")
def test_a_new_key_works_within_a_minute_and_the_old_one_no_longer(
    tmp_path, library, server, hospital
):
    """F17, check 28: rotation is seen within a minute of the first token with an unknown kid; a key that is no longer published is no longer good."""
    service = Service(tmp_path, library, [hospital])
    assert service.soon_accepts(hospital)
    server.serve("/jwks.json", jwk(NEW, "2026-b", "ES384"))
    assert service.accepts(hospital), "until it is fetched again the known set counts"
    assert ends_well(service, hospital, header={"kid": "2026-b"}, signer=NEW)
    assert not service.accepts(hospital)


def test_both_keys_work_while_both_are_published(tmp_path, library, server, hospital):
    service = Service(tmp_path, library, [hospital])
    assert service.soon_accepts(hospital)
    server.serve("/jwks.json", hospital.jwk, jwk(NEW, "2026-b", "ES384"))
    assert ends_well(service, hospital, header={"kid": "2026-b"}, signer=NEW)
    assert service.accepts(hospital)


@pytest.fixture
def impatient(monkeypatch):
    """The background task looks round often, so that tests need not wait."""
    monkeypatch.setattr("cds_service.security.jwks.LOOK_SECONDS", 0.05)
    monkeypatch.setattr("cds_service.security.jwks.PAUSE_SECONDS", 0.05)


def test_a_key_that_changes_under_its_kid_is_seen_in_the_end(
    tmp_path, library, server, hospital, impatient
):
    """docs/clients.md: every ten minutes, also without an unknown kid."""
    service = Service(tmp_path, library, [hospital])
    assert service.soon_accepts(hospital)
    server.serve("/jwks.json", jwk(NEW, hospital.kid, "ES384"))
    service.clock.move(601)
    assert service.soon_accepts(hospital, signer=NEW)
    assert not service.accepts(hospital)


def test_keys_are_fetched_again_every_ten_minutes_though_nobody_calls(
    tmp_path, library, server, hospital, impatient
):
    """docs/clients.md: every ten minutes. A key that the hospital withdrew at night is not good for the first call of the morning."""
    service = Service(tmp_path, library, [hospital])
    assert soon(lambda: server.count("/jwks.json") == 1)
    server.serve("/jwks.json", jwk(NEW, "2026-b", "ES384"))
    service.clock.move(3600)
    assert soon(lambda: server.count("/jwks.json") == 2, 2)
    time.sleep(0.1)
    assert not service.accepts(hospital)


def test_a_thousand_unknown_kids_fetch_once(tmp_path, library, server, hospital, impatient):
    """T09: at most one further fetch for a flood of random kids, signed by nobody."""
    service = Service(tmp_path, library, [hospital])
    assert service.soon_accepts(hospital)
    before = server.count("/jwks.json")
    for _ in range(1000):
        assert (
            service.call(hospital, header={"kid": uuid.uuid4().hex}, signer=None).status_code == 401
        )
    time.sleep(0.3)
    assert server.count("/jwks.json") <= before + 1
    assert service.accepts(hospital)


def test_two_processes_fetch_once_together(tmp_path, library, server, hospital, impatient):
    """T09: the limit is for all processes together; the second takes over what the first fetched."""
    first, second = Service(tmp_path, library, [hospital]), Service(tmp_path, library, [hospital])
    assert first.soon_accepts(hospital) and second.soon_accepts(hospital)
    before = server.count("/jwks.json")
    for _ in range(100):
        for service in (first, second):
            assert not service.accepts(hospital, header={"kid": uuid.uuid4().hex})
    time.sleep(0.5)
    assert server.count("/jwks.json") <= before + 1


def test_a_flood_for_one_client_does_not_touch_another(tmp_path, library, server, hospital):
    """T09: the limit is for each client by itself: one client's flood does not keep another from its new key."""
    other = Client("other", kid="other-1", jwks_url=server.url("/other.json"))
    server.serve("/other.json", other.jwk)
    service = Service(tmp_path, library, [hospital, other])
    assert service.soon_accepts(hospital) and service.soon_accepts(other)
    for _ in range(50):
        service.call(hospital, header={"kid": uuid.uuid4().hex})
    time.sleep(0.2)
    assert server.count("/other.json") == 1, "its keys were not asked for again"
    server.serve("/other.json", other.jwk, jwk(NEW, "other-2", "ES384"))
    assert ends_well(service, other, header={"kid": "other-2"}, signer=NEW)


@pytest.mark.requirement("L17")
def test_tokens_of_unknown_issuers_fetch_nothing(tmp_path, library, server, hospital):
    """T07, T09: whoever is not registered makes us ask nobody."""
    service = Service(tmp_path, library, [hospital])
    assert service.soon_accepts(hospital)
    before = len(server.asked)
    for _ in range(20):
        service.call(
            hospital,
            claims={"iss": "https://nobody.example.org"},
            header={"kid": uuid.uuid4().hex, "jku": server.url("/jwks.json")},
        )
    time.sleep(0.2)
    assert len(server.asked) == before


# ---------------------------------------------------------------------------------------------------- the server is down


def test_down_at_start_and_up_later(tmp_path, library, server, hospital, impatient):
    """F17: the service starts all the same; its client is refused like any other (not 503); when the keys can be fetched it is let in, without a restart."""
    server.down()
    service = Service(tmp_path, library, [EC, hospital])
    refused, bare = service.call(hospital), service.send("GET", DISCOVERY)
    assert (refused.status_code, refused.data) == (401, bare.data)
    assert service.accepts(EC), "others are served"
    server.up()
    assert ends_well(service, hospital)


def test_down_later(tmp_path, library, server, hospital):
    """F17: the last good set serves on; unknown kids are refused as ever."""
    service = Service(tmp_path, library, [hospital])
    assert service.soon_accepts(hospital)
    server.down()
    for step in (0, 61, 601, 3600, 3600):
        service.clock.move(step)
        assert not service.accepts(hospital, header={"kid": "unknown"})
        time.sleep(0.05)
        assert service.accepts(hospital)


def test_down_and_started_again(tmp_path, library, server, hospital):
    """F17: the last good set outlives the process: a restart while the hospital's server is away locks nobody out."""
    service = Service(tmp_path, library, [hospital])
    assert service.soon_accepts(hospital)
    server.down()
    service.start()
    assert service.soon_accepts(hospital)


def test_a_stored_set_does_not_outlive_its_registration(tmp_path, library, server, hospital):
    """A client whose registered URL changed is judged by the keys at the new one only."""
    service = Service(tmp_path, library, [hospital])
    assert service.soon_accepts(hospital)
    moved = Client("hospital", kid="2027", jwks_url=server.url("/moved.json"))
    server.serve("/moved.json", jwk(NEW, "2027", "ES384"))
    again = Service(tmp_path, library, [moved])
    assert again.soon_accepts(moved, signer=NEW)
    assert not again.accepts(hospital)


# ---------------------------------------------------------------------------------------------------- answers that are no JWK Set

GOOD = Client("hospital", kid="2026-a").jwk
SET = json.dumps({"keys": [GOOD]}).encode()
STRANGE = {
    "redirect 301": answer(b"", 301, Location="/elsewhere.json"),
    "redirect 302": answer(b"", 302, Location="/elsewhere.json"),
    "redirect 307": answer(b"", 307, Location="/elsewhere.json"),
    "redirect with the set as its body": answer(SET, 302, Location="/elsewhere.json"),
    "404 with the set": answer(SET, 404),
    "500 with the set": answer(SET, 500),
    "204": answer(b"", 204),
    "206 with the set": answer(SET, 206),
    "a web page": answer(SET, content_type="text/html"),
    "an image": answer(SET, content_type="image/png"),
    "XML": answer(SET, content_type="application/xml"),
    "no JSON": answer(b"garbage"),
    "cut off": answer(SET[:-20]),
    "empty": answer(b""),
    "null": answer(b"null"),
    "a list of keys": answer(json.dumps([GOOD]).encode()),
    "a bare key": answer(json.dumps(GOOD).encode()),
    "keys as an object": answer(json.dumps({"keys": {"2026-a": GOOD}}).encode()),
    "keys null": answer(b'{"keys": null}'),
    "keys twice": answer(SET[:-1] + b', "keys": []}'),
    "no UTF-8": answer(SET.replace(b"2026-a", b"2026-\xff")),
    "UTF-16": answer(SET.decode().encode("utf-16")),
    "a depth bomb": answer(b'{"keys": ' + b"[" * 30_000 + b"]" * 30_000 + b"}"),
    "a depth bomb beside the keys": answer(
        SET[:-1] + b', "x": ' + b"[" * 20_000 + b"]" * 20_000 + b"}"
    ),
    "more than 64 kB": answer(SET[:-1] + b', "x": "' + b"x" * 70_000 + b'"}'),
    "twenty megabytes": answer(SET[:-1] + b" " * 20_000_000 + b"}"),
    "little that unpacks to much": answer(
        gzip.compress(SET[:-1] + b" " * 20_000_000 + b"}"), Content_Encoding="gzip"
    ),
    "cut off by its length": answer(SET, Content_Length=str(len(SET) + 10)),
    "a set without keys": answer(b'{"keys": []}'),
}


SIGNER = key("P-384", "hospital")


def numbered(kind: str, names: dict, url) -> dict[str, Client]:
    """A client for each row, with a JWKS URL of its own."""
    return {
        name: Client(f"{kind}-{number}", kid="2026-a", jwks_url=url(f"/{kind}/{number}.json"))
        for number, name in enumerate(names)
    }


@pytest.fixture(scope="module")
def strange(tmp_path_factory, library):
    """A service with a client for each strange answer, and what those clients are."""
    server = JwksServer()
    clients = numbered("strange", STRANGE, server.url)
    for name, client in clients.items():
        server.answers[client.jwks_url.removeprefix(server.url(""))] = STRANGE[name]
    server.serve("/elsewhere.json", GOOD)
    good = Client("hospital", kid="2026-a", jwks_url=server.url("/good.json"))
    server.serve("/good.json", good.jwk)
    service = Service(tmp_path_factory.mktemp("strange"), library, [EC, good, *clients.values()])
    for _ in range(10):
        assert service.soon_accepts(good)
        if soon(
            lambda: all(
                server.count(client.jwks_url.removeprefix(server.url("")))
                for client in clients.values()
            ),
            2,
        ):
            break
        service.clock.move(MINUTE)  # so many at once may take more than one round
        service.accepts(good, header={"kid": "unknown"})
    yield service, server, clients
    server.down()


@pytest.mark.parametrize("name", STRANGE)
def test_what_is_no_jwk_set_is_never_trusted(strange, name):
    """T07, F17: nobody is let in by it, no redirect is followed, and nothing breaks."""
    service, server, clients = strange
    for _ in range(3):
        assert not service.accepts(clients[name], signer=SIGNER)
    assert service.accepts(EC)
    assert server.count("/elsewhere.json") == 0
    assert server.count(clients[name].jwks_url.removeprefix(server.url(""))) > 0, "it was asked for"


def test_a_failed_fetch_is_not_repeated_at_once(tmp_path, library, server, hospital, impatient):
    """T09: tokens for a client whose server fails do not hammer that server."""
    server.answers["/jwks.json"] = answer(b"", 500)
    service = Service(tmp_path, library, [hospital])
    for _ in range(100):
        assert not service.accepts(hospital)
    time.sleep(0.5)
    assert server.count("/jwks.json") <= 2


@pytest.mark.parametrize(
    "name",
    [
        name
        for name in STRANGE
        if name
        in (
            "redirect 302",
            "a web page",
            "no JSON",
            "more than 64 kB",
            "500 with the set",
            "keys null",
        )
    ],
)
def test_a_strange_answer_later_leaves_the_last_good_set(tmp_path, library, server, hospital, name):
    """F17: a known client is not locked out by a fault of its server."""
    service = Service(tmp_path, library, [hospital])
    assert service.soon_accepts(hospital)
    server.answers["/jwks.json"] = STRANGE[name]
    before = server.count("/jwks.json")
    service.clock.move(601)
    service.accepts(hospital, header={"kid": "unknown"})
    assert soon(lambda: server.count("/jwks.json") > before)
    time.sleep(0.1)
    assert service.accepts(hospital)


@pytest.mark.parametrize(
    "content_type",
    [
        "application/json",
        "application/json; charset=utf-8",
        "application/jwk-set+json",
        "Application/JSON",
    ],
)
def test_content_types_of_a_jwk_set(tmp_path, library, server, hospital, content_type):
    """RFC 7517 section 8.5: application/jwk-set+json; most servers say application/json."""
    server.answers["/jwks.json"] = answer(SET, content_type=content_type)
    assert Service(tmp_path, library, [hospital]).soon_accepts(hospital)


OTHER = key("RSA-3072", "careless")
# name -> further keys in the set, and the kid and key of a token that is refused all the same
DOUBTFUL = {
    "two keys of one kid": (
        [jwk(NEW, "twice", "ES384"), jwk(key("P-384", "third"), "twice", "ES384")],
        "twice",
        NEW,
    ),
    "the same key twice": ([jwk(NEW, "twice", "ES384")] * 2, "twice", NEW),
    "no kid": ([{k: v for k, v in jwk(NEW, "", "ES384").items() if k != "kid"}], "", NEW),
    "a kid that is no text": ([{**jwk(NEW, "", "ES384"), "kid": 5}], 5, NEW),
    "a curve of 256 bits": (
        [jwk(key("P-256", "careless"), "p256", "ES384")],
        "p256",
        key("P-256", "careless"),
    ),
    "a curve of 521 bits": (
        [jwk(key("P-521", "careless"), "p521", "ES384")],
        "p521",
        key("P-521", "careless"),
    ),
    "another alg": ([jwk(NEW, "alg", "ES512")], "alg", NEW),
    "a point that is not on the curve": (
        [{**jwk(NEW, "bad", "ES384"), "y": jwk(key("P-384", "third"), "", "")["y"]}],
        "bad",
        NEW,
    ),
    "a coordinate too short": ([{**jwk(NEW, "short", "ES384"), "x": "AA"}], "short", NEW),
    "a coordinate that is no base64": ([{**jwk(NEW, "b64", "ES384"), "x": "!!"}], "b64", NEW),
    "kty missing": (
        [{k: v for k, v in jwk(NEW, "kty", "ES384").items() if k != "kty"}],
        "kty",
        NEW,
    ),
    "kty null": ([{**jwk(NEW, "kty", "ES384"), "kty": None}], "kty", NEW),
    "an RSA key": ([jwk(OTHER, "rsa", "RS384")], "rsa", OTHER),
    "an RSA key called ES384": ([jwk(OTHER, "rsa", "ES384")], "rsa", OTHER),
    "a secret": ([{"kty": "oct", "kid": "oct", "alg": "ES384", "k": "c2VjcmV0"}], "oct", b"secret"),
    "not an object": (["text", 5, None, [], True], "unknown", NEW),
    "an unknown kind of key": (
        [
            {
                "kty": "OKP",
                "crv": "Ed25519",
                "kid": "okp",
                "alg": "EdDSA",
                "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
            }
        ],
        "okp",
        NEW,
    ),
}


@pytest.fixture(scope="module")
def doubtful(tmp_path_factory, library):
    """A service with a client for each doubtful set."""
    server = JwksServer()
    clients = numbered("doubtful", DOUBTFUL, server.url)
    for name, client in clients.items():
        server.serve(client.jwks_url.removeprefix(server.url("")), *DOUBTFUL[name][0], client.jwk)
    service = Service(tmp_path_factory.mktemp("doubtful"), library, clients.values())
    yield service, clients
    server.down()


@pytest.mark.parametrize("name", DOUBTFUL)
def test_doubtful_keys_in_a_set_are_not_used_and_do_no_harm(doubtful, name):
    """T08; RFC 7517 section 5: keys that cannot be used are passed over, the good one beside them counts."""
    (service, clients), (_, kid, signer) = doubtful, DOUBTFUL[name]
    assert service.soon_accepts(clients[name])
    used = "HS384" if isinstance(signer, bytes) else "RS384" if signer is OTHER else "ES384"
    for named in {"ES384", used}:
        assert not service.accepts(
            clients[name], header={"kid": kid, "alg": named}, signer=signer, alg=used
        )
    assert service.accepts(clients[name])


def test_a_weak_rsa_key_in_a_set_is_not_used(tmp_path, library, server):
    """T08: RSA keys have 2,048 bits or more."""
    client = Client("hospital", "RS384", "RSA-2048", kid="good", jwks_url=server.url("/jwks.json"))
    weak, nearly = key("RSA-1024", "careless"), key("RSA-2047", "careless")
    server.serve(
        "/jwks.json", jwk(weak, "weak", "RS384"), jwk(nearly, "nearly", "RS384"), client.jwk
    )
    service = Service(tmp_path, library, [client])
    assert service.soon_accepts(client)
    assert not service.accepts(client, header={"kid": "weak"}, signer=weak)
    assert not service.accepts(client, header={"kid": "nearly"}, signer=nearly)


def test_a_set_with_private_keys_does_not_break_anything(tmp_path, library, server, hospital):
    """A client that publishes its private key by mistake: whatever is decided about it, it is 401 or 200, and never stored with its `d`."""
    published = private_jwk(hospital.key, hospital.kid, "ES384")
    server.serve("/jwks.json", published)
    service = Service(tmp_path, library, [hospital])
    assert soon(lambda: server.count("/jwks.json"))
    time.sleep(0.2)
    service.accepts(hospital)
    assert published["d"].encode() not in b"".join(
        path.read_bytes() for path in service.database_files()
    )


def test_a_thousand_keys(tmp_path, library, server, hospital):
    """F17: far more than 64 kB; 401 or 200 as may be, quickly, and nothing breaks."""
    server.serve("/jwks.json", *[{**hospital.jwk, "kid": f"k{number}"} for number in range(1000)])
    service = Service(tmp_path, library, [EC, hospital])
    assert soon(lambda: server.count("/jwks.json"))
    started = time.monotonic()
    for number in (0, 500, 999, 1000):
        service.accepts(hospital, header={"kid": f"k{number}"})
    assert service.accepts(EC)
    assert time.monotonic() - started < 3


def test_fifty_keys_are_a_set_like_any_other(tmp_path, library, server, hospital):
    server.serve("/jwks.json", *[{**hospital.jwk, "kid": f"k{number}"} for number in range(50)])
    service = Service(tmp_path, library, [hospital])
    assert service.soon_accepts(hospital, header={"kid": "k49"})


# ---------------------------------------------------------------------------------------------------- no request waits


def dripping(handler) -> None:
    """A byte now and then, for long."""
    handler.send_response(200)
    handler.send_header("Content-Type", "application/json")
    handler.end_headers()
    for at in range(200):
        handler.wfile.write(SET[at : at + 1])
        handler.wfile.flush()
        time.sleep(0.1)


@pytest.mark.parametrize("slow", [answer(SET, delay=20), dripping], ids=["silent", "dripping"])
def test_a_slow_server_delays_nobody(tmp_path, library, server, hospital, slow):
    """T09, T25: verification never waits for the network: not at start, not for a known kid, not for an unknown one."""
    server.answers["/jwks.json"] = slow
    started = time.monotonic()
    service = Service(tmp_path, library, [EC, hospital])
    composed = time.monotonic() - started
    assert soon(lambda: server.count("/jwks.json"))
    longest = 0.0
    for number in range(40):
        before = time.monotonic()
        service.accepts(hospital, header={"kid": f"unknown-{number}"})
        assert service.accepts(EC)
        longest = max(longest, time.monotonic() - before)
    assert composed < 15 and longest < 1.8, "neither its 20 seconds nor the 2 of a fetch"


def test_a_slow_server_does_not_keep_another_clients_keys(tmp_path, library, server, hospital):
    """One hospital's hanging server is no other hospital's trouble: its keys come while the first is still waited for (at most its 2 s deadline)."""
    for number in range(3):
        server.answers[f"/slow-{number}.json"] = answer(SET, delay=20)
    slow = [
        Client(f"slow{number}", kid="k", jwks_url=server.url(f"/slow-{number}.json"))
        for number in range(3)
    ]
    service = Service(tmp_path, library, [*slow, hospital])
    assert soon(lambda: service.accepts(hospital), 8)


def test_keys_are_kept_for_new_processes_while_they_are_away(served, jwks, fetched):
    """F17 as it is served: workers that are killed, and the whole service when it is started again, know the keys that were fetched before."""
    assert {served.call(fetched).status for _ in range(8)} == {200}
    jwks.down()
    try:
        served.kill_workers()
        after_kill = {served.call(fetched).status for _ in range(12)}
        served.stop()
        served.start()
        after_restart = {served.call(fetched).status for _ in range(12)}
    finally:
        jwks.up()
    assert (after_kill, after_restart) == ({200}, {200})


def test_a_new_key_is_seen_by_every_worker(served, jwks, fetched):
    """F17 as it is served: one worker fetches after a token with an unknown kid, the other takes it over within seconds."""
    jwks.serve("/fetched.json", fetched.jwk, jwk(NEW, "rotated", "ES384"))
    changes = {"header": {"kid": "rotated"}, "signer": NEW}
    assert soon(lambda: {served.call(fetched, **changes).status for _ in range(8)} == {200}, 20)
    assert {served.call(fetched).status for _ in range(8)} == {200}
