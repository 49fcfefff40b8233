"""One state of the database, from which all tables of an export are read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session, defer

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
    kinds: tuple[SessionKind, ...]
    """Kinds of session that are exported."""
    version: int | None = None
    """The only version whose sessions are exported; None: all of them."""

    @property
    def slug(self) -> str:
        """Slug of the study."""
        return self.study.slug

    @property
    def folder(self) -> Path:
        """The data folder."""
        return Path(self.db.get_bind().engine.url.database or ".").parent

    def sessions(self, *, people: bool = False) -> Iterator[SessionRow]:
        """The sessions, by kind and number; with ``people`` without simulated listeners."""
        kinds = [kind for kind in self.kinds if not (people and kind == "simulated")]
        query = (
            select(SessionRow)
            .where(SessionRow.version_id.in_(self.version_ids()), SessionRow.kind.in_(kinds))
            .order_by(SessionRow.kind, SessionRow.participant)
            .options(defer(SessionRow.plan))
            .execution_options(yield_per=_AT_ONCE)
        )
        yield from self.db.scalars(query)

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
) -> Iterator[Snapshot]:
    """One state of a study for as long as the block lasts. Raises StudyUnknown.

    Previews are never in it, whatever ``kinds`` says. ``version``: the number of the only one whose
    sessions are wanted; StudyUnknown if there is none of that number.
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
            definitions={version.id: definition_of(version) for version in versions},
            kinds=tuple(kind for kind in EXPORTED_KINDS if kind in kinds),
            version=version,
        )
