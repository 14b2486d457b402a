"""What would change the advice: the smallest sets of suppositions after which a recommendation comes to another verdict.

How it is found, in plain words. Every supposition is tried alone, by the one evaluator, on that one recommendation. Those that
leave the answers to all its questions as they were are put aside; those that change the same answers in the same way are one
group, of which the most natural stands for the rest (BI-RADS 4 for 4, 5 and 6). A group that brings another verdict is an
answer. The others are combined, two and then three, and a combination that leads to answers seen before is not followed
further. Where a supposition makes the recommendation ask questions that it did not come to before (a discharge where there was
none), everything is tried again from there, as what was put aside may matter now. A set that holds a smaller answer is none.

It does not look for everything: two suppositions that each change nothing and only together do (a biopsy and, after it, another
result) are not found, what changes the same answers may still behave differently in company, and the search stops after so many
evaluations; `complete` says whether it came to its end.
"""

import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import combinations
from typing import TypeVar

from cds_service.decision.decide import Decision
from cds_service.guideline.evaluation import (
    Assessment,
    Evaluation,
    assess_one,
    orders_that_concern,
    unreadable_orders,
)
from cds_service.guideline.library import Library
from cds_service.guideline.model import Recommendation
from cds_service.guideline.verdict import DECIDING_ROLES, Verdict
from cds_service.logic import Truth
from cds_service.what_if.conceivable import Supposition
from cds_service.what_if.suppositions import assessed, possible, supposing

MOST_FLIPS = 16
MOST_TOGETHER = 3  # suppositions in one set
MOST_EVALUATIONS = 1000
MOST_ALTERNATIVES = 30  # in the place of one supposition
FEW_ALTERNATIVES = 8  # where several are supposed: each has to be tried

# The answers to the questions of a recommendation: (situation, order, side, role, criterion) -> truth, and the verdicts.
Answers = frozenset[tuple]
Item = TypeVar("Item")


@dataclass(frozen=True)
class Flip:
    """A smallest set of suppositions, and the verdict that it leads to."""

    suppositions: tuple[Supposition, ...]
    verdict: Verdict
    alternatives: tuple[
        tuple[Supposition, ...], ...
    ]  # for each supposition the others that do the same in its place


@dataclass(frozen=True)
class Flips:
    """What was found; `complete` is False where the search was broken off and there may be more."""

    found: tuple[Flip, ...]
    complete: bool
    evaluations: int


def flips(decision: Decision, library: Library, key: str) -> Flips:
    """The smallest sets of suppositions that change the verdict of one recommendation (its key): by size, the most natural first."""
    return _Search(decision, library, key).run()


@dataclass(frozen=True)
class _State:
    """What a recommendation comes to under some suppositions."""

    verdict: Verdict
    answers: Answers
    asked: frozenset[tuple]  # the questions that were come to
    hurdles: int  # how many answers stand in the way of its speaking


class _OutOfBreath(Exception):
    """The bound on evaluations is reached."""


class _Search:
    """The search for one recommendation. Groups are lists of suppositions that do the same; the first stands for the rest."""

    def __init__(self, decision: Decision, library: Library, key: str):
        self.guideline, assessment = assessed(decision, key)
        self.recommendation, self.hook = _deciding(assessment.recommendation), decision.request.hook
        self.reading = decision.reading.supposing({})
        self.orders = orders_that_concern(self.guideline, self.hook, self.reading)
        self.unreadable = unreadable_orders(self.guideline, self.hook, self.reading)
        self.all = sorted(
            possible(decision, library, self.guideline, assessment, self.reading),
            key=lambda s: s.kind,
        )
        self.on_record = {(s.fact, s.about.value) for s in self.all if s.about is not None}
        self.rank = {s.key: number for number, s in enumerate(self.all)}
        self.states: dict[frozenset[str], _State] = {}
        self.is_at_fault = assessment.fault is not None
        self.bound = MOST_EVALUATIONS
        self.found: list[tuple[tuple[Supposition, ...], Verdict]] = []
        self.same: dict[str, list[Supposition]] = {}  # the first of a group -> the others

    def run(self) -> Flips:
        """Sets of one, then of two, then of three; stops when there are enough."""
        complete = True
        try:
            self.start = self.state(())
            if not self.is_at_fault:
                self._widen()
        except _OutOfBreath:
            complete = False
        searched, self.bound = len(self.states), sys.maxsize  # what follows is little
        ordered = sorted(self.found, key=lambda found: self._weight(found[0]))
        varied = _varied(
            ordered, lambda found: (found[1], frozenset((s.fact, s.kind) for s in found[0]))
        )
        varied = _varied(varied, lambda found: (found[1], frozenset(s.fact for s in found[0])))
        best = sorted(varied, key=lambda found: any(map(self._is_second, found[0])))[:MOST_FLIPS]
        told = [
            Flip(
                together,
                verdict,
                tuple(self._alternatives(together, verdict, one) for one in together),
            )
            for together, verdict in ordered
            if (together, verdict) in best
        ]
        return Flips(tuple(told), complete, searched)

    def _widen(self) -> None:
        seen = {self.start.answers}
        frontier: Iterable[tuple[tuple[Supposition, ...], list[list[Supposition]]]] = [
            ((), self.groups((), self.all))
        ]
        for size in range(1, MOST_TOGETHER + 1):
            wider = []
            for chosen, groups in frontier:
                for group in groups:
                    together = self._together(chosen, group[0])
                    if together is None or len(together) < size:
                        continue
                    state = self.state(together)
                    if state.verdict is not self.start.verdict:
                        self._keep(together, state.verdict)
                    elif state.answers not in seen:
                        seen.add(state.answers)
                        wider.append((together, groups))
            if len(self.found) >= MOST_FLIPS or size == MOST_TOGETHER:
                return
            # Where the fewest answers stand in the way comes first: the search may not come to its end.
            wider.sort(key=lambda w: (self.state(w[0]).hurdles, self._weight(w[0])))
            frontier = ((chosen, self._next_groups(chosen, groups)) for chosen, groups in wider)

    def _next_groups(
        self, chosen: tuple[Supposition, ...], groups: list[list[Supposition]]
    ) -> list[list[Supposition]]:
        """What to try beside a set: what mattered before, or everything where it opens questions that were not come to."""
        opens = not self.state(chosen).asked <= self.state(chosen[:-1]).asked
        return self.groups(chosen, self.all) if opens else groups

    def groups(
        self, chosen: tuple[Supposition, ...], among: Iterable[Supposition]
    ) -> list[list[Supposition]]:
        """Suppositions that change an answer beside those chosen, together with those that change it in the same way."""
        before = self.state(chosen).answers
        found: dict[Answers, list[Supposition]] = {}
        for supposition in among:
            together = self._together(chosen, supposition)
            if together is not None and (after := self.state(together).answers) != before:
                found.setdefault(after, []).append(supposition)
        for first, *others in found.values():
            self.same.setdefault(first.key, others)
        return list(found.values())

    def state(self, chosen: tuple[Supposition, ...]) -> _State:
        """What the recommendation comes to with these suppositions; judged once."""
        keys = frozenset(s.key for s in chosen)
        if keys not in self.states:
            if len(self.states) >= self.bound:
                raise _OutOfBreath
            reading = (
                supposing(self.reading, self.guideline.facts, chosen) if chosen else self.reading
            )
            judged = assess_one(
                self.guideline,
                self.recommendation,
                self.hook,
                reading,
                self.orders,
                self.unreadable,
            )
            # What a fault of the content keeps from being judged changes nothing that can be told.
            at_fault = chosen and judged is not None and judged.fault
            self.states[keys] = self.start if at_fault else _state(judged)  # type: ignore[arg-type]
        return self.states[keys]

    def _together(
        self, chosen: tuple[Supposition, ...], other: Supposition
    ) -> tuple[Supposition, ...] | None:
        """The set with one more; None where the two contradict each other or where a smaller answer is among them."""
        if any(_at_odds(other, one) for one in chosen):
            return None
        together = {s.key for s in (*chosen, other)}
        if any({s.key for s in found} < together for found, _ in self.found):
            return None
        return (*chosen, other)

    def _keep(self, together: tuple[Supposition, ...], verdict: Verdict) -> None:
        """Note an answer, unless it is known or one of its parts is one already."""
        known = any({s.key for s in found} == {s.key for s in together} for found, _ in self.found)
        if not known and self._is_smallest(together):
            self.found.append((together, verdict))

    def _is_smallest(self, together: tuple[Supposition, ...]) -> bool:
        """Whether no part of a set changes the verdict by itself."""
        parts = (part for size in range(1, len(together)) for part in combinations(together, size))
        return all(self.state(part).verdict is self.start.verdict for part in parts)

    def _alternatives(
        self, together: tuple[Supposition, ...], verdict: Verdict, one: Supposition
    ) -> tuple[Supposition, ...]:
        """What leads to the same in the place of one supposition, of different kinds first."""
        others = _varied(self.same[one.key], lambda s: (s.about and id(s.about), s.kind))[
            : MOST_ALTERNATIVES if len(together) == 1 else FEW_ALTERNATIVES
        ]
        rest = [s for s in together if s is not one]
        swapped = (
            (other, tuple(other if s is one else s for s in together))
            for other in others
            if not any(_at_odds(other, s) for s in rest)
        )
        return tuple(
            other
            for other, instead in swapped
            if self.state(instead).verdict is verdict and self._is_smallest(instead)
        )

    def _weight(self, chosen: tuple[Supposition, ...]) -> tuple:
        """Small sets first, then the most natural."""
        seconds = [self._is_second(s) for s in chosen]
        return (
            len(chosen),
            any(seconds),
            sorted((s.kind for s in chosen), reverse=True),
            sorted(self.rank[s.key] for s in chosen),
        )

    def _is_second(self, supposition: Supposition) -> bool:
        """Whether it puts a new fact beside one of its kind: less natural than that the one on record is otherwise."""
        return (
            supposition.new is not None
            and (supposition.fact, supposition.new.value) in self.on_record
        )


def _at_odds(one: Supposition, other: Supposition) -> bool:
    """Whether two suppositions make no set: they contradict each other, or say one thing in two ways."""
    return one.contradicts(other) or one.replaces(other) or other.replaces(one)


def _varied(items: Iterable[Item], kind: Callable[[Item], object]) -> list[Item]:
    """The first of every kind, then the others."""
    first: dict[object, Item] = {}
    rest = [item for item in items if first.setdefault(kind(item), item) is not item]
    return [*first.values(), *rest]


def _deciding(recommendation: Recommendation) -> Recommendation:
    """A recommendation without the criteria that decide nothing: its verdict is the same, and it is judged sooner."""
    situations = (replace(s, uses=s.role(*DECIDING_ROLES)) for s in recommendation.situations)
    return replace(recommendation, situations=tuple(situations))


def _state(assessment: Assessment) -> _State:
    answers = frozenset(_answers(assessment))
    return _State(
        assessment.verdict,
        answers,
        frozenset(answer[:-1] for answer in answers),
        min(map(_hurdles, assessment.evaluations)),
    )


def _hurdles(evaluation: Evaluation) -> int:
    """How many criteria that must be met are not, or were not come to."""
    met = {judged.id for judged in evaluation.criteria if judged.answer.truth is not Truth.NOT_MET}
    uses = evaluation.situation.uses if evaluation.situation else ()
    grounds = [use.id in met for use in uses if use.role == "grounds"]
    return sum(
        use.id not in met for use in uses if use.role in ("trigger", "required", "confirm")
    ) + (bool(grounds) and not any(grounds))


def _answers(assessment: Assessment) -> Iterator[tuple]:
    for evaluation in assessment.evaluations:
        place = (id(evaluation.situation), id(evaluation.order), evaluation.side)
        yield (*place, "verdict", "", evaluation.verdict)
        for judged in evaluation.criteria:
            yield (*place, judged.role, judged.id, judged.answer.truth)
