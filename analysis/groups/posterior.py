"""The hierarchical Bayesian group model: the same likelihood, with priors, integrated.

Listeners are integrated out exactly (adaptive quadrature), so that only the population's three to
seven numbers are left to explore. That is done by adaptive importance sampling on a lattice
(:mod:`jndlab.analysis.groups.importance`): no chains, no burn-in, repeatable by its seed, and with
diagnostics of its own. Priors: :mod:`jndlab.analysis.groups.priors`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from jndlab import __version__
from jndlab.analysis.checks import generator_of
from jndlab.analysis.groups.advice import require_answers
from jndlab.analysis.groups.climb import climb
from jndlab.analysis.groups.counts import pack_counts
from jndlab.analysis.groups.effects import get_random_effects
from jndlab.analysis.groups.importance import WeightedDraws, sample
from jndlab.analysis.groups.model import Model, build_model
from jndlab.analysis.groups.posterior_result import (
    GroupPosterior,
    Sampling,
    copies_error,
)
from jndlab.analysis.groups.posterior_summary import (
    DRAW_DROP,
    DRAW_NODES,
    is_good,
    listener_posteriors,
    posterior_advice,
    posterior_spread,
)
from jndlab.analysis.groups.priors import GroupPriors, default_group_priors
from jndlab.analysis.groups.quadrature import QuadratureSurface
from jndlab.analysis.groups.quantities import all_named
from jndlab.analysis.groups.rates import GuessRate, LapseRate, choose_rates
from jndlab.analysis.groups.start import starting_point
from jndlab.analysis.groups.unconstrained import PosteriorSurface, Space
from jndlab.analysis.intervals import check_coverage
from jndlab.analysis.paradigms import get_paradigm
from jndlab.errors import FitError
from jndlab.sigmoids import sigmoid_name
from jndlab.study.trials import Direction

Floats = NDArray[np.float64]
METHOD = "posterior, adaptive quadrature over listeners, importance sampling over the population"
_CLIMB_NODES = {1: 31, 2: 15}


def fit_group_posterior(
    listener: Iterable[Any],
    level: ArrayLike,
    n_correct: ArrayLike,
    n_trials: ArrayLike,
    *,
    paradigm: str,
    random: str = "threshold",
    sigmoid: str = "norm",
    direction: Direction = "rises",
    guess_rate: GuessRate = None,
    lapse_rate: LapseRate = (1.0, 10.0),
    priors: GroupPriors | None = None,
    n_draws: int = 4096,
    coverage: float = 0.95,
    seed: int | np.random.Generator = 1,
) -> GroupPosterior:
    """The posterior of a population's psychometric function, of its spread and its listeners.

    Columns, of shape (rows,), and options as in :func:`jndlab.analysis.fit_group`; the integral by
    adaptive importance sampling (Cornuet et al. 2012, *Scand. J. Stat.* 39, 798–812). ``random``
    "threshold" (the same model as "intercept") or "threshold+width". ``lapse_rate``: a number, or
    the (a, b) of a Beta prior, also in place of ``priors.lapse_rate``. ``priors`` are those of
    :func:`jndlab.analysis.groups.priors.default_group_priors` unless given. Equal seeds give equal
    results.

    Proper priors keep the posterior proper where maximum likelihood has no maximum (separated data,
    a handful of trials); what they add is then visible as an interval that looks like the prior's.

    DataError: impossible counts. FitError: one listener, one level, unknown options.

    >>> rows = [("a", 1, 5), ("a", 2, 12), ("a", 3, 18), ("b", 1, 2), ("b", 2, 6), ("b", 3, 15),
    ...         ("c", 1, 9), ("c", 2, 15), ("c", 3, 20), ("d", 1, 4), ("d", 2, 11), ("d", 3, 16)]
    >>> listener, level, n_correct = zip(*rows)
    >>> fit = fit_group_posterior(listener, level, n_correct, [20] * 12, paradigm="yes_no")
    >>> round(fit.estimate("threshold"), 1), round(fit.spread.sd_threshold, 1), fit.converged
    (1.7, 0.7, True)
    """
    check_coverage(coverage)
    counts = pack_counts(listener, level, n_correct, n_trials)
    effects = get_random_effects("threshold" if random == "intercept" else random)
    if effects.name not in ("threshold", "threshold+width"):
        raise FitError(
            f"The posterior is of random thresholds and widths, not of {effects.name!r}.",
            'Use random="threshold" or "threshold+width".',
        )
    require_answers(counts, effects, direction=direction, needs_both=False)
    if n_draws < 512:
        raise FitError(f"{n_draws} draws are too few.", "Use 2000 or more.")
    rates = choose_rates(paradigm=paradigm, guess_rate=guess_rate, lapse_rate=lapse_rate)
    name = sigmoid_name(sigmoid)
    model = build_model(
        counts,
        effects,
        sigmoid=name,
        direction=direction,
        guess_rate=rates.guess_rate,
        lapse_rate=rates.lapse_rate,
        lapse_prior=None,
    )
    chosen = _priors(model, priors, rates.lapse_prior)
    space = Space(model=model, priors=chosen)
    rng = generator_of(seed)[0]
    draws = _explore(space, direction, n_draws, rng)
    points = space.points(draws.vectors)
    numbers = _numbers(model, points)
    estimates = {label: float(draws.weights @ values) for label, values in numbers.items()}
    sds = {
        label: float(np.sqrt(draws.weights @ (values - estimates[label]) ** 2))
        for label, values in numbers.items()
    }
    for label, fixed in (("lapse_rate", model.lapse_rate), ("guess_rate", model.guess_rate)):
        if fixed is not None:
            estimates[label], sds[label] = fixed, 0.0
    sampling = Sampling(
        n_draws=len(points),
        effective_size=draws.effective_size,
        pareto_k=draws.pareto_k,
        monte_carlo_error={
            label: copies_error(values, draws.weights, draws.copy)
            for label, values in numbers.items()
        },
    )
    warnings = posterior_advice(counts, sampling, estimates, sds)
    return GroupPosterior(
        paradigm=get_paradigm(paradigm).name,
        sigmoid=name,
        direction=direction,
        random=effects.text,
        method=METHOD,
        n_listeners=len(counts.listeners),
        n_trials=int(counts.n_trials.sum()),
        levels=tuple(float(value) for value in counts.levels),
        estimates=estimates,
        posterior_sds=sds,
        log_evidence=draws.log_constant + counts.log_coefficients,
        spread=posterior_spread(model, points, draws.weights, numbers, coverage),
        listeners=listener_posteriors(model, counts, points, draws.weights, coverage),
        sampling=sampling,
        converged=is_good(sampling),
        priors=chosen,
        seed=None if isinstance(seed, np.random.Generator) else int(seed),
        warnings=warnings,
        options={
            "random": effects.name,
            "fixed_guess_rate": rates.guess_rate,
            "fixed_lapse_rate": rates.lapse_rate,
            "n_draws": n_draws,
            "coverage": coverage,
        },
        data_digest=counts.digest,
        version=__version__,
        model=model,
        points=points,
        weights=draws.weights,
        draws=numbers,
    )


def _priors(
    model: Model, priors: GroupPriors | None, lapse_prior: tuple[float, float] | None
) -> GroupPriors:
    chosen = default_group_priors(model.scale) if priors is None else priors
    if lapse_prior is not None:
        chosen = replace(chosen, lapse_rate=lapse_prior)
    chosen.check()
    return chosen


def _explore(
    space: Space, direction: Direction, n_draws: int, rng: np.random.Generator
) -> WeightedDraws:
    """Draws from the posterior of the free vector."""
    model = space.model
    sign = -1.0 if direction == "falls" else 1.0
    start = space.vector(starting_point(model, direction_sign=sign))
    fine = QuadratureSurface.of(model, _CLIMB_NODES[model.n_random])
    top = climb(PosteriorSurface(space=space, likelihood=fine), start, tolerance=1e-6)
    values, vectors = np.linalg.eigh(-top.height.hessian)
    # A direction that neither data nor priors curve gets the width of a broad prior.
    covariance = (vectors / np.maximum(values, 0.1)) @ vectors.T
    quick = QuadratureSurface.of(
        model, DRAW_NODES[model.n_random], drop=DRAW_DROP, start=top.height.modes
    )
    surface = PosteriorSurface(space=space, likelihood=quick)
    low, high = surface.limits.T

    def log_density(vectors: Floats) -> Floats:
        inside = np.all((vectors > low) & (vectors < high), axis=1)
        heights = np.full(len(vectors), -np.inf)
        heights[inside] = surface.values(vectors[inside])
        return heights

    return sample(log_density, top.point, covariance, prior=space, n_draws=n_draws, rng=rng)


def _numbers(model: Model, points: Floats) -> dict[str, Floats]:
    """Every named number at each draw, in the unit of the study."""
    numbers = {}
    for label, named in all_named(model).items():
        raw = named.quantity(points)
        numbers[label] = np.array([named.read(float(value)) for value in raw])
    return numbers
