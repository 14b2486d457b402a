"""What the words of cases.yaml are written with: dates told from today, readable ids, and the words of a guideline.

A word (`mammography: {side: left, ...}`) is a function of cards/shared/shorthand/ or of cards/<guideline>/shorthand.py (or a folder).
"""

import inspect
import re
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from functools import cache
from types import ModuleType
from typing import Any

from cds_service.content import content_modules
from cds_service.fhir.dates import add_months

Resource = dict


def relative_date(text: str, today: date) -> str:
    """A FHIR date from `today`, `-5 months`, `-3 months -1 day`, `+2 days`; after ` as ` month, year or instant."""
    steps, _, precision = str(text).partition(" as ")
    if not re.fullmatch(
        r"today|[+-]\d+ (day|week|month|year)s?( [+-]\d+ (day|week|month|year)s?)*", steps
    ):
        raise ValueError(
            f"{text!r} is not a date told from today, such as 'today', '-5 months' or '-3 months -1 day as month'"
        )
    day = today
    for number, unit in re.findall(r"([+-]\d+) (day|week|month|year)", steps):
        if unit in ("month", "year"):
            day = add_months(day, int(number) * (12 if unit == "year" else 1))
        else:
            day += timedelta(days=int(number) * (7 if unit == "week" else 1))
    written = day.isoformat()
    forms = {
        "": written,
        "month": written[:7],
        "year": written[:4],
        "instant": f"{written}T12:00:00Z",
    }
    if precision not in forms:
        raise ValueError(
            f"{text!r}: a date is written as month, year or instant, not as {precision!r}"
        )
    return forms[precision]


class Writer:
    """Gives a shorthand word dates, readable ids and the subject. `drafting`: the resource is a draft order, not on record."""

    def __init__(self, patient_id: str, today: date):
        self.patient_id, self.today, self.drafting = patient_id, today, False
        self._numbers: Counter[str] = Counter()

    def __call__(self, resource_type: str, name: str, **elements: object) -> Resource:
        """A resource of this patient; elements that are None are left out."""
        given = {element: value for element, value in elements.items() if value is not None}
        subject = {"reference": f"Patient/{self.patient_id}"}
        return {
            "resourceType": resource_type,
            "id": self._next_id(name),
            "subject": subject,
            **given,
        }

    def date(self, text: str | None) -> str | None:
        return None if text is None else relative_date(text, self.today)

    def raw(self, value: Any) -> Any:
        """A resource written out by hand, its `{-5 months}` placeholders filled."""
        if isinstance(value, Mapping):
            return {key: self.raw(member) for key, member in value.items()}
        if isinstance(value, list):
            return [self.raw(member) for member in value]
        if isinstance(value, str):
            return re.sub(r"\{([^{}]+)\}", lambda match: relative_date(match[1], self.today), value)
        return value

    def _next_id(self, name: str) -> str:
        self._numbers[name] += 1
        return f"{self.patient_id}-{name}-{self._numbers[name]}"


def words_of(guideline: str) -> dict[str, Callable]:
    """The words that the cases of a guideline may use; its own come before the shared ones.

    A word is a public function of <owner>/shorthand.py, or of a module of <owner>/shorthand/, that takes a writer and options by
    name; what it is built with takes more than the writer by position.
    """
    words: dict[str, Callable] = {}
    for owner in ("case_words", f"{guideline}.case_words"):
        for module in content_modules(owner):
            words |= _words_in(module)
    return words


@cache
def _words_in(module: ModuleType) -> dict[str, Callable]:
    functions = inspect.getmembers(module, inspect.isfunction)
    return {
        name: function
        for name, function in functions
        if function.__module__ == module.__name__ and _is_word(name, function)
    }


def _is_word(name: str, function: Callable) -> bool:
    by_position = [
        p.name
        for p in inspect.signature(function).parameters.values()
        if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)
    ]
    return by_position == ["write"] and not name.startswith("_")


def write(word: str, options: Any, words: Mapping[str, Callable], writer: Writer) -> list[Resource]:
    """The resources of one line of a case. ValueError for an unknown word; a word raises its own errors for its options."""
    if word == "fhir":
        raw = writer.raw(options)
        return [writer(raw["resourceType"], raw["resourceType"].lower()) | raw]
    if word not in words:
        raise ValueError(
            f"there is no shorthand word {word!r}; there are {', '.join(sorted(words))}"
        )
    written = words[word](
        writer, **{"as_" if key == "as" else key: value for key, value in (options or {}).items()}
    )
    return written if isinstance(written, list) else [written]
