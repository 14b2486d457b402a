"""The terms that are looked for in folded text."""

import re
from collections.abc import Iterable
from functools import cache

from cds_service.clinical_text.folding import fold

# What `*` stands for inside a word; the bound keeps endless words linear.
_REST = r"[a-z0-9\-]{0,60}"
_GAP = r"(?:[\s\-/]+|[,:]\s*)"  # what may stand between two words of a term
_RUN = re.compile(r"[a-z0-9]+")


class Term:
    """Words to look for: `*` inside a word stands for letters, `*` alone for at most three words.

    "tepel*vloed" finds tepelvloed and tepeluitvloed; "vloed * tepel" finds "vloed uit de rechter tepel". An apostrophe may be
    left out, or be a space.
    Raises ValueError for an empty term.
    """

    def __init__(self, words: str):
        folded = fold(words)
        runs = list(_RUN.finditer(folded))
        if not runs:
            raise ValueError("an empty term would match every text")
        pattern, between = "", ""  # without what must not stand beside it
        for part in folded.split():
            if part == "*":
                pattern += _GAP + r"(?:[a-z0-9]{1,60}[\s\-/]{1,9}){0,3}?"
                between = ""
            else:
                pattern += between + re.escape(part).replace(r"\*", _REST).replace(
                    "'", r"\s?['\-]?\s?"
                )
                between = _GAP
        longest = max(runs, key=lambda run: len(run.group()))
        beside = folded[longest.start() - 1 : longest.start()] + folded[longest.end() :][:1]
        self.words = words
        # The longest run of letters, which stands in every text that says the term; and whether it is a whole word there.
        self.anchor = longest.group(), not {"*", "'"} & set(beside)
        self._bare = pattern
        self.pattern = _whole_words(pattern)

    def stands_in(self, folded: str) -> bool:
        """Whether a folded text holds the term, said or denied."""
        return self.anchor[0] in folded and self.pattern.search(folded) is not None

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
def term(words: str) -> Term:
    """The term of some words; many stand in several value sets. Raises ValueError for an empty one."""
    return Term(words)


@cache
def _whole_words(pattern: str) -> re.Pattern[str]:
    """Compiled, with no letter or digit beside it."""
    return re.compile(rf"(?<![a-z0-9]){pattern}(?![a-z0-9])")
