"""The searches of FHIR R4 in memory, over plain JSON dicts (search.html). Pure: no clock, no network.

Not offered: chained parameters and _has, composite, quantity, number, uri and special parameters, the modifiers that
need a terminology (:in, :below, :above). Elements that are not as FHIR says are passed over.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from cds_service.errors import MammaCardsError
from cds_service.fhir.search_dates import date_test, interval_of
from cds_service.fhir.search_parameters import EVERY_TYPE, TABLE

# They shape the answer, not the selection; whoever builds the answer reads them.
RESULT_PARAMETERS = frozenset({"_count", "_format", "_include", "_pretty", "_summary", "_total"})

_MODIFIERS = {
    "token": {"not", "text"},
    "string": {"exact", "contains"},
    "date": set(),
    "reference": {"identifier"},  # and every type name
}
_TYPE_NAME = re.compile(r"[A-Z][A-Za-z]+", re.ASCII)
_STRING_PARTS = ("text", "family", "given", "prefix", "suffix", "line", "city", "district", "state", "postalCode", "country")
_REFERENCE = re.compile(
    r"(?:(?P<base>[a-z]+://.+)/)?(?P<type>[A-Z][A-Za-z]+)/(?P<id>[A-Za-z0-9\-.]{1,64})(?:/_history/[^/]+)?", re.ASCII
)
_BARE = re.compile(r"[A-Za-z0-9\-.]{1,64}|[a-z]+:\S+", re.ASCII)


class UnknownParameter(MammaCardsError):
    """A search parameter that is not in the table of its resource type."""

    def __init__(self, name: str):
        self.name = name
        super().__init__(f"The search parameter {name} is not known here; GET metadata lists those that are.")


class BadParameter(MammaCardsError):
    """A search parameter whose value or modifier cannot be used; the text names the parameter, never its value."""

    def __init__(self, name: str, advice: str):
        self.name = name
        super().__init__(f"The search parameter {name} cannot be used as it is written: {advice}.")


@dataclass(frozen=True)
class Parameter:
    """A search parameter: its kind, the elements it looks at, and the only type it may refer to ("" for any)."""

    name: str
    kind: str
    paths: tuple[tuple[str, ...], ...]
    target: str = ""

    def values(self, resource: dict) -> list:
        return [value for path in self.paths for value in _walk(resource, path)]


def _read_row(row: str) -> Iterator[Parameter]:
    kind, *names = row.split()
    for entry in names:
        name, _, place = entry.partition("=")
        paths, _, target = (place or name).partition(":")
        yield Parameter(name, kind, tuple(tuple(path.split(".")) for path in paths.split(",")), target)


_PARAMETERS = {
    resource_type: {parameter.name: parameter for row in (*EVERY_TYPE, *rows) for parameter in _read_row(row)}
    for resource_type, rows in TABLE.items()
}
TYPES = tuple(_PARAMETERS)


def parameters_of(resource_type: str) -> Mapping[str, Parameter]:
    """The search parameters of a resource type by name; empty for a type that is not in TYPES."""
    return _PARAMETERS.get(resource_type, {})


def search(
    resources: Iterable[dict],
    resource_type: str,
    parameters: list[tuple[str, str]],
    *,
    strict: bool = False,
    base: str | None = None,
) -> list[dict]:
    """The resources of one type that satisfy every parameter, sorted by _sort (search.html#3.1.1).

    An unknown parameter is passed over, or raises UnknownParameter when strict; a malformed value or an unknown
    modifier always raises BadParameter. `base` is the address of the server the resources are on: absolute references
    on it equal relative ones. Without it, an absolute reference equals a relative one to the same type and id.
    """
    known = parameters_of(resource_type)
    tests, sort_keys = [], []
    for name, value in parameters:
        plain_name, _, modifier = name.partition(":")
        if name == "_sort":
            sort_keys += _sort_keys(known, value, strict)
        elif plain_name in known:
            tests.append(_test(known[plain_name], modifier, value, base))
        elif name not in RESULT_PARAMETERS and strict:
            raise UnknownParameter(plain_name)
    found = [r for r in resources if r.get("resourceType") == resource_type and all(test(r) for test in tests)]
    for parameter, descending in reversed(sort_keys):
        found = _sorted(found, parameter, descending)
    return found


def is_used(resource_type: str, name: str) -> bool:
    """Does search() or the answer take notice of this parameter (which may carry a modifier)?"""
    return name in RESULT_PARAMETERS or name == "_sort" or name.partition(":")[0] in parameters_of(resource_type)


def references(resource: dict, name: str, target: str = "") -> list[str]:
    """The references that a reference parameter of this resource looks at, those to `target` only where it is given."""
    parameter = parameters_of(resource["resourceType"])[name]
    wanted = {target, parameter.target} - {""}
    texts = [value["reference"] for value in parameter.values(resource) if _has_text(value, "reference")]
    return [text for text in texts if wanted <= {_reference(text, None).type}]


def _test(parameter: Parameter, modifier: str, text: str, base: str | None) -> Callable[[dict], bool]:
    """The test that one parameter makes of a resource: repeated elements and comma-separated values are alternatives."""
    if modifier == "missing":
        if text not in ("true", "false"):
            raise BadParameter(f"{parameter.name}:missing", "write true or false")
        return lambda resource: (not parameter.values(resource)) == (text == "true")
    is_type = parameter.kind == "reference" and _TYPE_NAME.fullmatch(modifier)
    if modifier and not is_type and modifier not in _MODIFIERS[parameter.kind]:
        raise BadParameter(parameter.name, "this modifier is not offered for it")
    alternatives = _split(text, ",")
    if not all(alternatives):
        raise BadParameter(parameter.name, "a value is empty")
    tests = [_VALUE_TESTS[parameter.kind](parameter, modifier, alternative, base) for alternative in alternatives]
    negated = modifier == "not"

    def test(resource: dict) -> bool:
        return any(test(value) for value in parameter.values(resource) for test in tests) != negated

    return test


def _token_test(parameter: Parameter, modifier: str, text: str, _base: str | None) -> Callable[[object], bool]:
    if modifier == "text":
        wanted = _folded(_unescaped(text))
        return lambda value: any(wanted in _folded(found) for found in _token_texts(value))
    parts = [_unescaped(part) for part in _split(text, "|")]
    if len(parts) > 2 or not any(parts):
        raise BadParameter(parameter.name, "write code, system|code, |code or system|")
    code, system = parts[-1], parts[0] if len(parts) == 2 else None

    # A plain code has its system in the definition of the element, not in the data: there it is not compared.
    return lambda value: any(
        code in ("", found_code) and (system is None or found_system in (None, system))
        for found_system, found_code in _codes(value)
    )


def _codes(value: object) -> Iterator[tuple[str | None, str]]:
    """(system, code) of a code, boolean, Coding, CodeableConcept, Identifier or ContactPoint; system None for a plain code."""
    if isinstance(value, bool):
        yield None, str(value).lower()
    elif isinstance(value, str):
        yield None, value
    elif isinstance(value, dict) and "coding" in value:
        for coding in _walk(value, ("coding",)):
            if isinstance(coding, dict) and "coding" not in coding:
                yield from _codes(coding)
    elif isinstance(value, dict):
        code = value.get("code", value.get("value"))
        if isinstance(code, str):
            yield value.get("system") or "", code


def _token_texts(value: object) -> Iterator[str]:
    for path in (("text",), ("display",), ("coding", "display"), ("type", "text")):
        yield from (text for text in _walk(value, path) if isinstance(text, str))


def _string_test(_parameter: Parameter, modifier: str, text: str, _base: str | None) -> Callable[[object], bool]:
    text = _unescaped(text)
    if modifier == "exact":
        return lambda value: text in _strings(value)
    wanted = _folded(text)
    if modifier == "contains":
        return lambda value: any(wanted in _folded(found) for found in _strings(value))
    return lambda value: any(_folded(found).startswith(wanted) for found in _strings(value))


def _strings(value: object) -> list[str]:
    """A string, or the parts of a HumanName or Address."""
    values = [value] if isinstance(value, str) else [part for name in _STRING_PARTS for part in _walk(value, (name,))]
    return [text for text in values if isinstance(text, str)]


def _date_test(parameter: Parameter, _modifier: str, text: str, _base: str | None) -> Callable[[object], bool]:
    try:
        test = date_test(text)
    except ValueError:
        advice = "write a date such as 2026-03 or ge2026-03-01T10:00:00Z, with + as %2B in an address"
        raise BadParameter(parameter.name, advice) from None
    return lambda value: (interval := interval_of(value)) is not None and test(interval)


class _Reference(NamedTuple):
    base: str
    type: str
    id: str


def _reference(text: str, base: str | None) -> _Reference:
    """The parts of a reference, relative where it is on `base`. What has no type/id form keeps its whole text as id."""
    match = _REFERENCE.fullmatch(text)
    if match is None:
        return _Reference("", "", text)
    found = match["base"] or ""
    return _Reference("" if base and found == base.rstrip("/") else found, match["type"], match["id"])


def _reference_test(parameter: Parameter, modifier: str, text: str, base: str | None) -> Callable[[object], bool]:
    if modifier == "identifier":
        identified = _token_test(parameter, "", text, base)
        return lambda value: any(identified(identifier) for identifier in _walk(value, ("identifier",)))
    text = _unescaped(text)
    wanted = _reference(text, base)
    if not wanted.type and not _BARE.fullmatch(text):
        raise BadParameter(parameter.name, "write an id, Type/id or the whole address")
    types = {modifier, parameter.target, wanted.type} - {""}

    def test(value: object) -> bool:
        if not _has_text(value, "reference"):
            return False
        found = _reference(value["reference"], base)
        same_server = found.base == wanted.base or (base is None and not (found.base and wanted.base))
        return found.id == wanted.id and same_server and (not found.type or types <= {found.type})

    return test


_VALUE_TESTS = {"token": _token_test, "string": _string_test, "date": _date_test, "reference": _reference_test}


def _sort_keys(known: Mapping[str, Parameter], text: str, strict: bool) -> list[tuple[Parameter, bool]]:
    keys = []
    for entry in text.split(","):
        name = entry.removeprefix("-")
        if not name:
            raise BadParameter("_sort", "write names of search parameters, with - in front to sort downwards")
        if name in known:
            keys.append((known[name], entry.startswith("-")))
        elif strict:
            raise UnknownParameter(name)
    return keys


def _sorted(resources: list[dict], parameter: Parameter, descending: bool) -> list[dict]:
    """Sorted by the lowest value, downwards by the highest; resources without a value come last either way."""
    keyed = [(sorted(_sort_values(parameter, resource)), resource) for resource in resources]
    with_value = [(keys[-1 if descending else 0], resource) for keys, resource in keyed if keys]
    with_value.sort(key=lambda pair: pair[0], reverse=descending)
    return [resource for _, resource in with_value] + [resource for keys, resource in keyed if not keys]


def _sort_values(parameter: Parameter, resource: dict) -> list:
    values = parameter.values(resource)
    match parameter.kind:
        case "date":
            return [interval.start for value in values if (interval := interval_of(value))]
        case "token":
            return [code for value in values for _, code in _codes(value)]
        case "string":
            return [_folded(text) for value in values for text in _strings(value)]
    return [value["reference"] for value in values if _has_text(value, "reference")]


def _walk(node: object, path: tuple[str, ...]) -> Iterator[object]:
    """The values at a path, those of repeated elements one by one."""
    if isinstance(node, list):
        for item in node:
            yield from _walk(item, path)
    elif path and isinstance(node, dict):
        yield from _walk(node.get(path[0]), path[1:])
    elif not path and node is not None:
        yield node


def _has_text(value: object, name: str) -> bool:
    return isinstance(value, dict) and isinstance(value.get(name), str)


def _split(text: str, separator: str) -> list[str]:
    """Split at a separator that no backslash stands before (search.html#escaping)."""
    return re.split(rf"(?<!\\){re.escape(separator)}", text)


def _unescaped(text: str) -> str:
    return re.sub(r"\\([\\,|$])", r"\1", text)


def _folded(text: str) -> str:
    """Without case and accents, as string searches compare."""
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(character for character in decomposed if not unicodedata.combining(character)).casefold()
