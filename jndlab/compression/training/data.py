"""Pairs of noisy and clean speech, in batches: what every training here works on."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soxr
from numpy.typing import NDArray

from jndlab.audio.reading import ENDINGS, read_clip
from jndlab.errors import CompressionError

RATE_HZ = 16000

Sounds = NDArray[np.float32]
"""Shape (n, n_samples), full scale 1.0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairs:
    """Noisy and clean speech of one length."""

    noisy: Sounds
    clean: Sounds
    digest: str
    """SHA-256 (hex) of all samples: the same data or not."""
    description: str
    """In one line, for the model card."""
    rate_hz: int = RATE_HZ

    @classmethod
    def of(cls, noisy: Sounds, clean: Sounds, description: str) -> Pairs:
        """Raises CompressionError unless both have the shape (n, n_samples) and finite values."""
        if noisy.shape != clean.shape or noisy.ndim != 2 or not noisy.size:
            raise CompressionError(
                f"Noisy sounds of shape {noisy.shape} do not fit clean ones of {clean.shape}.",
                "Give as many clean sounds as noisy ones, all of one length.",
            )
        if not (np.isfinite(noisy).all() and np.isfinite(clean).all()):
            raise CompressionError(
                "The sounds for training hold values that are not finite.", "Render them again."
            )
        noisy, clean = (np.ascontiguousarray(part, dtype=np.float32) for part in (noisy, clean))
        digest = hashlib.sha256(f"{noisy.shape}".encode())
        digest.update(noisy.data)
        digest.update(clean.data)
        return cls(noisy=noisy, clean=clean, digest=digest.hexdigest(), description=description)

    def __len__(self) -> int:
        return int(self.noisy.shape[0])

    @property
    def seconds(self) -> float:
        """Of each sound."""
        return float(self.noisy.shape[1] / self.rate_hz)

    def part(self, start: int, end: int) -> Pairs:
        """Some of them, as slices go."""
        text = f"{self.description}, numbers {start} to {end - 1}"
        return Pairs.of(self.noisy[start:end], self.clean[start:end], text)

    def batch(
        self,
        rng: np.random.Generator,
        batch_size: int,
        seconds: float,
        *,
        remix: bool = False,
    ) -> tuple[Sounds, Sounds]:
        """Noisy and clean excerpts at random, each of shape (batch_size, n_samples).

        ``remix`` exchanges the noises within the batch and scales each by -5 to 5 dB, and every
        pair by -6 to 6 dB: many more mixtures from the same pairs (Défossez et al. 2020).
        """
        n_samples = min(round(seconds * self.rate_hz), self.noisy.shape[1])
        chosen = rng.integers(len(self), size=batch_size)
        starts = rng.integers(self.noisy.shape[1] - n_samples + 1, size=batch_size)
        columns = starts[:, None] + np.arange(n_samples)
        noisy, clean = self.noisy[chosen[:, None], columns], self.clean[chosen[:, None], columns]
        if remix:
            gains = _gains(rng, batch_size, 5.0)
            noise = (noisy - clean)[rng.permutation(batch_size)] * gains
            level = _gains(rng, batch_size, 6.0)
            clean = clean * level
            noisy = clean + noise * level
        return noisy, clean

    def batches(
        self, rng: np.random.Generator, batch_size: int, seconds: float, *, remix: bool = False
    ) -> Iterator[tuple[Sounds, Sounds]]:
        """Such batches without end."""
        while True:
            yield self.batch(rng, batch_size, seconds, remix=remix)


def load_pairs(noisy: Path, clean: Path, *, seconds: float = 4.0) -> Pairs:
    """Sounds of two folders, paired by their names; mono, 16 kHz, cut or padded with silence.

    Raises CompressionError for a name without counterpart, AudioError for files that cannot
    be read.
    """
    names = {path.stem: path for path in _sounds(noisy)}
    others = {path.stem: path for path in _sounds(clean)}
    lonely = sorted(set(names) ^ set(others))
    if lonely or not names:
        what = f"{lonely[0]!r} is in one of the two folders only" if lonely else "No sound is there"
        raise CompressionError(
            f"{what}: {noisy}, {clean}.",
            "Noisy and clean sounds need the same names: noisy/a.wav and clean/a.wav.",
        )
    n_samples = round(seconds * RATE_HZ)
    return Pairs.of(
        np.stack([_mono(names[name], n_samples) for name in sorted(names)]),
        np.stack([_mono(others[name], n_samples) for name in sorted(names)]),
        f"{len(names)} recorded pairs of up to {seconds:g} s",
    )


def _gains(rng: np.random.Generator, n: int, limit_db: float) -> NDArray[np.float32]:
    return np.asarray(10 ** (rng.uniform(-limit_db, limit_db, (n, 1)) / 20), dtype=np.float32)


def _sounds(folder: Path) -> list[Path]:
    if not folder.is_dir():
        raise CompressionError(f"There is no folder {folder}.", "Name a folder with WAV files.")
    return [path for path in sorted(folder.iterdir()) if path.suffix.lower() in ENDINGS]


def _mono(path: Path, n_samples: int) -> NDArray[np.float32]:
    clip = read_clip(path)
    mono = clip.samples.mean(axis=1)
    if clip.rate_hz != RATE_HZ:
        mono = soxr.resample(mono, clip.rate_hz, RATE_HZ)
    fitted = np.zeros(n_samples, dtype=np.float32)
    fitted[: min(n_samples, mono.size)] = mono[:n_samples]
    return fitted
