"""Where a sound stands in a study: item, condition, level, and the path that says so.

In a study that is made in the browser every file lies at ``baseline/ITEM.wav`` or at
``CONDITION/LEVEL/ITEM.wav`` (or ``.flac``) below its folder of sounds; the sounds of trap trials at
``trap/NAME.wav``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from jndlab.audio.reading import ENDINGS
from jndlab.errors import AudioError
from jndlab.study.definition import is_name
from jndlab.study.trials import ANCHOR, BASELINE, TRAP


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Place:
    """The place of one sound file in a study."""

    condition: str
    """Or baseline, or trap."""
    level: float | None
    """None for the baseline and for traps."""
    item: str
    ending: str = ".wav"

    @property
    def folder(self) -> str:
        """Its folder below the folder of sounds."""
        if self.level is None:
            return self.condition
        return f"{self.condition}/{level_name(self.level)}"

    @property
    def path(self) -> str:
        """Its path below the folder of sounds."""
        return f"{self.folder}/{self.item}{self.ending}"


def level_name(level: float) -> str:
    """A level as the name of its folder: the shortest form of the number."""
    return f"{level:.15g}"


def level_of(name: str) -> float | None:
    """The number that a folder's name is; None if it is none."""
    try:
        level = float(name)
    except ValueError:
        return None
    return level + 0.0 if math.isfinite(level) and "_" not in name else None


def place_of(path: str) -> Place:
    """The place that ``path`` means. Raises AudioError if it means none.

    Whatever a browser asks for goes through here: nothing but three plain names can come out.
    """
    *folders, name = path.split("/")
    stem, dot, ending = name.rpartition(".")
    ending = f"{dot}{ending}".lower()
    if ending in ENDINGS and is_name(stem):
        if folders in ([BASELINE], [TRAP]):
            return Place(condition=folders[0], level=None, item=stem, ending=ending)
        if len(folders) == 2:
            condition, level = folders[0], level_of(folders[1])
            if is_condition_name(condition) and level is not None:
                return Place(condition=condition, level=level, item=stem, ending=ending)
    raise AudioError(
        f"{path[:200]!r} is no place for a sound.",
        "Sounds lie in baseline/ITEM.wav and in CONDITION/LEVEL/ITEM.wav, LEVEL being a number.",
    )


def is_condition_name(name: str) -> bool:
    """Whether a condition can be called so."""
    # A folder whose name ends in a dot or a space is another one on Windows.
    reserved = (BASELINE, ANCHOR, TRAP)
    return is_name(name) and name.lower() not in reserved and name[-1] not in ". "
