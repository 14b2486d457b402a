"""Criteria: named questions about one patient, each answered met, not met or unknown, with its evidence.

A criterion is a Python function with a sentence for a name; guideline.yaml refers to it by that name.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from cds_service.errors import MammaCardsError
from cds_service.facts.extraction import Reader, Reading
from cds_service.facts.model import Fact, FactDefinition, FactSet, Laterality
from cds_service.fhir.dates import Dates
from cds_service.guideline.fault import ContentFailure
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


def any_of(judged: Iterable[tuple[Fact, Truth]], unread: frozenset[str]) -> Answer:
    """Whether one of some judged facts counts; closed world over what was read: not met where none does and all was read."""
    pairs = list(judged)
    result = either(truth for _, truth in pairs)
    if result is Truth.NOT_MET and not unread:
        return Answer(result)
    deciding = Truth.MET if result is Truth.MET else Truth.UNKNOWN
    evidence = tuple(fact for fact, truth in pairs if truth is deciding)
    return Answer(deciding, evidence, unread if deciding is Truth.UNKNOWN else frozenset())


def agreed(answers: Iterable[Answer]) -> Answer:
    """What several statements about one thing come to: unknown ones give way, contradicting ones make it unknown."""
    stated = tuple(answers)
    met = [a for a in stated if a.truth is Truth.MET]
    not_met = [a for a in stated if a.truth is Truth.NOT_MET]
    if met and not_met:
        evidence = tuple(fact for a in (*met, *not_met) for fact in a.evidence)
        return Answer(Truth.UNKNOWN, evidence, conflicting=True)
    chosen = met or not_met or stated
    return one_of(chosen) if chosen else Answer(Truth.UNKNOWN)


def day_of(fact: Fact) -> Dates:
    """The day of a fact: when it began or took place, or else when it was recorded."""
    return fact.when if fact.when.is_known else fact.recorded


def newest(facts: Iterable[Fact], *, day: Callable[[Fact], Dates] = day_of) -> tuple[Fact, ...]:
    """The facts of the last day among some facts; all of them where several share it, and those without a day last of all.

    What has no end is of the day on which it was recorded.
    """

    def last_day(fact: Fact) -> date:
        return day(fact).latest or fact.recorded.latest or date.min

    found = tuple(facts)
    last = max(map(last_day, found), default=date.min)
    return tuple(fact for fact in found if last_day(fact) == last)


@dataclass(frozen=True)
class Contract:
    """What a criterion declares: the names of the facts and settings that it looks at, itself or in a function that it
    calls, and where its question comes from.

    `reads`: facts of which it matters to the verdict that they were read completely; `aside`: facts of which it does
    not, since the criterion asks for them itself where they were not read (see `Answer.asked`).
    `source`: key and section of the source document, or "project choice: ...".
    `values`: the names of the values that its answer gives to the card's sentences.
    """

    reads: frozenset[str] = frozenset()
    aside: frozenset[str] = frozenset()
    settings: frozenset[str] = frozenset()
    source: str = ""
    values: frozenset[str] = frozenset()

    @property
    def facts(self) -> frozenset[str]:
        return self.reads | self.aside


class Undeclared(LookupError):
    """A criterion asks for what it does not declare: a fault of the content."""


@dataclass(frozen=True)
class Facts:
    """What a criterion may look at: the patient's facts, the breast and the order under evaluation, the settings.

    `today` is handed in; `side` is LEFT, RIGHT or UNKNOWN (a complaint without a side). `contract` is that of the
    criterion; what it does not name is refused. None, outside the evaluation of a guideline, refuses nothing.
    """

    reading: Reading
    definitions: Mapping[str, FactDefinition]
    settings: Mapping[str, object]
    side: Laterality = Laterality.UNKNOWN
    order: Fact | None = None
    contract: Contract | None = None

    @property
    def today(self) -> date:
        return self.reading.now.date()

    def setting(self, name: str) -> int:
        """The value of a setting, in the unit that its name ends with. Raises Undeclared."""
        if self.contract is not None and name not in self.contract.settings:
            raise Undeclared(f"the setting {name} is not among the declared settings")
        return self.settings[name].value  # type: ignore[attr-defined]

    def of(self, name: str) -> FactSet:
        """All facts of a definition. Raises Undeclared; KeyError for one that the guideline does not list."""
        if self.contract is not None and name not in self.contract.facts:
            raise Undeclared(f"the fact {name} is not among those that are declared as read")
        return facts_of(self.reading, self.definitions[name])

    def find(
        self, name: str, values: Iterable[str] | None = None, *, possible: bool = False
    ) -> tuple[Fact, ...]:
        """The facts of a definition that surely hold (`possible`: that are not denied), of these values (None: of any)."""
        wanted = None if values is None else frozenset(values)
        return tuple(
            fact
            for fact in self.of(name).facts
            if (wanted is None or fact.value in wanted)
            and (fact.asserted is Truth.MET or possible and fact.asserted is Truth.UNKNOWN)
        )

    def on_record(
        self,
        name: str,
        where: Callable[[Fact], Truth],
        *,
        otherwise: Truth = Truth.NOT_MET,
        denied: Callable[[Fact], Truth] | None = None,
    ) -> Answer:
        """Whether a fact of this name is on record for which `where` holds as well as the fact itself.

        Closed world by default: nothing on record, everything read -> not met. `otherwise=Truth.UNKNOWN` for what
        nobody need have written down (open world). `denied`: the open world in which a "no" counts. It says of a fact
        whether that is such a "no"; where one is on record, and nothing that may be a "yes", the answer is not met.
        """
        found = self.of(name)
        answer = any_of(((fact, fact.asserted & where(fact)) for fact in found.facts), found.unread)
        if answer.truth is not Truth.NOT_MET:
            return answer
        if denied is None:
            return Answer(otherwise)
        said_no = tuple(fact for fact in found.facts if denied(fact) is Truth.MET)
        return Answer(Truth.NOT_MET if said_no else Truth.UNKNOWN, said_no)


def facts_of(reading: Reading, definition: FactDefinition) -> FactSet:
    """The facts of a definition. Raises ContentFailure, which names it, where its reader breaks."""
    try:
        return reading.facts(definition)
    except MammaCardsError:
        raise
    except Exception as error:
        raise ContentFailure(f"fact {definition.name}") from error


Criterion = Callable[..., Answer]


def criterion(
    *,
    reads: Iterable[str] = (),
    aside: Iterable[str] = (),
    settings: Iterable[str] = (),
    source: str,
    values: Iterable[str] = (),
) -> Callable[[Criterion], Criterion]:
    """Mark a function as a criterion that guideline.yaml may name, with its contract.

    The loader refuses a name that nothing has.
    """
    contract = Contract(
        frozenset(reads), frozenset(aside), frozenset(settings), source, frozenset(values)
    )

    def mark(function: Criterion) -> Criterion:
        function.is_criterion = True  # type: ignore[attr-defined]
        function.contract = contract  # type: ignore[attr-defined]
        return function

    return mark


def reader(*, value_sets: Iterable[str] = ()) -> Callable[[Reader], Reader]:
    """Mark a function as a reader that facts.yaml may name.

    `value_sets`: the shared value sets that it, or a function that it calls, looks up by name (laterality apart, which
    every reader may). A module of such functions that has no reader names its own as `VALUE_SETS`.
    """

    def mark(function: Reader) -> Reader:
        function.is_reader = True  # type: ignore[attr-defined]
        function.value_sets = frozenset(value_sets)  # type: ignore[attr-defined]
        return function

    return mark
