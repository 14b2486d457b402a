"""Who calls: a JSON Web Token on every call (CDS Hooks 2.0.1, "Trusting CDS Clients"), verified against the trusted clients.

PyJWT verifies the signature with the one key and the one algorithm that are registered; everything that a token says is read
and judged here, once. Nothing in a token leads to a request: `jku` is compared with the registered address and never followed.
"""

import base64
import binascii
from collections.abc import Mapping, Set
from typing import Any

import jwt

from cds_service.security.clients import Client, Clients
from cds_service.security.jwks import KeySets
from cds_service.security.keys import ALGORITHMS
from cds_service.store.tokens import TokenStore
from cds_service.strict import json as strict_json

LONGEST_TOKEN = 8192  # characters
LONGEST_JTI = 128
LEEWAY = 60  # seconds by which clocks may differ
LATEST = 253_402_300_800  # the year 10000, in seconds since 1970
# Members of a header that would bring a key of their own, or change what is signed (RFC 7515, section 4.1; RFC 7797).
_FORBIDDEN = {"jwk", "x5u", "x5c", "crit", "b64"}
_SIGNATURES = {name: jwt.get_algorithm_by_name(name) for name in ALGORITHMS}


class Refused(Exception):
    """This call is not answered. `reason` is a word for the log; the caller learns nothing. `client`: whose call it seemed to be."""

    def __init__(self, reason: str, client: str = ""):
        super().__init__(reason)
        self.reason, self.client = reason, client


class TokenVerifier:
    """Verifies tokens. Ids that were used up lie in the store, for all processes together."""

    def __init__(self, clients: Clients, key_sets: KeySets, store: TokenStore):
        self._clients, self._key_sets, self._store = clients, key_sets, store

    def admit(self, authorization: str | None, audiences: Set[str], now: float) -> Client:
        """The client that calls. Raises Refused, and StoreUnavailable when it cannot be told whether the token was used before.

        authorization: the header; audiences: what `aud` may be beside the client's own; now: seconds since 1970.
        """
        token = _bearer(authorization)
        header, claims = _parts(token)
        issuer, tenant = claims.get("iss"), claims.get("tenant")
        if (
            not isinstance(issuer, str)
            or not isinstance(tenant, str | None)
            or "tenant" in claims
            and tenant is None
        ):
            raise Refused("issuer")
        client = self._clients.of(issuer, tenant)
        if client is None:
            raise Refused("issuer")
        self._verify(token, header, client)
        until = _check_claims(claims, client, audiences | client.audiences, now)
        if not self._store.use(issuer, claims["jti"], until, int(now)):
            raise Refused("replay", client.id)
        return client

    def _verify(self, token: str, header: Mapping[str, Any], client: Client) -> None:
        if header.get("alg") != client.algorithm:
            raise Refused("algorithm", client.id)
        kind, kid = header.get("typ"), header.get("kid")
        if not isinstance(kind, str) or kind.upper() != "JWT" or header.keys() & _FORBIDDEN:
            raise Refused("header", client.id)
        if "jku" in header and (header["jku"] != client.jwks_url or client.jwks_url is None):
            raise Refused("jku", client.id)
        if not isinstance(kid, str):
            raise Refused("kid", client.id)
        key = (
            self._key_sets.find(client.jwks_url, client.algorithm, kid)
            if client.jwks_url
            else client.keys.get(kid)
        )
        if key is None:
            raise Refused("kid", client.id)
        signed, _, signature = token.rpartition(".")
        try:
            is_theirs = _SIGNATURES[client.algorithm].verify(
                signed.encode(), key, _decoded(signature)
            )
        except (ValueError, TypeError) as error:
            raise Refused("signature", client.id) from error
        if not is_theirs:
            raise Refused("signature", client.id)


def _bearer(authorization: str | None) -> str:
    scheme, _, token = (authorization or "").partition(" ")
    token = token.lstrip(" ")
    if scheme.lower() != "bearer":
        raise Refused("no-token")
    if not token or len(token) > LONGEST_TOKEN or not token.isascii() or token.count(".") != 2:
        raise Refused("token")
    return token


def _parts(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Header and claims, read as strictly as a request body."""
    try:
        header, claims = (strict_json.loads(_decoded(part)) for part in token.split(".")[:2])
    except (strict_json.BadJson, binascii.Error, ValueError) as error:
        raise Refused("token") from error
    return header, claims


def _decoded(part: str) -> bytes:
    """Base64url without padding (RFC 7515, section 2), and nothing else: no other letters, no line ends, no spare bits that are set."""
    written = part.encode()
    found = base64.urlsafe_b64decode(written + b"=" * (-len(written) % 4))
    if not found or base64.urlsafe_b64encode(found).rstrip(b"=") != written:
        raise ValueError
    return found


def _check_claims(
    claims: Mapping[str, Any], client: Client, audiences: Set[str], now: float
) -> int:
    """Until when the token could be used, in seconds since 1970. Raises Refused."""
    named = claims.get("aud")
    named = [named] if isinstance(named, str) else named
    if (
        not isinstance(named, list)
        or not named
        or not all(isinstance(audience, str) and audience in audiences for audience in named)
    ):
        raise Refused("audience", client.id)
    issued, expires = _moment(claims, "iat", client), _moment(claims, "exp", client)
    if expires <= issued or expires - issued > client.token_seconds or now >= expires + LEEWAY:
        raise Refused("expired", client.id)
    if issued > now + LEEWAY or now - issued > client.token_seconds:
        raise Refused("issued", client.id)
    if "nbf" in claims and _moment(claims, "nbf", client) > now + LEEWAY:
        raise Refused("not-before", client.id)
    jti = claims.get("jti")
    if not isinstance(jti, str) or not jti.strip() or len(jti) > LONGEST_JTI:
        raise Refused("jti", client.id)
    return expires + LEEWAY


def _moment(claims: Mapping[str, Any], name: str, client: Client) -> int:
    value = claims.get(name)
    if type(value) is not int or not 0 <= value < LATEST:
        raise Refused(name, client.id)
    return value
