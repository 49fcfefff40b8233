"""How the levels of a part are chosen, in the words of a methods section. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from jndlab.study.adaptive import Adaptive
from jndlab.study.definition import StudyDefinition
from jndlab.study.phrases import listed, plural
from jndlab.study.plan import track_levels
from jndlab.study.procedures.curve_grid import CurveGrid
from jndlab.study.procedures.questplus import QuestPlus
from jndlab.study.procedures.sequential import Evidence, SequentialTest
from jndlab.study.procedures.settings import make_tracks
from jndlab.study.procedures.shared_lapse import SharedLapseQuestPlus
from jndlab.study.procedures.staircase import Staircase
from jndlab.study.procedures.staircase_walk import StepSize
from jndlab.study.procedures.stopping import (
    AfterReversals,
    AfterTrials,
    AllOf,
    IntervalWidth,
    StopRule,
)
from jndlab.study.procedures.track import Tracks
from jndlab.study.session_parts import SessionPart


def procedure_name(study: StudyDefinition, part: SessionPart) -> str:
    """The procedure in a few words: 2-down 1-up staircase, QUEST+."""
    if part.procedure == "constant-stimuli":
        return "constant stimuli"
    if part.procedure == "staircase":
        first = _first(_tracks(study, part))
        assert isinstance(first, Staircase)
        return f"{_rule(first)} staircase"
    return {"questplus": "QUEST+", "psi": "Psi method"}[part.procedure]


def describe_levels(study: StudyDefinition, part: SessionPart) -> str:
    """Sentences on how levels followed from answers. ValueError: in this part they do not."""
    if not part.adaptive:
        raise ValueError(f"levels do not follow from answers in {part.procedure}")
    made = _tracks(study, part)
    n_tracks = len(track_levels(study, part))
    settings = study.adaptive or Adaptive()
    first = _first(made)
    if isinstance(first, Staircase):
        told = _staircase(first, settings)
    else:
        grid = first.grid if isinstance(first, QuestPlus) else first.grids[0][1]
        told = _posterior(study, part, grid, first.stop, shared=not isinstance(first, QuestPlus))
    if n_tracks == 1:
        return told
    return (
        f"{told} The {n_tracks} tracks of a session were interleaved at random, with no more than "
        f"{settings.max_run} trials in a row of one of them."
    )


def _tracks(study: StudyDefinition, part: SessionPart) -> Tracks:
    settings = study.adaptive or Adaptive()
    return make_tracks(part.procedure, settings, track_levels(study, part), seed=(0,))


def _first(made: Tracks) -> Staircase | QuestPlus | SharedLapseQuestPlus:
    if isinstance(made, SharedLapseQuestPlus):
        return made
    first = made.tracks[0].procedure  # type: ignore[attr-defined]
    assert isinstance(first, Staircase | QuestPlus)
    return first


def _rule(staircase: Staircase) -> str:
    last = staircase.step_sizes[-1]
    weighted = "weighted " if last.harder != last.easier else ""
    return f"{weighted}{staircase.n_down}-down {staircase.n_up}-up"


def _staircase(staircase: Staircase, settings: Adaptive) -> str:
    n_starts = len(settings.starts)
    tracks = "one track in each condition" if n_starts < 2 else f"{n_starts} tracks in each"
    tracks += "" if n_starts < 2 else " condition"
    begin = (
        f"at {listed([f'{start:g}' for start in settings.starts])}"
        if settings.starts
        else "at the most compressed level"
    )
    target = staircase.target_probability
    averaged = (
        f"the mean of the last {staircase.n_averaged} reversals"
        if staircase.n_averaged
        else "the mean of the reversals at the last step size"
    )
    return (
        f"Levels followed the answers in a {_rule(staircase)} staircase, which settles at "
        f"{target:.1%} correct, with {tracks}, begun {begin}. Steps were "
        f"{_steps(staircase.step_sizes)}. A track stopped {stop_words(staircase.stop)}. Its "
        f"estimate is {averaged}."
    )


def _steps(steps: Sequence[StepSize]) -> str:
    told = []
    for step in steps:
        size = plural(step.harder, "level")
        if step.harder != step.easier:
            size = f"{plural(step.harder, 'level')} harder and {step.easier} easier"
        if step.reversals is not None:
            size += f" until {plural(step.reversals, 'reversal')}"
        told.append(size)
    return ", then ".join(told)


def _posterior(
    study: StudyDefinition, part: SessionPart, grid: CurveGrid, stop: StopRule, *, shared: bool
) -> str:
    settings = study.adaptive or Adaptive()
    method = {
        "questplus": "QUEST+ (Watson 2017)",
        "psi": "the Psi method (Kontsevich and Tyler 1999)",
    }[part.procedure]
    lapses = listed([f"{rate:g}" for rate in grid.lapse_rates])
    nuisance = ""
    if settings.nuisance:
        names = listed([name.replace("_", " ") for name in settings.nuisance])
        nuisance = f" No trial was chosen for the sake of the {names} (Prins 2013)."
    together = " The conditions had one lapse rate in common." if shared else ""
    return (
        f"Levels followed the answers by {method}: each trial was at the level from which the "
        f"least entropy was expected over {len(grid.thresholds)} thresholds from "
        f"{min(grid.thresholds):.3g} to {max(grid.thresholds):.3g}, {len(grid.widths)} widths from "
        f"{min(grid.widths):.3g} to {max(grid.widths):.3g} and the "
        f"{'lapse rate' if len(grid.lapse_rates) == 1 else 'lapse rates'} {lapses} of the "
        f"{grid.sigmoid} function, all equally likely at first"
        f"{' (grid of the first condition)' if len(part.conditions) > 1 else ''}.{nuisance}"
        f"{together} A track stopped {stop_words(stop)}."
    )


def stop_words(stop: StopRule) -> str:
    """When a track stops, behind "A track stopped ..."."""
    match stop:
        case AfterTrials(n_trials):
            return f"after {plural(n_trials, 'trial')}"
        case AfterReversals(n_reversals):
            return f"after {plural(n_reversals, 'reversal')}"
        case IntervalWidth(width, mass):
            return f"when the {mass:.0%} interval of the threshold was narrower than {width:g}"
        case SequentialTest():
            return (
                f"when a sequential test (Wald 1945) of the answers at {stop.level:g} had decided "
                f"between {stop.null:.3g} and {stop.alternative:.3g} correct (error rates "
                f"{stop.alpha:g} and {stop.beta:g})"
            )
        case Evidence():
            return f"when guessing was ruled out at an error rate of {stop.alpha:g}"
        case AllOf(rules):
            return " and ".join(stop_words(rule) for rule in rules)
        case _:
            first, *others = (stop_words(rule) for rule in stop.rules)
            rest = "".join(f", or {other}" for other in others)
            return f"{first}{rest}"
