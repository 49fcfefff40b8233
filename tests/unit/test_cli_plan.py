"""`jndlab plan`: a small table, one sentence with the answer, and reasons where there is none."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args
from xml.etree import ElementTree

import pytest
from builders import write_study

from jndlab.analysis.inference.equivalence_bounds import BoundOn
from jndlab.analysis.planning.goals import GoalName
from jndlab.cli_plan import BOUNDS_ON, GOALS

Cli = Callable[..., Any]
FOUND = ("--goal", "difference", "--proportion-correct", "0.7", "--trials", "20")


@pytest.fixture(autouse=True)
def study(here: Path) -> None:
    write_study(
        here / "study",
        condition={"levels": [5, 4, 3, 2, 1]},
        design={"trials_per_level": 8, "practice_trials": 2},
    )


def test_the_choices_offered_are_those_there_are() -> None:
    assert get_args(GoalName) == GOALS
    assert get_args(BoundOn) == BOUNDS_ON


def test_a_test_is_planned_in_a_small_table_and_one_sentence(run_cli: Cli) -> None:
    outcome = run_cli("plan", "study", *FOUND, "--listeners", "4,8,12")
    assert outcome.status == 0
    assert "bits: in how many studies a test over listeners finds a difference" in outcome.out
    assert "Assumed: listeners right in 70% ± 5% of trials" in outcome.out
    rows = [line.split() for line in outcome.out.splitlines() if line.lstrip()[:1].isdigit()]
    # Listeners, trials per level, trials of a session: 5 levels, 2 + 2 catch, 2 practice trials.
    assert [row[:3] for row in rows] == [[n, "20", "106"] for n in ("4", "8", "12")]
    assert outcome.out.count("<- the smallest that is enough") == 1
    assert "Recruit 8 listeners with 20 trials per level each." in outcome.out


def test_a_threshold_is_planned_with_nothing_but_the_study(run_cli: Cli) -> None:
    outcome = run_cli("plan", "study", "--simulations", "4", "--listeners", "8,16")
    assert outcome.status == 0
    assert "the 95% interval of the JND is at most 2 fraction bits wide" in outcome.out
    assert "thresholds of 3 ± 0.5 fraction bits (mean ± SD of listeners)" in outcome.out
    assert "Only 4 simulated studies per cell" in outcome.out


def test_equivalence_is_planned_for_listeners_who_hear_nothing(run_cli: Cli) -> None:
    outcome = run_cli(
        *("plan", "study", "--goal", "equivalence", "--bound", "0.7", "--simulations", "20"),
        *("--listeners", "4,16", "--trials", "20"),
    )
    assert outcome.status == 0
    assert "listeners right in 50% ± 0% of trials" in outcome.out
    assert "upper limit" in outcome.out
    assert "Recruit 16 listeners" in outcome.out


def test_json_is_nothing_but_json_and_equal_for_any_number_of_workers(run_cli: Cli) -> None:
    options = ["plan", "study", *FOUND, "--listeners", "4,8", "--simulations", "25", "--json"]
    one, two = (run_cli(*options, "--workers", workers).out for workers in (1, 2))
    assert json.loads(one) == json.loads(two)
    assert [cell["n_simulations"] for cell in json.loads(one)["cells"]] == [25, 25]
    assert json.loads(run_cli(*options, "--seed", "2").out) != json.loads(one)


def test_the_figure_is_an_svg_file(run_cli: Cli, here: Path) -> None:
    outcome = run_cli("plan", "study", *FOUND, "--simulations", "5", "--figure", "power.svg")
    assert outcome.out.endswith("Wrote power.svg\n")
    assert ElementTree.parse(here / "power.svg").getroot().tag.endswith("svg")


def test_whole_sessions_are_answered_trial_by_trial(run_cli: Cli) -> None:
    outcome = run_cli(
        *("plan", "study", "--goal", "difference", "--level", "1", "--whole-sessions"),
        *("--listeners", "4", "--trials", "4", "--simulations", "3"),
    )
    assert outcome.status == 0
    assert "thresholds of 3 ± 0.5 fraction bits" in outcome.out


def test_an_adaptive_study_is_planned_by_its_own_sessions(run_cli: Cli, here: Path) -> None:
    write_study(
        here / "follows",
        paradigm="3afc",
        condition={"levels": [5, 4, 3, 2, 1]},
        design={"procedure": "staircase"},
        adaptive={"stop": {"reversals": 6, "trials": 40}},
    )
    outcome = run_cli("plan", "follows", "--simulations", "4", "--listeners", "8,16")
    assert outcome.status == 0
    assert "2-down 1-up staircase" in outcome.out
    assert "test trials on average" in outcome.out
    again = run_cli("plan", "follows", "--simulations", "4", "--listeners", "8,16")
    assert again.out == outcome.out


@pytest.mark.parametrize(
    ("paradigm", "options", "said"),
    [
        ("mushra", ["--difference", "5", "--rating-sd", "15", "--dropout", "0"], "Recruit 92 "),
        ("acr", ["--difference", "0.5"], "SD of one rating 0.8"),
        ("preference", ["--share", "0.6"], "a share of 60% is told from one half"),
    ],
)
def test_preferences_and_ratings_are_planned_for_a_t_test(
    run_cli: Cli, here: Path, paradigm: str, options: list[str], said: str
) -> None:
    write_study(
        here / "taste", paradigm=paradigm, design={"identical_trials": 0, "gross_trials": 0}
    )
    outcome = run_cli("plan", "taste", *options)
    assert outcome.status == 0
    assert said in outcome.out
    told = json.loads(run_cli("plan", "taste", *options, "--json").out)
    assert told["answers"][0]["power"] >= 0.9


@pytest.mark.parametrize(
    ("study", "options", "message"),
    [
        ({"paradigm": "mushra"}, [], "--difference 5 for MUSHRA"),
        ({"paradigm": "mushra"}, ["--difference", "0"], "difference of 0 is not to be found"),
        ({"paradigm": "mushra"}, ["--goal", "equivalence"], "no equivalence to plan for"),
        ({"paradigm": "acr"}, ["--difference", "1", "--figure", "x.svg"], "has no figure"),
        ({"paradigm": "preference"}, ["--share", "0.5"], "told from one half is not said"),
        ({"paradigm": "preference"}, ["--share", "0.9", "--proportion-spread", "0.5"], "differ by"),
        ({"paradigm": "yes-no"}, [], "yes/no has no chance level"),
        (
            {"design": {"procedure": "questplus"}},
            ["--goal", "equivalence", "--bound", "0.6"],
            "chooses its own levels",
        ),
        ({"design": {"procedure": "psi"}}, ["--trials", "20"], "for the procedure's stop rule"),
        ({"parts": [{"name": "a"}, {"name": "b"}]}, [], "Choose one with --part: a, b."),
        ({"parts": [{"name": "a"}, {"name": "b"}]}, ["--part", "c"], "no part 'c'"),
    ],
)
def test_what_another_task_cannot_be_planned_for_says_why(
    refused: Callable[..., str],
    here: Path,
    study: dict[str, Any],
    options: list[str],
    message: str,
) -> None:
    no_catch = {"identical_trials": 0, "gross_trials": 0}
    told = {**study, "design": no_catch | study.get("design", {})}
    write_study(here / "other", condition={"levels": [5, 4, 3, 2, 1]}, **told)
    assert message in refused("plan", "other", *options)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--goal", "equivalence"], "--bound 0.6"),
        (["--goal", "equivalence", "--bound", "0.5"], "allows no effect at all"),
        (["--goal", "difference"], "--proportion-correct 0.65"),
        (["--goal", "difference", "--proportion-correct", "0.5"], "there is no difference"),
        (
            ["--goal", "equivalence", "--bound", "0.6", "--level", "1"],
            "no number of listeners can show equivalence",
        ),
        (["--goal", "difference", "--level", "9"], "there is no level 9"),
        (["--goal", "difference", "--level", "1", "--proportion-correct", "0.6"], "Leave it out"),
        (
            ["--goal", "equivalence", "--bound", "0.6", "--whole-sessions"],
            "Whole sessions need listeners with a curve",
        ),
        (["--level", "3"], "A threshold is about all levels"),
        (["--threshold", "9"], "lies outside the tested levels 1 to 5"),
        (["--figure", "power.png"], "ends in .svg"),
        (["--condition", "pruned"], "no condition 'pruned'"),
        (["--trials", "300"], "cannot have 300 trials per level"),
        (["--listeners", "1"], "whole numbers from 2 on"),
        (["--dropout", "1"], "share of dropout of 1 cannot be"),
        (["--power", "90"], "power cannot be 90"),
    ],
)
def test_what_cannot_be_planned_says_why(
    refused: Callable[..., str], options: list[str], message: str
) -> None:
    assert message in refused("plan", "study", *options)


def test_numbers_that_are_none_show_the_usage(run_cli: Cli) -> None:
    outcome = run_cli("plan", "study", "--listeners", "8;16")
    assert outcome.status == 2
    assert "'8;16' is not like 8,16,24" in outcome.err
