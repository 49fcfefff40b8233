"""One state of the database, from which all tables of an export are read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session, defer

from jndlab.export.anonymous import Anonymity
from jndlab.store.engine import Store
from jndlab.store.models import SessionRow, StudyRow, VersionRow
from jndlab.store.studies import definition_of, require_study, require_version, versions_of
from jndlab.study.definition import StudyDefinition
from jndlab.study.trials import SessionKind

EXPORTED_KINDS: tuple[SessionKind, ...] = ("participant", "simulated", "pilot")
"""What was only a preview is nobody's data."""
_AT_ONCE = 100
"""Sessions in memory at a time: a study may have thousands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """A study as it was at one moment. Good only within :func:`snapshot_of`."""

    db: Session
    study: StudyRow
    versions: tuple[VersionRow, ...]
    """The frozen versions, the first one first."""
    definitions: Mapping[int, StudyDefinition]
    """By the id of the version."""
    folder: Path
    """The data folder."""
    kinds: tuple[SessionKind, ...]
    """Kinds of session that are exported."""
    version: int | None = None
    """The only version whose sessions are exported; None: all of them."""
    session: str | None = None
    """Public id of the only session that is exported; None: all of them."""
    anonymity: Anonymity | None = None
    """New names for the sessions, so that nobody is found again; None: as they are."""

    @property
    def slug(self) -> str:
        """Slug of the study."""
        return self.study.slug

    def sessions(self, *, people: bool = False) -> Iterator[SessionRow]:
        """The sessions, by kind and number; with ``people`` without simulated listeners."""
        kinds = [kind for kind in self.kinds if not (people and kind == "simulated")]
        mine: list[ColumnElement[bool]] = [
            SessionRow.version_id.in_(self.version_ids()),
            SessionRow.kind.in_(kinds),
        ]
        if self.session is not None:
            mine.append(SessionRow.public_id == self.session)
        if self.anonymity is None:
            query = select(SessionRow.public_id).where(*mine)
            names = list(self.db.scalars(query.order_by(SessionRow.kind, SessionRow.participant)))
        else:
            names = list(self.anonymity.of)
        # No open cursor: whoever asks may stop half-way, and go on reading something else.
        for first in range(0, len(names), _AT_ONCE):
            some = names[first : first + _AT_ONCE]
            rows = select(SessionRow).where(*mine, SessionRow.public_id.in_(some))
            found = self.db.scalars(rows.options(defer(SessionRow.plan)))
            by_name = {row.public_id: row for row in found}
            yield from (by_name[name] for name in some if name in by_name)

    def version_ids(self) -> list[int]:
        """Row ids of the versions whose sessions are exported."""
        return [one.id for one in self.versions if self.version in (None, one.number)]

    def definition_of(self, session: SessionRow) -> StudyDefinition:
        """The frozen definition that a session runs under."""
        return self.definitions[session.version_id]

    def digest_of(self, session: SessionRow) -> str:
        """Digest of the version that a session runs under."""
        return next(one.digest for one in self.versions if one.id == session.version_id)


@contextmanager
def snapshot_of(
    store: Store,
    slug: str,
    *,
    kinds: Sequence[SessionKind] = EXPORTED_KINDS,
    version: int | None = None,
    session: str | None = None,
    anonymous: bool = False,
) -> Iterator[Snapshot]:
    """One state of a study for as long as the block lasts. Raises StudyUnknown.

    Previews are never in it, whatever ``kinds`` says. ``version``: the number of the only one whose
    sessions are wanted; StudyUnknown if there is none of that number. ``session``: the public id of
    the only one that is wanted. ``anonymous``: under new names, drawn for this export.
    """
    with store.read() as db:
        study = require_study(db, slug)
        versions = tuple(versions_of(db, study.id))
        if version is not None:
            require_version(db, study.id, version)
        yield Snapshot(
            db=db,
            study=study,
            versions=versions,
            folder=store.folder,
            definitions={version.id: definition_of(version) for version in versions},
            kinds=tuple(kind for kind in EXPORTED_KINDS if kind in kinds),
            version=version,
            session=session,
            anonymity=Anonymity(db, study.id) if anonymous else None,
        )
