"""The cases of a recommendation, played today: what the service answers to the invented patients of cases.yaml.

Played at the first request of a day and kept for that day (nothing else of a request is kept). Invented patients only.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache
from threading import Lock

from cds_service.content import cards_folder
from cds_service.examples import Case, load_cases
from cds_service.guideline.library import Library
from cds_service.guideline.model import Recommendation
from cds_service.played import Played, played
from cds_service.settings import Settings


@dataclass(frozen=True)
class Shown:
    """What a page shows: the cases about a recommendation, and how many others there are on the same hooks."""

    plays: tuple[Played, ...]
    others: int

    def rows(self) -> list[tuple[list[str], Played]]:
        """The plays of a case as one row where its hooks expect and give the same."""
        found: dict[tuple, tuple[list[str], Played]] = {}
        for play in self.plays:
            same = (play.case.id, play.case.guideline, play.expected, play.keys, *((key, a.verdict) for key, a in play.assessments.items()))
            found.setdefault(same, ([], play))[0].append(play.hook)
        return list(found.values())


class CasesLive:
    """Plays cases once a day. May be asked from several threads: the second waits for what the first plays."""

    def __init__(self, library: Library, settings: Settings):
        self._library, self._settings = library, settings
        self._lock, self._day = Lock(), date.min
        self._kept: dict[str, Shown] = {}

    def of(self, recommendation: Recommendation, today: date) -> Shown:
        """The cases that expect this recommendation or name its verdict, on each hook on which it may speak."""
        with self._lock:
            if self._day != today:
                self._day = today
                self._kept.clear()
            if recommendation.key not in self._kept:
                self._kept[recommendation.key] = self._play(recommendation, today)
            return self._kept[recommendation.key]

    def _play(self, recommendation: Recommendation, today: date) -> Shown:
        own, shared = _cases(recommendation.guideline), _cases("shared")
        about = [case for case in (*own, *shared) if recommendation.key in {*case.verdicts, *_keys(case)}]
        others = sum(1 for case in own if case not in about and set(case.expect) & set(recommendation.hooks))
        moments = ((case, hook) for case in about for hook in case.expect if hook in recommendation.hooks)
        # Keys and verdicts are shown, which are the same in every language.
        return Shown(tuple(played(case, hook, self._library, self._settings, today, self._settings.language) for case, hook in moments), others)


def _keys(case: Case) -> Iterable[str]:
    return (key for keys in case.expect.values() for key in keys)


@cache
def _cases(folder: str) -> tuple[Case, ...]:
    path = cards_folder() / folder
    return tuple(load_cases(path)) if (path / "cases.yaml").exists() else ()
