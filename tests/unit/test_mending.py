"""What the gate can mend, in memory: after it, there is nothing left to find."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from builders import make_definition, make_noise
from numpy.typing import NDArray
from speech import as_clip, read_pair, shifted

from jndlab.audio.checking import check_item
from jndlab.audio.loudness import loudness_lufs
from jndlab.audio.mending import CEILING, MendedItem, mend_item
from jndlab.audio.pairs import Finding, Source
from jndlab.audio.reading import Clip

Sound = NDArray[np.float64]
Change = Callable[[Sound], Sound]
NUMBERS = (7, 4, 2, 0)
STUDY = make_definition(
    items=["letters"], condition={"name": "seofp", "folder": "seofp", "levels": list(NUMBERS)}
)
SOURCES = [
    Source(item="letters", condition="baseline", level=None, path=Path("x")),
    *(Source(item="letters", condition="seofp", level=n, path=Path("x")) for n in NUMBERS),
]


def louder(decibels: float) -> Change:
    return lambda sound: sound * 10 ** (decibels / 20)


def muted(n_frames: int) -> Change:
    """Its first frames are lost; with a negative number, its last."""

    def change(sound: Sound) -> Sound:
        sound = sound.copy()
        sound[:n_frames] = 0
        return sound

    return (lambda sound: change(sound[::-1])[::-1]) if n_frames < 0 else change


def clips(changes: Mapping[int, Change], *, baseline: Change = np.copy) -> list[Clip]:
    """Baseline and levels of a sentence of the demo, some of them changed."""
    versions = {level: read_pair("letters", str(level))[1] for level in NUMBERS}
    of_level = [changes.get(n, np.copy)(versions[n]) for n in NUMBERS]
    return [as_clip(one) for one in (baseline(read_pair("letters", "7")[0]), *of_level)]


def mended(loaded: list[Clip]) -> tuple[MendedItem, list[Clip]]:
    item = mend_item(STUDY, SOURCES, loaded)
    assert item is not None
    return item, [
        clip if one.samples is None else replace(clip, samples=one.samples)
        for one, clip in zip(item.versions, loaded, strict=True)
    ]


def found(loaded: list[Clip]) -> list[Finding]:
    return check_item(STUDY, SOURCES, loaded)[0]


ALONE: dict[str, tuple[Change, str]] = {
    "1 sample late": (lambda s: shifted(s, 1), "delay"),
    "400 samples early": (lambda s: shifted(s, -400), "delay"),
    "half a sample late": (lambda s: shifted(s, 0.5), "delay"),
    "7.3 samples early": (lambda s: shifted(s, -7.3), "delay"),
    "0.2 dB": (louder(0.2), "gain"),
    "-3 dB": (louder(-3), "gain"),
    "upside down": (lambda s: -s, "polarity"),
    "offset": (lambda s: s + 0.01, "offset"),
    "2 ms of lead": (lambda s: np.concatenate([np.zeros((32, 1)), s]), "delay"),
    "cut short": (lambda s: s[:-300], "length"),
    "too long": (lambda s: np.concatenate([s, np.zeros((300, 1))]), "length"),
    "begins later": (muted(1000), "leading-silence"),
}


@pytest.mark.parametrize("name", ALONE)
def test_a_planted_fault_is_mended_and_nothing_is_left_to_find(name: str) -> None:
    change, code = ALONE[name]
    loaded = clips({4: change})
    assert found(loaded)
    item, after = mended(loaded)
    assert found(after) == []
    version = item.versions[1 + NUMBERS.index(4)]
    assert code in version.reasons
    assert version.left == ()


def loudness(sound: Sound) -> float:
    lufs = loudness_lufs(sound, 16_000)
    assert lufs is not None
    return lufs


def in_noise(sound: Sound) -> Sound:
    """9 dB from the sound, and as loud as the baseline."""
    noise = make_noise(seed=5, seconds=len(sound) / 16_000) * np.abs(sound)
    noisy = sound + 0.35 * np.std(sound) / np.std(noise) * noise
    return louder(loudness(read_pair("letters", "7")[0]) - loudness(noisy))(noisy)


def test_what_was_matched_in_loudness_stays_as_it_was() -> None:
    loaded = clips({0: in_noise, 4: louder(0.3)})
    item, after = mended(loaded)
    by_level = dict(zip(NUMBERS, item.versions[1:], strict=True))
    assert by_level[4].reasons == ("gain",)
    assert by_level[0].samples is None
    assert found(after) == []


@pytest.mark.parametrize("gain_db", [-0.3, -8.0])
def test_a_factor_beside_a_large_difference_is_taken_out_to_equal_loudness(gain_db: float) -> None:
    """Least squares finds more of it, by what matching the loudness of the noise had taken."""
    loaded = clips({0: lambda s: louder(gain_db)(in_noise(s))})
    item, after = mended(loaded)
    assert "gain" in item.versions[-1].reasons
    assert loudness(after[-1].samples) == pytest.approx(loudness(after[0].samples), abs=0.01)


@pytest.mark.parametrize("delay", [0.5, -7.3, 48.25])
@pytest.mark.parametrize("level", [7, 0])
def test_a_delayed_sound_comes_back_to_where_it_was(delay: float, level: int) -> None:
    loaded = clips({level: lambda s: shifted(s, delay)})
    item, after = mended(loaded)
    place = 1 + NUMBERS.index(level)
    assert item.versions[place].treatment.delay_samples == pytest.approx(delay, abs=0.02)
    original = clips({})[place].samples[item.ends.first : item.ends.last]
    middle = slice(400, -400)
    error = (after[place].samples - original)[middle]
    assert 20 * np.log10(np.std(error) / np.std(original)) < -40


def test_whole_samples_come_back_bit_for_bit() -> None:
    loaded = clips({2: lambda s: np.concatenate([np.zeros((16, 1)), s])})
    item, after = mended(loaded)
    place = 1 + NUMBERS.index(2)
    assert item.versions[place].treatment.delay_samples == 16
    assert np.array_equal(after[place].samples, clips({})[place].samples)


def test_several_faults_of_one_sound_and_of_several_are_mended_together() -> None:
    loaded = clips(
        {
            7: lambda s: -shifted(s, -3.4) * 0.7 + 0.02,
            4: lambda s: np.concatenate([np.zeros((160, 1)), 0.9 * s[:-500]]),
            2: muted(1000),
        }
    )
    item, after = mended(loaded)
    assert found(after) == []
    by_level = dict(zip((None, *NUMBERS), item.versions, strict=True))
    first = by_level[7].treatment
    assert first.inverted
    assert first.delay_samples == pytest.approx(-3.4, abs=0.01)
    assert first.gain_db == pytest.approx(-20 * np.log10(0.7), abs=0.02)
    assert first.offset == pytest.approx([-0.02 / 0.7], abs=1e-3)
    assert by_level[4].treatment.gain_db == pytest.approx(-20 * np.log10(0.9), abs=0.02)
    assert by_level[0].reasons == ()


def test_ends_are_cut_and_faded_in_all_versions_alike() -> None:
    item, after = mended(clips({4: lambda s: shifted(s, 100), 2: muted(1000)}))
    before = clips({})
    assert len({clip.n_frames for clip in after}) == 1
    assert item.ends.first == 1000
    assert item.ends.fade_in
    untouched = slice(item.ends.first + 200, item.ends.last - 200)
    for level in (None, 7, 0):
        place = 0 if level is None else 1 + NUMBERS.index(level)
        inner = after[place].samples[200 : 200 + untouched.stop - untouched.start]
        assert np.array_equal(inner, before[place].samples[untouched])
        assert np.abs(after[place].samples[0]).max() < 1e-4


def test_only_what_a_finding_asks_for_is_touched() -> None:
    loaded = clips({4: louder(-0.5)})
    item, _ = mended(loaded)
    changed = [one.source.level for one in item.versions if one.samples is not None]
    assert changed == [4]
    assert (item.ends.first, item.ends.last) == (0, loaded[0].n_frames)


def test_sounds_in_order_are_left_alone() -> None:
    assert mend_item(STUDY, SOURCES, clips({})) is None


def test_a_baseline_that_has_an_offset_itself_is_brought_to_zero_with_the_version() -> None:
    _, after = mended(clips({4: lambda s: s - 0.02}, baseline=lambda s: s + 0.02))
    for place in (0, 1 + NUMBERS.index(4)):
        assert abs(after[place].samples.mean()) < 1e-6
    assert "offset" not in {finding.code for finding in found(after) if finding.level == 4}


def test_what_would_exceed_full_scale_is_turned_down_with_its_whole_item() -> None:
    scale = 0.99 / max(float(np.abs(clip.samples).max()) for clip in clips({}))
    every = dict.fromkeys(NUMBERS, lambda s: scale * s)
    loaded = clips({**every, 4: lambda s: 0.5 * scale * s}, baseline=lambda s: scale * s)
    # As loud as the others it fits; a version with a peak of its own does not.
    spike = loaded[1 + NUMBERS.index(4)].samples
    spike[np.argmax(np.abs(spike))] *= 1.3
    item, after = mended(loaded)
    assert item.gain_db < -0.1
    assert max(np.abs(clip.samples).max() for clip in after) <= CEILING + 1e-12
    for place, clip in enumerate(after):
        assert item.versions[place].samples is not None
        if place not in (0, 1 + NUMBERS.index(4)):
            ratio = clip.samples.std() / loaded[place].samples.std()
            assert 20 * np.log10(ratio) == pytest.approx(item.gain_db, abs=0.01)


def test_a_sound_that_lacks_a_syllable_is_left_and_the_others_are_mended() -> None:
    loaded = clips({7: lambda s: s[:-12_000], 4: lambda s: shifted(s, 2)})
    item, after = mended(loaded)
    by_level = dict(zip((None, *NUMBERS), item.versions, strict=True))
    assert by_level[7].samples is None
    assert "750 ms of sound" in by_level[7].left[0]
    assert [(one.code, one.level) for one in found(after)] == [("length", 7)]
    assert by_level[4].treatment.delay_samples == 2


def test_another_utterance_is_not_fitted_to_the_baseline() -> None:
    other = read_pair("train", "4")[1]
    loaded = clips({4: lambda s: np.resize(other, s.shape)})
    assert "unrelated" in {finding.code for finding in found(loaded)}
    item = mend_item(STUDY, SOURCES, loaded)
    assert item is None or item.versions[1 + NUMBERS.index(4)].treatment.delay_samples == 0


def test_nothing_is_done_where_the_baseline_cannot_be_used() -> None:
    loaded = clips({4: lambda s: s[:-100]}, baseline=lambda s: s * np.nan)
    assert mend_item(STUDY, SOURCES, loaded) is None


def test_a_version_of_another_rate_is_passed_over() -> None:
    loaded = clips({4: lambda s: -s})
    loaded[1] = replace(loaded[1], rate_hz=8_000)
    item, after = mended(loaded)
    assert item.versions[1].samples is None
    assert {finding.code for finding in found(after)} == {"rate"}


def test_stereo_is_mended_with_both_channels_alike() -> None:
    loaded = [
        replace(clip, samples=np.hstack([clip.samples, 0.5 * clip.samples]))
        for clip in clips({2: lambda s: -shifted(s, 5.5)})
    ]
    item, after = mended(loaded)
    assert found(after) == []
    left, right = after[1 + NUMBERS.index(2)].samples.T
    assert np.abs(right - 0.5 * left).max() < 1e-6
    assert item.versions[1 + NUMBERS.index(2)].treatment.inverted


def test_noise_shorter_than_a_window_is_mended_or_left_but_never_broken() -> None:
    noise = make_noise(seed=5, seconds=0.004)
    loaded = [as_clip(noise), *(as_clip(noise[: 64 - n]) for n in range(len(NUMBERS)))]
    item = mend_item(STUDY, SOURCES, loaded)
    assert item is not None
    assert {len(one.samples) for one in item.versions if one.samples is not None} == {61}
