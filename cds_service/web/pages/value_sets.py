"""Value sets for people: every code and word with what it means and where it comes from, those that the hospital added too."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

from cds_service.content import folder_of
from cds_service.guideline.library import Library
from cds_service.terminology.systems import ICPC, PROJECT, SAME_SYSTEM, SYSTEM_NAMES
from cds_service.terminology.value_set import ValueSet

SYSTEMS = SYSTEM_NAMES | {ICPC: "ICPC-1-NL", PROJECT: "MammaCards"}
SHARED = "shared"


@dataclass(frozen=True)
class Code:
    """A code with its meaning within the set; `source` is "" for a code of the hospital's own."""

    system: str  # as people call it
    uri: str
    code: str
    display: str
    value: str
    side: str
    source: str


@dataclass(frozen=True)
class Terms:
    """The words that mean the same value (and side) within the set."""

    value: str
    side: str
    words: tuple[str, ...]


@dataclass(frozen=True)
class ToldSet:
    """One value set as a page tells it. `folder` and `name` are its address under /guidelines/."""

    folder: str
    name: str
    codes: tuple[Code, ...] = ()
    terms: tuple[Terms, ...] = field(default_factory=tuple)

    @property
    def words(self) -> int:
        return sum(len(terms.words) for terms in self.terms)

    @property
    def address(self) -> str:
        return f"/guidelines/{self.folder}/value_sets/{self.name}"


def told_set(library: Library, folder: str, name: str) -> ToldSet | None:
    """A value set of a guideline's folder or of the shared one, by the names that were loaded; None where there is none."""
    own = f"{folder}.{name}"
    if folder == SHARED and "." not in name and name in library.named_sets:
        return _told(library.named_sets[name], SHARED)
    return (
        _told(library.named_sets[own], folder)
        if folder != SHARED and own in library.named_sets
        else None
    )


def told_of(library: Library, guideline: str, value_set: ValueSet) -> ToldSet:
    """A value set that a fact of a guideline uses: the guideline's own, or else a shared one."""
    folder = guideline if f"{guideline}.{value_set.name}" in library.named_sets else SHARED
    return _told(value_set, folder)


def _told(value_set: ValueSet, folder: str) -> ToldSet:
    sources = _sources(folder, value_set.name)
    codes = tuple(
        Code(
            SYSTEMS.get(system, system),
            system,
            code,
            display,
            value,
            side,
            sources.get((system, code), ""),
        )
        for (system, code), (value, side, display) in value_set.codes.items()
    )
    grouped: dict[tuple[str, str], list[str]] = {}
    for term, value, side in value_set.terms:
        grouped.setdefault((value, side), []).append(term.words)
    return ToldSet(
        folder,
        value_set.name,
        codes,
        tuple(Terms(value, side, tuple(words)) for (value, side), words in grouped.items()),
    )


@cache
def _sources(folder: str, name: str) -> Mapping[tuple[str, str], str]:
    """(system, code) -> where the code was verified, as the CSV file says it. Called with names of loaded value sets only."""
    path = folder_of(folder) / "value_sets" / f"{name}.csv"
    if not path.exists():
        return {}
    with path.open(encoding="utf-8", newline="") as file:
        return {
            (SAME_SYSTEM.get(row["system"], row["system"]), row["code"]): row["source"]
            for row in csv.DictReader(file)
        }
