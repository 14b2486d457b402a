"""What a client sent under one prefetch key: the resources in it, and how completely it answers what the key asks.

CDS Hooks 2.0, "Prefetch Template"; FHIR R4, Bundle and Parameters. A template asks for one resource or one searchset. Whatever holds these
(a batch-response, a Bundle in a Bundle, the Parameters of an operation) is opened; what says less than it should is partial, never empty.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from types import NoneType
from typing import Any

from cds_service.fhir.outcomes import is_note, only_informs, says_nothing_found
from cds_service.fhir.resource_types import KEYS
from cds_service.fhir.state import State
from cds_service.fhir_client.searchset import CONTAINERS, failed, still_asks

DEEPEST = 8  # containers in containers; a batch-response of searchsets has two
# Bundles that answer several questions, or none: where nothing is in them, nothing was answered.
_NO_ANSWER = (
    "batch",
    "batch-response",
    "transaction",
    "transaction-response",
    "document",
    "message",
    "history",
    "subscription-notification",
)


@dataclass
class Gathering:
    """What came in under one key."""

    state: State
    resources: list[dict] = field(default_factory=list)
    reason: str = ""
    next_link: str = ""
    full_urls: list[tuple[str, dict]] = field(
        default_factory=list
    )  # (Bundle.entry.fullUrl, resource)
    is_bundle: bool = False
    told_by: list["Gathering"] = field(
        default_factory=list
    )  # Bundles under keys of the client's own that answer for this one
    lacks_more: bool = False  # something is missing that the next page does not bring

    @property
    def deciding(self) -> "Gathering":
        """The part that decides how completely this was read: one that was not, if there is one."""
        return next((g for g in self.told_by if not g.state.is_read), self)

    def doubt(self, reason: str) -> None:
        """Something stands between us and the rest."""
        self.state, self.reason, self.lacks_more = State.PARTIAL, reason, True

    def follows(self, link: object) -> None:
        """There is a further page. One can be followed; of several searches each would need its own."""
        if self.next_link:
            self.doubt("further-page")
        self.state, self.reason = State.PARTIAL, self.reason if self.lacks_more else "further-page"
        self.next_link = self.next_link or (link if isinstance(link, str) else "")


def received(value: object, wanted_type: str = "", query: str = "") -> Gathering:
    """How a prefetch value answers its key: null and an empty Bundle are empty, an OperationOutcome is a failed query.

    wanted_type, query: the type that the template asks for, and the parameters of its search; "" for a key of the client's own. An
    OperationOutcome in place of a searchset counts as empty only where all it says are notes and one of them is that nothing was found.
    """
    if value is None:
        return Gathering(State.EMPTY)
    if isinstance(value, list):
        value = {"resourceType": "Bundle", "entry": [{"resource": item} for item in value]}
    if not isinstance(value, dict) or not isinstance(value.get("resourceType"), str):
        return Gathering(State.UNAVAILABLE, reason="unreadable")
    if value["resourceType"] == "OperationOutcome":
        return (
            Gathering(State.EMPTY)
            if query and says_nothing_found(value)
            else Gathering(State.UNAVAILABLE, reason="outcome")
        )
    if value["resourceType"] in CONTAINERS:
        return _Opening(wanted_type, query).of(value)
    is_wanted = value["resourceType"] == wanted_type or not wanted_type
    return Gathering(
        State.PRESENT if is_wanted else State.UNAVAILABLE,
        [value],
        "" if is_wanted else "wrong-type",
    )


class _Opening:
    """A container being opened, with everything in it."""

    def __init__(self, wanted_type: str, query: str):
        self._wanted, self._query = wanted_type, query
        self._found = Gathering(State.PRESENT, is_bundle=True)
        self._has_answer = False  # a searchset or the like was among it, be it an empty one
        self._is_packed = False  # it was no plain searchset or collection
        self._is_asked = False  # a search for the wanted type was among it, as its self link says

    def of(self, container: dict) -> Gathering:
        found = self._found
        if container["resourceType"] == "Bundle" and not isinstance(
            container.get("entry"), list | NoneType
        ):
            return Gathering(State.UNAVAILABLE, reason="unreadable")
        self._open(container, 1, "")
        if (
            found.state is State.PARTIAL
            and not found.resources
            and found.reason in ("outcome", "status")
        ):
            found.state = State.UNAVAILABLE
        elif found.state is State.PRESENT and not found.resources and self._has_answer:
            found.state = State.EMPTY
        elif found.state is State.PRESENT and not self._answers(found.resources):
            found.doubt("wrong-type")
        return found

    def _answers(self, resources: list[dict]) -> bool:
        """Whether what was found can be the answer to the key. One Bundle with data of ours may be a whole record, sent under every key; in
        what is packed once more, the search for the wanted type must be seen."""
        types = {r["resourceType"] for r in resources}
        if not self._wanted or self._is_asked:
            return bool(types) or self._is_asked
        return self._wanted in types or not self._is_packed and not types.isdisjoint(KEYS)

    def _open(self, container: dict, depth: int, search: str) -> None:
        """Take over what a Bundle or Parameters holds. `search`: the self link of the searchset around it."""
        if depth > DEEPEST:
            self._found.doubt("nested-too-deeply")
        elif container["resourceType"] == "Parameters":
            self._is_packed = True
            for resource in self._parameters_of(container.get("parameter"), depth):
                self._take(resource, "", depth, search)
        else:
            self._bundle(container, depth)

    def _parameters_of(self, node: object, depth: int) -> Iterator[dict]:
        """The resources in the parameters of an operation, parts of parameters too."""
        if node is None:
            return
        if not isinstance(node, list) or depth > DEEPEST:
            self._found.doubt("unreadable")
            return
        for parameter in node:
            if not isinstance(parameter, dict):
                self._found.doubt("unreadable")
                continue
            if "resource" in parameter:
                yield parameter["resource"]
            yield from self._parameters_of(parameter.get("part"), depth + 1)

    def _bundle(self, bundle: dict, depth: int) -> None:
        found, entries = self._found, [] if bundle.get("entry") is None else bundle["entry"]
        if not isinstance(entries, list):
            found.doubt("unreadable")
            return
        search, has_more = self._links(bundle.get("link"))
        is_answer = bundle.get("type") not in _NO_ANSWER
        self._has_answer |= is_answer
        self._is_packed |= depth > 1 or not is_answer
        self._is_asked |= bool(self._wanted) and search.partition("?")[0].endswith(
            f"/{self._wanted}"
        )
        matches = 0
        for entry in entries:
            if not isinstance(entry, dict):
                found.doubt("entry-without-resource")
                continue
            if "response" in entry:
                self._response(entry["response"], search)
            about = entry.get("search")
            mode = about.get("mode") if isinstance(about, dict) else None
            is_outcome = self._take(entry.get("resource"), entry.get("fullUrl"), depth, search)
            matches += not is_outcome and mode not in ("include", "outcome")
        total = bundle.get("total")
        if (
            isinstance(total, int)
            and not isinstance(total, bool)
            and total > matches
            and not has_more
        ):
            found.doubt("total")

    def _links(self, links: object) -> tuple[str, bool]:
        """The self link of a Bundle, and whether it has a next one, which is noted."""
        search, has_more = "", False
        for link in [] if links is None else links if isinstance(links, list) else [links]:
            if (
                not isinstance(link, dict)
                or not isinstance(link.get("relation"), str)
                or not isinstance(links, list)
            ):
                self._found.doubt("unreadable-link")
                continue
            relation = link["relation"].strip().lower()
            if relation == "next":
                self._found.follows(link.get("url"))
                has_more = True
            elif relation == "self" and isinstance(link.get("url"), str):
                search = link["url"]
        return search, has_more

    def _response(self, response: object, search: str) -> None:
        """What a server says of one entry of a batch: any status but 2xx is a query that failed."""
        if response is None:
            return
        if not isinstance(response, dict) or failed(response.get("status")):
            self._found.doubt("status")
        elif response.get("outcome") is not None:
            self._outcome(response["outcome"], search)

    def _take(self, resource: Any, full_url: object, depth: int, search: str) -> bool:
        """Take over one resource, or what is in it; whether it only was an outcome."""
        kind = resource.get("resourceType") if isinstance(resource, dict) else None
        if not isinstance(kind, str):
            self._found.doubt("entry-without-resource")
        elif kind == "OperationOutcome":
            self._outcome(resource, search)
            return True
        elif kind in CONTAINERS:
            self._open(resource, depth + 1, search)
        else:
            self._found.resources.append(resource)
            if isinstance(full_url, str) and full_url:
                self._found.full_urls.append((full_url, resource))
        return False

    def _outcome(self, outcome: object, search: str) -> None:
        """A note says that the search went another way than asked; its self link says whether it still asked what we asked."""
        asks_another = (
            bool(search and self._query)
            and not only_informs(outcome)
            and not still_asks(search, self._query)
        )
        if not is_note(outcome) or asks_another:
            self._found.doubt("outcome")
        self._has_answer |= says_nothing_found(outcome)
