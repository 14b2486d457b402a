"""How completely an input was read. Silence is only honest when this is PRESENT or EMPTY."""

from dataclasses import dataclass
from enum import Enum


class State(str, Enum):
    """The four states of one input (a prefetch key, or the search that replaces it)."""

    PRESENT = "present"  # read completely, something found
    EMPTY = "empty"  # read completely, nothing found
    PARTIAL = (
        "partial"  # some of it was read: a further page or a warning stands between us and the rest
    )
    UNAVAILABLE = "unavailable"  # not read

    @property
    def is_read(self) -> bool:
        return self in (State.PRESENT, State.EMPTY)


@dataclass(frozen=True)
class Fetched:
    """What came of one query: everything (PRESENT, EMPTY), what could be read (PARTIAL), or nothing (UNAVAILABLE).

    `reason` says why it is PARTIAL or UNAVAILABLE, in a word of ours, never the server's: timeout, busy (no thread came free),
    refused, unknown-host, tls, broken (reset or cut off), redirect, status-NNN, not-found, content-type, too-large, not-json,
    wrong-type, outcome, not-answered-as-asked, malformed, no-resource, status, total, foreign-next, loop, too-many-pages,
    too-many-resources, bad-query, bad-token.
    """

    state: State
    resources: tuple[dict, ...] = ()
    reason: str = ""
