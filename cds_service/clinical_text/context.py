"""Careful reading of short clinical texts in Dutch and English: terms, negation, doubt, history, side.

A text may *match*; what is read here is marked "read from text" all the way to the card. The rules are few and
visible; where a text is ambiguous the answer is "uncertain", never a guess.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from cds_service.clinical_text import rules as cues
from cds_service.clinical_text.folding import fold
from cds_service.clinical_text.terms import Term

_NEAR = 300  # characters on either side of a term that are looked at


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
    return tuple(
        part.strip() for part in cues.CLAUSE_END.split(fold(text)) if part and part.strip()
    )


def findings(text: str) -> tuple[str, ...]:
    """The clauses of a report without its clinical data and its question, which tell of before."""
    kept = []
    for clause in clauses(text):
        answer = cues.ANSWER.search(clause)
        if cues.CLINICAL_DATA.search(clause) and (answer is None or clause.endswith("?")):
            continue
        kept.append(
            clause[answer.start() :] if answer and cues.CLINICAL_DATA.search(clause) else clause
        )
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
            before, after = (
                clause[max(0, match.start() - _NEAR) : match.start()],
                clause[match.end() : match.end() + _NEAR],
            )
            near = before.rpartition(",")[2] + match.group() + after.partition(",")[0]
            if cues.RELATIVE.search(near) or cues.RELATIVE_HEADING.search(clause):
                continue
            advised = cues.ADVICE.search(near) or cues.ADVICE_BEHIND.search(near)
            doubted = ("?" in near or cues.DOUBT.search(near)) and not cues.CLEAR.search(near)
            uncertain = bool(advised or doubted)
            behind = any(
                cue.search(after) for cue in (cues.PAST_AFTER, cues.NO_MORE, cues.DONE_ALREADY)
            ) or cues.IN_HISTORY.search(after.partition(",")[0])
            past = is_past(clause, before) or bool(behind)
            yield Statement(
                match.group(), clause, not uncertain and _is_denied(before, after), uncertain, past
            )


def is_past(clause: str, before: str) -> bool:
    """Whether what follows `before` in a clause is told of an earlier time ("vorig onderzoek", "history of")."""
    near = re.split("[,:]", before)[-1]
    return (
        any(cue.search(near) for cue in (cues.PAST, cues.UNTIL_YEAR))
        or cues.PAST_HEADING.search(clause) is not None
    )


def _is_denied(before: str, after: str) -> bool:
    """Whether a denial reaches a term. It ends at a comma, but not inside an enumeration ("geen knobbel, roodheid of vocht")."""
    denials = list(cues.DENIES_AHEAD.finditer(before))
    if denials and not cues.SHARED_NOUN.search(before):
        between = before[denials[-1].end() :]
        # A bare word after the comma goes on enumerating; a phrase of its own ("sinds kort bloederige ...") does not.
        bare = not between.rpartition(",")[2].strip()
        enumerated = (
            "," not in between
            or bare
            or cues.ENUMERATES.search(between[between.index(",") :] + " " + after.split(",")[0])
        )
        if enumerated and cues.AFFIRMS.search(between) is None:
            return True
    return cues.DENIES_NEXT.search(before) is not None or any(
        cue.search(after)
        for cue in (
            cues.DENIES_BEFORE,
            cues.DENIES_WITH_PLACE,
            cues.DENIES_OVER_LIST,
            cues.NOT_DONE,
            cues.MINUS,
        )
    )


def is_to_follow(behind: str) -> bool:
    """Whether the words behind an examination say that it is still to come, or was not made ("MRI" in "MRI mamma volgt")."""
    return cues.TO_FOLLOW.search(behind) is not None


def was_not_done(behind: str) -> bool:
    """Whether the words right behind an examination or a treatment say that it did not take place."""
    return cues.NOT_DONE.search(behind) is not None
