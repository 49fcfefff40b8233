"""Launching: a study becomes what participants take, from a folder or from its draft."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy.orm import Session

from jndlab.audio.pairs import Finding
from jndlab.audio.sources import sources_of, trap_sources
from jndlab.audio.stimuli import Progress
from jndlab.errors import StudyConflict
from jndlab.settings import Settings
from jndlab.store.deeds import note_deed
from jndlab.store.engine import Store
from jndlab.store.models import StudyRow, VersionRow
from jndlab.store.studies import live_version, next_study_id, study_by_slug
from jndlab.store.study_states import set_study_state
from jndlab.studies.freezing import (
    clips_held,
    go_live,
    render_version,
    require_clips,
    require_rendered,
    store_version,
)
from jndlab.studies.gate import gate_of_launch
from jndlab.studies.making import CheckedStudy, check_study
from jndlab.studies.manifests import study_manifest
from jndlab.study.definition import StudyDefinition
from jndlab.study.study_file import load_study, study_path


@dataclass(frozen=True, slots=True, kw_only=True)
class LaunchedStudy:
    """A study that participants can take."""

    slug: str
    title: str
    link: str
    version: int
    is_new: bool
    findings: tuple[Finding, ...]


def launch_study(
    store: Store,
    settings: Settings,
    path: Path,
    *,
    checked: CheckedStudy | None = None,
    note: str = "",
    progress: Progress = lambda: None,
) -> LaunchedStudy:
    """Check, render and freeze the study in a folder. Launching it again changes nothing.

    ``checked`` is the outcome of :func:`check_study`, if it was called just before. ``note`` says
    why a changed study becomes a new version. Raises StudyConflict if the study has changed since
    its launch and there is no note.
    """
    definition = checked.definition if checked else load_study(path)
    root = study_path(path).parent
    with store.read() as db:
        existing = study_by_slug(db, definition.slug)
        live = live_version(db, existing.id) if existing else None
        change = None if live is None else _change_since(live, definition, root)
    if existing is not None and live is not None and change is None:
        require_clips(store, settings, live, root, progress=progress)
        return _launched(existing, live, is_new=False)
    if change is not None and not note:
        raise change
    checked = checked or check_study(path)
    stimuli = render_version(settings, root, checked, progress=progress)
    with clips_held(store, settings, stimuli) as gone, store.write() as db:
        require_rendered(gone)
        study = _study_for(db, definition, may_exist=bool(note) or existing is not None)
        gate = gate_of_launch(db, study.id, checked).to_json()
        version = store_version(
            db, study, definition, stimuli, note=note, gate=gate, manifest=checked.manifest
        )
        go_live(version)
        set_study_state(db, study.id, "running")
        note_deed(db, "launched", study_id=study.id, version=version.number, note=note)
        db.flush()
        return _launched(study, version, is_new=True, findings=checked.findings)


def _study_for(db: Session, definition: StudyDefinition, *, may_exist: bool) -> StudyRow:
    study = study_by_slug(db, definition.slug)
    if study is None:
        study = new_study_row(db, definition.slug, definition.title)
        db.add(study)
        db.flush()
    elif not may_exist:  # launched by somebody else just now
        raise StudyConflict(
            f"The slug {definition.slug!r} is in use.", "Give the study another slug."
        )
    return study


def new_study_row(db: Session, slug: str, title: str) -> StudyRow:
    """A study with codes and a link of its own, and nothing in it yet."""
    return StudyRow(
        id=next_study_id(db),
        slug=slug,
        title=title,
        link=secrets.token_urlsafe(12),
        completion_code=secrets.token_hex(4).upper(),
        screen_out_code=secrets.token_hex(4).upper(),
        failure_code=secrets.token_hex(4).upper(),
        created_at=datetime.now(UTC),
    )


def _change_since(live: VersionRow, study: StudyDefinition, root: Path) -> StudyConflict | None:
    remedy = (
        "A launched study is frozen, so that its data come from one test. Undo the change, give "
        "the changed study a new slug, or launch it as a new version with --new-version REASON."
    )
    if live.definition_digest != study.digest():
        return StudyConflict(
            f"The slug {study.slug!r} is in use, for a study with another definition.", remedy
        )
    if live.manifest != study_manifest(study, root):
        return StudyConflict("The study's manifest has changed since the launch.", remedy)
    launched = {(s.item, s.condition, s.level): s.source_digest for s in live.stimuli}
    for sources in (*sources_of(study, root).values(), trap_sources(study, root)):
        for source in sources:
            with source.path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
            if launched.get((source.item, source.condition, source.level)) != digest:
                return StudyConflict(f"{source.path} has changed since the launch.", remedy)
    return None


def _launched(
    study: StudyRow, version: VersionRow, *, is_new: bool, findings: Sequence[Finding] = ()
) -> LaunchedStudy:
    return LaunchedStudy(
        slug=study.slug,
        title=study.title,
        link=study.link,
        version=version.number,
        is_new=is_new,
        findings=tuple(findings),
    )
