"""From answers to a verdict: the table, and the rule that decides when it may be given at all (decisions, 2).

The catalogue ("How criteria are judged"): required - met on, not met off, unknown incomplete; confirm - not met off, unknown
does not block; exclusion - met off, unknown does not block; suppression - met, no card.
"""

from datetime import datetime
from itertools import product
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cds_service.facts.extraction import Reading
from cds_service.facts.model import FactDefinition
from cds_service.fhir.paths import compile_path
from cds_service.fhir.record import PrefetchInput, Record
from cds_service.fhir.state import State
from cds_service.guideline.criterion import Answer, all_of, criterion, one_of
from cds_service.guideline.evaluation import assess
from cds_service.guideline.model import (
    CardTemplate,
    CriterionRole,
    Guideline,
    Recommendation,
    Situation,
    Source,
)
from cds_service.guideline.verdict import ORDER_OF_WEIGHT, Verdict, verdict
from cds_service.logic import Truth
from cds_service.terminology.value_set import ValueSet
from tests.spec.tables import MET, NOT_MET, TRUTHS, UNKNOWN, table

# Every combination of the six roles stands in exactly one row. `*` any answer, `yes/?` one of these.
VERDICTS = """
    trigger | grounds | confirm | exclusions | required | suppressed_by | verdict
    --------+---------+---------+------------+----------+---------------+------------------------
    no      | *       | *       | *          | *        | *             | not-applicable           # does not concern this patient
    yes/?   | no/?    | *       | *          | *        | *             | not-applicable           # a ground that nobody recorded is none
    yes/?   | yes     | no      | *          | *        | *             | not-applicable
    yes/?   | yes     | yes/?   | yes        | *        | *             | contraindicated
    yes/?   | yes     | yes/?   | no/?       | no       | *             | not-applicable
    yes/?   | yes     | yes/?   | no/?       | yes/?    | yes           | suppressed               # done or ordered already
    ?       | yes     | yes/?   | no/?       | yes/?    | no/?          | incomplete
    yes     | yes     | yes/?   | no/?       | ?        | no/?          | incomplete               # the record does not say
    yes     | yes     | ?       | no/?       | yes      | no/?          | recommended-after-check  # "confirm with the patient"
    yes     | yes     | yes     | ?          | yes      | no/?          | recommended-after-check  # "no record found: confirm"
    yes     | yes     | yes     | no         | yes      | ?             | recommended-after-check
    yes     | yes     | yes     | no         | yes      | no            | recommended
"""
ROLES = ("trigger", "grounds", "confirm", "exclusions", "required", "suppressed_by")
ROWS = table(VERDICTS)
# How several criteria of one role come together: all of them must be met, or one of them is enough.
ALL_OF, ONE_OF = ("trigger", "required", "confirm"), ("grounds", "exclusions", "suppressed_by")


def combinations(row):
    return product(
        *(
            list(Truth) if cell == "*" else [TRUTHS[word] for word in cell.split("/")]
            for cell in row[:-1]
        )
    )


MEANT = {combination: row[-1] for row in ROWS for combination in combinations(row)}


def test_every_combination_stands_in_exactly_one_row():
    assert len(MEANT) == 3**6
    assert sum(len(list(combinations(row))) for row in ROWS) == 3**6


@pytest.mark.parametrize("row", ROWS, ids=" ".join)
def test_verdict_table(row):
    for combination in combinations(row):
        assert verdict(**dict(zip(ROLES, combination, strict=True))) == row[-1], dict(
            zip(ROLES, combination, strict=True)
        )


def test_only_two_verdicts_speak():
    assert {v.value for v in Verdict if v.speaks} == {"recommended", "recommended-after-check"}


def test_the_words_of_the_interface():
    """Decisions, 12."""
    assert {v.value for v in Verdict} == {
        "recommended",
        "recommended-after-check",
        "incomplete",
        "contraindicated",
        "suppressed",
        "not-applicable",
        "not-assessed",
    }


def test_what_is_said_of_one_breast_is_not_hidden_by_the_other():
    """A card for one breast comes first; what could not be assessed comes before every silence."""
    weights = [v.value for v in ORDER_OF_WEIGHT]
    assert weights[:2] == ["recommended", "recommended-after-check"]
    assert weights[2] == "not-assessed"
    assert weights[-1] == "not-applicable"


@given(st.sampled_from(sorted(MEANT, key=str)), st.data())
def test_checking_an_answer_never_makes_advice_incomplete(combination, data):
    """What is recommended after a check is recommended or off once the patient has answered: nothing new is missing."""
    if MEANT[combination] == "recommended-after-check":
        answered = tuple(
            data.draw(st.sampled_from([MET, NOT_MET])) if truth is UNKNOWN else truth
            for truth in combination
        )
        assert verdict(**dict(zip(ROLES, answered, strict=True))) in (
            "recommended",
            "not-applicable",
            "contraindicated",
            "suppressed",
        )


# --- all the way from answers: a recommendation whose criteria are made for the test

ZONE = ZoneInfo("Europe/Amsterdam")
WORDS = {"nl": "?", "en": "?"}
UNREAD = frozenset({"observations"})


def fact_definition(name, resource_type):
    return FactDefinition(
        name, "test", WORDS, ValueSet(name, {}, ()), {resource_type: (compile_path("code"),)}
    )


# Conditions were read and are empty; Observations could not be read.
FACTS = {
    "condition": fact_definition("condition", "Condition"),
    "observation": fact_definition("observation", "Observation"),
}
INPUTS = {
    "conditions": PrefetchInput("conditions", "Condition", State.EMPTY),
    "observations": PrefetchInput("observations", "Observation", State.UNAVAILABLE),
}


def judged(answers, trigger_reads="condition"):
    """The evaluation of a recommendation with these criteria: (role, truth, whether unread data could change it)."""

    def use(number, role, truth, unread):
        @criterion(reads=(trigger_reads,), source="a test")
        def answer(facts):
            if role == "trigger":
                facts.of(trigger_reads)
            return Answer(truth, (), UNREAD if unread else frozenset())

        return CriterionRole(f"criterion_{number}", role, {}, answer, WORDS, WORDS)

    situation = Situation(
        ("patient-view",), {}, tuple(use(n, *given) for n, given in enumerate(answers))
    )
    recommendation = Recommendation(
        "key", "test", WORDS, WORDS, WORDS, "", (situation,), CardTemplate(WORDS, WORDS)
    )
    guideline = Guideline(
        "test",
        "1",
        WORDS,
        Source(WORDS, "", WORDS, False),
        False,
        {},
        FACTS,
        (recommendation,),
        {},
        WORDS,
    )
    reading = Reading(Record("p", {}, INPUTS), datetime(2026, 6, 15, 12, tzinfo=ZONE), ZONE, {}, {})
    (assessment,) = assess(guideline, "patient-view", reading)
    (evaluation,) = assessment.evaluations
    return evaluation


def meant(answers):
    """The verdict by the text table; the criteria of a role taken together by hand."""

    def together(role):
        truths = {truth for of_role, truth, _ in answers if of_role == role}
        if role == "grounds" and not truths:
            return MET  # a recommendation without grounds needs none
        decisive, otherwise = (NOT_MET, MET) if role in ALL_OF else (MET, NOT_MET)
        return decisive if decisive in truths else UNKNOWN if UNKNOWN in truths else otherwise

    return MEANT[tuple(together(role) for role in ROLES)]


def readings_of_the_rest(answers):
    """All ways in which the unread data could turn out."""
    return product(
        *(
            [(role, other, False) for other in Truth] if unread else [(role, truth, False)]
            for role, truth, unread in answers
        )
    )


# An answer is unknown where unread data could still decide it; a trigger that is known not to be met ends the matter.
truths = st.sampled_from(Truth)
triggers = st.tuples(st.just("trigger"), truths, st.booleans()).map(
    lambda a: (a[0], a[1], a[2] and a[1] is UNKNOWN)
)
others = st.tuples(
    st.sampled_from([role for role in ROLES if role != "trigger"]), truths, st.booleans()
)
criteria = st.tuples(st.lists(triggers, max_size=2), st.lists(others, max_size=5)).map(
    lambda two: two[0] + two[1]
)


@given(criteria)
def test_the_verdict_of_answers_is_that_of_the_table(answers):
    answers = [(role, truth, False) for role, truth, _ in answers]
    assert judged(answers).verdict == meant(answers)


@given(criteria)
@example([("required", UNKNOWN, True)])
@example([("required", UNKNOWN, True), ("required", NOT_MET, False)])
@example([("exclusions", UNKNOWN, True), ("exclusions", MET, False)])
@example([("suppressed_by", UNKNOWN, True), ("confirm", NOT_MET, False)])
@example([("trigger", UNKNOWN, True), ("grounds", UNKNOWN, False)])
def test_a_verdict_is_given_only_if_no_reading_of_the_rest_could_change_it(answers):
    """Decision 2, by brute force over everything that the unread data might say."""
    possible = {meant(rest) for rest in readings_of_the_rest(answers)}
    found = judged(answers)
    assert found.verdict == (possible.pop() if len(possible) == 1 else "not-assessed")
    assert bool(found.unread) is (found.verdict is Verdict.NOT_ASSESSED), (
        "it names what stands between us and a verdict"
    )


@given(criteria)
def test_nothing_is_advised_while_an_input_of_the_trigger_was_not_read(answers):
    """Decision 2: assessable only when every input that the trigger reads is present or empty."""
    answers = [("trigger", MET, False), *answers]
    assert judged(answers, trigger_reads="observation").verdict in (
        Verdict.NOT_ASSESSED,
        Verdict.NOT_APPLICABLE,
    )


@pytest.mark.parametrize(
    "state, read",
    [
        (State.PRESENT, True),
        (State.EMPTY, True),
        (State.PARTIAL, False),
        (State.UNAVAILABLE, False),
    ],
)
def test_which_states_of_an_input_count_as_read(state, read):
    """Decision 1."""
    assert state.is_read is read


def test_not_done_fires_only_from_data_that_were_read():
    """Decision 1: an examination that is not on record is missing only where the record was really read."""
    missing = [("trigger", MET, False), ("grounds", MET, False)]
    assert judged(missing).verdict == "recommended"
    assert judged([("trigger", MET, False), ("grounds", UNKNOWN, True)]).verdict == "not-assessed"


# --- answers taken together

COMBINED = """
    first   | second  | all of them | one of them
    --------+---------+-------------+------------
    yes     | yes     | yes         | yes
    yes     | no      | no          | yes
    yes     | ?       | ?           | yes
    yes     | unread  | unread      | yes
    no      | no      | no          | no
    no      | ?       | no          | ?
    no      | unread  | no          | unread
    ?       | ?       | ?           | ?
    ?       | unread  | unread      | unread
    unread  | unread  | unread      | unread
"""


def answer(word):
    return Answer(UNKNOWN, (), UNREAD) if word == "unread" else Answer(TRUTHS[word])


@pytest.mark.parametrize("first, second, every_one, at_least_one", table(COMBINED))
def test_answers_taken_together(first, second, every_one, at_least_one):
    """`unread`: unknown, because data were not read. What decides regardless of them is no longer unread."""
    for pair in ((first, second), (second, first)):
        for rule, expected in ((all_of, every_one), (one_of, at_least_one)):
            found = rule(answer(word) for word in pair)
            assert (found.truth, found.unread) == (answer(expected).truth, answer(expected).unread)


def test_the_opposite_of_an_answer_keeps_what_it_rests_on():
    opposite = ~Answer(UNKNOWN, (), UNREAD, {"date": 1}, True)
    assert (opposite.truth, opposite.unread, opposite.values, opposite.conflicting) == (
        UNKNOWN,
        UNREAD,
        {"date": 1},
        True,
    )
    assert (~Answer(MET)).truth is NOT_MET


def two_recommendations(per_breast, first, second):
    """A guideline of two recommendations, each with one trigger: (name, parameters, function)."""

    def recommendation(key, name, parameters, function):
        situation = Situation(
            ("patient-view",),
            {},
            (CriterionRole(name, "trigger", parameters, function, WORDS, WORDS),),
        )
        return Recommendation(
            key, "test", WORDS, WORDS, WORDS, "", (situation,), CardTemplate(WORDS, WORDS)
        )

    both = (recommendation("one", *first), recommendation("two", *second))
    return Guideline(
        "test", "1", WORDS, Source(WORDS, "", WORDS, False), per_breast, {}, FACTS, both, {}, WORDS
    )


@pytest.mark.parametrize("per_breast, sides", [(False, 1), (True, 3)])
def test_what_two_recommendations_ask_is_answered_once_for_each_breast(per_breast, sides):
    """And both know that an input behind the answer was not read."""
    asked = []

    @criterion(reads=("observation",), source="a test")
    def finding(facts):
        asked.append(facts.side)
        facts.of("observation")
        return Answer(UNKNOWN)

    guideline = two_recommendations(per_breast, ("finding", {}, finding), ("finding", {}, finding))
    assessments = assess(
        guideline,
        "patient-view",
        Reading(Record("p", {}, INPUTS), datetime(2026, 6, 15, 12, tzinfo=ZONE), ZONE, {}, {}),
    )
    assert len(asked) == len(set(asked)) == sides
    assert [(a.verdict, a.unread) for a in assessments] == [(Verdict.NOT_ASSESSED, UNREAD)] * 2


def test_the_same_question_with_another_parameter_is_another_question():
    @criterion(source="a test")
    def finding(facts, kind):
        return Answer(MET if kind == "there" else NOT_MET)

    guideline = two_recommendations(
        False, ("finding", {"kind": "there"}, finding), ("finding", {"kind": "elsewhere"}, finding)
    )
    assessments = assess(
        guideline,
        "patient-view",
        Reading(Record("p", {}, INPUTS), datetime(2026, 6, 15, 12, tzinfo=ZONE), ZONE, {}, {}),
    )
    assert [a.verdict for a in assessments] == [Verdict.RECOMMENDED, Verdict.NOT_APPLICABLE]


def test_what_a_question_reads_is_not_held_against_the_next():
    @criterion(reads=("observation",), source="a test")
    def reads_what_is_unread(facts):
        facts.of("observation")
        return Answer(NOT_MET)

    @criterion(reads=("condition",), source="a test")
    def reads_what_was_read(facts):
        facts.of("condition")
        return Answer(MET)

    guideline = two_recommendations(
        False, ("one", {}, reads_what_is_unread), ("two", {}, reads_what_was_read)
    )
    assessments = assess(
        guideline,
        "patient-view",
        Reading(Record("p", {}, INPUTS), datetime(2026, 6, 15, 12, tzinfo=ZONE), ZONE, {}, {}),
    )
    assert [a.verdict for a in assessments] == [Verdict.NOT_APPLICABLE, Verdict.RECOMMENDED]
