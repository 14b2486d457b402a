"""What-if for people: the answers of cds_service/what_if/flips.py in words, and the form to try other facts."""

from collections.abc import Iterable
from typing import Any

from cds_service.decision.decide import Decision
from cds_service.guideline.library import Library
from cds_service.rendering.cards import render_cards
from cds_service.rendering.trace import explain
from cds_service.rendering.voice import Phrasebook
from cds_service.settings import Settings
from cds_service.what_if.conceivable import Supposition
from cds_service.what_if.flips import Flip, flips
from cds_service.what_if.suppositions import assessed, suppose, suppositions

MOST_SHOWN = 2  # other suppositions with the same effect


def what_if(
    decision: Decision,
    library: Library,
    settings: Settings,
    language: str,
    key: str,
    chosen: list[str],
) -> dict:
    """Values for _what_if.html: what would flip the verdict of a recommendation, what can be supposed, and what follows from `chosen`.

    Raises CannotSuppose for a key that is none of this decision's.
    """
    guideline, assessment = assessed(decision, key)
    voice, offered, found = (
        Phrasebook(language, library.wording, guideline),
        suppositions(decision, library, key),
        flips(decision, library, key),
    )
    told: dict[str, Any] = {
        "recommendation": key,
        "verdict": assessment.verdict.value,
        "flips": [_flip(flip, voice) for flip in found.found],
        "complete": found.complete,
        "groups": _groups(offered, voice),
        "chosen": chosen,
        "supposed": None,
    }
    if chosen:
        anew = suppose(decision, library, chosen)
        tree = next(
            r
            for r in explain(anew, library, language)["recommendations"]
            if r["recommendation"] == key
        )
        by_key = {
            s.key: s for s in [*offered, *(s for flip in found.found for s in flip.suppositions)]
        }
        texts = [by_key[name].after(voice) for name in chosen if name in by_key]
        told["supposed"] = {
            "tree": tree,
            "texts": texts,
            "cards": render_cards(anew, library, settings, language),
        }
    return told


def _flip(flip: Flip, voice: Phrasebook) -> dict:
    told = [
        {
            "before": s.before(voice) if s.about is not None else "",
            "after": s.after(voice),
            "others": [o.after(voice) for o in others[:MOST_SHOWN]],
            "more": len(others[MOST_SHOWN:]),
        }
        for s, others in zip(flip.suppositions, flip.alternatives, strict=True)
    ]
    return {
        "suppositions": told,
        "verdict": flip.verdict.value,
        "suppose": [s.key for s in flip.suppositions],
    }


def _groups(offered: Iterable[Supposition], voice: Phrasebook) -> list[dict]:
    """One choice for every fact on record, and one for each kind of fact that is not: what could be supposed of it."""
    groups: dict[tuple[str, int], dict] = {}
    for s in offered:
        on_record = s.about is not None
        group = groups.setdefault(
            (s.fact, id(s.about)),
            {
                "label": s.before(voice) if on_record else s.label(voice),
                "on_record": on_record,
                "options": [],
            },
        )
        group["options"].append({"key": s.key, "text": s.after(voice)})
    return sorted(groups.values(), key=lambda group: not group["on_record"])
