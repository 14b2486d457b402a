"""What a FHIR server answered: whether it can be used at all, and what the pages of a search add up to.

FHIR R4, "RESTful API" and "Search". An answer that cannot be used is a Failure; one that may lack something is used, and the
first doubt about it is remembered. No network here, and no trust in what a server says of itself.
"""

import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qsl

from cds_service.fhir.elements import reference, relative
from cds_service.fhir.outcomes import is_note
from cds_service.outbound.egress import Failure
from cds_service.strict import json as strict_json

_JSON_TYPES = {"application/fhir+json", "application/json", "application/json+fhir"}
CONTAINERS = ("Bundle", "Parameters")  # resources that hold what was asked for
_PATIENT_PARAMETERS = {"patient", "subject"}
_LISTS = {"category", "code"}  # of which we ask several values at once
# Parameters that leave out part of a patient's data, where a server adds them by itself (those of FHIR R4 for the types that we read).
_FILTERS = {
    "_filter",
    "_has",
    "_id",
    "_lastUpdated",
    "_profile",
    "_security",
    "_tag",
    "category",
    "clinical-status",
    "code",
    "date",
    "effective",
    "encounter",
    "intent",
    "onset-date",
    "recorded-date",
    "status",
    "verification-status",
}


def check_head(status: int, content_type: str, is_read: bool) -> None:
    """`Failure` unless an answer with this status and Content-Type is what was asked for, in JSON."""
    if status in (404, 410) and is_read:
        raise Failure("not-found")
    if status != 200:
        raise Failure("redirect" if 300 <= status < 400 and status != 304 else f"status-{status}")
    if content_type.partition(";")[0].strip().lower() not in _JSON_TYPES:
        raise Failure("content-type")


def json_object(body: bytes) -> dict:
    """The body as a JSON object, read strictly: what two readers could understand differently is "not-json"."""
    try:
        return strict_json.loads(body)
    except strict_json.NotAnObject:
        raise Failure("wrong-type") from None
    except strict_json.BadJson:
        raise Failure("not-json") from None


def check_type(resource: dict, type: str | None) -> None:
    """`Failure` unless the answer is of the type that was asked for."""
    if resource.get("resourceType") != type:
        raise Failure(
            "outcome" if resource.get("resourceType") == "OperationOutcome" else "wrong-type"
        )


class Searchset:
    """What one search found, page after page, each version of a resource once.

    type: that of the matches; None where it is not known, and every type is taken.
    parameters: (name, value) as they were sent.
    is_sequel: the first page came another way (prefetch). It counts as read, and as `total` counts it too, that is not compared.
    """

    def __init__(
        self, type: str | None, parameters: Sequence[tuple[str, str]] = (), is_sequel: bool = False
    ):
        self.resources: list[dict] = []
        self.pages = 0
        self._type, self._parameters, self._is_sequel = type, parameters, is_sequel
        self._versions: dict[str, list[dict]] = {}
        self._earlier: set[str] = set()  # what the pages before held
        self._matches, self._total, self._doubt = 0, 0, ""

    @property
    def has_begun(self) -> bool:
        """Whether any page has been read."""
        return self._is_sequel or self.pages > 0

    @property
    def doubt(self) -> str:
        """Why these pages may not hold everything, in a word; "" where nothing says so."""
        return self._doubt or (
            "total" if self._total > self._matches and not self._is_sequel else ""
        )

    def add(self, bundle: dict) -> object:
        """Take over one page; returns the URL of the next one, whatever it is, None after the last."""
        check_type(bundle, "Bundle")
        links = {
            link["relation"]: link.get("url", "")
            for link in self._objects(bundle, "link")
            if isinstance(link.get("relation"), str)
        }
        if not self.pages and isinstance(links.get("self"), str):
            searched = parse_qsl(links["self"].partition("?")[2])
            if not _is_about_the_patient(searched, self._parameters):
                raise Failure("not-answered-as-asked")
            if _is_narrower(searched, self._parameters):
                self._doubts("not-answered-as-asked")
        if type(total := bundle.get("total", 0)) is int:
            self._total = max(self._total, total)
        else:
            self._doubts("malformed")
        for entry in self._objects(bundle, "entry"):
            if isinstance(response := entry.get("response"), dict):
                self._answered(response)
            self._take(entry.get("resource"), entry.get("search"))
        self.pages += 1
        self._earlier = set(self._versions)
        return (links["next"] or "") if "next" in links else None

    def _doubts(self, reason: str) -> None:
        self._doubt = self._doubt or reason

    def _objects(self, bundle: dict, name: str) -> list[dict]:
        value = bundle.get(name, [])
        objects = (
            [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
        )
        if not isinstance(value, list) or len(objects) < len(value):
            self._doubts("malformed")
        return objects

    def _answered(self, response: dict) -> None:
        if failed(response.get("status")):
            self._doubts("status")
        elif response.get("outcome") is not None and not is_note(response["outcome"]):
            self._doubts("outcome")

    def _take(self, resource: Any, search: object) -> None:
        mode = search.get("mode") if isinstance(search, dict) else None
        kind = resource.get("resourceType") if isinstance(resource, dict) else None
        if not isinstance(kind, str):
            self._doubts("no-resource")
        elif kind == "OperationOutcome" or mode == "outcome":
            if not is_note(resource):
                self._doubts("outcome")
        elif kind in CONTAINERS:
            self._doubts(
                "wrong-type"
            )  # a search gives resources; what is packed once more was never asked for
        elif self._type in (None, kind):
            identity = reference(resource)
            versions = self._versions.setdefault(identity, []) if identity else []
            if resource in versions:
                return
            # Another version of what came before: which one holds is not for a page to say (see revisions.py). On a later page it is no other match.
            self._matches += mode != "include" and identity not in self._earlier
            versions.append(resource)
            self.resources.append(resource)


def failed(status: object) -> bool:
    """Whether the status of an entry of a Bundle (Bundle.entry.response.status: "200 OK") says anything but success. None says nothing."""
    return status is not None and not (isinstance(status, str) and status.strip().startswith("2"))


def still_asks(self_link: str, query: str) -> bool:
    """Whether a searchset's self link asks for no less than a query ("patient=1&code=a,b"): the same patient, all values of its lists."""
    searched, sent = parse_qsl(self_link.partition("?")[2]), parse_qsl(query)
    return _is_about_the_patient(searched, sent) and not _is_narrower(searched, sent)


def _is_about_the_patient(
    searched: Sequence[tuple[str, str]], sent: Sequence[tuple[str, str]]
) -> bool:
    """Whether the server says (`self` link; FHIR R4, "Search", Server Conformance) that it searched for our patient, or our `_id`.

    It may write `patient` as `subject` or with a modifier, and 123 as Patient/123 or as a whole URL.
    """
    for names in (_PATIENT_PARAMETERS, {"_id"}):
        asked = [value for name, value in sent if _base(name) in names]
        said = [value for name, value in searched if _base(name) in names]
        if asked and not (
            said
            and all(
                relative(asked[0]).split("/")[-1]
                in [relative(one).split("/")[-1] for one in value.split(",")]
                for value in said
            )
        ):
            return False
    return True


def _is_narrower(searched: Sequence[tuple[str, str]], sent: Sequence[tuple[str, str]]) -> bool:
    """Whether the server says that it looked for less than it was asked: without a value of ours, or with a filter of its own.

    A filter that it drops as a whole means more data than asked, and the facts look at codes themselves. The order of values
    means nothing, and a code stands for itself with or without its system.
    """
    for name, value in searched:
        asked = [given for other, given in sent if _base(other) == _base(name)]
        if not asked and _base(name) in _FILTERS:
            return True
        if (
            asked
            and _base(name) in _LISTS
            and not all(
                any(_is_same(one, said) for said in value.split(",")) for one in asked[0].split(",")
            )
        ):
            return True
    return False


def _base(name: str) -> str:
    """A parameter without modifier and chain."""
    return re.split("[:.]", name)[0]


def _is_same(token: str, other: str) -> bool:
    """Whether two `system|code` mean the same; a system that one of them leaves out is any."""
    (system, _, code), (another, _, its_code) = token.rpartition("|"), other.rpartition("|")
    return code == its_code and (system == another or not system or not another)
