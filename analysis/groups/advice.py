"""What a group fit must be refused for, and what its reader must be told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from jndlab.analysis.groups.climb import climb
from jndlab.analysis.groups.counts import GroupCounts
from jndlab.analysis.groups.effects import RandomEffects
from jndlab.analysis.groups.maximum import Maximum, Method
from jndlab.analysis.groups.model import STEP_WIDTH
from jndlab.analysis.groups.quadrature import QuadratureSurface
from jndlab.analysis.groups.quantities import EDGE
from jndlab.analysis.groups.start import carried
from jndlab.analysis.groups.uncertainty import vanished
from jndlab.errors import FitError
from jndlab.study.trials import Direction

Floats = NDArray[np.float64]
FEW_LISTENERS = 6
FEW_TRIALS = 5
_VAGUE = 20.0
"""Standard errors per slope beyond which a steep slope is none."""
_WRONG_WAY = -3.0
"""Standard errors of the pooled trend at which the declared direction is mistaken."""
_LAPLACE_TRIALS = 20
_NODES, _FIRST_GUESS, _LARGE_RISE = 31, 0.02, 3.84


def require_answers(
    counts: GroupCounts,
    effects: RandomEffects,
    *,
    direction: Direction,
    needs_both: bool = True,
) -> None:
    """Raise FitError for data that no group model can be fitted to.

    ``needs_both`` False lets data pass in which all, or no, responses are correct.
    """
    if direction not in ("rises", "falls"):
        raise FitError(f"There is no direction {direction!r}.", 'Use "rises" or "falls".')
    if effects.parts and len(counts.listeners) < 2:
        raise FitError(
            "All trials are of one listener: nothing can be said about a group.",
            "Use fit_psychometric for one listener, or give the listener of each row.",
        )
    if len(counts.levels) < 2:
        raise FitError(
            f"All trials are at one level ({counts.levels[0]:g}): there is no curve to fit.",
            "Test at least two levels, better five to eight.",
        )
    right, total = counts.n_correct.sum(), counts.n_trials.sum()
    if needs_both and right in (0.0, total):
        word = "Every response was correct" if right else "No response was correct"
        raise FitError(
            f"{word}: the data do not say where the curve lies.",
            "Test levels at which some responses are wrong and some are right.",
        )
    if effects.psychometric and 0.0 < right < total:
        _require_direction(counts, direction)


def _require_direction(counts: GroupCounts, direction: Direction) -> None:
    """Models of the threshold have curves in the declared direction only."""
    trials = counts.n_trials
    share = counts.n_correct.sum() / trials.sum()
    centred = counts.level - (trials * counts.level).sum() / trials.sum()
    trend = (centred * counts.n_correct).sum()
    trend /= np.sqrt(share * (1.0 - share) * (trials * centred**2).sum())
    if trend * (-1.0 if direction == "falls" else 1.0) > _WRONG_WAY:
        return
    seen = "rises" if direction == "falls" else "falls"
    raise FitError(
        f"The proportion correct {seen} as the level grows, but the direction was given as "
        f'"{direction}".',
        "Check the direction, or whether responses were scored the wrong way round.",
    )


def require_curve(
    maximum: Maximum, estimates: Mapping[str, float], errors: Mapping[str, float]
) -> None:
    """Raise FitError where the likelihood goes on rising, or is level, in some direction."""
    model, point = maximum.surface.model, maximum.top.point
    unit = model.scale.half_range
    low, high = model.limits.T
    n_curve = model.n_fixed + len(model.cells)
    at_limit = (point <= 0.5 * low) | (point >= 0.5 * high)
    undetermined = not np.isfinite(errors["slope"]) or not np.isfinite(errors["threshold"])
    steep = errors["slope"] > _VAGUE * abs(estimates["slope"]) and estimates["width"] < 2.0 * unit
    step = estimates["width"] < STEP_WIDTH * unit
    if steep or step or undetermined or np.any(at_limit[:n_curve]):
        raise FitError(
            "The likelihood has no maximum within reason: it goes on rising, or stays level, as "
            "the curve becomes a step or a flat line or the spread of listeners endless. The "
            "levels separate wrong from right responses too well, or not at all, or there are too "
            "few trials per listener for a spread.",
            "Test levels between those with wrong and those with right responses, with several "
            "trials per listener; or use fit_group_posterior, whose priors keep the curve within "
            "reason.",
        )


def advice(
    counts: GroupCounts,
    maximum: Maximum,
    estimates: Mapping[str, float],
    errors: Mapping[str, float],
    *,
    direction: Direction,
    method: Method,
) -> tuple[str, ...]:
    """Sentences on what the fit cannot tell."""
    require_curve(maximum, estimates, errors)
    return (
        *_about_data(counts, maximum),
        *_about_curve(counts, estimates, errors, direction),
        *_about_spread(maximum, estimates),
        *_about_rates(maximum),
        *_about_method(counts, maximum, method),
    )


def _about_data(counts: GroupCounts, maximum: Maximum) -> Iterator[str]:
    if counts.n_pooled:
        yield (f"{counts.n_pooled} rows were added to others of the same listener, level and item.")
    if counts.empty_listeners:
        yield f"Listeners without trials were left out: {_list(counts.empty_listeners)}."
    if not maximum.surface.model.n_random:
        yield (
            "Listeners are pooled: trials of one listener are taken as those of as many "
            "listeners, so that intervals and tests are too sure of themselves."
        )
        return
    n_listeners = len(counts.listeners)
    if n_listeners < FEW_LISTENERS:
        yield (
            f"Only {n_listeners} listeners: how far listeners lie apart is hardly known, and "
            "maximum likelihood tends to understate it."
        )
    trials = counts.trials_per_listener
    few = [label for label, n in zip(counts.listeners, trials, strict=True) if n < FEW_TRIALS]
    if few:
        verb = "has" if len(few) == 1 else "have"
        yield (
            f"{_list(few)} {verb} fewer than {FEW_TRIALS} trials: such a listener's estimate is "
            "little more than the group's."
        )
    levels_heard = [
        len(np.unique(row[n > 0])) for row, n in zip(counts.level, counts.n_trials, strict=True)
    ]
    if max(levels_heard) < 2:
        yield "No listener heard more than one level: slopes rest on comparing listeners."


def _about_curve(
    counts: GroupCounts,
    estimates: Mapping[str, float],
    errors: Mapping[str, float],
    direction: Direction,
) -> Iterator[str]:
    slope = estimates["slope"]
    if slope * (-1.0 if direction == "falls" else 1.0) < 0.0:
        seen = "falls" if direction == "rises" else "rises"
        yield (
            f"The proportion correct {seen} as the level grows, but the direction was given as "
            f'"{direction}". Check the direction, or whether responses were scored the wrong way '
            "round."
        )
    if not abs(slope) > 2.0 * errors["slope"]:
        yield (
            "The data hardly show that performance changes with level (the slope is less than two "
            "standard errors from 0): thresholds are not determined."
        )
    low, high = float(counts.levels[0]), float(counts.levels[-1])
    threshold = estimates["threshold"]
    if not low <= threshold <= high:
        yield (
            f"The threshold ({threshold:.4g}) lies outside the tested levels {low:g} to {high:g}: "
            "it is extrapolated. Test levels on both sides of it."
        )


def _about_spread(maximum: Maximum, estimates: Mapping[str, float]) -> Iterator[str]:
    model, point = maximum.surface.model, maximum.top.point
    gone = vanished(maximum)
    for part in gone:
        name = part.replace("_", " ")
        yield (
            f"The spread of the {name} over listeners is estimated as 0: the data are no more "
            "spread than chance alone would make them. It need not be 0: see its interval."
        )
    if model.item_at is not None and abs(point[model.item_at]) < EDGE:
        yield "The spread over items is estimated as 0. It need not be 0: see its interval."
    correlation = estimates.get("correlation")
    if correlation is not None and not gone and abs(correlation) > 1.0 - EDGE:
        yield (
            f"The correlation of the random effects is estimated as {correlation:+.0f}: the data "
            "do not determine two spreads. Use a simpler model of the spread."
        )


def _about_rates(maximum: Maximum) -> Iterator[str]:
    model = maximum.surface.model
    if model.lapse_rate == 0.0 and _rises(maximum, "lapse_rate"):
        yield (
            "Errors at levels where everything should be heard speak for lapses, but the lapse "
            'rate is fixed at 0, which biases threshold and slope. Fit with lapse_rate="estimate".'
        )
    if model.guess_rate == 0.0 and _rises(maximum, "guess_rate"):
        yield (
            "Responses at levels where nothing should be heard speak for guessing, but the guess "
            'rate is fixed at 0. Fit with guess_rate="estimate".'
        )


def _rises(maximum: Maximum, rate: str) -> bool:
    """Whether freeing a rate that is fixed at 0 raises the likelihood by more than chance (2.5 %,
    one-sided), in the model in which only the first part varies."""
    model, point = maximum.surface.model, maximum.top.point
    bare = replace(model, item=None, n_items=0)
    bare = bare.with_one_part(0) if model.n_random > 1 else bare
    freed = (
        replace(bare, lapse_rate=None) if rate == "lapse_rate" else replace(bare, guess_rate=None)
    )
    start = carried(carried(point, model, bare), bare, freed)
    start[freed.labels.index(rate)] = _FIRST_GUESS
    tops = [
        climb(QuadratureSurface.of(one, _NODES), begin, tolerance=1e-2, most_steps=15).value
        for one, begin in ((bare, carried(point, model, bare)), (freed, start))
    ]
    return 2.0 * (tops[1] - tops[0]) > _LARGE_RISE


def _about_method(counts: GroupCounts, maximum: Maximum, method: Method) -> Iterator[str]:
    if maximum.error is not None and maximum.error > 1e-3:
        yield (
            f"The log-likelihood is known to about {maximum.error:.1g} only: give a larger "
            "n_nodes, or use a simpler model of the spread."
        )
    if method == "quadrature" or not maximum.surface.model.n_random:
        return
    least = float(np.median(counts.trials_per_listener))
    if least < _LAPLACE_TRIALS:
        yield (
            f"With {least:g} trials per listener Laplace's approximation understates the spread "
            "over listeners."
        )


def _list(labels: object) -> str:
    assert isinstance(labels, tuple | list)
    shown = ", ".join(str(label) for label in labels[:5])
    return shown if len(labels) <= 5 else f"{shown} and {len(labels) - 5} more"
