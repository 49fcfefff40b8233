"""Where the source files of a study lie, and names for pairs of sounds by their digests."""

from __future__ import annotations

import hashlib
from pathlib import Path

from jndlab.audio.folders import level_folder
from jndlab.audio.pairs import Source
from jndlab.audio.reading import find_clip
from jndlab.study.definition import StudyDefinition
from jndlab.study.trials import BASELINE, TRAP


def sources_of(study: StudyDefinition, root: Path) -> dict[str, list[Source]]:
    """The source files by item, the baseline first. ``root`` is the study file's folder.

    Raises AudioError for a folder or file that is missing.
    """
    folders: list[tuple[str, float | None, Path]] = [
        (BASELINE, None, root / study.stimuli.baseline)
    ]
    for condition in study.stimuli.conditions:
        parent = root / condition.folder
        folders += [
            (condition.name, level, level_folder(parent, level)) for level in condition.levels
        ]
    return {
        item: [
            Source(item=item, condition=condition, level=level, path=find_clip(folder, item))
            for condition, level, folder in folders
        ]
        for item in study.stimuli.items
    }


def trap_sources(study: StudyDefinition, root: Path) -> list[Source]:
    """The sounds of the trap trials, each once. ``root`` is the study file's folder."""
    sounds = dict.fromkeys((trap.name, trap.sound) for trap in study.design.traps)
    return [
        Source(item=name, condition=TRAP, level=None, path=root / sound) for name, sound in sounds
    ]


def pair_digest(baseline: str, compressed: str) -> str:
    """SHA-256 (hex) over the digests of two sounds: another pair as soon as either changes."""
    return hashlib.sha256(f"{baseline}\n{compressed}".encode()).hexdigest()
