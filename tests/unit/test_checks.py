"""Which check comes next, who has passed, and what failing leads to."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import get_args

import pytest

from jndlab.console import findings_text
from jndlab.errors import StudyError
from jndlab.studies import check_study
from jndlab.study.checks import (
    ANSWERS,
    PRESETS,
    Check,
    CheckKind,
    CheckResponse,
    CheckRule,
    checks_state,
)
from tests.builders import make_definition, write_study

KINDS: tuple[CheckKind, ...] = get_args(CheckKind)


def rule(n_trials: int = 2, pass_at: int = 2, **changes: object) -> CheckRule:
    return Check.model_validate(
        {"kind": "left-right", "n_trials": n_trials, "pass_at": pass_at, **changes}
    ).rule()


def given(place: int, attempt: int, *marks: bool) -> list[CheckResponse]:
    return [CheckResponse(place=place, attempt=attempt, correct=mark) for mark in marks]


def test_the_published_rules_are_the_defaults() -> None:
    assert set(PRESETS) == set(ANSWERS) == set(KINDS)
    woods, milne = PRESETS["headphones-antiphase"], PRESETS["headphones-huggins"]
    assert (woods.n_trials, woods.pass_at) == (6, 5)
    assert (milne.n_trials, milne.pass_at) == (6, 6)
    for kind in KINDS:
        assert Check(kind=kind).rule() == PRESETS[kind]


def test_a_study_without_the_section_counts_beeps_and_one_with_an_empty_list_checks_nothing() -> (
    None
):
    assert make_definition().check_rules() == (PRESETS["sound"],)
    assert make_definition(checks=[]).check_rules() == ()


def test_a_different_number_of_trials_keeps_the_published_share() -> None:
    assert Check(kind="headphones-antiphase", n_trials=12).rule().pass_at == 10
    assert Check(kind="headphones-antiphase", n_trials=3).rule().pass_at == 3
    assert Check(kind="headphones-huggins", n_trials=4).rule().pass_at == 4


def test_checks_come_one_after_the_other_and_trials_are_counted() -> None:
    rules = [rule(), rule(1, 1)]
    seen = []
    responses: list[CheckResponse] = []
    while (trial := checks_state(rules, responses).next_trial) is not None:
        seen.append((trial.place, trial.attempt, trial.number))
        responses += given(trial.place, trial.attempt, True)
    assert seen == [(0, 1, 1), (0, 1, 2), (1, 1, 1)]
    assert checks_state(rules, responses).outcomes == ("passed", "passed")


def test_all_trials_are_given_even_when_the_end_is_clear() -> None:
    state = checks_state([rule(3, 3)], given(0, 1, False))
    assert state.next_trial is not None
    assert state.outcomes == ("open",)


@pytest.mark.parametrize("n_right", range(7))
def test_a_check_is_passed_at_its_number_of_right_answers_and_not_below(n_right: int) -> None:
    for marks in set(itertools.permutations([True] * n_right + [False] * (6 - n_right))):
        state = checks_state([PRESETS["headphones-antiphase"]], given(0, 1, *marks))
        assert state.outcomes == ("passed" if n_right >= 5 else "failed",)
        assert state.next_trial is None
        assert not state.screened_out


def test_a_flagged_check_lets_the_session_go_on() -> None:
    state = checks_state([rule(on_fail="flag"), rule()], given(0, 1, True, False))
    assert state.outcomes == ("failed", "open")
    assert state.next_trial is not None
    assert (state.next_trial.place, state.next_trial.number) == (1, 1)


def test_a_retry_is_given_once_and_counts_alone() -> None:
    once = given(0, 1, False, True)
    state = checks_state([rule(on_fail="retry")], once)
    assert state.next_trial is not None
    assert (state.next_trial.attempt, state.next_trial.number) == (2, 1)
    assert checks_state([rule(on_fail="retry")], once + given(0, 2, True, True)).outcomes == (
        "passed",
    )
    failed = checks_state([rule(on_fail="retry")], once + given(0, 2, True, False))
    assert (failed.outcomes, failed.next_trial, failed.screened_out) == (("failed",), None, False)


def test_screening_out_ends_the_checks_at_once_or_after_the_retry() -> None:
    state = checks_state([rule(on_fail="screen-out"), rule()], given(0, 1, False, True))
    assert (state.outcomes, state.next_trial, state.screened_out) == (
        ("failed", "open"),
        None,
        True,
    )
    strict = rule(on_fail="retry", after_retry="screen-out")
    once = given(0, 1, False, True)
    assert not checks_state([strict], once).screened_out
    assert checks_state([strict], once + given(0, 2, False, False)).screened_out
    assert not checks_state([strict], once + given(0, 2, True, True)).screened_out


def test_the_sound_check_is_repeated_until_it_is_passed() -> None:
    responses: list[CheckResponse] = []
    for attempt in range(1, 8):
        trial = checks_state([PRESETS["sound"]], responses).next_trial
        assert trial is not None
        assert trial.attempt == attempt
        responses += given(0, attempt, attempt == 7)
    assert checks_state([PRESETS["sound"]], responses).outcomes == ("passed",)


def test_no_checks_are_over_before_they_begin() -> None:
    state = checks_state([], [])
    assert (state.outcomes, state.next_trial, state.screened_out) == ((), None, False)


@pytest.mark.parametrize(
    ("check", "message"),
    [
        ({"kind": "noise", "pass_at": 9}, "pass_at is 9"),
        ({"kind": "sound", "n_trials": 3}, "kind sound has no n_trials"),
        ({"kind": "level", "on_fail": "flag"}, "kind level has no on_fail"),
        ({"kind": "noise", "frequency_hz": 500}, "kind noise has no frequency_hz"),
        ({"kind": "left-right", "tone_db": -3}, "kind left-right has no tone_db"),
        ({"kind": "loudness"}, "cannot be 'loudness'"),
        ({"kind": "noise", "on_fail": "scream"}, "cannot be 'scream'"),
        ({"kind": "noise", "trials": 3}, "unknown key 'trials'"),
        ({"n_trials": 3}, "the key 'kind' is missing"),
        ({"kind": "noise", "n_trials": 0}, "n_trials"),
        ({"kind": "noise", "n_trials": True}, "n_trials"),
        ({"kind": "bandwidth", "frequency_hz": 5}, "frequency_hz"),
    ],
    ids=str,
)
def test_a_check_that_makes_no_sense_is_refused_at_its_line(
    check: dict[str, object], message: str
) -> None:
    with pytest.raises(StudyError, match=message) as caught:
        make_definition(checks=[check])
    location = caught.value.problems[0].location
    assert location is not None
    assert location.line > 25


def test_old_studies_keep_their_digest() -> None:
    digest = "b83d2bf710bcde4e336be0c08455da7b21994de454d8ac0d216abfd295032c49"
    assert make_definition().digest() == digest


def test_jndlab_check_names_the_checks_and_those_that_come_too_early(tmp_path: Path) -> None:
    early = write_study(tmp_path / "a", checks=[{"kind": "noise"}, {"kind": "level"}])
    shown = findings_text(check_study(early))
    assert "checks before the first trial: noise, level" in shown
    assert "not at the volume of the test" in shown
    right = write_study(tmp_path / "b", checks=[{"kind": "sound"}, {"kind": "level"}])
    assert "not at the volume" not in findings_text(check_study(right))
    none = write_study(tmp_path / "c", checks=[])
    assert "checks before the first trial: none" in findings_text(check_study(none))


def test_jndlab_check_tells_of_more_sliders_than_a_listener_can_compare(tmp_path: Path) -> None:
    for n_levels, told in ((11, False), (12, True)):  # beside the hidden reference
        levels = list(range(1, n_levels + 1))
        study = write_study(
            tmp_path / str(n_levels), paradigm="mushra", items=["one"], condition={"levels": levels}
        )
        shown = findings_text(check_study(study))
        assert ("a trial has 13 sliders, more than the 12" in shown) == told
