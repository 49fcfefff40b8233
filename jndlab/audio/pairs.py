"""The pair gate, by form: is a clip sound, and does a compressed one fit its baseline?

What the two sound like beside the compression is looked at in pair_checks.py.

Findings are data. Errors stop a launch; warnings are for the experimenter to weigh.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from jndlab.audio.limits import LIMITS, PairLimits
from jndlab.audio.reading import Clip

Severity = Literal["error", "warning"]

FULL_SCALE = 32767 / 32768
"""Highest sample of 16 bits. What stands there, and not above, was most likely cut off."""
NEAR_FULL_SCALE = 0.985
CLIPPED_RUN = 3
"""This many equal samples in a row at the clip's peak near full scale count as clipping."""
ROUNDING = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A source file and its place in the study."""

    item: str
    condition: str
    level: float | None
    path: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing wrong with a clip or a pair, wherever they stand in the study."""

    code: str
    severity: Severity
    message: str
    remedy: str
    figure: float | None = None
    """What was measured; None where nothing is."""
    limit: float | None = None
    """What the figure, or its size, was held against."""
    unit: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding(Fault):
    """A fault and its place."""

    item: str
    condition: str
    level: float | None

    @classmethod
    def at(cls, source: Source, fault: Fault) -> Finding:
        """The fault, found in that file."""
        return cls(
            code=fault.code,
            severity=fault.severity,
            message=fault.message,
            remedy=fault.remedy,
            figure=fault.figure,
            limit=fault.limit,
            unit=fault.unit,
            item=source.item,
            condition=source.condition,
            level=source.level,
        )

    @property
    def key(self) -> str:
        """Its name as long as the study has this item, condition and level."""
        level = "" if self.level is None else level_text(self.level)
        return f"{self.code}|{self.item}|{self.condition}|{level}"

    def __str__(self) -> str:
        place = self.condition if self.level is None else f"{self.condition}/{self.level:g}"
        return f"{self.severity}: {place}/{self.item}: {self.message}\n    {self.remedy}"


def level_text(level: float) -> str:
    """The shortest text that reads back as this very number."""
    short = f"{level:g}"
    return short if float(short) == level else repr(level)


def check_clip(clip: Clip, *, limits: PairLimits = LIMITS) -> Iterator[Fault]:
    """Everything wrong with one clip by its form."""
    if clip.n_frames == 0:
        yield _error("empty", "the file holds no samples", "Render it again.")
        return
    if clip.n_channels > 2:
        yield _error("channels", f"{clip.n_channels} channels", "Use mono or stereo.")
    if not np.isfinite(clip.samples).all():
        message = "holds samples that are no numbers (NaN or infinite)"
        yield _error("not-finite", message, "Look for a division by zero in the model.")
        return
    rms_db = 20 * np.log10(max(float(np.sqrt(np.mean(clip.samples**2))), 1e-12))
    if rms_db < limits.silent_db:
        yield Fault(
            code="silent",
            severity="error",
            message=f"is silent ({rms_db:.0f} dB re full scale)",
            remedy="Render it again, or take the item out.",
            figure=float(rms_db),
            limit=limits.silent_db,
            unit="dB",
        )
    n_clipped = count_clipped(clip)
    if n_clipped:
        stand = "1 sample stands" if n_clipped == 1 else f"{n_clipped} samples stand"
        yield Fault(
            code="clipped",
            severity="warning",
            message=f"is clipped: {stand} at full scale",
            remedy="Lower the level of all versions alike before writing the files. A sound that "
            "was scaled to reach full scale exactly cannot be told from a clipped one.",
            figure=float(n_clipped),
            limit=0.0,
            unit="samples",
        )


def check_pair(baseline: Clip, compressed: Clip) -> Iterator[Fault]:
    """Everything in which the form of the two files of a pair must not differ."""
    if compressed.rate_hz != baseline.rate_hz:
        message = f"sample rate {compressed.rate_hz} Hz, but the baseline has {baseline.rate_hz} Hz"
        yield _error("rate", message, "Render both at the same rate.")
    if compressed.n_channels != baseline.n_channels:
        message = f"{compressed.n_channels} channels, but the baseline has {baseline.n_channels}"
        yield _error("channels", message, "Render both with the same channels.")
    if compressed.n_frames != baseline.n_frames:
        difference = compressed.n_frames - baseline.n_frames
        yield Fault(
            code="length",
            severity="error",
            message=f"{compressed.n_frames} samples, but the baseline has {baseline.n_frames} "
            f"({1000 * difference / compressed.rate_hz:+.1f} ms)",
            remedy="Cut or pad at the render: a different length alone would tell the two apart.",
            figure=float(difference),
            limit=0.0,
            unit="samples",
        )
    elif compressed.samples.shape == baseline.samples.shape and np.array_equal(
        compressed.samples, baseline.samples
    ):
        is_file = compressed.source_digest == baseline.source_digest
        yield Fault(
            code="identical",
            severity="warning",
            message="is the baseline's very file, byte by byte"
            if is_file
            else "is identical to the baseline, sample by sample",
            remedy="Check that this level was really rendered.",
        )


def _error(code: str, message: str, remedy: str) -> Fault:
    return Fault(code=code, severity="error", message=message, remedy=remedy)


def count_clipped(clip: Clip) -> int:
    """Samples at full scale; short of it or above it, those in runs at the clip's peak.

    ``clip`` is finite and has at least one frame.
    """
    magnitudes = np.abs(clip.samples)
    peak = float(magnitudes.max())
    if FULL_SCALE - ROUNDING <= peak <= 1 + ROUNDING:
        return int(np.count_nonzero(magnitudes >= FULL_SCALE - ROUNDING))
    if peak < NEAR_FULL_SCALE:
        return 0
    at_peak = magnitudes >= peak - 1e-6
    runs = at_peak[: -CLIPPED_RUN + 1]
    for shift in range(1, CLIPPED_RUN):
        runs = runs & at_peak[shift : shift - CLIPPED_RUN + 1 or None]
    return int(np.count_nonzero(at_peak)) if runs.any() else 0
