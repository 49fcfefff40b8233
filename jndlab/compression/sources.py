"""Where the sounds of an axis come from: the one thing that the renderer asks."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Protocol

import numpy as np
import soxr

from jndlab.audio.folders import items_in
from jndlab.audio.reading import find_clip, read_clip
from jndlab.compression.axis import Axis, FamilyAxis, Origin, Version
from jndlab.compression.counts import Operations, Parameters, Storage, float_storage
from jndlab.compression.model import Model, Signal
from jndlab.errors import CompressionError
from jndlab.study.trials import Direction

SILENCE_DB = -70.0
"""Root mean square, dB re full scale, below which an item is silent."""
CLIP_SECONDS = 4.0
"""Length that operations are counted for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelFacts:
    """What the manifest says of one version, the same for all items."""

    digest: str
    """Of the model."""
    storage: Storage | None = None
    parameters: Parameters | None = None
    operations: Operations | None = None
    seed: int | None = None
    origin: Origin | None = None
    """None: that of the axis."""
    facts: Mapping[str, float | int | str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceSound:
    """A sound that versions are made from."""

    samples: Signal
    digest: str
    """SHA-256 (hex) of the file or files."""


class Source(Protocol):
    """Graded versions of items, whoever computes them."""

    @property
    def name(self) -> str: ...
    @property
    def unit(self) -> str: ...
    @property
    def compression(self) -> Direction: ...
    @property
    def origin(self) -> Origin: ...
    @property
    def rule(self) -> str: ...
    @property
    def model(self) -> str: ...
    @property
    def rate_hz(self) -> int: ...
    @property
    def levels(self) -> tuple[float, ...]: ...
    @property
    def items(self) -> tuple[str, ...]: ...
    def facts(self, level: float | None) -> LevelFacts:
        """Of the baseline for None."""

    def sound(self, item: str) -> SourceSound:
        """What the versions of an item are made from. Raises CompressionError, AudioError."""

    def fingerprint(self, sound: SourceSound, item: str, level: float | None) -> str:
        """Digest over everything that decides how the item sounds at a level, None: baseline."""

    def baseline(self, sound: SourceSound, item: str) -> Signal:
        """The baseline's output."""

    def version(self, sound: SourceSound, item: str, level: float) -> Signal:
        """The output at a level."""


@dataclass(frozen=True)
class ModelSource:
    """Noisy sounds, enhanced by every version of a model."""

    axis: Axis
    folder: Path
    """Holds ITEM.wav or ITEM.flac, the noisy sounds."""
    wanted: tuple[str, ...] | None = None
    """The items to render; None: all."""

    @property
    def name(self) -> str:
        return self.axis.name

    @property
    def unit(self) -> str:
        return self.axis.unit

    @property
    def compression(self) -> Direction:
        return self.axis.compression

    @property
    def origin(self) -> Origin:
        return self.axis.origin

    @property
    def rule(self) -> str:
        return self.axis.rule

    @property
    def model(self) -> str:
        return self.axis.baseline.name

    @property
    def rate_hz(self) -> int:
        return self.axis.baseline.rate_hz

    @property
    def levels(self) -> tuple[float, ...]:
        return self.axis.levels

    @cached_property
    def items(self) -> tuple[str, ...]:
        return choose_items(self.folder, self.wanted)

    @cached_property
    def _versions(self) -> dict[float, Version]:
        return {}

    def _version(self, level: float) -> Version:
        if level not in self._versions:
            self._versions[level] = self.axis.version(level)
        return self._versions[level]

    def facts(self, level: float | None) -> LevelFacts:
        n_samples = round(CLIP_SECONDS * self.rate_hz)
        if level is None:
            model = self.axis.baseline
            return LevelFacts(
                digest=model.digest,
                storage=_storage_of(model),
                parameters=model.parameters,
                operations=model.operations(n_samples),
                seed=self.axis.baseline_seed if isinstance(self.axis, FamilyAxis) else None,
            )
        version = self._version(level)
        return LevelFacts(
            digest=version.model.digest,
            storage=version.storage,
            parameters=version.parameters,
            operations=version.model.operations(n_samples),
            seed=version.seed,
            origin=version.origin,
            facts=version.facts,
        )

    def sound(self, item: str) -> SourceSound:
        return read_mono(find_clip(self.folder, item), self.rate_hz)

    def fingerprint(self, sound: SourceSound, item: str, level: float | None) -> str:
        return digest_of(sound.digest, self.facts(level).digest)

    def baseline(self, sound: SourceSound, item: str) -> Signal:
        return _enhanced(self.axis.baseline, sound.samples, f"The baseline's output for {item}")

    def version(self, sound: SourceSound, item: str, level: float) -> Signal:
        where = f"The output for {item} at level {level:g}"
        return _enhanced(self._version(level).model, sound.samples, where)


def choose_items(folder: Path, wanted: Sequence[str] | None) -> tuple[str, ...]:
    """All items of a folder, or those wanted. Raises AudioError, CompressionError."""
    there = items_in(folder)
    if wanted is None:
        return tuple(there)
    missing = [item for item in wanted if item not in there]
    if missing:
        raise CompressionError(
            f"{folder} has no {', '.join(missing[:3])}.",
            f"It has {', '.join(there[:5])}{' …' if len(there) > 5 else ''}.",
        )
    return tuple(wanted)


def read_mono(path: Path, rate_hz: int) -> SourceSound:
    """One channel at the model's rate, resampled once with soxr where it has another.

    Raises AudioError for an unreadable file, CompressionError for several channels, silence, and
    samples that are no numbers.
    """
    clip = read_clip(path)
    if clip.n_channels != 1:
        raise CompressionError(
            f"{path} has {clip.n_channels} channels; enhancers here take one.",
            "Keep one channel, or mix them down, before rendering.",
        )
    samples = clip.samples[:, 0]
    if not np.isfinite(samples).all():
        raise CompressionError(
            f"{path} holds samples that are no numbers.", "Write the recording again."
        )
    require_heard(samples, f"{path} is")
    if clip.rate_hz != rate_hz:
        samples = np.asarray(soxr.resample(samples, clip.rate_hz, rate_hz, quality="VHQ"))
    return SourceSound(samples=samples, digest=clip.source_digest)


def require_heard(samples: Signal, what: str) -> None:
    """Raise CompressionError for a sound that is empty or silent."""
    power = float(np.mean(samples**2)) if samples.size else 0.0
    if 10 * np.log10(max(power, 1e-20)) < SILENCE_DB:
        raise CompressionError(
            f"{what} silent: nothing could be told apart in it.",
            "Leave this item out, or look what has become of the recording.",
        )


def _enhanced(model: Model, noisy: Signal, where: str) -> Signal:
    output = model.enhance(noisy)
    if output.shape != noisy.shape:
        raise CompressionError(
            f"{where} has {output.shape[0] if output.ndim == 1 else output.shape} samples, the "
            f"input {noisy.shape[0]}.",
            "A model must give as many samples as it takes: cut its look-ahead, pad its end.",
        )
    if not np.isfinite(output).all():
        raise CompressionError(
            f"{where} holds numbers that are not finite.",
            "The compression broke the model at this level: leave the level out.",
        )
    return np.asarray(output, dtype=np.float64)


def _storage_of(model: Model) -> Storage | None:
    weights = getattr(model, "weights", None)
    return float_storage(weights) if weights else None


def digest_of(*parts: str) -> str:
    """SHA-256 (hex) over texts."""
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
