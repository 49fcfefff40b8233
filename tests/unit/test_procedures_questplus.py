"""QUEST+ and Psi: choices and posteriors beside their definitions, written out the long way."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jndlab.errors import DataError
from jndlab.sigmoids import GUMBEL, SIGMOIDS, SigmoidName, proportion_correct, sigmoid
from jndlab.study.procedures.curve_grid import CurveGrid
from jndlab.study.procedures.posterior import Marginal
from jndlab.study.procedures.questplus import QuestPlus, best_level, default_grid, psi
from jndlab.study.procedures.stopping import AfterReversals, AfterTrials, AnyOf, IntervalWidth
from jndlab.study.procedures.track import Outcome

LEVELS = tuple(float(level) for level in range(1, 10))
GRID = CurveGrid(
    levels=LEVELS,
    guess_rate=0.5,
    thresholds=tuple(np.linspace(0.0, 10.0, 11).tolist()),
    widths=(2.0, 4.0, 8.0),
    lapse_rates=(0.0, 0.03, 0.06),
)
PLAIN = QuestPlus(grid=GRID, stop=AfterTrials(500))
OUTCOMES = st.lists(st.builds(Outcome, st.sampled_from(LEVELS), st.booleans()), max_size=40)


def log_sum(weights: np.ndarray) -> float:
    return float(-(weights[weights > 0] * np.log(weights[weights > 0])).sum())


def posterior_of(outcomes: list[Outcome]) -> np.ndarray:
    """The posterior trial by trial, in the order of the outcomes."""
    grid = np.meshgrid(GRID.thresholds, GRID.widths, GRID.lapse_rates, indexing="ij")
    posterior = np.ones(grid[0].shape) / grid[0].size
    for outcome in outcomes:
        heard = sigmoid("norm", outcome.level, grid[0], grid[1])
        right = proportion_correct(heard, 0.5, grid[2])
        posterior = posterior * (right if outcome.correct else 1.0 - right)
        posterior /= posterior.sum()
    return np.asarray(posterior)


def expected_entropies(posterior: np.ndarray, summed: tuple[int, ...] = ()) -> list[float]:
    """Watson (2017), equations 11 to 15, as they are printed: a posterior per level and answer."""
    grid = np.meshgrid(GRID.thresholds, GRID.widths, GRID.lapse_rates, indexing="ij")
    found = []
    for level in LEVELS:
        right = proportion_correct(sigmoid("norm", level, grid[0], grid[1]), 0.5, grid[2])
        entropy = 0.0
        for likelihood in (right, 1.0 - right):
            joint = posterior * likelihood
            chance = joint.sum()
            entropy += chance * log_sum((joint / chance).sum(axis=summed))
        found.append(entropy)
    return found


@given(OUTCOMES)
def test_information_is_the_fall_of_the_expected_entropy(outcomes: list[Outcome]) -> None:
    posterior = posterior_of(outcomes)
    ours = PLAIN.posterior(outcomes)
    np.testing.assert_allclose(ours, posterior.ravel(), atol=1e-12)
    fall = log_sum(posterior) - np.array(expected_entropies(posterior))
    np.testing.assert_allclose(PLAIN.information(ours), fall, atol=1e-12)
    chosen = PLAIN.next_level(outcomes)
    assert chosen in LEVELS
    assert fall[LEVELS.index(chosen)] == pytest.approx(fall.max(), abs=1e-9)


@given(OUTCOMES)
def test_nuisance_parameters_do_not_count(outcomes: list[Outcome]) -> None:
    posterior = posterior_of(outcomes)
    for nuisance, summed in ((("lapse_rate",), (2,)), (("width", "lapse_rate"), (1, 2))):
        track = replace(PLAIN, nuisance=nuisance)
        fall = log_sum(posterior.sum(axis=summed)) - np.array(expected_entropies(posterior, summed))
        np.testing.assert_allclose(track.information(posterior.ravel()), fall, atol=1e-12)


def weibull_grid(slopes: list[float], lapse_rates: list[float]) -> CurveGrid:
    """Watson's Weibull in decibels: exponent slope (x − t)/20, threshold at 1 − 1/e."""
    levels = tuple(float(level) for level in range(-40, 1))
    return CurveGrid(
        levels=levels,
        guess_rate=0.5,
        thresholds=levels,
        widths=tuple(20.0 * GUMBEL.span / (slope * math.log(10.0)) for slope in slopes),
        lapse_rates=tuple(lapse_rates),
        sigmoid="gumbel",
        threshold_at=1.0 - math.exp(-1.0),
    )


def trajectory(grid: CurveGrid, answers: str) -> tuple[list[int], list[Outcome]]:
    track = QuestPlus(grid=grid, stop=AfterTrials(1000))
    outcomes: list[Outcome] = []
    for answer in answers:
        outcomes.append(Outcome(track.next_level(outcomes) or 0.0, answer == "C"))
    return [round(outcome.level) for outcome in outcomes], outcomes


def test_the_first_example_of_the_paper() -> None:
    """Watson (2017), example 1: a threshold alone; slope 3.5, lapse rate 0.02."""
    grid = weibull_grid([3.5], [0.02])
    levels, outcomes = trajectory(grid, "CCCCIICCCCCCCCICCICCICCCCCCCCCCC")
    assert levels == [
        -18, -22, -25, -28, -30, -22, -13, -15, -16, -18, -19, -20, -21, -22, -23, -19,
        -20, -20, -18, -18, -19, -17, -17, -18, -18, -18, -19, -19, -19, -19, -19, -19,
    ]  # fmt: skip
    track = QuestPlus(grid=grid)
    assert track.marginal("threshold", track.posterior(outcomes)).mode == -20


def test_the_trajectory_of_another_package() -> None:
    """questplus 2023.1 over threshold, slope and lapse rate, on answers drawn at random."""
    grid = weibull_grid([2, 3, 4, 5], [0.0, 0.01, 0.02, 0.03, 0.04])
    levels, outcomes = trajectory(
        grid, "CICCCCCCCCCCCCCCIICICCCCCCCICCCCCCCCCCCCCICCCCCCCICCCCCCICICCCCCCCCCICCCICCCICCC"
    )
    assert levels == [
        -18, -22, -12, -13, -14, -16, -17, -18, -19, -20, -21, -25, -26, -27, -28, -29, -30, -25,
        -20, -21, -18, -19, -19, -19, -20, -20, -21, -21, -19, -19, -19, -20, -20, -20, -20, -21,
        -21, -22, -22, -23, -23, -24, -21, -22, -22, -23, -23, -23, -23, -24, -22, -23, -23, -23,
        -23, -23, -23, -23, -23, -21, -21, -21, -22, -22, -23, -23, -23, -23, -24, -22, -22, -23,
        -23, -21, -21, -21, -21, -20, -20, -20,
    ]  # fmt: skip
    track = QuestPlus(grid=grid)
    posterior = track.posterior(outcomes)
    assert track.marginal("threshold", posterior).mean == pytest.approx(-22.486942966, abs=1e-8)
    assert track.marginal("lapse_rate", posterior).mean == pytest.approx(0.0179428716, abs=1e-9)
    slope = track.marginal("width", posterior)
    slopes = 20.0 * GUMBEL.span / (slope.values * math.log(10.0))
    assert slopes @ slope.probabilities == pytest.approx(3.3781409115, abs=1e-8)


@given(OUTCOMES, st.randoms(use_true_random=False))
def test_the_order_of_the_outcomes_does_not_matter(outcomes: list[Outcome], random: object) -> None:
    mixed = list(outcomes)
    random.shuffle(mixed)  # type: ignore[attr-defined]
    assert PLAIN.next_level(mixed) == PLAIN.next_level(outcomes)
    assert PLAIN.status(mixed) == PLAIN.status(outcomes)


@pytest.mark.parametrize(
    ("name", "mirrored"),
    [
        ("norm", "norm"),
        ("student-t", "student-t"),
        ("gumbel", "reversed-gumbel"),
        ("reversed-gumbel", "gumbel"),
    ],
)
def test_turning_the_numbers_round_turns_the_choices_round(
    name: SigmoidName, mirrored: SigmoidName
) -> None:
    rises = replace(PLAIN, grid=replace(GRID, sigmoid=name))
    falls = replace(
        PLAIN,
        grid=replace(
            GRID,
            sigmoid=mirrored,
            levels=tuple(-level for level in LEVELS),
            thresholds=tuple(-threshold for threshold in GRID.thresholds),
        ),
    )
    assert falls.grid.falling
    outcomes: list[Outcome] = []
    for answer in "CCICCCIICC":
        level = rises.next_level(outcomes) or 0.0
        assert falls.next_level([Outcome(-o.level, o.correct) for o in outcomes]) == -level
        outcomes.append(Outcome(level, answer == "C"))


@pytest.mark.parametrize("name", SIGMOIDS)
@pytest.mark.parametrize("falling", [False, True])
def test_many_trials_find_the_curve(name: SigmoidName, falling: bool) -> None:
    levels = LEVELS[::-1] if falling else LEVELS
    grid = default_grid(levels, guess_rate=0.5, sigmoid=name)
    threshold, width = grid.thresholds[33], grid.widths[6]
    track = QuestPlus(grid=grid, stop=AfterTrials(10_000))
    heard = sigmoid(name, levels, threshold, width, falling=falling)
    outcomes = []
    for level, p in zip(levels, proportion_correct(heard, 0.5, 0.02), strict=True):
        n_right = round(400 * float(p))
        outcomes += [Outcome(level, True)] * n_right + [Outcome(level, False)] * (400 - n_right)
    status = track.status(outcomes)
    assert status.estimate == pytest.approx(threshold, abs=0.2)
    low, high = status.interval or (0.0, 0.0)
    assert low < threshold < high
    assert status.bound is None
    posterior = track.posterior(outcomes)
    assert track.marginal("width", posterior).mean == pytest.approx(width, rel=0.25)
    assert track.marginal("lapse_rate", posterior).mean == pytest.approx(0.02, abs=0.01)


def test_the_threshold_may_stand_elsewhere_on_the_sigmoid() -> None:
    for falling in (False, True):
        levels = LEVELS[::-1] if falling else LEVELS
        for name in ("norm", "gumbel", "weibull"):
            grid = CurveGrid(
                levels=levels, guess_rate=0.0, thresholds=levels, widths=(1.5,),
                lapse_rates=(0.0,), sigmoid=name, threshold_at=0.7,
            )  # fmt: skip
            np.testing.assert_allclose(np.diag(grid.table().right), 0.7)


def test_a_curve_that_rules_an_answer_out_can_come_back() -> None:
    sure = replace(GRID, guess_rate=0.0, lapse_rates=(0.0,), widths=(0.01,))
    track = QuestPlus(grid=sure, stop=AfterTrials(9))
    outcomes = [Outcome(9.0, False), Outcome(1.0, True), Outcome(5.0, True), Outcome(9.0, True)]
    assert np.isfinite(track.posterior(outcomes)).all()
    assert track.next_level(outcomes) in LEVELS


def test_long_histories_stay_finite() -> None:
    history = [Outcome(LEVELS[n % 9], n % 9 > 3) for n in range(5000)]
    posterior = PLAIN.posterior(history)
    assert posterior.sum() == pytest.approx(1.0)
    assert PLAIN.status(history).estimate == pytest.approx(4.6, abs=1.0)


def test_prior_weights_are_a_prior() -> None:
    weights = tuple(float(w) for w in range(1, 12))
    grid = replace(GRID, weights=(("threshold", weights), ("lapse_rate", (2.0, 1.0, 1.0))))
    track = QuestPlus(grid=grid)
    found = track.marginal("threshold", track.posterior([]))
    np.testing.assert_allclose(found.probabilities, np.array(weights) / sum(weights))
    np.testing.assert_allclose(
        track.marginal("lapse_rate", track.posterior([])).probabilities, [0.5, 0.25, 0.25]
    )


def test_psi_is_questplus_with_a_known_lapse_rate() -> None:
    track = psi(LEVELS, guess_rate=0.5, lapse_rate=0.03, stop=AfterTrials(10))
    assert track.problems() == []
    assert track.grid.lapse_rates == (0.03,)
    posterior = track.posterior([])
    np.testing.assert_allclose(
        replace(track, nuisance=("lapse_rate",)).information(posterior),
        track.information(posterior),
        atol=1e-12,
    )


def test_equal_settings_share_a_table_and_few_are_kept() -> None:
    again = CurveGrid(**{name: getattr(GRID, name) for name in GRID.__slots__})
    assert again.table() is GRID.table()
    tables = [replace(GRID, guess_rate=rate).table() for rate in (0.1, 0.2, 0.3, 0.4, 0.6)]
    assert replace(GRID, guess_rate=0.1).table() is not tables[0]
    with pytest.raises(ValueError, match="read-only"):
        tables[0].log_right[0, 0] = 0.0


def test_chance_decides_the_same_in_every_replay() -> None:
    track = replace(PLAIN, n_best=3, seed=(4, 2))
    outcomes: list[Outcome] = []
    for number in range(20):
        level = track.next_level(outcomes)
        assert level == track.next_level(list(outcomes))
        information = track.information(track.posterior(outcomes))
        assert LEVELS.index(level or 0.0) in np.argsort(-information)[:3]
        outcomes.append(Outcome(level or 0.0, number % 3 > 0))
    others = [replace(track, seed=(seed,)).next_level([]) for seed in range(20)]
    assert len(set(others)) == 3


def test_the_easiest_of_equal_levels_is_chosen() -> None:
    assert best_level(np.array([0.1, 0.3, 0.3 + 1e-14, 0.3 - 1e-12, 0.2])) == 3


def test_it_stops_and_says_why() -> None:
    track = replace(PLAIN, stop=AnyOf((IntervalWidth(3.0), AfterTrials(400))))
    outcomes: list[Outcome] = []
    rng = np.random.default_rng(5)
    while (level := track.next_level(outcomes)) is not None:
        p = proportion_correct(sigmoid("norm", level, 5.0, 4.0), 0.5, 0.02)
        outcomes.append(Outcome(level, bool(rng.random() < p)))
    status = track.status(outcomes)
    assert status.stopped == "interval narrower than 3"
    low, high = status.interval or (0.0, 0.0)
    assert high - low <= 3.0
    before_low, before_high = track.status(outcomes[:-1]).interval or (0.0, 0.0)
    assert before_high - before_low > 3.0


def test_thresholds_beyond_the_levels_are_stated() -> None:
    heard = [Outcome(level, True) for level in LEVELS] * 8
    unheard = [Outcome(level, index % 2 == 0) for index, level in enumerate(LEVELS * 8)]
    for levels in (LEVELS, LEVELS[::-1]):
        track = QuestPlus(grid=default_grid(levels, guess_rate=0.5), stop=AfterTrials(10))
        assert track.status(heard).bound == "at or below"
        assert track.status(unheard).bound == "at or above"
        assert track.status([]).bound is None


def test_a_level_that_is_not_offered_is_refused() -> None:
    with pytest.raises(DataError, match=r"level 2\.5"):
        PLAIN.next_level([Outcome(2.5, True)])


def test_summaries_of_a_posterior() -> None:
    flat = Marginal(np.array([1.0, 2.0, 3.0, 4.0]), np.full(4, 0.25))
    assert flat.mean == pytest.approx(2.5)
    assert flat.sd == pytest.approx(math.sqrt(1.25))
    # Cells reach from 0.5 to 4.5, so a flat posterior is the uniform distribution between them.
    assert flat.interval(0.5) == pytest.approx((1.5, 3.5))
    assert flat.below(1.5) == pytest.approx(0.25)
    known = Marginal(np.array([2.0]), np.array([1.0]))
    assert known.interval() == pytest.approx((2.0, 2.0))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"levels": (1.0, 2.0)}, "cannot serve 2 levels"),
        ({"levels": (2.0, 1.0, 3.0)}, "not in order"),
        ({"thresholds": (1.0, 2.0)}, "2 thresholds"),
        ({"thresholds": (20.0, 21.0, 22.0, 23.0, 24.0)}, "20 to 24, all lie outside the levels"),
        ({"thresholds": tuple(np.linspace(0, 9, 100_000).tolist())}, "more than 2000000 cells"),
        ({"widths": ()}, "considered for the width"),
        ({"widths": (1.0, 1.0)}, "considered for the width"),
        ({"widths": (-1.0, 1.0)}, "width is not above 0"),
        ({"widths": (math.inf, 1.0)}, "infinite"),
        ({"sigmoid": "weibull"}, "levels and thresholds above 0"),
        ({"threshold_at": 1.0}, "unscaled sigmoid of 1"),
        ({"guess_rate": 0.97}, "no room for hearing"),
        ({"lapse_rates": (-0.01, 0.02)}, "no room for hearing"),
        ({"lapse_rates": ()}, "considered for the lapse rate"),
        ({"weights": (("width", (1.0, 2.0)),)}, "prior of the width needs 3"),
        ({"weights": (("width", (1.0, 2.0, 0.0)),)}, "prior of the width needs 3"),
    ],
)
def test_grids_that_cannot_serve(change: dict[str, object], said: str) -> None:
    found = replace(PLAIN, grid=replace(GRID, **change)).problems()  # type: ignore[arg-type]
    assert any(said in problem.message for problem in found), found


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"n_best": 10}, "one of the 10 best of 9"),
        ({"n_best": 0}, "one of the 0 best"),
        ({"nuisance": ("threshold",)}, "no nuisance"),
        ({"stop": AfterReversals(8)}, "no reversals"),
        ({"stop": IntervalWidth(3.0)}, "no limit"),
        ({"stop": AnyOf((IntervalWidth(0.5), AfterTrials(99)))}, "can never be met"),
    ],
)
def test_settings_that_cannot_serve(change: dict[str, object], said: str) -> None:
    found = replace(PLAIN, **change).problems()  # type: ignore[arg-type]
    assert any(said in problem.message for problem in found), found


def test_settings_that_can_serve() -> None:
    assert PLAIN.problems() == []
    assert PLAIN.most_trials() == 500
    for name in SIGMOIDS:
        assert QuestPlus(grid=default_grid(LEVELS, guess_rate=1 / 3, sigmoid=name)).problems() == []
    with pytest.raises(ValueError, match="above 0"):
        default_grid((0.0, 1.0, 2.0), guess_rate=0.5, sigmoid="weibull")
