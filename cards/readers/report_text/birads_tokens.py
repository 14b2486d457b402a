"""The tokens of which a BI-RADS statement is made: label, category, side, pair of sides, examination, and the words between them."""

import re
from dataclasses import dataclass, replace

_ROMAN = {"i": "1", "ii": "2", "iii": "3", "iv": "4", "v": "5", "vi": "6"}
NUMBER = r"(?:[0-6]|vi|iv|v|iii|ii|i)(?:[\s\-]?[abc])?"
# What stands behind a number that is no category: a size, a time, a percentage, the rest of a date.
_NO_CATEGORY = r"(?![a-z])(?![\w\-]{0,20}\d)(?!\.[a-z\d])(?!\s?(?:%|mm|cm|ml|uur|jaar|jr|maand|week|weken|dagen|x|keer|laesie|cyste)\w*)"
# What could not be judged has no category: it is incomplete, as category 0 is.
NOT_ASSESSABLE = (
    r"(?:niet|slecht|onvoldoende|not) (?:goed )?(?:te )?(?:beoordel\w*|beoordeelbaar|classificer\w*|interpreteer\w*|interpretabel|"
    r"assessable|assessed|evaluable|interpretable)|onbeoordeelbaar|n\.?t\.?b\b|non-?diagnostic"
)
LEFT = r"links\w*|linke\w*|left|sinistra|sinister|li|lt|l"
RIGHT = r"rechts\w*|rechte\w*|right|dextra|dexter|re|rt|r"
BOTH = r"beiderzijds|beide|bdz|bds|bilatera\w*|dubbelzijdig\w*|both"
EXAMINATION = r"mammogra\w*|mammo|mx|mg|echo\w*|us|ultrasound|mri|mr"
_TOKENS = re.compile(
    r"(?P<label>(?<![a-z])bi\s?-?\s?rads?(?:tm)?(?![a-z])|(?<![a-z])br(?=\s?[0-6](?![\d.,]))|(?<![a-z])birads?(?=[\dlr]))"
    r"|(?P<density>(?<![a-z])acr\s?(?:[a-d](?![a-z])|[1-4]\b(?!\s*birads))|densiteit\s?(?:acr\s?)?[a-d1-4]\b)"
    rf"|(?P<pair>(?<![a-z])(?:(?:{LEFT})\s?[/&+]\s?(?:{RIGHT})|(?:{RIGHT})\s?[/&+]\s?(?:{LEFT}))(?![a-z]))"
    rf"|(?P<both>(?<![a-z])(?:{BOTH})(?![a-z]))"
    rf"|(?P<left>(?<![a-z\d])(?:{LEFT})(?![a-z]))|(?P<right>(?<![a-z\d])(?:{RIGHT})(?![a-z]))"
    r"|(?P<overall>(?<![a-z])(?:overall|totale?|totaal\w*|hoogste|highest)(?![a-z]))"
    rf"|(?P<examination>(?<![a-z])(?:{EXAMINATION})(?![a-z]))"
    rf"|(?P<unjudged>(?<![a-z])(?:{NOT_ASSESSABLE})(?![a-z]))"
    r"|(?P<respectively>(?<![a-z])(?:respectievelijk|resp|respectively)(?![a-z]))"
    r"|(?P<now>(?<![a-z])(?:nu|thans|momenteel|nieuwe?|toegenomen|now|currently|today|heden|new|increased)(?![a-z]))"
    rf"|(?P<number>(?:(?<![\w.,])|(?<=br)|(?<=rads)|(?<=rad)|(?<=\b[lr])){NUMBER}(?:\s?(?:-|a|tot|t/m)\s?(?={NUMBER}(?![\w]))(?P<upper>{NUMBER}))?{_NO_CATEGORY})"
)
SUBCATEGORY = re.compile(r"^\s*\(?(?:sub-?)?categor\w*\s*:?\s*([abc])(?![a-z])")
_TOGETHER = re.compile(r"^\s*(?:en|and|&|\+)\s*$")
_SIDE_WORD = rf"(?:{LEFT}|{RIGHT}|{BOTH})"
ITS_CATEGORY = rf"(?:{NUMBER}(?![\w])|{NOT_ASSESSABLE})"
ITS_SIDE = rf"(?:mamma\s|borst\s)?\(?{_SIDE_WORD}\.?(?:\s(?:mamma|borst|breast))?\)?\s*[:=]?\s*"


@dataclass(frozen=True)
class Token:
    """A piece of a clause that means something here."""

    kind: str
    text: str
    start: int
    end: int
    value: str = ""

    @property
    def sides(self) -> tuple[str, ...]:
        """The sides that it names, in their order."""
        if self.kind == "both":
            return ("left", "right")
        if self.kind == "pair":
            return ("left", "right") if self.text[0] == "l" else ("right", "left")
        return (self.kind,)


SIDES = ("left", "right", "both", "pair")
IS_CATEGORY = ("number", "unjudged")


def tokens_of(clause: str) -> list[Token]:
    """The tokens of a folded clause; two sides that stand together ("links en rechts") are one pair, in their order."""
    paired: list[Token] = []
    for token in map(_token, _TOKENS.finditer(clause)):
        before = paired[-1] if paired else None
        if (
            before is not None
            and {before.kind, token.kind} == {"left", "right"}
            and _TOGETHER.match(clause[before.end : token.start])
        ):
            paired[-1] = replace(before, kind="pair", end=token.end)
        else:
            paired.append(token)
    return paired


def _token(match: re.Match[str]) -> Token:
    kind = next(name for name in match.groupdict() if name != "upper" and match[name] is not None)
    return Token(kind, match.group(), match.start(), match.end(), match["upper"] or "")


def value_of(token: Token, after: str) -> str:
    """A category in figures, with its letter. Of "4-5" the lower holds, being enough for what follows from it; of "2-3" the upper."""
    if token.kind == "unjudged":
        return "0"
    number = token.text.removesuffix(token.value) if token.value else token.text
    lower = figure(re.sub(r"(?:-|a|tot|t/m)\s?$", "", number.strip()) if token.value else number)
    upper = figure(token.value) if token.value else ""
    if upper and upper[0] > lower[0]:
        return lower if lower[0] >= "4" else upper
    letter = SUBCATEGORY.match(after)
    return lower + letter[1] if letter and lower[-1].isdigit() else lower


def figure(number: str) -> str:
    """A category in figures: "iv b" is 4b."""
    written = re.sub(r"[\s\-]", "", number)
    letter = written[-1] if written[-1] in "abc" else ""
    number_written = written.removesuffix(letter)
    return _ROMAN.get(number_written, number_written) + letter


def is_overall(tokens: list[Token], token: Token) -> bool:
    """Whether a category is called the overall one ("overall BI-RADS 4", "4 BI-RADS overall"), and is that of no side."""
    position = tokens.index(token) - 1
    while position >= 0 and tokens[position].kind == "label":
        position -= 1
    return (
        position >= 0
        and tokens[position].kind == "overall"
        or (
            position + 1 < len(tokens)
            and tokens[position + 1].kind == "label"
            and position + 2 < len(tokens)
            and tokens[position + 2].kind == "overall"
        )
    )


def label_before(tokens: list[Token], token: Token) -> Token | None:
    """The label right before a category; None where another token stands between, or none."""
    position = tokens.index(token) - 1
    return tokens[position] if position >= 0 and tokens[position].kind == "label" else None
