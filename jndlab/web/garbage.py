"""Python's search for garbage in cycles, so that it stops nobody for long.

A full search goes through everything that lives, while all threads wait: with the plans and answers
of many sessions kept in memory that takes long, and comes often under load. So whatever has
survived the two searches among what is new is left out from there on. Nothing that is kept refers
back to what refers to it, and it is freed without any search; what else was left out by chance,
such as a request that was being answered, is found by a thorough search now and then.
"""

from __future__ import annotations

import gc
import time
from typing import Any

THOROUGH_SECONDS = 3600.0
"""Between two searches through everything."""
THRESHOLDS = (10_000, 2, 10)
"""A request makes hundreds of objects, few of which outlive it: searching among them less often
costs less, and keeps no more than some megabytes back."""


class Searches:
    """Makes searches short, from :meth:`install` on."""

    def __init__(self) -> None:
        self._thorough_at = time.monotonic()

    def install(self) -> None:
        """Leave out what is there already, and see to the searches to come."""
        gc.collect()
        gc.freeze()
        gc.set_threshold(*THRESHOLDS)
        gc.callbacks.append(self.attend)

    def attend(self, phase: str, info: dict[str, Any]) -> None:
        """Called by Python before and after each search."""
        if phase == "stop":
            if info["generation"] > 0:
                gc.freeze()
        elif info["generation"] == 2 and time.monotonic() - self._thorough_at > THOROUGH_SECONDS:
            self._thorough_at = time.monotonic()
            gc.unfreeze()
