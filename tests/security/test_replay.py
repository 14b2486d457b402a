"""A token counts once (T10; CDS Hooks best practices, JWT): per issuer, for all processes together, after crashes and restarts, and not at all
while nobody can remember it (F18: 503)."""

import contextlib
import resource
import signal
import sqlite3
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.contract.helpers import check_outcome
from tests.security.conftest import EC, INLINE, NORTH, RSA, SOUTH
from tests.security.tokens import DISCOVERY, FEEDBACK, NO_NEWS, SIGN, VIEW, Service, after


@pytest.fixture
def own(tmp_path, library):
    """A service of the test's own, with a database of its own."""
    return Service(tmp_path, library, INLINE)


def statuses(service: Service, *tokens: str, path: str = DISCOVERY) -> list[int]:
    return [service.send("GET", path, f"Bearer {token}").status_code for token in tokens]


@pytest.mark.requirement("L11")
def test_the_same_token_twice(service):
    token = service.token(EC, DISCOVERY)
    assert statuses(service, token, token, token) == [200, 401, 401]


def test_the_refusal_of_a_replay_tells_nothing(service):
    """T36: it is the refusal of a call without token."""
    token = service.token(EC, DISCOVERY)
    statuses(service, token)
    replayed, bare = (
        service.send("GET", DISCOVERY, f"Bearer {token}"),
        service.send("GET", DISCOVERY),
    )
    assert (replayed.status_code, replayed.data, sorted(replayed.headers)) == (
        401,
        bare.data,
        sorted(bare.headers),
    )


def test_one_jti_in_another_token_of_the_same_issuer_is_a_replay(service):
    """Other claims, another address, another time: the jti counts."""
    for claims in ({}, {"exp": after(100)}, {"iat": after(-5)}, {"sub": "x"}):
        jti = f"once-{len(claims)}-{sorted(claims)}"
        assert statuses(
            service,
            service.token(EC, DISCOVERY, claims={"jti": jti}),
            service.token(EC, DISCOVERY, claims={"jti": jti, **claims}),
        ) == [200, 401]
    assert service.call(EC, FEEDBACK, NO_NEWS, claims={"jti": "here"}).status_code == 200
    assert service.call(EC, DISCOVERY, claims={"jti": "here"}).status_code == 401


def test_one_token_for_a_service_and_its_feedback_counts_once(service):
    """Both take the audience of the service (J12); used at one it is used."""
    token = service.token(EC, VIEW)
    first = service.send("POST", FEEDBACK, f"Bearer {token}", NO_NEWS)
    second = service.send("POST", VIEW, f"Bearer {token}", {})
    assert (first.status_code, second.status_code) == (200, 401)


def test_the_same_jti_of_another_issuer_is_another_token(service):
    assert [
        service.call(client, claims={"jti": "shared-by-two"}).status_code
        for client in (EC, RSA, EC, RSA)
    ] == [200, 200, 401, 401]


def test_two_tenants_of_one_issuer_share_their_ids(service):
    """docs/clients.md: a jti counts once per issuer."""
    assert [
        service.call(client, claims={"jti": "shared-by-tenants"}).status_code
        for client in (NORTH, SOUTH)
    ] == [200, 401]


def test_ids_that_look_alike_are_different(service):
    """No trimming, folding or normalising: each of these is a text of its own."""
    ids = [
        "alike",
        "ALIKE",
        "alike ",
        " alike",
        "alike\n",
        "al\u0131ke",
        "e\u0301",
        "\u00e9",
        "10",
        "010",
        "10.0",
        "1e1",
    ]
    assert [service.call(EC, claims={"jti": jti}).status_code for jti in ids] == [200] * len(ids)
    assert [service.call(EC, claims={"jti": jti}).status_code for jti in ids] == [401] * len(ids)


def test_a_refused_token_is_not_remembered(service):
    """Whoever knows an id but has no key cannot use it up for its owner; nor does a token sent to the wrong address count."""
    jti = "not-used-up"
    assert service.call(EC, claims={"jti": jti}, signer=RSA.key, alg="RS384").status_code == 401
    assert (
        service.call(EC, claims={"jti": jti, "exp": after(-100), "iat": after(-200)}).status_code
        == 401
    )
    token = service.token(EC, DISCOVERY, claims={"jti": jti})
    assert service.send("POST", SIGN, f"Bearer {token}", {}).status_code == 401
    assert statuses(service, token) == [200]


def test_a_malformed_request_uses_its_token_up(service):
    """Authentication is over when the body is read: 400, and the second time 401."""
    token = service.token(EC, VIEW)
    assert [service.send("POST", VIEW, f"Bearer {token}", b"{").status_code for _ in range(2)] == [
        400,
        401,
    ]


def test_remembered_until_it_could_not_be_used_any_more(own, monkeypatch):
    """T10: kept until exp and the leeway, though the store is cleaned at every call; clocks that step back do not forget."""
    monkeypatch.setattr("cds_service.store.tokens.CLEAN_UP_EVERY", 1)
    token = own.token(EC, DISCOVERY, claims={"exp": after(100)})
    assert statuses(own, token) == [200]
    for step in (50, 49, 20, 20, 20, -100, -58):
        own.clock.move(step)
        for _ in range(3):
            assert own.accepts(EC), "others come in between"
        assert statuses(own, token) == [401]


def test_ids_are_forgotten_in_the_end(own, monkeypatch):
    """The store does not grow for ever: when their time is over, ids are dropped now and then (here: every hundred calls)."""
    monkeypatch.setattr("cds_service.store.tokens.CLEAN_UP_EVERY", 100)
    for _ in range(180):
        own.call(EC, claims={"exp": after(30)})
    own.clock.move(4000)
    for _ in range(30):
        own.call(EC)
    with contextlib.closing(sqlite3.connect(own.tokens_file())) as store:
        tables = [
            name for (name,) in store.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        ]
        rows = {
            name: store.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in tables
        }
    assert sum(rows.values()) < 40, rows


@pytest.mark.requirement("L11")
def test_still_refused_after_a_restart(own):
    """T10: another application object over the same database."""
    token = own.token(EC, DISCOVERY)
    assert statuses(own, token) == [200]
    own.start()
    assert statuses(own, token) == [401]
    assert own.accepts(EC)


def test_threads_of_one_process(service):
    """T10: 100 tokens, each four times from sixteen threads: each is accepted once (503 where the store had too much to do, F18)."""
    tokens = [service.token(EC, DISCOVERY) for _ in range(100)]

    def send(token: str) -> tuple[str, int]:
        return token, service.app.test_client().get(
            DISCOVERY, headers={"Authorization": f"Bearer {token}"}
        ).status_code

    with ThreadPoolExecutor(16) as pool:
        found = list(pool.map(send, [token for token in tokens for _ in range(4)]))
    assert sorted(token for token, status in found if status == 200) == sorted(tokens)
    assert {status for _, status in found} <= {200, 401, 503}


def test_two_applications_over_one_database(tmp_path, library):
    """Two processes share nothing but the database."""
    first, second = Service(tmp_path, library, [EC]), Service(tmp_path, library, [EC])
    token = first.token(EC, DISCOVERY)
    assert statuses(first, token) + statuses(second, token) == [200, 401]


# ---------------------------------------------------------------------------------------------------- the store fails: nobody is let in


@contextlib.contextmanager
def locked(file):
    """Another process holds the database."""
    with contextlib.closing(sqlite3.connect(file, isolation_level=None)) as holder:
        holder.execute("BEGIN EXCLUSIVE")
        yield
        holder.execute("ROLLBACK")


@contextlib.contextmanager
def full_disk():
    """No file may grow or be written to: what a full disk or a read-only file system does to SQLite."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def check_unavailable(answer) -> None:
    """F18, F20: 503 with Retry-After and an OperationOutcome `transient`."""
    assert answer.status_code == 503 and int(answer.headers["Retry-After"]) > 0
    outcome = check_outcome(503, answer.content_type, answer.data)
    assert outcome["issue"][0]["code"] == "transient"
    assert "WWW-Authenticate" not in answer.headers


@pytest.mark.requirement("K7")
def test_a_locked_store_is_503_and_works_again(own):
    """F18: fail closed, within a second, and recover without a restart."""
    assert own.accepts(EC)
    token = own.token(EC, DISCOVERY)
    with locked(own.tokens_file()):
        started = time.monotonic()
        for path in (DISCOVERY, VIEW, FEEDBACK):
            check_unavailable(own.call(EC, path))
        assert time.monotonic() - started < 3
        check_unavailable(own.send("GET", DISCOVERY, f"Bearer {token}"))
        assert own.call(EC, signer=RSA.key, alg="RS384").status_code == 401, (
            "forgeries are told apart without the store"
        )
        assert own.send("GET", DISCOVERY).status_code == 401
    assert statuses(own, token, token) == [200, 401], (
        "a token that was not remembered was not used up"
    )


def test_calls_do_not_queue_up_for_a_locked_store(own):
    """F18, F19: sixteen calls at once each wait their 300 ms and are told within a second or so; none waits for the others' turns."""
    assert own.accepts(EC)
    tokens = [own.token(EC, DISCOVERY) for _ in range(16)]

    def send(token: str) -> tuple[int, float]:
        started = time.monotonic()
        return own.app.test_client().get(
            DISCOVERY, headers={"Authorization": f"Bearer {token}"}
        ).status_code, time.monotonic() - started

    with locked(own.tokens_file()), ThreadPoolExecutor(16) as pool:
        found = list(pool.map(send, tokens))
    assert {status for status, _ in found} == {503}
    assert max(waited for _, waited in found) < 2
    assert statuses(own, *tokens) == [200] * len(tokens)


def test_a_full_disk_is_503_and_works_again(own):
    """F20: never 200 without having remembered."""
    assert own.accepts(EC)
    token = own.token(EC, DISCOVERY)
    with full_disk():
        answer = own.send("GET", DISCOVERY, f"Bearer {token}")
    check_unavailable(answer)
    assert statuses(own, token, token) == [200, 401]


# ---------------------------------------------------------------------------------------------------- as it is served: two workers


def everywhere(running, tokens: list[str], times: int) -> Counter:
    """Each token so many times, from sixteen threads at once."""
    with ThreadPoolExecutor(16) as pool:
        found = pool.map(
            lambda token: (
                token,
                running.send("GET", DISCOVERY, ("Authorization", f"Bearer {token}")).status,
            ),
            [t for t in tokens for _ in range(times)],
        )
        return Counter(found)


def test_each_of_many_tokens_counts_once_for_all_workers(served):
    """T10: 120 tokens, each four times at once, two workers, sixteen threads: exactly 120 are accepted."""
    tokens = [served.token(EC, DISCOVERY) for _ in range(120)]
    found = everywhere(served, tokens, 4)
    accepted = [
        token for (token, status), count in found.items() if status == 200 for _ in range(count)
    ]
    assert sorted(accepted) == sorted(tokens), "each once"
    assert {status for _, status in found} <= {200, 401, 503}


def test_still_refused_after_kill_9_and_after_a_restart(served):
    """T10: what was accepted is remembered when the answer goes out, whatever happens to the processes afterwards."""
    tokens = [served.token(EC, DISCOVERY) for _ in range(10)]
    assert {status for _, status in everywhere(served, tokens, 1)} == {200}
    served.kill_workers()
    assert {status for _, status in everywhere(served, tokens, 2)} == {401}
    latest = served.token(EC, DISCOVERY)
    assert served.send("GET", DISCOVERY, ("Authorization", f"Bearer {latest}")).status == 200
    served.kill_workers()
    served.stop(signal.SIGTERM)
    served.start()
    assert {status for _, status in everywhere(served, [*tokens, latest], 2)} == {401}
    assert served.call(EC).status == 200


@pytest.mark.requirement("L12")
def test_nothing_of_a_request_but_the_id_is_kept(service):
    """L12: an id may be kept, a token never."""
    token = service.token(EC, DISCOVERY)
    statuses(service, token)
    content = b"".join(path.read_bytes() for path in service.database_files())
    for part in token.split("."):
        assert part.encode() not in content
