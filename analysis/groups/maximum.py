"""From a model to the maximum of its likelihood, and how exactly that likelihood is known."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from jndlab.analysis.groups.climb import Top, climb
from jndlab.analysis.groups.height import Surface
from jndlab.analysis.groups.laplace import LaplaceSurface
from jndlab.analysis.groups.model import Model
from jndlab.analysis.groups.quadrature import QuadratureSurface, enough_nodes
from jndlab.analysis.groups.start import starting_point
from jndlab.errors import FitError

Floats = NDArray[np.float64]
Method = Literal["quadrature", "laplace", "laplace-expected"]
METHODS: dict[Method, str] = {
    "quadrature": "maximum likelihood, adaptive quadrature",
    "laplace": "maximum likelihood, Laplace's approximation (observed curvature, as glmmTMB)",
    "laplace-expected": "maximum likelihood, Laplace's approximation (expected curvature, as lme4)",
}
_ACCURACY = 2e-4
"""Change of the log-likelihood on halving a grid's spacing above which the grid is refined. Halving
squares the error, so the halved grid's value is far better than that."""
_ROUNDS = 3
_COARSE = 13


@dataclass(frozen=True, slots=True, kw_only=True)
class Maximum:
    """Where a likelihood is largest."""

    surface: Surface
    top: Top
    log_likelihood: float
    """Without binomial coefficients and without the prior of a rate."""
    error: float | None
    """Its change when the spacing was halved last: more than its error. None: Laplace."""
    n_nodes: int | None


def check_method(method: str) -> Method:
    """The method of that name. FitError if there is none."""
    for known in METHODS:
        if known == method:
            return known
    raise FitError(f"There is no method called {method!r}.", f"Use one of: {', '.join(METHODS)}.")


def maximise(
    model: Model,
    *,
    method: Method,
    direction_sign: float,
    n_nodes: int | None = None,
    start: Floats | None = None,
) -> Maximum:
    """The maximum of the marginal likelihood. FitError: the climb did not end.

    ``n_nodes`` fixes the grid of the quadrature; otherwise each listener's is refined until halving
    its spacing changes nothing. Numbers of L are turned so that its diagonal is not negative.
    """
    begin = starting_point(model, direction_sign=direction_sign) if start is None else start
    if method != "quadrature":
        surface = LaplaceSurface.of(model, expected=method == "laplace-expected")
        top = _finished(surface, climb(surface, begin))
        value = surface.log_likelihood(top.point)
        return Maximum(surface=surface, top=top, log_likelihood=value, error=None, n_nodes=None)
    modes = None
    if model.n_random > 1 and start is None:
        coarse = climb(QuadratureSurface.of(model, _COARSE), begin, tolerance=1e-2, most_steps=12)
        begin, modes = coarse.point, coarse.height.modes
    for _ in range(_ROUNDS):
        nodes = enough_nodes(model, begin) if n_nodes is None else n_nodes
        grid = QuadratureSurface.of(model, nodes)
        top = climb(grid, begin, modes=modes)
        begin, modes = top.point, top.height.modes
        value = grid.finer().log_likelihood(top.point)
        error = abs(value - grid.log_likelihood(top.point))
        if error < _ACCURACY or n_nodes is not None:
            break
    return Maximum(
        surface=grid,
        top=_finished(grid, top),
        log_likelihood=value,
        error=error,
        n_nodes=grid.n_nodes,
    )


def _finished(surface: Surface, top: Top) -> Top:
    """The top with a factor L of non-negative diagonal, its gradient and Hessian to match."""
    if not top.converged:
        raise FitError(
            "The search for the maximum of the likelihood did not end: it is nearly level, or goes "
            "on rising as the curve becomes a step or the spread endless.",
            "Use a simpler model of the spread, collect more trials per listener, or use "
            "fit_group_posterior, whose priors keep the search within reason.",
        )
    model = surface.model
    signs = np.ones(model.n_free)
    negative = {
        row
        for number, (row, column) in enumerate(model.cells)
        if row == column and top.point[model.n_fixed + number] < 0.0
    }
    for number, (_, column) in enumerate(model.cells):
        if column in negative:
            signs[model.n_fixed + number] = -1.0
    if model.item_at is not None and top.point[model.item_at] < 0.0:
        signs[model.item_at] = -1.0
    if np.all(signs > 0.0):
        return top
    point = top.point * signs
    return replace(top, point=point, height=surface.at(point))
