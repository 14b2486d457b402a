"""The sides that a text names."""

import re

from cds_service.clinical_text import patterns
from cds_service.clinical_text.context import clauses
from cds_service.clinical_text.rules import rules


def sides(text: str, *, denied_too: bool = False) -> frozenset[str]:
    """The sides that a text names: a subset of {"left", "right"}; both for "beiderzijds".

    What is denied is passed over ("tepelvloed links, rechts niet") unless `denied_too`; what is told of the past ("eerder
    links") and a side that is called normal ("rechts droog") count only where nothing else is told.
    """
    found: set[str] = set()
    beside: set[str] = set()
    for clause in clauses(text):
        shared_noun = patterns.SHARED_NOUN_AHEAD.search(clause)
        for part in clause.split(","):
            if not denied_too:
                part = part if shared_noun else _affirmed(part)
                beside |= _named(part)
                part = (
                    ""
                    if rules().before.search(part) and not patterns.PAST_HEADING.search(clause)
                    else patterns.NORMAL_SIDE.sub(" ", part)
                )
            found |= _named(part)
    return frozenset(found or beside)


def _named(part: str) -> set[str]:
    if patterns.BOTH.search(part):
        return {"left", "right"}
    return {
        side
        for side, cue in (("left", patterns.LEFT), ("right", patterns.RIGHT))
        if cue.search(part)
    }


def _affirmed(part: str) -> str:
    """What a part of a sentence leaves when the denied rest is taken away ("links, zonder knobbel" keeps its side)."""
    part = re.sub(r"\([^)]*\)", " ", part) if patterns.DENIES_SIDE.search(part) else part
    denial = patterns.DENIES_SIDE.search(part)
    if denial is None:
        return part
    kept = part[: denial.start()]
    if not re.match(r"zonder|without", denial.group()):  # "rechts geen", but "links zonder knobbel"
        kept = re.sub(r"(?:links|rechts|left|right)\s*:?\s*$", "", kept)
    taken_back = rules().takes_back.search(part, denial.end())
    return kept + (" " + part[taken_back.end() :] if taken_back else "")
