"""Questions to a manifest that it cannot answer."""

from __future__ import annotations

import pytest

from jndlab.analysis.study.manifest import load_model_facts
from jndlab.errors import DataError


def facts(**changes):
    rows = [
        {"item": item, "condition": "seofp", "level": level, "bytes": 10 * level, "pesq": score}
        for item in "ab"
        for level, score in ((1, 2.0), (2, 3.0), (4, 4.0))
    ]
    rows[1].update(changes)
    return load_model_facts(rows)


def test_levels_that_were_tested_must_be_there() -> None:
    facts().require_levels("seofp", [1.0, 4.0])
    with pytest.raises(DataError, match="lacks level 3, 5 of seofp") as error:
        facts().require_levels("seofp", [5.0, 1.0, 3.0])
    assert "1, 2, 4" in error.value.remedy
    with pytest.raises(DataError, match="no condition 'pruned'"):
        facts().require_levels("pruned", [1.0])


def test_means_over_different_items_are_refused() -> None:
    with pytest.raises(DataError, match="no pesq of item a at level 2"):
        facts(pesq="").score_by_level("pesq", condition="seofp")
    levels, means = facts(pesq="").score_by_level("pesq", condition="seofp", items=["b"])
    assert (levels.tolist(), means.tolist()) == ([1, 2, 4], [2, 3, 4])
    with pytest.raises(DataError, match="of item c"):
        facts().score_by_level("pesq", condition="seofp", items=["b", "c"])


def test_unknown_facts_are_refused() -> None:
    with pytest.raises(DataError, match="no 'macs'") as error:
        facts().size_by_level("macs", condition="seofp")
    assert "bytes, pesq" in error.value.remedy
    with pytest.raises(DataError, match="no 'stoi'"):
        facts().score_by_level("stoi", condition="seofp")
