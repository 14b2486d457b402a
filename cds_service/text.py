"""Careful reading of short clinical texts in Dutch and English: terms, negation, doubt, history, side.

A text may *match*; what is read here is marked "read from text" all the way to the card. The rules are few and
visible; where a text is ambiguous the answer is "uncertain", never a guess.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from cds_service import cues
from cds_service.folding import fold

_NEAR = 300  # characters on either side of a term that are looked at
_REST = r"[a-z0-9\-]{0,60}"  # what `*` stands for inside a word; the bound keeps endless words linear
_GAP = r"(?:[\s\-/]+|[,:]\s*)"  # what may stand between two words of a term


class Term:
    """Words to look for: `*` inside a word stands for letters, `*` alone for at most three words.

    "tepel*vloed" finds tepelvloed and tepeluitvloed; "vloed * tepel" finds "vloed uit de rechter tepel". An apostrophe may be
    left out, or be a space.
    Raises ValueError for an empty term.
    """

    def __init__(self, words: str):
        parts, pieces = fold(words).split(), re.findall(r"[a-z0-9]+", fold(words))
        if not pieces:
            raise ValueError("an empty term would match every text")
        pattern, between = "", ""  # without what must not stand beside it
        for part in parts:
            if part == "*":
                pattern += _GAP + r"(?:[a-z0-9]{1,60}[\s\-/]{1,9}){0,3}?"
                between = ""
            else:
                pattern += between + re.escape(part).replace(r"\*", _REST).replace("'", r"\s?['\-]?\s?")
                between = _GAP
        self.words = words
        # Runs of letters that stand in every text that says the term, the longest first: cheap looks before the pattern.
        self.pieces = tuple(sorted(pieces, key=len, reverse=True))
        self.piece = self.pieces[0]
        self._bare = pattern
        self.pattern = _whole_words(pattern)

    def stands_in(self, folded: str) -> bool:
        """Whether a folded text holds the term, said or denied."""
        for piece in self.pieces:
            if piece not in folded:
                return False
        return self.pattern.search(folded) is not None

    def __repr__(self) -> str:
        return f"Term({self.words!r})"

    @staticmethod
    def any_of(terms: Iterable["Term"]) -> re.Pattern | None:
        """One look that finds what any of some terms finds, the first of them before the others; None where there are none.

        What must not stand beside a term is looked at once for all of them: the same is found in a twentieth of the time.
        """
        bare = "|".join(dict.fromkeys(term._bare for term in terms))
        return _whole_words(f"(?:{bare})") if bare else None


@lru_cache(maxsize=None)
def _whole_words(pattern: str) -> re.Pattern:
    """Compiled, with no letter or digit beside it. Many terms stand in several value sets."""
    return re.compile(rf"(?<![a-z0-9]){pattern}(?![a-z0-9])")


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
    return tuple(part.strip() for part in cues.CLAUSE_END.split(fold(text)) if part and part.strip())


def findings(text: str) -> tuple[str, ...]:
    """The clauses of a report without its clinical data and its question, which tell of before."""
    kept = []
    for clause in clauses(text):
        answer = cues.ANSWER.search(clause)
        if cues.CLINICAL_DATA.search(clause) and (answer is None or clause.endswith("?")):
            continue
        kept.append(clause[answer.start() :] if answer and cues.CLINICAL_DATA.search(clause) else clause)
    return tuple(kept)


def said(text: str, term: Term) -> Iterator[Statement]:
    """Every place where a text says the term of this patient. What is told of a relative is passed over; advice for when it
    would happen is uncertain."""
    return said_in(clauses(text), term)


def said_in(parts: Iterable[str], term: Term) -> Iterator[Statement]:
    """The same of the clauses of a text, for who looks for several terms in it."""
    for clause in parts:
        for match in term.pattern.finditer(clause):
            # Only what stands near can deny or date it; a bound keeps long texts linear.
            before, after = clause[max(0, match.start() - _NEAR) : match.start()], clause[match.end() : match.end() + _NEAR]
            near = before.rpartition(",")[2] + match.group() + after.partition(",")[0]
            if cues.RELATIVE.search(near) or cues.RELATIVE_HEADING.search(clause):
                continue
            advised = cues.ADVICE.search(near) or cues.ADVICE_BEHIND.search(near)
            doubted = ("?" in near or cues.DOUBT.search(near)) and not cues.CLEAR.search(near)
            uncertain = bool(advised or doubted)
            behind = any(cue.search(after) for cue in (cues.PAST_AFTER, cues.NO_MORE, cues.DONE_ALREADY)) or cues.IN_HISTORY.search(after.partition(",")[0])
            past = is_past(clause, before) or bool(behind)
            yield Statement(match.group(), clause, not uncertain and _is_denied(before, after), uncertain, past)


def is_past(clause: str, before: str) -> bool:
    """Whether what follows `before` in a clause is told of an earlier time ("vorig onderzoek", "history of")."""
    near = re.split("[,:]", before)[-1]
    return any(cue.search(near) for cue in (cues.PAST, cues.UNTIL_YEAR)) or cues.PAST_HEADING.search(clause) is not None


def _is_denied(before: str, after: str) -> bool:
    """Whether a denial reaches a term. It ends at a comma, but not inside an enumeration ("geen knobbel, roodheid of vocht")."""
    last_denial = None
    for last_denial in cues.DENIES_AHEAD.finditer(before):
        pass
    if last_denial is not None and not cues.SHARED_NOUN.search(before):
        between = before[last_denial.end() :]
        # A bare word after the comma goes on enumerating; a phrase of its own ("sinds kort bloederige ...") does not.
        bare = not between.rpartition(",")[2].strip()
        enumerated = "," not in between or bare or cues.ENUMERATES.search(between[between.index(",") :] + " " + after.split(",")[0])
        if enumerated and cues.AFFIRMS.search(between) is None:
            return True
    return cues.DENIES_NEXT.search(before) is not None or any(cue.search(after) for cue in (cues.DENIES_BEFORE, cues.DENIES_WITH_PLACE, cues.DENIES_OVER_LIST, cues.NOT_DONE, cues.MINUS))


def is_to_follow(behind: str) -> bool:
    """Whether the words behind an examination say that it is still to come, or was not made ("MRI" in "MRI mamma volgt")."""
    return cues.TO_FOLLOW.search(behind) is not None


def was_not_done(behind: str) -> bool:
    """Whether the words right behind an examination or a treatment say that it did not take place."""
    return cues.NOT_DONE.search(behind) is not None


def sides(text: str, *, denied_too: bool = False) -> frozenset[str]:
    """The sides that a text names: a subset of {"left", "right"}; both for "beiderzijds".

    What is denied is passed over ("tepelvloed links, rechts niet") unless `denied_too`; what is told of the past ("eerder
    links") and a side that is called normal ("rechts droog") count only where nothing else is told.
    """
    found: set[str] = set()
    beside: set[str] = set()
    for clause in clauses(text):
        shared_noun = cues.SHARED_NOUN_AHEAD.search(clause)
        for part in clause.split(","):
            if not denied_too:
                part = part if shared_noun else _affirmed(part)
                beside |= _named(part)
                part = "" if cues.PAST.search(part) and not cues.PAST_HEADING.search(clause) else cues.NORMAL_SIDE.sub(" ", part)
            found |= _named(part)
    return frozenset(found or beside)


def _named(part: str) -> set[str]:
    if cues.BOTH.search(part):
        return {"left", "right"}
    return {side for side, cue in (("left", cues.LEFT), ("right", cues.RIGHT)) if cue.search(part)}


def _affirmed(part: str) -> str:
    """What a part of a sentence leaves when the denied rest is taken away ("links, zonder knobbel" keeps its side)."""
    part = re.sub(r"\([^)]*\)", " ", part) if cues.DENIES_SIDE.search(part) else part
    denial = cues.DENIES_SIDE.search(part)
    if denial is None:
        return part
    kept = part[: denial.start()]
    if not re.match(r"zonder|without", denial.group()):  # "rechts geen", but "links zonder knobbel"
        kept = re.sub(r"(?:links|rechts|left|right)\s*:?\s*$", "", kept)
    taken_back = cues.AFFIRMS.search(part, denial.end())
    return kept + (" " + part[taken_back.end() :] if taken_back else "")
