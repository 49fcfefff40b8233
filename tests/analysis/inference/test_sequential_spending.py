"""Spending functions against their formulas and published values."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.stats import norm

from jndlab.analysis.inference.sequential_spending import (
    Spending,
    require_spending,
    spending_text,
    spent_error,
)
from jndlab.errors import DataError

SHARES = np.array([0.2, 0.4, 0.6, 0.8, 1.0])


def test_published_values_of_obrien_and_fleming_type() -> None:
    # Lan & DeMets' function at one-sided 0.025, five equal parts (as printed by gsDesign sfLDOF).
    spent = spent_error(SHARES, rate=0.025)
    assert spent == pytest.approx([0.0000, 0.0004, 0.0038, 0.0122, 0.0250], abs=5e-5)
    assert spent == pytest.approx(2 - 2 * norm.cdf(norm.ppf(1 - 0.0125) / np.sqrt(SHARES)))


def test_pocock_type_and_power() -> None:
    pocock = spent_error(SHARES, rate=0.05, spending="pocock")
    assert pocock == pytest.approx(0.05 * np.log(1 + (np.e - 1) * SHARES))
    power = spent_error(SHARES, rate=0.05, spending=("power", 1.5))
    assert power == pytest.approx(0.05 * SHARES**1.5)


@pytest.mark.parametrize("spending", ["obrien-fleming", "pocock", ("power", 0.5)])
def test_nothing_at_the_start_all_at_the_end_and_no_more_after(spending: Spending) -> None:
    spent = spent_error([0.0, 0.3, 1.0, 1.4], rate=0.05, spending=spending)
    assert spent[0] == 0.0
    assert 0.0 < spent[1] < 0.05
    assert spent[2:] == pytest.approx([0.05, 0.05], rel=1e-12)


def test_names_are_normalised_and_told() -> None:
    assert require_spending("O'Brien_Fleming") == "obrien-fleming"  # type: ignore[arg-type]
    assert require_spending(("power", 2)) == ("power", 2.0)
    assert "exponent 2 (Kim & DeMets 1987)" in spending_text(("power", 2))
    assert "Brien" in spending_text("obrien-fleming")


@pytest.mark.parametrize(
    "spending", ["linear", ("power", 0), ("power", "x"), ("power",), ("pocock", 1), None, 3]
)
def test_unknown_spending_is_refused(spending: Any) -> None:
    with pytest.raises(DataError, match="spending function"):
        spent_error([0.5], rate=0.05, spending=spending)


def test_a_negative_share_is_refused() -> None:
    with pytest.raises(DataError, match="share"):
        spent_error([-0.1], rate=0.05)
