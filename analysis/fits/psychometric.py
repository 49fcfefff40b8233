"""One psychometric fit: from levels and counts to threshold, width, lapse rate and intervals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import xlogy

from jndlab import __version__
from jndlab.analysis.checks import check_target, digest_counts, merge_counts
from jndlab.analysis.detection.models import check_paradigm
from jndlab.analysis.fits.design import Design, make_design
from jndlab.analysis.fits.engine import Modes, maximise
from jndlab.analysis.fits.posterior import Posterior, integrate, weighted_quantiles
from jndlab.analysis.intervals import ConfidenceInterval, check_coverage
from jndlab.analysis.records import Option
from jndlab.errors import FitError
from jndlab.sigmoids import SigmoidName, proportion_correct, sigmoid
from jndlab.study.trials import Direction, ParadigmName

Floats = NDArray[np.float64]

FEW_TRIALS = 100
"""Below this many trials the priors still weigh noticeably on the interval."""

BAND_CELLS = 4000


@dataclass(frozen=True, slots=True, kw_only=True)
class Threshold:
    """The level at which a listener reaches a target, with its interval."""

    target_probability: float
    """Proportion correct aimed at."""
    lapse_free: bool
    """The target is that of a listener who does not lapse, so lapses do not move it."""
    value: float
    interval: ConfidenceInterval
    inside_tested_range: bool
    """False: extrapolated. The value is then not much more than 'beyond what was tested'."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PsychometricFit:
    """A fitted psychometric function and how it came about.

    Estimates are the joint posterior mode (MAP). Intervals of threshold and width leave equal
    posterior mass on both sides; that of the lapse rate is the shortest one, because its
    estimate often lies on its bound 0.
    """

    paradigm: ParadigmName
    sigmoid: SigmoidName
    direction: Direction
    threshold: float
    """Level at which the unscaled sigmoid is 0.5, in the unit of the level."""
    width: float
    """Distance from 5 to 95 % of the unscaled sigmoid, same unit (weibull: natural-log units)."""
    lapse_rate: float
    guess_rate: float
    """Known from the paradigm, not fitted."""
    slope: float
    """dψ/dlevel at the threshold: proportion correct per unit of level; negative if falling."""
    threshold_interval: ConfidenceInterval
    width_interval: ConfidenceInterval
    lapse_rate_interval: ConfidenceInterval | None
    """None where the lapse rate was fixed."""
    levels: tuple[float, ...]
    """Ascending, in the unit of the study."""
    n_correct: tuple[int, ...]
    n_trials: tuple[int, ...]
    deviance: float
    """Twice the log-likelihood ratio of the saturated model to the fit, at the MAP."""
    converged: bool
    warnings: tuple[str, ...]
    options: Mapping[str, Option]
    data_digest: str
    version: str
    posterior: Posterior = field(repr=False)
    design: Design = field(repr=False)

    def predict(self, levels: ArrayLike) -> Floats:
        """Proportion correct ψ at ``levels``, same shape, in the unit of the study."""
        falling = self.direction == "falls"
        heard = sigmoid(self.sigmoid, levels, self.threshold, self.width, falling=falling)
        return proportion_correct(heard, self.guess_rate, self.lapse_rate)

    def threshold_at(self, target_probability: float, *, lapse_free: bool = True) -> Threshold:
        """The level at which the proportion correct is ``target_probability``, with interval.

        ``lapse_free`` takes the curve without its lapses, guess + (1 − guess) F: inattention
        is not deafness, and the threshold exists for every target. Then 0.75 in a task with
        chance 0.5 is the fit's ``threshold``. Otherwise the fitted curve itself is meant. The
        interval comes from the joint posterior. FitError: a target that the curve never
        reaches.
        """
        check_target(target_probability, self.guess_rate)
        lapse_rate = 0.0 if lapse_free else self.lapse_rate
        unscaled = (target_probability - self.guess_rate) / (1.0 - self.guess_rate - lapse_rate)
        if unscaled >= 1.0:
            raise FitError(
                f"The fitted curve never reaches {target_probability:g}: it ends at "
                f"{1.0 - lapse_rate:.3f}.",
                "Ask for a lower target, or for the lapse-free one.",
            )
        design, grid = self.design, self.posterior
        value = float(
            design.to_level(
                design.inner_at(
                    unscaled,
                    float(design.to_inner(self.threshold)),
                    self.width / design.scale,
                )
            )
        )
        room = 1.0 - self.guess_rate - (0.0 if lapse_free else grid.lapse_rate.middles)
        share = np.broadcast_to((target_probability - self.guess_rate) / room, grid.mass.shape[2])
        # Where the curve of a cell ends below the target there is no threshold: +inf.
        offset = design.inner_at(
            np.where(share < 1.0, share, 0.5), 0.0, grid.width.middles[:, None]
        )
        offset = np.where(share < 1.0, offset, np.inf)
        coverage = self.threshold_interval.coverage
        tail = (1.0 - coverage) / 2.0
        ends = design.to_level(grid.quantiles_of_sum(offset, [tail, 1.0 - tail]))
        return Threshold(
            target_probability=target_probability,
            lapse_free=lapse_free,
            value=value,
            interval=ConfidenceInterval(
                low=float(ends.min()),
                high=float(ends.max()),
                coverage=coverage,
                method="posterior, equal-tailed",
            ),
            inside_tested_range=self.levels[0] <= value <= self.levels[-1],
        )

    def band(self, levels: ArrayLike, *, coverage: float = 0.95) -> tuple[Floats, Floats]:
        """Pointwise posterior band of ψ at ``levels`` of shape (levels,): low and high ends."""
        check_coverage(coverage)
        grid, design = self.posterior, self.design
        flat = grid.mass.ravel()
        # Systematic sampling: every 4000th part of the mass, the tails with their due share.
        shares = (np.arange(BAND_CELLS) + 0.5) / BAND_CELLS
        chosen = np.searchsorted(np.cumsum(flat) / flat.sum(), shares)
        where = np.unravel_index(chosen, grid.mass.shape)
        mass = np.full(BAND_CELLS, 1.0 / BAND_CELLS)
        heard = design.unscaled(
            grid.threshold.middles[where[0]][:, None],
            grid.width.middles[where[1]][:, None],
            design.to_inner(np.atleast_1d(np.asarray(levels, dtype=float)))[None, :],
        )
        curves = proportion_correct(
            heard, self.guess_rate, grid.lapse_rate.middles[where[2]][:, None]
        )
        tail = (1.0 - coverage) / 2.0
        ends = np.array([weighted_quantiles(c, mass, [tail, 1.0 - tail]) for c in curves.T])
        return ends[:, 0], ends[:, 1]


def fit_psychometric(
    levels: ArrayLike,
    n_correct: ArrayLike,
    n_trials: ArrayLike,
    *,
    paradigm: ParadigmName,
    sigmoid: SigmoidName = "norm",
    direction: Direction = "rises",
    lapse_prior: tuple[float, float] = (1.0, 10.0),
    lapse_rate: float | None = None,
    coverage: float = 0.95,
) -> PsychometricFit:
    """Fit ψ = guess + (1 − guess − lapse) F to counts of correct responses per level.

    ``levels``, ``n_correct`` and ``n_trials`` have shape (levels,); equal levels are added up.
    ``paradigm`` sets the chance level and has no default. ``direction`` says whether
    compression, and with it the proportion correct, rises or falls as the level's number
    grows. ``lapse_prior`` are the two parameters of a Beta prior; ``lapse_rate`` fixes the
    lapse rate instead (0 biases thresholds: Wichmann & Hill 2001). Default priors of
    threshold and width as psignifit (Schütt et al. 2016); see :mod:`jndlab.analysis.fits.priors`.

    The model takes the trials as independent: for counts pooled over listeners its intervals
    are too narrow wherever listeners differ. :func:`jndlab.analysis.bootstrap_listeners`
    gives the interval whose unit is the listener.

    DataError: impossible counts, unknown paradigm. FitError: fewer than three levels, unknown
    sigmoid or direction, or a search that did not end.

    >>> fit = fit_psychometric([1, 2, 3, 4, 5, 6], [21, 23, 29, 33, 38, 39], [40] * 6,
    ...                        paradigm="two-interval")
    >>> round(fit.threshold, 3), round(fit.width, 3)
    (3.326, 4.885)
    """
    guess_rate = check_paradigm(paradigm)
    check_coverage(coverage)
    levels_, correct, trials = merge_counts(levels, n_correct, n_trials)
    design = make_design(
        levels_,
        guess_rate=guess_rate,
        sigmoid=sigmoid,
        direction=direction,
        lapse_prior=lapse_prior,
        lapse_rate=lapse_rate,
    )
    modes = maximise(design, correct[None, :], trials[None, :])
    if not modes.converged[0]:
        raise FitError(
            "The search for the best curve did not end.",
            "Check the counts for a column in the wrong place, and report this data set to us.",
        )
    grid = integrate(design, modes, correct, trials)

    def interval(ends: Floats, method: str) -> ConfidenceInterval:
        return ConfidenceInterval(
            low=float(ends.min()), high=float(ends.max()), coverage=coverage, method=method
        )

    threshold = float(design.to_level(modes.threshold[0]))
    width = float(modes.width[0] * design.scale)
    threshold_interval = interval(
        design.to_level(grid.equal_tailed(0, coverage)), "posterior, equal-tailed"
    )
    return PsychometricFit(
        paradigm=paradigm,
        sigmoid=sigmoid,
        direction=direction,
        threshold=threshold,
        width=width,
        lapse_rate=float(modes.lapse_rate[0]),
        guess_rate=guess_rate,
        slope=_slope(design, modes, threshold),
        threshold_interval=threshold_interval,
        width_interval=interval(
            np.asarray(grid.equal_tailed(1, coverage)) * design.scale, "posterior, equal-tailed"
        ),
        lapse_rate_interval=None
        if lapse_rate is not None
        else interval(np.asarray(grid.shortest(2, coverage)), "posterior, shortest"),
        levels=tuple(float(level) for level in levels_),
        n_correct=tuple(int(count) for count in correct),
        n_trials=tuple(int(count) for count in trials),
        deviance=_deviance(design, modes, correct, trials),
        converged=True,
        warnings=_advice(levels_, trials, threshold, threshold_interval),
        options={
            "lapse_prior": lapse_prior if lapse_rate is None else None,
            "fixed_lapse_rate": lapse_rate,
            "coverage": coverage,
        },
        data_digest=digest_counts(levels_, correct, trials),
        version=__version__,
        posterior=grid,
        design=design,
    )


def _slope(design: Design, modes: Modes, threshold: float) -> float:
    hearing = 1.0 - design.guess_rate - float(modes.lapse_rate[0])
    density = float(design.standard.density(np.asarray(design.centre)))
    per_inner = hearing * density * design.span / float(modes.width[0])
    per_coordinate = design.sign * per_inner / design.scale
    return per_coordinate / threshold if design.log_level else per_coordinate


def _deviance(design: Design, modes: Modes, n_correct: Floats, n_trials: Floats) -> float:
    heard = design.unscaled(modes.threshold, modes.width, design.inner)
    missed = 1.0 - heard
    lapse_rate = modes.lapse_rate[0]
    hearing = 1.0 - design.guess_rate - lapse_rate
    right, wrong = design.guess_rate + hearing * heard, lapse_rate + hearing * missed
    n_wrong = n_trials - n_correct
    saturated = xlogy(n_correct, n_correct / n_trials) + xlogy(n_wrong, n_wrong / n_trials)
    fitted = xlogy(n_correct, right) + xlogy(n_wrong, wrong)
    return max(0.0, float(2.0 * (saturated - fitted).sum()))


def _advice(
    levels: Floats,
    n_trials: Floats,
    threshold: float,
    interval: ConfidenceInterval,
) -> tuple[str, ...]:
    warnings: list[str] = []
    low, high = float(levels[0]), float(levels[-1])
    if not low <= threshold <= high:
        warnings.append(
            f"The threshold ({threshold:.4g}) lies outside the tested levels {low:g} to {high:g}: "
            "it is extrapolated. Test levels on both sides of it."
        )
    elif interval.low < low or interval.high > high:
        warnings.append(
            f"The interval of the threshold reaches beyond the tested levels {low:g} to "
            f"{high:g}, where the priors shape it."
        )
    total = int(n_trials.sum())
    if total < FEW_TRIALS:
        warnings.append(
            f"Only {total} trials: the priors weigh noticeably on estimates and intervals."
        )
    if len(levels) < 5:
        warnings.append(
            f"Only {len(levels)} levels: width and lapse rate are poorly determined. "
            "Five to eight levels are better."
        )
    return tuple(warnings)
