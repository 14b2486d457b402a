"""Oracle 3 of the house: two hospitals at once, and nothing of the one ever at the other (T12, T13).

Two clients with keys, FHIR servers, patients and clinicians of their own call a real gunicorn from sixteen threads, in turn. Each
FHIR server holds findings that carry the word of its hospital, and keeps what it was asked. TWIN_REQUESTS sets how many calls.
"""

import json
import os
import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date

import pytest

from cds_service.casebook.render import render
from tests.conftest import SERVICE
from tests.contract.helpers import CASES, REFERRAL
from tests.faults.stub import Stub, serves
from tests.security.tokens import DISCOVERY, Client, served

REQUESTS = int(os.environ.get("TWIN_REQUESTS", "1000"))
THREADS = 16
VIEW = f"/cds-services/{SERVICE['patient-view']}"
EXPLAIN = f"/explain/{SERVICE['patient-view']}"


@dataclass(frozen=True)
class Twin:
    """One hospital: everything of it carries its word."""

    word: str
    client: Client
    fhir: Stub

    @property
    def patient(self) -> str:
        return f"p-{self.word}"

    @property
    def token(self) -> str:
        return f"canary-{self.word}"

    def request(self, number: int) -> dict:
        return {
            "hook": "patient-view",
            "hookInstance": f"{self.word}-{number}",
            "fhirServer": self.fhir.base,
            "fhirAuthorization": {
                "access_token": f"{self.token}-{number}",
                "token_type": "Bearer",
                "expires_in": 300,
                "scope": "x",
                "subject": "x",
            },
            "context": {"userId": f"Practitioner/u-{self.word}", "patientId": self.patient},
        }


def record(word: str) -> list[dict]:
    """A patient whose finding tells whose she is, from today backwards."""
    found = json.loads(
        json.dumps(render(CASES[REFERRAL], date.today()).resources).replace(REFERRAL, f"p-{word}")
    )
    for resource in found:
        if resource["resourceType"] == "Condition":
            resource["code"]["text"] = f"{resource['code'].get('text', '')} finding-{word}"
    return found


@pytest.fixture(scope="module")
def scene(tmp_path_factory):
    words = ("noord", "zuid")
    with Stub(serves(record("noord"))) as noord, Stub(serves(record("zuid"))) as zuid:
        twins = [
            Twin(
                word,
                Client(
                    word, kid=word, more={"fhir_servers": [fhir.base], "fhir_deadline_ms": 2000}
                ),
                fhir,
            )
            for word, fhir in zip(words, (noord, zuid))
        ]
        folder = tmp_path_factory.mktemp("twins")
        with served(folder, [twin.client for twin in twins]) as running:
            yield running, twins, folder


@pytest.fixture(scope="module")
def storm(scene):
    """All calls, interleaved: (twin, kind, answer), and what each was given."""
    running, twins, _ = scene
    given: dict[str, list[dict]] = {twin.word: [] for twin in twins}
    lock = threading.Lock()

    def call(number: int) -> tuple[Twin, str, object]:
        twin, other = twins[number % 2], twins[1 - number % 2]
        kind = (
            "hook",
            "hook",
            "hook",
            "explain",
            "other's server",
            "feedback",
            "other's card",
            "discovery",
        )[number // 2 % 8]
        if kind == "discovery":
            return twin, kind, running.call(twin.client, DISCOVERY)
        if kind in ("feedback", "other's card"):
            with lock:
                cards = given[(twin if kind == "feedback" else other).word][-1:]
            told = [
                {
                    "card": card["uuid"],
                    "outcome": "overridden",
                    "outcomeTimestamp": f"2026-06-15T10:00:00.{number:06d}Z",
                    "overrideReason": {"reason": {"code": f"reason-{twin.word}"}},
                }
                for card in cards
            ]
            return twin, kind, running.call(twin.client, f"{VIEW}/feedback", {"feedback": told})
        body = twin.request(number)
        if kind == "other's server":
            body["fhirServer"] = other.fhir.base
        answer = running.call(twin.client, EXPLAIN if kind == "explain" else VIEW, body)
        if kind == "hook" and answer.status == 200:
            with lock:
                given[twin.word] += json.loads(answer.body)["cards"]
        return twin, kind, answer

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(call, range(REQUESTS)))


def other_of(twin: Twin, twins: list[Twin]) -> Twin:
    return next(other for other in twins if other is not twin)


def test_answers_hold_nothing_of_the_other(scene, storm):
    """Each answer is about its own patient, or says that data could not be read; the other's word is nowhere, headers included."""
    _, twins, _ = scene
    found = {twin.word: {} for twin in twins}
    for twin, kind, answer in storm:
        text = f"{answer.headers} {answer.body.decode()}"
        assert other_of(twin, twins).word not in text, (kind, text[:500])
        found[twin.word].setdefault(kind, []).append(answer.status)
    for statuses in found.values():
        assert set(statuses["discovery"]) | set(statuses["explain"]) <= {200, 503}
        assert set(statuses["other's server"]) <= {412, 503}, (
            "another hospital's server is as if it were not named"
        )
        assert set(statuses["hook"]) <= {200, 412, 503} and statuses["hook"].count(200) > 0.9 * len(
            statuses["hook"]
        )


def test_answers_tell_of_their_own_patient(scene, storm):
    """Control: what is looked for would be found."""
    for twin, kind, answer in storm:
        if kind == "explain" and answer.status == 200:
            told = json.loads(answer.body)
            if all(found["state"] in ("present", "empty") for found in told["inputs"]):
                assert f"finding-{twin.word}" in answer.body.decode()


def test_tokens_arrive_at_their_own_server_only(scene, storm):
    """And each read asks for its own patient, with the token of its own request."""
    _, twins, _ = scene
    for twin in twins:
        assert len(twin.fhir.asked) > REQUESTS
        for asked in twin.fhir.asked:
            assert asked.headers["authorization"].startswith(f"Bearer {twin.token}-")
            assert twin.patient in (
                dict(asked.parameters).get("patient"),
                asked.path.rpartition("/")[2],
            )


def test_feedback_stays_apart(scene, storm):
    """Feedback about the other's card is answered alike and stored nowhere; one's own stands under one's own name."""
    _, twins, folder = scene
    assert {answer.status for _, kind, answer in storm if kind in ("feedback", "other's card")} <= {
        200,
        503,
    }
    assert {
        answer.body
        for _, kind, answer in storm
        if kind in ("feedback", "other's card") and answer.status == 200
    } == {b"{}\n"}
    stored = rows(folder)
    assert {client for client, _ in stored} == {twin.word for twin in twins}
    assert all(reason == f"reason-{client}" for client, reason in stored)
    sent = sum(kind == "feedback" and answer.status == 200 for _, kind, answer in storm)
    assert sent * 0.8 < len(stored) <= sent


def rows(folder) -> list[tuple[str, str]]:
    with sqlite3.connect(folder / "x.db") as database:
        return database.execute("select client, reason_code from feedback").fetchall()


def test_the_log_tells_the_twins_apart(scene, storm):
    """Each line names its own client and, where it has one, its own hookInstance."""
    running, twins, _ = scene
    lines = [line for line in running.log.read_text().splitlines() if " hook=" in line]
    assert len(lines) > REQUESTS / 4
    for line in lines:
        assert sum(twin.word in line for twin in twins) == 1, line
