"""BI-RADS categories in the text of a report: "BI-RADS 4a", "BIRADS-classificatie: 2", "BIRADS IV links"."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from cds_service.clinical_text.context import findings, is_past
from cds_service.clinical_text.folding import fold
from cds_service.clinical_text.laterality import sides

_ROMAN = {"i": "1", "ii": "2", "iii": "3", "iv": "4", "v": "5", "vi": "6"}
# A side or an examination beside a category. A letter that stands alone is a side, never part of a word or a numeral ("li", "IVb").
_WHERE = r"(?:links|rechts|linker|rechter|left|right|li|lt|re|rt|l|r|bdz|beiderzijds|mammografie|echografie|echo|mx|us)(?![a-z])"
_BREAST = r"(?:(?:de|the)\s)?(?:(?:mamma|borst|breast)\s)?"
_SIDED = rf"{_BREAST}\(?({_WHERE})\.?(?:\s?(?:mamma|borst|breast|zijde|side))?\)?"
_NUMBER = r"(?:0|[1-6]|vi|iv|v|iii|ii|i)(?:[\s\-]?[abc])?(?![\w\-]*\d)(?![a-z])(?!\.[a-z])(?!\s?(?:%|mm|cm|uur|jaar|maand))"
_CATEGORY = re.compile(
    r"\bbi\s?-?\s?rads?(?:[\s\-:(]*(?:eind)?(?:classificatie|categorie|category|score|assessment|code|cat\b\.?|klasse|final|conclusie|graad|grade|acr|volgens|van|is|tm|™|®)\)?)*"
    rf"\s*[:=\-]?\s*(?:{_SIDED}\s*[:=]?\s*|(l|r)(?=\d))?({_NUMBER})"
)
# What could not be judged has no category: it is incomplete, as category 0 is.
_NOT_ASSESSABLE = r"(?:niet|slecht|onvoldoende|not) (?:goed )?(?:te )?(?:beoordel\w*|beoordeelbaar|classificer\w*|interpreteer\w*|interpretabel|assessable|assessed|evaluable|interpretable)|onbeoordeelbaar|non-?diagnostic"
_SIDE_NOT_ASSESSABLE = re.compile(
    rf"(?<![a-z]){_SIDED}\s*[:=\-]?\s*(?:is|was|volledig|helaas)?\s?(?:{_NOT_ASSESSABLE})(?![a-z])|(?<![a-z])(?:{_NOT_ASSESSABLE})\s{_SIDED}"
)
_ALL_NOT_ASSESSABLE = re.compile(rf"rads\S*\s*[:=]?\s*(?:is|was)?\s?(?:{_NOT_ASSESSABLE})(?![a-z])")
# "Vorig onderzoek BI-RADS 4, nu BI-RADS 2": what stands after "nu" is of today; "BI-RADS 4 (2019)" is of then.
_WAS = re.compile(r"\bwas\b")
_NOW = re.compile(
    r"\b(?:nu|thans|momenteel|nieuwe?|toegenomen|now|currently|today|heden|new|increased)\b"
)
_YEAR = re.compile(
    r"^[a-z\s]{0,12}(?!\(\s*(?:19|20)\d\d\s*:)\(?\s*(?:in\s+|d\.?d\.?\s*)?(?:\d{1,2}[-/])?((?:19|20)\d\d)\b"
)
_THEN = re.compile(r"(?:\b(?:in|uit|van)\s+((?:19|20)\d\d)\b|\b((?:19|20)\d\d)\s*:)[^,]*$")
_THEN_AFTER = re.compile(r"^\s*\(?\s*(?:previously|voorheen|destijds|eerder|vorig\w*)\b")
_DENIED = re.compile(r"\b(?:geen|no|niet|not)\s+$")
# "Bij BI-RADS 4 volgt een biopsie" is a rule, no finding.
_RULE = re.compile(r"\b(?:bij|indien|als|if|for)\s+$|\b(?:indien|mocht|if|should)\b[^,:]*$")
# "BI-RADS re 2, li 4", "BI-RADS 2 rechts en 4 links": a further category after one "BI-RADS".
_FURTHER = re.compile(
    rf"^\s*(?:,|;|/|\+|en|and|&)?\s*(?:{_SIDED}\s*[:=]?\s*|(l|r)(?=\d))({_NUMBER})"
)
_FURTHER_AFTER = re.compile(rf"^\s*{_SIDED}\s*(,|;|/|\+|en|and|&|)\s*({_NUMBER})\s+{_SIDED}")
# A side that heads what follows, until another does or the report comes to its conclusion.
_HEADING = re.compile(
    r"^(?:de\s)?(?:(?:l|r|li|re)(?=\s*:)|links|rechts|left|right|linker\s?\w*|rechter\s?\w*|(?:left|right)\sbreast)\s*(?::|$)"
)
_CONCLUSION = re.compile(
    r"^(?:eind)?(?:conclusie|impression|beoordeling|samenvatting|advies|summary|beurteilung)"
)
_ITS_CATEGORY = rf"(?:{_NUMBER}|{_NOT_ASSESSABLE})"
_ITS_SIDE = rf"{_BREAST}\(?{_WHERE}\.?\)?\s*[:=]?\s*"
# "BI-RADS:" with its category, or with that of a side, on the next line; "BI-RADS re: 2; li: 4b".
_BROKEN_LINE = re.compile(
    rf"(rads[^\n.;0-9]{{0,20}})\n\s*(?=(?:{_ITS_SIDE})?{_ITS_CATEGORY})|(rads[^\n.;]{{0,60}})(?:;|\n)\s*(?={_ITS_SIDE}{_ITS_CATEGORY})"
)
_BARE = re.compile(rf"(?:categor(?:ie|y)|cat\.?|bi[\s\-]?rads)?\s*({_NUMBER})\.?")
_NAMED = re.compile(r"\bbi[\s\-]?rads?\b")


@dataclass(frozen=True)
class Category:
    """A category as a text gives it: `value` 0-6 with a-c, the sides named beside it, the part of the text it stands in."""

    value: str
    sides: frozenset[str]
    part: str


def categories(text: str, year: int | None = None) -> list[Category]:
    """Every category of the present examination; those of an earlier one ("vorig onderzoek") are passed over.

    `year` is that of the examination: a year beside a category makes it history only when it lies before. What the
    conclusion says of a side goes before what the report says of it elsewhere.
    """
    heading: frozenset[str] = frozenset()
    concluding = False
    found: list[Category] = []
    concluded: list[Category] = []
    for clause in findings(_joined(text)):
        if _CONCLUSION.search(clause):
            heading, concluding = frozenset(), True
        if headed := _HEADING.match(clause):
            heading = sides(headed.group())
        (concluded if concluding else found).extend(_in_clause(clause, heading, year))
    if not concluded:
        return found
    told = frozenset().union(*(c.sides for c in concluded))
    is_whole = any(not c.sides for c in concluded)
    return concluded + [c for c in found if not is_whole and c.sides and not c.sides & told]


def _joined(text: str) -> str:
    """A folded text in which a category stands in one sentence with its "BI-RADS", and with the one of the other side."""
    folded = fold(text)
    for _ in range(2):  # one side after the other
        folded = _BROKEN_LINE.sub(lambda m: f"{m[1]} " if m[1] else f"{m[2]}, ", folded)
    return folded


def _in_clause(clause: str, heading: frozenset[str], year: int | None) -> Iterator[Category]:
    unassessed = [
        next(filter(None, m.groups()))
        for m in (
            _SIDE_NOT_ASSESSABLE.finditer(clause)
            if _NAMED.search(clause)
            else filter(None, [_SIDE_NOT_ASSESSABLE.match(clause)])
        )
    ]
    clause = _ALL_NOT_ASSESSABLE.sub(
        "rads 0", _SIDE_NOT_ASSESSABLE.sub(lambda m: f"{m[1] or m[2]}: 0", clause)
    )
    told = list(_stated(clause, heading, year))
    yield from told
    yield from (
        Category("0", _named(side), side)
        for side in dict.fromkeys(unassessed)
        if not any(c.sides == _named(side) for c in told)
    )


def _stated(clause: str, heading: frozenset[str], year: int | None) -> Iterator[Category]:
    found = list(_CATEGORY.finditer(clause))
    edges = [0, *(edge for match in found for edge in match.span()), len(clause)]
    gaps = [clause[edges[i] : edges[i + 1]] for i in range(0, len(edges), 2)]
    # "Links BI-RADS 2, rechts BI-RADS 4" names the side before, "BI-RADS 2 links, BI-RADS 4 rechts" after.
    side_before = bool(sides(gaps[0], denied_too=True))
    for number, match in enumerate(found):
        before, after = gaps[number], gaps[number + 1]
        is_of_then = (
            _WAS.search(before) or _is_before(_THEN.search(before), year) or is_past(clause, before)
        ) and not _NOW.search(before)
        if (
            is_of_then
            or _is_before(_YEAR.search(after), year)
            or _THEN_AFTER.search(after)
            or _DENIED.search(before)
            or _RULE.search(before)
        ):
            continue
        value, where = _value(match[3]), match[1] or match[2] or ""
        part = f"{before.rpartition(',')[2]} {match.group()} {after.partition(',')[0]}"
        if (pair := _FURTHER_AFTER.match(after)) and (pair[2] or not where):
            yield Category(value, _named(pair[1]), pair[1])
            yield Category(_value(pair[3]), _named(pair[4]), pair[4])
            continue
        # "Bilateral mammogram: right breast BI-RADS 2": what stands nearest.
        beside = (
            sides(before.rpartition(":")[2], denied_too=True) or sides(before, denied_too=True)
            if side_before
            else sides(after.split(",")[0]) or sides(after)
        )
        further = _FURTHER.match(after) if where else None
        if further:
            yield Category(value, _named(where) or heading, where)
        else:
            yield Category(value, _named(where) or beside or heading, part)
        while further:
            side = further[1] or further[2]
            yield Category(_value(further[3]), _named(side) or heading, side)
            after = after[further.end() :]
            further = _FURTHER.match(after)


def _is_before(found: re.Match | None, year: int | None) -> bool:
    """Whether a year was found that lies before the examination's own."""
    return found is not None and (
        year is None or int(next(group for group in found.groups() if group)) < year
    )


def _named(word: str) -> frozenset[str]:
    return sides(f"borst {word}") if word else frozenset()


def asks_for_category(text: str) -> bool:
    """Whether the words of a question ask for a BI-RADS category."""
    return _NAMED.search(fold(text)) is not None


def bare_category(text: str) -> str:
    """The category that an answer consists of ("2", "IVb", "category 3"); "" when it is anything else."""
    match = _BARE.fullmatch(fold(text).strip())
    return _value(match[1]) if match else ""


def _value(number: str) -> str:
    """A category in figures: "iv b" is 4b."""
    written = re.sub(r"[\s\-]", "", number)
    letter = written[-1] if written[-1] in "abc" else ""
    figure = written.removesuffix(letter)
    return _ROMAN.get(figure, figure) + letter
