"""A small study of simulated answers: for examples, and for trying out an analysis."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from jndlab.analysis.study.data import TrialTable
from jndlab.errors import DataError
from jndlab.sigmoids import proportion_correct, sigmoid
from jndlab.study.trials import GUESS_RATES, ParadigmName

LEVELS = (10.0, 7.0, 5.0, 4.0, 3.0, 2.0, 1.0, 0.0)
"""Fraction bits: fewer means more compression."""
ITEMS = ("p287_002", "p287_003", "p287_004", "p287_005")
_ORDERS: dict[str, dict[str, str]] = {
    "abx": {"AB-A": "A", "AB-B": "B", "BA-A": "B", "BA-B": "A"},
    "two-interval": {"CB": "1", "BC": "2"},
}
_WIDTH, _LAPSE_RATE, _PER_BLOCK = 3.0, 0.02, 20
_BEGIN = datetime(2026, 3, 2, 9, tzinfo=UTC)


def example_trials(
    *,
    n_listeners: int = 8,
    paradigm: ParadigmName = "abx",
    trials_per_level: int = 8,
    bias: float = 0.0,
    learning: float = 0.0,
    spread: float = 0.8,
    seed: int = 1,
) -> TrialTable:
    """A table of simulated participants: practice, test trials, catch trials, blocks of 20.

    Thresholds are normal with mean 3 fraction bits and standard deviation ``spread``. ``bias`` is
    added to the chance of the first response when a listener guesses; ``learning`` is by how many
    fraction bits the threshold moves from the first to the last trial. Equal seeds, equal tables.
    DataError: no listeners, or no such paradigm.

    >>> table = example_trials(n_listeners=2)
    >>> len(table), sorted(set(table["trial_kind"].tolist()))
    (152, ['gross', 'identical', 'test'])
    """
    return TrialTable.from_rows(
        example_rows(
            n_listeners=n_listeners,
            paradigm=paradigm,
            trials_per_level=trials_per_level,
            bias=bias,
            learning=learning,
            spread=spread,
            seed=seed,
        )
    )


def example_rows(
    *,
    n_listeners: int = 8,
    paradigm: ParadigmName = "abx",
    trials_per_level: int = 8,
    bias: float = 0.0,
    learning: float = 0.0,
    spread: float = 0.8,
    seed: int = 1,
) -> list[dict[str, Any]]:
    """The rows of :func:`example_trials`, to be changed before they become a table.

    >>> row = example_rows(n_listeners=1)[0]
    >>> row["phase"], row["level"], row["n_loads"]
    ('practice', 0.0, 1)
    """
    if n_listeners < 1 or trials_per_level < 1 or paradigm not in _ORDERS:
        raise DataError(
            "Such a study cannot be simulated.",
            "Give at least one listener and trial, and paradigm 'abx' or 'two-interval'.",
        )
    rows: list[dict[str, Any]] = []
    for participant in range(1, n_listeners + 1):
        rng = np.random.default_rng([seed, participant])
        plan = _plan(rng, paradigm, trials_per_level, participant)
        threshold, pace = rng.normal(3.0, spread), rng.normal(8.0, 0.25)
        moment = _BEGIN + timedelta(hours=participant)
        for number, trial in enumerate(plan, start=1):
            along = number / len(plan) - 0.5
            answer = _answer(rng, trial, threshold + learning * along, bias, _ORDERS[paradigm])
            time_ms = round(float(rng.lognormal(pace, 0.35)), 1)
            answered = moment + timedelta(milliseconds=time_ms + 400)
            rows.append(
                {
                    **_constant(participant, paradigm),
                    **trial,
                    "trial": number,
                    "block": 1 if number <= 4 else 2 + (number - 5) // _PER_BLOCK,
                    "response": answer,
                    "correct": answer == trial["correct_response"],
                    "response_time_ms": time_ms,
                    "plays": _plays(rng, paradigm),
                    "presented_at": moment.isoformat(),
                    "answered_at": answered.isoformat(),
                }
            )
            moment = answered + timedelta(seconds=1.0)
    return rows


def _plan(
    rng: np.random.Generator, paradigm: ParadigmName, trials_per_level: int, participant: int
) -> list[dict[str, Any]]:
    """Practice first, then test and catch trials in random order; orders and items balanced."""
    orders = list(_ORDERS[paradigm].items())
    cells = [("main", "test", level, trials_per_level) for level in LEVELS]
    cells += [("main", kind, LEVELS[-1], 4) for kind in ("identical", "gross")]
    main = [
        # Items move on against the orders, so that no item always meets the same one.
        _trial(phase, kind, level, orders[n % len(orders)], ITEMS[(n + n // 4 + turn) % len(ITEMS)])
        for turn, (phase, kind, level, repeats) in enumerate(cells, start=participant)
        for n in range(repeats)
    ]
    practice = [
        _trial("practice", "test", LEVELS[-1 - n % 2], orders[n % len(orders)], ITEMS[n])
        for n in range(4)
    ]
    return practice + [main[at] for at in rng.permutation(len(main))]


def _trial(
    phase: str, kind: str, level: float, order: tuple[str, str], item: str
) -> dict[str, Any]:
    return {
        "phase": phase,
        "trial_kind": kind,
        "level": level,
        "order": order[0],
        "correct_response": order[1],
        "item": item,
    }


def _answer(
    rng: np.random.Generator,
    trial: dict[str, Any],
    threshold: float,
    bias: float,
    orders: dict[str, str],
) -> str:
    """Right with the chance of hearing, less the lapses; otherwise a guess."""
    heard = float(sigmoid("norm", trial["level"], threshold, _WIDTH, falling=True))
    knows = float(proportion_correct(heard, 0.0, 2.0 * _LAPSE_RATE))
    first, second = sorted(set(orders.values()))
    if trial["trial_kind"] != "identical" and rng.random() < knows:
        return str(trial["correct_response"])
    return first if rng.random() < 0.5 + bias else second


def _plays(rng: np.random.Generator, paradigm: ParadigmName) -> str:
    counts = rng.integers(1, 4, size=3) if paradigm == "abx" else [1, 1]
    return ";".join(str(count) for count in counts)


def _constant(participant: int, paradigm: ParadigmName) -> dict[str, Any]:
    return {
        "study": "example",
        "study_digest": "0" * 64,
        "session": f"example-{participant:03d}",
        "session_kind": "participant",
        "session_state": "finished",
        "participant": participant,
        "paradigm": paradigm,
        "guess_rate": GUESS_RATES[paradigm],
        "condition": "seofp",
        "level_unit": "fraction bits",
        "compression": "falls",
        "n_loads": 1,
        "context_rate_hz": 48000,
        "output_latency_ms": 12.0,
        "jndlab_version": "example",
    }
