"""Two watchers over the whole suite, cheap enough to be on in every test (oracles 1 and 2 of the house).

Egress: a socket of this process connects to this machine only, or to a host that a test admits openly (`admits`). Whoever tries
another one is refused, and the test fails.

Log: every log record that any logger of this process makes is looked at, whatever is done with it. A token, or a text that stands for
a patient's data, in any of them fails the test after which it is found. Tests mark what is secret by the word `canary`.
"""

import logging
import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import ip_address

import pytest

# Anything called canary; a whole JSON Web Token; a reference to a patient.
SECRET = re.compile(r"canary|eyJ[\w-]{10,}\.[\w-]{10,}\.|\bPatient/", re.IGNORECASE)


class Egress:
    """Where sockets of this process may go."""

    def __init__(self) -> None:
        self.strayed: list[str] = []
        self.admitted: set[str] = set()

    def install(self, patch: pytest.MonkeyPatch) -> None:
        for name in ("connect", "connect_ex"):
            patch.setattr(socket.socket, name, self._guarded(getattr(socket.socket, name)))

    def _guarded(self, connect):
        def guarded(sock, address):
            if (
                isinstance(address, tuple)
                and address[0] not in self.admitted
                and not _is_here(address[0])
            ):
                self.strayed.append(str(address[0]))
                raise ConnectionRefusedError("the tests stay on this machine")
            return connect(sock, address)

        return guarded

    @contextmanager
    def admits(self, *hosts: str) -> Iterator[None]:
        """For the one test that must reach further."""
        self.admitted |= set(hosts)
        try:
            yield
        finally:
            self.admitted -= set(hosts)


def _is_here(host: object) -> bool:
    try:
        return str(host) == "localhost" or ip_address(str(host)).is_loopback
    except ValueError:
        return False


class Log:
    """Looks at every record when it is made."""

    def __init__(self) -> None:
        self.leaked: list[str] = []

    def install(self, patch: pytest.MonkeyPatch) -> None:
        make = logging.getLogRecordFactory()

        def watched(*arguments, **named):
            record = make(*arguments, **named)
            told = f"{_message(record)} {record.args!r} {record.exc_info and record.exc_info[1]!r}"
            if found := SECRET.search(told):
                self.leaked.append(
                    f"{record.name} {record.levelname} at {record.pathname}:{record.lineno}: ...{told[max(0, found.start() - 60) : found.end() + 60]}..."
                )
            return record

        logging.setLogRecordFactory(watched)
        # Our own lines are made at every level, also where nobody listens.
        patch.setattr(logging.getLogger("mammacards"), "level", logging.DEBUG)


def _message(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except (TypeError, ValueError):
        return str(record.msg)


@pytest.fixture(scope="session", autouse=True)
def watchers() -> Iterator[tuple[Egress, Log]]:
    """The two watchers, on for the whole session."""
    make, egress, log = logging.getLogRecordFactory(), Egress(), Log()
    with pytest.MonkeyPatch.context() as patch:
        egress.install(patch)
        log.install(patch)
        yield egress, log
    logging.setLogRecordFactory(make)
    assert (egress.strayed, log.leaked) == ([], [])


@pytest.fixture(autouse=True)
def watched(watchers) -> Iterator[None]:
    """After every test: nothing strayed, nothing leaked."""
    yield
    egress, log = watchers
    strayed, leaked = list(egress.strayed), list(log.leaked)
    egress.strayed.clear()
    log.leaked.clear()
    assert strayed == [], "a socket went to another machine"
    assert leaked == [], "a secret stands in a log record"


@pytest.fixture
def admits(watchers):
    """`with admits("host"):` for a test that must reach another machine; none does yet."""
    return watchers[0].admits
