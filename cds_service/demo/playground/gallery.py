"""The example patients of the playground: their stories, the cards they yield today, and orders to pick."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from cds_service.casebook.cases import all_cases
from cds_service.casebook.examples import example_bundles, rebase
from cds_service.casebook.model import ANCHOR, Case
from cds_service.casebook.play import Played, played
from cds_service.casebook.render import render
from cds_service.demo.playground.record import age_of, name_of
from cds_service.facts import laterality
from cds_service.facts.model import Laterality
from cds_service.fhir.elements import reference
from cds_service.guideline.library import Library
from cds_service.settings import Settings
from cds_service.web.pages.daily import Daily

Resource = dict
ELSEWHERE = ("reasonReference", "basedOn", "supportingInfo", "encounter")


@dataclass(frozen=True)
class Example:
    """One example patient as the gallery shows it."""

    case: Case
    name: str
    age: int | None
    hooks: tuple[Played, ...]  # what each hook of the case answers today


@dataclass(frozen=True)
class Order:
    """A draft order to pick: the resource, its words, and whether the patient's own story orders it and selects it."""

    label: str
    resource: Resource
    own: bool
    selected: bool


@dataclass(frozen=True)
class Draft:
    """A draft order of a story, before it is known for whom it is picked."""

    patient_id: str
    label: str
    resource: Resource
    selected: bool

    def order_for(self, patient_id: str) -> Order:
        """It as an order for a patient; what it refers to in another record is left out."""
        own = self.patient_id == patient_id
        kept = {key: value for key, value in self.resource.items() if own or key not in ELSEWHERE}
        return Order(
            self.label,
            kept | {"subject": {"reference": f"Patient/{patient_id}"}},
            own,
            own and self.selected,
        )


class Gallery:
    """The examples on each day; what was played, and what is ordered in the stories, is kept for the day."""

    def __init__(self, library: Library, settings: Settings):
        self._library, self._settings, self._kept = library, settings, Daily()
        self._cases = all_cases(settings.content)
        self.by_id: Mapping[str, Case] = {case.id: case for case in self._cases if case.example}
        self._bundles = example_bundles(list(self.by_id.values()), ANCHOR)

    def examples(self, now: datetime, language: str) -> tuple[Example, ...]:
        """Every example with the cards that it yields today."""
        today = now.date()
        return self._kept.of(
            today,
            ("examples", language),
            lambda: tuple(self._example(case, today, language) for case in self.by_id.values()),
        )

    def _example(self, case: Case, today: date, language: str) -> Example:
        patient = render(case, today).resources[0]
        hooks = tuple(
            played(case, hook, self._library, self._settings, today, language)
            for hook in case.expect
        )
        return Example(case, name_of(patient), age_of(patient, today), hooks)

    def bundle(self, patient_id: str, today: date) -> Resource:
        """The record of an example as a transaction, its dates moved to today. KeyError for what is no example."""
        return rebase(self._bundles[f"{patient_id}.json"], today)

    def orders(self, patient_id: str, today: date, language: str) -> list[Order]:
        """The draft orders of the patient's own story, then those of all other stories for this patient, each once."""
        drafts = self._kept.of(today, ("drafts", language), lambda: self._drafts(today, language))
        found: dict[str, Order] = {}
        for draft in sorted(drafts, key=lambda draft: draft.patient_id != patient_id):
            found.setdefault(draft.label, draft.order_for(patient_id))
        own = [order for order in found.values() if order.own]
        return own + sorted(
            (order for order in found.values() if not order.own),
            key=lambda order: order.label.casefold(),
        )

    def _drafts(self, today: date, language: str) -> list[Draft]:
        """The draft orders of all stories that say what is ordered."""
        records = (render(case, today) for case in self._cases if case.orders)
        told = (
            Draft(r.patient_id, self._label(d, language), d, reference(d) in r.selections)
            for r in records
            for d in r.draft_orders
        )
        return [draft for draft in told if draft.label]

    def _label(self, order: Resource, language: str) -> str:
        """What is ordered, of which side, why and how urgently."""
        what = _words(order.get("code") or order.get("medicationCodeableConcept") or {})
        side = laterality.side(order, self._library.value_sets["laterality"], ())
        sided = (
            self._library.wording["terms"][side.value][language]
            if side is not Laterality.UNKNOWN
            else ""
        )
        reasons = [_words(reason) for reason in order.get("reasonCode") or []]
        priority = order.get("priority", "routine")
        parts = [
            what,
            sided if sided not in what else "",
            *reasons,
            priority if priority != "routine" else "",
        ]
        return ", ".join(part for part in parts if part) if what else ""


def _words(concept: Resource) -> str:
    displays = (
        coding.get("display") or coding.get("code") or "" for coding in concept.get("coding") or []
    )
    return concept.get("text") or next(displays, "")
