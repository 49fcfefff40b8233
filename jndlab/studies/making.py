"""Making a study file from folders of sounds, and saying what is wrong with a study."""

from __future__ import annotations

import os
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from jndlab.audio.checking import CheckedSounds, Progress, check_sounds
from jndlab.audio.direction import measure_direction
from jndlab.audio.folders import condition_name, folder_of_levels, items_in, scan_stimuli
from jndlab.audio.manifest import Axes
from jndlab.audio.pairs import Finding
from jndlab.errors import AudioError, StudyConflict
from jndlab.files import write_atomically
from jndlab.studies.manifests import folders_in_manifest, manifest_findings, study_manifest
from jndlab.study.definition import Design, StudyDefinition
from jndlab.study.draft import draft_study, slug_of
from jndlab.study.draft_design import usual_design
from jndlab.study.paradigms import PARADIGMS
from jndlab.study.study_file import FILE_NAME, load_study, parse_study, study_path
from jndlab.study.trials import Direction, ParadigmName, ProcedureName

SOUNDS = "sounds"
"""Folder in a study's own folder that sounds are copied into."""
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
    sounds: CheckedSounds
    """The findings once more, with what was measured on each pair."""
    manifest: str | None
    """Text of its manifest: what is known of the models."""


def new_study(
    folder: Path,
    *,
    baseline: Path | None = None,
    compressed: Sequence[Path] = (),
    manifest: Path | None = None,
    paradigm: ParadigmName,
    procedure: ProcedureName = "constant-stimuli",
    unit: str | None = None,
    compression: Direction | None = None,
    title: str | None = None,
    design: Design | None = None,
    slug: str | None = None,
    seed: int | None = None,
) -> MadeStudy:
    """Write a study file for these folders, or for those of a manifest, into ``folder``.

    What is not told is found out: ``compression`` from the manifest or the sounds, ``unit`` from
    the manifest or the name of a known method, ``slug`` from the folder's name; ``seed`` is drawn,
    and ``design`` suits paradigm and procedure.
    Raises StudyConflict if there is a study already or the procedure cannot serve the paradigm,
    AudioError if the folders do not fit.
    """
    path = folder / FILE_NAME
    if path.exists():
        raise StudyConflict(f"{path} exists already.", "Name another folder, or edit that file.")
    if folder.exists() and not folder.is_dir():
        raise StudyConflict(f"{folder} is a file.", "Name a folder for the study.")
    if procedure != "constant-stimuli" and not PARADIGMS[paradigm].adaptive:
        raise StudyConflict(
            f"A procedure that follows the answers ({procedure}) needs right and wrong ones at a "
            f"chance level, which {PARADIGMS[paradigm].called} does not have.",
            "Use constant-stimuli, or another trial type.",
        )
    notes: list[str] = []
    axes = Axes(units={}, directions={})
    if manifest is not None:
        known = folders_in_manifest(manifest, copy_to=folder / SOUNDS)
        baseline, compressed, axes = known.baseline, known.conditions, known.axes
    if baseline is None or not compressed:
        raise AudioError(
            "A study needs a baseline and a compressed version.",
            "Name their folders with --baseline and --compressed, or a manifest with --manifest.",
        )
    item = items_in(baseline)[0]
    units: dict[str, str] = {}
    directions: dict[str, Direction] = {}
    for source in compressed:
        name = condition_name(source)
        units[name] = unit or axes.units.get(name) or KNOWN_UNITS.get(name.lower(), "level")
        if units[name] == "level":
            notes.append(f"{name}: write the unit of the levels into the study file")
        told = compression or axes.directions.get(name)
        if told is None:
            measured = measure_direction(baseline, source, item)
            notes.append(f"{name}: {measured}")
        directions[name] = told or measured.compression
    stimuli = scan_stimuli(
        baseline, compressed, relative_to=folder, units=units, directions=directions
    )
    if manifest is not None:
        place = Path(os.path.relpath(manifest.resolve(), folder.resolve())).as_posix()
        stimuli = stimuli.model_copy(update={"manifest": place})
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
        design=design or usual_design(paradigm, n_items=len(stimuli.items), procedure=procedure),
    )
    parse_study(text, source=str(path))  # what we write must be what we accept
    write_atomically(path, text.encode())
    return MadeStudy(path=path, notes=tuple(notes))


def check_study(path: Path, *, progress: Progress = lambda: None) -> CheckedStudy:
    """What is wrong with a study and its sounds. Raises StudyError, AudioError."""
    study = load_study(path)
    manifest = study_manifest(study, study_path(path).parent)
    sounds = check_sounds(study, study_path(path).parent, progress=progress)
    sounds = replace(sounds, findings=(*sounds.findings, *manifest_findings(manifest, sounds)))
    return CheckedStudy(
        definition=study,
        findings=sounds.findings,
        clip_seconds=sounds.clip_seconds,
        sounds=sounds,
        manifest=manifest,
    )
