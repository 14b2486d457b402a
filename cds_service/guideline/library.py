"""All enabled guidelines, loaded and cross-checked at start; a request can meet no content error.

Every fault is reported at once with its place and, where a name is wrong, the nearest right one.
"""

import hashlib
import inspect
import string
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from cds_service.content import cards_folder, content_module
from cds_service.errors import ContentError
from cds_service.facts.catalogue import LANGUAGES, load_facts, load_value_sets
from cds_service.facts.extraction import Reader
from cds_service.facts.model import FactDefinition
from cds_service.guideline.criterion import Criterion, strings_within
from cds_service.guideline.model import (ROLES, ActionTemplate, CardTemplate, CriterionUse, Guideline, OrderTemplate,
                                         Recommendation, Setting, Situation, Source, SuggestionTemplate, Words)  # fmt: skip
from cds_service.guideline.shape import CardsShape, GuidelineShape, WordingShape, shape_faults
from cds_service.strict_yaml import load
from cds_service.terminology import PROJECT, ValueSet, code_faults

HOOKS = ("patient-view", "order-select", "order-sign")
INDICATORS = ("info", "warning", "critical")
# Values that every sentence of a card may use besides the settings and those that criteria give.
PLACEHOLDERS = {"breast", "side", "order"}
SUMMARY_LIMIT = 139  # CDS Hooks: fewer than 140 characters
_ROOM_FOR_VALUES = 24
# How the name of a setting ends: its unit.
SETTING_ENDS = ("_months", "_days", "_years", "_lesions")


@dataclass(frozen=True)
class Library:
    """The loaded content."""

    guidelines: tuple[Guideline, ...]
    readers: Mapping[str, Reader]
    value_sets: Mapping[str, ValueSet]
    wording: Mapping[str, object]

    def for_hook(self, hook: str) -> tuple[Guideline, ...]:
        return tuple(g for g in self.guidelines if g.for_hook(hook))

    def fact_definitions(self, hook: str) -> dict[str, FactDefinition]:
        """Every fact that the guidelines of a hook may ask."""
        return {name: d for g in self.for_hook(hook) for name, d in g.facts.items()}


def guideline_folders(root: Path) -> list[Path]:
    return sorted(path.parent for path in root.glob("*/guideline.yaml"))


def load_library(root: Path | None = None) -> Library:
    """Load cards/. Raises ContentError with every fault found."""
    root = root or cards_folder()
    loading = _Loading(root)
    guidelines = tuple(g for folder in guideline_folders(root) if (g := loading.guideline(folder)))
    if loading.faults:
        raise ContentError(loading.faults)
    return Library(guidelines, loading.readers, loading.shared_sets | {"laterality": loading.every_side()}, loading.wording)


class _Loading:
    """One pass over the content that collects every fault."""

    def __init__(self, root: Path):
        self.faults: list[str] = []
        self.shared = root / "shared"
        self.shared_sets, found = load_value_sets(self.shared)
        self.faults += found
        if "laterality" not in self.shared_sets:
            self.faults.append(f"{self.shared}/value_sets/laterality.csv is missing")
            self.shared_sets["laterality"] = ValueSet("laterality", {}, ())
        self.all_sets = list(self.shared_sets.values())
        self.shared_facts, found = load_facts(self.shared, self.shared_sets)
        self.faults += found
        self.wording = self._file(self.shared / "wording.yaml", WordingShape) or {"criteria": {}, "terms": {}, "override_reasons": {}}
        self.readers: dict[str, Reader] = {}
        self.shared_criteria = self._marked("shared.criteria", "is_criterion")
        self.readers.update(self._marked("shared.readers", "is_reader"))

    def _marked(self, module_name: str, mark: str) -> dict[str, Criterion]:
        """The functions of a content module that carry a mark."""
        module = content_module(module_name)
        if module is None:
            return {}
        found = {name: f for name, f in vars(module).items() if getattr(f, mark, False) and f.__module__ == module.__name__}
        self.faults += [f"{module.__file__}: {name} needs a sentence that says what it asks" for name, f in found.items() if not f.__doc__]
        return found

    def _file(self, path: Path, shape: type) -> dict | None:
        """A content file of the right shape; None, with its faults noted, otherwise."""
        try:
            content = load(path)
        except ContentError as error:
            self.faults += error.faults
            return None
        faults = shape_faults(content, shape, str(path))
        self.faults += faults
        return None if faults else content  # type: ignore[return-value]

    def every_side(self) -> ValueSet:
        """Laterality as the codes of all value sets hold it: qualifiers, body sites, and whatever names a side by itself."""
        codes = {key: row for value_set in self.all_sets for key, row in value_set.codes.items() if row[1]}
        return ValueSet("laterality", codes, ())

    def every_value(self) -> set[str]:
        """Every value that some row of a value set has."""
        return {value for s in self.all_sets for value in [*(row[0] for row in s.codes.values()), *(value for _, value, _ in s.terms)]}

    def guideline(self, folder: Path) -> Guideline | None:
        place, before = folder / "guideline.yaml", len(self.faults)
        raw, cards = self._file(place, GuidelineShape), self._file(folder / "card.yaml", CardsShape)
        if raw is None or cards is None:
            return None
        sets, found = load_value_sets(folder)
        self.all_sets += sets.values()
        self.faults += found + [f"{folder}: value set {name} hides a shared one" for name in sets.keys() & self.shared_sets.keys()]
        own_facts, found = load_facts(folder, {**self.shared_sets, **sets})
        self.faults += found
        known_facts = {**self.shared_facts, **own_facts}
        self.readers.update(self._marked(f"{folder.name}.readers", "is_reader"))
        criteria = {**self.shared_criteria, **self._marked(f"{folder.name}.criteria", "is_criterion")}
        facts = {name: known_facts[name] for name in raw.get("facts", []) if self._known(name, known_facts, "fact", f"{place}: facts")}
        for name, definition in facts.items():
            if definition.reader:
                self._known(definition.reader, self.readers, "reader", f"{place}: {name}")
        settings = {
            name: Setting(s["value"], s["unit"], self._words(s.get("label"), f"{place}: settings.{name}"), s["source"])
            for name, s in raw.get("settings", {}).items()
        }
        labels = {**self.wording["criteria"], **cards.get("criteria", {})}
        self._asked(criteria, raw, {**self.shared_facts, **own_facts}, set(facts), set(settings), f"{place}")
        terms = {**self.wording["terms"], **cards.get("terms", {})}
        self.terms = terms
        for name, setting in settings.items():
            self._words(setting.label, f"{place}: settings.{name}.label", {"value"})
        orders = {name: self._order(o, f"{folder}/card.yaml: orders.{name}") for name, o in cards.get("orders", {}).items()}
        recommendations = tuple(
            self._recommendation(folder, entry, cards["cards"].get(entry["id"]), criteria, labels, facts, settings, orders)
            for entry in raw["recommendations"]
            if self._known(entry["id"], cards["cards"], "card", f"{place}: recommendations")
        )
        source = raw["source"]
        if len(self.faults) > before:
            return None
        return Guideline(
            id=folder.name,
            version=f"{raw['version']}+{_digest(folder, self.shared)}",
            title=self._words(raw.get("title"), f"{place}: title"),
            source=Source(source["label"], source["url"], source["status"], bool(source.get("draft"))),
            per_breast=raw.get("per") == "breast",
            settings=settings,
            facts=facts,
            recommendations=recommendations,
            orders=orders,
            order_label=self._words(self.wording.get("order_under_review"), f"{self.shared}/wording.yaml: order_under_review"),
            terms=terms,
        )

    def _recommendation(self, folder: Path, entry: dict, card: dict, criteria: dict, labels: dict, facts: dict, settings: dict, orders: dict) -> Recommendation:
        place = f"{folder}/guideline.yaml: {entry['id']}"
        situations = []
        values = PLACEHOLDERS | set(settings)
        for number, when in enumerate(entry["when"]):
            uses = []
            for role in ROLES:
                for item in when.get(role, []):
                    use = self._use(item, role, criteria, labels, f"{place}.when[{number}].{role}")
                    if use:
                        uses.append(use)
                        values |= set(use.function.values)  # type: ignore[attr-defined]
            self.faults += [f"{place}.when[{number}]: {key} is not known here" for key in when.keys() - {"hooks", "orders", *ROLES}]
            self.faults += [f"{place}: {hook} is not a hook" for hook in when["hooks"] if hook not in HOOKS]
            ids = [use.id for use in uses]
            self.faults += [f"{place}: {i} stands twice" for i in sorted({i for i in ids if ids.count(i) > 1})]
            for name, kinds in when.get("orders", {}).items():
                if self._known(name, facts, "fact", f"{place}.orders"):
                    for kind in kinds:
                        self._known(kind, self.every_value(), "kind of order", f"{place}.orders.{name}")
            situations.append(Situation(tuple(when["hooks"]), {k: tuple(v) for k, v in when.get("orders", {}).items()}, tuple(uses)))
        if entry["indicator"] not in INDICATORS:
            self.faults.append(f"{place}: indicator must be one of {', '.join(INDICATORS)}")
        card_place = f"{folder}/card.yaml: {entry['id']}"
        known_ids = {use.id for s in situations for use in s.uses}
        return Recommendation(
            key=entry["id"],
            guideline=folder.name,
            indicator=entry["indicator"],
            title=self._words(card.get("title"), f"{card_place}.title"),
            decides=self._words(card.get("decides", card.get("title")), f"{card_place}.decides"),
            strength=self._words(entry.get("strength"), f"{place}.strength"),
            section=entry["section"],
            situations=tuple(situations),
            card=self._card(card, card_place, values, known_ids, orders),
        )

    def _use(self, item: object, role: str, criteria: dict, labels: dict, place: str) -> CriterionUse | None:
        name, parameters = (next(iter(item.items())) if isinstance(item, dict) else (item, {}))
        if not self._known(name, criteria, "criterion", place):
            return None
        try:
            inspect.signature(criteria[name]).bind(None, **parameters)
        except TypeError as error:
            self.faults.append(f"{place}: {name}: {error}")
        if not self._known(name, labels, "label of a criterion", f"{place} (card.yaml: criteria)"):
            return None
        for value in parameters.values():
            if isinstance(value, str):
                self._known(value, self.terms, "term", f"{place}: {name}")
        words, named = labels[name], set(parameters)
        return CriterionUse(name, role, parameters, criteria[name], self._words(words.get("label"), f"{name}.label", named),
                            self._words(words.get("missing"), f"{name}.missing", named))  # fmt: skip

    def _asked(self, criteria: dict, raw: dict, known_facts: dict, facts: set[str], settings: set[str], place: str) -> None:
        """What the criteria in use ask for must be listed: a request must not be the first to find out."""
        items = (item for r in raw["recommendations"] for when in r["when"] for role in ROLES for item in when.get(role, []))
        names = {next(iter(item)) if isinstance(item, dict) else item for item in items}
        for name in sorted(names & criteria.keys()):
            strings = strings_within(criteria[name])
            self.faults += [f"{place}: facts: {name} asks for {fact}, which is not listed" for fact in sorted(strings & known_facts.keys() - facts)]
            wanted = {s for s in strings if s.endswith(SETTING_ENDS)}
            self.faults += [f"{place}: settings: {name} asks for {setting}, which is not there" for setting in sorted(wanted - settings)]

    def _card(self, card: dict, place: str, values: set[str], ids: set[str], orders: dict) -> CardTemplate:
        summary = self._words(card.get("summary"), f"{place}.summary", values)
        for language, text in summary.items():
            with suppress(ValueError):  # half a placeholder: told above
                parts = list(string.Formatter().parse(text))
                length = sum(len(fixed) for fixed, *_ in parts) + _ROOM_FOR_VALUES * sum(1 for _, name, *_ in parts if name)
                if length > SUMMARY_LIMIT:
                    self.faults.append(f"{place}.summary.{language}: too long for {SUMMARY_LIMIT} characters")
        suggestions = []
        for number, raw in enumerate(card.get("suggestions", [])):
            here = f"{place}.suggestions[{number}]"
            for needed in raw.get("offered_when", []):
                self._known(needed, ids, "criterion of this recommendation", here)
            actions = []
            for action in raw["actions"]:
                (kind, order), = action.items()
                if kind == "create":
                    self._known(order, orders, "order", here)
                elif (kind, order) != ("delete", "order_under_review"):
                    self.faults.append(f"{here}: an action is `create: <order>` or `delete: order_under_review`")
                words = raw.get("descriptions", {}).get(kind, raw["label"])
                actions.append(ActionTemplate(kind, order, self._words(words, here, values)))
            suggestions.append(SuggestionTemplate(self._words(raw["label"], here, values), tuple(raw.get("offered_when", [])), tuple(actions)))
        for code in card.get("override_reasons", []):
            self._known(code, self.wording["override_reasons"], "override reason", place)
        links = tuple((self._words(link["label"], f"{place}.links"), link["url"]) for link in card.get("links", []))
        return CardTemplate(summary, self._words(card.get("detail"), f"{place}.detail", values), tuple(suggestions),
                            card.get("selection", "at-most-one"), links, tuple(card.get("override_reasons", [])))  # fmt: skip

    def _order(self, raw: dict, place: str) -> OrderTemplate:
        codings = tuple(raw.get("codings", []))
        for coding in codings:
            if coding["system"] != PROJECT:
                self.faults += [f"{place}: {fault}" for fault in code_faults(coding["system"], coding["code"])]
        return OrderTemplate(self._words(raw.get("text"), place, {"side", "breast"}), codings, bool(raw.get("sided")))

    def _words(self, words: object, place: str, values: set[str] | None = None) -> Words:
        if not isinstance(words, dict) or set(words) != set(LANGUAGES) or not all(isinstance(t, str) and t for t in words.values()):
            self.faults.append(f"{place}: a text is needed in {' and '.join(LANGUAGES)}")
            return {language: "?" for language in LANGUAGES}
        if values is not None:
            for language, text in words.items():
                try:
                    unknown = {name for _, name, *_ in string.Formatter().parse(text) if name} - values
                except ValueError as error:
                    self.faults.append(f"{place}.{language}: {error}")
                    continue
                self.faults += [f"{place}.{language}: {{{name}}} is given by nothing here" for name in sorted(unknown)]
        return words

    def _known(self, name: object, names: object, kind: str, place: str) -> bool:
        if name in names:  # type: ignore[operator]
            return True
        near = get_close_matches(str(name), [str(n) for n in names], 1)  # type: ignore[attr-defined]
        self.faults.append(f"{place}: no {kind} named {name}" + (f"; did you mean {near[0]}?" if near else ""))
        return False


def _digest(*folders: Path) -> str:
    """A short fingerprint of everything that the advice is made of."""
    digest = hashlib.sha256()
    for folder in folders:
        for path in sorted(p for p in folder.rglob("*") if p.suffix in (".yaml", ".csv", ".py") and p.name not in ("cases.yaml", "shorthand.py")):
            digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:8]
