"""All terms that are looked for, found in one pass over a clause. The only importer of ahocorasick.

Of every term a run of letters must stand in a text that says it. An automaton finds all these runs at once, whatever their number;
only the terms whose run it finds are then looked for themselves.
"""

import re
from collections.abc import Iterable

import ahocorasick  # type: ignore[import-not-found]  # a C library without types

from cds_service.clinical_text.memory import remembered
from cds_service.clinical_text.terms import Term

_CLAUSES = 8192  # that are remembered while a request is answered
_MOST_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"


class Lexicon:
    """Terms, in the order in which they were added. It may grow until it is first asked, and afterwards too."""

    def __init__(self, terms: Iterable[Term] = ()):
        self._terms: dict[Term, None] = dict.fromkeys(terms)
        self._automaton: ahocorasick.Automaton | None = None

    def add(self, term: Term) -> None:
        """One more term to look for."""
        if term not in self._terms:
            self._terms[term] = None
            self._automaton = None

    def terms_in(self, clause: str) -> tuple[Term, ...]:
        """The terms that stand in a folded clause, said or denied."""
        return _terms_in(self, clause)

    def candidates(self, folded: str) -> set[Term]:
        """Every term that may stand in a folded text: all that do, and some that do not."""
        automaton = self._automaton or self._built()
        found: set[Term] = set()
        end_of_text = len(folded) - 1
        for end, (length, parts, wholes) in automaton.iter(folded):
            if parts:
                found.update(parts)
            if wholes and not found.issuperset(wholes):
                start = end - length
                before = folded[start] if start >= 0 else " "
                after = folded[end + 1] if end < end_of_text else " "
                if before not in _MOST_LETTERS and after not in _MOST_LETTERS:
                    found.update(wholes)
        return found

    def _built(self) -> ahocorasick.Automaton:
        """Run of letters -> (its length, terms in which it is part of a word, terms in which it is a whole word)."""
        runs: dict[str, tuple[list[Term], list[Term]]] = {}
        for term in self._terms:
            run, is_whole = term.anchor
            runs.setdefault(run, ([], []))[is_whole].append(term)
        automaton = ahocorasick.Automaton()
        for run, (parts, wholes) in runs.items():
            automaton.add_word(run, (len(run), tuple(parts), tuple(wholes)))
        if runs:
            automaton.make_automaton()
        self._automaton = automaton
        return automaton


@remembered(_CLAUSES)
def _terms_in(lexicon: Lexicon, clause: str) -> tuple[Term, ...]:
    if not clause or not lexicon._terms:
        return ()
    return tuple(term for term in lexicon.candidates(clause) if term.pattern.search(clause))


@remembered(_CLAUSES)
def places_of(term: Term, clause: str) -> tuple[re.Match[str], ...]:
    """Where a term stands in a folded clause, from left to right."""
    return tuple(term.pattern.finditer(clause))
