"""QUEST+ and Psi: the next level is the one whose answer is expected to tell most.

QUEST+ (Watson 2017, *J. Vision* 17(3):10) keeps the posterior of threshold, width and lapse rate on
a grid and presents the level that leaves the least expected entropy. Psi (Kontsevich & Tyler 1999,
*Vision Res.* 39, 2729–2737) is the same over threshold and slope with a known lapse rate; with
nuisance parameters, what a trial tells about these does not count (Prins 2013, *J. Vision*
13(7):3).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from jndlab.problems import Problem
from jndlab.sigmoids import SigmoidName, get_sigmoid
from jndlab.study.procedures.curve_grid import (
    PARAMETERS,
    CurveGrid,
    ParameterName,
    counts,
    normalised,
)
from jndlab.study.procedures.grid_problems import grid_problems
from jndlab.study.procedures.posterior import Marginal, marginal
from jndlab.study.procedures.stopping import (
    AfterTrials,
    Means,
    Reached,
    StopRule,
    most_trials,
    stop_problems,
    stop_reason,
)
from jndlab.study.procedures.track import Bound, Outcome, Status

Floats = NDArray[np.float64]
DEFAULT_STOP = AfterTrials(50)
LAPSE_RATES = (0.0, 0.02, 0.05)
_TIE = 1e-10
"""Levels that differ by less, in nats, are equally good: the easiest of them is taken, so that the
last bit of a sum does not decide."""
_BEYOND = 0.25
"""Thresholds are considered so far beyond the levels, as a share of their range."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestPlus:
    """Settings of one QUEST+ or Psi track."""

    grid: CurveGrid
    """Levels, and the curves considered."""
    nuisance: tuple[ParameterName, ...] = ()
    """Parameters that are estimated along but not worth a trial."""
    stop: StopRule = DEFAULT_STOP
    n_best: int = 1
    """Choose at random among so many best levels. 1: always the best."""
    seed: tuple[int, ...] = (0,)
    """With the number of the trial it decides what chance decides."""

    @property
    def levels(self) -> tuple[float, ...]:
        """The levels on offer, from the hardest to the easiest."""
        return self.grid.levels

    def posterior(self, outcomes: Sequence[Outcome]) -> Floats:
        """Probability of each curve of the grid. The order of the outcomes does not matter.

        DataError: an outcome is at a level that is not on offer.
        """
        table = self.grid.table()
        right, wrong = counts(self.levels, outcomes)
        return normalised(table.log_prior + table.log_likelihood(right, wrong))

    def information(self, posterior: Floats) -> Floats:
        """Nats that one trial at each level is expected to tell, in the order of the levels."""
        table = self.grid.table()
        if not self.nuisance:
            return table.information(posterior)
        summed = tuple(PARAMETERS.index(name) for name in self.nuisance)
        return table.marginal_information(posterior, self.grid.shape, summed)

    def next_level(self, outcomes: Sequence[Outcome]) -> float | None:
        """The level of the next trial; None when the stop rule is met. DataError: see posterior."""
        posterior = self.posterior(outcomes)
        if self._stopped(outcomes, posterior) is not None:
            return None
        rng = np.random.default_rng([*self.seed, len(outcomes) + 1]) if self.n_best > 1 else None
        return self.levels[best_level(self.information(posterior), self.n_best, rng)]

    def marginal(self, name: ParameterName, posterior: Floats) -> Marginal:
        """The posterior of one parameter."""
        axis = PARAMETERS.index(name)
        return marginal(posterior, self.grid.shape, axis, self.grid.values(name))

    def status(self, outcomes: Sequence[Outcome]) -> Status:
        """Where the track stands: the estimate is the posterior mean of the threshold."""
        posterior = self.posterior(outcomes)
        threshold = self.marginal("threshold", posterior)
        return Status(
            n_trials=len(outcomes),
            estimate=threshold.mean,
            interval=threshold.interval(),
            bound=threshold_bound(threshold, self.levels),
            stopped=self._stopped(outcomes, posterior),
        )

    def most_trials(self) -> float:
        """Trials after which the track has stopped, whatever was answered."""
        return most_trials(self.stop)

    def problems(self) -> list[Problem]:
        """What is wrong with the settings, before anybody is tested."""
        problems = grid_problems(self.grid)
        if not 1 <= self.n_best <= len(self.levels):
            problems.append(
                Problem(
                    message=f"The level cannot be one of the {self.n_best} best of "
                    f"{len(self.levels)}.",
                    remedy="Give a number from 1 to the number of levels.",
                )
            )
        if "threshold" in self.nuisance:
            problems.append(
                Problem(
                    message="The threshold is what the procedure is for: it is no nuisance.",
                    remedy="Name the width or the lapse rate, or nothing.",
                )
            )
        return problems or stop_problems(self.stop, stop_means(self.grid))

    def _stopped(self, outcomes: Sequence[Outcome], posterior: Floats) -> str | None:
        interval = partial(_interval, self, posterior)
        return stop_reason(self.stop, Reached(outcomes=outcomes, interval=interval))


def psi(
    levels: Sequence[float],
    *,
    guess_rate: float,
    lapse_rate: float = 0.02,
    sigmoid: SigmoidName = "norm",
    stop: StopRule = DEFAULT_STOP,
) -> QuestPlus:
    """The Psi method: threshold and width by entropy, the lapse rate known.

    See Kontsevich & Tyler (1999); the grid is that of :func:`default_grid`.
    """
    grid = default_grid(levels, guess_rate=guess_rate, sigmoid=sigmoid)
    return QuestPlus(grid=replace(grid, lapse_rates=(lapse_rate,)), stop=stop)


def default_grid(
    levels: Sequence[float],
    *,
    guess_rate: float,
    sigmoid: SigmoidName = "norm",
    n_thresholds: int = 61,
    n_widths: int = 10,
    lapse_rates: tuple[float, ...] = LAPSE_RATES,
) -> CurveGrid:
    """Curves that suit levels of which nothing is known yet.

    Thresholds evenly from a quarter of the range below the levels to a quarter above; widths in
    equal ratios from the mean distance of two levels to twice the range. Families on the log level
    have both in natural-log units; their levels must be above 0 (ValueError).
    """
    log_level = get_sigmoid(sigmoid).log_level
    ends = np.sort(np.asarray([levels[0], levels[-1]], dtype=float))
    if log_level and ends[0] <= 0.0:
        raise ValueError(f"levels of the {sigmoid} sigmoid are above 0")
    low, high = np.log(ends) if log_level else ends
    span = high - low
    thresholds = np.linspace(low - _BEYOND * span, high + _BEYOND * span, n_thresholds)
    widths = np.geomspace(span / max(1, len(levels) - 1), 2.0 * span, n_widths)
    return CurveGrid(
        levels=tuple(float(level) for level in levels),
        guess_rate=guess_rate,
        sigmoid=sigmoid,
        thresholds=tuple((np.exp(thresholds) if log_level else thresholds).tolist()),
        widths=tuple(widths.tolist()),
        lapse_rates=lapse_rates,
    )


def best_level(information: Floats, n_best: int = 1, rng: np.random.Generator | None = None) -> int:
    """Index of the most informative level, or of one of the ``n_best``, drawn by ``rng``."""
    if rng is None:
        return int(np.flatnonzero(information >= information.max() - _TIE)[-1])
    ranked = np.argsort(-information, kind="stable")
    return int(ranked[rng.integers(n_best)])


def threshold_bound(threshold: Marginal, levels: Sequence[float]) -> Bound | None:
    """Whether the threshold is more likely beyond the levels than among them."""
    low, high = min(levels), max(levels)
    below, above = threshold.below(low) > 0.5, threshold.below(high) < 0.5
    if levels[0] > levels[-1]:
        below, above = above, below
    if below:
        return "at or below"
    return "at or above" if above else None


def stop_means(grid: CurveGrid) -> Means:
    """What stop rules can go by: the posterior of the threshold, as fine as the grid."""
    steps = np.diff(np.sort(grid.values("threshold")))
    finest = float(steps.min()) if len(steps) else 0.0
    return Means(finest_interval=finest, levels=grid.levels)


def _interval(track: QuestPlus, posterior: Floats, mass: float) -> tuple[float, float]:
    return track.marginal("threshold", posterior).interval(mass)
