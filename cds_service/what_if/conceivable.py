"""What could be otherwise in the facts of a record: suppositions, made from definitions, value sets and thresholds alone."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import IntEnum
from typing import Any

from cds_service.facts.model import Fact, FactDefinition, FactSet, Laterality
from cds_service.fhir.dates import Dates, add_days, add_months
from cds_service.guideline.model import Guideline, Recommendation
from cds_service.logic import Truth
from cds_service.rendering.voice import Phrasebook
from cds_service.terminology.value_set import Match

# How long ago something may be supposed to have happened. Where a threshold of the recommendation leaves a gap, the middle is added.
MOMENTS = (
    (7, "days"),
    (2, "months"),
    (5, "months"),
    (8, "months"),
    (14, "months"),
    (3, "years"),
    (6, "years"),
    (11, "years"),
)
DAYS_IN = {"days": 1, "months": 30.44, "years": 365.25}
Moment = tuple[int, str]


class Kind(IntEnum):
    """What a supposition does, the most natural first."""

    ATTRIBUTE = 1  # another value of an attribute
    TIME = 2
    SIDE = 3
    STANDING = 4  # denied, certain after all, no longer or still there, not on record at all
    VALUE = 5  # another kind of the same thing
    NEW = 6


@dataclass(frozen=True)
class Supposition:
    """One thing that could be otherwise. Its `key` names it in a form: the same each time for the same record."""

    key: str
    fact: str = field(compare=False)  # name of the definition
    kind: Kind = field(compare=False)
    aspect: str = field(
        compare=False
    )  # what of the fact it changes; of two about one aspect of one fact the later counts
    about: Fact | None = field(compare=False)  # the fact on record; None for a new one
    changes: Mapping[str, object] | None = field(
        compare=False
    )  # elements of the fact; None: it is not on record
    said: str = field(
        compare=False, default=""
    )  # the words of wording.yaml for what a fact does not tell of itself
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
        return (
            self.key == other.key
            or same
            and (self.aspect == other.aspect or Kind.STANDING in (self.kind, other.kind))
        )

    def replaces(self, other: "Supposition") -> bool:
        """Whether this puts a new fact beside one of its kind that the other changes: two ways of saying one thing."""
        return (
            self.new is not None
            and other.about is not None
            and (self.fact, self.new.value) == (other.fact, other.about.value)
        )

    def label(self, voice: Phrasebook) -> str:
        """What kind of fact it is about."""
        return voice.say(voice.guideline.facts[self.fact].label)

    def before(self, voice: Phrasebook) -> str:
        """What the record says now."""
        return (
            voice.evidence(self.about)
            if self.about is not None
            else voice.shared("what_if", "absent")
        )

    def after(self, voice: Phrasebook) -> str:
        """What is supposed instead."""
        if self.new is not None:
            told, label = voice.evidence(self.new), self.label(voice)
            return voice.shared("what_if", "new").format(
                fact=told if told.startswith(label) else f"{told} ({label[:1].lower()}{label[1:]})"
            )
        if self.said:
            return voice.shared("what_if", self.said).format(fact=self.before(voice))
        return voice.evidence(self.applied_to(self.about))  # type: ignore[arg-type]


def moments(guideline: Guideline, recommendation: Recommendation) -> list[Moment]:
    """The table of moments, with one more wherever no moment lies between two thresholds that follow each other."""
    told: list[tuple[Any, str]] = [
        (p, unit)
        for s in recommendation.situations
        for u in s.uses
        for unit, p in u.parameters.items()
    ]
    told += [
        (setting.value, setting.unit)
        for name, setting in guideline.settings.items()
        if name in recommendation.asks
    ]
    edges = sorted(
        {0.0, *(float(number) * DAYS_IN[unit] for number, unit in told if unit in DAYS_IN)}
    )
    moments = list(MOMENTS)
    for low, high in zip(edges, [*edges[1:], max(edges[-1], 4000.0) * 2], strict=True):
        if not any(low + 1 < number * DAYS_IN[unit] < high - 1 for number, unit in MOMENTS):
            moments.append((round((low + high) / 2), "days"))
    return sorted(moments, key=lambda m: m[0] * DAYS_IN[m[1]])


def _ago(today: date, moment: Moment) -> Dates:
    number, unit = moment
    day = (
        add_days(today, -number)
        if unit == "days"
        else add_months(today, -number * (12 if unit == "years" else 1))
    )
    return Dates(day, day)


@dataclass(frozen=True)
class Maker:
    """Makes suppositions about facts."""

    voice: Phrasebook
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
                    made = Supposition(
                        f"{place}:{aspect}={value}",
                        definition.name,
                        kind,
                        aspect,
                        fact,
                        changes,
                        said,
                    )
                    if said or self.voice.evidence(made.applied_to(fact)) != told:  # type: ignore[arg-type]
                        yield made

    def _otherwise(
        self, definition: FactDefinition, fact: Fact
    ) -> Iterator[tuple[str, Kind, str, dict | None, str]]:
        """Aspect, kind, value, changed elements, words."""
        for name, values in definition.attribute_values().items():
            now = {m.value for m in fact.attributes.get(name, ()) if not m.negated}
            for value in values:
                if value and now != {value}:
                    yield (
                        name,
                        Kind.ATTRIBUTE,
                        value,
                        {"attributes": {name: (Match(value),)}, "words": "", "from_text": False},
                        "",
                    )
        for moment in self.moments:
            when = _ago(self.today, moment)
            yield "when", Kind.TIME, _name(moment), {"when": when, "recorded": when}, ""
        if not definition.sideless:
            for side in (Laterality.LEFT, Laterality.RIGHT, Laterality.BOTH):
                yield "side", Kind.SIDE, side.value, {"side": side}, ""
        for value in self._values(definition):
            yield "value", Kind.VALUE, value, {"value": value, "words": "", "from_text": False}, ""
        if fact.asserted is not Truth.MET:
            yield "standing", Kind.STANDING, "confirmed", {"asserted": Truth.MET}, "confirmed"
        if fact.current is not Truth.MET:
            yield (
                "standing",
                Kind.STANDING,
                "current",
                {"current": Truth.MET, "ended": Dates()},
                "current",
            )
        if fact.asserted is not Truth.NOT_MET:
            yield "standing", Kind.STANDING, "absent", None, "absent"
            yield "standing", Kind.STANDING, "refuted", {"asserted": Truth.NOT_MET}, "refuted"
            if fact.current is not Truth.NOT_MET:
                yield (
                    "standing",
                    Kind.STANDING,
                    "past",
                    {"current": Truth.NOT_MET, "ended": Dates(self.today, self.today)},
                    "past",
                )

    def new(self, definition: FactDefinition, side: Laterality) -> Iterator[Supposition]:
        """Facts that could be on record: of each value, of today; then with one attribute each, then of an earlier day."""
        values, today = self._values(definition) or [""], (0, "days")
        side = Laterality.UNKNOWN if definition.sideless else side
        for value in values:
            yield self._one(definition, value, side, today)
        for value in values:
            plain = self.voice.evidence(self._fact(definition, value, side, today))
            for name, attribute_values in definition.attribute_values().items():
                for told in attribute_values:
                    if (
                        told
                        and self.voice.evidence(
                            self._fact(definition, value, side, today, {name: (Match(told),)})
                        )
                        != plain
                    ):
                        yield self._one(definition, value, side, today, name, told)
        for moment in reversed(self.moments):
            for value in values:
                yield self._one(definition, value, side, moment)

    def _one(
        self,
        definition: FactDefinition,
        value: str,
        side: Laterality,
        moment: Moment,
        name: str = "",
        told: str = "",
    ) -> Supposition:
        key = ":".join(
            [
                definition.name,
                "new",
                value,
                *([f"{name}={told}"] if name else []),
                side.value,
                _name(moment),
            ]
        )
        fact = self._fact(definition, value, side, moment, {name: (Match(told),)} if name else {})
        return Supposition(key, definition.name, Kind.NEW, "new", None, None, new=fact)

    def _fact(
        self,
        definition: FactDefinition,
        value: str,
        side: Laterality,
        moment: Moment,
        attributes: Mapping | None = None,
    ) -> Fact:
        when = _ago(self.today, moment)
        return Fact(
            definition.name,
            "",
            definition.resource_types[0],
            value,
            side,
            Truth.MET,
            Truth.MET,
            when,
            when,
            attributes or {},
        )

    def _values(self, definition: FactDefinition) -> list[str]:
        """The values for which there are words."""
        return [
            value for value in definition.values if value and value in self.voice.guideline.terms
        ]


def _name(moment: Moment) -> str:
    return f"{moment[0]}-{moment[1]}"
