"""Does the curve fit? Deviance, Pearson's statistic and overdispersion, judged by simulation.

With few trials per level neither statistic is distributed as chi-square, so the p-values come from
data sets drawn from the fitted binomial curve and fitted again in the same way (Wichmann & Hill
2001, *Perception & Psychophysics* 63, 1293–1313):

deviance
    D = 2 Σ [k log(k / nψ) + (n − k) log((n − k) / n(1 − ψ))];
Pearson's statistic
    X² = Σ (k − nψ)² / (nψ(1 − ψ));
overdispersion
    twice the log likelihood ratio of the beta-binomial curve to the binomial one (for a fit with
    priors of the posterior, without a prior of the overdispersion). Zero is the bound of the
    overdispersion, so chi-square would not do for many trials either.

p = (b + 1) / (m + 1), where b of m simulated data sets reach the statistic of the data (Davison &
Hinkley 1997, *Bootstrap Methods and their Application*, equation 4.11).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jndlab import __version__
from jndlab.analysis.checks import generator_of
from jndlab.analysis.fits.curves import FittedCurves
from jndlab.analysis.fits.discrepancy import deviance_parts, pearson_parts
from jndlab.analysis.fits.fit import PsychometricFit
from jndlab.analysis.fits.simulation import (
    binomial_twin,
    check_simulations,
    draw_counts,
    ended,
    refit,
    seed_of,
    with_overdispersion,
)
from jndlab.analysis.fits.surface import curve_at
from jndlab.analysis.inference.equivalence_wording import p_text
from jndlab.analysis.records import Option, to_dict

Floats = NDArray[np.float64]
ALPHA = 0.05
METHOD = "parametric bootstrap of the binomial curve (Wichmann & Hill 2001)"
_ROUNDING = 1e-9
"""Equal data sets have equal statistics up to this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GoodnessOfFit:
    """How far the counts are from the curve, beside data sets that come from the curve."""

    deviance: float
    """Of the binomial fit; larger than the fit's own only by the overdispersion it leaves out."""
    deviance_p_value: float
    pearson: float
    pearson_p_value: float
    overdispersion: float
    """Estimate without a prior of it."""
    overdispersion_ratio: float
    """Twice the log likelihood ratio of beta-binomial to binomial."""
    overdispersion_p_value: float
    n_levels: int
    n_parameters: int
    """Estimated in the binomial fit; D would be compared with n_levels − n_parameters."""
    n_simulations: int
    """Simulated data sets that could be fitted."""
    verdict: str
    warnings: tuple[str, ...]
    options: Mapping[str, Option]
    method: str
    seed: int | None
    data_digest: str
    version: str
    simulated_deviance: Floats = field(repr=False)
    """Shape (simulations,), like the following two."""
    simulated_pearson: Floats = field(repr=False)
    simulated_ratio: Floats = field(repr=False)

    @property
    def p_value(self) -> float:
        """Of the deviance."""
        return self.deviance_p_value

    def to_dict(self) -> dict[str, Any]:
        """The result as plain values, ready for JSON."""
        plain: dict[str, Any] = to_dict(self)
        return plain


def goodness_of_fit(
    fit: PsychometricFit,
    *,
    seed: int | np.random.Generator,
    n_simulations: int = 2000,
    progress: Callable[[int], None] | None = None,
) -> GoodnessOfFit:
    """Judge a fit by data sets simulated from it.

    The null hypothesis is that responses are independent and follow the fitted curve: binomial
    counts, whether or not the fit allows for overdispersion. A fit with a posterior is judged by
    its mode. Formulas at the head of this module (Wichmann & Hill 2001, *Perception &
    Psychophysics* 63, 1293–1313). Equal seeds give equal results. DataError: too few simulations.

    >>> from jndlab.analysis import fit_psychometric
    >>> fit = fit_psychometric([1, 2, 3, 4, 5, 6], [21, 23, 29, 33, 38, 39], [40] * 6,
    ...                        paradigm="2afc")
    >>> result = goodness_of_fit(fit, seed=1, n_simulations=200)
    >>> round(result.deviance, 2), result.deviance_p_value > 0.5
    (0.43, True)
    """
    check_simulations(n_simulations, "simulated data sets")
    rng = generator_of(seed)[0]
    plain = binomial_twin(fit.curves)
    wide = _widened(plain)
    trials = np.repeat(plain.n_trials, n_simulations, axis=0)
    counts = draw_counts(rng, curve_at(plain.design, plain.modes.points).right, trials)
    simulated = refit(plain, counts, trials, progress=progress)
    simulated, simulated_wide = ended(simulated, refit(wide, counts, trials))
    observed, spread = _statistics(plain, wide), _statistics(simulated, simulated_wide)
    n_kept = len(simulated.n_correct)
    p_values = [
        float((1 + np.sum(many >= one[0] - _ROUNDING)) / (n_kept + 1))
        for one, many in zip(observed, spread, strict=True)
    ]
    deviance, pearson, ratio = (float(statistic[0]) for statistic in observed)
    lost = n_simulations - n_kept
    return GoodnessOfFit(
        deviance=deviance,
        deviance_p_value=p_values[0],
        pearson=pearson,
        pearson_p_value=p_values[1],
        overdispersion=float(wide.modes.overdispersion[0]),
        overdispersion_ratio=ratio,
        overdispersion_p_value=p_values[2],
        n_levels=len(fit.levels),
        n_parameters=len(plain.design.free),
        n_simulations=n_kept,
        verdict=_verdict(fit, deviance, p_values[0], p_values[2]),
        warnings=(f"{lost} simulated data sets could not be fitted.",) if lost else (),
        options={"n_simulations": n_simulations},
        method=METHOD,
        seed=seed_of(seed),
        data_digest=fit.data_digest,
        version=__version__,
        simulated_deviance=spread[0],
        simulated_pearson=spread[1],
        simulated_ratio=spread[2],
    )


def _widened(plain: FittedCurves) -> FittedCurves:
    """The same data with free overdispersion."""
    wide = replace(plain, design=with_overdispersion(plain.design, None))
    return refit(wide, plain.n_correct, plain.n_trials)


def _statistics(plain: FittedCurves, wide: FittedCurves) -> tuple[Floats, Floats, Floats]:
    """Deviance, Pearson's statistic and the ratio of likelihoods, shape (data sets,) each."""
    curve = curve_at(plain.design, plain.modes.points)
    counts = (plain.n_correct, plain.n_trials, curve.right, curve.wrong)
    ratio = 2.0 * (wide.modes.log_posterior - plain.modes.log_posterior)
    return (
        deviance_parts(*counts).sum(axis=1),
        pearson_parts(*counts).sum(axis=1),
        np.maximum(ratio, 0.0),
    )


def _verdict(fit: PsychometricFit, deviance: float, p_value: float, p_scatter: float) -> str:
    total, n_levels = sum(fit.n_trials), len(fit.levels)
    found = f"deviance {deviance:.2f}, {p_text(p_value)}"
    if p_value < ALPHA or p_scatter < ALPHA:
        allowed = (
            "The fit takes the counts as binomial, so its intervals are too narrow."
            if fit.design.binomial
            else "The fit has overdispersion, which makes its intervals wider."
        )
        return (
            f"The counts lie farther from the curve than binomial counts would ({found}; "
            f"overdispersion {p_text(p_scatter)}). Either the curve has another shape, or the "
            "responses depend on one another: learning, fatigue, pooled listeners. Residuals over "
            f"level and order help to tell these apart. {allowed}"
        )
    if p_value > 1.0 - ALPHA / 5.0:
        return (
            f"The counts lie closer to the curve than counts from it mostly do ({found}). Check "
            "that they are raw counts of single responses."
        )
    return (
        f"No misfit shows ({found}; overdispersion {p_text(p_scatter)}). That does not prove the "
        f"curve right: {total} trials at {n_levels} levels show only gross misfits."
    )
