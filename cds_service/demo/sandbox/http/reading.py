"""What a GET of the sandbox answers, by path: reads, searches, histories, compartments and $everything. Knows no HTTP.

One place for it all, so that an entry of a batch that GETs is answered exactly as the request would be.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from cds_service.demo.sandbox.compartments import PATIENT, compartment, everything
from cds_service.demo.sandbox.http.pages import Listed, Pages, page_size
from cds_service.demo.sandbox.search import UnknownParameter, is_used, search
from cds_service.demo.sandbox.search_dates import parse
from cds_service.demo.sandbox.search_includes import included, read_includes
from cds_service.demo.sandbox.search_parameters import parameters_of
from cds_service.demo.sandbox.search_values import BadParameter
from cds_service.demo.sandbox.store import Store, StoreError, Version, known_type
from cds_service.demo.sandbox.summaries import Shape, read_shape

_ONLY_COUNTED = 0
_OF_HISTORY = {"_count", "_since", "_format", "_pretty"}
_OF_EVERYTHING = {*_OF_HISTORY, "_type"}
Parameters = list[tuple[str, str]]
Answer = tuple[dict, Version | None]


@dataclass(frozen=True)
class Reading:
    """GET on the server at `base`. `strict`: unknown parameters are refused (Prefer: handling=strict). Refusals: StoreError."""

    store: Store
    pages: Pages
    base: str
    strict: bool
    metadata: Callable[[], dict]

    def get(self, path: str, parameters: Parameters) -> Answer:
        """What is at this path below the base: a resource, and its version where it is one that is stored."""
        cursor = dict(parameters).get("_cursor")
        if cursor is not None:
            return self.pages.further(path, cursor, self.base), None
        match path.split("/"):
            case ["metadata"]:
                return self.metadata(), None
            case [""] | ["_search"]:
                return self._system_search(parameters), None
            case ["_history"]:
                return self._history(path, parameters), None
            case [kind] | [kind, "_search"]:
                known_type(kind)
                return self._search(kind, kind, self.store.all_of(kind), parameters), None
            case [kind, "_history"]:
                return self._history(path, parameters, known_type(kind)), None
            case ["Patient", id, "$everything"]:
                return self._everything(path, id, parameters), None
            case [kind, id]:
                return self._read(known_type(kind), id, "", parameters)
            case [kind, id, "_history"]:
                return self._history(path, parameters, known_type(kind), id), None
            case [kind, id, "_history", number]:
                return self._read(known_type(kind), id, number, parameters)
            case ["Patient", id, kind] if kind == "*" or not kind.startswith("$"):
                return self._compartment(path, id, kind, parameters), None
        raise StoreError(
            404,
            "not-found",
            ["There is nothing at this address; GET metadata lists what there is."],
        )

    def _read(self, kind: str, id: str, number: str, parameters: Parameters) -> Answer:
        version = self.store.read(kind, id, number)
        with _refusals():
            shape = read_shape(parameters)
        return shape.of(version.resource), version

    def _search(self, kind: str, path: str, resources: list[dict], parameters: Parameters) -> dict:
        """The searchset of what fits among these resources; `kind` is "" where they may be of any type."""
        with _refusals():
            includes = read_includes(parameters, self.strict)
            shape, size = read_shape(parameters), page_size(parameters)
            totals = {value for name, value in parameters if name == "_total"}
            if not {"none", "estimate", "accurate"}.issuperset(totals):
                raise BadParameter("_total", "write none, estimate or accurate")
            criteria = [pair for pair in parameters if kind or pair[0] != "_type"]
            found = search(
                resources,
                kind,
                criteria,
                strict=self.strict,
                base=self.base,
                others=self.store.all_of,
            )
            used = [
                pair
                for pair in _used(kind, parameters)
                if "include" not in pair[0] or pair in includes
            ]

        def entries(shown: list[dict]) -> list[dict]:
            also = included(
                shown, includes.values(), self.store.all_of, self.store.resource, self.base
            )
            return self._entries(shown, "match", shape) + self._entries(also, "include", shape)

        size = _ONLY_COUNTED if shape.only_counts else size
        total = None if totals == {"none"} and size else len(found)
        return self.pages.first(
            Listed("searchset", path, used, found, entries, size, total), self.base
        )

    def _entries(self, resources: list[dict], mode: str, shape: Shape) -> list[dict]:
        return [
            {
                "fullUrl": f"{self.base}/{resource['resourceType']}/{resource['id']}",
                "resource": shape.of(resource),
                "search": {"mode": mode},
            }
            for resource in resources
        ]

    def _system_search(self, parameters: Parameters) -> dict:
        """ "GET [base]?parameters": with the parameters of every type, and _type (http.html#search)."""
        kinds = [
            known_type(kind)
            for name, value in parameters
            if name == "_type"
            for kind in value.split(",")
        ]
        resources = [
            resource
            for resource in self.store.all_of("")
            if not kinds or resource["resourceType"] in kinds
        ]
        return self._search("", "", resources, parameters)

    def _compartment(self, path: str, id: str, kind: str, parameters: Parameters) -> dict:
        """ "GET [base]/Patient/[id]/[type]"; the type is * for all of them (search.html#2.21.1.2)."""
        self.store.read("Patient", id)
        kinds = tuple(PATIENT) if kind == "*" else (known_type(kind),)
        if not set(kinds) <= set(PATIENT):
            raise StoreError(
                404, "not-supported", ["Resources of this type are in no compartment of a patient."]
            )
        resources = [
            resource
            for each in kinds
            for resource in compartment(id, each, self.store.all_of, self.base)
        ]
        return self._search("" if kind == "*" else kind, path, resources, parameters)

    def _everything(self, path: str, id: str, parameters: Parameters) -> dict:
        patient = self.store.read("Patient", id).resource
        with _refusals():
            size, since = page_size(parameters), _since(parameters)
            self._check_known(parameters, _OF_EVERYTHING)
        kinds = [
            known_type(kind)
            for name, value in parameters
            if name == "_type"
            for kind in value.split(",")
        ]
        matches, also = everything(
            patient, kinds, self.store.all_of, self.store.resource, self.base
        )
        items = [(resource, "match") for resource in matches] + [
            (resource, "include") for resource in also
        ]
        if since:
            items = [
                (resource, mode)
                for resource, mode in items
                if parse(resource["meta"]["lastUpdated"]).start >= since
            ]

        def entries(shown: list[tuple[dict, str]]) -> list[dict]:
            return [
                entry
                for resource, mode in shown
                for entry in self._entries([resource], mode, Shape())
            ]

        used = [pair for pair in parameters if pair[0] in _OF_EVERYTHING]
        total = sum(mode == "match" for _, mode in items)
        return self.pages.first(
            Listed("searchset", path, used, items, entries, size, total), self.base
        )

    def _history(self, path: str, parameters: Parameters, kind: str = "", id: str = "") -> dict:
        """The versions, the newest first: "sorted with oldest versions last, and including deleted resources" (http.html#history)."""
        versions = self.store.history(kind, id)
        with _refusals():
            size, since = page_size(parameters), _since(parameters)
            self._check_known(parameters, _OF_HISTORY)
        if since:
            versions = [version for version in versions if version.updated >= since]
        used = [pair for pair in parameters if pair[0] in _OF_HISTORY]
        return self.pages.first(
            Listed("history", path, used, versions, self._history_entries, size, len(versions)),
            self.base,
        )

    def _history_entries(self, versions: list[Version]) -> list[dict]:
        entries = []
        for version in versions:
            place = f"{version.resource_type}/{version.id}"
            status = (
                "204 No Content"
                if version.method == "DELETE"
                else "200 OK"
                if version.number > 1
                else "201 Created"
            )
            url = version.resource_type if version.method == "POST" else place
            response = {
                "status": status,
                "etag": version.etag,
                "lastModified": version.updated.isoformat(timespec="microseconds"),
            }
            resource = {"resource": version.resource} if version.resource is not None else {}
            entries.append(
                {
                    "fullUrl": f"{self.base}/{place}",
                    **resource,
                    "request": {"method": version.method, "url": url},
                    "response": response,
                }
            )
        return entries

    def _check_known(self, parameters: Parameters, known: set[str]) -> None:
        unknown = [name for name, _ in parameters if name not in known]
        if unknown and self.strict:
            raise UnknownParameter(unknown[0].partition(":")[0])


def _used(kind: str, parameters: Parameters) -> Parameters:
    """What goes into the self link: "the parameters that were actually used to process the search" (search.html#conformance)."""
    known, used = parameters_of(kind), []
    for name, value in parameters:
        if name == "_sort":
            value = ",".join(key for key in value.split(",") if key.removeprefix("-") in known)
        if value and (is_used(kind, name) or (not kind and name == "_type")):
            used.append((name, value))
    return used


@contextmanager
def _refusals() -> Iterator[None]:
    """What a search refuses, as the answer of a server."""
    try:
        yield
    except UnknownParameter as error:
        raise StoreError(400, "not-supported", [str(error)], parameter=error.name) from None
    except BadParameter as error:
        raise StoreError(400, "value", [str(error)], parameter=error.name) from None


def _since(parameters: Parameters) -> datetime | None:
    """The moment that _since names, None without one."""
    texts = [value for name, value in parameters if name == "_since"]
    try:
        return parse(texts[-1]).start if texts else None
    except ValueError:
        raise BadParameter(
            "_since", "write an instant such as 2026-03-01T10:00:00Z, with + as %2B in an address"
        ) from None
