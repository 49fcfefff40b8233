"""What an experimenter does with a study: make it from folders, check it, launch it."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from jndlab import __version__
from jndlab.audio.direction import measure_direction
from jndlab.audio.folders import condition_name, folder_of_levels, items_in, scan_stimuli
from jndlab.audio.pairs import Finding
from jndlab.audio.stimuli import (
    Progress,
    check_stimuli,
    clip_path,
    render_stimuli,
    require_sound,
    sources_of,
    stimuli_digest,
)
from jndlab.errors import StudyConflict
from jndlab.files import write_atomically
from jndlab.settings import Settings
from jndlab.store.engine import Store
from jndlab.store.models import StudyRow
from jndlab.store.studies import add_stimuli, study_by_slug
from jndlab.study.definition import Design, StudyDefinition
from jndlab.study.draft import draft_study, slug_of
from jndlab.study.study_file import FILE_NAME, load_study, parse_study, study_path
from jndlab.study.trials import Direction, ParadigmName

KNOWN_UNITS = {"seofp": "fraction bits"}
"""Units of methods that are known by their name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeStudy:
    """A new study file, and what was found out on the way."""

    path: Path
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedStudy:
    """A study definition and what is wrong with its sounds."""

    definition: StudyDefinition
    findings: tuple[Finding, ...]
    clip_seconds: float
    """Mean length of a clip."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LaunchedStudy:
    """A study that participants can take."""

    slug: str
    title: str
    link: str
    is_new: bool
    findings: tuple[Finding, ...]


def new_study(
    folder: Path,
    *,
    baseline: Path,
    compressed: Sequence[Path],
    paradigm: ParadigmName,
    unit: str | None = None,
    compression: Direction | None = None,
    title: str | None = None,
    design: Design | None = None,
    slug: str | None = None,
    seed: int | None = None,
) -> MadeStudy:
    """Write a study file for these folders into ``folder``.

    What is not told is found out: ``compression`` from the sounds, ``unit`` from the name
    of a known method, ``slug`` from the folder's name; ``seed`` is drawn. Raises
    StudyConflict if there is a study already, AudioError if the folders do not fit.
    """
    path = folder / FILE_NAME
    if path.exists():
        raise StudyConflict(f"{path} exists already.", "Name another folder, or edit that file.")
    if folder.exists() and not folder.is_dir():
        raise StudyConflict(f"{folder} is a file.", "Name a folder for the study.")
    notes: list[str] = []
    item = items_in(baseline)[0]
    units: dict[str, str] = {}
    directions: dict[str, Direction] = {}
    for source in compressed:
        name = condition_name(source)
        units[name] = unit or KNOWN_UNITS.get(name.lower(), "level")
        if units[name] == "level":
            notes.append(f"{name}: write the unit of the levels into the study file")
        if compression is None:
            measured = measure_direction(baseline, source, item)
            notes.append(f"{name}: {measured}")
        directions[name] = compression or measured.compression
    stimuli = scan_stimuli(
        baseline, compressed, relative_to=folder, units=units, directions=directions
    )
    notes += [
        f"{folder}: {name} is left out, since the baseline has no such file"
        for source in compressed
        for folder in folder_of_levels(source).values()
        for name in sorted(set(items_in(folder)) - set(stimuli.items))
    ]
    text = draft_study(
        slug=slug or slug_of(folder.resolve().name),
        title=title or "Listening test",
        paradigm=paradigm,
        seed=secrets.randbelow(2**53) if seed is None else seed,
        stimuli=stimuli,
        design=design,
    )
    parse_study(text, source=str(path))  # what we write must be what we accept
    write_atomically(path, text.encode())
    return MadeStudy(path=path, notes=tuple(notes))


def check_study(path: Path, *, progress: Progress = lambda: None) -> CheckedStudy:
    """What is wrong with a study and its sounds. Raises StudyError, AudioError."""
    study = load_study(path)
    findings, seconds = check_stimuli(study, study_path(path).parent, progress=progress)
    return CheckedStudy(definition=study, findings=tuple(findings), clip_seconds=seconds)


def launch_study(
    store: Store,
    settings: Settings,
    path: Path,
    *,
    checked: CheckedStudy | None = None,
    progress: Progress = lambda: None,
) -> LaunchedStudy:
    """Check, render and freeze a study. Launching the same study again changes nothing.

    ``checked`` is the outcome of :func:`check_study`, if it was called just before.
    Raises StudyConflict if the slug belongs to another study or the study has changed since.
    """
    study = checked.definition if checked else load_study(path)
    root = study_path(path).parent
    with store.read() as db:
        existing = study_by_slug(db, study.slug)
        if existing is not None:
            _require_unchanged(existing, study, root)
            clips = {row.clip for row in existing.stimuli}
            if not all(clip_path(settings.clips, clip).is_file() for clip in clips):
                render_stimuli(study, root, settings.clips, progress=progress)
            return _launched(existing, is_new=False)
    checked = checked or check_study(path)
    require_sound(checked.findings)  # every sound is looked at before the first one is written
    stimuli = render_stimuli(study, root, settings.clips, progress=progress)
    digest = hashlib.sha256(f"{study.digest()}\n{stimuli_digest(stimuli)}".encode()).hexdigest()
    with store.write() as db:
        if study_by_slug(db, study.slug) is not None:  # launched by somebody else just now
            raise StudyConflict(
                f"The slug {study.slug!r} is in use.", "Give the study another slug."
            )
        row = StudyRow(
            slug=study.slug,
            definition=study.to_json(),
            definition_digest=study.digest(),
            digest=digest,
            link=secrets.token_urlsafe(12),
            completion_code=study.completion_code or secrets.token_hex(4).upper(),
            screen_out_code=study.screen_out_code or secrets.token_hex(4).upper(),
            launched_at=datetime.now(UTC),
            jndlab_version=__version__,
        )
        add_stimuli(row, stimuli)
        db.add(row)
    return _launched(row, is_new=True, findings=checked.findings)


def _require_unchanged(row: StudyRow, study: StudyDefinition, root: Path) -> None:
    remedy = (
        "A launched study is frozen, so that all its data come from one test. Undo the change, "
        "or give the changed study a new slug."
    )
    if row.definition_digest != study.digest():
        raise StudyConflict(
            f"The slug {study.slug!r} is in use, for a study with another definition.", remedy
        )
    launched = {(s.item, s.condition, s.level): s.source_digest for s in row.stimuli}
    for sources in sources_of(study, root).values():
        for source in sources:
            with source.path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
            if launched.get((source.item, source.condition, source.level)) != digest:
                raise StudyConflict(f"{source.path} has changed since the launch.", remedy)


def _launched(row: StudyRow, *, is_new: bool, findings: Sequence[Finding] = ()) -> LaunchedStudy:
    return LaunchedStudy(
        slug=row.slug,
        title=StudyDefinition.from_json(row.definition).title,
        link=row.link,
        is_new=is_new,
        findings=tuple(findings),
    )
