"""FHIR R4 resources in memory, with versions and transactions (http.html). No HTTP and no clock of its own.

What is stored is never changed afterwards: an update adds a version. Callers do not change what they are handed.
"""

import copy
import re
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from http import HTTPStatus
from threading import RLock
from urllib.parse import parse_qsl

from cds_service.errors import MammaCardsError
from cds_service.fhir.search import TYPES
from cds_service.fhir.validation import problems

_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}", re.ASCII)
_URL = re.compile(r"/?([A-Za-z]+)(?:/([A-Za-z0-9\-.]{1,64})(?:/_history/(\d+))?)?(?:\?(.*))?", re.ASCII)
_ORDER = ("DELETE", "POST", "PUT", "GET")  # http.html#trules

Searchset = Callable[[str, list[tuple[str, str]]], dict]


@dataclass(eq=False)
class StoreError(MammaCardsError):
    """A refusal: HTTP status, FHIR issue type, one text per issue, and the place in a Bundle. No text holds a value."""

    status: int
    code: str
    texts: list[str]
    place: str = ""

    def __str__(self) -> str:
        return "; ".join(f"{self.place}: {text}" if self.place else text for text in self.texts)

    def outcome(self) -> dict:
        """The OperationOutcome that says this; for an invalid resource each issue names its element."""
        issues = []
        for text in self.texts:
            place = self.place or (text.partition(":")[0] if self.status == 422 else "")
            expression = {"expression": [place]} if place else {}
            issues.append({"severity": "error", "code": self.code, "diagnostics": text, **expression})
        return {"resourceType": "OperationOutcome", "issue": issues}


@dataclass(frozen=True)
class Version:
    """One version of a resource; `resource` is None where it was deleted."""

    number: int
    updated: datetime
    resource: dict | None

    @property
    def etag(self) -> str:
        return f'W/"{self.number}"'

    @property
    def place(self) -> str:
        return f"{self.resource['resourceType']}/{self.resource['id']}/_history/{self.number}"


@dataclass(frozen=True)
class _Request:
    """One entry of a transaction or batch, read."""

    place: str
    method: str
    resource_type: str
    id: str
    version: str
    query: str
    resource: dict | None
    full_url: str
    if_match: str


class Store:
    """All resources of one server. The methods may be called from several threads; each refusal is a StoreError."""

    def __init__(self, clock: Callable[[], datetime], new_id: Callable[[], str] = lambda: str(uuid.uuid4())):
        self.lock = RLock()
        self._clock = clock
        self._new_id = new_id
        self._versions: dict[tuple[str, str], tuple[Version, ...]] = {}

    def load(self, bundle: dict) -> None:
        """Put in the resources of a Bundle of any kind under the ids they have; urn:uuid references become these ids."""
        placed, names = [], {}
        for position, entry in enumerate(_entries(bundle)):
            resource, full_url = entry.get("resource"), entry.get("fullUrl", "")
            if isinstance(resource, dict):
                _, urn, uuid_of_entry = full_url.partition("urn:uuid:")
                id = resource.get("id", uuid_of_entry if urn else self._new_id())
                if full_url:
                    names[full_url] = f"{resource.get('resourceType')}/{id}"
                placed.append((f"Bundle.entry[{position}]", id, resource))
        for place, id, resource in placed:
            with _at(place), self.lock:
                self._write(known_type(resource.get("resourceType")), id, _renamed(resource, names))

    def current(self, resource_type: str, id: str) -> Version | None:
        """The current version; None where there is none or it was deleted."""
        with self.lock:
            latest = self._versions.get((resource_type, id), ())[-1:]
        return latest[0] if latest and latest[0].resource is not None else None

    def all_of(self, resource_type: str) -> list[dict]:
        """The current resources of a type, in the order in which they first came."""
        with self.lock:
            latest = [versions[-1].resource for (kind, _), versions in self._versions.items() if kind == resource_type]
        return [resource for resource in latest if resource is not None]

    def read(self, resource_type: str, id: str, number: str = "") -> Version:
        """The current version, or the one of that number (http.html#read, #vread): 404 never there, 410 deleted."""
        with self.lock:
            versions = self._versions.get((resource_type, id), ())
        wanted = [version for version in versions if str(version.number) == number] if number else versions[-1:]
        if not wanted:
            raise StoreError(404, "not-found", ["There is no such resource here."])
        if wanted[0].resource is None:
            raise StoreError(410, "deleted", ["This resource was deleted."])
        return wanted[0]

    def create(self, resource_type: str, resource: dict) -> Version:
        """Store under a new id (http.html#create); an id in the resource is not used."""
        with self.lock:
            return self._write(resource_type, self._new_id(), resource)

    def update(self, resource_type: str, id: str, resource: dict, if_match: str = "") -> tuple[Version, bool]:
        """Store as the next version, or as the first (http.html#update, #upsert); True where it was created.

        `if_match` is an ETag; 412 where it is not that of the current version.
        """
        if resource.get("id") != id:
            raise StoreError(400, "invalid", ["The resource needs the id that stands in the address."])
        with self.lock:
            current = self.current(resource_type, id)
            _check_match(if_match, current)
            return self._write(resource_type, id, resource), current is None

    def delete(self, resource_type: str, id: str, if_match: str = "") -> None:
        """Mark as deleted; where there is nothing, nothing happens (http.html#delete). 412 as in update."""
        with self.lock:
            current = self.current(resource_type, id)
            _check_match(if_match, current)
            if current is not None:
                self._versions[resource_type, id] += (Version(current.number + 1, self._clock(), None),)

    def perform(self, bundle: dict, base: str, searchset: Searchset) -> dict:
        """Perform a transaction (all of it or nothing) or a batch (each entry by itself), http.html#transaction.

        `searchset` answers the entries that search.
        """
        kind = bundle.get("type")
        if bundle.get("resourceType") != "Bundle" or kind not in ("transaction", "batch"):
            raise StoreError(400, "value", ["A Bundle of type transaction or batch is needed here."])
        places = {f"Bundle.entry[{position}]": entry for position, entry in enumerate(_entries(bundle))}
        if kind == "transaction":
            answers = self._transaction([_request(place, entry, base) for place, entry in places.items()], searchset)
        else:
            answers = [self._batch_answer(place, entry, base, searchset) for place, entry in places.items()]
        response = {"resourceType": "Bundle", "type": f"{kind}-response"}
        return {**response, "entry": answers} if answers else response

    def _batch_answer(self, place: str, entry: dict, base: str, searchset: Searchset) -> dict:
        try:
            return self._answer(_request(place, entry, base), searchset)
        except StoreError as error:
            return {"response": {"status": _status(error.status), "outcome": error.outcome()}}

    def _transaction(self, requests: list[_Request], searchset: Searchset) -> list[dict]:
        answers = {}
        with self.lock:
            saved = dict(self._versions)
            try:
                for request in sorted(self._resolved(requests), key=lambda request: _ORDER.index(request.method)):
                    with _at(request.place):
                        answers[request.place] = self._answer(request, searchset)
            except BaseException:
                self._versions = saved
                raise
        return [answers[request.place] for request in requests]

    def _resolved(self, requests: list[_Request]) -> list[_Request]:
        """With ids for new resources, and with references to entries by id. 400 for a urn:uuid that no entry has."""
        requests = [replace(request, id=self._new_id()) if request.method == "POST" else request for request in requests]
        written = [(request.resource_type, request.id) for request in requests if request.method != "GET"]
        if len(set(written)) < len(written):
            raise StoreError(400, "invalid", ["Two entries of the transaction write the same resource."], "Bundle.entry")
        names = {request.full_url: f"{request.resource_type}/{request.id}" for request in requests if request.full_url}
        resolved = [replace(request, resource=_renamed(request.resource, names)) for request in requests]
        for request in resolved:
            if any(text.startswith("urn:uuid:") for text in _references(request.resource)):
                raise StoreError(400, "not-found", ["A urn:uuid reference is to no entry of the transaction."], request.place)
        return resolved

    def _answer(self, request: _Request, searchset: Searchset) -> dict:
        """Perform one entry; the entry of the response Bundle."""
        resource_type, id, created = request.resource_type, request.id, False
        if request.method == "DELETE":
            self.delete(resource_type, id, request.if_match)
            return {"response": {"status": _status(204)}}
        if request.method == "GET" and not id:
            found = searchset(resource_type, parse_qsl(request.query, keep_blank_values=True))
            return {"resource": found, "response": {"status": _status(200)}}
        if request.method == "GET":
            version = self.read(resource_type, id, request.version)
            return {"resource": version.resource, "response": {"status": _status(200), "etag": version.etag}}
        if request.method == "PUT":
            version, created = self.update(resource_type, id, request.resource, request.if_match)
        else:
            with self.lock:
                version, created = self._write(resource_type, id or self._new_id(), request.resource), True
        response = {"status": _status(201 if created else 200), "location": version.place, "etag": version.etag}
        return {"response": {**response, "lastModified": version.resource["meta"]["lastUpdated"]}}

    def _write(self, resource_type: str, id: str, resource: dict) -> Version:
        if resource.get("resourceType") != resource_type:
            raise StoreError(400, "invalid", [f"The resourceType must be {resource_type}, as in the address."])
        if not isinstance(id, str) or not _ID.fullmatch(id):
            raise StoreError(400, "value", ["An id has up to 64 letters, digits, hyphens and dots."])
        found = problems({**resource, "id": id})
        if found:
            raise StoreError(422, "invalid", found)
        earlier = self._versions.get((resource_type, id), ())
        number, updated = len(earlier) + 1, self._clock()
        written = updated.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        meta = {**(resource.get("meta") or {}), "versionId": str(number), "lastUpdated": written}
        version = Version(number, updated, copy.deepcopy({**resource, "id": id, "meta": meta}))
        self._versions[resource_type, id] = (*earlier, version)
        return version


def known_type(name: object) -> str:
    """The name of a resource type that is kept here; 404 for any other."""
    if name not in TYPES:
        raise StoreError(404, "not-supported", ["There is no such resource type here; GET metadata lists those there are."])
    return name


def _entries(bundle: dict) -> list[dict]:
    entries = bundle.get("entry") or []
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise StoreError(400, "structure", ["Bundle.entry must be a list of objects."])
    if not all(isinstance(entry.get("fullUrl", ""), str) for entry in entries):
        raise StoreError(400, "structure", ["Bundle.entry.fullUrl must be a text."])
    return entries


def _request(place: str, entry: dict, base: str) -> _Request:
    request, resource = entry.get("request"), entry.get("resource")
    texts = [request.get(name, "") for name in ("method", "url", "ifMatch")] if isinstance(request, dict) else []
    if not texts or not all(isinstance(text, str) for text in texts):
        raise StoreError(400, "required", ["An entry needs request.method and request.url."], place)
    method, url, if_match = texts
    match = _URL.fullmatch(url.removeprefix(f"{base}/"))
    if method not in _ORDER or match is None or "ifNoneExist" in request:
        text = "request can be GET, POST, PUT or DELETE with a url such as Patient/1 here; ifNoneExist is not offered."
        raise StoreError(400, "not-supported", [text], place)
    resource_type, id, version, query = (part or "" for part in match.groups())
    plain = not version and not query
    if not {"GET": not (id and query), "POST": plain and not id}.get(method, plain and id):
        text = "request.url does not go with request.method; nothing conditional is offered."
        raise StoreError(400, "not-supported", [text], place)
    if method in ("POST", "PUT") and not isinstance(resource, dict):
        raise StoreError(400, "required", ["An entry that writes needs a resource."], place)
    with _at(place):
        known_type(resource_type)
    resource = resource if method in ("POST", "PUT") else None
    return _Request(place, method, resource_type, id, version, query, resource, entry.get("fullUrl", ""), if_match)


@contextmanager
def _at(place: str) -> Iterator[None]:
    try:
        yield
    except StoreError as error:
        error.place = error.place or place
        raise


def _check_match(if_match: str, current: Version | None) -> None:
    etag = current.etag if current else ""
    if if_match and (not etag or if_match not in ("*", etag, etag.removeprefix("W/"))):
        raise StoreError(412, "conflict", ["If-Match is not the ETag of the current version; read the resource again."])


def _renamed(node: object, names: dict[str, str]) -> object:
    """A copy in which references to entries of a Bundle have become references by id."""
    if isinstance(node, list):
        return [_renamed(item, names) for item in node]
    if not isinstance(node, dict):
        return node
    return {
        name: names.get(value, value) if name == "reference" and isinstance(value, str) else _renamed(value, names)
        for name, value in node.items()
    }


def _references(node: object) -> Iterator[str]:
    if isinstance(node, dict) and isinstance(node.get("reference"), str):
        yield node["reference"]
    if isinstance(node, dict | list):
        for inner in node.values() if isinstance(node, dict) else node:
            yield from _references(inner)


def _status(status: int) -> str:
    return f"{status} {HTTPStatus(status).phrase}"
