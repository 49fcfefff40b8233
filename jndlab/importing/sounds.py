"""Where the sound files are that a configuration names. Nothing is fetched."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from jndlab.audio.reading import ENDINGS
from jndlab.errors import AudioError

_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:|//")
_DRIVE = re.compile(r"[A-Za-z]:[\\/]")
MOST_NAMED = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Unusable:
    """Why a sound cannot be taken, and what to do about it."""

    why: str
    remedy: str


class SoundFinder:
    """Finds sounds below a folder; those that should be there and are not are told together."""

    def __init__(self, root: Path, *, follow_links: bool = True) -> None:
        self.root = root
        self._follow_links = follow_links
        self._missing: list[str] = []

    def find(self, reference: str) -> Path | Unusable | None:
        """The file that ``reference`` means. None: it should be there and is not."""
        plain = reference.strip().replace("\\", "/")
        if _DRIVE.match(reference) or os.path.isabs(plain):
            if Path(plain).is_relative_to(self.root.absolute()):
                plain = Path(plain).relative_to(self.root.absolute()).as_posix()
            else:
                return Unusable(
                    why="the path is absolute and leads out of the folder of sounds",
                    remedy="Copy the file into that folder and write a path relative to it.",
                )
        elif _ADDRESS.match(plain):
            return Unusable(
                why="the sound is an address on the internet, and nothing is fetched",
                remedy="Download it, write its path instead, and import again.",
            )
        normal = os.path.normpath(plain)
        if normal == ".." or normal.startswith("../"):
            return Unusable(
                why="the path leads out of the folder of sounds",
                remedy="Name the folder that holds all of them with --sounds.",
            )
        if Path(normal).suffix.lower() not in ENDINGS:
            return Unusable(
                why=f"jndlab reads WAV and FLAC, not {Path(normal).suffix or 'such a file'}",
                remedy="Render it as WAV from the original. A decoded MP3 or AAC begins later "
                "than its original, which gives the answer away.",
            )
        path = self._existing(self.root / normal)
        if path is None:
            self._missing.append(plain)
        elif not self._follow_links and not path.resolve().is_relative_to(self.root.resolve()):
            return Unusable(
                why="the file is a link that leads out of the folder", remedy="Copy the sound."
            )
        return path

    def require_all(self) -> None:
        """Raise AudioError that names the sounds that were not found."""
        missing = sorted(set(self._missing))
        if not missing:
            return
        more = f" and {len(missing) - MOST_NAMED} more" if len(missing) > MOST_NAMED else ""
        count = "1 sound is" if len(missing) == 1 else f"{len(missing)} sounds are"
        raise AudioError(
            f"{count} missing below {self.root}: {', '.join(missing[:MOST_NAMED])}{more}.",
            "Put them there, or name the folder that the paths begin at with --sounds.",
        )

    def _existing(self, path: Path) -> Path | None:
        """The file, whatever the case of its ending."""
        try:
            if path.is_file():
                return path
            for ending in (path.suffix.lower(), path.suffix.upper()):
                if path.with_suffix(ending).is_file():
                    return path.with_suffix(ending)
        except (OSError, ValueError):  # a name that is too long, or holds a null character
            return None
        return None


def folder_of_sounds(
    config: Path, references: Iterable[str], *, given: Path | None, boundary: Path | None
) -> Path:
    """The folder that the paths of a configuration begin at: the one below which most sounds are.

    Looked at are the configuration's folder and those above it, up to ``boundary``; without a
    boundary the one above it. AudioError: ``given`` is no folder.
    """
    if given is not None:
        if not given.is_dir():
            raise AudioError(f"There is no folder {given}.", "Check --sounds.")
        return given
    home = config.parent if config.is_file() else config
    wanted = [reference for reference in references if not _ADDRESS.match(reference)]
    roots = _roots(home.absolute(), boundary.absolute() if boundary else home.absolute().parent)
    return max(roots, key=lambda root: _n_found(root, wanted))


def _roots(home: Path, boundary: Path) -> Sequence[Path]:
    if not home.is_relative_to(boundary):
        return [home]
    return [home, *(one for one in home.parents if one.is_relative_to(boundary))]


def _n_found(root: Path, references: Sequence[str]) -> int:
    found = 0
    for reference in references:
        normal = os.path.normpath(reference.replace("\\", "/"))
        if not normal.startswith(("..", "/")) and "\x00" not in normal:
            with suppress(OSError):  # a name that is too long
                found += (root / normal).is_file()
    return found
