"""The likelihood of a cumulative link model with a random intercept per listener.

P(y ≤ k) = F(θₖ − η), η = x'β + σ z of the listener, z standard normal, F the normal distribution
function (probit) or the logistic (logit): McCullagh 1980, *J. R. Stat. Soc. B* 42, 109–142;
Christensen & Brockhoff 2013, *Journal de la Société Française de Statistique* 154 (3), 58–79. The
integral over z is that of adaptive Gauss–Hermite quadrature (Pinheiro & Bates 1995, *J. Comput.
Graph. Stat.* 4, 12–35), its gradient Fisher's identity: the mean over z, given the answers, of the
gradient at z.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, ndtr

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Link = Literal["probit", "logit"]
_TINY = 1e-300
_MODE_STEPS = 30


class Height(NamedTuple):
    """Log-likelihood, and each listener's part of its gradient, shape (listeners, parameters)."""

    value: float
    scores: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class OrdinalModel:
    """Data and form of the model. Parameters: those of the thresholds, then β, then σ."""

    category: Ints = field(repr=False)
    """Of each answer, from 0; shape (answers,)."""
    design: Floats = field(repr=False)
    """Shape (answers, effects)."""
    listener: Ints = field(repr=False)
    """From 0; shape (answers,)."""
    n_categories: int
    n_listeners: int
    symmetric: bool
    """Thresholds mirror each other around 0: for comparisons, where 0 is "about the same"."""
    link: Link
    n_nodes: int = 15

    @property
    def n_thresholds(self) -> int:
        """Free parameters of the thresholds."""
        cuts = self.n_categories - 1
        return cuts // 2 if self.symmetric else cuts

    @property
    def n_parameters(self) -> int:
        return self.n_thresholds + int(self.design.shape[1]) + 1

    def thresholds(self, point: Floats) -> Floats:
        """The cuts between categories, ascending; shape (categories − 1,)."""
        free = point[: self.n_thresholds]
        if not self.symmetric:
            return np.asarray(np.concatenate([free[:1], free[0] + np.cumsum(np.exp(free[1:]))]))
        half = np.cumsum(np.exp(free))
        middle = np.zeros((self.n_categories - 1) % 2)
        return np.asarray(np.concatenate([-half[::-1], middle, half]))

    def threshold_slopes(self, point: Floats) -> Floats:
        """Derivatives of the cuts by their free parameters; shape (categories − 1, free)."""
        free = point[: self.n_thresholds]
        below = np.tril(np.ones((len(free), len(free))))
        if not self.symmetric:
            steps = np.concatenate([[1.0], np.exp(free[1:])])
            return np.asarray(below * steps)
        half = below * np.exp(free)
        middle = np.zeros(((self.n_categories - 1) % 2, len(free)))
        return np.asarray(np.concatenate([-half[::-1], middle, half]))

    def start(self) -> Floats:
        """Thresholds from the shares of the categories, no effects, a moderate spread."""
        counts = np.bincount(self.category, minlength=self.n_categories) + 0.5
        shares = np.cumsum(counts)[:-1] / counts.sum()
        cuts = np.log(shares / (1.0 - shares)) * (1.0 if self.link == "logit" else 0.6)
        point = np.zeros(self.n_parameters)
        if self.symmetric:
            half = 0.5 * (cuts - cuts[::-1])[len(cuts) - self.n_thresholds :]
            point[: self.n_thresholds] = np.log(np.maximum(np.diff(half, prepend=0.0), 0.05))
        else:
            point[: self.n_thresholds] = [cuts[0], *np.log(np.maximum(np.diff(cuts), 0.05))]
        point[-1] = 0.5
        return point

    def height(self, point: Floats) -> Height:
        """Log-likelihood and scores at one point, shape (parameters,)."""
        eta = self.design @ point[self.n_thresholds : -1]
        sigma = float(point[-1])
        edges = np.concatenate([[-np.inf], self.thresholds(point), [np.inf]])
        upper, lower = edges[self.category + 1], edges[self.category]
        mode, spread = self._modes(upper, lower, eta, sigma)
        x, w = np.polynomial.hermite.hermgauss(self.n_nodes)
        z = mode[:, None] + np.sqrt(2.0) * spread[:, None] * x
        rows = _row(upper, lower, eta[:, None] + sigma * z[self.listener], self.link)
        log_f = np.zeros_like(z)
        np.add.at(log_f, self.listener, rows.log_p)
        log_f += -0.5 * z**2 + x**2 + np.log(w)
        top = log_f.max(axis=1, keepdims=True)
        sums = np.exp(log_f - top).sum(axis=1)
        value = float(np.sum(top[:, 0] + np.log(sums) + np.log(spread) - 0.5 * np.log(np.pi)))
        return Height(value, self._scores(point, rows, np.exp(log_f - top) / sums[:, None], z))

    def _scores(self, point: Floats, rows: _Row, weight: Floats, z: Floats) -> Floats:
        """Each listener's gradient: the mean over the nodes by their posterior weights."""
        share = weight[self.listener]
        scores = np.zeros((self.n_listeners, self.n_parameters))
        by_eta = (share * rows.by_eta).sum(axis=1)
        np.add.at(scores[:, self.n_thresholds : -1], self.listener, by_eta[:, None] * self.design)
        by_sigma = (share * rows.by_eta * z[self.listener]).sum(axis=1)
        np.add.at(scores[:, -1], self.listener, by_sigma)
        cuts = np.zeros((self.n_listeners, self.n_categories + 1))
        np.add.at(cuts, (self.listener, self.category + 1), (share * rows.by_upper).sum(axis=1))
        np.add.at(cuts, (self.listener, self.category), (share * rows.by_lower).sum(axis=1))
        scores[:, : self.n_thresholds] = cuts[:, 1:-1] @ self.threshold_slopes(point)
        return scores

    def _modes(
        self, upper: Floats, lower: Floats, eta: Floats, sigma: float
    ) -> tuple[Floats, Floats]:
        """Where each listener's integrand is highest, and its standard deviation there."""
        mode = np.zeros(self.n_listeners)
        for _ in range(_MODE_STEPS):
            row = _row(upper, lower, (eta + sigma * mode[self.listener])[:, None], self.link)
            slope, bend = -mode, np.ones(self.n_listeners)
            np.add.at(slope, self.listener, sigma * row.by_eta[:, 0])
            np.add.at(bend, self.listener, -(sigma**2) * row.by_eta_twice[:, 0])
            step = np.clip(slope / bend, -1.0, 1.0)
            mode = mode + step
            if np.abs(step).max() < 1e-8:
                break
        return mode, np.asarray(1.0 / np.sqrt(bend))


class _Row(NamedTuple):
    """Of every answer at every node, shape (answers, nodes)."""

    log_p: Floats
    by_eta: Floats
    by_eta_twice: Floats
    by_upper: Floats
    by_lower: Floats


def _row(upper: Floats, lower: Floats, eta: Floats, link: Link) -> _Row:
    """log P(category) and its derivatives by η and by the two cuts around the category."""
    a, b = upper[:, None] - eta, lower[:, None] - eta
    # Above the middle the difference is taken of upper tails: else it would lose its digits.
    turned = a + b > 0
    high, low = np.where(turned, -b, a), np.where(turned, -a, b)
    distribution = ndtr if link == "probit" else expit
    p = np.maximum(distribution(high) - distribution(low), _TINY)
    at_a, at_b = _density(a, link), _density(b, link)
    by_upper, by_lower = at_a / p, -at_b / p
    by_eta = -(by_upper + by_lower)
    bend = (_density_slope(a, at_a, link) - _density_slope(b, at_b, link)) / p - by_eta**2
    return _Row(np.log(p), by_eta, np.minimum(bend, 0.0), by_upper, by_lower)


def _density(x: Floats, link: Link) -> Floats:
    if link == "probit":
        return np.asarray(np.exp(-0.5 * x**2) / np.sqrt(2.0 * np.pi))
    return np.asarray(expit(x) * expit(-x))


def _density_slope(x: Floats, density: Floats, link: Link) -> Floats:
    finite = np.where(np.isfinite(x), x, 0.0)
    if link == "probit":
        return np.asarray(-finite * density)
    return np.asarray(density * (1.0 - 2.0 * expit(finite)))
