"""A hospital's own file, laid over the content: what is switched off, settings, own codes, links to own protocols.

The content is loaded and checked as it stands; the file can take away and put beside, but change no sentence and no logic.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from cds_service.clinical_text.terms import term
from cds_service.errors import ContentError
from cds_service.guideline.loading.checking import Checking
from cds_service.guideline.loading.shape import CodeFileShape, SiteShape
from cds_service.guideline.model import Guideline, Recommendation, Setting
from cds_service.strict.shapes import shape_faults
from cds_service.strict.yaml import load
from cds_service.terminology.systems import SAME_SYSTEM, code_faults, known_as
from cds_service.terminology.value_set import ValueSet

# The most that a setting may be, by its unit: fifty years. More is a slip of the pen.
MOST = {"days": 18_250, "weeks": 2_600, "months": 600, "years": 50}
MOST_OF_ANYTHING = 100


class Site:
    """One site file; without a file it changes nothing. Its faults are collected apart from those of the content."""

    def __init__(self, path: Path | None = None):
        self.check, self.place = Checking(), str(path)
        parts = self._read(path) if path else {}
        self.name: str = parts.get("name", "")
        self.off: list[str] = parts.get("switched_off", [])
        self.settings: Mapping[str, Mapping[str, int]] = parts.get("settings", {})
        self.fingerprint = path.read_bytes() if parts and path else b""
        self.codes: dict[str, list[dict]] = {
            name: list(rows) for name, rows in parts.get("codes", {}).items()
        }
        for name in parts.get("code_files", []):
            self._add_codes(path.parent / name)  # type: ignore[union-attr]
        self.protocols: Mapping[str, dict] = parts.get("protocols", {})
        self._sets: list[str] = []  # the names under which value sets can be added to

    def _read(self, path: Path) -> dict:
        """The members of the file that have the right shape; what is wrong with the others is noted."""
        try:
            content = load(path)
        except ContentError as error:
            self.check.faults += error.faults
            return {}
        content = {} if content is None else content
        self.check.faults += shape_faults(content, SiteShape, self.place)
        if not isinstance(content, dict):
            return {}
        return {
            key: value
            for key, value in content.items()
            if key in SiteShape.model_fields
            and not shape_faults({"name": "x", key: value}, SiteShape, "")
        }

    def _add_codes(self, path: Path) -> None:
        """The rows of a file of codes, beside those of the site file."""
        try:
            content = load(path)
        except ContentError as error:
            self.check.faults += error.faults
            return
        if faults := shape_faults(content, CodeFileShape, str(path)):
            self.check.faults += faults
            return
        self.fingerprint += path.read_bytes()
        for name, rows in content.items():
            self.codes.setdefault(name, []).extend(rows)

    def value_sets(self, sets: Mapping[str, ValueSet], folder: str = "") -> dict[str, ValueSet]:
        """The shared value sets, or those of a guideline's folder, with the codes of the file."""
        names = {name: f"{folder}.{name}" if folder else name for name in sets}
        self._sets += names.values()
        return {
            name: self._with_own_codes(value_set, names[name]) for name, value_set in sets.items()
        }

    def _with_own_codes(self, value_set: ValueSet, name: str) -> ValueSet:
        if name not in self.codes:
            return value_set
        codes, terms = dict(value_set.codes), list(value_set.terms)
        values = {value for value, *_ in codes.values()} | {value for _, value, _ in terms}
        for row in self.codes[name]:
            place, value, side = (
                f"{self.place}: codes.{name}: {row['code']}",
                row.get("value", ""),
                row.get("side", ""),
            )
            if not value and value not in values:
                self.check.faults.append(
                    f"{place}: value is missing; this set knows {', '.join(sorted(values))}"
                )
            elif not self.check.known(value, values, "value of this set", place):
                continue
            if row["system"] == "text":
                try:
                    terms.append((term(row["code"]), value, side))
                except ValueError as error:
                    self.check.faults.append(f"{place}: {error}")
                continue
            system = SAME_SYSTEM.get(row["system"], row["system"])
            self.check.faults += [f"{place}: {fault}" for fault in code_faults(system, row["code"])]
            meaning = next(
                (codes[key] for key in known_as(system, row["code"]) if key in codes), None
            )
            if meaning and meaning[:2] != (value, side):
                self.check.faults.append(
                    f"{place}: this set has it already, with value {meaning[0] or 'empty'} and side {meaning[1] or 'empty'}"
                )
            codes.setdefault(
                (system, row["code"]), (value, side, row.get("display") or row["code"])
            )
        if value_set.lexicon is not None:
            value_set.lexicon.update(known for known, *_ in terms)
        return replace(value_set, codes=codes, terms=tuple(terms))

    def applied(self, guidelines: Iterable[Guideline]) -> tuple[Guideline, ...]:
        """The guidelines as this hospital has them; one with nothing left is gone. Every name of the file is checked."""
        known = {guideline.id: guideline for guideline in guidelines}
        self._check_names(known)
        if self.check.faults:
            return ()
        return tuple(
            own for guideline in known.values() if (own := self._own(guideline)).recommendations
        )

    def _check_names(self, known: Mapping[str, Guideline]) -> None:
        recommendations = [f"{g.id}.{r.key}" for g in known.values() for r in g.recommendations]
        for name in self.off:
            self._check_full_name(
                name, [*known, *recommendations], "guideline or recommendation", "switched_off"
            )
        for guideline, chosen in self.settings.items():
            if self.check.known(guideline, known, "guideline", f"{self.place}: settings"):
                for name, value in chosen.items():
                    self._check_setting(
                        name,
                        value,
                        known[guideline].settings,
                        f"{self.place}: settings.{guideline}",
                    )
        for name in self.codes:
            self._check_full_name(name, self._sets, "value set", "codes")
        for guideline, link in self.protocols.items():
            self.check.known(guideline, known, "guideline", f"{self.place}: protocols")
            self.check.words(link["label"], f"{self.place}: protocols.{guideline}.label")
            if not re.fullmatch(r"https?://[^\s/]+\S*", link["url"]):
                self.check.faults.append(
                    f"{self.place}: protocols.{guideline}.url: an absolute http(s) address is needed"
                )

    def _check_full_name(self, name: str, names: list[str], kind: str, member: str) -> None:
        """The likeliest slip is a name without its guideline: too unlike the full name to be found as the nearest."""
        full = [known for known in names if known.endswith(f".{name}")]
        if name not in names and full:
            self.check.faults.append(
                f"{self.place}: {member}: no {kind} named {name}; did you mean {' or '.join(full)}?"
            )
        else:
            self.check.known(name, names, kind, f"{self.place}: {member}")

    def _check_setting(
        self, name: str, value: int, settings: Mapping[str, Setting], place: str
    ) -> None:
        if self.check.known(name, settings, "setting", place):
            most = MOST.get(settings[name].unit, MOST_OF_ANYTHING)
            if not 1 <= value <= most:
                self.check.faults.append(
                    f"{place}.{name}: must be from 1 to {most} {settings[name].unit}"
                )

    def _own(self, guideline: Guideline) -> Guideline:
        """One guideline as this hospital has it."""
        settings = dict(guideline.settings)
        for name, value in self.settings.get(guideline.id, {}).items():
            # Cards name the hospital beside what it chose itself.
            label = {
                language: f"{text} ({self.name})" for language, text in settings[name].label.items()
            }
            settings[name] = replace(
                settings[name], value=value, label=label, source=f"site file of {self.name}"
            )
        kept = [
            r
            for r in guideline.recommendations
            if not {guideline.id, f"{guideline.id}.{r.key}"} & set(self.off)
        ]
        link = self.protocols.get(guideline.id)
        return replace(
            guideline,
            settings=settings,
            recommendations=tuple(_linked(r, link) if link else r for r in kept),
        )


def _linked(recommendation: Recommendation, link: dict) -> Recommendation:
    """A recommendation with one link more on its card."""
    card = recommendation.card
    return replace(
        recommendation, card=replace(card, links=(*card.links, (link["label"], link["url"])))
    )
