"""All enabled guidelines, loaded and cross-checked at start; a request can meet no content error.

Every fault is reported at once with its place and, where a name is wrong, the nearest right one.
"""

import hashlib
import inspect
from collections.abc import Callable, Collection
from pathlib import Path
from types import ModuleType
from typing import Any

from cds_service.clinical_text.lexicon import Lexicon
from cds_service.clinical_text.rules import rule_faults
from cds_service.content import add, cards_folder, content_modules
from cds_service.errors import ContentError
from cds_service.facts.definitions import load_facts, load_value_sets
from cds_service.facts.extraction import Reader
from cds_service.guideline.library import Library
from cds_service.guideline.loading.card_templates import order_template
from cds_service.guideline.loading.checking import Checking, clashing_keys, clashing_names
from cds_service.guideline.loading.recommendations import Recommendations
from cds_service.guideline.loading.shape import (
    CardsShape,
    GuidelineShape,
    OrderRemovalShape,
    WordingShape,
)
from cds_service.guideline.loading.site import Site
from cds_service.guideline.loading.spelling import (
    Vocabulary,
    check_criteria,
    check_readers,
    own_words,
)
from cds_service.guideline.model import (
    ROLES,
    Guideline,
    Setting,
    Source,
)
from cds_service.strict.shapes import shape_faults
from cds_service.strict.yaml import load
from cds_service.terminology.index import TermIndex
from cds_service.terminology.value_set import ValueSet


def guideline_folders(root: Path) -> list[Path]:
    """The folders under `root` that hold a guideline."""
    return sorted(path.parent for path in root.glob("*/guideline.yaml"))


def load_library(
    root: Path | None = None, site: Path | None = None, more: Collection[Path] = ()
) -> Library:
    """Load cards/ and `more` guideline folders from elsewhere, with a hospital's own file over them.

    Raises ContentError with every fault found.
    """
    root, own = root or cards_folder(), Site(site)
    if clashes := clashing_names(root, more):
        raise ContentError(clashes)
    add(more)
    loading = _Loading(root, own)
    folders = [*guideline_folders(root), *more]
    guidelines = tuple(g for folder in folders if (g := loading.guideline(folder)))
    loading.check.faults += clashing_keys(guidelines)
    if not loading.check.faults:
        guidelines = own.applied(guidelines)
    if faults := loading.check.faults + own.check.faults:
        raise ContentError(faults)
    loading.lexicon.prepare()
    return Library(
        guidelines,
        loading.readers,
        loading.shared_sets | {"laterality": loading.every_side()},
        loading.wording,
        own,
        TermIndex(list(loading.all_sets.values()), loading.lexicon),
        loading.all_sets,
    )


class _Loading:
    """One pass over the content that collects every fault."""

    def __init__(self, root: Path, site: Site):
        self.check, self.site = Checking(), site
        self.lexicon = Lexicon()
        self.check.faults += rule_faults(root / "shared" / "context_rules.yaml")
        self.shared = root / "shared"
        self.shared_told = _told_in(self.shared) + _told_in(root / "readers")
        self.shared_sets, found = load_value_sets(self.shared, self.lexicon)
        self.check.faults += found
        if "laterality" not in self.shared_sets:
            self.check.faults.append(f"{self.shared}/value_sets/laterality.csv is missing")
            self.shared_sets["laterality"] = ValueSet("laterality", {}, ())
        self.shared_sets = site.value_sets(self.shared_sets)
        self.all_sets = dict(self.shared_sets)
        self.shared_facts, found = load_facts(self.shared, self.shared_sets)
        self.check.faults += found
        self.wording = self._file(self.shared / "wording.yaml", WordingShape) or {
            "criteria": {},
            "terms": {},
            "override_reasons": {},
        }
        self.order_removal = self._file(self.shared / "order_removal.yaml", OrderRemovalShape) or {
            "removal": [],
            "facts": [],
            "settings": {},
        }
        self.page_label = self.check.words(
            self.wording.get("card", {}).get("page"), f"{self.shared}/wording.yaml: card.page"
        )
        for name, words in self.wording.get("values", {}).items():
            self.check.words(words, f"{self.shared}/wording.yaml: values.{name}")
        self.readers: dict[str, Reader] = {}
        self.fact_folders = dict.fromkeys(self.shared_facts, "shared")  # by name, as they are read
        self.shared_criteria = self._marked("shared", "is_criterion")
        self.readers.update(self._marked("readers", "is_reader"))
        check_readers(self.check, self._modules("readers"), {*self.shared_sets, "laterality"})
        check_criteria(
            self.check,
            self._modules("shared"),
            Vocabulary(
                self.shared_facts,
                frozenset(self.shared_sets),
                words=frozenset(self.wording.get("terms", {})),
            ),
        )

    def _modules(self, folder: str) -> list[ModuleType]:
        """The modules of a folder, without the words of its cases."""
        return content_modules(folder, without="case_words")

    def _marked(self, folder: str, mark: str) -> dict[str, Callable[..., Any]]:
        """The functions of a folder's modules that carry a mark."""
        marked: dict[str, Callable[..., Any]] = {}
        for module in self._modules(folder):
            found = {
                name: f
                for name, f in vars(module).items()
                if getattr(f, mark, False) and f.__module__ == module.__name__
            }
            self.check.faults += [
                f"{module.__file__}: {name} needs a sentence that says what it asks"
                for name, f in found.items()
                if not f.__doc__
            ]
            self.check.faults += [
                f"{module.__file__}: {name} stands in another module of {folder} too"
                for name in found.keys() & marked.keys()
            ]
            marked |= found
        return marked

    def _file(self, path: Path, shape: type) -> dict | None:
        """A content file of the right shape; None, with its faults noted, otherwise."""
        try:
            content = load(path)
        except ContentError as error:
            self.check.faults += error.faults
            return None
        faults = shape_faults(content, shape, str(path))
        self.check.faults += faults
        return None if faults else content

    def every_side(self) -> ValueSet:
        """Laterality as the codes of all value sets hold it: qualifiers, body sites, and whatever names a side by itself."""
        codes = {
            key: row
            for value_set in self.all_sets.values()
            for key, row in value_set.codes.items()
            if row[1]
        }
        return ValueSet("laterality", codes, ())

    def every_value(self) -> set[str]:
        """Every value that some row of a value set has."""
        return {
            value
            for s in self.all_sets.values()
            for value in [
                *(row[0] for row in s.codes.values()),
                *(value for _, value, _ in s.terms),
            ]
        }

    def guideline(self, folder: Path) -> Guideline | None:
        place, before = folder / "guideline.yaml", len(self.check.faults)
        raw, cards = self._file(place, GuidelineShape), self._file(folder / "card.yaml", CardsShape)
        if raw is None or cards is None:
            return None
        raw = self._with_removal(raw, cards)
        sets, found = load_value_sets(folder, self.lexicon)
        sets = self.site.value_sets(sets, folder.name)
        self.all_sets |= {f"{folder.name}.{name}": value_set for name, value_set in sets.items()}
        self.check.faults += found + [
            f"{folder}: value set {name} hides a shared one"
            for name in sets.keys() & self.shared_sets.keys()
        ]
        own_facts, found = load_facts(folder, {**self.shared_sets, **sets})
        self.check.faults += found
        self.check.faults += [
            f"{folder}/facts.yaml: {name} is also a fact of {self.fact_folders[name]}"
            for name in sorted(own_facts.keys() & self.fact_folders.keys())
        ]
        self.fact_folders |= dict.fromkeys(own_facts, folder.name)
        known_facts = {**self.shared_facts, **own_facts}
        own_readers = self._marked(folder.name, "is_reader")
        self.check.faults += [
            f"{folder}: reader {name} hides another"
            for name in sorted(own_readers.keys() & self.readers.keys())
        ]
        self.readers.update(own_readers)
        own_criteria = self._marked(folder.name, "is_criterion")
        self.check.faults += [
            f"{folder}: criterion {name} hides a shared one"
            for name in sorted(own_criteria.keys() & self.shared_criteria.keys())
        ]
        criteria = {**self.shared_criteria, **own_criteria}
        facts = {
            name: known_facts[name]
            for name in raw.get("facts", [])
            if self.check.known(name, known_facts, "fact", f"{place}: facts")
        }
        for name, definition in facts.items():
            if definition.reader:
                self.check.known(definition.reader, self.readers, "reader", f"{place}: {name}")
        settings = {
            name: Setting(
                s["value"],
                s["unit"],
                self.check.words(s.get("label"), f"{place}: settings.{name}"),
                s["source"],
            )
            for name, s in raw.get("settings", {}).items()
        }
        labels = {**self.wording["criteria"], **cards.get("criteria", {})}
        self._asked(
            criteria, raw, {**self.shared_facts, **own_facts}, set(facts), set(settings), f"{place}"
        )
        terms = {**self.wording["terms"], **cards.get("terms", {})}
        check_criteria(
            self.check,
            self._modules(folder.name),
            Vocabulary(
                known_facts,
                frozenset(self.shared_sets),
                frozenset(settings),
                own_words(self._modules("shared")).union(terms),
            ),
        )
        for name, setting in settings.items():
            self.check.words(setting.label, f"{place}: settings.{name}.label", {"value"})
        orders = {
            name: order_template(self.check, o, f"{folder}/card.yaml: orders.{name}")
            for name, o in cards.get("orders", {}).items()
        }
        reading = Recommendations(
            self.check,
            folder,
            criteria,
            labels,
            facts,
            settings,
            orders,
            terms,
            self.every_value(),
            self.wording["override_reasons"],
            self.page_label,
        )
        recommendations = tuple(
            reading.read(entry, cards["cards"][entry["id"]])
            for entry in raw["recommendations"]
            if self.check.known(entry["id"], cards["cards"], "card", f"{place}: recommendations")
        )
        source = raw["source"]
        if len(self.check.faults) > before:
            return None
        return Guideline(
            id=folder.name,
            version=f"{raw['version']}+{hashlib.sha256(self.site.fingerprint + _told_in(folder) + self.shared_told).hexdigest()[:8]}",
            title=self.check.words(raw.get("title"), f"{place}: title"),
            source=Source(
                source["label"], source["url"], source["status"], bool(source.get("draft"))
            ),
            per_breast=raw.get("per") == "breast",
            settings=settings,
            facts=facts,
            recommendations=recommendations,
            orders=orders,
            order_label=self.check.words(
                self.wording.get("order_under_review"),
                f"{self.shared}/wording.yaml: order_under_review",
            ),
            terms=terms,
        )

    def _with_removal(self, raw: dict, cards: dict) -> dict:
        """A guideline with what its cards need before they may remove an order: criteria for every situation about orders of a
        recommendation whose card offers that, with their facts and settings. `alarm` among its facts brings the settings too."""
        shared = self.order_removal
        actions = {
            key: [
                kind
                for s in card.get("suggestions", [])
                for action in s["actions"]
                for kind in action
            ]
            for key, card in cards["cards"].items()
        }
        removing = {key for key, kinds in actions.items() if "delete" in kinds}
        if not removing and not set(shared["facts"]) & set(raw["facts"]):
            return raw
        facts = list(dict.fromkeys([*raw["facts"], *shared["facts"]]))
        entries = []
        for entry in raw["recommendations"]:
            added = {"removal": shared["removal"]} if entry["id"] in removing else {}
            entries.append(
                {
                    **entry,
                    "when": [
                        {**added, **when} if when.get("orders") else when for when in entry["when"]
                    ],
                }
            )
        return {
            **raw,
            "facts": facts,
            "settings": {**shared["settings"], **raw.get("settings", {})},
            "recommendations": entries,
        }

    def _asked(
        self,
        criteria: dict,
        raw: dict,
        known_facts: dict,
        facts: set[str],
        settings: set[str],
        place: str,
    ) -> None:
        """What the criteria in use ask for must be listed: a request must not be the first to find out."""
        items = (
            item
            for r in raw["recommendations"]
            for when in r["when"]
            for role in ROLES
            for item in when.get(role, [])
        )
        names = {next(iter(item)) if isinstance(item, dict) else item for item in items}
        for name in sorted(names & criteria.keys()):
            contract = criteria[name].contract
            file = inspect.getfile(criteria[name])
            self.check.faults += [
                f"{place}: facts: {name} asks for {fact}, which is not listed"
                for fact in sorted(contract.facts & known_facts.keys() - facts)
            ]
            for setting in sorted(contract.settings):
                self.check.known(
                    setting, settings, "setting", f"{file}: {name} asks for it of {place}"
                )


def _told_in(folder: Path) -> bytes:
    """Everything in a folder that advice is made of, with the names of the files: what the fingerprint of a version is taken of."""
    told = []
    for path in sorted(
        p
        for p in folder.rglob("*")
        if p.suffix in (".yaml", ".csv", ".py") and p.name != "cases.yaml"
    ):
        if "case_words" in path.relative_to(folder).with_suffix("").parts:
            continue
        told.append(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes())
    return b"".join(told)
