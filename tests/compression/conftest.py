"""Noisy sounds, and a source that makes versions of them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from builders import write_wav

from jndlab.compression.axis import WeightAxis
from jndlab.compression.sources import ModelSource
from tests.compression.echo_model import ITEMS, RATE, Bits, Gain, Make


@pytest.fixture
def noisy(tmp_path: Path) -> Path:
    for number, item in enumerate(ITEMS):
        rng = np.random.default_rng(number)
        samples = 0.1 * rng.standard_normal((RATE // 2, 1)) * np.hanning(RATE // 2)[:, None]
        write_wav(tmp_path / "noisy" / f"{item}.wav", samples)
    return tmp_path / "noisy"


@pytest.fixture
def source(noisy: Path) -> Make:
    def make(*, levels: Sequence[float] = (6, 4, 2), **options: object) -> ModelSource:
        method = options.pop("method", Bits())
        model = Gain({"taps": np.array([0.73, 0.31, -0.17], dtype=np.float32)}, **options)  # type: ignore[arg-type]
        return ModelSource(WeightAxis.of(model, method, levels), noisy)  # type: ignore[arg-type]

    return make
