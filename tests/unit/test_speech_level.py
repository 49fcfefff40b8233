"""Active speech level: the properties that ITU-T P.56 states, and its algorithm as written."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from speech import read_pair

from jndlab.audio.speech_level import HANGOVER_SECONDS, speech_level

RATE_HZ = 16_000


def tone(
    level_db: float, seconds: float, *, rate_hz: int = RATE_HZ, frequency_hz: float = 1000.0
) -> NDArray[np.float64]:
    time = np.arange(round(seconds * rate_hz))[:, None] / rate_hz
    return 10 ** (level_db / 20) * np.sqrt(2) * np.sin(2 * np.pi * frequency_hz * time)


def literal(samples: NDArray[np.float64], rate_hz: int) -> tuple[float, float]:
    """Method B as it is written: one sample after the other, a counter for each threshold."""
    g = np.exp(-1 / (rate_hz * 0.03))
    hangover = round(HANGOVER_SECONDS * rate_hz)
    thresholds = 2.0 ** -np.arange(15, 0, -1)
    counts, hang = np.zeros(15), np.full(15, hangover)
    p = q = energy = 0.0
    for sample in samples:
        energy += sample**2
        p = g * p + (1 - g) * abs(sample)
        q = g * q + (1 - g) * p
        above = q >= thresholds
        counts += above | (hang < hangover)
        hang = np.where(above, 0, np.minimum(hang + 1, hangover))
    seen = counts > 0
    levels = 10 * np.log10(energy / counts[seen])
    margins = levels - 20 * np.log10(thresholds[seen])
    level = float(np.interp(-15.9, -margins, levels))
    return level, energy / len(samples) / 10 ** (level / 10)


@pytest.mark.parametrize("level_db", [-12.0, -26.0, -50.0])
@pytest.mark.parametrize("rate_hz", [8_000, 16_000, 48_000])
def test_a_tone_has_its_root_mean_square_and_is_all_but_always_active(
    level_db: float, rate_hz: int
) -> None:
    found = speech_level(tone(level_db, 5, rate_hz=rate_hz), rate_hz)
    assert found is not None
    assert found.active_db == pytest.approx(level_db, abs=0.1)
    assert found.activity > 0.985


@pytest.mark.parametrize("pause_seconds", [1.0, 4.0, 12.0])
def test_pauses_leave_the_level_and_lower_the_activity(pause_seconds: float) -> None:
    sound = tone(-26, 4)
    pause = np.zeros((round(pause_seconds * RATE_HZ), 1))
    alone, with_pauses = (
        speech_level(sound, RATE_HZ),
        speech_level(np.vstack([pause, sound, pause]), RATE_HZ),
    )
    assert alone is not None
    assert with_pauses is not None
    # A hangover of 0.2 s and the envelope's fall count as active.
    assert with_pauses.active_db == pytest.approx(alone.active_db, abs=0.4)
    share = 4 / (4 + 2 * pause_seconds)
    assert with_pauses.activity == pytest.approx(share, rel=0.1)


def test_gaps_up_to_the_hangover_count_as_speech() -> None:
    def gapped(gap_seconds: float) -> float:
        beat = np.vstack([tone(-26, 0.4), np.zeros((round(gap_seconds * RATE_HZ), 1))])
        found = speech_level(np.tile(beat, (12, 1)), RATE_HZ)
        assert found is not None
        return found.activity

    assert gapped(0.15) > 0.97
    assert gapped(1.2) < 0.6


@pytest.mark.parametrize("item", ["harbour", "train"])
def test_it_is_the_algorithm_as_it_is_written(item: str) -> None:
    speech, _ = read_pair(item, "5")
    sound = np.vstack([np.zeros((4000, 1)), speech, np.zeros((9000, 1))])
    found = speech_level(sound, RATE_HZ)
    assert found is not None
    level, activity = literal(sound[:, 0], RATE_HZ)
    assert found.active_db == pytest.approx(level, abs=1e-6)
    assert found.activity == pytest.approx(activity, abs=1e-7)


def test_a_factor_moves_the_level_by_itself_and_channels_count_by_their_mean() -> None:
    speech, _ = read_pair("window", "5")
    whole, half = speech_level(speech, RATE_HZ), speech_level(speech / 2, RATE_HZ)
    stereo = speech_level(np.repeat(speech, 2, axis=1), RATE_HZ)
    assert whole is not None
    assert half is not None
    assert whole.active_db - half.active_db == pytest.approx(20 * np.log10(2), abs=1e-6)
    assert stereo == whole


@pytest.mark.parametrize("samples", [np.zeros((8000, 1)), tone(-90, 1), np.eye(8000, 1)])
def test_near_silence_and_a_lone_click_have_none(samples: NDArray[np.float64]) -> None:
    assert speech_level(samples, RATE_HZ) is None
