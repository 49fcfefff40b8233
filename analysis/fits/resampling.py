"""Bootstrap of one psychometric fit: how its estimates scatter over data sets like its own.

Parametric: counts are drawn from the fitted curve, beta-binomial where the fit has overdispersion.
Nonparametric: responses are drawn with replacement within each level, or whole blocks of them
(Efron & Tibshirani 1993, *An Introduction to the Bootstrap*; Wichmann & Hill 2001, *Perception &
Psychophysics* 63, 1314–1329). All resamples are fitted in one batch.

Intervals from the resamples θ* of an estimate θ:

percentile
    the quantiles of θ*;
basic
    2θ − the quantiles of θ* (of the logarithm for width and slope);
BCa
    quantiles of θ* at Φ(z₀ + (z₀ + z)/(1 − a (z₀ + z))), corrected for the bias z₀ of θ* and for
    the acceleration a of its scatter (Efron 1987, *J. Am. Stat. Assoc.* 82, 171–185; DiCiccio &
    Efron 1996, *Statistical Science* 11, 189–228). See :mod:`jndlab.analysis.fits.acceleration`.

Where the lapse rate is estimated and often at its bound, the bias is not that of a smooth
estimate: simulated, BCa and basic intervals of maxima then miss more often than percentile ones,
and all of them more often than profile and posterior intervals where trials are few.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from jndlab import __version__
from jndlab.analysis.checks import generator_of
from jndlab.analysis.fits.acceleration import Influence, influence_of
from jndlab.analysis.fits.blocks import BlockCounts, Blocks, check_blocks
from jndlab.analysis.fits.curves import NAMES, RATES, FittedCurves, check_name
from jndlab.analysis.fits.fit import PsychometricFit
from jndlab.analysis.fits.simulation import (
    as_mode,
    check_simulations,
    draw_counts,
    ended,
    refit,
    seed_of,
)
from jndlab.analysis.fits.surface import curve_at
from jndlab.analysis.fits.targets import Target, make_target
from jndlab.analysis.intervals import ConfidenceInterval, check_coverage
from jndlab.analysis.records import Option, to_dict
from jndlab.errors import FitError

Floats = NDArray[np.float64]
Kind = Literal["parametric", "nonparametric"]
IntervalKind = Literal["percentile", "bca", "basic"]
KINDS: tuple[Kind, ...] = ("parametric", "nonparametric")
_FEW_BLOCKS = 5
INTERVALS: tuple[IntervalKind, ...] = ("percentile", "bca", "basic")


@dataclass(frozen=True, slots=True, kw_only=True)
class BootstrapFit:
    """A fit and its resamples."""

    kind: Kind
    method: str
    n_resamples: int
    n_converged: int
    """Resamples whose search ended; the others are left out."""
    paradigm: str
    guess_rate: float
    warnings: tuple[str, ...]
    options: Mapping[str, Option]
    seed: int | None
    """None where a Generator was passed in whose seed is not known here."""
    data_digest: str
    version: str
    fitted: FittedCurves = field(repr=False)
    """The curve of the data, by its mode or maximum."""
    resamples: FittedCurves = field(repr=False)
    influence: Influence = field(repr=False)

    def estimate(self, what: str | Target) -> float:
        """The estimate of the data that the resamples belong to: the mode, or the maximum."""
        return float(_values(self.fitted, what)[0])

    def estimates(self, what: str | Target) -> Floats:
        """Estimates of the resamples, shape (resamples,): a parameter by name, or a target."""
        return _values(self.resamples, what)

    def standard_error(self, what: str | Target) -> float:
        """Standard deviation over the resamples; infinite if any of them is."""
        values = self.estimates(what)
        return float(np.std(values, ddof=1)) if np.all(np.isfinite(values)) else float("inf")

    def target(
        self,
        target_probability: float | None = None,
        *,
        d_prime: float | None = None,
        model: str | None = None,
        lapse_free: bool = True,
    ) -> Target:
        """A target for :meth:`interval`; options as for a fit's ``threshold_at``."""
        return make_target(
            target_probability,
            d_prime,
            paradigm=self.paradigm,
            guess_rate=self.guess_rate,
            model=model,
            lapse_free=lapse_free,
        )

    def interval(
        self, what: str | Target, coverage: float = 0.95, kind: IntervalKind = "percentile"
    ) -> ConfidenceInterval:
        """Bootstrap interval of a parameter by name, or of the level at a :meth:`target`.

        FitError: no such parameter or kind of interval. DataError: impossible coverage.
        """
        check_coverage(coverage)
        if kind not in INTERVALS:
            raise FitError(
                f"There is no interval {kind!r}.", f"Use one of: {', '.join(INTERVALS)}."
            )
        method = f"{self.kind} bootstrap, {'BCa' if kind == 'bca' else kind}"
        shares = np.array([(1.0 - coverage) / 2.0, (1.0 + coverage) / 2.0])
        value, values = self.estimate(what), self.estimates(what)
        if kind == "bca":
            shares = self._corrected(what, value, values, shares)
        low, high = np.quantile(values, shares, method="inverted_cdf")
        if kind == "basic":
            low, high = _reflected(what, value, float(low), float(high))
        return ConfidenceInterval(
            low=float(low), high=float(high), coverage=coverage, method=method
        )

    def _corrected(
        self, what: str | Target, value: float, values: Floats, shares: Floats
    ) -> Floats:
        """Shares of the quantiles that BCa takes in place of ``shares``."""
        below = np.mean(values < value) + np.mean(values == value) / 2.0
        least = 1.0 / (len(values) + 1.0)
        bias = float(ndtri(np.clip(below, least, 1.0 - least)))
        acceleration = self.influence.acceleration(lambda curves: _values(curves, what))
        moved = bias + ndtri(shares)
        bend = 1.0 - acceleration * moved
        return np.asarray(ndtr(bias + moved / np.maximum(bend, 1e-6)))

    def to_dict(self) -> dict[str, Any]:
        """The result as plain values, ready for JSON, with percentile intervals."""
        plain: dict[str, Any] = to_dict(self)
        plain["estimates"] = {name: self.estimate(name) for name in NAMES}
        plain["standard_errors"] = {name: to_dict(self.standard_error(name)) for name in NAMES}
        plain["intervals"] = {name: to_dict(self.interval(name)) for name in NAMES}
        return plain


def bootstrap_fit(
    fit: PsychometricFit,
    *,
    seed: int | np.random.Generator,
    kind: Kind = "parametric",
    blocks: Blocks | None = None,
    n_resamples: int = 2000,
    progress: Callable[[int], None] | None = None,
) -> BootstrapFit:
    """Resample the data of a fit, and fit every resample in the same way.

    ``blocks``, for the nonparametric kind: levels, numbers correct and numbers of trials of the
    blocks that the data came in, three sequences of equal length that add up to the fit's
    counts; whole blocks are then drawn within each level, so that what differs between blocks
    shows. A fit with a posterior is resampled by its mode. Equal seeds give equal results.

    The resampling takes trials (or blocks) as independent: for pooled listeners use
    :func:`jndlab.analysis.bootstrap_listeners`. Efron & Tibshirani 1993, *An Introduction to the
    Bootstrap*; BCa: Efron 1987, *J. Am. Stat. Assoc.* 82, 171–185. FitError: no such kind.
    DataError: too few resamples, or blocks that do not add up to the counts.

    >>> from jndlab.analysis import fit_psychometric
    >>> fit = fit_psychometric([1, 2, 3, 4, 5, 6], [21, 23, 29, 33, 38, 39], [40] * 6,
    ...                        paradigm="2afc", method="map", overdispersion=False)
    >>> resampled = bootstrap_fit(fit, seed=1, n_resamples=500)
    >>> interval = resampled.interval("threshold", kind="bca")
    >>> interval.low < fit.threshold < interval.high
    True
    """
    if kind not in KINDS:
        raise FitError(f"There is no bootstrap {kind!r}.", f"Use one of: {', '.join(KINDS)}.")
    check_simulations(n_resamples, "resamples")
    if blocks is not None and kind == "parametric":
        raise FitError("A parametric bootstrap has no blocks.", 'Use kind="nonparametric".')
    rng = generator_of(seed)[0]
    fitted = as_mode(fit.curves)
    places = None if blocks is None else check_blocks(fit, blocks)
    correct, trials = fitted.n_correct, fitted.n_trials
    if kind == "parametric":
        right = curve_at(fit.design, fitted.modes.points).right
        eta = float(fitted.modes.overdispersion[0])
        drawn = draw_counts(rng, right, np.repeat(trials, n_resamples, axis=0), eta)
        counts = (drawn, np.repeat(trials, n_resamples, axis=0))
    elif places is None:
        all_trials = np.repeat(trials, n_resamples, axis=0)
        counts = (draw_counts(rng, correct / trials, all_trials), all_trials)
    else:
        counts = places.resample(rng, n_resamples)
    (resamples,) = ended(refit(fitted, *counts, progress=progress))
    n_converged = len(resamples.n_correct)
    return BootstrapFit(
        kind=kind,
        method=fitted.method,
        n_resamples=n_resamples,
        n_converged=n_converged,
        paradigm=fit.paradigm,
        guess_rate=float(fitted.modes.guess_rate[0]),
        warnings=(*fit.warnings, *_advice(fit, kind, places, n_resamples - n_converged)),
        options={"kind": kind, "blocks": places is not None, "n_resamples": n_resamples},
        seed=seed_of(seed),
        data_digest=fit.data_digest,
        version=__version__,
        fitted=fitted,
        resamples=resamples,
        influence=influence_of(fitted, kind, places),
    )


def _values(curves: FittedCurves, what: str | Target) -> Floats:
    if isinstance(what, Target):
        return curves.threshold_at(what)
    check_name(what)
    return curves.estimate(what)


def _reflected(what: str | Target, value: float, low: float, high: float) -> tuple[float, float]:
    """2θ − quantiles; multiplied out for what is never 0, inside 0 to 1 for rates."""
    if what in ("width", "slope"):
        with np.errstate(divide="ignore", invalid="ignore"):
            turned = np.sign(value) * value**2 / np.abs(np.array([low, high]))
        ends = np.sort(np.nan_to_num(turned, nan=0.0, posinf=np.inf, neginf=-np.inf))
        return float(ends[0]), float(ends[1])
    ends = np.array([2.0 * value - high, 2.0 * value - low])
    if what in RATES:
        ends = np.clip(ends, 0.0, 1.0)
    return float(ends[0]), float(ends[1])


def _advice(
    fit: PsychometricFit, kind: Kind, places: BlockCounts | None, n_lost: int
) -> tuple[str, ...]:
    shares = np.array(fit.n_correct) / np.array(fit.n_trials)
    certain = int(np.sum((shares == 0.0) | (shares == 1.0)))
    sentences = []
    if kind == "nonparametric" and places is None and certain:
        sentences.append(
            f"At {certain} of {len(shares)} levels all responses were alike: there the "
            "nonparametric bootstrap does not vary, and its intervals may be too narrow."
        )
    if places is not None:
        fewest = int(np.bincount(places.level, minlength=places.n_levels).min())
        if fewest < _FEW_BLOCKS:
            sentences.append(
                f"Only {fewest} block(s) at a level: drawn blocks then scatter less than blocks "
                f"do, and the intervals are too narrow. Take at least {_FEW_BLOCKS} per level."
            )
    if n_lost:
        sentences.append(f"{n_lost} resamples could not be fitted and are left out.")
    return tuple(sentences)
