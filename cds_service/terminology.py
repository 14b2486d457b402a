"""Codes and value sets: which codes and which words mean the same clinical idea.

A value set is a CSV file under cards/: `system,code,display,value,side,source`. `value` says what the row means
within the set (a colour, a BI-RADS category); `side` is given where the code holds it. A row whose system is `text`
holds a term (see cds_service.text.Term) that may match but is never emitted.
"""

import csv
import re
from dataclasses import dataclass
from pathlib import Path

from cds_service.text import Term, clauses, fold, said_in

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
SYSTEM_NAMES = {SNOMED: "SNOMED CT", LOINC: "LOINC", ICD10: "ICD-10", ICD10_CM: "ICD-10-CM", ICPC: "ICPC-1", DCM: "DICOM", ATC: "ATC"}
# Coded answers to a yes/no question, read in HL7's FHIR R4 examples (Observation "secondsmoke": 373066001 Yes, "vomiting":
# 2667000 Absent) and in the test data of the German Medical Informatics Initiative (373067005 No).
ANSWER_CODES = {(SNOMED, "373066001"): True, (SNOMED, "373067005"): False, (SNOMED, "2667000"): False}
COLUMNS = ("system", "code", "display", "value", "side", "source")
SIDES = ("", "left", "right", "both")


def known_as(system: str, code: str) -> tuple[tuple[str, str], ...]:
    """The keys under which a code is looked up: its system's one name; ICD-10 codes also by their category, ATC codes by
    their groups (L01CD02 also as L01CD, L01C, L01 and L)."""
    system = SAME_SYSTEM.get(system.strip(), system.strip())
    if system == ATC:
        return tuple((system, code[:length]) for length in _ATC_LEVELS if length <= len(code))
    if system == ICD10 and "." in code:
        return (system, code), (system, code.split(".")[0])
    return ((system, code),)


@dataclass(frozen=True)
class Match:
    """One row of a value set found in a resource."""

    value: str
    side: str = ""
    negated: bool = False
    uncertain: bool = False
    from_text: bool = False
    words: str = ""  # what was read, for the reader's eye
    past: bool = False  # the words speak of an earlier time


@dataclass(frozen=True)
class ValueSet:
    """A named set of codes and terms. Look-ups are hashed; terms are tried only where no code matched."""

    name: str
    codes: dict[tuple[str, str], tuple[str, str, str]]  # (system, code) -> (value, side, display)
    terms: tuple[tuple[Term, str, str], ...]  # (term, value, side)
    any_term: re.Pattern | None = None  # one look that passes over most texts

    @property
    def values(self) -> tuple[str, ...]:
        """What its rows mean, each once, in the order of the file."""
        return tuple(dict.fromkeys([*(row[0] for row in self.codes.values()), *(value for _, value, _ in self.terms)]))

    def coding(self, system: str, code: str) -> Match | None:
        """The row of a code, or None."""
        row = next((row for key in known_as(system, code) if (row := self.codes.get(key))), None)
        return Match(row[0], row[1], words=row[2]) if row else None

    def terms_in(self, folded: str) -> list[tuple[Term, str, str]]:
        """The terms that stand somewhere in a folded text, said or not."""
        return [row for row in self.terms if row[0].piece in folded and row[0].stands_in(folded)]

    def stands_in(self, folded: str) -> bool:
        """Whether any term stands in a folded text."""
        return bool(self.terms_in(folded))

    def text(self, text: str) -> tuple[Match, ...]:
        """Every term said in a text, with negation and uncertainty of its clause; the first term of a value counts, one of now
        before one of the past."""
        found: dict[tuple[str, bool], Match] = {}
        terms = self.terms_in(fold(text))
        parts = clauses(text) if terms else ()
        for term, value, side in terms:
            for statement in said_in(parts, term):
                key = (value, statement.negated)
                if key not in found or found[key].past and not statement.past:
                    found[key] = Match(value, side, statement.negated, statement.uncertain, True, statement.words, statement.past)
        return tuple(found.values())


def load_value_set(path: Path) -> tuple[ValueSet, list[str]]:
    """Read one CSV file; returns the set and every fault with its line."""
    faults: list[str] = []
    codes: dict[tuple[str, str], tuple[str, str, str]] = {}
    terms: list[tuple[Term, str, str]] = []
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        if tuple(reader.fieldnames or ()) != COLUMNS:
            return ValueSet(path.stem, {}, ()), [f"{path}:1: the columns must be {','.join(COLUMNS)}"]
        for row in reader:
            place = f"{path}:{reader.line_num}"
            if None in row or None in row.values():
                faults.append(f"{place}: a row needs {len(COLUMNS)} columns")
                continue
            if not row["source"]:
                faults.append(f"{place}: the source of verification is missing")
            if row["side"] not in SIDES:
                faults.append(f"{place}: side must be left, right, both or empty")
            if row["system"] == "text":
                try:
                    terms.append((Term(row["code"]), row["value"], row["side"]))
                except ValueError as error:
                    faults.append(f"{place}: {error}")
                continue
            faults += [f"{place}: {fault}" for fault in code_faults(row["system"], row["code"])]
            key = (SAME_SYSTEM.get(row["system"], row["system"]), row["code"])
            if key in codes:
                faults.append(f"{place}: {row['code']} stands twice in this set")
            codes[key] = (row["value"], row["side"], row["display"])
    return ValueSet(path.stem, codes, tuple(terms), Term.any_of(term for term, *_ in terms)), faults


def code_faults(system: str, code: str) -> list[str]:
    """What is wrong with the form of a code: a coding system is a type with its own syntax."""
    if system == SNOMED and not (re.fullmatch(r"[1-9]\d{5,17}", code) and _verhoeff(code)):
        return [f"{code} is no SNOMED CT identifier (check digit)"]
    if system == LOINC and not re.fullmatch(r"LA\d+-\d", code):
        if not (re.fullmatch(r"\d{1,7}-\d", code) and _mod10(code)):
            return [f"{code} is no LOINC code (check digit)"]
    if system in (ICD10, ICD10_CM) and not re.fullmatch(r"[A-Z]\d[\dA-Z](\.[\dA-Z]{1,4})?", code):
        return [f"{code} is no ICD-10 code"]
    if system == ATC and not re.fullmatch(r"[A-Z](\d\d([A-Z]([A-Z](\d\d)?)?)?)?", code):
        return [f"{code} is no ATC code"]
    if not re.match(r"(https?://|urn:)", system):
        return [f"{system} is no code system URI"]
    return []


_D = ((0, 1, 2, 3, 4, 5, 6, 7, 8, 9), (1, 2, 3, 4, 0, 6, 7, 8, 9, 5), (2, 3, 4, 0, 1, 7, 8, 9, 5, 6),
      (3, 4, 0, 1, 2, 8, 9, 5, 6, 7), (4, 0, 1, 2, 3, 9, 5, 6, 7, 8), (5, 9, 8, 7, 6, 0, 4, 3, 2, 1),
      (6, 5, 9, 8, 7, 1, 0, 4, 3, 2), (7, 6, 5, 9, 8, 2, 1, 0, 4, 3), (8, 7, 6, 5, 9, 3, 2, 1, 0, 4),
      (9, 8, 7, 6, 5, 4, 3, 2, 1, 0))  # fmt: skip
_P = [(0, 1, 2, 3, 4, 5, 6, 7, 8, 9), (1, 5, 7, 6, 2, 8, 3, 0, 9, 4)]
while len(_P) < 8:
    _P.append(tuple(_P[-1][_P[1][i]] for i in range(10)))


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
