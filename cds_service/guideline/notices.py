"""The two cards that belong to a guideline and not to one of its recommendations: whether they are given. Rendering only words them.

Decisions 3 and 10f: at most one of each; `informationNeeded` when a chart is opened, `notAssessed` wherever silence could look like
"nothing to advise".
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from cds_service.cds_hooks.hooks import HOOKS
from cds_service.guideline.evaluation import Assessment, CriterionResult, Evaluation
from cds_service.guideline.verdict import Verdict

MOST_OPEN_ANSWERS = 2  # informationNeeded: with more open answers the record is simply empty


class Waiting(NamedTuple):
    """An evaluation that would speak, or surely be silent, were these criteria answered."""

    evaluation: Evaluation
    open: tuple[CriterionResult, ...]


class Missed(NamedTuple):
    """What could not be assessed; `hides_warning`: one of its cards could have been a warning."""

    assessments: tuple[Assessment, ...]
    example: Evaluation
    hides_warning: bool


def waiting_for_answers(hook: str, assessments: Sequence[Assessment]) -> list[Waiting]:
    """Recommendations whose trigger is met, or contradicts itself, and that lack at most two answers of the record; none where the
    guideline asks for nothing. What another card of this guideline asks already is not asked again."""
    incomplete = [e for a in assessments for e in a.evaluations if e.verdict is Verdict.INCOMPLETE]
    if HOOKS[hook].is_order_hook or not incomplete:
        return []
    asked = {
        _question(j)
        for a in assessments
        for e in a.speaking
        for j in e.open("required", "grounds", "confirm", "exclusions")
    }
    waiting = []
    for evaluation in incomplete:
        unsure = evaluation.open("trigger")
        # What makes a recommendation apply is not asked for, but a contradiction in it is shown.
        if not all([j.answer.conflicting for j in unsure]):
            continue
        open_ = unsure + evaluation.open("required")
        questions = {_question(j) for j in open_}
        if len(questions) <= MOST_OPEN_ANSWERS and questions - asked:
            waiting.append(Waiting(evaluation, open_))
    return waiting


def _question(judged: CriterionResult) -> tuple[str, ...]:
    """What is asked, whoever asks it: two criteria with the same words are one question."""
    parameters = {name: str(value) for name, value in judged.parameters.items()}
    return tuple(
        judged.missing[language].format(**parameters) for language in sorted(judged.missing)
    )


def not_assessed(assessments: Iterable[Assessment]) -> Missed | None:
    """What could not be assessed; None where everything was."""
    missed = tuple(a for a in assessments if not a.is_assessable)
    if not missed:
        return None
    unjudged = [[e for e in a.evaluations if e.verdict is Verdict.NOT_ASSESSED] for a in missed]
    hides_warning = any(
        e.situation is not None and (e.situation.while_unread or e.situation.indicator) != "info"
        for evaluations in unjudged
        for e in evaluations
    )
    return Missed(missed, unjudged[0][0], hides_warning)
