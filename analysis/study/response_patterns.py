"""Straight-lining and other fixed patterns: answers that do not depend on the sound."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from jndlab.analysis.inference.adjust import adjust_p_values
from jndlab.analysis.inference.binomial import binomial_test
from jndlab.analysis.records import to_dict
from jndlab.analysis.study.data import TrialTable
from jndlab.analysis.study.session_rows import main_trials, sessions_of
from jndlab.errors import DataError

FLAG_P_VALUE = 0.01
"""A run is called out below this, adjusted over the sessions."""
_ABOVE_CHANCE = 0.05
"""Unless its answers are right more often than guessing explains, at this level."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A stretch of answers, and how surprising its length is."""

    length: int
    first_trial: int
    """Trial number at which it begins."""
    n_correct: int
    p_value: float
    """Chance of one as long or longer somewhere in the session, were all answers independent and
    the responses equally likely, as they are for somebody who guesses."""
    p_value_holm: float
    """Adjusted over the sessions (Holm)."""
    flagged: bool
    """Too long for luck, and not explained by right answers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionPattern:
    """The answers of one session, as a sequence."""

    session: str
    participant: int
    n_answers: int
    response: str
    """The commonest one."""
    share: float
    """Its share of the answers."""
    share_p_value: float
    """Two-sided exact binomial test of that share; guessers and keen listeners alike are near one
    half, since the right responses are balanced."""
    share_p_value_holm: float
    same: Run
    """The longest run of one response."""
    alternating: Run
    """The longest run in which every answer differs from the one before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponsePatterns:
    """The answers of every session with at least two answers to main trials."""

    sessions: tuple[SessionPattern, ...]
    n_responses: int
    """Possible responses."""
    method: str

    @property
    def flagged(self) -> tuple[SessionPattern, ...]:
        """Sessions with a run, of one response or alternating, that luck does not explain."""
        return tuple(one for one in self.sessions if one.same.flagged or one.alternating.flagged)

    def to_dict(self) -> Any:
        """The fields, ready for JSON."""
        return to_dict(self)


def check_response_patterns(table: TrialTable) -> ResponsePatterns:
    """Shares and runs of responses of each session, with what guessing would give.

    Answers to all main trials count, in the order of the session. A run is flagged if its adjusted
    p-value is below 0.01 and its answers are not right above chance: a keen listener follows the
    right responses, which may alternate. DataError: no rows, several studies, mixed sessions.

    >>> from jndlab.analysis.study.example import example_trials
    >>> patterns = check_response_patterns(example_trials())
    >>> max(one.same.length for one in patterns.sessions), patterns.flagged
    (8, ())
    """
    trials = main_trials(table)
    n_responses = max(2, len(np.unique([*trials["response"], *trials["correct_response"]])))
    found = [
        _pattern(trials, one.session, one.participant, one.rows, 1.0 / n_responses)
        for one in sessions_of(trials)
        if len(one.rows) > 1
    ]
    return ResponsePatterns(
        sessions=_adjusted(found, 1.0 / n_responses),
        n_responses=n_responses,
        method="longest runs against independent, equally likely responses (Feller 1968, ch. XIII);"
        f" flagged below {FLAG_P_VALUE:g} after Holm's adjustment over sessions, unless the answers"
        " in the run are right above chance",
    )


def run_probability(length: int, n_trials: int, *, p: float = 0.5) -> float:
    """Chance of a run of ``length`` or more successes in ``n_trials`` independent trials.

    g(m) = g(m − 1) + (1 − p) p^k (1 − g(m − k − 1)), g(k) = p^k: the run either was there before
    or ends here after a failure (Feller 1968, *An Introduction to Probability Theory*, vol. 1,
    ch. XIII.7). DataError: negative numbers or a p outside 0 to 1.

    >>> run_probability(2, 3)  # 110, 011, 111
    0.375
    >>> round(run_probability(7, 100), 4)
    0.3175
    """
    if length < 0 or n_trials < 0 or not 0.0 <= p <= 1.0:
        raise DataError("There is no such run.", "Give numbers of 0 or more and p from 0 to 1.")
    if length == 0:
        return 1.0
    if length > n_trials:
        return 0.0
    reached = np.zeros(n_trials + 2)  # reached[m + 1] is g(m); g(-1) = 0
    step = p**length
    reached[length + 1] = step
    for m in range(length + 1, n_trials + 1):
        reached[m + 1] = reached[m] + (1.0 - p) * step * (1.0 - reached[m - length])
    return float(min(1.0, reached[n_trials + 1]))


def longest_run(values: ArrayLike) -> tuple[int, int]:
    """(length, start) of the longest run of True, the first of equals; (0, 0) if there is none.

    >>> longest_run([True, False, True, True])
    (2, 2)
    """
    flags = np.concatenate(([False], np.asarray(values, dtype=bool), [False])).astype(int)
    edges = np.diff(flags)
    starts, ends = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)
    if len(starts) == 0:
        return 0, 0
    longest = int(np.argmax(ends - starts))
    return int(ends[longest] - starts[longest]), int(starts[longest])


def _pattern(
    trials: TrialTable, session: str, participant: int, rows: NDArray[np.intp], chance: float
) -> SessionPattern:
    responses = trials["response"][rows]
    names, counts = np.unique(responses, return_counts=True)
    most, n = int(counts.max()), len(rows)
    same = responses[1:] == responses[:-1]

    def run(flags: NDArray[np.bool_], p: float) -> Run:
        length, start = longest_run(flags)
        inside = rows[start : start + length + 1]  # so many repeats are one answer more
        return Run(
            length=length + 1,
            first_trial=int(trials["trial"][inside[0]]),
            n_correct=int(trials["correct"][inside].sum()),
            p_value=run_probability(length, n - 1, p=p),
            p_value_holm=1.0,
            flagged=False,
        )

    return SessionPattern(
        session=session,
        participant=participant,
        n_answers=n,
        response=str(names[int(np.argmax(counts))]),
        share=most / n,
        share_p_value=binomial_test(most, n, chance=chance, alternative="two-sided").p_value,
        share_p_value_holm=1.0,
        same=run(same, chance),
        alternating=run(~same, 1.0 - chance),
    )


def _adjusted(found: Sequence[SessionPattern], chance: float) -> tuple[SessionPattern, ...]:
    def holm(values: list[float]) -> list[float]:
        return [float(p) for p in adjust_p_values(values, method="holm")]

    def judged(run: Run, p_value: float) -> Run:
        explained = binomial_test(run.n_correct, run.length, chance=chance).p_value < _ABOVE_CHANCE
        return replace(run, p_value_holm=p_value, flagged=p_value < FLAG_P_VALUE and not explained)

    shares = holm([one.share_p_value for one in found])
    same = holm([one.same.p_value for one in found])
    alternating = holm([one.alternating.p_value for one in found])
    return tuple(
        replace(
            one,
            share_p_value_holm=share,
            same=judged(one.same, p_same),
            alternating=judged(one.alternating, p_alternating),
        )
        for one, share, p_same, p_alternating in zip(found, shares, same, alternating, strict=True)
    )
