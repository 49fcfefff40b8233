"""A model by what a person calls it."""

import sys
from pathlib import Path

import numpy as np
import pytest

from jndlab.compression.checkpoints import Checkpoint, write_checkpoint
from jndlab.compression.models import choosing
from jndlab.compression.models.onnx_layout import OnnxOptions
from jndlab.errors import CompressionError


@pytest.mark.parametrize("spec", ["", "model", "wav/folder", "model.tflite", "a b:c", "x:"])
def test_what_is_no_model_gets_a_list_of_what_is(spec: str) -> None:
    with pytest.raises(CompressionError, match="is no model") as caught:
        choosing.load_model(spec)
    for accepted in ("bundled:twin", "FILE.npz", "A.onnx,B.onnx", "package.module:callable"):
        assert accepted in caught.value.remedy


def test_a_bundled_model_that_is_none() -> None:
    with pytest.raises(CompressionError, match="no bundled model 'bundled:other'"):
        choosing.load_model("bundled:other")


def test_weights_without_a_network() -> None:
    with pytest.raises(CompressionError, match="not the network") as caught:
        choosing.load_model("best.pt")
    assert "package.module:callable" in caught.value.remedy


def test_a_checkpoint_of_an_unknown_architecture(tmp_path: Path) -> None:
    weights = {"w": np.ones(2, np.float32)}
    write_checkpoint(
        tmp_path / "x.npz", Checkpoint(architecture="none", options={}, weights=weights)
    )
    with pytest.raises(CompressionError, match="no architecture 'none'"):
        choosing.load_model(str(tmp_path / "x.npz"))


def test_onnx_files_alone_and_chained(tmp_path: Path) -> None:
    pytest.importorskip("onnxruntime")
    from tests.compression.models import small_graphs as graphs

    first = graphs.save(graphs.mask_part(5, 1.0), tmp_path / "a.onnx")
    second = graphs.save(graphs.block_part(8), tmp_path / "b.onnx")
    chained = choosing.load_weighted_model(f"{first}, {second}", rate_hz=8_000)
    assert (chained.name, chained.rate_hz) == ("a.onnx, b.onnx", 8_000)
    named = graphs.save(graphs.leaky(size="n"), tmp_path / "one, or two.onnx")
    alone = choosing.load_model(str(named), onnx=OnnxOptions(frame=4))
    described = choosing.describe_model(alone)
    assert described == "one, or two.onnx: frames of 4 samples every 4, states fed back: 1"
    noisy = np.linspace(-0.5, 0.5, 8)
    np.testing.assert_allclose(alone.enhance(noisy), graphs.leaked(noisy), atol=1e-6)
    with pytest.raises(CompressionError, match="has no weights that could be compressed"):
        choosing.load_weighted_model(str(named), onnx=OnnxOptions(frame=4))


@pytest.mark.parametrize(
    ("spec", "option", "given"),
    [
        ("bundled", "--weights", {"weights": Path("best.pt")}),
        ("a.onnx", "--path", {"paths": [Path("src")]}),
        ("bundled", "--rate", {"rate_hz": 16_000}),
        ("a.npz", "--rate", {"rate_hz": 48_000}),
        ("a.npz", "--onnx-kind", {"onnx": OnnxOptions(kind="whole")}),
        ("package.module:build", "--frame", {"onnx": OnnxOptions(frame=5)}),
        ("bundled", "--hop", {"onnx": OnnxOptions(hop=5)}),
        ("bundled", "--delay", {"onnx": OnnxOptions(delay=5)}),
        ("bundled:twin", "--state", {"onnx": OnnxOptions(states={"a": "b"})}),
        ("bundled", "--keep", {"onnx": OnnxOptions(keep=("*window*",))}),
    ],
)
def test_options_of_another_kind_of_model_are_refused_by_name(spec, option, given) -> None:
    with pytest.raises(CompressionError, match=f"{option} says nothing of {spec}") as caught:
        choosing.load_model(spec, **given)
    assert caught.value.remedy.startswith(f"Leave {option} out")


def test_a_torch_module_by_its_import_path(tmp_path: Path, monkeypatch) -> None:
    pytest.importorskip("torch")
    (tmp_path / "identity_enhancer.py").write_text(
        "import torch\n\ndef build():\n    return torch.nn.Identity()\n", encoding="utf-8"
    )
    monkeypatch.setattr(sys, "path", list(sys.path))
    model = choosing.load_model("identity_enhancer:build", paths=[tmp_path])
    np.testing.assert_array_equal(model.enhance(np.array([0.5, 0.25])), [0.5, 0.25])
