"""Catch trials and screening: did people attend, and does anything but the sound give answers?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtrc

from jndlab.analysis.inference.binomial import binomial_test
from jndlab.analysis.intervals import ConfidenceInterval, check_coverage, clopper_pearson
from jndlab.analysis.records import to_dict
from jndlab.analysis.study.data import TrialTable
from jndlab.analysis.study.exclusions import KNOWN_ANSWERS
from jndlab.analysis.study.session_rows import require_one_study, sessions_of
from jndlab.study.trials import TASKS


@dataclass(frozen=True, slots=True, kw_only=True)
class CatchCount:
    """Answers to one kind of trial: so many right of so many."""

    n_correct: int
    n_trials: int

    @property
    def share(self) -> float | None:
        """Share of right answers; None without trials."""
        return self.n_correct / self.n_trials if self.n_trials else None


@dataclass(frozen=True, slots=True, kw_only=True)
class CatchSession:
    """Screening and catch trials of one session."""

    session: str
    participant: int
    practice: CatchCount
    """Trials with feedback at plain differences: the screening that the table holds."""
    gross: CatchCount
    """The most compressed level, and trials whose answer is known (gold, trap): attentive
    listeners get most of them right."""
    identical: CatchCount
    """The baseline twice: agreement with the nominal key, at chance if nothing leaks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CatchTotal:
    """Answers to one kind of trial over all sessions."""

    n_correct: int
    n_trials: int
    interval: ConfidenceInterval
    """Exact (Clopper–Pearson)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CatchResults:
    """Screening and catch trials per session and over all."""

    sessions: tuple[CatchSession, ...]
    chance: float | None
    """None: the task has no chance level, and no identical pairs as catch trials either."""
    practice: CatchTotal | None
    """None: there were no such trials."""
    gross: CatchTotal | None
    identical: CatchTotal | None
    leak_p_value: float | None
    """Identical pairs: exact two-sided test of the agreement with the key against chance. Under its
    hypothesis all answers are guesses, so that pooled trials are in order."""
    leak_spread_p_value: float | None
    """Identical pairs: do sessions agree with the key, one way or the other, more unevenly than
    guessing explains? Chi-square over sessions: finds a cue that some listeners use, or use the
    wrong way round."""
    min_gross_correct: float | None
    """The rule stated beforehand, if there is one."""
    below_gross: tuple[int, ...]
    """Participants below that rule."""
    method: str

    def to_dict(self) -> Any:
        """The fields, ready for JSON."""
        return to_dict(self)


def check_catch_trials(
    table: TrialTable, *, min_gross_correct: float | None = None, coverage: float = 0.95
) -> CatchResults:
    """Practice, gross and identical trials per session and pooled, with the test for a leak.

    Answered trials only. Nothing is left out by ``min_gross_correct``; sessions below it are named.
    The sound check before the trials is not in the table: nobody gets a trial without passing it.

    DataError: no rows, several studies, people and simulated listeners mixed.

    >>> from jndlab.analysis.study.example import example_trials
    >>> results = check_catch_trials(example_trials())
    >>> results.gross.n_correct, results.gross.n_trials, round(results.leak_p_value, 2)
    (30, 32, 0.6)
    """
    check_coverage(coverage)
    require_one_study(table)
    chance = TASKS[str(table["paradigm"][0])].guess_rate
    main = table["phase"] == "main"
    has_key = table.answered & (table["correct_response"] != "")
    kinds = {
        "practice": ~main & has_key,
        "gross": main & np.isin(table["trial_kind"], KNOWN_ANSWERS) & has_key,
        "identical": main & (table["trial_kind"] == "identical") & table.answered,
    }
    correct = table["correct"]
    sessions = tuple(
        CatchSession(
            session=one.session,
            participant=one.participant,
            **{kind: _count(correct, one.rows[mask[one.rows]]) for kind, mask in kinds.items()},
        )
        for one in sessions_of(table)
    )
    totals = {kind: _total(correct, mask, coverage) for kind, mask in kinds.items()}
    leak, spread = _leak(sessions, totals["identical"], chance)
    return CatchResults(
        sessions=sessions,
        chance=chance,
        practice=totals["practice"],
        gross=totals["gross"],
        identical=totals["identical"],
        leak_p_value=leak,
        leak_spread_p_value=spread,
        min_gross_correct=min_gross_correct,
        below_gross=tuple(
            one.participant
            for one in sessions
            if min_gross_correct is not None and is_below(one.gross, min_gross_correct)
        ),
        method="exact binomial test of pooled identical pairs against chance; chi-square of the "
        "sessions' agreement about chance",
    )


def is_below(count: CatchCount, least: float) -> bool:
    """Whether the share of right answers is below ``least``. Without trials it is not.

    >>> is_below(CatchCount(n_correct=3, n_trials=4), 0.75)
    False
    """
    return count.n_correct < least * count.n_trials - 1e-9


def _count(correct: NDArray[np.bool_], rows: NDArray[np.intp]) -> CatchCount:
    return CatchCount(n_correct=int(correct[rows].sum()), n_trials=len(rows))


def _total(
    correct: NDArray[np.bool_], mask: NDArray[np.bool_], coverage: float
) -> CatchTotal | None:
    n_trials, n_correct = int(mask.sum()), int(correct[mask].sum())
    if n_trials == 0:
        return None
    return CatchTotal(
        n_correct=n_correct,
        n_trials=n_trials,
        interval=clopper_pearson(n_correct, n_trials, coverage=coverage),
    )


def _leak(
    sessions: tuple[CatchSession, ...], total: CatchTotal | None, chance: float | None
) -> tuple[float | None, float | None]:
    """p-values of the pooled agreement with the key, and of its spread over sessions."""
    if total is None or chance is None:
        return None, None
    test = binomial_test(total.n_correct, total.n_trials, chance=chance, alternative="two-sided")
    counts = np.array(
        [(s.identical.n_correct, s.identical.n_trials) for s in sessions if s.identical.n_trials],
        dtype=float,
    )
    expected, variance = counts[:, 1] * chance, counts[:, 1] * chance * (1.0 - chance)
    spread = float(np.sum((counts[:, 0] - expected) ** 2 / variance))
    return test.p_value, float(chdtrc(len(counts), spread))
