"""Folded text, and the terms that are looked for in it."""

import re
from collections.abc import Iterable
from functools import cache

from cds_service.clinical_text.folding import fold

_REST = (
    r"[a-z0-9\-]{0,60}"  # what `*` stands for inside a word; the bound keeps endless words linear
)


_GAP = r"(?:[\s\-/]+|[,:]\s*)"  # what may stand between two words of a term


class Term:
    """Words to look for: `*` inside a word stands for letters, `*` alone for at most three words.

    "tepel*vloed" finds tepelvloed and tepeluitvloed; "vloed * tepel" finds "vloed uit de rechter tepel". An apostrophe may be
    left out, or be a space.
    Raises ValueError for an empty term.
    """

    def __init__(self, words: str):
        parts, pieces = fold(words).split(), re.findall(r"[a-z0-9]+", fold(words))
        if not pieces:
            raise ValueError("an empty term would match every text")
        pattern, between = "", ""  # without what must not stand beside it
        for part in parts:
            if part == "*":
                pattern += _GAP + r"(?:[a-z0-9]{1,60}[\s\-/]{1,9}){0,3}?"
                between = ""
            else:
                pattern += between + re.escape(part).replace(r"\*", _REST).replace(
                    "'", r"\s?['\-]?\s?"
                )
                between = _GAP
        self.words = words
        # Runs of letters that stand in every text that says the term, the longest first: cheap looks before the pattern.
        self.pieces = tuple(sorted(pieces, key=len, reverse=True))
        self.piece = self.pieces[0]
        self._bare = pattern
        self.pattern = _whole_words(pattern)

    def stands_in(self, folded: str) -> bool:
        """Whether a folded text holds the term, said or denied."""
        for piece in self.pieces:
            if piece not in folded:
                return False
        return self.pattern.search(folded) is not None

    def __repr__(self) -> str:
        return f"Term({self.words!r})"

    @staticmethod
    def any_of(terms: Iterable["Term"]) -> re.Pattern[str] | None:
        """One look that finds what any of some terms finds, the first of them before the others; None where there are none.

        What must not stand beside a term is looked at once for all of them: the same is found in a twentieth of the time.
        """
        bare = "|".join(dict.fromkeys(term._bare for term in terms))
        return _whole_words(f"(?:{bare})") if bare else None


@cache
def _whole_words(pattern: str) -> re.Pattern[str]:
    """Compiled, with no letter or digit beside it. Many terms stand in several value sets."""
    return re.compile(rf"(?<![a-z0-9]){pattern}(?![a-z0-9])")
