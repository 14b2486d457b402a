"""Dates in FHIR R4 searches (search.html#date, #prefix): every date is an interval, "2019-03" the whole of that month.

A date without a zone is read as UTC, on both sides of a comparison.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

_BEGINNING = datetime.min.replace(tzinfo=UTC)
_END = datetime.max.replace(tzinfo=UTC)
_DATE = re.compile(
    r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d+))?)?(Z|[+-]\d\d:\d\d)?)?)?)?",
    re.ASCII,
)


class Interval(NamedTuple):
    """From `start` up to, not including, `end`; both with a zone."""

    start: datetime
    end: datetime

    def contains(self, other: "Interval") -> bool:
        return self.start <= other.start and other.end <= self.end

    def overlaps(self, other: "Interval") -> bool:
        return self.start < other.end and other.start < self.end

    def widened(self) -> "Interval":
        """Three times as long, around the same middle."""
        length = self.end - self.start
        return Interval(_moved(self.start, -length), _moved(self.end, length))


def parse(text: str) -> Interval:
    """The interval that a date, dateTime or instant stands for, to the precision it is written in. Raises ValueError."""
    match = _DATE.fullmatch(text)
    if match is None:
        raise ValueError("not a FHIR date")
    year, month, day, hour, minute, second, fraction, zone = match.groups()
    microsecond = (fraction or "")[:6].ljust(6, "0")
    try:
        start = datetime.fromisoformat(
            f"{year}-{month or '01'}-{day or '01'}T{hour or '00'}:{minute or '00'}:{second or '00'}.{microsecond}{zone or 'Z'}"
        ).astimezone(UTC)
    except OverflowError:
        raise ValueError("not a FHIR date") from None
    if month is None:
        return Interval(start, _year_after(start))
    if day is None:
        return Interval(start, _month_after(start))
    if hour is None:
        return Interval(start, _moved(start, timedelta(days=1)))
    if second is None:
        return Interval(start, _moved(start, timedelta(minutes=1)))
    digits = min(len(fraction or ""), 6)
    return Interval(start, _moved(start, timedelta(microseconds=10 ** (6 - digits))))


def interval_of(element: object) -> Interval | None:
    """The interval of a date, Period or Timing as it stands in a resource; None where it cannot be read.

    A Period without start or end is open on that side; a Timing counts from its first to its last moment.
    """
    try:
        if isinstance(element, str):
            return parse(element)
        if not isinstance(element, dict):
            return None
        if "event" in element or "repeat" in element:
            return _timing(element)
        return _period(element)
    except (ValueError, TypeError, AttributeError):
        return None


def _period(period: dict) -> Interval | None:
    start, end = period.get("start"), period.get("end")
    if start is None and end is None:
        return None
    return Interval(parse(start).start if start else _BEGINNING, parse(end).end if end else _END)


def _timing(timing: dict) -> Interval | None:
    intervals = [parse(event) for event in timing.get("event") or []]
    bounds = _period((timing.get("repeat") or {}).get("boundsPeriod") or {})
    if bounds is not None:
        intervals.append(bounds)
    if not intervals:
        return None
    return Interval(min(i.start for i in intervals), max(i.end for i in intervals))


# Each row is the range rule of search.html#prefix, with two choices that it leaves. `ge` and `le` also fit a period that
# only overlaps the value asked for, as in servers in wide use: a look-back loses nothing that lasted into it. `ap` has a
# width of its own: one that depends on today's date would make this module read the clock.
PREFIXES: dict[str, Callable[[Interval, Interval], bool]] = {
    "eq": lambda searched, found: searched.contains(found),
    "ne": lambda searched, found: not searched.contains(found),
    "gt": lambda searched, found: found.end > searched.end,
    "lt": lambda searched, found: found.start < searched.start,
    "ge": lambda searched, found: found.end > searched.start,
    "le": lambda searched, found: found.start < searched.end,
    "sa": lambda searched, found: found.start >= searched.end,
    "eb": lambda searched, found: found.end <= searched.start,
    "ap": lambda searched, found: searched.widened().overlaps(found),
}


def date_test(text: str) -> Callable[[Interval], bool]:
    """The test that a parameter value such as "ge2019-03" makes of an interval. Raises ValueError."""
    prefix, date = (text[:2], text[2:]) if text[:2].isalpha() else ("eq", text)
    compare, searched = PREFIXES.get(prefix), parse(date)
    if compare is None:
        raise ValueError("not a prefix of FHIR R4")
    return lambda found: compare(searched, found)


def _year_after(start: datetime) -> datetime:
    return start.replace(year=start.year + 1) if start.year < 9999 else _END


def _month_after(start: datetime) -> datetime:
    return (
        start.replace(month=start.month + 1)
        if start.month < 12
        else _year_after(start.replace(month=1))
    )


def _moved(moment: datetime, by: timedelta) -> datetime:
    try:
        return moment + by
    except OverflowError:
        return _END if by > timedelta(0) else _BEGINNING
