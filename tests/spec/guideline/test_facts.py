"""What criteria are written in: facts that are found, the newest of them, statements that agree, the open world.

Expectations from the catalogue ("How criteria are judged").
"""

from dataclasses import replace
from datetime import date, datetime
from types import SimpleNamespace

import pytest

from cds_service.facts.model import Fact, FactSet, Laterality
from cds_service.fhir.dates import Dates
from cds_service.guideline.criterion import Answer, Facts, agreed, any_of, newest
from cds_service.terminology.value_set import Match
from tests.spec.tables import MET, NOT_MET, TRUTHS, UNKNOWN, table


def day(text):
    """A day of a table; `…` is none."""
    when = None if text == "…" else date.fromisoformat(text)
    return Dates(when, when)


def fact(
    value="", *, asserted=MET, side=Laterality.UNKNOWN, when="…", recorded="…", state="", draft=None
):
    attributes = {"state": (Match(state),)} if state else {}
    return Fact(
        "care_order",
        f"ServiceRequest/{value}",
        "ServiceRequest",
        value,
        side,
        asserted,
        MET,
        day(when),
        day(recorded),
        attributes,
        draft=draft,
    )


def of(*found, unread=(), side=Laterality.LEFT, order=None):
    """The facts of a patient on 15 June 2026; inputs of `unread` were not read."""
    reading = SimpleNamespace(
        facts=lambda definition: FactSet(found, frozenset(unread)), now=datetime(2026, 6, 15)
    )
    return Facts(reading, {"care_order": None}, {}, side=side, order=order)


# --- facts that are found


def test_found_are_those_that_surely_hold_and_of_the_values():
    sure, suspected, denied = (
        fact("liver", asserted=asserted) for asserted in (MET, UNKNOWN, NOT_MET)
    )
    other = fact("lung")
    facts = of(sure, suspected, denied, other)
    assert facts.find("care_order") == (sure, other)
    assert facts.find("care_order", ("liver",)) == (sure,)
    assert facts.find("care_order", ("liver",), possible=True) == (sure, suspected)
    assert facts.find("care_order", possible=True) == (sure, suspected, other)
    assert facts.find("care_order", ()) == ()


# --- the newest: by the day on which it took place, or else was recorded

NEWEST = """
    first, recorded       | second, recorded      | the newest
    ----------------------+-----------------------+-----------
    2026-05-10 …          | 2026-05-11 …          | second
    2026-05-10 2026-06-01 | 2026-05-11 …          | second       # when it took place goes before when it was recorded
    … 2026-06-01          | 2026-05-11 …          | first
    2026-05-10 …          | … 2026-05-10          | both
    … …                   | 2020-01-01 …          | second       # without a day: the last of all
    … …                   | … …                   | both
"""


@pytest.mark.parametrize("one, other, answer", table(NEWEST))
def test_the_newest(one, other, answer):
    first, second = (
        fact(when=when, recorded=recorded) for when, recorded in (one.split(), other.split())
    )
    expected = {"first": (first,), "second": (second,), "both": (first, second)}[answer]
    assert newest([first, second]) == expected


def test_what_has_no_end_is_of_the_day_of_its_record():
    began = Dates(date(2010, 1, 1), None)
    opened, other = replace(fact(recorded="2026-01-01"), when=began), fact(when="2020-01-01")
    assert newest([opened, other]) == (opened,)
    assert newest([replace(opened, recorded=began), other]) == (other,), "no record tells more"


def test_the_newest_of_nothing():
    assert newest([]) == ()


def test_the_newest_by_another_day():
    early, late = fact(when="2026-05-10", recorded="2026-06-01"), fact(when="2026-05-11")
    assert newest([early, late], day=lambda f: f.recorded) == (early,)


# --- one of some facts, closed world

ANY_OF = """
    the facts | all read | answer | evidence
    ----------+----------+--------+---------
    yes no ?  | yes      | yes    | yes
    yes no ?  | no       | yes    | yes       # what was not read takes nothing away
    no ?      | yes      | ?      | ?
    no no     | yes      | no     | none
    no no     | no       | ?      | none
    none      | yes      | no     | none
    none      | no       | ?      | none
"""


@pytest.mark.parametrize("truths, read, answer, evidence", table(ANY_OF))
def test_one_of_some_facts(truths, read, answer, evidence):
    judged = [(fact(word), TRUTHS[word]) for word in truths.split() if word != "none"]
    unread = frozenset() if read == "yes" else frozenset(("conditions",))
    found = any_of(judged, unread)
    assert found.truth is TRUTHS[answer]
    assert [f.value for f in found.evidence] == ([] if evidence == "none" else [evidence])
    assert found.unread == (unread if answer == "?" else frozenset())


# --- statements about one thing

AGREED = """
    statements | answer | contradict | evidence
    -----------+--------+------------+---------
    yes yes    | yes    | no         | 2
    yes ?      | yes    | no         | 1          # unknown ones give way
    no ?       | no     | no         | 1
    ? ?        | ?      | no         | 2
    yes no ?   | ?      | yes        | 2
    none       | ?      | no         | 0
"""


@pytest.mark.parametrize("statements, answer, contradict, evidence", table(AGREED))
def test_what_statements_come_to(statements, answer, contradict, evidence):
    said = [Answer(TRUTHS[s], (fact(s),)) for s in statements.split() if s != "none"]
    found = agreed(said)
    assert found.truth is TRUTHS[answer]
    assert found.conflicting is (contradict == "yes")
    assert len(found.evidence) == int(evidence)


# --- on record: the closed world, the open one, and the open one in which a "no" counts

ON_RECORD = """
    on record   | all read | closed | open | open, a "no" counts
    ------------+----------+--------+------+--------------------
    nothing     | yes      | no     | ?    | ?
    nothing     | no       | ?      | ?    | ?
    yes         | no       | yes    | yes  | yes
    suspected   | yes      | ?      | ?    | ?
    denied      | yes      | no     | ?    | no
    denied      | no       | ?      | ?    | ?     # a "yes" may stand in what was not read
    denied yes  | yes      | yes    | yes  | yes
    denied suspected | yes | ?      | ?    | ?
    other       | yes      | no     | ?    | ?     # says nothing about it
    other-denied | yes     | no     | ?    | ?
"""
STATEMENTS = {"yes": MET, "suspected": UNKNOWN, "denied": NOT_MET}


@pytest.mark.parametrize("on_record, read, closed, opened, denied", table(ON_RECORD))
def test_on_record(on_record, read, closed, opened, denied):
    found = [
        fact("asked", asserted=STATEMENTS[word])
        if word in STATEMENTS
        else fact("other", asserted=NOT_MET if word == "other-denied" else MET)
        for word in on_record.split()
        if word != "nothing"
    ]
    facts = of(*found, unread=() if read == "yes" else ("conditions",))

    def asked(f):
        return MET if f.value == "asked" else NOT_MET

    assert facts.on_record("care_order", asked).truth is TRUTHS[closed]
    assert facts.on_record("care_order", asked, otherwise=UNKNOWN).truth is TRUTHS[opened]
    answer = facts.on_record("care_order", asked, denied=lambda f: ~f.asserted & asked(f))
    assert answer.truth is TRUTHS[denied]
    if answer.truth is NOT_MET:
        assert [f.asserted for f in answer.evidence] == [NOT_MET], "the denial is the evidence"
