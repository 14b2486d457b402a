"""The card of a guideline that a fault of the content kept from being judged or worded: silence must not look like "nothing to advise"."""

import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from cds_service.guideline.loading.card_templates import SUMMARY_LIMIT
from cds_service.guideline.model import Guideline, Recommendation
from cds_service.guideline.verdict import Verdict
from cds_service.rendering.trace import EXTENSION
from cds_service.rendering.voice import escape
from cds_service.settings import Settings


def card_at_fault(
    guideline: Guideline,
    hook: str,
    wording: Mapping[str, Any],
    settings: Settings,
    language: str,
) -> dict:
    """`notAssessed` of a guideline; a warning where it could hide one. Needs as little of the guideline's own words as can be."""
    asked = guideline.for_hook(hook)
    try:
        title = guideline.title[language]
        recommendations = "; ".join(r.title[language] for r in asked)
        label = guideline.source.label[language]
    except (
        Exception
    ):  # its own words may be what is at fault: the names of its folder and keys remain
        title = label = guideline.id
        recommendations = "; ".join(escape(r.key) for r in asked)
    words: Mapping[str, Mapping[str, str]] = wording["at_fault"]
    summary = words["summary"][language].format(title=title)
    return {
        "uuid": str(uuid.uuid4()),
        "summary": summary[:SUMMARY_LIMIT],
        "indicator": "warning" if _may_warn(asked, hook) else "info",
        "detail": words["detail"][language].format(recommendations=recommendations),
        "source": {
            "label": label,
            "url": guideline.source.url,
            "topic": {"code": "notAssessed", "system": settings.topic_system},
        },
        "extension": {
            EXTENSION: {
                "recommendation": asked[0].key,
                "contentVersion": guideline.version,
                "verdict": Verdict.NOT_ASSESSED.value,
            }
        },
    }


def _may_warn(recommendations: Iterable[Recommendation], hook: str) -> bool:
    return any(
        (situation.while_unread or situation.indicator) != "info"
        for recommendation in recommendations
        for situation in recommendation.situations_on(hook)
    )
