"""Preregistration: the plan of a version is stated for good before anybody has answered."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from jndlab import __version__
from jndlab.audio.stimuli import Stimulus, stimuli_digest
from jndlab.errors import StudyConflict
from jndlab.store.deeds import deeds_of, detail_of, note_deed
from jndlab.store.engine import Store
from jndlab.store.models import AnswerRow, PresentedRow, SessionRow, StudyRow, VersionRow
from jndlab.store.studies import definition_of, require_version
from jndlab.study.phrases import plural
from jndlab.study.registration import RegisteredVersion, content_digest, registration_content

DEED = "registered"


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """A registered version: the document to publish, and what stays secret for a while."""

    version: int
    registered_at: datetime
    content: Mapping[str, Any]
    digest: str
    """SHA-256 of the content."""
    seed: int
    salt: str


def register_version(
    store: Store, study_id: int, number: int | None = None, *, by: int | None = None
) -> Registration:
    """Register a version of a study; one that is registered stays as it is.

    ``number``: None means the version that participants take, else the newest one. Raises
    StudyUnknown if there is no such version, StudyConflict if people have answered it or if it has
    no plan of analysis.
    """
    with store.write() as db:
        version = require_version(db, study_id, number)
        known = registration_of(db, version)
        if known is not None:
            return known
        _require_plan(version)
        _require_no_answers(db, version)
        version.registered_at = _now()
        noted = {
            "version": version.number,
            "quota": db.get_one(StudyRow, study_id).quota,
            "n_pilot_answers": _count_answers(db, study_id, kind="pilot"),
            "n_earlier_answers": _count_answers(db, study_id, kind="participant"),
            "salt": secrets.token_hex(16),
            "jndlab_version": __version__,
        }
        made = _registration(version, noted)
        note_deed(db, DEED, study_id=study_id, user_id=by, digest=made.digest, **noted)
        return made


def registration_of(db: Session, version: VersionRow) -> Registration | None:
    """The registration of a version; None if it has none."""
    if version.registered_at is None:
        return None
    noted = next(
        detail
        for detail in map(detail_of, deeds_of(db, version.study_id, deed=DEED))
        if detail["version"] == version.number
    )
    return _registration(version, noted)


def why_not_registrable(db: Session, version: VersionRow) -> StudyConflict | None:
    """What stands against the registration of a version; None if nothing does."""
    try:
        _require_plan(version)
        _require_no_answers(db, version)
    except StudyConflict as reason:
        return reason
    return None


def _registration(version: VersionRow, noted: Mapping[str, Any]) -> Registration:
    if version.registered_at is None:  # pragma: no cover - callers have looked
        raise ValueError("not registered")
    content = registration_content(
        RegisteredVersion(
            definition=version.definition,
            number=version.number,
            digest=version.digest,
            stimuli_digest=stimuli_digest(_stimuli(version)),
            frozen_at=version.frozen_at,
            registered_at=version.registered_at,
            quota=noted["quota"],
            n_pilot_answers=noted["n_pilot_answers"],
            n_earlier_answers=noted["n_earlier_answers"],
            salt=noted["salt"],
            jndlab_version=noted["jndlab_version"],
        )
    )
    return Registration(
        version=version.number,
        registered_at=version.registered_at,
        content=content,
        digest=content_digest(content),
        seed=definition_of(version).seed,
        salt=noted["salt"],
    )


def _now() -> datetime:
    """The time, as precisely as it is stored: the document must come out the same later."""
    now = datetime.now(UTC)
    return now.replace(microsecond=now.microsecond // 1000 * 1000)


def _stimuli(version: VersionRow) -> list[Stimulus]:
    names = [field.name for field in fields(Stimulus)]
    return [Stimulus(**{name: getattr(row, name) for name in names}) for row in version.stimuli]


def _require_plan(version: VersionRow) -> None:
    if definition_of(version).analysis is None:
        raise StudyConflict(
            f"Version {version.number} has no plan of analysis that could be registered.",
            "Add the section 'analysis' to the study (its defaults will do), launch it as a new "
            "version, and register that one.",
        )


def _require_no_answers(db: Session, version: VersionRow) -> None:
    n_answers = _count_answers(db, version.study_id, kind="participant", version_id=version.id)
    if n_answers:
        raise StudyConflict(
            f"People have given {plural(n_answers, 'answer')} to version {version.number}: what is "
            "registered now would not have been stated before the data.",
            "Launch the study as a new version, with a reason, and register that one before "
            "anybody takes it. The report then leaves the earlier answers out, and says so.",
        )


def _count_answers(db: Session, study_id: int, *, kind: str, version_id: int | None = None) -> int:
    query = (
        select(func.count())
        .select_from(AnswerRow)
        .join(AnswerRow.presented)
        .join(PresentedRow.session)
        .where(SessionRow.study_id == study_id, SessionRow.kind == kind)
    )
    if version_id is not None:
        query = query.where(SessionRow.version_id == version_id)
    return db.execute(query).scalar_one()
