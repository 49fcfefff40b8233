"""Adjusted p-values as R's p.adjust gives them."""

from __future__ import annotations

import numpy as np
import pytest

from jndlab.analysis.inference.adjust import adjust_p_values
from jndlab.errors import DataError
from tests.analysis.reference import entries, needs_reference

RAW = [0.001, 0.008, 0.039, 0.041, 0.042, 0.06, 0.074, 0.205]
ADJUSTED = {
    "holm": [0.008, 0.056, 0.234, 0.234, 0.234, 0.234, 0.234, 0.234],
    "hochberg": [0.008, 0.056, 0.148, 0.148, 0.148, 0.148, 0.148, 0.205],
    "BH": [0.008, 0.032, 0.0672, 0.0672, 0.0672, 0.08, 0.592 / 7, 0.205],
    "bonferroni": [0.008, 0.064, 0.312, 0.328, 0.336, 0.48, 0.592, 1.0],
}


@pytest.mark.parametrize("method", ADJUSTED)
def test_as_r_p_adjust_in_any_order(method: str) -> None:
    assert adjust_p_values(RAW, method=method) == pytest.approx(ADJUSTED[method], abs=1e-12)
    order = [3, 0, 7, 5, 1, 2, 6, 4]
    shuffled = adjust_p_values([RAW[i] for i in order], method=method)
    assert shuffled == pytest.approx([ADJUSTED[method][i] for i in order], abs=1e-12)


@pytest.mark.parametrize(
    ("method", "name"), [("hommel", "hommel"), ("by", "fdr_by"), ("bh", "fdr_bh"), ("holm", "holm")]
)
def test_as_statsmodels_on_random_families(method: str, name: str) -> None:
    from statsmodels.stats.multitest import multipletests

    rng = np.random.default_rng(3)
    for size in (1, 2, 5, 9):
        raw = rng.random(size) ** 3
        theirs = multipletests(raw, method=name)[1]
        assert adjust_p_values(raw, method=method) == pytest.approx(theirs, abs=1e-12)


@needs_reference
@pytest.mark.parametrize("reference", entries("multiple_comparisons"), ids=lambda e: e["id"])
def test_values_of_the_reference_file(reference) -> None:
    for method, adjusted in reference["result"].items():
        ours = adjust_p_values(reference["data"]["p"], method=method)
        assert ours == pytest.approx(adjusted, abs=1e-9)


def test_families_keep_their_error_rate() -> None:
    """Six true hypotheses, independent: how often one is rejected at 5 %. Seed 2, 4,000 sets."""
    p_values = np.random.default_rng(2).random((4000, 6))
    for method in ("bonferroni", "holm", "hochberg", "hommel"):
        rejected = np.mean([adjust_p_values(row, method=method).min() <= 0.05 for row in p_values])
        assert 0.035 < rejected < 0.062, method


def test_none_and_wrong_ones() -> None:
    assert adjust_p_values([], method="holm").size == 0
    for wrong in ([0.2, 1.2], [np.nan], [[0.1], [0.2]]):
        with pytest.raises(DataError, match="between 0 and 1"):
            adjust_p_values(wrong, method="holm")
    with pytest.raises(DataError, match="not a number"):
        adjust_p_values(["a"], method="holm")
    with pytest.raises(DataError, match="no adjustment"):
        adjust_p_values([0.1], method="tukey")
