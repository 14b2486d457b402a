"""Criteria: named questions about one patient, each answered met, not met or unknown, with its evidence.

A criterion is a Python function with a sentence for a name; guideline.yaml refers to it by that name.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from types import FunctionType

from cds_service.facts.extraction import Reader, Reading
from cds_service.facts.model import Fact, FactDefinition, FactSet, Side
from cds_service.logic import Truth, either, every


@dataclass(frozen=True)
class Answer:
    """What a criterion found. `unread` names inputs that were not read and could change it; `asked` those that could as well, of
    which the card asks: they never make a verdict not-assessed."""

    truth: Truth
    evidence: tuple[Fact, ...] = ()
    unread: frozenset[str] = frozenset()
    values: Mapping[str, object] = field(default_factory=dict)  # for the sentences of the card
    conflicting: bool = False  # statements of the record contradict each other
    asked: frozenset[str] = frozenset()

    def __invert__(self) -> "Answer":
        return Answer(
            ~self.truth, self.evidence, self.unread, self.values, self.conflicting, self.asked
        )


def all_of(answers: Iterable[Answer]) -> Answer:
    """Every one of the answers (Kleene and); the evidence is that of the answers which decide."""
    return _combined(tuple(answers), every)


def one_of(answers: Iterable[Answer]) -> Answer:
    """At least one of the answers (Kleene or)."""
    return _combined(tuple(answers), either)


def _combined(answers: tuple[Answer, ...], rule: Callable[[Iterable[Truth]], Truth]) -> Answer:
    result = rule(a.truth for a in answers)
    deciding = [a for a in answers if a.truth is result]
    return Answer(
        result,
        tuple(dict.fromkeys(fact for a in deciding for fact in a.evidence)),
        frozenset().union(*(a.unread for a in deciding))
        if result is Truth.UNKNOWN
        else frozenset(),
        {key: value for a in answers for key, value in a.values.items()},
        any(a.conflicting for a in deciding),
        frozenset().union(*(a.asked for a in deciding)) if result is Truth.UNKNOWN else frozenset(),
    )


@dataclass
class Facts:
    """What a criterion may look at: the patient's facts, the breast and the order under evaluation, the settings.

    `today` is handed in; `side` is LEFT, RIGHT or UNKNOWN (a complaint without a side).
    """

    reading: Reading
    definitions: Mapping[str, FactDefinition]
    settings: Mapping[str, object]
    side: Side = Side.UNKNOWN
    order: Fact | None = None
    consulted: set[str] = field(default_factory=set)

    @property
    def today(self) -> date:
        return self.reading.now.date()

    def setting(self, name: str) -> int:
        return self.settings[name].value  # type: ignore[attr-defined]

    def of(self, name: str) -> FactSet:
        """All facts of a definition. KeyError for one that the guideline does not list."""
        self.consulted.add(name)
        return self.reading.facts(self.definitions[name])

    def aside(self, name: str) -> FactSet:
        """The same for what a card only asks about: that it was not read never makes a verdict not-assessed (see `Answer.asked`)."""
        return self.reading.facts(self.definitions[name])

    def on_record(
        self, name: str, where: Callable[[Fact], Truth], *, otherwise: Truth = Truth.NOT_MET
    ) -> Answer:
        """Whether a fact of this name is on record for which `where` holds as well as the fact itself.

        Closed world by default: nothing on record, everything read -> not met. `otherwise=Truth.UNKNOWN` for what
        nobody need have written down (open world).
        """
        found = self.of(name)
        judged = [(fact, fact.holds & where(fact)) for fact in found.facts]
        result = either(truth for _, truth in judged)
        if result is Truth.MET:
            return Answer(result, tuple(fact for fact, truth in judged if truth is result))
        doubtful = tuple(fact for fact, truth in judged if truth is Truth.UNKNOWN)
        if doubtful or found.unread:
            return Answer(Truth.UNKNOWN, doubtful, found.unread)
        return Answer(otherwise)


Criterion = Callable[..., Answer]


def criterion(function: Criterion | None = None, *, values: tuple[str, ...] = ()) -> Criterion:
    """Mark a function as a criterion that guideline.yaml may name; `values` are those it gives to the card's sentences."""
    if function is None:
        return lambda marked: criterion(marked, values=values)
    function.is_criterion = True  # type: ignore[attr-defined]
    function.values = values  # type: ignore[attr-defined]
    return function


def strings_within(function: Callable) -> frozenset[str]:
    """Every string constant that a criterion, or a function of the content that it calls, holds: among them are the
    names of the facts and settings that it asks for."""
    found: set[str] = set()
    seen: set[object] = set()
    waiting = [(function.__code__, function.__globals__)]
    while waiting:
        code, names = waiting.pop()
        if code in seen:
            continue
        seen.add(code)
        found |= {constant for constant in code.co_consts if isinstance(constant, str)}
        waiting += [
            (constant, names) for constant in code.co_consts if hasattr(constant, "co_consts")
        ]  # functions within
        called = (names.get(name) for name in code.co_names)
        waiting += [
            (c.__code__, c.__globals__)
            for c in called
            if isinstance(c, FunctionType) and c.__module__.startswith("cds_service.cards")
        ]
    return frozenset(found)


def reader(function: Reader) -> Reader:
    """Mark a function as a reader that facts.yaml may name."""
    function.is_reader = True  # type: ignore[attr-defined]
    return function
