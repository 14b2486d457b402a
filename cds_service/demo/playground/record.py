"""A record as a list for people: each resource with a line that says what it is and when."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from cds_service.fhir.elements import Unreadable, reference, texts
from cds_service.fhir.record import Record
from cds_service.fhir.resource_types import KEYS
from cds_service.rendering.voice import plain

# Where a resource says what it is, and when; the first that is there.
_WHAT = (
    "code",
    "medicationCodeableConcept",
    "type",
    "serviceType",
    "description",
    "modality",
    "status",
)
_WHEN = (
    "onsetDateTime",
    "effectiveDateTime",
    "performedDateTime",
    "started",
    "authoredOn",
    "start",
    "date",
    "recordedDate",
    "issued",
    "onsetPeriod",
    "effectivePeriod",
    "performedPeriod",
    "period",
    "birthDate",
)


@dataclass(frozen=True)
class Entry:
    """One resource of a record: `key` is its place on the page (Type-id)."""

    reference: str
    key: str
    what: str
    when: str
    json: str  # the whole of it, indented


def entries(record: Record) -> dict[str, list[Entry]]:
    """The resources that were read, by type, the newest first."""
    told = {
        kind: sorted((_entry(r) for r in record.of_type(kind)), key=lambda e: e.when, reverse=True)
        for kind in KEYS
    }
    return {kind: found for kind, found in told.items() if found}


def _entry(resource: dict) -> Entry:
    name = reference(resource)
    return Entry(
        name,
        name.replace("/", "-"),
        next(_said(resource), ""),
        next(_times(resource), ""),
        json.dumps(resource, indent=1, ensure_ascii=False),
    )


def _said(resource: dict) -> Iterator[str]:
    if resource["resourceType"] == "Patient":
        yield name_of(resource)
    for element in _WHAT:
        for node in (
            resource[element]
            if isinstance(resource.get(element), list)
            else [resource.get(element)]
        ):
            try:
                yield from (
                    plain(text)
                    for text in ([node] if isinstance(node, str) else texts(node))
                    if text
                )
            except Unreadable:
                continue


def _times(resource: dict) -> Iterator[str]:
    for element in _WHEN:
        value = resource.get(element)
        text = value.get("start") if isinstance(value, dict) else value
        if isinstance(text, str):
            yield plain(text[:10])


def name_of(patient: dict) -> str:
    """The name of a Patient as people write it; the id where it has none."""
    names = patient.get("name")
    for name in names if isinstance(names, list) else []:
        if isinstance(name, dict):
            given = (
                [part for part in name.get("given") or [] if isinstance(part, str)]
                if isinstance(name.get("given"), list)
                else []
            )
            family = name.get("family")
            text = name.get("text")
            whole = " ".join([*given, family if isinstance(family, str) else ""]).strip()
            if told := plain(whole or (text if isinstance(text, str) else "")):
                return told
    return plain(str(patient.get("id", "")))


def age_of(patient: dict, today: date) -> int | None:
    """Age in whole years; None where the birth date does not say."""
    try:
        born = date.fromisoformat(str(patient.get("birthDate")))
    except ValueError:
        return None
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))
