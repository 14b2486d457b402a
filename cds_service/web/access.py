"""Who may call, and from which web pages: client authentication before anything else, and CORS (CDS Hooks 2.0.1, "Security and Safety")."""

import logging
import re
from collections.abc import Callable, Set
from datetime import datetime
from ipaddress import ip_address
from urllib.parse import urlsplit

from flask import Flask, Response, g, request

from cds_service.errors import ConfigurationError, RequestError
from cds_service.outbound.trust import authorities, trusting
from cds_service.security.clients import ORIGIN, Client, Clients, anybody, load_clients
from cds_service.security.jwks import KeySets
from cds_service.security.tokens import Refused, TokenVerifier
from cds_service.settings import LOOPBACK, Settings
from cds_service.store.tokens import TokenStore

log = logging.getLogger("mammacards")

PUBLIC = ("start.", "pages.", "guidelines.", "openapi.")  # pages without patient data
_HOST = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+)(?::\d{1,5})?")
# One answer for every token that is refused, to the byte: nobody learns which part of it was right.
_REFUSAL = b'{"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"login","diagnostics":"This service answers known clients only."}]}\n'


def trusted_clients(settings: Settings) -> Clients | None:
    """The clients of the settings; None while authentication is off. Raises ConfigurationError that says what to set."""
    if settings.auth == "off":
        return None
    if settings.clients_file is None:
        raise ConfigurationError(
            "CDS_CLIENTS_FILE: authentication is on, so set this to the file of trusted clients (docs/clients.md), or set CDS_AUTH=off to try things out on this machine"
        )
    return load_clients(settings.clients_file, authorities(settings.ca_file))


def check_bind(bind: str, settings: Settings) -> None:
    """Raises ConfigurationError when an address lies beyond this machine while anybody could come in, or a file of trust cannot be used."""
    authorities(settings.ca_file)
    clients = trusted_clients(settings)
    host = bind.rpartition(":")[0].strip("[]") or "0.0.0.0"  # noqa: S104 - judged here, bound nowhere
    if (
        (clients is None or clients.development)
        and host not in LOOPBACK
        and not host.startswith("127.")
        and not settings.allow_insecure_bind
    ):
        why = "CDS_AUTH is off" if clients is None else "the clients file says development: true"
        raise ConfigurationError(
            f"{why}, so {host} would let anyone in: listen on 127.0.0.1 behind your own authentication, or set CDS_ALLOW_INSECURE_BIND=1 if you know what you do"
        )


def register(
    app: Flask, settings: Settings, store: TokenStore, clock: Callable[[], datetime]
) -> None:
    """Check every request before it is answered: host, peer, token. `g.client` is then the client that calls, None on public pages."""
    clients = trusted_clients(settings)
    is_open = clients is None or clients.development
    visitor = anybody(settings.fhir_servers, trusting(authorities(settings.ca_file)))
    key_sets = (
        KeySets(list(clients.all), store, lambda: clock().timestamp(), clients.development)
        if clients
        else None
    )
    doorkeeper = TokenVerifier(clients, key_sets, store) if clients and key_sets else None
    names = {
        str(urlsplit(settings.public_url).hostname),
        *LOOPBACK,
        *(name.lower() for name in settings.trusted_hosts),
    }

    @app.before_request
    def check() -> Response | None:
        if not _is_called_by(request.headers.get("Host"), names):
            raise RequestError(
                400,
                "invalid",
                "this service is not called by this name; CDS_TRUSTED_HOSTS can admit it",
                "Host",
            )
        if is_open and not settings.allow_insecure_bind and not is_loopback(request.remote_addr):
            raise RequestError(
                403,
                "forbidden",
                "only clients on this machine are served, as anybody could come in",
            )
        if (
            request.method == "OPTIONS"
            and request.headers.get("Origin")
            and request.headers.get("Access-Control-Request-Method")
        ):
            return Response(status=204)
        if (request.endpoint or "").startswith(PUBLIC):
            return None
        g.client = (
            doorkeeper.admit(
                request.headers.get("Authorization"), _audiences(settings), clock().timestamp()
            )
            if doorkeeper
            else visitor
        )
        return None

    @app.errorhandler(Refused)
    def refused(error: Refused) -> Response:
        log.warning("auth refused reason=%s client=%s", error.reason, error.client or "-")
        response = Response(_REFUSAL, 401, mimetype="application/json")
        response.headers["WWW-Authenticate"] = "Bearer"
        return response

    @app.after_request
    def cors(response: Response) -> Response:
        origin = request.headers.get("Origin")
        response.headers["Vary"] = "Origin, Accept-Language"
        if origin and _admits(clients, origin):
            response.headers["Access-Control-Allow-Origin"] = origin
            response.headers["Access-Control-Allow-Methods"] = "GET, POST, OPTIONS"
            response.headers["Access-Control-Allow-Headers"] = (
                "Authorization, Content-Type, Accept, Accept-Language"
            )
            response.headers["Access-Control-Max-Age"] = "600"
        return response


def _is_called_by(host: str | None, names: Set[str]) -> bool:
    """Whether a Host header holds one of our names: a foreign name that was made to point at us is refused (DNS rebinding)."""
    written = _HOST.fullmatch(host or "")
    return not host or (written is not None and written[1].strip("[]").lower() in names)


def _audiences(settings: Settings) -> frozenset[str]:
    """What a token may be for: the address that is called; for feedback also that of its service."""
    address = settings.public_url + request.path
    return frozenset({address, address.removesuffix("/feedback")})


def _admits(clients: Clients | None, origin: str) -> bool:
    """Whether a web page of this origin may read the answer: the client's own; before it is known who calls, those of all."""
    if clients is None:
        return origin_is_loopback(origin)
    client: Client | None = g.get("client")
    return origin in (client.origins if client else clients.origins)


def is_loopback(address: str | None) -> bool:
    """Whether a peer address is this machine; a Unix socket has none and counts as such."""
    if not address:
        return True
    try:
        return ip_address(address.split("%")[0]).is_loopback
    except ValueError:
        return address in LOOPBACK


def origin_is_loopback(origin: str | None) -> bool:
    """Whether a browser page comes from this machine."""
    return bool(ORIGIN.fullmatch(origin or "")) and urlsplit(origin).hostname in LOOPBACK
