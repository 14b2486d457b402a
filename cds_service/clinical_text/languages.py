"""In which language a text is written. Dutch and English are read; a text of another language is not, and that is told."""

import re

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
    listed = rules().languages
    ours = frozenset().union(*(listed[name] for name in READ))
    others = {name: of for name, of in listed.items() if name not in READ}
    shared = ours & frozenset().union(*others.values())
    if words & (ours - shared):
        return False
    return any(len(words & (of - shared)) >= _LEAST for of in others.values())
