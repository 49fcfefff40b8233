"""Intervals that cover at all moments together, however often one looks: confidence sequences."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from numpy.typing import ArrayLike

from jndlab.analysis.inference.equivalence_counts import Unit
from jndlab.analysis.inference.proportions import Alternative, require_alternative
from jndlab.analysis.inference.sequential_evidence import (
    ListenerSequence,
    ResponseSequence,
    SequentialHistory,
    TrialSequence,
    latest_interval,
)
from jndlab.analysis.inference.sequential_input import cumulative_counts, listener_proportions
from jndlab.analysis.inference.sequential_mixture import Prior, require_prior
from jndlab.analysis.intervals import ConfidenceInterval, check_coverage
from jndlab.analysis.records import to_dict


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfidenceSequence:
    """Intervals for every moment, all of which cover the truth with the coverage stated."""

    estimate: float
    """Proportion correct so far; over listeners the mean of theirs."""
    interval: ConfidenceInterval
    """At the latest moment: what none of the moments ruled out."""
    alternative: Alternative
    unit: Unit
    n: int
    """Trials or listeners."""
    history: SequentialHistory = field(repr=False)
    method: str
    warnings: tuple[str, ...]

    def to_dict(self) -> Any:
        """The fields, ready for JSON."""
        return to_dict(self)


def confidence_sequence(
    n_correct: ArrayLike,
    n_trials: ArrayLike,
    *,
    coverage: float = 0.95,
    alternative: Alternative = "two-sided",
    prior: Prior = (1.0, 1.0),
) -> ConfidenceSequence:
    """Intervals of the proportion correct that all cover it with probability ``coverage``.

    ``n_correct`` and ``n_trials``, shape (moments,): so far, at each moment at which they were
    looked at; numbers for now only. A proportion is ruled out when its e-value
    (:func:`e_value_binomial`, a mixture over the beta distribution ``prior``) reaches 1 / (1 −
    coverage), and stays so (Robbins 1970, *Ann. Math. Stat.* 41, 1397–1409; Howard et al. 2021,
    *Ann. Stat.* 49, 1055–1080). One may stop when the interval is narrow enough, or excludes what
    matters. It is some 1.5 times as long as one for a number of trials fixed beforehand. "greater"
    gives the lower, "less" the upper limit. Trials are independent: those of one listener.
    DataError: counts that decrease, impossible options.

    >>> sequence = confidence_sequence([14, 33, 60], [25, 50, 100])
    >>> round(sequence.interval.low, 3), round(sequence.interval.high, 3)
    (0.442, 0.746)
    """
    correct, trials = cumulative_counts(None, n_correct, n_trials)
    sequence = TrialSequence(n_correct=correct, n_trials=trials, prior=require_prior(prior))
    return _sequence(sequence, coverage=coverage, alternative=alternative)


def confidence_sequence_listeners(
    n_correct: ArrayLike,
    n_trials: ArrayLike,
    *,
    coverage: float = 0.95,
    alternative: Alternative = "two-sided",
) -> ConfidenceSequence:
    """Intervals of the mean proportion correct over listeners, valid after each of them.

    Counts of each listener, shape (listeners,), in the order in which they came; the listener is
    the unit of inference.
    Nothing is assumed of how listeners differ: a mean is ruled out when the capital of somebody who
    bets against it (:func:`e_value_listeners`) reaches 1 / (1 − coverage), twice that where both
    sides are bet on (Waudby-Smith & Ramdas 2024, *J. R. Stat. Soc. B* 86, 1–27).
    DataError: impossible counts or options.

    >>> sequence = confidence_sequence_listeners([14, 13, 17, 12, 15, 16, 13, 15, 14, 16], 20)
    >>> round(sequence.interval.low, 3), round(sequence.interval.high, 3)
    (0.474, 0.826)
    """
    sequence = ListenerSequence(proportions=listener_proportions(n_correct, n_trials))
    return _sequence(sequence, coverage=coverage, alternative=alternative)


def _sequence(
    sequence: ResponseSequence, *, coverage: float, alternative: Alternative
) -> ConfidenceSequence:
    check_coverage(coverage)
    side = require_alternative(alternative)
    low, high = sequence.limits(1.0 - coverage, side)
    interval, warnings = latest_interval(
        (low, high),
        lambda: sequence.last_limits(1.0 - coverage, side),
        coverage=coverage,
        method=sequence.method,
    )
    return ConfidenceSequence(
        estimate=float(sequence.estimates[-1]),
        interval=interval,
        alternative=side,
        unit=sequence.unit,
        n=int(sequence.moments[-1]),
        history=SequentialHistory(
            n=sequence.moments, estimate=sequence.estimates, low=low, high=high
        ),
        method=sequence.method,
        warnings=warnings,
    )
