"""What an import has found: sounds in their places, texts and numbers, and what stayed behind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from jndlab.audio.places import Place
from jndlab.errors import Location, Problem, StudyError
from jndlab.study.trials import Direction, ParadigmName

FormatName = Literal["webmushra", "reseval", "listen-and-rate", "beaqlejs"]
FORMATS: dict[FormatName, str] = {
    "webmushra": "webMUSHRA",
    "reseval": "ReSEval",
    "listen-and-rate": "Listen and Rate",
    "beaqlejs": "BeaqleJS",
}
"""The formats by the names that the command line gives them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """Something of the source that is in the study now."""

    what: str
    """The key of the source, with its value where that is short."""
    where: str
    became: str
    """What it is in the study."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotCarried:
    """Something of the source that the study does not have."""

    what: str
    where: str
    why: str
    remedy: str
    """What to do about it; empty where nothing is lost."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceClip:
    """A sound file and its place in the study."""

    source: Path
    condition: str
    """Name of a condition, or "baseline"."""
    level: float | None
    """None for the baseline."""
    item: str

    @property
    def place(self) -> str:
        """Where the sound lies in a study's folder of sounds."""
        ending = self.source.suffix.lower()
        return Place(condition=self.condition, level=self.level, item=self.item, ending=ending).path


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedCondition:
    """A condition as far as the source tells: its levels and their unit."""

    name: str
    levels: tuple[float, ...]
    unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportOptions:
    """What the person who imports knows and the files do not say."""

    format: FormatName | None = None
    """None: found out from the files."""
    sounds: Path | None = None
    """Folder that paths of sounds begin at. None: where the tool would look."""
    baseline: str | None = None
    """Which version is the uncompressed one, where the format does not say."""
    levels: Mapping[str, tuple[str, float]] = field(default_factory=dict)
    """Version -> condition and level; a condition left empty is the version's own name."""
    unit: str | None = None
    paradigm: ParadigmName | None = None
    compression: Direction | None = None
    take_ratings: bool = False
    """Take the sounds of rating tests as pairs to be told apart."""
    follow_links: bool = True
    """False: a sound that is a link leading out of the folder is refused."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """A study of another tool, ready to be written as one of ours."""

    format: FormatName
    source: Path
    title: str
    slug: str | None
    """None: that of the folder it is written to."""
    paradigm: ParadigmName
    items: tuple[str, ...]
    conditions: tuple[ImportedCondition, ...]
    clips: tuple[SourceClip, ...]
    keys: Mapping[str, Any]
    """Other keys of the study file; ``design``, ``presentation`` and ``texts`` are mappings whose
    keys replace the defaults, and ``stimuli`` holds ``anchors_hz`` where there are any."""
    carried: tuple[Carried, ...]
    not_carried: tuple[NotCarried, ...]
    notes: tuple[str, ...]
    """What was found out or assumed, to be looked at."""
    compression: Direction | None = None
    """None: to be measured from the sounds."""

    def to_dict(self) -> dict[str, Any]:
        """Everything but the files' places on this computer, ready for JSON."""
        return {
            "format": self.format,
            "source": self.source.name,
            "title": self.title,
            "paradigm": self.paradigm,
            "items": list(self.items),
            "conditions": [asdict(one) for one in self.conditions],
            "sounds": [{"source": clip.source.name, "place": clip.place} for clip in self.clips],
            "carried": [asdict(one) for one in self.carried],
            "not_carried": [asdict(one) for one in self.not_carried],
            "notes": list(self.notes),
        }


def wrong_file(message: str, remedy: str, *, place: str = "") -> StudyError:
    """The error for a file that is not what its format wants; ``place``: file or file:line."""
    name, _, line = place.rpartition(":")
    location = None
    if name and line.isdigit():
        location = Location(path=name, line=int(line))
    elif place:
        message = f"{place}: {message}"
    return StudyError([Problem(message=message, remedy=remedy, location=location)])
