"""Where the service answers otherwise than the cases expect: all of them played, on all cores where there are many."""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import date
from functools import lru_cache, partial
from pathlib import Path

from cds_service.casebook.model import Case
from cds_service.casebook.play import Played, played
from cds_service.guideline.library import Library
from cds_service.guideline.loading.loader import load_library
from cds_service.settings import Settings

_TOGETHER = 40  # cases that a process plays before it tells
_FEW = 200  # so many are played sooner than other processes are started


def disagreements(
    cases: list[Case], settings: Settings, today: date, progress: Callable[[int], object]
) -> list[str]:
    """One line for each case and hook on which another answer is given than expected: place, what is expected, what is given.

    Played with the content alone, without a hospital's own file; `progress` hears how many cases were played since it last heard.
    """
    parts = [cases[start : start + _TOGETHER] for start in range(0, len(cases), _TOGETHER)]
    play = partial(_disagreements, settings=settings, today=today)
    wrong: list[str] = []
    for part, lines in zip(parts, _spread(play, parts, settings.content), strict=True):
        wrong += lines
        progress(len(part))
    return wrong


def _spread(
    play: Callable[[list[Case]], list[str]], parts: list[list[Case]], content: tuple[Path, ...]
) -> Iterator[list[str]]:
    _library(content)  # before processes are forked, which then share it
    if len(parts) * _TOGETHER <= _FEW:
        yield from map(play, parts)
        return
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        yield from pool.map(play, parts)


@lru_cache(maxsize=1)
def _library(content: tuple[Path, ...]) -> Library:
    """The content, once in every process."""
    return load_library(more=content)


def _disagreements(cases: list[Case], settings: Settings, today: date) -> list[str]:
    library, found = _library(settings.content), []
    for case in cases:
        for hook in case.expect:
            try:
                was = played(case, hook, library, settings, today, settings.language)
            except Exception as error:  # a case that cannot be played must not hide the others
                found.append(f"{case.place}, {hook}: {type(error).__name__}: {error}")
            else:
                found += [f"{case.place}, {hook}: {line}" for line in _lines(was)]
    return found


def _lines(was: Played) -> list[str]:
    """What is not as expected on one hook; verdicts are expected on the first that a case names."""
    told = []
    if not was.agrees:
        told.append(
            f"expected {', '.join(was.expected) or 'no card'}; given {', '.join(was.keys) or 'no card'}"
        )
    if was.hook == next(iter(was.case.expect)):
        told += [
            f"{key} expected {expected}; given {was.verdict(key).value}"
            for key, expected in was.case.verdicts.items()
            if was.verdict(key).value != expected
        ]
    faults = {str(a.fault) for a in was.assessments.values() if a.fault}
    return [*told, *sorted(faults)]
