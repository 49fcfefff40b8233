"""What a posterior on a grid says of one parameter: mean, standard deviation, interval."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Marginal:
    """The posterior of one parameter: each value of the grid stands for the cell around it."""

    values: Floats
    """Rising."""
    probabilities: Floats

    @property
    def mean(self) -> float:
        """Posterior mean."""
        return float(self.values @ self.probabilities)

    @property
    def sd(self) -> float:
        """Posterior standard deviation."""
        return float(np.sqrt((self.values - self.mean) ** 2 @ self.probabilities))

    @property
    def mode(self) -> float:
        """The most probable value, the lowest if there are several."""
        return float(self.values[int(np.argmax(self.probabilities))])

    def edges(self) -> Floats:
        """Limits of the cells: halfway between values, and as far beyond the first and last."""
        if len(self.values) == 1:
            return np.repeat(self.values, 2)
        middle = 0.5 * (self.values[1:] + self.values[:-1])
        first, last = 2 * self.values[0] - middle[0], 2 * self.values[-1] - middle[-1]
        return np.concatenate([[first], middle, [last]])

    def below(self, value: float) -> float:
        """Probability of less than ``value``."""
        return float(np.interp(value, self.edges(), self._cumulated()))

    def interval(self, mass: float = 0.95) -> tuple[float, float]:
        """The limits that leave (1 − mass)/2 on either side.

        Quantiles come from the edges of the cells; read off the sums at the values themselves
        they would lie half a cell too low.
        """
        tail = 0.5 * (1.0 - mass)
        low, high = np.interp([tail, 1.0 - tail], self._cumulated(), self.edges())
        return float(low), float(high)

    def _cumulated(self) -> Floats:
        cumulated = np.concatenate([[0.0], np.cumsum(self.probabilities)])
        return np.asarray(np.minimum(cumulated, 1.0))


def marginal(posterior: Floats, shape: tuple[int, ...], axis: int, values: Floats) -> Marginal:
    """The posterior of the parameter along ``axis`` of a grid of that ``shape``."""
    others = tuple(other for other in range(len(shape)) if other != axis)
    probabilities = posterior.reshape(shape).sum(axis=others)
    order = np.argsort(values)
    return Marginal(values[order], probabilities[order])
