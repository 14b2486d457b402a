"""`make bench`: the service beside the floor, interleaved in one run; writes docs/performance.md."""

import json
import os
import platform
import sys
import tempfile
from datetime import date, datetime
from pathlib import Path

from benchmarks.floor import __name__ as floor_module
from benchmarks.load import Caller, interleaved, median, percentile, server, throughput
from benchmarks.requests_of import HOOKS, fresh, hook_body
from benchmarks.round_trip import round_trip
from benchmarks.stages import STAGES, by_guidelines, stages
from cds_service.decision import prefetch_templates
from cds_service.guideline.library import load_library
from cds_service.settings import Settings
from tests.security.tokens import Client, served

PAGE = Path(__file__).resolve().parents[1] / "docs" / "performance.md"
SIZES = {10: 400, 100: 300, 1_000: 60, 10_000: 8}  # resources -> rounds
FLOOR, SERVICE = f"{floor_module}:create_floor()", "cds_service:create_app()"
CLIENTS, SECONDS = 8, 8.0


def main() -> None:
    """Measure and write the page; `--quick` takes few rounds and writes nothing."""
    quick = "--quick" in sys.argv
    lines = [*_head(), *_page(quick)]
    text = "\n".join(lines) + "\n"
    print(text)
    if not quick:
        PAGE.write_text(text, encoding="utf-8")


def _head() -> list[str]:
    model = next((line.split(":")[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")), platform.machine())
    return [
        "# Performance",
        "",
        "Written by `make bench`; do not edit. The **floor** is a bare Flask application that parses the same body and returns a fixed card, under the same",
        "gunicorn settings (`gunicorn.conf.py`: 2 workers, 4 threads each). Service and floor are called in turn in one run, so that whatever the machine does",
        "meanwhile meets both; what counts are the ratios. CDS Hooks asks for about 500 ms. Our aims: p50 at most 3 times the floor at 100 resources and 2 times at",
        "1,000 and 10,000, a third of its requests/s, 1 ms for authentication, 10 ms beyond the slowest query of a FHIR server, 150 MB a worker, ready in 2 s; the tables",
        "say which of them are reached.",
        "",
        f"{date.today()}, {model}, {os.cpu_count()} cores, Python {platform.python_version()}, load average {os.getloadavg()[0]:.1f} when it began.",
        "",
    ]


def _page(quick: bool) -> list[str]:
    library, settings, today = load_library(), Settings(), date.today()
    bodies = {(hook, size): json.dumps(fresh(hook_body(hook, size, prefetch_templates(library, hook), today))).encode() for hook in HOOKS for size in SIZES}
    lines = []
    with tempfile.TemporaryDirectory() as folder:
        database = f"sqlite:///{folder}/bench.db"
        with server(FLOOR) as floor, server(SERVICE, CDS_DATABASE_URL=database) as service:
            lines += _latency(bodies, floor.port, service.port, quick)
            lines += _throughput(bodies, floor.port, service.port, quick)
            lines += [f"| memory of a worker after these | {max(service.memory()):.0f} MB | {max(floor.memory()):.0f} MB |",
                      f"| ready after start | {service.started_in:.2f} s | {floor.started_in:.2f} s |", ""]  # fmt: skip
        lines += _authentication(bodies, Path(folder), quick)
        lines += round_trip(prefetch_templates(library, "patient-view"), today, Path(folder), SERVICE, quick)
    now = datetime.now(settings.timezone)
    lines += _stages(bodies, library, settings, now, quick)
    lines += ["## Cost against the number of guidelines", "", "decide() of patient-view, 100 resources, in process.", "", "| guidelines | ms |", "| --- | --- |"]
    lines += [f"| {number} | {ms:.1f} |" for number, ms in by_guidelines(bodies["patient-view", 100], "patient-view", library, now, 5 if quick else 60)]
    return lines


def _latency(bodies: dict, floor: int, service: int, quick: bool) -> list[str]:
    lines = ["## One client, connection kept alive", "", "Milliseconds.", "",
             "| hook | resources | KB | floor p50 | p95 | p99 | service p50 | p95 | p99 | p50 ratio |", "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |"]  # fmt: skip
    for (hook, size), body in bodies.items():
        path = f"/cds-services/{HOOKS[hook]}"
        times = interleaved({"floor": (Caller(floor, path), body), "service": (Caller(service, path), body)}, 5 if quick else SIZES[size])
        told = [f"{percentile(times[name], part):.1f}" for name in ("floor", "service") for part in (0.5, 0.95, 0.99)]
        lines.append(f"| {hook} | {size:,} | {len(body) / 1024:,.0f} | {' | '.join(told)} | **{median(times['service']) / median(times['floor']):.1f}** |")
    return [*lines, ""]


def _throughput(bodies: dict, floor: int, service: int, quick: bool) -> list[str]:
    seconds, path, body = (1.0 if quick else SECONDS), f"/cds-services/{HOOKS['patient-view']}", bodies["patient-view", 100]
    rates: dict[int, list[float]] = {floor: [], service: []}
    for _ in range(2):
        for port, found in rates.items():
            found.append(throughput(port, path, body, CLIENTS, seconds))
    ours, bare = max(rates[service]), max(rates[floor])
    return [f"## {CLIENTS} clients at once, memory, start", "", "patient-view, 100 resources, 2 workers; the clients run on the same cores.", "", "| | service | floor |",
            "| --- | --- | --- |", f"| requests/s | {ours:.0f} ({ours / bare:.2f} of the floor) | {bare:.0f} |"]  # fmt: skip


def _authentication(bodies: dict, folder: Path, quick: bool) -> list[str]:
    """The same call with and without a token, in turn; both remember their cards for feedback."""
    client, path, body = Client("bench"), f"/cds-services/{HOOKS['patient-view']}", bodies["patient-view", 100]
    (folder / "auth").mkdir()
    with server(SERVICE, CDS_DATABASE_URL=f"sqlite:///{folder}/open.db") as service, served(folder / "auth", [client]) as guarded:
        signed = Caller(guarded.port, path, lambda: {"Authorization": f"Bearer {guarded.token(client, path)}"})
        times = interleaved({"open": (Caller(service.port, path), body), "signed": (signed, body)}, 5 if quick else 300)
    opened, closed = median(times["open"]), median(times["signed"])
    return ["## Authentication", "", f"patient-view, 100 resources, p50: {opened:.2f} ms without a token, {closed:.2f} ms with an ES384 token that is verified and whose id is "
            f"used up on disk: **{closed - opened:+.2f} ms**.", ""]  # fmt: skip


def _stages(bodies: dict, library, settings: Settings, now: datetime, quick: bool) -> list[str]:
    lines = ["## Stages of a request", "", "patient-view, in process, microseconds.", "", f"| resources | {' | '.join(STAGES)} |", f"| --- |{' --- |' * len(STAGES)}"]
    for size, rounds in SIZES.items():
        told = stages(bodies["patient-view", size], "patient-view", library, settings, now, 3 if quick else max(rounds // 4, 3))
        lines.append(f"| {size:,} | {' | '.join(f'{told[stage]:,.0f}' for stage in STAGES)} |")
    return [*lines, ""]


if __name__ == "__main__":
    main()
