"""What a client can make, and a forger too: keys, tokens, files of trusted clients, a server of JWK Sets, and the service that judges them.

Tokens are written here with base64url and `cryptography` alone, so that what a JWT library refuses to write can be sent all the same.
"""

import base64
import contextlib
import hashlib
import hmac
import http.client
import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from datetime import time as time_of_day
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from zoneinfo import ZoneInfo

import yaml
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from cds_service.settings import Settings
from cds_service.web import create_app
from tests.conftest import SERVICE
from tests.distribution.servers import environment, free_ports

PUBLIC_URL = "https://cds.example.org"  # of the application in this process
DISCOVERY = "/cds-services"
SERVICES = [f"/cds-services/{service}" for service in SERVICE.values()]
VIEW, SELECT, SIGN = SERVICES
FEEDBACK = f"{VIEW}/feedback"
EXPLAIN = f"/explain/{SERVICE['patient-view']}"
ADDRESSES = [
    ("GET", DISCOVERY),
    *[("POST", path) for path in SERVICES],
    ("POST", EXPLAIN),
    ("POST", FEEDBACK),
]
JSON = {"Content-Type": "application/json"}
# Feedback on a card that nobody gave: accepted, and nothing to store (decision 21).
NO_NEWS = {
    "feedback": [
        {
            "card": "6b9f2d7c-3a51-4f0e-9a55-0d8f1f6c2b11",
            "outcome": "overridden",
            "outcomeTimestamp": "2026-06-15T10:00:00Z",
        }
    ]
}

# Every part of every token that was made; none may stand in a log.
MINTED: set[str] = set()

# ---------------------------------------------------------------------------------------------------- keys

_CURVES = {
    "P-256": (ec.SECP256R1(), 32),
    "P-384": (ec.SECP384R1(), 48),
    "P-521": (ec.SECP521R1(), 66),
}
_HASHES = {"256": hashes.SHA256(), "384": hashes.SHA384(), "512": hashes.SHA512()}


@cache
def key(kind: str, owner: str):
    """A private key, made once: `kind` is a curve (P-384) or RSA with its bits (RSA-3072); each owner has one of its own."""
    if kind in _CURVES:
        return ec.generate_private_key(_CURVES[kind][0])
    return rsa.generate_private_key(65537, int(kind.removeprefix("RSA-")))


def base64url(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def _number(value: int, width: int = 0) -> str:
    return base64url(value.to_bytes(width or (value.bit_length() + 7) // 8, "big"))


def jwk(private, kid: str, alg: str, **more: object) -> dict:
    """The public half of a key as a JSON Web Key (RFC 7517)."""
    numbers = private.public_key().public_numbers()
    if isinstance(private, rsa.RSAPrivateKey):
        members = {"kty": "RSA", "n": _number(numbers.n), "e": _number(numbers.e)}
    else:
        curve, width = next(
            (name, width)
            for name, (curve, width) in _CURVES.items()
            if curve.name == numbers.curve.name
        )
        members = {
            "kty": "EC",
            "crv": curve,
            "x": _number(numbers.x, width),
            "y": _number(numbers.y, width),
        }
    return {**members, "kid": kid, "alg": alg, "use": "sig", **more}


def private_jwk(private, kid: str, alg: str) -> dict:
    """The whole key, as one gives it away by mistake."""
    numbers = private.private_numbers()
    return jwk(private, kid, alg) | {
        "d": _number(numbers.d if isinstance(private, rsa.RSAPrivateKey) else numbers.private_value)
    }


def from_jwk(members: Mapping[str, str]):
    """The private key of an EC key that is printed with its `d`."""
    return ec.derive_private_key(
        int.from_bytes(base64.urlsafe_b64decode(members["d"] + "=="), "big"),
        _CURVES[members["crv"]][0],
    )


def pem(private) -> bytes:
    """The public half as PEM, which a careless verifier takes for an HMAC secret."""
    return private.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def sign(alg: str, private, message: bytes) -> bytes:
    """The signature over a message as JWS writes it (RFC 7518). `private` is bytes for HMAC, None for no signature at all."""
    if private is None:
        return b""
    if isinstance(private, bytes):
        return hmac.new(private, message, getattr(hashlib, f"sha{alg[2:]}")).digest()
    digest = _HASHES[alg[2:]]
    if isinstance(private, ec.EllipticCurvePrivateKey):
        width = (private.curve.key_size + 7) // 8
        return b"".join(
            part.to_bytes(width, "big")
            for part in decode_dss_signature(private.sign(message, ec.ECDSA(digest)))
        )
    pad = (
        padding.PSS(padding.MGF1(digest), digest.digest_size)
        if alg.startswith("PS")
        else padding.PKCS1v15()
    )
    return private.sign(message, pad, digest)


# ---------------------------------------------------------------------------------------------------- tokens


class _Drop:
    """Stands for a member that is left out."""


DROP = _Drop()


@dataclass(frozen=True)
class Scene:
    """What a member of a forged token may be made from."""

    url: str  # the address that is called
    now: int
    registered_jku: str = ""
    canary: str = ""  # the base URL of a server that nobody may contact


def after(seconds: float) -> Callable[[Scene], float]:
    """A time so many seconds from now."""
    return lambda scene: scene.now + seconds


@dataclass(frozen=True)
class Client:
    """A CDS Client: how it stands in the file of trusted clients, and how it signs."""

    id: str
    algorithm: str = "ES384"
    kind: str = "P-384"
    kid: str = "key-1"
    issuer: str = ""
    tenant: str = ""
    jwks_url: str = ""  # where its keys are fetched; in the file itself otherwise
    more: Mapping[str, object] = field(default_factory=dict)  # further members of its entry
    header: Mapping[str, object] = field(default_factory=dict)  # what is special in its tokens
    claims: Mapping[str, object] = field(default_factory=dict)

    @property
    def iss(self) -> str:
        return self.issuer or f"https://{self.id}.example.org/fhir"

    @property
    def key(self):
        return key(self.kind, self.id)

    @property
    def jwk(self) -> dict:
        return jwk(self.key, self.kid, self.algorithm)

    @property
    def entry(self) -> dict:
        keys = {"jwks_url": self.jwks_url} if self.jwks_url else {"keys": [self.jwk]}
        tenant = {"tenant": self.tenant} if self.tenant else {}
        return {
            "id": self.id,
            "issuer": self.iss,
            **tenant,
            "algorithm": self.algorithm,
            **keys,
            **self.more,
        }


def _merged(members: Mapping[str, object], changes: Mapping[str, object], scene: Scene) -> dict:
    merged = {**members, **changes}
    return {
        name: value(scene) if callable(value) else value
        for name, value in merged.items()
        if value is not DROP
    }


def mint(
    client: Client,
    scene: Scene,
    *,
    header: Mapping = {},
    claims: Mapping = {},
    signer: object = ...,
    alg: str = "",
    header_text: Callable[[str], str | bytes] = str,
    claims_text: Callable[[str], str | bytes] = str,
    encode: Callable[[bytes], str] = base64url,
) -> str:
    """A token of a client for an address: a good one, but for what is changed.

    `header` and `claims` replace members (DROP leaves one out, a function makes it from the scene); `signer` and `alg` sign otherwise than the
    client would; `header_text` and `claims_text` change the written JSON before it is signed, `encode` how it is encoded.
    """
    usual = {"alg": client.algorithm, "kid": client.kid, "typ": "JWT", **client.header}
    tenant = {"tenant": client.tenant} if client.tenant else {}
    meant = {
        "iss": client.iss,
        "aud": scene.url,
        "iat": scene.now,
        "exp": scene.now + 240,
        "jti": str(uuid.uuid4()),
        **tenant,
        **client.claims,
    }
    head, body = _merged(usual, header, scene), _merged(meant, claims, scene)
    parts = [
        changed if isinstance(changed := change(json.dumps(members)), bytes) else changed.encode()
        for change, members in ((header_text, head), (claims_text, body))
    ]
    message = ".".join(encode(part) for part in parts)
    signature = base64url(
        sign(alg or client.algorithm, client.key if signer is ... else signer, message.encode())
    )
    MINTED.update(part for part in (message.partition(".")[2], signature) if len(part) > 20)
    return f"{message}.{signature}"


# ---------------------------------------------------------------------------------------------------- the file of trusted clients


def write_clients(path: Path, clients: Iterable[Client | Mapping], **top: object) -> Path:
    """A file of trusted clients, as docs/clients.md describes it."""
    entries = [client.entry if isinstance(client, Client) else dict(client) for client in clients]
    path.write_text(yaml.safe_dump({**top, "clients": entries}, sort_keys=False), encoding="utf-8")
    return path


# ---------------------------------------------------------------------------------------------------- a server of JWK Sets


class JwksServer:
    """A server of JWK Sets on loopback, with TLS where a context is given. What a path answers is for tests to set; every request is kept."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.tls = tls
        self.answers: dict[str, Callable[[BaseHTTPRequestHandler], None]] = {}
        self.asked: list[str] = []
        self._server: ThreadingHTTPServer | None = None
        self.port = 0
        self.up()

    def up(self) -> None:
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                outer.asked.append(self.path)
                outer.answers.get(self.path, lambda handler: handler.send_error(404))(self)

            def log_message(self, *_):
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_):
                pass  # a client that goes away is no news

        self._server = Server(("127.0.0.1", self.port), Handler)
        self.port = self._server.server_port
        if self.tls:
            self._server.socket = self.tls.wrap_socket(self._server.socket, server_side=True)
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def down(self) -> None:
        """Nobody listens at the port any more."""
        if self._server:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def url(self, path: str) -> str:
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}{path}"

    def serve(self, path: str, *keys: Mapping) -> str:
        """Answer at a path with a JWK Set; the URL."""
        self.answers[path] = answer(json.dumps({"keys": keys}).encode())
        return self.url(path)

    def count(self, path: str) -> int:
        return self.asked.count(path)


def answer(
    body: bytes,
    status: int = 200,
    content_type: str = "application/json",
    delay: float = 0,
    **headers: str,
) -> Callable[[BaseHTTPRequestHandler], None]:
    """An answer of the JWKS server. Names of headers are written with _ for -."""

    def give(handler: BaseHTTPRequestHandler) -> None:
        time.sleep(delay)
        handler.send_response(status)
        for name, value in {
            "Content-Type": content_type,
            "Content-Length": str(len(body)),
            **headers,
        }.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(body)

    return give


class Canary:
    """A port on loopback where nobody may knock."""

    def __init__(self) -> None:
        self._socket = socket.socket()
        self._socket.bind(("127.0.0.1", 0))
        self._socket.listen(8)
        self._socket.setblocking(False)
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"

    def is_silent(self) -> bool:
        """Whether nobody connected since it was asked last."""
        try:
            self._socket.accept()[0].close()
        except BlockingIOError:
            return True
        return False

    def close(self) -> None:
        self._socket.close()


# ---------------------------------------------------------------------------------------------------- the service in this process


class Moment:
    """The service's clock, set by tests: it stands still until it is moved. (`day` is what requests made from cases set.)"""

    ZONE = ZoneInfo("Europe/Amsterdam")

    def __init__(self) -> None:
        self.day = date(2026, 6, 15)

    @property
    def day(self) -> date:
        return self.now.date()

    @day.setter
    def day(self, day: date) -> None:
        self.now = datetime.combine(day, time_of_day(12), self.ZONE)

    @property
    def seconds(self) -> int:
        return int(self.now.timestamp())

    def move(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    def __call__(self) -> datetime:
        return self.now


class Service:
    """The application with authentication on, in this process, and the clients that it trusts."""

    def __init__(
        self,
        folder: Path,
        library,
        clients: Iterable[Client | Mapping],
        clock: Moment | None = None,
        top: Mapping = {},
        **settings: object,
    ):
        self.folder, self.library, self.clock = folder, library, clock or Moment()
        self.settings = {
            "auth": "on",
            "clients_file": write_clients(folder / "clients.yaml", clients, **top),
            "database_url": f"sqlite:///{folder}/x.db",
            "public_url": PUBLIC_URL,
            **settings,
        }
        self.start()

    def start(self) -> None:
        """Compose it, again too: a restart with the same database."""
        self.app = create_app(Settings(**self.settings), self.library, self.clock)
        self.web = self.app.test_client()

    def scene(self, path: str, **more: str) -> Scene:
        return Scene(PUBLIC_URL + path, self.clock.seconds, **more)

    def token(self, client: Client, path: str, **changes: object) -> str:
        return mint(client, self.scene(path), **changes)

    def send(
        self,
        method: str,
        path: str,
        authorization: str | None = None,
        body: object = None,
        **headers: str,
    ):
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        if authorization is not None:
            given["Authorization"] = authorization
        if method != "GET" or body is not None:
            given = JSON | given
        content = (
            body if isinstance(body, (bytes, str)) else json.dumps({} if body is None else body)
        )
        return self.web.open(
            path, method=method, headers=given, data=content if "Content-Type" in given else None
        )

    def call(self, client: Client, path: str = DISCOVERY, body: object = None, **changes: object):
        """A call with a token of a client, a good one but for the changes. GET for discovery, POST elsewhere."""
        return self.send(
            "GET" if path == DISCOVERY else "POST",
            path,
            f"Bearer {self.token(client, path, **changes)}",
            body,
        )

    def accepts(self, client: Client, **changes: object) -> bool:
        """Whether a fresh token opens discovery."""
        status = self.call(client, **changes).status_code
        assert status in (200, 401), status
        return status == 200

    def soon_accepts(self, client: Client, **changes: object) -> bool:
        return soon(lambda: self.accepts(client, **changes))

    def database_files(self) -> list[Path]:
        return sorted(path for path in self.folder.iterdir() if ".db" in path.name)

    def tokens_file(self) -> Path:
        """The SQLite file of token ids, beside that of feedback."""
        (found,) = [path for path in self.folder.glob("*.db") if path.name != "x.db"]
        return found


def soon(condition: Callable[[], object], seconds: float = 5) -> bool:
    """Whether something comes true within some seconds."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


# ---------------------------------------------------------------------------------------------------- the service as it is served: gunicorn


@dataclass(frozen=True)
class Answer:
    status: int
    headers: list[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> str | None:
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)


class Served:
    """The service under gunicorn with two workers, on loopback."""

    CONFIG = "python:cds_service.serving"

    def __init__(
        self, folder: Path, clients: Iterable[Client | Mapping], config: str = CONFIG, **more: str
    ):
        self.folder, self.port, self.log, self.config = (
            folder,
            free_ports(),
            folder / "stderr",
            config,
        )
        self.public_url = f"http://127.0.0.1:{self.port}"
        self.environment = environment(
            CDS_AUTH="on",
            CDS_CLIENTS_FILE=str(write_clients(folder / "clients.yaml", clients)),
            CDS_DATABASE_URL=f"sqlite:///{folder}/x.db",
            CDS_PUBLIC_URL=self.public_url,
            **more,
        )
        self.start()

    def start(self) -> None:
        command = [
            sys.executable,
            "-m",
            "gunicorn",
            "cds_service:create_app()",
            "--config",
            self.config,
            "--bind",
            f"127.0.0.1:{self.port}",
        ]
        with self.log.open("ab") as stderr:
            # The folder of the tests comes first, so that it is this checkout that is served.
            self._process = subprocess.Popen(
                [*command, "--workers", "2", "--log-level", "warning"],
                env={**self.environment, "PYTHONPATH": str(Path.cwd())},
                stdout=stderr,
                stderr=stderr,
                cwd=self.folder,
                start_new_session=True,
            )
        assert soon(self._listens, 30), self.log.read_text()

    def _listens(self) -> bool:
        assert self._process.poll() is None, self.log.read_text()
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def stop(self, by: int = signal.SIGTERM) -> None:
        self._process.send_signal(by)
        try:
            self._process.wait(12)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def workers(self) -> list[int]:
        """The process ids of the workers."""
        path = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children")
        return [int(pid) for pid in path.read_text().split()]

    def kill_workers(self) -> None:
        """kill -9 to each worker; gunicorn starts others."""
        killed = self.workers()
        for pid in killed:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        assert soon(
            lambda: len(self.workers()) >= len(killed) and not set(self.workers()) & set(killed), 10
        ), "no new workers came"

    def scene(self, path: str) -> Scene:
        return Scene(self.public_url + path, int(time.time()))

    def token(self, client: Client, path: str, **changes: object) -> str:
        return mint(client, self.scene(path), **changes)

    def send(
        self, method: str, path: str, *headers: tuple[str, str], body: object = None
    ) -> Answer:
        content = b"" if body is None else json.dumps(body).encode()
        return self.exchange(
            method, path, [*(JSON.items() if method == "POST" else ()), *headers], content
        )

    def exchange(
        self, method: str, path: str, headers: Iterable[tuple[str, str]], content: bytes = b""
    ) -> Answer:
        """One request on a connection of its own; a header may come twice. Status 0: closed without an answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.putrequest(method, path, skip_accept_encoding=True)
            for name, value in headers:
                connection.putheader(name, value)
            if content or method == "POST":
                connection.putheader("Content-Length", str(len(content)))
            connection.endheaders(content or None)
            answer = connection.getresponse()
            return Answer(answer.status, answer.getheaders(), answer.read())
        except (ConnectionError, http.client.HTTPException):
            return Answer(0, [], b"")
        finally:
            connection.close()

    def call(
        self, client: Client, path: str = DISCOVERY, body: object = None, **changes: object
    ) -> Answer:
        token = self.token(client, path, **changes)
        return self.send(
            "GET" if path == DISCOVERY else "POST",
            path,
            ("Authorization", f"Bearer {token}"),
            body=body,
        )


@contextlib.contextmanager
def served(
    folder: Path, clients: Iterable[Client | Mapping], config: str = Served.CONFIG, **more: str
) -> Iterator[Served]:
    running = Served(folder, clients, config, **more)
    try:
        yield running
    finally:
        running.stop()
    logged = running.log.read_text()
    assert not [part for part in MINTED if part in logged], "a token stands in the log"
    assert "Traceback" not in logged, logged
