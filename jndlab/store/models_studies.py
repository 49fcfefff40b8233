"""The tables of studies: what is tested, its frozen versions, its drafts, and its links."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from jndlab.store.base import Base


class StudyRow(Base):
    """A study: what stays the same over its versions."""

    __tablename__ = "studies"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(unique=True)
    title: Mapped[str]
    """Of the newest draft or version."""
    link: Mapped[str] = mapped_column(unique=True)
    """Opaque part of the participants' link."""
    completion_code: Mapped[str]
    screen_out_code: Mapped[str | None]
    """None in studies from before there were checks that screen out."""
    failure_code: Mapped[str | None]
    """For participants whose browser or network made them give up; None in older studies."""
    quota: Mapped[int | None]
    """The most sessions that count; None: as many as come."""
    created_at: Mapped[datetime]
    chain_head: Mapped[str | None]
    """Newest link of the chain of what was done with it; None: nothing since there are chains."""
    keep_until: Mapped[str | None]
    """Date, ISO 8601, UTC: what is personal is kept to the end of that day; None: for good."""
    kept_then: Mapped[str | None]
    """What becomes of the data then: anonymise or delete."""
    kept_at: Mapped[datetime | None]
    """When that was done."""

    versions: Mapped[list[VersionRow]] = relationship(
        back_populates="study", order_by="VersionRow.number"
    )


class VersionRow(Base):
    """A frozen version of a study: definition and stimuli never change again."""

    __tablename__ = "study_versions"
    __table_args__ = (UniqueConstraint("study_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    study_id: Mapped[int] = mapped_column(ForeignKey("studies.id"))
    number: Mapped[int]
    """From 1."""
    definition: Mapped[str]
    """Canonical JSON of the definition."""
    definition_digest: Mapped[str]
    digest: Mapped[str]
    """Over definition and stimuli."""
    gate: Mapped[str | None]
    """JSON: what the pair gate found, and the written reasons to go on nevertheless."""
    manifest: Mapped[str | None]
    """CSV: sizes of the models and distances of the sounds; None where there is none."""
    note: Mapped[str]
    """Why there is a new version."""
    frozen_at: Mapped[datetime]
    frozen_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    live_since: Mapped[datetime | None]
    """When it became the version that participants take; None: it was only tried out."""
    registered_at: Mapped[datetime | None]
    """When its analysis plan was registered."""
    jndlab_version: Mapped[str]

    study: Mapped[StudyRow] = relationship(back_populates="versions")
    stimuli: Mapped[list[StimulusRow]] = relationship(
        back_populates="version", order_by="StimulusRow.id"
    )


class StudyStateRow(Base):
    """A change of a study's state; the newest counts, and none means draft."""

    __tablename__ = "study_states"
    __table_args__ = (
        CheckConstraint(
            "state IN ('draft', 'piloting', 'running', 'paused', 'closed', 'archived')",
            name="state",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    study_id: Mapped[int] = mapped_column(ForeignKey("studies.id"), index=True)
    state: Mapped[str]
    since: Mapped[datetime]
    changed_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    note: Mapped[str]


class StimulusRow(Base):
    """One rendered clip of a version."""

    __tablename__ = "stimuli"
    __table_args__ = (UniqueConstraint("version_id", "item", "condition", "level"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("study_versions.id"))
    item: Mapped[str]
    condition: Mapped[str]
    level: Mapped[float | None]
    clip: Mapped[str]
    n_frames: Mapped[int]
    rate_hz: Mapped[int]
    n_channels: Mapped[int]
    gain_db: Mapped[float]
    source_digest: Mapped[str]
    source_rate_hz: Mapped[int]

    version: Mapped[VersionRow] = relationship(back_populates="stimuli")


class DraftRow(Base):
    """A saved text of the study file; the newest counts, the others are its history."""

    __tablename__ = "drafts"
    __table_args__ = (UniqueConstraint("study_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    study_id: Mapped[int] = mapped_column(ForeignKey("studies.id"))
    number: Mapped[int]
    """From 1. Who saves says which one was looked at; two cannot follow the same one."""
    text: Mapped[str]
    saved_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    saved_at: Mapped[datetime]


class UploadRow(Base):
    """A file on its way into a study's folder; what has arrived lies beside it."""

    __tablename__ = "uploads"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    """Opaque: the address that takes its parts."""
    study_id: Mapped[int] = mapped_column(ForeignKey("studies.id"), index=True)
    path: Mapped[str]
    """Where it goes, relative to the study's folder of sounds."""
    n_bytes: Mapped[int] = mapped_column(BigInteger)
    created_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime]
    completed_at: Mapped[datetime | None]


class GateReasonRow(Base):
    """Why a warning of the pair gate is no reason against the study; the newest counts."""

    __tablename__ = "gate_reasons"

    id: Mapped[int] = mapped_column(primary_key=True)
    study_id: Mapped[int] = mapped_column(ForeignKey("studies.id"), index=True)
    finding: Mapped[str]
    """Code, item, condition and level."""
    sounds: Mapped[str]
    """Digest of the two sounds: after a change the reason has to be given again."""
    reason: Mapped[str]
    written_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    written_at: Mapped[datetime]


class LinkRow(Base):
    """A link beside the study's own: for one person, for some, or for looking at it."""

    __tablename__ = "links"
    __table_args__ = (
        CheckConstraint("kind IN ('multiple', 'single', 'personal', 'preview')", name="kind"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    study_id: Mapped[int] = mapped_column(ForeignKey("studies.id"), index=True)
    token: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    label: Mapped[str]
    recruiter: Mapped[str]
    """Empty: none."""
    return_url: Mapped[str]
    """Where participants go at the end, for recruiters whose address differs by place."""
    max_uses: Mapped[int | None]
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    created_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime]
