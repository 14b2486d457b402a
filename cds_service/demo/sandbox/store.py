"""FHIR R4 resources in memory, with versions (http.html). No HTTP and no clock of its own.

What is stored is never changed afterwards: an update adds a version. Callers do not change what they are handed.
"""

import copy
import re
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from threading import RLock
from typing import Any

from cds_service.demo.sandbox.json_patch import BadPatch, patched
from cds_service.demo.sandbox.search_parameters import TYPES
from cds_service.errors import MammaCardsError
from cds_service.fhir.validation import foreign_codes, problems

# IssueType (valueset-issue-type.html) by what validation.problems calls a fault.
_ISSUE_TYPES = {
    "missing": "required",
    "code": "code-invalid",
    "value_error": "value",
    "string_pattern_mismatch": "value",
}
_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}", re.ASCII)
# Elements of type uri, url, oid and uuid by name; canonicals are not among them.
_LINK = re.compile(r"reference|url|uri|.*(?:Uri|Url|Oid|Uuid)", re.ASCII)
_IN_NARRATIVE = re.compile(r"""((?:href|src)\s*=\s*["'])([^"']*)""")


@dataclass(eq=False)
class StoreError(MammaCardsError):
    """A refusal: HTTP status, FHIR issue type, one text per issue, the place in a Bundle, and the search parameter. No text holds a value."""

    status: int
    code: str
    texts: list[str]
    place: str = ""
    parameter: str = ""

    def __str__(self) -> str:
        return "; ".join(f"{self.place}: {text}" if self.place else text for text in self.texts)

    def outcome(self) -> dict:
        """The OperationOutcome that says this."""
        return {
            "resourceType": "OperationOutcome",
            "issue": [self._issue(text, self.code, self.place) for text in self.texts],
        }

    def _issue(self, text: str, code: str, place: str) -> dict:
        # "For HTTP errors, will be 'http.' + the parameter name" (operationoutcome-definitions.html#OperationOutcome.issue.location)
        location = {"location": [f"http.{self.parameter}"]} if self.parameter else {}
        return {
            "severity": "error",
            "code": code,
            "diagnostics": text,
            **location,
            **({"expression": [place]} if place else {}),
        }


class InvalidResource(StoreError):
    """A resource that is not valid; `texts` are those of validation.problems, each issue names its element.

    "400 Bad Request - resource could not be parsed or failed basic FHIR validation rules"; "422 Unprocessable Entity" where it
    could be parsed, and only lacks what it must have or has a code outside a required value set (http.html#create).
    """

    def __init__(self, texts: list[str]):
        was_parsed = all(text.endswith((": missing", ": code")) for text in texts)
        super().__init__(422 if was_parsed else 400, "invalid", texts)

    def outcome(self) -> dict:
        """The OperationOutcome; the code of an issue says what kind of fault it is."""
        parts = [text.rpartition(": ") for text in self.texts]
        issues = [
            self._issue(text, _ISSUE_TYPES.get(kind, "structure"), self.place or path)
            for text, (path, _, kind) in zip(self.texts, parts, strict=True)
        ]
        return {"resourceType": "OperationOutcome", "issue": issues}


@dataclass(frozen=True)
class Version:
    """One version of a resource; `resource` is None where it was deleted.

    `order` counts all writes of the store; `method` is the interaction that made it: POST, PUT, PATCH or DELETE.
    """

    resource_type: str
    id: str
    number: int
    updated: datetime
    resource: Any
    order: int
    method: str

    @property
    def etag(self) -> str:
        return f'W/"{self.number}"'

    @property
    def place(self) -> str:
        return f"{self.resource_type}/{self.id}/_history/{self.number}"


class Store:
    """All resources of one server. The methods may be called from several threads; each refusal is a StoreError."""

    def __init__(
        self, clock: Callable[[], datetime], new_id: Callable[[], str] = lambda: str(uuid.uuid4())
    ):
        self.lock = RLock()
        self.new_id = new_id
        self._clock = clock
        self._order = count()
        self._versions: dict[tuple[str, str], tuple[Version, ...]] = {}

    def load(self, bundle: dict) -> None:
        """Put in the resources of a Bundle of any kind under the ids they have; urn:uuid references become these ids."""
        placed, names = [], {}
        for position, entry in enumerate(entries_of(bundle)):
            resource, full_url = entry.get("resource"), entry.get("fullUrl", "")
            if isinstance(resource, dict):
                _, urn, uuid_of_entry = full_url.partition("urn:uuid:")
                id = resource.get("id", uuid_of_entry if urn else self.new_id())
                if full_url:
                    names[full_url] = f"{resource.get('resourceType')}/{id}"
                placed.append((f"Bundle.entry[{position}]", id, resource))
        for place, id, resource in placed:
            with at(place), self.lock:
                self.write(known_type(resource.get("resourceType")), id, renamed(resource, names))

    def current(self, resource_type: str, id: str) -> Version | None:
        """The current version; None where there is none or it was deleted."""
        with self.lock:
            latest = self._versions.get((resource_type, id), ())[-1:]
        return latest[0] if latest and latest[0].resource is not None else None

    def resource(self, resource_type: str, id: str) -> dict | None:
        """The current resource; None where there is none or it was deleted."""
        version = self.current(resource_type, id)
        return version.resource if version else None

    def all_of(self, resource_type: str) -> list[dict]:
        """The current resources of a type ("" for all), in the order in which they first came."""
        with self.lock:
            latest = [
                versions[-1].resource
                for (kind, _), versions in self._versions.items()
                if resource_type in ("", kind)
            ]
        return [resource for resource in latest if resource is not None]

    def history(self, resource_type: str = "", id: str = "") -> list[Version]:
        """All versions of one resource, of a type or of all, the newest first (http.html#history). 404 where an id never was."""
        with self.lock:
            versions = [
                version
                for place, versions in self._versions.items()
                if resource_type in ("", place[0]) and id in ("", place[1])
                for version in versions
            ]
        if id and not versions:
            raise _not_there()
        return sorted(versions, key=lambda version: version.order, reverse=True)

    def read(self, resource_type: str, id: str, number: str = "") -> Version:
        """The current version, or the one of that number (http.html#read, #vread): 404 never there, 410 deleted."""
        with self.lock:
            versions = self._versions.get((resource_type, id), ())
        wanted = (
            [version for version in versions if str(version.number) == number]
            if number
            else versions[-1:]
        )
        if not wanted:
            raise _not_there()
        if wanted[0].resource is None:
            raise StoreError(410, "deleted", ["This resource was deleted."])
        return wanted[0]

    def create(self, resource_type: str, resource: dict) -> Version:
        """Store under a new id (http.html#create); an id in the resource is not used."""
        return self.write(resource_type, self.new_id(), resource, "POST")

    def update(
        self, resource_type: str, id: str, resource: dict, if_match: str = "", if_new: bool = False
    ) -> tuple[Version, bool]:
        """Store as the next version, or as the first (http.html#update, #upsert); True where it was created.

        `if_match` is an ETag; 412 where it is not that of the current version. `if_new`: 412 where there is one.
        """
        if resource.get("id") != id:
            raise StoreError(
                400, "invalid", ["The resource needs the id that stands in the address."]
            )
        with self.lock:
            current = self.current(resource_type, id)
            _check_match(if_match, current)
            if if_new and current is not None:
                raise StoreError(
                    412,
                    "conflict",
                    ["If-None-Match: * asks that there is no such resource, and there is one."],
                )
            return self.write(resource_type, id, resource), current is None

    def patch(self, resource_type: str, id: str, operations: object, if_match: str = "") -> Version:
        """Store what a JSON Patch makes of the current version as the next (http.html#patch): 400 for what is no patch, 422 for
        one that does not fit, 404 and 410 as in read, 412 as in update. "The server SHALL NOT change the resource id".
        """
        with self.lock:
            current = self.read(resource_type, id)
            _check_match(if_match, current)
            try:
                resource = patched(current.resource, operations)
            except BadPatch as error:
                raise StoreError(400 if error.malformed else 422, "invalid", [str(error)]) from None
            if not isinstance(resource, dict) or (
                resource.get("resourceType"),
                resource.get("id"),
            ) != (resource_type, id):
                raise StoreError(
                    422, "invalid", ["A patch cannot change the type and the id of a resource."]
                )
            return self.write(resource_type, id, resource, "PATCH")

    def delete(self, resource_type: str, id: str, if_match: str = "") -> None:
        """Mark as deleted; where there is nothing, nothing happens (http.html#delete). 412 as in update."""
        with self.lock:
            current = self.current(resource_type, id)
            _check_match(if_match, current)
            if current is not None:
                deleted = Version(
                    resource_type,
                    id,
                    current.number + 1,
                    self._clock(),
                    None,
                    next(self._order),
                    "DELETE",
                )
                self._versions[resource_type, id] += (deleted,)

    def write(self, resource_type: str, id: str, resource: dict, method: str = "PUT") -> Version:
        """Store as the next version, whatever id the resource has. 400 for another type or a bad id; InvalidResource."""
        if resource.get("resourceType") != resource_type:
            raise StoreError(
                400, "invalid", [f"The resourceType must be {resource_type}, as in the address."]
            )
        if not isinstance(id, str) or not _ID.fullmatch(id):
            raise StoreError(
                400, "value", ["An id has up to 64 letters, digits, hyphens and dots."]
            )
        found = problems({**resource, "id": id}) or foreign_codes({**resource, "id": id})
        if found:
            raise InvalidResource(found)
        with self.lock:
            earlier = self._versions.get((resource_type, id), ())
            number, updated = len(earlier) + 1, self._clock()
            # Microseconds, so that _sort=_lastUpdated tells two writes of one millisecond apart.
            written = updated.isoformat(timespec="microseconds").replace("+00:00", "Z")
            meta = {
                **(resource.get("meta") or {}),
                "versionId": str(number),
                "lastUpdated": written,
            }
            stored = copy.deepcopy({**resource, "id": id, "meta": meta})
            version = Version(resource_type, id, number, updated, stored, next(self._order), method)
            self._versions[resource_type, id] = (*earlier, version)
        return version

    @contextmanager
    def all_or_nothing(self) -> Iterator[None]:
        """What is written inside is undone where an error leaves it; nobody else reads or writes meanwhile."""
        with self.lock:
            saved = dict(self._versions)
            try:
                yield
            except BaseException:
                self._versions = saved
                raise


def known_type(name: object) -> str:
    """The name of a resource type that is kept here; 404 for any other."""
    if name not in TYPES:
        raise StoreError(
            404,
            "not-supported",
            ["There is no such resource type here; GET metadata lists those there are."],
        )
    return name


def entries_of(bundle: dict) -> list[dict]:
    """The entries of a Bundle; 400 where they are not entries."""
    entries = bundle.get("entry") or []
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise StoreError(400, "structure", ["Bundle.entry must be a list of objects."])
    if not all(isinstance(entry.get("fullUrl", ""), str) for entry in entries):
        raise StoreError(400, "structure", ["Bundle.entry.fullUrl must be a text."])
    return entries


@contextmanager
def at(place: str) -> Iterator[None]:
    """A refusal that is raised inside says this place, unless it has one."""
    try:
        yield
    except StoreError as error:
        error.place = error.place or place
        raise


def renamed(node: Any, names: dict[str, str]) -> Any:
    """A copy in which links to entries of a Bundle have become links by id.

    "The server SHALL replace all matching links in the bundle, whether they are found in the resource ids, resource
    references, elements of type uri, url, oid, uuid, and <a href="" & <img src="" in the narrative" (http.html#trules).
    """
    if isinstance(node, list):
        return [renamed(item, names) for item in node]
    if not isinstance(node, dict):
        return node
    return {
        name: _renamed_text(name, value, names) if isinstance(value, str) else renamed(value, names)
        for name, value in node.items()
    }


def _renamed_text(name: str, text: str, names: dict[str, str]) -> str:
    if name == "div":
        return _IN_NARRATIVE.sub(lambda match: match[1] + names.get(match[2], match[2]), text)
    return names.get(text, text) if _LINK.fullmatch(name) else text


def _not_there() -> StoreError:
    return StoreError(404, "not-found", ["There is no such resource here."])


def _check_match(if_match: str, current: Version | None) -> None:
    etag = current.etag if current else ""
    if if_match and (not etag or if_match not in ("*", etag, etag.removeprefix("W/"))):
        raise StoreError(
            412,
            "conflict",
            ["If-Match is not the ETag of the current version; read the resource again."],
        )
