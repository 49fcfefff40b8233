"""The vocabulary: what a trial is, what is recorded of it, and the columns of a tidy row.

Everything here is a small frozen record or a table of facts. The rooms above exchange
these and nothing else; :mod:`jndlab.analysis` knows no more of a study than this page.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

BASELINE = "baseline"
"""The name of the uncompressed side wherever a condition is named."""

ParadigmName = Literal["abx", "two-interval"]
Phase = Literal["practice", "main"]
SessionKind = Literal["participant", "simulated", "pilot", "preview"]
"""participant: counts. pilot: a person before the study ran. preview: the experimenter, looking at
it; never exported. simulated: a model of a listener."""
TrialKind = Literal["test", "identical", "gross"]
Direction = Literal["rises", "falls"]
"""Whether compression rises or falls with the level's number (bits: falls)."""

GUESS_RATES: dict[ParadigmName, float] = {"abx": 0.5, "two-interval": 0.5}
"""Chance of a correct response from somebody who hears nothing, by paradigm.

The one place where it stands: paradigms, simulated listeners, export and fits read it here.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """One sound of a trial: its label on the page (A, B, X, 1, 2) and what it plays."""

    label: str
    condition: str
    level: float | None
    """The compression level; None for the baseline."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One trial of a plan, truth included. Never leaves the server before its answer."""

    number: int
    """Position in the session, from 1."""
    block: int
    """Block, from 1; a break lies between two blocks."""
    phase: Phase
    kind: TrialKind
    """test; or a catch trial: identical (baseline twice) or gross (most compressed level)."""
    item: str
    condition: str
    level: float
    """The level under test; for an identical pair, the level whose place it takes."""
    order: str
    """Presentation order, such as AB-A (ABX) or BC (baseline first, compressed second)."""
    intervals: tuple[Interval, ...]
    correct_response: str
    """For an identical pair the nominal key: responses must agree with it at chance only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """What a participant answered to one trial."""

    value: str
    response_time_ms: float
    """From the start of the first sound to the answer."""
    plays: tuple[int, ...]
    """How often each interval was played, in the order of the trial's intervals."""
    confidence: int | None = None
    """How sure the participant was, from 1; None where it is not asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialRecord:
    """A presented trial, and its answer if there is one."""

    trial: Trial
    presented_at: datetime
    n_loads: int = 1
    """How often the trial was handed out: more than one after a reload."""
    response: Response | None = None
    answered_at: datetime | None = None
    correct: bool | None = None
    context_rate_hz: int | None = None
    output_latency_ms: float | None = None


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
        values=tuple(GUESS_RATES),
        description="Trial type.",
    ),
    Column(
        name="guess_rate",
        type="number",
        required=True,
        description="Chance of a correct response by guessing in this paradigm.",
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
        values=("test", "identical", "gross"),
        description="test; or a catch trial: identical (the baseline twice) or gross "
        "(the most compressed level).",
    ),
    Column(
        name="item", type="text", required=True, description="The utterance: file name less ending."
    ),
    Column(
        name="condition",
        type="text",
        required=True,
        description="The compression method under test.",
    ),
    Column(
        name="level",
        type="number",
        required=True,
        description="Level of the condition, in the unit of column level_unit. For an identical "
        "pair: the level whose place it takes.",
    ),
    Column(name="level_unit", type="text", description="Unit of the level."),
    Column(
        name="compression",
        type="text",
        required=True,
        values=("rises", "falls"),
        description="Whether compression rises or falls as the level's number grows.",
    ),
    Column(
        name="order",
        type="text",
        required=True,
        description="Order of presentation. ABX: AB-A, AB-B, BA-A, BA-B, where A is the baseline, "
        "B the compressed version and the last letter X. Two-interval: BC, CB, where B is the "
        "baseline and C the compressed version.",
    ),
    Column(
        name="correct_response",
        type="text",
        required=True,
        description="The right answer; for an identical pair the nominal key, which answers "
        "must match at chance only.",
    ),
    Column(name="response", type="text", description="The answer; empty if none was given."),
    Column(name="correct", type="boolean", description="1 right, 0 wrong, empty without answer."),
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
