"""Folders of sounds, one per system, with the same file names in each."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from jndlab.audio.reading import ENDINGS
from jndlab.errors import AudioError
from jndlab.importing.ledger import Ledger
from jndlab.importing.pairs import Comparison
from jndlab.study.yaml_source import KeyPath

MOST_FILES = 20_000
MOST_NAMED = 5


def sounds_in(folder: Path) -> dict[str, Path]:
    """The WAV and FLAC files below a folder, by their path in it less the ending.

    AudioError: there is no such folder, or it has a file twice.
    """
    try:
        is_there = folder.is_dir()
    except OSError:  # a name that is too long
        is_there = False
    if not is_there:
        raise AudioError(
            f"There is no folder {folder}.",
            "Put the sounds there, or name the folder that holds them with --sounds.",
        )
    found: dict[str, Path] = {}
    for number, path in enumerate(sorted(folder.rglob("*"))):
        if number > MOST_FILES:
            raise AudioError(f"{folder} holds more than {MOST_FILES} files.", "Use fewer.")
        inside = path.relative_to(folder)
        hidden = any(part.startswith(".") for part in inside.parts)
        if hidden or path.suffix.lower() not in ENDINGS or not path.is_file():
            continue
        name = inside.with_suffix("").as_posix()
        if name in found:
            raise AudioError(
                f"{folder} has both {found[name].name} and {path.name}.", "Remove one of the two."
            )
        found[name] = path
    return found


def compare_folders(
    ledger: Ledger, folders: Mapping[str, Path], baseline: str, *, place: KeyPath = ()
) -> list[Comparison]:
    """A comparison per file of the baseline's folder with the files of its name in the others.

    AudioError: folders without sounds, or without a common file.
    """
    sounds = {name: sounds_in(folder) for name, folder in folders.items()}
    for name, found in sounds.items():
        if not found:
            raise AudioError(
                f"{folders[name]} has no WAV or FLAC files.",
                "jndlab reads WAV and FLAC: render the sounds as such.",
            )
    shared = set.intersection(*(set(found) for found in sounds.values()))
    if not shared:
        raise AudioError(
            f"The folders {', '.join(folders)} have no file name in common.",
            "The same recording must have the same name in each.",
        )
    for name, found in sounds.items():
        lonely = sorted(set(found) - shared)
        if lonely:
            more = f" and {len(lonely) - MOST_NAMED} more" if len(lonely) > MOST_NAMED else ""
            ledger.leave_also(
                f"sounds of {name}: {', '.join(lonely[:MOST_NAMED])}{more}",
                "Not every folder has them, and every item is played in every version.",
                "Render what is missing, and import again.",
            )
    return [
        Comparison(
            place=place,
            baseline=sounds[baseline][item],
            versions={name: sounds[name][item] for name in folders if name != baseline},
            names=(item.replace("/", "-"),),
        )
        for item in sorted(shared)
    ]
