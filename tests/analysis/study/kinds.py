"""Rows of the tidy table for tasks and procedures that the example study does not have."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from jndlab.analysis.study.data import TrialTable
from jndlab.study.trials import TASKS

BEGIN = datetime(2026, 3, 2, 9, tzinfo=UTC)
ITEMS = ("owl", "wren", "lark", "finch")
ORDERS: dict[str, dict[str, str]] = {
    "abx": {"AB-A": "A", "AB-B": "B", "BA-A": "B", "BA-B": "A"},
    "two-interval": {"BC": "2", "CB": "1"},
    "3afc": {"CBB": "1", "BCB": "2", "BBC": "3"},
    "same-different": {"BB": "same", "CC": "same", "BC": "different", "CB": "different"},
    "yes-no": {"B": "no", "C": "yes"},
}
Row = dict[str, Any]


def row_of(participant: int, number: int, paradigm: str, **cells: Any) -> Row:
    """One answered test trial; ``cells`` says what is special about it."""
    moment = BEGIN + timedelta(hours=participant, seconds=6 * number)
    row: Row = {
        "study": "kinds",
        "study_digest": "0" * 64,
        "session": f"s{participant:03d}",
        "session_kind": "participant",
        "session_state": "finished",
        "participant": participant,
        "slot": participant,
        "paradigm": paradigm,
        "guess_rate": TASKS[paradigm].guess_rate,
        "procedure": "constant-stimuli",
        "trial": number,
        "block": 1 + (number - 1) // 40,
        "phase": "main",
        "trial_kind": "test",
        "item": ITEMS[number % len(ITEMS)],
        "condition": "seofp",
        "level_unit": "bits",
        "compression": "rises",
        "compared_with": "baseline",
        "response_time_ms": 2000.0 + 13.0 * (number % 17),
        "n_loads": 1,
        "presented_at": moment.isoformat(),
        "answered_at": (moment + timedelta(seconds=3)).isoformat(),
        "jndlab_version": "test",
        **cells,
    }
    if "order" in row and "correct_response" not in row:
        row["correct_response"] = ORDERS[paradigm][row["order"]]
    if row.get("correct_response"):
        row["correct"] = row["response"] == row["correct_response"]
    return row


def table_of(rows: Sequence[Row]) -> TrialTable:
    """The rows as a table; numbers of trials are given anew within each session."""
    seen: dict[str, int] = {}
    numbered = []
    for row in rows:
        seen[row["session"]] = seen.get(row["session"], 0) + 1
        numbered.append({**row, "trial": seen[row["session"]]})
    return TrialTable.from_rows(numbered)


def exact_rows(
    paradigm: str,
    shares: dict[float, float],
    *,
    n_listeners: int = 6,
    per_order: int = 20,
    **cells: Any,
) -> list[Row]:
    """Answers right in exactly these shares at each level, in every order, of every listener."""
    responses = sorted(set(ORDERS[paradigm].values()))
    rows = []
    for participant in range(1, n_listeners + 1):
        number = 0
        for level, share in shares.items():
            for order, right in ORDERS[paradigm].items():
                others = [one for one in responses if one != right]
                for at in range(per_order):
                    number += 1
                    is_right = at < round(share * per_order)
                    answer = right if is_right else others[at % len(others)]
                    more = {"level": level, "order": order, "response": answer, **cells}
                    rows.append(row_of(participant, number, paradigm, **more))
    return rows


def detection_rows(
    paradigm: str,
    d_prime_at: Callable[[float], float],
    levels: Sequence[float],
    *,
    n_listeners: int = 8,
    per_order: int = 12,
    criterion: float = 1.0,
    spread: float = 0.0,
    confidence: bool = False,
    seed: int = 5,
    **cells: Any,
) -> list[Row]:
    """Observers with unit normal noise: yes/no by a criterion, same-different by the distance of
    both observations."""
    rows = []
    for participant in range(1, n_listeners + 1):
        rng = np.random.default_rng([seed, participant])
        mine = criterion + spread * rng.standard_normal()
        trials = [(level, order) for level in levels for order in ORDERS[paradigm]] * per_order
        for number, at in enumerate(rng.permutation(len(trials)), start=1):
            level, order = trials[at]
            heard = _heard(rng, order, d_prime_at(level))
            beyond = (abs(heard[0] - heard[-1]) if len(heard) == 2 else heard[0]) - mine
            yes, no = ("yes", "no") if paradigm == "yes-no" else ("different", "same")
            more = {"level": level, "order": order, "response": yes if beyond > 0 else no, **cells}
            if confidence:
                more["confidence"] = 1 + min(2, int(abs(beyond) / 0.6))
            rows.append(row_of(participant, number, paradigm, **more))
    return rows


def _heard(rng: np.random.Generator, order: str, d_prime: float) -> list[float]:
    return [float(rng.normal(d_prime if one == "C" else 0.0, 1.0)) for one in order]


def staircase_rows(
    paradigm: str,
    probability: Callable[[float], float],
    levels: Sequence[float],
    *,
    n_listeners: int = 6,
    n_trials: int = 60,
    starts: Sequence[float] = (),
    procedure: str = "staircase",
    seed: int = 3,
    **cells: Any,
) -> list[Row]:
    """Interleaved 2-down 1-up tracks with steps of one level, from each start."""
    rows = []
    for participant in range(1, n_listeners + 1):
        rng = np.random.default_rng([seed, participant])
        tracks = [
            (f"seofp from {start:g}", _walk(rng, probability, levels, start, n_trials))
            for start in (starts or (levels[-1],))
        ]
        turns = rng.permutation([at for at in range(len(tracks)) for _ in range(n_trials)])
        for number, at in enumerate(turns, start=1):
            name, track = tracks[at]
            level, right = next(track)
            order, answer = list(ORDERS[paradigm].items())[int(rng.integers(len(ORDERS[paradigm])))]
            others = [one for one in set(ORDERS[paradigm].values()) if one != answer]
            more = {
                "level": level,
                "order": order,
                "response": answer if right else sorted(others)[0],
                "track": name,
                "procedure": procedure,
                **cells,
            }
            rows.append(row_of(participant, number, paradigm, **more))
    return rows


def _walk(
    rng: np.random.Generator,
    probability: Callable[[float], float],
    levels: Sequence[float],
    start: float,
    n_trials: int,
) -> Iterator[tuple[float, bool]]:
    place, streak = list(levels).index(start), 0
    for _ in range(n_trials):
        right = bool(rng.random() < probability(levels[place]))
        yield levels[place], right
        streak = streak + 1 if right else 0
        if not right:
            place = min(place + 1, len(levels) - 1)
        elif streak == 2:
            place, streak = max(place - 1, 0), 0
