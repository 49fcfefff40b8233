"""The section of the study file that says how levels follow from answers."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from jndlab.sigmoids import SigmoidName
from jndlab.study.section import Section

MOST_TRIALS = 500
"""Of one track."""
Level = Annotated[float, Field(allow_inf_nan=False)]
Above = Annotated[float, Field(gt=0.0, allow_inf_nan=False)]
Rate = Annotated[float, Field(ge=0.0, lt=0.5)]


class StepSizes(Section):
    """How far a staircase goes, in positions along the levels, and for how long."""

    harder: int = Field(ge=1, le=64)
    """Positions towards less compression after right answers."""
    easier: int = Field(ge=1, le=64)
    """Positions towards more compression after wrong ones. Another number than harder: a weighted
    staircase (Kaernbach 1991)."""
    reversals: int | None = Field(default=None, ge=1, le=50)
    """After so many reversals at this size the next one follows. Left out: it is the last."""


class SequentialStop(Section):
    """Wald's sequential test of one proportion correct against another, at one level."""

    level: Level
    """The trials at this level are counted, no others."""
    alternative: float = Field(default=0.75, gt=0.0, lt=1.0)
    """Proportion correct that shall not be missed. The other one is the paradigm's chance level."""
    alpha: float = Field(default=0.05, gt=0.0, lt=0.5)
    """Chance of stopping with "heard" although nothing is heard, at most about."""
    beta: float = Field(default=0.05, gt=0.0, lt=0.5)
    """Chance of stopping with "not heard" at the alternative, at most about."""


class Stop(Section):
    """When a track stops. Frozen with the study: it cannot be changed while the study runs."""

    trials: int | None = Field(default=None, ge=1, le=MOST_TRIALS)
    """After so many trials of the track. Every rule needs this limit, or another that is reached
    whatever is answered."""
    reversals: int | None = Field(default=None, ge=1, le=100)
    """After so many reversals, for staircases."""
    interval: Above | None = None
    """When the 95 % interval of the threshold is narrower than this, in the unit of the levels, for
    questplus and psi."""
    sequential: SequentialStop | None = None
    """When a sequential test at one level has decided."""
    evidence: float | None = Field(default=None, gt=0.0, lt=0.5)
    """When guessing is ruled out at this error rate, over all trials of the track."""
    need: Literal["any", "all"] = "any"
    """Whether one of the rules but that of the trials is enough, or all of them are needed. The
    number of trials stops the track in any case."""


class Adaptive(Section):
    """How levels follow from answers, for the procedures staircase, questplus and psi. What a
    procedure does not use cannot be written."""

    n_down: int | None = Field(default=None, ge=1, le=10)
    """Staircase: right answers in a row after which the level gets harder. Left out: 2, or 1 with
    target_probability. 1, 2, 3 and 4 settle at 50, 70.7, 79.4 and 84.1 % correct (Levitt 1971)."""
    n_up: int | None = Field(default=None, ge=1, le=10)
    """Staircase: wrong answers in a row after which it gets easier. Left out: 1."""
    target_probability: float | None = Field(default=None, gt=0.0, lt=1.0)
    """Staircase: proportion correct to settle at, by a weighted staircase with the smallest steps
    that have it (0.75: 1 harder, 3 easier). Left out: what n_down and the steps give."""
    step_sizes: tuple[StepSizes, ...] = Field(default=(), max_length=8)
    """Staircase: coarse steps first, fine ones last. Left out: steps of a third of the levels for
    two reversals, then single ones."""
    n_averaged: int | None = Field(default=None, ge=2, le=100)
    """Staircase: the estimate is the mean of so many of the latest reversals. Left out: of all at
    the last step size."""
    starts: tuple[Level, ...] = Field(default=(), max_length=4)
    """Staircase: level of the first trial of each track; several levels are as many interleaved
    tracks in each condition. Left out: one track, from the most compressed level."""
    sigmoid: SigmoidName | None = None
    """Questplus, psi: shape of the curves considered. Left out: norm."""
    thresholds: tuple[Level, ...] = Field(default=(), max_length=400)
    """Questplus, psi: thresholds considered. Left out: 61 from below to beyond the levels."""
    widths: tuple[Above, ...] = Field(default=(), max_length=100)
    """Questplus, psi: widths considered (from 5 to 95 % of the curve, in levels). Left out: 10 in
    equal ratios from the distance of two levels to twice the range."""
    lapse_rates: tuple[Rate, ...] = Field(default=(), max_length=20)
    """Questplus: lapse rates considered; psi: the one that is taken as known. Left out: 0, 0.02
    and 0.05; psi 0.02."""
    nuisance: tuple[Literal["width", "lapse_rate"], ...] = ()
    """Questplus: what is estimated along but is not worth a trial (Prins 2013)."""
    shared_lapse: bool | None = None
    """Questplus with several conditions: one lapse rate for all of them, and trials go to the
    condition where they tell most. Left out: every condition by itself."""
    stop: Stop | None = None
    """When a track stops. Left out: a staircase after 10 reversals or 80 trials, questplus and psi
    after 50 trials."""
    max_run: int = Field(default=3, ge=1, le=100)
    """No more than so many trials in a row of one track, as long as another one goes on."""


KEYS_OF_PROCEDURES: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(
        ("n_down", "n_up", "target_probability", "step_sizes", "n_averaged", "starts"),
        ("staircase",),
    ),
    **dict.fromkeys(("sigmoid", "thresholds", "widths", "lapse_rates"), ("questplus", "psi")),
    **dict.fromkeys(("nuisance", "shared_lapse"), ("questplus",)),
}
"""Which procedures use a key of the section; keys that are not named here serve all."""
