"""The stages of one request, one after another, in microseconds; in process, without HTTP."""

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import orjson

from cds_service import strict_json
from cds_service.cds_hooks.request import parse
from cds_service.decision import decide, prefetch_templates
from cds_service.facts.extraction import Reading, validate_relevant
from cds_service.fhir.validation import problems
from cds_service.guideline.evaluation import assess
from cds_service.guideline.library import Library
from cds_service.prefetch import gather
from cds_service.rendering import render_cards
from cds_service.settings import Settings

STAGES = ("parse", "gather", "extract", "evaluate", "validate", "render", "answer")


def stages(body: bytes, hook: str, library: Library, settings: Settings, now: datetime, rounds: int) -> dict[str, float]:
    """The median of each stage. What the guidelines ask is extracted beforehand here; in the service it is read when first asked for."""
    wanted = prefetch_templates(library, hook)
    guidelines = library.for_hook(hook)
    times: dict[str, list[float]] = {stage: [] for stage in STAGES}

    def timed(stage: str, work: Callable):
        started = time.perf_counter()
        made = work()
        times[stage].append((time.perf_counter() - started) * 1e6)
        return made

    for _ in range(rounds):
        request = timed("parse", lambda: parse(strict_json.loads(body), hook))
        record = timed("gather", lambda r=request: gather(r, wanted, None))
        reading = Reading(record, now, now.tzinfo, library.value_sets, library.readers, index=library.index)  # type: ignore[arg-type]
        timed("extract", lambda r=reading: [r.facts(d) for d in library.fact_definitions(hook).values()])
        timed("evaluate", lambda r=reading: [assess(g, hook, r) for g in guidelines])
        timed("validate", lambda r=reading: validate_relevant(r, problems))
        decision = decide(request, library, wanted, now, None)
        cards = timed("render", lambda d=decision: render_cards(d, library, settings, "nl"))
        timed("answer", lambda c=cards: orjson.dumps({"cards": c}))
    return {stage: sorted(found)[len(found) // 2] for stage, found in times.items()}


def by_guidelines(body: bytes, hook: str, library: Library, now: datetime, rounds: int) -> list[tuple[int, float]]:
    """(number of guidelines, median milliseconds of decide()) with the first one, two, ... guidelines of the library."""
    found = []
    for number in range(1, len(library.guidelines) + 1):
        part = replace(library, guidelines=library.guidelines[:number])
        wanted, times = prefetch_templates(part, hook), []
        for _ in range(rounds):
            request = parse(strict_json.loads(body), hook)
            started = time.perf_counter()
            decide(request, part, wanted, now, None)
            times.append((time.perf_counter() - started) * 1000)
        found.append((number, sorted(times)[len(times) // 2]))
    return found
