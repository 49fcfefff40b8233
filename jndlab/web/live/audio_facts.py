"""What participants' browsers said of their sound and of interruptions; none of it is trusted."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from jndlab.store.live_facts import EventFact

DESCRIBES_AUDIO = ("audio-context", "resumed", "device-change")
HIDDEN = ("hidden-while-playing",)
INTERRUPTED = ("interrupted-while-playing",)
PROBLEMS = ("problem-shown", "page-error", "answer-refused", "clip-damaged", "storage-blocked")
"""Kinds of reports, as the participant's page names them."""

MAX_RATE_HZ = 1_000_000
MAX_LATENCY_MS = 60_000.0


@dataclass(frozen=True, slots=True, kw_only=True)
class EventTally:
    """The reports of one browser, counted as they come."""

    n_events: int = 0
    n_hidden: int = 0
    n_interrupted: int = 0
    n_problems: int = 0
    n_device_changes: int = 0
    context_rate_hz: int | None = None
    """Last one that was told."""
    hardware_rate_hz: int | None = None
    output_latency_ms: float | None = None
    last_id: int = 0
    """Of the newest report that is counted."""

    def with_events(self, events: Sequence[EventFact]) -> EventTally:
        """The tally with those of the events that are new to it."""
        new = [event for event in events if event.event_id > self.last_id]
        if not new:
            return self
        kinds = Counter(event.kind for event in new)
        tally = replace(
            self,
            n_events=self.n_events + len(new),
            n_hidden=self.n_hidden + _number(kinds, HIDDEN),
            n_interrupted=self.n_interrupted + _number(kinds, INTERRUPTED),
            n_problems=self.n_problems + _number(kinds, PROBLEMS),
            n_device_changes=self.n_device_changes + kinds["device-change"],
            last_id=max(event.event_id for event in new),
        )
        for event in new:
            if event.kind in DESCRIBES_AUDIO:
                tally = tally._with_audio(event.detail)
        return tally

    def _with_audio(self, detail: str) -> EventTally:
        try:
            told: Any = json.loads(detail)
        except (ValueError, RecursionError):  # not JSON, or brackets by the thousand
            return self
        if not isinstance(told, dict):
            return self
        latency_s = _between(told.get("output_latency_s"), MAX_LATENCY_MS / 1000)
        return replace(
            self,
            context_rate_hz=_rate(told.get("granted_hz")) or self.context_rate_hz,
            hardware_rate_hz=_rate(told.get("hardware_hz")) or self.hardware_rate_hz,
            output_latency_ms=self.output_latency_ms if latency_s is None else 1000 * latency_s,
        )


def _number(kinds: Counter[str], names: Sequence[str]) -> int:
    return sum(kinds[name] for name in names)


def _rate(value: object) -> int | None:
    rate = _between(value, MAX_RATE_HZ)
    return round(rate) if rate else None


def _between(value: object, most: float) -> float | None:
    """The number, if it is one and can be meant."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if 0 <= value <= most else None
