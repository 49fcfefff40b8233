"""Noisy speech without recordings: synthesised sentences in synthesised noise."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from jndlab.compression.training.data import RATE_HZ, Pairs, Sounds
from jndlab.compression.training.noises import KINDS, Sound, noise
from jndlab.compression.training.talkers import (
    TALKERS,
    Talker,
    sentences,
    speak,
    synthesiser_version,
)
from jndlab.files import replacing

SNR_DB = (-5.0, 15.0)
"""Of the mixtures: drawn evenly from this range."""
_PEAK = 0.9


def synthesise_pairs(
    n: int,
    seconds: float = 4.0,
    seed: int = 1,
    *,
    talkers: Sequence[Talker] = TALKERS,
    kinds: Sequence[str] = KINDS,
    snr_db: tuple[float, float] = SNR_DB,
    held_out: bool = False,
    cache: Path | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Pairs:
    """So many different sentences in noise, mono at 16 kHz; the same for the same seed.

    Every talker speaks in turn; kinds of noise and signal-to-noise ratio are drawn at random,
    the latter evenly between the two values of ``snr_db``. The speech lies at -34 to -18 dB
    (RMS, full scale 1.0). ``held_out``: sentences that no training has. ``cache`` is a
    folder: pairs that were made before are read from it. ``progress(done, n)`` is called after
    each sentence. Raises CompressionError where flite or eSpeak NG is missing.
    """
    description = (
        f"{n} synthetic sentences of {seconds:g} s (flite, eSpeak NG; seed {seed}) in synthetic "
        f"noise ({', '.join(kinds)}) at {snr_db[0]:g} to {snr_db[1]:g} dB"
    )
    told = repr((n, seconds, seed, tuple(talkers), tuple(kinds), tuple(snr_db), held_out))
    key = hashlib.sha256(told.encode()).hexdigest()[:16]
    stored = cache / f"pairs-{key}.npz" if cache else None
    if stored is not None and stored.is_file():
        with np.load(stored) as file:
            return Pairs.of(file["noisy"], file["clean"], description)
    rng = np.random.default_rng(seed)
    voices = _voices(sentences(n, rng, held_out=held_out), talkers, rng, progress)
    n_samples = round(seconds * RATE_HZ)
    noisy, clean = np.empty((2, n, n_samples), dtype=np.float32)
    for row, voice in enumerate(voices):
        clean[row] = _placed(voice, n_samples, rng)
        kind = kinds[int(rng.integers(len(kinds)))]
        added = noise(kind, n_samples, voices, rng)
        noisy[row] = clean[row] + added * _noise_rms(clean[row], float(rng.uniform(*snr_db)))
        _keep_below_full_scale(noisy, clean, row)
    if stored is not None:
        with replacing(stored) as temporary, temporary.open("wb") as file:
            np.savez(file, noisy=noisy, clean=clean)
    return Pairs.of(noisy, clean, description)


def synthesisers() -> str:
    """Versions of the speech synthesisers, for the record of a training."""
    versions = (synthesiser_version(program) for program in ("flite", "espeak-ng"))
    return "; ".join(version for version in versions if version)


def _voices(
    texts: Sequence[str],
    talkers: Sequence[Talker],
    rng: np.random.Generator,
    progress: Callable[[int, int], None] | None,
) -> list[Sound]:
    spoken = []
    for index, text in enumerate(texts):
        talker = talkers[index % len(talkers)]
        spoken.append(speak(talker, text, float(rng.uniform(0.9, 1.15))))
        if progress is not None:
            progress(index + 1, len(texts))
    return spoken


def _placed(voice: Sound, n_samples: int, rng: np.random.Generator) -> Sound:
    """The sentence at a random level, at a random place of a silent sound, or an excerpt of it."""
    placed = np.zeros(n_samples, dtype=np.float32)
    spare = n_samples - voice.size
    if spare >= 0:
        start = int(rng.integers(spare + 1))
        placed[start : start + voice.size] = voice
    else:
        start = int(rng.integers(-spare + 1))
        placed[:] = voice[start : start + n_samples]
    rms = 10 ** (float(rng.uniform(-34.0, -18.0)) / 20)
    return np.asarray(placed * rms / max(_rms(voice), 1e-9), dtype=np.float32)


def _noise_rms(clean: Sound, snr_db: float) -> float:
    """Root mean square of the noise for a signal-to-noise ratio over the part with speech."""
    speech = clean[np.abs(clean) > 0]
    return _rms(speech) * 10 ** (-snr_db / 20) if speech.size else 1e-3


def _keep_below_full_scale(noisy: Sounds, clean: Sounds, row: int) -> None:
    peak = float(np.abs(noisy[row]).max())
    if peak > _PEAK:
        noisy[row] *= _PEAK / peak
        clean[row] *= _PEAK / peak


def _rms(sound: Sound) -> float:
    return float(np.sqrt(np.mean(np.square(sound, dtype=np.float64))))
