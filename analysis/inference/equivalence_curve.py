"""The p-value of an equivalence claim over all bounds: which could the data reject?

A figure of it shows at one glance what no choice of bound can hide: where the curve crosses alpha
lies the smallest bound that the data reject.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from jndlab.analysis.checks import numbers
from jndlab.analysis.inference.equivalence import (
    LARGEST_SPREAD,
    check_options,
    limits_of,
    method_text,
    smallest_rejected,
)
from jndlab.analysis.inference.equivalence_bounds import BoundOn, bound_scale, require_bound
from jndlab.analysis.inference.equivalence_counts import Unit, listener_totals
from jndlab.analysis.inference.equivalence_evidence import evidence_of
from jndlab.analysis.intervals import ConfidenceInterval
from jndlab.analysis.records import to_dict
from jndlab.errors import DataError

Floats = NDArray[np.float64]
_N_BOUNDS = 33


@dataclass(frozen=True, slots=True, kw_only=True)
class EquivalenceCurve:
    """p-values of the claim over bounds; the arrays have one entry per bound."""

    bounds: Floats = field(repr=False)
    """On the scale of the bound, rising."""
    bound_proportions: Floats = field(repr=False)
    """The same as proportions correct."""
    p_values: Floats = field(repr=False)
    """One-sided, as ``EquivalenceTest.p_value``."""
    p_values_tost: Floats = field(repr=False)
    """Two one-sided tests, as ``EquivalenceTest.p_value_tost``."""
    bound_on: BoundOn
    alpha: float
    estimate: float
    interval: ConfidenceInterval
    smallest_rejected_bound: float | None
    """On the scale of the bound; None: no bound is rejected."""
    unit: Unit
    paradigm: str
    model: str | None
    method: str
    warnings: tuple[str, ...]

    def to_dict(self) -> Any:
        """The fields without the arrays, ready for JSON."""
        return to_dict(self)


def equivalence_curve(
    n_correct: ArrayLike,
    n_trials: ArrayLike,
    *,
    paradigm: str,
    bounds: ArrayLike | None = None,
    bound_on: BoundOn = "proportion_correct",
    alpha: float = 0.05,
    listener: ArrayLike | None = None,
    unit: Unit | None = None,
    n_listeners: int | None = None,
    model: str | None = None,
    largest_spread: float = LARGEST_SPREAD,
) -> EquivalenceCurve:
    """p-values of the claim "smaller than the bound" for many bounds.

    ``bounds`` of shape (bounds,) on the scale ``bound_on``; None spreads 33 from chance to well
    above the limit. Other options as in :func:`equivalence_test`. This describes what the data can
    rule out; the claim itself needs its one bound, fixed beforehand. (The p-value function:
    Poole 1987, *Am. J. Public Health* 77, 195–199.)

    DataError: a bound that is not between chance and 1, impossible counts or options.

    >>> curve = equivalence_curve(210, 400, paradigm="abx", bounds=[0.55, 0.6])
    >>> curve.p_values.round(4).tolist(), round(curve.smallest_rejected_bound, 4)
    ([0.1698, 0.0014], 0.5671)
    """
    scale = bound_scale(paradigm, bound_on=bound_on, model=model)
    check_options(alpha, largest_spread)
    totals = listener_totals(
        n_correct, n_trials, listener=listener, unit=unit, n_listeners=n_listeners
    )
    evidence = evidence_of(totals, chance=scale.chance, largest_spread=largest_spread)
    interval = limits_of(evidence, None, alpha=alpha, two_sided=False)
    if bounds is None:
        end = min(1.0, scale.chance + 2.0 * max(interval.high - scale.chance, 0.05))
        proportions = np.linspace(scale.chance, end, _N_BOUNDS + 2)[1:-1]
        stated = [require_bound(scale.value(float(one)), scale) for one in proportions]
    else:
        values = np.atleast_1d(numbers(bounds, "bounds"))
        if values.ndim != 1 or values.size == 0:
            raise DataError("bounds must be a sequence of numbers.", "Give at least one bound.")
        stated = [require_bound(float(one), scale) for one in np.sort(values)]
    p_values = np.array([evidence.p_below(one.proportion) for one in stated])
    mirrored = np.array([evidence.p_above(one.mirrored) for one in stated])
    return EquivalenceCurve(
        bounds=np.array([one.value for one in stated]),
        bound_proportions=np.array([one.proportion for one in stated]),
        p_values=p_values,
        p_values_tost=np.maximum(p_values, mirrored),
        bound_on=scale.bound_on,
        alpha=float(alpha),
        estimate=evidence.estimate,
        interval=interval,
        smallest_rejected_bound=smallest_rejected(interval, scale, two_sided=False),
        unit=totals.unit,
        paradigm=scale.paradigm.name,
        model=scale.model,
        method=method_text(evidence),
        warnings=totals.warnings,
    )
