"""A wall-clock deadline that is really kept, whatever the server at the other end does.

A socket timeout counts from the last byte that came, so a server that sends one byte at a time is never late. Here the work
runs on a bounded pool of threads; the caller waits until one moment and no longer, and at that moment every connection of
the work that is still going on is shut down, so that its thread comes free as well. Only a name server that does not answer
can hold a thread of the pool longer than that (the resolver cannot be interrupted), and nothing is sent after it wakes up.
"""

import logging
import os
import socket
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import suppress
from functools import cache
from time import monotonic
from typing import Any, TypeVar

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError

Result = TypeVar("Result")
POOL_THREADS = 64  # four worker threads of the server, each with one read for every key

# urllib3 writes whole URLs (with the patient's id) and malformed headers to its log, some of it as warnings.
logging.getLogger("urllib3").setLevel(logging.CRITICAL + 1)


class _Threads:
    """The threads and the lock of this process, made at first use: they do not survive a fork in a usable state."""

    def __init__(self) -> None:
        self.pool = ThreadPoolExecutor(POOL_THREADS, thread_name_prefix="fhir")
        self.closer = ThreadPoolExecutor(1, thread_name_prefix="fhir-closer")
        self.turn = threading.Lock()


@cache
def _threads() -> _Threads:
    return _Threads()


os.register_at_fork(after_in_child=_threads.cache_clear)


class Deadline:
    """The connections of one piece of work, which live until it is done or its deadline passes, whichever comes first."""

    def __init__(self, ends: float):
        """`ends`: a moment on the monotonic clock, in seconds."""
        self._ends = ends
        self._lock = threading.Lock()
        self._held: list[socket.socket] = []
        self._cut = False

    def left(self) -> float:
        """Seconds until the deadline; 0.0 once it has passed or the line is cut."""
        return 0.0 if self._cut else max(0.0, self._ends - monotonic())

    def hold(self, sock: socket.socket) -> None:
        """Remember a connection, to shut it down with the others; TimeoutError when that has already happened.

        A duplicate of the descriptor is held: the original is closed or wrapped in TLS by its own thread meanwhile.
        """
        with self._lock:
            if not self.left():
                raise TimeoutError
            self._held.append(socket.fromfd(sock.fileno(), sock.family, sock.type))

    def release(self) -> bool:
        """Forget every connection and leave it as it is, for other work to use; False when they have been shut down already."""
        with self._lock:
            held, self._held = self._held, []
        for sock in held:
            sock.close()
        return not self._cut

    def cut(self) -> None:
        """Shut down and forget every connection, now and from now on: a thread that reads from one wakes up at once."""
        with self._lock:
            self._cut = True
            held, self._held = self._held, []
        for sock in held:
            with suppress(OSError):  # the other side was first
                sock.shutdown(socket.SHUT_RDWR)
            sock.close()


class _HeldConnection(HTTPConnection):
    """Mixed into urllib3's connections: what it opens hangs on a lifeline, and connecting too ends with it.

    lifeline: gives that of the present work; a connection may serve one piece of work after the other.
    """

    def __init__(self, *args: Any, lifeline: Callable[[], Deadline], **kwargs: Any):
        super().__init__(*args, **kwargs)
        self._lifeline = lifeline

    def _new_conn(self) -> socket.socket:
        """As urllib3's own, except that all addresses of a host together get the time that is left, not each of them."""
        lifeline = self._lifeline()
        try:
            addresses = socket.getaddrinfo(
                self._dns_host.strip("[]"), self.port, type=socket.SOCK_STREAM
            )
        except (OSError, UnicodeError) as error:
            raise NameResolutionError(self.host, self, error) from error  # type: ignore[arg-type]
        for family, kind, protocol, _, address in addresses:
            left = lifeline.left()
            if not left:
                break
            sock = socket.socket(family, kind, protocol)
            try:
                for option in self.socket_options or ():
                    sock.setsockopt(*option)
                sock.settimeout(left)
                sock.connect(address)
                lifeline.hold(sock)
                return sock
            except OSError:
                sock.close()
        if not lifeline.left():
            raise ConnectTimeoutError(self, "deadline")
        raise NewConnectionError(self, "none of the addresses answered")


class HeldHTTPConnection(_HeldConnection):
    """A plain connection on a lifeline."""


class HeldHTTPSConnection(_HeldConnection, HTTPSConnection):
    """A TLS connection on a lifeline; the handshake is on it too."""

    def connect(self) -> None:
        with _openings:
            super().connect()


class _Openings:
    """The TLS connections that are being opened. OpenSSL holds locks of the whole process meanwhile, for microseconds; a child that was forked
    in one would wait for ever, as the thread that holds the lock is not there. So a fork waits for them, and no new one begins meanwhile."""

    MOST_SECONDS = (
        0.5  # a server that is silent for so long keeps its thread waiting, and no lock held
    )

    def __init__(self) -> None:
        self._changed, self._count, self._is_paused = threading.Condition(), 0, False

    def __enter__(self) -> None:
        with self._changed:
            self._changed.wait_for(lambda: not self._is_paused)
            self._count += 1

    def __exit__(self, *_: object) -> None:
        with self._changed:
            self._count -= 1
            self._changed.notify_all()

    def pause(self) -> None:
        """Wait until none is being opened, and let none begin."""
        with self._changed:
            self._is_paused = True
            self._changed.wait_for(lambda: not self._count, self.MOST_SECONDS)

    def resume(self) -> None:
        """Let them begin again."""
        with self._changed:
            self._is_paused = False
            self._changed.notify_all()


_openings = _Openings()
os.register_at_fork(
    before=_openings.pause,
    after_in_parent=_openings.resume,
    after_in_child=_openings.__init__,  # type: ignore[misc]
)


def run_until(ends: float, works: Iterable[tuple[Callable[[], None], Deadline]]) -> None:
    """Run all of it in parallel on the pool and return when it is done, or at `ends` (monotonic seconds) at the latest.

    What is not done by then is abandoned: its lifeline is cut, and what still waits for a thread is never started. The work
    leaves its results where the caller finds them. An exception of work that was done in time is raised here.
    """
    if monotonic() >= ends:
        return
    threads = _threads()
    running = {threads.pool.submit(work): lifeline for work, lifeline in works}
    try:
        done, _ = wait(running, timeout=max(0.0, ends - monotonic()))
    finally:
        for future in running:
            future.cancel()
        if unfinished := [lifeline for future, lifeline in running.items() if not future.done()]:
            # Not by the caller: after every socket it would queue for the interpreter again, behind all threads of the pool.
            threads.closer.submit(_cut, unfinished)
    for future in done:
        future.result()


def within(seconds: float, work: Callable[[Deadline], Result]) -> Result | None:
    """What one piece of work gives within so many seconds; None when time ran out. Its exceptions are raised here."""
    ends = monotonic() + seconds
    line, results = Deadline(ends), []
    try:
        run_until(ends, [(lambda: results.append(work(line)), line)])
    finally:
        line.cut()
    return results[0] if results else None


def _cut(lifelines: Iterable[Deadline]) -> None:
    for lifeline in lifelines:
        lifeline.cut()


def turn() -> threading.Lock:
    """Hold this for work that needs the interpreter for long (parsing megabytes).

    One thread after the other is no slower than all at once, finishes the first ones sooner, and lets a caller whose deadline
    comes wait for one of them only.
    """
    return _threads().turn
