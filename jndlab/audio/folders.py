"""Folders of sound files -> the stimuli section of a study file.

The layout is ``baseline/ITEM.wav`` and, one folder per condition, ``CONDITION/LEVEL/ITEM.wav``.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from jndlab.audio.reading import ENDINGS
from jndlab.errors import AudioError
from jndlab.study.definition import (
    MAX_ITEMS,
    MAX_LEVELS,
    MAX_NAME,
    MAX_UNIT,
    Condition,
    Stimuli,
    is_name,
)
from jndlab.study.trials import Direction


def scan_stimuli(
    baseline: Path,
    compressed: Sequence[Path],
    *,
    relative_to: Path,
    units: Mapping[str, str],
    directions: Mapping[str, Direction],
) -> Stimuli:
    """What lies in the folders. Every item must be at every level of every condition.

    ``units`` and ``directions`` are given by the name of the condition.

    Raises AudioError that names the first folder or file that is missing or misplaced.
    """
    items = items_in(baseline)
    _require_at_most(MAX_ITEMS, len(items), f"items in {baseline}")
    conditions = []
    for folder in compressed:
        levels = folder_of_levels(folder)
        _require_at_most(MAX_LEVELS, len(levels), f"levels in {folder}")
        for level_folder in levels.values():
            _require_items(level_folder, items)
        name = condition_name(folder)
        _require_at_most(MAX_UNIT, len(units[name]), f"characters in the unit {units[name]!r}")
        conditions.append(
            Condition(
                name=name,
                folder=_relative(folder, relative_to),
                levels=tuple(sorted(levels)),
                unit=units[name],
                compression=directions[name],
            )
        )
    names = [condition.name for condition in conditions]
    for name in names:
        if names.count(name) > 1:
            raise AudioError(
                f"Two folders of compressed versions are called {name!r}.",
                "Rename one: the folder's name becomes the name of the condition.",
            )
    return Stimuli(
        baseline=_relative(baseline, relative_to), items=tuple(items), conditions=tuple(conditions)
    )


def level_folder(folder: Path, level: float) -> Path:
    """The sub-folder of ``folder`` whose name is the number ``level`` ('3', '0.80', '1e-3')."""
    levels = folder_of_levels(folder)
    if level not in levels:
        known = ", ".join(f"{value:g}" for value in sorted(levels))
        raise AudioError(
            f"{folder} has no sub-folder for level {level:g}.",
            f"Render that level, or take it out of the study file. There are: {known}.",
        )
    return levels[level]


def items_in(folder: Path) -> list[str]:
    """The items of a folder of sound files. Raises AudioError if there are none."""
    paths = [path for path in _entries(folder) if path.suffix.lower() in ENDINGS]
    if not paths:
        hint = ""
        if any(path.is_dir() for path in _entries(folder)):
            hint = " It holds folders: name the one with the sound files in it."
        raise AudioError(
            f"{folder} has no WAV or FLAC files.{hint}", "Put one file per utterance there."
        )
    items = sorted({path.stem for path in paths})
    for item in items:
        if not is_name(item):
            raise AudioError(
                f"{folder / item}: this name cannot be used.",
                f"Use up to {MAX_NAME} letters, digits, '.', '_', '-' and spaces, beginning with a "
                "letter or digit.",
            )
    return items


def folder_of_levels(folder: Path) -> dict[float, Path]:
    """The sub-folders of a condition by their level. Raises AudioError for other names."""
    levels: dict[float, Path] = {}
    for path in _entries(folder):
        if not path.is_dir():
            continue
        try:
            level = float(path.name)
        except ValueError:
            level = float("nan")
        if level != level or level in (float("inf"), float("-inf")):
            raise AudioError(
                f"{path}: a level must be a number, and {path.name!r} is none.",
                "Name each sub-folder by its level, such as 3 or 0.8, or move it elsewhere.",
            )
        if level in levels:
            raise AudioError(
                f"{levels[level]} and {path} are the same level.", "Remove one of the two."
            )
        levels[level] = path
    if not levels:
        raise AudioError(
            f"{folder} has no sub-folders with levels.",
            "Compressed versions lie in LEVEL/ITEM.wav below this folder, LEVEL being a number.",
        )
    return levels


def _require_at_most(limit: int, number: int, what: str) -> None:
    if number > limit:
        raise AudioError(f"There are {number} {what}; the limit is {limit}.", "Use fewer.")


def _require_items(folder: Path, items: Sequence[str]) -> None:
    stems = {path.stem for path in _entries(folder) if path.suffix.lower() in ENDINGS}
    if not stems:
        raise AudioError(
            f"{folder} is an empty level: it has no WAV or FLAC files.",
            "Render the items at this level, or remove the folder.",
        )
    missing = [item for item in items if item not in stems]
    if missing:
        more = f" and {len(missing) - 3} more" if len(missing) > 3 else ""
        raise AudioError(
            f"{folder} lacks {', '.join(missing[:3])}{more}, which the baseline has.",
            "Render the missing files, or remove them from the baseline folder.",
        )


def _entries(folder: Path) -> list[Path]:
    try:
        return sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    except FileNotFoundError:
        raise AudioError(f"There is no folder {folder}.", "Check the path.") from None
    except NotADirectoryError:
        raise AudioError(f"{folder} is a file, not a folder.", "Name the folder.") from None
    except PermissionError:
        raise AudioError(
            f"{folder} cannot be read: permission denied.", "Check its owner."
        ) from None


def condition_name(folder: Path) -> str:
    """The name of the condition in ``folder``. Raises AudioError if it cannot name one."""
    name = folder.resolve().name
    if not is_name(name) or name.lower() == "baseline":
        raise AudioError(
            f"The folder name {name!r} cannot name a condition.",
            "Rename the folder after the compression method, for example seofp.",
        )
    return name


def _relative(folder: Path, to: Path) -> str:
    return Path(os.path.relpath(folder.resolve(), to.resolve())).as_posix()
