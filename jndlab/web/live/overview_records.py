"""What the live view says of a study at one moment, as records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from jndlab.analysis.intervals import ConfidenceInterval
from jndlab.study.checks import CheckKind
from jndlab.study.trials import SessionKind
from jndlab.web.live.outliers import Spread
from jndlab.web.live.session_records import SessionSummary, Tally


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionNow:
    """A session among the others, at one moment."""

    summary: SessionSummary
    version: int
    silent_minutes: int | None
    """Since its last sign of life; None: it is not silent, or has ended."""
    left: bool
    """Silent for longer than the study lets anybody go on."""
    unusual_time: bool
    """Its median response time stands out among the sessions'."""
    unusual_plays: bool
    prefers: str | None
    """The response that it gives more often than chance and the balanced order explain, in the
    first part where something is right or wrong."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One stage of the way through the study, and how many sessions have reached it."""

    name: str
    n_sessions: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckCounts:
    """How the sessions fared in one check."""

    kind: CheckKind
    n_began: int
    n_passed: int
    n_passed_later: int
    """Of these, not at the first attempt."""
    n_failed: int
    n_open: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseShare:
    """How often one response was given, over all sessions."""

    part: str
    """Empty where a session is all one."""
    response: str
    n_given: int
    n_answers: int
    interval: ConfidenceInterval
    """Exact binomial; it takes the answers as independent."""
    chance: float | None
    """What a plan with balanced orders expects; None where what is heard decides it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ratings:
    """The ratings of one part, over all sessions and everything that was rated."""

    part: str
    mean: float
    n_ratings: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Tasks:
    """What the listeners of a study are asked to do, as far as it decides what can be told."""

    gross: bool
    """Whether there are gross differences among the trials; likewise the others."""
    identical: bool
    known: bool
    """Whether there are gold or trap trials."""
    watched: bool
    """Whether a preference for one response would be odd, in some part."""
    rated: bool
    chances: tuple[float, ...] = ()
    """Chance levels of the parts with right answers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """Finished sessions of participants against the most that count."""

    n_finished: int
    n_wanted: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyOverview:
    """A study at one moment, for one kind of session."""

    kind: SessionKind
    at: datetime
    sessions: tuple[SessionNow, ...]
    n_unread: int
    """Sessions that are counted in none of the numbers yet: the next look reads them."""
    states: Mapping[str, int]
    n_silent: int
    n_answers: int
    n_resumes: int
    n_hidden: int
    funnel: tuple[Stage, ...]
    checks: tuple[CheckCounts, ...]
    gross: Tally
    identical: Tally
    shares: tuple[ResponseShare, ...]
    ratings: tuple[Ratings, ...]
    tasks: Tasks
    times: Spread
    """Of the sessions' median response times, in ms."""
    plays: Spread
    """Of the sessions' mean plays per trial."""
    minutes: tuple[int, ...]
    """Answers in each of the last sixty minutes, the present one last."""
    quota: Quota

    @property
    def last_sign_at(self) -> datetime | None:
        """Of any session."""
        return max((one.summary.last_sign_at for one in self.sessions), default=None)
