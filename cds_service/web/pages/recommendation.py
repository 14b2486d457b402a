"""The page of a recommendation: its decision drawn, criteria, data and codes, card and cases, all of it made from the content."""

import inspect
from collections.abc import Mapping
from dataclasses import dataclass

from markupsafe import Markup

from cds_service.facts.model import FactDefinition
from cds_service.guideline.library import Library
from cds_service.guideline.model import CriterionRole, Guideline, Recommendation, Situation, Words
from cds_service.rendering.voice import Phrasebook
from cds_service.web.pages.diagram import diagram
from cds_service.web.pages.markdown import html
from cds_service.web.pages.value_sets import ToldSet, told_of


@dataclass(frozen=True)
class RecommendationPage:
    """One recommendation in one language; what the template shows, part by part."""

    library: Library
    guideline: Guideline
    recommendation: Recommendation
    language: str
    words: Mapping[str, str]

    @property
    def voice(self) -> Phrasebook:
        return Phrasebook(self.language, self.library.wording, self.guideline)

    def situations(self) -> list[dict]:
        """Hooks, kinds of order, indicator, drawing and criteria of every situation."""
        return [
            self._situation(number, situation)
            for number, situation in enumerate(self.recommendation.situations, 1)
        ]

    def _situation(self, number: int, situation: Situation) -> dict:
        orders = self.orders(situation)
        named = f"{self.voice.say(self.guideline.order_label)}: {orders}" if orders else ""
        title = self.voice.say(self.recommendation.title)
        drawn = diagram(
            situation,
            name=f"diagram-{number}",
            title=title,
            label=self.voice.label,
            order=named,
            words=self.words,
        )
        unsure = self.words["while_unsure"].format(
            indicator=self.words[f"indicator_{situation.while_unsure}"]
        )
        return {
            "number": number,
            "hooks": situation.hooks,
            "orders": orders,
            "order_label": named,
            "indicator": situation.indicator,
            "unsure": unsure if situation.while_unsure != situation.indicator else "",
            "drawing": Markup(drawn),  # noqa: S704 - our own drawing, whose texts are escaped
            "criteria": [self._criterion(use) for use in situation.uses],
        }

    def orders(self, situation: Situation) -> str:
        """The kinds of order that a situation is about, in words."""
        return ", ".join(
            dict.fromkeys(
                self.voice.term(kind) for kinds in situation.orders.values() for kind in kinds
            )
        )

    def _criterion(self, use: CriterionRole) -> dict:
        return {
            "id": use.id,
            "role": use.role,
            "label": self.voice.label(use),
            "definition": " ".join(inspect.cleandoc(use.function.__doc__ or "").split()),
            "source": use.contract.source,
            "missing": self.voice.missing(use),
            "facts": [
                (name, self.voice.say(fact.label))
                for name, fact in self.guideline.facts.items()
                if name in use.asks
            ],
            "settings": [name for name in self.guideline.settings if name in use.asks],
        }

    def silent_when(self) -> list[str]:
        """The labels of what takes the card away when it holds: exclusions and what answers it already."""
        uses = (
            use
            for situation in self.recommendation.situations
            for use in situation.role("exclusions", "suppressed_by")
        )
        return list(dict.fromkeys(self.voice.label(use) for use in uses))

    def settings(self) -> list[dict]:
        """Thresholds that its criteria use."""
        used = (
            (name, setting)
            for name, setting in self.guideline.settings.items()
            if name in self.recommendation.asks
        )
        return [
            {
                "name": name,
                "label": self.voice.say(s.label).format(value=s.value),
                "value": s.value,
                "unit": s.unit,
                "source": s.source,
            }
            for name, s in used
        ]

    # --- the card

    def card(self) -> dict:
        """Every sentence of the card, placeholders named in square brackets."""
        card = self.recommendation.card
        return {
            "summary": self.voice.unfilled(card.summary),
            "detail": html(self.voice.unfilled(card.detail, markdown=True)),
            "instead": [
                {
                    "when": self._labels(o.said_when),
                    "summary": self.voice.unfilled(o.summary),
                    "detail": html(self.voice.unfilled(o.detail, markdown=True)),
                }
                for o in card.instead
            ],
            "paragraphs": [
                {
                    "when": self._labels(p.said_when),
                    "text": html(self.voice.unfilled(p.text, markdown=True)),
                }
                for p in card.paragraphs
            ],
            "suggestions": [
                {
                    "label": self.voice.unfilled(s.label),
                    "when": self._labels(s.offered_when),
                    "actions": [self._action(a.type, a.order) for a in s.actions],
                }
                for s in card.suggestions
            ],
            "override_reasons": [
                self.voice.shared("override_reasons", code) for code in card.override_reasons
            ],
            "links": [(self.voice.say(label), url) for label, url in card.links],
        }

    def _labels(self, ids: tuple[str, ...]) -> list[str]:
        uses = {
            use.id: use for situation in self.recommendation.situations for use in situation.uses
        }
        return [self.voice.label(uses[criterion_id]) for criterion_id in ids]

    def _action(self, kind: str, order: str) -> dict:
        if kind != "create":
            return {"type": kind, "text": "", "codings": ()}
        template = self.guideline.orders[order]
        return {
            "type": kind,
            "text": self.voice.unfilled(template.text),
            "codings": template.codings,
        }

    # --- what is read

    def facts(self) -> list[dict]:
        """The facts that its criteria ask, and those by which orders are recognised, with where they are read."""
        asked = self.recommendation.asks | {
            name for situation in self.recommendation.situations for name in situation.orders
        }
        return [
            self._fact(name, fact) for name, fact in self.guideline.facts.items() if name in asked
        ]

    def _fact(self, name: str, fact: FactDefinition) -> dict:
        paths = [(kind, [path.expression for path in where]) for kind, where in fact.paths.items()]
        attributes = [
            (key, [path.expression for path in a.paths], a.value_set.name)
            for key, a in fact.attributes.items()
        ]
        return {
            "name": name,
            "label": self.voice.say(fact.label),
            "meaning": html(fact.meaning),
            "paths": paths,
            "attributes": attributes,
            "value_set": fact.value_set.name,
        }

    def value_sets(self) -> list[ToldSet]:
        """The value sets of these facts, each once."""
        definitions = [self.guideline.facts[fact["name"]] for fact in self.facts()]
        used = {s.name: s for d in definitions for s in d.value_sets}
        return [told_of(self.library, self.guideline.id, value_set) for value_set in used.values()]

    def meaning(self, value: str, side: str) -> str:
        """What a row of a value set says, in words."""
        return meaning(self.guideline.terms, self.language, value, side) or self.words["presence"]


def meaning(terms: Mapping[str, Words], language: str, value: str, side: str) -> str:
    """What a row of a value set says, in the words of the content: its value and its side; "" where it says only that it is there."""
    said = (terms[part][language] if part in terms else part for part in (value, side) if part)
    return ", ".join(said)
