"""Rows of a tidy table with known answers, for the tests of the analysis."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from jndlab.sigmoids import proportion_correct, sigmoid

Rows = list[dict[str, Any]]


def make_row(**changes: Any) -> dict[str, Any]:
    """One answered, correct test trial of a finished participant session."""
    row: dict[str, Any] = {
        "study": "demo",
        "study_digest": "d" * 64,
        "session": "s1",
        "session_kind": "participant",
        "session_state": "finished",
        "participant": 1,
        "paradigm": "abx",
        "guess_rate": 0.5,
        "trial": 1,
        "block": 1,
        "phase": "main",
        "trial_kind": "test",
        "item": "p287_001",
        "condition": "seofp",
        "level": 3.0,
        "level_unit": "fraction bits",
        "compression": "falls",
        "order": "AB-A",
        "correct_response": "A",
        "response": "A",
        "correct": True,
        "response_time_ms": 2100.5,
        "plays": "1;1;1",
        "n_loads": 1,
        "context_rate_hz": 48000,
        "output_latency_ms": None,
        "presented_at": datetime(2026, 3, 2, 9, 0, tzinfo=UTC),
        "answered_at": datetime(2026, 3, 2, 9, 0, 5, tzinfo=UTC),
        "jndlab_version": "0.1.0",
    }
    assert set(changes) <= set(row)
    row.update(changes)
    if "correct" not in changes and "response" in changes:
        response = changes["response"]
        row["correct"] = None if response is None else response == row["correct_response"]
    return row


def make_study(
    *,
    n_listeners: int = 8,
    levels: tuple[float, ...] = (10, 7, 5, 4, 3, 2, 1, 0),
    repeats: int = 4,
    mean: float = 2.6,
    sd: float = 0.8,
    width: float = 2.5,
    seed: int = 1,
    common: Mapping[str, Any] | None = None,
) -> Rows:
    """Sessions of simulated answers: practice, test trials, and four catch trials of each kind."""
    common = {"items": 6, **(common or {})}
    n_items = common.pop("items")
    falling = common.get("compression", "falls") == "falls"
    rng = np.random.default_rng(seed)
    rows: Rows = []
    for participant in range(1, n_listeners + 1):
        threshold = rng.normal(mean, sd)
        plan = [("practice", "test", levels[-1])] * 2
        plan += [("main", "test", level) for level in levels for _ in range(repeats)]
        plan += [("main", "identical", levels[0]), ("main", "gross", levels[-1])] * 4
        for number, (phase, kind, level) in enumerate(plan, start=1):
            heard = sigmoid("norm", float(level), threshold, width, falling=falling)
            chance = 0.5 if kind == "identical" else float(proportion_correct(heard, 0.5, 0.02))
            key = str(rng.choice(["A", "B"]))
            right = rng.random() < chance
            presented = datetime(2026, 3, 2, 9, tzinfo=UTC) + timedelta(minutes=number)
            rows.append(
                make_row(
                    session=f"s{participant}",
                    participant=participant,
                    trial=number,
                    phase=phase,
                    trial_kind=kind,
                    level=float(level),
                    item=f"item{number % n_items}",
                    correct_response=key,
                    response=key if right else ("B" if key == "A" else "A"),
                    correct=bool(right),
                    presented_at=presented,
                    answered_at=presented + timedelta(seconds=5),
                    **common,
                )
            )
    return rows


@pytest.fixture
def row() -> Callable[..., dict[str, Any]]:
    return make_row


@pytest.fixture
def study_rows() -> Callable[..., Rows]:
    return make_study
