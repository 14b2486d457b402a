"""What a receptor result says: of which markers, and whether they are positive. One row for each value of the fact `receptor`."""

from typing import NamedTuple

POSITIVE, NEGATIVE = "positive", "negative"


class Result(NamedTuple):
    """The result of one marker."""

    marker: str  # er, pr, her2
    result: str  # positive, negative


RESULTS = {
    "er_positive": (Result("er", POSITIVE),),
    "er_negative": (Result("er", NEGATIVE),),
    "pr_positive": (Result("pr", POSITIVE),),
    "pr_negative": (Result("pr", NEGATIVE),),
    "her2_positive": (Result("her2", POSITIVE),),
    "her2_negative": (Result("her2", NEGATIVE),),
    "triple_negative": (
        Result("er", NEGATIVE),
        Result("pr", NEGATIVE),
        Result("her2", NEGATIVE),
    ),
}
OWN_WORDS = frozenset(part for told in RESULTS.values() for result in told for part in result)
VALUES = {told[0]: value for value, told in RESULTS.items() if len(told) == 1}


def result_of(value: str, marker: str) -> str:
    """What a value says of a marker: positive, negative, or "" where it says nothing of it."""
    return next((told.result for told in RESULTS.get(value, ()) if told.marker == marker), "")


def value_of(marker: str, result: str) -> str:
    """The value that says this of one marker."""
    return VALUES[Result(marker, result)]
