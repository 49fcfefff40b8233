"""The rows of a table session by session, in the order in which they were heard."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jndlab.analysis.study.data import TrialTable
from jndlab.errors import DataError


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRows:
    """Where the trials of one session stand in a table."""

    session: str
    participant: int
    rows: NDArray[np.intp]
    """Row numbers of the table, shape (trials,), by ascending trial number."""


def sessions_of(table: TrialTable) -> tuple[SessionRows, ...]:
    """Every session of the table with its rows, by participant number and then by name.

    >>> from jndlab.analysis.study.example import example_trials
    >>> [len(one.rows) for one in sessions_of(example_trials(n_listeners=2))]
    [76, 76]
    """
    if len(table) == 0:
        return ()
    order = np.lexsort((table["trial"], table["session"], table["participant"]))
    sessions, participants = table["session"][order], table["participant"][order]
    new = (sessions[1:] != sessions[:-1]) | (participants[1:] != participants[:-1])
    return tuple(
        SessionRows(
            session=str(table["session"][rows[0]]),
            participant=int(table["participant"][rows[0]]),
            rows=rows,
        )
        for rows in np.split(order, np.flatnonzero(new) + 1)
    )


def main_trials(table: TrialTable) -> TrialTable:
    """The answered trials of the main part of one study, catch trials among them.

    DataError: no rows, several studies or paradigms, people and simulated listeners mixed.

    >>> from jndlab.analysis.study.example import example_trials
    >>> len(main_trials(example_trials(n_listeners=2)))
    144
    """
    require_one_study(table)
    return table.select((table["phase"] == "main") & table.answered)


def require_one_study(table: TrialTable) -> None:
    """Raise DataError unless all rows are of one study, one paradigm, one kind of session.

    >>> from jndlab.analysis.study.example import example_trials
    >>> require_one_study(example_trials(n_listeners=1))
    """
    table.only("study", what="study")
    table.only("paradigm", what="paradigm")
    if len(np.unique(table["session_kind"])) > 1:
        raise DataError(
            "The table mixes sessions of people with simulated listeners, or with a pilot.",
            "Select one kind first: they are never analysed together.",
        )


def moments(table: TrialTable, name: str) -> NDArray[np.datetime64]:
    """A column of times as numpy.datetime64 in µs, shape (trials,); NaT where empty.

    >>> from jndlab.analysis.study.example import example_trials
    >>> str(moments(example_trials(n_listeners=1), "presented_at")[0])
    '2026-03-02T10:00:00.000000'
    """
    # All are UTC and end in +00:00, which numpy does not read.
    texts = [text[:26] or "NaT" for text in table[name].tolist()]
    return np.array(texts, dtype="datetime64[us]")
