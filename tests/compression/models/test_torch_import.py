"""Torch modules by import path, with files of weights: what is taken, and what is refused."""

import sys
from pathlib import Path

import numpy as np
import pytest

from jndlab.compression.models.torch_import import load_torch_model
from jndlab.errors import CompressionError, MissingExtra

SOURCE = """
import torch

def build():
    torch.manual_seed(3)
    return Halves()

class Halves(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.factor = torch.nn.Parameter(torch.tensor([0.5]))

    def forward(self, noisy):
        return noisy * self.factor

ready = Halves()

def needs(width):
    return None

def nothing():
    return 3

def failing():
    raise ValueError("no width")
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    pytest.importorskip("torch")
    (tmp_path / "halving_enhancer.py").write_text(SOURCE, encoding="utf-8")
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.delitem(sys.modules, "halving_enhancer", raising=False)
    return tmp_path


@pytest.mark.parametrize("name", ["build", "Halves", "ready"])
def test_a_function_a_class_or_a_module_will_do(folder: Path, name: str) -> None:
    model = load_torch_model(f"halving_enhancer:{name}", paths=[folder])
    np.testing.assert_array_equal(model.enhance(np.array([0.5, -0.25])), [0.25, -0.125])
    assert model.name == f"halving_enhancer:{name}"


@pytest.mark.parametrize("wrapped", [False, True])
def test_weights_come_from_a_file(folder: Path, wrapped: bool) -> None:
    import torch

    state = {"factor": torch.tensor([2.0])}
    torch.save({"epoch": 3, "state_dict": state} if wrapped else state, folder / "best.pt")
    model = load_torch_model("halving_enhancer:build", weights=folder / "best.pt", paths=[folder])
    np.testing.assert_array_equal(model.enhance(np.array([0.25])), [0.5])
    assert model.name == "halving_enhancer:build (best.pt)"


@pytest.mark.parametrize(
    ("place", "message", "remedy"),
    [
        ("no_such_module_here:build", "cannot be imported: No module named", "--path"),
        ("halving_enhancer:missing", "has no 'missing'", "without arguments"),
        ("halving_enhancer:needs", "cannot be called without arguments", "without arguments"),
        ("halving_enhancer:nothing", "gives no torch.nn.Module, but this type: int", "returns"),
        ("halving_enhancer:failing", "fails: ValueError: no width", "returns the torch module"),
        ("broken_enhancer:build", "cannot be imported: division by zero", "--path"),
    ],
)
def test_a_place_that_is_none(folder: Path, place: str, message: str, remedy: str) -> None:
    (folder / "broken_enhancer.py").write_text("1 / 0", encoding="utf-8")
    with pytest.raises(CompressionError, match=message) as caught:
        load_torch_model(place, paths=[folder])
    assert remedy in caught.value.remedy


def test_files_that_are_no_weights(folder: Path) -> None:
    import torch

    def load(name: str) -> None:
        load_torch_model("halving_enhancer:build", weights=folder / name, paths=[folder])

    with pytest.raises(CompressionError, match="cannot be read: No such file"):
        load("missing.pt")
    (folder / "text.pt").write_text("weights", encoding="utf-8")
    with pytest.raises(CompressionError, match="no file of torch weights"):
        load("text.pt")
    torch.save({"object": Path("x")}, folder / "objects.pt")  # reading it would run code
    with pytest.raises(CompressionError, match="holds more than weights"):
        load("objects.pt")
    torch.save([1, 2], folder / "list.pt")
    with pytest.raises(CompressionError, match="holds no table of weights"):
        load("list.pt")
    torch.save({"other": torch.zeros(1)}, folder / "other.pt")
    with pytest.raises(CompressionError, match="do not fit the module: Missing key"):
        load("other.pt")


def test_a_folder_that_is_missing(folder: Path) -> None:
    with pytest.raises(CompressionError, match="There is no folder"):
        load_torch_model("halving_enhancer:build", paths=[folder / "none"])


def test_without_torch_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(MissingExtra) as caught:
        load_torch_model("anything:at_all")
    assert 'pip install "jndlab[train]"' in caught.value.remedy
