"""How reports, studies and results hang together, and where a report is written out: what several readers ask."""

import base64
import binascii
import re
from collections.abc import Iterator

from cds_service.clinical_text.context import examination_failed
from cds_service.facts.extraction import Reading
from cds_service.facts.model import Laterality
from cds_service.fhir.elements import (
    Unreadable,
    as_list,
    codings,
    objects,
    references,
    string,
    texts,
)
from cds_service.terminology.systems import LOINC
from cds_service.terminology.value_set import Match, ValueSet

from .report_text.birads import asks_for_category

# How far a report's own words about sides go: "left" and "right" together mean both.
SIDE_OF_WORDS = {
    frozenset(("left",)): Laterality.LEFT,
    frozenset(("right",)): Laterality.RIGHT,
    frozenset(("left", "right")): Laterality.BOTH,
}
# What SNOMED CT adds to a name; and an answer that denies its question and says nothing else.
_TAG = re.compile(r" \((?:observable entity|finding|disorder|situation|qualifier value)\)$")
_DENIED = re.compile(
    r"(?i)(?:(?:nee|neen|nooit|geen|kein|keine|no|none|never|absent|afwezig|negatief|negative|ontkent|ontkend|denied|denies)\b[^,;.]*$|(?:nee|neen|nooit|no|never)\s*[,;.:])"
)
EXAMINATIONS = ("ImagingStudy", "Procedure", "DiagnosticReport")


def linked(read: Reading, resource: dict, keys: tuple[str, ...]) -> list[dict]:
    """The resources that some references of a resource lead to, as far as they were read."""
    found = (
        read.record.resolve(text, resource)
        for key in keys
        for text in references(resource.get(key), f"{resource['resourceType']}.{key}")
    )
    return [other for other in found if other is not None]


def results(read: Reading, report: dict) -> list[dict]:
    """The Observations that a report lists, and the members of the panels among them."""
    found = [
        other
        for other in linked(read, report, ("result",))
        if other.get("resourceType") == "Observation"
    ]
    return found + [
        member
        for panel in found
        for member in linked(read, panel, ("hasMember",))
        if member.get("resourceType") == "Observation"
    ]


def listing(read: Reading) -> dict[int, list[dict]]:
    """The reports that list an Observation as their result, by its identity; an unreadable list is told."""
    found: dict[int, list[dict]] = {}
    for report in read.record.of_type("DiagnosticReport"):
        try:
            for result in results(read, report):
                found.setdefault(id(result), []).append(report)
        except Unreadable as error:
            read.report(report, "unreadable", error.path)
    return found


def listed_results(read: Reading) -> set[int]:
    """The Observations that some report lists as its result: the report tells of them."""
    listed: set[int] = set()
    for report in read.record.of_type("DiagnosticReport"):
        try:
            listed |= {id(other) for other in results(read, report)}
        except Unreadable as error:
            read.report(report, "unreadable", error.path)
    return listed


def examination_of(read: Reading, observation: dict) -> list[dict]:
    """The study, procedure or report that an Observation belongs to."""
    found = linked(read, observation, ("partOf", "derivedFrom", "focus", "basedOn"))
    return [other for other in found if other.get("resourceType") in EXAMINATIONS]


def prose(resource: dict) -> Iterator[str]:
    """Where a report is written out: conclusion, description, notes, a plain text attachment."""
    for key in ("conclusion", "description", "valueString"):
        if resource.get(key) is not None:
            yield string(resource[key], key)
    for key in ("conclusionCode", "valueCodeableConcept", "outcome"):
        for node in as_list(resource.get(key)):
            yield from texts(node, key)
    for note in objects(resource.get("note"), "note"):
        yield string(note.get("text"), "note.text")
    for component in objects(resource.get("component"), "component"):
        yield from texts(component.get("valueString"), "component.valueString")
    for form in objects(resource.get("presentedForm"), "presentedForm"):
        if string(form.get("contentType"), "presentedForm.contentType").split(";")[
            0
        ] == "text/plain" and form.get("data"):
            try:
                yield base64.b64decode(
                    string(form["data"], "presentedForm.data"), validate=True
                ).decode("utf-8", "replace")
            except (binascii.Error, ValueError) as error:
                raise Unreadable("presentedForm.data") from error


def coded_in(node: object, value_set: ValueSet) -> list[Match]:
    """The rows of a value set whose codes stand in concepts."""
    return [
        m
        for item in as_list(node)
        for c in codings(item)
        if (m := value_set.coding(c.system, c.code))
    ]


def asked_in_loinc(asked: dict) -> bool:
    """Whether an Observation or component asks its question with a code of LOINC."""
    return any(coding.system == LOINC for coding in codings(asked.get("code")))


def spoken(resource: dict) -> str:
    """What a problem or an Observation says in one line of words: its code, its place, its answer ("Bevinding: lever: haard").

    The LOINC name of a question tells of its specimen or its scale, not of the patient, and is left out.
    """
    is_observation = resource.get("resourceType") == "Observation"
    named = [] if is_observation and asked_in_loinc(resource) else list(texts(resource.get("code")))
    site = list(texts(resource.get("bodySite"), "bodySite"))
    said = [
        *texts(resource.get("valueString"), "valueString"),
        *texts(resource.get("valueCodeableConcept"), "valueCodeableConcept"),
    ]
    said += texts(resource.get("interpretation"), "interpretation") if is_observation else []
    none: list[str] = []
    for component in objects(resource.get("component"), "component"):
        answer = [
            *texts(component.get("valueString"), "component"),
            *texts(component.get("valueCodeableConcept"), "component"),
        ]
        question = (
            []
            if asked_in_loinc(component)
            else [
                _TAG.sub("", text).rstrip(" ?:")
                for text in texts(component.get("code"), "component.code")
            ]
        )
        denied = question and answer and _DENIED.match(answer[0])
        if denied:
            none.append(
                f"geen {' / '.join(question)}"
            )  # last, so that its "geen" reaches no other answer
        elif answer:
            said.append(": ".join([*question, *answer]))
    said += none
    return " : ".join(" / ".join(dict.fromkeys(words)) for words in (named, site, said) if words)


def was_not_made(report: dict) -> bool:
    """Whether a report says of its examination that it did not take place, or not to its end ("MRI afgebroken wegens claustrofobie")."""
    if report.get("resourceType") != "DiagnosticReport":
        return False
    try:
        told = list(prose(report))
    except Unreadable:
        return False  # what it is called after stands; what it tells is unread where it is read closely
    return any(examination_failed(text) and not asks_for_category(text) for text in told)


def year_of(resource: dict) -> int | None:
    """The year of an examination, as far as its text needs it."""
    period = resource.get("effectivePeriod")
    dates = [
        resource.get(key) for key in ("effectiveDateTime", "issued", "started", "performedDateTime")
    ]
    dates += [period.get("start")] if isinstance(period, dict) else []
    written = next((d for d in dates if isinstance(d, str) and d[:4].isdecimal()), "")
    return int(written[:4]) if written else None
