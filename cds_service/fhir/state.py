"""How completely an input was read. Silence is only honest when this is PRESENT or EMPTY."""

from enum import Enum


class State(str, Enum):
    """The four states of one input (a prefetch key, or the search that replaces it)."""

    PRESENT = "present"  # read completely, something found
    EMPTY = "empty"  # read completely, nothing found
    PARTIAL = "partial"  # some of it was read: a further page or a warning stands between us and the rest
    UNAVAILABLE = "unavailable"  # not read

    @property
    def is_read(self) -> bool:
        return self in (State.PRESENT, State.EMPTY)
