"""Codes and value sets: which codes and which words mean the same clinical idea.

A value set is a CSV file under cards/: `system,code,display,value,side,source`. `value` says what the row means
within the set (a colour, a BI-RADS category); `side` is given where the code holds it. A row whose system is `text`
holds a term (see cds_service.clinical_text.terms.Term) that may match but is never emitted.
"""

import csv
import re
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from cds_service.clinical_text.context import Temporality, clauses, mentions_in
from cds_service.clinical_text.lexicon import Lexicon
from cds_service.clinical_text.terms import Term, term
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
    planned: bool = False  # the words speak of what is advised or still to come


@dataclass(frozen=True)
class ValueSet:
    """A named set of codes and terms. Look-ups are hashed; terms are tried only where no code matched."""

    name: str
    codes: dict[tuple[str, str], tuple[str, str, str]]  # (system, code) -> (value, side, display)
    terms: tuple[tuple[Term, str, str], ...]  # (term, value, side)
    lexicon: Lexicon | None = field(
        default=None, compare=False, repr=False
    )  # shared with other sets

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

    @cached_property
    def _rows(self) -> dict[Term, tuple[int, ...]]:
        """Where each term stands in `terms`."""
        rows: dict[Term, tuple[int, ...]] = {}
        for position, (known, *_) in enumerate(self.terms):
            rows[known] = (*rows.get(known, ()), position)
        return rows

    @cached_property
    def _lexicon(self) -> Lexicon:
        return self.lexicon or Lexicon(known for known, *_ in self.terms)

    @cached_property
    def any_term(self) -> re.Pattern[str] | None:
        """One look that finds what any of its terms finds; None where it has none."""
        return Term.any_of(known for known, *_ in self.terms)

    def terms_in(self, clause: str) -> list[tuple[Term, str, str]]:
        """The rows of the terms that stand somewhere in a folded clause, said or not, in the order of the file."""
        return [self.terms[position] for position in sorted(self._rows_in(clause))]

    def _rows_in(self, clause: str) -> list[int]:
        rows = self._rows
        return [
            position
            for known in self._lexicon.terms_in(clause)
            if known in rows
            for position in rows[known]
        ]

    def stands_in(self, text: str) -> bool:
        """Whether any term stands in a text, said or not."""
        return any(self._rows_in(clause) for clause in clauses(text))

    def text(self, text: str) -> tuple[Match, ...]:
        """Every term said in a text, with negation and uncertainty of its clause; the first term of a value counts, one of now
        before one of the past."""
        standing = sorted(
            (position, number, clause)
            for number, clause in enumerate(clauses(text))
            for position in self._rows_in(clause)
        )
        found: dict[tuple[str, bool], Match] = {}
        for position, _, clause in standing:
            known, value, side = self.terms[position]
            for mention in mentions_in(clause, known):
                key = (value, mention.negated)
                if key not in found or found[key].past and not mention.past:
                    found[key] = Match(
                        value,
                        side,
                        mention.negated,
                        mention.uncertain,
                        True,
                        mention.words,
                        mention.past,
                        mention.temporality is Temporality.PLANNED,
                    )
        return tuple(found.values())


def load_value_set(path: Path, lexicon: Lexicon | None = None) -> tuple[ValueSet, list[str]]:
    """Read one CSV file; returns the set and every fault with its line. Its terms join the lexicon, where one is given."""
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
                    terms.append((term(row["code"]), row["value"], row["side"]))
                except ValueError as error:
                    faults.append(f"{place}: {error}")
                continue
            faults += [f"{place}: {fault}" for fault in code_faults(row["system"], row["code"])]
            key = (SAME_SYSTEM.get(row["system"], row["system"]), row["code"])
            if key in codes:
                faults.append(f"{place}: {row['code']} stands twice in this set")
            codes[key] = (row["value"], row["side"], row["display"])
    if lexicon is not None:
        lexicon.update(known for known, *_ in terms)
    return ValueSet(path.stem, codes, tuple(terms), lexicon), faults


while len(_P) < 8:
    _P.append(tuple(_P[-1][_P[1][i]] for i in range(10)))
