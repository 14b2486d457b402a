"""What a FHIR server answered: whether it can be used at all, and what the pages of a search add up to.

FHIR R4, "RESTful API" and "Search". An answer that cannot be used is a Failure; one that may lack something is used, and the
first doubt about it is remembered. No network here, and no trust in what a server says of itself.
"""

import re
from collections.abc import Sequence
from urllib.parse import parse_qsl

from cds_service import strict_json
from cds_service.security.egress import Failure

_JSON_TYPES = {"application/fhir+json", "application/json", "application/json+fhir"}
_PATIENT_PARAMETERS = {"patient", "subject"}


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


def check_type(resource: dict, type: str) -> None:
    """`Failure` unless the answer is of the type that was asked for."""
    if resource.get("resourceType") != type:
        raise Failure("outcome" if resource.get("resourceType") == "OperationOutcome" else "wrong-type")


class Searchset:
    """What one search found, page after page, each resource once.

    type: that of the matches; None where it is not known, and every type is taken.
    parameters: (name, value) as they were sent.
    is_sequel: the first page came another way (prefetch). It counts as read, and as `total` counts it too, that is not compared.
    """

    def __init__(self, type: str | None, parameters: Sequence[tuple[str, str]] = (), is_sequel: bool = False):
        self.resources: list[dict] = []
        self.pages = 0
        self._type, self._parameters, self._is_sequel = type, parameters, is_sequel
        self._identities: set[tuple[str, str]] = set()
        self._matches, self._total, self._doubt = 0, 0, ""

    @property
    def has_begun(self) -> bool:
        """Whether any page has been read."""
        return self._is_sequel or self.pages > 0

    @property
    def doubt(self) -> str:
        """Why these pages may not hold everything, in a word; "" where nothing says so."""
        return self._doubt or ("total" if self._total > self._matches and not self._is_sequel else "")

    def add(self, bundle: dict) -> object:
        """Take over one page; returns the URL of the next one, whatever it is, None after the last."""
        check_type(bundle, "Bundle")
        links = {link["relation"]: link.get("url", "") for link in self._objects(bundle, "link")
                 if isinstance(link.get("relation"), str)}
        if not self.pages and not _answers(links.get("self"), self._parameters):
            raise Failure("not-answered-as-asked")
        if type(total := bundle.get("total", 0)) is int:
            self._total = max(self._total, total)
        else:
            self._doubts("malformed")
        for entry in self._objects(bundle, "entry"):
            self._take(entry.get("resource"), entry.get("search"))
        self.pages += 1
        return (links["next"] or "") if "next" in links else None

    def _doubts(self, reason: str) -> None:
        self._doubt = self._doubt or reason

    def _objects(self, bundle: dict, name: str) -> list[dict]:
        value = bundle.get(name, [])
        objects = [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
        if not isinstance(value, list) or len(objects) < len(value):
            self._doubts("malformed")
        return objects

    def _take(self, resource: object, search: object) -> None:
        mode = search.get("mode") if isinstance(search, dict) else None
        kind = resource.get("resourceType") if isinstance(resource, dict) else None
        if not isinstance(kind, str):
            self._doubts("no-resource")
        elif kind == "OperationOutcome" or mode == "outcome":
            if not _only_informs(resource):
                self._doubts("outcome")
        elif self._type in (None, kind):
            identity = (kind, resource.get("id"))
            if isinstance(identity[1], str):
                if identity in self._identities:
                    return
                self._identities.add(identity)
            self.resources.append(resource)
            self._matches += mode != "include"


def _answers(self_link: object, parameters: Sequence[tuple[str, str]]) -> bool:
    """Whether the server says (FHIR R4, "Search", Server Conformance) that it searched for our patient.

    Any other filter that it drops means more data than asked, and the facts look at codes themselves. It may write `patient`
    as `subject`, and add modifiers.
    """
    if not isinstance(self_link, str):
        return True
    sent = {re.split("[:.]", name)[0] for name, _ in parameters}
    kept = {re.split("[:.]", name)[0] for name, _ in parse_qsl(self_link.partition("?")[2])}
    return bool(not sent & _PATIENT_PARAMETERS or kept & _PATIENT_PARAMETERS) and ("_id" not in sent or "_id" in kept)


def _only_informs(outcome: dict) -> bool:
    issues = outcome.get("issue")
    return isinstance(issues, list) and bool(issues) and all(
        isinstance(issue, dict) and issue.get("severity") in ("information", "success") for issue in issues)
