"""The pair gate, first cut: does a compressed clip fit its baseline?

Findings are data. Errors stop a launch; warnings are for the experimenter to weigh.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from jndlab.audio.reading import Clip

Severity = Literal["error", "warning"]

SILENCE_DB = -70.0
"""Root mean square below which a clip counts as silent, dB re full scale."""
CLIPPED_RUN = 3
"""This many equal samples in a row at the clip's peak near full scale count as clipping."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A source file and its place in the study."""

    item: str
    condition: str
    level: float | None
    path: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing found about a clip or a pair."""

    code: str
    severity: Severity
    item: str
    condition: str
    level: float | None
    message: str
    remedy: str

    def __str__(self) -> str:
        place = self.condition if self.level is None else f"{self.condition}/{self.level:g}"
        return f"{self.severity}: {place}/{self.item}: {self.message}\n    {self.remedy}"


def check_clip(clip: Clip) -> Iterator[tuple[str, Severity, str, str]]:
    """Code, severity, message and remedy of everything wrong with one clip."""
    if clip.n_frames == 0:
        yield "empty", "error", "the file holds no samples", "Render it again."
        return
    if clip.n_channels > 2:
        yield "channels", "error", f"{clip.n_channels} channels", "Use mono or stereo."
    if not np.isfinite(clip.samples).all():
        message = "holds samples that are no numbers (NaN or infinite)"
        yield "not-finite", "error", message, "Look for a division by zero in the model."
        return
    rms_db = 20 * np.log10(max(float(np.sqrt(np.mean(clip.samples**2))), 1e-12))
    if rms_db < SILENCE_DB:
        message = f"is silent ({rms_db:.0f} dB re full scale)"
        yield "silent", "error", message, "Render it again, or take the item out."
    if _is_clipped(clip):
        message = "is clipped: several samples in a row stand at full scale"
        yield "clipped", "warning", message, "Lower the level before writing the file."


def check_pair(baseline: Clip, compressed: Clip) -> Iterator[tuple[str, Severity, str, str]]:
    """Code, severity, message and remedy of everything in which a pair must not differ."""
    if compressed.rate_hz != baseline.rate_hz:
        message = f"sample rate {compressed.rate_hz} Hz, but the baseline has {baseline.rate_hz} Hz"
        yield "rate", "error", message, "Render both at the same rate."
    if compressed.n_channels != baseline.n_channels:
        message = f"{compressed.n_channels} channels, but the baseline has {baseline.n_channels}"
        yield "channels", "error", message, "Render both with the same channels."
    if compressed.n_frames != baseline.n_frames:
        difference = compressed.n_frames - baseline.n_frames
        message = (
            f"{compressed.n_frames} samples, but the baseline has {baseline.n_frames} "
            f"({1000 * difference / compressed.rate_hz:+.1f} ms)"
        )
        yield (
            "length",
            "error",
            message,
            "Cut or pad at the render: a different length alone would tell the two apart.",
        )
    elif compressed.samples.shape == baseline.samples.shape and np.array_equal(
        compressed.samples, baseline.samples
    ):
        message = "is identical to the baseline, sample by sample"
        yield "identical", "warning", message, "Check that this level was really rendered."


def _is_clipped(clip: Clip) -> bool:
    peak = float(np.abs(clip.samples).max())
    if peak < 0.985:
        return False
    at_peak = np.abs(clip.samples) >= peak - 1e-6
    runs = at_peak[: -CLIPPED_RUN + 1]
    for shift in range(1, CLIPPED_RUN):
        runs = runs & at_peak[shift : shift - CLIPPED_RUN + 1 or None]
    return bool(runs.any())
