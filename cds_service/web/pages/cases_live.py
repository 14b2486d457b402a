"""The cases of a recommendation, played today: what the service answers to the invented patients of cases.yaml.

Played at the first request of a day and kept for that day (nothing else of a request is kept). Invented patients only.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache

from cds_service.casebook.cases import load_cases
from cds_service.casebook.model import Case
from cds_service.casebook.play import played
from cds_service.content import folder_of
from cds_service.guideline.library import Library
from cds_service.guideline.model import Recommendation
from cds_service.guideline.verdict import Verdict
from cds_service.settings import Settings
from cds_service.web.pages.daily import Daily


@dataclass(frozen=True)
class Row:
    """A case on the hooks on which it expects and gives the same."""

    case: Case
    hooks: tuple[str, ...]
    expected: tuple[str, ...]
    given: tuple[str, ...]
    agrees: bool
    verdict: Verdict  # of the recommendation whose page it is


@dataclass(frozen=True)
class Shown:
    """What a page shows: the cases about a recommendation, and how many others there are on the same hooks."""

    rows: tuple[Row, ...]
    others: int

    @property
    def all(self) -> int:
        return sum(len(row.hooks) for row in self.rows)

    @property
    def agreeing(self) -> int:
        return sum(len(row.hooks) for row in self.rows if row.agrees)


class CasesLive:
    """Plays cases once a day."""

    def __init__(self, library: Library, settings: Settings):
        self._library, self._settings, self._kept = library, settings, Daily()

    def of(self, recommendation: Recommendation, today: date) -> Shown:
        """The cases that expect this recommendation or name its verdict, on each hook on which it may speak."""
        return self._kept.of(today, recommendation.key, lambda: self._play(recommendation, today))

    def _play(self, recommendation: Recommendation, today: date) -> Shown:
        own, shared = _cases(recommendation.guideline), _cases("shared")
        about = [
            case for case in (*own, *shared) if recommendation.key in {*case.verdicts, *_keys(case)}
        ]
        others = sum(
            1 for case in own if case not in about and set(case.expect) & set(recommendation.hooks)
        )
        return Shown(
            tuple(row for case in about for row in self._rows(case, recommendation, today)), others
        )

    def _rows(self, case: Case, recommendation: Recommendation, today: date) -> list[Row]:
        rows: dict[tuple, Row] = {}
        for hook in (hook for hook in case.expect if hook in recommendation.hooks):
            # Keys and verdicts are kept, which are the same in every language; what was read is let go.
            found = played(
                case, hook, self._library, self._settings, today, self._settings.language
            )
            same = (found.expected, found.keys, found.verdict(recommendation.key))
            hooks = rows[same].hooks if same in rows else ()
            rows[same] = Row(
                case,
                (*hooks, hook),
                found.expected,
                found.keys,
                found.agrees,
                found.verdict(recommendation.key),
            )
        return list(rows.values())


def _keys(case: Case) -> Iterable[str]:
    return (key for keys in case.expect.values() for key in keys)


@cache
def _cases(folder: str) -> tuple[Case, ...]:
    path = folder_of(folder)
    return tuple(load_cases(path)) if (path / "cases.yaml").exists() else ()
