"""What every resource says in the same way, whatever it is about: standing (see standing.py), time, side, words.

One table per question, by resource type. Raises Unreadable where an element that is needed is malformed, so that the caller can make
it visible.
"""

from datetime import date, datetime, tzinfo

from cds_service.facts.model import Side
from cds_service.facts.standing import STANDING as STANDING  # what callers ask of reading, too
from cds_service.facts.standing import standing as standing
from cds_service.facts.standing import status_of
from cds_service.fhir.dates import BadDate, Dates, add_days, add_months, parse
from cds_service.fhir.elements import Unreadable, as_list, codings, concepts, extensions, objects, string, texts
from cds_service.logic import Truth
from cds_service.terminology import SNOMED, ValueSet
from cds_service.text import findings
from cds_service.text import sides as sides_in_text

MET, NOT_MET, UNKNOWN = Truth.MET, Truth.NOT_MET, Truth.UNKNOWN
# Where the time of an event stands, the most exact element first. R5 names last.
EVENT_TIMES = {
    "Observation": ("effective", "issued"),
    "DiagnosticReport": ("effective", "issued"),
    "ImagingStudy": ("started",),
    "Procedure": ("performed", "occurrence"),
    "ServiceRequest": ("authoredOn",),
    "MedicationRequest": ("authoredOn",),
    "MedicationAdministration": ("effective", "occurence", "occurrence"),
    "MedicationStatement": ("effective", "dateAsserted"),
    "Encounter": ("period", "actualPeriod"),
    "DocumentReference": ("date",),
    "Appointment": ("start",),
    "ResearchSubject": ("period",),
}
_UCUM_MONTHS = {"a": 12, "y": 12, "yr": 12, "year": 12, "years": 12, "jaar": 12, "mo": 1, "month": 1, "months": 1, "maand": 1, "maanden": 1}
_UCUM_DAYS = {"wk": 7, "week": 7, "weeks": 7, "weken": 7, "d": 1, "day": 1, "days": 1, "dag": 1, "dagen": 1}


def current(resource: dict, now: datetime, zone: tzinfo) -> Truth:
    """Whether a condition still exists. Missing clinicalStatus = active unless abated; an unknown code = unknown."""
    if resource.get("resourceType") != "Condition":
        return MET
    found = status_of(resource, "clinicalStatus")
    abated = _abated(resource, now, zone)
    if not found:
        return UNKNOWN if resource.get("clinicalStatus") else ~abated
    said = found.pop() if len(found) == 1 else UNKNOWN
    # "active" beside an end in the past contradicts itself.
    return UNKNOWN if said is MET and abated is MET else said


def _abated(resource: dict, now: datetime, zone: tzinfo) -> Truth:
    if resource.get("abatementBoolean") is True or resource.get("abatementString"):
        return MET
    if resource.get("abatementAge") or resource.get("abatementRange"):
        return MET
    period = _period(resource.get("abatementPeriod"), "Condition.abatementPeriod", zone)
    moment = _date(resource["abatementDateTime"], "Condition.abatementDateTime", zone) if resource.get("abatementDateTime") else period
    if not moment.is_known:
        return NOT_MET
    return NOT_MET if moment.is_future(now) else MET


def event_time(resource: dict, zone: tzinfo, birth: Dates) -> Dates:
    """When an examination, observation, procedure or order took place."""
    kind = str(resource.get("resourceType"))
    for stem in EVENT_TIMES.get(kind, ()):
        found = _choice(resource, stem, zone, birth, onset=False)
        if found.is_known:
            return found
    started = [_date(s["started"], "ImagingStudy.series.started", zone) for s in objects(resource.get("series"), "series") if s.get("started")]
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
        return _date(value, "Condition.abatementDateTime", zone)
    period = resource.get("abatementPeriod")
    if isinstance(period, dict) and period.get("end") is not None:
        return _date(period["end"], "Condition.abatementPeriod.end", zone)
    return Dates()


def recorded(resource: dict, zone: tzinfo) -> Dates:
    """When the statement was written down: recordedDate of a Condition, the event time's day otherwise."""
    value = resource.get("recordedDate")
    return _date(value, "Condition.recordedDate", zone) if value is not None else Dates()


def _choice(resource: dict, stem: str, zone: tzinfo, birth: Dates, *, onset: bool) -> Dates:
    """A choice element (`onset[x]`, `effective[x]`, `performed[x]`) as an interval; unknown where it only has words."""
    kind = resource.get("resourceType")
    for suffix in ("", "DateTime", "Instant"):
        if isinstance(value := resource.get(stem + suffix), dict) and not suffix:
            return _period(value, f"{kind}.{stem}", zone)
        if value is not None:
            return _date(value, f"{kind}.{stem}{suffix}", zone)
    if (period := resource.get(stem + "Period")) is not None:
        found = _period(period, f"{kind}.{stem}Period", zone)
        if onset and found.latest is None and found.earliest is not None:
            return _date(period["start"], f"{kind}.{stem}Period.start", zone)  # an open period counts from its start
        return found
    if (age := resource.get(stem + "Age")) is not None:
        return _at_age(age, age, f"{kind}.{stem}Age", birth)
    if (span := resource.get(stem + "Range")) is not None:
        limits = (objects(span, f"{kind}.{stem}Range") or [{}])[0]
        if not limits:
            raise Unreadable(f"{kind}.{stem}Range")
        return _at_age(limits.get("low"), limits.get("high"), f"{kind}.{stem}Range", birth)
    return Dates()


def _date(value: object, path: str, zone: tzinfo) -> Dates:
    try:
        return parse(value, zone)
    except BadDate as error:
        raise Unreadable(path) from error


def _period(value: object, path: str, zone: tzinfo) -> Dates:
    if value is None:
        return Dates()
    period = objects(value, path)
    if len(period) != 1:
        raise Unreadable(path)
    start = _date(period[0]["start"], f"{path}.start", zone) if period[0].get("start") is not None else Dates()
    end = _date(period[0]["end"], f"{path}.end", zone) if period[0].get("end") is not None else Dates()
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
    if quantity is None or not isinstance(quantity.get("value"), int | float) or isinstance(quantity.get("value"), bool):
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


def side(resource: dict, laterality: ValueSet, code_sides: tuple[str, ...]) -> Side:
    """Which breast a resource is about.

    Coded: the matched codes themselves, bodySite, laterality extensions on it (zib, mCODE or any other), the series of
    an ImagingStudy, components. Sides of one element add up (two series, left and right: both); elements that
    disagree are a conflict, and so are codes and the words of the name or the place beside them. Other words are read only
    where no code says it.
    """
    kind = str(resource.get("resourceType"))
    places: list[object] = [resource.get("bodySite")]
    places.append([s.get(key) for s in objects(resource.get("series"), "series") for key in ("laterality", "bodySite")])
    places.append([c.get("valueCodeableConcept") for c in objects(resource.get("component"), "component")])
    places.append(resource.get("code") if kind != "ImagingStudy" else resource.get("procedureCode"))
    found = [s for s in code_sides if s]
    found += [named for place in places if (named := _coded_side(place, laterality))]
    if found:
        return Side(found[0]) if len(set(found)) == 1 and not _words_deny(resource, found[0]) else Side.CONFLICT
    return _side_in_words(resource, places)


def _words_deny(resource: dict, coded: str) -> bool:
    """Whether the name of a thing or of its place says the other side than the codes do ("tepelvloed links", with the right breast)."""
    named = [text for key in ("code", "bodySite") for node in as_list(resource.get(key)) if node for text in texts(node, key)]
    said = {side for text in named for side in sides_in_text(text)}
    return coded in ("left", "right") and len(said) == 1 and coded not in said


def _coded_side(place: object, laterality: ValueSet) -> str:
    named: set[str] = set()
    for node in as_list(place):
        if not isinstance(node, dict):
            continue
        for concept in concepts(node, "bodySite"):
            # ICD-10-GM has the side as an extension of the coding itself.
            bearers = [concept, *objects(concept.get("coding"), "bodySite.coding")]
            inside = [concept, *(e.get("valueCodeableConcept") or e.get("valueCoding") for b in bearers for e in extensions(b))]
            here = {m.side for n in inside if n for c in codings(n, "bodySite") if (m := laterality.coding(c.system or SNOMED, c.code)) and m.side}
            # "Left breast" with the extension "right" contradicts itself.
            if here == {"left", "right"}:
                return Side.CONFLICT.value
            named |= here
    return Side.BOTH.value if "both" in named or {"left", "right"} <= named else next(iter(named), "")


def side_beside(resource: dict, words: list[str]) -> Side:
    """The side that the conclusion of a report names in the clauses that hold these words."""
    told = [clause for clause in findings(string(resource.get("conclusion"), "conclusion")) if any(word in clause for word in words)]
    found = {side for clause in told for side in sides_in_text(clause)}
    return Side.UNKNOWN if not found else Side.BOTH if len(found) == 2 else Side(found.pop())


def _side_in_words(resource: dict, places: list[object]) -> Side:
    """The side in words: first of the thing itself, then of remarks beside it."""
    named = [text for place in places for node in as_list(place) if node for text in texts(node, "bodySite")]
    named += list(texts(resource.get("valueCodeableConcept"), "valueCodeableConcept"))
    named += [string(resource.get(key), key) for key in ("description", "valueString") if isinstance(resource.get(key), str)]
    named += [string(s.get("description"), "series.description") for s in objects(resource.get("series"), "series")]
    beside = [text for detail in objects(resource.get("orderDetail"), "orderDetail") for text in texts(detail, "orderDetail")]
    beside += [string(note.get("text"), "note.text") for note in objects(resource.get("note"), "note")]
    beside += [c["valueString"] for c in objects(resource.get("component"), "component") if isinstance(c.get("valueString"), str)]
    for words in (named, beside):
        found = {side for text in words for side in sides_in_text(text)}
        if found:
            return Side.BOTH if len(found) == 2 else Side(found.pop())
    return Side.UNKNOWN
