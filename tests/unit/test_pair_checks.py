"""The pair gate over speech: planted faults are found, clean graded pairs raise no alarm."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from builders import make_noise
from numpy.typing import NDArray
from speech import ITEMS, LEVELS, as_clip, low_passed, read_pair, shifted

from jndlab.audio.limits import PairLimits
from jndlab.audio.pair_checks import check_likeness
from jndlab.audio.pair_figures import measure_pair
from jndlab.audio.pairs import Fault

Change = Callable[[NDArray[np.float64]], NDArray[np.float64]]
RATE_HZ = 16_000


def faults(baseline: NDArray[np.float64], compressed: NDArray[np.float64]) -> list[Fault]:
    one, other = as_clip(baseline), as_clip(compressed)
    return list(check_likeness(one, other, measure_pair(one, other)))


def silent_start(samples: NDArray[np.float64]) -> NDArray[np.float64]:
    changed = samples.copy()
    changed[: round(0.2 * RATE_HZ)] = 0
    return changed


def one_off(samples: NDArray[np.float64]) -> NDArray[np.float64]:
    changed = samples.copy()
    changed[10_000] += 0.2
    return changed


FAULTS: dict[str, tuple[Change, tuple[str, str], str]] = {
    "3 ms late": (lambda s: shifted(s, 48), ("delay", "error"), "48.00 samples (3 ms) later"),
    "1 sample early": (lambda s: shifted(s, -1), ("delay", "error"), "samples (0.062"),
    "a third of a sample": (lambda s: shifted(s, 1 / 3), ("delay", "warning"), "later"),
    "upside down": (lambda s: -s, ("polarity", "error"), "upside down"),
    "1.5 dB": (lambda s: 10 ** (1.5 / 20) * s, ("gain", "error"), "1.5"),
    "-0.3 dB": (lambda s: 10 ** (-0.3 / 20) * s, ("gain", "warning"), "0.30 dB softer"),
    "0.2 dB": (lambda s: 10 ** (0.2 / 20) * s, ("gain", "warning"), "0.20 dB louder"),
    "2 ms late": (lambda s: shifted(s, 32), ("delay", "error"), "(2 ms) later"),
    "a sample off": (one_off, ("click", "warning"), "at 0.625 s"),
    "offset": (lambda s: s + 0.01, ("offset", "warning"), "+0.0100 of full scale"),
    "starts later": (silent_start, ("leading-silence", "warning"), "begins with 200"),
    "ends sooner": (lambda s: silent_start(s[::-1])[::-1], ("trailing-silence", "warning"), "200"),
    "narrower": (lambda s: low_passed(s, 3500), ("bandwidth", "warning"), "up to 3.6 kHz"),
}


@pytest.mark.parametrize("item", ITEMS)
@pytest.mark.parametrize("name", FAULTS)
def test_a_planted_fault_is_found_and_no_other(name: str, item: str) -> None:
    change, expected, words = FAULTS[name]
    baseline, compressed = read_pair(item, "5")
    found = faults(baseline, change(compressed))
    assert [(fault.code, fault.severity) for fault in found] == [expected]
    (fault,) = found
    assert words in fault.message
    assert fault.remedy
    assert fault.figure is not None
    assert fault.limit is not None
    assert abs(fault.figure) > fault.limit - 0.05


@pytest.mark.parametrize("gain_db", [0.2, -0.2])
@pytest.mark.parametrize("item", ITEMS)
@pytest.mark.parametrize("level", ["5", "3", "2"])
def test_a_fifth_of_a_decibel_is_found_from_33_db_on(item: str, level: str, gain_db: float) -> None:
    baseline, compressed = read_pair(item, level)
    (fault,) = faults(baseline, 10 ** (gain_db / 20) * compressed)
    assert fault.code == "gain"
    assert fault.figure == pytest.approx(gain_db, abs=0.03)


@pytest.mark.parametrize("difference_db", [-24, -12, -6])
@pytest.mark.parametrize("item", ITEMS)
def test_what_was_matched_in_loudness_is_no_gain(item: str, difference_db: float) -> None:
    """The difference takes its share of the loudness, and least squares finds less of the sound."""
    baseline, _ = read_pair(item, "0")
    error = make_noise(seed=3, seconds=len(baseline) / RATE_HZ) * np.abs(baseline)
    error *= np.sqrt(np.mean(baseline**2) / np.mean(error**2)) * 10 ** (difference_db / 20)
    sound = baseline + error
    louder_by = measure_pair(as_clip(baseline), as_clip(sound)).loudness_lu
    assert louder_by is not None
    matched = 10 ** (-louder_by / 20) * sound
    figures = measure_pair(as_clip(baseline), as_clip(matched))
    assert figures.loudness_lu == pytest.approx(0.0, abs=1e-6)
    assert figures.gain_db is not None
    assert difference_db < -20 or figures.gain_db < -0.15
    assert not {fault.code for fault in faults(baseline, matched)} & {"gain", "loudness"}
    for gain_db in (0.7, -0.7):
        codes = {fault.code for fault in faults(baseline, 10 ** (gain_db / 20) * matched)}
        assert codes & {"gain", "loudness"}


def test_a_loudness_that_goes_against_the_gain_is_said() -> None:
    """Noise makes the pair louder, though what the two have in common became softer."""
    baseline, _ = read_pair("train", "0")
    noise = make_noise(seed=6, seconds=len(baseline) / RATE_HZ)
    noise *= 0.6 * np.std(baseline) / np.std(noise)
    (fault,) = (one for one in faults(baseline, 0.95 * baseline + noise) if one.code != "bandwidth")
    assert fault.code == "loudness"
    assert fault.figure is not None
    assert fault.figure > 0.5


def test_another_spectrum_of_equal_loudness_leaves_the_speech_level_alone() -> None:
    baseline, _ = read_pair("train", "5")
    rumble = low_passed(make_noise(seed=8, seconds=len(baseline) / RATE_HZ), 80)
    rumble *= low_passed(np.abs(baseline), 20)
    fuller = baseline + 0.7 * np.std(baseline) / np.std(rumble) * rumble
    figures = measure_pair(as_clip(baseline), as_clip(fuller))
    matched = 10 ** (-(figures.loudness_lu or 0) / 20) * fuller
    figures = measure_pair(as_clip(baseline), as_clip(matched))
    assert figures.speech_level_db is not None
    assert figures.speech_level_db > 0.7
    assert faults(baseline, matched) == []


def test_a_sound_that_sets_in_2_ms_late_is_found() -> None:
    baseline, compressed = read_pair("harbour", "3")
    start = int(np.argmax(np.abs(baseline) > 0.02))
    one, other = baseline.copy(), compressed.copy()
    one[:start] = other[:start] = 0
    assert faults(one, other) == []
    other[: start + 32] = 0
    (fault,) = (one for one in faults(one, other) if one.code != "click")
    assert (fault.code, fault.unit) == ("leading-silence", "ms")
    assert fault.figure == pytest.approx(2.0, abs=0.3)


def test_limits_decide_what_is_found() -> None:
    baseline, compressed = read_pair("train", "4")
    louder, other = as_clip(baseline), as_clip(1.06 * compressed)
    figures = measure_pair(louder, other)
    assert [fault.code for fault in check_likeness(louder, other, figures)] == ["gain"]
    wide = PairLimits(gain_warning_db=0.6, loudness_warning_lu=0.8, speech_level_warning_db=1.0)
    assert list(check_likeness(louder, other, figures, limits=wide)) == []


def test_pauses_that_are_filled_change_the_active_speech_level_alone() -> None:
    word, pause = make_noise(seed=4, seconds=0.6), 0.016 * make_noise(seed=5, seconds=1)
    baseline = np.tile(np.vstack([word, pause]), (4, 1))
    filled = np.tile(np.vstack([word, 8 * pause]), (4, 1))
    (fault,) = faults(baseline, filled)
    assert (fault.code, fault.severity) == ("speech-level", "warning")
    assert fault.figure == pytest.approx(-1.06, abs=0.1)
    assert "below the baseline's, active 72% against 55%" in fault.message


@pytest.mark.parametrize("name", ["3 ms late", "upside down", "offset", "a third of a sample"])
@pytest.mark.parametrize("item", ITEMS)
def test_a_fault_is_found_behind_heavy_compression_too(name: str, item: str) -> None:
    change, expected, _ = FAULTS[name]
    baseline, compressed = read_pair(item, "0")
    found = {(fault.code, fault.severity) for fault in faults(baseline, change(compressed))}
    assert found == {expected}


@pytest.mark.parametrize("item", ITEMS)
@pytest.mark.parametrize("level", LEVELS)
def test_clean_graded_pairs_raise_no_alarm(item: str, level: str) -> None:
    assert faults(*read_pair(item, level)) == []


@pytest.mark.parametrize("difference_db", [-30, -15, -5])
@pytest.mark.parametrize("seed", range(8))
def test_a_difference_that_grows_raises_no_alarm(difference_db: float, seed: int) -> None:
    """The difference of the most compressed version, amplified; and noise in its place."""
    baseline, compressed = read_pair(ITEMS[seed % len(ITEMS)], "0")
    error = compressed - baseline
    if seed >= len(ITEMS):
        error = make_noise(seed=seed, seconds=len(baseline) / RATE_HZ)
    factor = np.sqrt(np.mean(baseline**2) / np.mean(error**2)) * 10 ** (difference_db / 20)
    found = faults(baseline, baseline + factor * error)
    # So much added noise is louder, which is said; it is neither late nor amplified.
    assert {fault.code for fault in found} <= {"loudness", "bandwidth"}
    assert difference_db > -15 or not found


def test_a_change_of_loudness_that_is_no_factor_is_a_warning() -> None:
    baseline, compressed = read_pair("window", "4")
    louder = compressed.copy()
    louder[len(louder) // 4 : len(louder) // 3] *= 2
    (fault,) = faults(baseline, louder)
    assert (fault.code, fault.severity) == ("loudness", "warning")
    assert "LU louder" in fault.message


def test_a_large_gain_that_comes_with_compression_does_not_block() -> None:
    baseline, compressed = read_pair("train", "0")
    error = 3 * (compressed - baseline)
    found = faults(baseline, 1.15 * baseline + error)
    assert {fault.severity for fault in found} == {"warning"}
    assert {fault.code for fault in found} == {"loudness"}


def test_another_utterance_is_unrelated_and_nothing_else_is_said_of_its_place() -> None:
    baseline, _ = read_pair("harbour", "0")
    _, other = read_pair("train", "0")
    n_frames = min(len(baseline), len(other))
    codes = {fault.code for fault in faults(baseline[:n_frames], other[:n_frames])}
    assert "unrelated" in codes
    assert not codes & {"delay", "gain", "polarity"}


def test_equal_sounds_have_no_further_faults() -> None:
    baseline, _ = read_pair("harbour", "0")
    assert faults(baseline, baseline) == []


@pytest.mark.parametrize("n_frames", [1, 2, 7, 63, 300])
def test_very_short_sounds_are_measured_as_far_as_they_can_be(n_frames: int) -> None:
    baseline = make_noise(seed=1)[:n_frames]
    one, other = as_clip(baseline), as_clip(0.5 * baseline)
    figures = measure_pair(one, other)
    assert figures.difference_db == pytest.approx(-6.02, abs=0.01)
    assert {fault.code for fault in check_likeness(one, other, figures)} <= {"gain", "loudness"}
