"""Bundles of type transaction (all of it or nothing) and batch (each entry by itself), http.html#transaction. No HTTP."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl

from cds_service.demo.sandbox.conditional import (
    create_unless,
    delete_where,
    only_match,
    update_where,
    updated_id,
)
from cds_service.demo.sandbox.store import (
    Store,
    StoreError,
    Version,
    at,
    entries_of,
    known_type,
    renamed,
)

_URL = re.compile(r"([A-Za-z]+)(?:/([A-Za-z0-9\-.]{1,64}))?(?:\?(.*))?", re.ASCII)
_CONDITIONAL = re.compile(r"([A-Z][A-Za-z]+)\?(.+)", re.ASCII)
_RESTFUL = re.compile(r"(https?://.+/)([A-Z][A-Za-z]+/[A-Za-z0-9\-.]{1,64})", re.ASCII)
# "Process any DELETE interactions, any POST, any PUT or PATCH, any GET or HEAD, resolve any conditional references".
_ORDER = ("DELETE", "POST", "PUT", "GET", "HEAD")
_WRITES = ("POST", "PUT")

Get = Callable[[str, list[tuple[str, str]]], tuple[dict, Version | None]]


@dataclass(frozen=True)
class _Request:
    """One entry, read. For GET and HEAD `path` says it all; the others have a type and an id or a query, if any."""

    place: str
    method: str
    path: str
    query: str
    resource_type: str = ""
    id: str = ""
    resource: Any = None  # of an entry that writes
    full_url: str = ""
    if_match: str = ""
    if_none_exist: str = ""
    if_none_match: str = ""


@dataclass(frozen=True)
class Bundles:
    """What performs them: in this store, on the server at `base`. `get` answers a path and parameters as a GET would.

    Each refusal is a StoreError. `representation`: the answers to writes hold the resource (Prefer: return=representation).
    """

    store: Store
    base: str
    get: Get
    representation: bool = False

    def perform(self, bundle: dict) -> dict:
        """Perform a transaction or a batch; the Bundle that answers it, entry by entry in the order of the request."""
        kind = bundle.get("type")
        if bundle.get("resourceType") != "Bundle" or kind not in ("transaction", "batch"):
            raise StoreError(
                400, "value", ["A Bundle of type transaction or batch is needed here."]
            )
        places = {
            f"Bundle.entry[{position}]": entry for position, entry in enumerate(entries_of(bundle))
        }
        if kind == "transaction":
            answers = self._transaction(
                [_request(place, entry, self.base) for place, entry in places.items()]
            )
        else:
            answers = [self._batch_answer(place, entry) for place, entry in places.items()]
        response = {"resourceType": "Bundle", "type": f"{kind}-response"}
        return {**response, "entry": answers} if answers else response

    def _batch_answer(self, place: str, entry: dict) -> dict:
        try:
            request = _request(place, entry, self.base)
            with at(place):
                return self._answer(request)
        except StoreError as error:
            return {"response": {"status": _status(error.status), "outcome": error.outcome()}}

    def _transaction(self, requests: list[_Request]) -> list[dict]:
        """The answers, in the order of the requests; the order of processing is that of the standard."""
        answers = {}
        with self.store.all_or_nothing():
            deletes = self._identified(
                [request for request in requests if request.method == "DELETE"]
            )
            for request in deletes:
                with at(request.place):
                    answers[request.place] = self._answer(request)
            writes = self._identified(
                [request for request in requests if request.method in _WRITES]
            )
            _check_overlap([*deletes, *writes])
            writes = _linked(writes)
            # What refers to the others by a search is written after them, so that it finds what this transaction makes.
            for request in sorted(
                writes, key=lambda r: (any(_searches(r.resource)), _ORDER.index(r.method))
            ):
                with at(request.place):
                    answers[request.place] = self._answer(
                        replace(request, resource=self._found(request.resource))
                    )
            for request in requests:
                if request.method in ("GET", "HEAD"):
                    with at(request.place):
                        answers[request.place] = self._answer(request)
        return [answers[request.place] for request in requests]

    def _identified(self, requests: list[_Request]) -> list[_Request]:
        """With the id that each will write to or delete; conditional creates keep their condition where they match."""
        found = []
        for request in requests:
            with at(request.place):
                kind, id = request.resource_type, request.id
                if request.if_none_exist:
                    match = only_match(self.store, kind, request.if_none_exist, self.base)
                    found.append(
                        replace(request, id=match["id"])
                        if match
                        else replace(request, id=self.store.new_id(), if_none_exist="")
                    )
                elif request.method == "POST":
                    found.append(replace(request, id=self.store.new_id()))
                elif request.query and request.method == "PUT":
                    id = updated_id(self.store, kind, request.resource, request.query, self.base)
                    found.append(
                        replace(request, id=id, query="", resource={**request.resource, "id": id})
                    )
                elif request.query:
                    match = only_match(self.store, kind, request.query, self.base)
                    found.append(replace(request, id=match["id"], query="") if match else request)
                else:
                    found.append(request)
        return found

    def _found(self, resource: dict) -> dict:
        """With conditional references resolved: "if there are no matches, or multiple matches, the transaction fails"."""
        names = {}
        for text, kind, query in _searches(resource):
            match = only_match(self.store, known_type(kind), query, self.base)
            if match is None:
                raise StoreError(
                    412, "not-found", ["Nothing matches a conditional reference of this entry."]
                )
            names[text] = f"{kind}/{match['id']}"
        return renamed(resource, names) if names else resource

    def _answer(self, request: _Request) -> dict:
        """Perform one entry; the entry of the response Bundle."""
        kind, id = request.resource_type, request.id
        if request.method in ("GET", "HEAD"):
            resource, version = self.get(
                request.path, parse_qsl(request.query, keep_blank_values=True)
            )
            unchanged = bool(
                version
                and request.if_none_match
                and version.etag.removeprefix("W/") == request.if_none_match.removeprefix("W/")
            )
            response = {
                "status": _status(304 if unchanged else 200),
                **({"etag": version.etag} if version else {}),
            }
            return (
                {"response": response}
                if unchanged or request.method == "HEAD"
                else {"resource": resource, "response": response}
            )
        if request.method == "DELETE":
            if id:
                self.store.delete(kind, id, request.if_match)
            else:
                delete_where(self.store, kind, request.query, self.base, request.if_match)
            return {"response": {"status": _status(204)}}
        version, created = self._written(request)
        response = {
            "status": _status(201 if created else 200),
            "location": version.place,
            "etag": version.etag,
        }
        answer = {"response": {**response, "lastModified": version.resource["meta"]["lastUpdated"]}}
        return (
            {"fullUrl": f"{self.base}/{kind}/{version.id}", "resource": version.resource, **answer}
            if self.representation
            else answer
        )

    def _written(self, request: _Request) -> tuple[Version, bool]:
        kind, id, resource = request.resource_type, request.id, request.resource
        if request.method == "PUT" and request.query:
            return update_where(
                self.store, kind, resource, request.query, self.base, request.if_match
            )
        if request.method == "PUT":
            return self.store.update(kind, id, resource, request.if_match)
        if request.if_none_exist and id:  # a transaction found what matches
            return self.store.read(kind, id), False
        if request.if_none_exist:
            return create_unless(self.store, kind, resource, request.if_none_exist, self.base)
        return self.store.write(kind, id or self.store.new_id(), resource, "POST"), True


def _request(place: str, entry: dict, base: str) -> _Request:
    request = entry.get("request")
    resource: Any = entry.get("resource")
    names = ("method", "url", "ifMatch", "ifNoneExist", "ifNoneMatch")
    texts = [request.get(name, "") for name in names] if isinstance(request, dict) else []
    if not texts or not all(isinstance(text, str) for text in texts) or not (texts[0] and texts[1]):
        raise StoreError(400, "required", ["An entry needs request.method and request.url."], place)
    method, url, if_match, if_none_exist, if_none_match = texts
    url = url.removeprefix(base).removeprefix("/")
    if method not in _ORDER or "://" in url.partition("?")[0]:
        text = "request can be GET, HEAD, POST, PUT or DELETE here, with a url on this server such as Patient/1."
        raise StoreError(400, "not-supported", [text], place)
    path, _, query = url.partition("?")
    if method in ("GET", "HEAD"):
        return _Request(place, method, path, query, if_none_match=if_none_match)
    match = _URL.fullmatch(url)
    fits = match is not None and (
        not (match[2] or match[3]) if method == "POST" else bool(match[2]) != bool(match[3])
    )
    if match is None or not fits or (if_none_exist and method != "POST"):
        text = "request.url does not go with request.method: POST Type, PUT or DELETE Type/id or Type?search."
        raise StoreError(400, "not-supported", [text], place)
    if method in _WRITES and not isinstance(resource, dict):
        raise StoreError(400, "required", ["An entry that writes needs a resource."], place)
    with at(place):
        kind = known_type(match[1])
        if method in _WRITES and resource.get("resourceType") != kind:
            raise StoreError(
                400, "invalid", [f"The resourceType must be {kind}, as in request.url."]
            )
    resource = resource if method in _WRITES else None
    return _Request(
        place,
        method,
        path,
        query,
        kind,
        match[2] or "",
        resource,
        entry.get("fullUrl", ""),
        if_match,
        if_none_exist,
    )


def _check_overlap(requests: list[_Request]) -> None:
    """ "If any resource identities overlap in steps 1-3, then the transaction SHALL fail"."""
    written = [
        (request.resource_type, request.id)
        for request in requests
        if request.id and not request.if_none_exist
    ]
    if len(set(written)) < len(written):
        raise StoreError(
            400,
            "invalid",
            ["Two entries of the transaction write the same resource."],
            "Bundle.entry",
        )


def _linked(requests: list[_Request]) -> list[_Request]:
    """With references to entries by id. 400 for a urn:uuid that no entry has.

    A relative reference is to an entry too where that stands under the same base as its own fullUrl (bundle.html#references).
    """
    names = {
        request.full_url: f"{request.resource_type}/{request.id}"
        for request in requests
        if request.full_url
    }
    linked = []
    for request in requests:
        own = _RESTFUL.fullmatch(request.full_url)
        beside = [
            (match, name)
            for url, name in names.items()
            if own and (match := _RESTFUL.fullmatch(url)) and match[1] == own[1]
        ]
        linked.append(
            replace(
                request,
                resource=renamed(
                    request.resource, {**{match[2]: name for match, name in beside}, **names}
                ),
            )
        )
    for request in linked:
        if any(
            text.startswith(("urn:uuid:", "urn:oid:")) for text in _references(request.resource)
        ):
            raise StoreError(
                400,
                "not-found",
                ["A urn:uuid reference is to no entry of the transaction."],
                request.place,
            )
    return linked


def _searches(resource: dict) -> Iterator[tuple[str, str, str]]:
    """(text, type, query) of the references that are a search, such as Patient?identifier=x."""
    for text in _references(resource):
        if match := _CONDITIONAL.fullmatch(text):
            yield text, match[1], match[2]


def _references(node: object) -> Iterator[str]:
    if isinstance(node, dict) and isinstance(node.get("reference"), str):
        yield node["reference"]
    if isinstance(node, dict | list):
        for inner in node.values() if isinstance(node, dict) else node:
            yield from _references(inner)


def _status(status: int) -> str:
    return f"{status} {HTTPStatus(status).phrase}"
