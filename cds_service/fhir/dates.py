"""FHIR dates as intervals: `2026` is somewhere in 2026, and a comparison that the interval straddles is unknown.

Sources: FHIR R4 datatypes (date, dateTime, instant, Period, Age); the catalogue, "How criteria are judged".
"""

import calendar
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from functools import lru_cache

from cds_service.logic import Truth

_DATE = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?", re.ASCII)
_DATETIME = re.compile(
    r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})", re.ASCII
)
# Clocks of two systems differ a little; data further ahead than this is dated in the future.
FUTURE_TOLERANCE = timedelta(minutes=5)


@dataclass(frozen=True)
class Dates:
    """Calendar days between which something happened or began, both ends included; None is an open end."""

    earliest: date | None = None
    latest: date | None = None
    instant: datetime | None = None  # the moment itself, where the record gives one

    @property
    def is_known(self) -> bool:
        return self.earliest is not None or self.latest is not None

    def is_future(self, now: datetime) -> bool:
        """Whether even the earliest moment lies ahead of `now` (aware, in the service's time zone)."""
        if self.instant is not None:
            return self.instant > now + FUTURE_TOLERANCE
        return self.earliest is not None and self.earliest > (now + FUTURE_TOLERANCE).date()

    def on_or_after(self, other: date | None) -> Truth:
        """Whether this lies on or after `other`; unknown where the interval straddles it."""
        if other is None:
            return Truth.UNKNOWN
        if self.earliest is not None and self.earliest >= other:
            return Truth.MET
        if self.latest is not None and self.latest < other:
            return Truth.NOT_MET
        return Truth.UNKNOWN

    def not_before(self, other: "Dates") -> Truth:
        """Whether this happened on or after `other`, both being intervals."""
        if self.earliest is not None and other.latest is not None and self.earliest >= other.latest:
            return Truth.MET
        if self.latest is not None and other.earliest is not None and self.latest < other.earliest:
            return Truth.NOT_MET
        return Truth.UNKNOWN

    def since(self, other: "Dates", *, undated: Truth = Truth.UNKNOWN) -> Truth:
        """The same, and `undated` where nothing is known of either date ("an order without a date stands now")."""
        return self.not_before(other) if self.is_known and other.is_known else undated

    def shifted(self, *, months: int = 0, days: int = 0) -> "Dates":
        """So many calendar months and then days later, or earlier where negative. An open end stays open."""
        first, last = (
            None if day is None else add_days(add_months(day, months), days)
            for day in (self.earliest, self.latest)
        )
        return Dates(first, last)

    def __str__(self) -> str:
        if self.earliest is None or self.latest is None:
            if self.earliest is not None:
                return f"≥ {self.earliest.isoformat()}"
            return f"≤ {self.latest.isoformat()}" if self.latest is not None else ""
        first, last = self.earliest, self.latest
        if first == last:
            return first.isoformat()
        if first == date(first.year, 1, 1) and last == date(first.year, 12, 31):
            return f"{first.year:04d}"
        if first.day == 1 and last == month_end(first.year, first.month):
            return f"{first.year:04d}-{first.month:02d}"
        return f"{first.isoformat()} – {last.isoformat()}"


class BadDate(ValueError):
    """A text that is no FHIR date; the message never holds the text."""


def month_end(year: int, month: int) -> date:
    return date(year, month, calendar.monthrange(year, month)[1])


@lru_cache(maxsize=1024)  # of one day, mostly: today
def add_months(day: date, months: int) -> date:
    """The same day of another calendar month; a day that the month lacks becomes its last (31 Aug + 3 = 30 Nov).

    Beyond the years 1 to 9999 it stops at the first or last day there is.
    """
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    if not 1 <= year <= 9999:
        return date.min if year < 1 else date.max
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def add_days(day: date, days: int) -> date:
    """So many days later; stops at the ends of the calendar."""
    return date.fromordinal(min(max(day.toordinal() + days, 1), date.max.toordinal()))


def first(dates: Iterable[Dates], *, by_end: bool = False) -> Dates:
    """The first of some dates; unknown where none is known.

    One whose start is open comes first, it may be long ago; `by_end`: it takes its place by its end.
    """

    def start(when: Dates) -> date:
        return when.earliest or (by_end and when.latest) or date.min

    return min((when for when in dates if when.is_known), key=start, default=Dates())


def latest(dates: Iterable[Dates]) -> Dates:
    """The last of some dates, one whose end is open before all others; unknown where none is known."""
    return max(
        (when for when in dates if when.is_known),
        key=lambda when: when.latest or date.max,
        default=Dates(),
    )


def parse(text: object, zone: tzinfo) -> Dates:
    """A FHIR date, dateTime or instant as an interval of days in `zone`. Raises BadDate."""
    if not isinstance(text, str):
        raise BadDate("not a date")
    try:
        if _DATETIME.fullmatch(text):
            # FHIR allows the leap second :60, the clock here does not.
            whole = re.sub(r"(T\d{2}:\d{2}):60", r"\1:59", text)
            moment = datetime.fromisoformat(whole.replace("Z", "+00:00")).astimezone(zone)
            return Dates(moment.date(), moment.date(), moment)
        match = _DATE.fullmatch(text)
        if match is None:
            raise BadDate("not a date")
        year, month, day = (int(part or 0) for part in match.groups())
        if not match[2]:
            return Dates(date(year, 1, 1), date(year, 12, 31))
        if not match[3]:
            return Dates(date(year, month, 1), month_end(year, month))
        return Dates(date(year, month, day), date(year, month, day))
    except (ValueError, OverflowError) as error:
        raise BadDate("not a date") from error


def lasts_longer_than(months: int, began: Dates, today: date) -> Truth:
    """Whether something that began in `began` lasts longer than so many calendar months.

    Exactly three calendar months is "at most three"; longer starts the day after.
    """
    if began.latest is not None and today > add_months(began.latest, months):
        return Truth.MET
    if began.earliest is not None and today <= add_months(began.earliest, months):
        return Truth.NOT_MET
    return Truth.UNKNOWN
