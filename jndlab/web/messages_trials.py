"""What travels over the participant API about trials and their answers."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from jndlab.web.messages import Finite, Key, Message, Text


class IntervalView(Message):
    """One sound of a trial."""

    label: str
    """Its label on the page, such as A, B, X, 1 or 2."""
    clip: str
    """Address of the sound: an opaque name."""


class CurrentTrial(Message):
    """The trial to present now. Nothing in it tells which interval is which."""

    session: str
    """Goes back with the response: it tells the session from another under the same token."""
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


class TrialsAhead(Message):
    """Trials to come, so that their sounds can be loaded. They are not presented by this."""

    trials: list[CurrentTrial]
    """At most two, in their order."""


class TrialResponse(Message):
    """The answer to a trial."""

    key: Key
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
    session: Annotated[str, Field(max_length=64)] | None = None
    """What the trial said of its session. Another session refuses the response (409)."""


class AnswerReceipt(Message):
    """The answer is stored for good."""

    number: int
    """Number of the trial that was answered."""
    repeated: bool
    """True if the same answer was stored before; nothing has changed then."""
    correct: bool | None = None
    """Feedback, where the study gives it: by default in practice trials only."""
    correct_response: str | None = None
