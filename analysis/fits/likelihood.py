"""The likelihood of counts at one level, binomial or beta-binomial, with its derivatives.

Beta-binomial (Schütt et al. 2016, *Vision Research* 122, 105–123, equation 6): the chance of a
correct response varies between blocks as Beta(ψν, (1 − ψ)ν) with ν = 1/η² − 1, where η from 0 to
1 is the overdispersion; η = 0 is the binomial case. Written as rising factorials in θ = 1/ν,

    log L = Σ_{i<k} log(ψ + iθ) + Σ_{j<n−k} log(1 − ψ + jθ) − Σ_{i<n} log(1 + iθ),

the sum of n logarithms is exact down to θ = 0, where differences of log-gamma functions have
lost all their digits. Binomial coefficients are left out; :func:`log_coefficients` has them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

from jndlab.errors import FitError

Floats = NDArray[np.float64]
MOST_TRIALS = 200_000
"""At one level, with overdispersion: the likelihood has a term for each."""
_TINY = 1e-140
"""Its square is still a number: curvatures divide by it twice."""


class Slopes(NamedTuple):
    """Derivatives of log L in ψ and in the overdispersion η; shape (data sets, levels) each."""

    first: Floats
    second: Floats
    eta: Floats
    eta_eta: Floats
    psi_eta: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """Counts of shape (data sets, levels), prepared for the likelihood."""

    n_correct: Floats
    n_wrong: Floats
    terms: tuple[Floats, NDArray[np.bool_], Floats] | None
    """Of the rising factorials: the term's number i or j, whether it is of a correct response,
    and whether it counts at all; shape (data sets, levels, most trials). None: binomial."""

    def __getitem__(self, rows: NDArray[np.intp] | NDArray[np.bool_]) -> Counts:
        terms = self.terms
        return Counts(
            n_correct=self.n_correct[rows],
            n_wrong=self.n_wrong[rows],
            terms=None if terms is None else (terms[0][rows], terms[1][rows], terms[2][rows]),
        )

    def log_likelihood(self, right: Floats, wrong: Floats, eta: Floats) -> Floats:
        """Shape (data sets,), for ψ and 1 − ψ of shape (data sets, levels), η of (data sets,)."""
        right, wrong = np.maximum(right, _TINY), np.maximum(wrong, _TINY)
        if self.terms is None:
            value = self.n_correct * np.log(right) + self.n_wrong * np.log(wrong)
            return np.asarray(value.sum(axis=1))
        number, is_right, weight = self.terms
        theta = (eta**2 / (1.0 - eta**2))[:, None, None]
        place = np.where(is_right, right[:, :, None], wrong[:, :, None]) + number * theta
        total = np.arange(weight.shape[2]) * theta
        return np.asarray((weight * (np.log(place) - np.log1p(total))).sum(axis=(1, 2)))

    def slopes(self, right: Floats, wrong: Floats, eta: Floats) -> Slopes:
        """First and second derivatives at the same arguments."""
        right, wrong = np.maximum(right, _TINY), np.maximum(wrong, _TINY)
        if self.terms is None:
            up, down = self.n_correct / right, self.n_wrong / wrong
            none = np.zeros_like(up)
            return Slopes(up - down, -up / right - down / wrong, none, none, none)
        number, is_right, weight = self.terms
        squared = (eta**2)[:, None, None]
        theta = squared / (1.0 - squared)
        first_theta = 2.0 * eta / (1.0 - eta**2) ** 2
        second_theta = (2.0 + 6.0 * eta**2) / (1.0 - eta**2) ** 3
        place = np.where(is_right, right[:, :, None], wrong[:, :, None]) + number * theta
        share = weight / place
        sign = np.where(is_right, 1.0, -1.0)
        order = np.arange(weight.shape[2])
        total = weight * order / (1.0 + order * theta)
        by_theta = (number * share - total).sum(axis=2)
        bend = (-((number / place) ** 2) * weight + total * order / (1.0 + order * theta)).sum(2)
        return Slopes(
            first=(sign * share).sum(axis=2),
            second=-(share / place).sum(axis=2),
            eta=by_theta * first_theta[:, None],
            eta_eta=bend * first_theta[:, None] ** 2 + by_theta * second_theta[:, None],
            psi_eta=-(sign * number * share / place).sum(axis=2) * first_theta[:, None],
        )


def prepare(n_correct: Floats, n_trials: Floats, *, binomial: bool) -> Counts:
    """Counts of shape (data sets, levels), ready for the likelihood.

    FitError: so many trials at a level that the beta-binomial sums would not fit in memory.
    """
    n_wrong = n_trials - n_correct
    if binomial:
        return Counts(n_correct=n_correct, n_wrong=n_wrong, terms=None)
    if float(n_trials.max()) > MOST_TRIALS:
        raise FitError(
            f"{n_trials.max():.0f} trials at one level are too many for a beta-binomial fit.",
            "Fit with overdispersion=False, or give the counts of smaller blocks.",
        )
    order = np.arange(int(n_trials.max()))
    is_right = order < n_correct[:, :, None]
    weight = (order < n_trials[:, :, None]).astype(float)
    number = np.where(is_right, order, order - n_correct[:, :, None])
    # A term that does not count has weight 0, and a number that keeps its logarithm finite.
    number = np.where(weight > 0.0, number, 0.0)
    return Counts(
        n_correct=n_correct,
        n_wrong=n_wrong,
        terms=(number, is_right, weight),
    )


def log_coefficients(n_correct: Floats, n_trials: Floats) -> Floats:
    """Σ log of the binomial coefficients over the last axis (levels)."""
    value = gammaln(n_trials + 1) - gammaln(n_correct + 1) - gammaln(n_trials - n_correct + 1)
    return np.asarray(value.sum(axis=-1))
