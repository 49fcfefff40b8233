"""What travels over the participant API, as pydantic models. OpenAPI is made from these.

Here: a session as a whole, and errors.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

Text = Annotated[str, Field(max_length=200)]
Finite = Annotated[float, Field(allow_inf_nan=False), AfterValidator(lambda value: value + 0.0)]
"""Without a zero below zero, which one database keeps and another does not."""
Key = Annotated[str, Field(min_length=8, max_length=80, pattern=r"^[ -~]+$")]
"""Printable: what is chained is what every database gives back."""
RecruitParameters = Annotated[
    dict[Annotated[str, Field(max_length=40)], Annotated[str, Field(max_length=400)]],
    Field(max_length=8),
]


def _only_true(value: object) -> object:
    if value is not True:  # to Python, and so to pydantic's Literal, 1 is True as well
        raise ValueError("must be true")
    return value


class Message(BaseModel):
    """Whatever travels here."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, strict=True, use_attribute_docstrings=True
    )


class OpenSession(Message):
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


class SessionState(Message):
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


class WhoIsIt(Message):
    """Somebody comes from a recruiter to a browser that holds a session."""

    recruit: RecruitParameters
    """What the recruiter wrote into the address."""


class SamePerson(Message):
    """Whether the session is theirs."""

    same: bool


class Failure(Message):
    """The technology failed again and again, and the participant gives up."""

    reason: Annotated[str, Field(pattern=r"^[a-z][a-z-]{1,39}$")]
    """Code of the last error."""


class FailureCode(Message):
    """What a participant gets whose technology failed. The session stays open."""

    completion_code: str
    completion_url: str | None
    """Where to go with the code. None: nowhere, or the code is copied by hand."""


class Resume(Message):
    """A page was loaded anew and goes on with the session."""

    key: Key
    """Made by the page, so that a request that is sent twice counts once."""


class Withdrawn(Message):
    """Everything that the session had stored is deleted."""

    withdrawn: Literal[True] = True


class ClientEvent(Message):
    """Something that happened in the browser."""

    kind: Annotated[str, Field(pattern=r"^[a-z][a-z-]{1,39}$")]
    """What happened, such as hidden-while-playing."""
    detail: Annotated[str, Field(max_length=2000)] = ""


class Stored(Message):
    """The report is stored."""

    stored: Literal[True] = True


class ErrorBody(Message):
    """What went wrong and what to do about it."""

    code: str
    message: str
    remedy: str


class ErrorMessage(Message):
    """The one shape of every error."""

    error: ErrorBody
