"""The verdict table as a ladder: in which order a situation is judged, where it is left, and with which verdict.

For people who look at a recommendation (the diagram of its page); the service itself judges with `evaluation.verdict`. That both
say the same of every combination of answers is what tests/spec/guideline/test_ladder.py proves, for every situation of the content.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from cds_service.guideline.evaluation import ORDER_UNDER_REVIEW
from cds_service.guideline.model import Situation
from cds_service.guideline.verdict import DECIDING_ROLES, TOGETHER, Verdict
from cds_service.logic import MET, NOT_MET, UNKNOWN, Truth


@dataclass(frozen=True)
class Step:
    """One rung: what is looked at, and the answers with which the ladder is left. All others go on."""

    name: str
    roles: tuple[str, ...]  # one role; for the checks at the end several
    leaves: frozenset[Truth]
    verdict: Verdict  # of whoever leaves here


def _step(name: str, roles: tuple[str, ...], leaves: Iterable[Truth], verdict: Verdict) -> Step:
    return Step(name, roles, frozenset(leaves), verdict)


LADDER = (
    _step("trigger", ("trigger",), [NOT_MET], Verdict.NOT_APPLICABLE),
    _step("grounds", ("grounds",), [NOT_MET, UNKNOWN], Verdict.NOT_APPLICABLE),
    _step("confirm", ("confirm",), [NOT_MET], Verdict.NOT_APPLICABLE),
    _step("exclusions", ("exclusions",), [MET], Verdict.CONTRAINDICATED),
    _step("required", ("required",), [NOT_MET], Verdict.NOT_APPLICABLE),
    _step("suppressed_by", ("suppressed_by",), [MET], Verdict.SUPPRESSED),
    # What was unknown went on; here it is looked at once more.
    _step("still_unknown", ("trigger", "required"), [UNKNOWN], Verdict.INCOMPLETE),
    _step(
        "still_to_confirm",
        ("confirm", "exclusions", "suppressed_by"),
        [UNKNOWN],
        Verdict.AFTER_CHECK,
    ),
)


def ladder(situation: Situation) -> tuple[Step, ...]:
    """The rungs that a situation has: those of roles without criteria are left out."""
    kept = (
        replace(step, roles=tuple(role for role in step.roles if ids_of(situation, role)))
        for step in LADDER
    )
    return tuple(step for step in kept if step.roles)


def left_at(steps: Iterable[Step], truths: Mapping[str, Truth]) -> Step | None:
    """The rung at which answers leave the ladder (role -> what its criteria say together); None: recommended.

    KeyError where a rung is reached whose role has no answer.
    """
    return next(
        (step for step in steps if any(truths[role] in step.leaves for role in step.roles)), None
    )


def together(situation: Situation, answers: Mapping[str, Truth]) -> dict[str, Truth]:
    """What the criteria of each role say together; `answers` by id of the criterion, as in `Evaluation.criteria`.

    A role with a criterion that was not judged is left out: once a trigger is not met, nothing else is asked.
    """
    said = {}
    for role in DECIDING_ROLES:
        ids = ids_of(situation, role)
        if ids and answers.keys() >= set(ids):
            said[role] = TOGETHER[role](answers[criterion_id] for criterion_id in ids)
    return said


def ids_of(situation: Situation, role: str) -> tuple[str, ...]:
    """The ids of a role's criteria; the order under review is the first trigger where orders are judged."""
    order = (ORDER_UNDER_REVIEW,) if role == "trigger" and situation.orders else ()
    return (*order, *(use.id for use in situation.role(role)))
