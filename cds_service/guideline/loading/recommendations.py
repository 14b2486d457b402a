"""The recommendations of one guideline, checked against the names that exist in its folder."""

import inspect
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from cds_service.cds_hooks.hooks import HOOKS
from cds_service.facts.model import FactDefinition
from cds_service.guideline.criterion import Criterion
from cds_service.guideline.loading.card_templates import card_template
from cds_service.guideline.loading.checking import Checking
from cds_service.guideline.model import (
    ROLES,
    CriterionRole,
    OrderTemplate,
    Recommendation,
    Setting,
    Situation,
    Words,
)

INDICATORS = ("info", "warning", "critical")


# Values that every sentence of a card may use besides the settings and those that criteria give.
PLACEHOLDERS = {"breast", "side", "order"}


@dataclass
class Recommendations:
    """Reads the entries of a guideline.yaml; faults go to `check`."""

    check: Checking
    folder: Path
    criteria: Mapping[str, Criterion]
    labels: Mapping[str, dict]  # words of criteria
    facts: Mapping[str, FactDefinition]
    settings: Mapping[str, Setting]
    orders: Mapping[str, OrderTemplate]
    terms: Mapping[str, Words]
    values: set[str]  # every value that a row of a value set has
    override_reasons: Mapping[str, Words]
    page_label: Words

    def read(self, entry: dict, card: dict) -> Recommendation:
        """One entry of `recommendations`, with its card."""
        place = f"{self.folder}/guideline.yaml: {entry['id']}"
        situations = []
        values = PLACEHOLDERS | set(self.settings)
        for number, when in enumerate(entry["when"]):
            uses = []
            for role in ROLES:
                for item in when.get(role, []):
                    use = self._use(item, role, f"{place}.when[{number}].{role}")
                    if use:
                        uses.append(use)
                        values |= use.contract.values
            self.check.faults += [
                f"{place}.when[{number}]: {key} is not known here"
                for key in when.keys()
                - {"hooks", "orders", "indicator", "while_unsure", "while_unread", *ROLES}
            ]
            self.check.faults += [
                f"{place}: {hook} is not a hook" for hook in when["hooks"] if hook not in HOOKS
            ]
            ids = [use.id for use in uses]
            self.check.faults += [
                f"{place}: {i} stands twice" for i in sorted({i for i in ids if ids.count(i) > 1})
            ]
            for name, kinds in when.get("orders", {}).items():
                if self.check.known(name, self.facts, "fact", f"{place}.orders"):
                    for kind in kinds:
                        self.check.known(
                            kind, self.values, "kind of order", f"{place}.orders.{name}"
                        )
            indicator = when.get("indicator", entry["indicator"])
            unsure, unread = (
                when.get("while_unsure", indicator),
                when.get("while_unread", indicator),
            )
            if not {indicator, unsure, unread} <= set(INDICATORS):
                self.check.faults.append(
                    f"{place}: indicator must be one of {', '.join(INDICATORS)}"
                )
            situations.append(
                Situation(
                    tuple(when["hooks"]),
                    {k: tuple(v) for k, v in when.get("orders", {}).items()},
                    tuple(uses),
                    indicator,
                    unsure,
                    unread,
                )
            )
        card_place, key = f"{self.folder}/card.yaml: {entry['id']}", entry["id"]
        known_ids = {use.id for s in situations for use in s.uses}
        template = card_template(
            self.check,
            card,
            card_place,
            values,
            known_ids,
            self.orders,
            self.override_reasons,
        )
        own_page = (self.page_label, f"/guidelines/{self.folder.name}/{key}")
        return Recommendation(
            key=key,
            guideline=self.folder.name,
            title=self.check.words(card.get("title"), f"{card_place}.title"),
            decides=self.check.words(
                card.get("decides", card.get("title")), f"{card_place}.decides"
            ),
            strength=self.check.words(entry.get("strength"), f"{place}.strength"),
            section=entry["section"],
            situations=tuple(situations),
            card=replace(
                template, links=(*template.links, own_page)
            ),  # every card leads to its recommendation's page
        )

    def _use(self, item: Any, role: str, place: str) -> CriterionRole | None:
        name, parameters = next(iter(item.items())) if isinstance(item, dict) else (item, {})
        if not self.check.known(name, self.criteria, "criterion", place):
            return None
        try:
            inspect.signature(self.criteria[name]).bind(None, **parameters)
        except TypeError as error:
            self.check.faults.append(f"{place}: {name}: {error}")
        if not self.check.known(
            name, self.labels, "label of a criterion", f"{place} (card.yaml: criteria)"
        ):
            return None
        for value in parameters.values():
            if isinstance(value, str):
                self.check.known(value, self.terms, "term", f"{place}: {name}")
        words, named = self.labels[name], set(parameters)
        contract = self.criteria[name].contract  # type: ignore[attr-defined]
        label, missing = (
            self.check.words(words.get(key), f"{place}: {name}.{key} (card.yaml: criteria)", named)
            for key in ("label", "missing")
        )
        found = (
            self.check.words(
                words["found"],
                f"{place}: {name}.found (card.yaml: criteria)",
                named | contract.values,
            )
            if words.get("found")
            else {}
        )
        return CriterionRole(
            name,
            role,
            parameters,
            self.criteria[name],
            label,
            missing,
            found,
        )
