"""Cases played for real: what the service answers today to the invented patients of cases.yaml. One way for pages, gallery and guides.

The whole line is walked (request, decision, cards) with the loaded content and the hospital's own file; no other evaluator. The patients
are invented, so nothing here is about anybody. Nothing reads a clock: `today` is handed in.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time

from cds_service.casebook.model import Case
from cds_service.casebook.render import hook_request, render
from cds_service.cds_hooks.request import parse
from cds_service.decision.decide import decide, prefetch_templates
from cds_service.guideline.evaluation import Assessment
from cds_service.guideline.library import Library
from cds_service.guideline.verdict import Verdict
from cds_service.rendering.cards import OWN_CARDS, render_cards
from cds_service.settings import Settings


@dataclass(frozen=True)
class PlayedCard:
    """A card as the service gives it today: key in the catalogue (or informationNeeded, notAssessed), indicator, its one line."""

    key: str
    indicator: str
    summary: str


@dataclass(frozen=True)
class Played:
    """One case on one hook: the cards that are expected and given, and what every recommendation that was asked came to."""

    case: Case
    hook: str
    expected: tuple[
        str, ...
    ]  # keys in any order, without those of recommendations that the hospital switched off
    cards: tuple[PlayedCard, ...]  # in the order of the response
    assessments: Mapping[
        str, Assessment
    ]  # key -> every breast, order and criterion; none of guidelines that no order concerns

    @property
    def keys(self) -> tuple[str, ...]:
        return tuple(card.key for card in self.cards)

    @property
    def agrees(self) -> bool:
        """Whether exactly the expected cards are given."""
        return sorted(self.keys) == sorted(self.expected)

    def verdict(self, key: str) -> Verdict:
        """What a recommendation came to; one that was not asked is not applicable."""
        return self.assessments[key].verdict if key in self.assessments else Verdict.NOT_APPLICABLE


def played(
    case: Case, hook: str, library: Library, settings: Settings, today: date, language: str
) -> Played:
    """Play a case on a hook that its `expect` names, at noon of `today` (or of the day of the month that the case asks for).

    Resource types that the case calls unread fail to be read here too. Some milliseconds.
    """
    record = render(case, today)
    wanted = prefetch_templates(library, hook)
    request = parse(hook_request(case, record, hook, prefetch_keys=wanted), hook)
    decision = decide(
        request, library, wanted, datetime.combine(record.today, time(12), settings.timezone), None
    )
    cards = render_cards(decision, library, settings, language)
    told = tuple(
        PlayedCard(card["source"]["topic"]["code"], card["indicator"], card["summary"])
        for card in cards
    )
    known = {r.key for g in library.guidelines for r in g.recommendations} | set(OWN_CARDS)
    expected = tuple(key for key in case.expect[hook] if key in known)
    return Played(
        case, hook, expected, told, {a.recommendation.key: a for a in decision.all_assessments}
    )
