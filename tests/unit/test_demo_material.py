"""The committed material of the demo is what its README says."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import soundfile as sf
from numpy.typing import NDArray

ROOT = Path(__file__).parents[2]
MATERIAL = ROOT / "jndlab" / "demo" / "material"
BASELINE = MATERIAL / "baseline"
LEVELS = sorted((path.name for path in (MATERIAL / "seofp").iterdir()), key=int, reverse=True)
ITEMS = sorted(path.stem for path in BASELINE.glob("*.flac"))
PAIRS = [(item, level) for item in ITEMS for level in LEVELS]


def read(path: Path) -> NDArray[np.float64]:
    samples, rate_hz = sf.read(path, dtype="float64")
    assert rate_hz == 16_000
    assert samples.ndim == 1
    return np.asarray(samples, dtype=np.float64)


def read_pair(item: str, level: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    return read(BASELINE / f"{item}.flac"), read(MATERIAL / "seofp" / level / f"{item}.flac")


def difference_db(item: str, level: str) -> float:
    baseline, version = read_pair(item, level)
    return float(10 * np.log10(np.sum((version - baseline) ** 2) / np.sum(baseline**2)))


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


def test_four_items_at_six_levels() -> None:
    assert len(ITEMS) == 4
    assert LEVELS == ["7", "5", "4", "3", "2", "0"]
    for level in LEVELS:
        folder = MATERIAL / "seofp" / level
        assert sorted(path.name for path in folder.iterdir()) == [f"{item}.flac" for item in ITEMS]


def test_the_material_is_small() -> None:
    assert sum(path.stat().st_size for path in MATERIAL.rglob("*") if path.is_file()) < 600_000


@pytest.mark.parametrize("path", sorted(MATERIAL.rglob("*.flac")), ids=lambda path: path.stem)
def test_every_file_is_a_short_sentence_in_16_bit(path: Path) -> None:
    assert sf.info(path).subtype == "PCM_16"
    samples = read(path)
    assert 1.5 <= len(samples) / 16_000 <= 2.5
    assert 0.05 < np.max(np.abs(samples)) < 0.9
    assert np.max(np.abs(samples[[0, -1]])) < 1e-3


@pytest.mark.parametrize(("item", "level"), PAIRS)
def test_a_pair_differs_in_the_compression_alone(item: str, level: str) -> None:
    baseline, version = read_pair(item, level)
    assert baseline.shape == version.shape
    assert not np.array_equal(baseline, version)
    assert 10 * np.log10(np.mean(version**2) / np.mean(baseline**2)) == pytest.approx(0, abs=0.01)
    spectrum = (
        np.fft.rfft(version, 2 * len(version)) * np.fft.rfft(baseline, 2 * len(version)).conj()
    )
    assert np.argmax(np.fft.irfft(spectrum)) == 0  # no delay


@pytest.mark.parametrize("item", ITEMS)
def test_fewer_bits_lie_farther_from_the_baseline(item: str) -> None:
    levels_db = np.array([difference_db(item, level) for level in LEVELS])
    assert np.all(np.diff(levels_db) > 3)
    assert levels_db[0] < -55
    assert levels_db[-1] > -25


def test_the_readme_shows_the_measured_differences() -> None:
    text = (MATERIAL / "README.md").read_text(encoding="utf-8")
    for item in ITEMS:
        row = " | ".join(f"{difference_db(item, level):.1f}" for level in LEVELS)
        assert f"| {item} | {row} |" in text


def test_rounding_keeps_sign_and_exponent(script: ModuleType) -> None:
    values = np.array([0.0, 1.0, -1.49, 1.5, -0.3, 1.26, 1.99])
    assert script.round_fraction(values, 0).tolist() == [0, 1, -1, 2, -0.25, 1, 2]
    assert script.round_fraction(values, 1).tolist() == [0, 1, -1.5, 1.5, -0.25, 1.5, 2]
    np.testing.assert_allclose(script.round_fraction(values, 30), values, rtol=2**-31)


def test_without_gains_the_enhancer_changes_nothing(
    script: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(script, "enhancer_gains", np.ones_like)
    signal = np.random.default_rng(1).standard_normal(3000)
    enhanced = script.enhance(signal, script.make_transforms())
    np.testing.assert_allclose(enhanced, signal, atol=1e-9)


def test_a_missing_synthesiser_is_named_with_its_package(
    script: ModuleType,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert script.main(["--output", str(tmp_path / "material")]) == 2
    assert "apt-get install flite" in capsys.readouterr().err
    assert not (tmp_path / "material").exists()
