"""Careful reading of short clinical texts in Dutch and English: terms, negation, doubt, history, side.

A text may *match*; what is read here is marked "read from text" all the way to the card. The rules are few and
visible; where a text is ambiguous the answer is "uncertain", never a guess.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

MAX_LENGTH = 20_000  # characters of one text that are read
_DASHES = {ord(dash): "-" for dash in "\u2010\u2011\u2012\u2013\u2014"}
_GAP = r"[\s\-/]+"
# A clause ends at a full stop followed by a space, at ; and line ends, and where the sentence turns ("maar", "but").
# The stop of an abbreviated side ("re. borst") ends nothing.
_CLAUSE_END = re.compile(r"(?:(?<!^re)(?<!\sli)(?<!^li)(?<!\sre)(?<!\slt)(?<!^lt)(?<!\srt)(?<!^rt)(?<!\s[lr])(?<!^[lr])\.(?=\s|$))|[;\n\r!]|(?<![a-z])(?:maar|echter|but|however)(?![a-z])")
# These deny everything that follows in their clause ...
_DENIES_AHEAD = re.compile(
    r"(?<![a-z])(?:geen|zonder|noch|nooit|ontkent|no|without|denies|denied|never|negative for|negatief voor|"
    r"geen aanwijzing\w* voor|geen tekenen van|no evidence of|no sign of|absence of|afwezigheid van)(?![a-z])(?! bezwaar)"
)
# ... until one of these takes it back.
_AFFIRMS = re.compile(r"(?<![a-z])(?:wel|met|with|behalve|except)(?![a-z])|,\s*(?:links|rechts|linker\w*|rechter\w*|left|right)(?![a-z])")
# These deny only the word that follows at once ("niet spontaan"), or the one just before ("tepelvloed: nee").
_DENIES_NEXT = re.compile(r"(?<![a-z])(?:niet|not|non)[\s\-]+$")
_DENIES_BEFORE = re.compile(
    r"^\s*(?:links|rechts|left|right)?\s*[:=]?\s*(?:afwezig|absent|nee|no|geen|negatief|negative|ontkend|denied|uitgesloten|excluded|"
    r"niet aanwezig|niet gezien|niet vastgesteld|not present|not seen)(?![a-z])"
)
_DOUBT = re.compile(
    r"(?<![a-z])(?:mogelijk\w*|misschien|waarschijnlijk\w*|verdacht\w*|verdenking|vermoed\w*|vermoeden|differentiaal\w*|dd|cave|"
    r"possibl[ey]|probabl[ey]|suspect\w*|suspicion|questionable|query|uitsluiten|rule out|r/o|"
    r"niet uit te sluiten|niet uitgesloten|cannot be excluded|not excluded)(?![a-z])|\?"
)
_PAST = re.compile(
    r"(?<![a-z])(?:vorig\w*|eerder\w*|voorheen|destijds|voorgeschiedenis|vg|status na|previous\w*|prior|formerly|history of|hx|"
    r"in het verleden|bekend met|tot \d{4}|vergeleken|vergelijking|comparison|compared|"
    # ... or of somebody else in the family.
    r"famil\w*|moeder|zus|zuster|tante|oma|grootmoeder|dochter|mother|sister|aunt|grandmother|daughter)(?![a-z])"
)
_BREAST = r"(?:borst|mamma|tepel|breast|nipple|brust)"
_LEFT = re.compile(rf"(?<![a-z])(?:links\w*|linke\w*|left|li|lt|l(?=\.?\s+{_BREAST})|(?<=mamma )l|(?<=borst )l|(?<=tepel )l)(?![a-z])")
_RIGHT = re.compile(rf"(?<![a-z])(?:rechts\w*|rechte\w*|right|rt|re?(?=\.?\s+{_BREAST})|(?<=mamma )re?|(?<=borst )re?|(?<=tepel )re?)(?![a-z])")
_BOTH = re.compile(r"(?<![a-z])(?:beiderzijds|beide (?:borsten|mammae|zijden|kanten|tepels)|bilatera\w*|dubbelzijdig\w*|beidseit\w*|bdz|bds|both (?:breasts|sides))(?![a-z])")


# A part that denies something says nothing of the side of what is there; "niet-bloederig" denies no more than a colour.
_DENIAL = re.compile(r"(?<![a-z])(?:geen|zonder|no|without)(?![a-z])|(?<![a-z])(?:links|rechts|left|right)\s+(?:niet|not)(?![a-z])|(?<![a-z])(?:niet|not)\s+(?:links|rechts|left|right)(?![a-z])")


def fold(text: str) -> str:
    """Lower case without accents, at most MAX_LENGTH characters, so that "één" and "een" read alike."""
    if text.isascii():
        return text[:MAX_LENGTH].lower()
    plain = unicodedata.normalize("NFKD", text[:MAX_LENGTH]).casefold().translate(_DASHES)
    return "".join(letter for letter in plain if not unicodedata.combining(letter))


class Term:
    """Words to look for: `*` inside a word stands for letters, `*` alone for at most three words.

    "tepel*vloed" finds tepelvloed and tepeluitvloed; "vloed * tepel" finds "vloed uit de rechter tepel".
    Raises ValueError for an empty term.
    """

    def __init__(self, words: str):
        parts = fold(words).split()
        if not parts or all(part == "*" for part in parts):
            raise ValueError("an empty term would match every text")
        pattern, between = "", ""
        for part in parts:
            if part == "*":
                pattern += _GAP + r"(?:[a-z0-9]+[\s\-/]+){0,3}?"
                between = ""
            else:
                pattern += between + re.escape(part).replace(r"\*", "[a-z0-9]*")
                between = _GAP
        self.words = words
        self.pattern = re.compile(rf"(?<![a-z0-9]){pattern}(?![a-z0-9])")

    def __repr__(self) -> str:
        return f"Term({self.words!r})"


@dataclass(frozen=True)
class Statement:
    """A term said in a text, with what its clause does to it. `past`: of an earlier time, or of a relative."""

    words: str
    clause: str
    negated: bool
    uncertain: bool
    past: bool


def clauses(text: str) -> tuple[str, ...]:
    """The folded clauses of a text."""
    return tuple(part.strip() for part in _CLAUSE_END.split(fold(text)) if part and part.strip())


def said(text: str, term: Term) -> Iterator[Statement]:
    """Every place where a text says the term."""
    for clause in clauses(text):
        for match in term.pattern.finditer(clause):
            before, after = clause[: match.start()], clause[match.end() :]
            uncertain = _DOUBT.search(clause) is not None
            negated = not uncertain and _is_denied(before, after)
            yield Statement(match.group(), clause, negated, uncertain, _PAST.search(before) is not None)


def is_past(clause: str) -> bool:
    """Whether a clause speaks of an earlier time ("vorig onderzoek", "history of")."""
    return _PAST.search(clause) is not None


def _is_denied(before: str, after: str) -> bool:
    last_denial = None
    for last_denial in _DENIES_AHEAD.finditer(before):
        pass
    if last_denial is not None and _AFFIRMS.search(before, last_denial.end()) is None:
        return True
    return _DENIES_NEXT.search(before) is not None or _DENIES_BEFORE.search(after) is not None


def sides(text: str, *, denied_too: bool = False) -> frozenset[str]:
    """The sides that a text names: a subset of {"left", "right"}; both for "beiderzijds".

    Parts that deny something are passed over ("tepelvloed links, rechts niet") unless `denied_too`.
    """
    found: set[str] = set()
    for part in (part for clause in clauses(text) for part in clause.split(",")):
        if _DENIAL.search(part) and not denied_too:
            continue
        if _BOTH.search(part):
            return frozenset(("left", "right"))
        found |= {side for side, pattern in (("left", _LEFT), ("right", _RIGHT)) if pattern.search(part)}
    return frozenset(found)
