"""Whether compression rises or falls with the level's number, measured from the sounds."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from jndlab.audio.folders import folder_of_levels
from jndlab.audio.reading import find_clip, read_clip
from jndlab.errors import AudioError
from jndlab.study.trials import Direction


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasuredDirection:
    """The finding, and the figures that it rests on."""

    compression: Direction
    lowest_level: float
    highest_level: float
    lowest_db: float
    """Level of the difference signal at the lowest level, dB re the baseline."""
    highest_db: float

    def __str__(self) -> str:
        return (
            f"compression {self.compression} with the level: the difference to the baseline is "
            f"{self.lowest_db:.0f} dB at level {self.lowest_level:g} and "
            f"{self.highest_db:.0f} dB at level {self.highest_level:g}"
        )


def measure_direction(baseline: Path, compressed: Path, item: str) -> MeasuredDirection:
    """Compare the difference to the baseline at the lowest and at the highest level.

    Raises AudioError if the two differ by less than 1 dB or cannot be compared.
    """
    levels = folder_of_levels(compressed)
    low, high = min(levels), max(levels)
    low_db = _difference_db(baseline, levels[low], item)
    high_db = _difference_db(baseline, levels[high], item)
    if abs(high_db - low_db) < 1:
        raise AudioError(
            f"{compressed}: the sounds do not show whether compression rises or falls with the "
            f"level (difference to the baseline {low_db:.1f} and {high_db:.1f} dB).",
            "Say it: --compression rises, or --compression falls.",
        )
    return MeasuredDirection(
        compression="rises" if high_db > low_db else "falls",
        lowest_level=low,
        highest_level=high,
        lowest_db=low_db,
        highest_db=high_db,
    )


def _difference_db(baseline: Path, folder: Path, item: str) -> float:
    """Power of (compressed − baseline) re the power of the baseline, dB; at least −200."""
    reference = read_clip(find_clip(baseline, item)).samples
    path = find_clip(folder, item)
    compressed = read_clip(path).samples
    if compressed.shape != reference.shape:
        raise AudioError(
            f"{path} has {compressed.shape[0]} samples in {compressed.shape[1]} channels, its "
            f"baseline {reference.shape[0]} in {reference.shape[1]}.",
            "Render both with the same length and channels.",
        )
    if not reference.size or not np.isfinite([reference.sum(), compressed.sum()]).all():
        raise AudioError(
            f"{path} or its baseline is empty or holds samples that are no numbers.",
            "Render both again.",
        )
    power = float(np.mean(reference**2)) + 1e-20
    return 10 * float(np.log10(max(float(np.mean((compressed - reference) ** 2)) / power, 1e-20)))
