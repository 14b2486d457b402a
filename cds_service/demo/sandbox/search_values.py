"""What one value of a search parameter asks of one element, per kind of parameter (search.html#ptypes). Pure."""

import re
import unicodedata
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from cds_service.demo.sandbox.search_dates import date_test, interval_of
from cds_service.demo.sandbox.search_parameters import Parameter, walk
from cds_service.demo.sandbox.search_quantities import quantity_range, quantity_test
from cds_service.errors import MammaCardsError

# "Modifiers" of search.html#modifiers, besides :missing, which every parameter has. Those that need a terminology are not here.
MODIFIERS = {
    "token": {"not", "text", "of-type"},
    "string": {"exact", "contains"},
    "date": set(),
    "quantity": set(),
    "uri": {"above", "below"},
    "reference": {"identifier"},  # and every type name
    "composite": set(),
}
_STRING_PARTS = (
    "text",
    "family",
    "given",
    "prefix",
    "suffix",
    "line",
    "city",
    "district",
    "state",
    "postalCode",
    "country",
)
_REFERENCE = re.compile(
    r"(?:(?P<base>[a-z]+://.+)/)?(?P<type>[A-Z][A-Za-z]+)/(?P<id>[A-Za-z0-9\-.]{1,64})(?:/_history/[^/]+)?",
    re.ASCII,
)
_BARE = re.compile(r"[A-Za-z0-9\-.]{1,64}|[a-z]+:\S+", re.ASCII)

Test = Callable[[object], bool]


class BadParameter(MammaCardsError):
    """A search parameter whose value or modifier cannot be used; the text names the parameter, never its value."""

    def __init__(self, name: str, advice: str):
        self.name = name
        super().__init__(f"The search parameter {name} cannot be used as it is written: {advice}.")


class Reference(NamedTuple):
    """The parts of a reference; `base` is "" where it is relative. What has no type/id form keeps its whole text as id."""

    base: str
    type: str
    id: str


def reference_of(text: str, base: str | None) -> Reference:
    """A reference read; one on the server `base` is relative."""
    match = _REFERENCE.fullmatch(text)
    if match is None:
        return Reference("", "", text)
    found = match["base"] or ""
    return Reference(
        "" if base and found == base.rstrip("/") else found, match["type"], match["id"]
    )


def value_test(parameter: Parameter, modifier: str, text: str, base: str | None) -> Test:
    """The test that one value makes of an element. Raises BadParameter."""
    return _VALUE_TESTS[parameter.kind](parameter, modifier, text, base)


def _token_test(parameter: Parameter, modifier: str, text: str, _base: str | None) -> Test:
    if modifier == "text":
        wanted = folded(unescaped(text))
        return lambda value: any(wanted in folded(found) for found in _token_texts(value))
    parts = [unescaped(part) for part in split(text, "|")]
    if modifier == "of-type":
        return _of_type_test(parameter, parts)
    if len(parts) > 2 or not any(parts):
        raise BadParameter(parameter.name, "write code, system|code, |code or system|")
    code, system = parts[-1], parts[0] if len(parts) == 2 else None

    # A plain code has its system in the definition of the element, not in the data: there it is not compared.
    return lambda value: any(
        code in ("", found_code) and (system is None or found_system in (None, system))
        for found_system, found_code in _codes(value)
    )


def _of_type_test(parameter: Parameter, parts: list[str]) -> Test:
    """ ":of-type: the format is |system|code|value ... all parts must be present" (search.html#token)."""
    if len(parts) != 3 or not all(parts):
        raise BadParameter(f"{parameter.name}:of-type", "write system|code|value")
    system, code, wanted = parts

    def test(value: Any) -> bool:
        is_value = isinstance(value, dict) and value.get("value") == wanted
        return is_value and any(
            (system, code) == found for found in _codes(value.get("type") or {})
        )

    return test


def _codes(value: object) -> Iterator[tuple[str | None, str]]:
    """(system, code) of a code, boolean, Coding, CodeableConcept, Identifier or ContactPoint; system None for a plain code."""
    if isinstance(value, bool):
        yield None, str(value).lower()
    elif isinstance(value, str):
        yield None, value
    elif isinstance(value, dict) and "coding" in value:
        for coding in walk(value, ("coding",)):
            if isinstance(coding, dict) and "coding" not in coding:
                yield from _codes(coding)
    elif isinstance(value, dict):
        code = value.get("code", value.get("value"))
        if isinstance(code, str):
            yield value.get("system") or "", code


def _token_texts(value: object) -> Iterator[str]:
    for path in (("text",), ("display",), ("coding", "display"), ("type", "text")):
        yield from (text for text in walk(value, path) if isinstance(text, str))


def _string_test(_parameter: Parameter, modifier: str, text: str, _base: str | None) -> Test:
    text = unescaped(text)
    if modifier == "exact":
        return lambda value: text in _strings(value)
    wanted = folded(text)
    if modifier == "contains":
        return lambda value: any(wanted in folded(found) for found in _strings(value))
    return lambda value: any(folded(found).startswith(wanted) for found in _strings(value))


def _strings(value: object) -> list[str]:
    """A string, or the parts of a HumanName or Address."""
    values = (
        [value]
        if isinstance(value, str)
        else [part for name in _STRING_PARTS for part in walk(value, (name,))]
    )
    return [text for text in values if isinstance(text, str)]


def _date_test(parameter: Parameter, _modifier: str, text: str, _base: str | None) -> Test:
    try:
        test = date_test(text)
    except ValueError:
        advice = (
            "write a date such as 2026-03 or ge2026-03-01T10:00:00Z, with + as %2B in an address"
        )
        raise BadParameter(parameter.name, advice) from None
    return lambda value: (interval := interval_of(value)) is not None and test(interval)


def _quantity_test(parameter: Parameter, _modifier: str, text: str, _base: str | None) -> Test:
    number, *unit = [unescaped(part) for part in split(text, "|")]
    try:
        if len(unit) not in (0, 2):
            raise ValueError("not a quantity")
        return quantity_test(number, *(unit or ("", "")))
    except ValueError:
        raise BadParameter(
            parameter.name,
            "write a number such as 5.4 or gt5.4, number|system|code or number||code",
        ) from None


def _uri_test(_parameter: Parameter, modifier: str, text: str, _base: str | None) -> Test:
    """ "Matches are precise, case-sensitive"; :below and :above go by the segments of a path (search.html#uri)."""
    wanted = unescaped(text)
    match modifier:
        case "below":
            return lambda value: (
                isinstance(value, str)
                and (value == wanted or value.startswith(f"{wanted.rstrip('/')}/"))
            )
        case "above":
            return lambda value: (
                isinstance(value, str)
                and (value == wanted or wanted.startswith(f"{value.rstrip('/')}/"))
            )
    # A canonical may carry a version after a bar; one that is asked for without it is found with any.
    return lambda value: isinstance(value, str) and wanted in (value, value.partition("|")[0])


def _reference_test(parameter: Parameter, modifier: str, text: str, base: str | None) -> Test:
    if modifier == "identifier":
        identified = _token_test(parameter, "", text, base)
        return lambda value: any(
            identified(identifier) for identifier in walk(value, ("identifier",))
        )
    text = unescaped(text)
    wanted = reference_of(text, base)
    if not wanted.type and not _BARE.fullmatch(text):
        raise BadParameter(parameter.name, "write an id, Type/id or the whole address")
    types = {modifier, parameter.target, wanted.type} - {""}

    def test(value: Any) -> bool:
        if not has_text(value, "reference"):
            return False
        found = reference_of(value["reference"], base)
        same_server = found.base == wanted.base or (
            base is None and not (found.base and wanted.base)
        )
        return found.id == wanted.id and same_server and (not found.type or types <= {found.type})

    return test


_VALUE_TESTS = {
    "token": _token_test,
    "string": _string_test,
    "date": _date_test,
    "quantity": _quantity_test,
    "uri": _uri_test,
    "reference": _reference_test,
}


def sort_values(parameter: Parameter, resource: dict) -> list:
    """What a parameter sorts a resource by."""
    values = parameter.values(resource)
    match parameter.kind:
        case "date":
            return [interval.start for value in values if (interval := interval_of(value))]
        case "token":
            return [code for value in values for _, code in _codes(value)]
        case "string" | "uri":
            return [folded(text) for value in values for text in _strings(value)]
        case "quantity":
            return [found for value in values if (found := quantity_range(value))]
    return [value["reference"] for value in values if has_text(value, "reference")]


def has_text(value: object, name: str) -> bool:
    """Is this an object with a text of that name?"""
    return isinstance(value, dict) and isinstance(value.get(name), str)


def split(text: str, separator: str) -> list[str]:
    """Split at a separator that no backslash stands before (search.html#escaping)."""
    return re.split(rf"(?<!\\){re.escape(separator)}", text)


def unescaped(text: str) -> str:
    """Without the backslashes before separators."""
    return re.sub(r"\\([\\,|$])", r"\1", text)


def folded(text: str) -> str:
    """Without case and accents, as string searches compare."""
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(
        character for character in decomposed if not unicodedata.combining(character)
    ).casefold()
