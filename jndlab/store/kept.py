"""What was read once and never changes, kept in memory while it is in use, up to a bound."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from typing import Generic, TypeVar

T = TypeVar("T")
IDLE_SECONDS = 600.0
"""Of a session that nobody goes on with nothing is kept for longer."""


class Kept(Generic[T]):
    """Values by key. Those go that were not used for ``IDLE_SECONDS``, and those that were used
    longest ago when the weights of all exceed ``limit``.

    The limit is for what goes on at the same time: where it is too low, each value is dropped
    before it is used again, and nothing is gained by keeping any.
    """

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._values: OrderedDict[str, tuple[T, int, float]] = OrderedDict()
        self._weight = 0
        self._lock = threading.Lock()

    def get(self, key: str) -> T | None:
        """The value of a key, if it is kept."""
        with self._lock:
            found = self._values.get(key)
            if found is None:
                return None
            value, weight, _ = found
            self._values[key] = (value, weight, time.monotonic())
            self._values.move_to_end(key)
            return value

    def put(self, key: str, value: T, *, weight: int) -> None:
        """Keep a value, in place of an earlier one of that key."""
        with self._lock:
            self._remove(key)
            now = time.monotonic()
            self._values[key] = (value, weight, now)
            self._weight += weight
            while self._weight > self.limit or self._oldest() < now - IDLE_SECONDS:
                self._remove(next(iter(self._values)))

    def drop(self, key: str) -> None:
        """Keep nothing of a key."""
        with self._lock:
            self._remove(key)

    def clear(self) -> None:
        """Keep nothing, as after a start."""
        with self._lock:
            self._values.clear()
            self._weight = 0

    def __contains__(self, key: str) -> bool:
        return key in self._values

    def __len__(self) -> int:
        return len(self._values)

    def _oldest(self) -> float:
        """When what was used longest ago was used."""
        return next(iter(self._values.values()))[2] if self._values else float("inf")

    def _remove(self, key: str) -> None:
        _, weight, _ = self._values.pop(key, (None, 0, 0.0))
        self._weight -= weight
