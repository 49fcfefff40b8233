"""What travels over the experimenter's API while a study runs, and about who did what with it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import Field

from jndlab.study.checks import CheckKind
from jndlab.web.manage.messages import ApiMessage, ExportedKind


class TallyView(ApiMessage):
    """Right answers among all of a kind of trial."""

    n_correct: int
    n_trials: int


class StageView(ApiMessage):
    """One stage of the way through the study."""

    name: str
    n_sessions: int
    """So many have reached it."""


class CheckView(ApiMessage):
    """How the sessions fared in one check."""

    kind: CheckKind
    n_began: int
    n_passed: int
    n_passed_later: int
    """Of these, not at the first attempt."""
    n_failed: int
    n_open: int


class ShareView(ApiMessage):
    """How often one response was given, over all sessions."""

    part: str
    """Of the session; empty where it is all one."""
    response: str
    n_given: int
    n_answers: int
    low: float
    """Exact interval of its share, as if the answers were independent; likewise high."""
    high: float


class RatingView(ApiMessage):
    """The ratings of one part, over all sessions and everything that was rated."""

    part: str
    n_ratings: int
    mean: float


class LiveSummary(ApiMessage):
    """A study while data come in. It tells nothing of the result by condition and level."""

    kind: str
    """participant, pilot or simulated."""
    at: datetime
    summary: str
    states: dict[str, int]
    """Number of sessions in each state."""
    n_silent: int
    """Open ones that have given no sign of life for a while."""
    n_unread: int
    """Sessions that are counted in none of the numbers yet: ask again."""
    n_answers: int
    n_resumes: int
    n_hidden: int
    """How often a page was hidden during a session."""
    last_sign_at: datetime | None
    funnel: list[StageView]
    checks: list[CheckView]
    gross: TallyView
    """Catch trials with a difference that nobody can miss."""
    identical: TallyView
    """Trials without any difference: chance is what is expected."""
    shares: list[ShareView]
    ratings: list[RatingView]
    median_ms: float | None
    """Median of the sessions' median response times."""
    plays_per_trial: float | None
    """Median of the sessions' means."""
    answers_per_minute: list[int]
    """Of the last sixty minutes, the present one last."""
    n_counted: int
    """Finished sessions that count for the quota."""
    quota: int | None


class LookAtCurve(ApiMessage):
    """A look at the running result."""

    kind: ExportedKind = "participant"
    version: Annotated[int, Field(ge=1, le=999_999)] | None = None
    """null: all of them."""
    reason: Annotated[str, Field(max_length=500)] = ""
    """Why, where participants' data come in; it is noted, and the report quotes it."""


class ChooseSessions(ApiMessage):
    """Sessions that something is to be done with."""

    kinds: tuple[ExportedKind, ...] = ("participant", "simulated", "pilot")
    version: Annotated[int, Field(ge=1, le=999_999)] | None = None
    """null: all of them."""


class DictionaryView(ApiMessage):
    """What the columns of a table mean."""

    title: str
    csv: str
    """How the values are written as CSV."""
    columns: list[dict[str, Any]]


class DeedView(ApiMessage):
    """Something that somebody did with a study."""

    at: datetime
    deed: str
    by: str | None
    """Name of the user; null: the command line, or nobody who is known here."""
    detail: dict[str, Any]


class DeedList(ApiMessage):
    """What was done with a study, the first deed first."""

    deeds: list[DeedView]
