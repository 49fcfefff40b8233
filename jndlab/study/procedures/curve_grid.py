"""A grid of psychometric curves: what each predicts at each level, tabulated once.

All that QUEST+ and Psi need of a history is how often each level was answered right and wrong,
so a posterior costs one product of counts and tabulated logarithms, however long the history is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from jndlab.sigmoids import SigmoidName, get_sigmoid, proportion_correct, sigmoid
from jndlab.study.procedures.track import Outcome, position

Floats = NDArray[np.float64]
ParameterName = Literal["threshold", "width", "lapse_rate"]
PARAMETERS: tuple[ParameterName, ...] = ("threshold", "width", "lapse_rate")

MAX_CELLS = 2_000_000
"""Levels times curves of one table: 64 MB."""
_TABLES_KEPT = 4
_LEAST = 1e-300
"""A curve that rules an answer out altogether would not come back from a single slip of rounding:
its logarithm is cut here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CurveGrid:
    """Which curves are considered, at which levels. Equal settings share one table."""

    levels: tuple[float, ...]
    """From the hardest (least compressed) to the easiest."""
    guess_rate: float
    thresholds: tuple[float, ...]
    widths: tuple[float, ...]
    lapse_rates: tuple[float, ...]
    sigmoid: SigmoidName = "norm"
    threshold_at: float = 0.5
    """The unscaled sigmoid at the threshold. Watson's (2017) Weibull has 1 − 1/e there."""
    weights: tuple[tuple[ParameterName, tuple[float, ...]], ...] = ()
    """Prior weights of a parameter's values; flat for parameters that are not named."""

    @property
    def shape(self) -> tuple[int, int, int]:
        """Numbers of thresholds, widths and lapse rates."""
        return len(self.thresholds), len(self.widths), len(self.lapse_rates)

    @property
    def n_cells(self) -> int:
        """Levels times curves."""
        return len(self.levels) * int(np.prod(self.shape))

    @property
    def falling(self) -> bool:
        """Whether compression falls as the level's number grows."""
        return self.levels[0] > self.levels[-1]

    def values(self, name: ParameterName) -> Floats:
        """The values of a parameter on the grid."""
        values = {
            "threshold": self.thresholds,
            "width": self.widths,
            "lapse_rate": self.lapse_rates,
        }
        return np.asarray(values[name], dtype=float)

    def log_prior(self, name: ParameterName) -> Floats:
        """Logarithm of the prior of a parameter's values, which sums to 1."""
        given = dict(self.weights).get(name)
        weights = np.ones(len(self.values(name))) if given is None else np.asarray(given, float)
        return np.asarray(np.log(weights / weights.sum()))

    def table(self) -> Table:
        """The tabulated curves; at most four tables are kept."""
        return _table(self)


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """Rows are levels, columns are curves (threshold, width, lapse rate; the last runs fastest)."""

    log_prior: Floats
    log_right: Floats
    log_wrong: Floats
    right_and_entropy: Floats = field(repr=False)
    """P(right), and below it the entropy of the answer: one product gives the mean of both."""

    @property
    def n_levels(self) -> int:
        return len(self.log_right)

    @property
    def right(self) -> Floats:
        """P(right), one row per level."""
        return self.right_and_entropy[: self.n_levels]

    def log_likelihood(self, n_right: Floats, n_wrong: Floats) -> Floats:
        """Logarithm of the likelihood of every curve, from counts per level."""
        seen = np.flatnonzero(n_right + n_wrong)
        found = n_right[seen] @ self.log_right[seen] + n_wrong[seen] @ self.log_wrong[seen]
        return np.asarray(found)

    def information(self, posterior: Floats) -> Floats:
        """Expected fall of the posterior's entropy by one trial at each level, in nats.

        H(mean of P) − mean of H(P): the mutual information of answer and curve, which is largest
        where the expected entropy of Watson (2017, *J. Vision* 17(3):10, equation 15) and of
        Kontsevich & Tyler (1999, *Vision Res.* 39, 2729–2737) is smallest, without a new
        posterior for every level and answer.
        """
        means = self.right_and_entropy @ posterior
        return binary_entropy(means[: self.n_levels]) - means[self.n_levels :]

    def marginal_information(
        self, posterior: Floats, shape: tuple[int, ...], summed: tuple[int, ...]
    ) -> Floats:
        """As :meth:`information`, about the curve's parameters less the axes ``summed``.

        What a trial tells about nuisance parameters does not count (Prins 2013, *J. Vision*
        13(7):3). ``shape`` is that of the grid, ``summed`` are axes of it.
        """
        from scipy.special import entr, xlogy

        joint = (self.right * posterior).reshape(-1, *shape)
        axes = tuple(axis + 1 for axis in summed)
        right = joint.sum(axis=axes).reshape(self.n_levels, -1)
        mass = posterior.reshape(shape).sum(axis=summed).ravel()
        wrong = np.maximum(mass - right, 0.0)
        # Σ mass · H(right / mass), written so that empty cells need no division.
        known = (entr(right) + entr(wrong)).sum(axis=1) + xlogy(mass, mass).sum()
        return np.asarray(binary_entropy(right.sum(axis=1)) - known)


def binary_entropy(p: ArrayLike) -> Floats:
    """Entropy of an answer that is right with probability ``p``, in nats."""
    from scipy.special import entr

    values = np.asarray(p, dtype=float)
    return np.asarray(entr(values) + entr(1.0 - values))


def counts(levels: Sequence[float], outcomes: Sequence[Outcome]) -> tuple[Floats, Floats]:
    """Right and wrong answers per level. DataError: a level is not on offer."""
    place = {level: index for index, level in enumerate(levels)}
    found = np.zeros((2, len(levels)))
    for outcome in outcomes:
        index = place.get(outcome.level)
        if index is None:
            index = position(levels, outcome.level)
        found[0 if outcome.correct else 1, index] += 1.0
    return found[0], found[1]


def normalised(log_weights: Floats) -> Floats:
    """Probabilities from logarithms of weights, without overflow."""
    weights = np.exp(log_weights - log_weights.max())
    return np.asarray(weights / weights.sum())


@lru_cache(maxsize=_TABLES_KEPT)
def _table(grid: CurveGrid) -> Table:
    # Double precision throughout: with float32 neighbouring levels tie by rounding, and two
    # machines would choose differently.
    from scipy.special import entr

    standard = get_sigmoid(grid.sigmoid)
    threshold, width, lapse = np.meshgrid(
        grid.values("threshold"), grid.values("width"), grid.values("lapse_rate"), indexing="ij"
    )
    if grid.threshold_at != 0.5:
        at = 1.0 - grid.threshold_at if grid.falling else grid.threshold_at
        quantile = standard.quantile(np.asarray(at, dtype=float))
        shift = width * (quantile - standard.centre) / standard.span
        threshold = threshold * np.exp(-shift) if standard.log_level else threshold - shift
    heard = sigmoid(
        grid.sigmoid,
        np.asarray(grid.levels, dtype=float)[:, np.newaxis],
        threshold.ravel(),
        width.ravel(),
        falling=grid.falling,
    )
    right = proportion_correct(heard, grid.guess_rate, lapse.ravel())
    # Not 1 − right, which would be 0 where a curve has come within rounding of 1.
    wrong = (1.0 - grid.guess_rate - lapse.ravel()) * (1.0 - heard) + lapse.ravel()
    prior = (
        grid.log_prior("threshold")[:, np.newaxis, np.newaxis]
        + grid.log_prior("width")[:, np.newaxis]
        + grid.log_prior("lapse_rate")
    )
    table = Table(
        log_prior=prior.ravel(),
        log_right=np.log(np.maximum(right, _LEAST)),
        log_wrong=np.log(np.maximum(wrong, _LEAST)),
        right_and_entropy=np.vstack([right, entr(right) + entr(wrong)]),
    )
    for array in (table.log_prior, table.log_right, table.log_wrong, table.right_and_entropy):
        array.setflags(write=False)
    return table
