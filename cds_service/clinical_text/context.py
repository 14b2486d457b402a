"""What a clause does to a term that stands in it: denies it, doubts it, dates it, plans it, or tells it of somebody else.

The frame is that of ConText (Harkema 2009): a mention has presence, temporality and an experiencer. A text may *match*; what is read
here is marked "read from text" all the way to the card. Where a text is ambiguous the answer is "uncertain", never a guess.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from functools import cache

from cds_service.clinical_text import patterns
from cds_service.clinical_text.folding import fold
from cds_service.clinical_text.languages import is_foreign
from cds_service.clinical_text.lexicon import Lexicon, places_of
from cds_service.clinical_text.memory import remembered
from cds_service.clinical_text.rules import ContextRules, rules
from cds_service.clinical_text.terms import Term
from cds_service.clinical_text.terms import term as term_of

_NEAR = 300  # characters on either side of a term that are looked at
_CLAUSES = 8192  # that are remembered while a request is answered


class Presence(Enum):
    """Whether a clause says that something is there (R4 of the catalogue: suspected and uncertain are two things)."""

    PRESENT = "present"
    SUSPECTED = "suspected"
    UNCERTAIN = "uncertain"
    ABSENT = "absent"


class Temporality(Enum):
    """Of when a clause speaks."""

    CURRENT = "current"
    HISTORICAL = "historical"
    PLANNED = "planned"


class Experiencer(Enum):
    """Of whom a clause speaks."""

    PATIENT = "patient"
    FAMILY = "family"


@dataclass(frozen=True)
class Mention:
    """A term where it stands in a folded clause, with what the clause does to it. `start` and `end`: letters of the clause."""

    words: str
    clause: str
    start: int
    end: int
    presence: Presence
    temporality: Temporality
    experiencer: Experiencer

    @property
    def negated(self) -> bool:
        """Whether it is denied."""
        return self.presence is Presence.ABSENT

    @property
    def uncertain(self) -> bool:
        """Whether it is doubted, or only advised for when it would happen."""
        return (
            self.presence in (Presence.SUSPECTED, Presence.UNCERTAIN)
            or self.temporality is Temporality.PLANNED
        )

    @property
    def past(self) -> bool:
        """Whether it is told of an earlier time."""
        return self.temporality is Temporality.HISTORICAL


# --- clauses


@remembered(1024)
def clauses(text: str) -> tuple[str, ...]:
    """The folded clauses of a text; none of one in a language that is not read."""
    folded = fold(text)
    if is_foreign(folded):
        return ()
    return tuple(
        part.strip() for part in patterns.CLAUSE_END.split(folded) if part and part.strip()
    )


@remembered(1024)
def findings(text: str) -> tuple[str, ...]:
    """The clauses of a report without its clinical data and its question, which tell of before."""
    kept = []
    for clause in clauses(text):
        if rules().clinical_data.search(clause) is None:
            if rules().question.search(clause) is None or _answer_begins(clause) is not None:
                kept.append(clause)
            continue
        begins = _answer_begins(clause)
        if begins is not None and not clause.endswith("?"):
            kept.append(clause[begins:])
    return tuple(kept)


def _answer_begins(clause: str) -> int | None:
    """Where a clause that begins with clinical data comes to its answer; None where it does not."""
    found = [
        match.start()
        for pattern in (rules().answer, patterns.BIRADS)
        if (match := pattern.search(clause))
    ]
    return min(found, default=None)


# --- mentions


def said(text: str, term: Term) -> Iterator[Mention]:
    """Every place where a text says the term of this patient. What is told of a relative is passed over; advice for when it
    would happen is uncertain."""
    for clause in clauses(text):
        yield from mentions_in(clause, term)


def mentions_in(clause: str, term: Term) -> list[Mention]:
    """The mentions of a term in a folded clause, of this patient only."""
    return [m for m in every_mention(clause, term) if m.experiencer is Experiencer.PATIENT]


@remembered(_CLAUSES)
def every_mention(clause: str, term: Term) -> tuple[Mention, ...]:
    """The mentions of a term in a folded clause, those of relatives too."""
    return tuple(
        mention_at(clause, place.start(), place.end()) for place in places_of(term, clause)
    )


@remembered(_CLAUSES)
def mention_at(clause: str, start: int, end: int) -> Mention:
    """The mention that stands at these letters of a folded clause."""
    known, cues = rules(), _rules_in(clause)
    # Only what stands near can deny or date it; a bound keeps long texts linear.
    before, after = clause[max(0, start - _NEAR) : start], clause[end : end + _NEAR]
    words = clause[start:end]
    ahead, behind = before.rpartition(",")[2], after.partition(",")[0]
    near = ahead + words + behind
    # "V.a. botmetastasen bij mammacarcinoom": what stands behind "bij" is not in doubt.
    closer = patterns.BESIDE.split(ahead)[-1] + words + patterns.BESIDE.split(behind)[0]
    presence = _presence(known, cues, closer, before, after)
    temporality = _temporality(known, cues, clause, near, before, after)
    if temporality is Temporality.PLANNED and presence is Presence.ABSENT:
        presence = Presence.UNCERTAIN
    return Mention(
        words, clause, start, end, presence, temporality, _experiencer(known, cues, clause, near)
    )


def _presence(
    known: ContextRules, cues: frozenset[str], near: str, before: str, after: str
) -> Presence:
    if "differential" in cues and known.differential.search(before):
        return Presence.UNCERTAIN
    if not cues.isdisjoint(("doubts", "suspects")) or "?" in near:
        doubtful = "?" in near or (
            "doubts" in cues and (known.doubts.search(near) or patterns.NOT_EXCLUDED.search(near))
        )
        suspected = "suspects" in cues and known.suspects.search(near)
        if (doubtful or suspected) and not patterns.CLEAR.search(near):
            if doubtful:
                return Presence.UNCERTAIN
            # "Voor metastasen verdachte haarden worden niet gezien": what was looked for is not there.
            return Presence.ABSENT if _is_denied_behind(known, cues, after) else Presence.SUSPECTED
    return Presence.ABSENT if _is_denied(known, cues, before, after) else Presence.PRESENT


def _temporality(
    known: ContextRules, cues: frozenset[str], clause: str, near: str, before: str, after: str
) -> Temporality:
    if (
        "advises" in cues
        and known.advises.search(near)
        or patterns.ADVICE_BEHIND.search(near) is not None
        or patterns.FOR_WHEN_IT_HAPPENS.match(clause) is not None
    ):
        return Temporality.PLANNED
    past = _is_past(known, cues, clause, before, after)
    return Temporality.HISTORICAL if past else Temporality.CURRENT


def _experiencer(known: ContextRules, cues: frozenset[str], clause: str, near: str) -> Experiencer:
    of_relative = "relatives" in cues and (
        known.relatives.search(near) or patterns.RELATIVE_HEADING.search(clause)
    )
    return Experiencer.FAMILY if of_relative else Experiencer.PATIENT


def is_past(clause: str, before: str) -> bool:
    """Whether what follows `before` in a clause is told of an earlier time ("vorig onderzoek", "history of")."""
    near = before[max(before.rfind(","), before.rfind(":")) + 1 :]
    return (
        rules().before.search(near) is not None
        or "tot " in near
        and patterns.UNTIL_YEAR.search(near) is not None
        or patterns.PAST_HEADING.search(clause) is not None
    )


def _is_past(
    known: ContextRules, cues: frozenset[str], clause: str, before: str, after: str
) -> bool:
    """The same, by the words on either side; a rule is asked only where one of its phrases may stand."""
    ahead = (
        not cues.isdisjoint(("before", "in_history", "over")) or "tot " in before or ":" in clause
    )
    return (
        ahead
        and is_past(clause, before)
        or "over" in cues
        and known.over.search(after) is not None
        or "in_history" in cues
        and known.in_history.search(after.partition(",")[0]) is not None
        or "niet meer" in after
        and patterns.NO_MORE.search(after) is not None
        or patterns.DONE_ALREADY.match(after) is not None
    )


def _denies_next(before: str) -> bool:
    return patterns.DENIES_NEXT.search(before) is not None


def _is_denied(known: ContextRules, cues: frozenset[str], before: str, after: str) -> bool:
    """Whether a denial reaches a term. It ends at a comma, but not inside an enumeration ("geen knobbel, roodheid of vocht")."""
    denials = list(known.denies_ahead.finditer(before)) if "denies_ahead" in cues else []
    if denials and not patterns.SHARED_NOUN.search(before):
        between = before[denials[-1].end() :]
        # A bare word after the comma goes on enumerating; a phrase of its own ("sinds kort bloederige ...") does not.
        bare = not between.rpartition(",")[2].strip()
        enumerated = (
            "," not in between
            or bare
            or known.enumerates.search(between[between.index(",") :] + " " + after.split(",")[0])
        )
        if enumerated and known.takes_back.search(between) is None:
            return True
    return (
        _denies_next(before)
        or patterns.MINUS.search(after) is not None
        or _is_denied_behind(known, cues, after)
    )


def _is_denied_behind(known: ContextRules, cues: frozenset[str], after: str) -> bool:
    behind = (
        known.denies_behind,
        known.denies_behind_place,
        known.denies_over_list,
        known.not_done,
    )
    return not cues.isdisjoint(
        ("denies_behind", "unseen", "denies_behind_place", "not_done")
    ) and any(pattern.search(after) for pattern in behind)


def is_to_follow(behind: str) -> bool:
    """Whether the words behind an examination say that it is still to come, or was not made ("MRI" in "MRI mamma volgt")."""
    return rules().to_follow.search(behind) is not None


def was_not_done(behind: str) -> bool:
    """Whether the words right behind an examination or a treatment say that it did not take place."""
    return rules().not_done.search(behind) is not None


def was_abandoned(name: str, notes: Iterable[str] = ()) -> bool:
    """Whether a procedure did not come to its end, by its name ("ductoscopie, niet gelukt") or by a note that says so of it."""
    called_off, pattern = rules().called_off, rules().abandoned
    notes = tuple(notes)
    if any(pattern.search(clause) for clause in clauses(name)):
        return True
    if any(called_off.search(clause) for text in (name, *notes) for clause in clauses(text)):
        return True
    return any(_is_of_the_procedure(clause, pattern) for note in notes for clause in clauses(note))


def examination_failed(text: str) -> bool:
    """Whether a report begins with saying that the examination did not take place, or not to its end."""
    return any(
        _is_of_the_procedure(clause, pattern)
        for clause in clauses(text)[:1]
        for pattern in (rules().called_off, rules().abandoned)
    )


def _is_of_the_procedure(clause: str, pattern: re.Pattern[str]) -> bool:
    """Whether a clause says something of "the procedure" itself, and of nothing else that was tried."""
    match = pattern.search(clause)
    return match is not None and patterns.THE_PROCEDURE.match(clause[: match.start()]) is not None


# --- which rules may speak in a clause


@remembered(_CLAUSES)
def _rules_in(clause: str) -> frozenset[str]:
    """The names of the rules of which a phrase may stand in a folded clause: all that do, and some that do not."""
    lexicon, named = _phrases()
    return frozenset(
        name for phrase in lexicon.candidates(clause) for name in named.get(phrase, ())
    )


@cache
def _phrases() -> tuple[Lexicon, dict[Term, tuple[str, ...]]]:
    """The phrases of all rules as terms, and the rules that each belongs to."""
    named: dict[Term, tuple[str, ...]] = {}
    for name, rule in rules().listed.items():
        for phrase in rule.phrases():
            known = term_of(phrase.replace("...", "*"))
            named[known] = (*named.get(known, ()), name)
    return Lexicon(named), named
