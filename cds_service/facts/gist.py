"""What a resource speaks of, in one look: the codes and words that stand anywhere in it, and the value sets that they belong to.

The bulk of a record is passed over here, before anything is read closely.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from cds_service.term_index import Named, TermIndex
from cds_service.terminology import ValueSet, known_as
from cds_service.text import Term, fold

_WORDS = frozenset(("text", "display", "valueString", "conclusion", "description"))
_NO_NUMBERS = frozenset(("code", "system", "text", "display"))


def said_in(resource: dict) -> tuple[list[tuple[str, str]], list[str]] | None:
    """All (system, code) pairs and all words that stand anywhere in a resource; None where some code is malformed.

    Every resource of a record is walked through, so this is one plain loop over exact types, as JSON gives them.
    """
    if type(resource.get("code", resource)) not in (dict, list):
        return None
    codes: list[tuple[str, str]] = []
    words: list[str] = []
    stack: list[object] = [resource]
    while stack:
        node = stack.pop()
        if type(node) is list:
            stack += node
        elif type(node) is dict:
            for key, value in node.items():
                kind = type(value)
                if kind is dict or kind is list:
                    stack.append(value)
                elif kind is str:
                    if key in _WORDS:
                        words.append(value)
                    elif key == "code":
                        system = node.get("system")
                        codes.append((system if type(system) is str else "", value))
                    elif key == "coding":
                        return None  # not what FHIR says: to be read closely, so that it is told
                elif key == "coding" or key in _NO_NUMBERS and value is not None:
                    return None
    return codes, words


@dataclass
class Gist:
    """What one look at a resource tells. It holds the resource, so that no other object takes its identity meanwhile."""

    resource: dict
    codes: Sequence[tuple[str, str]] = ()
    words: Sequence[str] = ()
    is_malformed: bool = False  # not as FHIR says: it may be anything, and is told where it is read
    coded: frozenset[str] = frozenset()  # value sets that hold one of its codes, as the index tells
    terms: frozenset[Named] = frozenset()  # terms that its words may say, as the index tells
    mentions: dict[str, bool] = field(default_factory=dict)  # by value set, as far as was asked

    @cached_property
    def keys(self) -> frozenset[tuple[str, str]]:
        """Its codes as they are looked up."""
        return frozenset(key for system, code in self.codes for key in known_as(system, code.strip()))

    @cached_property
    def folded(self) -> str:
        return fold("\n".join(self.words))

    @cached_property
    def terms_of(self) -> dict[str, list[Term]]:
        found: dict[str, list[Term]] = {}
        for name, term in self.terms:
            found.setdefault(name, []).append(term)
        return found


class Gists:
    """The resources of one record, each looked at once. Without an index each may speak of every value set."""

    def __init__(self, index: TermIndex | None):
        self._index = index
        self._gists: dict[int, Gist] = {}
        # A record says the same things over and over.
        self._of_code: dict[tuple[str, str], frozenset[str]] = {}
        self._of_text: dict[str, frozenset[Named]] = {}

    def may_speak(self, resource: dict) -> bool:
        """Whether a resource may speak of any value set of the index. False only where it surely does not."""
        gist = self._of(resource)
        return bool(gist.is_malformed or gist.coded or gist.terms)

    def mentions(self, resource: dict, value_sets: Iterable[ValueSet]) -> bool:
        """Whether a code or a word of one of the value sets stands anywhere in a resource. True for a malformed one."""
        gist = self._of(resource)
        if gist.is_malformed:
            return True
        for value_set in value_sets:
            if value_set.name not in gist.mentions:
                gist.mentions[value_set.name] = self._mentions(gist, value_set)
            if gist.mentions[value_set.name]:
                return True
        return False

    def _mentions(self, gist: Gist, value_set: ValueSet) -> bool:
        if self._index is None:
            return not gist.keys.isdisjoint(value_set.codes) or value_set.stands_in(gist.folded)
        return value_set.name in gist.coded or any(term.piece in gist.folded and term.pattern.search(gist.folded) for term in gist.terms_of.get(value_set.name, ()))

    def _of(self, resource: dict) -> Gist:
        gist = self._gists.get(id(resource))
        if gist is None:
            said = said_in(resource)
            gist = self._gists[id(resource)] = Gist(resource, *said) if said else Gist(resource, is_malformed=True)
            if said and self._index is not None:
                self._look_up(gist, self._index)
        return gist

    def _look_up(self, gist: Gist, index: TermIndex) -> None:
        for pair in gist.codes:
            names = self._of_code.get(pair)
            if names is None:
                names = self._of_code[pair] = index.value_sets(known_as(pair[0], pair[1].strip()), "")
            if names:
                gist.coded |= names
        for text in gist.words:
            terms = self._of_text.get(text)
            if terms is None:
                terms = self._of_text[text] = index.terms(fold(text))
            if terms:
                gist.terms |= terms
