"""When something took place, began or ended, as a resource tells it.

Raises Unreadable where an element that is needed is malformed, so that the caller can make it visible.
"""

from datetime import date, tzinfo

from cds_service.fhir.dates import BadDate, Dates, add_days, add_months, parse
from cds_service.fhir.elements import Unreadable, objects, string
from cds_service.fhir.resource_types import EVENT_TIMES

_UCUM_MONTHS = {
    "a": 12,
    "y": 12,
    "yr": 12,
    "year": 12,
    "years": 12,
    "jaar": 12,
    "mo": 1,
    "month": 1,
    "months": 1,
    "maand": 1,
    "maanden": 1,
}


_UCUM_DAYS = {
    "wk": 7,
    "week": 7,
    "weeks": 7,
    "weken": 7,
    "d": 1,
    "day": 1,
    "days": 1,
    "dag": 1,
    "dagen": 1,
}


def event_time(resource: dict, zone: tzinfo, birth: Dates) -> Dates:
    """When an examination, observation, procedure or order took place."""
    kind = str(resource.get("resourceType"))
    for stem in EVENT_TIMES.get(kind, ()):
        found = _choice(resource, stem, zone, birth, onset=False)
        if found.is_known:
            return found
    started = [
        date_of(s["started"], "ImagingStudy.series.started", zone)
        for s in objects(resource.get("series"), "series")
        if s.get("started")
    ]
    if kind == "ImagingStudy" and started:
        return min(started, key=lambda d: d.earliest or date.max)
    return Dates()


def onset(resource: dict, zone: tzinfo, birth: Dates) -> Dates:
    """When a condition began: onset[x] in all its forms; an open Period counts from its start; a string says nothing."""
    return _choice(resource, "onset", zone, birth, onset=True)


def ended(resource: dict, zone: tzinfo) -> Dates:
    """When a condition ended: abatement as a date or the end of a period; other forms say that it ended, not when."""
    value = resource.get("abatementDateTime")
    if value is not None:
        return date_of(value, "Condition.abatementDateTime", zone)
    period = resource.get("abatementPeriod")
    if isinstance(period, dict) and period.get("end") is not None:
        return date_of(period["end"], "Condition.abatementPeriod.end", zone)
    return Dates()


def recorded(resource: dict, zone: tzinfo) -> Dates:
    """When the statement was written down: recordedDate of a Condition, the event time's day otherwise."""
    value = resource.get("recordedDate")
    return date_of(value, "Condition.recordedDate", zone) if value is not None else Dates()


def _choice(resource: dict, stem: str, zone: tzinfo, birth: Dates, *, onset: bool) -> Dates:
    """A choice element (`onset[x]`, `effective[x]`, `performed[x]`) as an interval; unknown where it only has words."""
    kind = resource.get("resourceType")
    for suffix in ("", "DateTime", "Instant"):
        if isinstance(value := resource.get(stem + suffix), dict) and not suffix:
            return period_of(value, f"{kind}.{stem}", zone)
        if value is not None:
            return date_of(value, f"{kind}.{stem}{suffix}", zone)
    if (period := resource.get(stem + "Period")) is not None:
        found = period_of(period, f"{kind}.{stem}Period", zone)
        if onset and found.latest is None and found.earliest is not None:
            return date_of(
                period["start"], f"{kind}.{stem}Period.start", zone
            )  # an open period counts from its start
        return found
    if (age := resource.get(stem + "Age")) is not None:
        return _at_age(age, age, f"{kind}.{stem}Age", birth)
    if (span := resource.get(stem + "Range")) is not None:
        limits = (objects(span, f"{kind}.{stem}Range") or [{}])[0]
        if not limits:
            raise Unreadable(f"{kind}.{stem}Range")
        return _at_age(limits.get("low"), limits.get("high"), f"{kind}.{stem}Range", birth)
    return Dates()


def date_of(value: object, path: str, zone: tzinfo) -> Dates:
    """A date of FHIR as an interval. Raises Unreadable with the path."""
    try:
        return parse(value, zone)
    except BadDate as error:
        raise Unreadable(path) from error


def period_of(value: object, path: str, zone: tzinfo) -> Dates:
    """A Period of FHIR as an interval. Raises Unreadable with the path."""
    if value is None:
        return Dates()
    period = objects(value, path)
    if len(period) != 1:
        raise Unreadable(path)
    start = (
        date_of(period[0]["start"], f"{path}.start", zone)
        if period[0].get("start") is not None
        else Dates()
    )
    end = (
        date_of(period[0]["end"], f"{path}.end", zone)
        if period[0].get("end") is not None
        else Dates()
    )
    if start.earliest and end.latest and start.earliest > end.latest:
        raise Unreadable(path)
    return Dates(start.earliest, end.latest, start.instant)


def _at_age(low: object, high: object, path: str, birth: Dates) -> Dates:
    """The time at which the patient had an age: from the low age until a unit past the high one."""
    if not birth.is_known or birth.earliest is None or birth.latest is None:
        return Dates()
    first = _after(birth.earliest, low, path, 0) if low is not None else None
    last = _after(birth.latest, high, path, 1) if high is not None else None
    return Dates(first, add_days(last, -1) if last else None)


def _after(start: date, age: object, path: str, more: int) -> date:
    quantity = objects(age, path)[0] if isinstance(age, dict) else None
    if (
        quantity is None
        or not isinstance(quantity.get("value"), int | float)
        or isinstance(quantity.get("value"), bool)
    ):
        raise Unreadable(path)
    if quantity.get("comparator"):
        raise Unreadable(path)
    unit = string(quantity.get("code") or quantity.get("unit"), path).lower() or "a"
    number = int(quantity["value"])
    if not 0 <= number < 2000:
        raise Unreadable(path)
    if unit in _UCUM_MONTHS:
        return add_months(start, (number + more) * _UCUM_MONTHS[unit])
    if unit in _UCUM_DAYS:
        return add_days(start, (number + more) * _UCUM_DAYS[unit])
    raise Unreadable(path)
