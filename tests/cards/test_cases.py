"""Every case of cards/*/cases.yaml through the real application, on every hook that it names."""

from datetime import date

import pytest

from cds_service.casebook.cases import all_cases
from cds_service.casebook.render import hook_request, render
from tests.conftest import SERVICE, keys

# The cases must not depend on the day: an ordinary day, the end of a short month, a leap day, the end of a year.
DAYS = (date(2026, 6, 15), date(2027, 2, 28), date(2028, 2, 29), date(2026, 12, 31))
CASES = all_cases()


def ids(case_and_hook):
    return "-".join(str(getattr(part, "id", part)) for part in case_and_hook)


def post(client, clock, templates, case, hook, day, path="/cds-services/"):
    record = render(case, day)
    clock.day = record.today
    return client.post(
        path + SERVICE[hook], json=hook_request(case, record, hook, prefetch_keys=templates[hook])
    )


@pytest.mark.parametrize("case_and_hook", [(c, h) for c in CASES for h in c.expect], ids=ids)
def test_case_gives_exactly_the_expected_cards(case_and_hook, client, clock, templates):
    case, hook = case_and_hook
    answer = post(client, clock, templates, case, hook, DAYS[0])
    assert answer.status_code == 200, answer.get_json()
    assert keys(answer) == sorted(case.expect[hook]), f"{case.place}: {case.why}"


@pytest.mark.parametrize("day", DAYS[1:], ids=str)
def test_no_case_depends_on_the_calendar(day, client, clock, templates):
    wrong = []
    for case in CASES:
        for hook, expected in case.expect.items():
            found = keys(post(client, clock, templates, case, hook, day))
            if found != sorted(expected):
                wrong.append((case.id, hook, expected, found))
    assert wrong == []


@pytest.mark.parametrize("case", [c for c in CASES if c.verdicts], ids=lambda case: case.id)
def test_case_gives_the_expected_verdicts(case, client, clock, templates):
    hook = next(iter(case.expect))
    answer = post(client, clock, templates, case, hook, DAYS[0], "/explain/").get_json()
    found = {told["recommendation"]: told["verdict"] for told in answer["recommendations"]}
    assert {key: found.get(key) for key in case.verdicts} == dict(case.verdicts)
