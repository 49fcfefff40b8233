"""What is stored of one session, and what the live view says of it, as records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from jndlab.store.live import SessionMark
from jndlab.store.live_facts import AnswerFact, CheckFact
from jndlab.study.checks import Outcome
from jndlab.study.flow import Occasion
from jndlab.study.session_plan import SessionPlan
from jndlab.web.live.audio_facts import EventTally
from jndlab.web.live.parts import PartAnswers


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionFacts:
    """What is stored of one session, as far as the live view needs it."""

    mark: SessionMark
    outline: SessionPlan
    """Places, phases, blocks and parts of its trials, and the rules of its tracks."""
    answers: tuple[AnswerFact, ...] = ()
    checks: tuple[CheckFact, ...] = ()
    events: EventTally = field(default_factory=EventTally)
    resume_gaps: tuple[float, ...] = ()
    occasions: frozenset[Occasion] = frozenset()
    """Questionnaires that are answered."""
    asks: bool = True
    """Whether there is somebody to ask."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """Right answers among all of a kind."""

    n_correct: int = 0
    n_trials: int = 0

    @property
    def share(self) -> float | None:
        """None: there are none."""
        return self.n_correct / self.n_trials if self.n_trials else None

    def __add__(self, other: Tally) -> Tally:
        return Tally(
            n_correct=self.n_correct + other.n_correct, n_trials=self.n_trials + other.n_trials
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionSummary:
    """What the live view says of one session by itself, without comparing it with others.

    Times, plays, responses and catch trials are of answered main trials, as in the report.
    """

    participant: int
    state: str
    step: str
    """Where it stands, in words."""
    n_answered: int
    """Practice included."""
    n_planned: int
    at_most: bool
    """Whether a stop rule may end the session before ``n_planned``."""
    opened_at: datetime
    last_sign_at: datetime
    """Of life: an answer, a check, a report of the browser."""
    finished_at: datetime | None
    consented: bool
    checked: bool
    practised: bool
    """Whether the practice is behind it."""
    checks: tuple[Outcome, ...]
    """Of each check of the study, in its order; empty where there is nobody to check."""
    n_check_attempts: tuple[int, ...]
    gross: Tally
    identical: Tally
    """Right by the nominal key, which nobody can know: chance is what is expected."""
    known: Tally
    """Gold and trap trials: the experimenter knows their answers."""
    parts: tuple[PartAnswers, ...]
    """What was answered in each part of the study, less gold and trap trials, which are not
    balanced."""
    median_ms: float | None
    """Of the response times that are possible."""
    n_timed: int
    n_too_fast: int
    n_unusual: int
    """Answers whose time stands out among the session's own."""
    plays_per_trial: float | None
    """Over all intervals of a trial."""
    n_resumes: int
    longest_gap_s: float
    n_hidden: int
    n_interrupted: int
    n_problems: int
    n_device_changes: int
    context_rate_hz: int | None
    hardware_rate_hz: int | None
    output_latency_ms: float | None
    browser: str
    minutes: Mapping[int, int]
    """Answers per minute, by minutes since 1970."""

    @property
    def hardware_differs(self) -> bool:
        """Whether the browser converts to another rate on the way out."""
        rates = (self.context_rate_hz, self.hardware_rate_hz)
        return None not in rates and rates[0] != rates[1]

    @property
    def watched(self) -> PartAnswers | None:
        """The first part in which a preference for one response would be odd; None: there is
        none."""
        return next((part for part in self.parts if part.chance is not None), None)

    @property
    def first_response_share(self) -> float | None:
        """Share of the first response among the answers, where it says something."""
        part = self.watched
        if part is None or not part.n_answers:
            return None
        return part.responses[part.first_response] / part.n_answers

    @property
    def mean_rating(self) -> float | None:
        """Over all ratings of all parts; None: there are none."""
        n_ratings = sum(part.n_ratings for part in self.parts)
        return sum(part.rating_sum for part in self.parts) / n_ratings if n_ratings else None
