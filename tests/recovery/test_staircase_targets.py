"""Recovery: staircases settle on their textbook targets, QUEST+ and Psi find the threshold."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from jndlab.sigmoids import proportion_correct, sigmoid
from jndlab.study.procedures.questplus import QuestPlus, default_grid, psi
from jndlab.study.procedures.staircase import Staircase, target_probability
from jndlab.study.procedures.staircase_walk import StepSize, Walk
from jndlab.study.procedures.stopping import AfterTrials
from jndlab.study.procedures.track import Outcome

LEVELS = tuple(float(level) for level in range(61))
MANY = tuple(float(level) for level in range(201))
N_TRACKS = 120
N_TRIALS = 700
REFERENCE = Path(__file__).resolve().parents[3] / "shared" / "data" / "reference_psychometrics.json"


def staircase(n_down: int, easier: int) -> Staircase:
    return Staircase(
        levels=MANY,
        guess_rate=0.0,
        n_down=n_down,
        step_sizes=(
            StepSize(harder=16, easier=16, reversals=4),
            StepSize(harder=1, easier=easier),
        ),
        n_averaged=60,
        stop=AfterTrials(N_TRIALS),
    )


def walked(settings: Staircase, draws: np.ndarray, right: np.ndarray) -> Walk:
    """One track of a listener who is right where a draw is below the proportion correct."""
    walk = Walk(
        n_levels=len(MANY),
        n_down=settings.n_down,
        n_up=settings.n_up,
        step_sizes=settings.step_sizes,
        position=len(MANY) - 1,
    )
    for draw in draws:
        walk.answer(bool(draw < right[walk.position]))
    return walk


@pytest.mark.parametrize(
    ("n_down", "easier", "target"),
    [(1, 1, 0.5), (2, 1, 0.70710678), (3, 1, 0.79370053), (4, 1, 0.84089642), (1, 3, 0.75)],
)
def test_staircases_converge_to_the_textbook_targets(
    n_down: int, easier: int, target: float
) -> None:
    settings = staircase(n_down, easier)
    assert settings.target_probability == pytest.approx(target, abs=1e-8)
    # Steps are small against the width, as the textbooks ask; yes/no without lapses.
    right = sigmoid("logistic", MANY, 100.0, 160.0)
    rng = np.random.default_rng([n_down, easier])
    found = []
    for draws in rng.random((N_TRACKS, N_TRIALS)):
        averaged = settings.averaged(walked(settings, draws, right).reversals)
        found.append(np.mean([turn.position for turn in averaged]))
    reached = float(sigmoid("logistic", np.mean(found), 100.0, 160.0))
    assert reached == pytest.approx(target, abs=0.012)


def test_the_status_of_a_track_is_that_of_its_walk() -> None:
    settings = staircase(2, 1)
    right = sigmoid("logistic", MANY, 100.0, 60.0)
    draws = np.random.default_rng(3).random(60)
    outcomes: list[Outcome] = []
    for draw in draws:
        level = settings.next_level(outcomes)
        assert level is not None
        outcomes.append(Outcome(level, bool(draw < right[MANY.index(level)])))
    walk = walked(settings, draws, right)
    status = settings.status(outcomes)
    assert status.n_reversals == len(walk.reversals)
    mean = np.mean([MANY[turn.position] for turn in settings.averaged(walk.reversals)])
    assert status.estimate == pytest.approx(mean)


@pytest.mark.skipif(not REFERENCE.exists(), reason="the reference values are not here")
def test_targets_equal_the_reference() -> None:
    entries = json.loads(REFERENCE.read_text(encoding="utf-8"))["entries"]
    expected = next(entry for entry in entries if entry["id"] == "staircase_targets")["result"]
    found = {f"1up{n_down}down": target_probability(n_down, 1) for n_down in (1, 2, 3, 4)}
    found["weighted_3_1"] = target_probability(1, 1, harder=1, easier=3)
    assert found == pytest.approx(expected, abs=1e-8)


@pytest.mark.parametrize("compression", ["rises", "falls"])
@pytest.mark.parametrize("known_lapse", [False, True])
def test_questplus_and_psi_find_the_threshold(compression: str, known_lapse: bool) -> None:
    levels = LEVELS[::3] if compression == "rises" else LEVELS[::-3]
    track = (
        psi(levels, guess_rate=0.5, lapse_rate=0.02)
        if known_lapse
        else QuestPlus(grid=default_grid(levels, guess_rate=0.5, n_thresholds=41, n_widths=6))
    )
    rng = np.random.default_rng(11)
    estimates, truths, covered = [], [], []
    for truth in rng.uniform(20.0, 40.0, 60):
        heard = sigmoid("norm", levels, truth, 15.0, falling=compression == "falls")
        right = dict(zip(levels, proportion_correct(heard, 0.5, 0.02), strict=True))
        outcomes: list[Outcome] = []
        while (level := track.next_level(outcomes)) is not None:
            outcomes.append(Outcome(level, bool(rng.random() < right[level])))
        status = track.status(outcomes)
        assert len(outcomes) == 50
        low, high = status.interval or (0.0, 0.0)
        estimates.append(status.estimate or 0.0)
        truths.append(truth)
        covered.append(low <= truth <= high)
    errors = np.array(estimates) - np.array(truths)
    assert abs(errors.mean()) < 2.0
    assert errors.std() < 5.0
    # Of 60 intervals at 95 %, fewer than 51 hold the truth once in 10,000 runs.
    assert sum(covered) >= 51
