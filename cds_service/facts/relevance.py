"""What a resource speaks of, in one look: the codes and words that stand anywhere in it, and the value sets that they belong to.

The bulk of a record is passed over here, before anything is read closely.
"""

from collections.abc import Iterable

from cds_service.facts.cut import why_not_read
from cds_service.terminology.index import TermIndex
from cds_service.terminology.systems import known_as
from cds_service.terminology.value_set import ValueSet

_WORDS = frozenset(("text", "display", "valueString", "conclusion", "description"))
_NO_NUMBERS = frozenset(("code", "system", "text", "display"))
# Elements that say whose something is, where it is filed and what is normal, never what it is: a patient's name is no finding.
BESIDE = frozenset(("meta", "identifier", "subject", "patient", "encounter", "referenceRange"))


def said_in(resource: dict) -> tuple[list[tuple[str, str]], list[str]] | None:
    """All (system, code) pairs and all words that stand anywhere in a resource, but in BESIDE; None where some code is malformed.

    Every resource of a record is walked through, so this is one plain loop over exact types, as JSON gives them.
    """
    if type(resource.get("code", resource)) not in (dict, list):
        return None
    codes: list[tuple[str, str]] = []
    words: list[str] = []
    stack: list = [resource]
    while stack:
        node = stack.pop()
        if type(node) is list:
            stack += node
        elif type(node) is dict:
            for key, value in node.items():
                kind = type(value)
                if kind is str:  # most are
                    if key in _WORDS:
                        words.append(value)
                    elif key == "code":
                        system = node.get("system")
                        codes.append((system if type(system) is str else "", value))
                    elif key == "coding":
                        return None  # not what FHIR says: to be read closely, so that it is told
                elif kind is dict or kind is list:
                    if key not in BESIDE:
                        stack.append(value)
                elif key == "coding" or key in _NO_NUMBERS and value is not None:
                    return None
    return codes, words


class Relevance:
    """The resources of one record, each looked at once. Without an index every one is read closely, whenever it is asked."""

    def __init__(self, index: TermIndex | None):
        self._index = index
        # By identity; each resource is held, so that no other object takes its identity meanwhile.
        self._looked_at: dict[int, tuple[dict, frozenset[str] | None]] = {}
        self._not_read: dict[int, str] = {}
        # A record says the same things over and over.
        self._names_of_code: dict[tuple[str, str], frozenset[str]] = {}
        self._names_of_words: dict[tuple[str, ...], frozenset[str]] = {}

    def may_speak(self, resource: dict) -> bool:
        """Whether a resource may speak of any value set of the index. False only where it surely does not."""
        names = self._names(resource, self._index) if self._index is not None else None
        return names is None or bool(names)

    def mentions(self, resource: dict, value_sets: Iterable[ValueSet]) -> bool:
        """Whether a code or a word of one of the value sets stands anywhere in a resource. True for a malformed one: it may be anything,
        and is told where it is read."""
        if self._index is None:
            return _mentions(resource, value_sets)
        names = self._names(resource, self._index)
        return names is None or any([value_set.name in names for value_set in value_sets])

    def not_read(self, resource: dict) -> str:
        """Why a text of a resource is not read, or not to its end; "" where all of it is."""
        if self._index is None:
            return why_not_read((said_in(resource) or ((), ()))[1], resource)
        self._names(resource, self._index)
        return self._not_read.get(id(resource), "")

    def _names(self, resource: dict, index: TermIndex) -> frozenset[str] | None:
        """The value sets of the index that a resource speaks of; None for a malformed one."""
        known = self._looked_at.get(id(resource))
        if known is None:
            known = self._looked_at[id(resource)] = (resource, self._look(resource, index))
        return known[1]

    def _look(self, resource: dict, index: TermIndex) -> frozenset[str] | None:
        said = said_in(resource)
        if said is None:
            return None
        codes, words = said[0], tuple(said[1])
        if why := why_not_read(words, resource):
            self._not_read[id(resource)] = why
        found = self._names_of_words.get(words)
        if found is None:
            found = self._names_of_words[words] = index.value_sets((), words)
        for code in codes:
            names = self._names_of_code.get(code)
            if names is None:
                names = self._names_of_code[code] = index.value_sets(_keys(code), ())
            if names:
                found |= names
        return found


def _mentions(resource: dict, value_sets: Iterable[ValueSet]) -> bool:
    said = said_in(resource)
    if said is None:
        return True
    keys = {key for code in said[0] for key in _keys(code)}
    return any(
        not keys.isdisjoint(value_set.codes) or any(map(value_set.stands_in, said[1]))
        for value_set in value_sets
    )


def _keys(code: tuple[str, str]) -> tuple[tuple[str, str], ...]:
    return known_as(code[0], code[1].strip())
