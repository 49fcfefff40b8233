"""The upper edge of a sound is found where it ends, and only there."""

from __future__ import annotations

import numpy as np
import pytest
from builders import make_noise
from speech import low_passed, read_pair

from jndlab.audio.bandwidth import compare_bandwidths


@pytest.mark.parametrize("edge_hz", [2000, 3400, 4000, 5600])
@pytest.mark.parametrize("narrow", ["baseline", "compressed"])
def test_the_narrower_sound_ends_at_its_edge(edge_hz: float, narrow: str) -> None:
    whole = make_noise(seed=1, seconds=2)
    part = low_passed(whole, edge_hz)
    pair = (part, whole) if narrow == "baseline" else (whole, part)
    found = compare_bandwidths(*pair, 16_000, drop_db=25)
    assert found is not None
    edges = (found.baseline_hz, found.compressed_hz)
    assert max(edges) == pytest.approx(8000)
    lower = edges[0] if narrow == "baseline" else edges[1]
    assert lower == pytest.approx(edge_hz, rel=0.13)  # to one band


def test_a_tilt_or_a_notch_is_no_edge() -> None:
    whole = make_noise(seed=1, seconds=2)
    notched = whole - low_passed(whole, 5000) + low_passed(whole, 3000)
    found = compare_bandwidths(whole, notched, 16_000, drop_db=25)
    assert found is not None
    assert found.baseline_hz == found.compressed_hz


@pytest.mark.parametrize("level", ["7", "0"])
def test_compressed_speech_keeps_its_edge(level: str) -> None:
    found = compare_bandwidths(*read_pair("harbour", level), 16_000, drop_db=25)
    assert found is not None
    assert found.baseline_hz == found.compressed_hz


def test_short_or_slow_sounds_cannot_be_told() -> None:
    assert compare_bandwidths(np.ones((100, 1)), np.ones((100, 1)), 16_000, drop_db=25) is None
    assert compare_bandwidths(np.ones((9999, 1)), np.ones((9999, 1)), 900, drop_db=25) is None
