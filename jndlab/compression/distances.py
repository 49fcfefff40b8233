"""How far a compressed version lies from the baseline's output: figures beside the curve.

All are taken against the *baseline output*, never against clean speech: an average score against
clean speech hardly moves with compression, while listeners compare with the baseline.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass, fields
from functools import lru_cache

import numpy as np
import soxr
from numpy.typing import NDArray
from scipy.signal import ShortTimeFFT
from scipy.signal.windows import hann

from jndlab.compression.extras import is_installed, require
from jndlab.compression.model import Signal

SAME_DB = 200.0
"""Difference SNR of equal sounds."""
SCORE_RATE_HZ = 16_000
"""PESQ's wide-band mode is defined for this rate alone."""

FRAME_SECONDS = 0.032
LISTENING_DB = 65.0
"""Level of the baseline, dB SPL, that the threshold in quiet is set against."""
MASKER_OFFSET_DB = 5.5
"""Noise masked by noise: difference and baseline of an enhancer are both noise-like in a band.
Tones in noise need 14.5 dB (Johnston 1988); that stricter offset marks most frames of pairs that
nobody tells apart."""
_FLOOR = 1e-20

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Distances:
    """Of one version of one item to the baseline output."""

    difference_snr_db: float
    """Power of the baseline over power of the difference; 200 for equal sounds."""
    pesq: float | None
    """PESQ-WB (ITU-T P.862.2), baseline as the reference; None where it is not installed."""
    stoi: float | None
    """STOI (Taal et al. 2011), baseline as the reference; None where it is not installed."""
    frames_above_mask: float
    """Share of frames in which the difference exceeds an estimate of the masked threshold."""


NAMES = tuple(one.name for one in fields(Distances))


def measure_distances(
    baseline: Signal, version: Signal, rate_hz: int, *, scores: bool = True
) -> Distances:
    """Both of shape (n_samples,) and aligned. ``scores``: PESQ and STOI, where installed."""
    pesq = stoi = None
    if scores:
        one, other = (_at_score_rate(sound, rate_hz) for sound in (baseline, version))
        pesq, stoi = _pesq(one, other), _stoi(one, other)
    return Distances(
        difference_snr_db=difference_snr_db(baseline, version),
        pesq=pesq,
        stoi=stoi,
        frames_above_mask=share_above_mask(baseline, version - baseline, rate_hz),
    )


def missing_scores() -> tuple[str, ...]:
    """Packages of the extra ``scores`` that are not installed."""
    return tuple(name for name in ("pesq", "pystoi") if not is_installed(name))


def difference_snr_db(baseline: Signal, version: Signal) -> float:
    """Power of the baseline re the power of (version - baseline), dB; at most 200."""
    difference = float(np.sum((version - baseline) ** 2))
    power = float(np.sum(baseline**2))
    return min(SAME_DB, 10 * float(np.log10((power + _FLOOR) / max(difference, _FLOOR * 1e-6))))


def share_above_mask(baseline: Signal, difference: Signal, rate_hz: int) -> float:
    """Share of 32 ms frames in which some critical band of the difference would be heard.

    An estimate, not a model of hearing: the baseline's power in bands of one Bark (Zwicker 1961),
    spread over the basilar membrane (Schroeder, Atal and Hall 1979, eq. 3), lowered by
    :data:`MASKER_OFFSET_DB`, and not below the threshold in quiet (Terhardt 1979, eq. 5) with the
    baseline at 65 dB SPL. Temporal masking is left out.
    """
    power = float(np.mean(baseline**2))
    if power <= _FLOOR:
        return float(np.any(difference != 0))
    scale = 10 ** (LISTENING_DB / 10) / power
    masker, probe = (_band_powers(sound, rate_hz) * scale for sound in (baseline, difference))
    bands = _bands(rate_hz)
    threshold = bands.spreading @ masker * 10 ** (-MASKER_OFFSET_DB / 10)
    heard = probe > np.maximum(threshold, bands.quiet[:, None])
    return float(heard.any(axis=0).mean())


@dataclass(frozen=True, slots=True)
class _Bands:
    weights: Floats
    """(n_bands, n_bins): which bins belong to a band."""
    spreading: Floats
    """(n_bands, n_bands): power that a band's masker has in another band."""
    quiet: Floats
    """Threshold in quiet, power re 0 dB SPL."""


@lru_cache(maxsize=4)
def _bands(rate_hz: int) -> _Bands:
    frame = _frame(rate_hz)
    hz = np.arange(frame // 2 + 1, dtype=np.float64) * rate_hz / frame
    bark = bark_of(hz)
    n_bands = int(bark[-1]) + 1
    weights = np.zeros((n_bands, hz.size))
    weights[np.clip(bark.astype(int), 0, n_bands - 1), np.arange(hz.size)] = 1.0
    weights = weights[weights.any(axis=1)]
    centres = weights @ bark / weights.sum(axis=1)
    away = centres[:, None] - centres[None, :] + 0.474
    spreading = 10 ** ((15.81 + 7.5 * away - 17.5 * np.sqrt(1 + away**2)) / 10)
    khz = np.maximum(weights @ hz / weights.sum(axis=1), 20.0) / 1000
    quiet = 3.64 * khz**-0.8 - 6.5 * np.exp(-0.6 * (khz - 3.3) ** 2) + 1e-3 * khz**4
    return _Bands(weights, spreading, 10 ** (quiet / 10))


def bark_of(hz: Floats) -> Floats:
    """Critical-band rate (Zwicker and Terhardt 1980, eq. 1)."""
    return np.asarray(13 * np.arctan(0.76e-3 * hz) + 3.5 * np.arctan((hz / 7500) ** 2))


def _frame(rate_hz: int) -> int:
    return 2 * round(FRAME_SECONDS * rate_hz / 2)


def _band_powers(sound: Signal, rate_hz: int) -> Floats:
    """Power in every band and frame, (n_bands, n_frames), so that a tone has its own power."""
    frame = _frame(rate_hz)
    window = hann(frame, sym=False)
    padded = np.pad(sound, (0, max(0, frame - sound.size)))
    spectra = ShortTimeFFT(window, frame // 2, fs=rate_hz).stft(padded)
    power = 2 * np.abs(spectra) ** 2 / (frame * float(np.sum(window**2)))
    return np.asarray(_bands(rate_hz).weights @ power)


def _at_score_rate(sound: Signal, rate_hz: int) -> Signal:
    if rate_hz == SCORE_RATE_HZ:
        return sound
    return np.asarray(soxr.resample(sound, rate_hz, SCORE_RATE_HZ, quality="VHQ"))


def _pesq(baseline: Signal, version: Signal) -> float | None:
    """None where it is not installed, or finds no speech in the sound."""
    if not is_installed("pesq"):
        return None
    library = require("pesq")
    try:
        return float(library.pesq(SCORE_RATE_HZ, baseline, version, "wb"))
    except library.PesqError:  # no utterance detected, or shorter than a quarter of a second
        return None


def _stoi(baseline: Signal, version: Signal) -> float | None:
    """None where it is not installed, or the sound has too little speech for it."""
    if not is_installed("pystoi"):
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)  # it returns 1e-5 for too short a sound
        try:
            return float(require("pystoi").stoi(baseline, version, SCORE_RATE_HZ))
        except (RuntimeWarning, ValueError):
            return None
