"""Whether what a resource states holds, by its status: the codes of the FHIR R4 status value sets, one table by resource type.

Raises Unreadable where a status is malformed, so that the caller can make it visible; one that nobody here knows is unknown, and is named.
"""

import re

from cds_service.fhir.codes import CODES, is_outside
from cds_service.fhir.elements import codings, concepts, string, texts
from cds_service.logic import Truth

MET, NOT_MET, UNKNOWN = Truth.MET, Truth.NOT_MET, Truth.UNKNOWN
VOID = None  # never evidence: entered in error, cancelled, revoked

# (resource type) -> status code -> whether the statement holds. A code that is not listed is unknown.
STANDING: dict[str, dict[str, Truth | None]] = {
    "Observation": {"final": MET, "amended": MET, "corrected": MET, "preliminary": UNKNOWN, "registered": UNKNOWN,
                    "cancelled": VOID, "entered-in-error": VOID},
    "DiagnosticReport": {"final": MET, "amended": MET, "corrected": MET, "appended": MET, "preliminary": UNKNOWN,
                         "partial": UNKNOWN, "registered": NOT_MET, "cancelled": VOID, "entered-in-error": VOID},
    "ImagingStudy": {"available": MET, "registered": NOT_MET, "inactive": MET, "cancelled": VOID, "entered-in-error": VOID},
    "Procedure": {"completed": MET, "in-progress": UNKNOWN, "on-hold": UNKNOWN, "stopped": UNKNOWN,
                  "preparation": NOT_MET, "not-done": NOT_MET, "entered-in-error": VOID},
    # An order counts from draft to completed; "unknown" does not count as ordered.
    "ServiceRequest": {"draft": MET, "active": MET, "on-hold": MET, "completed": MET, "revoked": VOID,
                       "entered-in-error": VOID, "unknown": VOID},
    # Medication counts as given from the prescription on; what was stopped was given.
    "MedicationRequest": {"draft": MET, "active": MET, "on-hold": MET, "completed": MET, "stopped": MET, "ended": MET,
                          "cancelled": VOID, "entered-in-error": VOID},
    "MedicationAdministration": {"in-progress": MET, "completed": MET, "stopped": MET, "on-hold": UNKNOWN, "not-done": NOT_MET,
                                 "entered-in-error": VOID},
    "MedicationStatement": {"active": MET, "completed": MET, "stopped": MET, "recorded": MET, "on-hold": UNKNOWN, "intended": NOT_MET,
                            "not-taken": NOT_MET, "entered-in-error": VOID},
    "Encounter": {"planned": NOT_MET, "arrived": MET, "triaged": MET, "in-progress": MET, "onleave": MET, "finished": MET,
                  "completed": MET, "discharged": MET, "cancelled": VOID, "entered-in-error": VOID},
    "Appointment": {"proposed": MET, "pending": MET, "booked": MET, "arrived": MET, "checked-in": MET, "fulfilled": MET, "waitlist": UNKNOWN,
                    "cancelled": VOID, "noshow": VOID, "entered-in-error": VOID},
    "DocumentReference": {"current": MET, "superseded": UNKNOWN, "entered-in-error": VOID},
    "ResearchSubject": {"on-study": MET, "on-study-intervention": MET, "on-study-observation": MET, "follow-up": MET,
                        "pending-on-study": MET, "active": MET, "candidate": NOT_MET, "eligible": NOT_MET, "potential-candidate": NOT_MET,
                        "screening": NOT_MET, "ineligible": NOT_MET, "not-registered": NOT_MET, "off-study": NOT_MET, "withdrawn": NOT_MET,
                        "draft": NOT_MET, "retired": NOT_MET},
}  # fmt: skip
VERIFICATION: dict[str, Truth | None] = {
    "confirmed": MET, "unconfirmed": UNKNOWN, "provisional": UNKNOWN, "differential": UNKNOWN,
    "refuted": NOT_MET, "entered-in-error": VOID,
    # zib verification status, SNOMED CT
    "410605003": MET, "415684004": UNKNOWN, "410590009": UNKNOWN, "410516002": NOT_MET,
}  # fmt: skip
CLINICAL: dict[str, Truth | None] = {
    "active": MET, "recurrence": MET, "relapse": MET, "inactive": NOT_MET, "remission": NOT_MET, "resolved": NOT_MET,
    # zib problem status, SNOMED CT (Active, Inactive, Problem resolved; value set eHDSIStatusCode of HL7 Europe)
    "55561003": MET, "73425007": NOT_MET, "413322009": NOT_MET,
}  # fmt: skip
# The same in words, where no code says it (words of the project); the whole text, without regard to case.
VERIFICATION_WORDS: dict[str, Truth | None] = {
    "confirmed": MET, "bevestigd": MET, "unconfirmed": UNKNOWN, "onbevestigd": UNKNOWN, "provisional": UNKNOWN, "voorlopig": UNKNOWN, "differential": UNKNOWN,
    "suspected": UNKNOWN, "vermoed": UNKNOWN, "vermoeden": UNKNOWN, "verdenking": UNKNOWN, "possible": UNKNOWN, "mogelijk": UNKNOWN,
    "refuted": NOT_MET, "weerlegd": NOT_MET, "uitgesloten": NOT_MET, "known absent": NOT_MET, "entered in error": VOID, "foutief ingevoerd": VOID,
}  # fmt: skip
CLINICAL_WORDS: dict[str, Truth | None] = {
    "active": MET, "actief": MET, "actueel": MET, "recurrence": MET, "relapse": MET, "recidief": MET,
    "inactive": NOT_MET, "inactief": NOT_MET, "niet actief": NOT_MET, "niet actueel": NOT_MET, "niet-actueel": NOT_MET, "remission": NOT_MET, "remissie": NOT_MET,
    "in remissie": NOT_MET, "resolved": NOT_MET, "opgelost": NOT_MET, "genezen": NOT_MET,
}  # fmt: skip
_OF_CONDITION = {"clinicalStatus": (CLINICAL, CLINICAL_WORDS), "verificationStatus": (VERIFICATION, VERIFICATION_WORDS)}
# Statuses that say that nobody knows: understood, and no help.
_SAYS_UNKNOWN = frozenset(("unknown", "onbekend", "unk", "asked-unknown", "261665006"))
_A_CODE = re.compile(r"[A-Za-z0-9_-]{1,20}(?: [A-Za-z0-9_-]{1,12})?", re.ASCII)


def standing(resource: dict, *, drafted: bool = False) -> Truth | None:
    """Whether what the resource states holds; None (VOID) when it must never be evidence."""
    kind = str(resource.get("resourceType"))
    if resource.get("doNotPerform") is True:
        return VOID
    if kind == "Condition":
        return _verification(resource)
    status = string(resource.get("status"), f"{kind}.status")
    if drafted and not status:
        return MET
    return STANDING.get(kind, {}).get(status, UNKNOWN)


def _verification(resource: dict) -> Truth | None:
    said = status_of(resource, "verificationStatus")
    if not said:
        return MET if not resource.get("verificationStatus") else UNKNOWN
    if VOID in said:
        return VOID
    return said.pop() if len(said) == 1 else (NOT_MET if NOT_MET in said else UNKNOWN)


def status_of(resource: dict, element: str) -> set[Truth | None]:
    """What the known codes of a status of a Condition say, or else its words; codes of somebody's own beside them say nothing. Raises Unreadable."""
    path, node, (table, words) = f"Condition.{element}", resource.get(element), _OF_CONDITION[element]
    said = {table[c.code] for c in codings(node, path) if c.code in table}
    return said or {words[text] for text in _worded(node, path) if text in words}


def _worded(node: object, path: str) -> list[str]:
    return [" ".join(text.lower().split()) for concept in concepts(node, path) for text in texts(concept, path)]


def not_understood(resource: dict) -> list[str]:
    """The statuses of a resource whose value nobody here knows, each as `Observation.status: "gereed"`; the value only where it looks like a
    code. Raises Unreadable."""
    kind = resource["resourceType"]
    if kind != "Condition":
        elements = [element for element in ("status", "docStatus") if element in CODES.get(kind, ()) and is_outside(resource, element)]
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
