"""`make bench`: the service beside the floor, interleaved in one run; writes docs/performance.md."""

import json
import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path

from benchmarks.apart import LEFT_OUT
from benchmarks.apart import __name__ as APART
from benchmarks.floor import __name__ as floor_module
from benchmarks.load import Caller, interleaved, median, percentile, server, throughput
from benchmarks.requests_of import HOOKS, fresh, hook_body
from benchmarks.round_trip import round_trip
from benchmarks.stages import STAGES, by_guidelines, by_module, doorkeeper, stages
from cds_service import serving
from cds_service.decision.decide import prefetch_templates
from cds_service.guideline.loading.loader import load_library
from cds_service.settings import Settings
from tests.security.tokens import PUBLIC_URL, Client, Scene, mint, write_clients

PAGE = Path(__file__).resolve().parents[1] / "docs" / "performance.md"
SIZES = {10: 400, 100: 300, 1_000: 60, 10_000: 8}  # resources -> rounds
FLOOR, SERVICE = f"{floor_module}:create_floor()", "cds_service:create_app()"
MOST_TIMES = {100: 3, 1_000: 2, 10_000: 2}  # the floor, at the median
CLIENTS, SECONDS = 8, 8.0


def main() -> None:
    """Measure and write the page; `--quick` takes few rounds and writes nothing."""
    quick = "--quick" in sys.argv
    head, aims = _head(), []
    page = _page(aims, quick)
    text = "\n".join([*head, *_reached(aims), *page]) + "\n"
    print(text)
    if not quick:
        PAGE.write_text(text, encoding="utf-8")


def _head() -> list[str]:
    model = next(
        (
            line.split(":")[1].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        platform.machine(),
    )
    return [
        "# Performance",
        "",
        "Written by `make bench`; do not edit. The **floor** is a bare Flask application that parses the same body and returns a fixed card, under the same",
        "gunicorn settings (`gunicorn.conf.py`: 2 workers, 4 threads each). Service and floor are called in turn in one run, so that whatever the machine does",
        "meanwhile meets both; what counts are the ratios. CDS Hooks asks for about 500 ms.",
        "",
        f"{date.today()}, {model}, {os.cpu_count()} cores, Python {platform.python_version()}, load average {os.getloadavg()[0]:.1f} when it began.",
        "",
    ]


def _reached(aims: list[tuple[str, str, str, bool]]) -> list[str]:
    """What we aim at, what was measured, and whether that is enough."""
    return [
        "| | aim | measured | |",
        "| --- | --- | --- | --- |",
        *(
            f"| {what} | {aim} | {found} | {'reached' if enough else '**missed**'} |"
            for what, aim, found, enough in aims
        ),
        "",
    ]


def _page(aims: list[tuple[str, str, str, bool]], quick: bool) -> list[str]:
    library, settings, today = load_library(), Settings(), date.today()
    bodies = {
        (hook, size): json.dumps(
            fresh(hook_body(hook, size, prefetch_templates(library, hook), today))
        ).encode()
        for hook in HOOKS
        for size in SIZES
    }
    lines = []
    with tempfile.TemporaryDirectory() as folder:
        database = f"sqlite:///{folder}/bench.db"
        with server(FLOOR) as floor, server(SERVICE, CDS_DATABASE_URL=database) as service:
            section, p50 = _latency(bodies, floor.port, service.port, aims, quick)
            lines += section
            lines += _throughput(bodies, floor.port, service.port, aims, quick)
            memory = max(service.memory())
            lines += [
                f"| memory of a worker after these | {memory:.0f} MB | {max(floor.memory()):.0f} MB |",
                f"| ready after start | {service.started_in:.2f} s | {floor.started_in:.2f} s |",
                "",
            ]
            aims.append(
                (
                    "memory of a worker after requests of 10,000 resources",
                    "150 MB",
                    f"{memory:.0f} MB",
                    memory <= 150,
                )
            )
            aims.append(
                ("ready after start", "2 s", f"{service.started_in:.2f} s", service.started_in <= 2)
            )
        lines += _authentication(bodies, Path(folder), aims, quick)
        section, beyond = round_trip(
            prefetch_templates(library, "patient-view"), today, Path(folder), SERVICE, quick
        )
        lines += section
        aims += [
            (
                f"beyond the slowest query of a FHIR server, {size:,} resources found, p50",
                "10 ms",
                f"{ms:.1f} ms",
                ms <= 10,
            )
            for size, ms in beyond.items()
        ]
        (
            serving.when_ready(None),
            serving.post_fork(None, None),
        )  # the collector of this process as in a worker
        now, with_token = datetime.now(settings.timezone), doorkeeper(Path(folder))
        lines += _stages(bodies, p50, library, settings, now, with_token, quick)
        lines += _profile(bodies, library, settings, now, quick)
        lines += _run_ahead(bodies, library, settings, now, with_token, quick)
    lines += [
        "## Cost against the number of guidelines",
        "",
        "decide() of patient-view, 100 resources, in process.",
        "",
        "| guidelines | ms |",
        "| --- | --- |",
    ]
    lines += [
        f"| {number} | {ms:.1f} |"
        for number, ms in by_guidelines(
            bodies["patient-view", 100], "patient-view", library, now, 5 if quick else 60
        )
    ]
    return lines


def _latency(
    bodies: dict, floor: int, service: int, aims: list, quick: bool
) -> tuple[list[str], dict[int, tuple[float, float]]]:
    """The section, and the median milliseconds of floor and service by size for patient-view."""
    p50: dict[int, tuple[float, float]] = {}
    ratios: dict[int, list[float]] = {size: [] for size in SIZES}
    lines = [
        "## One client, connection kept alive",
        "",
        "Milliseconds.",
        "",
        "| hook | resources | KB | floor p50 | p95 | p99 | service p50 | p95 | p99 | p50 ratio |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for (hook, size), body in bodies.items():
        path = f"/cds-services/{HOOKS[hook]}"
        times = interleaved(
            {"floor": (Caller(floor, path), body), "service": (Caller(service, path), body)},
            5 if quick else SIZES[size],
        )
        told = [
            f"{percentile(times[name], part):.1f}"
            for name in ("floor", "service")
            for part in (0.5, 0.95, 0.99)
        ]
        ratios[size].append(median(times["service"]) / median(times["floor"]))
        p50.setdefault(size, (median(times["floor"]), median(times["service"])))
        lines.append(
            f"| {hook} | {size:,} | {len(body) / 1024:,.0f} | {' | '.join(told)} | **{ratios[size][-1]:.1f}** |"
        )
    for size, most in MOST_TIMES.items():
        found = f"{', '.join(f'{ratio:.1f}' for ratio in ratios[size])} times"
        aims.append(
            (
                f"p50 at {size:,} resources ({', '.join(HOOKS)})",
                f"{most} times the floor",
                found,
                max(ratios[size]) <= most,
            )
        )
    return [*lines, ""], p50


def _throughput(bodies: dict, floor: int, service: int, aims: list, quick: bool) -> list[str]:
    seconds, path, body = (
        (1.0 if quick else SECONDS),
        f"/cds-services/{HOOKS['patient-view']}",
        bodies["patient-view", 100],
    )
    rates: dict[int, list[float]] = {floor: [], service: []}
    for _ in range(2):
        for port, found in rates.items():
            found.append(throughput(port, path, body, CLIENTS, seconds))
    ours, bare = max(rates[service]), max(rates[floor])
    aims.append(
        (
            f"requests/s of {CLIENTS} clients, 100 resources",
            "0.33 of the floor",
            f"{ours / bare:.2f}",
            ours / bare >= 0.33,
        )
    )
    return [
        f"## {CLIENTS} clients at once, memory, start",
        "",
        "patient-view, 100 resources, 2 workers; the clients run on the same cores.",
        "",
        "| | service | floor |",
        "| --- | --- | --- |",
        f"| requests/s | {ours:.0f} ({ours / bare:.2f} of the floor) | {bare:.0f} |",
    ]


def _authentication(bodies: dict, folder: Path, aims: list, quick: bool) -> list[str]:
    """One thing more in each row, called in turn in one process; what it adds is the median of the differences in the same turn."""
    client, path, body = (
        Client("bench"),
        f"/cds-services/{HOOKS['patient-view']}",
        bodies["patient-view", 100],
    )
    guarded = {
        "CDS_AUTH": "on",
        "CDS_CLIENTS_FILE": str(write_clients(folder / "clients.yaml", [client])),
        "CDS_PUBLIC_URL": PUBLIC_URL,
    }
    rows = {
        "nobody is asked who calls": "token ids cards",
        "a token (ES384) that is verified": "ids cards",
        "its id used up on disk": "cards",
        "given cards remembered on disk": "nothing",
    }

    def headers(left_out: str) -> dict:
        token = f"Bearer {mint(client, Scene(PUBLIC_URL + path, int(time.time())))}"  # made in the first row too: the client is as busy before its call
        return {LEFT_OUT: left_out} | ({} if "token" in left_out else {"Authorization": token})

    with server(
        f"{APART}:create_app()",
        workers=1,
        CDS_DATABASE_URL=f"sqlite:///{folder}/apart.db",
        **guarded,
    ) as service:
        times = interleaved(
            {
                name: (Caller(service.port, path, partial(headers, left_out)), body)
                for name, left_out in rows.items()
            },
            5 if quick else 300,
        )
    lines = [
        "## Authentication",
        "",
        "patient-view, 100 resources. Each row is the one above it and one thing more.",
        "",
        "| | p50 ms | adds ms |",
        "| --- | --- | --- |",
    ]
    before = None
    for name, found in times.items():
        more = (
            median([now - less for now, less in zip(found, before, strict=True)])
            if before
            else None
        )
        lines.append(
            f"| {name} | {median(found):.2f} | {f'**{more:+.2f}**' if more is not None else ''} |"
        )
        before = found
    none, verified, *_, everything = times.values()
    for what, found in (
        ("a token that is verified adds", verified),
        ("token, used ids and given cards together add", everything),
    ):
        adds = median([more - less for more, less in zip(found, none, strict=True)])
        aims.append((what, "1 ms", f"{adds:.2f} ms", adds <= 1))
    return [*lines, "", *_feedback(body, path, folder, quick)]


def _feedback(body: bytes, path: str, folder: Path, quick: bool) -> list[str]:
    """Feedback on a card that was given, each time another event: one that was told before need not be written."""
    with (
        server(FLOOR) as floor,
        server(SERVICE, CDS_DATABASE_URL=f"sqlite:///{folder}/feedback.db") as service,
    ):
        card = json.loads(Caller(service.port, path).answer(body))["cards"][0]["uuid"]

        def told() -> bytes:
            return json.dumps(
                {
                    "feedback": [
                        {
                            "card": card,
                            "outcome": "overridden",
                            "outcomeTimestamp": datetime.now(UTC).isoformat(),
                        }
                    ]
                }
            ).encode()

        times = interleaved(
            {
                "floor": (Caller(floor.port, path), told),
                "service": (Caller(service.port, f"{path}/feedback"), told),
            },
            5 if quick else 300,
        )
    return [
        f"POST feedback on one card, on disk (flushed) before it is answered: p50 {median(times['service']):.2f} ms, p95 {percentile(times['service'], 0.95):.2f} ms; "
        f"the floor answers such a body in {median(times['floor']):.2f} ms.",
        "",
    ]


def _stages(
    bodies: dict,
    p50: dict[int, tuple[float, float]],
    library,
    settings: Settings,
    now: datetime,
    with_token: Callable,
    quick: bool,
) -> list[str]:
    limits = [
        "### What the limit would be",
        "",
        "The ratio to the floor over HTTP, as measured, and what would be left of it if stages cost nothing at all: first the guidelines (extract,",
        "evaluate, render), then also finding what is theirs in the record (gather, look). What then remains is HTTP and strict JSON.",
        "",
        "| resources | ratio as measured | without the guidelines | with HTTP and strict JSON only |",
        "| --- | --- | --- | --- |",
    ]
    lines = [
        "## Stages of a request",
        "",
        "patient-view, in process, microseconds: who calls (ES384, its id used up on disk), strict JSON, whose data these are, one look at each resource,",
        "reading those that may matter, the recommendations, their cards, JSON.",
        "",
        f"| resources | {' | '.join(STAGES)} |",
        f"| --- |{' --- |' * len(STAGES)}",
    ]
    for size, rounds in SIZES.items():
        told = stages(
            bodies["patient-view", size],
            "patient-view",
            library,
            settings,
            now,
            3 if quick else max(rounds // 4, 3),
            with_token,
        )
        lines.append(f"| {size:,} | {' | '.join(f'{told[stage]:,.0f}' for stage in STAGES)} |")
        floor, service = p50[size]
        less = service - (told["extract"] + told["evaluate"] + told["render"]) / 1000
        least = less - (told["gather"] + told["look"]) / 1000
        limits.append(
            f"| {size:,} | {service / floor:.1f} | {less / floor:.1f} | {least / floor:.1f} |"
        )
    return [*lines, "", *limits, ""]


def _profile(bodies: dict, library, settings: Settings, now: datetime, quick: bool) -> list[str]:
    """Which modules a request is spent in."""
    sizes = (100, 1_000)
    parts = {
        size: dict(
            by_module(
                bodies["patient-view", size],
                "patient-view",
                library,
                settings,
                now,
                3 if quick else 20,
            )
        )
        for size in sizes
    }
    named = [
        name
        for name, part in parts[100].items()
        if part >= 0.02 or parts[1_000].get(name, 0) >= 0.02
    ]
    rest = [1 - sum(parts[size].get(name, 0) for name in named) for size in sizes]
    lines = [
        "### Where in the code",
        "",
        "patient-view, in process, own time of each module as cProfile tells it (small calls look dearer there than they are); *Python* is its",
        "library and what is written in C.",
        "",
        f"| | {' | '.join(f'{size:,} resources' for size in sizes)} |",
        f"| --- |{' --- |' * len(sizes)}",
    ]
    lines += [
        f"| {name if name in ('Python', 'jiter') else f'`{name}`'} | {' | '.join(f'{parts[size].get(name, 0):.0%}' for size in sizes)} |"
        for name in named
    ]
    return [*lines, f"| all others | {' | '.join(f'{part:.0%}' for part in rest)} |", ""]


def _run_ahead(
    bodies: dict, library, settings: Settings, now: datetime, with_token: Callable, quick: bool
) -> list[str]:
    """The most that could be saved by keeping what was read for patient-view until order-sign: what comes behind knowing the versions."""
    lines = [
        "## What running ahead could save",
        "",
        "Facts that were read at patient-view could be used again at order-sign while the versions of the resources that they were read from are the",
        "same. To know these versions the request must be parsed, gathered and looked through all the same; what could be saved at most is reading and",
        "evaluating. Order-sign, in process, microseconds:",
        "",
        "| resources | could be saved | of a request in all | |",
        "| --- | --- | --- | --- |",
    ]
    for size, rounds in SIZES.items():
        told = stages(
            bodies["order-sign", size],
            "order-sign",
            library,
            settings,
            now,
            3 if quick else max(rounds // 4, 3),
            with_token,
        )
        saved, whole = told["extract"] + told["evaluate"], sum(told.values())
        lines.append(f"| {size:,} | {saved:,.0f} | {whole:,.0f} | {saved / whole:.0%} |")
    return [
        *lines,
        "",
        "Against it stand: a store that all workers share and that holds patient data between two requests, its own reads and writes (see the feedback",
        "store above for what one costs), and records whose prefetch carries no versions. So it is not built.",
        "",
    ]


if __name__ == "__main__":
    main()
