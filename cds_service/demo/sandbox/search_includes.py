"""What comes along with the matches of a search: _include and _revinclude (search.html#revinclude). Pure."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from cds_service.demo.sandbox.search import places
from cds_service.demo.sandbox.search_parameters import TYPES, parameters_of
from cds_service.demo.sandbox.search_values import BadParameter

_VALUE = re.compile(
    r"\*|(?P<source>[A-Za-z]+):(?P<name>\*|[a-z][A-Za-z-]*)(?::(?P<target>[A-Z][A-Za-z]*))?",
    re.ASCII,
)
_NAMES = ("_include", "_revinclude", "_include:iterate", "_revinclude:iterate")

Place = tuple[str, str]


@dataclass(frozen=True)
class Include:
    """One of them: along which references (type, parameter) to follow, only to `target` ("" for any), and how."""

    references: tuple[Place, ...]
    target: str
    backwards: bool
    iterate: bool

    def reached(
        self, resources: list[dict], all_of: Callable[[str], Iterable[dict]], base: str
    ) -> Iterator[Place]:
        """Where the references lead from these resources; backwards, which resources refer to these."""
        if not self.backwards:
            for resource in resources:
                for source, name in self.references:
                    if resource["resourceType"] == source:
                        yield from places(resource, name, self.target, base)
            return
        wanted = {(resource["resourceType"], resource["id"]) for resource in resources}
        for source, name in self.references:
            for resource in all_of(source):
                if not wanted.isdisjoint(places(resource, name, self.target, base)):
                    yield source, resource["id"]


def read_includes(
    parameters: list[tuple[str, str]], strict: bool
) -> dict[tuple[str, str], Include]:
    """Each _include and _revinclude that can be followed, with the (name, value) that asked for it.

    "*" and "Type:*" are all references, of every type or of that one. What names no reference parameter is passed over,
    or raises BadParameter when strict; what is not written as Type:parameter always raises it.
    """
    found = {}
    for name, value in parameters:
        plain, _, modifier = name.partition(":")
        if plain not in ("_include", "_revinclude"):
            continue
        if name not in _NAMES:
            raise BadParameter(plain, "its only modifier is iterate")
        match = _VALUE.fullmatch(value)
        if match is None:
            raise BadParameter(plain, "write Type:parameter or Type:parameter:Type")
        references = _references(match["source"] or "*", match["name"] or "*")
        if references:
            found[name, value] = Include(
                references, match["target"] or "", plain == "_revinclude", modifier == "iterate"
            )
        elif strict:
            raise BadParameter(plain, "it names no reference parameter")
    return found


def _references(source: str, name: str) -> tuple[Place, ...]:
    return tuple(
        (resource_type, parameter.name)
        for resource_type in (TYPES if source == "*" else (source,))
        for parameter in parameters_of(resource_type).values()
        if parameter.kind == "reference" and name in ("*", parameter.name)
    )


def included(
    matches: list[dict],
    includes: Iterable[Include],
    all_of: Callable[[str], Iterable[dict]],
    current: Callable[[str, str], dict | None],
    base: str,
) -> list[dict]:
    """The resources that come along, each once and none that is a match ("resources are only included once").

    Only those of :iterate look at resources that were included themselves. `current` gives a resource by type and id,
    None where it is not there.
    """
    seen = {(resource["resourceType"], resource["id"]) for resource in matches}
    found, frontier, first = [], matches, True
    while frontier:
        reached = [
            place
            for include in includes
            if first or include.iterate
            for place in include.reached(frontier, all_of, base)
        ]
        new = [place for place in dict.fromkeys(reached) if place not in seen]
        seen.update(new)
        frontier, first = (
            [resource for place in new if (resource := current(*place)) is not None],
            False,
        )
        found += frontier
    return found
