"""Tests against chance that may be looked at after every trial or listener: e-values."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from numpy.typing import ArrayLike

from jndlab.analysis.inference.equivalence_counts import Unit
from jndlab.analysis.inference.proportions import Alternative, require_alternative
from jndlab.analysis.inference.sequential_evidence import (
    ListenerSequence,
    ResponseSequence,
    SequentialHistory,
    TrialSequence,
    e_values,
    first_claim,
    latest_interval,
    p_value_of,
)
from jndlab.analysis.inference.sequential_input import (
    cumulative_counts,
    listener_proportions,
    require_rate,
)
from jndlab.analysis.inference.sequential_mixture import Prior, require_prior
from jndlab.analysis.inference.trial_counts import require_chance
from jndlab.analysis.intervals import ConfidenceInterval
from jndlab.analysis.records import to_dict


@dataclass(frozen=True, slots=True, kw_only=True)
class EValueTest:
    """A test against chance that holds however often, and whenever, one looks."""

    verdict: Literal["different", "undecided"]
    e_value: float
    """Of all data: evidence against chance; 20 is as good as p = 0.05."""
    p_value: float
    """1 over the largest e-value so far; valid at any moment, also one chosen by the data."""
    decided_at: int | None
    """Trials or listeners at the first e-value of 1/alpha; None: there was none."""
    estimate: float
    """Proportion correct so far; over listeners the mean of theirs. Stopping early biases it."""
    interval: ConfidenceInterval
    """Of the proportion correct, valid at any moment; on the side that the alternative asks about.
    """
    chance: float
    alternative: Alternative
    alpha: float
    unit: Unit
    n: int
    """Trials or listeners."""
    history: SequentialHistory = field(repr=False)
    method: str
    warnings: tuple[str, ...]

    def to_dict(self) -> Any:
        """The fields, ready for JSON."""
        return to_dict(self)


def e_value_binomial(
    responses: ArrayLike | None = None,
    *,
    n_correct: ArrayLike | None = None,
    n_trials: ArrayLike | None = None,
    chance: float,
    alternative: Alternative = "greater",
    prior: Prior = (1.0, 1.0),
    alpha: float = 0.05,
) -> EValueTest:
    """E-value, p-value and interval of trials against ``chance``, valid whenever one stops.

    ``responses``: 1 for correct and 0 for wrong, trial by trial; or ``n_correct`` and ``n_trials``
    so far, at each moment at which they were looked at (numbers: now); shape (trials,) or
    (moments,). The e-value is

        E = ∫ p^k (1 − p)^(n − k) dπ(p) / (c^k (1 − c)^(n − k)),

    with chance c and π the beta distribution ``prior``, cut to proportions above c ("greater"),
    below it ("less") or whole (Robbins 1970, *Ann. Math. Stat.* 41, 1397–1409; Howard et al. 2021,
    *Ann. Stat.* 49, 1055–1080). If nobody hears anything it ever reaches 1/``alpha`` in at most
    ``alpha`` of studies, so one may stop as soon as it does, or for any other reason. It is also
    the Bayes factor with that prior. Trials of several listeners may be mixed for "greater": under
    the null hypothesis all guess. DataError: counts that decrease, impossible options.

    >>> result = e_value_binomial([1, 1, 0, 1, 1, 1, 1, 1, 0, 1, 1, 1], chance=0.5)
    >>> round(result.e_value, 2), round(result.p_value, 3), result.verdict
    (9.44, 0.106, 'undecided')
    >>> e_value_binomial(n_correct=[20, 45, 70], n_trials=[30, 60, 90], chance=0.5).decided_at
    60
    """
    correct, trials = cumulative_counts(responses, n_correct, n_trials)
    sequence = TrialSequence(n_correct=correct, n_trials=trials, prior=require_prior(prior))
    return _test(sequence, chance=chance, alternative=alternative, alpha=alpha)


def e_value_listeners(
    n_correct: ArrayLike,
    n_trials: ArrayLike,
    *,
    chance: float,
    alternative: Alternative = "greater",
    alpha: float = 0.05,
) -> EValueTest:
    """E-value, p-value and interval of the mean over listeners, valid whenever one stops.

    Counts of each listener, shape (listeners,), as they came. The listener is the unit: however
    much they differ, the error rate holds for their mean. The e-value is the capital of somebody
    who bets on a mean above chance (Waudby-Smith & Ramdas 2024, *J. R. Stat. Soc. B* 86, 1–27), in
    many parts β of which each becomes ∏ (1 + β (x_i / c − 1)) for proportions x_i and chance c;
    "two-sided" bets half of it on either side. No listener can multiply it by more than 1 / c: the
    freedom from assumptions costs listeners, and fewer than some eight seldom suffice. DataError:
    impossible counts or options.

    >>> result = e_value_listeners([14, 13, 17, 12, 15, 16, 13, 15, 14, 16, 15], 20, chance=0.5)
    >>> result.verdict, result.decided_at
    ('different', 10)
    """
    sequence = ListenerSequence(proportions=listener_proportions(n_correct, n_trials))
    return _test(sequence, chance=chance, alternative=alternative, alpha=alpha)


def _test(
    sequence: ResponseSequence, *, chance: float, alternative: Alternative, alpha: float
) -> EValueTest:
    null, side = require_chance(chance), require_alternative(alternative)
    rate = require_rate(alpha, "alpha")
    log_e = sequence.log_e_values(null, side)
    low, high = sequence.limits(rate, side)
    interval, warnings = latest_interval(
        (low, high),
        lambda: sequence.last_limits(rate, side),
        coverage=1.0 - rate,
        method=sequence.method,
    )
    p_value, values = p_value_of(log_e), e_values(log_e)
    return EValueTest(
        verdict="different" if p_value <= rate else "undecided",
        e_value=float(values[-1]),
        p_value=p_value,
        decided_at=first_claim(sequence.moments, log_e, rate),
        estimate=float(sequence.estimates[-1]),
        interval=interval,
        chance=null,
        alternative=side,
        alpha=rate,
        unit=sequence.unit,
        n=int(sequence.moments[-1]),
        history=SequentialHistory(
            n=sequence.moments, estimate=sequence.estimates, low=low, high=high, e_value=values
        ),
        method=sequence.method,
        warnings=warnings,
    )
