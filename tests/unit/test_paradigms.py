"""The paradigms: what each order plays, which response is right, and which responses there are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import get_args

import pytest

from jndlab.study.paradigms import PARADIGMS, Order, Paradigm, Scale
from jndlab.study.trials import BASELINE, GUESS_RATES, TASKS, Interval, Measure, TrialKind

ORDERS = [
    pytest.param(paradigm, order, id=f"{paradigm.name} {order.code}")
    for paradigm in PARADIGMS.values()
    for order in paradigm.orders
]
EVERY = [pytest.param(paradigm, id=paradigm.name) for paradigm in PARADIGMS.values()]
FORCED = [
    pytest.param(paradigm, id=paradigm.name)
    for paradigm in PARADIGMS.values()
    if paradigm.measure == "correct"
]


def intervals_of(
    paradigm: Paradigm, order: Order, kind: TrialKind = "test"
) -> tuple[Interval, ...]:
    return paradigm.intervals(order, kind=kind, condition="bits", level=2.0)


def _same_as(*places: int) -> Callable[[list[str]], str]:
    """The place among some whose sound is that of the first place named."""
    asked, *candidates = places

    def find(sounds: list[str]) -> str:
        [right] = [place for place in candidates if sounds[place] == sounds[asked]]
        return str(right)

    return find


def _odd_one(sounds: list[str]) -> str:
    [odd] = [sound for sound, count in Counter(sounds).items() if count == 1]
    return str(sounds.index(odd) + 1)


def _processed(sounds: list[str]) -> str:
    assert sounds.count("bits@2") == 1
    return str(sounds.index("bits@2") + 1)


RIGHT: dict[str, Callable[[list[str]], str]] = {
    "abx": lambda sounds: "AB"[int(_same_as(2, 0, 1)(sounds))],
    "abxy": lambda sounds: {"0": "AX", "1": "AY"}[_same_as(2, 0, 1)(sounds)],
    "axb": lambda sounds: {"0": "1", "2": "3"}[_same_as(1, 0, 2)(sounds)],
    "two-interval": _processed,
    "two-interval-standard": lambda sounds: _processed(sounds[1:]),
    "oddity": _odd_one,
    "3afc": _processed,
    "4afc": _processed,
    "5afc": _processed,
    "duo-trio": _same_as(0, 1, 2),
    "tetrad": lambda sounds: f"1{1 + sounds.index(sounds[0], 1)}",
    "4iax": lambda sounds: "1" if sounds[0] != sounds[1] else "2",
    "same-different": lambda sounds: "same" if sounds[0] == sounds[1] else "different",
    "yes-no": lambda sounds: "yes" if sounds == ["bits@2"] else "no",
}
"""What is right by the definition of each paradigm, found from what is heard alone."""


@pytest.mark.parametrize(("paradigm", "order"), ORDERS)
def test_the_right_response_follows_from_what_is_heard(paradigm: Paradigm, order: Order) -> None:
    intervals = intervals_of(paradigm, order)
    assert [interval.label for interval in intervals] == list(paradigm.labels)
    sounds = [interval.sound() for interval in intervals]
    assert set(sounds) <= {BASELINE, "bits@2"}
    if paradigm.measure in ("correct", "detection"):
        assert RIGHT[paradigm.name](sounds) == order.correct_response
        assert order.correct_response in paradigm.responses
    else:
        assert order.correct_response == ""


def test_what_is_right_is_defined_for_all_that_have_a_right_answer() -> None:
    assert set(RIGHT) == {
        name for name, task in TASKS.items() if task.measure in ("correct", "detection")
    }


@pytest.mark.parametrize(("paradigm", "order"), ORDERS)
def test_the_code_of_an_order_spells_what_is_played(paradigm: Paradigm, order: Order) -> None:
    letters = "AB" if paradigm.name == "abx" else "BC"  # the codes of ABX are older
    played = [interval.condition != BASELINE for interval in intervals_of(paradigm, order)]
    spelt = "".join(letters[is_compressed] for is_compressed in played)
    assert order.code.replace("-", "") == spelt


@pytest.mark.parametrize(("paradigm", "order"), ORDERS)
def test_an_identical_pair_plays_the_baseline_throughout(paradigm: Paradigm, order: Order) -> None:
    intervals = intervals_of(paradigm, order, kind="identical")
    assert [interval.label for interval in intervals] == list(paradigm.labels)
    assert {(interval.condition, interval.level) for interval in intervals} == {(BASELINE, None)}


@pytest.mark.parametrize("paradigm", FORCED)
def test_guessing_is_right_by_the_guess_rate_whatever_is_guessed(paradigm: Paradigm) -> None:
    for response in paradigm.responses:
        right = sum(order.correct_response == response for order in paradigm.orders)
        assert right / len(paradigm.orders) == pytest.approx(paradigm.guess_rate)


def test_detection_is_balanced_and_has_no_guess_rate() -> None:
    for name in ("same-different", "yes-no"):
        keys = Counter(order.correct_response for order in PARADIGMS[name].orders)
        assert len(set(keys.values())) == 1
        assert name not in GUESS_RATES


@pytest.mark.parametrize("paradigm", EVERY)
def test_orders_are_different_and_balanced_over_what_they_play(paradigm: Paradigm) -> None:
    assert len({order.sources for order in paradigm.orders}) == len(paradigm.orders)
    if paradigm.measure == "correct" and not paradigm.name.endswith(("afc", "standard")):
        # Exchanging the two versions gives another order with the same key: neither version by
        # itself says what is right. In m-AFC and after a standard only one of them is asked for.
        other = {"baseline": "compressed", "compressed": "baseline"}
        keys = {order.sources: order.correct_response for order in paradigm.orders}
        if paradigm.name == "two-interval":
            return
        for sources, key in keys.items():
            assert keys[tuple(other[source] for source in sources)] == key  # type: ignore[index]


@pytest.mark.parametrize("paradigm", EVERY)
def test_each_response_has_a_button_and_a_key_of_its_own(paradigm: Paradigm) -> None:
    n_responses = len(paradigm.responses)
    assert (n_responses > 0) == (paradigm.part == "buttons") == (paradigm.scale is None)
    assert len(set(paradigm.response_labels)) == len(paradigm.response_labels) == n_responses
    assert len(set(paradigm.keys)) == n_responses
    assert set(paradigm.keys) <= set("123456789")
    labels = {label.lower() for label in paradigm.labels}
    if paradigm.playback == "switched":
        assert not labels & set(paradigm.keys)


def test_a_rating_in_digits_has_its_own_digit_as_key() -> None:
    for name in ("acr", "dcr"):
        assert PARADIGMS[name].keys == PARADIGMS[name].responses == ("5", "4", "3", "2", "1")
        assert PARADIGMS[name].rated_in_digits
    assert PARADIGMS["axb"].keys == ("1", "3")
    assert PARADIGMS["ccr"].keys == ("1", "2", "3", "4", "5", "6", "7")
    assert not PARADIGMS["ccr"].rated_in_digits


@pytest.mark.parametrize("paradigm", EVERY)
def test_groups_hold_every_interval(paradigm: Paradigm) -> None:
    if paradigm.groups:
        assert sum(paradigm.groups) == len(paradigm.labels)
        assert paradigm.playback == "sequence"


@pytest.mark.parametrize("paradigm", EVERY)
def test_only_what_is_offered_is_taken(paradigm: Paradigm) -> None:
    labels = (*paradigm.labels, "A", "B") if paradigm.several else paradigm.labels
    intervals = [Interval(label=label, condition=BASELINE, level=None) for label in labels]
    for response in paradigm.responses:
        assert paradigm.takes(response, intervals)
    for wrong in ("", "Z", "nan", "1;2;3;4;5;6"):
        assert not paradigm.takes(wrong, intervals)


def test_ratings_are_one_number_on_the_scale_per_rated_interval() -> None:
    mushra, bs1116 = PARADIGMS["mushra"], PARADIGMS["bs1116"]
    three = [Interval(label=label, condition=BASELINE, level=None) for label in "RAB"]
    assert mushra.ratings("100;0", three) == (100.0, 0.0)
    assert bs1116.ratings("5.0;1.1", three) == (5.0, 1.1)
    wrongs = "100 100;0;50 101;0 -1;0 50.5;0 100,0 1_0;0 nan;0 1e1;0 -0;0 -0.0;0 050;0 +5;0 ٣;0"
    for wrong in wrongs.split():
        assert mushra.ratings(wrong, three) is None, wrong
    for wrong in ("5.0;0.9", "5.1;4.0", "5.0;4.05", "inf;5.0"):
        assert bs1116.ratings(wrong, three) is None, wrong


def test_a_scale_writes_its_steps_with_as_many_digits_as_they_need() -> None:
    def decimals(step: float) -> int:
        return Scale(lowest=0.0, highest=1.0, step=step, labels=()).decimals

    assert [decimals(step) for step in (5.0, 1.0, 0.5, 0.1, 0.01)] == [0, 0, 1, 1, 2]


def test_every_paradigm_of_the_vocabulary_exists() -> None:
    assert list(PARADIGMS) == list(TASKS)
    assert all(name == paradigm.name for name, paradigm in PARADIGMS.items())
    assert {paradigm.measure for paradigm in PARADIGMS.values()} == set(get_args(Measure))


def test_how_sure_is_asked_of_choices_only() -> None:
    asked = {name for name, paradigm in PARADIGMS.items() if paradigm.asks_confidence}
    assert set(TASKS) - asked == {"acr", "dcr", "ccr", "mushra", "bs1116"}


def test_a_session_takes_longer_with_longer_clips_gaps_and_groups() -> None:
    abx, pairs = PARADIGMS["abx"], PARADIGMS["two-interval"]
    assert abx.seconds_per_trial(4, 0.5) > abx.seconds_per_trial(2, 0.5) > 6
    assert pairs.seconds_per_trial(2, 1.5) == pairs.seconds_per_trial(2, 0.5) + 1
    grouped, plain = PARADIGMS["4iax"], PARADIGMS["4afc"]
    assert grouped.seconds_per_trial(2, 0.5) == plain.seconds_per_trial(2, 0.5) + 0.5
    mushra = PARADIGMS["mushra"]
    more = mushra.seconds_per_trial(2, 0.5, n_intervals=12)
    assert more > mushra.seconds_per_trial(2, 0.5, n_intervals=6)
