"""BI-RADS categories in the text of a report: "BI-RADS 4a", "BIRADS-classificatie: 2", "BIRADS IV links"."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from cds_service.text import findings, fold, is_past, sides

_ROMAN = {"i": "1", "ii": "2", "iii": "3", "iv": "4", "v": "5", "vi": "6"}
_CATEGORY = re.compile(
    r"\bbi[\s\-]?rads?(?:[\s\-:(]*(?:eind)?(?:classificatie|categorie|category|score|assessment|code|cat\b\.?|klasse|final|conclusie|graad|grade|acr|tm|™|®)\)?)*"
    r"\s*[:=\-]?\s*"
    r"(?:(links|rechts|left|right|li|re|l|r|mammografie|echografie|echo|beiderzijds)\s*[:=]?\s*)?"
    r"(0|[1-6]\s?[abc]?|vi|iv|v|iii|ii|i)(?:\s?([abc]))?(?![\w\-]*\d)\b(?!\s?(?:%|mm|cm))"
)
# "Vorig onderzoek BI-RADS 4, nu BI-RADS 2": what stands after "nu" is of today; "BI-RADS 4 (2019)" is of then.
_WAS = re.compile(r"\bwas\b")
_NOW = re.compile(r"\b(?:nu|thans|momenteel|nieuwe?|toegenomen|now|currently|today|heden|new|increased)\b")
_YEAR = re.compile(r"^[a-z\s]{0,12}\(?\s*(?:in\s+|d\.d\.\s*)?(?:\d{1,2}[-/])?(?:19|20)\d\d\b")
_DENIED = re.compile(r"\b(?:geen|no|niet|not)\s+(?:\w+\s+)?$")
# "BI-RADS re 2, li 4": a further side with its category after one "BI-RADS".
_FURTHER = re.compile(r"^\s*(?:,|;|/|en|and|&)\s*(links|rechts|left|right|li|re|l|r)\s*[:=]?\s*(0|[1-6]\s?[abc]?|vi|iv|v|iii|ii|i)\b")
# A side that heads what follows, until another does or the report comes to its conclusion.
_HEADING = re.compile(r"^(?:de\s)?(?:links|rechts|left|right|linker\s?\w*|rechter\s?\w*|(?:left|right)\sbreast)\s*(?::|$)")
_CONCLUSION = re.compile(r"^(?:eind)?(?:conclusie|impression|beoordeling|samenvatting|advies|summary|beurteilung)")
_BARE = re.compile(r"(?:categor(?:ie|y)|cat\.?|bi[\s\-]?rads)?\s*(0|[1-6]\s?[abc]?|vi|iv|v|iii|ii|i)(?:\s?([abc]))?\.?")
_NAMED = re.compile(r"\bbi[\s\-]?rads?\b")


@dataclass(frozen=True)
class Category:
    """A category as a text gives it: `value` 0-6 with a-c, the sides named beside it, the part of the text it stands in."""

    value: str
    sides: frozenset[str]
    part: str


def categories(text: str) -> Iterator[Category]:
    """Every category of the present examination; those of an earlier one ("vorig onderzoek") are passed over."""
    heading: frozenset[str] = frozenset()
    for clause in findings(text):
        if _CONCLUSION.search(clause):
            heading = frozenset()
        if headed := _HEADING.match(clause):
            heading = sides(headed.group())
        yield from _in_clause(clause, heading)


def _in_clause(clause: str, heading: frozenset[str]) -> Iterator[Category]:
    found = list(_CATEGORY.finditer(clause))
    edges = [0, *(edge for match in found for edge in match.span()), len(clause)]
    gaps = [clause[edges[i] : edges[i + 1]] for i in range(0, len(edges), 2)]
    # "Links BI-RADS 2, rechts BI-RADS 4" names the side before, "BI-RADS 2 links, BI-RADS 4 rechts" after.
    side_before = bool(sides(gaps[0], denied_too=True))
    for number, match in enumerate(found):
        before, after = gaps[number], gaps[number + 1]
        is_of_then = (_WAS.search(before) or is_past(clause, before)) and not _NOW.search(before) or _YEAR.search(after)
        if _DENIED.search(before) or is_of_then:
            continue
        part = f"{before} {match.group()} {after}"
        inside = sides(f"borst {match.group(1)}") if match.group(1) else frozenset()
        beside = sides(before, denied_too=True) if side_before else sides(after.split(",")[0]) or sides(after)
        yield Category(_value(match.group(2), match.group(3)), inside or beside or heading, part)
        while inside and (further := _FURTHER.match(after)):
            yield Category(_value(further.group(2), None), sides(f"borst {further.group(1)}"), part)
            after = after[further.end() :]


def asks_for_category(text: str) -> bool:
    """Whether the words of a question ask for a BI-RADS category."""
    return _NAMED.search(fold(text)) is not None


def bare_category(text: str) -> str:
    """The category that an answer consists of ("2", "IVb", "category 3"); "" when it is anything else."""
    match = _BARE.fullmatch(fold(text).strip())
    return _value(match.group(1), match.group(2)) if match else ""


def _value(number: str, letter: str | None) -> str:
    return _ROMAN.get(number.strip(), number.replace(" ", "")) + (letter or "")
