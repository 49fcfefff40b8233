"""A study's sounds mended as far as the pair gate can, as copies in a folder of their own.

The folder becomes a study: its file is the study's own with other folders in it. What was done to
each file stands in ``mended.csv``; ``manifest.csv`` carries over what was known of the models.
Written line by line on the way, ``mending.jsonl`` lets a run that was cut off go on.
"""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from io import StringIO
from pathlib import Path
from typing import Any

from jndlab.audio.checking import Progress
from jndlab.audio.layout import MANIFEST
from jndlab.audio.mended_files import MendedFile, mend_files
from jndlab.audio.pairs import Source
from jndlab.audio.parallel import map_in_order
from jndlab.audio.sources import sources_of, trap_sources
from jndlab.errors import AudioError, StudyConflict
from jndlab.files import (
    disk_error,
    hold_lock,
    make_folder,
    remove_half_written,
    write_atomically,
)
from jndlab.studies.carried_facts import manifest_of
from jndlab.study.definition import StudyDefinition
from jndlab.study.edit import set_value
from jndlab.study.study_file import FILE_NAME, load_study, study_path
from jndlab.study.trials import BASELINE, TRAP

RECORD = "mending.jsonl"
TABLE = "mended.csv"
LOCK = ".mending.lock"
RULES = 1
"""Goes up when the same sounds would be mended in another way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MendedStudy:
    """The copies of a study's sounds."""

    folder: Path
    files: tuple[MendedFile, ...]

    @property
    def changed(self) -> tuple[MendedFile, ...]:
        """Those that are no plain copies."""
        return tuple(one for one in self.files if one.is_changed)


def mend_study(path: Path, output: Path, *, progress: Progress = lambda: None) -> MendedStudy:
    """Write mended copies of all sounds of a study into ``output``; ``progress`` is per item.

    The sources are only read. A run that was cut off is gone on with; doing it again changes
    nothing. Raises StudyConflict for a folder that cannot be used, StudyError, AudioError,
    StoreError.
    """
    study = load_study(path)
    require_folder_for_mending(path, output)
    make_folder(output)
    root = study_path(path).parent
    with hold_lock(output / LOCK) as is_mine:
        if not is_mine:
            raise StudyConflict(
                f"Another process is writing into {output}.", "Wait for it, or name another folder."
            )
        remove_half_written(output)  # the lock says that nobody is at it
        kept = _kept(output, study)
        record = _Record(output / RECORD, study, kept)
        files: list[MendedFile] = []
        of_items = list(sources_of(study, root).values())
        for rows in map_in_order(_mend, (study, output, kept), of_items):
            record.add(rows)
            files += rows
            progress()
        for source in trap_sources(study, root):
            target = output / TRAP / source.path.name
            write_atomically(target, _bytes_of(source), replace=True)
        write_atomically(output / TABLE, _table(files), replace=True)
        write_atomically(output / MANIFEST, manifest_of(study, root, files), replace=True)
        write_atomically(output / FILE_NAME, _study_text(path, study), replace=True)
    return MendedStudy(folder=output, files=tuple(files))


def require_folder_for_mending(path: Path, output: Path) -> None:
    """Raise StudyConflict unless mended copies of the study can be written into ``output``."""
    study, root = load_study(path), study_path(path).parent.resolve()
    target = output.resolve()
    folders = [study.stimuli.baseline, *(one.folder for one in study.stimuli.conditions)]
    for folder in [(root / one).resolve() for one in folders]:
        if target == folder or folder in target.parents or target in folder.parents:
            raise StudyConflict(
                f"{output} holds sounds of the study itself, or lies among them.",
                "Name a new folder: the sounds of a study are never changed.",
            )
    if target == root:
        raise StudyConflict(f"{output} is the study itself.", "Name a new folder.")
    if output.exists() and not output.is_dir():
        raise StudyConflict(f"{output} is a file.", "Name a new folder.")
    if not output.is_dir() or all(one.name == LOCK for one in output.iterdir()):
        return
    header = _header(output)
    if header is None:
        raise StudyConflict(
            f"{output} is not empty, and holds no mended copies.", "Name a new folder."
        )
    if header.get("study") != study.digest():
        raise StudyConflict(
            f"{output} holds the mended copies of another study, or of another state of it.",
            "Name a new folder.",
        )


def _mend(
    shared: tuple[StudyDefinition, Path, Mapping[str, MendedFile]], sources: Sequence[Source]
) -> list[MendedFile]:
    study, output, kept = shared
    return mend_files(study, sources, output, kept=kept)


class _Record:
    """What is done already, on the disk as soon as it is done."""

    def __init__(self, path: Path, study: StudyDefinition, kept: Mapping[str, MendedFile]) -> None:
        self._path, self._kept = path, kept
        header = {"mending": RULES, "study": study.digest()}
        lines = [header, *(one.to_dict() for one in kept.values())]
        write_atomically(path, _lines(lines), replace=True)

    def add(self, files: Sequence[MendedFile]) -> None:
        """Put the files of one item on record."""
        fresh = [one.to_dict() for one in files if self._kept.get(one.path) != one]
        if not fresh:
            return
        try:
            with self._path.open("ab") as file:
                file.write(_lines(fresh))
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise disk_error(self._path, error) from None


def _lines(entries: Sequence[Mapping[str, Any]]) -> bytes:
    return "".join(json.dumps(entry, ensure_ascii=False) + "\n" for entry in entries).encode()


def _entries(output: Path) -> list[dict[str, Any]]:
    """What stands in the record; a last line that was cut off is passed over."""
    try:
        text = (output / RECORD).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return []
    entries = []
    for line in text.split("\n"):
        try:
            entry = json.loads(line)
        except ValueError:
            continue
        if isinstance(entry, dict):
            entries.append(entry)
    return entries


def _header(output: Path) -> dict[str, Any] | None:
    entries = _entries(output)
    return entries[0] if entries and "mending" in entries[0] else None


def _kept(output: Path, study: StudyDefinition) -> dict[str, MendedFile]:
    """What was written before by the same rules, by path; the newest line of each counts."""
    header = _header(output)
    if header is None or header["mending"] != RULES or header.get("study") != study.digest():
        return {}
    names = {field.name for field in fields(MendedFile)}
    rows = [entry for entry in _entries(output)[1:] if set(entry) == names]
    return {str(row["path"]): MendedFile(**row) for row in rows}


def _table(files: Sequence[MendedFile]) -> bytes:
    text = StringIO()
    writer = csv.DictWriter(text, [field.name for field in fields(MendedFile)], lineterminator="\n")
    writer.writeheader()
    for one in files:
        writer.writerow(one.to_dict())
    return text.getvalue().encode()


def _study_text(path: Path, study: StudyDefinition) -> bytes:
    """The study file as it was written, with the new folders."""
    text = study_path(path).read_text(encoding="utf-8")
    text = set_value(text, ("stimuli", "baseline"), BASELINE)
    for number, condition in enumerate(study.stimuli.conditions):
        text = set_value(text, ("stimuli", "conditions", number, "folder"), condition.name)
    for number, trap in enumerate(study.design.traps):
        place = f"{TRAP}/{Path(trap.sound).name}"
        text = set_value(text, ("design", "traps", number, "sound"), place)
    if study.stimuli.manifest is not None:
        text = set_value(text, ("stimuli", "manifest"), MANIFEST)
    return text.encode()


def _bytes_of(source: Source) -> bytes:
    try:
        return source.path.read_bytes()
    except OSError as error:
        raise AudioError(
            f"{source.path} cannot be read: {error.strerror}.", "Check `traps` in the study file."
        ) from None
