"""Suppositions: what could be otherwise in a record, and the same request judged anew with it. The record is not touched.

A supposition changes, takes away or adds one fact; `suppose` hands the changed facts to the one evaluator there is, and what
comes out is a Decision like any other. Nothing here knows a guideline: what can be supposed follows from the facts that a
recommendation asks for, their value sets and its thresholds.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import IntEnum

from cds_service.decision import Decision, decision_of
from cds_service.errors import MammaCardsError
from cds_service.facts.extraction import Reading, contradicted, validate_relevant
from cds_service.facts.model import Fact, FactDefinition, FactSet, Side
from cds_service.fhir.dates import Dates, add_days, add_months
from cds_service.fhir.validation import problems as validate
from cds_service.guideline.evaluation import Assessment, assess, unreadable_orders
from cds_service.guideline.library import Library
from cds_service.guideline.model import Guideline, Recommendation
from cds_service.guideline.wording import Voice
from cds_service.logic import Truth
from cds_service.terminology import Match

MOST = 400  # suppositions about one recommendation
MOST_OF_A_KIND = 60  # new facts of one definition
# How long ago something may be supposed to have happened. Where a threshold of the recommendation leaves a gap, the middle is added.
MOMENTS = ((7, "days"), (2, "months"), (5, "months"), (8, "months"), (14, "months"), (3, "years"), (6, "years"), (11, "years"))
DAYS_IN = {"days": 1, "months": 30.44, "years": 365.25}
Moment = tuple[int, str]


class CannotSuppose(MammaCardsError):
    """What was to be supposed cannot be, for this record; the message names no data."""


class Kind(IntEnum):
    """What a supposition does, the most natural first."""

    ATTRIBUTE = 1  # another value of an attribute
    TIME = 2
    SIDE = 3
    VALUE = 4  # another kind of the same thing
    STANDING = 5  # denied, certain after all, no longer or still there, not on record at all
    NEW = 6


@dataclass(frozen=True)
class Supposition:
    """One thing that could be otherwise. Its `key` names it in a form: the same each time for the same record."""

    key: str
    fact: str = field(compare=False)  # name of the definition
    kind: Kind = field(compare=False)
    aspect: str = field(compare=False)  # what of the fact it changes; of two about one aspect of one fact the later counts
    about: Fact | None = field(compare=False)  # the fact on record; None for a new one
    changes: Mapping[str, object] | None = field(compare=False)  # elements of the fact; None: it is not on record
    said: str = field(compare=False, default="")  # the words of wording.yaml for what a fact does not tell of itself
    new: Fact | None = field(compare=False, default=None)

    def applied_to(self, fact: Fact | None) -> Fact | None:
        """The fact as it would be; None where it would not be there."""
        if fact is None or self.changes is None:
            return None
        attributes = {**fact.attributes, **self.changes.get("attributes", {})}  # type: ignore[dict-item]
        return replace(fact, **{**self.changes, "attributes": attributes})  # type: ignore[arg-type]

    def contradicts(self, other: "Supposition") -> bool:
        """Whether the two cannot be supposed together: they say two things about one aspect, or one says that it is not there."""
        same = self.about is not None and self.about is other.about
        return self.key == other.key or same and (self.aspect == other.aspect or Kind.STANDING in (self.kind, other.kind))

    def replaces(self, other: "Supposition") -> bool:
        """Whether this puts a new fact beside one of its kind that the other changes: two ways of saying one thing."""
        return self.new is not None and other.about is not None and (self.fact, self.new.value) == (other.fact, other.about.value)

    def label(self, voice: Voice) -> str:
        """What kind of fact it is about."""
        return voice.say(voice.guideline.facts[self.fact].label)

    def before(self, voice: Voice) -> str:
        """What the record says now."""
        return voice.evidence(self.about) if self.about is not None else voice.shared("what_if", "absent")

    def after(self, voice: Voice) -> str:
        """What is supposed instead."""
        if self.new is not None:
            told, label = voice.evidence(self.new), self.label(voice)
            return voice.shared("what_if", "new").format(fact=told if told.startswith(label) else f"{told} ({label[:1].lower()}{label[1:]})")
        if self.said:
            return voice.shared("what_if", self.said).format(fact=self.before(voice))
        return voice.evidence(self.applied_to(self.about))  # type: ignore[arg-type]


# --- judging anew


def suppose(decision: Decision, library: Library, chosen: Iterable[str]) -> Decision:
    """The same request with these suppositions, judged anew. The decision that was given stays as it is.

    Of two suppositions about one aspect of one fact the later counts; one that says "not on record" outweighs all about that fact.
    Raises CannotSuppose for a key that is none of this decision's.
    """
    reading = reading_of(decision).supposing({})
    tried = named(decision, library, reading, tuple(dict.fromkeys(chosen)))
    definitions = {name: d for g in decision.guidelines for name, d in g.facts.items()}
    reading = supposing(reading, definitions, tried)
    hook = decision.request.hook
    assessments = {g.id: assess(g, hook, reading, unreadable_orders(g, hook, reading)) for g in decision.guidelines}
    validate_relevant(reading, validate)
    return decision_of(decision.request, reading, assessments, decision.guidelines)


def reading_of(decision: Decision) -> Reading:
    """The facts of a decision."""
    if decision.reading is None:
        raise CannotSuppose("This answer was kept without its facts, so that nothing can be supposed about them.")
    return decision.reading


def supposing(reading: Reading, definitions: Mapping[str, FactDefinition], chosen: Iterable[Supposition]) -> Reading:
    """The reading with suppositions applied, in their order; facts that no supposition is about stay the same objects."""
    about: dict[str, list[Supposition]] = {}
    for supposition in chosen:
        about.setdefault(supposition.fact, []).append(supposition)
    return reading.supposing({name: _changed(reading.facts(definitions[name]), tried) for name, tried in about.items()})


def _changed(found: FactSet, chosen: list[Supposition]) -> FactSet:
    facts = []
    for fact in found.facts:
        # What was in doubt because of another entry is looked at again: that entry may be another one now.
        now: Fact | None = replace(fact, holds=Truth.MET, against=()) if fact.against else fact
        for supposition in chosen:
            if supposition.about is fact:
                now = supposition.applied_to(now)
        facts += [now] if now is not None else []
    facts += [s.new for s in chosen if s.new is not None]
    return FactSet(contradicted(facts), found.unread)


def named(decision: Decision, library: Library, reading: Reading, keys: tuple[str, ...]) -> list[Supposition]:
    """The suppositions with these keys, in their order."""
    wanted = {key.partition(":")[0] for key in keys}
    known: dict[str, Supposition] = {}
    for guideline in decision.guidelines:
        for assessment in decision.assessments[guideline.id]:
            if wanted & asked(assessment.recommendation, decision.request.hook) and not set(keys) <= known.keys():
                known |= {s.key: s for s in possible(decision, library, guideline, assessment, reading)}
    if not set(keys) <= known.keys():
        raise CannotSuppose("One of these suppositions is none that can be made for this record. Choose from those that are offered.")
    return [known[key] for key in keys]


# --- what can be supposed


def suppositions(decision: Decision, library: Library, key: str) -> tuple[Supposition, ...]:
    """Everything that can be supposed for one recommendation (its key), fact by fact: what is on record first, then new facts.

    At most MOST. Only facts that its criteria ask for; an order that is under review is not changed, nor is an input that was
    not read supposed to have been.
    """
    guideline, assessment = assessed(decision, key)
    return possible(decision, library, guideline, assessment, reading_of(decision).supposing({}))


def assessed(decision: Decision, key: str) -> tuple[Guideline, Assessment]:
    """A recommendation of a decision by its key."""
    for guideline in decision.guidelines:
        for assessment in decision.assessments[guideline.id]:
            if assessment.recommendation.key == key:
                return guideline, assessment
    raise CannotSuppose("This recommendation was not judged for this request.")


def asked(recommendation: Recommendation, hook: str) -> frozenset[str]:
    """The names of the facts (and settings) that a recommendation may ask for on a hook."""
    return frozenset().union(*(use.asks for situation in recommendation.situations_on(hook) for use in situation.uses))


def possible(decision: Decision, library: Library, guideline: Guideline, assessment: Assessment, reading: Reading) -> tuple[Supposition, ...]:
    """The suppositions of one recommendation about the facts of a reading."""
    names = [name for name in guideline.facts if name in asked(assessment.recommendation, decision.request.hook)]
    sets = {name: reading.facts(guideline.facts[name]) for name in names}
    maker = _Maker(Voice("nl", library.wording, guideline), reading.now.date(), _moments(guideline, assessment.recommendation))
    side = _side_in_view(guideline, assessment, sets.values())
    on_record = [s for name in names for s in maker.of_record(guideline.facts[name], sets[name])]
    new = [list(maker.new(guideline.facts[name], side)) for name in names]
    # Where there are too many, each definition gives up its last.
    share = next((n for n in range(MOST_OF_A_KIND, 0, -1) if len(on_record) + sum(len(group[:n]) for group in new) <= MOST), 1)
    return tuple([*on_record, *(s for group in new for s in group[:share])][:MOST])


def _side_in_view(guideline: Guideline, assessment: Assessment, sets: Iterable[FactSet]) -> Side:
    """The side of a new fact: the breast that was judged furthest, both where its side is unknown; else the side of what is on record."""
    if guideline.per_breast:
        side = assessment.evaluations[0].side
        return Side.BOTH if side is Side.UNKNOWN else side
    sides = [fact.side for found in sets for fact in found.facts if fact.side in (Side.LEFT, Side.RIGHT)]
    return sides[0] if sides else Side.LEFT


def _moments(guideline: Guideline, recommendation: Recommendation) -> list[Moment]:
    """The table of moments, with one more wherever no moment lies between two thresholds that follow each other."""
    told = [(p, unit) for s in recommendation.situations for u in s.uses for unit, p in u.parameters.items()]
    told += [(setting.value, setting.unit) for name, setting in guideline.settings.items() if name in recommendation.asks]
    edges = sorted({0.0, *(float(number) * DAYS_IN[unit] for number, unit in told if unit in DAYS_IN)})  # type: ignore[arg-type]
    moments = list(MOMENTS)
    for low, high in zip(edges, [*edges[1:], max(edges[-1], 4000.0) * 2], strict=True):
        if not any(low + 1 < number * DAYS_IN[unit] < high - 1 for number, unit in MOMENTS):
            moments.append((round((low + high) / 2), "days"))
    return sorted(moments, key=lambda m: m[0] * DAYS_IN[m[1]])


def _ago(today: date, moment: Moment) -> Dates:
    number, unit = moment
    day = add_days(today, -number) if unit == "days" else add_months(today, -number * (12 if unit == "years" else 1))
    return Dates(day, day)


@dataclass(frozen=True)
class _Maker:
    """Makes suppositions about facts."""

    voice: Voice
    today: date
    moments: list[Moment]

    def of_record(self, definition: FactDefinition, found: FactSet) -> Iterator[Supposition]:
        """What could be otherwise in the facts of a definition; draft orders are the request itself and stay."""
        seen: dict[str, int] = {}
        for fact in found.facts:
            seen[fact.reference] = number = seen.get(fact.reference, 0) + 1
            if fact.draft is None:
                place = f"{definition.name}:{fact.reference}" + (f"#{number}" if number > 1 else "")
                told = self.voice.evidence(fact)
                for aspect, kind, value, changes, said in self._otherwise(definition, fact):
                    made = Supposition(f"{place}:{aspect}={value}", definition.name, kind, aspect, fact, changes, said)
                    if said or self.voice.evidence(made.applied_to(fact)) != told:  # type: ignore[arg-type]
                        yield made

    def _otherwise(self, definition: FactDefinition, fact: Fact) -> Iterator[tuple[str, Kind, str, dict | None, str]]:
        """Aspect, kind, value, changed elements, words."""
        for name, values in definition.attribute_values().items():
            now = {m.value for m in fact.attributes.get(name, ()) if not m.negated}
            for value in values:
                if value and now != {value}:
                    yield name, Kind.ATTRIBUTE, value, {"attributes": {name: (Match(value),)}, "words": "", "from_text": False}, ""
        for moment in self.moments:
            when = _ago(self.today, moment)
            yield "when", Kind.TIME, _name(moment), {"when": when, "recorded": when}, ""
        if not definition.sideless:
            for side in (Side.LEFT, Side.RIGHT, Side.BOTH):
                yield "side", Kind.SIDE, side.value, {"side": side}, ""
        for value in self._values(definition):
            yield "value", Kind.VALUE, value, {"value": value, "words": "", "from_text": False}, ""
        if fact.holds is not Truth.MET:
            yield "standing", Kind.STANDING, "confirmed", {"holds": Truth.MET}, "confirmed"
        if fact.current is not Truth.MET:
            yield "standing", Kind.STANDING, "current", {"current": Truth.MET, "ended": Dates()}, "current"
        if fact.holds is not Truth.NOT_MET:
            yield "standing", Kind.STANDING, "absent", None, "absent"
            yield "standing", Kind.STANDING, "refuted", {"holds": Truth.NOT_MET}, "refuted"
            if fact.current is not Truth.NOT_MET:
                yield "standing", Kind.STANDING, "past", {"current": Truth.NOT_MET, "ended": Dates(self.today, self.today)}, "past"

    def new(self, definition: FactDefinition, side: Side) -> Iterator[Supposition]:
        """Facts that could be on record: of each value, of today; then with one attribute each, then of an earlier day."""
        values, today = self._values(definition) or [""], (0, "days")
        side = Side.UNKNOWN if definition.sideless else side
        for value in values:
            yield self._one(definition, value, side, today)
        for value in values:
            plain = self.voice.evidence(self._fact(definition, value, side, today))
            for name, attribute_values in definition.attribute_values().items():
                for told in attribute_values:
                    if told and self.voice.evidence(self._fact(definition, value, side, today, {name: (Match(told),)})) != plain:
                        yield self._one(definition, value, side, today, name, told)
        for moment in reversed(self.moments):
            for value in values:
                yield self._one(definition, value, side, moment)

    def _one(self, definition: FactDefinition, value: str, side: Side, moment: Moment, name: str = "", told: str = "") -> Supposition:
        key = ":".join([definition.name, "new", value, *([f"{name}={told}"] if name else []), side.value, _name(moment)])
        fact = self._fact(definition, value, side, moment, {name: (Match(told),)} if name else {})
        return Supposition(key, definition.name, Kind.NEW, "new", None, None, new=fact)

    def _fact(self, definition: FactDefinition, value: str, side: Side, moment: Moment, attributes: Mapping | None = None) -> Fact:
        when = _ago(self.today, moment)
        return Fact(definition.name, "", definition.resource_types[0], value, side, Truth.MET, Truth.MET, when, when, attributes or {})

    def _values(self, definition: FactDefinition) -> list[str]:
        """The values for which there are words."""
        return [value for value in definition.values if value and value in self.voice.guideline.terms]


def _name(moment: Moment) -> str:
    return f"{moment[0]}-{moment[1]}"
