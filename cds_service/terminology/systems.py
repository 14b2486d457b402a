"""Code systems: their names, spellings that mean the same, and the syntax of their codes."""

import re

SNOMED, LOINC = "http://snomed.info/sct", "http://loinc.org"


ICD10 = "http://hl7.org/fhir/sid/icd-10"


ICD10_CM = "http://hl7.org/fhir/sid/icd-10-cm"


DCM = "http://dicom.nema.org/resources/ontology/DCM"


ATC = "http://www.whocc.no/atc"


ICPC = "http://hl7.org/fhir/sid/icpc-1-nl"


_ATC_LEVELS = (7, 5, 4, 3, 1)


PROJECT = "https://guideline-cards.example.org/CodeSystem/breast"


# Systems whose codes mean the same and are looked up under one name.
SAME_SYSTEM = {
    "http://snomed.info/sct/11000146104": SNOMED,
    "urn:oid:2.16.840.1.113883.6.96": SNOMED,
    "urn:oid:2.16.840.1.113883.6.1": LOINC,
    "http://hl7.org/fhir/sid/icd-10-nl": ICD10,
    "http://fhir.de/CodeSystem/bfarm/icd-10-gm": ICD10,  # the German modification; its name before 2020 below
    "http://fhir.de/CodeSystem/dimdi/icd-10-gm": ICD10,
    "urn:oid:2.16.840.1.113883.6.73": ATC,
    "urn:oid:2.16.840.1.113883.2.4.4.31.1": ICPC,
}


# As people call them.
SYSTEM_NAMES = {
    SNOMED: "SNOMED CT",
    LOINC: "LOINC",
    ICD10: "ICD-10",
    ICD10_CM: "ICD-10-CM",
    ICPC: "ICPC-1",
    DCM: "DICOM",
    ATC: "ATC",
}


def known_as(system: str, code: str) -> tuple[tuple[str, str], ...]:
    """The keys under which a code is looked up: its system's one name; ICD-10 codes also by their category, ATC codes by
    their groups (L01CD02 also as L01CD, L01C, L01 and L)."""
    system = SAME_SYSTEM.get(system.strip(), system.strip())
    if system == ATC:
        return tuple((system, code[:length]) for length in _ATC_LEVELS if length <= len(code))
    if system == ICD10 and "." in code:
        return (system, code), (system, code.split(".")[0])
    return ((system, code),)


def code_faults(system: str, code: str) -> list[str]:
    """What is wrong with the form of a code: a coding system is a type with its own syntax."""
    if system == SNOMED and not (re.fullmatch(r"[1-9]\d{5,17}", code) and _verhoeff(code)):
        return [f"{code} is no SNOMED CT identifier (check digit)"]
    if (
        system == LOINC
        and not re.fullmatch(r"LA\d+-\d", code)
        and not (re.fullmatch(r"\d{1,7}-\d", code) and _mod10(code))
    ):
        return [f"{code} is no LOINC code (check digit)"]
    if system in (ICD10, ICD10_CM) and not re.fullmatch(r"[A-Z]\d[\dA-Z](\.[\dA-Z]{1,4})?", code):
        return [f"{code} is no ICD-10 code"]
    if system == ATC and not re.fullmatch(r"[A-Z](\d\d([A-Z]([A-Z](\d\d)?)?)?)?", code):
        return [f"{code} is no ATC code"]
    if not re.match(r"(https?://|urn:)", system):
        return [f"{system} is no code system URI"]
    return []


_D = (
    (0, 1, 2, 3, 4, 5, 6, 7, 8, 9),
    (1, 2, 3, 4, 0, 6, 7, 8, 9, 5),
    (2, 3, 4, 0, 1, 7, 8, 9, 5, 6),
    (3, 4, 0, 1, 2, 8, 9, 5, 6, 7),
    (4, 0, 1, 2, 3, 9, 5, 6, 7, 8),
    (5, 9, 8, 7, 6, 0, 4, 3, 2, 1),
    (6, 5, 9, 8, 7, 1, 0, 4, 3, 2),
    (7, 6, 5, 9, 8, 2, 1, 0, 4, 3),
    (8, 7, 6, 5, 9, 3, 2, 1, 0, 4),
    (9, 8, 7, 6, 5, 4, 3, 2, 1, 0),
)


_P: list[tuple[int, ...]] = [(0, 1, 2, 3, 4, 5, 6, 7, 8, 9), (1, 5, 7, 6, 2, 8, 3, 0, 9, 4)]


def _verhoeff(digits: str) -> bool:
    """The check digit of SNOMED CT identifiers (Verhoeff, dihedral group D5)."""
    check = 0
    for position, digit in enumerate(reversed(digits)):
        check = _D[check][_P[position % 8][int(digit)]]
    return check == 0


def _mod10(code: str) -> bool:
    """The check digit of LOINC codes (Luhn)."""
    number, check = code.split("-")
    total = 0
    for position, digit in enumerate(reversed(number)):
        doubled = int(digit) * (2 if position % 2 == 0 else 1)
        total += doubled - 9 if doubled > 9 else doubled
    return (10 - total % 10) % 10 == int(check)
