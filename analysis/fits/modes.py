"""The tops that a search found: one curve per data set."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jndlab.analysis.fits.design import GUESS, LAPSE, LOG_WIDTH, OVERDISPERSION, THRESHOLD

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Modes:
    """Maxima on the inner scale, one per data set; shape (data sets,) each."""

    threshold: Floats
    width: Floats
    lapse_rate: Floats
    guess_rate: Floats
    overdispersion: Floats
    log_posterior: Floats
    """What was maximised: without binomial coefficients and normalising constants."""
    converged: Bools

    @classmethod
    def at(cls, points: Floats, log_posterior: Floats, converged: Bools) -> Modes:
        """Of points (data sets, 5): threshold, log width, lapse, guess rate, overdispersion."""
        return cls(
            threshold=points[:, THRESHOLD],
            width=np.exp(points[:, LOG_WIDTH]),
            lapse_rate=points[:, LAPSE],
            guess_rate=points[:, GUESS],
            overdispersion=points[:, OVERDISPERSION],
            log_posterior=log_posterior,
            converged=converged,
        )

    def __getitem__(self, rows: slice | Bools) -> Modes:
        return Modes(**{name: getattr(self, name)[rows] for name in self.__slots__})

    @property
    def points(self) -> Floats:
        """Shape (data sets, 5): threshold, log width, lapse rate, guess rate, overdispersion."""
        columns = (self.threshold, np.log(self.width), self.lapse_rate)
        return np.column_stack([*columns, self.guess_rate, self.overdispersion])


def join_modes(parts: Sequence[Modes]) -> Modes:
    """Modes of parts of the data sets, put together again."""
    return Modes(
        **{
            name: np.concatenate([getattr(part, name) for part in parts])
            for name in Modes.__slots__
        }
    )
