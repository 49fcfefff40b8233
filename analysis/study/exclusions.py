"""Who and what enters an analysis: exclusions with their reasons, and counts per level."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jndlab.analysis.study.data import TrialTable
from jndlab.errors import DataError
from jndlab.study.trials import SessionKind

Floats = NDArray[np.float64]

KNOWN_ANSWERS = ("gross", "gold", "trap")
"""Catch trials whose answer is known: whoever attends is right in most of them."""

WHOSE: Mapping[SessionKind, str] = {
    "participant": "participant",
    "simulated": "simulated listener",
    "pilot": "pilot participant",
}
"""Who answered in a session of each kind that can be analysed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exclusion:
    """Trials left out for one reason."""

    reason: str
    n_trials: int
    n_sessions: int
    """Sessions that lost trials for this reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelCount:
    """Test trials of one condition at one level, pooled over listeners."""

    condition: str
    level: float
    n_trials: int
    n_correct: int
    n_listeners: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ListenerCounts:
    """Test trials of one condition by listener and level."""

    condition: str
    listeners: tuple[int, ...] | tuple[str, ...]
    """Participant numbers, ascending, or names."""
    levels: tuple[float, ...]
    """Ascending."""
    n_correct: Floats
    """Shape (listeners, levels)."""
    n_trials: Floats
    """Shape (listeners, levels); 0 where a listener did not hear a level."""


def exclude(
    table: TrialTable,
    *,
    session_kind: SessionKind = "participant",
    include_unfinished: bool = True,
    min_gross_correct: float | None = None,
) -> tuple[TrialTable, tuple[Exclusion, ...]]:
    """The trials to analyse, and what was left out for which reason, in this order:

    sessions of the other kind; practice; unanswered trials; sessions that were not finished,
    unless ``include_unfinished``; sessions whose proportion correct on gross catch trials is
    below ``min_gross_correct`` (None: no such rule; a session without gross trials stays).
    Fix these rules before you see the data. Catch trials stay in the table, to be summarised;
    :func:`counts` leaves them out. DataError: ``min_gross_correct`` outside 0 to 1.
    """
    if min_gross_correct is not None and not 0.0 <= min_gross_correct <= 1.0:
        raise DataError(
            f"min_gross_correct cannot be {min_gross_correct}.", "Give a proportion, such as 0.8."
        )
    if session_kind not in WHOSE:
        raise DataError(
            f"There is no session kind {session_kind!r}.",
            f"Use one of: {', '.join(WHOSE)}.",
        )
    exclusions: list[Exclusion] = []

    def drop(rows: NDArray[np.bool_], reason: str) -> None:
        nonlocal table
        if rows.any():
            exclusions.append(
                Exclusion(
                    reason=reason,
                    n_trials=int(rows.sum()),
                    n_sessions=len(np.unique(table["session"][rows])),
                )
            )
            table = table.select(~rows)

    for other, who in WHOSE.items():
        if other != session_kind:
            drop(table["session_kind"] == other, f"session of a {who}")
    drop(table["phase"] == "practice", "practice trial")
    drop(~table.answered, "no answer given")
    if not include_unfinished:
        drop(table["session_state"] != "finished", "session not finished")
    if min_gross_correct is not None:
        failing = [
            session
            for session, n_correct, n_trials in gross_by_session(table)
            if n_correct < min_gross_correct * n_trials - 1e-9
        ]
        drop(
            np.isin(table["session"], np.array(failing, dtype=np.str_)),
            f"session with less than {min_gross_correct:.0%} correct on gross catch trials",
        )
    return table, tuple(exclusions)


def gross_by_session(table: TrialTable) -> list[tuple[str, int, int]]:
    """(session, n_correct, n_trials) on catch trials whose answer is known, gross ones and those
    that the experimenter knows (gold) or that ask for an answer (trap); sessions that have any."""
    gross = table.select(np.isin(table["trial_kind"], KNOWN_ANSWERS) & table.answered)
    return [
        (str(session), int(gross["correct"][rows].sum()), int(rows.sum()))
        for session in np.unique(gross["session"])
        for rows in [gross["session"] == session]
    ]


def scored_trials(table: TrialTable) -> TrialTable:
    """The answered test trials of the main phase. DataError: people and simulations mixed."""
    if len(np.unique(table["session_kind"])) > 1:
        raise DataError(
            "The table mixes sessions of people with simulated listeners, or with a pilot.",
            "Use exclude(table, session_kind=...) first: they are never analysed together.",
        )
    return table.select(
        (table["phase"] == "main") & (table["trial_kind"] == "test") & table.answered
    )


def listener_counts(table: TrialTable) -> tuple[ListenerCounts, ...]:
    """Counts by listener and level for each condition, sorted by name.

    A listener is a participant number. DataError: people and simulated listeners mixed.
    """
    table = scored_trials(table)
    result = []
    for condition in np.unique(table["condition"]):
        part = table.select(table["condition"] == condition)
        listeners, row = np.unique(part["participant"], return_inverse=True)
        levels, column = np.unique(part["level"], return_inverse=True)
        n_trials = np.zeros((len(listeners), len(levels)))
        n_correct = np.zeros_like(n_trials)
        np.add.at(n_trials, (row, column), 1.0)
        np.add.at(n_correct, (row, column), part["correct"].astype(float))
        result.append(
            ListenerCounts(
                condition=str(condition),
                listeners=tuple(int(listener) for listener in listeners),
                levels=tuple(float(level) for level in levels),
                n_correct=n_correct,
                n_trials=n_trials,
            )
        )
    return tuple(result)


def counts(table: TrialTable) -> tuple[LevelCount, ...]:
    """Pooled test trials per condition and level, by name and then ascending level.

    DataError: people and simulated listeners mixed.
    """
    return tuple(
        LevelCount(
            condition=part.condition,
            level=level,
            n_trials=int(part.n_trials[:, i].sum()),
            n_correct=int(part.n_correct[:, i].sum()),
            n_listeners=int((part.n_trials[:, i] > 0).sum()),
        )
        for part in listener_counts(table)
        for i, level in enumerate(part.levels)
    )
