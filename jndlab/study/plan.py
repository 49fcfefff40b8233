"""Definition + participant number, slot and seed -> SessionPlan: order, balance, catch trials.

A plan is a pure function of its arguments: it can be made again years later and compared
with what was presented. Which items meet which orders comes from the slot
(:mod:`jndlab.study.slots`); in which order the trials come, from the participant number, so that
whoever abandons a session and begins another does not meet the same order twice.

Where levels follow from answers, a plan holds everything but the levels: how they are chosen, and
which item in which order each trial of a track gets.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from jndlab.study.adaptive import Adaptive
from jndlab.study.catch_places import Placement, catch_places, place_among, repeats_among
from jndlab.study.definition import StudyDefinition
from jndlab.study.item_subsets import session_items
from jndlab.study.known_answers import gives_gold, gives_trap
from jndlab.study.plan_order import MAX_RUN as MAX_RUN
from jndlab.study.plan_order import draw_without_runs as draw_without_runs
from jndlab.study.plan_order import in_random_order
from jndlab.study.plan_trials import TrialMaker, several_sides
from jndlab.study.procedures.settings import TrackLevels, make_tracks
from jndlab.study.session_parts import SessionPart, all_parts, parts_of, place_in_part
from jndlab.study.session_plan import AdaptivePlan as AdaptivePlan
from jndlab.study.session_plan import OpenTrial as OpenTrial
from jndlab.study.session_plan import PlannedTrial as PlannedTrial
from jndlab.study.session_plan import PracticeEnd as PracticeEnd
from jndlab.study.session_plan import SessionPlan as SessionPlan
from jndlab.study.session_plan import TrackPlan
from jndlab.study.trials import Trial


def count_trials(study: StudyDefinition) -> int:
    """Trials of one session at most, practice and catch trials included."""
    counts = [count_part_trials(study, part) for part in all_parts(study)]
    between = study.design.assignment == "between-participants"
    return max(counts) if between else sum(counts)


def estimate_minutes(study: StudyDefinition, clip_seconds: float) -> int:
    """Rough length of a session at most, for a mean clip length; at least one minute."""
    parts = all_parts(study)
    seconds = [
        count_part_trials(study, part) * trial_seconds(study, part, clip_seconds) for part in parts
    ]
    between = study.design.assignment == "between-participants"
    checks = sum(rule.seconds for rule in study.check_rules())
    return max(1, round(((max(seconds) if between else sum(seconds)) + checks) / 60))


def trial_seconds(study: StudyDefinition, part: SessionPart, clip_seconds: float) -> float:
    """Rough time that a trial of a part takes."""
    return part.paradigm.seconds_per_trial(
        clip_seconds,
        study.presentation.gap_ms / 1000,
        n_intervals=count_intervals(study, part),
    )


def count_intervals(study: StudyDefinition, part: SessionPart) -> int:
    """Sounds of one trial of a part."""
    own = len(part.paradigm.labels)
    return own + len(several_sides(study, part.conditions)) if part.paradigm.several else own


def plan_session(
    study: StudyDefinition, *, participant: int, seed: int, slot: int | None = None
) -> SessionPlan:
    """The plan of participant number ``participant`` (from 1) in counterbalancing place ``slot``.

    Without ``slot`` it is the participant's number, as it is while nobody drops out.
    """
    slot = participant if slot is None else slot
    if participant < 1 or slot < 1:
        raise ValueError(f"participants and slots count from 1, not {participant} and {slot}")
    rng = np.random.default_rng([seed, participant])
    place = place_in_part(study, slot)
    trials: list[PlannedTrial] = []
    adaptive: list[AdaptivePlan] = []
    items = session_items(study, place=place, seed=seed)
    placement = study.design.catch_placement
    for part in parts_of(study, slot):
        maker = TrialMaker(study, part, place, rng, items)
        practice = in_random_order(maker.practice(), rng)
        main: Sequence[PlannedTrial]
        if part.adaptive:
            catch = in_random_order(maker.catch(), rng, after=practice)
            plan = _plan_tracks(study, part, maker, seed=(seed, participant, len(adaptive)))
            adaptive.append(plan)
            main = _among_open(catch, plan, rng, placement)
        else:
            main = _fixed(study, maker, practice, rng)
        trials += _numbered(practice, main, after=trials, size=study.design.trials_per_block)
    criterion = study.design.practice_criterion
    return SessionPlan(
        practice_end=PracticeEnd(**criterion.model_dump()) if criterion else None,
        participant=participant,
        slot=None if slot == participant else slot,
        seed=seed,
        trials=tuple(trials),
        adaptive=tuple(adaptive),
    )


def track_levels(study: StudyDefinition, part: SessionPart) -> list[TrackLevels]:
    """The tracks of an adaptive part: one per condition and start."""
    starts = (study.adaptive or Adaptive()).starts
    return [
        TrackLevels(
            name=condition.name if len(starts) < 2 else f"{condition.name} from {start:g}",
            levels=condition.by_compression(),
            guess_rate=part.paradigm.guess_rate,
            start=start,
        )
        for condition in part.conditions
        for start in (starts or (None,))
    ]


def count_part_trials(study: StudyDefinition, part: SessionPart) -> int:
    """Trials of one part at most, practice and catch trials included."""
    design, paradigm = study.design, part.paradigm
    catch = design.identical_trials if paradigm.has_identical else 0
    catch += design.gross_trials if paradigm.has_gross else 0
    catch += sum(gives_gold(part, gold) for gold in design.gold)
    catch += sum(gives_trap(part, trap) for trap in design.traps)
    if part.adaptive:
        settings = study.adaptive or Adaptive()
        tracks = make_tracks(part.procedure, settings, track_levels(study, part), seed=(0,))
        most = tracks.most_trials()
        tested = int(most) if math.isfinite(most) else 0
    else:
        tested = len(part.cells) * design.trials_per_level + design.repeated_trials
    return tested + catch + design.practice_trials


def _fixed(
    study: StudyDefinition, maker: TrialMaker, practice: Sequence[Trial], rng: np.random.Generator
) -> list[Trial]:
    """The trials of a part after its practice, where levels do not depend on answers."""
    design = study.design
    if design.catch_placement == "random":
        main = in_random_order(maker.test() + maker.catch(), rng, after=practice)
    else:
        tests = in_random_order(maker.test(), rng, after=practice)
        main = place_among(tests, maker.catch(), rng, placement="spread", first=1)
    return repeats_among(main, design.repeated_trials, rng, placement=design.catch_placement)


def _plan_tracks(
    study: StudyDefinition, part: SessionPart, maker: TrialMaker, *, seed: tuple[int, ...]
) -> AdaptivePlan:
    settings = study.adaptive or Adaptive()
    tracks = track_levels(study, part)
    most = int(make_tracks(part.procedure, settings, tracks, seed=seed).most_trials())
    starts = len(tracks) // len(part.conditions)
    conditions = [condition.name for condition in part.conditions for _ in range(starts)]
    return AdaptivePlan(
        part=part.name,
        paradigm=part.paradigm.name,
        own_paradigm=part.own_paradigm,
        procedure=part.procedure,
        settings=settings,
        seed=seed,
        tracks=tuple(
            TrackPlan(
                name=one.name,
                condition=condition,
                levels=one.levels,
                guess_rate=one.guess_rate,
                start=one.start,
                uses=tuple(maker.uses(-(-most // len(tracks)), index)),
            )
            for index, (one, condition) in enumerate(zip(tracks, conditions, strict=True))
        ),
        n_trials=most,
    )


def _among_open(
    catch: Sequence[Trial],
    plan: AdaptivePlan,
    rng: np.random.Generator,
    placement: Placement,
) -> list[PlannedTrial]:
    """The catch trials in their order among the trials whose levels are open, never first.

    A rule may stop the tracks early, and those that are left are then not given
    (:func:`jndlab.study.progress.next_trial`). So that few are left, they come in the first three
    quarters of the longest session.
    """
    n_places = len(catch) + max(1, (3 * plan.n_trials) // 4) - 1
    at = {1 + place for place in catch_places(n_places, len(catch), rng, placement=placement)}
    left = iter(catch)
    return [
        next(left) if place in at else OpenTrial(number=0, block=0, part=plan.part)
        for place in range(len(catch) + plan.n_trials)
    ]


def _numbered(
    practice: Sequence[Trial],
    main: Sequence[PlannedTrial],
    *,
    after: Sequence[PlannedTrial],
    size: int,
) -> Iterable[PlannedTrial]:
    """The trials of a part with numbers and blocks, after those of the parts before it."""
    n_before = len(after)
    block = after[-1].block if after else 0
    first_main_block = block + (2 if practice else 1)
    for index, trial in enumerate([*practice, *main]):
        place = index - len(practice)
        own = block + 1 if place < 0 else first_main_block + place // size
        yield replace(trial, number=n_before + index + 1, block=own)
