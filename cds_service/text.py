"""Careful reading of short clinical texts in Dutch and English: terms, negation, doubt, history, side.

A text may *match*; what is read here is marked "read from text" all the way to the card. The rules are few and
visible; where a text is ambiguous the answer is "uncertain", never a guess.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

_NEAR = 300  # characters on either side of a term that are looked at
MAX_LENGTH = 20_000  # characters of one text that are read
_DASHES = {ord(dash): "-" for dash in "\u2010\u2011\u2012\u2013\u2014"}
_GAP = r"(?:[\s\-/]+|[,:]\s*)"
# A clause ends at a full stop followed by a space, at ; and line ends, and where the sentence turns ("maar", "but").
_CLAUSE_END = re.compile(r"(?:\.(?=\s|$))|(?<=\?)(?=\s|$)|[;\n\r!]|(?<![a-z])(?:maar|echter|but|however)(?![a-z])")
# The stop of an abbreviation ("re. borst", "cat. 4") ends nothing.
_ABBREVIATION = re.compile(r"(?<![a-z])(re|li|lt|rt|l|r|cat)\.\s+(?=borst|mamma|tepel|breast|nipple|brust|\d)")
# These deny everything that follows in their clause ...
_DENIES_AHEAD = re.compile(
    r"(?<![a-z])(?:geen verdenking(?: op)?|no suspicion of|niet verdacht voor|geen|zonder|noch|neither|nor|nooit|ontkent|no|without|denies|denied|never|negative for|negatief voor|"
    r"geen aanwijzing\w* voor|geen tekenen van|no evidence of|no sign of|absence of|afwezigheid van)(?![a-z])(?! bezwaar)"
)
# ... until one of these takes it back.
_AFFIRMS = re.compile(r"(?<![a-z])(?:wel|met|with|behalve|except)(?![a-z])|,\s*(?:links|rechts|linker\w*|rechter\w*|left|right)(?![a-z])")
# These deny only the word that follows at once ("niet spontaan"), or the one just before ("tepelvloed: nee").
_DENIES_NEXT = re.compile(r"(?<![a-z])(?:niet|not|non)[\s\-]+(?:uit\s|via\s|from\s)?$")
# A denial of the doubt itself.
_CLEAR = re.compile(r"(?<![a-z])(?:geen verdenking|niet verdacht|no suspicion|not suspicious)(?![a-z])")
_DENIES_BEFORE = re.compile(
    r"^\s*(?:\(\s*-\s*\)|:?\s*-(?=\s*(?:[,)]|$)))|^\s*(?:links|rechts|left|right)?\s*[:=]?\s*(?:(?:werd|wordt|is|was|were|has been|have been)\s)?(?:afwezig|absent|nee|no|none|nil|neg|geen|negatief|negative|ontkend|denied|uitgesloten|excluded|"
    r"niet aanwezig|niet gezien|niet vastgesteld|niet aangetoond|niet gevonden|not present|not seen)(?![a-z])"
)
_OR = re.compile(r"(?<![a-z])(?:of|noch|or|nor)(?![a-z])")
# "Sereuze, geen bloederige tepeluitvloed": the noun belongs to the first adjective too.
_SHARED_NOUN = re.compile(r"^[a-z]+e,\s*(?:geen|niet|no|not)\s+[a-z]+\s+$")
_SHARED_NOUN_AHEAD = re.compile(r"^[a-z]+e,\s*(?:geen|niet|no|not)\s+[a-z]+\s+[a-z]")
_DOUBT = re.compile(
    r"(?<![a-z])(?:mogelijk\w*|misschien|waarschijnlijk\w*|verdacht\w*|verdenking|vermoed\w*|vermoeden|differentiaal\w*|dd|cave|"
    r"possibl[ey]|probabl[ey]|suspect\w*|suspicion|questionable|query|uitsluiten|rule out|r/o|"
    r"onduidelijk\w*|twijfel\w*|likely|suspicious|uitsluiting|"
    r"niet uit te sluiten|niet uitgesloten|niet worden uitgesloten|cannot exclude|cannot be excluded|not excluded)(?![a-z])|\?"
)
_PAST = re.compile(
    r"(?<![a-z])(?<!sinds )(?<!since )(?:vorig\w*|eerder\w*|voorheen|destijds|voorgeschiedenis|vg|status na|previous\w*|prior|formerly|history of|hx|"
    r"in het verleden|tot \d{4}|vergeleken|vergelijking|comparison|compared)(?![a-z])"
)
# Not this patient, or not (yet) so: a relative anywhere in the clause, or advice for when it would happen.
_ANSWER = re.compile(r"(?<![a-z])(?:conclusie|antwoord|impression|bi[\s\-]?rads)")
_CLINICAL_DATA = re.compile(r"^(?:klinische? (?:gegevens|informatie|vraag)|indicatie|vraagstelling|reden|anamnese|clinical|indication|reason)\b[^:]*:")
# A heading that puts its whole clause elsewhere in time; otherwise such a word reaches to the next comma.
_PAST_HEADING = re.compile(r"^(?:vergelijking|comparison|voorgeschiedenis|vg|history|vorig\w*(?: \w+)?|eerder(?: \w+)?|prior(?: \w+)?|previous(?: \w+)?)\s*:")
_ELSEWHERE_HEADING = re.compile(r"^(?:famil\w*|family[a-z ]*)\s*:")
# The words after a term that put it in the past.
_PAST_AFTER = re.compile(r"(?<![a-z])(?:in het verleden|(?:is |zijn )?(?:verdwenen|gestopt|opgehouden)|nu over|has resolved|resolved|(?:has )?stopped|no longer)(?![a-z])")
# Not this patient: a relative.
_ELSEWHERE = re.compile(r"(?<![a-z])(?:famil\w*|moeder|zus|zuster|tante|oma|grootmoeder|dochter|mother|sister|aunt|grandmother|daughter)(?![a-z])")
# Not (yet) so: advice for when it would happen.
_ADVICE = re.compile(
    r"(?<![a-z])(?:retour (?:bij|als|indien)|terug(?:komen)? (?:bij|als|indien)|contact (?:opnemen )?(?:bij|als|indien)|indien|mocht|"
    r"return if|return in case|come back if|contact us if|in case of|should)(?![a-z])|(?:terugkomen|contact opnemen)$"
)
_BREAST = r"(?:borst|mamma|tepel|breast|nipple|brust)"
_LEFT = re.compile(rf"(?<![a-z])(?:links\w*|linke\w*|left|li|lt|\(l\)|l(?=\.?\s+{_BREAST}|\s*:|$)|(?<=mamma )l|(?<=borst )l|(?<=tepel )l)(?![a-z])")
_RIGHT = re.compile(
    rf"(?<![a-z])(?:rechts\w*|rechte\w*|right|rt|re(?![\w-])|\(r\)|r(?=\.?\s+{_BREAST}|\s*:|$)|(?<=mamma )r|(?<=borst )r|(?<=tepel )r)(?![a-z])"
)
_BOTH = re.compile(r"(?<![a-z])(?:beiderzijds|beide (?:borsten|mammae|zijden|kanten|tepels)|bilatera\w*|dubbelzijdig\w*|beidseit\w*|bdz|bds|l\s?[+/&>]\s?r|r\s?[+/&>]\s?l|li\s?[+/&>]\s?re|re\s?[+/&>]\s?li|both (?:breasts|sides))(?![a-z])")


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
                pattern += between + re.escape(part).replace(r"\*", r"[a-z0-9\-]*")
                between = _GAP
        self.words = words
        self.pattern = re.compile(rf"(?<![a-z0-9]){pattern}(?![a-z0-9])")

    def __repr__(self) -> str:
        return f"Term({self.words!r})"


@dataclass(frozen=True)
class Statement:
    """A term said in a text, with what its clause does to it. `past`: of an earlier time."""

    words: str
    clause: str
    negated: bool
    uncertain: bool
    past: bool


def clauses(text: str) -> tuple[str, ...]:
    """The folded clauses of a text."""
    return tuple(part.strip() for part in _CLAUSE_END.split(_ABBREVIATION.sub(r"\1 ", fold(text))) if part and part.strip())


def findings(text: str) -> tuple[str, ...]:
    """The clauses of a report without its clinical data and its question, which tell of before."""
    kept = []
    for clause in clauses(text):
        answer = _ANSWER.search(clause)
        if _CLINICAL_DATA.search(clause) and answer is None:
            continue
        kept.append(clause[answer.start() :] if answer and _CLINICAL_DATA.search(clause) else clause)
    return tuple(kept)


def said(text: str, term: Term) -> Iterator[Statement]:
    """Every place where a text says the term of this patient; of a relative, or as advice for when it happens, is not said."""
    for clause in clauses(text):
        for match in term.pattern.finditer(clause):
            # Only what stands near can deny or date it; a bound keeps long texts linear.
            before, after = clause[max(0, match.start() - _NEAR) : match.start()], clause[match.end() : match.end() + _NEAR]
            near = before.rpartition(",")[2] + match.group() + after.partition(",")[0]
            if _ELSEWHERE.search(near) or _ELSEWHERE_HEADING.search(clause):
                continue
            uncertain = _ADVICE.search(near) is not None or _DOUBT.search(near) is not None and _CLEAR.search(near) is None
            past = is_past(clause, before) or _PAST_AFTER.search(after) is not None
            yield Statement(match.group(), clause, not uncertain and _is_denied(before, after), uncertain, past)


def is_past(clause: str, before: str) -> bool:
    """Whether what follows `before` in a clause is told of an earlier time ("vorig onderzoek", "history of")."""
    return _PAST.search(re.split("[,:]", before)[-1]) is not None or _PAST_HEADING.search(clause) is not None


def _is_denied(before: str, after: str) -> bool:
    """Whether a denial reaches a term. It ends at a comma, but not inside an enumeration ("geen knobbel, roodheid of vocht")."""
    last_denial = None
    for last_denial in _DENIES_AHEAD.finditer(before):
        pass
    if last_denial is not None and not _SHARED_NOUN.search(before):
        between = before[last_denial.end() :]
        # A bare word after the comma goes on enumerating; a phrase of its own ("sinds kort bloederige ...") does not.
        bare = not between.rpartition(",")[2].strip()
        enumerated = "," not in between or bare or _OR.search(between[between.index(",") :] + " " + after.split(",")[0])
        if enumerated and _AFFIRMS.search(between) is None:
            return True
    return _DENIES_NEXT.search(before) is not None or _DENIES_BEFORE.search(after) is not None


def sides(text: str, *, denied_too: bool = False) -> frozenset[str]:
    """The sides that a text names: a subset of {"left", "right"}; both for "beiderzijds".

    What is denied is passed over ("tepelvloed links, rechts niet") unless `denied_too`; what is told of the past ("eerder
    links") counts only where nothing else is told.
    """
    found: set[str] = set()
    of_then: set[str] = set()
    for clause in clauses(text):
        shared_noun = _SHARED_NOUN_AHEAD.search(clause)
        for part in clause.split(","):
            if not denied_too:
                part = part if shared_noun else _affirmed(part)
            named = {"left", "right"} if _BOTH.search(part) else {side for side, p in (("left", _LEFT), ("right", _RIGHT)) if p.search(part)}
            is_past_part = not denied_too and _PAST.search(part) is not None and not _PAST_HEADING.search(clause)
            (of_then if is_past_part else found).update(named)
    return frozenset(found or of_then)


def _affirmed(part: str) -> str:
    """What a part of a sentence leaves when the denied rest is taken away ("links, zonder knobbel" keeps its side)."""
    part = re.sub(r"\([^)]*\)", " ", part) if _DENIAL.search(part) else part
    denial = _DENIAL.search(part)
    if denial is None:
        return part
    kept = part[: denial.start()]
    if not re.match(r"zonder|without", denial.group()):  # "rechts geen", but "links zonder knobbel"
        kept = re.sub(r"(?:links|rechts|left|right)\s*:?\s*$", "", kept)
    taken_back = _AFFIRMS.search(part, denial.end())
    return kept + (" " + part[taken_back.end() :] if taken_back else "")
