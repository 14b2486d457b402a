"""Whether a guideline gives its own two cards: a table of what is open, and what could not be assessed."""

import pytest

from cds_service.facts.model import Laterality
from cds_service.guideline.criterion import Answer
from cds_service.guideline.evaluation import Assessment, CriterionResult, Evaluation
from cds_service.guideline.notices import not_assessed, waiting_for_answers
from cds_service.guideline.verdict import Verdict
from cds_service.logic import MET, UNKNOWN


def judged(name: str, role: str = "required", truth=UNKNOWN, **answer) -> CriterionResult:
    words = {"nl": f"{name}-nl", "en": f"{name}-en"}
    return CriterionResult(name, role, words, words, {}, Answer(truth, **answer))


def assessment(verdict: Verdict, *criteria: CriterionResult) -> Assessment:
    return Assessment(None, (Evaluation(None, verdict, Laterality.LEFT, None, criteria),))  # type: ignore[arg-type]


TRIGGER = judged("trigger", "trigger", MET)
ROWS = {
    "one answer": ([TRIGGER, judged("a")], [], True),
    "two answers": ([TRIGGER, judged("a"), judged("b")], [], True),
    "three answers": ([TRIGGER, judged("a"), judged("b"), judged("c")], [], False),
    "three that ask two things": ([TRIGGER, judged("a"), judged("b"), judged("b")], [], True),
    "trigger unknown": ([judged("t", "trigger"), judged("a")], [], False),
    "trigger contradicts itself": (
        [judged("t", "trigger", conflicting=True), judged("a")],
        [],
        True,
    ),
    "another card asks": ([TRIGGER, judged("a")], [judged("a", "confirm")], False),
    "another card asks one of two": (
        [TRIGGER, judged("a"), judged("b")],
        [judged("a", "exclusions")],
        True,
    ),
}


@pytest.mark.parametrize("open_, asked, expected", ROWS.values(), ids=ROWS)
def test_what_is_asked_for(open_, asked, expected):
    incomplete = assessment(Verdict.INCOMPLETE, *open_)
    speaking = assessment(Verdict.AFTER_CHECK, *asked)
    waiting = waiting_for_answers("patient-view", [incomplete, speaking])
    assert [w.evaluation for w in waiting] == list(incomplete.evaluations) * expected
    assert waiting_for_answers("order-sign", [incomplete, speaking]) == []


@pytest.mark.parametrize("verdict", [v for v in Verdict if v is not Verdict.INCOMPLETE])
def test_nothing_else_asks(verdict):
    assert waiting_for_answers("patient-view", [assessment(verdict, TRIGGER, judged("a"))]) == []


@pytest.mark.parametrize("verdict", Verdict)
def test_what_could_not_be_assessed(verdict):
    other, one = assessment(Verdict.RECOMMENDED), assessment(verdict)
    missed = not_assessed([other, one])
    if verdict is Verdict.NOT_ASSESSED:
        assert missed is not None
        assert (missed.assessments, missed.example) == ((one,), one.evaluations[0])
    else:
        assert missed is None
