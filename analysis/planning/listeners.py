"""Simulated listeners for planning, made of plain numbers.

:class:`CurveListeners` differ in threshold, width and lapse rate and hear every level equally
often; of :class:`ProportionListeners` only the proportion correct at one level is known. Both are
simulations as :mod:`jndlab.analysis.planning.simulation` describes them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from jndlab.analysis.checks import numbers, one_number
from jndlab.analysis.paradigms import require_guess_rate
from jndlab.analysis.planning.exact import check_share
from jndlab.analysis.planning.simulation import (
    EVERYBODY_STAYS,
    Attrition,
    Floats,
    SimulatedStudy,
)
from jndlab.errors import DataError
from jndlab.sigmoids import SigmoidName, get_sigmoid, proportion_correct, sigmoid
from jndlab.study.trials import Direction


class Curves(NamedTuple):
    """The parameters of listeners, of shape (listeners,) each."""

    threshold: Floats
    width: Floats
    lapse_rate: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class CurveListeners:
    """Listeners with a psychometric function each, tested at every level equally often.

    Threshold_i = threshold + threshold_spread·z (for the families on the log level:
    threshold · exp(threshold_spread·z)), width_i = width · exp(log_width_spread·z'), z and z'
    standard normal; the lapse rate is Beta-distributed with the mean and the standard deviation
    given. ψ = guess + (1 − guess − lapse) F, the guess rate from the paradigm.

    >>> listeners = CurveListeners(levels=(1, 2, 3, 4, 5), paradigm="2afc", threshold=3, width=2)
    >>> study = listeners(np.random.default_rng(1), n_listeners=12, trials_per_level=20)
    >>> study.n_correct.shape
    (12, 5)
    """

    levels: tuple[float, ...]
    paradigm: str
    threshold: float
    """Mean of the listeners: level at which F is 0.5."""
    width: float
    """Median of the listeners: from F = 0.05 to 0.95, as in :mod:`jndlab.sigmoids`."""
    direction: Direction = "rises"
    sigmoid: SigmoidName = "norm"
    threshold_spread: float = 0.0
    """Standard deviation between listeners, in levels (log level: in natural-log units)."""
    log_width_spread: float = 0.0
    """Standard deviation of the log width between listeners: 0.2 is about 20 %."""
    lapse_rate: float = 0.02
    lapse_rate_spread: float = 0.0
    attrition: Attrition = EVERYBODY_STAYS

    def __post_init__(self) -> None:
        require_guess_rate(self.paradigm)
        levels = np.atleast_1d(numbers(self.levels, "levels"))
        if levels.ndim != 1 or levels.size == 0 or not np.all(np.isfinite(levels)):
            raise DataError("The levels are not a list of numbers.", "Give each level once.")
        object.__setattr__(self, "levels", tuple(levels.tolist()))
        if len(set(self.levels)) != len(self.levels):
            raise DataError("The levels are not all different.", "Give each level once.")
        if self.direction not in ("rises", "falls"):
            raise DataError(f"No direction {self.direction!r}.", 'Use "rises" or "falls".')
        threshold, width = (one_number(getattr(self, n), n) for n in ("threshold", "width"))
        if not (np.isfinite(threshold) and 0.0 < width < np.inf):
            raise DataError("Threshold or width cannot be.", "Give numbers, the width above 0.")
        if get_sigmoid(self.sigmoid).log_level and min(*self.levels, self.threshold) <= 0.0:
            raise DataError(
                f"{self.sigmoid} lives on the logarithm of the level: levels and threshold must "
                "be above 0.",
                'Shift the levels, or use the sigmoid "norm".',
            )
        for name in ("threshold_spread", "log_width_spread"):
            require_spread(name, getattr(self, name))
        beta_parameters("lapse_rate", self.lapse_rate, self.lapse_rate_spread)

    def draw(self, rng: np.random.Generator, n_listeners: int) -> Curves:
        """The parameters of ``n_listeners`` new listeners; guessers have the largest lapse rate."""
        deviation = self.threshold_spread * rng.standard_normal(n_listeners)
        if get_sigmoid(self.sigmoid).log_level:
            threshold = self.threshold * np.exp(deviation)
        else:
            threshold = self.threshold + deviation
        width = self.width * np.exp(self.log_width_spread * rng.standard_normal(n_listeners))
        lapse_rate = draw_beta(rng, n_listeners, self.lapse_rate, self.lapse_rate_spread)
        always = 1.0 - require_guess_rate(self.paradigm)
        guess = rng.random(n_listeners) < self.attrition.guessers
        return Curves(threshold, width, np.where(guess, always, np.minimum(lapse_rate, always)))

    def proportions(self, curves: Curves) -> Floats:
        """Proportion correct of shape (listeners, levels)."""
        heard = sigmoid(
            self.sigmoid,
            np.array(self.levels),
            curves.threshold[:, None],
            curves.width[:, None],
            falling=self.direction == "falls",
        )
        return proportion_correct(
            heard, require_guess_rate(self.paradigm), curves.lapse_rate[:, None]
        )

    def expected_proportions(self) -> Floats:
        """Proportion correct of the average of many listeners, shape (levels,)."""
        # Fixed draws: a mean over the population to about ± 0.005.
        return np.asarray(self.proportions(self.draw(np.random.default_rng(0), 4000)).mean(axis=0))

    def __call__(
        self, rng: np.random.Generator, *, n_listeners: int, trials_per_level: int
    ) -> SimulatedStudy:
        """The counts of one study."""
        proportions = self.proportions(self.draw(rng, n_listeners))
        n_correct = rng.binomial(trials_per_level, proportions).astype(float)
        most = np.argmax(self.levels) if self.direction == "rises" else np.argmin(self.levels)
        stay = self.attrition.stay(rng, proportions[:, most])
        return SimulatedStudy(
            levels=np.array(self.levels),
            n_correct=n_correct[stay],
            n_trials=np.full_like(n_correct[stay], trials_per_level),
            paradigm=self.paradigm,
            direction=self.direction,
            n_recruited=n_listeners,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ProportionListeners:
    """Listeners of whom only the proportion correct at one level is known, with its spread.

    The share (p − chance)/(1 − chance) is Beta-distributed over listeners, so that nobody is below
    chance: the beta-binomial corrected for chance (Brockhoff 2003, *Food Quality and Preference*
    14, 405–417).

    >>> listeners = ProportionListeners(paradigm="abx", proportion_correct=0.55, spread=0.05)
    >>> study = listeners(np.random.default_rng(1), n_listeners=12, trials_per_level=20)
    >>> study.n_correct.shape
    (12, 1)
    """

    paradigm: str
    proportion_correct: float
    """Mean over the listeners."""
    spread: float = 0.0
    """Standard deviation between listeners."""
    level: float = 1.0
    """What the one level is called."""
    gross_lapse_rate: float = 0.02
    """How often an attentive listener is wrong on a gross catch trial."""
    attrition: Attrition = EVERYBODY_STAYS

    def __post_init__(self) -> None:
        chance = require_guess_rate(self.paradigm)
        check_share("gross_lapse_rate", self.gross_lapse_rate, closed=True)
        if not np.isfinite(one_number(self.level, "level")):
            raise DataError("The level has no number.", "Give one, or leave it out.")
        if not chance <= one_number(self.proportion_correct, "proportion_correct") <= 1.0:
            raise DataError(
                f"A mean proportion correct of {self.proportion_correct} cannot be: chance is "
                f"{chance:g}.",
                f"Give a number from {chance:g} to 1.",
            )
        room = 1.0 - chance
        beta_parameters("spread", (self.proportion_correct - chance) / room, self.spread / room)

    def expected_proportions(self) -> Floats:
        """Proportion correct of the average listener, shape (1,); guessers are at chance."""
        chance, guessers = require_guess_rate(self.paradigm), self.attrition.guessers
        return np.array([guessers * chance + (1.0 - guessers) * self.proportion_correct])

    def __call__(
        self, rng: np.random.Generator, *, n_listeners: int, trials_per_level: int
    ) -> SimulatedStudy:
        """The counts of one study."""
        chance = require_guess_rate(self.paradigm)
        room = 1.0 - chance
        share = draw_beta(
            rng, n_listeners, (self.proportion_correct - chance) / room, self.spread / room
        )
        guess = rng.random(n_listeners) < self.attrition.guessers
        proportions = np.where(guess, chance, chance + room * share)
        n_correct = rng.binomial(trials_per_level, proportions).astype(float)
        gross = np.where(guess, chance, 1.0 - self.gross_lapse_rate)
        n_correct = n_correct[self.attrition.stay(rng, gross), None]
        return SimulatedStudy(
            levels=np.array([self.level]),
            n_correct=n_correct,
            n_trials=np.full_like(n_correct, trials_per_level),
            paradigm=self.paradigm,
            n_recruited=n_listeners,
        )


def require_spread(name: str, value: float) -> None:
    """Raise DataError unless the standard deviation is a number of 0 or more."""
    if not 0.0 <= one_number(value, name) < np.inf:
        raise DataError(f"{name} cannot be {value}.", "Give a standard deviation, 0 or more.")


def beta_parameters(name: str, mean: float, spread: float) -> tuple[float, float] | None:
    """The Beta distribution of that mean and SD; None if all are equal. DataError: none is."""
    require_spread(name, spread)
    if not 0.0 <= one_number(mean, name) <= 1.0:
        raise DataError(f"{name} cannot be {mean} on average.", "Give a number from 0 to 1.")
    if spread == 0.0:
        return None
    size = mean * (1.0 - mean) / spread**2 - 1.0
    if size <= 0.0:
        raise DataError(
            f"{name}: listeners cannot differ that much around that mean.",
            "At chance, or at 0 or 1, nobody can differ: take a spread of 0, or a smaller one.",
        )
    return mean * size, (1.0 - mean) * size


def draw_beta(rng: np.random.Generator, n_draws: int, mean: float, spread: float) -> Floats:
    """Shares between 0 and 1 of that mean and standard deviation, shape (n_draws,)."""
    parameters = beta_parameters("share", mean, spread)
    return np.full(n_draws, mean) if parameters is None else rng.beta(*parameters, n_draws)
