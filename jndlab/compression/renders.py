"""Axes of sounds that exist already: renders made elsewhere, and their difference made louder."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from jndlab.audio.folders import folder_of_levels
from jndlab.audio.reading import find_clip, read_clip
from jndlab.compression.axis import Origin, order_levels
from jndlab.compression.model import Signal
from jndlab.compression.sources import (
    LevelFacts,
    SourceSound,
    choose_items,
    digest_of,
    read_mono,
    require_heard,
)
from jndlab.errors import CompressionError
from jndlab.study.trials import Direction

GAIN_UNIT = "dB re the real difference"
MAX_GAIN_DB = 60.0
MAX_PEAK_DB = 6.0
"""The launch turns all versions of an item down by one factor so that none clips. More than this
and the whole item would be too soft beside the others."""


@dataclass(frozen=True, kw_only=True)
class RendersSource:
    """A folder of baseline sounds and a folder with LEVEL/ITEM, both rendered elsewhere."""

    baseline_folder: Path
    folder: Path
    name: str
    unit: str
    compression: Direction
    wanted: tuple[str, ...] | None = None
    wanted_levels: tuple[float, ...] | None = None

    origin: Origin = "rendered-elsewhere"
    rule: str = "rendered elsewhere"
    model: str = "unknown"

    @cached_property
    def rate_hz(self) -> int:
        return read_clip(find_clip(self.baseline_folder, self.items[0])).rate_hz

    @cached_property
    def _folders(self) -> dict[float, Path]:
        return folder_of_levels(self.folder)

    @cached_property
    def levels(self) -> tuple[float, ...]:
        wanted = self._folders if self.wanted_levels is None else self.wanted_levels
        return order_levels(list(wanted), self.compression)

    @cached_property
    def items(self) -> tuple[str, ...]:
        return choose_items(self.baseline_folder, self.wanted)

    def facts(self, level: float | None) -> LevelFacts:
        return LevelFacts(digest="")  # nobody knows the model

    def sound(self, item: str) -> SourceSound:
        return read_mono(find_clip(self.baseline_folder, item), self.rate_hz)

    def baseline(self, sound: SourceSound, item: str) -> Signal:
        return sound.samples

    def fingerprint(self, sound: SourceSound, item: str, level: float | None) -> str:
        if level is None:
            return sound.digest
        return digest_of(sound.digest, read_clip(self._path(item, level)).source_digest)

    def version(self, sound: SourceSound, item: str, level: float) -> Signal:
        return paired(sound, self._path(item, level), self.rate_hz)

    def _path(self, item: str, level: float) -> Path:
        if level not in self._folders:
            raise CompressionError(
                f"{self.folder} has no sub-folder for level {level:g}.",
                f"It has {', '.join(f'{one:g}' for one in sorted(self._folders))}.",
            )
        return find_clip(self._folders[level], item)


@dataclass(frozen=True, kw_only=True)
class GainSource:
    """baseline + g · (compressed − baseline), for two folders of sounds: g in dB, 0 the real one.

    Makes any pair gradable, without training and monotone by construction. The gain at the JND is
    the *headroom*: how much louder the difference could be before it is heard.
    """

    baseline_folder: Path
    compressed_folder: Path
    wanted_levels: tuple[float, ...]
    name: str = "gain"
    wanted: tuple[str, ...] | None = None

    unit: str = GAIN_UNIT
    compression: Direction = "rises"
    origin: Origin = "signal"
    rule: str = "baseline + 10^(level/20) × (compressed − baseline)"

    @property
    def model(self) -> str:
        return f"difference of {self.compressed_folder.name} to {self.baseline_folder.name}"

    @cached_property
    def rate_hz(self) -> int:
        return read_clip(find_clip(self.baseline_folder, self.items[0])).rate_hz

    @cached_property
    def levels(self) -> tuple[float, ...]:
        for level in self.wanted_levels:
            if not np.isfinite(level) or abs(level) > MAX_GAIN_DB:
                raise CompressionError(
                    f"A gain of {level:g} dB is out of range.",
                    f"Gains reach from {-MAX_GAIN_DB:g} to {MAX_GAIN_DB:g} dB; 0 is the real one.",
                )
        return order_levels(self.wanted_levels, self.compression)

    @cached_property
    def items(self) -> tuple[str, ...]:
        return choose_items(self.baseline_folder, self.wanted)

    def facts(self, level: float | None) -> LevelFacts:
        return LevelFacts(digest="")

    def sound(self, item: str) -> SourceSound:
        return read_mono(find_clip(self.baseline_folder, item), self.rate_hz)

    def fingerprint(self, sound: SourceSound, item: str, level: float | None) -> str:
        if level is None:
            return sound.digest
        compressed = read_clip(find_clip(self.compressed_folder, item))
        return digest_of(sound.digest, compressed.source_digest)

    def baseline(self, sound: SourceSound, item: str) -> Signal:
        return sound.samples

    def version(self, sound: SourceSound, item: str, level: float) -> Signal:
        compressed = paired(sound, find_clip(self.compressed_folder, item), self.rate_hz)
        difference = compressed - sound.samples
        if not difference.any():
            raise CompressionError(
                f"{item}: the two sounds are equal, there is no difference to make louder.",
                "Name the folder of the compressed version, or leave this item out.",
            )
        changed = sound.samples + 10 ** (level / 20) * difference
        self._require_room(changed, item, level)
        return np.asarray(changed)

    def _require_room(self, changed: Signal, item: str, level: float) -> None:
        over_db = 20 * float(np.log10(max(float(np.abs(changed).max()), 1e-10)))
        if over_db > MAX_PEAK_DB:
            raise CompressionError(
                f"{item} at {level:+g} dB would exceed full scale by {over_db:.1f} dB.",
                f"Up to {MAX_PEAK_DB:g} dB is taken back for the whole item at the launch: leave "
                f"this level out, try {level - (over_db - MAX_PEAK_DB):.0f} dB, or render the pair "
                "softer.",
            )


def paired(sound: SourceSound, path: Path, rate_hz: int) -> Signal:
    """The other sound of a pair. Raises CompressionError where it does not fit the baseline."""
    clip = read_clip(path)
    if clip.rate_hz != rate_hz or clip.samples.shape != (sound.samples.size, 1):
        raise CompressionError(
            f"{path} has {clip.n_frames} samples in {clip.n_channels} channels at "
            f"{clip.rate_hz} Hz, its baseline {sound.samples.size} in 1 at {rate_hz} Hz.",
            "Render both with the same rate, length and channels.",
        )
    samples = clip.samples[:, 0]
    if not np.isfinite(samples).all():
        raise CompressionError(f"{path} holds samples that are no numbers.", "Render it again.")
    require_heard(samples, f"{path} is")
    return np.asarray(samples)
