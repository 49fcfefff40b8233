"""Mean differences with the listener as the unit: tests of none, and of none that matters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.special import stdtr

from jndlab.analysis.inference.adjust import adjust_p_values
from jndlab.analysis.intervals import ConfidenceInterval, t_interval
from jndlab.analysis.quality.listener_means import ListenerMean, t_p_value

Verdict = Literal["equivalent", "different", "different-but-small", "undecided"]


@dataclass(frozen=True, slots=True, kw_only=True)
class MeanEquivalence:
    """Whether a mean difference is smaller than a bound, by two one-sided t tests over listeners.

    Schuirmann 1987, *J. Pharmacokinet. Biopharm.* 15, 657–680.
    """

    bound: float | None
    """In points of the scale, either way; None: none was stated."""
    p_value: float | None
    """The larger of the two one-sided p-values; None without bound, or with one listener."""
    interval: ConfidenceInterval | None
    """Of coverage 1 − 2α: the claim is that it lies inside the bound. None of one listener."""
    smallest_bound: float | None
    """The smallest bound that these data reject: how large a difference they rule out. A bound
    chosen by it is no claim. None of one listener."""
    verdict: Verdict | None
    """None without bound."""
    alpha: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Contrast:
    """A mean difference over listeners, its test, and its equivalence."""

    difference: ListenerMean
    p_value: float | None
    """Two-sided t test over listeners; None of one listener."""
    p_value_holm: float | None
    """Adjusted over the levels of the condition (Holm)."""
    equivalence: MeanEquivalence


def equivalence_of_mean(
    mean: float, sd: float | None, n_listeners: int, *, bound: float | None, alpha: float
) -> MeanEquivalence:
    """Two one-sided t tests of a mean difference against ±``bound``.

    Where every listener has the same difference there is no spread for a t test: then p is that of
    the sign test, the probability of n listeners within the bound if half of the population were
    beyond it, 2⁻ⁿ.

    >>> found = equivalence_of_mean(0.1, 0.4, 16, bound=0.5, alpha=0.05)
    >>> round(found.p_value, 4), round(found.smallest_bound, 3), found.verdict
    (0.0006, 0.275, 'equivalent')
    """
    interval = t_interval(mean, sd, n_listeners, coverage=1.0 - 2.0 * alpha)
    if interval is None or sd is None:
        return MeanEquivalence(
            bound=bound,
            p_value=None,
            interval=None,
            smallest_bound=None,
            verdict=None if bound is None else "undecided",
            alpha=alpha,
        )
    p_value = None if bound is None else _p_outside(mean, sd, n_listeners, bound)
    different = t_p_value(mean, sd, n_listeners)
    return MeanEquivalence(
        bound=bound,
        p_value=p_value,
        interval=interval,
        smallest_bound=max(abs(interval.low), abs(interval.high)),
        verdict=None if p_value is None else _verdict(p_value < alpha, different, alpha),
        alpha=alpha,
    )


def _p_outside(mean: float, sd: float, n_listeners: int, bound: float) -> float:
    if sd == 0.0:
        return 0.5**n_listeners if abs(mean) < bound else 1.0
    error = sd / float(np.sqrt(n_listeners))
    return float(stdtr(n_listeners - 1, (abs(mean) - bound) / error))


def _verdict(inside: bool, p_different: float | None, alpha: float) -> Verdict:
    different = p_different is not None and p_different < alpha
    if inside:
        return "different-but-small" if different else "equivalent"
    return "different" if different else "undecided"


def contrasts_of(
    differences: Sequence[ListenerMean],
    families: Sequence[str],
    *,
    bound: float | None,
    alpha: float,
) -> list[Contrast]:
    """Tests of mean differences; p-values are adjusted within each family (the condition)."""
    raw = [t_p_value(one.mean, one.sd, one.n_listeners) for one in differences]
    adjusted = holm_within(raw, families)
    return [
        Contrast(
            difference=one,
            p_value=p,
            p_value_holm=holm,
            equivalence=equivalence_of_mean(
                one.mean, one.sd, one.n_listeners, bound=bound, alpha=alpha
            ),
        )
        for one, p, holm in zip(differences, raw, adjusted, strict=True)
    ]


def holm_within(p_values: Sequence[float | None], families: Sequence[str]) -> list[float | None]:
    """p-values adjusted by Holm's method within each family; None stays None.

    >>> holm_within([0.01, 0.04, None, 0.04], ["a", "a", "a", "b"])
    [0.02, 0.04, None, 0.04]
    """
    found: list[float | None] = [None] * len(p_values)
    for family in dict.fromkeys(families):
        at = [
            place
            for place, (p, name) in enumerate(zip(p_values, families, strict=True))
            if name == family and p is not None
        ]
        raw = [p for place in at if (p := p_values[place]) is not None]
        for place, p in zip(at, adjust_p_values(raw, method="holm").tolist(), strict=True):
            found[place] = float(p)
    return found
