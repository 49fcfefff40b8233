"""Items: the generalised test against known special cases, and its error rate."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binomtest
from scipy.stats.contingency import chi2_contingency

from jndlab.analysis import TrialTable, clopper_pearson
from jndlab.analysis.study.example import example_rows, example_trials
from jndlab.analysis.study.item_effects import check_items
from jndlab.analysis.study.within_listeners import effect_within_strata


def item_rows(row, counts: dict[str, tuple[int, int]], participant: int = 1, **changes):
    rows, trial = [], 0
    for item, (n_right, n) in counts.items():
        for number in range(n):
            trial += 1
            rows.append(
                row(
                    session=f"s{participant}-{changes.get('level', 3)}",
                    participant=participant,
                    trial=trial,
                    item=item,
                    response="A" if number < n_right else "B",
                    **changes,
                )
            )
    return rows


def test_one_stratum_gives_pearsons_chi_square(row) -> None:
    counts = {"a": (7, 10), "b": (3, 10), "c": (9, 12)}
    items = check_items(TrialTable.from_rows(item_rows(row, counts)))
    table = np.array([[k, n - k] for k, n in counts.values()])
    pearson = chi2_contingency(table, correction=False)
    assert items.chi_square == pytest.approx(pearson.statistic * 31 / 32, rel=1e-10)
    assert items.degrees_of_freedom == 2
    a = items.items[0]
    assert (a.item, a.n_correct, a.n_trials) == ("a", 7, 10)
    assert a.interval == clopper_pearson(7, 10)
    # Against the other 22 trials of the stratum.
    assert a.deviation == pytest.approx(7 / 10 - 12 / 22)


def test_two_items_give_mantel_haenszel(row) -> None:
    rows = item_rows(row, {"a": (7, 9), "b": (3, 9)}, participant=1)
    rows += item_rows(row, {"a": (5, 10), "b": (1, 9)}, participant=2, level=7.0)
    table = TrialTable.from_rows(rows)
    items = check_items(table)
    found = effect_within_strata(table["item"] == "a", table["correct"], table["participant"])
    assert found is not None
    assert items.chi_square == pytest.approx(found[1] ** 2, rel=1e-10)
    assert items.degrees_of_freedom == 1


def test_an_item_that_met_hard_levels_only_is_not_hard(row) -> None:
    rows = item_rows(row, {"a": (9, 10)}, level=1.0)
    rows += item_rows(row, {"b": (5, 10)}, level=9.0)
    items = check_items(TrialTable.from_rows(rows))
    assert (items.chi_square, items.p_value) == (None, None)
    assert [one.deviation for one in items.items] == [0.0, 0.0]
    assert [one.p_value_holm for one in items.items] == [None, None]


def test_an_odd_item_is_named() -> None:
    rows = example_rows(n_listeners=16)
    for one in rows:  # a click in this recording tells the versions apart
        if one["item"] == "p287_004":
            one.update(response=one["correct_response"], correct=True)
    items = check_items(TrialTable.from_rows(rows))
    assert items.p_value is not None
    assert items.p_value < 1e-6
    odd = next(one for one in items.items if one.item == "p287_004")
    assert odd.p_value_holm < 1e-6
    assert odd.deviation > 0.2


def test_alike_items_are_called_different_at_the_nominal_rate() -> None:
    """120 studies of 8 listeners with equal items, seeds 300 to 419."""
    rejected = sum(
        check_items(example_trials(seed=seed)).p_value < 0.05 for seed in range(300, 420)
    )
    interval = binomtest(6, 120).proportion_ci(0.999)
    assert interval.low <= rejected / 120 <= interval.high


def test_one_item_cannot_differ(row) -> None:
    items = check_items(TrialTable.from_rows(item_rows(row, {"a": (5, 10)})))
    assert items.p_value is None
    assert len(items.items) == 1
