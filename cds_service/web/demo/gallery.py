"""The example patients of the playground: their stories, the cards they yield today, and orders to pick."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from threading import Lock

from cds_service.examples import ANCHOR, Case, all_cases, example_bundles, rebase, render
from cds_service.facts import reading
from cds_service.facts.model import Side
from cds_service.guideline.library import Library
from cds_service.played import Played, played
from cds_service.settings import Settings
from cds_service.web.demo.record import age_of, name_of

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


class Gallery:
    """The examples on each day; what was played is kept for the day. May be used from several threads."""

    def __init__(self, library: Library, settings: Settings):
        self._library, self._settings, self._lock = library, settings, Lock()
        self._cases = all_cases()
        self.by_id: Mapping[str, Case] = {case.id: case for case in self._cases if case.example}
        self._bundles = example_bundles(list(self.by_id.values()), ANCHOR)
        self._told: dict[tuple[date, str], tuple[Example, ...]] = {}

    def examples(self, now: datetime, language: str) -> tuple[Example, ...]:
        """Every example with the cards that it yields today."""
        today = now.date()
        with self._lock:
            if (today, language) not in self._told:
                self._told = {key: told for key, told in self._told.items() if key[0] == today}
                self._told[today, language] = tuple(self._example(case, today, language) for case in self.by_id.values())
            return self._told[today, language]

    def _example(self, case: Case, today: date, language: str) -> Example:
        patient = render(case, today).resources[0]
        hooks = tuple(played(case, hook, self._library, self._settings, today, language) for hook in case.expect)
        return Example(case, name_of(patient), age_of(patient, today), hooks)

    def bundle(self, patient_id: str, today: date) -> Resource:
        """The record of an example as a transaction, its dates moved to today. KeyError for what is no example."""
        return rebase(self._bundles[f"{patient_id}.json"], today)

    def orders(self, patient_id: str, today: date, language: str) -> list[Order]:
        """The draft orders of the patient's own story, then those of all other stories for this patient, each once."""
        mine = self.by_id.get(patient_id)
        found: dict[str, Order] = {}
        for case in sorted(self._cases, key=lambda case: case is not mine):
            if not case.orders:
                continue
            record = render(case, today)
            for draft in record.draft_orders:
                chosen = f"{draft['resourceType']}/{draft['id']}" in record.selections
                order = self._order(patient_id, draft, case is mine, case is mine and chosen, language)
                if order.label:
                    found.setdefault(order.label, order)
        own = [order for order in found.values() if order.own]
        return own + sorted((order for order in found.values() if not order.own), key=lambda order: order.label.casefold())

    def _order(self, patient_id: str, draft: Resource, own: bool, selected: bool, language: str) -> Order:
        """A draft as an order for this patient; what it refers to in another record is left out."""
        kept = {key: value for key, value in draft.items() if own or key not in ELSEWHERE}
        return Order(self._label(draft, language), kept | {"subject": {"reference": f"Patient/{patient_id}"}}, own, selected)

    def _label(self, order: Resource, language: str) -> str:
        """What is ordered, of which side, why and how urgently."""
        what = _words(order.get("code") or order.get("medicationCodeableConcept") or {})
        side = reading.side(order, self._library.value_sets["laterality"], ())
        sided = self._library.wording["terms"][side.value][language] if side is not Side.UNKNOWN else ""  # type: ignore[index]
        reasons = [_words(reason) for reason in order.get("reasonCode") or []]
        priority = order.get("priority", "routine")
        parts = [what, sided if sided not in what else "", *reasons, priority if priority != "routine" else ""]
        return ", ".join(part for part in parts if part) if what else ""


def _words(concept: Resource) -> str:
    displays = (coding.get("display") or coding.get("code") or "" for coding in concept.get("coding") or [])
    return concept.get("text") or next(displays, "")
