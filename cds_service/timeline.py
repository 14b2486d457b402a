"""A record on a time axis: what was read of it, left and right breast apart. Layout only; a template draws it.

Recent time is drawn wider (the square root of the days that have passed), since a record holds weeks and decades.
"""

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from cds_service.facts.extraction import Reading
from cds_service.facts.model import Fact, Laterality
from cds_service.fhir.dates import add_days, add_months
from cds_service.guideline.library import Library
from cds_service.guideline.model import Guideline
from cds_service.logic import Truth
from cds_service.rendering.voice import Phrasebook

LANES = ("left", "right", "other")  # other: the rest of the body, and what has no side on record
WIDTH, GUTTER, ROW, LANE_HEAD = 960, 24, 30, 26  # units of the picture
_LETTER = 6.9  # width of a letter at the size in which labels are set
_LONGEST_LABEL = 46
_TICKS_MONTHS = (1, 3, 6, 12, 24, 36, 60, 120, 180, 240, 360)
_BETWEEN_TICKS = 96
_BESIDE = 12  # from the middle of a mark to its label
# The shape of a mark, by what kind of resource tells of it; anything else is a dot.
_KINDS = {
    "Condition": "condition",
    "ImagingStudy": "imaging",
    "DiagnosticReport": "imaging",
    "Procedure": "procedure",
    "ServiceRequest": "order",
    "Appointment": "order",
    "MedicationRequest": "medication",
    "MedicationAdministration": "medication",
    "MedicationStatement": "medication",
}


@dataclass(frozen=True)
class Event:
    """One thing that a resource tells: when it was or began, until when, on which lane. `text` is the whole of it in words."""

    reference: str
    kind: str  # condition, imaging, procedure, medication, order, other
    lane: str
    start: date
    end: date | None  # None for what happened at one moment
    label: str
    text: str
    status_truth: str  # met: stands; unknown: suspected or in doubt; not-met: denied or refuted


@dataclass(frozen=True)
class Mark:
    """An event with its place in the picture: x of its start and end, y of its middle, and where its label stands."""

    event: Event
    x: float
    x_end: float
    y: float
    label_x: float
    anchor: str  # start, end


@dataclass(frozen=True)
class Lane:
    """One lane: its name in LANES, the y of its top and its height, and its marks."""

    name: str
    top: float
    height: float
    marks: tuple[Mark, ...]


@dataclass(frozen=True)
class Timeline:
    """The picture: lanes that hold something, ticks as (x, months ago; 0 is today), and events in the order of time."""

    lanes: tuple[Lane, ...]
    ticks: tuple[tuple[float, int], ...]
    height: float
    events: tuple[Event, ...]
    undated: tuple[str, ...]  # in words: what the record tells without saying when


def timeline(reading: Reading, library: Library, language: str) -> Timeline:
    """What the guidelines read of a record, on a time axis that ends today."""
    today = reading.now.date()
    events, undated = _events(reading, library, language, today)
    first = min((e.start for e in events), default=add_months(today, -1))
    span = max((today - first).days, 30)

    def x_of(day: date) -> float:
        return round(
            GUTTER
            + (WIDTH - 2 * GUTTER) * (1 - math.sqrt(min(max((today - day).days, 0), span) / span)),
            1,
        )

    lanes, top = [], float(LANE_HEAD)
    for name in LANES:
        if mine := [e for e in events if e.lane == name]:
            marks, rows = _marks(mine, x_of, top + LANE_HEAD)
            lanes.append(Lane(name, top, LANE_HEAD + rows * ROW, marks))
            top += LANE_HEAD + rows * ROW + 6
    return Timeline(tuple(lanes), _ticks(x_of, today, first), top, tuple(events), undated)


def _events(
    reading: Reading, library: Library, language: str, today: date
) -> tuple[list[Event], tuple[str, ...]]:
    """The events, first to last, and the facts that have no date; what one resource says of one breast is one event."""
    told: dict[tuple[str, str], list[tuple[Phrasebook, Fact]]] = {}
    undated: list[str] = []
    for guideline, fact in _facts(reading, library.guidelines):
        voice = Phrasebook(language, library.wording, guideline)
        if not (fact.when.is_known or fact.recorded.is_known):
            undated.append(voice.evidence(fact))
        for lane in _lanes(fact):
            told.setdefault((fact.reference or str(id(fact)), lane), []).append((voice, fact))
    events = [
        _event(lane, found, today)
        for (_, lane), found in told.items()
        if any(f.when.is_known or f.recorded.is_known for _, f in found)
    ]
    return sorted(events, key=lambda e: (e.start, e.label)), tuple(dict.fromkeys(undated))


def _facts(reading: Reading, guidelines: Iterable[Guideline]) -> Iterable[tuple[Guideline, Fact]]:
    """Every fact of the record, each definition once, with a guideline that has words for it."""
    owners: Mapping[str, Guideline] = {
        name: guideline for guideline in reversed(tuple(guidelines)) for name in guideline.facts
    }
    for name, guideline in owners.items():
        for fact in reading.facts(guideline.facts[name]).facts:
            if fact.draft is None:
                yield guideline, fact


def _lanes(fact: Fact) -> tuple[str, ...]:
    return {
        Laterality.LEFT: ("left",),
        Laterality.RIGHT: ("right",),
        Laterality.UNKNOWN: ("other",),
    }.get(fact.side, ("left", "right"))


def _event(lane: str, found: list[tuple[Phrasebook, Fact]], today: date) -> Event:
    """One event of everything that one resource says of one lane; what it denies only where it says nothing else."""
    found = [(v, f) for v, f in found if f.asserted is not Truth.NOT_MET] or found
    _, first = next(((v, f) for v, f in found if f.when.is_known), found[0])
    when = first.when if first.when.is_known else first.recorded
    start = when.earliest or when.latest or today
    end = when.latest if when.latest and when.latest > start else None
    if first.resource_type == "Condition":
        end = (
            first.ended.latest
            or first.ended.earliest
            or (today if first.current is Truth.MET else end)
        )
    # "Mammografie, BI-RADS 2" says all that "Beeldvormend onderzoek" does: the fact with most to tell comes first.
    named = sorted((v.named(f) for v, f in found), key=len, reverse=True)
    label = ", ".join(
        dict.fromkeys(named[0] if len(named[0]) > 1 else [words for (words,) in named])
    )
    text = "; ".join(dict.fromkeys(v.evidence(f) for v, f in found))
    return Event(
        first.reference,
        _KINDS.get(first.resource_type, "other"),
        lane,
        min(start, today),
        min(end, today) if end else None,
        label if len(label) <= _LONGEST_LABEL else label[: _LONGEST_LABEL - 1] + "…",
        text,
        first.asserted.value,
    )


def _marks(
    events: list[Event], x_of: Callable[[date], float], top: float
) -> tuple[tuple[Mark, ...], int]:
    """The marks of one lane in as few rows as let every label be read, and the number of rows.

    The label of a moment stands beside it, that of a period above its bar.
    """
    marks: list[Mark] = []
    rows: list[list[tuple[float, float]]] = []  # what already stands in each, from left to right
    for event in events:
        x, x_end, width = (
            x_of(event.start),
            x_of(event.end or event.start),
            len(event.label) * _LETTER,
        )
        beside = 0 if event.end else _BESIDE
        fits = max(x_end, x) + beside + width <= WIDTH if beside else x + width <= WIDTH
        label_x, anchor = (x + beside, "start") if fits else (x_end - beside, "end")
        left, right = (
            (x - 10, max(x_end + 10, label_x + width))
            if fits
            else (min(x - 10, label_x - width), x_end + 10)
        )
        row = next(
            (
                number
                for number, taken in enumerate(rows)
                if all(right < begin or end < left for begin, end in taken)
            ),
            len(rows),
        )
        if row == len(rows):
            rows.append([])
        rows[row].append((left, right))
        marks.append(Mark(event, x, x_end, top + row * ROW + ROW / 2, label_x, anchor))
    return tuple(marks), len(rows)


def _ticks(
    x_of: Callable[[date], float], today: date, first: date
) -> tuple[tuple[float, int], ...]:
    """Today and round numbers of months ago, as far as there is room between them."""
    ticks = [(x_of(today), 0)]
    for months in _TICKS_MONTHS:
        day = add_months(today, -months)
        if day < add_days(first, -1):
            break
        if ticks[-1][0] - x_of(day) >= _BETWEEN_TICKS:
            ticks.append((x_of(day), months))
    return tuple(ticks)
