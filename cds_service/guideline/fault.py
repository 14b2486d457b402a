"""Faults of content: what went wrong while one guideline was judged or worded, where, and how often. Never data of a patient.

A fault stays within its guideline: that one is told as not assessed, the others answer as always.
"""

import logging
import traceback
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock

_CONTENT = "cds_service.cards."

log = logging.getLogger("mammacards")


class ContentFailure(Exception):
    """An unexpected exception of the content, raised from it; says what was being asked, never what the exception says."""

    def __init__(self, asked: str):
        self.asked = asked
        super().__init__(asked)


@dataclass(frozen=True)
class Fault:
    """One fault without data of a patient: class of the exception, `module:line` and function where it arose, what was asked."""

    guideline: str
    hook: str
    kind: str  # class of the exception
    place: str  # module:line, the innermost of the content where the content took part
    function: str
    asked: str  # such as "criterion x, fact y"

    def __str__(self) -> str:
        return f"{self.kind} at {self.place} in {self.function} ({self.asked})"


def fault_of(error: Exception, guideline: str, hook: str, asked: str = "judging") -> Fault:
    """What may be told of an exception. `asked` where no ContentFailure says what was asked."""
    named = []
    while isinstance(error, ContentFailure) and isinstance(error.__cause__, Exception):
        named.append(error.asked)
        error = error.__cause__
    frames = [
        (frame.f_globals.get("__name__", "?"), line, frame.f_code.co_name)
        for frame, line in traceback.walk_tb(error.__traceback__)
    ]
    of_content = [frame for frame in frames if frame[0].startswith(_CONTENT)]
    module, line, function = (of_content or frames or [("?", 0, "?")])[-1]
    return Fault(
        guideline,
        hook,
        type(error).__name__,
        f"{module}:{line}",
        function,
        ", ".join(named) or asked,
    )


class FaultCounter:
    """How many faults each guideline has had in this process; may be told and asked from several threads."""

    def __init__(self) -> None:
        self._lock, self._counts = Lock(), Counter[str]()

    def add(self, guideline: str) -> None:
        with self._lock:
            self._counts[guideline] += 1

    @property
    def counts(self) -> Mapping[str, int]:
        """guideline -> number of faults, as of now."""
        with self._lock:
            return dict(self._counts)


COUNTER = FaultCounter()  # the process's own


def note(fault: Fault) -> None:
    """Count a fault and write its one line in the log."""
    COUNTER.add(fault.guideline)
    log.error(
        "fault guideline=%s hook=%s error=%s place=%s function=%s asked=%s",
        fault.guideline,
        fault.hook,
        fault.kind,
        fault.place,
        fault.function,
        fault.asked,
    )
