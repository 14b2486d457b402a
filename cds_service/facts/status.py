"""Whether what a resource states holds, by its status: the codes of the FHIR R4 status value sets, one table by resource type.

Raises Unreadable where a status is malformed, so that the caller can make it visible; one that nobody here knows is unknown, and is named.
"""

import re
from datetime import datetime, tzinfo

from cds_service.clinical_text.context import was_abandoned
from cds_service.facts.timing import date_of, period_of
from cds_service.fhir.codes import CODES, is_outside
from cds_service.fhir.elements import codings, concepts, objects, string, texts
from cds_service.fhir.resource_types import (
    CLINICAL,
    CLINICAL_WORDS,
    STANDING,
    VERIFICATION,
    VERIFICATION_WORDS,
    VOID,
)
from cds_service.logic import MET, NOT_MET, UNKNOWN, Truth

_OF_CONDITION = {
    "clinicalStatus": (CLINICAL, CLINICAL_WORDS),
    "verificationStatus": (VERIFICATION, VERIFICATION_WORDS),
}
# Statuses that say that nobody knows: understood, and no help.
_SAYS_UNKNOWN = frozenset(("unknown", "onbekend", "unk", "asked-unknown", "261665006"))
_A_CODE = re.compile(r"[A-Za-z0-9_-]{1,20}(?: [A-Za-z0-9_-]{1,12})?", re.ASCII)


def status_truth(resource: dict, *, drafted: bool = False) -> Truth | None:
    """Whether what the resource states holds; None (VOID) when it must never be evidence."""
    kind = str(resource.get("resourceType"))
    if resource.get("doNotPerform") is True:
        return VOID
    if kind == "Condition":
        return _verification(resource)
    status = string(resource.get("status"), f"{kind}.status")
    if drafted and not status:
        return MET
    if kind == "Procedure" and _was_abandoned(resource):
        return NOT_MET
    return STANDING.get(kind, {}).get(status, UNKNOWN)


def _was_abandoned(procedure: dict) -> bool:
    """Whether the words of a procedure say that it did not take place, or not to its end, whatever its status."""
    name = " / ".join(texts(procedure.get("code"), "Procedure.code"))
    notes = [
        *(
            text
            for n in objects(procedure.get("note"), "Procedure.note")
            for text in texts(n.get("text"), "note")
        ),
        *texts(procedure.get("outcome"), "Procedure.outcome"),
        *texts(procedure.get("statusReason"), "Procedure.statusReason"),
    ]
    return was_abandoned(name, notes)


def _verification(resource: dict) -> Truth | None:
    said = status_of(resource, "verificationStatus")
    if not said:
        return MET if not resource.get("verificationStatus") else UNKNOWN
    if VOID in said:
        return VOID
    return said.pop() if len(said) == 1 else (NOT_MET if NOT_MET in said else UNKNOWN)


def status_of(resource: dict, element: str) -> set[Truth | None]:
    """What the known codes of a status of a Condition say, or else its words; codes of somebody's own beside them say nothing. Raises Unreadable."""
    path, node, (table, words) = (
        f"Condition.{element}",
        resource.get(element),
        _OF_CONDITION[element],
    )
    said = {table[c.code] for c in codings(node, path) if c.code in table}
    return said or {words[text] for text in _worded(node, path) if text in words}


def _worded(node: object, path: str) -> list[str]:
    return [
        " ".join(text.lower().split())
        for concept in concepts(node, path)
        for text in texts(concept, path)
    ]


def not_understood(resource: dict) -> list[str]:
    """The statuses of a resource whose value nobody here knows, each as `Observation.status: "gereed"`; the value only where it looks like a
    code. Raises Unreadable."""
    kind = resource["resourceType"]
    if kind != "Condition":
        elements = [
            element
            for element in ("status", "docStatus")
            if element in CODES.get(kind, ()) and is_outside(resource, element)
        ]
        return [named(f"{kind}.{element}", resource[element]) for element in elements]
    found = []
    for element in _OF_CONDITION:
        node, path = resource.get(element), f"Condition.{element}"
        if node and not status_of(resource, element):
            said = [c.code for c in codings(node, path)] or _worded(node, path)
            if _SAYS_UNKNOWN.isdisjoint([text.lower() for text in said]):
                found.append(named(path, next(iter(said), "")))
    return found


def named(path: str, value: str) -> str:
    """An element with its value, for the trace; the value is left out where it could be anything but a code."""
    return f'{path}: "{value}"' if _A_CODE.fullmatch(value) else path


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
    return UNKNOWN if said is VOID or (said is MET and abated is MET) else said


def _abated(resource: dict, now: datetime, zone: tzinfo) -> Truth:
    if resource.get("abatementBoolean") is True or resource.get("abatementString"):
        return MET
    if resource.get("abatementAge") or resource.get("abatementRange"):
        return MET
    period = period_of(resource.get("abatementPeriod"), "Condition.abatementPeriod", zone)
    moment = (
        date_of(resource["abatementDateTime"], "Condition.abatementDateTime", zone)
        if resource.get("abatementDateTime")
        else period
    )
    if not moment.is_known:
        return NOT_MET
    return NOT_MET if moment.is_future(now) else MET
