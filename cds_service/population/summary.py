"""The counts of a population run for people: per recommendation, per guideline, per thousand patients. It names no patient."""

import json
from collections.abc import Mapping
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from cds_service.fhir.resource_types import KEYS
from cds_service.guideline.library import Library
from cds_service.guideline.model import Guideline, Recommendation
from cds_service.guideline.verdict import ORDER_OF_WEIGHT
from cds_service.population.judging import HOOK
from cds_service.population.run import Outcome, Plan
from cds_service.population.tally import MOST
from cds_service.rendering.cards import INDICATOR_ORDER, OWN_CARDS
from cds_service.rendering.voice import Phrasebook
from cds_service.strict.yaml import load

_HERE = Path(__file__).resolve().parent
_TEXTS: dict[str, dict[str, str]] = load(_HERE / "texts.yaml")
MOST_MISSING = 5  # criteria told of each recommendation


def summary(plan: Plan, outcome: Outcome, library: Library, language: str) -> dict:
    """Everything that the page tells, as data. Rates are per thousand patients that were answered."""
    counts, status = outcome.counts, outcome.counts.get("status", {})
    answered = status.get("answered", 0)
    export = plan.export
    cards = {g.id: counts.get("cards", {}).get(g.id, {}) for g in library.guidelines}
    total = sum(_total(by_key) for by_key in cards.values())
    per_patient = counts.get("cardsPerPatient", {})
    return {
        "judgedOn": plan.how.day.isoformat(),
        "hook": HOOK,
        "contentVersions": dict(plan.versions),
        "patients": counts.get("patients", 0),
        "resources": counts.get("resources", 0),
        "answered": answered,
        "notAnswerable": status.get("not-answerable", 0),
        "failed": status.get("failed", 0),
        "reasons": counts.get("reasons", {}),
        "cards": total,
        "cardsPer1000": _rate(total, answered),
        "cardsPerPatient": {
            name: per_patient.get(name, 0) for name in (*map(str, range(MOST)), f"{MOST}+")
        },
        "guidelines": [
            _guideline(g, cards[g.id], counts, answered, Phrasebook(language, library.wording, g))
            for g in library.for_hook(HOOK)
        ],
        "problems": counts.get("problems", {}),
        "export": {
            "files": {kind: len(files) for kind, files in export.files.items()},
            "unread": {kind: KEYS[kind] for kind in export.unread},
            "incomplete": list(export.incomplete),
            "passedOver": list(export.passed_over),
            "serverErrors": export.server_errors,
            "unparsableLines": sum(outcome.grouped.unparsable.values()),
            "unparsable": [{"file": file, "line": line} for file, line in outcome.unparsable],
            "withoutPatient": outcome.grouped.without_patient,
        },
    }


def _guideline(
    guideline: Guideline,
    cards: Mapping[str, Mapping[str, int]],
    counts: Mapping,
    answered: int,
    voice: Phrasebook,
) -> dict:
    total = _total(cards)
    own = [{"key": key, **_given(cards[key], answered)} for key in OWN_CARDS if key in cards]
    told = [
        _recommendation(r, cards.get(r.key, {}), counts, answered, voice)
        for r in guideline.for_hook(HOOK)
    ]
    return {
        "id": guideline.id,
        "title": voice.say(guideline.title),
        "version": guideline.version,
        "cards": total,
        "cardsPer1000": _rate(total, answered),
        "recommendations": told,
        "ownCards": own,
    }


def _recommendation(
    recommendation: Recommendation,
    cards: Mapping[str, int],
    counts: Mapping,
    answered: int,
    voice: Phrasebook,
) -> dict:
    key = recommendation.key
    verdicts = counts.get("verdicts", {}).get(key, {})
    missing = counts.get("missing", {}).get(key, {})
    uses = {
        use.id: use for situation in recommendation.situations_on(HOOK) for use in situation.uses
    }
    heaviest = sorted(missing, key=lambda name: (-missing[name], name))[:MOST_MISSING]
    return {
        "key": key,
        "title": voice.say(recommendation.title),
        **_given(cards, answered),
        "verdicts": {v.value: verdicts[v.value] for v in ORDER_OF_WEIGHT if v.value in verdicts},
        "missing": [
            {
                "criterion": name,
                "label": voice.missing(uses[name]) if name in uses else name,
                "patients": missing[name],
            }
            for name in heaviest
        ],
        "unread": counts.get("unread", {}).get(key, {}),
    }


def _given(cards: Mapping[str, int], answered: int) -> dict:
    return {
        "cards": sum(cards.values()),
        "cardsPer1000": _rate(sum(cards.values()), answered),
        "indicators": {i: cards.get(i, 0) for i in INDICATOR_ORDER},
    }


def _total(cards: Mapping[str, Mapping[str, int]]) -> int:
    return sum(sum(indicators.values()) for indicators in cards.values())


def _rate(number: int, answered: int) -> float | None:
    """Per thousand; None where nobody was answered: 0 would look like quiet."""
    return round(1000 * number / answered, 2) if answered else None


def page(told: Mapping, language: str) -> str:
    """The summary as one HTML page that needs nothing from elsewhere."""
    environment = Environment(
        autoescape=True,
        loader=FileSystemLoader(_HERE / "templates"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )

    def number(value: float | None) -> str:
        if value is None:
            return "–"
        text = f"{value:,}" if isinstance(value, int) else f"{value:,.1f}"
        return text.translate(str.maketrans(",.", ".,")) if language == "nl" else text

    environment.filters["number"] = number
    texts = {name: words[language] for name, words in _TEXTS.items()}
    return environment.get_template("summary.html").render(s=told, t=texts, language=language)


def write_summary(plan: Plan, outcome: Outcome, library: Library, language: str) -> dict:
    """Write summary.json and summary.html beside the rows; gives what they say."""
    told = summary(plan, outcome, library, language)
    (plan.into / "summary.json").write_text(
        json.dumps(told, indent=2, ensure_ascii=False) + "\n", encoding="utf-8"
    )
    (plan.into / "summary.html").write_text(page(told, language), encoding="utf-8")
    return told
