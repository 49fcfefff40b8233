"""What travels over the participant API, as pydantic models. OpenAPI is made from these."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from jndlab.study.checks import CheckKind

Text = Annotated[str, Field(max_length=200)]
Finite = Annotated[float, Field(allow_inf_nan=False)]


def _only_true(value: object) -> object:
    if value is not True:  # to Python, and so to pydantic's Literal, 1 is True as well
        raise ValueError("must be true")
    return value


class _Message(BaseModel):
    model_config = ConfigDict(
        extra="forbid", frozen=True, strict=True, use_attribute_docstrings=True
    )


RecruitParameters = Annotated[
    dict[Annotated[str, Field(max_length=40)], Annotated[str, Field(max_length=400)]],
    Field(max_length=8),
]


class OpenSession(_Message):
    """Consent given; start a session."""

    link: Text
    """The last part of the study's link."""
    consent: Annotated[Literal[True], BeforeValidator(_only_true)]
    """There is no session without consent."""
    token: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{32,128}$")] | None = None
    """Secret of the session, made at random by the client, so that this request can be sent
    again without opening a second session. Without it the server makes one."""
    consent_version: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")] | None = None
    """Digest of the text that was agreed to, as the study's page names it; stored."""
    recruit: RecruitParameters | None = None
    """What the recruiter wrote into the address, for links that people come to by one."""
    simulation: Text | None = None
    """Proof that a simulated listener holds the study file; its data are kept apart."""


class SessionState(_Message):
    """Where a session stands."""

    step: Literal["check", "questionnaire", "trial", "finished", "screened-out", "withdrawn"]
    """What comes next."""
    link: str
    """The last part of its study's link: a page of another study must not go on with it."""
    version: int
    """Of the study, that the session runs under: its page is asked for with ?version=."""
    participant: int
    """Number of the participant within the study, from 1."""
    n_answered: int
    """Trials answered so far."""
    n_trials: int
    """Trials in the whole session, practice included."""
    completion_code: str | None = None
    """Present once every trial is answered and stored; a code of its own after a screen-out."""
    completion_url: str | None = None
    """Where to go with the code. None: nowhere, or the code is copied by hand."""
    slot: int | None = None
    """Place in the counterbalancing, for simulated listeners, which make their own plan."""
    gain_db: float | None = None
    """The volume that the participant chose, for every sound from there on. None: as it is."""
    questionnaire: str | None = None
    """Name of the questionnaire, where one comes next."""
    block: int | None = None
    """The block that this questionnaire comes after; 0 before the first one."""
    seconds_per_trial: float | None = None
    """The participant's own pace, once there are answers enough."""


class OpenedSession(SessionState):
    """A new session and its secret token, to be sent as `Authorization: Bearer TOKEN`."""

    token: str


class WhoIsIt(_Message):
    """Somebody comes from a recruiter to a browser that holds a session."""

    recruit: RecruitParameters
    """What the recruiter wrote into the address."""


class SamePerson(_Message):
    """Whether the session is theirs."""

    same: bool


class Failure(_Message):
    """The technology failed again and again, and the participant gives up."""

    reason: Annotated[str, Field(pattern=r"^[a-z][a-z-]{1,39}$")]
    """Code of the last error."""


class FailureCode(_Message):
    """What a participant gets whose technology failed. The session stays open."""

    completion_code: str
    completion_url: str | None
    """Where to go with the code. None: nowhere, or the code is copied by hand."""


class IntervalView(_Message):
    """One sound of a trial."""

    label: str
    """Its label on the page, such as A, B, X, 1 or 2."""
    clip: str
    """Address of the sound: an opaque name."""


class CurrentTrial(_Message):
    """The trial to present now. Nothing in it tells which interval is which."""

    number: int
    """Number in the session, from 1; the response is sent to it."""
    n_trials: int
    """Trials in the whole session, practice included."""
    phase: Literal["practice", "main"]
    """practice is never analysed as data."""
    place: int
    """Position within the practice or within the test, from 1."""
    n_in_phase: int
    """Trials in the practice or in the test of this part of the session."""
    at_most: bool
    """Whether there may be fewer, since what comes next follows from the answers."""
    paradigm: str
    """Trial type."""
    part: int
    """Part of the session, from 1; most sessions have one."""
    starts_block: bool
    """Whether a break lies before this trial."""
    intervals: list[IntervalView]


class TrialsAhead(_Message):
    """Trials to come, so that their sounds can be loaded. They are not presented by this."""

    trials: list[CurrentTrial]
    """At most two, in their order."""


class TrialResponse(_Message):
    """The answer to a trial."""

    key: Annotated[str, Field(min_length=8, max_length=80)]
    """Idempotency key, made by the client once per answer."""
    response: Text
    """One of the paradigm's responses, such as A or B, 1 or 2; ratings as numbers, one per rated
    interval in their order, joined by ';'."""
    response_time_ms: Finite
    """From the start of the first sound to the answer."""
    plays: Annotated[list[Annotated[int, Field(ge=0, le=100_000)]], Field(max_length=16)]
    """How often each interval was played, in the order of the intervals."""
    confidence: Annotated[int, Field(ge=1, le=7)] | None = None
    """How sure, from 1, in studies that ask for it."""
    context_rate_hz: Annotated[int, Field(gt=0, le=1_000_000)] | None = None
    """Sample rate of the audio context that played."""
    output_latency_ms: Annotated[Finite, Field(ge=0, le=60_000)] | None = None
    shown_ms_ago: Annotated[Finite, Field(ge=0)] | None = None
    """How long ago the trial was shown; counts where nobody could ask for it, being offline."""


class Resume(_Message):
    """A page was loaded anew and goes on with the session."""

    key: Annotated[str, Field(min_length=8, max_length=80)]
    """Made by the page, so that a request that is sent twice counts once."""


class AnswerReceipt(_Message):
    """The answer is stored for good."""

    number: int
    """Number of the trial that was answered."""
    repeated: bool
    """True if the same answer was stored before; nothing has changed then."""
    correct: bool | None = None
    """Feedback, where the study gives it: by default in practice trials only."""
    correct_response: str | None = None


class TimeSpan(_Message):
    """A part of a sound, in seconds from its start."""

    start: float
    end: float


class GainRange(_Message):
    """What a volume slider offers, in dB."""

    lowest: float
    highest: float
    first: float
    """Where it stands at first."""


class CheckTrial(_Message):
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


class CheckAnswer(_Message):
    """The answer to a trial of a check."""

    answer: Text
    """One of those offered, or the gain in dB where a level is set."""


class CheckResult(_Message):
    """What comes of an answer to a check. Whether it was right is told of whole checks only."""

    outcome: Literal["next", "passed", "again", "failed"]
    """next: another trial of this check; again: it was failed and is given once more."""
    gain_db: float | None
    """The volume for every sound from here on. None: as it is."""


class QuestionnaireAnswers(_Message):
    """The answers to a questionnaire, as they were typed or chosen."""

    key: Annotated[str, Field(min_length=8, max_length=80)]
    """Idempotency key, made by the client once per questionnaire."""
    block: Annotated[int, Field(ge=0, le=1_000_000)]
    """As the session's state says."""
    answers: Annotated[dict[str, str | list[str] | None], Field(max_length=200)]
    """By the name of the question. A scale's point and a number are text as well; a list where
    several options can be chosen."""


class AnswerProblem(_Message):
    """What is wrong with the answer to one question."""

    question: str
    fault: Literal[
        "missing", "not-offered", "not-a-number", "not-whole", "too-small", "too-large", "too-long"
    ]
    limit: float | None = None
    """The limit that was passed, if the fault is that."""


class QuestionnaireResult(_Message):
    """The answers are stored for good; or something is wrong with them, and none is stored."""

    stored: bool
    repeated: bool
    """True if the same answers were stored before; nothing has changed then."""
    problems: list[AnswerProblem]


class Withdrawn(_Message):
    """Everything that the session had stored is deleted."""

    withdrawn: Literal[True] = True


class ClientEvent(_Message):
    """Something that happened in the browser."""

    kind: Annotated[str, Field(pattern=r"^[a-z][a-z-]{1,39}$")]
    """What happened, such as hidden-while-playing."""
    detail: Annotated[str, Field(max_length=2000)] = ""


class Stored(_Message):
    """The report is stored."""

    stored: Literal[True] = True


class ErrorBody(_Message):
    """What went wrong and what to do about it."""

    code: str
    message: str
    remedy: str


class ErrorMessage(_Message):
    """The one shape of every error."""

    error: ErrorBody
