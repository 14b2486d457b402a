"""Words on cards: values in the reader's language, patient text escaped, dates as people write them."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from string import Formatter
from typing import Any

from cds_service.facts.model import Fact, Laterality
from cds_service.fhir.dates import Dates
from cds_service.guideline.evaluation import CriterionResult, Evaluation
from cds_service.guideline.model import CriterionRole, Guideline, Words

# What could start markup, a link or an entity inside a line; "www." becomes a link by itself in GitHub's Markdown.
_MARKDOWN = re.compile(r"([\\`*_{}\[\]<>#|~&:@/=!$^]|(?<=www)\.|^[-+])", re.IGNORECASE)
_NUMBERED = re.compile(r"^(\d+)([.)])")  # at the start of a line it would make a numbered list
_LONGEST = 120  # characters of patient text on a card


def escape(text: str) -> str:
    """Text from a record as Markdown shows it literally: one line, no control or bidi characters, no markup, no links."""
    return _NUMBERED.sub(r"\1\\\2", _MARKDOWN.sub(r"\\\1", plain(text)))


def plain(text: str) -> str:
    """One line without control, format (bidi, zero width) and surrogate characters, at most 120 characters."""
    if not text.isprintable():
        text = "".join(
            " " if unicodedata.category(c) in ("Cc", "Zl", "Zp") else c
            for c in text
            if unicodedata.category(c) not in ("Cf", "Cs", "Co", "Cn")
        )
    kept = " ".join(text.split())
    return kept if len(kept) <= _LONGEST else kept[: _LONGEST - 1] + "…"


@dataclass(frozen=True)
class Phrasebook:
    """One language with the words of the content."""

    language: str
    wording: Mapping[str, Any]
    guideline: Guideline
    _told: dict[tuple[Fact, bool], str] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def say(self, words: Words) -> str:
        return words[self.language]

    def shared(self, group: str, key: str) -> str:
        """A sentence of wording.yaml."""
        return self.wording[group][key][self.language]

    def term(self, value: str) -> str:
        """The word for a value of a value set; the value itself where the content has none."""
        words = self.guideline.terms.get(value)
        return words[self.language] if words else value

    def day(self, when: date) -> str:
        return when.strftime("%d-%m-%Y") if self.language == "nl" else when.isoformat()

    def dates(self, when: Dates) -> str:
        """An interval as people write it: a day, a month, a year, from - to."""
        text = str(when)
        if self.language == "nl":
            text = re.sub(r"(\d{4})-(\d{2})-(\d{2})", r"\3-\2-\1", text)
            text = re.sub(r"(?<![\d-])(\d{4})-(\d{2})(?![\d-])", r"\2-\1", text)
        return text

    def breast(self, side: Laterality) -> str:
        return self.term(f"breast_{side.value}")

    def evidence(self, fact: Fact, *, markdown: bool = False) -> str:
        """What was read, its value, side and date; the record's own words in quotation marks, escaped for Markdown."""
        if (fact, markdown) not in self._told:  # one fact is evidence for several criteria
            self._told[fact, markdown] = self._evidence(fact, markdown)
        return self._told[fact, markdown]

    def _evidence(self, fact: Fact, markdown: bool) -> str:
        definition = self.guideline.facts[fact.name]
        has_word = self._has_word(fact)
        parts = self.named(fact)
        # Where a guideline is about one breast, a side that is not on record is worth telling.
        told_anyway = (
            self.guideline.per_breast
            and not definition.sideless
            and (fact.resource_type != "Condition" or bool(definition.attributes))
        )
        if fact.side is not Laterality.UNKNOWN or told_anyway:
            parts.append(self.term(fact.side.value))
        if fact.draft is not None:
            parts.append(self.shared("card", "in_this_request"))
        if fact.words and (fact.from_text or not has_word):
            parts.append(f"“{escape(fact.words) if markdown else plain(fact.words)}”")
        if date_text := self.evidence_date(fact):
            parts.append(date_text)
        if fact.from_text or any(m.from_text for found in fact.attributes.values() for m in found):
            parts.append(self.shared("card", "from_text"))
        return ", ".join(dict.fromkeys(parts))

    def named(self, fact: Fact) -> list[str]:
        """What a fact is, and the attributes that are worth telling; without side, date and the record's own words."""
        parts = [
            self._capital(
                self.term(fact.value)
                if self._has_word(fact)
                else self.say(self.guideline.facts[fact.name].label)
            )
        ]
        for name, found in fact.attributes.items():
            parts.extend(
                f"{self.shared('card', 'not')} {text}" if match.negated else text
                for match in found
                if (text := self._attribute(name, match.value))
            )
        return list(dict.fromkeys(parts))

    def _has_word(self, fact: Fact) -> bool:
        return bool(fact.value) and fact.value in self.guideline.terms

    def _attribute(self, name: str, value: str) -> str:
        """An attribute in words: as wording.yaml words this value, or this attribute; "" where it is not worth telling."""
        patterns: Mapping[str, Words] = self.wording["attributes"]
        pattern = patterns.get(f"{name}={value}") or patterns.get(name)
        return (
            pattern[self.language].format(value=self.term(value)) if pattern else self.term(value)
        )

    def evidence_date(self, fact: Fact) -> str:
        if fact.when.is_known:
            since = self.shared("card", "since") if fact.resource_type == "Condition" else ""
            return f"{since} {self.dates(fact.when)}".strip()
        return (
            f"{self.shared('card', 'recorded')} {self.dates(fact.recorded)}"
            if fact.recorded.is_known
            else ""
        )

    def label(self, judged: CriterionResult | CriterionRole) -> str:
        return self._capital(self._with_parameters(judged.label, judged))

    def missing(self, judged: CriterionResult | CriterionRole) -> str:
        return self._with_parameters(judged.missing, judged)

    def _with_parameters(
        self,
        words: Words,
        judged: CriterionResult | CriterionRole,
        values: Mapping[str, str] | None = None,
    ) -> str:
        return self.say(words).format(
            **{name: self.term(str(value)) for name, value in judged.parameters.items()},
            **(values or {}),
        )

    def fill(self, words: Words, evaluation: Evaluation, *, markdown: bool) -> str:
        """A sentence of a card with its values; text from the record is escaped for Markdown."""
        safe = escape if markdown else plain
        values: dict[str, object] = {
            name: setting.value for name, setting in self.guideline.settings.items()
        }
        for judged in evaluation.criteria:
            values |= {
                name: self._value(value, safe) for name, value in judged.answer.values.items()
            }
        values["breast"] = self.breast(evaluation.side)
        values["side"] = self.term(evaluation.side.value)
        values["order"] = self.order(evaluation, markdown=markdown)
        return self.say(words).format(**values)

    def unfilled(self, words: Words, *, markdown: bool = False) -> str:
        """A sentence of a card without a patient: settings with their value, the rest named in square brackets."""
        named: Mapping[str, Words] = self.wording.get("values", {})
        left, right = (r"\[", r"\]") if markdown else "[]"
        values: dict[str, object] = {
            name: setting.value for name, setting in self.guideline.settings.items()
        }
        for name in (
            name
            for _, name, *_ in Formatter().parse(self.say(words))
            if name and name not in values
        ):
            values[name] = f"{left}{self.say(named[name]) if name in named else name}{right}"
        return self.say(words).format(**values)

    def found(self, judged: CriterionResult) -> list[str]:
        """What the content says of the values that a criterion found, if it does and if they were found."""
        values = judged.answer.values
        if not judged.found or any(value is None for value in values.values()):
            return []
        told = {name: self._value(value, escape) for name, value in values.items()}
        try:
            return [self._with_parameters(judged.found, judged, told)]
        except KeyError:  # it found only some of its values
            return []

    def order(self, evaluation: Evaluation, *, markdown: bool) -> str:
        """The order under review, as the record or the content names it; "" where there is none."""
        safe = escape if markdown else plain
        return (
            safe(evaluation.order.words or self.term(evaluation.order.value))
            if evaluation.order
            else ""
        )

    def _value(self, value: object, safe: Callable[[str], str]) -> str:
        """A value that a criterion found, in words; several are told as a list ("spine, pelvis and liver")."""
        if isinstance(value, date):
            return self.day(value)
        if isinstance(value, tuple):
            *first, last = (self.term(one) for one in value)
            both = f" {self.shared('card', 'before_last')} " if first else ""
            return safe(f"{', '.join(first)}{both}{last}")
        return safe(self.term(str(value))) if value is not None else "?"

    @staticmethod
    def _capital(text: str) -> str:
        return text[:1].upper() + text[1:]
