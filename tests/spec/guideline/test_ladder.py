"""The ladder that the diagrams draw says of every combination of answers what the verdict table says, for every situation of the content."""

from itertools import product

import pytest

from cds_service.guideline.evaluation import ORDER_UNDER_REVIEW
from cds_service.guideline.ladder import LADDER, ids_of, ladder, left_at, together
from cds_service.guideline.verdict import DECIDING_ROLES, TOGETHER, Verdict, verdict
from cds_service.logic import Truth
from tests.cases import loaded

# A role without criteria: nothing to be met, no exclusion; a recommendation without grounds needs none.
OF_NOTHING = {role: Truth.MET if role == "grounds" else rule(()) for role, rule in TOGETHER.items()}
SITUATIONS = [
    (f"{r.key}-{number}", s)
    for g in loaded().guidelines
    for r in g.recommendations
    for number, s in enumerate(r.situations)
]


def walked(steps, truths):
    left = left_at(steps, truths)
    return left.verdict if left else Verdict.RECOMMENDED


def test_the_whole_ladder_is_the_verdict_table():
    for combination in product(Truth, repeat=len(DECIDING_ROLES)):
        truths = dict(zip(DECIDING_ROLES, combination, strict=True))
        assert walked(LADDER, truths) is verdict(**truths), truths


@pytest.mark.parametrize(
    "situation", [s for _, s in SITUATIONS], ids=[name for name, _ in SITUATIONS]
)
def test_the_rungs_of_a_situation_are_its_verdict_table(situation):
    """Only the roles that it has are drawn; the answer of the others does not matter to the ladder."""
    steps = ladder(situation)
    present = [
        role
        for role in DECIDING_ROLES
        if situation.role(role) or role == "trigger" and situation.orders
    ]
    assert {role for step in steps for role in step.roles} == set(present)
    for combination in product(Truth, repeat=len(present)):
        truths = dict(zip(present, combination, strict=True))
        assert walked(steps, truths) is verdict(**{**OF_NOTHING, **truths}), truths


@pytest.mark.parametrize(
    "situation", [s for _, s in SITUATIONS], ids=[name for name, _ in SITUATIONS]
)
def test_answers_of_criteria_are_taken_together_by_role(situation):
    everything = {
        criterion_id: Truth.MET
        for role in DECIDING_ROLES
        for criterion_id in ids_of(situation, role)
    }
    assert together(situation, everything) == {
        role: Truth.MET for role in DECIDING_ROLES if ids_of(situation, role)
    }
    assert (ORDER_UNDER_REVIEW in everything) is bool(situation.orders)
    first = next(iter(ids_of(situation, "trigger")))
    assert together(situation, {**everything, first: Truth.NOT_MET})["trigger"] is Truth.NOT_MET
    assert together(situation, {}) == {}
