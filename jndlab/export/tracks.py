"""Adaptive tracks as a tidy table: where each of them stands, by its own rule."""

from __future__ import annotations

from collections.abc import Iterator

from jndlab.errors import DataError
from jndlab.export.snapshot import Snapshot
from jndlab.export.tidy import shared_columns
from jndlab.store import sessions as session_rows
from jndlab.study.definition import StudyDefinition
from jndlab.study.procedures.interleave import Interleaved
from jndlab.study.procedures.staircase import Staircase
from jndlab.study.procedures.track import Status, Tracks
from jndlab.study.progress import outcomes_of
from jndlab.study.rows import Row
from jndlab.study.session_parts import all_parts
from jndlab.study.session_plan import AdaptivePlan, TrackPlan
from jndlab.study.trials import Column, TrialRecord

TRACKS_TITLE = "jndlab tracks: one row per adaptive track of a session"
STATES = ("open", "finished")
"""Of sessions that have tracks: one that was screened out has no trials."""

TRACK_COLUMNS: tuple[Column, ...] = (
    *shared_columns(
        "study",
        "study_digest",
        "session",
        "session_kind",
        "session_state",
        "participant",
        "slot",
        "paradigm",
        "guess_rate",
        "part",
    ),
    Column(
        name="procedure",
        type="text",
        required=True,
        values=("staircase", "questplus", "psi"),
        description="How the levels of the track were chosen.",
    ),
    Column(name="track", type="text", required=True, description="Name of the track."),
    Column(
        name="condition",
        type="text",
        required=True,
        description="The compression method under test.",
    ),
    *shared_columns("level_unit", "compression"),
    Column(
        name="n_trials", type="integer", required=True, description="Answered trials of the track."
    ),
    Column(
        name="estimate",
        type="number",
        description="The level that the procedure looks for, by its own rule: the mean of the "
        "reversals of a staircase, or the posterior mean of the threshold. Empty: too early to "
        "say.",
    ),
    Column(
        name="target",
        type="number",
        description="Proportion correct at the level that is looked for, lapses apart.",
    ),
    Column(
        name="estimate_low",
        type="number",
        description="Lower limit of the 95 % interval of the estimate; staircases have none.",
    ),
    Column(
        name="estimate_high",
        type="number",
        description="Upper limit of the 95 % interval of the estimate.",
    ),
    Column(
        name="n_reversals",
        type="integer",
        description="Reversals of a staircase; empty for other procedures.",
    ),
    Column(
        name="bound",
        type="text",
        values=("at or below", "at or above"),
        description="The levels end before the threshold does, and the estimate is only a limit: "
        "at or below the least compressed level, or at or above the most compressed one.",
    ),
    Column(
        name="stopped",
        type="text",
        description="The stop rule that was met; empty: the track was going on.",
    ),
    Column(
        name="problem",
        type="text",
        description="Why there is no estimate: the answers cannot be those of this track.",
    ),
)
"""The export of the tracks: one row each, these columns in this order."""


def has_tracks(definition: StudyDefinition) -> bool:
    """Whether levels follow from answers anywhere in the study."""
    return any(part.adaptive for part in all_parts(definition))


def tracks_in(snapshot: Snapshot) -> Iterator[Row]:
    """One row per session and track; none for sessions whose levels do not depend on answers."""
    for session in snapshot.sessions():
        definition = snapshot.definition_of(session)
        if session.state not in STATES or not has_tracks(definition):
            continue
        plan = session_rows.plan_of(session)
        history = session_rows.history_of(snapshot.db, session.id)
        conditions = {one.name: one for one in definition.stimuli.conditions}
        for adaptive in plan.adaptive:
            for track, cells in _part(adaptive, history):
                condition = conditions[track.condition]
                yield {
                    "study": snapshot.slug,
                    "study_digest": snapshot.digest_of(session),
                    "session": session.public_id,
                    "session_kind": session.kind,
                    "session_state": session.state,
                    "participant": session.participant,
                    "slot": session.slot,
                    "paradigm": adaptive.paradigm,
                    "guess_rate": track.guess_rate,
                    "part": adaptive.part or None,
                    "procedure": adaptive.procedure,
                    "track": track.name,
                    "condition": track.condition,
                    "level_unit": condition.unit,
                    "compression": condition.compression,
                    **cells,
                }


def _part(plan: AdaptivePlan, history: list[TrialRecord]) -> Iterator[tuple[TrackPlan, Row]]:
    tracks = plan.make()
    outcomes = outcomes_of(history, plan.part)
    statuses: dict[str, Status] = {}
    problem = None
    try:
        statuses = tracks.statuses(outcomes)
    except DataError as error:  # an export never fails because of what it has to tell
        problem = error.message
    for track in plan.tracks:
        n_trials = sum(outcome.track == track.name for outcome in outcomes)
        nothing = Status(n_trials=n_trials, estimate=None)  # what was assumed before is no estimate
        status = statuses.get(track.name, nothing) if n_trials else nothing
        low, high = status.interval or (None, None)
        yield (
            track,
            {
                "n_trials": n_trials,
                "estimate": status.estimate,
                "target": _target(tracks, track),
                "estimate_low": low,
                "estimate_high": high,
                "n_reversals": status.n_reversals,
                "bound": status.bound,
                "stopped": status.stopped,
                "problem": problem,
            },
        )


def _target(tracks: Tracks, track: TrackPlan) -> float:
    """The threshold of a curve lies half-way between guessing and certainty."""
    if isinstance(tracks, Interleaved):
        own = next(one.procedure for one in tracks.tracks if one.name == track.name)
        if isinstance(own, Staircase):
            return own.target_probability
    return (1.0 + track.guess_rate) / 2
