"""One look that tells which value sets a resource speaks of, so that the bulk of a record is passed over at once.

Every term holds a piece of a word that must stand in any text that says it; the index knows these pieces, and only the terms
that share one with a text are looked for in it. Whether a term is denied or of before is for who reads closely.
"""

import re
from collections.abc import Iterable

from cds_service.clinical_text.folding import fold
from cds_service.clinical_text.terms import Term
from cds_service.terminology.value_set import ValueSet

_WORD = re.compile(r"[a-z0-9]+")
_SIZE = 5  # letters of a piece that are looked up
_MOST_WORDS = 50_000  # words that are remembered
_LONGEST_WORD = 60  # letters of a word that is remembered


Named = tuple[str, Term]  # a term with the name of its value set


class TermIndex:
    """The codes and words of some value sets, turned round: code or word -> names of value sets."""

    def __init__(self, value_sets: Iterable[ValueSet]):
        self.codes: dict[tuple[str, str], set[str]] = {}
        self._whole: dict[str, set[Named]] = {}  # whole words that are shorter than a piece
        self._pieces: dict[str, set[Named]] = {}
        for value_set in value_sets:
            for key in value_set.codes:
                self.codes.setdefault(key, set()).add(value_set.name)
            for term, *_ in value_set.terms:
                self._add(term, value_set.name)
        self._sizes = sorted({len(piece) for piece in self._pieces})
        self._of_word: dict[str, frozenset[Named]] = {}

    def _add(self, term: Term, name: str) -> None:
        piece = term.piece
        words = fold(term.words)
        is_part = any(
            "*" in (words[m.start() - 1 : m.start()], words[m.end() : m.end() + 1])
            for m in _WORD.finditer(words)
            if m.group() == piece
        )
        if len(piece) >= _SIZE or is_part:
            self._pieces.setdefault(piece[:_SIZE], set()).add((name, term))
        else:
            self._whole.setdefault(piece, set()).add((name, term))

    def value_sets(self, codes: Iterable[tuple[str, str]], words: str) -> frozenset[str]:
        """The names of the value sets that hold one of some codes, or a term that stands in a folded text."""
        found = {name for key in codes for name in self.codes.get(key, ())}
        for name, term in self._terms(words):
            if name not in found and term.stands_in(words):
                found.add(name)
        return frozenset(found)

    def _terms(self, words: str) -> set[Named]:
        """The terms that a folded text may say: every one that it says, and some that it does not."""
        found: set[Named] = set()
        for word in set(_WORD.findall(words)):
            terms = self._of_word.get(word)
            found.update(self._look_up(word) if terms is None else terms)
        return found

    def _look_up(self, word: str) -> frozenset[Named]:
        pieces = {
            word[start : start + size]
            for size in self._sizes
            for start in range(len(word) - size + 1)
        }
        terms = frozenset(
            self._whole.get(word, set()).union(
                *(self._pieces[piece] for piece in pieces & self._pieces.keys())
            )
        )
        if len(self._of_word) >= _MOST_WORDS:
            self._of_word.clear()
        if len(word) <= _LONGEST_WORD:
            self._of_word[word] = terms
        return terms
