"""The paradigms: what each order plays, and which response is right."""

from __future__ import annotations

from typing import get_args

import pytest

from jndlab.study.paradigms import ABX, PARADIGMS, TWO_INTERVAL, Order, Paradigm
from jndlab.study.trials import BASELINE, COLUMNS, GUESS_RATES, Interval, ParadigmName

ORDERS = [(paradigm, order) for paradigm in PARADIGMS.values() for order in paradigm.orders]


def intervals_of(paradigm: Paradigm, order: Order, kind: str = "test") -> tuple[Interval, ...]:
    return paradigm.intervals(order, kind=kind, condition="bits", level=2.0)  # type: ignore[arg-type]


@pytest.mark.parametrize("order", ABX.orders, ids=lambda order: order.code)
def test_x_is_the_interval_that_the_correct_response_names(order: Order) -> None:
    a, b, x = intervals_of(ABX, order)
    assert (a.label, b.label, x.label) == ("A", "B", "X")
    assert {a.condition, b.condition} == {BASELINE, "bits"}
    same = {"A": a, "B": b}[order.correct_response]
    assert (x.condition, x.level) == (same.condition, same.level)


@pytest.mark.parametrize("order", TWO_INTERVAL.orders, ids=lambda order: order.code)
def test_the_correct_response_names_the_compressed_interval(order: Order) -> None:
    intervals = {interval.label: interval for interval in intervals_of(TWO_INTERVAL, order)}
    right = intervals.pop(order.correct_response)
    assert (right.condition, right.level) == ("bits", 2.0)
    (other,) = intervals.values()
    assert (other.condition, other.level) == (BASELINE, None)


@pytest.mark.parametrize(("paradigm", "order"), ORDERS)
def test_the_code_of_an_order_spells_what_is_played(paradigm: Paradigm, order: Order) -> None:
    letters = {"abx": "AB", "two-interval": "BC"}[paradigm.name]
    played = [interval.condition != BASELINE for interval in intervals_of(paradigm, order)]
    assert order.code.replace("-", "") == "".join(
        letters[is_compressed] for is_compressed in played
    )


@pytest.mark.parametrize(("paradigm", "order"), ORDERS)
def test_an_identical_pair_plays_the_baseline_throughout(paradigm: Paradigm, order: Order) -> None:
    intervals = intervals_of(paradigm, order, kind="identical")
    assert [interval.label for interval in intervals] == list(paradigm.labels)
    assert {(interval.condition, interval.level) for interval in intervals} == {(BASELINE, None)}


@pytest.mark.parametrize(("paradigm", "order"), ORDERS)
def test_a_gross_trial_plays_the_compressed_version(paradigm: Paradigm, order: Order) -> None:
    assert intervals_of(paradigm, order, kind="gross") == intervals_of(paradigm, order)


@pytest.mark.parametrize("paradigm", PARADIGMS.values(), ids=lambda paradigm: paradigm.name)
def test_guessing_one_response_is_right_by_the_guess_rate(paradigm: Paradigm) -> None:
    for response in paradigm.responses:
        right = sum(order.correct_response == response for order in paradigm.orders)
        assert right / len(paradigm.orders) == paradigm.guess_rate


@pytest.mark.parametrize("paradigm", PARADIGMS.values(), ids=lambda paradigm: paradigm.name)
def test_neither_first_interval_nor_key_tells_the_other(paradigm: Paradigm) -> None:
    # In ABX every sound stands first as often for each right answer.
    if paradigm is ABX:
        pairs = {(order.sources[0], order.correct_response) for order in paradigm.orders}
        assert len(pairs) == 4
    assert len({order.sources for order in paradigm.orders}) == len(paradigm.orders)


@pytest.mark.parametrize("paradigm", PARADIGMS.values(), ids=lambda paradigm: paradigm.name)
def test_each_response_has_a_button(paradigm: Paradigm) -> None:
    assert len(paradigm.responses) == len(paradigm.response_labels)
    assert len(set(paradigm.response_labels)) == len(paradigm.responses)
    assert set(paradigm.responses) <= set(paradigm.labels)


def test_every_paradigm_of_the_vocabulary_exists_and_is_documented() -> None:
    assert set(PARADIGMS) == set(GUESS_RATES) == set(get_args(ParadigmName))
    order_column = next(column for column in COLUMNS if column.name == "order")
    for _, order in ORDERS:
        assert order.code in order_column.description


def test_a_session_takes_longer_with_longer_clips_and_gaps() -> None:
    assert ABX.seconds_per_trial(4, 0.5) > ABX.seconds_per_trial(2, 0.5) > 6
    assert TWO_INTERVAL.seconds_per_trial(2, 1.5) == TWO_INTERVAL.seconds_per_trial(2, 0.5) + 1
