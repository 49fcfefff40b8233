"""The `adaptive` section of a study and the levels of its tracks -> procedures to be asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from jndlab.problems import Problem
from jndlab.study.adaptive import Adaptive, Stop
from jndlab.study.procedures.curve_grid import CurveGrid
from jndlab.study.procedures.interleave import Interleaved, Track
from jndlab.study.procedures.questplus import DEFAULT_STOP as DEFAULT_POSTERIOR_STOP
from jndlab.study.procedures.questplus import LAPSE_RATES, QuestPlus, default_grid
from jndlab.study.procedures.sequential import Evidence, SequentialTest
from jndlab.study.procedures.shared_lapse import SharedLapseQuestPlus
from jndlab.study.procedures.staircase import DEFAULT_STOP as DEFAULT_STAIRCASE_STOP
from jndlab.study.procedures.staircase import Staircase, weighted_step
from jndlab.study.procedures.staircase_walk import StepSize
from jndlab.study.procedures.stopping import (
    AfterReversals,
    AfterTrials,
    AllOf,
    AnyOf,
    IntervalWidth,
    StopRule,
)
from jndlab.study.procedures.track import Procedure, Tracks
from jndlab.study.trials import ProcedureName

PSI_LAPSE_RATE = 0.02
_COARSE_REVERSALS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackLevels:
    """What one track is about."""

    name: str
    levels: tuple[float, ...]
    """From the hardest (least compressed) to the easiest."""
    guess_rate: float
    start: float | None = None
    """Of a staircase; None: the easiest level."""


def make_tracks(
    procedure: ProcedureName,
    settings: Adaptive,
    tracks: Sequence[TrackLevels],
    *,
    seed: tuple[int, ...],
) -> Tracks:
    """The tracks of one part of a session.

    ValueError: no steps have the target_probability, or a sigmoid on a logarithmic axis meets
    levels that are not above 0.
    """
    if settings.shared_lapse and procedure == "questplus":
        return SharedLapseQuestPlus(
            grids=tuple((one.name, _grid(procedure, settings, one)) for one in tracks),
            stop=_stop(settings.stop, tracks[0].guess_rate) or DEFAULT_POSTERIOR_STOP,
            seed=seed,
            max_run=settings.max_run,
        )
    made = tuple(Track(one.name, _procedure(procedure, settings, one, seed)) for one in tracks)
    return Interleaved(tracks=made, seed=seed, max_run=settings.max_run)


def unused_keys(procedure: ProcedureName, settings: Adaptive) -> list[str]:
    """Keys that are written and that the procedure has no use for."""
    from jndlab.study.adaptive import KEYS_OF_PROCEDURES

    return [
        key
        for key, procedures in KEYS_OF_PROCEDURES.items()
        if key in settings.model_fields_set and procedure not in procedures
    ]


def setting_problems(settings: Adaptive) -> list[Problem]:
    """What no procedure could be made of."""
    target = settings.target_probability
    if target is None:
        return []
    if settings.n_down is not None or settings.n_up is not None or settings.step_sizes:
        return [
            Problem(
                message="target_probability sets the steps of a staircase, and n_down, n_up or "
                "step_sizes set them as well.",
                remedy="Write one or the other.",
            )
        ]
    try:
        weighted_step(target)
    except ValueError as error:
        return [Problem(message=str(error), remedy="Use 0.75, or n_down and step_sizes.")]
    return []


def _procedure(
    procedure: ProcedureName, settings: Adaptive, track: TrackLevels, seed: tuple[int, ...]
) -> Procedure:
    stop = _stop(settings.stop, track.guess_rate)
    if procedure == "staircase":
        by_target = settings.target_probability is not None
        return Staircase(
            levels=track.levels,
            guess_rate=track.guess_rate,
            n_down=settings.n_down or (1 if by_target else 2),
            n_up=settings.n_up or 1,
            step_sizes=_steps(settings, len(track.levels)),
            start=track.start,
            stop=stop or DEFAULT_STAIRCASE_STOP,
            n_averaged=settings.n_averaged,
        )
    return QuestPlus(
        grid=_grid(procedure, settings, track),
        nuisance=settings.nuisance,
        stop=stop or DEFAULT_POSTERIOR_STOP,
        seed=seed,
    )


def _steps(settings: Adaptive, n_levels: int) -> tuple[StepSize, ...]:
    """As written; else a third of the levels at first, then what has the target."""
    if settings.step_sizes:
        return tuple(
            StepSize(harder=step.harder, easier=step.easier, reversals=step.reversals)
            for step in settings.step_sizes
        )
    fine = StepSize(harder=1, easier=1)
    if settings.target_probability is not None:
        fine = weighted_step(settings.target_probability)
    times = (n_levels - 1) // (3 * max(fine.harder, fine.easier))
    if times < 2:
        return (fine,)
    coarse = StepSize(
        harder=times * fine.harder, easier=times * fine.easier, reversals=_COARSE_REVERSALS
    )
    return coarse, fine


def _grid(procedure: ProcedureName, settings: Adaptive, track: TrackLevels) -> CurveGrid:
    usual = (PSI_LAPSE_RATE,) if procedure == "psi" else LAPSE_RATES
    grid = default_grid(
        track.levels,
        guess_rate=track.guess_rate,
        sigmoid=settings.sigmoid or "norm",
        lapse_rates=settings.lapse_rates or usual,
    )
    return replace(
        grid,
        thresholds=settings.thresholds or grid.thresholds,
        widths=settings.widths or grid.widths,
    )


def _stop(stop: Stop | None, guess_rate: float) -> StopRule | None:
    if stop is None:
        return None
    rules: list[StopRule] = []
    if stop.reversals is not None:
        rules.append(AfterReversals(stop.reversals))
    if stop.interval is not None:
        rules.append(IntervalWidth(stop.interval))
    if stop.sequential is not None:
        test = stop.sequential
        rules.append(
            SequentialTest(
                level=test.level,
                null=guess_rate,
                alternative=test.alternative,
                alpha=test.alpha,
                beta=test.beta,
            )
        )
    if stop.evidence is not None:
        rules.append(Evidence(null=guess_rate, alpha=stop.evidence))
    if stop.need == "all" and len(rules) > 1:
        rules = [AllOf(tuple(rules))]
    if stop.trials is not None:
        rules.append(AfterTrials(stop.trials))
    return rules[0] if len(rules) == 1 else AnyOf(tuple(rules))
