"""POST {service}/feedback (CDS Hooks 2.0.1 §Feedback): what is taken and stored, and what is refused whole. The standard's own examples first."""

import json
import sqlite3
from contextlib import closing
from dataclasses import replace

import pytest

from cds_service.web import create_app
from tests.conftest import SERVICE, SETTINGS
from tests.contract.conformance import marks
from tests.contract.helpers import REFERRAL, outcome_of, post, request_for

VIEW = "patient-view"
WHEN = "2020-12-11T00:00:00Z"
SYSTEM = "https://example.com/cds-hooks/override-reason-system"
NOBODYS = "f6b95768-b1c8-40dc-8385-bf3504b82ffb"  # a card that was never given


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    """The file that holds the feedback."""
    return tmp_path_factory.mktemp("feedback") / "given.db"


@pytest.fixture(scope="module")
def client(store, library, clock):
    return create_app(replace(SETTINGS, database_url=f"sqlite:///{store}"), library, clock).test_client()


@pytest.fixture
def card(client, templates, clock) -> dict:
    """A card that was given out, with a suggestion."""
    (given,) = post(client, VIEW, request_for(REFERRAL, VIEW, templates, clock)).get_json()["cards"]
    assert given["suggestions"]
    return given


def send(client, *entries: object, service: str = SERVICE[VIEW]):
    return client.post(f"/cds-services/{service}/feedback", json={"feedback": list(entries)})


def stored(store, card: dict) -> list[tuple]:
    """(outcome, accepted suggestions, code and system of the reason) of all feedback on a card, as plain SQLite reads it."""
    with closing(sqlite3.connect(store)) as opened:
        asked = "SELECT outcome, suggestions, reason_code, reason_system FROM feedback WHERE card = ? ORDER BY outcome_at"
        return [(outcome, json.loads(suggestions), *reason) for outcome, suggestions, *reason in opened.execute(asked, (card["uuid"],))]


def overridden(about: dict, **more: object) -> dict:
    return {"card": about["uuid"], "outcome": "overridden", "outcomeTimestamp": WHEN, **more}


def accepted(about: dict, **more: object) -> dict:
    return overridden(about, **{"outcome": "accepted", "acceptedSuggestions": [{"id": about["suggestions"][0]["uuid"]}], **more})


def without(member: str, entry: dict) -> dict:
    return {name: value for name, value in entry.items() if name != member}


CODED = {"code": "d7ecf885", "system": SYSTEM}
TAKEN = {  # what is reported -> (its entry, what is stored of it: the reason)
    "a suggestion accepted (J5)": (accepted, (None, None)),
    "overridden without a reason (J4)": (overridden, (None, None)),
    "a reason and a comment (J6)": (lambda c: overridden(c, overrideReason={"reason": CODED, "userComment": "A comment entered by the clinician."}), ("d7ecf885", SYSTEM)),
    "a comment alone (J6)": (lambda c: overridden(c, overrideReason={"userComment": "A comment."}), (None, None)),
    "a reason without system and display (J6)": (lambda c: overridden(c, overrideReason={"reason": {"code": "d7ecf885"}}), ("d7ecf885", None)),
    "a time with a fraction (J7)": (lambda c: overridden(c, outcomeTimestamp="1985-04-12T23:20:50.52Z"), (None, None)),
    "members that we do not know (C22)": (lambda c: overridden(c, extension={"com.example.x": 1}, more=[None]), (None, None)),
}  # fmt: skip


@pytest.mark.requirement("J1", "J2", "J3", "J4", "J11")
@pytest.mark.parametrize("entry, reason", [pytest.param(*row, id=name, marks=marks(name)) for name, row in TAKEN.items()])
def test_feedback_is_stored(client, store, card, entry, reason):
    """200 and an empty object, and it is on disk: the card, the outcome, the suggestions and the code of the reason."""
    sent = entry(card)
    answer = send(client, sent)
    assert (answer.status_code, answer.get_json()) == (200, {})
    assert stored(store, card) == [(sent["outcome"], [s["id"] for s in sent.get("acceptedSuggestions", [])], *reason)]


@pytest.mark.requirement("J8")
def test_feedback_comes_for_many_cards_and_more_than_once(client, store, card, templates, clock):
    """§Suggestion accepted: several cards at once, one card several times; what was delivered before is stored once, a change of mind is kept."""
    (other,) = post(client, VIEW, request_for(REFERRAL, VIEW, templates, clock)).get_json()["cards"]
    for entries in ((overridden(card), overridden(other)), (overridden(card),), (accepted(card, outcomeTimestamp="2020-12-12T00:00:00Z"), overridden(card))):
        assert send(client, *entries).status_code == 200
    assert [outcome for outcome, *_ in stored(store, card)] == ["overridden", "accepted"] and len(stored(store, other)) == 1


REFUSED = {
    "no list (J2)": lambda c: {"feedback": overridden(c)}, "null (J2)": lambda c: {"feedback": None}, "nothing (J2)": lambda c: {},
    "an entry that is no object (J2)": lambda c: ["x"],
    "no card (J3)": lambda c: [without("card", overridden(c))], "a card that is no text (J3)": lambda c: [overridden(c, card=5)],
    "no outcome (J4)": lambda c: [without("outcome", overridden(c))], "another outcome (J4)": lambda c: [overridden(c, outcome="ignored")],
    "accepted, nothing said (J5)": lambda c: [overridden(c, outcome="accepted")], "accepted, none (J5)": lambda c: [accepted(c, acceptedSuggestions=[])],
    "a suggestion without id (J5)": lambda c: [accepted(c, acceptedSuggestions=[{}])], "ids alone (J5)": lambda c: [accepted(c, acceptedSuggestions=["x"])],
    "a reason without code (J6)": lambda c: [overridden(c, overrideReason={"reason": {"system": SYSTEM}})],
    "a reason that is a text (J6)": lambda c: [overridden(c, overrideReason="x")],
    "no time (J7)": lambda c: [without("outcomeTimestamp", overridden(c))],
    "a day only (J7)": lambda c: [overridden(c, outcomeTimestamp="2020-12-11")], "a time without zone (J7)": lambda c: [overridden(c, outcomeTimestamp="2020-12-11T00:00:00")],
}  # fmt: skip


@pytest.mark.requirement("K5", "E6")
@pytest.mark.parametrize("entries", [pytest.param(entries, id=name, marks=marks(name)) for name, entries in REFUSED.items()])
def test_malformed_feedback_is_refused_whole(client, store, card, entries):
    """400 with an OperationOutcome that names the place; of the good entry beside it nothing is stored either."""
    made = entries(card)
    answer = client.post(f"/cds-services/{SERVICE[VIEW]}/feedback", json=made if isinstance(made, dict) else {"feedback": [accepted(card), *made]})
    assert answer.status_code == 400 and outcome_of(answer)["issue"][0]["expression"][0].startswith("feedback")
    assert stored(store, card) == []


@pytest.mark.requirement("J9")
@pytest.mark.parametrize("service", [SERVICE[VIEW], SERVICE["order-sign"]])
def test_feedback_on_other_cards_is_answered_and_not_stored(client, store, card, service):
    """A card that nobody was given, and one that another service gave; the good entry beside them counts where it belongs."""
    answer = send(client, overridden(card), overridden(card, card=NOBODYS), service=service)
    assert (answer.status_code, answer.get_json()) == (200, {})
    assert len(stored(store, card)) == (service == SERVICE[VIEW]) and stored(store, {"uuid": NOBODYS}) == []


@pytest.mark.requirement("K6")
@pytest.mark.parametrize("method, path, status", [("POST", "/cds-services/nobody/feedback", 404), ("GET", f"/cds-services/{SERVICE[VIEW]}/feedback", 405)])
def test_feedback_elsewhere_is_an_outcome(client, method, path, status):
    answer = client.open(path, method=method, json={"feedback": []} if method == "POST" else None)
    assert answer.status_code == status and outcome_of(answer)


@pytest.mark.requirement("K7")
def test_feedback_that_cannot_be_stored_is_503(client, store, card):
    """Never 200 for what is not on disk: 503 with Retry-After while the database is locked, and 200 afterwards."""
    with closing(sqlite3.connect(store, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        answer = send(client, overridden(card))
        assert answer.status_code == 503 and answer.headers["Retry-After"] and outcome_of(answer)["issue"][0]["code"] == "transient"
        other.execute("ROLLBACK")
    assert stored(store, card) == [] and send(client, overridden(card)).status_code == 200 and len(stored(store, card)) == 1
