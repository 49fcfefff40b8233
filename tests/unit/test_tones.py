"""The beeps of the sound check can be counted, and nothing else tells their number."""

from __future__ import annotations

import numpy as np
import pytest

from jndlab.audio.pcm import encode_wav, quantise
from jndlab.audio.tones import LEVEL_DB, MAX_BEEPS, MIN_BEEPS, beeps

COUNTS = range(MIN_BEEPS, MAX_BEEPS + 1)


@pytest.mark.parametrize("rate_hz", [44_100, 48_000, 96_000])
@pytest.mark.parametrize("n_beeps", COUNTS)
def test_beeps_can_be_counted_by_their_pauses(n_beeps: int, rate_hz: int) -> None:
    sound = np.abs(beeps(n_beeps, rate_hz)[:, 0])
    window = rate_hz // 50
    loud = sound[: sound.size // window * window].reshape(-1, window).max(axis=1) > 0.01
    assert np.sum(np.diff(loud.astype(int), prepend=0) == 1) == n_beeps
    assert not loud[-1]


@pytest.mark.parametrize("rate_hz", [44_100, 48_000, 96_000])
def test_neither_length_nor_size_of_the_file_tells_the_number(rate_hz: int) -> None:
    sizes = {len(encode_wav(quantise(beeps(count, rate_hz)), rate_hz)) for count in COUNTS}
    assert len(sizes) == 1


def test_beeps_are_not_loud_and_begin_and_end_without_a_click() -> None:
    sound = beeps(MAX_BEEPS, 48_000)[:, 0]
    assert np.abs(sound).max() == pytest.approx(10 ** (LEVEL_DB / 20), rel=1e-3)
    # A sine of that level and frequency never moves faster than this from sample to sample.
    assert np.abs(np.diff(sound)).max() <= 0.1 * 2 * np.pi * 660 / 48_000 * 1.01
    assert sound[0] == sound[-1] == 0
