"""A study in which something of everything goes wrong, for the tests of the checks."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import numpy as np

from jndlab.analysis.study.example import example_rows

Rows = list[dict[str, Any]]


def spoiled_rows(
    *, n_listeners: int = 24, bias: float = 0.12, learning: float = 1.0, seed: int = 3
) -> Rows:
    """Participants 2, 5, 7, 9, 11, 13, 15, 16, 20, 21 each have one fault; see below."""
    rows = example_rows(n_listeners=n_listeners, bias=bias, learning=learning, seed=seed)
    by_participant: dict[int, Rows] = {}
    for row in rows:
        by_participant.setdefault(row["participant"], []).append(row)
    rng = np.random.default_rng(1)
    for participant, own in by_participant.items():
        _spoil(participant, own, rng)
        for row in own:
            answer = row["response"]
            row["correct"] = None if answer is None else answer == row["correct_response"]
    return [row for own in by_participant.values() for row in own]


def _spoil(participant: int, own: Rows, rng: np.random.Generator) -> None:
    if participant == 2:  # one response from trial 41
        for row in own[40:]:
            row["response"] = "A"
    elif participant == 5:  # A, B, A, B, …
        for number, row in enumerate(own):
            row["response"] = "AB"[number % 2]
    elif participant == 7:  # clicks before anything can be heard
        for row in own[10::5]:
            row["response_time_ms"] = float(np.round(rng.uniform(20, 180), 1))
    elif participant == 9:  # leaves during practice
        _leave(own, 3)
    elif participant == 11:  # leaves later, with a trial unanswered
        _leave(own, 40)
        own[-1].update(response=None, answered_at=None, response_time_ms=None, plays=None)
    elif participant == 13:  # does not attend
        for row in own:
            if row["trial_kind"] == "gross":
                row["response"] = "AB"[int(rng.random() < 0.5)]
    elif participant == 15:  # reloads, and takes 47 minutes off
        for row in own[20:60:13]:
            row["n_loads"] = 2
        _delay(own[45:], timedelta(minutes=47))
    elif participant == 16:  # goes on the next day
        own[30]["n_loads"] = 4
        _delay(own[60:], timedelta(hours=20))
    elif participant == 20:  # slow throughout
        for row in own:
            row["response_time_ms"] *= 8
    elif participant == 21:  # another device
        for row in own:
            row["context_rate_hz"] = 44100


def _leave(own: Rows, after: int) -> None:
    del own[after:]
    for row in own:
        row["session_state"] = "open"


def _delay(rows: Rows, by: timedelta) -> None:
    for row in rows:
        for name in ("presented_at", "answered_at"):
            row[name] = (datetime.fromisoformat(row[name]) + by).isoformat()
