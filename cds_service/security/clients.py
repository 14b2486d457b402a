"""The clients that are trusted, as `CDS_CLIENTS_FILE` lists them (docs/clients.md), checked whole at start."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import Field

from cds_service.cds_hooks.profile import PROFILES, STANDARD, Profile
from cds_service.errors import ConfigurationError, ContentError
from cds_service.outbound.trust import BadAuthorities, Trust, certificates, trusting
from cds_service.security.keys import PUBLISHED_ISSUER, BadKey, PublicKey, public_key
from cds_service.settings import LOOPBACK
from cds_service.strict.shapes import Part, shape_faults
from cds_service.strict.yaml import load

_URL = re.compile(r"[!-~]+")
_HOST = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(:[0-9]{1,5})?")
ORIGIN = re.compile(r"https?://[a-z0-9.\-]+(:[0-9]{1,5})?|https?://\[[0-9a-f:]+\](:[0-9]{1,5})?")


class ClientShape(Part):
    """One client as it is written."""

    id: str = Field(pattern=r"^[A-Za-z0-9-]{1,64}$")
    issuer: str = Field(min_length=1, max_length=500)
    tenant: str | None = Field(default=None, min_length=1, max_length=200)
    audiences: list[Annotated[str, Field(min_length=1)]] = []
    algorithm: Literal["ES384", "RS384"]
    jwks_url: str | None = Field(default=None, max_length=500)
    keys: list[dict[str, Any]] | None = Field(default=None, min_length=1)
    fhir_servers: list[str] = []
    ca_file: str | None = Field(default=None, min_length=1, max_length=500)
    origins: list[str] = []
    profile: str = STANDARD.name
    max_token_seconds: int | None = Field(default=None, ge=30, le=3600)
    fhir_deadline_ms: int | None = Field(default=None, ge=50, le=2000)


class ClientsShape(Part):
    """The clients file."""

    development: bool = False
    clients: list[ClientShape] = Field(min_length=1)


@dataclass(frozen=True)
class Client:
    """A CDS Client that may call. What is configured is compared to the letter; nothing in a request adds to it."""

    id: str
    issuer: str = ""
    tenant: str | None = None
    audiences: frozenset[str] = frozenset()
    algorithm: str = ""
    jwks_url: str | None = None
    keys: Mapping[str, PublicKey] = field(default_factory=dict)
    fhir_servers: tuple[str, ...] = ()
    origins: frozenset[str] = frozenset()
    profile: Profile = STANDARD
    token_seconds: int = STANDARD.token_seconds
    fhir_deadline_seconds: float | None = None
    trust: Trust | None = (
        None  # whose certificates its servers may have; None for the usual authorities
    )
    reads_loopback: bool = False  # any FHIR server on this machine may be read

    def fhir_base(self, asked: str) -> str | None:
        """The FHIR base that a request names, without a slash at the end, as it is configured; None when it may not be contacted."""
        asked = asked.removesuffix("/")
        return (
            asked
            if asked in self.fhir_servers or (self.reads_loopback and _is_loopback(asked))
            else None
        )


@dataclass(frozen=True)
class Clients:
    """All trusted clients. `development`: published keys and plain http are admitted, so only loopback may be listened on."""

    all: tuple[Client, ...]
    development: bool = False

    def of(self, issuer: str, tenant: str | None) -> Client | None:
        """The client whose tokens have this issuer and this tenant (None: no tenant)."""
        return next(
            (client for client in self.all if client.issuer == issuer and client.tenant == tenant),
            None,
        )

    @property
    def origins(self) -> frozenset[str]:
        return frozenset().union(*(client.origins for client in self.all))


def load_clients(path: Path, authorities: tuple[str, ...] = ()) -> Clients:
    """The clients of a file. Raises ConfigurationError that lists every fault with its place.

    authorities: certificates in PEM whose servers are trusted for all of them; a client's own come beside these, for it alone.
    """
    try:
        content = load(path)
    except ContentError as error:
        raise ConfigurationError("\n".join(error.faults)) from None
    faults = shape_faults(content, ClientsShape, str(path)) + [
        f"{path}: {fault}" for fault in _faults(content, path.parent)
    ]
    if faults:
        raise ConfigurationError("\n".join(faults))
    written = ClientsShape.model_validate(content)
    trusts = [
        trusting(
            (*authorities, *(certificates(path.parent / shape.ca_file) if shape.ca_file else ()))
        )
        for shape in written.clients
    ]
    return Clients(
        tuple(
            _client(shape, written.development, trust)
            for shape, trust in zip(written.clients, trusts, strict=True)
        ),
        written.development,
    )


def _faults(content: object, folder: Path) -> Iterator[str]:
    """What is wrong with the meaning of those clients that have the right shape."""
    listed = content.get("clients") if isinstance(content, dict) else None
    development = isinstance(content, dict) and content.get("development") is True
    seen: set[object] = set()
    trusted: dict[str, str | None] = {}
    for client in [
        ClientShape.model_validate(c)
        for c in (listed if isinstance(listed, list) else [])
        if not shape_faults(c, ClientShape, "")
    ]:
        place = f"clients.{client.id}"
        for what, name in (
            (client.id, "id"),
            ((client.issuer, client.tenant), "issuer and tenant"),
        ):
            if (name, what) in seen:
                yield f"{place}: another client has the same {name}"
            seen.add((name, what))
        # What one client fetched there counts for the other.
        if (
            client.jwks_url
            and trusted.setdefault(client.jwks_url, client.ca_file) != client.ca_file
        ):
            yield f"{place}.ca_file: another client has the same jwks_url and not the same ca_file"
        yield from (f"{place}.{fault}" for fault in _faults_of(client, development, folder))


def _faults_of(client: ClientShape, development: bool, folder: Path) -> Iterator[str]:
    if client.ca_file is not None:
        try:
            certificates(folder / client.ca_file)
        except BadAuthorities as error:
            yield f"ca_file: {error}"
    if client.profile not in PROFILES:
        yield f"profile: there is no profile {client.profile!r}; choose one of {', '.join(PROFILES)}"
    if client.issuer == PUBLISHED_ISSUER and not development:
        yield "issuer: anybody can sign as the public sandbox; to try it out, set development: true at the top of this file"
    if (client.jwks_url is None) == (client.keys is None):
        yield "keys: give either jwks_url or keys, not both"
    if client.jwks_url is not None and (
        fault := _url_fault(client.jwks_url, development, query=True)
    ):
        yield f"jwks_url: {fault}"
    kids: set[str] = set()
    for number, key in enumerate(client.keys or []):
        try:
            kid, _ = public_key(key, client.algorithm, published=development)
        except BadKey as error:
            yield f"keys.{number}: {error}" + (
                ""
                if development
                else "; development: true admits it"
                if "anybody" in str(error)
                else ""
            )
            continue
        if kid in kids:
            yield f"keys.{number}: another key has the same kid"
        kids.add(kid)
    for url in client.fhir_servers:
        if fault := _url_fault(url, development):
            yield f"fhir_servers: {fault}"
    for origin in client.origins:
        if not ORIGIN.fullmatch(origin) or _url_fault(origin, development):
            yield "origins: an origin is https://host or https://host:port in lower case, without a path (http on loopback only)"


def _url_fault(url: str, development: bool, query: bool = False) -> str:
    """Why an address cannot be trusted; "" when it can."""
    try:
        parts = urlsplit(url)
        fine = (
            _URL.fullmatch(url)
            and parts.scheme in ("http", "https")
            and _HOST.fullmatch(parts.netloc)
            and (parts.port or 1) > 0
            and "\\" not in url
        )
    except ValueError:
        return "this is no URL"
    if not fine or parts.fragment or "#" in url or (not query and "?" in url):
        return "this must be a plain http(s) URL, without user, fragment" + (
            "" if query else ", query"
        )
    if parts.scheme == "http" and parts.hostname not in LOOPBACK and not development:
        return "use https (http is for loopback addresses; to try something out, set development: true at the top of this file)"
    return ""


def anybody(fhir_servers: tuple[str, ...], trust: Trust | None = None) -> Client:
    """Who calls while authentication is off."""
    return Client("anybody", fhir_servers=fhir_servers, reads_loopback=True, trust=trust)


def _is_loopback(url: str) -> bool:
    return not _url_fault(url, development=True) and urlsplit(url).hostname in LOOPBACK


def _client(shape: ClientShape, development: bool, trust: Trust) -> Client:
    profile = PROFILES[shape.profile]
    return Client(
        id=shape.id,
        issuer=shape.issuer,
        tenant=shape.tenant,
        audiences=frozenset(shape.audiences),
        algorithm=shape.algorithm,
        jwks_url=shape.jwks_url,
        keys=dict(
            public_key(key, shape.algorithm, published=development) for key in shape.keys or []
        ),
        fhir_servers=tuple(url.removesuffix("/") for url in shape.fhir_servers),
        origins=frozenset(shape.origins) | profile.origins,
        trust=trust,
        profile=profile,
        token_seconds=shape.max_token_seconds or profile.token_seconds,
        fhir_deadline_seconds=shape.fhir_deadline_ms / 1000 if shape.fhir_deadline_ms else None,
    )
