"""A JND in other units: by hand, at the edges, and where nothing is known."""

from __future__ import annotations

import json
import math

import pytest

from jndlab.analysis import ConfidenceInterval, Threshold
from jndlab.analysis.study.manifest import load_model_facts
from jndlab.analysis.study.objective import jnd_in_units
from jndlab.errors import DataError

LEVELS = (10, 7, 5, 4, 3, 2, 1, 0)


def jnd(value: float, low: float, high: float) -> Threshold:
    return Threshold(
        target_probability=0.75,
        lapse_free=True,
        value=value,
        interval=ConfidenceInterval(low=low, high=high, coverage=0.9, method="bootstrap"),
        inside_tested_range=True,
    )


def bits(*, baseline: bool = True, pesq=lambda level: 2.0 + 0.2 * level):
    rows = [
        {
            "item": item,
            "condition": "seofp",
            "level": level,
            "bytes": 1000 * 2**level,
            "pesq": pesq(level),
        }
        for item in "ab"
        for level in LEVELS
    ]
    if baseline:
        rows.append(
            {"item": "a", "condition": "baseline", "level": "", "bytes": 4_096_000, "pesq": 4.5}
        )
    return load_model_facts(rows)


def at(threshold, facts, direction="falls", **options):
    return jnd_in_units(threshold, facts, condition="seofp", direction=direction, **options)


def test_sizes_are_interpolated_in_their_logarithm() -> None:
    size = at(jnd(2.5, 1.5, 3.5), bits()).fact("bytes")
    assert size.estimate == pytest.approx(1000 * 2**2.5)
    assert size.interval.low == pytest.approx(1000 * 2**1.5)
    assert size.interval.high == pytest.approx(1000 * 2**3.5)
    assert (size.interval.coverage, size.interval.method) == (0.9, "bootstrap, transformed")
    assert size.baseline == 4_096_000
    assert size.times_smaller == pytest.approx(4096 / 2**2.5)
    assert size.times_smaller_interval is not None
    assert size.times_smaller_interval.low == pytest.approx(4096 / 2**3.5)
    assert size.times_smaller_interval.high == pytest.approx(4096 / 2**1.5)


def test_scores_are_interpolated_as_they_are() -> None:
    score = at(jnd(2.5, 1.5, 3.5), bits()).fact("pesq")
    assert score.estimate == pytest.approx(2.5)
    assert (score.interval.low, score.interval.high) == pytest.approx((2.3, 2.7))
    assert score.times_smaller is None
    assert score.levels == tuple(sorted(LEVELS))


def test_beyond_the_least_compressed_level_the_baseline_ends_the_interval() -> None:
    result = at(jnd(8.0, 4.0, 14.0), bits())
    size, score = result.fact("bytes"), result.fact("pesq")
    assert size.interval.high == pytest.approx(4_096_000)
    assert size.times_smaller_interval is not None
    assert size.times_smaller_interval.low == pytest.approx(1.0)
    assert score.interval.high == pytest.approx(4.5)
    without = at(jnd(8.0, 4.0, 14.0), bits(baseline=False))
    assert without.fact("bytes").interval.high == math.inf
    assert without.fact("pesq").interval.high == math.inf
    assert without.fact("bytes").times_smaller is None
    assert any(
        "lacks the baseline's value of Size in bytes" in warning for warning in without.warnings
    )


def test_beyond_the_most_compressed_level_nothing_is_known() -> None:
    size = at(jnd(0.5, -2.0, 2.0), bits()).fact("bytes")
    assert size.interval.low == 0.0
    assert size.times_smaller_interval is not None
    assert size.times_smaller_interval.high == math.inf
    assert at(jnd(0.5, -2.0, 2.0), bits()).fact("pesq").interval.low == -math.inf


def test_a_jnd_beyond_the_manifest_has_no_size() -> None:
    result = at(jnd(-1.0, -3.0, 1.0), bits())
    assert result.fact("bytes").estimate is None
    assert result.fact("bytes").times_smaller is None
    assert "lies beyond the levels of the manifest" in result.warnings[0]
    assert any("not known at the JND" in sentence for sentence in result.describe())


def test_levels_that_rise_with_compression() -> None:
    rows = [
        {"item": "a", "condition": "pruned", "level": sparsity, "bytes": 1000 * (1 - sparsity)}
        for sparsity in (0.0, 0.5, 0.9)
    ]
    rows.append({"item": "a", "condition": "baseline", "level": "", "bytes": 1000})
    result = jnd_in_units(
        jnd(0.5, 0.25, 0.95), load_model_facts(rows), condition="pruned", direction="rises"
    )
    size = result.fact("bytes")
    assert size.estimate == pytest.approx(500.0)
    assert size.interval.low == 0.0
    assert size.interval.high == pytest.approx(1000 * math.sqrt(0.5))


def test_a_version_may_be_larger_than_its_baseline() -> None:
    rows = [
        {"item": "a", "condition": "groups", "level": level, "macs": 100 * level}
        for level in (2.0, 4.0)
    ]
    rows.append({"item": "a", "condition": "baseline", "level": "", "macs": 100})
    result = jnd_in_units(
        jnd(3.0, 2.0, 4.0), load_model_facts(rows), condition="groups", direction="rises"
    )
    assert result.describe()[1] == (
        "Multiply-accumulates at the JND: 283 (90% interval 200 to 400), "
        "2.83 times larger than the baseline (2 to 4)."  # between levels on a logarithmic scale
    )


def test_a_score_that_is_not_monotone_keeps_all_values_of_the_interval() -> None:
    bumpy = bits(pesq=lambda level: {3: 4.0, 2: 2.0}.get(level, 3.0))
    result = at(jnd(2.5, 1.5, 3.5), bumpy)
    assert (result.fact("pesq").interval.low, result.fact("pesq").interval.high) == (2.0, 4.0)
    assert any("does not change in one direction" in warning for warning in result.warnings)


def test_the_sentences_have_unit_size_and_score() -> None:
    sentences = at(jnd(2.5, 1.5, 3.5), bits(), unit="fraction bits").describe()
    assert sentences[0] == "JND of seofp: 2.5 fraction bits (90% interval 1.5 to 3.5)."
    assert "724 times smaller than the baseline (362 to 1,448)" in sentences[1]
    assert sentences[2] == "PESQ at the JND: 2.5 (90% interval 2.3 to 2.7; baseline 4.5)."


def test_it_is_ready_for_json() -> None:
    open_end = at(jnd(0.5, -2.0, 2.0), bits())
    text = json.dumps(open_end.to_dict(), allow_nan=False)
    assert '"inf"' in text


def test_what_is_missing_is_refused() -> None:
    with pytest.raises(DataError, match="lacks level 6"):
        at(jnd(2.5, 1.5, 3.5), bits(), tested_levels=[6, 5])
    with pytest.raises(DataError, match="no condition"):
        jnd_in_units(jnd(2.5, 1.5, 3.5), bits(), condition="x", direction="falls")
    with pytest.raises(DataError, match="no 'macs' at the JND"):
        at(jnd(2.5, 1.5, 3.5), bits()).fact("macs")
    one = load_model_facts([{"item": "a", "condition": "seofp", "level": 1, "bytes": 5}])
    with pytest.raises(DataError, match="one level only"):
        at(jnd(2.5, 1.5, 3.5), one)
