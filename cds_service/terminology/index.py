"""One look that tells which value sets a resource speaks of, so that the bulk of a record is passed over at once.

Whether a term is denied or of before is for who reads closely.
"""

from collections.abc import Iterable

from cds_service.clinical_text.context import clauses
from cds_service.clinical_text.lexicon import Lexicon
from cds_service.clinical_text.terms import Term
from cds_service.terminology.value_set import ValueSet


class TermIndex:
    """The codes and words of some value sets, turned round: code or word -> names of value sets."""

    def __init__(self, value_sets: Iterable[ValueSet], lexicon: Lexicon | None = None):
        """`lexicon`: the one that the value sets share."""
        self.codes: dict[tuple[str, str], set[str]] = {}
        self._names: dict[Term, set[str]] = {}
        for value_set in value_sets:
            for key in value_set.codes:
                self.codes.setdefault(key, set()).add(value_set.name)
            for term, *_ in value_set.terms:
                self._names.setdefault(term, set()).add(value_set.name)
        self._lexicon = lexicon or Lexicon(self._names)

    def value_sets(self, codes: Iterable[tuple[str, str]], texts: Iterable[str]) -> frozenset[str]:
        """The names of the value sets that hold one of some codes, or a term that stands in one of some texts."""
        found = {name for key in codes for name in self.codes.get(key, ())}
        for text in texts:
            for clause in clauses(text):
                for term in self._lexicon.terms_in(clause):
                    found |= self._names.get(term, set())
        return frozenset(found)
