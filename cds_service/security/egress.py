"""The one way out: every request that this service sends goes through here (FHIR servers of clients, key sets of clients).

No redirects, no proxy or netrc of the environment, no cookies, no headers but those given, certificates always verified, the
decoded size capped, and a wall-clock deadline (security.deadline). Whom to ask is the caller's decision: only addresses that
are configured for a client come here, never one that a request or a token names.
"""

import http.client
from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial
from http.cookiejar import DefaultCookiePolicy
from ssl import SSLContext
from urllib.parse import SplitResult

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError, NameResolutionError, NewConnectionError
from urllib3.util.ssl_ import create_urllib3_context

from cds_service.security.deadline import HeldHTTPConnection, HeldHTTPSConnection, Lifeline


class Failure(Exception):
    """A reading ends here; `reason` is a word of ours (fhir.state.Fetched lists them), never the server's."""

    def __init__(self, reason: str):
        super().__init__(reason)
        self.reason = reason


class Secret:
    """A text that does not show itself in logs, traces and error messages; `reveal()` gives it."""

    __slots__ = ("_text",)

    def __init__(self, text: str):
        self._text = text

    def reveal(self) -> str:
        return self._text

    def __repr__(self) -> str:
        return "***"


class Session(requests.Session):
    """A session for one reading: no netrc, no proxy variables, no cookies, no headers of its own, no retries."""

    def __init__(self, lifeline: Lifeline):
        super().__init__()
        self._lifeline = lifeline
        self.trust_env = False
        self.headers.clear()
        self.cookies.set_policy(DefaultCookiePolicy(allowed_domains=()))
        self.adapters.clear()
        self.mount("http", _Adapter(lifeline))

    def fetch(self, url: str, headers: Mapping[str, str], check_head: Callable[[int, str], None], max_bytes: int,
              parameters: Sequence[tuple[str, str]] = ()) -> bytes:
        """The body of one GET that was answered completely and in time; otherwise Failure.

        check_head: takes status and Content-Type, and raises Failure for what shall not be read.
        max_bytes: decoded bytes that are read at most; more is Failure "too-large".
        """
        left = self._lifeline.left()
        if not left:
            raise Failure("timeout")
        try:
            with self.get(url, params=parameters, headers=headers, timeout=left, stream=True, allow_redirects=False) as response:
                check_head(response.status_code, response.headers.get("Content-Type", ""))
                body = bytearray()
                for chunk in response.iter_content(65536):
                    body += chunk
                    if len(body) > max_bytes:
                        raise Failure("too-large")
        except (requests.RequestException, HTTPError, http.client.HTTPException, OSError) as error:
            raise Failure(_mishap(error)) from None
        return bytes(body)

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


def origin(url: SplitResult) -> tuple[str, str, int]:
    """Scheme, host and port of a URL. Raises ValueError when it has none."""
    if not url.hostname:
        raise ValueError("no host")
    return url.scheme, url.hostname, url.port if url.port is not None else {"https": 443}.get(url.scheme, 80)


def _mishap(error: Exception) -> str:
    if isinstance(error, requests.exceptions.SSLError):
        return "tls"
    if isinstance(error, (requests.Timeout, TimeoutError)):
        return "timeout"
    cause = getattr(error.args[0] if error.args else None, "reason", None)
    if isinstance(cause, NewConnectionError):
        return "unknown-host" if isinstance(cause, NameResolutionError) else "refused"
    return "broken"
