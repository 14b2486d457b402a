"""A hook without any prefetch: the FHIR server does the work, and what the service adds to it.

Every query takes the server the same time here, the worst case: all answers come at once, and nothing of what is done with them can
be hidden behind a slower one. The server tells when each query had arrived and when its answer was ready; what the service adds is the
time of the whole hook as its client sees it, less that of the slowest query. Sending the answers counts as ours.
"""

import http.client
import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from statistics import median

from benchmarks.floor import __name__ as floor_module
from benchmarks.load import Caller, percentile, server
from benchmarks.requests_of import HOOKS, fresh, hook_body
from cds_service.demo.sandbox.search import search
from tests.distribution.servers import free_ports, post, running

HOOK = "patient-view"
SIZES = {
    10: 10,
    100: 240,
    1_000: 2_480,
}  # resources that the queries find, about -> of the whole record
WARM = 5  # calls before those that count
WAIT = 100  # milliseconds that the server takes over each query
READING_FLOOR = f"{floor_module}:create_reading_floor()"


class Timed:
    """What one call took, in milliseconds: the hook, the slowest query, from the call until the last query had arrived, from the last
    answer until the call was over, and in how many rounds the queries were asked."""

    def __init__(self, started: float, ended: float, log: list[tuple[float, float]]):
        self.hook = (ended - started) * 1000
        self.slowest = max(ready - arrived for arrived, ready in log) * 1000
        self.beyond = self.hook - self.slowest
        self.until_asked = (max(arrived for arrived, _ in log) - started) * 1000
        self.since_answered = (ended - max(ready for _, ready in log)) * 1000
        self.rounds = _rounds(log)


def _rounds(log: list[tuple[float, float]]) -> int:
    """One when every query had arrived before the first answer left; one more for each time that a query came after an answer."""
    rounds, first_answer = 0, float("-inf")
    for arrived, ready in sorted(log):
        if arrived > first_answer:
            rounds, first_answer = rounds + 1, ready
        first_answer = min(first_answer, ready)
    return rounds


def round_trip(
    templates: dict[str, str], today: date, folder: Path, service: str, quick: bool
) -> tuple[list[str], dict[int, float]]:
    """The section of docs/performance.md, and milliseconds beyond the slowest query (p50) by the number of resources found."""
    lines = [
        "## The FHIR server does the work",
        "",
        f"patient-view without any prefetch: {len(templates)} queries to a FHIR server that takes {WAIT} ms over each of them. *Beyond*: time of the hook as its client sees it, less the time of",
        "the slowest query as the server measured it, in milliseconds. *One round*: calls of which all queries arrived before the first answer left. The floor puts the same",
        "queries with `requests.get` from as many threads, parses the answers and returns a fixed card. *Prefetched*: the same hook with these answers in its prefetch. We aim at",
        "10 ms beyond the slowest query.",
        "",
        "| resources | KB | one round | hook p50 | slowest query | beyond p50 | p95 | until all were asked | since the last answer | floor: beyond p50 | p95 | prefetched p50 |",
        f"|{' --- |' * 12}",
    ]
    database, beyond = f"sqlite:///{folder}/round-trip.db", {}
    with (
        server(service, CDS_DATABASE_URL=database, CDS_FHIR_DEADLINE_MS="2000") as ours,
        server(READING_FLOOR) as floor,
    ):
        for size, whole in SIZES.items():
            request, answers = _request_and_answers(whole, templates, today)
            with _fhir_server(folder / f"{size}.json", answers) as port:
                row, beyond[size] = _row(
                    request, answers, port, ours.port, floor.port, 5 if quick else 100
                )
                lines.append(row)
    return [*lines, ""], beyond


def _request_and_answers(
    resources: int, templates: dict[str, str], today: date
) -> tuple[dict, dict[str, object]]:
    """A request with everything prefetched, and what the FHIR server answers to each query: a record of so many resources, searched."""
    request = fresh(hook_body(HOOK, resources, templates, today))
    patient = request["context"]["patientId"]
    record = list(
        {
            id(entry["resource"]): entry["resource"]
            for value in request["prefetch"].values()
            if value and "entry" in value
            for entry in value["entry"]
        }.values()
    )
    answers: dict[str, object] = {}
    for key, template in templates.items():
        query = template.replace("{{context.patientId}}", patient)
        kind, is_search, parameters = query.partition("?")
        if is_search:
            found = search(
                record, kind, [tuple(pair.split("=", 1)) for pair in parameters.split("&")]
            )  # type: ignore[misc]
            entries = [{"resource": resource, "search": {"mode": "match"}} for resource in found]
            request["prefetch"][key] = {
                "resourceType": "Bundle",
                "type": "searchset",
                "total": len(entries),
                **({"entry": entries} if entries else {}),
            }
        answers[query] = request["prefetch"][key]
    return request, answers


@contextmanager
def _fhir_server(file: Path, answers: dict[str, object]) -> Iterator[int]:
    file.write_text(json.dumps({f"/fhir/{query}": (WAIT, body) for query, body in answers.items()}))
    port = free_ports()
    with running(
        [sys.executable, "-m", "benchmarks.slow_fhir", str(port), str(file)],
        f"http://127.0.0.1:{port}/log",
        cwd=Path(__file__).resolve().parents[1],
    ):
        yield port


def _row(
    request: dict, answers: dict[str, object], fhir: int, ours: int, floor: int, rounds: int
) -> tuple[str, float]:
    base = {key: value for key, value in request.items() if key != "prefetch"} | {
        "fhirServer": f"http://127.0.0.1:{fhir}/fhir"
    }
    path = HOOKS[HOOK]
    callers = {
        "service": (Caller(ours, f"/cds-services/{path}"), json.dumps(base).encode()),
        "floor": (
            Caller(floor, f"/reading/{path}"),
            json.dumps(base | {"extension": {"queries": list(answers)}}).encode(),
        ),
    }
    prefetched, whole = Caller(ours, f"/cds-services/{path}"), json.dumps(request).encode()
    summaries = [
        [
            card["summary"]
            for card in post(f"http://127.0.0.1:{ours}/cds-services/{path}", body)[1]["cards"]
        ]
        for body in (base, request)
    ]
    if summaries[0] != summaries[1]:
        raise RuntimeError(f"read: {summaries[0]}, prefetched: {summaries[1]}")
    log = http.client.HTTPConnection("127.0.0.1", fhir)
    found: dict[str, list[Timed]] = {"service": [], "floor": []}
    in_prefetch = []
    _asked(log)
    for _ in range(WARM + rounds):
        for name, (caller, body) in callers.items():
            started = time.monotonic()
            caller.call(body)
            ended = time.monotonic()
            asked = _asked(log)
            if len(asked) != len(answers):
                raise RuntimeError(
                    f"{name}: {len(asked)} queries arrived, {len(answers)} were expected"
                )
            found[name].append(Timed(started, ended, asked))
        in_prefetch.append(prefetched.call(whole))
    service, bare = found["service"][WARM:], found["floor"][WARM:]
    resources = sum(
        len(answer["entry"]) if "entry" in answer else answer["resourceType"] != "Bundle"
        for answer in answers.values()
    )

    def told(name: str, times: list[Timed], part: float = 0.5) -> str:
        return f"{percentile([getattr(one, name) for one in times], part):.1f}"

    row = (
        f"| {resources:,} | {sum(len(json.dumps(answer)) for answer in answers.values()) / 1024:,.0f} | {sum(one.rounds == 1 for one in service) / len(service):.0%} | {told('hook', service)} "
        f"| {told('slowest', service)} | **{told('beyond', service)}** | {told('beyond', service, 0.95)} | {told('until_asked', service)} | {told('since_answered', service)} "
        f"| {told('beyond', bare)} | {told('beyond', bare, 0.95)} | {median(in_prefetch[WARM:]):.1f} |"
    )
    return row, median([one.beyond for one in service])


def _asked(log: http.client.HTTPConnection) -> list[tuple[float, float]]:
    """The queries since the last time; see benchmarks.slow_fhir."""
    log.request("GET", "/log")
    return json.load(log.getresponse())
