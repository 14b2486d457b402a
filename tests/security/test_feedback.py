"""Feedback (CDS Hooks 2.0.1, Feedback; cds-hooks.md 1J; T13, T31, T32): what is stored, for whom, when, and what never is."""

import json
import logging
import re
import sqlite3
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest

from cds_service.settings import Settings
from cds_service.web import create_app
from tests.conftest import SERVICE
from tests.contract.helpers import CONTRAINDICATED, REFERRAL, check_outcome, request_for
from tests.security.conftest import EC
from tests.security.test_replay import check_unavailable, full_disk, locked
from tests.security.tokens import DISCOVERY, FEEDBACK, SELECT, SIGN, VIEW, Client, Moment, Service

# Two hospitals that are alike but for their names.
EAST, WEST = Client("east", kid="k"), Client("west", kid="k")

PATIENT, USER, FAMILY, COMMENT = (
    "patient-canary-7f3a",
    "Practitioner/user-canary-9b1c",
    "Family-canary-2d8e",
    "comment-canary-44c1 \u00e9\u00e9n regel",
)
WHEN, LATER = "2026-06-15T10:00:00Z", "2026-06-15T10:05:00Z"
REASON = {
    "code": "patient-refuses",
    "system": "http://terminology.hl7.org/CodeSystem/non-adherence-reason-codes",
}


@pytest.fixture
def own(tmp_path, library) -> Service:
    return Service(tmp_path, library, [EAST, WEST])


@pytest.fixture
def log() -> Iterator[list[str]]:
    """Everything that the service logs during a test."""
    written: list[str] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            written.append(self.format(record))

    handler, logger = Keep(logging.DEBUG), logging.getLogger("mammacards")
    before = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    yield written
    logger.removeHandler(handler)
    logger.setLevel(before)


def hook_body(hook: str, templates: dict, clock) -> dict:
    """A request that gets a card, with words that can be looked for wherever a person stands."""
    case = REFERRAL if hook == "patient-view" else CONTRAINDICATED
    body = json.loads(json.dumps(request_for(case, hook, templates, clock)).replace(case, PATIENT))
    body["context"]["userId"] = USER
    body["prefetch"]["patient"]["name"] = [{"family": FAMILY}]
    return body


@pytest.fixture
def card_for(own, templates):
    """A card given to a client by a service."""

    def give(client: Client = EAST, path: str = VIEW) -> dict:
        hook = next(hook for hook, name in SERVICE.items() if path.endswith(name))
        answer = own.call(client, path, hook_body(hook, templates, own.clock))
        assert answer.status_code == 200, answer.get_data(as_text=True)
        return answer.get_json()["cards"][0]

    return give


def accepted(card: dict, when: str = WHEN, **more: object) -> dict:
    return {
        "card": card["uuid"],
        "outcome": "accepted",
        "acceptedSuggestions": [{"id": card["suggestions"][0]["uuid"]}],
        "outcomeTimestamp": when,
        **more,
    }


def overridden(card: dict, when: str = WHEN, **more: object) -> dict:
    return {"card": card["uuid"], "outcome": "overridden", "outcomeTimestamp": when, **more}


def report(service: Service, *entries: object, client: Client = EAST, path: str = VIEW):
    return service.call(client, f"{path}/feedback", {"feedback": list(entries)})


def taken(answer) -> bool:
    """Interface: 200 and an empty object."""
    return answer.status_code == 200 and answer.get_json() == {}


def stored(folder: Path) -> list[str]:
    """The rows of feedback, each as one text, as plain SQLite reads them."""
    with closing(sqlite3.connect(f"file:{folder}/x.db?mode=ro", uri=True)) as database:
        names = [
            name
            for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        ]
        assert "feedback" in names, names
        return [" ".join(map(str, row)) for row in database.execute("SELECT * FROM feedback")]


def content(folder: Path) -> bytes:
    """Every byte of the database files: journals too."""
    return b"".join(path.read_bytes() for path in folder.iterdir() if ".db" in path.name)


# ---------------------------------------------------------------------------------------------------- what is stored


@pytest.mark.requirement("J1", "J2", "J3", "J4", "J5", "J11")
def test_accepted(own, card_for):
    """J4, J5: which suggestion of which card of whom."""
    card = card_for()
    assert taken(report(own, accepted(card)))
    (row,) = stored(own.folder)
    for word in (card["uuid"], "accepted", card["suggestions"][0]["uuid"], "east"):
        assert word in row


@pytest.mark.requirement("J4", "J6")
@pytest.mark.parametrize(
    "reason",
    [
        pytest.param(None, id="without reason"),
        pytest.param({"reason": REASON}, id="with a coded reason"),
        pytest.param({"userComment": COMMENT}, id="with a comment"),
        pytest.param({"reason": REASON, "userComment": COMMENT}, id="with both"),
        pytest.param(
            {"reason": {"code": "patient-refuses"}},
            id="with a lean reason, as the sandbox sends it",
        ),
        pytest.param(
            {"reason": {**REASON, "display": "Patiënt ziet ervan af"}}, id="with its display"
        ),
        pytest.param(
            {"reason": {"code": "our-own", "system": "urn:x"}},
            id="with a code that was not offered",
        ),
        pytest.param(
            {"reason": REASON, "extension": {"org.example": 1}},
            id="with members that we do not know",
        ),
    ],
)
def test_overridden(own, card_for, reason):
    """J6, 4.1: with a coded reason, a comment, both or neither; system and display may be missing."""
    card = card_for()
    assert taken(report(own, overridden(card, **({"overrideReason": reason} if reason else {}))))
    (row,) = stored(own.folder)
    assert card["uuid"] in row and "overridden" in row
    assert (reason or {}).get("reason", {}).get("code", "") in row
    assert COMMENT.split()[0] not in row


@pytest.mark.requirement("J8")
def test_several_at_once(own, card_for):
    """J8: many cards in one report."""
    cards = [card_for() for _ in range(3)]
    assert taken(
        report(
            own,
            accepted(cards[0]),
            overridden(cards[1]),
            overridden(cards[2], overrideReason={"reason": REASON}),
        )
    )
    rows = stored(own.folder)
    assert len(rows) == 3 and all(any(card["uuid"] in row for row in rows) for card in cards)


@pytest.mark.requirement("J8")
def test_repeated_delivery_is_stored_once(own, card_for):
    """T31: the same report again, in the same report, and together with news."""
    first, second = card_for(), card_for()
    assert taken(report(own, accepted(first))) and taken(report(own, accepted(first)))
    assert taken(report(own, overridden(second), overridden(second)))
    assert taken(report(own, accepted(first), overridden(second), overridden(second, LATER)))
    assert len(stored(own.folder)) == 3


def test_repeated_at_the_same_time_is_stored_once(own, card_for):
    """T31: sixteen deliveries at once, all answered 200."""
    card = card_for()
    tokens = [own.token(EAST, FEEDBACK) for _ in range(16)]

    def send(token: str) -> int:
        return (
            own.app.test_client()
            .post(
                FEEDBACK,
                json={"feedback": [accepted(card)]},
                headers={"Authorization": f"Bearer {token}"},
            )
            .status_code
        )

    with ThreadPoolExecutor(16) as pool:
        assert set(pool.map(send, tokens)) <= {200, 503}
    assert taken(report(own, accepted(card)))
    assert len(stored(own.folder)) == 1


@pytest.mark.requirement("J8")
def test_contradicting_outcomes_over_time_are_both_stored(own, card_for):
    """J8: a card is overridden and accepted later, and overridden again."""
    card = card_for()
    for entry in (
        overridden(card),
        accepted(card, LATER),
        overridden(card, "2026-06-16T08:00:00Z"),
    ):
        assert taken(report(own, entry))
    assert sorted("accepted" in row for row in stored(own.folder)) == [False, False, True]


def test_contradicting_outcomes_of_one_second_are_both_stored(own, card_for):
    """J8: with nothing but the outcome to tell them apart (the suggestion is none of ours)."""
    card = card_for()
    for entry in (
        overridden(card),
        accepted(card, acceptedSuggestions=[{"id": str(uuid.uuid4())}]),
    ):
        assert taken(report(own, entry))
    assert len(stored(own.folder)) == 2


def test_two_suggestions_of_one_card(own, card_for):
    """acceptedSuggestions is a list."""
    card = card_for()
    both = [{"id": card["suggestions"][0]["uuid"]}, {"id": str(uuid.uuid4())}]
    assert taken(report(own, accepted(card, acceptedSuggestions=both)))
    assert card["suggestions"][0]["uuid"] in " ".join(stored(own.folder))


@pytest.mark.requirement("J7")
@pytest.mark.parametrize(
    "when",
    [
        "1985-04-12T23:20:50.52Z",
        "2026-06-15T10:00:00+02:00",
        "2026-06-15T10:00:00-11:30",
        "2026-06-15T10:00:00.123456789Z",
        "2024-02-29T00:00:00Z",
    ],
)
def test_times_of_rfc_3339(own, card_for, when):
    """J7."""
    assert taken(report(own, overridden(card_for(), when)))
    assert len(stored(own.folder)) == 1


@pytest.mark.requirement("C22")
def test_members_that_we_do_not_know_are_ignored(own, card_for):
    entry = overridden(card_for(), extension={"org.example.x": 1}, other=[1, 2])
    answer = own.call(EAST, FEEDBACK, {"feedback": [entry], "extension": {}, "x": 1})
    assert taken(answer) and len(stored(own.folder)) == 1


@pytest.mark.requirement("J1")
def test_cards_of_each_service_take_feedback_there(own, card_for):
    """J1: {service}/feedback."""
    for path in (VIEW, SELECT, SIGN):
        assert taken(report(own, overridden(card_for(path=path)), path=path))
    assert len(stored(own.folder)) == 3


def test_cards_are_known_after_a_restart(own, card_for):
    """A card may be answered after the service was renewed: who got it is not kept in memory."""
    card = card_for()
    own.start()
    assert taken(report(own, accepted(card))) and len(stored(own.folder)) == 1


def test_feedback_without_authentication(tmp_path, library, templates):
    """CDS_AUTH=off: the same, for the one client there is."""
    clock = Moment()
    web = create_app(
        Settings(auth="off", database_url=f"sqlite:///{tmp_path}/x.db"), library, clock
    ).test_client()
    card = web.post(VIEW, json=hook_body("patient-view", templates, clock)).get_json()["cards"][0]
    for entry in (accepted(card), accepted(card), overridden(card, LATER)):
        assert taken(web.post(FEEDBACK, json={"feedback": [entry]}))
    assert len(stored(tmp_path)) == 2


# ---------------------------------------------------------------------------------------------------- cards that are not this client's


def nobodys(own, card_for) -> dict:
    return {"uuid": str(uuid.uuid4()), "suggestions": [{"uuid": str(uuid.uuid4())}]}


def of_the_twin(own, card_for) -> dict:
    return card_for(WEST)


def of_another_service(own, card_for) -> dict:
    return card_for(path=SIGN)


@pytest.mark.requirement("J9")
@pytest.mark.parametrize(
    "whose", [nobodys, of_the_twin, of_another_service], ids=lambda value: value.__name__
)
def test_cards_that_are_not_for_this_client_here_are_not_stored(own, card_for, log, whose):
    """T13, decision 21: the same 200 as ever, nothing stored under anybody; the log has their number. A good entry beside it is stored."""
    strange, known = whose(own, card_for), card_for()
    log.clear()
    usual = report(own, overridden(known))
    odd = report(own, accepted(strange))
    assert (odd.status_code, odd.data, sorted(n for n, _ in odd.headers)) == (
        usual.status_code,
        usual.data,
        sorted(n for n, _ in usual.headers),
    )
    assert any("feedback" in line and re.search(r"\b1\b", line) for line in log)
    assert strange["uuid"] not in " ".join(log), "nothing of the request but the number"
    assert taken(report(own, overridden(strange), overridden(known, LATER)))
    rows = stored(own.folder)
    assert len(rows) == 2 and not any(strange["uuid"] in row for row in rows)


def test_the_twin_cannot_overwrite(own, card_for):
    """T13: what the twin reports of a card of ours changes nothing of ours."""
    card = card_for()
    assert taken(report(own, accepted(card)))
    before = stored(own.folder)
    assert taken(report(own, overridden(card), client=WEST)) and taken(
        report(own, accepted(card), client=WEST)
    )
    assert stored(own.folder) == before


@pytest.mark.requirement("K6")
def test_feedback_to_a_service_that_does_not_exist(own, card_for):
    """Interface: 404."""
    answer = report(own, overridden(card_for()), path="/cds-services/no-such-service")
    assert answer.status_code == 404 and stored(own.folder) == []


# ---------------------------------------------------------------------------------------------------- malformed


def without(name: str):
    return lambda entry: {key: value for key, value in entry.items() if key != name}


def put(**members: object):
    return lambda entry: {**entry, **members}


# An entry with one fault; the entry that is changed is a good one.
BAD_ACCEPTED = {
    "without acceptedSuggestions (J5)": without("acceptedSuggestions"),
    "acceptedSuggestions empty": put(acceptedSuggestions=[]),
    "acceptedSuggestions null": put(acceptedSuggestions=None),
    "acceptedSuggestions an object": put(acceptedSuggestions={"id": "x"}),
    "acceptedSuggestions texts": put(acceptedSuggestions=["x"]),
    "a suggestion without id": put(acceptedSuggestions=[{}]),
    "a suggestion with an empty id": put(acceptedSuggestions=[{"id": ""}]),
    "a suggestion with a number": put(acceptedSuggestions=[{"id": 5}]),
    "a good suggestion and a bad one": put(
        acceptedSuggestions=[{"id": str(uuid.uuid4())}, {"id": None}]
    ),
}
BAD = {
    "without card (J3)": without("card"),
    "card null": put(card=None),
    "card empty": put(card=""),
    "card a number": put(card=5),
    "card a list": put(card=["x"]),
    "without outcome (J4)": without("outcome"),
    "outcome null": put(outcome=None),
    "outcome ignored": put(outcome="ignored"),
    "outcome in capitals": put(outcome="Overridden"),
    "outcome empty": put(outcome=""),
    "outcome a list": put(outcome=["overridden"]),
    "outcome true": put(outcome=True),
    "without outcomeTimestamp (J7)": without("outcomeTimestamp"),
    **{
        f"outcomeTimestamp {value!r}": put(outcomeTimestamp=value)
        for value in (
            None,
            "",
            1749981600,
            "yesterday",
            "2026-06-15",
            "2026-06-15T10:00:00",
            "2026-06-15T10:00Z",
            "2026-13-01T00:00:00Z",
            "2026-02-29T00:00:00Z",
            "2026-06-15T25:00:00Z",
            "20260615T100000Z",
            "2026-06-15T10:00:00+25:00",
            "15-06-2026 10:00",
            "2026-06-15T10:00:00Z\n",
            "\u0662\u0660\u0662\u0666-06-15T10:00:00Z",
            ["2026-06-15T10:00:00Z"],
        )
    },
    "overrideReason a text": put(overrideReason="no"),
    "overrideReason a list": put(overrideReason=[]),
    "reason a text": put(overrideReason={"reason": "no"}),
    "reason a list": put(overrideReason={"reason": [REASON]}),
    "reason without code": put(overrideReason={"reason": {"system": "urn:x"}}),
    "code a number": put(overrideReason={"reason": {"code": 5}}),
    "code empty": put(overrideReason={"reason": {"code": ""}}),
    "code null": put(overrideReason={"reason": {"code": None}}),
    "system a number": put(overrideReason={"reason": {**REASON, "system": 5}}),
    "userComment a number": put(overrideReason={"userComment": 5}),
    "userComment a list": put(overrideReason={"userComment": [COMMENT]}),
    "userComment an object": put(overrideReason={"userComment": {}}),
}


@pytest.fixture(scope="module")
def refusing(tmp_path_factory, library, templates):
    """A service that is sent malformed feedback only, and a card that it gave."""
    service = Service(tmp_path_factory.mktemp("refusing"), library, [EAST])
    answer = service.call(EAST, VIEW, hook_body("patient-view", templates, service.clock))
    return service, answer.get_json()["cards"][0]


def check_nothing_taken(service: Service, send: Callable[[], object], status: int = 400) -> None:
    before = stored(service.folder)
    answer = send()
    assert answer.status_code == status, answer.get_data(as_text=True)
    check_outcome(status, answer.content_type, answer.data)
    assert "canary" not in answer.get_data(as_text=True), "no value of the request in the answer"
    assert stored(service.folder) == before


@pytest.mark.requirement("J3", "J4", "J5", "J6", "J7", "J11", "K5")
@pytest.mark.parametrize("name", [*BAD, *BAD_ACCEPTED])
def test_a_malformed_entry_is_400_and_nothing_of_the_request_is_stored(refusing, name):
    """Check 35, T31: whether it stands alone, first or last; the good entries beside it are not stored either."""
    service, card = refusing
    bad = BAD[name](overridden(card)) if name in BAD else BAD_ACCEPTED[name](accepted(card))
    for entries in ([bad], [bad, overridden(card)], [overridden(card), accepted(card, LATER), bad]):
        check_nothing_taken(service, partial(report, service, *entries))


BODIES = {
    "a list": b"[]",
    "null": b"null",
    "a text": b'"x"',
    "an empty object": b"{}",
    "no JSON": b"{",
    "blank": b" ",
    "feedback null": b'{"feedback": null}',
    "feedback an object": b'{"feedback": {}}',
    "feedback a text": b'{"feedback": "x"}',
    "an entry null": b'{"feedback": [null]}',
    "an entry a text": b'{"feedback": ["x"]}',
    "an entry a list": b'{"feedback": [[]]}',
    "an empty entry": b'{"feedback": [{}]}',
    "feedback twice": b'{"feedback": [], "feedback": []}',
    "NaN": b'{"feedback": [], "x": NaN}',
    "a depth bomb": b'{"feedback": ' + b"[" * 50_000,
    "a lone surrogate": b'{"feedback": [], "x": "\\ud800"}',
    "no UTF-8": b'{"feedback": [], "x": "\xff"}',
    "UTF-16": '{"feedback": []}'.encode("utf-16"),
}


@pytest.mark.requirement("J2", "K5")
@pytest.mark.parametrize("body", BODIES.values(), ids=list(BODIES))
def test_a_malformed_body_is_400(refusing, body):
    check_nothing_taken(refusing[0], lambda: refusing[0].call(EAST, FEEDBACK, body))


@pytest.mark.parametrize(
    "name, value",
    [
        ("Content_Type", "text/plain"),
        ("Content_Type", "application/x-www-form-urlencoded"),
        ("Content_Encoding", "gzip"),
    ],
)
def test_other_than_plain_json_is_415(refusing, name, value):
    service, card = refusing
    token = service.token(EAST, FEEDBACK)
    check_nothing_taken(
        service,
        lambda: service.send(
            "POST", FEEDBACK, f"Bearer {token}", {"feedback": [overridden(card)]}, **{name: value}
        ),
        415,
    )


def test_a_body_over_the_limit_is_413(tmp_path, library):
    own = Service(tmp_path, library, [EAST], max_body_bytes=10_000)
    check_nothing_taken(
        own, lambda: own.call(EAST, FEEDBACK, b'{"feedback": []' + b" " * 10_000 + b"}"), 413
    )


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH"])
def test_feedback_is_posted(refusing, method):
    service, _ = refusing
    answer = service.send(method, FEEDBACK, f"Bearer {service.token(EAST, FEEDBACK)}")
    assert answer.status_code == 405 and "POST" in answer.headers["Allow"]


def test_hostile_texts_are_only_texts(own, card_for):
    """SQL, NUL, control characters and long texts in what is stored: taken as they are or refused, never 5xx, and the table stands."""
    card = card_for()
    for code in ("'; DROP TABLE feedback; --", "a\0b", "\u202e\u2028", "x" * 100_000, "\U0001f600"):
        answer = report(
            own,
            overridden(
                card, overrideReason={"reason": {"code": code, "system": code, "display": code}}
            ),
        )
        assert answer.status_code in (200, 400)
    assert taken(report(own, overridden(card, LATER))) and stored(own.folder)


# ---------------------------------------------------------------------------------------------------- committed before 200

READ_BY_ANOTHER = "import sqlite3, sys; print(sqlite3.connect(sys.argv[1]).execute('SELECT count(*) FROM feedback').fetchone()[0])"


def test_another_process_finds_it_after_the_answer(own, card_for):
    """T31: 200 means that it is committed."""
    card = card_for()
    for count, entry in enumerate((accepted(card), overridden(card, LATER)), 1):
        assert taken(report(own, entry))
        found = subprocess.run(
            [sys.executable, "-c", READ_BY_ANOTHER, str(own.folder / "x.db")],
            capture_output=True,
            text=True,
            check=True,
            timeout=20,
        )
        assert int(found.stdout) == count


def test_what_was_answered_200_outlives_kill_9(served, templates):
    """T31, F23: two workers, killed as soon as they have answered; what they answered is there, whichever of them gave the card."""
    clock = Moment()
    cards = [
        json.loads(served.call(EC, VIEW, hook_body("patient-view", templates, clock)).body)[
            "cards"
        ][0]
        for _ in range(6)
    ]
    for count, card in enumerate(cards, 1):
        answer = served.call(
            EC, FEEDBACK, {"feedback": [overridden(card, overrideReason={"userComment": COMMENT})]}
        )
        if count % 3 == 0:
            served.kill_workers()
        assert (answer.status, json.loads(answer.body)) == (200, {})
        assert [
            card["uuid"] for card in cards if card["uuid"] in " ".join(stored(served.folder))
        ] == [card["uuid"] for card in cards[:count]]
    before = stored(served.folder)
    assert served.call(EC, FEEDBACK, {"feedback": [overridden(cards[0])]}).status == 200
    assert stored(served.folder) == before, "a repetition is one still"
    assert "canary" not in served.log.read_text()
    assert b"canary" not in content(served.folder)


# ---------------------------------------------------------------------------------------------------- the store fails


@pytest.mark.requirement("K7")
def test_a_locked_store_is_503_and_works_again(own, card_for):
    """F18: never 200 for what is not stored; within a second or so; and no restart is needed."""
    card = card_for()
    with locked(own.folder / "x.db"):
        check_unavailable(report(own, accepted(card)))
    assert stored(own.folder) == []
    assert taken(report(own, accepted(card))) and len(stored(own.folder)) == 1


def test_malformed_feedback_is_400_while_the_store_is_locked(own, card_for):
    card = card_for()
    with locked(own.folder / "x.db"):
        assert report(own, {**accepted(card), "outcome": "x"}).status_code == 400


def test_a_full_or_read_only_disk_is_503_and_works_again(tmp_path, library, templates):
    """F20, F22: the old rows are readable, the new one is stored when there is room."""
    clock = Moment()
    web = create_app(
        Settings(auth="off", database_url=f"sqlite:///{tmp_path}/x.db"), library, clock
    ).test_client()
    card = web.post(VIEW, json=hook_body("patient-view", templates, clock)).get_json()["cards"][0]
    assert taken(web.post(FEEDBACK, json={"feedback": [accepted(card)]}))
    with full_disk():
        answer = web.post(FEEDBACK, json={"feedback": [overridden(card, LATER)]})
    check_unavailable(answer)
    assert len(stored(tmp_path)) == 1
    assert (
        taken(web.post(FEEDBACK, json={"feedback": [overridden(card, LATER)]}))
        and len(stored(tmp_path)) == 2
    )


@pytest.mark.requirement("K7")
def test_advice_is_given_while_the_store_fails(own, templates):
    """Advice does not hang on feedback: with the store locked a hook is answered 200 with its cards (those may then be without feedback) or 503, soon."""
    body = hook_body("patient-view", templates, own.clock)
    with locked(own.folder / "x.db"):
        answer = own.call(EAST, VIEW, body)
        discovery = own.call(EAST, DISCOVERY)
    assert discovery.status_code == 200
    if answer.status_code != 200:
        check_unavailable(answer)


# ---------------------------------------------------------------------------------------------------- what is not stored

WORDS = {
    "comment": COMMENT.split()[0],
    "user": USER.removeprefix("Practitioner/"),
    "patient": PATIENT,
}


@pytest.mark.requirement("J6", "L12", "L13")
@pytest.mark.parametrize(
    "keeps",
    [
        (),
        ("comment",),
        ("user",),
        ("patient",),
        ("comment", "user"),
        ("comment", "user", "patient"),
    ],
    ids=lambda keeps: "+".join(keeps) or "nothing",
)
def test_the_database_holds_what_the_setting_says_and_no_more(
    tmp_path, library, templates, log, keeps
):
    """T32, T29: no comment, user or patient in any byte of the database unless CDS_FEEDBACK_KEEPS names it; never a name or a token, never in the log."""
    own = Service(tmp_path, library, [EAST], feedback_keeps=frozenset(keeps))
    tokens, cards = [], []
    for path, hook in ((VIEW, "patient-view"), (SIGN, "order-sign")):
        tokens.append(own.token(EAST, path))
        card = own.send(
            "POST", path, f"Bearer {tokens[-1]}", hook_body(hook, templates, own.clock)
        ).get_json()["cards"][0]
        cards.append(card)
        for entry in (
            accepted(card),
            overridden(card, LATER, overrideReason={"reason": REASON, "userComment": COMMENT}),
            overridden({"uuid": str(uuid.uuid4())}, overrideReason={"userComment": COMMENT}),
        ):
            tokens.append(own.token(EAST, f"{path}/feedback"))
            assert taken(
                own.send("POST", f"{path}/feedback", f"Bearer {tokens[-1]}", {"feedback": [entry]})
            )
    assert (
        own.call(
            EAST, FEEDBACK, {"feedback": [{**accepted(cards[0]), "outcome": COMMENT}]}
        ).status_code
        == 400
    )
    assert len(stored(tmp_path)) == 4
    kept = content(tmp_path)
    for name, word in WORDS.items():
        assert (word.encode() in kept) == (name in keeps), name
    assert FAMILY.encode() not in kept
    for token in tokens:
        assert not [part for part in token.split(".") if len(part) > 20 and part.encode() in kept]
    written = " ".join(log)
    assert not [word for word in (*WORDS.values(), FAMILY) if word in written]
    assert not [token for token in tokens if token.rpartition(".")[2] in written]


def test_a_comment_that_was_never_to_be_kept_is_not_in_a_journal_either(own, card_for):
    """T32: also while a request is refused half-way, and after the store failed."""
    card = card_for()
    with locked(own.folder / "x.db"):
        report(own, overridden(card, overrideReason={"userComment": COMMENT}))
    report(own, overridden(card, overrideReason={"userComment": COMMENT}), {"card": 5})
    report(own, overridden(card, overrideReason={"userComment": COMMENT}))
    assert b"canary" not in content(own.folder)
