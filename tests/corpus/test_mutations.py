"""One entry of a record is broken, in every way that Hypothesis thinks of: never a 5xx, and never advice from the broken part.

What counts as "from the broken part" is checked against the same record with the entry as it was, without the broken element, and
without the entry. 600 records in `make test`; MUTATIONS=20000 for more, drawn anew each time.
"""

import copy
import json
import os

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.cards.fhir_versions import as_r5, as_stu3
from tests.contract.helpers import CASES, outcome_of, post, request_for, without_uuids

NOTES = {"notAssessed", "informationNeeded"}
EXAMPLES = [case for case in CASES.values() if case.example and not case.unread and case.record]
ODD = [
    [],
    {},
    "",
    0,
    -1,
    1.5,
    True,
    False,
    "x",
    "0001-01-01",
    "2999-12-31",
    [None],
    [[]],
    [{}],
    {"coding": None},
    {"coding": "x"},
    {"coding": [{"code": 1}]},
    {"reference": 1},
    {"reference": "Condition/?"},
    {"value": 1e308},
    {"text": 5},
    "9" * 400,
    {"extension": [{"url": None}]},
    {"start": "2999-01-01", "end": "0001-01-01"},
]
HUGE = "Zeer lang verslag zonder bijzonderheden. " * 3000
EXTENSION = [{"url": "https://example.org/negates", "valueBoolean": True}]
UNTOUCHED = (
    "resourceType",
    "id",
    "subject",
    "patient",
    "individual",
    "participant",
)  # whose entry it is has tests of its own
MANY = int(os.environ.get("MUTATIONS", "0"))


def entries(body: dict) -> list[dict]:
    """Every resource of a request but the Patient: the record's and the drafts, in one order."""
    found = [
        e
        for v in body["prefetch"].values()
        if isinstance(v, dict) and v.get("resourceType") == "Bundle"
        for e in v["entry"]
    ]
    return [*found, *(body["context"].get("draftOrders") or {}).get("entry", [])]


def places(node: object, path: tuple = ()) -> list[tuple]:
    """The path of every element of a resource, the inner ones too."""
    keys = (
        [k for k in node if path or k not in UNTOUCHED]
        if isinstance(node, dict)
        else range(len(node))
        if isinstance(node, list)
        else ()
    )
    return [place for key in keys for place in [(*path, key), *places(node[key], (*path, key))]]


def at(node, path):
    for key in path:
        node = node[key]
    return node


def changed(resource: dict, path: tuple, change) -> dict:
    """A copy in which `change(container, key)` was done at the path."""
    told = copy.deepcopy(resource)
    change(at(told, path[:-1]), path[-1])
    return told


def dropped(resource: dict, path: tuple) -> dict:
    def change(container, key):
        del container[key]

    return changed(resource, path, change)


def put(resource: dict, path: tuple, value: object) -> dict:
    def change(container, key):
        container[key] = value

    return changed(resource, path, change)


class Bench:
    """Asks the service about a case in which the entries of one resource are replaced; what was asked before is remembered."""

    def __init__(self, client, templates, clock):
        self.client, self.templates, self.clock = client, templates, clock
        self.remembered: dict[tuple, list] = {}

    def ask(self, case, number: int, instead: list[dict]):
        """The answer with the resource replaced by these (none: it is gone)."""
        hook = next(iter(case.expect))
        body = request_for(case.id, hook, self.templates, self.clock)
        original = entries(body)[number]["resource"]
        holders = [
            v
            for v in (*body["prefetch"].values(), body["context"].get("draftOrders"))
            if isinstance(v, dict) and "entry" in v
        ]
        for holder in holders:
            holder.pop("total", None)
            holder["entry"] = [
                {"resource": r}
                for e in holder["entry"]
                for r in (instead if e["resource"] == original else [e["resource"]])
            ]
        if "selections" in body["context"] and not instead:
            body["context"]["selections"] = [
                s
                for s in body["context"]["selections"]
                if s != f"{original['resourceType']}/{original['id']}"
            ]
        return post(self.client, hook, body)

    def cards(self, case, number: int, instead: list[dict]) -> list[dict]:
        """The cards of an answer that must be 200; none where nothing could be assessed (412)."""
        key = (case.id, number, json.dumps(instead, sort_keys=True))
        if key not in self.remembered:
            answer = self.ask(case, number, instead)
            assert answer.status_code in (200, 412), (answer.status_code, answer.get_json())
            self.remembered[key] = (
                without_uuids(answer.get_json()["cards"]) if answer.status_code == 200 else []
            )
        return self.remembered[key]

    def advice(self, case, number: int, instead: list[dict]) -> set[str]:
        return {
            card["source"]["topic"]["code"] for card in self.cards(case, number, instead)
        } - NOTES


def evidence(cards: list[dict]) -> set[str]:
    """What the cards' trees name as evidence."""

    def within(node):
        if isinstance(node, dict):
            here = {e["reference"] for e in node.get("evidence", []) if "reference" in e}
            return here.union(*(within(value) for value in node.values()))
        return set().union(*map(within, node)) if isinstance(node, list) else set()

    return within(
        [
            card.get("extension", {})
            for card in cards
            if card["source"]["topic"]["code"] not in NOTES
        ]
    )


def asks_about_an_alarm(card: dict) -> bool:
    """Whether a card says that an alarm was not read, and offers to remove nothing. An alarm silences cards; the catalogue's alarm
    rule lets them come back when it cannot be read."""
    criteria = card.get("extension", {}).get("org.mammacards.evaluation", {}).get("criteria", [])
    unknown = any(c["id"] == "alarm_on_record" and c["truth"] == "unknown" for c in criteria)
    actions = [a for s in card.get("suggestions", []) for a in s["actions"]]
    return unknown and all(action["type"] != "delete" for action in actions)


KINDS = (
    "drop",
    "null",
    "retype",
    "huge",
    "system",
    "twice",
    "again",
    "modifier",
    "older",
    "newer",
    "foreign",
)


def test_a_broken_entry_breaks_no_answer_and_gives_no_advice(client, templates, clock):
    bench = Bench(client, templates, clock)
    seen = dict.fromkeys(KINDS, 0)

    @settings(
        max_examples=MANY or 600,
        deadline=None,
        derandomize=not MANY,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.data())
    def run(data):
        case = data.draw(st.sampled_from(EXAMPLES))
        hook = next(iter(case.expect))
        found = [
            entry["resource"] for entry in entries(request_for(case.id, hook, templates, clock))
        ]
        number = data.draw(st.integers(0, len(found) - 1))
        kind = data.draw(st.sampled_from(KINDS))
        seen[kind] += 1
        check(bench, case, number, found[number], kind, data)

    run()
    assert all(count > 20 for count in seen.values()), seen


def check(bench, case, number, resource, kind, data):
    """One mutation with what must hold of its answer."""
    name = f"{resource['resourceType']}/{resource['id']}"
    path = (
        data.draw(st.sampled_from(places(resource)))
        if kind in ("drop", "null", "retype", "huge", "system", "twice")
        else ()
    )
    where = (case.id, name, kind, path)
    before, gone = [resource], []
    if kind == "foreign":
        owner = "individual" if "individual" in resource else "subject"
        answer = bench.ask(
            case, number, [{**resource, owner: {"reference": "Patient/somebody-else"}}]
        )
        assert answer.status_code == 400 and outcome_of(answer)["issue"][0]["code"] == "conflict", (
            where
        )
    elif kind in ("modifier", "older"):
        broken = (
            {**resource, "modifierExtension": EXTENSION}
            if kind == "modifier"
            else as_stu3(resource)
        )
        if broken == resource:
            return
        answer = bench.ask(case, number, [broken])
        if answer.status_code == 400:
            assert kind == "older" and outcome_of(answer)["issue"][0]["code"] == "not-supported", (
                where
            )
            return
        cards = bench.cards(case, number, [broken])
        assert name not in evidence(cards), where
        advice = {card["source"]["topic"]["code"] for card in cards} - NOTES
        returned = {card["source"]["topic"]["code"] for card in cards if asks_about_an_alarm(card)}
        assert advice <= bench.advice(case, number, gone), (where, advice)
        assert advice <= bench.advice(case, number, before) | returned, (where, advice)
    elif kind == "newer":
        assert bench.cards(case, number, [as_r5(resource)]) == bench.cards(case, number, before), (
            where
        )
    elif kind == "again" and resource.get("status") != "draft":
        assert bench.cards(case, number, [resource, resource]) == bench.cards(
            case, number, before
        ), where
    elif kind == "again":  # one order drafted twice is ordered beside itself
        assert bench.advice(case, number, [resource, resource]) <= bench.advice(
            case, number, before
        ), where
    elif kind == "twice":
        container = at(resource, path[:-1])
        if isinstance(container, list):
            twice = changed(
                resource, path, lambda inner, key: inner.insert(key, copy.deepcopy(inner[key]))
            )
            assert is_known(
                bench.advice(case, number, [twice]), bench, case, number, resource, path
            ), where
    elif kind == "drop":
        bench.cards(case, number, [dropped(resource, path)])
    elif kind == "null":
        if isinstance(at(resource, path[:-1]), dict):
            assert is_known(
                bench.advice(case, number, [put(resource, path, None)]),
                bench,
                case,
                number,
                resource,
                path,
            ), where
        else:
            bench.cards(case, number, [put(resource, path, None)])
    else:
        value = at(resource, path)
        broken = {
            "retype": lambda: data.draw(st.sampled_from(ODD)),
            "huge": lambda: HUGE if isinstance(value, str) else [value] * 200,
            "system": lambda: "https://example.org/other",
        }[kind]()
        if kind == "system" and path[-1] != "system":
            return
        assert is_known(
            bench.advice(case, number, [put(resource, path, broken)]),
            bench,
            case,
            number,
            resource,
            path,
        ), (where, broken if kind != "huge" else "")


def is_known(advice: set[str], bench, case, number, resource, path) -> bool:
    """Whether the record gives this advice with the entry as it was, without it, or without the element at some height of a path."""
    known = bench.advice(case, number, [resource])
    for instead in (
        [],
        *([dropped(resource, path[:length])] for length in range(len(path), 0, -1)),
    ):
        if advice <= known:
            return True
        known = known | bench.advice(case, number, instead)
    return advice <= known
