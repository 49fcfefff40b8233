"""What happens where an extra is not installed: everything else works, and the message says how."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from builders import make_noise, write_wav

from jndlab.compression.distances import measure_distances, missing_scores
from jndlab.compression.extras import EXTRA_OF, require
from jndlab.errors import MissingExtra
from tests.servers import jndlab

PACKAGE = "jndlab.compression"
HEAVY = ("torch", "onnx", "onnxruntime", "pesq", "pystoi", "numba", "matplotlib")


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """No extra is installed."""
    for module in EXTRA_OF:
        monkeypatch.setitem(sys.modules, module, None)


@pytest.mark.parametrize("module", EXTRA_OF)
def test_the_message_names_the_command_that_installs_it(bare: None, module: str) -> None:
    with pytest.raises(MissingExtra) as told:
        require(module)
    assert f'pip install "jndlab[{EXTRA_OF[module]}]"' in told.value.remedy


def test_an_extra_that_is_broken_says_what_it_says(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(name: str) -> None:
        raise ImportError("libgomp.so.1: cannot open shared object file", name="libgomp")

    monkeypatch.setattr("jndlab.compression.extras.importlib.import_module", broken)
    with pytest.raises(ImportError, match="libgomp"):
        require("torch")


def test_distances_do_without_scores(bare: None) -> None:
    sound = make_noise(seed=1, seconds=0.5)[:, 0]
    found = measure_distances(sound, 0.9 * sound, 16_000)
    assert found.pesq is None
    assert found.stoi is None
    assert found.difference_snr_db == pytest.approx(20.0)
    assert set(missing_scores()) == {"pesq", "pystoi"}


def test_the_room_and_its_commands_load_no_extra() -> None:
    program = (
        "import sys, importlib, pkgutil\n"
        "import jndlab.cli\n"
        "from jndlab.compression import published, rendering, family, sources, renders\n"
        "from jndlab.compression.models import choosing\n"
        "from jndlab.compression.enhancer import bundled\n"
        "published.all_claims(); bundled.bundled_model()\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert ended.stdout.strip() == "[]", ended.stderr


def test_commands_say_what_is_missing(tmp_path: Path) -> None:
    blocked = tmp_path / "blocked"
    for module in ("torch", "onnx", "onnxruntime"):
        (blocked / module).mkdir(parents=True)
        text = f"raise ModuleNotFoundError('there is none', name={module!r})\n"
        (blocked / module / "__init__.py").write_text(text)
    for item in ("one", "two"):
        write_wav(tmp_path / "noisy" / f"{item}.wav", make_noise(seed=len(item), seconds=0.5))
    (tmp_path / "model.onnx").write_bytes(b"\x08\x08")
    noisy = ("--noisy", str(tmp_path / "noisy"), "--output", str(tmp_path / "out"))
    environment = {"PYTHONPATH": str(blocked)}
    onnx = ("compress", "seofp", "--model", str(tmp_path / "model.onnx"))
    tried = {
        'pip install "jndlab[onnx]"': (*onnx, *noisy),
        'pip install "jndlab[train]"': ("compress", "train", "groupcomm", *noisy[2:]),
    }
    for remedy, arguments in tried.items():
        ended = jndlab(*arguments, environment=environment)
        assert ended.returncode == 2, ended.stderr
        assert remedy in ended.stderr
    assert not (tmp_path / "out").exists()
    ended = jndlab("compress", "seofp", "--levels", "0", *noisy, environment=environment)
    assert ended.returncode == 0, ended.stderr
    assert np.size(list((tmp_path / "out").rglob("*.wav"))) == 4
