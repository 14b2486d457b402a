"""Invented feedback, on cards that were really given and on others: never 5xx, and 400 stores nothing of the request."""

import json
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import SERVICE
from tests.contract.helpers import post, request_for
from tests.fuzz.inventions import (
    ANYTHING,
    BAD_REQUESTS,
    BROKEN,
    BYTES,
    CHANGES,
    HEADERS,
    VIEW,
    changed,
    check,
    many,
    send,
)

SERVICES = list(SERVICE.values())
MEMBERS = (
    "card",
    "outcome",
    "outcomeTimestamp",
    "acceptedSuggestions",
    "overrideReason",
    "reason",
    "userComment",
    "code",
    "system",
    "display",
    "id",
    "feedback",
)
NUMBER = st.integers(0, 99)


@pytest.fixture(scope="module")
def card(app, templates, clock) -> dict:
    """A card that was given."""
    return post(
        app.test_client(),
        VIEW,
        request_for("bloody-discharge-for-five-months", VIEW, templates, clock),
    ).get_json()["cards"][0]


@pytest.fixture(scope="module", autouse=True)
def met():
    met: Counter = Counter()
    yield met
    assert met[200] > sum(met.values()) / 20 and met[400] > sum(met.values()) / 20, met


def told(card: dict) -> dict:
    """Good feedback, of both outcomes."""
    moment = "2026-06-15T12:00:00.5+02:00"
    reason = {
        "reason": {
            "code": "patient-refused",
            "system": "https://ehr.example.org/reasons",
            "display": "x",
        },
        "userComment": "x",
    }
    return {
        "feedback": [
            {
                "card": card["uuid"],
                "outcome": "accepted",
                "acceptedSuggestions": [{"id": card["suggestions"][0]["uuid"]}],
                "outcomeTimestamp": moment,
            },
            {
                "card": card["uuid"],
                "outcome": "overridden",
                "overrideReason": reason,
                "outcomeTimestamp": moment,
            },
        ]
    }


def sent(client, number: int, body: bytes | str, headers: dict | None = None) -> int:
    path = f"/cds-services/{SERVICES[number % len(SERVICES)]}/feedback"
    return check(send(client, path, body, headers), "POST", path)


@many(0.5)
@given(number=NUMBER, changes=CHANGES)
def test_any_json_anywhere(client, card, met, number, changes):
    met[sent(client, number, json.dumps(changed(told(card), changes, MEMBERS)))] += 1


@many(0.15)
@given(
    number=NUMBER,
    body=ANYTHING | st.lists(ANYTHING, max_size=3).map(lambda entries: {"feedback": entries}),
)
def test_any_json_at_all(client, met, number, body):
    met[sent(client, number, json.dumps(body))] += 1


@many(0.2)
@given(number=NUMBER, broken=BROKEN, alone=BYTES | st.none())
def test_any_bytes(client, card, met, number, broken, alone):
    how, a, b = broken
    met[
        sent(
            client,
            number,
            alone
            if alone is not None
            else BAD_REQUESTS[how](json.dumps(told(card)).encode(), a, b),
        )
    ] += 1


@many(0.15)
@given(number=NUMBER, headers=HEADERS, typed=st.booleans())
def test_any_headers(client, card, met, number, headers, typed):
    met[
        sent(
            client,
            number,
            json.dumps(told(card)),
            ({"Content-Type": "application/json"} if typed else {}) | dict(headers),
        )
    ] += 1
