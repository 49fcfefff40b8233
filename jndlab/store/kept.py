"""What was read once and never changes, kept in memory up to a bound."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import Generic, TypeVar

T = TypeVar("T")


class Kept(Generic[T]):
    """Values by key. Those that were used longest ago go when their weights exceed ``limit``."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._values: OrderedDict[str, tuple[T, int]] = OrderedDict()
        self._weight = 0
        self._lock = threading.Lock()

    def get(self, key: str) -> T | None:
        """The value of a key, if it is kept."""
        with self._lock:
            found = self._values.get(key)
            if found is None:
                return None
            self._values.move_to_end(key)
            return found[0]

    def put(self, key: str, value: T, *, weight: int) -> None:
        """Keep a value, in place of an earlier one of that key."""
        with self._lock:
            self._remove(key)
            self._values[key] = (value, weight)
            self._weight += weight
            while self._weight > self.limit:
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

    def _remove(self, key: str) -> None:
        _, weight = self._values.pop(key, (None, 0))
        self._weight -= weight
