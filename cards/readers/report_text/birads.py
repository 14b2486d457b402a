"""BI-RADS categories in the text of a report: "BI-RADS 4a", "BIRADS-classificatie re: 2, li: IVb", "BI-RADS R/L 2/4".

A clause is cut into tokens (label, category, side, a pair of sides, ...), and each category is bound to a side by its neighbours. What
the report says of a side in its conclusion goes before what it says of it elsewhere. An overall category belongs to no side, and
says nothing where a side has its own (F3 of the rules on what clients send).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from cds_service.clinical_text.context import findings, is_past
from cds_service.clinical_text.folding import fold
from cds_service.clinical_text.laterality import sides

from .birads_tokens import (
    EXAMINATION,
    IS_CATEGORY,
    ITS_CATEGORY,
    ITS_SIDE,
    NOT_ASSESSABLE,
    NUMBER,
    SIDES,
    SUBCATEGORY,
    Token,
    figure,
    is_overall,
    label_before,
    tokens_of,
    value_of,
)

# What may stand between a category and the label or the side that it belongs to.
_FILLER = (
    r"(?:eind)?(?:classificatie|uitslag|categorie|category|score|assessment|code|cat|klasse|class|final|conclusie|graad|grade|acr|volgens|van|is|tm|™|®|for|voor|de|het|the|in|on|"
    r"mamma|borst|breast|zijde|side|kant|mammae|en|and|nu|lateraal|lat)"
)
_BESIDE_LABEL = re.compile(rf"^[\s:=\-()]*(?:{_FILLER}[\s:=\-()]*)*$")
_BEFORE_SIDE = re.compile(
    rf"^[\s:=\-(]*(?:(?:mamma|borst|breast|zijde|side|mammae|is|lat|{EXAMINATION})[\s:=\-()]*)*$"
)
_BEHIND_SIDE = re.compile(
    r"^[\s(]*(?:(?:voor|van|in|on|for|aan)\s+)?(?:(?:de|the)\s+)?(?:,?\s*(?:zijde|side)\s*:?\s*)?$"
)
_BETWEEN_LISTED = re.compile(
    r"^\s*(?:/|,|en|and|&|\+|respectievelijk|resp)?\s*(?:respectievelijk|resp)?\s*$"
)
_WAS = re.compile(r"(?<![a-z])was(?![a-z])")
_THEN_WORD = re.compile(r"(?<![a-z])(?:toen|destijds)(?![a-z])")
_YEAR = re.compile(
    r"^[a-z\s]{0,12}(?!\(\s*(?:19|20)\d\d\s*:)\(?\s*(?:in\s+|d\.?d\.?\s*)?(?:\d{1,2}[-/])?((?:19|20)\d\d)\b"
)
_THEN = re.compile(r"(?:\b(?:in|uit|van)\s+((?:19|20)\d\d)\b|\b((?:19|20)\d\d)\s*:)[^,]*$")
# "Category changed from BI-RADS 3 to BI-RADS 4a", "gewijzigd van 3 naar 4a".
_FROM = re.compile(r"(?<![a-z])(?:van|from)\s+$")
_INTO = re.compile(r"^\s*(?:naar|in|to|into)\s")
_THEN_AFTER = re.compile(r"^\s*\(?\s*(?:previously|voorheen|destijds|eerder|vorig\w*)\b")
_DENIED = re.compile(r"\b(?:geen|no|niet|not)\s+$")
_DENIED_AFTER = re.compile(
    r"^\s*(?:is|wordt|was|kan)?\s*(?:\w+\s){0,2}?(?:uitgesloten|ruled out|excluded)(?![a-z])"
)
# "Bij BI-RADS 4 volgt een biopsie" is a rule, no finding.
_RULE = re.compile(
    r"\b(?:bij|indien|als|if|for)\s+$|\b(?:indien|mocht|if|should)\b[^,:]{0,40}$|^\s*(?:bij|indien)\s[^,:]*$"
)
# A side that heads what follows, until another does or the report comes to its conclusion.
_HEADING = re.compile(
    r"^(?:de\s)?(?:(?:l|r|li|re)(?=\s*:)|links|rechts|left|right|linker\s?\w*|rechter\s?\w*|(?:mamma|borst)\s(?:links|rechts)|(?:left|right)\sbreast)\s*(?::|$)"
)
_SPEAKS_OF_SIDE = re.compile(
    r"^(?:de\s)?(?:linker|rechter|links|rechts|left|right)\w*(?:\s(?:mamma|borst|breast))?\s*:"
)
_CONCLUSION = re.compile(
    r"^(?:eind)?(?:conclusie|impression|beoordeling|samenvatting|advies|summary|beurteilung)"
)
# "BI-RADS:" with its category, or with that of a side, on the next line; "BI-RADS re: 2; li: 4b".
_BROKEN_LINE = re.compile(
    rf"(rads[^\n.;0-9]{{0,20}})\n\s*(?=(?:{ITS_SIDE})?{ITS_CATEGORY})|(rads[^\n.;]{{0,60}})(?:;|\n)\s*(?={ITS_SIDE}{ITS_CATEGORY})"
)
_BARE = re.compile(rf"(?:categor(?:ie|y)|cat\.?|bi[\s\-]?rads)?\s*({NUMBER})(?![\w])\.?")
_NAMED = re.compile(r"(?<![a-z])bi\s?-?\s?rads?|(?<![a-z])br\s?[0-6]")
# "Links: 2", in a text that speaks of BI-RADS.
_SIDE_WITH_CATEGORY = re.compile(rf"^{ITS_SIDE}(?<=[:=\s]){NUMBER}(?![\w])\s*$")
_SIDE_NOT_ASSESSABLE = re.compile(rf"^{ITS_SIDE}(?:is\s|was\s)?(?:{NOT_ASSESSABLE})")
_OTHER_SIDE = re.compile(
    r"(?<![a-z])(?:contralatera\w*|(?:de )?andere (?:zijde|kant|borst|mamma))(?![a-z])"
)
_OPPOSITE = {"left": "rechts", "right": "links"}
_NOWHERE: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Category:
    """A category as a text gives it: `value` 0-6 with a-c, the sides named beside it, the part of the text it stands in."""

    value: str
    sides: frozenset[str]
    part: str
    overall: bool = False
    was: bool = False  # told with "was": in force as long as nothing newer is told


_MOST_OF_A_REPORT = 3  # different categories in one clause


def categories(text: str, year: int | None = None) -> list[Category]:
    """Every category of the present examination; those of an earlier one ("vorig onderzoek") are passed over.

    `year` is that of the examination: a year beside a category makes it history only when it lies before.
    """
    heading, concluding = _NOWHERE, False
    spoken_of: list[str] = []  # the sides that headed a clause, in their order
    stated: list[Category] = []
    concluded: list[Category] = []
    last = ""  # the side that was named last
    joined = _joined(text)
    is_named = _NAMED.search(joined) is not None
    for clause in findings(joined):
        if _CONCLUSION.search(clause):
            heading, concluding = _NOWHERE, True
        if headed := _HEADING.match(clause):
            heading = sides(headed.group())
        if is_named:
            clause = _OTHER_SIDE.sub(_OPPOSITE.get(last, ""), clause)
            last = _last_side(clause) or last
        if headed := _SPEAKS_OF_SIDE.match(clause):
            spoken_of += sorted(sides(headed.group()))
        (concluded if concluding else stated).extend(
            _in_clause(
                _SIDE_WITH_CATEGORY.sub(r"bi-rads \g<0>", clause) if is_named else clause,
                heading,
                tuple(dict.fromkeys(spoken_of)),
                year,
            )
        )
    told = _without_overall(_in_force(concluded or stated))
    if not concluded:
        return told
    named = frozenset().union(*(c.sides for c in told))
    is_whole = any(not c.sides for c in told)
    return told + [c for c in _in_force(stated) if not is_whole and c.sides and not c.sides & named]


def _last_side(clause: str) -> str:
    """The side that a clause names last; "" where it names none, or both at once."""
    named = [t.kind for t in tokens_of(clause) if t.kind in SIDES]
    return named[-1] if named and named[-1] in _OPPOSITE else ""


def _in_force(told: list[Category]) -> list[Category]:
    """Those that hold: what "was" is history only where a newer category of that side is told."""
    newer = [c for c in told if not c.was]
    return newer + [
        c
        for c in told
        if c.was and not any(not n.sides or not c.sides or n.sides & c.sides for n in newer)
    ]


def _without_overall(told: list[Category]) -> list[Category]:
    """An overall category says nothing where a side has its own."""
    return [c for c in told if not c.overall] if any(c.sides for c in told) else told


def _joined(text: str) -> str:
    """A folded text in which a category stands in one sentence with its "BI-RADS", and with the one of the other side."""
    folded = fold(text)
    for _ in range(2):  # one side after the other
        folded = _BROKEN_LINE.sub(lambda m: f"{m[1]} " if m[1] else f"{m[2]}, ", folded)
    return folded


# --- one clause


def _in_clause(
    clause: str, heading: frozenset[str], spoken_of: tuple[str, ...], year: int | None
) -> Iterator[Category]:
    if _NAMED.search(clause) is None:
        if (unjudged := _SIDE_NOT_ASSESSABLE.match(clause)) is not None:
            yield Category("0", sides(f"borst {unjudged.group()}"), unjudged.group())
        return
    tokens = tokens_of(clause)
    found = _categories_among(clause, tokens)
    if not found:
        return
    made = [token for token in tokens if token.kind == "examination"]
    tokens = [token for token in tokens if token.kind != "examination"]
    if len({value_of(t, "")[0] for t in tokens if t.kind == "number"}) > _MOST_OF_A_REPORT:
        return  # the legend of the scale
    if _is_range(clause, tokens, found):
        whole = replace(found[0], end=found[1].end, value=found[1].text)
        tokens = [whole if t is found[0] else t for t in tokens if t is not found[1]]
        found = [whole]
    bound = _bound(clause, tokens, found, heading, spoken_of)
    edges = [0, *(edge for token in found for edge in (token.start, token.end)), len(clause)]
    for number, token in enumerate(found):
        before, after = (
            clause[edges[2 * number] : token.start],
            clause[token.end : edges[2 * number + 3]],
        )
        label = label_before(tokens, token)
        ahead = clause[edges[2 * number] : label.start if label else token.start]
        if _is_history(clause, tokens, token, ahead, before, after, year) or _DENIED.search(ahead):
            continue
        if _DENIED_AFTER.search(after) or _RULE.search(ahead):
            continue
        named, overall = bound[number]
        value = value_of(token, after)
        by = " ".join(t.text for t in made if token.start - len(before) <= t.start < token.start)
        part = f"{by} {before.rpartition(',')[2]} {token.text} {after.partition(',')[0]}"
        yield Category(
            value,
            named,
            part,
            overall,
            bool(_WAS.search(before)) and not _has(tokens, "now", before, token),
        )


def _is_range(clause: str, tokens: list[Token], found: list[Token]) -> bool:
    """Whether two categories are one that is not quite clear ("BI-RADS 4/5"), and not those of two sides."""
    return (
        len(found) == 2
        and all(token.kind == "number" for token in found)
        and clause[found[0].end : found[1].start].strip() == "/"
        and not _in_named_order(clause, tokens, found, ())
        and not (_beside(clause, tokens, found[0], 1) or _beside(clause, tokens, found[1], -1))
        and not (_beside(clause, tokens, found[0], -1) and _beside(clause, tokens, found[1], 1))
    )


def _categories_among(clause: str, tokens: list[Token]) -> list[Token]:
    """The numbers and the "not assessable" that are categories: those beside a label, a side, or another category."""
    found: list[Token] = []
    labelled = any(t.kind == "label" for t in tokens)
    for position, token in enumerate(tokens):
        if token.kind not in IS_CATEGORY:
            continue
        before = tokens[position - 1] if position else None
        behind = tokens[position + 1] if position + 1 < len(tokens) else None
        gap = clause[before.end : token.start] if before else ""
        if before and before.kind == "density":
            continue
        has_label = any(t.kind == "label" for t in tokens[:position])
        is_one = (
            before is not None
            and before.kind in ("label", *SIDES, "overall", "now", "respectively", "examination")
            and _BESIDE_LABEL.match(gap) is not None
            and (has_label or before.kind != "now" and labelled and token.kind == "number")
        )
        is_one = is_one or (
            before is not None
            and has_label
            and (before in found or before.kind in SIDES)
            and _BETWEEN_LISTED.match(gap.strip("() ")) is not None
        )
        is_one = is_one or (
            has_label
            and bool(found)
            and behind is not None
            and behind.kind in SIDES
            and _BEHIND_SIDE.match(clause[token.end : behind.start]) is not None
        )
        if is_one or token.kind == "unjudged":
            found.append(token)
    return found


def _bound(
    clause: str,
    tokens: list[Token],
    found: list[Token],
    heading: frozenset[str],
    spoken_of: tuple[str, ...],
) -> list[tuple[frozenset[str], bool]]:
    """(sides, overall) of each category."""
    if ordered := _in_named_order(clause, tokens, found, spoken_of):
        return [(frozenset((side,)), False) for side in ordered]
    ahead = [_beside(clause, tokens, token, -1) for token in found]
    behind = [_beside(clause, tokens, token, +1) for token in found]
    sided = [t for t in tokens if t.kind in SIDES]
    before_first = bool(sided) and sided[0].start < found[0].start
    number_ahead, number_behind = sum(map(bool, ahead)), sum(map(bool, behind))
    use_ahead = number_ahead > number_behind or number_ahead == number_behind and before_first
    first, second = (ahead, behind) if use_ahead else (behind, ahead)
    taken = {side for side in first if side}
    bound = []
    for number, token in enumerate(found):
        if is_overall(tokens, token):
            bound.append((_NOWHERE, True))
            continue
        near = first[number] or (second[number] if second[number] not in taken else None)
        named = frozenset(near.sides) if near else _further(clause, found, number, before_first)
        bound.append((named or heading, False))
    return bound


def _beside(clause: str, tokens: list[Token], token: Token, step: int) -> Token | None:
    """The side right before (-1) or right behind (+1) a category, with its label between them at most."""
    position = tokens.index(token) + step
    if step < 0 and position >= 0 and tokens[position].kind == "label":
        label = tokens[position]
        if not _BESIDE_LABEL.match(clause[label.end : token.start]):
            return None
        token, position = label, position - 1
    if not 0 <= position < len(tokens) or tokens[position].kind not in SIDES:
        return None
    side = tokens[position]
    if step < 0:
        return side if _BEFORE_SIDE.match(clause[side.end : token.start]) else None
    gap = SUBCATEGORY.sub("", clause[token.end : side.start].replace(")", " "))
    return side if _BEHIND_SIDE.match(gap) else None


def _further(clause: str, found: list[Token], number: int, before_first: bool) -> frozenset[str]:
    """The sides that are named further from a category, in the part of the clause that is its own."""
    begins = found[number - 1].end if number else 0
    ends = found[number + 1].start if number + 1 < len(found) else len(clause)
    before, after = clause[begins : found[number].start], clause[found[number].end : ends]
    if before_first:
        return sides(before.rpartition(":")[2], denied_too=True) or sides(before, denied_too=True)
    return sides(after.split(",")[0]) or sides(after)


def _in_named_order(
    clause: str, tokens: list[Token], found: list[Token], spoken_of: tuple[str, ...]
) -> tuple[str, ...]:
    """The sides of two categories that follow an order named before them: "links/rechts: 4/2", "rechts en links resp. 2 en 4b"."""
    between = clause[found[0].end : found[1].start] if len(found) == 2 else ":"
    for label in (t for t in tokens if t.kind == "label"):
        between = between.replace(label.text, " ")
    if not _BETWEEN_LISTED.match(between):
        return ()
    sided = [t for t in tokens if t.kind in SIDES]
    if len(sided) > 1 and all(t.start > found[1].start for t in sided):
        behind = tuple(t.kind for t in sided)
        listed = any(t.kind == "respectively" for t in tokens)
        return behind if listed and sorted(behind) == ["left", "right"] else ()
    if any(t.start > found[0].start for t in sided):
        return ()
    if len(sided) == 1 and sided[0].kind == "pair":
        return sided[0].sides
    order = tuple(dict.fromkeys(s for t in sided for s in t.sides if t.kind in ("left", "right")))
    respectively = any(t.kind == "respectively" for t in tokens)
    if respectively and not sided:
        order = spoken_of
    return order if len(order) == 2 and (respectively or len(sided) == 2) else ()


def _has(tokens: list[Token], kind: str, before: str, token: Token) -> bool:
    return any(
        t.kind == kind and token.start - len(before) <= t.start < token.start for t in tokens
    )


def _is_history(
    clause: str,
    tokens: list[Token],
    token: Token,
    ahead: str,
    before: str,
    after: str,
    year: int | None,
) -> bool:
    """Whether a category is of an earlier examination: by its year, or by words like "vorig" and "toen"."""
    if _is_before(_YEAR.search(after), year) or _THEN_AFTER.search(after):
        return True
    if _has(tokens, "now", before, token):
        return False
    if _FROM.search(ahead) and _INTO.match(after):
        return True
    return (
        is_past(clause, ahead)
        or _THEN_WORD.search(ahead) is not None
        or _is_before(_THEN.search(ahead), year)
    )


def _is_before(found: re.Match[str] | None, year: int | None) -> bool:
    """Whether a year was found that lies before the examination's own."""
    return found is not None and (
        year is None or int(next(group for group in found.groups() if group)) < year
    )


def asks_for_category(text: str) -> bool:
    """Whether the words of a question ask for a BI-RADS category."""
    return _NAMED.search(fold(text)) is not None


def bare_category(text: str) -> str:
    """The category that an answer consists of ("2", "IVb", "category 3"); "" when it is anything else."""
    match = _BARE.fullmatch(fold(text).strip())
    return figure(match[1]) if match else ""
