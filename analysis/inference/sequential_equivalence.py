"""Equivalence claims that may be looked at after every trial or listener."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from numpy.typing import ArrayLike

from jndlab.analysis.inference.equivalence_bounds import (
    BoundOn,
    BoundScale,
    bound_scale,
    require_bound,
)
from jndlab.analysis.inference.equivalence_counts import Unit
from jndlab.analysis.inference.equivalence_wording import Verdict, decide, equivalence_wording
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
    unit_advice,
)
from jndlab.analysis.inference.sequential_mixture import Prior, require_prior
from jndlab.analysis.intervals import ConfidenceInterval
from jndlab.analysis.records import to_dict


@dataclass(frozen=True, slots=True, kw_only=True)
class SequentialEquivalence:
    """Whether an effect is smaller than a bound, and whether there is one, at any moment."""

    verdict: Verdict
    wording: str
    """What may be said in a report: it follows from the verdict and claims no more."""
    e_value: float
    """Of all data, against a proportion correct of the bound or more."""
    e_value_difference: float
    """Against chance."""
    p_value: float
    """1 over the largest e-value so far against the bound; valid at any moment."""
    p_value_difference: float
    equivalent_at: int | None
    """Trials or listeners when equivalence could first be claimed; None: it could not."""
    different_at: int | None
    estimate: float
    """Proportion correct so far; over listeners the mean of theirs. Stopping early biases it."""
    interval: ConfidenceInterval
    """Of the proportion correct, at any moment; each end is that of one of the two tests."""
    bound: float
    bound_on: BoundOn
    bound_proportion: float
    """The bound as a proportion correct."""
    paradigm: str
    model: str | None
    chance: float
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


def sequential_equivalence(
    n_correct: ArrayLike,
    n_trials: ArrayLike,
    *,
    paradigm: str,
    bound: float | None = None,
    bound_on: BoundOn = "proportion_correct",
    model: str | None = None,
    alpha: float = 0.05,
    prior: Prior = (1.0, 1.0),
    n_listeners: int | None = None,
) -> SequentialEquivalence:
    """Verdict on one listener's trials, valid whenever one stops.

    ``n_correct`` and ``n_trials``, shape (moments,): so far, whenever they were looked at. Two
    e-values, each a mixture of likelihood ratios over the beta distribution ``prior`` (Howard et
    al. 2021, *Ann. Stat.* 49, 1055–1080): against proportions of chance or less, over those above;
    and against proportions of the bound or more, over those from chance to the bound. Equivalence
    may be claimed once the latter has reached 1/``alpha``, which is when the upper limit of the
    confidence sequence has come below the bound. Each claim is wrong in at most ``alpha`` of
    studies, and at most one of them can be.

    The bound is one on proportion correct, d′ or discriminators, as in ``equivalence_test``.
    ``n_listeners`` above 1 warns: use ``sequential_equivalence_listeners``.
    DataError: no bound, counts that decrease, impossible options.

    >>> result = sequential_equivalence([52, 101, 152], [100, 200, 300], paradigm="abx",
    ...                                 bound=0.6, n_listeners=1)
    >>> result.verdict, result.equivalent_at, round(result.interval.high, 4)
    ('equivalent', 300, 0.5844)
    """
    correct, trials = cumulative_counts(None, n_correct, n_trials)
    scale = bound_scale(paradigm, bound_on=bound_on, model=model)
    sequence = TrialSequence(
        n_correct=correct, n_trials=trials, prior=require_prior(prior), floor=scale.chance
    )
    result = _claims(sequence, scale, bound=bound, alpha=alpha)
    return replace(result, warnings=unit_advice(n_listeners) + result.warnings)


def sequential_equivalence_listeners(
    n_correct: ArrayLike,
    n_trials: ArrayLike,
    *,
    paradigm: str,
    bound: float | None = None,
    bound_on: BoundOn = "proportion_correct",
    model: str | None = None,
    alpha: float = 0.05,
) -> SequentialEquivalence:
    """Verdict on the mean over listeners, valid after each of them and whenever one stops.

    Counts of each listener, shape (listeners,), as they came. The listener is the unit: the error
    rates hold for the mean proportion correct of the population, however much listeners differ.
    E-values as in :func:`~.sequential_evalues.e_value_listeners`: capital bet on a mean above
    chance, and on one below the bound (Waudby-Smith & Ramdas 2024, *J. R. Stat. Soc. B* 86, 1–27).
    d′ and discriminators as a bound stand for that mean. DataError: no bound, impossible counts or
    options.

    >>> counts = [10, 11, 9, 12, 10, 8, 11, 10, 9, 10, 11, 10, 9, 12, 10, 11, 8, 10]
    >>> result = sequential_equivalence_listeners(counts, 20, paradigm="abx", bound=0.65)
    >>> result.verdict, result.equivalent_at
    ('equivalent', 10)
    """
    sequence = ListenerSequence(proportions=listener_proportions(n_correct, n_trials))
    scale = bound_scale(paradigm, bound_on=bound_on, model=model)
    return _claims(sequence, scale, bound=bound, alpha=alpha)


def _claims(
    sequence: ResponseSequence, scale: BoundScale, *, bound: float | None, alpha: float
) -> SequentialEquivalence:
    limit, rate = require_bound(bound, scale), require_rate(alpha, "alpha")
    below = sequence.log_e_values(limit.proportion, "less")
    above = sequence.log_e_values(scale.chance, "greater")
    p_value, p_difference = p_value_of(below), p_value_of(above)
    low, _ = sequence.limits(rate, "greater")
    _, high = sequence.limits(rate, "less")
    interval, warnings = latest_interval(
        (low, high),
        lambda: (sequence.last_limits(rate, "greater")[0], sequence.last_limits(rate, "less")[1]),
        coverage=1.0 - 2.0 * rate,
        method=f"two one-sided limits, {sequence.method}",
    )
    verdict = decide(smaller_than_bound=p_value <= rate, above_chance=p_difference <= rate)
    return SequentialEquivalence(
        verdict=verdict,
        wording=equivalence_wording(
            verdict,
            subject=_subject(sequence, scale),
            chance=scale.chance,
            bound=scale.text(limit.proportion),
            limits=f"at most {scale.text(interval.high)}",
            confidence=1.0 - rate,
            p_value=p_value,
            p_value_difference=p_difference,
        ),
        e_value=float(e_values(below)[-1]),
        e_value_difference=float(e_values(above)[-1]),
        p_value=p_value,
        p_value_difference=p_difference,
        equivalent_at=first_claim(sequence.moments, below, rate),
        different_at=first_claim(sequence.moments, above, rate),
        estimate=float(sequence.estimates[-1]),
        interval=interval,
        bound=limit.value,
        bound_on=scale.bound_on,
        bound_proportion=limit.proportion,
        paradigm=scale.paradigm.name,
        model=scale.model,
        chance=scale.chance,
        alpha=rate,
        unit=sequence.unit,
        n=int(sequence.moments[-1]),
        history=SequentialHistory(
            n=sequence.moments,
            estimate=sequence.estimates,
            low=low,
            high=high,
            e_value=e_values(below),
            e_value_difference=e_values(above),
        ),
        method=sequence.method,
        warnings=warnings,
    )


def _subject(sequence: ResponseSequence, scale: BoundScale) -> str:
    trials = f"in {scale.paradigm.title} trials"
    if sequence.unit == "listeners":
        return f"The mean proportion correct of the listeners' population {trials}"
    return f"The proportion correct {trials}"
