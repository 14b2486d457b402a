"""Quantities in FHIR R4 searches (search.html#quantity, #number): a number has the precision it is written in, 5.4 is [5.35, 5.45)."""

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any, NamedTuple

_NUMBER = re.compile(r"([a-z]{2})?([+-]?\d{1,30}(?:\.\d{1,30})?(?:[eE][+-]?\d{1,2})?)", re.ASCII)
_INFINITE = Decimal("Infinity")


class Range(NamedTuple):
    """From `low` to `high`; a single number where both are the same."""

    low: Decimal
    high: Decimal


def _implicit(number: Decimal) -> Range:
    """Half of the last digit to both sides; "1e2" is [95, 105), as search.html#number says."""
    exponent = int(number.as_tuple().exponent)
    half = Decimal((0, (5,), exponent - (2 if exponent > 0 else 1)))
    return Range(number - half, number + half)


# With gt, lt, ge, le, sa and eb "the implicit precision of the number is ignored" (search.html#number).
_PREFIXES: dict[str, Callable[[Decimal, Range], bool]] = {
    "eq": lambda number, found: (
        _implicit(number).low <= found.low and found.high < _implicit(number).high
    ),
    "ne": lambda number, found: not _PREFIXES["eq"](number, found),
    "gt": lambda number, found: found.high > number,
    "lt": lambda number, found: found.low < number,
    "ge": lambda number, found: found.high >= number,
    "le": lambda number, found: found.low <= number,
    "sa": lambda number, found: found.low > number,
    "eb": lambda number, found: found.high < number,
    "ap": lambda number, found: (
        found.high >= number - abs(number) / 10 and found.low <= number + abs(number) / 10
    ),
}


def quantity_test(number: str, system: str, code: str) -> Callable[[object], bool]:
    """The test that "gt5.4", a system and a code (both may be "") make of a Quantity. Raises ValueError.

    Without a system the code may also be the unit for people. Units are compared, never converted.
    """
    match = _NUMBER.fullmatch(number)
    compare = _PREFIXES.get(match[1] or "eq") if match else None
    if match is None or compare is None:
        raise ValueError("not a number with a prefix of FHIR R4")
    wanted = Decimal(match[2])

    def test(value: Any) -> bool:
        found = quantity_range(value)
        if found is None or system not in ("", value.get("system")):
            return False
        units = {value.get("code"), *(() if system else (value.get("unit"),))}
        return (not code or code in units) and compare(wanted, found)

    return test


def quantity_range(value: Any) -> Range | None:
    """What a Quantity says: its value, or all below or above it where it has a comparator. None where it has no number."""
    number = value.get("value") if isinstance(value, dict) else None
    if isinstance(number, bool) or not isinstance(number, int | float | Decimal):
        return None
    exact = Decimal(str(number))
    match value.get("comparator"):
        case "<" | "<=":
            return Range(-_INFINITE, exact)
        case ">" | ">=":
            return Range(exact, _INFINITE)
    return Range(exact, exact)
