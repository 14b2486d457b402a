"""Three-valued logic (Kleene): met, not met, unknown.

The tables are small enough to check with your eyes; tests/spec/test_logic.py writes them out.
"""

from collections.abc import Iterable
from enum import Enum


class Truth(Enum):
    """What is known of a statement about the patient. Unknown is not "no"."""

    MET = "met"
    NOT_MET = "not-met"
    UNKNOWN = "unknown"

    def __bool__(self) -> bool:
        # One stray `if truth:` would turn unknown into yes or no.
        raise TypeError(
            "A truth value has three sides: write `truth is Truth.MET` (or NOT_MET, UNKNOWN)."
        )

    def __and__(self, other: "Truth") -> "Truth":
        if self is Truth.NOT_MET or other is Truth.NOT_MET:
            return Truth.NOT_MET
        return self if self is Truth.UNKNOWN else other

    def __or__(self, other: "Truth") -> "Truth":
        if self is Truth.MET or other is Truth.MET:
            return Truth.MET
        return self if self is Truth.UNKNOWN else other

    def __invert__(self) -> "Truth":
        return {Truth.MET: Truth.NOT_MET, Truth.NOT_MET: Truth.MET, Truth.UNKNOWN: Truth.UNKNOWN}[
            self
        ]


MET, NOT_MET, UNKNOWN = Truth.MET, Truth.NOT_MET, Truth.UNKNOWN


def truth(value: bool | None) -> Truth:
    """MET for True, NOT_MET for False, UNKNOWN for None."""
    return Truth.UNKNOWN if value is None else Truth.MET if value else Truth.NOT_MET


def every(values: Iterable[Truth]) -> Truth:
    """NOT_MET as soon as one is not met, otherwise UNKNOWN as soon as one is unknown. Of nothing: MET."""
    result = Truth.MET
    for value in values:
        if value is Truth.NOT_MET:
            return value
        if value is Truth.UNKNOWN:
            result = value
    return result


def either(values: Iterable[Truth]) -> Truth:
    """MET as soon as one is met, otherwise UNKNOWN as soon as one is unknown. Of nothing: NOT_MET."""
    result = Truth.NOT_MET
    for value in values:
        if value is Truth.MET:
            return value
        if value is Truth.UNKNOWN:
            result = value
    return result
