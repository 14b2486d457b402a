"""Every case of cards/*/cases.yaml through the real application, on every hook that it names."""

from datetime import date

import pytest

from tests.cards.calendar_edges import is_near_an_edge, thresholds
from tests.cases import all_cases
from tests.played import DAY, EXPLAIN

# The cases must not depend on the day: beside an ordinary day the end of a short month, a leap day, the end of a year.
DAYS = (date(2027, 2, 28), date(2028, 2, 29), date(2026, 12, 31))
CASES = all_cases()
ONE_IN = 10  # of the cases that the calendar can hardly turn, so many are played on a further day


def ids(case_and_hook):
    return "-".join(str(getattr(part, "id", part)) for part in case_and_hook)


@pytest.mark.parametrize("case_and_hook", [(c, h) for c in CASES for h in c.expect], ids=ids)
def test_case_gives_exactly_the_expected_cards(case_and_hook, played):
    case, hook = case_and_hook
    assert played.keys(case, hook) == sorted(case.expect[hook]), f"{case.place}: {case.why}"


def unlike_expected(played, cases, day):
    return [
        (case.id, hook, expected, found)
        for case in cases
        for hook, expected in case.expect.items()
        if (found := played.keys(case, hook, day)) != sorted(expected)
    ]


@pytest.mark.sampled(3)
@pytest.mark.parametrize("day", DAYS, ids=str)
def test_no_case_near_an_edge_depends_on_the_calendar(day, played, library):
    months = thresholds(library)
    near = [case for case in CASES if is_near_an_edge(played.record(case), months)]
    assert 200 < len(near) < len(CASES)
    rest = [case for case in CASES if case not in near][DAYS.index(day) :: ONE_IN]
    assert unlike_expected(played, near + rest, day) == []


@pytest.mark.night
@pytest.mark.parametrize("day", DAYS, ids=str)
def test_no_case_depends_on_the_calendar(day, played):
    assert unlike_expected(played, CASES, day) == []


@pytest.mark.parametrize("case", [c for c in CASES if c.verdicts], ids=lambda case: case.id)
def test_case_gives_the_expected_verdicts(case, played):
    answer = played.answer(case, next(iter(case.expect)), DAY, path=EXPLAIN)
    found = {told["recommendation"]: told["verdict"] for told in answer["recommendations"]}
    assert {key: found.get(key) for key in case.verdicts} == dict(case.verdicts)
