"""Reading a FHIR server: what a CDS Client left out of prefetch, and the further pages of what it sent.

CDS Hooks 2.0, "FHIR Resource Access" and "Prefetch Template". Nothing here trusts the server: it may be slow, drip, lie about
its length, redirect, point elsewhere, drop filters or send megabytes of nothing. Whatever it does becomes one of the four
states of an input, never an exception and never a silent "nothing found".
"""

import re
from collections.abc import Mapping, Sequence
from functools import partial
from time import monotonic
from urllib.parse import parse_qsl, unquote, urlsplit

from cds_service.fhir.state import Fetched, State
from cds_service.fhir_client.searchset import Searchset, check_head, check_type, json_object
from cds_service.outbound.deadline import Deadline, run_until, turn
from cds_service.outbound.egress import Failure, Secret, fetch, origin, tell
from cds_service.outbound.trust import Trust

_READ = re.compile(r"([A-Z][A-Za-z]*)/(?!\.{1,2}$)([A-Za-z0-9.-]{1,64})")
_SEARCH = re.compile(r"([A-Z][A-Za-z]*)\?(.+)", re.DOTALL)
_VISIBLE = re.compile(r"[!-~]+")


class FhirClient:
    """Reads one FHIR server for one request.

    base_url: the FHIR base as configured; every request goes to it, whatever the server says. ValueError when it is not a
        plain http(s) URL. Whether it may be read at all is the caller's decision.
    token: the access token (CDS Hooks 2.0, "Passing the Access Token": not to be kept past the request), or None.
    deadline_seconds: wall-clock time for everything that this client reads, pages included, counted from its first call.
    max_pages, max_resources, max_bytes (decoded): per query; what has more is PARTIAL.
    trust: whose certificates are accepted; None for the usual authorities. What is refused is told in the log, once for each reason.
    """

    def __init__(
        self,
        base_url: str,
        token: str | None,
        deadline_seconds: float,
        *,
        max_pages: int = 10,
        max_resources: int = 2000,
        max_bytes: int = 5_000_000,
        trust: Trust | None = None,
    ):
        base = urlsplit(base_url)
        if (
            base.scheme not in ("http", "https")
            or "@" in base.netloc
            or base.query
            or base.fragment
        ):
            raise ValueError("a FHIR base is an http(s) URL without user, query and fragment")
        self._origin = origin(base)
        self._root, self._path = f"{base.scheme}://{base.netloc}", base.path.rstrip("/")
        self._token = Secret(token) if token else None
        self._seconds = deadline_seconds
        self._ends: float | None = None  # set by the first read
        self._trust = trust
        self._told: dict[str | None, Failure] = {}
        self._max_pages, self._max_resources, self._max_bytes = max_pages, max_resources, max_bytes

    def read(self, queries: Mapping[str, str], next_links: Mapping[str, str]) -> dict[str, Fetched]:
        """Read everything that is missing, all in parallel. No key stands in both mappings.

        queries: reads (`Patient/123`) and searches (`Condition?patient=123&code=a|b,c|d`); values may be percent-encoded, as in a
            prefetch template, or not; a `+` is a plus. FHIR R4, "RESTful API" and "Search".
        next_links: absolute `next` links of prefetched Bundles, to read on from. The page that the client sent counts as read:
            what cannot be followed is PARTIAL, not UNAVAILABLE. CDS Hooks 2.0, "Prefetch Template" (paging).
        Returns within the deadline with what came in time; no error of the network or the server is raised.
        """
        if self._ends is None:
            self._ends = monotonic() + self._seconds
        ends = self._ends
        readings = {key: self._query(query, ends) for key, query in queries.items()}
        readings |= {key: self._sequel(link, ends) for key, link in next_links.items()}
        works = [
            (reading.run, reading.lifeline)
            for reading in readings.values()
            if isinstance(reading, _Reading)
        ]
        run_until(ends, works)
        return {
            key: reading.result if isinstance(reading, _Reading) else reading
            for key, reading in readings.items()
        }

    def _query(self, query: str, ends: float) -> "_Reading | Fetched":
        if read := _READ.fullmatch(query):
            return _Reading(self, ends, f"{self._root}{self._path}/{query}", read[1], id=read[2])
        if search := _SEARCH.fullmatch(query):
            pairs = [pair.partition("=") for pair in search[2].split("&")]
            parameters = [(unquote(name), unquote(value)) for name, _, value in pairs if name]
            return _Reading(
                self, ends, f"{self._root}{self._path}/{search[1]}", search[1], parameters
            )
        return Fetched(State.UNAVAILABLE, reason="bad-query")

    def _sequel(self, link: str, ends: float) -> "_Reading | Fetched":
        try:
            url = self._own_url(link)
        except Failure as failure:
            return Fetched(State.PARTIAL, reason=failure.reason)
        named = re.match(r"/([A-Z][A-Za-z]*)([/?]|$)", url.removeprefix(self._root + self._path))
        return _Reading(self, ends, url, named and named[1], is_sequel=True)

    def _own_url(self, link: object) -> str:
        """The link, built anew on our own base, when it lies under it or is it; otherwise `Failure` "foreign-next"."""
        try:
            if not isinstance(link, str) or not _VISIBLE.fullmatch(link):
                raise ValueError
            parts = urlsplit(link)
            path = unquote(parts.path)
            if (
                origin(parts) != self._origin
                or "@" in parts.netloc
                or not f"{parts.path}/".startswith(f"{self._path}/")
            ):
                raise ValueError
            if {".", ".."} & set(path.split("/")) or "%" in path or "\\" in path:
                raise ValueError
        except ValueError:
            raise Failure("foreign-next") from None
        return f"{self._root}{parts.path}" + (f"?{parts.query}" if parts.query else "")

    def _tell(self, failure: Failure) -> None:
        """Tell why a certificate was refused: fifteen readings at once need not tell it fifteen times."""
        if self._told.setdefault(failure.refused, failure) is failure:
            tell(failure, self._root)

    def _headers(self, search: bool) -> dict[str, str]:
        """All headers of one request; `Failure` "bad-token" when the token cannot stand in one."""
        headers = {
            "Accept": "application/fhir+json",
            "Accept-Encoding": "identity",
            "User-Agent": "MammaCards",
        }
        if search:
            headers["Prefer"] = (
                "handling=strict"  # FHIR R4, "Search", Handling Errors: refuse what you do not know
            )
        if self._token:
            if not _VISIBLE.fullmatch(self._token.reveal()):
                raise Failure("bad-token")
            headers["Authorization"] = f"Bearer {self._token.reveal()}"
        return headers


class _Reading:
    """One query, page after page, on one thread of the pool. `result` is at any moment what stands if time ends now."""

    def __init__(
        self,
        client: FhirClient,
        ends: float,
        url: str,
        type: str | None,
        parameters: Sequence[tuple[str, str]] = (),
        id: str | None = None,
        is_sequel: bool = False,
    ):
        self.lifeline = Deadline(ends)
        self._client, self._url, self._type, self._parameters, self._id = (
            client,
            url,
            type,
            parameters,
            id,
        )
        self._found, self._room = Searchset(type, parameters, is_sequel), client._max_bytes
        self.result = self._so_far("busy" if self.lifeline.left() else "timeout")

    def run(self) -> None:
        """Read everything into `result`; raises nothing that a server or a network can cause."""
        self.result = self._so_far("timeout")
        try:
            self.result = self._read() if self._id else self._search()
        except Failure as failure:
            self._client._tell(failure)
            self.result = self._so_far(failure.reason if self.lifeline.left() else "timeout")
        finally:
            self.lifeline.cut()

    def _so_far(self, reason: str) -> Fetched:
        return Fetched(
            State.PARTIAL if self._found.has_begun else State.UNAVAILABLE,
            tuple(self._found.resources),
            reason,
        )

    def _read(self) -> Fetched:
        resource = self._get(self._url)
        check_type(resource, self._type)
        if resource.get("id") != self._id:
            raise Failure("wrong-type")
        return Fetched(State.PRESENT, (resource,))

    def _search(self) -> Fetched:
        url, parameters, visited, found = self._url, self._parameters, set(), self._found
        while True:
            visited.add(_address(url, parameters))
            following = found.add(self._get(url, parameters))
            if len(found.resources) > self._client._max_resources:
                del found.resources[self._client._max_resources :]
                raise Failure("too-many-resources")
            if following is None:
                break
            self.result = self._so_far("timeout")
            url, parameters = self._client._own_url(following), ()
            if _address(url) in visited:
                raise Failure("loop")
            if found.pages == self._client._max_pages:
                raise Failure("too-many-pages")
        if found.doubt:
            return self._so_far(found.doubt)
        return Fetched(State.PRESENT if found.resources else State.EMPTY, tuple(found.resources))

    def _get(self, url: str, parameters: Sequence[tuple[str, str]] = ()) -> dict:
        """One GET that was answered completely, in time and in JSON; otherwise `Failure`."""
        headers = self._client._headers(search=not self._id)
        body = fetch(
            self.lifeline,
            url,
            headers,
            partial(check_head, is_read=bool(self._id)),
            self._room,
            parameters,
            self._client._trust,
        )
        self._room -= len(body)
        with turn():
            if not self.lifeline.left():
                raise Failure("timeout")
            return json_object(body)


def _address(url: str, parameters: Sequence[tuple[str, str]] = ()) -> tuple:
    """What a URL asks for, however it is encoded."""
    parts = urlsplit(url)
    return unquote(parts.path), *parse_qsl(parts.query, keep_blank_values=True), *parameters
