"""What travels over the participant API about checks and questionnaires."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from jndlab.study.checks import CheckKind
from jndlab.web.messages import Key, Message, Text


class TimeSpan(Message):
    """A part of a sound, in seconds from its start."""

    start: float
    end: float


class GainRange(Message):
    """What a volume slider offers, in dB."""

    lowest: float
    highest: float
    first: float
    """Where it stands at first."""


class CheckTrial(Message):
    """The trial of a check to present now. Nothing in it tells the right answer."""

    kind: CheckKind
    """What is checked."""
    number: int
    """Within this try, from 1."""
    n_trials: int
    """Trials of this check."""
    attempt: int
    """1, or more where a failed check is given again."""
    answers: list[str]
    """What can be answered; empty where a level is set."""
    intervals: list[TimeSpan]
    """The parts of the sound that can be marked while it plays; the same in every trial."""
    gain_range: GainRange | None
    """Where a level is set."""
    clip: str
    """Address of the sound."""
    answer: str
    """Address to which the answer is sent."""


class CheckAnswer(Message):
    """The answer to a trial of a check."""

    answer: Text
    """One of those offered, or the gain in dB where a level is set."""


class CheckResult(Message):
    """What comes of an answer to a check. Whether it was right is told of whole checks only."""

    outcome: Literal["next", "passed", "again", "failed"]
    """next: another trial of this check; again: it was failed and is given once more."""
    gain_db: float | None
    """The volume for every sound from here on. None: as it is."""


class QuestionnaireAnswers(Message):
    """The answers to a questionnaire, as they were typed or chosen."""

    key: Key
    """Idempotency key, made by the client once per questionnaire."""
    block: Annotated[int, Field(ge=0, le=1_000_000)]
    """As the session's state says."""
    answers: Annotated[dict[str, str | list[str] | None], Field(max_length=200)]
    """By the name of the question. A scale's point and a number are text as well; a list where
    several options can be chosen."""


class AnswerProblem(Message):
    """What is wrong with the answer to one question."""

    question: str
    fault: Literal[
        "missing", "not-offered", "not-a-number", "not-whole", "too-small", "too-large", "too-long"
    ]
    limit: float | None = None
    """The limit that was passed, if the fault is that."""


class QuestionnaireResult(Message):
    """The answers are stored for good; or something is wrong with them, and none is stored."""

    stored: bool
    repeated: bool
    """True if the same answers were stored before; nothing has changed then."""
    problems: list[AnswerProblem]
