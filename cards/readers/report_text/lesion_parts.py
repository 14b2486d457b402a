"""What lesions are read from: the part of a clause with the sites and words in it, and what is told of one lesion."""

from bisect import bisect_left
from dataclasses import dataclass, replace
from operator import attrgetter

from .sites import Hit

START = attrgetter("start")


NOUNS = ("metastasis", "recurrence", "lesion", "uptake", "node")


@dataclass(frozen=True)
class Told:
    """One lesion that a text tells of. `certainty`: "" where it is only said to be there."""

    site: str
    place: str = ""
    sides: frozenset[str] = frozenset()
    certainty: str = ""
    negated: bool = False
    past: bool = False
    recurrence: bool = False
    multiple: bool = False
    words: str = ""


@dataclass(frozen=True)
class Part:
    """What stands between two commas."""

    text: str
    begins: int  # where in its clause
    sites: tuple[Hit, ...]
    words: tuple[Hit, ...]
    named: bool = False  # an expression that is a metastasis by itself ("pleuritis carcinomatosa")
    still: bool = (
        False  # its clause speaks of a change or of now, so that "vorig onderzoek" dates nothing
    )

    def has(self, *values: str) -> bool:
        return any(h.value in values and not h.negated for h in self.words)

    def says(self, *values: str) -> bool:
        """Whether a word qualifies the lesion: what denies the word alone ("geen longmetastasen, aspecifieke laesie") does not count."""
        return any(h.value in values for h in self.words)

    @property
    def of_breast(self) -> bool:
        return any(h.value == "breast" for h in self.sites)

    @property
    def elsewhere(self) -> tuple[Hit, ...]:
        """The sites outside the breast."""
        return tuple(h for h in self.sites if h.value != "breast")

    def nouns(self) -> list[Hit]:
        """The words for a lesion. A lymph node is one when it is called pathological; M1 and N+ where a site stands beside them."""
        found = [
            h for h in self.words if h.value in NOUNS[:-1] or h.value == "staged" and self.elsewhere
        ]
        called = [
            h
            for h in self.words
            if h.value in ("positive", "suspicious", "uncertain", "enlarged", "doubt")
        ]
        if called and not found:
            nodes = [h for h in self.words if h.value == "node"]
            denied = all(h.negated for h in called)
            found = [replace(h, negated=h.negated or denied) for h in nodes]
        # "0/3 klieren met metastase"
        return (
            [replace(h, negated=True) for h in found]
            if any(h.value == "zero" for h in self.words)
            else found
        )


def starting(found: list[Hit], begins: int, end: int) -> tuple[Hit, ...]:
    """Those of some words, in the order of the text, that start in a part of it."""
    return tuple(found[bisect_left(found, begins, key=START) : bisect_left(found, end, key=START)])
