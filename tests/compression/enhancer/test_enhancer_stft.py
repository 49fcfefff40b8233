"""Spectra give the sound back, to the sample."""

from __future__ import annotations

import numpy as np
import pytest

from jndlab.compression.enhancer.stft import Framing
from jndlab.errors import CompressionError


@pytest.mark.parametrize("n_samples", [1, 255, 256, 257, 511, 512, 513, 4000, 16000, 16001])
def test_unchanged_spectra_give_the_sound_back(n_samples: int) -> None:
    framing = Framing()
    sound = np.random.default_rng(n_samples).standard_normal(n_samples)
    spectra = framing.analyse(sound)
    assert spectra.shape == (framing.n_frames(n_samples), 257)
    np.testing.assert_allclose(framing.synthesise(spectra, n_samples), sound, atol=1e-12)


def test_a_frame_holds_the_sound_under_the_window() -> None:
    framing = Framing(16, 8)
    sound = np.random.default_rng(1).standard_normal(64)
    spectra = framing.analyse(sound)
    expected = np.fft.rfft(sound[8:24] * framing.window)
    np.testing.assert_allclose(spectra[2], expected, atol=1e-12)  # frame 0 begins 8 before


@pytest.mark.parametrize("n_samples", [1, 100, 256, 1000])
def test_every_sample_lies_in_two_frames(n_samples: int) -> None:
    framing = Framing()
    before, after = framing.padding(n_samples)
    assert before == framing.hop
    assert after >= framing.hop
    n_padded = before + n_samples + after
    assert (n_padded - framing.frame) % framing.hop == 0
    assert (n_padded - framing.frame) // framing.hop + 1 == framing.n_frames(n_samples)


@pytest.mark.parametrize(("frame", "hop"), [(512, 128), (0, 0), (512, 512)])
def test_other_overlaps_are_refused(frame: int, hop: int) -> None:
    with pytest.raises(CompressionError, match="cannot be put together"):
        Framing(frame, hop)
