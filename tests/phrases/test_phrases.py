"""Blind phrases through the whole reading: nothing dangerous is concluded, and most is read as a clinician means it.

The phrases were written from the meaning of each label, by somebody who had not seen the reader; a third is held out and was not looked at
while the rules were written. FIRST_RUN: what the reader of before gave, and the first run of the held-out third with the rules of today.
A phrase that is still read dangerously stands in READ_WRONGLY with its reason, and fails here as soon as it is read well.
"""

from collections import Counter

import pytest

from tests.phrases.reading import phrases, verdict

ROWS = phrases()
# (right, question, harm) of the 322 open rows and of the 161 held-out ones.
FIRST_RUN = {
    "the reader of before": ((186, 94, 42), (96, 36, 29)),
    "the first run of the held-out third": (None, (111, 28, 22)),
}
READ_WRONGLY = {
    "p425": "an addendum that takes back the conclusion names no site",
    "p426": "two categories of one side without dates: both are told, and the criteria take them for a contradiction",
}
HELD_OUT_HARM = 14  # of the held-out rows; not looked at one by one


@pytest.mark.parametrize(
    "phrase",
    [
        pytest.param(
            p,
            id=p.id,
            marks=[pytest.mark.xfail(strict=True, reason=READ_WRONGLY[p.id])]
            if p.id in READ_WRONGLY
            else [],
        )
        for p in ROWS
        if not p.held_out
    ],
)
def test_nothing_dangerous_is_concluded(phrase):
    assert verdict(phrase) != "harm"


def test_the_held_out_third_grows_no_worse():
    told = Counter(verdict(p) for p in ROWS if p.held_out)
    assert told["harm"] <= HELD_OUT_HARM and told["right"] >= 120, told


def test_most_is_read_as_it_is_meant():
    told = Counter(verdict(p) for p in ROWS if not p.held_out)
    assert told["right"] >= 262, told


def test_the_table_holds_every_kind():
    kinds = Counter(p.kind for p in ROWS)
    assert len(ROWS) >= 480 and all(kinds[str(n)] >= 14 for n in range(1, 18))
    assert sum(p.language == "en" for p in ROWS) >= 60
