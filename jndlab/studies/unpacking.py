"""A zip archive of sounds -> sounds in their places: all of it, or nothing with every reason."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from jndlab.audio.archives import refusal
from jndlab.audio.confined import archive_entries, check_received, read_entry, unpack
from jndlab.audio.layout import MANIFEST, Layout, arrange
from jndlab.audio.places import Place
from jndlab.errors import ArchiveRefused, AudioError
from jndlab.settings import Settings
from jndlab.store.engine import Store
from jndlab.studies.sound_files import (
    folder_lock,
    places_in,
    put_in_place,
    require_room,
    room_in,
    sounds_folder,
)
from jndlab.studies.uploads import archive_path
from jndlab.study.trials import BASELINE

MAX_MANIFEST = 8 * 1024**2

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Unpacked:
    """What came out of an archive."""

    layout: Layout
    placed: tuple[Place, ...]
    """Empty where the layout first needs to be told which folder is the baseline."""
    manifest: str | None = None
    """Text of the manifest.csv in it."""


def unpack_sounds(
    store: Store,
    settings: Settings,
    study_id: int,
    name: str,
    *,
    baseline: str | None = None,
    progress: Progress = lambda done, steps: None,
) -> Unpacked:
    """Put the sounds of an uploaded archive into their places; the archive is then deleted.

    Where it is not clear which folder is the baseline nothing happens: call it again with
    ``baseline``. Raises ArchiveRefused with every entry that is refused, and takes none of them.
    """
    path = archive_path(store, settings, study_id, name)
    try:
        layout, sizes, manifest = _look_into(settings, study_id, path, baseline)
    except ArchiveRefused:
        path.unlink()
        raise
    if not layout.is_sure:
        return Unpacked(layout=layout, placed=())
    require_room(settings, study_id, sum(sizes[placed.path] for placed in layout.placed))
    stage = path.with_suffix(".unpacked")
    shutil.rmtree(stage, ignore_errors=True)
    try:
        places = _unpack_checked(path, stage, layout, room_in(settings, study_id), progress)
        _put_all(settings, study_id, stage, places)
    except ArchiveRefused:
        path.unlink()
        raise
    finally:
        shutil.rmtree(stage, ignore_errors=True)
    path.unlink()
    return Unpacked(layout=layout, placed=tuple(places), manifest=manifest)


def _look_into(
    settings: Settings, study_id: int, path: Path, baseline: str | None
) -> tuple[Layout, dict[str, int], str | None]:
    sizes = {
        e.name: e.n_bytes for e in archive_entries(path, max_bytes=room_in(settings, study_id))
    }
    manifests = sorted(name for name in sizes if name.rpartition("/")[2].lower() == MANIFEST)
    manifest = None
    if manifests:
        content = read_entry(path, manifests[0], max_bytes=MAX_MANIFEST)
        manifest = content.decode("utf-8", errors="replace")
    there = places_in(sounds_folder(settings, study_id))
    layout = arrange(
        list(sizes),
        baseline=baseline,
        has_baseline=any(place.condition == BASELINE for place in there),
        manifest=manifest,
    )
    if not layout.placed and layout.is_sure:
        raise ArchiveRefused(
            "The archive holds no sounds that fit into a study.",
            "It should hold baseline/ITEM.wav and CONDITION/LEVEL/ITEM.wav.",
            entries=tuple((left.path, left.reason) for left in layout.left_out),
        )
    return layout, sizes, manifest


def _unpack_checked(
    path: Path, stage: Path, layout: Layout, room: int, progress: Progress
) -> list[Place]:
    """Unpack beside the sounds and look at each file. Raises ArchiveRefused with all bad ones."""
    targets = {placed.path: stage / placed.place.path for placed in layout.placed}
    n_steps = 2 * len(targets)
    unpack(path, targets, max_bytes=room, progress=lambda done: progress(done, n_steps))
    refused = []
    for number, (name, target) in enumerate(targets.items(), start=1):
        try:
            check_received(target, name=name, within=stage)
        except AudioError as error:
            refused.append((name, error.message.removeprefix(name).strip().rstrip(".")))
        progress(len(targets) + number, n_steps)
    if refused:
        raise refusal(refused)
    return [placed.place for placed in layout.placed]


def _put_all(settings: Settings, study_id: int, stage: Path, places: list[Place]) -> None:
    with folder_lock(settings.study_folder(study_id)):
        for place in places:
            put_in_place(stage / place.path, sounds_folder(settings, study_id), place)
