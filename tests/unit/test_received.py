"""Sound files as people send them: whole ones pass, and each other kind is told apart."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf

from jndlab.audio.received import check_received
from jndlab.errors import AudioError

RATE = 16_000


def make_sound(path: Path, **options: object) -> Path:
    samples = 0.1 * np.random.default_rng(1).standard_normal((800, 2))
    sf.write(path, samples, RATE, **options)
    return path


@pytest.mark.parametrize("subtype", ["PCM_16", "PCM_24", "FLOAT", "DOUBLE", "PCM_U8"])
def test_a_whole_wav_file_passes(tmp_path: Path, subtype: str) -> None:
    path = make_sound(tmp_path / "a.wav", subtype=subtype)
    facts = check_received(path, name="a.wav")
    assert (facts.seconds, facts.rate_hz, facts.n_channels) == (0.05, RATE, 2)


@pytest.mark.parametrize("format_", ["FLAC", "WAVEX", "RF64"])
def test_other_containers_pass(tmp_path: Path, format_: str) -> None:
    name = "a.FLAC" if format_ == "FLAC" else "a.wav"
    path = make_sound(tmp_path / "part", format=format_, subtype="PCM_16")
    assert check_received(path, name=name).seconds == 0.05


def truncated(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1000])


def claims_four_gigabytes(path: Path) -> None:
    content = bytearray(path.read_bytes())
    at = content.index(b"data") + 4
    content[at : at + 4] = struct.pack("<I", 2**32 - 2)
    path.write_bytes(content)


def header_only(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: content.index(b"data")])


def half_a_header(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:10])


def text(path: Path) -> None:
    path.write_bytes(b"This is no sound at all, but a letter.\n" * 50)


def many_channels(path: Path) -> None:
    sf.write(path, np.zeros((50, 96)), RATE, format="WAV")


def not_a_number(path: Path) -> None:
    sf.write(path, np.array([0.1, np.nan, 0.2] * 40), RATE, format="WAV", subtype="FLOAT")


def infinite(path: Path) -> None:
    sf.write(path, np.array([0.1, np.inf, 0.2] * 40), RATE, format="WAV", subtype="DOUBLE")


def no_samples(path: Path) -> None:
    sf.write(path, np.zeros(0), RATE, format="WAV")


def too_long(path: Path) -> None:
    sf.write(path, np.zeros(121 * 4000), 4000, format="WAV")


def strange_rate(path: Path) -> None:
    sf.write(path, np.zeros(100), 100, format="WAV")


def lossy(path: Path) -> None:
    sf.write(path, np.zeros(4000), RATE, format="WAV", subtype="IMA_ADPCM")


def another_format(path: Path) -> None:
    sf.write(path, np.zeros(4000), RATE, format="AIFF")


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (truncated, "promises 3,200 bytes of sound and holds 2,200"),
        (claims_four_gigabytes, "promises 4,294,967,294 bytes"),
        (header_only, "no sound behind it"),
        (half_a_header, "no WAV file, whatever its name says"),
        (text, "no WAV file, whatever its name says"),
        (another_format, "no WAV file, whatever its name says"),
        (many_channels, "96 channels"),
        (not_a_number, "no numbers"),
        (infinite, "no numbers"),
        (no_samples, "no samples"),
        (too_long, "longer than 120 s"),
        (strange_rate, "sample rate of 100 Hz"),
        (lossy, "IMA_ADPCM"),
    ],
)
def test_a_file_that_is_not_what_it_says_is_refused(
    tmp_path: Path, spoil: object, message: str
) -> None:
    path = make_sound(tmp_path / "sound.wav", subtype="PCM_16")
    assert callable(spoil)
    spoil(path)
    with pytest.raises(AudioError) as refused:
        check_received(path, name="seofp/3/a.wav")
    assert message in refused.value.message
    assert refused.value.message.startswith("seofp/3/a.wav ")
    assert refused.value.remedy
    assert str(tmp_path) not in str(refused.value)


def test_a_flac_file_that_is_cut_off_is_refused(tmp_path: Path) -> None:
    path = make_sound(tmp_path / "a.flac")
    path.write_bytes(path.read_bytes()[:-300])
    with pytest.raises(AudioError, match=r"a\.flac is (cut off|no readable sound file)"):
        check_received(path, name="a.flac")


def test_a_wav_file_called_flac_is_refused(tmp_path: Path) -> None:
    with pytest.raises(AudioError, match="is no FLAC file"):
        check_received(make_sound(tmp_path / "a.wav"), name="a.flac")


def test_any_header_at_all_is_answered_with_a_sentence(
    tmp_path: Path, rng: np.random.Generator
) -> None:
    whole = make_sound(tmp_path / "a.wav", subtype="PCM_16").read_bytes()
    for _ in range(300):
        content = bytearray(whole)
        for at in rng.integers(0, 60, size=3):
            content[at] = int(rng.integers(256))
        path = tmp_path / "b.wav"
        path.write_bytes(content)
        assert outcome(path).startswith(("0.", "b.wav "))


def outcome(path: Path) -> str:
    try:
        return str(check_received(path, name="b.wav").seconds)
    except AudioError as error:
        return error.message
