"""Reading sound files, whole and broken."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf
from builders import make_noise, write_text, write_wav

from jndlab.audio.reading import find_clip, read_clip
from jndlab.errors import AudioError


@pytest.mark.parametrize("subtype", ["PCM_16", "PCM_24", "FLOAT", "DOUBLE"])
@pytest.mark.parametrize("n_channels", [1, 2])
def test_a_clip_comes_as_floats_with_its_shape_and_rate(
    tmp_path: Path, subtype: str, n_channels: int
) -> None:
    samples = make_noise(seed=1, n_channels=n_channels)
    path = tmp_path / "one.wav"
    sf.write(path, samples, 22_050, subtype=subtype)
    clip = read_clip(path)
    assert clip.samples.shape == samples.shape
    assert np.abs(clip.samples - samples).max() < 2**-15
    assert (clip.rate_hz, clip.n_channels) == (22_050, n_channels)
    assert clip.seconds == pytest.approx(4800 / 22_050)
    assert clip.source_digest == hashlib.sha256(path.read_bytes()).hexdigest()


def test_flac_is_read_like_wav(tmp_path: Path) -> None:
    samples = np.rint(make_noise(seed=1) * 2**23) / 2**23
    sf.write(tmp_path / "one.flac", samples, 16_000, subtype="PCM_24")
    wav = write_wav(tmp_path / "wav" / "one.wav", samples)
    flac = read_clip(find_clip(tmp_path, "one"))
    assert np.array_equal(flac.samples, read_clip(wav).samples)


@pytest.mark.parametrize(
    "content", [b"", b"RIFF", b"hello, this is text" * 9, b"\0" * 4000, b"fLaC" + b"\xff" * 99]
)
def test_what_is_no_sound_file_is_an_error_with_its_name(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "one.wav"
    path.write_bytes(content)
    with pytest.raises(AudioError, match=r"one\.wav is no readable sound file") as caught:
        read_clip(path)
    assert "WAV or FLAC" in caught.value.remedy


@pytest.mark.parametrize("n_bytes", [44, 45, 1000, 14_399])
def test_a_file_cut_off_by_a_full_disk_is_no_crash(tmp_path: Path, n_bytes: int) -> None:
    path = write_wav(tmp_path / "one.wav", make_noise(seed=1))
    path.write_bytes(path.read_bytes()[:n_bytes])
    try:
        n_frames = read_clip(path).n_frames
    except AudioError:
        n_frames = 0
    assert n_frames < 4800  # told from the whole: the pair gate sees a different length


def test_a_header_that_promises_hours_is_refused_before_it_takes_memory(tmp_path: Path) -> None:
    path = tmp_path / "one.flac"
    sf.write(path, np.zeros(121 * 8_000), 8_000)
    with pytest.raises(AudioError, match="longer than 120 s"):
        read_clip(path)


def test_missing_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(AudioError, match=r"no file .*one\.wav"):
        read_clip(tmp_path / "one.wav")
    with pytest.raises(AudioError, match=r"has no one\.wav \(or \.flac\)"):
        find_clip(tmp_path, "one")
    with pytest.raises(AudioError, match=r"has no one\.wav"):
        find_clip(write_text(tmp_path / "file", ""), "one")


def test_a_folder_with_the_name_of_a_clip_is_no_clip(tmp_path: Path) -> None:
    (tmp_path / "one.wav").mkdir()
    with pytest.raises(AudioError, match="has no"):
        find_clip(tmp_path, "one")
