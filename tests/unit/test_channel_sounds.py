"""The sounds of the left/right and headphone checks, against the figures of their papers."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from jndlab.audio.channel_sounds import antiphase, huggins, interval_times, left_right

RATES = [44_100, 48_000, 96_000]
TARGETS = [1, 2, 3]
SEEDS = range(6)


def intervals(sound: NDArray[np.float64], rate_hz: int) -> list[NDArray[np.float64]]:
    """The three intervals, shape (n_frames, 2) each."""
    return [sound[round(a * rate_hz) : round(b * rate_hz)] for a, b in interval_times()]


def rms_db(samples: NDArray[np.float64]) -> float:
    return float(10 * np.log10(np.mean(samples**2)))


@pytest.mark.parametrize("rate_hz", RATES)
def test_left_right_sounds_in_one_ear_only(rate_hz: int) -> None:
    left, right = left_right("left", rate_hz), left_right("right", rate_hz)
    assert np.array_equal(left, right[:, ::-1])
    assert np.all(left[:, 1] == 0)
    assert rms_db(left[:, 0]) > -30


@pytest.mark.parametrize("rate_hz", RATES)
@pytest.mark.parametrize("softest", TARGETS)
def test_antiphase_one_tone_is_6_db_softer_and_another_in_antiphase(
    softest: int, rate_hz: int
) -> None:
    for seed in SEEDS:
        parts = intervals(antiphase(softest, seed, rate_hz), rate_hz)
        levels = [rms_db(part) for part in parts]
        others = [level for place, level in enumerate(levels, 1) if place != softest]
        assert others[0] == pytest.approx(others[1], abs=1e-9)
        assert levels[softest - 1] == pytest.approx(others[0] - 6, abs=1e-6)
        signs = [np.sign(np.sum(part[:, 0] * part[:, 1])) for part in parts]
        assert sorted(signs) == [-1, 1, 1]
        assert signs[softest - 1] == 1  # the softer one is in phase


def test_antiphase_loudspeakers_that_cancel_make_the_tone_in_antiphase_the_softest() -> None:
    parts = intervals(antiphase(2, 1, 48_000), 48_000)
    summed = [np.abs(part.sum(axis=1)).max() for part in parts]
    assert np.argmin(summed) != 1
    assert min(summed) < 1e-12


def test_antiphase_the_place_of_the_tone_in_antiphase_comes_from_the_seed() -> None:
    def place(seed: int) -> int:
        parts = intervals(antiphase(2, seed, 48_000), 48_000)
        return [float(np.sum(part[:, 0] * part[:, 1])) < 0 for part in parts].index(True) + 1

    assert {place(seed) for seed in range(20)} == {1, 3}
    assert place(5) == place(5)


@pytest.mark.parametrize("rate_hz", RATES)
def test_antiphase_tones_have_200_hz_and_last_a_second(rate_hz: int) -> None:
    for part in intervals(antiphase(1, 3, rate_hz), rate_hz):
        spectrum = np.abs(np.fft.rfft(part[:, 0]))
        assert np.argmax(spectrum) == 200  # a second long: one bin is 1 Hz
        assert np.abs(part[0]).max() == 0
        assert np.abs(part[-1]).max() < 1e-6


@pytest.mark.parametrize("rate_hz", RATES)
@pytest.mark.parametrize("pitched", TARGETS)
def test_huggins_only_one_interval_differs_between_the_ears_and_only_near_600_hz(
    pitched: int, rate_hz: int
) -> None:
    for place, part in enumerate(intervals(huggins(pitched, 7, rate_hz), rate_hz), start=1):
        difference = part[:, 1] - part[:, 0]
        if place != pitched:
            assert np.abs(difference).max() == 0
            continue
        power = np.abs(np.fft.rfft(difference)) ** 2
        band = slice(round(600 * 0.94) - 20, round(600 * 1.06) + 21)  # the ramps spread a little
        assert power[band].sum() > 0.999 * power.sum()
        inner = slice(round(600 * 0.95), round(600 * 1.05))
        left, right = np.fft.rfft(part[:, 0])[inner], np.fft.rfft(part[:, 1])[inner]
        cosine = np.real(np.vdot(left, right)) / np.linalg.norm(left) / np.linalg.norm(right)
        assert cosine < -0.95  # in antiphase within the band


def test_huggins_neither_ear_alone_holds_a_tone() -> None:
    """The band is as strong as its neighbours in both channels of the target interval."""
    ratios = []
    for seed in range(20):
        part = intervals(huggins(2, seed, 48_000), 48_000)[1]
        for channel in (0, 1):
            power = np.abs(np.fft.rfft(part[:, channel])) ** 2
            around = np.concatenate([power[400:560], power[640:800]])
            ratios.append(power[564:637].mean() / around.mean())
    assert np.mean(ratios) == pytest.approx(1.0, abs=0.06)


def test_huggins_noise_is_white_new_in_every_interval_and_never_clips() -> None:
    sound = huggins(1, 11, 48_000)
    parts = intervals(sound, 48_000)
    power = np.mean([np.abs(np.fft.rfft(part[:, 0])) ** 2 for part in parts], axis=0)
    octaves = [power[250 * 2**n : 500 * 2**n].mean() for n in range(6)]
    assert np.ptp(10 * np.log10(octaves)) < 1.0
    assert np.abs(np.corrcoef(parts[0][:, 0], parts[1][:, 0])[0, 1]) < 0.05
    assert np.abs(sound).max() < 0.5


@pytest.mark.parametrize("make", [antiphase, huggins])
def test_shape_and_silence_do_not_tell_the_answer(make: object) -> None:
    assert callable(make)
    sounds = [make(target, seed, 48_000) for target in TARGETS for seed in SEEDS]
    assert len({sound.shape for sound in sounds}) == 1
    silent = {tuple(np.flatnonzero(np.all(sound == 0, axis=1))[:100]) for sound in sounds}
    assert len(silent) == 1
    assert all(np.array_equal(make(2, 4, 48_000), make(2, 4, 48_000)) for _ in range(2))
