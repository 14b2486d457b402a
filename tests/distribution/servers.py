"""Real servers for tests: a process, its port, and a way to talk to it without help of the project."""

import contextlib
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator


def free_ports(count: int = 1) -> int:
    """The first of so many neighbouring free ports on loopback."""
    while True:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            first = probe.getsockname()[1]
        try:
            with contextlib.ExitStack() as stack:
                for port in range(first, first + count):
                    held = stack.enter_context(socket.socket())
                    held.bind(("127.0.0.1", port))
            return first
        except (OSError, OverflowError):
            continue


def environment(**more: str) -> dict[str, str]:
    """The environment without settings of the service, and with some. Without authentication, unless asked for."""
    return (
        {k: v for k, v in os.environ.items() if not k.startswith("CDS_")}
        | {"CDS_AUTH": "off", "CDS_DATABASE_URL": "sqlite://"}
        | more
    )


@contextlib.contextmanager
def running(command: list[str], address: str, **options) -> Iterator[subprocess.Popen]:
    """A server process that answers at `address`; ended afterwards."""
    # A file, not a pipe: a pipe that nobody reads fills up and stops the server.
    log = tempfile.TemporaryFile("w+")
    process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, text=True, **options)
    try:
        deadline = time.monotonic() + 30
        while True:
            if process.poll() is not None:
                log.seek(0)
                raise AssertionError(f"the server ended: {log.read()}")
            try:
                urllib.request.urlopen(address, timeout=2).close()
                break
            except urllib.error.HTTPError:
                break
            except OSError:
                assert time.monotonic() < deadline, "the server did not answer within 30 seconds"
                time.sleep(0.1)
        yield process
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
        log.close()


def post(url: str, body: object, headers: dict | None = None) -> tuple[int, dict]:
    """(status, JSON) of a POST."""
    request = urllib.request.Request(
        url, json.dumps(body).encode(), {"Content-Type": "application/json", **(headers or {})}
    )
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def at_a_terminal(*command: str) -> list[str]:
    """The command as a terminal starts it: Ctrl-C ends it, though a shell's background job ignores SIGINT for all that it starts."""
    restored = "signal.signal(signal.SIGINT, signal.SIG_DFL)"
    launcher = f"import os, signal, sys; {restored}; os.execv(sys.argv[1], sys.argv[1:])"
    return [sys.executable, "-c", launcher, *command]
