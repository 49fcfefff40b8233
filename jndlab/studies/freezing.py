"""Freezing a study: rendered sounds and a definition that never change again, as a version."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy.orm import Session

from jndlab import __version__
from jndlab.audio.sources import pair_digest
from jndlab.audio.stimuli import (
    Progress,
    Stimulus,
    render_stimuli,
    require_sound,
    stimuli_digest,
)
from jndlab.clips import missing_clips, open_clips
from jndlab.errors import StudyConflict
from jndlab.settings import Settings
from jndlab.store.clips_lock import alone_with_clips
from jndlab.store.engine import Store
from jndlab.store.models import StudyRow, VersionRow
from jndlab.store.studies import add_stimuli, newest_version, study_by_slug
from jndlab.studies.making import CheckedStudy
from jndlab.study.definition import StudyDefinition
from jndlab.study.trials import ANCHOR, TRAP


def render_version(
    settings: Settings, folder: Path, checked: CheckedStudy, *, progress: Progress = lambda: None
) -> list[Stimulus]:
    """The clips of a study whose sounds were checked. Raises AudioError if one has an error."""
    require_sound(checked.findings)  # every sound is looked at before the first one is written
    stimuli = render_stimuli(checked.definition, folder, open_clips(settings), progress=progress)
    _require_what_was_checked(checked, stimuli)
    return stimuli


def _require_what_was_checked(checked: CheckedStudy, stimuli: list[Stimulus]) -> None:
    """Raise StudyConflict if a file was replaced after it was looked at."""
    looked_at, baselines = checked.sounds.digests, checked.sounds.baselines
    for one in stimuli:
        if one.condition in (ANCHOR, TRAP):  # made of what was looked at, or in no pair
            continue
        rendered = one.source_digest
        if one.level is not None:
            rendered = pair_digest(baselines[one.item], rendered)
        if looked_at[one.item, one.condition, one.level] != rendered:
            raise StudyConflict(
                "A sound was replaced while the study was being launched. Nothing was launched.",
                "Wait until all sounds have arrived, look at them once more, then launch again.",
            )


@contextmanager
def clips_held(store: Store, settings: Settings, stimuli: list[Stimulus]) -> Iterator[set[str]]:
    """No clip is deleted in the block; gives those that have gone before it.

    Open the write transaction that stores the version inside: the clips are looked for before it,
    since an object store may be slow, and are still there when it is committed.
    """
    with alone_with_clips(store):
        yield missing_clips(open_clips(settings), {one.clip for one in stimuli})


def require_rendered(gone: set[str]) -> None:
    """Raise StudyConflict if a clip has gone with another study that was deleted just now."""
    if gone:
        raise StudyConflict(
            "Another study with the same sounds was deleted just now. Nothing was launched.",
            "Launch it again.",
        )


def store_version(
    db: Session,
    study: StudyRow,
    definition: StudyDefinition,
    stimuli: list[Stimulus],
    *,
    by: int | None = None,
    note: str = "",
    gate: str | None = None,
    manifest: str | None = None,
) -> VersionRow:
    """The version of these contents: the newest one if nothing has changed, else a new one.

    Raises StudyConflict if the definition has the slug of another study.
    """
    parts = [definition.digest(), stimuli_digest(stimuli)]
    if manifest is not None:  # versions from before there were any keep their digest
        parts.append(hashlib.sha256(manifest.encode()).hexdigest())
    digest = hashlib.sha256("\n".join(parts).encode()).hexdigest()
    newest = newest_version(db, study.id)
    if newest is not None and newest.digest == digest:
        if newest.live_since is None:  # only tried out: reasons may have been written since
            newest.gate = gate or newest.gate
        return newest
    holder = study_by_slug(db, definition.slug)
    if holder is not None and holder.id != study.id:
        raise StudyConflict(
            f"The slug {definition.slug!r} is in use.", "Give the study another slug."
        )
    version = VersionRow(
        study=study,
        number=1 if newest is None else newest.number + 1,
        definition=definition.to_json(),
        definition_digest=definition.digest(),
        digest=digest,
        gate=gate,
        manifest=manifest,
        note=note,
        frozen_at=datetime.now(UTC),
        frozen_by=by,
        jndlab_version=__version__,
    )
    add_stimuli(version, stimuli)
    db.add(version)
    study.slug = definition.slug
    study.title = definition.title
    study.completion_code = definition.completion_code or study.completion_code
    study.screen_out_code = definition.screen_out_code or study.screen_out_code
    db.flush()
    return version


def go_live(version: VersionRow) -> None:
    """From now on participants take this version; who has begun goes on with the one before."""
    if version.live_since is None:
        version.live_since = datetime.now(UTC)


def require_clips(
    store: Store, settings: Settings, version: VersionRow, folder: Path, *, progress: Progress
) -> None:
    """Render the clips of a version again if any of them has got lost."""
    with store.read() as db:
        clips = {row.clip for row in db.merge(version, load=False).stimuli}
    if missing_clips(open_clips(settings), clips):
        definition = StudyDefinition.from_json(version.definition)
        render_stimuli(definition, folder, open_clips(settings), progress=progress)
