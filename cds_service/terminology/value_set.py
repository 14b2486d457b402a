"""Codes and value sets: which codes and which words mean the same clinical idea.

A value set is a CSV file under cards/: `system,code,display,value,side,source`. `value` says what the row means
within the set (a colour, a BI-RADS category); `side` is given where the code holds it. A row whose system is `text`
holds a term (see cds_service.clinical_text.terms.Term) that may match but is never emitted.
"""

import csv
import re
from dataclasses import dataclass
from pathlib import Path

from cds_service.clinical_text.context import clauses, said_in
from cds_service.clinical_text.folding import fold
from cds_service.clinical_text.terms import Term
from cds_service.terminology.systems import _P, SAME_SYSTEM, SNOMED, code_faults, known_as

# Coded answers to a yes/no question, read in HL7's FHIR R4 examples (Observation "secondsmoke": 373066001 Yes, "vomiting":
# 2667000 Absent) and in the test data of the German Medical Informatics Initiative (373067005 No).
ANSWER_CODES = {
    (SNOMED, "373066001"): True,
    (SNOMED, "373067005"): False,
    (SNOMED, "2667000"): False,
}
COLUMNS = ("system", "code", "display", "value", "side", "source")
SIDES = ("", "left", "right", "both")


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
    any_term: re.Pattern[str] | None = None  # one look that passes over most texts

    @property
    def values(self) -> tuple[str, ...]:
        """What its rows mean, each once, in the order of the file."""
        return tuple(
            dict.fromkeys(
                [*(row[0] for row in self.codes.values()), *(value for _, value, _ in self.terms)]
            )
        )

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
                    found[key] = Match(
                        value,
                        side,
                        statement.negated,
                        statement.uncertain,
                        True,
                        statement.words,
                        statement.past,
                    )
        return tuple(found.values())


def load_value_set(path: Path) -> tuple[ValueSet, list[str]]:
    """Read one CSV file; returns the set and every fault with its line."""
    faults: list[str] = []
    codes: dict[tuple[str, str], tuple[str, str, str]] = {}
    terms: list[tuple[Term, str, str]] = []
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        if tuple(reader.fieldnames or ()) != COLUMNS:
            return ValueSet(path.stem, {}, ()), [
                f"{path}:1: the columns must be {','.join(COLUMNS)}"
            ]
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


while len(_P) < 8:
    _P.append(tuple(_P[-1][_P[1][i]] for i in range(10)))
