"""The pair gate: what stops a launch, and what is only a warning."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
import pytest
from builders import make_noise
from numpy.typing import NDArray

from jndlab.audio.limits import PairLimits
from jndlab.audio.pairs import Fault, Finding, check_clip, check_pair
from jndlab.audio.reading import Clip

NOISE = make_noise(seed=1)


def clip(samples: NDArray[np.float64], rate_hz: int = 16_000) -> Clip:
    return Clip(samples=samples, rate_hz=rate_hz, source_digest="0" * 64)


def codes(found: Iterable[Fault]) -> list[tuple[str, str]]:
    return [(fault.code, fault.severity) for fault in found]


def with_run(n_samples: int, peak: float = 1.0, sign: int = 1) -> NDArray[np.float64]:
    samples = NOISE.copy()
    samples[100 : 100 + n_samples] = sign * peak
    return samples


def with_value(value: float) -> NDArray[np.float64]:
    samples = NOISE.copy()
    samples[7] = value
    return samples


@pytest.mark.parametrize(
    ("samples", "expected"),
    [
        (NOISE, []),
        (np.zeros((0, 1)), [("empty", "error")]),
        (np.zeros((4800, 1)), [("silent", "error")]),
        (NOISE * 1e-3, [("silent", "error")]),
        (NOISE * 1e-2, []),
        (with_value(np.nan), [("not-finite", "error")]),
        (with_value(-np.inf), [("not-finite", "error")]),
        (make_noise(seed=1, n_channels=2), []),
        (make_noise(seed=1, n_channels=3), [("channels", "error")]),
        (with_run(3), [("clipped", "warning")]),
        (with_run(3, sign=-1), [("clipped", "warning")]),
        (with_run(3, peak=32767 / 32768), [("clipped", "warning")]),
        (with_run(3, peak=1.3), [("clipped", "warning")]),
        (with_run(1), [("clipped", "warning")]),
        (with_run(1, sign=-1), [("clipped", "warning")]),
        (with_run(1, peak=32767 / 32768), [("clipped", "warning")]),
        (with_run(1, peak=32766 / 32768), []),
        (with_run(2, peak=1.3), []),
        (with_run(2, peak=0.99), []),
        (with_run(3, peak=0.99), [("clipped", "warning")]),
        (with_run(500, peak=0.9), []),
        (np.ones((1, 1)), [("clipped", "warning")]),
        (np.ones((3, 1)), [("clipped", "warning")]),
    ],
    ids=str,
)
def test_each_fault_of_a_clip_has_its_code(
    samples: NDArray[np.float64], expected: list[tuple[str, str]]
) -> None:
    assert codes(check_clip(clip(samples))) == expected


def test_clipping_is_seen_in_either_channel_and_not_across_channels() -> None:
    stereo = np.hstack([NOISE, with_run(3)])
    assert codes(check_clip(clip(stereo))) == [("clipped", "warning")]
    across = np.hstack([with_run(2, peak=0.99), with_run(2, peak=0.99)])
    assert codes(check_clip(clip(across))) == []


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda baseline: clip(baseline.samples + 1e-7), []),
        (lambda baseline: clip(baseline.samples), [("identical", "warning")]),
        (lambda baseline: clip(baseline.samples, 48_000), [("rate", "error")]),
        (lambda baseline: clip(baseline.samples[:-1]), [("length", "error")]),
        (lambda baseline: clip(np.vstack([baseline.samples, [[0]]])), [("length", "error")]),
        (lambda baseline: clip(np.hstack([baseline.samples] * 2)), [("channels", "error")]),
        (
            lambda baseline: clip(np.ones((9, 2)), 8_000),
            [("rate", "error"), ("channels", "error"), ("length", "error")],
        ),
    ],
)
def test_each_difference_of_a_pair_has_its_code(
    change: Callable[[Clip], Clip], expected: list[tuple[str, str]]
) -> None:
    baseline = clip(NOISE)
    changed = change(baseline)
    found = list(check_pair(baseline, changed))
    if ("rate", "error") in expected and len(expected) == 1:
        found = [entry for entry in found if entry.code != "identical"]
    assert codes(found) == expected
    assert all(fault.message and fault.remedy for fault in found)


def test_clipped_samples_are_counted() -> None:
    samples = NOISE.copy()
    samples[[5, 90, 91, 400]] = [[1.0], [-1.0], [-1.0], [32767 / 32768]]
    (fault,) = check_clip(clip(samples))
    assert (fault.figure, fault.unit) == (4, "samples")
    assert "4 samples stand at full scale" in fault.message
    (fault,) = check_clip(clip(with_run(1)))
    assert "1 sample stands at full scale" in fault.message


def test_the_level_that_counts_as_silent_is_a_limit() -> None:
    soft = clip(NOISE * 1e-2)
    assert codes(check_clip(soft)) == []
    assert codes(check_clip(soft, limits=PairLimits(silent_db=-60.0))) == [("silent", "error")]


def test_the_baselines_own_file_is_told_from_equal_samples() -> None:
    (same_file,) = check_pair(clip(NOISE), clip(NOISE))
    assert "the baseline's very file, byte by byte" in same_file.message
    other_file = Clip(samples=NOISE.copy(), rate_hz=16_000, source_digest="1" * 64)
    (same_samples,) = check_pair(clip(NOISE), other_file)
    assert "identical to the baseline, sample by sample" in same_samples.message


def test_a_different_length_is_told_in_milliseconds() -> None:
    (found,) = check_pair(clip(NOISE), clip(NOISE[:-48]))
    assert "4752 samples, but the baseline has 4800 (-3.0 ms)" in found.message


def test_a_finding_names_its_place_and_remedy() -> None:
    finding = Finding(
        code="length",
        severity="error",
        item="one",
        condition="bits",
        level=2.0,
        message="too short",
        remedy="Render it again.",
    )
    assert str(finding) == "error: bits/2/one: too short\n    Render it again."
