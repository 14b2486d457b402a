"""Every key fires and stops firing by one fact, and the trace names that fact.

Over the cases that expect a key: one line of the record is taken away at a time. Where the key then no longer speaks, the two traces
differ in a criterion whose evidence, before, was the resource of that line (or which, after, says that it is missing).
"""

from collections import defaultdict
from dataclasses import replace
from datetime import date

import pytest

from cds_service.casebook.render import hook_request, render
from tests.cases import all_cases
from tests.conftest import SERVICE, keys

DAY = date(2026, 6, 15)
BY_KEY = defaultdict(list)
for _case in all_cases():
    for _hook, _keys in _case.expect.items():
        for _key in _keys:
            if _key not in ("informationNeeded", "notAssessed") and not _case.unread:
                BY_KEY[_key].append((_case, _hook))
ENOUGH = 3  # cases of a key that are looked at


@pytest.fixture
def ask(client, clock, templates):
    """What the service says of a case on a hook: the keys of its cards, or its trace."""

    def asked(case, hook, path="/cds-services/"):
        record = render(case, DAY)
        clock.day = record.today
        return record, client.post(
            path + SERVICE[hook],
            json=hook_request(case, record, hook, prefetch_keys=templates[hook]),
        )

    return asked


def criteria(answer, key):
    """criterion -> (truth, references of its evidence, what is missing), over all evaluations of one recommendation."""
    found = {}
    for told in answer.get_json()["recommendations"]:
        for tree in (told, *told.get("others", [])):
            if tree["recommendation"] == key:
                for c in tree.get("criteria", []):
                    place = (tree.get("side"), tree.get("order"), c["id"])
                    found[place] = (
                        c["truth"],
                        frozenset(e.get("reference", "") for e in c.get("evidence", [])),
                        tuple(c.get("missing", [])),
                    )
    return found


def names(before, after, resources):
    """Whether a criterion that changed rested on one of the resources."""
    references = {f"{r['resourceType']}/{r['id']}" for r in resources}
    changed = [place for place in before if before[place] != after.get(place)] + [
        place for place in after if place not in before
    ]
    return any(before.get(place, ("", frozenset()))[1] & references for place in changed)


@pytest.mark.parametrize("key", sorted(BY_KEY))
def test_one_fact_stops_it_and_the_trace_names_that_fact(ask, key):
    stopped, unnamed = 0, []
    for case, hook in BY_KEY[key]:
        if stopped >= ENOUGH:
            break
        whole, answer = ask(case, hook, "/explain/")
        before = criteria(answer, key)
        for number in range(len(case.record)):
            less = replace(case, record=case.record[:number] + case.record[number + 1 :])
            rest, cards = ask(less, hook)
            if cards.status_code != 200 or key in keys(cards):
                continue
            kept = {(r["resourceType"], r["id"]) for r in rest.resources}
            taken = [
                r for r in whole.resources if (r["resourceType"], r["id"]) not in kept
            ] or whole.resources
            stopped += 1
            if not names(before, criteria(ask(less, hook, "/explain/")[1], key), taken):
                unnamed.append((case.id, hook, case.record[number]))
    assert unnamed == []
    assert stopped, "no single line of any case decides it"


def test_every_recommendation_has_cases_in_which_it_speaks(library):
    assert set(BY_KEY) == {r.key for g in library.guidelines for r in g.recommendations}
