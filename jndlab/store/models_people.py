"""The tables of people: experimenters, what they may do, what they did, who was recruited; and
of the work that is done for them.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from jndlab.store.base import Base


class UserRow(Base):
    """An experimenter."""

    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    password_hash: Mapped[str | None]
    """None: signs in elsewhere only."""
    is_admin: Mapped[bool] = mapped_column(default=False)
    """Administrators own every study and look after the accounts."""
    totp_secret: Mapped[str | None]
    totp_last_step: Mapped[int | None]
    """Time step of the newest code that was taken: no code is taken twice."""
    oidc_subject: Mapped[str | None] = mapped_column(unique=True)
    disabled_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


class SignInRow(Base):
    """A signed-in browser. Deleting the row signs it out."""

    __tablename__ = "sign_ins"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    token_digest: Mapped[str] = mapped_column(unique=True)
    user_agent: Mapped[str]
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime | None]
    expires_at: Mapped[datetime]

    user: Mapped[UserRow] = relationship()


class FailedSignInRow(Base):
    """A sign-in that failed: too many in a short time, and the name has to wait."""

    __tablename__ = "failed_sign_ins"
    __table_args__ = (Index(None, "name_digest", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name_digest: Mapped[str]
    """People type their password into the wrong field; the name itself is not kept."""
    at: Mapped[datetime]


class RateRow(Base):
    """How often something was asked for in a span of time (:mod:`jndlab.store.rates`)."""

    __tablename__ = "rates"

    digest: Mapped[str] = mapped_column(primary_key=True)
    """Of what was asked for and by whom."""
    ends_at: Mapped[datetime] = mapped_column(primary_key=True)
    n: Mapped[int]


class MemberRow(Base):
    """What somebody may do with a study."""

    __tablename__ = "members"
    __table_args__ = (
        CheckConstraint("role IN ('owner', 'editor', 'analyst', 'viewer')", name="role"),
    )

    study_id: Mapped[int] = mapped_column(ForeignKey("studies.id"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True, index=True)
    role: Mapped[str]
    added_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    added_at: Mapped[datetime]


class InvitationRow(Base):
    """A link with which somebody makes an account, once."""

    __tablename__ = "invitations"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_digest: Mapped[str] = mapped_column(unique=True)
    label: Mapped[str]
    """Whom it is meant for."""
    study_id: Mapped[int | None] = mapped_column(ForeignKey("studies.id"))
    """The new user becomes a member of this study."""
    role: Mapped[str | None]
    is_admin: Mapped[bool]
    created_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    used_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))


class ApiTokenRow(Base):
    """A token with which a program acts for a user, within its scopes."""

    __tablename__ = "api_tokens"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    name: Mapped[str]
    token_digest: Mapped[str] = mapped_column(unique=True)
    scopes: Mapped[str]
    """Rights, with spaces between them."""
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]

    user: Mapped[UserRow] = relationship()


class RecruitRow(Base):
    """Who a recruiter sent. Apart from the answers, and in no table that is exported."""

    __tablename__ = "recruits"
    __table_args__ = (UniqueConstraint("study_id", "recruiter", "external_id"),)

    session_id: Mapped[int] = mapped_column(ForeignKey("sessions.id"), primary_key=True)
    study_id: Mapped[int] = mapped_column(ForeignKey("studies.id"))
    recruiter: Mapped[str]
    external_id: Mapped[str]
    assignment: Mapped[str]
    """JSON: what else the recruiter wrote into the link."""
    received_at: Mapped[datetime]


class DeedRow(Base):
    """Something that somebody did which a reviewer may ask about. Only ever added."""

    __tablename__ = "deeds"
    __table_args__ = (Index(None, "study_id", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    study_id: Mapped[int | None] = mapped_column(ForeignKey("studies.id"))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    """None: on the command line."""
    deed: Mapped[str]
    detail: Mapped[str]
    """JSON."""
    at: Mapped[datetime]
    link: Mapped[str | None]
    """Of the study's chain; None: about no study, or from before there were chains."""


class JobRow(Base):
    """Long work that runs outside of requests."""

    __tablename__ = "jobs"
    __table_args__ = (
        CheckConstraint("state IN ('queued', 'running', 'done', 'failed')", name="state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True)
    study_id: Mapped[int | None] = mapped_column(ForeignKey("studies.id"), index=True)
    kind: Mapped[str]
    options: Mapped[str]
    """JSON."""
    state: Mapped[str]
    n_done: Mapped[int]
    n_steps: Mapped[int]
    """0: not known yet."""
    message: Mapped[str]
    remedy: Mapped[str]
    result: Mapped[str]
    """JSON; empty until it is done."""
    created_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    host: Mapped[str | None]
    """Machine whose process works on it, or did."""
    held_until: Mapped[datetime | None]
    """Until when nobody else may take it; who works on it puts it off again and again."""
    attempts: Mapped[int] = mapped_column(default=0, server_default="0")
    """How often it was taken. Who has taken it is known by this number."""


class PeriodicRow(Base):
    """Something that is done from time to time, by one of several servers."""

    __tablename__ = "periodic"

    name: Mapped[str] = mapped_column(primary_key=True)
    begun_at: Mapped[datetime]
    """When it was last begun."""
