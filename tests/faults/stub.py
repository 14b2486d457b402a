"""A FHIR server on loopback that does as it is told, on raw sockets: it answers, lies, stalls, drips or hangs up."""

import json
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote, urlsplit

from cds_service.demo.sandbox.search import search

FHIR = "application/fhir+json"


@dataclass(frozen=True)
class Asked:
    """One request as it came in."""

    method: str
    path: str  # below the base
    parameters: tuple[tuple[str, str], ...]
    headers: Mapping[str, str]  # names in lower case

    @property
    def resource_type(self) -> str:
        return self.path.strip("/").split("/")[0]


class Stub:
    """Listens while the `with` block runs. `behave` is called with (connection, asked, stub) for every request.

    tls: the context of a server that speaks TLS; None for plain http.
    """

    def __init__(self, behave: Callable, tls: ssl.SSLContext | None = None):
        self.behave, self.tls, self.asked, self.stopped = behave, tls, [], threading.Event()

    def __enter__(self) -> "Stub":
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.host = f"127.0.0.1:{self._socket.getsockname()[1]}"
        self.base = f"{'https' if self.tls else 'http'}://{self.host}/fhir"
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopped.set()
        self._socket.close()

    def _accept(self) -> None:
        while not self.stopped.is_set():
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        connection.settimeout(5)
        if self.tls:
            try:
                connection = self.tls.wrap_socket(connection, server_side=True)
            except OSError:
                return connection.close()
        with connection:
            try:
                head = b""
                while b"\r\n\r\n" not in head:
                    piece = connection.recv(65536)
                    if not piece:
                        return None
                    head += piece
                start, *lines = head.split(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")
                method, target, _ = start.split(" ")
                parts = urlsplit(target)
                headers = {
                    name.lower(): value
                    for name, _, value in (line.partition(": ") for line in lines)
                }
                path = unquote(parts.path).removeprefix("/fhir")
                asked = Asked(
                    method, path, tuple(parse_qsl(parts.query, keep_blank_values=True)), headers
                )
                self.asked.append(asked)
                self.behave(connection, asked, self)
            except OSError:
                pass  # the client went away

    @property
    def tokens(self) -> set[str | None]:
        """The Authorization headers that came in."""
        return {asked.headers.get("authorization") for asked in self.asked}


# ---------------------------------------------------------------------------------------------------- behaviours


def http(
    body: bytes,
    status: str = "200 OK",
    content_type: str = FHIR,
    *more: str,
    length: int | None = None,
) -> bytes:
    """A whole answer; a `length` other than that of the body is a lie."""
    lines = [
        f"HTTP/1.1 {status}",
        f"Content-Type: {content_type}",
        f"Content-Length: {len(body) if length is None else length}",
        "Connection: close",
        *more,
    ]
    return "\r\n".join([*lines, "", ""]).encode() + body


def says(answer: bytes) -> Callable:
    return lambda connection, asked, stub: connection.sendall(answer)


def says_json(value: object, **more) -> Callable:
    return says(http(json.dumps(value).encode(), **more))


def outcome(severity: str = "error", code: str = "processing") -> dict:
    return {
        "resourceType": "OperationOutcome",
        "issue": [{"severity": severity, "code": code, "diagnostics": "of the server"}],
    }


def searchset(resources: list[dict], **more: object) -> dict:
    entries = [{"resource": resource, "search": {"mode": "match"}} for resource in resources]
    return {
        "resourceType": "Bundle",
        "type": "searchset",
        "total": len(entries),
        **({"entry": entries} if entries else {}),
        **more,
    }


def serves(resources: list[dict]) -> Callable:
    """A good server with these resources; `_count` is obeyed, without further pages."""

    def behave(connection: socket.socket, asked: Asked, stub: Stub) -> None:
        kind, _, identity = asked.path.strip("/").partition("/")
        if identity:
            found = next(
                (r for r in resources if (r["resourceType"], r["id"]) == (kind, identity)), None
            )
            connection.sendall(
                http(
                    json.dumps(found or outcome()).encode(), "200 OK" if found else "404 Not Found"
                )
            )
        else:
            connection.sendall(
                http(
                    json.dumps(searchset(search(resources, kind, list(asked.parameters)))).encode()
                )
            )

    return behave


def instead(resource_type: str, fault: Callable, otherwise: Callable) -> Callable:
    """A fault for one type, another behaviour for the rest."""
    return lambda connection, asked, stub: (
        fault if asked.resource_type == resource_type else otherwise
    )(connection, asked, stub)


def silent(connection: socket.socket, asked: Asked, stub: Stub) -> None:
    """Accepts and never answers."""
    stub.stopped.wait(3)


def resets(connection: socket.socket, asked: Asked, stub: Stub) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def hangs_up(connection: socket.socket, asked: Asked, stub: Stub) -> None:
    """Closes without a word."""


def drips(start: bytes, drop: bytes) -> Callable:
    """One drop every 20 ms for as long as somebody listens."""

    def behave(connection: socket.socket, asked: Asked, stub: Stub) -> None:
        connection.sendall(start)
        while not stub.stopped.wait(0.02):
            connection.sendall(drop)

    return behave


def slowly(behave: Callable, seconds: float) -> Callable:
    def wait_first(connection: socket.socket, asked: Asked, stub: Stub) -> None:
        if not stub.stopped.wait(seconds):
            behave(connection, asked, stub)

    return wait_first


def endless_pages(connection: socket.socket, asked: Asked, stub: Stub) -> None:
    """Every page names a fresh next one."""
    link = {"relation": "next", "url": f"{stub.base}/{asked.resource_type}?page={len(stub.asked)}"}
    connection.sendall(http(json.dumps(searchset([], link=[link])).encode()))


def loops(connection: socket.socket, asked: Asked, stub: Stub) -> None:
    link = {"relation": "next", "url": f"{stub.base}/{asked.resource_type}?page=1"}
    connection.sendall(http(json.dumps(searchset([], link=[link])).encode()))
