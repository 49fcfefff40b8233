"""What a fitted curve cannot tell: sentences for the reader of a result."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from jndlab.analysis.fits.curves import FittedCurves
from jndlab.analysis.fits.likelihood import prepare
from jndlab.analysis.fits.surface import LIKELIHOOD_WIDTHS

Floats = NDArray[np.float64]
FEW_LEVELS = 5
FEW_TRIALS = 100
"""Below this many trials the priors still weigh noticeably on the interval."""
_SAME_HEIGHT = 1e-3
_WRONG_WAY = -2.5
"""Standard errors of the trend over levels at which the declared direction looks mistaken."""


def advice(curves: FittedCurves, *, n_given: int) -> tuple[str, ...]:
    """Warnings about the first data set. ``n_given``: levels before equal ones were pooled."""
    levels = curves.design.levels
    correct, trials = curves.n_correct[0], curves.n_trials[0]
    return tuple(
        sentence
        for sentence in (
            _pooled(n_given, len(levels)),
            _extremes(curves, correct, trials),
            _trend(curves, correct, trials),
            _range(curves, levels),
            _few(curves, int(trials.sum())),
            _few_levels(len(levels)),
        )
        if sentence
    )


def _pooled(n_given: int, n_levels: int) -> str:
    if n_given <= n_levels:
        return ""
    return f"{n_given} rows of counts were pooled into {n_levels} different levels."


def _extremes(curves: FittedCurves, correct: Floats, trials: Floats) -> str:
    if np.all(correct == trials):
        return (
            "Every response was correct: the data only tell that the threshold lies before the "
            "tested levels, and the priors do the rest."
        )
    if np.all(correct == 0):
        return "No response was correct: the data say nothing about the curve."
    guess = curves.design.fixed[1] or 0.0
    order = np.argsort(curves.design.inner)
    share = (correct / trials)[order]
    full, chance = share == 1.0, share <= guess
    separated = bool(np.all(full | chance) and np.all(np.diff(full.astype(int)) >= 0))
    if separated and chance.any() and full.any():
        return (
            "The data are perfectly separated: chance below a level, everything correct above. "
            "The width cannot be told from them, only that it is small."
        )
    if curves.method == "ml" and _no_maximum(curves, correct, trials):
        return (
            "The likelihood has no maximum within reason: a flat line or a step fits as well as "
            "any curve. Use a method with priors."
        )
    return ""


def _no_maximum(curves: FittedCurves, correct: Floats, trials: Floats) -> bool:
    width, share = float(curves.modes.width[0]), correct.sum() / trials.sum()
    flat = prepare(correct[None], trials[None], binomial=True)
    flat_height = flat.log_likelihood(
        np.full((1, len(trials)), share), np.full((1, len(trials)), 1.0 - share), np.zeros(1)
    )
    return bool(
        width <= 1.01 * LIKELIHOOD_WIDTHS[0]
        or width >= 0.99 * LIKELIHOOD_WIDTHS[1]
        or curves.modes.log_posterior[0] < flat_height[0] + _SAME_HEIGHT
    )


def _trend(curves: FittedCurves, correct: Floats, trials: Floats) -> str:
    """Cochran–Armitage trend of the counts over the inner level."""
    place = curves.design.inner
    total, share = trials.sum(), correct.sum() / trials.sum()
    centred = place - (trials * place).sum() / total
    variance = share * (1.0 - share) * (trials * centred**2).sum()
    if variance <= 0.0:
        return ""
    if (centred * correct).sum() / np.sqrt(variance) > _WRONG_WAY:
        return ""
    rising = curves.design.sign > 0
    seen, declared = ("falls", "rises") if rising else ("rises", "falls")
    return (
        f"The proportion correct {seen} as the level grows, but the direction was given as "
        f'"{declared}". Check the direction, or whether responses were scored the wrong way round.'
    )


def _range(curves: FittedCurves, levels: Floats) -> str:
    low, high = float(levels[0]), float(levels[-1])
    threshold = float(curves.estimate("threshold")[0])
    if not low <= threshold <= high:
        return (
            f"The threshold ({threshold:.4g}) lies outside the tested levels {low:g} to {high:g}: "
            "it is extrapolated. Test levels on both sides of it."
        )
    if curves.posterior is None:
        return ""
    ends = curves.quantiles("threshold", [0.025, 0.975])[0]
    if ends[0] < low or ends[1] > high:
        return (
            f"The interval of the threshold reaches beyond the tested levels {low:g} to "
            f"{high:g}, where the priors shape it."
        )
    return ""


def _few(curves: FittedCurves, total: int) -> str:
    if total >= FEW_TRIALS:
        return ""
    if curves.method == "ml":
        return f"Only {total} trials: maximum likelihood is biased with so few."
    return f"Only {total} trials: the priors weigh noticeably on estimates and intervals."


def _few_levels(n_levels: int) -> str:
    if n_levels >= FEW_LEVELS:
        return ""
    return f"Only {n_levels} levels: threshold, width and lapses are hard to tell apart."
