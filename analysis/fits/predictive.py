"""Data sets that a model expects: before the data from its prior, after them from its posterior.

Prior predictive (Box 1980, *Journal of the Royal Statistical Society A* 143, 383–430): what the
priors say in the currency of counts. Posterior predictive (Gelman, Meng & Stern 1996, *Statistica
Sinica* 6, 733–807): whether the data look like what the fitted model makes; with the deviance as
the discrepancy, p = P(D(replicate, θ) ≥ D(data, θ)) over draws of θ. When the model holds that p
gathers about 0.5, more than a p-value does, so it would show only gross misfits.
:func:`jndlab.analysis.goodness_of_fit` has p-values in the strict sense.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from jndlab import __version__
from jndlab.analysis.checks import digest_counts, generator_of, merge_counts
from jndlab.analysis.fits.design import OVERDISPERSION, Design
from jndlab.analysis.fits.discrepancy import deviance_parts
from jndlab.analysis.fits.draws import ParameterDraws, posterior_draws, prior_draws
from jndlab.analysis.fits.fit import PsychometricFit
from jndlab.analysis.fits.simulation import check_simulations, draw_counts, seed_of
from jndlab.analysis.intervals import check_coverage
from jndlab.analysis.records import Option, to_dict
from jndlab.errors import DataError

Floats = NDArray[np.float64]
_EXTREME = 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class PredictiveCheck:
    """Curves and counts that a model expects, and where the data lie among them."""

    source: str
    """"prior" or "posterior"."""
    levels: tuple[float, ...]
    n_correct: tuple[int, ...] | None
    """Of the data; None where there are none yet, as for the p-values."""
    n_trials: tuple[int, ...]
    n_draws: int
    p_value: float | None
    """Share of draws whose replicate deviates more from its curve than the data do."""
    level_p_values: tuple[float, ...] | None
    """Two-sided mid-p of each level's count among the replicates."""
    verdict: str
    warnings: tuple[str, ...]
    options: Mapping[str, Option]
    method: str
    seed: int | None
    data_digest: str
    version: str
    draws: ParameterDraws = field(repr=False)
    proportions: Floats = field(repr=False)
    """ψ of the drawn curves, shape (draws, levels)."""
    replicates: Floats = field(repr=False)
    """Numbers of correct responses drawn from them, shape (draws, levels)."""

    def band(self, coverage: float = 0.95) -> tuple[Floats, Floats]:
        """Equal-tailed band of the replicates' proportions correct: low and high, (levels,) each.

        DataError: impossible coverage.
        """
        check_coverage(coverage)
        tail = (1.0 - coverage) / 2.0
        shares = self.replicates / np.array(self.n_trials)
        low, high = np.quantile(shares, [tail, 1.0 - tail], axis=0)
        return low, high

    def to_dict(self) -> dict[str, Any]:
        """The result as plain values, ready for JSON; with the 95 % band."""
        plain: dict[str, Any] = to_dict(self)
        low, high = self.band()
        plain["band"] = {"coverage": 0.95, "low": low.tolist(), "high": high.tolist()}
        return plain


def prior_predictive(
    source: PsychometricFit | Design,
    n_trials: ArrayLike | None = None,
    *,
    seed: int | np.random.Generator,
    n_draws: int = 2000,
) -> PredictiveCheck:
    """Data sets from the priors of a fit, or of a design before there are data.

    ``n_trials`` per level, shape (levels,), is needed for a design
    (:func:`jndlab.analysis.fits.design.make_design`). Box 1980, *Journal of the Royal Statistical
    Society A* 143, 383–430. DataError: n_trials is missing, or too few draws.

    >>> from jndlab.analysis.fits.design import make_design
    >>> check = prior_predictive(make_design([1, 2, 3, 4], guess_rate=0.5), [20] * 4, seed=1)
    >>> low, high = check.band()
    >>> bool(low[0] < 0.5 < high[0]), check.p_value
    (True, None)
    """
    check_simulations(n_draws, "draws")
    rng = generator_of(seed)[0]
    draws = prior_draws(source, n_draws, seed=rng)
    if isinstance(source, PsychometricFit):
        return _check(draws, source.levels, source.n_trials, source.n_correct, rng, seed)
    if n_trials is None:
        raise DataError("There are no trials.", "Give n_trials, one number per level.")
    levels, _, trials = merge_counts(
        source.levels, np.zeros(np.shape(n_trials)), np.asarray(n_trials)
    )
    if len(levels) != len(source.levels):
        raise DataError("A level has no trials.", "Leave it out of the design.")
    return _check(draws, tuple(levels.tolist()), tuple(int(n) for n in trials), None, rng, seed)


def posterior_predictive(
    fit: PsychometricFit, *, seed: int | np.random.Generator, n_draws: int = 2000
) -> PredictiveCheck:
    """Data sets from the posterior of a fit, and where its data lie among them.

    Gelman, Meng & Stern 1996, *Statistica Sinica* 6, 733–807; formula at the head of this module.
    FitError: the fit has no posterior. DataError: too few draws.

    >>> from jndlab.analysis import fit_psychometric
    >>> fit = fit_psychometric([1, 2, 3, 4, 5, 6], [21, 23, 29, 33, 38, 39], [40] * 6,
    ...                        paradigm="2afc")
    >>> check = posterior_predictive(fit, seed=1)
    >>> bool(check.p_value > 0.5), all(p > 0.1 for p in check.level_p_values)
    (True, True)
    """
    check_simulations(n_draws, "draws")
    rng = generator_of(seed)[0]
    draws = posterior_draws(fit, n_draws, seed=rng)
    return _check(draws, fit.levels, fit.n_trials, fit.n_correct, rng, seed)


def _check(
    draws: ParameterDraws,
    levels: tuple[float, ...],
    n_trials: tuple[int, ...],
    n_correct: tuple[int, ...] | None,
    rng: np.random.Generator,
    seed: int | np.random.Generator,
) -> PredictiveCheck:
    trials = np.array(n_trials, dtype=float)
    right = draws.proportions(levels)
    eta = draws.curves.modes.points[:, OVERDISPERSION, None]
    replicates = draw_counts(rng, right, trials, eta)
    p_value, level_p_values = None, None
    if n_correct is not None:
        correct = np.array(n_correct, dtype=float)
        theirs = deviance_parts(replicates, trials, right, 1.0 - right).sum(axis=1)
        ours = deviance_parts(correct, trials, right, 1.0 - right).sum(axis=1)
        p_value = float(np.mean(theirs >= ours))
        same = np.mean(replicates == correct, axis=0) / 2.0
        tails = np.minimum(
            np.mean(replicates < correct, axis=0) + same,
            np.mean(replicates > correct, axis=0) + same,
        )
        level_p_values = tuple(np.minimum(1.0, 2.0 * tails).tolist())
    return PredictiveCheck(
        source=draws.source,
        levels=tuple(levels),
        n_correct=n_correct,
        n_trials=n_trials,
        n_draws=draws.n_draws,
        p_value=p_value,
        level_p_values=level_p_values,
        verdict=_verdict(draws.source, p_value, level_p_values, levels),
        warnings=(),
        options={"n_draws": draws.n_draws},
        method=f"{draws.source} predictive, deviance as discrepancy (Gelman, Meng & Stern 1996)",
        seed=seed_of(seed),
        data_digest=digest_counts(np.array(levels), np.array(n_correct or [], dtype=float), trials),
        version=__version__,
        draws=draws,
        proportions=right,
        replicates=replicates,
    )


def _verdict(
    source: str,
    p_value: float | None,
    level_p_values: tuple[float, ...] | None,
    levels: tuple[float, ...],
) -> str:
    if p_value is None or level_p_values is None:
        return "There are no data to compare with."
    odd = [level for level, p in zip(levels, level_p_values, strict=True) if p < _EXTREME]
    where = ", ".join(f"{level:g}" for level in odd)
    if p_value < _EXTREME or odd:
        at = f", most at {where}" if odd else ""
        return (
            f"The data are unlike data sets from the {source} (predictive p = {p_value:.3f}{at}): "
            "the model does not describe what happened there."
        )
    return (
        f"Data sets from the {source} look like the data (predictive p = {p_value:.2f}). Such a p "
        "gathers about 0.5 and would show only gross misfits."
    )
