"""The tables of sessions. Trials and answers are only ever added; nothing here is overwritten
but states, times of passing a step, and the count of loads.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from jndlab.store.base import Base
from jndlab.store.models_studies import StudyRow, VersionRow
from jndlab.study.trials import SessionKind


class SessionRow(Base):
    """One participant's way through a study."""

    __tablename__ = "sessions"
    __table_args__ = (
        UniqueConstraint("study_id", "kind", "participant"),
        CheckConstraint("kind IN ('participant', 'simulated', 'pilot', 'preview')", name="kind"),
        CheckConstraint("state IN ('open', 'finished', 'screened-out', 'withdrawn')", name="state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    study_id: Mapped[int] = mapped_column(ForeignKey("studies.id"))
    version_id: Mapped[int] = mapped_column(ForeignKey("study_versions.id"), index=True)
    """What the session runs under, whatever becomes of the study meanwhile."""
    link_id: Mapped[int | None] = mapped_column(ForeignKey("links.id"), index=True)
    """None: the study's own link."""
    public_id: Mapped[str] = mapped_column(unique=True)
    token_digest: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[SessionKind] = mapped_column(Text)
    participant: Mapped[int]
    slot: Mapped[int]
    """Place in the counterbalancing; that of a session that died is given out again."""
    state: Mapped[str]
    plan: Mapped[str]
    """Canonical JSON of the plan; stored once, never changed."""
    plan_digest: Mapped[str]
    user_agent: Mapped[str]
    opened_at: Mapped[datetime]
    checked_at: Mapped[datetime | None]
    """When the checks before the first trial were over."""
    last_seen_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    jndlab_version: Mapped[str]
    gain_db: Mapped[float | None]
    """The volume that the participant chose in the level check, applied to every sound after."""
    consent_version: Mapped[str | None]
    """Digest of the text that was agreed to; None where the client did not say."""
    consented_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]
    plan_signature: Mapped[str | None]
    """Of the plan's digest and of whose it is, made at the opening; None: before there were any."""
    chain_head: Mapped[str | None]
    """Newest link of the session's chain; None: opened before there were chains."""

    study: Mapped[StudyRow] = relationship()
    version: Mapped[VersionRow] = relationship()


class PresentedRow(Base):
    """A trial that was handed out to a participant; written before its sound is.

    Sounds may be loaded ahead: while ``n_loads`` is 0 the trial is not presented yet.
    """

    __tablename__ = "presented_trials"
    __table_args__ = (UniqueConstraint("session_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("sessions.id"))
    number: Mapped[int]
    trial: Mapped[str]
    """JSON of the trial, truth included."""
    presented_at: Mapped[datetime]
    """When its turn came; until then, when it was handed out."""
    n_loads: Mapped[int]
    """How often it was presented: more than once after a reload."""
    link: Mapped[str | None]
    """Of the session's chain, made when it was handed out."""

    session: Mapped[SessionRow] = relationship()
    clips: Mapped[list[ReleasedClipRow]] = relationship(order_by="ReleasedClipRow.position")
    answer: Mapped[AnswerRow | None] = relationship(back_populates="presented")


class ReleasedClipRow(Base):
    """The opaque name under which one interval of one presented trial can be fetched."""

    __tablename__ = "released_clips"
    __table_args__ = (UniqueConstraint("presented_id", "position"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    presented_id: Mapped[int] = mapped_column(ForeignKey("presented_trials.id"))
    position: Mapped[int]
    name: Mapped[str] = mapped_column(unique=True)
    clip: Mapped[str]
    noise_seed: Mapped[int] = mapped_column(BigInteger)
    """Of the noise in the last bit, without which X would be a copy of A or of B."""

    presented: Mapped[PresentedRow] = relationship(back_populates="clips")


class AnswerRow(Base):
    """The one answer to a presented trial. Its primary key is what makes it the only one."""

    __tablename__ = "answers"

    presented_id: Mapped[int] = mapped_column(ForeignKey("presented_trials.id"), primary_key=True)
    key: Mapped[str]
    """Idempotency key that came with it."""
    response: Mapped[str]
    correct: Mapped[bool | None]
    """None: nothing is right or wrong."""
    response_time_ms: Mapped[float]
    confidence: Mapped[int | None]
    plays: Mapped[str]
    """JSON list: plays per interval."""
    context_rate_hz: Mapped[int | None]
    output_latency_ms: Mapped[float | None]
    answered_at: Mapped[datetime]
    link: Mapped[str | None]
    """Of the session's chain."""

    presented: Mapped[PresentedRow] = relationship(back_populates="answer")


class CheckTrialRow(Base):
    """One trial of a check before the first trial: what was played and what was answered."""

    __tablename__ = "check_trials"
    __table_args__ = (UniqueConstraint("session_id", "place", "attempt", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("sessions.id"))
    place: Mapped[int]
    """Index of the check in the study's list."""
    kind: Mapped[str]
    attempt: Mapped[int]
    """From 1; a check that was failed may be given again."""
    number: Mapped[int]
    """Within the attempt, from 1."""
    name: Mapped[str] = mapped_column(unique=True)
    """Opaque name under which the sound can be fetched."""
    right_answer: Mapped[str]
    """Empty for a level, which is right whatever it is."""
    seed: Mapped[int] = mapped_column(BigInteger)
    """Of what is random in the sound besides the right answer."""
    answer: Mapped[str | None]
    """The first answer; it stands."""
    correct: Mapped[bool | None]
    made_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]


class ResumeRow(Base):
    """A session that was gone on with after its page was closed or loaded anew."""

    __tablename__ = "resumes"
    __table_args__ = (UniqueConstraint("session_id", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("sessions.id"))
    key: Mapped[str]
    """Made by the page, so that a request sent twice counts once."""
    resumed_at: Mapped[datetime]
    gap_seconds: Mapped[float]
    """Since the last sign of life before it."""


class QuestionnaireAnswerRow(Base):
    """The one answer to one question of a questionnaire, at one point of the session."""

    __tablename__ = "questionnaire_answers"
    __table_args__ = (UniqueConstraint("session_id", "questionnaire", "block", "question"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("sessions.id"))
    questionnaire: Mapped[str]
    block: Mapped[int]
    """The block it came after; 0 before the first one."""
    question: Mapped[str]
    value: Mapped[str]
    """JSON: text, number, list of options, or null where it was left empty."""
    key: Mapped[str]
    """Idempotency key that came with it."""
    answered_at: Mapped[datetime]


class ConsentTextRow(Base):
    """A text that somebody has agreed to, by its version. No personal data: it stays."""

    __tablename__ = "consent_texts"

    version: Mapped[str] = mapped_column(primary_key=True)
    language: Mapped[str]
    text: Mapped[str]


class EventRow(Base):
    """Something that happened in the participant's browser, as it reported it."""

    __tablename__ = "events"
    __table_args__ = (Index(None, "session_id", "received_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("sessions.id"))
    kind: Mapped[str]
    detail: Mapped[str]
    received_at: Mapped[datetime]
