"""QUEST+ over two dimensions: level and condition, with one lapse rate for all conditions.

Each condition has a threshold and a width of its own; the lapse rate is the listener's. Given
the lapse rate, conditions are independent, so the joint posterior over all of them is kept exactly
as one grid per condition, tied by the posterior of the lapse rate,

    p(λ | all) ∝ π(λ) ∏ Z_c(λ),   Z_c(λ) = Σ π(threshold, width) L_c(threshold, width, λ),

and what a trial of condition c is expected to tell about everything is what it tells about
that condition's curve under p(threshold, width | λ, its trials) p(λ | all). The cost grows with
the number of conditions, not with its power (Watson 2017, *J. Vision* 17(3):10, on several
stimulus dimensions and parameters).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jndlab.problems import Problem
from jndlab.study.procedures.curve_grid import PARAMETERS, CurveGrid, counts, normalised
from jndlab.study.procedures.grid_problems import grid_problems
from jndlab.study.procedures.interleave import (
    barred_track,
    split_by_track,
    track_problems,
    trial_rng,
)
from jndlab.study.procedures.posterior import Marginal, marginal
from jndlab.study.procedures.questplus import DEFAULT_STOP, best_level, stop_means, threshold_bound
from jndlab.study.procedures.stopping import (
    Reached,
    StopRule,
    most_trials,
    stop_problems,
    stop_reason,
)
from jndlab.study.procedures.track import Choice, Outcome, Status

Floats = NDArray[np.float64]
_TIE = 1e-10
"""Conditions that differ by less, in nats, are equally good: chance decides."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedLapseQuestPlus:
    """One QUEST+ that chooses condition and level together."""

    grids: tuple[tuple[str, CurveGrid], ...]
    """Levels and curves of each condition, by its name; lapse rates and their prior are those of
    all."""
    stop: StopRule = DEFAULT_STOP
    """Each condition stops by it on its own trials."""
    seed: tuple[int, ...] = (0,)
    max_run: int = 3
    """No more than so many trials in a row of one condition, as long as another one goes on."""

    def posteriors(self, outcomes: Sequence[Outcome]) -> dict[str, Floats]:
        """Probability of each curve of each condition, given all outcomes.

        DataError: an outcome is of no condition, or at a level that is not on offer.
        """
        from scipy.special import logsumexp

        own = split_by_track(outcomes, [name for name, _ in self.grids])
        joint = {name: self._log_joint(grid, own[name]) for name, grid in self.grids}
        evidence = {name: logsumexp(weights, axis=0) for name, weights in joint.items()}
        prior = self.grids[0][1].log_prior("lapse_rate")
        # Each Z holds the prior of the lapse rate once; it counts once in all.
        lapse = normalised(np.sum(list(evidence.values()), axis=0) - (len(self.grids) - 1) * prior)
        return {
            name: np.asarray(np.exp(weights - evidence[name]) * lapse).ravel()
            for name, weights in joint.items()
        }

    def next_choice(self, outcomes: Sequence[Outcome]) -> Choice | None:
        """Condition and level that tell most; None when every condition has stopped."""
        posteriors = self.posteriors(outcomes)
        own = split_by_track(outcomes, list(posteriors))
        grids = dict(self.grids)
        going = [
            name
            for name, posterior in posteriors.items()
            if self._stopped(grids[name], own[name], posterior) is None
        ]
        barred = barred_track(outcomes, self.max_run)
        going = [name for name in going if name != barred] or going
        if not going:
            return None
        told = {name: grids[name].table().information(posteriors[name]) for name in going}
        most = max(information.max() for information in told.values())
        equal = [name for name in going if told[name].max() >= most - _TIE]
        name = equal[int(trial_rng(self.seed, len(outcomes) + 1).integers(len(equal)))]
        return Choice(name, grids[name].levels[best_level(told[name])])

    def statuses(self, outcomes: Sequence[Outcome]) -> dict[str, Status]:
        """Where each condition stands, by name: the estimate is the mean of its threshold."""
        own = split_by_track(outcomes, [name for name, _ in self.grids])
        posteriors = self.posteriors(outcomes)
        return {name: self._status(grid, own[name], posteriors[name]) for name, grid in self.grids}

    def lapse_rate(self, outcomes: Sequence[Outcome]) -> Marginal:
        """The posterior of the lapse rate, from the trials of all conditions."""
        name, grid = self.grids[0]
        axis = PARAMETERS.index("lapse_rate")
        return marginal(
            self.posteriors(outcomes)[name], grid.shape, axis, grid.values("lapse_rate")
        )

    def most_trials(self) -> float:
        """Trials after which every condition has stopped, whatever was answered."""
        return most_trials(self.stop) * len(self.grids)

    def problems(self) -> list[Problem]:
        """What is wrong with the settings, the name of the condition in front."""
        problems = track_problems([name for name, _ in self.grids], self.max_run)
        lapses = {
            (grid.lapse_rates, dict(grid.weights).get("lapse_rate")) for _, grid in self.grids
        }
        if len(lapses) > 1:
            problems.append(
                Problem(
                    message="The conditions consider different lapse rates.",
                    remedy="Give all of them the same: it is that of the listener.",
                )
            )
        for name, grid in self.grids:
            found = grid_problems(grid) or stop_problems(self.stop, stop_means(grid))
            problems += [
                Problem(message=f"Condition {name!r}: {problem.message}", remedy=problem.remedy)
                for problem in found
            ]
        return problems

    @staticmethod
    def _log_joint(grid: CurveGrid, outcomes: Sequence[Outcome]) -> Floats:
        """Prior times likelihood, one row per threshold and width, one column per lapse rate."""
        table = grid.table()
        right, wrong = counts(grid.levels, outcomes)
        joint = table.log_prior + table.log_likelihood(right, wrong)
        return np.asarray(joint.reshape(-1, len(grid.lapse_rates)))

    def _status(self, grid: CurveGrid, outcomes: Sequence[Outcome], posterior: Floats) -> Status:
        threshold = _threshold(grid, posterior)
        return Status(
            n_trials=len(outcomes),
            estimate=threshold.mean,
            interval=threshold.interval(),
            bound=threshold_bound(threshold, grid.levels),
            stopped=self._stopped(grid, outcomes, posterior),
        )

    def _stopped(
        self, grid: CurveGrid, outcomes: Sequence[Outcome], posterior: Floats
    ) -> str | None:
        def interval(mass: float) -> tuple[float, float]:
            return _threshold(grid, posterior).interval(mass)

        return stop_reason(self.stop, Reached(outcomes=outcomes, interval=interval))


def _threshold(grid: CurveGrid, posterior: Floats) -> Marginal:
    return marginal(posterior, grid.shape, 0, grid.values("threshold"))
