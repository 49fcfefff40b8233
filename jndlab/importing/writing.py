"""An import -> a study folder: sounds in their places, and the study file. All of it or nothing."""

from __future__ import annotations

import secrets
import shutil
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from jndlab.audio.direction import measure_direction
from jndlab.errors import AudioError, StudyConflict
from jndlab.files import disk_error, make_folder
from jndlab.importing.imported import Imported, ImportedCondition, SourceClip
from jndlab.study.definition import Condition, Design, Presentation, Stimuli
from jndlab.study.draft import draft_study, dump_study, slug_of, written
from jndlab.study.study_file import FILE_NAME, parse_study
from jndlab.study.texts import Texts
from jndlab.study.trials import BASELINE, Direction

SOUNDS = "sounds"
"""Folder of the sounds below the study's."""


def write_study(
    imported: Imported,
    folder: Path,
    *,
    link: bool = False,
    slug: str | None = None,
    progress: Callable[[], None] = lambda: None,
) -> tuple[Path, tuple[str, ...]]:
    """Write the study into ``folder``; gives the study file, and notes on what was found out.

    Sounds are copied, or linked with ``link``; ``progress`` is called for each. Raises
    StudyConflict if there is something of a study already, StudyError for what no study file can
    say, AudioError where compression cannot be measured, StoreError where the disk refuses.
    """
    _require_free(folder)
    make_folder(folder.parent)
    try:
        work = Path(tempfile.mkdtemp(dir=folder.parent, prefix=".importing-"))
    except OSError as error:
        raise disk_error(folder.parent, error) from None
    try:
        for clip in imported.clips:
            _put(clip, work / SOUNDS / clip.place, link=link)
            progress()
        conditions, notes = _conditions(imported, work / SOUNDS)
        text = study_text(imported, conditions, slug=slug or imported.slug or slug_of(folder.name))
        (work / FILE_NAME).write_text(text, encoding="utf-8")
        _move(work, folder)
    except OSError as error:
        raise disk_error(folder, error) from None
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return folder / FILE_NAME, notes


def study_text(imported: Imported, conditions: tuple[Condition, ...], *, slug: str) -> str:
    """The text of the study file. Raises StudyError for what no study file can say."""
    keys = dict(imported.keys)
    anchors: Mapping[str, Any] = {"anchors_hz": (), **keys.pop("stimuli", {})}
    drafted = draft_study(
        slug=slug,
        title=imported.title,
        paradigm=imported.paradigm,
        seed=secrets.randbelow(2**53),
        stimuli=Stimuli(
            baseline=f"{SOUNDS}/{BASELINE}",
            items=imported.items,
            conditions=conditions,
            **anchors,
        ),
        design=Design(**keys.pop("design", {})),
        presentation=Presentation(**keys.pop("presentation", {})),
        texts=Texts(**keys.pop("texts", {})),
    )
    root = YAML(typ="rt", pure=True).load(drafted)
    for key, value in keys.items():
        root[key] = written(value)
    text = dump_study(root)
    parse_study(text, source=FILE_NAME)  # what we write must be what we accept
    return text


def _require_free(folder: Path) -> None:
    if folder.exists() and not folder.is_dir():
        raise StudyConflict(f"{folder} is a file.", "Name a folder for the study.")
    for name in (FILE_NAME, SOUNDS):
        if (folder / name).exists():
            raise StudyConflict(
                f"{folder / name} exists already.", "Name another folder for the study."
            )


def _put(clip: SourceClip, target: Path, *, link: bool) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if link:
        target.symlink_to(clip.source.resolve())
    else:
        shutil.copyfile(clip.source, target)


def _conditions(imported: Imported, sounds: Path) -> tuple[tuple[Condition, ...], tuple[str, ...]]:
    conditions, notes = [], []
    for one in imported.conditions:
        direction, note = _direction(one, imported, sounds)
        if note:
            notes.append(f"{one.name}: {note}")
        conditions.append(
            Condition(
                name=one.name,
                folder=f"{SOUNDS}/{one.name}",
                levels=one.levels,
                unit=one.unit,
                compression=direction,
            )
        )
    return tuple(conditions), tuple(notes)


def _direction(
    one: ImportedCondition, imported: Imported, sounds: Path
) -> tuple[Direction, str | None]:
    """Whether compression rises with the level, and how that was found out."""
    if imported.compression is not None:
        return imported.compression, None
    if len(one.levels) == 1:
        return "rises", None
    try:
        measured = measure_direction(sounds / BASELINE, sounds / one.name, imported.items[0])
    except AudioError as error:
        raise AudioError(error.message.replace(f"{sounds}/", ""), error.remedy) from None
    return measured.compression, str(measured)


def _move(work: Path, folder: Path) -> None:
    """Into place: in one step where the folder is new, the study file last where it is not."""
    if not folder.exists():
        work.rename(folder)
        folder.chmod(0o755)
        return
    for name in (SOUNDS, FILE_NAME):
        (work / name).rename(folder / name)
