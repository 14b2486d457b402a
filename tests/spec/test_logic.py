"""The three-valued logic, written out. Yes = met, no = not met, ? = unknown: the record does not say."""

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cds_service.logic import Truth, either, every, truth
from tests.spec.tables import MET, NOT_MET, TRUTHS, UNKNOWN, table

# Kleene's strong tables. "Every" and "either" of two answers, and the opposite of one.
BOTH_OF_TWO = """
    first | second | every | either
    ------+--------+-------+-------
    yes   | yes    | yes   | yes
    yes   | no     | no    | yes
    yes   | ?      | ?     | yes      # one yes is enough for "either"
    no    | yes    | no    | yes
    no    | no     | no    | no
    no    | ?      | no    | ?        # one no is enough against "every"
    ?     | yes    | ?     | yes
    ?     | no     | no    | ?
    ?     | ?      | ?     | ?
"""
OPPOSITE = """
    answer | opposite
    -------+---------
    yes    | no
    no     | yes
    ?      | ?          # the opposite of "we do not know" is not "no"
"""
OF_THREE = """
    answers     | every | either
    ------------+-------+-------
    yes yes yes | yes   | yes
    yes yes ?   | ?     | yes
    yes yes no  | no    | yes
    yes no  ?   | no    | yes
    yes ?   ?   | ?     | yes
    no  no  no  | no    | no
    no  no  ?   | no    | ?
    no  ?   ?   | no    | ?
    ?   ?   ?   | ?     | ?
"""

truths = st.sampled_from(Truth)
several = st.lists(truths, max_size=6)


@pytest.mark.parametrize("first, second, all_of_them, one_of_them", table(BOTH_OF_TWO))
def test_every_and_either_of_two(first, second, all_of_them, one_of_them):
    pair = TRUTHS[first], TRUTHS[second]
    assert every(pair) is TRUTHS[all_of_them]
    assert either(pair) is TRUTHS[one_of_them]
    assert pair[0] & pair[1] is TRUTHS[all_of_them]
    assert pair[0] | pair[1] is TRUTHS[one_of_them]


def test_the_table_of_two_is_complete():
    assert len({row[:2] for row in table(BOTH_OF_TWO)}) == 9


@pytest.mark.parametrize("answer, opposite", table(OPPOSITE))
def test_opposite(answer, opposite):
    assert ~TRUTHS[answer] is TRUTHS[opposite]


@pytest.mark.parametrize("answers, all_of_them, one_of_them", table(OF_THREE))
def test_of_three_in_any_order(answers, all_of_them, one_of_them):
    for order in permutations([TRUTHS[word] for word in answers.split()]):
        assert every(order) is TRUTHS[all_of_them]
        assert either(iter(order)) is TRUTHS[one_of_them], "an iterator will do"


def test_of_nothing():
    """No demand is a demand that is met; no alternative is none that is met."""
    assert every([]) is MET
    assert either([]) is NOT_MET


@pytest.mark.parametrize("value, meant", [(True, MET), (False, NOT_MET), (None, UNKNOWN)])
def test_from_a_value_that_may_be_missing(value, meant):
    assert truth(value) is meant


def test_the_words_of_the_interface():
    """The words that the card extension and /explain show (decisions, 12)."""
    assert [t.value for t in (MET, NOT_MET, UNKNOWN)] == ["met", "not-met", "unknown"]
    assert len(Truth) == 3


# Every place where Python would turn an answer with three sides into one with two.
STRAY = {
    "if": lambda t: 1 if t else 2,
    "not": lambda t: not t,
    "and": lambda t: t and MET,
    "or": lambda t: t or MET,
    "bool": bool,
    "any": lambda t: any([t]),
    "all": lambda t: all([t]),
    "filter": lambda t: list(filter(None, [t])),
    "comprehension": lambda t: [1 for _ in (0,) if t],
}


@pytest.mark.parametrize("stray", STRAY.values(), ids=STRAY)
@pytest.mark.parametrize("answer", Truth)
def test_a_truth_value_never_meets_if_and_or_not(stray, answer):
    with pytest.raises(TypeError, match=r"write `truth is Truth\.MET`"):
        stray(answer)


@given(several)
def test_de_morgan(answers):
    assert ~every(answers) is either([~a for a in answers])
    assert ~either(answers) is every([~a for a in answers])


@given(several, st.randoms(use_true_random=False))
def test_order_does_not_matter(answers, chance):
    mixed = chance.sample(answers, len(answers))
    assert every(mixed) is every(answers)
    assert either(mixed) is either(answers)


@given(several, several)
def test_grouping_does_not_matter(some, others):
    assert every([every(some), every(others)]) is every(some + others)
    assert either([either(some), either(others)]) is either(some + others)


@given(truths, truths, truths)
def test_one_distributes_over_the_other(a, b, c):
    assert a & (b | c) is (a & b) | (a & c)
    assert a | (b & c) is (a | b) & (a | c)
    assert a & (a | b) is a and a | (a & b) is a


@given(truths)
def test_twice_the_opposite_is_the_answer_itself(answer):
    assert ~~answer is answer


@given(several, st.data())
def test_learning_more_never_turns_an_answer_round(answers, data):
    """Where the answer was yes or no with something unknown, filling in the unknown cannot change it."""
    later = [data.draw(truths) if a is UNKNOWN else a for a in answers]
    for rule in (every, either):
        if rule(answers) is not UNKNOWN:
            assert rule(later) is rule(answers)
