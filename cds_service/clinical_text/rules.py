"""The context rules of `cards/shared/context_rules.yaml`: read, checked and compiled once.

A rule is a list of phrases that do the same to a mention: deny it, doubt it, date it, plan it, or tell it of a relative. How far each
reaches is in `context`; what cannot be a phrase is a named pattern in `patterns`.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import Field

from cds_service.clinical_text import patterns
from cds_service.content import cards_folder
from cds_service.errors import ContentError
from cds_service.strict.shapes import Part, shape_faults
from cds_service.strict.yaml import load

Qualifier = Literal[
    "absent",
    "affirmed",
    "suspected",
    "uncertain",
    "not_done",
    "planned",
    "historical",
    "family",
]
Direction = Literal["preceding", "following", "around"]
Scope = Literal["word", "part", "enumeration", "clause", "answer"]
# The rules that `context` and its neighbours ask for, by name.
NAMES = (
    "denies_ahead",
    "enumerates",
    "takes_back",
    "denies_behind",
    "unseen",
    "denies_behind_place",
    "not_done",
    "called_off",
    "abandoned",
    "suspects",
    "doubts",
    "differential",
    "advises",
    "to_follow",
    "before",
    "over",
    "in_history",
    "relatives",
)
SECTIONS = ("clinical_data", "answer", "question")


class RuleShape(Part):
    """One rule: what it says, to which mentions, how far, and its phrases by language."""

    says: str = Field(min_length=1)
    qualifier: Qualifier
    direction: Direction
    scope: Scope
    nl: list[str] = Field(default=[])
    en: list[str] = Field(default=[])
    de: list[str] = Field(default=[])

    def phrases(self) -> list[str]:
        """Its phrases in every language."""
        return [*self.nl, *self.en, *self.de]


class SectionShape(Part):
    """The headings of one part of a report."""

    nl: list[str]
    en: list[str]


class AbbreviationsShape(Part):
    """Abbreviations whose stop ends no sentence: never, only before a capital, seldom."""

    always: list[str]
    mostly: list[str]
    seldom: list[str]


class ContextRulesShape(Part):
    """context_rules.yaml"""

    source: str = Field(min_length=1)
    rules: dict[str, RuleShape]
    sections: dict[str, SectionShape]
    abbreviations: AbbreviationsShape
    languages: dict[str, list[str]]


@dataclass(frozen=True)
class ContextRules:
    """The rules, compiled. Each pattern is named after its rule, or after what its phrases do in their place."""

    listed: Mapping[str, RuleShape]
    always_short: frozenset[str]
    mostly_short: frozenset[str]
    seldom_short: frozenset[str]
    languages: Mapping[str, frozenset[str]]
    denies_ahead: re.Pattern[str]
    enumerates: re.Pattern[str]
    takes_back: re.Pattern[str]
    denies_behind: re.Pattern[str]
    denies_behind_place: re.Pattern[str]
    denies_over_list: re.Pattern[str]
    not_done: re.Pattern[str]
    called_off: re.Pattern[str]
    abandoned: re.Pattern[str]
    suspects: re.Pattern[str]
    doubts: re.Pattern[str]
    differential: re.Pattern[str]
    advises: re.Pattern[str]
    to_follow: re.Pattern[str]
    before: re.Pattern[str]
    over: re.Pattern[str]
    in_history: re.Pattern[str]
    relatives: re.Pattern[str]
    clinical_data: re.Pattern[str]
    answer: re.Pattern[str]
    question: re.Pattern[str]


def place() -> Path:
    """The file of the rules."""
    return cards_folder() / "shared" / "context_rules.yaml"


@cache
def rules() -> ContextRules:
    """The rules of this installation. Raises ContentError with every fault of the file."""
    return read_rules(place())


def read_rules(path: Path) -> ContextRules:
    """The rules of a file. Raises ContentError with every fault, its place and the nearest right name."""
    raw = load(path)
    if faults := _faults(raw, path):
        raise ContentError(faults)
    shape = ContextRulesShape.model_validate(raw)
    said = {name: rule.phrases() for name, rule in shape.rules.items()}
    unseen = said["unseen"]
    return ContextRules(
        listed=shape.rules,
        always_short=frozenset(shape.abbreviations.always),
        mostly_short=frozenset(shape.abbreviations.mostly),
        seldom_short=frozenset(shape.abbreviations.seldom),
        languages={name: frozenset(words) for name, words in shape.languages.items()},
        denies_ahead=whole_phrases(said["denies_ahead"], after=r"(?![a-z])(?! bezwaar)"),
        enumerates=whole_phrases(said["enumerates"]),
        takes_back=whole_phrases(said["takes_back"], or_else=patterns.OTHER_SIDE),
        denies_behind=whole_phrases(
            [*said["denies_behind"], *unseen], before=patterns.ANSWER_BEHIND
        ),
        denies_behind_place=whole_phrases(
            [*said["denies_behind_place"], *unseen], before=patterns.PLACE_BETWEEN
        ),
        denies_over_list=whole_phrases(unseen, before=patterns.LIST_BETWEEN),
        not_done=whole_phrases(said["not_done"], before=patterns.RIGHT_BEHIND),
        called_off=whole_phrases(said["called_off"]),
        abandoned=whole_phrases(said["abandoned"]),
        suspects=whole_phrases(said["suspects"]),
        doubts=whole_phrases(said["doubts"]),
        differential=whole_phrases(said["differential"]),
        advises=whole_phrases(said["advises"]),
        to_follow=whole_phrases(
            [*said["to_follow"], *said["not_done"]], before=patterns.REGION_BETWEEN
        ),
        before=whole_phrases(said["before"], before=patterns.NOT_SINCE),
        over=whole_phrases(said["over"]),
        in_history=whole_phrases(said["in_history"]),
        relatives=whole_phrases(said["relatives"]),
        clinical_data=_heading(shape.sections["clinical_data"]),
        answer=whole_phrases(_headings(shape.sections["answer"]), after=""),
        question=whole_phrases(_headings(shape.sections["question"]), before="^"),
    )


def rule_faults(path: Path) -> list[str]:
    """Every fault of a file of rules, with its place and the nearest right name."""
    try:
        return _faults(load(path), path)
    except ContentError as error:
        return list(error.faults)


def _faults(raw: object, path: Path) -> list[str]:
    if faults := shape_faults(raw, ContextRulesShape, str(path)):
        return faults
    shape = ContextRulesShape.model_validate(raw)
    faults = [f"{path}: the rule {name} is missing" for name in NAMES if name not in shape.rules]
    faults += [
        f"{path}: the rule {name} is asked by nothing; a phrase goes into one of {', '.join(NAMES)}"
        for name in shape.rules
        if name not in NAMES
    ]
    faults += [
        f"{path}: the section {name} is missing" for name in SECTIONS if name not in shape.sections
    ]
    for name, rule in shape.rules.items():
        said = rule.phrases()
        faults += [f"{path}: rules.{name}: {p!r} is empty" for p in said if not p.strip(" *")]
        faults += [
            f"{path}: rules.{name}: {p!r} must be in small letters without accents"
            for p in said
            if p != p.lower() or not p.isascii()
        ]
        faults += [
            f"{path}: rules.{name}: {p!r} stands twice"
            for listed in (rule.nl, rule.en, rule.de)
            for p in dict.fromkeys(listed)
            if listed.count(p) > 1
        ]
    return faults


def whole_phrases(
    phrases: Iterable[str],
    before: str = "(?<![a-z])",
    after: str = "(?![a-z])",
    or_else: str = "",
) -> re.Pattern[str]:
    """One pattern for phrases, whole words only; `*` stands for the rest of a word, `...` for at most two words, a blank for any
    white space."""
    written = "|".join(
        re.escape(phrase.strip())
        .replace(r"\*", r"\w*")
        .replace(r"\ \.\.\.\ ", r"\s(?:(?!meer\b|langer\b)\w+\s){0,2}?")
        .replace(r"\ ", r"\s")
        for phrase in phrases
        if phrase.strip()
    )
    return re.compile(f"{before}(?:{written}){after}" + (f"|{or_else}" if or_else else ""))


def _headings(section: SectionShape) -> list[str]:
    return [*section.nl, *section.en]


def _heading(section: SectionShape) -> re.Pattern[str]:
    """The heading of a section where it begins a clause, up to its colon."""
    return whole_phrases(_headings(section), before="^", after=r"\b[^:]*:")
