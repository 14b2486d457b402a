"""The searches of FHIR R4 in memory, over plain JSON dicts (search.html). Pure: no clock, no network.

Not offered: number and special parameters (no type here has one but Location's near), the modifiers that need a terminology
(:in, :not-in, and :below and :above of tokens), _text, _content, _list, _filter and _query. Elements that are not as FHIR
says are passed over.
"""

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache

from cds_service.demo.sandbox.search_parameters import TYPES, Parameter, parameters_of, walk
from cds_service.demo.sandbox.search_values import (
    MODIFIERS,
    BadParameter,
    has_text,
    reference_of,
    sort_values,
    split,
    value_test,
)
from cds_service.errors import MammaCardsError
from cds_service.fhir.validation import is_resource_type

__all__ = [
    "TYPES",
    "BadParameter",
    "UnknownParameter",
    "is_used",
    "parameters_of",
    "places",
    "references",
    "search",
]

# They shape the answer, not the selection; whoever builds the answer reads them.
RESULT_PARAMETERS = frozenset(
    {
        "_count",
        "_elements",
        "_format",
        "_include",
        "_include:iterate",
        "_pretty",
        "_revinclude",
        "_revinclude:iterate",
        "_summary",
        "_total",
    }
)

_LONGEST_CHAIN = 10

Others = Callable[[str], Iterable[dict]]
Test = Callable[[dict], bool]


class UnknownParameter(MammaCardsError):
    """A search parameter that is not in the table of its resource type."""

    def __init__(self, name: str):
        self.name = name
        super().__init__(
            f"The search parameter {name} is not known here; GET metadata lists those that are."
        )


def search(
    resources: Iterable[dict],
    resource_type: str,
    parameters: list[tuple[str, str]],
    *,
    strict: bool = False,
    base: str | None = None,
    others: Others | None = None,
) -> list[dict]:
    """The resources of one type ("" for any) that satisfy every parameter, sorted by _sort (search.html#3.1.1).

    An unknown parameter is passed over, or raises UnknownParameter when strict; a malformed value or an unknown
    modifier always raises BadParameter. `base` is the address of the server the resources are on: absolute references
    on it equal relative ones. Without it, an absolute reference equals a relative one to the same type and id. `others`
    gives the resources of another type, for chains and _has; without it these are unknown.
    """
    tests, sort_keys = [], []
    for name, value in parameters:
        if name == "_sort":
            sort_keys += _sort_keys(parameters_of(resource_type), value, strict)
        elif _is_criterion(resource_type, name) and (others or not _leads_away(name)):
            tests.append(_Criterion(value, base, others).test(resource_type, name))
        elif name not in RESULT_PARAMETERS and strict:
            raise UnknownParameter(name.partition(":")[0])
    found = [
        r
        for r in resources
        if resource_type in ("", r.get("resourceType")) and all(test(r) for test in tests)
    ]
    for parameter, descending in reversed(sort_keys):
        found = _sorted(found, parameter, descending)
    return found


def is_used(resource_type: str, name: str) -> bool:
    """Does search() or the answer take notice of this parameter (which may carry a modifier, or be a chain)?"""
    return name in RESULT_PARAMETERS or name == "_sort" or _is_criterion(resource_type, name)


def references(resource: dict, name: str, target: str = "") -> list[str]:
    """The references that a reference parameter of this resource looks at, those to `target` only where it is given."""
    parameter = parameters_of(resource["resourceType"])[name]
    wanted = {target, parameter.target} - {""}
    texts = [
        value["reference"] for value in parameter.values(resource) if has_text(value, "reference")
    ]
    return [text for text in texts if wanted <= {reference_of(text, None).type}]


def places(resource: dict, name: str, target: str, base: str | None) -> list[tuple[str, str]]:
    """(type, id) of what a reference parameter of this resource refers to on this server."""
    found = [reference_of(text, base) for text in references(resource, name, target)]
    return [
        (reference.type, reference.id)
        for reference in found
        if reference.type and (base is None or not reference.base)
    ]


def _leads_away(name: str) -> bool:
    return name.startswith("_has:") or "." in name


@lru_cache(maxsize=4096)
def _is_criterion(resource_type: str, name: str) -> bool:
    """Is this a parameter of the type, a chain of them, or a _has? Its modifier may still be wrong."""
    if name.count(".") + name.count("_has:") > _LONGEST_CHAIN:
        raise BadParameter(
            "_has" if name.startswith("_has:") else name.partition(".")[0],
            f"a chain has {_LONGEST_CHAIN} links at most",
        )
    if name.startswith("_has:"):
        source, reference, rest = _reverse(name)
        return _is_reference(source, reference) and _is_criterion(source, rest)
    head, dot, rest = name.partition(".")
    plain, _, modifier = head.partition(":")
    if not dot:
        return plain in parameters_of(resource_type)
    return _is_reference(resource_type, plain) and any(
        _is_criterion(kind, rest) for kind in _targets(resource_type, plain, modifier)
    )


def _is_reference(resource_type: str, name: str) -> bool:
    parameter = parameters_of(resource_type).get(name)
    return parameter is not None and parameter.kind == "reference"


def _targets(resource_type: str, name: str, modifier: str) -> tuple[str, ...]:
    """The types that a chain may go on in."""
    only = modifier or parameters_of(resource_type)[name].target
    return TYPES if not only else (only,) if only in TYPES else ()


def _reverse(name: str) -> tuple[str, str, str]:
    """_has:Type:reference:parameter (search.html#has)."""
    _, *parts = name.split(":", 3)
    if len(parts) < 3 or not all(parts):
        raise BadParameter("_has", "write _has:Type:reference:parameter")
    source, reference, rest = parts
    return source, reference, rest


class _Criterion:
    """One parameter with its value, and what it says of other resources looked up, for each type that a chain passes once."""

    def __init__(self, text: str, base: str | None, others: Others | None):
        self._text, self._base = text, base
        self._others: Others = others or (lambda _: ())
        self._made: dict[tuple[str, str], Test | BadParameter] = {}

    def test(self, resource_type: str, name: str) -> Test:
        """The test that it makes of a resource of this type. Raises BadParameter."""
        key = resource_type, name
        if key not in self._made:
            try:
                self._made[key] = self._make(resource_type, name)
            except BadParameter as error:
                self._made[key] = error
        made = self._made[key]
        if isinstance(made, BadParameter):
            raise made
        return made

    def _make(self, resource_type: str, name: str) -> Test:
        if name.startswith("_has:"):
            source, reference, rest = _reverse(name)
            inner = self.test(source, rest)
            pointed = {
                place
                for other in self._others(source)
                if inner(other)
                for place in places(other, reference, "", self._base)
            }
            return lambda resource: (resource["resourceType"], resource["id"]) in pointed
        head, dot, rest = name.partition(".")
        plain, _, modifier = head.partition(":")
        if not dot:
            return _test(
                resource_type, parameters_of(resource_type)[plain], modifier, self._text, self._base
            )
        reached, refusals = set(), []
        targets = [
            kind for kind in _targets(resource_type, plain, modifier) if _is_criterion(kind, rest)
        ]
        for kind in targets:
            try:
                inner = self.test(kind, rest)
            except BadParameter as error:  # a date here may be a token there
                refusals.append(error)
                continue
            reached |= {(kind, other["id"]) for other in self._others(kind) if inner(other)}
        if len(refusals) == len(targets):
            raise refusals[0]
        return lambda resource: not reached.isdisjoint(places(resource, plain, "", self._base))


def _test(
    resource_type: str, parameter: Parameter, modifier: str, text: str, base: str | None
) -> Test:
    """The test that one parameter makes of a resource: repeated elements and comma-separated values are alternatives."""
    if modifier == "missing":
        if text not in ("true", "false"):
            raise BadParameter(f"{parameter.name}:missing", "write true or false")
        return lambda resource: _is_missing(resource_type, parameter, resource) == (text == "true")
    is_type = parameter.kind == "reference" and is_resource_type(modifier)
    if modifier and not is_type and modifier not in MODIFIERS[parameter.kind]:
        raise BadParameter(parameter.name, "this modifier is not offered for it")
    alternatives = split(text, ",")
    if not all(alternatives):
        raise BadParameter(parameter.name, "a value is empty")
    if parameter.kind == "composite":
        composed = [
            _composite_test(resource_type, parameter, alternative, base)
            for alternative in alternatives
        ]
        return lambda resource: any(test(resource) for test in composed)
    tests = [value_test(parameter, modifier, alternative, base) for alternative in alternatives]
    negated = modifier == "not"
    return lambda resource: (
        any(test(value) for value in parameter.values(resource) for test in tests) != negated
    )


def _is_missing(resource_type: str, parameter: Parameter, resource: dict) -> bool:
    """A composite is missing where one of its parts is, in every element that could hold them."""
    if parameter.kind != "composite":
        return not parameter.values(resource)
    known = parameters_of(resource_type)
    return not any(
        all(known[name].inside(holder, node) for name in names)
        for holder, names in parameter.parts
        for node in walk(resource, holder)
    )


def _composite_test(resource_type: str, parameter: Parameter, text: str, base: str | None) -> Test:
    """ "Composite parameters ... join single values with a $"; all must hold in the same element (search.html#composite)."""
    values, known = split(text, "$"), parameters_of(resource_type)
    count = len(parameter.parts[0][1])
    if len(values) != count or not all(values):
        raise BadParameter(parameter.name, f"write {count} values with $ between them")
    alternatives = [
        (
            holder,
            [
                (known[name], value_test(known[name], "", value, base))
                for name, value in zip(names, values, strict=True)
            ],
        )
        for holder, names in parameter.parts
    ]
    return lambda resource: any(
        all(any(map(test, part.inside(holder, node))) for part, test in tests)
        for holder, tests in alternatives
        for node in walk(resource, holder)
    )


def _sort_keys(
    known: Mapping[str, Parameter], text: str, strict: bool
) -> list[tuple[Parameter, bool]]:
    keys = []
    for entry in text.split(","):
        name = entry.removeprefix("-")
        if not name:
            raise BadParameter(
                "_sort", "write names of search parameters, with - in front to sort downwards"
            )
        if name in known and known[name].kind != "composite":
            keys.append((known[name], entry.startswith("-")))
        elif strict:
            raise UnknownParameter(name)
    return keys


def _sorted(resources: list[dict], parameter: Parameter, descending: bool) -> list[dict]:
    """Sorted by the lowest value, downwards by the highest; resources without a value come last either way."""
    keyed = [(sorted(sort_values(parameter, resource)), resource) for resource in resources]
    with_value = [(keys[-1 if descending else 0], resource) for keys, resource in keyed if keys]
    with_value.sort(key=lambda pair: pair[0], reverse=descending)
    return [resource for _, resource in with_value] + [
        resource for keys, resource in keyed if not keys
    ]
