"""A fault of the content stays within its guideline: injected in every folder, on every hook, in criteria, readers and words."""

import json
import logging
from dataclasses import replace
from datetime import date
from types import FunctionType

import pytest

from cds_service.casebook.play import played
from cds_service.casebook.render import hook_request, render
from cds_service.cds_hooks.request import parse
from cds_service.decision.decide import decide, prefetch_templates
from cds_service.guideline.fault import COUNTER
from cds_service.guideline.loading.loader import load_library
from cds_service.guideline.verdict import Verdict
from cds_service.logic import MET
from cds_service.population import judging
from cds_service.population.judging import How, judge_lines
from cds_service.rendering.cards import render_cards
from cds_service.web import create_app
from cds_service.what_if.flips import flips
from cds_service.what_if.suppositions import suppose, suppositions
from tests.cases import all_cases
from tests.conftest import SERVICE, SETTINGS

DAY = date(2026, 6, 15)
CANARY = "canary-7q4x"
LIBRARY = load_library()
FOLDERS = [guideline.id for guideline in LIBRARY.guidelines]
# A case of every folder on every hook on which it expects a card.
CASES = {}
ALL_CASES = all_cases()
for _case in ALL_CASES:
    for _hook, _keys in _case.expect.items():
        if _keys and not _case.unread and _case.guideline in FOLDERS:
            CASES.setdefault((_case.guideline, _hook), _case)


# Functions as if they stood in the content, which is what the log names.
PLANTED = {"__name__": "cds_service.cards.planted", "MET": MET, "CANARY": CANARY}
exec(
    """
def value_error(*_, **__):
    raise ValueError(CANARY)

def key_error(*_, **__):
    return {}[CANARY]

def recursion(*_, **__):
    return recursion()

def stray_if(*_, **__):
    return 1 if MET else 2
""",
    PLANTED,
)
BREAKS = {
    PLANTED["value_error"]: "ValueError",
    PLANTED["key_error"]: "KeyError",
    PLANTED["recursion"]: "RecursionError",
    PLANTED["stray_if"]: "TypeError",
}


def with_guideline(library, folder, change):
    """The library with one guideline changed."""
    return replace(
        library,
        guidelines=tuple(change(g) if g.id == folder else g for g in library.guidelines),
    )


def declaring(breaks, use):
    """The function that breaks, in the place of a criterion: it declares the same."""
    function = FunctionType(breaks.__code__, PLANTED, breaks.__name__)
    function.contract = use.function.contract
    return function


def broken_criteria(breaks):
    """A guideline in which every first trigger breaks."""

    def change(guideline):
        recommendations = []
        for recommendation in guideline.recommendations:
            situations = tuple(
                replace(
                    s, uses=(replace(s.uses[0], function=declaring(breaks, s.uses[0])), *s.uses[1:])
                )
                for s in recommendation.situations
            )
            recommendations.append(replace(recommendation, situations=situations))
        return replace(guideline, recommendations=tuple(recommendations))

    return change


def broken_words(guideline):
    """A guideline whose cards cannot be worded: a placeholder that nothing fills."""
    words = {"nl": "{canary}", "en": "{canary}"}
    return replace(
        guideline,
        recommendations=tuple(
            replace(r, card=replace(r.card, summary=words, instead=()))
            for r in guideline.recommendations
        ),
    )


def broken_title(guideline):
    """Such a guideline of which the title is missing too."""
    return replace(broken_words(guideline), title={})


def post(library, clock, templates, case, hook, path="/cds-services/", language="nl"):
    record = render(case, DAY)
    clock.day = record.today
    client = create_app(SETTINGS, library, clock).test_client()
    body = hook_request(case, record, hook, prefetch_keys=templates[hook])
    return client.post(path + SERVICE[hook], json=body, headers={"Accept-Language": language})


def cards_by_guideline(answer):
    """guideline (by its version) -> its cards, without what differs each time."""
    assert answer.status_code == 200, answer.get_json()
    found = {}
    for card in answer.get_json()["cards"]:
        version = card["extension"]["org.mammacards.evaluation"]["contentVersion"]
        key = card["extension"]["org.mammacards.evaluation"]["recommendation"]
        found.setdefault(OWNER[key], []).append(without_uuids(card))
        assert version
    return found


OWNER = {r.key: g.id for g in LIBRARY.guidelines for r in g.recommendations}


def without_uuids(node):
    if isinstance(node, dict):
        return {key: without_uuids(value) for key, value in node.items() if key != "uuid"}
    return [without_uuids(value) for value in node] if isinstance(node, list) else node


def faults_logged(caplog):
    return [r.getMessage() for r in caplog.records if r.getMessage().startswith("fault ")]


def test_every_folder_is_tried_on_its_hooks():
    assert {folder for folder, _ in CASES} == set(FOLDERS)
    assert {hook for _, hook in CASES} == set(SERVICE)


@pytest.mark.parametrize("breaks", BREAKS, ids=BREAKS.get)
@pytest.mark.parametrize("place", CASES, ids="-".join)
def test_a_criterion_that_breaks_takes_its_guideline_only(place, breaks, clock, templates, caplog):
    folder, hook = place
    library = with_guideline(LIBRARY, folder, broken_criteria(breaks))
    before = cards_by_guideline(post(LIBRARY, clock, templates, CASES[place], hook))
    counted = COUNTER.counts.get(folder, 0)
    caplog.clear()
    with caplog.at_level(logging.INFO, "mammacards"):
        answer = post(library, clock, templates, CASES[place], hook)
    after = cards_by_guideline(answer)
    (card,) = after.pop(folder)
    assert card["source"]["topic"]["code"] == "notAssessed"
    assert "fout" in card["summary"] and "niet" in card["detail"]
    before.pop(folder, None)
    assert after == before
    (line,) = faults_logged(caplog)
    assert (
        f"guideline={folder} hook={hook} error={BREAKS[breaks]} place=cds_service.cards.planted:"
        in line
    )
    assert "asked=criterion " in line
    assert CANARY not in caplog.text and CANARY not in answer.text
    assert COUNTER.counts[folder] == counted + 1


@pytest.mark.parametrize("breaks", BREAKS, ids=BREAKS.get)
@pytest.mark.parametrize("place", CASES, ids="-".join)
def test_explain_tells_kind_and_place(place, breaks, clock, templates):
    folder, hook = place
    library = with_guideline(LIBRARY, folder, broken_criteria(breaks))
    answer = post(library, clock, templates, CASES[place], hook, "/explain/")
    assert answer.status_code == 200 and CANARY not in answer.text
    told = [r for r in answer.get_json()["recommendations"] if OWNER[r["recommendation"]] == folder]
    assert told
    for recommendation in told:
        assert recommendation["verdict"] == "not-assessed"
        assert recommendation["fault"]["kind"] == BREAKS[breaks]
        assert recommendation["fault"]["place"].startswith("cds_service.cards.planted:")
        assert recommendation["fault"]["function"] == breaks.__name__
    assert [p["text"] for p in answer.get_json()["problems"] if p["kind"] == "fault"]


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("change", [broken_words, broken_title], ids=lambda f: f.__name__)
@pytest.mark.parametrize("place", CASES, ids="-".join)
def test_cards_that_cannot_be_worded_leave_one_that_says_so(
    place, change, language, clock, templates, caplog
):
    folder, hook = place
    library = with_guideline(LIBRARY, folder, change)
    before = cards_by_guideline(
        post(LIBRARY, clock, templates, CASES[place], hook, language=language)
    )
    if all(c["source"]["topic"]["code"] == "informationNeeded" for c in before.get(folder, ())):
        return  # nothing of its own words is shown
    with caplog.at_level(logging.INFO, "mammacards"):
        answer = rendered(library, templates, CASES[place], hook, language, clock)
    mine = [card for card in answer if OWNER[key_of(card)] == folder]
    assert [card["source"]["topic"]["code"] for card in mine] == ["notAssessed"]
    assert mine[0]["summary"] and mine[0]["detail"] and mine[0]["source"]["label"]
    others = [c for cards in before.values() for c in cards if OWNER[key_of(c)] != folder]
    assert by_content(c for c in answer if c not in mine) == by_content(others)
    assert "asked=words of the cards" in faults_logged(caplog)[0]


def by_content(cards):
    """Cards of several guidelines without order: a warning in place of an information comes earlier."""
    return sorted(json.dumps(without_uuids(card), sort_keys=True) for card in cards)


def key_of(card):
    return card["extension"]["org.mammacards.evaluation"]["recommendation"]


def rendered(library, templates, case, hook, language, clock):
    return render_cards(decided(library, templates, case, hook, clock), library, SETTINGS, language)


def decided(library, templates, case, hook, clock):
    record = render(case, DAY)
    clock.day = record.today
    request = parse(hook_request(case, record, hook, prefetch_keys=templates[hook]), hook)
    return decide(request, library, templates[hook], clock(), None)


READERS = sorted(LIBRARY.readers)


@pytest.mark.sampled(2)
@pytest.mark.parametrize("name", READERS)
def test_a_reader_that_breaks_takes_the_guidelines_that_read_its_fact(name, templates, clock):
    library = replace(LIBRARY, readers={**LIBRARY.readers, name: PLANTED["value_error"]})
    reading_it = {
        g.id for g in LIBRARY.guidelines if any(d.reader == name for d in g.facts.values())
    }
    struck = set()
    for (_, hook), case in CASES.items():
        decision = decided(library, templates, case, hook, clock)
        whole = decided(LIBRARY, templates, case, hook, clock)
        assert decision.is_answerable
        for guideline, assessments in decision.assessments.items():
            if fault := assessments[0].fault:
                struck.add(guideline)
                assert "fact " in fault.asked and CANARY not in str(fault)
                assert all(a.verdict is Verdict.NOT_ASSESSED for a in assessments)
            else:
                assert [a.verdict for a in assessments] == [
                    a.verdict for a in whole.assessments[guideline]
                ]
    assert struck <= reading_it
    others = ((c, h) for c in ALL_CASES if c.guideline in reading_it for h in c.expect)
    assert struck or any(
        a.fault
        for case, hook in others
        for a in decided(library, templates, case, hook, clock).all_assessments
    ), "no case comes to this reader"


def test_an_order_that_nobody_can_tell_is_not_met_with_silence(templates, clock):
    """Whether a draft concerns a guideline is told by a reader too."""
    (place, case) = next((p, c) for p, c in CASES.items() if p[1] == "order-sign")
    whole = decided(LIBRARY, templates, case, "order-sign", clock)
    orders = {
        n
        for g in whole.guidelines
        for r in g.recommendations
        for s in r.situations
        for n in s.orders
    }
    readers = {
        d.reader for g in whole.guidelines for n, d in g.facts.items() if n in orders and d.reader
    }
    library = replace(
        LIBRARY, readers=LIBRARY.readers | dict.fromkeys(readers, PLANTED["value_error"])
    )
    decision = decided(library, templates, case, "order-sign", clock)
    assert {g.id for g in whole.guidelines} <= {g.id for g in decision.guidelines}
    assert all(a.fault for a in decision.assessments[place[0]])


def test_a_run_over_a_population_goes_on(monkeypatch):
    folder = FOLDERS[0]
    library = with_guideline(LIBRARY, folder, broken_criteria(PLANTED["key_error"]))
    monkeypatch.setattr(
        judging, "_content", lambda _: (library, prefetch_templates(library, "patient-view"))
    )
    case = CASES[folder, "patient-view"]
    lines = [json.dumps(resource) for resource in render(case, DAY).resources]
    row = judge_lines(case.id, lines, How(DAY))
    assert row["status"] == "answered" and row["problems"]["fault"] == 1
    assert {"guideline": folder, "key": "notAssessed"}.items() <= row["cards"][0].items()
    assert CANARY not in json.dumps(row)


def test_what_if_copes_with_a_faulty_guideline(templates, clock):
    folder = FOLDERS[0]
    library = with_guideline(LIBRARY, folder, broken_criteria(PLANTED["value_error"]))
    case = CASES[folder, "patient-view"]
    decision = decided(library, templates, case, "patient-view", clock)
    key = decision.assessments[folder][0].recommendation.key
    assert flips(decision, library, key).found == ()
    offered = suppositions(decision, library, key)
    anew = suppose(decision, library, [s.key for s in offered[:1]])
    assert anew.assessments[folder][0].fault


def test_played_cases_tell_it():
    folder = FOLDERS[0]
    library = with_guideline(LIBRARY, folder, broken_criteria(PLANTED["value_error"]))
    case = CASES[folder, "patient-view"]
    found = played(case, "patient-view", library, SETTINGS, DAY, "nl")
    assert "notAssessed" in found.keys and not found.agrees
