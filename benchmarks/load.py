"""A load generator: sequential over one connection that is kept alive, or several clients at once; and what servers cost."""

import http.client
import statistics
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.distribution.servers import environment, free_ports

JSON = {"Content-Type": "application/json"}
START_SECONDS = 30


@dataclass(frozen=True)
class Server:
    """A running gunicorn: its port, master process, and how long it took from its start until it answered (seconds)."""

    port: int
    process: subprocess.Popen
    started_in: float

    def workers(self) -> list[int]:
        return [
            int(pid)
            for pid in Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
            .read_text()
            .split()
        ]

    def memory(self) -> list[float]:
        """Resident memory of each worker in MB (it holds what is shared with the master too)."""
        return [
            int(
                next(
                    line
                    for line in Path(f"/proc/{pid}/status").read_text().splitlines()
                    if line.startswith("VmRSS")
                ).split()[1]
            )
            / 1024
            for pid in self.workers()
        ]


@contextmanager
def server(application: str, workers: int = 2, **settings: str) -> Iterator[Server]:
    """An application under the settings of gunicorn.conf.py; ended afterwards."""
    port, started = free_ports(), time.perf_counter()
    command = [
        sys.executable,
        "-m",
        "gunicorn",
        application,
        "--config",
        "python:cds_service.serving",
        "--bind",
        f"127.0.0.1:{port}",
        "--workers",
        str(workers),
        "--log-level",
        "error",
    ]
    process = subprocess.Popen(
        command, env=environment(**settings), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        while True:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=1).close()
                break
            except OSError:
                if time.perf_counter() - started > START_SECONDS or process.poll() is not None:
                    raise RuntimeError(f"{application} did not start") from None
                time.sleep(0.005)
        yield Server(port, process, time.perf_counter() - started)
    finally:
        process.terminate()
        process.wait(20)


class Caller:
    """One client with one connection that is kept alive."""

    def __init__(self, port: int, path: str, headers: Callable[[], dict] = dict):
        self._connection, self._path, self._headers = (
            http.client.HTTPConnection("127.0.0.1", port, timeout=60),
            path,
            headers,
        )

    def call(self, body: bytes) -> float:
        """One call; milliseconds. Raises RuntimeError for another answer than 200."""
        headers = (
            JSON | self._headers()
        )  # a token is made before the clock runs: that is the client's cost
        started = time.perf_counter()
        self._answer(body, headers)
        return (time.perf_counter() - started) * 1000

    def answer(self, body: bytes) -> bytes:
        """What one call is answered. Raises as `call`."""
        return self._answer(body, JSON | self._headers())

    def _answer(self, body: bytes, headers: dict) -> bytes:
        self._connection.request("POST", self._path, body, headers)
        answer = self._connection.getresponse()
        content = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{self._path} answered {answer.status}")
        return content


def percentile(times: list[float], part: float) -> float:
    """The value below which a part of the times lies (0.5, 0.95, 0.99)."""
    return sorted(times)[min(int(len(times) * part), len(times) - 1)]


def interleaved(
    callers: dict[str, tuple[Caller, bytes | Callable[[], bytes]]], rounds: int, warm: int = 5
) -> dict[str, list[float]]:
    """The callers in turn, so that whatever the machine does meanwhile meets all of them; milliseconds by name. Each has a body, or makes one for every call."""
    times: dict[str, list[float]] = {name: [] for name in callers}
    for number in range(warm + rounds):
        for name, (caller, body) in callers.items():
            elapsed = caller.call(body() if callable(body) else body)
            if number >= warm:
                times[name].append(elapsed)
    return times


def throughput(port: int, path: str, body: bytes, clients: int, seconds: float) -> float:
    """Requests per second that so many clients get together."""
    until, counts = time.perf_counter() + seconds, [0] * clients

    def work(number: int) -> None:
        caller = Caller(port, path)
        while time.perf_counter() < until:
            caller.call(body)
            counts[number] += 1

    threads = [threading.Thread(target=work, args=(number,)) for number in range(clients)]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / (time.perf_counter() - started)


def median(times: list[float]) -> float:
    """The middle of the times."""
    return statistics.median(times)
