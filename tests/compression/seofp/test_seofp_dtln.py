"""A published enhancer on real recordings, against renders made by other code: same sound."""

from pathlib import Path

import numpy as np
import pytest
import soundfile as sf

from jndlab.compression.seofp.axis import Seofp

DATA = Path(__file__).resolve().parents[4] / "shared" / "data"
RENDERS = DATA / "dtln-seofp"
ITEM = "p287_004.wav"
DELAY, BLOCK = 384, 512
"""Theirs come later by what a streaming block needs, and stop before the last block is whole."""

pytestmark = pytest.mark.skipif(not RENDERS.is_dir(), reason="no shared/data beside the checkout")


@pytest.fixture(scope="module")
def dtln():
    pytest.importorskip("onnxruntime")
    from jndlab.compression.models.onnx_model import load_onnx_model

    return load_onnx_model([DATA / "dtln" / "model_1.onnx", DATA / "dtln" / "model_2.onnx"])


@pytest.mark.parametrize("level", [7, 3, 1, 0])
def test_levels_sound_as_rendered_elsewhere(dtln, level):
    noisy, _ = sf.read(DATA / "voicebank" / "noisy" / ITEM)
    wanted, _ = sf.read(RENDERS / "seofp" / str(level) / ITEM)
    found = dtln.with_weights(Seofp().compress(dtln.weights, level).weights).enhance(noisy)
    apart = found[: -BLOCK - DELAY] - wanted[DELAY:-BLOCK]
    assert np.abs(apart).max() < 1.5 / 32768  # theirs have 16 bits
    assert np.abs(found).max() > 0.1
