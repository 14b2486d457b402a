"""A FHIR server made to be waited for: `python -m benchmarks.slow_fhir PORT FILE` answers each query with what FILE holds for it.

FILE is JSON: target (path and query, as sent) -> [milliseconds to wait, body]. GET /log gives what was asked since the last time:
for each query when its head had come in and when its answer was ready to be sent (seconds, monotonic clock, which all processes of
a machine share). The wait is the only work: answers are made beforehand, and one thread serves all connections.
"""

import asyncio
import json
import sys
import time
from pathlib import Path
from urllib.parse import unquote


def main() -> None:
    """Serve until ended."""
    port, file = int(sys.argv[1]), Path(sys.argv[2])
    answers = {
        target: (wait / 1000, _http("200 OK", json.dumps(body).encode()))
        for target, (wait, body) in json.loads(file.read_text()).items()
    }
    asyncio.run(_serve(port, answers))


async def _serve(port: int, answers: dict[str, tuple[float, bytes]]) -> None:
    log: list[tuple[float, float]] = []

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                arrived, target = time.monotonic(), unquote(head.split(b" ", 2)[1].decode())
                if target == "/log":
                    answer = _http("200 OK", json.dumps(log).encode())
                    log.clear()
                else:
                    wait, answer = answers.get(target, (0.0, _http("404 Not Found", b"{}")))
                    await asyncio.sleep(wait)
                    log.append((arrived, time.monotonic()))
                writer.write(answer)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()  # the client went away

    server = await asyncio.start_server(connected, "127.0.0.1", port, backlog=256)
    async with server:
        await server.serve_forever()


def _http(status: str, body: bytes) -> bytes:
    return (
        f"HTTP/1.1 {status}\r\nContent-Type: application/fhir+json\r\nContent-Length: {len(body)}\r\n\r\n".encode()
        + body
    )


if __name__ == "__main__":
    main()
