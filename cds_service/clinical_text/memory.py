"""What is remembered of texts while a request is answered: every reader asks the same of the same clauses.

What a record says is nobody's business once its request is answered: `forget` empties all of it.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")
_forgotten: list[Callable[[], None]] = []


def remembered(size: int) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """A function whose last `size` answers are remembered until `forget`."""

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        kept = lru_cache(maxsize=size)(function)
        _forgotten.append(kept.cache_clear)
        return kept  # type: ignore[return-value]  # lru_cache hides the parameters

    return decorate


def forget() -> None:
    """Remember no text any longer."""
    for clear in _forgotten:
        clear()
