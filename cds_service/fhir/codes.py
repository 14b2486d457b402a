"""Elements of type `code` with a required value set, in the spelling of FHIR.

FHIR says that codes are case-sensitive; HL7 v2 interfaces and enums of programming languages send STAT, Final and IN_PROGRESS all the same.
No two codes of one of these sets differ in case, hyphens and blanks only, so that each such spelling means one code. What is in no set
stays as it came: nobody here knows what it means. Sources: the value sets of FHIR R4, with what R5 added.
"""

from typing import Any

_END = "entered-in-error unknown"
_PRIORITY = "routine urgent asap stat"
_INTENT = (
    "proposal plan directive order original-order reflex-order filler-order instance-order option"
)
_SETS = {
    "Observation": {"status": f"registered preliminary final amended corrected cancelled {_END}"},
    "DiagnosticReport": {
        "status": f"registered partial preliminary modified final amended corrected appended cancelled {_END}"
    },
    "ImagingStudy": {"status": f"registered available inactive cancelled {_END}"},
    "Procedure": {"status": f"preparation in-progress not-done on-hold stopped completed {_END}"},
    "ServiceRequest": {
        "status": f"draft active on-hold revoked completed {_END}",
        "intent": _INTENT,
        "priority": _PRIORITY,
    },
    "MedicationRequest": {
        "status": f"draft active on-hold ended stopped completed cancelled {_END}",
        "intent": _INTENT,
        "priority": _PRIORITY,
    },
    "MedicationAdministration": {
        "status": f"in-progress not-done on-hold completed stopped {_END}"
    },
    "MedicationStatement": {
        "status": f"active completed intended stopped on-hold not-taken recorded draft {_END}"
    },
    "Encounter": {
        "status": f"planned arrived triaged in-progress onleave on-hold discharged finished completed cancelled discontinued {_END}"
    },
    "Appointment": {
        "status": f"proposed pending booked arrived fulfilled cancelled noshow checked-in waitlist {_END}"
    },
    "DocumentReference": {
        "status": f"current superseded {_END}",
        "docStatus": f"registered partial preliminary final amended corrected appended cancelled deprecated {_END}",
    },
    "ResearchSubject": {
        "status": "candidate eligible follow-up ineligible not-registered off-study on-study on-study-intervention on-study-observation "
        f"pending-on-study potential-candidate screening withdrawn draft active retired {_END}"
    },
    # In a CodeableConcept; R5 has `unknown` too.
    "Condition": {
        "clinicalStatus": "active recurrence relapse inactive remission resolved unknown",
        "verificationStatus": "unconfirmed provisional differential confirmed refuted entered-in-error",
    },
}
CODES = {
    kind: {element: frozenset(codes.split()) for element, codes in sets.items()}
    for kind, sets in _SETS.items()
}


def _letters(text: str) -> str:
    return "".join([character for character in text.lower() if character.isalpha()])


# Resource type -> (element, its codes, the same by their letters).
_LOOK = {
    kind: tuple(
        (element, codes, {_letters(code): code for code in codes})
        for element, codes in sets.items()
    )
    for kind, sets in CODES.items()
}


def in_fhir_spelling(resource: dict) -> dict:
    """The resource with these codes as FHIR writes them: itself, unless one is spelled in another way. Every resource of a record passes here."""
    changed: dict[str, Any] = {}
    for element, codes, by_letters in _LOOK.get(resource["resourceType"], ()):
        value = resource.get(element)
        if type(value) is str:
            if value not in codes and (code := by_letters.get(_letters(value))):
                changed[element] = code
        elif type(value) is dict and type(value.get("coding")) is list:
            for coding in value["coding"]:
                if _coding(coding, codes, by_letters) is not coding:
                    changed[element] = {
                        **value,
                        "coding": [_coding(one, codes, by_letters) for one in value["coding"]],
                    }
                    break
    if "contained" in resource and type(resource["contained"]) is list:
        inner = [
            in_fhir_spelling(one)
            if type(one) is dict and type(one.get("resourceType")) is str
            else one
            for one in resource["contained"]
        ]
        if any([new is not old for new, old in zip(inner, resource["contained"], strict=True)]):
            changed["contained"] = inner
    return {**resource, **changed} if changed else resource


def _coding(coding: object, codes: frozenset[str], by_letters: dict[str, str]) -> object:
    code = coding.get("code") if type(coding) is dict else None
    if type(code) is not str or code in codes or _letters(code) not in by_letters:
        return coding
    return {**coding, "code": by_letters[_letters(code)]}  # type: ignore[dict-item]


def is_outside(resource: dict, element: str) -> bool:
    """Whether an element of type `code` holds something that is in none of its value set; what is missing or no text is not asked."""
    value = resource.get(element)
    return (
        isinstance(value, str)
        and bool(value.strip())
        and value.strip() not in CODES[resource["resourceType"]][element]
    )
