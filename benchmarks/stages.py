"""The stages of one request, one after another, in microseconds; in process, without HTTP."""

import cProfile
import pstats
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import orjson

from cds_service.cds_hooks.request import parse
from cds_service.decision.decide import decide, prefetch_templates
from cds_service.decision.gather import gather
from cds_service.facts.extraction import Reading
from cds_service.guideline.evaluation import assess
from cds_service.guideline.library import Library
from cds_service.rendering.cards import render_cards
from cds_service.security.clients import load_clients
from cds_service.security.jwks import KeySets
from cds_service.security.tokens import TokenVerifier
from cds_service.settings import Settings
from cds_service.store.database import Database
from cds_service.store.tokens import TokenStore
from cds_service.strict import json as strict_json
from tests.security.tokens import PUBLIC_URL, Client, Scene, mint, write_clients

ROOT = Path(__file__).resolve().parents[1]
# look: every resource is looked at once, for what it may speak of; extract: those that may matter are read.
STAGES = ("authenticate", "parse", "gather", "look", "extract", "evaluate", "render", "answer")


def doorkeeper(folder: Path) -> Callable[[], Callable[[], object]]:
    """Makes a new token (ES384) each time, and gives what a call with it costs: it is verified and its id used up on disk."""
    client, address = Client("stages"), PUBLIC_URL + "/cds-services/breast-patient-view"
    clients, store = (
        load_clients(write_clients(folder / "stages.yaml", [client])),
        TokenStore(Database(f"sqlite:///{folder}/stages.db")),
    )
    door = TokenVerifier(
        clients, KeySets(list(clients.all), store, time.time, clients.development), store
    )

    def with_token() -> Callable[[], object]:
        token = mint(client, Scene(address, int(time.time())))
        return lambda: door.admit(f"Bearer {token}", frozenset({address}), time.time())

    return with_token


def stages(
    body: bytes,
    hook: str,
    library: Library,
    settings: Settings,
    now: datetime,
    rounds: int,
    with_token: Callable[[], Callable[[], object]],
) -> dict[str, float]:
    """The median of each stage (`with_token`: see doorkeeper). The facts that this request asks for are extracted beforehand here; in the service each
    is when it is first asked for."""
    wanted = prefetch_templates(library, hook)
    first = decide(parse(strict_json.loads(body), hook), library, wanted, now, None)
    guidelines = first.guidelines
    definitions = [
        d for d in library.fact_definitions(hook).values() if d.name in first.reading._sets
    ]
    times: dict[str, list[float]] = {stage: [] for stage in STAGES}

    def timed(stage: str, work: Callable):
        started = time.perf_counter()
        made = work()
        times[stage].append((time.perf_counter() - started) * 1e6)
        return made

    for _ in range(rounds):
        timed("authenticate", with_token())
        request = timed("parse", lambda: parse(strict_json.loads(body), hook))
        record = timed("gather", lambda r=request: gather(r, wanted, None))
        reading = Reading(
            record, now, now.tzinfo, library.value_sets, library.readers, index=library.index
        )  # type: ignore[arg-type]
        timed("look", lambda r=reading: [list(r.resources(d)) for d in definitions])
        timed("extract", lambda r=reading: [r.facts(d) for d in definitions])
        timed("evaluate", lambda r=reading: [assess(g, hook, r) for g in guidelines])
        decision = decide(request, library, wanted, now, None)
        cards = timed("render", lambda d=decision: render_cards(d, library, settings, "nl"))
        timed("answer", lambda c=cards: orjson.dumps({"cards": c}))
    return {stage: sorted(found)[len(found) // 2] for stage, found in times.items()}


def by_guidelines(
    body: bytes, hook: str, library: Library, now: datetime, rounds: int
) -> list[tuple[int, float]]:
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


def by_module(
    body: bytes, hook: str, library: Library, settings: Settings, now: datetime, rounds: int
) -> list[tuple[str, float]]:
    """(module or library, its part of the time) of a request in process, the dearest first; as cProfile tells, which makes many small calls
    look dearer than they are."""
    wanted = prefetch_templates(library, hook)

    def answer() -> None:
        orjson.dumps(
            {
                "cards": render_cards(
                    decide(parse(strict_json.loads(body), hook), library, wanted, now, None),
                    library,
                    settings,
                    "nl",
                )
            }
        )

    answer()
    profile = cProfile.Profile()
    profile.enable()
    for _ in range(rounds):
        answer()
    profile.disable()
    spent: Counter[str] = Counter()
    for (file, _, name), (_, _, seconds, *_) in pstats.Stats(profile).stats.items():  # type: ignore[attr-defined]
        spent[_owner(file, name)] += seconds
    whole = sum(spent.values())
    return [(name, seconds / whole) for name, seconds in spent.most_common()]


def _owner(file: str, name: str) -> str:
    """The module of ours, as its path in the checkout; jiter; or Python itself (its library and what is written in C)."""
    path = Path(file)
    if "jiter" in name:
        return "jiter"
    return (
        str(path.relative_to(ROOT))
        if path.is_relative_to(ROOT) and ".venv" not in path.parts
        else "Python"
    )
