"""The one way out: every request that this service sends goes through here (FHIR servers of clients, key sets of clients).

No redirects, no proxy or netrc of the environment, no cookies, no headers but those given, certificates always verified, the
decoded size capped, and a wall-clock deadline (security.deadline). Whom to ask is the caller's decision: only addresses that
are configured for a client come here, never one that a request or a token names. A connection whose answer was read to its end
waits a while for another request to the same server.
"""

import http.client
import logging
import os
import threading
from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial
from time import monotonic
from typing import Any
from urllib.parse import SplitResult, urlencode, urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError, NameResolutionError, NewConnectionError

from cds_service.outbound.deadline import (
    POOL_THREADS,
    Deadline,
    HeldHTTPConnection,
    HeldHTTPSConnection,
)
from cds_service.outbound.trust import Trust, refusal, trusting

log = logging.getLogger("mammacards")

WAITING_SECONDS = (
    15.0  # that a connection is kept open for another request; many servers close theirs earlier
)
MOST_WAITING = POOL_THREADS  # as many as can be in use at once


class Failure(Exception):
    """A reading ends here; `reason` is a word of ours (fhir.state.Fetched lists them), never the server's.

    refused: for "tls", why no connection was made (trust.refusal, or "handshake" where no certificate is the matter); for the log.
    """

    def __init__(self, reason: str, refused: str = ""):
        super().__init__(reason)
        self.reason, self.refused = reason, refused


def tell(failure: Failure, url: str) -> None:
    """Tell the operator which server's certificate was refused, and why: of its address only the host, and nothing of who asked for what."""
    if failure.refused:
        log.error(
            "tls refused host=%s reason=%s",
            urlsplit(url).netloc.rpartition("@")[2],
            failure.refused,
        )


class Secret:
    """A text that does not show itself in logs, traces and error messages; `reveal()` gives it."""

    __slots__ = ("_text",)

    def __init__(self, text: str):
        self._text = text

    def reveal(self) -> str:
        return self._text

    def __repr__(self) -> str:
        return "***"


def fetch(
    lifeline: Deadline,
    url: str,
    headers: Mapping[str, str],
    check_head: Callable[[int, str], None],
    max_bytes: int,
    parameters: Sequence[tuple[str, str]] = (),
    trust: Trust | None = None,
) -> bytes:
    """The body of one GET that was answered completely and in time; otherwise Failure.

    lifeline: of the work that this is part of; the deadline is its.
    headers: all that are sent, besides Host.
    parameters: (name, value) as they are meant, not encoded; where there are any, `url` has no query.
    check_head: takes status and Content-Type, and raises Failure for what shall not be read.
    max_bytes: decoded bytes that are read at most; more is Failure "too-large".
    trust: whose certificates are accepted; None for the usual authorities.
    """
    try:
        request = requests.PreparedRequest()
        request.prepare(method="GET", url=url, headers=dict(headers))
        if parameters:
            request.url = f"{request.url}?{urlencode(parameters)}"  # as requests does, which then goes through the long list of codes twice more
        connection, response = _asked(request, lifeline, trust or _tls())
        with response:
            check_head(response.status_code, response.headers.get("Content-Type", ""))
            body = bytearray()
            for chunk in response.iter_content(65536):
                body += chunk
                if len(body) > max_bytes:
                    raise Failure("too-large")
    except (requests.RequestException, HTTPError, http.client.HTTPException, OSError) as error:
        reason = _mishap(error)
        # A handshake that our own deadline broke off is nobody's fault.
        raise Failure(
            reason, refusal(error) or ("handshake" if reason == "tls" and lifeline.left() else "")
        ) from None
    if lifeline.release() and connection.is_open:
        _waiting().keep(connection)
    else:
        connection.close()
    return bytes(body)


def _asked(
    request: requests.PreparedRequest, lifeline: Deadline, trust: Trust
) -> "tuple[_Connection, requests.Response]":
    """The head of the answer, and the connection it came by: one that waits for another request, or a new one."""
    place = origin(urlsplit(str(request.url)))
    if connection := _waiting().take(place, trust):
        try:
            return connection, connection.ask(request, lifeline)
        except requests.ConnectionError as error:
            # The server may close it at any moment, also while we ask; then a GET may be asked again (RFC 9112, 9.3.1).
            if _mishap(error) != "broken":
                raise
    connection = _Connection(place, trust)
    return connection, connection.ask(request, lifeline)


class _Connection(HTTPAdapter):
    """One connection to one server, for one piece of work at a time. It knows no cookies, redirects, netrc or proxy variables: those
    are a requests.Session's, and there is none. It always verifies certificates, and tries nothing twice."""

    def __init__(self, place: tuple[str, str, int], trust: Trust):
        super().__init__(pool_connections=1, pool_maxsize=1, max_retries=0)
        self.place, self.trust = place, trust
        self._wire: HeldHTTPConnection | HeldHTTPSConnection | None = None
        self._lifeline: Deadline | None = None

    def ask(self, request: requests.PreparedRequest, lifeline: Deadline) -> requests.Response:
        """The head of the answer; its body is still to be read. Raises what requests and urllib3 raise, and Failure "timeout"."""
        left = lifeline.left()
        if not left:
            raise Failure("timeout")
        self._lifeline = lifeline
        if self._wire and self._wire.sock:  # for earlier work
            lifeline.hold(self._wire.sock)
        return self.send(request, stream=True, timeout=left)

    @property
    def is_open(self) -> bool:
        """Whether it can wait for another request. If the server closes it meanwhile, or sends what nobody asked for, urllib3 opens
        another in its place."""
        return self._wire is not None and self._wire.sock is not None

    def build_connection_pool_key_attributes(
        self, request: requests.PreparedRequest, verify: Any, cert: Any = None
    ) -> Any:
        host, settings = super().build_connection_pool_key_attributes(request, True, None)
        return host, settings | ({"ssl_context": self.trust} if host["scheme"] == "https" else {})

    def get_connection_with_tls_context(
        self, request: requests.PreparedRequest, verify: Any, proxies: Any = None, cert: Any = None
    ) -> Any:
        pool: Any = super().get_connection_with_tls_context(request, True)
        pool.ConnectionCls = partial(
            self._wired, {"http": HeldHTTPConnection, "https": HeldHTTPSConnection}[pool.scheme]
        )
        return pool

    def _wired(
        self, kind: Callable[..., Any], *args: Any, **kwargs: Any
    ) -> HeldHTTPConnection | HeldHTTPSConnection:
        wire: HeldHTTPConnection | HeldHTTPSConnection = kind(
            *args, lifeline=lambda: self._lifeline, **kwargs
        )
        self._wire = wire
        return wire

    def cert_verify(self, conn: Any, url: Any, verify: Any, cert: Any) -> None:
        """Leaves it to the context, which knows the authorities; loading them for every connection costs 15 ms each."""
        conn.cert_reqs = "CERT_REQUIRED"


class _Waiting:
    """Open connections that wait for another request, of whatever client that trusts the same authorities. Opening one costs round trips, and with
    TLS both processors' time; what a request says of its client (the token) stands in its own headers and does not stay with the connection."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._since: dict[_Connection, float] = {}  # the last one used comes last

    def take(self, place: tuple[str, str, int], trust: Trust) -> _Connection | None:
        """The one to this server, whose certificate these authorities vouched for, that was used last, which is the caller's until it is kept again; None when there is none."""
        while True:
            with self._lock:
                found = next(
                    (
                        connection
                        for connection in reversed(self._since)
                        if connection.place == place and connection.trust is trust
                    ),
                    None,
                )
                since = self._since.pop(found) if found else 0.0
            if found is None or monotonic() - since < WAITING_SECONDS:
                return found
            found.close()

    def keep(self, connection: _Connection) -> None:
        """Let it wait, and close those that have waited too long or are too many."""
        now = monotonic()
        with self._lock:
            self._since[connection] = now
            spare = len(self._since) - MOST_WAITING
            old = [
                waiting
                for number, (waiting, since) in enumerate(self._since.items())
                if number < spare or now - since >= WAITING_SECONDS
            ]
            for waiting in old:
                del self._since[waiting]
        for waiting in old:
            waiting.close()

    def close(self) -> None:
        """Close all of them."""
        with self._lock:
            old, self._since = list(self._since), {}
        for waiting in old:
            waiting.close()


@cache
def _waiting() -> _Waiting:
    """Those of this process."""
    return _Waiting()


# Two processes must not talk over one connection, nor a child wait for a lock that somebody held.
os.register_at_fork(before=lambda: _waiting().close(), after_in_child=_waiting.cache_clear)


def _tls() -> Trust:
    """The usual authorities, for who names none."""
    return trusting()


def origin(url: SplitResult) -> tuple[str, str, int]:
    """Scheme, host and port of a URL. Raises ValueError when it has none."""
    if not url.hostname:
        raise ValueError("no host")
    return (
        url.scheme,
        url.hostname,
        url.port if url.port is not None else {"https": 443}.get(url.scheme, 80),
    )


def _mishap(error: Exception) -> str:
    if isinstance(error, requests.exceptions.SSLError):
        return "tls"
    if isinstance(error, (requests.Timeout, TimeoutError)):
        return "timeout"
    cause = getattr(error.args[0] if error.args else None, "reason", None)
    if isinstance(cause, NewConnectionError):
        return "unknown-host" if isinstance(cause, NameResolutionError) else "refused"
    return "broken"
