"""What is drawn of a sound: nothing is lost between the columns, and colours mean levels."""

from __future__ import annotations

import struct
import zlib

import numpy as np
import pytest
from builders import make_noise
from numpy.typing import NDArray

from jndlab.audio.pair_pictures import (
    COLUMNS,
    PALETTE,
    RANGE_DB,
    ROWS,
    enlargement,
    picture,
    spectrogram,
    waveform,
)

RATE_HZ = 16_000


def decoded(png: bytes) -> NDArray[np.uint8]:
    """Colour numbers of a picture without interlacing or filters, the top row first."""
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    at, data, size = 8, b"", (0, 0)
    while at < len(png):
        (length,) = struct.unpack_from(">I", png, at)
        name, content = png[at + 4 : at + 8], png[at + 8 : at + 8 + length]
        (checksum,) = struct.unpack_from(">I", png, at + 8 + length)
        assert checksum == zlib.crc32(name + content)
        if name == b"IHDR":
            size = struct.unpack_from(">II", content)
        data += content if name == b"IDAT" else b""
        at += 12 + length
    rows = np.frombuffer(zlib.decompress(data), dtype=np.uint8).reshape(size[1], size[0] + 1)
    assert not rows[:, 0].any()
    return rows[:, 1:]


@pytest.mark.parametrize("n_frames", [1, 10, COLUMNS, 4801, 100_000])
def test_the_outline_holds_every_sample(n_frames: int) -> None:
    sound = make_noise(seed=1, seconds=n_frames / RATE_HZ, n_channels=2)
    drawn = waveform(sound)
    assert len(drawn.lows) == len(drawn.highs) == min(COLUMNS, n_frames)
    assert max(drawn.highs) == pytest.approx(sound.max(), abs=1e-4)
    assert min(drawn.lows) == pytest.approx(sound.min(), abs=1e-4)


def test_a_click_is_drawn_where_it_is() -> None:
    sound = np.zeros((10_000, 1))
    sound[7_500] = -0.5
    drawn = waveform(sound, n_columns=100, enlarged=2)
    assert [place for place, low in enumerate(drawn.lows) if low] == [75]
    assert drawn.lows[75] == -1.0


def test_nothing_is_drawn_of_nothing() -> None:
    assert waveform(np.zeros((0, 1))).lows == ()
    assert spectrogram(np.zeros((0, 1)), RATE_HZ).shape[1] == 1


@pytest.mark.parametrize(
    ("size", "factor"), [(0.2, 1), (0.09, 2), (0.001, 200), (0, 1), (1e-9, 10000)]
)
def test_a_difference_is_enlarged_by_a_round_factor(size: float, factor: int) -> None:
    beside = np.array([[0.2], [-0.1]])
    assert enlargement(np.array([[0.0], [-size]]), beside) == factor


@pytest.mark.parametrize("rate_hz", [8_000, 16_000, 44_100, 48_000])
@pytest.mark.parametrize("frequency_hz", [500.0, 3_000.0])
def test_a_sine_is_one_bright_row_at_its_level(rate_hz: int, frequency_hz: float) -> None:
    time = np.arange(rate_hz)[:, None] / rate_hz
    levels = spectrogram(0.1 * np.sin(2 * np.pi * frequency_hz * time), rate_hz)
    assert levels.shape[0] <= ROWS
    assert levels.shape[1] <= COLUMNS
    middle = levels[:, levels.shape[1] // 2]
    assert middle.max() == pytest.approx(-20, abs=1.5)
    assert np.argmax(middle) / len(middle) == pytest.approx(frequency_hz / (rate_hz / 2), abs=0.02)


def test_colours_go_from_soft_to_loud_and_high_is_above_low() -> None:
    levels = np.array([[0.0, -RANGE_DB / 2], [-RANGE_DB, -200.0]])
    pixels = decoded(picture(levels, top_db=0.0))
    assert pixels.tolist() == [[0, 0], [len(PALETTE) - 1, (len(PALETTE)) // 2]]
    assert (PALETTE[0], PALETTE[-1]) == ("#000004", "#fcfdbf")
