"""Public keys of clients: read from JWKs (RFC 7517) with PyJWT, and only those with which one algorithm can be trusted."""

import hashlib
import json
from collections.abc import Mapping

import jwt
from cryptography.hazmat.primitives.asymmetric.ec import SECP384R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from jwt.algorithms import ECAlgorithm, RSAAlgorithm
from jwt.utils import base64url_encode

# Those that CDS Hooks recommends (2.0.1, "Signature").
ALGORITHMS = {"ES384": "EC", "RS384": "RSA"}
LEAST_RSA_BITS = 2048
MOST_KEYS = 100
MEMBERS_OF_PRIVATE_KEYS = {"d", "p", "q", "dp", "dq", "qi", "oth", "k"}
# Thumbprints (RFC 7638) of keys whose private halves anybody can read.
PUBLISHED = {
    "-UtOymI2Z0XB5SZogEZu3s5oMyQ4YaewHtR9huroTQs": 'the example key of the CDS Hooks standard ("JSON Web Token", example)',
    "s9fOe-KDYD1myZ8YCzleUqJQgrYZL49kVijBxhnZvZc": "the key of the public CDS Hooks sandbox (cds-hooks/sandbox, keys/)",
}
PUBLISHED_ISSUER = "https://sandbox.cds-hooks.org"

PublicKey = EllipticCurvePublicKey | RSAPublicKey


class BadKey(ValueError):
    """Says why a key cannot be trusted, without the key."""


def public_key(key: object, algorithm: str, *, published: bool = False) -> tuple[str, PublicKey]:
    """(kid, key) of one JWK for one algorithm. Raises BadKey. `published`: admit keys whose private halves are public."""
    if not isinstance(key, Mapping):
        raise BadKey("a key is an object with kty, kid and its numbers (a JWK)")
    kid = key.get("kid")
    if not isinstance(kid, str) or not kid:
        raise BadKey("kid is missing")
    if MEMBERS_OF_PRIVATE_KEYS & key.keys():
        raise BadKey(
            "this is a private or secret key; keep it with the client, register the public one, and make a new pair"
        )
    if (
        key.get("kty") != ALGORITHMS[algorithm]
        or key.get("alg", algorithm) != algorithm
        or key.get("use", "sig") != "sig"
    ):
        raise BadKey(f"kty, alg or use does not fit {algorithm}")
    try:
        read = jwt.PyJWK(dict(key), algorithm=algorithm).key
    except (jwt.PyJWTError, ValueError, TypeError, KeyError) as error:
        raise BadKey("the numbers of the key cannot be read") from error
    if isinstance(read, EllipticCurvePublicKey) and not isinstance(read.curve, SECP384R1):
        raise BadKey("ES384 takes keys on the curve P-384")
    if isinstance(read, RSAPublicKey) and read.key_size < LEAST_RSA_BITS:
        raise BadKey(f"an RSA key has {LEAST_RSA_BITS} bits or more")
    if not published and (whose := PUBLISHED.get(thumbprint(read))):
        raise BadKey(f"this is {whose}; anybody has its private half")
    return kid, read


def key_set(keys: object, algorithm: str, *, published: bool = False) -> dict[str, PublicKey]:
    """The usable keys of a fetched JWK Set by kid. What cannot be used is left out, and so is a kid that stands twice."""
    listed = keys.get("keys") if isinstance(keys, Mapping) else None
    found: dict[str, PublicKey] = {}
    seen: list[object] = []
    for key in listed[:MOST_KEYS] if isinstance(listed, list) else []:
        seen.append(key.get("kid") if isinstance(key, Mapping) else None)
        try:
            kid, read = public_key(key, algorithm, published=published)
        except BadKey:
            continue
        found[kid] = read
    return {kid: key for kid, key in found.items() if seen.count(kid) == 1}


def thumbprint(key: PublicKey) -> str:
    """The JWK thumbprint of a public key (RFC 7638, SHA-256), however the key was written."""
    written = (
        ECAlgorithm.to_jwk(key, as_dict=True)
        if isinstance(key, EllipticCurvePublicKey)
        else RSAAlgorithm.to_jwk(key, as_dict=True)
    )
    members = {
        name: written[name] for name in ("crv", "e", "kty", "n", "x", "y") if name in written
    }
    return base64url_encode(
        hashlib.sha256(json.dumps(members, separators=(",", ":"), sort_keys=True).encode()).digest()
    ).decode()
