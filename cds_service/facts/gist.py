"""What a resource speaks of, in one look: the codes and words that stand anywhere in it, and the value sets that they belong to.

The bulk of a record is passed over here, before anything is read closely.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from cds_service.term_index import TermIndex
from cds_service.terminology import ValueSet, known_as
from cds_service.text import fold

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
    stack: list[object] = [resource]
    while stack:
        node = stack.pop()
        if type(node) is list:
            stack += node
        elif type(node) is dict:
            for key, value in node.items():
                kind = type(value)
                if kind is dict or kind is list:
                    if key not in BESIDE:
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
    names: frozenset[str]  # the value sets of the index of which a code or a word stands in it
    codes: Sequence[tuple[str, str]] = ()
    words: Sequence[str] = ()
    is_malformed: bool = False  # not as FHIR says: it may be anything, and is told where it is read


class Gists:
    """The resources of one record, each looked at once. Without an index each may speak of every value set."""

    def __init__(self, index: TermIndex | None):
        self._index = index
        self._gists: dict[int, Gist] = {}
        # A record says the same things over and over.
        self._names_of_code: dict[tuple[str, str], frozenset[str]] = {}
        self._names_of_words: dict[tuple[str, ...], frozenset[str]] = {}

    def may_speak(self, resource: dict) -> bool:
        """Whether a resource may speak of any value set of the index. False only where it surely does not."""
        gist = self._of(resource)
        return gist.is_malformed or bool(gist.names)

    def mentions(self, resource: dict, value_sets: Iterable[ValueSet]) -> bool:
        """Whether a code or a word of one of the value sets stands anywhere in a resource. True for a malformed one."""
        gist = self._of(resource)
        if gist.is_malformed:
            return True
        if self._index is not None:
            return any([value_set.name in gist.names for value_set in value_sets])
        keys = {key for system, code in gist.codes for key in known_as(system, code.strip())}
        folded = _folded(gist.words)
        return any(not keys.isdisjoint(value_set.codes) or value_set.stands_in(folded) for value_set in value_sets)

    def _of(self, resource: dict) -> Gist:
        gist = self._gists.get(id(resource))
        if gist is None:
            said = said_in(resource)
            gist = Gist(resource, self._names(*said), *said) if said else Gist(resource, frozenset(), is_malformed=True)
            self._gists[id(resource)] = gist
        return gist

    def _names(self, codes: Iterable[tuple[str, str]], words: Iterable[str]) -> frozenset[str]:
        if self._index is None:
            return frozenset()
        said = tuple(words)
        found = self._names_of_words.get(said)
        if found is None:
            found = self._names_of_words[said] = self._index.value_sets((), _folded(said))
        for pair in codes:
            names = self._names_of_code.get(pair)
            if names is None:
                names = self._names_of_code[pair] = self._index.value_sets(known_as(pair[0], pair[1].strip()), "")
            if names:
                found |= names
        return found


def _folded(words: Iterable[str]) -> str:
    return fold("\n".join(words))
