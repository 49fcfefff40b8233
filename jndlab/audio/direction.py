"""Whether compression rises or falls with the level's number, measured from the sounds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from jndlab.audio.folders import folder_of_levels
from jndlab.audio.pairs import Finding, Source
from jndlab.audio.reading import Clip, Samples, find_clip, read_clip
from jndlab.errors import AudioError
from jndlab.study.definition import StudyDefinition
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


def check_direction(
    study: StudyDefinition, sources: Sequence[Source], loaded: Sequence[Clip]
) -> list[Finding]:
    """A warning for each condition whose sounds contradict the direction in the study file.

    ``sources`` and ``loaded`` are those of one item, the baseline first.
    """
    clips = {
        (source.condition, source.level): clip for source, clip in zip(sources, loaded, strict=True)
    }
    findings = []
    for condition in study.stimuli.conditions:
        levels = condition.by_compression()
        least, most = (
            difference_db(loaded[0].samples, clips[condition.name, level].samples)
            for level in (levels[0], levels[-1])
        )
        if most < least - 1:
            findings.append(
                Finding(
                    code="direction",
                    severity="warning",
                    item=sources[0].item,
                    condition=condition.name,
                    level=levels[-1],
                    message=f"should be the most compressed level, but lies nearer to the "
                    f"baseline ({most:.0f} dB) than level {levels[0]:g} ({least:.0f} dB)",
                    remedy="Look whether compression rises or falls with the level: "
                    f"the study file says it {condition.compression}.",
                )
            )
    return findings


def _difference_db(baseline: Path, folder: Path, item: str) -> float:
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
    return difference_db(reference, compressed)


def difference_db(reference: Samples, compressed: Samples) -> float:
    """Power of (compressed − reference) re the power of the reference, dB; at least −200.

    Both of shape (n_frames, n_channels).
    """
    power = float(np.mean(reference**2)) + 1e-20
    return 10 * float(np.log10(max(float(np.mean((compressed - reference) ** 2)) / power, 1e-20)))
