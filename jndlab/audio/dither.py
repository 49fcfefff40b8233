"""Rounding to 24 bits with dither, for sounds that were changed in between.

Triangular noise of two units, added before rounding, makes the error of rounding white and its mean
and power independent of the sound (S. P. Lipshitz, R. A. Wannamaker & J. Vanderkooy, "Quantization
and dither: a theoretical survey", Journal of the Audio Engineering Society 40 (1992) 355-375).
"""

from __future__ import annotations

import hashlib

import numpy as np

from jndlab.audio.pcm import FULL_SCALE, Integers, quantise
from jndlab.audio.reading import Samples


def dithered(samples: Samples, seed: int) -> Integers:
    """Samples (full scale 1.0) as 24-bit integers of the same shape.

    The noise is fixed by ``seed``. What lies on the steps of 24 bits already is not touched.
    """
    scaled = samples * FULL_SCALE
    if np.array_equal(scaled, np.rint(scaled)):
        return quantise(samples)
    rng = np.random.default_rng(seed)
    noise = rng.random(samples.shape) - rng.random(samples.shape)
    return quantise((scaled + noise) / FULL_SCALE)


def seed_of(text: str) -> int:
    """A seed that is always the same for the same text."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")
