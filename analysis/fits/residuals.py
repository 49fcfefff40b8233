"""What is left when the curve is taken away: residuals, and whether they drift.

The deviance residual of a count is the signed root of its part of the deviance. Correlations of
residuals (Wichmann & Hill 2001, *Perception & Psychophysics* 63, 1293–1313):

with the prediction, or with the level
    the curve has another shape than the data;
with the order of the blocks
    performance changed in time: learning where it rises, fatigue or lost attention where it falls.

A fitted curve leaves residuals that are neither independent nor of equal variance, so p-values come
from data sets drawn from the binomial curve and fitted again: p = 2 min of the shares of simulated
correlations at least as low and at least as high, with the data set counted in.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jndlab import __version__
from jndlab.analysis.checks import generator_of
from jndlab.analysis.fits.blocks import BlockCounts, Blocks, check_blocks
from jndlab.analysis.fits.curves import FittedCurves
from jndlab.analysis.fits.discrepancy import signed_roots
from jndlab.analysis.fits.fit import PsychometricFit
from jndlab.analysis.fits.simulation import (
    binomial_twin,
    check_simulations,
    draw_counts,
    ended,
    refit,
    seed_of,
)
from jndlab.analysis.fits.surface import curve_at
from jndlab.analysis.inference.equivalence_wording import p_text
from jndlab.analysis.records import Option, to_dict

Floats = NDArray[np.float64]
ALPHA = 0.05
METHOD = "parametric bootstrap of the binomial curve (Wichmann & Hill 2001)"
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Trend:
    """A correlation of residuals, and how unusual it is for counts from the curve."""

    over: str
    """What the residuals are correlated with: "prediction", "level" or "order"."""
    correlation: float
    p_value: float
    verdict: str
    simulated: Floats = field(repr=False)
    """Correlations of the simulated data sets."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ResidualTrends:
    """Deviance residuals of a fit, and their trends."""

    levels: tuple[float, ...]
    predictions: tuple[float, ...]
    """Proportion correct on the binomial curve, per level."""
    residuals: tuple[float, ...]
    """Per level: positive where more responses are correct than the curve says."""
    block_levels: tuple[float, ...]
    """Per block, in the order of the blocks; empty if none were given."""
    block_residuals: tuple[float, ...]
    over_prediction: Trend
    over_level: Trend
    over_order: Trend | None
    """None: no blocks were given."""
    n_simulations: int
    verdict: str
    warnings: tuple[str, ...]
    options: Mapping[str, Option]
    method: str
    seed: int | None
    data_digest: str
    version: str

    @property
    def trends(self) -> tuple[Trend, ...]:
        """All trends that were looked at."""
        three = (self.over_prediction, self.over_level, self.over_order)
        return tuple(trend for trend in three if trend is not None)

    def to_dict(self) -> dict[str, Any]:
        """The result as plain values, ready for JSON."""
        plain: dict[str, Any] = to_dict(self)
        return plain


def deviance_residuals(fit: PsychometricFit) -> Floats:
    """Signed roots of each level's part of the deviance, shape (levels,), at the fit's mode.

    Their squares add up to the fit's deviance (Wichmann & Hill 2001, *Perception & Psychophysics*
    63, 1293–1313).

    >>> from jndlab.analysis import fit_psychometric
    >>> fit = fit_psychometric([1, 2, 3, 4, 5, 6], [21, 23, 29, 33, 38, 39], [40] * 6,
    ...                        paradigm="2afc", method="map", overdispersion=False)
    >>> deviance_residuals(fit).round(2).tolist()
    [-0.05, -0.23, 0.26, -0.21, 0.4, -0.32]
    """
    return np.asarray(_residuals(fit.curves)[0])


def residual_trends(
    fit: PsychometricFit,
    *,
    seed: int | np.random.Generator,
    blocks: Blocks | None = None,
    n_simulations: int = 2000,
    progress: Callable[[int], None] | None = None,
) -> ResidualTrends:
    """Look for trends in the residuals over prediction, level and, given blocks, their order.

    ``blocks``: levels, numbers correct and numbers of trials of the blocks in the order in which
    they were run, three sequences of equal length (a block is a run of trials at one level; single
    trials do too). They add up to the fit's counts. The curve is that of the binomial fit. Wichmann
    & Hill 2001, *Perception & Psychophysics* 63, 1293–1313; formulas at the head of this module.

    DataError: too few simulations, blocks that do not add up to the counts.

    >>> from jndlab.analysis import fit_psychometric
    >>> fit = fit_psychometric([1, 2, 3], [11, 15, 19], [20] * 3, paradigm="2afc")
    >>> blocks = ([1, 2, 3, 3, 2, 1], [4, 6, 9, 10, 9, 7], [10] * 6)
    >>> trends = residual_trends(fit, seed=1, blocks=blocks, n_simulations=500)
    >>> trends.over_order.correlation > 0.5
    True
    """
    check_simulations(n_simulations, "simulated data sets")
    places = None if blocks is None else check_blocks(fit, blocks)
    rng = generator_of(seed)[0]
    plain = binomial_twin(fit.curves)
    right = curve_at(plain.design, plain.modes.points).right
    block_counts, counts = _simulate(rng, plain, right[0], places, n_simulations)
    trials = np.repeat(plain.n_trials, n_simulations, axis=0)
    simulated = refit(plain, counts, trials, progress=progress)
    good = simulated.modes.converged
    (simulated,) = ended(simulated)
    observed, spread = _residuals(plain), _residuals(simulated)
    predictions = curve_at(plain.design, simulated.modes.points).right
    inner = plain.design.inner * plain.design.sign
    over_prediction = _trend(
        "prediction", _correlation(observed, right)[0], _correlation(spread, predictions)
    )
    over_level = _trend("level", _correlation(observed, inner)[0], _correlation(spread, inner))
    over_order, block_residuals = None, np.empty(0)
    if places is not None and block_counts is not None:
        order = np.arange(len(places), dtype=float)
        block_residuals = _block_residuals(plain, places, places.n_correct[None])[0]
        drawn = _block_residuals(simulated, places, block_counts[good])
        over_order = _trend(
            "order", _correlation(block_residuals[None], order)[0], _correlation(drawn, order)
        )
    found = [t for t in (over_prediction, over_level, over_order) if t is not None]
    lost = n_simulations - len(simulated.n_correct)
    return ResidualTrends(
        levels=fit.levels,
        predictions=tuple(right[0].tolist()),
        residuals=tuple(observed[0].tolist()),
        block_levels=() if places is None else tuple(fit.levels[i] for i in places.level),
        block_residuals=tuple(block_residuals.tolist()),
        over_prediction=over_prediction,
        over_level=over_level,
        over_order=over_order,
        n_simulations=n_simulations - lost,
        verdict=_verdict(found),
        warnings=(f"{lost} simulated data sets could not be fitted.",) if lost else (),
        options={"n_simulations": n_simulations, "n_blocks": 0 if places is None else len(places)},
        method=METHOD,
        seed=seed_of(seed),
        data_digest=fit.data_digest,
        version=__version__,
    )


def _simulate(
    rng: np.random.Generator,
    plain: FittedCurves,
    right: Floats,
    places: BlockCounts | None,
    number: int,
) -> tuple[Floats | None, Floats]:
    """Counts per block, where there are blocks, and per level: shape (data sets, …)."""
    if places is None:
        return None, draw_counts(rng, right, np.repeat(plain.n_trials, number, axis=0))
    trials = np.repeat(places.n_trials[None], number, axis=0)
    drawn = draw_counts(rng, right[places.level], trials)
    return drawn, places.pooled(drawn)


def _residuals(curves: FittedCurves) -> Floats:
    curve = curve_at(curves.design, curves.modes.points)
    return signed_roots(curves.n_correct, curves.n_trials, curve.right, curve.wrong)


def _block_residuals(curves: FittedCurves, places: BlockCounts, n_correct: Floats) -> Floats:
    """Residuals of blocks about the curves of their data sets, shape (data sets, blocks)."""
    curve = curve_at(curves.design, curves.modes.points)
    right, wrong = curve.right[:, places.level], curve.wrong[:, places.level]
    return signed_roots(n_correct, places.n_trials, right, wrong)


def _correlation(one: Floats, other: Floats) -> Floats:
    """Pearson's correlation along the last axis; 0 where either does not vary."""
    a = one - one.mean(axis=-1, keepdims=True)
    b = other - other.mean(axis=-1, keepdims=True)
    size = np.sqrt((a**2).sum(axis=-1) * (b**2).sum(axis=-1))
    return np.where(size > 1e-12, (a * b).sum(axis=-1) / np.maximum(size, 1e-12), 0.0)


def _trend(over: str, correlation: float, simulated: Floats) -> Trend:
    tails = (
        np.sum(simulated <= correlation + _ROUNDING),
        np.sum(simulated >= correlation - _ROUNDING),
    )
    p_value = min(1.0, 2.0 * float(min(tails) + 1) / (len(simulated) + 1))
    return Trend(
        over=over,
        correlation=float(correlation),
        p_value=p_value,
        verdict=_sentence(over, float(correlation), p_value),
        simulated=simulated,
    )


_WHAT = {
    "prediction": "the predicted proportion correct",
    "level": "the level",
    "order": "the order of the blocks",
}


def _sentence(over: str, correlation: float, p_value: float) -> str:
    found = f"(r = {correlation:.2f}, {p_text(p_value)})"
    if p_value >= ALPHA:
        return f"No trend of the residuals over {_WHAT[over]} shows {found}."
    way = "rise" if correlation > 0 else "fall"
    if over != "order":
        return f"The residuals {way} over {_WHAT[over]} {found}: the curve has another shape."
    meaning = "as by learning" if correlation > 0 else "as by fatigue or lost attention"
    return (
        f"The residuals {way} over {_WHAT[over]} {found}, {meaning}: the listener's performance "
        "was not the same throughout, and intervals that take it as the same are too narrow."
    )


def _verdict(trends: list[Trend]) -> str:
    found = [trend.verdict for trend in trends if trend.p_value < ALPHA]
    if found:
        return " ".join(found)
    over = " or ".join(_WHAT[trend.over] for trend in trends)
    return f"No trend of the residuals over {over} shows. Only large ones would, with few counts."
