"""What is worked out once a day and kept for that day."""

from collections.abc import Callable, Hashable
from datetime import date
from threading import Lock
from typing import TypeVar

Made = TypeVar("Made")


class Daily:
    """Keeps what was made, by name, until the day is another one. May be asked from several threads: the second waits for what the first makes."""

    def __init__(self) -> None:
        self._lock, self._day = Lock(), date.min
        self._kept: dict[Hashable, object] = {}

    def of(self, today: date, name: Hashable, make: Callable[[], Made]) -> Made:
        """What stands under a name today; made at the first asking."""
        with self._lock:
            if self._day != today:
                self._day = today
                self._kept.clear()
            if name not in self._kept:
                self._kept[name] = make()
            return self._kept[name]  # type: ignore[return-value]
