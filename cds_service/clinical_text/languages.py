"""In which language a text is written. Dutch and English are read; a text of another language is not, and that is told."""

import re
from functools import cache

from cds_service.clinical_text.memory import remembered
from cds_service.clinical_text.rules import rules

READ = ("nl", "en")
_LEAST = 2  # function words of another language that make a text foreign
_WORD = re.compile(r"[a-z]+")


@remembered(1024)
def is_foreign(folded: str) -> bool:
    """Whether a folded text is of a language that is not read: two function words that only that language has, and none that only
    Dutch or English have. Shorter texts are read."""
    words = set(_WORD.findall(folded))
    ours, others = _own_words()
    return words.isdisjoint(ours) and any(len(words & of) >= _LEAST for of in others)


@cache
def _own_words() -> tuple[frozenset[str], tuple[frozenset[str], ...]]:
    """The words that only Dutch or English have, and those that only each other language has."""
    listed = rules().languages
    ours = frozenset().union(*(listed[name] for name in READ))
    others = [of for name, of in listed.items() if name not in READ]
    shared = ours & frozenset().union(*others)
    return ours - shared, tuple(of - shared for of in others)
