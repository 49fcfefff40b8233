"""The committed material of the demo is what its README says, and makes a graded axis."""

from __future__ import annotations

import importlib.util
import shutil
import sys
from itertools import pairwise
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import soundfile as sf
from numpy.typing import NDArray

from jndlab.compression.axis import WeightAxis
from jndlab.compression.enhancer.bundled import bundled_model
from jndlab.compression.seofp.axis import Seofp
from jndlab.compression.training.talkers import synthesiser_version
from jndlab.demo.run import LEVELS, TRUTH

ROOT = Path(__file__).parents[2]
MATERIAL = ROOT / "jndlab" / "demo" / "material"
NOISY = MATERIAL / "noisy"
ITEMS = ("harbour", "letters", "train", "window")


def read(item: str) -> NDArray[np.float64]:
    samples, rate_hz = sf.read(NOISY / f"{item}.flac", dtype="float64")
    assert rate_hz == 16_000
    assert samples.ndim == 1
    return np.asarray(samples, dtype=np.float64)


@pytest.fixture(scope="module")
def script() -> ModuleType:
    """The script that made the material, as a module."""
    path = ROOT / "examples" / "make_demo_material.py"
    spec = importlib.util.spec_from_file_location("make_demo_material", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def test_there_are_four_short_sentences_in_16_bit() -> None:
    assert sorted(path.name for path in NOISY.iterdir()) == [f"{item}.flac" for item in ITEMS]
    for item in ITEMS:
        assert sf.info(NOISY / f"{item}.flac").subtype == "PCM_16"
        samples = read(item)
        assert 1.5 <= len(samples) / 16_000 <= 2.5
        assert 0.05 < np.max(np.abs(samples)) < 0.9
        assert np.max(np.abs(samples[[0, -1]])) < 1e-3


def test_the_material_is_small() -> None:
    assert sum(path.stat().st_size for path in MATERIAL.rglob("*") if path.is_file()) < 200_000


@pytest.mark.parametrize("item", ITEMS)
def test_fewer_bits_lie_farther_from_the_baseline(item: str) -> None:
    noisy, axis = read(item), WeightAxis.of(bundled_model(), Seofp(), LEVELS)
    baseline = axis.baseline.enhance(noisy)
    snr_db = []
    for level in axis.levels:
        version = axis.version(level).model.enhance(noisy)
        difference = version * np.sqrt(np.mean(baseline**2) / np.mean(version**2)) - baseline
        snr_db.append(float(10 * np.log10(np.sum(baseline**2) / np.sum(difference**2))))
    assert axis.levels == LEVELS
    assert all(more > less + 2 for more, less in pairwise(snr_db))
    assert snr_db[0] > 40
    assert snr_db[-1] < 10


def test_the_simulated_listeners_threshold_lies_amid_the_levels() -> None:
    assert TRUTH.threshold is not None
    assert min(LEVELS) + 1 < TRUTH.threshold < max(LEVELS) - 1


def test_the_readme_lists_every_sentence(script: ModuleType) -> None:
    text = (MATERIAL / "README.md").read_text(encoding="utf-8")
    assert sorted(item.name for item in script.ITEMS) == list(ITEMS)
    for item in script.ITEMS:
        row = (item.name, item.voice, item.text, item.noise, f"{item.snr_db:g} dB")
        assert f"| {' | '.join(row)} |" in text


@pytest.mark.skipif("flite-2.2" not in synthesiser_version("flite"), reason="needs flite 2.2")
def test_the_script_makes_the_same_samples_again(script: ModuleType, tmp_path: Path) -> None:
    assert script.main(["--output", str(tmp_path)]) == 0
    for item in ITEMS:
        again, _ = sf.read(tmp_path / "noisy" / f"{item}.flac", dtype="float64")
        np.testing.assert_allclose(again, read(item), atol=1.01 / 32768)  # libraries may round


@pytest.mark.skipif(shutil.which("flite") is None, reason="flite is not installed")
def test_the_noise_lies_below_the_speech_as_told(script: ModuleType) -> None:
    item = script.ITEMS[0]
    speech = script.speak(script.Talker("flite", item.voice), item.text, item.pace)
    speech = speech * np.sqrt(10**-2.8 / script.active_power(speech))
    noise = read(item.name)[4000:-2400] - speech
    assert 10 * np.log10(np.mean(noise**2)) == pytest.approx(-28 - item.snr_db, abs=0.3)


def test_a_missing_synthesiser_is_named_with_its_package(
    script: ModuleType,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert script.main(["--output", str(tmp_path / "material")]) == 2
    assert "apt install flite" in capsys.readouterr().err
    assert not (tmp_path / "material").exists()
