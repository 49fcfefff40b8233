"""Tones beside speech: at the stated level, in the stated interval, and nowhere else."""

from __future__ import annotations

import numpy as np
import pytest

from jndlab.audio.audibility_sounds import DEFAULT_SPEECH_DB, speech_level, tone_interval

RATE = 48_000
INTERVAL = round(1.5 * RATE)


def tone_at(target: int, **changes: float) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    settings = {"frequency_hz": 1000.0, "tone_db": -40.0, "speech_db": -26.0} | changes
    return tone_interval(target, RATE, **settings)


def test_the_level_of_speech_leaves_its_pauses_out() -> None:
    rng = np.random.default_rng(1)
    voiced = 0.1 * rng.standard_normal((RATE, 1))
    paused = np.concatenate([np.zeros((RATE, 1)), voiced, 1e-4 * np.ones((RATE, 1))])
    assert speech_level(voiced, RATE) == pytest.approx(-20, abs=0.1)
    assert speech_level(paused, RATE) == pytest.approx(-20, abs=0.3)
    assert speech_level(np.hstack([voiced, voiced]), RATE) == pytest.approx(-20, abs=0.1)


def test_silence_and_a_single_sample_are_no_trouble() -> None:
    assert speech_level(np.zeros((RATE, 1)), RATE) == DEFAULT_SPEECH_DB
    assert speech_level(np.full((1, 1), 0.5), RATE) == pytest.approx(-6.02, abs=0.01)


@pytest.mark.parametrize("target", [1, 2, 3])
def test_the_tone_is_in_one_interval_and_everything_else_is_alike(target: int) -> None:
    sound = tone_at(target)[:, 0]
    parts = sound.reshape(3, INTERVAL)
    others = [part for place, part in enumerate(parts, start=1) if place != target]
    assert np.array_equal(others[0], others[1])
    only_tone = parts[target - 1] - others[0]
    assert np.argmax(np.abs(np.fft.rfft(only_tone))) == 1500  # 1.5 s: two thirds of a hertz a bin
    assert np.abs(only_tone[: round(0.25 * RATE)]).max() == 0
    assert np.abs(only_tone[RATE:]).max() == 0


def test_the_tone_has_the_stated_level_against_the_speech() -> None:
    part = tone_at(1)[:INTERVAL, 0] - tone_at(2)[:INTERVAL, 0]
    middle = part[round(0.3 * RATE) : round(0.4 * RATE)]
    assert 10 * np.log10(np.mean(middle**2)) == pytest.approx(-66, abs=0.05)


@pytest.mark.parametrize("frequency_hz", [40.0, 100.0, 8_000.0, 16_000.0])
def test_the_tone_has_the_stated_frequency_and_no_other_partial(frequency_hz: float) -> None:
    part = tone_at(1, frequency_hz=frequency_hz)[:INTERVAL, 0]
    part = part - tone_at(2, frequency_hz=frequency_hz)[:INTERVAL, 0]
    power = np.abs(np.fft.rfft(part)) ** 2
    centre = round(1.5 * frequency_hz)
    near = power[max(0, centre - 90) : centre + 91].sum()
    assert near > 0.999 * power.sum()


def test_loud_speech_makes_no_tone_that_clips() -> None:
    assert np.abs(tone_at(1, tone_db=0.0, speech_db=0.0)).max() <= 1.0


def test_every_answer_has_the_same_shape() -> None:
    assert len({tone_at(target).shape for target in (1, 2, 3)}) == 1
