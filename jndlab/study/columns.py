"""The columns of a tidy row, as the exported data dictionary describes them.

Part of the vocabulary: :mod:`jndlab.study.trials` hands it on.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from jndlab.study.tasks import TASKS, ProcedureName, TrialKind

ColumnType = Literal["text", "integer", "number", "boolean", "time"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column of the tidy table, as the exported data dictionary describes it."""

    name: str
    type: ColumnType
    description: str
    required: bool = False
    """False: the cell may be empty."""
    values: tuple[str, ...] = ()
    """The possible values, where they are few and fixed."""


COLUMNS: tuple[Column, ...] = (
    Column(name="study", type="text", required=True, description="Slug of the study."),
    Column(
        name="study_digest",
        type="text",
        required=True,
        description="SHA-256 of the frozen definition and its stimuli that the session ran under.",
    ),
    Column(
        name="session",
        type="text",
        required=True,
        description="Public id of the session; no credential and no personal datum.",
    ),
    Column(
        name="session_kind",
        type="text",
        required=True,
        values=("participant", "simulated", "pilot"),
        description="A person, a simulated listener, or a person who took part before the study "
        "ran. Never mix them in one analysis.",
    ),
    Column(
        name="session_state",
        type="text",
        required=True,
        values=("open", "finished"),
        description="State of the session at the time of the export.",
    ),
    Column(
        name="participant",
        type="integer",
        required=True,
        description="Number of the participant within study and session kind, from 1; "
        "with the slot and the study's seed it determines the plan.",
    ),
    Column(
        name="slot",
        type="integer",
        description="Place in the counterbalancing, from 1: which items meet which orders. That of "
        "a session that was abandoned is given out again. Empty in tables from before there were "
        "slots, where it was the participant's number.",
    ),
    Column(
        name="paradigm",
        type="text",
        required=True,
        values=tuple(TASKS),
        description="Trial type.",
    ),
    Column(
        name="guess_rate",
        type="number",
        description="Chance of a correct response by guessing in this paradigm; empty where there "
        "is none: the listener's bias decides, or nothing is right or wrong.",
    ),
    Column(
        name="procedure",
        type="text",
        values=get_args(ProcedureName),
        description="How the level of the trial was chosen. Empty in tables from before there "
        "were others than constant-stimuli.",
    ),
    Column(
        name="part",
        type="text",
        description="Part of the session, where it has several: of another paradigm, other "
        "conditions or another procedure.",
    ),
    Column(
        name="track",
        type="text",
        description="Adaptive track that the trial belongs to; empty where levels do not depend "
        "on answers.",
    ),
    Column(
        name="trial", type="integer", required=True, description="Position in the session, from 1."
    ),
    Column(name="block", type="integer", required=True, description="Block, from 1."),
    Column(
        name="phase",
        type="text",
        required=True,
        values=("practice", "main"),
        description="Practice trials give feedback and are never analysed as data.",
    ),
    Column(
        name="trial_kind",
        type="text",
        required=True,
        values=get_args(TrialKind),
        description="test; or a catch trial: identical (the baseline twice), gross (the most "
        "compressed level), repeated (an earlier test trial once more), gold (its answer is known "
        "to the experimenter) or trap (a sound that asks for an answer).",
    ),
    Column(
        name="item", type="text", required=True, description="The utterance: file name less ending."
    ),
    Column(
        name="condition",
        type="text",
        description="The compression method under test; baseline where it is rated by itself; "
        "empty where a trial holds several: column sounds has them all.",
    ),
    Column(
        name="level",
        type="number",
        description="Level of the condition, in the unit of column level_unit. For an identical "
        "pair: the level whose place it takes. Empty for the baseline by itself and where a trial "
        "holds several.",
    ),
    Column(name="level_unit", type="text", description="Unit of the level."),
    Column(
        name="compression",
        type="text",
        values=("rises", "falls"),
        description="Whether compression rises or falls as the level's number grows.",
    ),
    Column(
        name="compared_with",
        type="text",
        description="What the condition is heard beside: baseline, or another condition. Empty in "
        "tables from before it could be another.",
    ),
    Column(
        name="compared_level",
        type="number",
        description="Level of what it is compared with; empty for the baseline.",
    ),
    Column(
        name="order",
        type="text",
        required=True,
        description="Order of presentation. ABX: AB-A, AB-B, BA-A, BA-B, where A is the baseline, "
        "B the compressed version and the last letter X. Two-interval: BC, CB, where B is the "
        "baseline and C the compressed version; other paradigms likewise, one letter per interval.",
    ),
    Column(
        name="sounds",
        type="text",
        description="What each interval played, joined by ';' in the order of the page: baseline, "
        "or condition@level. Empty in tables from before there was this column.",
    ),
    Column(
        name="correct_response",
        type="text",
        description="The right answer; for an identical pair the nominal key, which answers "
        "must match at chance only; of gold and trap trials several, joined by '|'. Empty where "
        "nothing is right or wrong.",
    ),
    Column(
        name="response",
        type="text",
        description="The answer; ratings as numbers, one per rated interval, joined by ';' in the "
        "order of the page. Empty if none was given.",
    ),
    Column(
        name="correct",
        type="boolean",
        description="1 right, 0 wrong; empty without answer and where nothing is right or wrong.",
    ),
    Column(
        name="response_time_ms",
        type="number",
        description="From the start of the first sound to the answer, as the browser measured it.",
    ),
    Column(
        name="confidence",
        type="integer",
        description="How sure the answer was, from 1 (guessed); empty where it is not asked.",
    ),
    Column(
        name="plays",
        type="text",
        description="How often each interval was played, joined by ';' in the order of the page "
        "(ABX: A;B;X).",
    ),
    Column(
        name="n_loads",
        type="integer",
        required=True,
        description="How often the trial was handed out; more than 1 after a reload.",
    ),
    Column(
        name="context_rate_hz",
        type="integer",
        description="Sample rate that the browser's audio context was granted.",
    ),
    Column(
        name="output_latency_ms",
        type="number",
        description="Output latency that the browser reported.",
    ),
    Column(
        name="presented_at",
        type="time",
        required=True,
        description="When the server released the trial, UTC, ISO 8601.",
    ),
    Column(
        name="answered_at",
        type="time",
        description="When the server stored the answer, UTC, ISO 8601.",
    ),
    Column(
        name="jndlab_version",
        type="text",
        required=True,
        description="Version of jndlab that ran the session.",
    ),
)
"""The tidy export: one row per presented trial, these columns in this order."""
