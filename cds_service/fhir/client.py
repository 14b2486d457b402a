"""Reading a FHIR server: what a CDS Client left out of prefetch, and the further pages of what it sent.

CDS Hooks 2.0, "FHIR Resource Access" and "Prefetch Template". Nothing here trusts the server: it may be slow, drip, lie about
its length, redirect, point elsewhere, drop filters or send megabytes of nothing. Whatever it does becomes one of the four
states of an input, never an exception and never a silent "nothing found".
"""

import http.client
import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from http.cookiejar import DefaultCookiePolicy
from ssl import SSLContext
from time import monotonic
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError, NameResolutionError, NewConnectionError
from urllib3.util.ssl_ import create_urllib3_context

from cds_service.fhir.deadline import HeldHTTPConnection, HeldHTTPSConnection, Lifeline, run_until, turn
from cds_service.fhir.state import State

_READ = re.compile(r"([A-Z][A-Za-z]*)/(?!\.{1,2}$)([A-Za-z0-9.-]{1,64})")
_SEARCH = re.compile(r"([A-Z][A-Za-z]*)\?(.+)", re.DOTALL)
_VISIBLE = re.compile(r"[!-~]+")
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")
_JSON_TYPES = {"application/fhir+json", "application/json", "application/json+fhir"}
_PATIENT_PARAMETERS = {"patient", "subject"}


class Secret:
    """A text that does not show itself in logs, traces and error messages; `reveal()` gives it."""

    __slots__ = ("_text",)

    def __init__(self, text: str):
        self._text = text

    def reveal(self) -> str:
        return self._text

    def __repr__(self) -> str:
        return "***"


@dataclass(frozen=True)
class Fetched:
    """What came of one query: everything (PRESENT, EMPTY), what could be read (PARTIAL), or nothing (UNAVAILABLE).

    `reason` says why it is PARTIAL or UNAVAILABLE, in a word of ours, never the server's: timeout, busy (no thread came free),
    refused, unknown-host, tls, broken (reset or cut off), redirect, status-NNN, not-found, content-type, too-large, not-json,
    wrong-type, outcome, not-answered-as-asked, malformed, no-resource, total, foreign-next, loop, too-many-pages,
    too-many-resources, bad-query, bad-token.
    """

    state: State
    resources: tuple[dict, ...] = ()
    reason: str = ""


class FhirClient:
    """Reads one FHIR server for one request.

    base_url: the FHIR base as configured; every request goes to it, whatever the server says. ValueError when it is not a
        plain http(s) URL. Whether it may be read at all is the caller's decision.
    token: the access token (CDS Hooks 2.0, "Passing the Access Token": not to be kept past the request), or None.
    deadline_seconds: wall-clock time for everything that this client reads, pages included, counted from its first call.
    max_pages, max_resources, max_bytes (decoded): per query; what has more is PARTIAL.
    """

    def __init__(self, base_url: str, token: str | None, deadline_seconds: float, *,
                 max_pages=10, max_resources=2000, max_bytes=5_000_000):
        base = urlsplit(base_url)
        if base.scheme not in ("http", "https") or "@" in base.netloc or base.query or base.fragment:
            raise ValueError("a FHIR base is an http(s) URL without user, query and fragment")
        self._origin = _origin(base)
        self._root, self._path = f"{base.scheme}://{base.netloc}", base.path.rstrip("/")
        self._token = Secret(token) if token else None
        self._seconds, self._ends = deadline_seconds, None
        self._max_pages, self._max_resources, self._max_bytes = max_pages, max_resources, max_bytes

    def fetch(self, queries: Mapping[str, str]) -> dict[str, Fetched]:
        """Read (`Patient/123`) or search (`Condition?patient=123&code=a|b,c|d`) under each key, all in parallel.

        Values may be percent-encoded, as in a prefetch template, or not; a `+` is a plus. Returns within the deadline with
        what came in time; no error of the network or the server is raised. FHIR R4, "RESTful API" and "Search".
        """
        ends, readings = self._start(), {}
        for key, query in queries.items():
            if read := _READ.fullmatch(query):
                readings[key] = _Reading(self, ends, f"{self._root}{self._path}/{query}", read[1], id=read[2])
            elif search := _SEARCH.fullmatch(query):
                pairs = [pair.partition("=") for pair in search[2].split("&")]
                parameters = [(unquote(name), unquote(value)) for name, _, value in pairs if name]
                readings[key] = _Reading(self, ends, f"{self._root}{self._path}/{search[1]}", search[1], parameters)
            else:
                readings[key] = Fetched(State.UNAVAILABLE, reason="bad-query")
        return _run(ends, readings)

    def follow(self, next_links: Mapping[str, str]) -> dict[str, Fetched]:
        """Read on from the absolute `next` link of a prefetched Bundle under each key, as `fetch` does.

        The page that the client sent counts as read: what cannot be followed is PARTIAL, not UNAVAILABLE; and `total` is not
        compared, because it counts that page too. CDS Hooks 2.0, "Prefetch Template" (paging).
        """
        ends, readings = self._start(), {}
        for key, link in next_links.items():
            try:
                url = self._own_url(link)
            except _Failure as failure:
                readings[key] = Fetched(State.PARTIAL, reason=failure.reason)
            else:
                named = re.match(r"/([A-Z][A-Za-z]*)([/?]|$)", url.removeprefix(self._root + self._path))
                readings[key] = _Reading(self, ends, url, named and named[1], follows=True)
        return _run(ends, readings)

    def _own_url(self, link: object) -> str:
        """The link, built anew on our own base, when it lies under it or is it; otherwise `_Failure` "foreign-next"."""
        try:
            if not isinstance(link, str) or not _VISIBLE.fullmatch(link):
                raise ValueError
            parts = urlsplit(link)
            path = unquote(parts.path)
            if _origin(parts) != self._origin or "@" in parts.netloc or not f"{parts.path}/".startswith(f"{self._path}/"):
                raise ValueError
            if {".", ".."} & set(path.split("/")) or "%" in path or "\\" in path:
                raise ValueError
        except ValueError:
            raise _Failure("foreign-next") from None
        return f"{self._root}{parts.path}" + (f"?{parts.query}" if parts.query else "")

    def _headers(self, search: bool) -> dict[str, str]:
        """All headers of one request; `_Failure` "bad-token" when the token cannot stand in one."""
        headers = {"Accept": "application/fhir+json", "Accept-Encoding": "identity", "User-Agent": "MammaCards"}
        if search:
            headers["Prefer"] = "handling=strict"  # FHIR R4, "Search", Handling Errors: refuse what you do not know
        if self._token:
            if not _VISIBLE.fullmatch(self._token.reveal()):
                raise _Failure("bad-token")
            headers["Authorization"] = f"Bearer {self._token.reveal()}"
        return headers

    def _start(self) -> float:
        if self._ends is None:
            self._ends = monotonic() + self._seconds
        return self._ends


class _Failure(Exception):
    """A reading ends here, for this reason."""

    def __init__(self, reason: str):
        super().__init__(reason)
        self.reason = reason


class _Reading:
    """One query, page after page, on one thread of the pool. `result` is at any moment what stands if time ends now."""

    def __init__(self, client: FhirClient, ends: float, url: str, type: str | None,
                 parameters: Sequence[tuple[str, str]] = (), id: str | None = None, follows: bool = False):
        self.lifeline = Lifeline(ends)
        self._client, self._url, self._type, self._parameters, self._id = client, url, type, parameters, id
        self._follows, self._pages, self._room = follows, 0, client._max_bytes
        self._found: list[dict] = []
        self._identities: set[tuple[str, str]] = set()
        self._matches, self._total, self._doubt = 0, 0, ""
        self.result = self._so_far("busy" if self.lifeline.left() else "timeout")

    def run(self) -> None:
        """Read everything into `result`; raises nothing that a server or a network can cause."""
        self.result = self._so_far("timeout")
        try:
            with _Session(self.lifeline) as session:
                self.result = self._read(session) if self._id else self._search(session)
        except _Failure as failure:
            self.result = self._so_far(failure.reason if self.lifeline.left() else "timeout")
        finally:
            self.lifeline.cut()

    def _so_far(self, reason: str) -> Fetched:
        return Fetched(State.PARTIAL if self._pages or self._follows else State.UNAVAILABLE, tuple(self._found), reason)

    def _doubts(self, reason: str) -> None:
        self._doubt = self._doubt or reason

    def _read(self, session: requests.Session) -> Fetched:
        resource = self._get(session, self._url)
        if resource.get("resourceType") != self._type or resource.get("id") != self._id:
            raise _Failure("outcome" if resource.get("resourceType") == "OperationOutcome" else "wrong-type")
        return Fetched(State.PRESENT, (resource,))

    def _search(self, session: requests.Session) -> Fetched:
        url, parameters, visited = self._url, self._parameters, set()
        while True:
            visited.add(_address(url, parameters))
            following = self._page(self._get(session, url, parameters))
            self._pages += 1
            if len(self._found) > self._client._max_resources:
                del self._found[self._client._max_resources:]
                raise _Failure("too-many-resources")
            if following is None:
                break
            self.result = self._so_far("timeout")
            url, parameters = self._client._own_url(following), ()
            if _address(url) in visited:
                raise _Failure("loop")
            if self._pages == self._client._max_pages:
                raise _Failure("too-many-pages")
        if self._total > self._matches and not self._follows:
            self._doubts("total")
        if self._doubt:
            return self._so_far(self._doubt)
        return Fetched(State.PRESENT if self._found else State.EMPTY, tuple(self._found))

    def _page(self, bundle: dict) -> object:
        """Take over one page; returns the URL of the next one, None after the last. FHIR R4, "Search", Response Format."""
        if bundle.get("resourceType") != "Bundle":
            raise _Failure("outcome" if bundle.get("resourceType") == "OperationOutcome" else "wrong-type")
        links = {link["relation"]: link.get("url", "") for link in self._objects(bundle, "link")
                 if isinstance(link.get("relation"), str)}
        if not self._pages and not _answers(links.get("self"), self._parameters):
            raise _Failure("not-answered-as-asked")
        if type(total := bundle.get("total", 0)) is int:
            self._total = max(self._total, total)
        else:
            self._doubts("malformed")
        for entry in self._objects(bundle, "entry"):
            self._take(entry.get("resource"), entry.get("search"))
        return (links["next"] or "") if "next" in links else None

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
            self._found.append(resource)
            self._matches += mode != "include"

    def _get(self, session: requests.Session, url: str, parameters: Sequence[tuple[str, str]] = ()) -> dict:
        """One GET that was answered completely, in time and in JSON; otherwise `_Failure`."""
        left = self.lifeline.left()
        if not left:
            raise _Failure("timeout")
        headers = self._client._headers(search=not self._id)
        try:
            with session.get(url, params=parameters, headers=headers, timeout=left, stream=True,
                             allow_redirects=False) as response:
                if response.status_code != 200:
                    raise _Failure(_refusal(response.status_code, is_read=bool(self._id)))
                if response.headers.get("Content-Type", "").partition(";")[0].strip().lower() not in _JSON_TYPES:
                    raise _Failure("content-type")
                body = bytearray()
                for chunk in response.iter_content(65536):
                    body += chunk
                    if len(body) > self._room:
                        raise _Failure("too-large")
        except (requests.RequestException, HTTPError, http.client.HTTPException, OSError) as error:
            raise _Failure(_mishap(error)) from None
        self._room -= len(body)
        with turn():
            if not self.lifeline.left():
                raise _Failure("timeout")
            return _parsed(bytes(body))


def _run(ends: float, readings: Mapping[str, _Reading | Fetched]) -> dict[str, Fetched]:
    run_until(ends, [(reading.run, reading.lifeline) for reading in readings.values() if isinstance(reading, _Reading)])
    return {key: reading.result if isinstance(reading, _Reading) else reading for key, reading in readings.items()}


class _Session(requests.Session):
    """A session for one query: no netrc, no proxy variables, no cookies, no headers of its own, no retries."""

    def __init__(self, lifeline: Lifeline):
        super().__init__()
        self.trust_env = False
        self.headers.clear()
        self.cookies.set_policy(DefaultCookiePolicy(allowed_domains=()))
        self.adapters.clear()
        self.mount("http", _Adapter(lifeline))

    def get_redirect_target(self, resp: requests.Response) -> None:
        """None: requests would otherwise read a redirect's whole body and prepare the next request, to offer it."""


class _Adapter(HTTPAdapter):
    """Opens connections that hang on a lifeline, and always verifies certificates."""

    def __init__(self, lifeline: Lifeline):
        super().__init__(pool_connections=1, pool_maxsize=1, max_retries=0)
        self._classes = {"http": partial(HeldHTTPConnection, lifeline=lifeline),
                         "https": partial(HeldHTTPSConnection, lifeline=lifeline)}

    def build_connection_pool_key_attributes(self, request, verify, cert=None):
        host, settings = super().build_connection_pool_key_attributes(request, True, None)
        return host, settings | ({"ssl_context": _tls()} if host["scheme"] == "https" else {})

    def get_connection_with_tls_context(self, request, verify, proxies=None, cert=None):
        pool = super().get_connection_with_tls_context(request, True)
        pool.ConnectionCls = self._classes[pool.scheme]
        return pool

    def cert_verify(self, conn, url, verify, cert):
        """Leaves it to the context, which knows the authorities; loading them for every connection costs 15 ms each."""
        conn.cert_reqs = "CERT_REQUIRED"


@cache
def _tls() -> SSLContext:
    context = create_urllib3_context()
    context.load_verify_locations(requests.certs.where())
    return context


def _origin(url: SplitResult) -> tuple[str, str, int]:
    if not url.hostname:
        raise ValueError("no host")
    return url.scheme, url.hostname, url.port if url.port is not None else {"https": 443}.get(url.scheme, 80)


def _address(url: str, parameters: Sequence[tuple[str, str]] = ()) -> tuple:
    """What a URL asks for, however it is encoded."""
    parts = urlsplit(url)
    return unquote(parts.path), *parse_qsl(parts.query, keep_blank_values=True), *parameters


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


def _refusal(status: int, is_read: bool) -> str:
    if status in (404, 410) and is_read:
        return "not-found"
    return "redirect" if 300 <= status < 400 and status != 304 else f"status-{status}"


def _mishap(error: Exception) -> str:
    if isinstance(error, requests.exceptions.SSLError):
        return "tls"
    if isinstance(error, (requests.Timeout, TimeoutError)):
        return "timeout"
    cause = getattr(error.args[0] if error.args else None, "reason", None)
    if isinstance(cause, NewConnectionError):
        return "unknown-host" if isinstance(cause, NameResolutionError) else "refused"
    return "broken"


def _parsed(body: bytes) -> dict:
    """The body as a JSON object, read strictly: what two readers could understand differently is "not-json"."""
    try:
        value = json.loads(body.decode(), object_pairs_hook=_unambiguous, parse_constant=_refuse, parse_float=_finite)
        if _SURROGATE.search(body):
            json.dumps(value, ensure_ascii=False).encode()  # half a surrogate pair could not be written anywhere
    except (ValueError, RecursionError):
        raise _Failure("not-json") from None
    if not isinstance(value, dict):
        raise _Failure("wrong-type")
    return value


def _unambiguous(pairs: list[tuple[str, object]]) -> dict:
    if len(value := dict(pairs)) < len(pairs):
        raise ValueError("duplicate key")
    return value


def _refuse(constant: str) -> None:
    raise ValueError("not a JSON number")


def _finite(text: str) -> float:
    if math.isinf(value := float(text)):
        raise ValueError("not a finite number")
    return value
