"""What a rendering refuses, and leaves alone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf
from builders import write_wav

from jndlab.compression.axis import Compressed, WeightAxis
from jndlab.compression.weights import Weights
from jndlab.errors import CompressionError
from jndlab.files import hold_lock
from tests.compression.echo_model import Bits, Make
from tests.compression.rendering_without_scores import render


def test_two_renderings_into_one_folder_are_refused(source: Make, tmp_path: Path) -> None:
    render(source(), tmp_path / "out")
    with hold_lock(tmp_path / "out" / ".rendering.lock") as mine:
        assert mine
        with pytest.raises(CompressionError, match="Another rendering writes"):
            render(source(), tmp_path / "out")


def test_a_folder_of_somebody_else_is_left_alone(source: Make, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "thesis.tex").write_text("precious")
    with pytest.raises(CompressionError, match="no rendering has made"):
        render(source(), tmp_path / "out")
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["thesis.tex"]


def test_another_baseline_in_the_folder_is_refused(
    source: Make, tmp_path: Path, noisy: Path
) -> None:
    render(source(), tmp_path / "out")
    samples, _ = sf.read(noisy / "one.wav", always_2d=True)
    write_wav(noisy / "one.wav", 0.5 * samples)
    with pytest.raises(CompressionError, match="another baseline of one"):
        render(source(), tmp_path / "out")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"extra": 7}, "has 8007 samples, the input 8000"),
        ({"levels": (6, 6)}, "named twice"),
        ({"levels": ()}, "no level"),
        ({"levels": (6, -3)}, "at level -3 is all but silent"),
        ({"method": Bits(name="baseline")}, "cannot be called"),
        ({"method": Bits(name="a/b")}, "cannot be called"),
    ],
)
def test_what_cannot_be_is_refused(
    source: Make, tmp_path: Path, options: dict[str, object], words: str
) -> None:
    with pytest.raises(CompressionError, match=words):
        render(source(**options), tmp_path / "out")
    assert not (tmp_path / "out" / "manifest.csv").exists()


def test_a_level_that_cannot_be_is_told_before_anything_is_written(
    source: Make, tmp_path: Path
) -> None:
    class UpToFour(Bits):
        def compress(self, weights: Weights, level: float) -> Compressed:
            if level > 4:
                raise CompressionError("Too many.", "Fewer.")
            return super().compress(weights, level)

    with pytest.raises(CompressionError, match="Too many"):
        render(source(method=UpToFour()), tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_numbers_that_are_not_finite_are_refused(source: Make, tmp_path: Path) -> None:
    made = source()
    broken = replace(made.axis.baseline, weights={"taps": np.array([np.inf], dtype=np.float32)})
    with pytest.raises(CompressionError, match="not finite"):
        WeightAxis.of(broken, Bits())
    object.__setattr__(made.axis, "baseline", broken)
    with np.errstate(invalid="ignore"), pytest.raises(CompressionError, match="not finite"):
        render(made, tmp_path / "out")


@pytest.mark.parametrize(
    ("samples", "words"),
    [
        (np.zeros((800, 1)), "silent"),
        (np.full((800, 2), 0.1), "2 channels"),
    ],
)
def test_items_that_cannot_be_enhanced_are_named(
    source: Make, tmp_path: Path, noisy: Path, samples: np.ndarray, words: str
) -> None:
    write_wav(noisy / "two.wav", samples)
    with pytest.raises(CompressionError, match=words) as told:
        render(source(), tmp_path / "out")
    assert "two.wav" in told.value.message
