"""QUEST+ over level and condition beside the joint grid over everything, written out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jndlab.errors import DataError
from jndlab.sigmoids import proportion_correct, sigmoid
from jndlab.study.procedures.curve_grid import CurveGrid
from jndlab.study.procedures.questplus import QuestPlus
from jndlab.study.procedures.shared_lapse import SharedLapseQuestPlus
from jndlab.study.procedures.stopping import AfterTrials, AnyOf, IntervalWidth
from jndlab.study.procedures.track import Choice, Outcome, of_track, require_replay

PRUNING = CurveGrid(
    levels=(1.0, 2.0, 3.0, 4.0, 5.0),
    guess_rate=0.5,
    thresholds=(1.0, 2.0, 3.0, 4.0, 5.0, 6.0),
    widths=(1.0, 3.0),
    lapse_rates=(0.0, 0.05, 0.1),
    weights=(("lapse_rate", (3.0, 2.0, 1.0)),),
)
BITS = replace(PRUNING, levels=(8.0, 6.0, 4.0, 2.0), thresholds=(2.0, 4.0, 5.0, 6.0, 8.0))
SHARED = SharedLapseQuestPlus(grids=(("pruning", PRUNING), ("bits", BITS)), stop=AfterTrials(20))
TRIALS = st.one_of(
    st.builds(Outcome, st.sampled_from(PRUNING.levels), st.booleans(), st.just("pruning")),
    st.builds(Outcome, st.sampled_from(BITS.levels), st.booleans(), st.just("bits")),
)


def right(grid: CurveGrid, level: float) -> np.ndarray:
    """P(right) over (threshold, width, lapse rate)."""
    threshold, width, lapse = np.meshgrid(
        grid.thresholds, grid.widths, grid.lapse_rates, indexing="ij"
    )
    heard = sigmoid("norm", level, threshold, width, falling=grid.falling)
    return proportion_correct(heard, 0.5, lapse)


def over_all(track: str, level: float) -> np.ndarray:
    """P(right) over the joint grid (threshold 1, width 1, threshold 2, width 2, lapse rate)."""
    if track == "pruning":
        return right(PRUNING, level)[:, :, np.newaxis, np.newaxis, :]
    return right(BITS, level)[np.newaxis, np.newaxis]


def joint(outcomes: list[Outcome]) -> np.ndarray:
    posterior = np.ones((6, 2, 5, 2, 3)) * np.array([3.0, 2.0, 1.0])
    for outcome in outcomes:
        p = over_all(outcome.track, outcome.level)
        posterior = posterior * (p if outcome.correct else 1.0 - p)
    return np.asarray(posterior / posterior.sum())


def entropy(weights: np.ndarray) -> float:
    return float(-(weights[weights > 0] * np.log(weights[weights > 0])).sum())


@settings(max_examples=40)
@given(st.lists(TRIALS, max_size=12))
def test_it_is_the_joint_posterior_over_everything(outcomes: list[Outcome]) -> None:
    whole = joint(outcomes)
    found = SHARED.posteriors(outcomes)
    np.testing.assert_allclose(
        found["pruning"].reshape(6, 2, 3), whole.sum(axis=(2, 3)), atol=1e-12
    )
    np.testing.assert_allclose(found["bits"].reshape(5, 2, 3), whole.sum(axis=(0, 1)), atol=1e-12)
    np.testing.assert_allclose(
        SHARED.lapse_rate(outcomes).probabilities, whole.sum(axis=(0, 1, 2, 3)), atol=1e-12
    )


@settings(max_examples=25)
@given(st.lists(TRIALS, max_size=10))
def test_condition_and_level_leave_the_least_expected_entropy(outcomes: list[Outcome]) -> None:
    whole = joint(outcomes)
    falls: dict[Choice, float] = {}
    for track, grid in SHARED.grids:
        for level in grid.levels:
            p = over_all(track, level)
            left = 0.0
            for likelihood in (p, 1.0 - p):
                after = whole * likelihood
                left += after.sum() * entropy(after / after.sum())
            falls[Choice(track, level)] = entropy(whole) - left
    chosen = replace(SHARED, max_run=99).next_choice(outcomes)
    assert chosen is not None
    assert falls[chosen] == pytest.approx(max(falls.values()), abs=1e-9)


def test_lapses_in_one_condition_tell_of_the_other() -> None:
    # Wrong at the plainest level of one condition: a lapse, whichever condition it was in.
    lapses = [Outcome(5.0, n % 5 > 0, "pruning") for n in range(15)]
    assert SHARED.lapse_rate(lapses).mean > SHARED.lapse_rate([]).mean + 0.01
    alone = QuestPlus(grid=BITS)
    there = [Outcome(4.0, True, "bits")] * 4
    apart = alone.posterior(there)
    tied = SHARED.posteriors([*lapses, *there])["bits"]
    assert alone.marginal("lapse_rate", tied).mean > alone.marginal("lapse_rate", apart).mean


def test_one_condition_is_plain_questplus() -> None:
    one = SharedLapseQuestPlus(grids=(("bits", BITS),), stop=AfterTrials(9))
    alone = QuestPlus(grid=BITS, stop=AfterTrials(9))
    outcomes: list[Outcome] = []
    while (choice := one.next_choice(outcomes)) is not None:
        assert choice.level == alone.next_level(outcomes)
        outcomes.append(Outcome(choice.level, len(outcomes) % 3 > 0, "bits"))
    assert alone.next_level(outcomes) is None
    ours, theirs = one.statuses(outcomes)["bits"], alone.status(outcomes)
    assert ours.estimate == pytest.approx(theirs.estimate)
    assert ours.stopped == theirs.stopped == "9 trials"


def test_both_conditions_go_to_their_end_in_short_runs() -> None:
    outcomes: list[Outcome] = []
    while (choice := SHARED.next_choice(outcomes)) is not None:
        outcomes.append(Outcome(choice.level, len(outcomes) % 4 > 0, choice.track))
    assert len(outcomes) == SHARED.most_trials() == 40
    assert len(of_track(outcomes, "bits")) == 20
    names = [outcome.track for outcome in outcomes]
    done = min(index for index in range(41) if 20 in map(names[:index].count, ("bits", "pruning")))
    runs = "".join(name[0] for name in names[:done])
    assert "bbbb" not in runs
    assert "pppp" not in runs
    require_replay(SHARED, outcomes)
    firsts = {
        replace(SHARED, grids=(("a", BITS), ("b", BITS)), seed=(n,)).next_choice([])
        for n in range(9)
    }
    assert {choice.track for choice in firsts if choice} == {"a", "b"}


def test_a_condition_stops_by_the_width_of_its_interval() -> None:
    shared = replace(SHARED, stop=AnyOf((IntervalWidth(4.5), AfterTrials(60))))
    assert shared.problems() == []
    outcomes: list[Outcome] = []
    while (choice := shared.next_choice(outcomes)) is not None:
        easy = choice.level in (4.0, 5.0) if choice.track == "pruning" else choice.level < 5.0
        outcomes.append(Outcome(choice.level, easy or len(outcomes) % 2 == 0, choice.track))
    for status in shared.statuses(outcomes).values():
        assert status.stopped == "interval narrower than 4.5"
        low, high = status.interval or (0.0, 0.0)
        assert high - low <= 4.5


def test_what_is_refused() -> None:
    with pytest.raises(DataError, match="'nobody'"):
        SHARED.next_choice([Outcome(4.0, True, "nobody")])
    with pytest.raises(DataError, match="level 3, which"):
        SHARED.next_choice([Outcome(3.0, True, "bits")])
    other = replace(BITS, lapse_rates=(0.0, 0.02))
    said = [
        problem.message
        for problem in replace(SHARED, grids=(("pruning", PRUNING), ("bits", other))).problems()
    ]
    assert "The conditions consider different lapse rates." in said
    assert any(text.startswith("Condition 'bits': The prior of the lapse rate") for text in said)
    assert SHARED.problems() == []
