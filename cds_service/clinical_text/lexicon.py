"""All terms that are looked for, found in one pass over a clause. The only importer of ahocorasick.

Of every term a run of letters must stand in a text that says it. An automaton finds all these runs in a word at once, whatever their
number; only the terms whose run it finds are then looked for themselves.
"""

import re
from collections.abc import Iterable

import ahocorasick  # type: ignore[import-not-found]  # a C library without types

from cds_service.clinical_text.memory import remembered
from cds_service.clinical_text.terms import Term

_CLAUSES = 8192  # that are remembered while a request is answered
_MOST_WORDS = 50_000  # that are remembered with the terms that they may begin or hold
_LONGEST_WORD = 60  # letters of a word that is remembered
_WORD = re.compile(r"[a-z0-9]+")


class Lexicon:
    """Terms, in the order in which they were added. It may grow until it is first asked, and afterwards too."""

    def __init__(self, terms: Iterable[Term] = ()):
        self._terms: dict[Term, None] = dict.fromkeys(terms)
        self._automaton: ahocorasick.Automaton | None = None
        self._of_word: dict[str, tuple[Term, ...]] = {}

    def update(self, terms: Iterable[Term]) -> None:
        """More terms to look for."""
        self._terms.update(dict.fromkeys(terms))
        self._automaton = None
        self._of_word.clear()

    def prepare(self) -> None:
        """Everything that the first look would have to wait for."""
        self._built()
        for term in self._terms:
            term.pattern  # noqa: B018 - compiled here, once

    def terms_in(self, clause: str) -> tuple[Term, ...]:
        """The terms that stand in a folded clause, said or denied."""
        return _terms_in(self, clause)

    def candidates(self, folded: str) -> set[Term]:
        """Every term that may stand in a folded text: all that do, and some that do not."""
        words = set(_WORD.findall(folded))
        found: set[Term] = set()
        for word in words:
            known = self._of_word.get(word)
            for term in self._look_up(word) if known is None else known:
                if term.is_one_word or term.whole_words <= words:
                    found.add(term)
        return found

    def _look_up(self, word: str) -> tuple[Term, ...]:
        """The terms of which a run stands in a word; words come again and again, and are looked at once."""
        found: dict[Term, None] = {}
        for _, (run, parts, wholes) in (self._automaton or self._built()).iter(word):
            found.update(dict.fromkeys(parts))
            if run == word:
                found.update(dict.fromkeys(wholes))
        terms = tuple(found)
        if len(self._of_word) >= _MOST_WORDS:
            self._of_word.clear()
        if len(word) <= _LONGEST_WORD:
            self._of_word[word] = terms
        return terms

    def _built(self) -> ahocorasick.Automaton:
        """Run of letters -> (itself, terms in which it is part of a word, terms in which it is a whole word)."""
        runs: dict[str, tuple[list[Term], list[Term]]] = {}
        for term in self._terms:
            run, is_whole = term.anchor
            runs.setdefault(run, ([], []))[is_whole].append(term)
        automaton = ahocorasick.Automaton()
        for run, (parts, wholes) in runs.items():
            automaton.add_word(run, (run, tuple(parts), tuple(wholes)))
        automaton.make_automaton()
        self._automaton = automaton
        return automaton


@remembered(_CLAUSES)
def _terms_in(lexicon: Lexicon, clause: str) -> tuple[Term, ...]:
    if not clause or not lexicon._terms:
        return ()
    return tuple(
        term
        for term in lexicon.candidates(clause)
        if term.is_one_word or term.pattern.search(clause)
    )


@remembered(_CLAUSES)
def places_of(term: Term, clause: str) -> tuple[re.Match[str], ...]:
    """Where a term stands in a folded clause, from left to right."""
    return tuple(term.pattern.finditer(clause))
