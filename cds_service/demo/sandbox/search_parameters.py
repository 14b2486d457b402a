"""Search parameters as the searches use them, read from the tables (searchparameter.html), and how elements are reached."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from cds_service.demo.sandbox.search_tables import COMPOSITES, EVERY_TYPE, TABLE


@dataclass(frozen=True)
class Parameter:
    """A search parameter: its kind, the elements it looks at, and the only type or system that counts ("" for any).

    A composite has `parts` instead of paths: per alternative the element that holds all of it and the names of its parameters.
    """

    name: str
    kind: str
    paths: tuple[tuple[str, ...], ...] = ()
    target: str = ""
    parts: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = ()

    def values(self, resource: dict) -> list:
        """The values it looks at in a resource."""
        found = [value for path in self.paths for value in walk(resource, path)]
        if self.name == "deceased":  # Patient.deceased.exists() and Patient.deceased != false
            return [any(value is not False for value in found)]
        if self.kind == "token" and self.target:
            return [
                value
                for value in found
                if isinstance(value, dict) and value.get("system") == self.target
            ]
        return found

    def inside(self, holder: tuple[str, ...], node: object) -> list:
        """The values in one element of those at `holder`."""
        return [
            value
            for path in self.paths
            if path[: len(holder)] == holder
            for value in walk(node, path[len(holder) :])
        ]


def walk(node: object, path: tuple[str, ...]) -> Iterator[object]:
    """The values at a path, those of repeated elements one by one."""
    if isinstance(node, list):
        for item in node:
            yield from walk(item, path)
    elif path and isinstance(node, dict):
        yield from walk(node.get(path[0]), path[1:])
    elif not path and node is not None:
        yield node


def _read_row(row: str) -> Iterator[Parameter]:
    kind, *names = row.split()
    for entry in names:
        name, _, place = entry.partition("=")
        paths, _, target = (place or name).partition(":")
        yield Parameter(
            name, kind, tuple(tuple(path.split(".")) for path in paths.split(",")), target
        )


def _read_composite(name: str, rows: tuple[str, ...]) -> Parameter:
    parts = [row.rpartition("/") for row in rows]
    return Parameter(
        name,
        "composite",
        parts=tuple(
            (tuple(filter(None, holder.split("."))), tuple(names.split("$")))
            for holder, _, names in parts
        ),
    )


_OF_EVERY_TYPE = {parameter.name: parameter for row in EVERY_TYPE for parameter in _read_row(row)}
_PARAMETERS = {
    resource_type: {
        **_OF_EVERY_TYPE,
        **{parameter.name: parameter for row in rows for parameter in _read_row(row)},
        **{
            name: _read_composite(name, composite)
            for name, composite in COMPOSITES.get(resource_type, {}).items()
        },
    }
    for resource_type, rows in TABLE.items()
}
TYPES = tuple(_PARAMETERS)


def parameters_of(resource_type: str) -> Mapping[str, Parameter]:
    """The search parameters of a resource type by name; those of every type for "", none for a type that is not in TYPES."""
    return _PARAMETERS.get(resource_type, {}) if resource_type else _OF_EVERY_TYPE
