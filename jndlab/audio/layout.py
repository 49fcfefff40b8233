"""Dropped folders -> where each file belongs in the study, and what does not fit. Pure.

Understood are ``baseline/ITEM.wav`` with ``CONDITION/LEVEL/ITEM.wav`` below any common folders,
plain folders side by side (``original``, ``bits-3``, ``bits-2``), and a ``manifest.csv`` with the
columns item, condition, level and path. Which folder is the baseline is guessed from names.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from jndlab.audio.manifest import Row, place_in_manifest, read_manifest
from jndlab.audio.places import Place, is_condition_name, level_of
from jndlab.audio.reading import ENDINGS
from jndlab.study.definition import MAX_ITEMS, MAX_LEVELS, MAX_NAME, is_name
from jndlab.study.trials import BASELINE, TRAP

MAX_CONDITIONS = 32
MANIFEST = "manifest.csv"
BASELINE_NAMES = re.compile(
    r"(?i)baseline|reference|ref|original|orig|uncompressed|unquanti[sz]ed|unpruned|full"
    r"|full[ _-]?precision|float(16|32|64)?|fp(16|32|64)"
)
"""Names that people give to the folder of the model as it is."""
TRAILING_NUMBER = re.compile(r"(.*?[^\d.eE+_ -])[ _-]*(-?\d+(?:\.\d+)?)(?: ?bits?)?")
SYSTEM_FILES = re.compile(r"(?i)\.[^/]*|__MACOSX|Thumbs\.db|desktop\.ini")

Folder = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """A dropped file and its place."""

    path: str
    """As it was dropped."""
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """A dropped file that fits nowhere, and why."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """What was made of dropped files."""

    placed: tuple[Placed, ...]
    left_out: tuple[LeftOut, ...]
    baseline: str | None
    """The folder taken for the baseline; None if there is none among them."""
    candidates: tuple[str, ...]
    """Folders that could be the baseline."""
    is_sure: bool
    """Whether the baseline could be told without asking."""
    notes: tuple[str, ...]


def arrange(
    paths: Sequence[str],
    *,
    baseline: str | None = None,
    has_baseline: bool = False,
    manifest: str | None = None,
) -> Layout:
    """The place of every dropped file.

    ``baseline`` names the folder that is the baseline, ``""`` none of them; left out, it is
    guessed. ``has_baseline``: whether the study has one already. ``manifest`` is the text of the
    dropped manifest.csv. Raises AudioError for a manifest that cannot be read.
    """
    work = _Arranger()
    sounds = work.sort_out(paths)
    rows = None if manifest is None else read_manifest(manifest)
    if rows is not None:
        return work.by_manifest(sounds, rows, _manifest_folder(paths))
    folders = {_folder(path) for path in sounds if _folder(path)[-1:] != (TRAP,)}
    plain = sorted(folder for folder in folders if not folder or level_of(folder[-1]) is None)
    candidates = tuple("/".join(folder) for folder in plain)
    guessed = _guess(plain, has_baseline=has_baseline)
    chosen = guessed
    if baseline is not None:
        chosen = next((folder for folder in plain if "/".join(folder) == baseline), None)
    for path in sounds:
        work.place(path, chosen, plain)
    return Layout(
        placed=tuple(work.placed.values()),
        left_out=tuple(work.left_out),
        baseline=None if chosen is None else "/".join(chosen),
        candidates=candidates,
        is_sure=baseline is not None or guessed is not None or not plain,
        notes=tuple(work.notes),
    )


def _guess(plain: Sequence[Folder], *, has_baseline: bool) -> Folder | None:
    """The one folder that can be the baseline; None if there is none, or more than one."""
    named = [folder for folder in plain if folder and BASELINE_NAMES.fullmatch(folder[-1])]
    if len(named) == 1:
        return named[0]
    if named or has_baseline:
        return None
    if len(plain) == 1:
        return plain[0]
    without = [folder for folder in plain if folder and not TRAILING_NUMBER.fullmatch(folder[-1])]
    return without[0] if len(without) == 1 else None


class _Arranger:
    """Collects places and reasons, each place given once."""

    def __init__(self) -> None:
        self.placed: dict[Place, Placed] = {}
        self.left_out: list[LeftOut] = []
        self.notes: list[str] = []
        self._origins: dict[str, Folder] = {}
        self._levels: dict[str, set[float | None]] = {}
        self._items: set[str] = set()

    def sort_out(self, paths: Sequence[str]) -> list[str]:
        """The sound files among them; everything else is left out with its reason."""
        sounds = []
        for path in sorted(set(paths)):
            parts = path.split("/")
            if not all(part.isprintable() and part not in ("", ".", "..") for part in parts):
                self._leave(path, "its path holds characters or steps that no file needs")
            elif any(SYSTEM_FILES.fullmatch(part) for part in parts):
                self._leave(path, "a file of the operating system")
            elif parts[-1].lower() == MANIFEST:
                continue
            elif not parts[-1].lower().endswith(ENDINGS):
                self._leave(path, "no WAV or FLAC file")
            elif not is_name(_stem(path)):
                reason = f"its name cannot be used: up to {MAX_NAME} letters, digits, '.', '_', "
                self._leave(path, reason + "'-' and spaces, beginning with a letter or digit")
            else:
                sounds.append(path)
        return sounds

    def by_manifest(self, sounds: Sequence[str], rows: Sequence[Row], folder: str) -> Layout:
        """The places that a manifest names."""
        named = {row.path if not folder else f"{folder}/{row.path}": row for row in rows}
        for path in sounds:
            if path in named:
                place = place_in_manifest(named.pop(path), path)
                self._give(path, place, ())
            else:
                self._leave(path, f"{MANIFEST} does not name it")
        self.notes += [f"{MANIFEST} names {path}, which was not dropped" for path in named]
        has_baseline = any(place.condition == BASELINE for place in self.placed)
        return Layout(
            placed=tuple(self.placed.values()),
            left_out=tuple(self.left_out),
            baseline=MANIFEST if has_baseline else None,
            candidates=(),
            is_sure=True,
            notes=tuple(self.notes),
        )

    def place(self, path: str, baseline: Folder | None, plain: Sequence[Folder]) -> None:
        """Find the place of one file by the names of its folders."""
        folder = _folder(path)
        place = Place(condition=BASELINE, level=None, item=_stem(path), ending=_ending(path))
        if folder == baseline:
            self._give(path, place, folder)
            return
        if folder[-1:] == (TRAP,):
            self._give(path, replace(place, condition=TRAP), folder)
            return
        if not folder:
            self._leave(path, "it lies in no folder, and folders say what is what")
            return
        level = level_of(folder[-1])
        name, origin = (folder[-2] if len(folder) > 1 else ""), folder[:-1]
        if level is None:
            name, level = _name_and_level(folder[-1])
            origin = folder[:-1]
            if level is None:
                level = 1.0
                origin = folder
                note = (
                    f"{name} has no levels: it is taken as one level, called 1. If it is itself a "
                    "level of a condition, name its folder by a number and drop it again"
                )
                if note not in self.notes:
                    self.notes.append(note)
        if not name:
            self._leave(path, f"{folder[-1]} is a level: drop the folder of its condition instead")
        elif not is_condition_name(name):
            self._leave(path, f"the folder name {name!r} cannot name a condition: rename it")
        else:
            self._give(path, replace(place, condition=name, level=level), origin)

    def _give(self, path: str, place: Place, origin: Folder) -> None:
        other = self.placed.get(replace(place, ending=".wav")) or self.placed.get(
            replace(place, ending=".flac")
        )
        levels = self._levels.setdefault(place.condition, set())
        first = self._origins.setdefault(place.condition, origin)
        if other is not None:
            self._leave(path, f"{other.path} has the same place")
        elif place.level is not None and first != origin:
            whole = "/".join(first) or "one"
            self._leave(path, f"there is another {place.condition}, in {whole}: rename one folder")
        elif len(self._levels) > MAX_CONDITIONS + 1:
            self._leave(path, f"a study has at most {MAX_CONDITIONS} conditions")
        elif len(levels | {place.level}) > MAX_LEVELS:
            self._leave(path, f"a condition has at most {MAX_LEVELS} levels")
        elif len(self._items | {place.item}) > MAX_ITEMS:
            self._leave(path, f"a study has at most {MAX_ITEMS} items")
        else:
            levels.add(place.level)
            self._items.add(place.item)
            self.placed[place] = Placed(path=path, place=place)

    def _leave(self, path: str, reason: str) -> None:
        self.left_out.append(LeftOut(path=path, reason=reason))


def _name_and_level(name: str) -> tuple[str, float | None]:
    """bits-3 -> bits, 3. A name without a number is a condition without levels."""
    found = TRAILING_NUMBER.fullmatch(name)
    return (found[1].rstrip(" _-"), float(found[2])) if found else (name, None)


def _folder(path: str) -> Folder:
    return tuple(path.split("/")[:-1])


def _stem(path: str) -> str:
    return path.rsplit("/", 1)[-1].rpartition(".")[0]


def _ending(path: str) -> str:
    return "." + path.rpartition(".")[2].lower()


def _manifest_folder(paths: Collection[str]) -> str:
    found = sorted(path for path in paths if path.split("/")[-1].lower() == MANIFEST)
    return found[0].rpartition("/")[0] if found else ""
