"""Client authentication (CDS Hooks 2.0.1, Trusting CDS Clients; T07, T08, T10, T11, T18, T36): one table of what is refused, one of what is accepted.

Every row changes one thing of a token that is accepted. Whatever is wrong, wherever it is sent: the same 401, byte for byte, without a reason,
before anything else of the request is looked at, and no connection to an address that the token names.
"""

import base64
import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from tests.conftest import SERVICE
from tests.contract.conformance import marks
from tests.contract.helpers import NOBODY, check_outcome, request_for
from tests.security.conftest import (
    EC,
    EPIC,
    EPIC_AUDIENCE,
    LONG,
    NORTH,
    RSA,
    SMALL_RSA,
    SOUTH,
    TYPED,
)
from tests.security.tokens import (
    ADDRESSES,
    DISCOVERY,
    DROP,
    EXPLAIN,
    FEEDBACK,
    NO_NEWS,
    PUBLIC_URL,
    SELECT,
    SERVICES,
    SIGN,
    VIEW,
    Client,
    Scene,
    after,
    base64url,
    jwk,
    key,
    mint,
    pem,
    sign,
    soon,
)

# ---------------------------------------------------------------------------------------------------- the refused


@dataclass(frozen=True)
class Row:
    """One thing wrong with a token of `who`."""

    id: str
    who: Client | str = EC  # a name: the client of that fixture
    header: Mapping = field(default_factory=dict)
    claims: Mapping = field(default_factory=dict)
    signer: object = ...
    alg: str = ""
    header_text: Callable[[str], str | bytes] = str
    claims_text: Callable[[str], str | bytes] = str
    sent: Callable[[str], str | None] = (
        "Bearer {}".format
    )  # the Authorization header made from the token
    encode: Callable[[bytes], str] = base64url

    def token(self, client: Client, scene: Scene) -> str:
        return mint(
            client,
            scene,
            header=self.header,
            claims=self.claims,
            signer=self.signer,
            alg=self.alg,
            header_text=self.header_text,
            claims_text=self.claims_text,
            encode=self.encode,
        )


def rows(threat: str, *entries: Row) -> list:
    return [
        pytest.param(entry, id=f"{threat}: {entry.id}", marks=marks(threat)) for entry in entries
    ]


def header(name: str, **members: object) -> Row:
    return Row(name, header=members)


def claims(name: str, **members: object) -> Row:
    return Row(name, claims=members)


def other_json(name: str, replaced: str, by: str) -> Row:
    """The claims with a piece of their text replaced."""

    def change(text: str) -> str:
        assert replaced in text
        return text.replace(replaced, by, 1)

    return Row(name, claims_text=change)


def head_of(change: Callable[[list[bytes]], list[bytes]]) -> Callable[[str], str]:
    """A change of the three parts after signing."""
    return lambda token: (
        "Bearer "
        + ".".join(part.decode() for part in change([part.encode() for part in token.split(".")]))
    )


def flipped(part: bytes, at: int = 10) -> bytes:
    return part[:at] + (b"A" if part[at : at + 1] != b"A" else b"B") + part[at + 1 :]


def der(token: str) -> str:
    """The ES384 signature in ASN.1, as other protocols write it."""
    message, _, signature = token.rpartition(".")
    raw = base64.urlsafe_b64decode(signature + "==")
    return f"Bearer {message}.{base64url(encode_dss_signature(int.from_bytes(raw[:48], 'big'), int.from_bytes(raw[48:], 'big')))}"


def deep(depth: int, inside: str = "") -> Callable[[str], str]:
    """A member so deep in containers; the text stays well-formed JSON."""
    return lambda text: text[:-1] + ', "deep": ' + "[" * depth + inside + "]" * depth + "}"


def other_address(scene: Scene, **parts: str) -> str:
    """The address that is called with a part of it replaced."""
    return urlsplit(scene.url)._replace(**parts).geturl()


def padded(content: bytes) -> str:
    """Base64url with = at the end (white space after the JSON makes it needed)."""
    return base64.urlsafe_b64encode(content + b" " * ((1 - len(content)) % 3)).decode()


SPARE = str.maketrans(
    "AQgw", "BRhx"
)  # the last letter of base64 for one byte more than threes: four bits of it say nothing


def with_spare_bits(content: bytes) -> str:
    """Base64url whose last letter has a bit set that belongs to no byte: it decodes to the same."""
    text = base64url(content + b" " * ((1 - len(content)) % 3))
    return text[:-1] + text[-1].translate(SPARE)


def other_letters(content: bytes) -> str:
    """Base64 with + and / for - and _."""
    return base64.b64encode(content).rstrip(b"=").decode()


def filled(characters: int) -> Callable[[str], str]:
    """A claim of so many characters beside the others."""
    return lambda text: text[:-1] + ', "fill": "' + "x" * characters + '"}'


ATTACKER = key("P-384", "attacker")
NEIGHBOUR = "https://cds.neighbour.example.org"
LOOKALIKE = jwk(ATTACKER, "ec-1", "ES384")

REFUSED = [
    *rows(
        "alg (L4, L7, L9)",
        *[
            Row(f"{name}, no signature", header={"alg": name}, signer=None)
            for name in ("none", "None", "NONE", "nOnE")
        ],
        Row("none, but signed", header={"alg": "none"}),
        Row("empty, no signature", header={"alg": ""}, signer=None),
        header("missing", alg=DROP),
        header("null", alg=None),
        header("a list", alg=["ES384"]),
        header("a number", alg=384),
        header("in small letters", alg="es384"),
        *[
            Row(
                f"{alg} with the public key as PEM",
                header={"alg": alg},
                signer=pem(EC.key),
                alg=alg,
            )
            for alg in ("HS256", "HS384")
        ],
        Row(
            "HS256 with the PEM of an RSA key",
            RSA,
            header={"alg": "HS256"},
            signer=pem(RSA.key),
            alg="HS256",
        ),
        Row(
            "HS256 with the PEM without its last line end",
            RSA,
            header={"alg": "HS256"},
            signer=pem(RSA.key).strip(),
            alg="HS256",
        ),
        Row(
            "HS256 with the text of the JWK",
            header={"alg": "HS256"},
            signer=json.dumps(EC.jwk).encode(),
            alg="HS256",
        ),
        Row(
            "HS256 with the compact text of the JWK",
            header={"alg": "HS256"},
            signer=json.dumps(EC.jwk, separators=(",", ":")).encode(),
            alg="HS256",
        ),
        Row(
            "HS256 with the text of the JWK Set",
            header={"alg": "HS256"},
            signer=json.dumps({"keys": [EC.jwk]}).encode(),
            alg="HS256",
        ),
        Row("HS384 with nothing as secret", header={"alg": "HS384"}, signer=b"", alg="HS384"),
        *[
            Row(
                f"{alg} with the RSA key that is registered for RS384",
                RSA,
                header={"alg": alg},
                alg=alg,
            )
            for alg in ("RS256", "RS512", "PS256", "PS384")
        ],
        Row(
            "RS256 with a published RS256 key",
            "careless_rsa",
            header={"alg": "RS256", "kid": "rs256"},
            signer=key("RSA-3072", "careless"),
            alg="RS256",
        ),
        Row(
            "RS384 with a published RS256 key",
            "careless_rsa",
            header={"kid": "rs256"},
            signer=key("RSA-3072", "careless"),
        ),
        Row(
            "RS384 with a published RSA key of 1,024 bits",
            "careless_rsa",
            header={"kid": "rsa-1024"},
            signer=key("RSA-1024", "careless"),
        ),
        Row(
            "ES256 with a published P-256 key",
            "careless",
            header={"alg": "ES256", "kid": "p256"},
            signer=key("P-256", "careless"),
            alg="ES256",
        ),
        Row(
            "ES384 with a P-256 key published as ES384",
            "careless",
            header={"kid": "p256-called-384"},
            signer=key("P-256", "careless"),
            alg="ES384",
        ),
        Row(
            "ES384 with a published P-256 key",
            "careless",
            header={"kid": "p256"},
            signer=key("P-256", "careless"),
            alg="ES384",
        ),
        Row(
            "RS384 with a published RSA key by a client of ES384",
            "careless",
            header={"alg": "RS384", "kid": "rsa"},
            signer=key("RSA-3072", "careless"),
            alg="RS384",
        ),
        Row("ES384 named, RS384 used", RSA, header={"alg": "ES384"}),
        Row("ES256 named", header={"alg": "ES256"}),
        Row("ES384 with another hash", alg="ES512"),
    ),
    *rows(
        "kid (L4)",
        header("missing", kid=DROP),
        header("unknown", kid="nobody"),
        header("empty", kid=""),
        header("null", kid=None),
        header("a number", kid=1),
        header("a list", kid=["ec-1"]),
        header("path-like", kid="../../../../../../dev/null"),
        header("SQL", kid="x' UNION SELECT 'ec-1"),
        header("in capitals", kid="EC-1"),
        header("with a blank", kid="ec-1 "),
        header("with a line end", kid="ec-1\nauth accepted"),
        header("with NUL", kid="ec-1\0"),
        header("of 3,000 characters", kid="1" * 3000),
        header("a lone surrogate", kid="\ud800"),
        Row("two keys of one kid", "twice"),
        Row("two keys of one kid, the second", "twice", signer=key("P-384", "another")),
        header("of another client", kid="rsa-1"),
        Row("of another client, with that client's key", header={"kid": "south"}, signer=SOUTH.key),
        Row(
            "empty path with an empty secret",
            header={"alg": "HS256", "kid": "/dev/null"},
            signer=b"",
            alg="HS256",
        ),
    ),
    *rows(
        "header (L4)",
        header("typ missing", typ=DROP),
        header("typ at+jwt", typ="at+jwt"),
        header("typ JOSE", typ="JOSE"),
        header("typ null", typ=None),
        header("typ a list", typ=["JWT"]),
        header("typ dpop+jwt", typ="dpop+jwt"),
        header("crit with an unknown name", crit=["org.example.x"], **{"org.example.x": True}),
        header("crit empty", crit=[]),
        header("crit exp", crit=["exp"], exp=1),
        header("crit b64", crit=["b64"], b64=True),
        header("b64 false", b64=False),
        header("b64 true", b64=True),
        header("b64 false with crit", b64=False, crit=["b64"]),
        header("jwk of the registered key", jwk=EC.jwk),
        Row("jwk of the attacker's key", header={"jwk": LOOKALIKE}, signer=ATTACKER),
        Row("jwk null", header={"jwk": None}),
        header("x5u", x5u=lambda s: f"{s.canary}/chain.pem"),
        Row(
            "x5u with the attacker's key",
            header={"x5u": lambda s: f"{s.canary}/c"},
            signer=ATTACKER,
        ),
        header("x5c", x5c=["MIIB"]),
        Row("x5c with the attacker's key", header={"x5c": ["MIIB"]}, signer=ATTACKER),
        Row(
            "an alg given twice, the first none",
            header_text=lambda text: text.replace("{", '{"alg": "none", ', 1),
        ),
        Row(
            "an alg given twice, the last none",
            header_text=lambda text: text[:-1] + ', "alg": "none"}',
        ),
        Row(
            "a kid given twice", header_text=lambda text: text.replace("{", '{"kid": "nobody", ', 1)
        ),
        Row("a list", header_text=lambda text: f"[{text}]"),
        Row("a text", header_text=json.dumps),
        Row("null", header_text=lambda text: "null"),
        Row("no JSON", header_text=lambda text: text[:-1]),
        Row("empty", header_text=lambda text: ""),
        Row("empty object", header_text=lambda text: "{}"),
        Row("with NaN", header_text=lambda text: text[:-1] + ', "x": NaN}'),
        Row("with 1e400", header_text=lambda text: text[:-1] + ', "x": 1e400}'),
        Row("UTF-16", header_text=lambda text: text.encode("utf-16")),
        Row("no UTF-8", header_text=lambda text: text.encode().replace(b"ec-1", b"ec-\xff")),
        Row("arrays 900 deep", header_text=deep(900)),
        Row("arrays 2,500 deep", header_text=deep(2500)),
        Row(
            "objects 400 deep",
            header_text=lambda text: text[:-1] + ', "x": ' + '{"a":' * 400 + "1" + "}" * 401,
        ),
    ),
    *rows(
        "jku (T07, L9, L17)",
        *[
            Row(name, "fetched", header={"jku": url})
            for name, url in {
                "another host": lambda s: f"{s.canary}/fetched.json",
                "https for http": lambda s: s.registered_jku.replace("http:", "https:"),
                "another path": lambda s: s.registered_jku.replace("fetched", "careless"),
                "with #": lambda s: f"{s.registered_jku}#",
                "with ?": lambda s: f"{s.registered_jku}?",
                "with a slash": lambda s: f"{s.registered_jku}/",
                "in capitals": lambda s: s.registered_jku.upper(),
                "with a user": lambda s: s.registered_jku.replace("//", "//a@"),
                "as the user": lambda s: s.canary.replace(
                    "//", f"//{s.registered_jku.split('/')[2]}@"
                ),
                "with ..": lambda s: s.registered_jku.replace("/fetched", "/x/../fetched"),
                "of this machine by name": lambda s: s.registered_jku.replace(
                    "127.0.0.1", "localhost"
                ),
                "with a blank": lambda s: f"{s.registered_jku} ",
                "file:": "file:///etc/passwd",
                "data:": "data:application/json,{}",
                "ftp:": "ftp://127.0.0.1/x",
                "empty": "",
                "null": None,
                "a list": lambda s: [s.registered_jku],
                "relative": "/fetched.json",
                "metadata address": "http://169.254.169.254/x",
            }.items()
        ],
        Row(
            "another host, with the attacker's key",
            "fetched",
            header={"jku": lambda s: f"{s.canary}/x", "kid": "attacker"},
            signer=ATTACKER,
        ),
        Row("any, where the keys stand in the file", header={"jku": lambda s: f"{s.canary}/x"}),
        Row(
            "the issuer's, where the keys stand in the file",
            header={"jku": f"{EC.iss}/.well-known/jwks.json"},
        ),
    ),
    *rows(
        "signature (L11)",
        Row("the attacker's key", signer=ATTACKER),
        Row("a client's own key, another's issuer", claims={"iss": SOUTH.iss}),
        Row("empty", signer=None),
        Row("one character other", sent=head_of(lambda p: [p[0], p[1], flipped(p[2])])),
        Row("cut off", sent=head_of(lambda p: [p[0], p[1], p[2][:-4]])),
        Row("longer", sent=head_of(lambda p: [p[0], p[1], p[2] + b"AAAA"])),
        Row("of zeros", sent=head_of(lambda p: [p[0], p[1], b"A" * 128])),
        Row("in ASN.1", sent=der),
        Row(
            "with spare bits",
            SMALL_RSA,
            sent=lambda token: f"Bearer {token[:-1]}{token[-1].translate(SPARE)}",
        ),
        Row("claims changed afterwards", sent=head_of(lambda p: [p[0], flipped(p[1], 40), p[2]])),
        Row("header changed afterwards", sent=head_of(lambda p: [flipped(p[0], 5), *p[1:]])),
        Row(
            "that of another token",
            sent=head_of(
                lambda p: [
                    p[0],
                    base64url(b'{"iss": "https://ec.example.org/fhir"}').encode(),
                    p[2],
                ]
            ),
        ),
    ),
    *rows(
        "iss (L5, L9)",
        claims("missing", iss=DROP),
        claims("unknown", iss="https://nobody.example.org"),
        claims("with a slash", iss=f"{EC.iss}/"),
        claims("without its last letter", iss=EC.iss[:-1]),
        claims("in capitals", iss=EC.iss.upper()),
        claims("with http", iss=EC.iss.replace("https", "http")),
        claims("a list", iss=[EC.iss]),
        claims("null", iss=None),
        claims("empty", iss=""),
        claims("a number", iss=5),
        claims("an object", iss={"url": EC.iss}),
        claims("the id of the client", iss="ec"),
        claims("with a blank", iss=f" {EC.iss}"),
        claims("with a line end", iss=f"{EC.iss}\nauth accepted client=ec"),
        claims("another client's", iss=RSA.iss),
        other_json("given twice", '"iss"', f'"iss": "{RSA.iss}", "iss"'),
    ),
    *rows(
        "aud (T11, L5, L6)",
        claims("missing", aud=DROP),
        claims("null", aud=None),
        claims("empty", aud=""),
        claims("an empty list", aud=[]),
        claims("the service as a whole", aud=PUBLIC_URL),
        claims("the service as a whole with a slash", aud=f"{PUBLIC_URL}/"),
        claims("a beginning of the address", aud=lambda s: s.url[:-1]),
        claims("longer", aud=lambda s: s.url + "x"),
        claims("with a slash", aud=lambda s: s.url + "/"),
        claims("with ?", aud=lambda s: s.url + "?"),
        claims("with #", aud=lambda s: s.url + "#"),
        claims("in capitals", aud=lambda s: s.url.upper()),
        claims(
            "with the other scheme",
            aud=lambda s: other_address(s, scheme="http" if s.url.startswith("https") else "https"),
        ),
        claims(
            "with a port", aud=lambda s: other_address(s, netloc=f"{urlsplit(s.url).hostname}:1")
        ),
        claims("the path only", aud=lambda s: urlsplit(s.url).path),
        claims("with a user", aud=lambda s: s.url.replace("//", "//x@")),
        claims(
            "the same path elsewhere",
            aud=lambda s: other_address(s, netloc="cds.neighbour.example.org"),
        ),
        claims("ours and a foreign one", aud=lambda s: [s.url, f"{NEIGHBOUR}/cds-services"]),
        claims("a foreign one and ours", aud=lambda s: [NEIGHBOUR, s.url]),
        claims("a list with a foreign one only", aud=[NEIGHBOUR]),
        claims("ours and a number", aud=lambda s: [s.url, 5]),
        claims("ours and null", aud=lambda s: [s.url, None]),
        claims("a list in a list", aud=lambda s: [[s.url]]),
        claims("an object", aud=lambda s: {s.url: True}),
        claims("a number", aud=5),
        claims("true", aud=True),
        claims("a service that does not exist", aud=f"{PUBLIC_URL}/cds-services/no-such-service"),
        claims("typed in at another client", aud="https://mammacards.example.org"),
        Row(
            "typed in at this client and a foreign one",
            TYPED,
            claims={"aud": ["https://mammacards.example.org", NEIGHBOUR]},
        ),
        Row("typed in, with a slash", TYPED, claims={"aud": "https://mammacards.example.org/"}),
        other_json("given twice", '"aud"', f'"aud": "{NEIGHBOUR}", "aud"'),
    ),
    *rows(
        "exp (L5, L11)",
        claims("missing", exp=DROP),
        claims("expired", exp=after(-120), iat=after(-240)),
        claims("null", exp=None),
        claims("a text", exp=lambda s: str(s.now + 240)),
        claims("not whole", exp=after(240.5)),
        claims("true", exp=True),
        claims("a list", exp=lambda s: [s.now + 240]),
        claims("negative", exp=-1),
        claims("zero", exp=0),
        claims("more than 300 s after iat", exp=after(301)),
        claims("in ten years", exp=after(315_576_000)),
        claims("before iat", exp=after(30), iat=after(40)),
        claims("of 400 digits", exp=10**400),
        claims("in milliseconds", exp=lambda s: (s.now + 240) * 1000),
        other_json("1e400", '"exp": ', '"exp": 1e400, "x": '),
        other_json("NaN", '"exp": ', '"exp": NaN, "x": '),
        other_json("Infinity", '"exp": ', '"exp": Infinity, "x": '),
        other_json("given twice", '"exp": ', '"exp": 1, "exp": '),
        Row("more than 900 s for Epic", EPIC, claims={"exp": after(901)}),
        Row("more than its own 600 s", LONG, claims={"exp": after(601)}),
    ),
    *rows(
        "iat (T18, L5)",
        claims("missing", iat=DROP),
        claims("null", iat=None),
        claims("a text", iat=lambda s: str(s.now)),
        claims("not whole", iat=after(0.5)),
        claims("true", iat=True),
        claims("in the future", iat=after(120), exp=after(240)),
        claims("more than 300 s ago", iat=after(-301), exp=after(-1)),
        claims("zero", iat=0),
        claims("of 400 digits", iat=-(10**400)),
        other_json("-1e400", '"iat": ', '"iat": -1e400, "x": '),
    ),
    *rows(
        "nbf",
        claims("in the future", nbf=after(120)),
        claims("a text", nbf="tomorrow"),
        other_json("1e400", '"exp": ', '"nbf": 1e400, "exp": '),
    ),
    *rows(
        "jti (T10, L5)",
        claims("missing", jti=DROP),
        claims("empty", jti=""),
        claims("of 129 characters", jti="j" * 129),
        claims("null", jti=None),
        claims("a number", jti=5),
        claims("a list", jti=["a"]),
        claims("an object", jti={}),
        claims("true", jti=True),
        claims("a lone surrogate", jti="\ud800"),
    ),
    *rows(
        "tenant (L5, L9)",
        claims("unknown to a client without", tenant="north-1"),
        claims("null to a client without", tenant=None),
        Row("missing", NORTH, claims={"tenant": DROP}),
        Row("unknown", NORTH, claims={"tenant": "west-1"}),
        Row("of another client", NORTH, claims={"tenant": "south-1"}),
        Row(
            "of another client, with its kid",
            NORTH,
            header={"kid": "south"},
            claims={"tenant": "south-1"},
        ),
        Row(
            "of another client, with its key but not its kid",
            NORTH,
            claims={"tenant": "south-1"},
            signer=SOUTH.key,
        ),
        Row("empty", NORTH, claims={"tenant": ""}),
        Row("null", NORTH, claims={"tenant": None}),
        Row("a list", NORTH, claims={"tenant": ["north-1"]}),
        Row("in capitals", NORTH, claims={"tenant": "NORTH-1"}),
        Row("another issuer's", SOUTH, claims={"iss": EC.iss}),
    ),
    *rows(
        "claims (L5)",
        Row("a list", claims_text=lambda text: f"[{text}]"),
        Row("a text", claims_text=json.dumps),
        Row("null", claims_text=lambda text: "null"),
        Row("empty", claims_text=lambda text: ""),
        Row("no JSON", claims_text=lambda text: text[:-1]),
        Row("two objects", claims_text=lambda text: text + text),
        Row("empty object", claims_text=lambda text: "{}"),
        Row("arrays 900 deep", claims_text=deep(900)),
        Row("arrays 2,500 deep", claims_text=deep(2500)),
        Row("UTF-16", claims_text=lambda text: text.encode("utf-16")),
        Row("no UTF-8", claims_text=lambda text: text.encode().replace(b"ec.", b"e\xff.")),
        Row("with a byte order mark", claims_text=lambda text: text.encode("utf-8-sig")),
    ),
    *rows(
        "transport (L2)",
        Row("no header", sent=lambda token: None),
        Row("an empty header", sent=lambda token: ""),
        Row("Bearer alone", sent=lambda token: "Bearer"),
        Row("Bearer and a blank", sent=lambda token: "Bearer "),
        Row("the token alone", sent=str),
        Row("Basic", sent=lambda token: "Basic ZWM6ZWM="),
        Row("Basic with it", sent="Basic {}".format),
        Row("Token", sent="Token {}".format),
        Row("JWT", sent="JWT {}".format),
        Row("DPoP", sent="DPoP {}".format),
        Row("bearer twice", sent="Bearer Bearer {}".format),
        Row("two tokens", sent="Bearer {0} {0}".format),
        Row("two with a comma", sent="Bearer {0}, Bearer {0}".format),
        Row("a colon", sent="Bearer: {}".format),
        Row("quoted", sent='Bearer "{}"'.format),
        Row("no blank", sent="Bearer{}".format),
        Row("garbage", sent=lambda token: "Bearer garbage"),
        Row("three parts of garbage", sent=lambda token: "Bearer a.b.c"),
        Row("dots", sent=lambda token: "Bearer .."),
        Row("two parts", sent=lambda token: f"Bearer {token.rpartition('.')[0]}"),
        Row("two parts and a dot", sent=lambda token: f"Bearer {token.rpartition('.')[0]}."),
        Row("four parts", sent="Bearer {}.".format),
        Row("five parts, as encrypted", sent="Bearer {}.YQ.YQ".format),
        Row("padded", sent=head_of(lambda p: [p[0] + b"=", *p[1:]])),
        Row("with base64's own letters", sent=head_of(lambda p: [p[0], p[1], b"+/" + p[2][2:]])),
        Row("padded, and signed so", encode=padded),
        Row(
            "in base64's own letters, and signed so",
            claims={"fill": "~?~?>>>???~~~"},
            encode=other_letters,
        ),
        Row("with spare bits, and signed so", encode=with_spare_bits),
        Row(
            "with a line end in it, and signed so",
            encode=lambda content: base64url(content)[:8] + "%0A" + base64url(content)[8:],
        ),
        Row("with a character outside ASCII", sent="Bearer {}é".format),
        Row("longer than 8,192 characters", claims_text=filled(6100)),
        Row("of 100,000 characters", sent=lambda token: "Bearer " + "a" * 100_000),
        Row("100,000 dots", sent=lambda token: "Bearer " + "." * 100_000),
        Row(
            "JWS in JSON",
            sent=lambda token: (
                "Bearer "
                + json.dumps(
                    dict(zip(("protected", "payload", "signature"), token.split("."), strict=True))
                )
            ),
        ),
    ),
]

assert len(REFUSED) >= 55


@pytest.fixture(scope="module")
def bare(service):
    """The refusal that all others must equal: that of a call without any token."""
    return service.send("GET", DISCOVERY)


def same(refusal) -> tuple:
    """What a caller sees of an answer."""
    headers = sorted(
        (name.lower(), value) for name, value in refusal.headers if name.lower() != "date"
    )
    return refusal.status_code, headers, refusal.data


def of(name: Client | str, request) -> Client:
    return request.getfixturevalue(name) if isinstance(name, str) else name


@pytest.fixture
def security_log():
    """The messages of the service's log during a test, as they are written."""
    log, written = logging.getLogger("mammacards"), []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            written.append(self.format(record))

    handler = Keep(logging.DEBUG)
    before = log.level
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    yield written
    log.removeHandler(handler)
    log.setLevel(before)


@pytest.mark.requirement("E6", "K4", "L12")
def test_the_refusal_tells_nothing(bare):
    """T36; decision 15: 401, `WWW-Authenticate: Bearer`, an OperationOutcome `login`, nothing that a forger could learn from, and no proxy keeps it."""
    assert bare.status_code == 401 and bare.headers["WWW-Authenticate"] == "Bearer"
    assert check_outcome(401, bare.content_type, bare.data)["issue"][0]["code"] == "login"
    assert "no-store" in bare.headers["Cache-Control"] and "Set-Cookie" not in bare.headers
    words = bare.get_data(as_text=True).lower()
    for reason in (
        "expired",
        "signature",
        "kid",
        "issuer",
        "audience",
        "jti",
        "replay",
        "algorithm",
        "missing",
        "malformed",
        "tenant",
        "unknown",
        "jku",
    ):
        assert reason not in words


@pytest.mark.requirement("K4", "L2", "L12")
@pytest.mark.parametrize("row", REFUSED)
def test_refused_everywhere_alike(service, canary, bare, security_log, request, row):
    """T08, T36: status, headers and body are those of a call without a token; the log has the reason, in one line, and no piece of the token."""
    client = of(row.who, request)
    for method, path in ADDRESSES:
        scene = service.scene(path, canary=canary.url, registered_jku=client.jwks_url)
        token = row.token(client, scene)
        answer = service.send(method, path, row.sent(token))
        assert same(answer) == same(bare), f"{method} {path}"
        assert canary.is_silent(), "an address in a token was contacted"
        for line in security_log:
            assert "\n" not in line and "\r" not in line
            assert not [part for part in token.split(".") if len(part) > 20 and part in line]
        assert [line for line in security_log if "auth refused reason=" in line], (
            "the log tells that and why a call was refused"
        )
        security_log.clear()


# ---------------------------------------------------------------------------------------------------- the accepted


@dataclass(frozen=True)
class Good:
    id: str
    who: Client | str = EC
    header: Mapping = field(default_factory=dict)
    claims: Mapping = field(default_factory=dict)
    sent: Callable[[str], str] = "Bearer {}".format


ACCEPTED = [
    pytest.param(good, id=good.id)
    for good in (
        Good("ES384"),
        Good("RS384 with 3,072 bits", RSA),
        Good("RS384 with 2,048 bits", SMALL_RSA),
        Good("aud as a list with ours only", claims={"aud": lambda s: [s.url]}),
        Good("aud as a list with ours twice", claims={"aud": lambda s: [s.url, s.url]}),
        Good("a fetched key, no jku", "fetched"),
        Good("a fetched key, the registered jku", "fetched", {"jku": lambda s: s.registered_jku}),
        Good("bearer in small letters", sent="bearer {}".format),
        Good("BEARER in capitals", sent="BEARER {}".format),
        Good("two blanks", sent="Bearer  {}".format),
        Good(
            "sub and other claims",
            claims={"sub": "cds-client", "azp": "x", "org.example": {"a": [1, None, "é"]}},
        ),
        Good(
            "an unknown member in the header (RFC 7515 section 4: ignored)",
            header={"org.example.x": 1},
        ),
        Good("tenant", NORTH),
        Good("the other tenant of the same issuer", SOUTH),
        Good("an audience that was typed in", TYPED),
        Good(
            "an audience that was typed in, as a list with the address",
            TYPED,
            claims={"aud": lambda s: [s.url, "https://mammacards.example.org"]},
        ),
        Good(
            "a client with a typed-in audience calls with the address",
            TYPED,
            claims={"aud": lambda s: s.url},
        ),
        Good("Epic: 900 s, typed-in audience, sub, nbf before iat, kid with / + =", EPIC),
        Good("Epic with the audience in a list", EPIC, claims={"aud": [EPIC_AUDIENCE]}),
        Good("Epic with the address as audience", EPIC, claims={"aud": lambda s: s.url}),
        Good("a client's own longest life", LONG, claims={"exp": after(600)}),
        Good("a jti of one character", claims={"jti": "a"}),
        Good("a jti of 128 characters", claims={"jti": "j" * 128}),
        Good("a jti of other letters", claims={"jti": "é\u2028\U0001f600'\"--"}),
        Good("nbf now", claims={"nbf": after(0)}),
        Good("five minutes of life", claims={"exp": after(300)}),
    )
]


def fresh(good: Good, path: str) -> dict:
    """The claims of a row, with a jti for every address where the row gives one."""
    if "jti" not in good.claims:
        return dict(good.claims)
    jti, mark = good.claims["jti"], f"{[p for _, p in ADDRESSES].index(path)}"
    return {**good.claims, "jti": mark if len(jti) == 1 else jti[:-1] + mark}


@pytest.mark.requirement("L2", "L4", "L5", "L6", "L8", "L10")
@pytest.mark.parametrize("good", ACCEPTED)
def test_accepted_everywhere(service, templates, request, good):
    """The controls of the table: the same tokens without the fault are accepted at every address."""
    client = of(good.who, request)
    hooks = {
        path: hook
        for hook, name in SERVICE.items()
        for path in (f"/cds-services/{name}", f"/explain/{name}")
    }
    for method, path in ADDRESSES:
        body = (
            request_for(NOBODY, hooks[path], templates, service.clock)
            if path in hooks
            else NO_NEWS
            if path == FEEDBACK
            else None
        )
        token = mint(
            client,
            service.scene(path, registered_jku=client.jwks_url),
            header=good.header,
            claims=fresh(good, path),
        )
        answer = service.send(method, path, good.sent(token), body)
        assert answer.status_code == 200, f"{method} {path}: {answer.get_data(as_text=True)}"
        assert (
            "no-store" in answer.headers["Cache-Control"]
            and "WWW-Authenticate" not in answer.headers
        )


@pytest.mark.parametrize(
    "length, status", [(8189, 200), (8191, 200), (8192, 200), (8193, 401), (8195, 401)]
)
def test_a_token_has_at_most_8192_characters(service, length, status):
    """T08: the limit counts the whole token, three parts and two dots."""
    near = (length - len(service.token(EC, DISCOVERY))) * 3 // 4
    tokens = (
        service.token(EC, DISCOVERY, header={"y": "y" * more}, claims={"fill": "x" * (near - less)})
        for more in range(4)
        for less in range(10, 30)
    )
    token = next(token for token in tokens if len(token) == length)
    assert service.send("GET", DISCOVERY, f"Bearer {token}").status_code == status


# ---------------------------------------------------------------------------------------------------- audiences and addresses


@pytest.mark.requirement("L6")
@pytest.mark.parametrize("called", [path for _, path in ADDRESSES])
def test_a_token_opens_the_address_that_it_names_and_no_other(service, called):
    """T11: for each address, tokens for each; a token for a service also opens its feedback (J12), not the other way round."""
    method = "GET" if called == DISCOVERY else "POST"
    for named in [path for _, path in ADDRESSES]:
        token = service.token(EC, named)
        opened = service.send(method, called, f"Bearer {token}").status_code != 401
        assert opened == (named == called or (named, called) == (VIEW, FEEDBACK)), named


@pytest.mark.requirement("J10", "J12")
def test_feedback_takes_the_audience_of_its_own_service_only(service):
    for named, opened in (
        (VIEW, True),
        (FEEDBACK, True),
        (SELECT, False),
        (f"{SELECT}/feedback", False),
        (DISCOVERY, False),
    ):
        answer = service.send("POST", FEEDBACK, f"Bearer {service.token(EC, named)}", NO_NEWS)
        assert answer.status_code == (200 if opened else 401), named


@pytest.mark.requirement("J12")
def test_both_audiences_of_feedback_together_are_accepted(service):
    token = service.token(EC, FEEDBACK, claims={"aud": [PUBLIC_URL + FEEDBACK, PUBLIC_URL + VIEW]})
    assert service.send("POST", FEEDBACK, f"Bearer {token}", NO_NEWS).status_code == 200


@pytest.mark.parametrize("spelling", [f"{DISCOVERY}/", f"{DISCOVERY}//", f"{DISCOVERY}?a=b"])
def test_careless_spellings_of_an_address_have_its_audience(service, spelling):
    """The sandbox joins URLs carelessly (check 44): what is served as /cds-services has that audience."""
    assert (
        service.send("GET", spelling, f"Bearer {service.token(EC, DISCOVERY)}").status_code == 200
    )


@pytest.mark.parametrize(
    "host",
    [
        "evil.example.org",
        "cds.example.org.evil.example.org",
        "evil.example.org:443",
        "169.254.169.254",
        "evil.example.org@cds.example.org",
        "cds.example.org/evil",
        "cds.example.org\\evil",
        "cds.example.org:x",
    ],
)
def test_host_decides_nothing(service, host):
    """T11: the audience comes from the settings; a foreign Host is 400 with a good token and never opens anything with a token for that host."""
    assert (
        service.send(
            "GET", DISCOVERY, f"Bearer {service.token(EC, DISCOVERY)}", Host=host
        ).status_code
        == 400
    )
    forged = service.token(EC, DISCOVERY, claims={"aud": f"https://{host}{DISCOVERY}"})
    assert service.send("GET", DISCOVERY, f"Bearer {forged}", Host=host).status_code in (400, 401)


@pytest.mark.parametrize("host", ["cds.example.org", "127.0.0.1", "localhost:8000", "[::1]:8000"])
def test_our_own_hosts_are_served(service, host):
    assert (
        service.send(
            "GET", DISCOVERY, f"Bearer {service.token(EC, DISCOVERY)}", Host=host
        ).status_code
        == 200
    )


def test_forwarded_headers_decide_nothing(service):
    """T11: a proxy's headers do not change the audience."""
    forged = service.token(EC, DISCOVERY, claims={"aud": f"https://evil.example.org{DISCOVERY}"})
    for name in ("X_Forwarded_Host", "X_Forwarded_Server", "X_Original_Host"):
        assert (
            service.send(
                "GET", DISCOVERY, f"Bearer {forged}", **{name: "evil.example.org"}
            ).status_code
            == 401
        )


# ---------------------------------------------------------------------------------------------------- before anything else

BEFORE = [
    *[
        ("GET", path)
        for path in (
            "/nothing",
            "/cds-service",
            "/cds-servicesx",
            "/fhir",
            "/fhir/Patient",
            "/explain",
            "/metrics",
            "/admin",
            "/.git/config",
            "/cds-services/x/y/z",
            "/cds-services/no-such-service",
            "/explain/no-such-service",
            "/CDS-SERVICES",
            "/cds-services.json",
            "/cds-services%00",
            "/openapi.json/x",
        )
    ],
    *[
        ("POST", path)
        for path in (
            "/nothing",
            "/cds-services/no-such-service",
            "/cds-services/no-such-service/feedback",
            "/explain/no-such-service",
            f"{VIEW}/feedback/x",
        )
    ],
    *[
        (method, path)
        for path in (DISCOVERY, VIEW, FEEDBACK, EXPLAIN)
        for method in ("PUT", "DELETE", "PATCH", "OPTIONS", "PROPFIND", "TRACE")
    ],
    *[("GET", path) for path in (VIEW, SIGN, FEEDBACK, EXPLAIN)],
    ("POST", DISCOVERY),
]


@pytest.mark.requirement("K4")
@pytest.mark.parametrize("method, path", BEFORE, ids=lambda value: value)
def test_unknown_paths_and_methods_are_401_first(service, bare, method, path):
    """Decision 14: authentication comes before 404 and 405, so that nobody unknown learns what is there."""
    for authorization in (
        None,
        "Bearer a.b.c",
        f"Bearer {service.token(RSA, path, signer=ATTACKER, alg='ES384')}",
    ):
        assert same(service.send(method, path, authorization)) == same(bare)


@pytest.mark.parametrize("path", [DISCOVERY, VIEW, "/nothing"])
def test_a_head_request_is_401_first(service, path):
    answer = service.send("HEAD", path)
    assert (
        answer.status_code == 401
        and answer.headers["WWW-Authenticate"] == "Bearer"
        and answer.data == b""
    )


@pytest.mark.requirement("K4")
@pytest.mark.parametrize(
    "headers, body",
    [
        pytest.param({"Content_Type": "text/plain"}, b"x", id="not JSON"),
        pytest.param({"Content_Encoding": "gzip"}, b"x", id="compressed"),
        pytest.param({}, b"{" * 100, id="malformed"),
        pytest.param({}, b"[" * 100_000, id="a depth bomb"),
        pytest.param({"Content_Length": "9999999999"}, b"x", id="too large"),
        pytest.param({"Content_Length": "abc"}, b"x", id="a length that is no number"),
    ],
)
def test_the_body_is_not_looked_at_before_the_token(service, bare, headers, body):
    """Decision 14: 401 comes before 400, 411, 413 and 415."""
    for path in (*SERVICES, EXPLAIN, FEEDBACK):
        assert same(service.send("POST", path, None, body, **headers)) == same(bare)


@pytest.mark.parametrize(
    "method, path, status",
    [
        ("GET", "/nothing", 404),
        ("POST", "/cds-services/no-such-service", 404),
        ("POST", "/cds-services/no-such-service/feedback", 404),
        ("POST", "/explain/no-such-service", 404),
        ("GET", VIEW, 405),
        ("POST", DISCOVERY, 405),
        ("GET", FEEDBACK, 405),
        ("PUT", FEEDBACK, 405),
    ],
)
def test_a_known_client_is_told_what_is_wrong(service, method, path, status):
    """With a good token for that address the usual answers are given."""
    answer = service.send(method, path, f"Bearer {service.token(EC, path)}")
    assert answer.status_code == status
    assert status != 405 or answer.headers["Allow"]


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/guidelines/nipple_discharge",
        "/guidelines/nipple_discharge/ductoscopyReferral",
        "/guidelines/shared/value_sets/birads",
        "/static/style.css",
        "/openapi.json",
    ],
)
def test_pages_without_patient_data_need_no_token(service, path):
    assert service.send("GET", path).status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/guidelines/../cds-services",
        "/guidelines/%2e%2e/cds-services",
        "/./cds-services",
        "//cds-services",
        "/cds-services/",
        "/guidelines/..%2fcds-services",
        "/guidelines//../cds-services",
        "/openapi.json/../cds-services",
        "/cds-services;/",
        "/guidelines\\..\\cds-services",
        "/%63ds-services",
    ],
)
def test_no_spelling_goes_round_the_door(service, path):
    """Paths that a careless check takes for a page: never discovery's answer."""
    answer = service.send("GET", path)
    assert answer.status_code in (400, 401, 404) and b"prefetch" not in answer.data


@pytest.mark.parametrize(
    "name", ["access_token", "token", "jwt", "assertion", "client_assertion", "authorization"]
)
def test_a_token_elsewhere_than_in_the_header_counts_for_nothing(service, bare, name):
    """RFC 6750 section 5.3: not in the query, a form or a cookie."""
    token = service.token(EC, DISCOVERY)
    assert same(service.send("GET", f"{DISCOVERY}?{name}={token}")) == same(bare)
    assert same(
        service.send("GET", DISCOVERY, Cookie=f"{name}={token}; Authorization=Bearer {token}")
    ) == same(bare)
    assert same(
        service.send(
            "GET",
            DISCOVERY,
            Proxy_Authorization=f"Bearer {token}",
            X_Authorization=f"Bearer {token}",
        )
    ) == same(bare)


# ---------------------------------------------------------------------------------------------------- times, to the second

TIMES = [
    # life at most 300 s
    ("life 300 s", EC, {"iat": 0, "exp": 300}, True),
    ("life 301 s", EC, {"iat": 0, "exp": 301}, False),
    ("life 300 s, from a clock ahead", EC, {"iat": 30, "exp": 330}, True),
    ("life 301 s, from a clock behind", EC, {"iat": -30, "exp": 271}, False),
    ("life 1 s", EC, {"iat": 0, "exp": 1}, True),
    ("no life", EC, {"iat": 0, "exp": 0}, None),
    ("exp before iat", EC, {"iat": 10, "exp": 5}, False),
    # exp: 60 s of leeway
    ("expired a second ago", EC, {"iat": -100, "exp": -1}, True),
    ("expired 59 s ago", EC, {"iat": -100, "exp": -59}, True),
    ("expired 61 s ago", EC, {"iat": -100, "exp": -61}, False),
    # iat in the future: 60 s of leeway
    ("made in 59 s", EC, {"iat": 59, "exp": 200}, True),
    ("made in 60 s", EC, {"iat": 60, "exp": 200}, True),
    ("made in 61 s", EC, {"iat": 61, "exp": 200}, False),
    # iat at most 300 s ago
    ("made 299 s ago", EC, {"iat": -299, "exp": 1}, True),
    ("made 300 s ago", EC, {"iat": -300, "exp": 0}, True),
    ("made 301 s ago", EC, {"iat": -301, "exp": -1}, False),
    ("made 360 s ago", EC, {"iat": -360, "exp": -60}, False),
    # nbf: 60 s of leeway
    ("nbf long ago", EC, {"iat": 0, "exp": 240, "nbf": -100_000}, True),
    ("nbf in 59 s", EC, {"iat": 0, "exp": 240, "nbf": 59}, True),
    ("nbf in 61 s", EC, {"iat": 0, "exp": 240, "nbf": 61}, False),
    # Epic: 900 s of life, nbf five minutes before iat
    ("Epic, life 900 s", EPIC, {"iat": 0, "exp": 900, "nbf": -300}, True),
    ("Epic, life 901 s", EPIC, {"iat": 0, "exp": 901, "nbf": -300}, False),
    ("Epic, made 600 s ago", EPIC, {"iat": -600, "exp": 300, "nbf": -900}, True),
    ("Epic, made 900 s ago", EPIC, {"iat": -900, "exp": 0, "nbf": -1200}, True),
    ("Epic, made 901 s ago", EPIC, {"iat": -901, "exp": -1, "nbf": -1201}, False),
    ("Epic, nbf in 61 s", EPIC, {"iat": 0, "exp": 900, "nbf": 61}, False),
    # a client's own max_token_seconds
    ("600 s, life 600 s", LONG, {"iat": 0, "exp": 600}, True),
    ("600 s, life 601 s", LONG, {"iat": 0, "exp": 601}, False),
    ("600 s, made 599 s ago", LONG, {"iat": -599, "exp": 1}, True),
    ("600 s, made 601 s ago", LONG, {"iat": -601, "exp": -1}, False),
]


@pytest.mark.requirement("L11")
@pytest.mark.parametrize("name, client, times, accepted", TIMES, ids=[row[0] for row in TIMES])
def test_times_to_the_second(service, name, client, times, accepted):
    """docs/clients.md, T18: 60 s between clocks, 300 s of life, 300 s old; 900 s for Epic. None: either answer will do."""
    changed = {claim: after(seconds) for claim, seconds in times.items()}
    found = service.call(client, claims=changed).status_code == 200
    assert accepted is None or found == accepted


def test_the_service_judges_by_its_own_clock(service):
    """A token is good while its time lasts and not afterwards; the clock that counts is the service's."""
    token, before = service.token(EC, DISCOVERY), service.clock.now
    later = service.token(EC, DISCOVERY)
    try:
        service.clock.move(200)
        assert service.send("GET", DISCOVERY, f"Bearer {token}").status_code == 200
        service.clock.move(200)
        assert service.send("GET", DISCOVERY, f"Bearer {later}").status_code == 401
    finally:
        service.clock.now = before


# ---------------------------------------------------------------------------------------------------- the signature itself


def test_an_es384_signature_has_another_form_and_both_are_one_token(service):
    """(r, n - s) is as good a signature as (r, s): what counts once is the jti, not the text of the token."""
    token = service.token(EC, DISCOVERY)
    message, _, _ = token.rpartition(".")
    again = f"{message}.{base64url(sign('ES384', EC.key, message.encode()))}"
    assert again != token
    found = [
        service.send("GET", DISCOVERY, f"Bearer {text}").status_code for text in (token, again)
    ]
    assert found == [200, 401]


def test_the_tools_of_this_test_sign_as_others_read():
    """What is refused here is refused for its fault: PyJWT reads our good tokens with the published keys."""
    import jwt

    for client in (EC, RSA, EPIC):
        scene = Scene("https://x.example.org", 4_000_000_000)
        token = mint(client, scene)
        read = jwt.decode(
            token,
            jwt.PyJWK(client.jwk).key,
            algorithms=[client.algorithm],
            options={"verify_aud": False, "verify_iat": False, "verify_nbf": False},
        )
        assert read["iss"] == client.iss
    assert isinstance(ATTACKER, ec.EllipticCurvePrivateKey)


# ---------------------------------------------------------------------------------------------------- over the wire

WIRE = [parameter for parameter in REFUSED if parameter.values[0].who not in ("careless", "twice")][
    ::4
]


def test_over_the_wire_alike(served, canary, request):
    """Every fourth row once more through gunicorn: the same 401 for all. Tokens that gunicorn finds too long are 431 (decision 15)."""
    bare = served.send("GET", DISCOVERY)
    assert bare.status == 401 and bare.header("WWW-Authenticate") == "Bearer"
    for parameter in WIRE:
        (row,) = parameter.values
        client = of(row.who, request)
        scene = Scene(
            served.public_url + DISCOVERY, served.scene("").now, client.jwks_url, canary.url
        )
        token = row.token(client, scene)
        sent = row.sent(token)
        answer = served.send(
            "GET", DISCOVERY, *([("Authorization", sent)] if sent is not None else [])
        )
        if answer.status in (0, 400, 431) and len(sent or "") > 8000:
            continue
        assert (answer.status, answer.body, answer.header("WWW-Authenticate")) == (
            401,
            bare.body,
            "Bearer",
        ), parameter.id
    assert canary.is_silent()


@pytest.mark.parametrize("client", [EC, RSA, EPIC, NORTH, TYPED], ids=lambda client: client.id)
def test_good_tokens_over_the_wire(served, client):
    assert served.call(client).status == 200


def test_fetched_keys_over_the_wire(served, fetched):
    """Both workers have the keys that one of them fetched."""
    assert soon(lambda: served.call(fetched).status == 200)
    assert [served.call(fetched).status for _ in range(12)] == [200] * 12


@pytest.mark.parametrize("spelling", [f"{DISCOVERY}/", f"/{DISCOVERY}", f"/{DISCOVERY}/"])
def test_careless_spellings_over_the_wire(served, spelling):
    assert (
        served.send(
            "GET", spelling, ("Authorization", f"Bearer {served.token(EC, DISCOVERY)}")
        ).status
        == 200
    )


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_the_scheme_in_any_letters_over_the_wire(served, scheme):
    """RFC 7235 section 2.1: the scheme is case-insensitive (decision 17)."""
    assert (
        served.send(
            "GET", DISCOVERY, ("Authorization", f"{scheme} {served.token(EC, DISCOVERY)}")
        ).status
        == 200
    )


def test_two_authorization_headers_are_refused(served):
    """Two good tokens, a good and a bad one, the same twice: a proxy and the service might each look at another."""
    good, other = served.token(EC, DISCOVERY), served.token(RSA, DISCOVERY)
    for first, second in ((good, other), (good, "a.b.c"), ("a.b.c", good), (good, good)):
        answer = served.send(
            "GET",
            DISCOVERY,
            ("Authorization", f"Bearer {first}"),
            ("Authorization", f"Bearer {second}"),
        )
        assert answer.status in (400, 401), (first == good, second == good)


@pytest.mark.parametrize("length", [7000, 8192, 9000, 20_000])
def test_long_tokens_over_the_wire(served, length):
    """A token over 8 kB: 401 by the service, or 431 by gunicorn; never accepted, never 5xx."""
    token = served.token(EC, DISCOVERY, claims={"fill": "x" * (length * 3 // 4)})
    answer = served.send("GET", DISCOVERY, ("Authorization", f"Bearer {token}"))
    assert answer.status in ((200, 401, 431) if len(token) <= 8192 else (0, 400, 401, 431))


@pytest.mark.parametrize(
    "path",
    [
        "/guidelines/../cds-services",
        "/./cds-services",
        "//cds-services",
        "/cds-services/",
        "/%63ds-services",
        "/guidelines/%2e%2e/cds-services",
        "http://127.0.0.1/cds-services",
        "/cds-services#",
        "/cds-services?x=/guidelines/",
    ],
)
def test_no_spelling_goes_round_the_door_over_the_wire(served, path):
    answer = served.exchange("GET", path, [])
    assert answer.status in (400, 401, 404) and b"prefetch" not in answer.body
