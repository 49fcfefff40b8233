"""DTLN, a published enhancer in two chained parts, against renders made by its own loop."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from jndlab.compression.axis import Compressed, WeightAxis
from jndlab.compression.counts import Parameters, float_storage
from jndlab.compression.models.onnx_model import OnnxModel, load_onnx_model

DATA = Path(__file__).resolve().parents[4] / "shared" / "data"
LATE, HOP = 384, 128
pytestmark = pytest.mark.skipif(not (DATA / "dtln").is_dir(), reason="no DTLN here")


@pytest.fixture(scope="module")
def dtln() -> OnnxModel:
    return load_onnx_model([DATA / "dtln" / "model_1.onnx", DATA / "dtln" / "model_2.onnx"])


def read(path: Path) -> np.ndarray:
    samples, _ = soundfile.read(path)
    return samples


def equal_in_16_bits(enhanced: np.ndarray, rendered: np.ndarray) -> float:
    """Share of equal samples; a later one than one step is an error.

    The renders are late by 384 samples, cut off the last blocks, and round downwards.
    """
    length = (rendered.size - LATE) // HOP * HOP - LATE
    steps = np.floor(enhanced[:length] * 32768) - rendered[LATE : LATE + length] * 32768
    assert np.abs(steps).max() <= 1
    return float(np.mean(steps == 0))


def test_its_weights_are_counted_as_published(dtln: OnnxModel) -> None:
    assert dtln.parameters.count == 987_777
    assert str(dtln.layout).startswith("two chained parts, blocks of 512 samples every 128")
    assert sum(tensor.size for tensor in dtln.weights.values()) == 987_777


@pytest.mark.parametrize("item", ["p287_002", "p287_004"])
def test_output_equals_the_render_and_is_aligned_with_the_input(dtln: OnnxModel, item) -> None:
    noisy = read(DATA / "voicebank" / "noisy" / f"{item}.wav")
    enhanced = dtln.enhance(noisy)
    assert equal_in_16_bits(enhanced, read(DATA / "dtln-seofp" / "baseline" / f"{item}.wav")) > 0.99
    lags = range(-3, 4)
    inner = slice(3, -3)
    match = [float(enhanced[inner] @ np.roll(noisy, lag)[inner]) for lag in lags]
    assert lags[int(np.argmax(match))] == 0


class Nearest:
    """Fractions rounded to the nearest, halves away from zero; biases too."""

    name, unit, compression, rule = "seofp", "fraction bits", "falls", "nearest"
    default_levels = (5.0,)

    def compress(self, weights, level: float) -> Compressed:
        drop = 23 - int(level)

        def rounded(tensor: np.ndarray) -> np.ndarray:
            bits = tensor.view(np.uint32).astype(np.uint64) + (1 << (drop - 1))
            return (bits >> drop << drop).astype(np.uint32).view(np.float32)

        return Compressed(
            weights={name: rounded(tensor) for name, tensor in weights.items()},
            storage=float_storage(weights),
            parameters=Parameters(count=0, rule=""),
        )


@pytest.mark.parametrize("bits", [5, 2, 0])
def test_rounded_weights_give_the_rendered_levels(dtln: OnnxModel, bits: int) -> None:
    """All weights, biases too, are rounded; the one single number (an epsilon) is not."""
    noisy = read(DATA / "voicebank" / "noisy" / "p287_002.wav")
    rendered = read(DATA / "dtln-seofp" / "seofp" / str(bits) / "p287_002.wav")
    version = WeightAxis.of(dtln, Nearest(), [bits]).version(bits)
    assert equal_in_16_bits(version.model.enhance(noisy), rendered) > 0.99


def test_operations_of_a_second(dtln: OnnxModel) -> None:
    """128 blocks; in each of them every weight but biases and norms is used once."""
    count = dtln.operations(16_000)
    assert count is not None
    used = sum(tensor.size for tensor in dtln.weights.values() if tensor.size > 1024)
    assert count.macs == 128 * used
