"""A paused or closed study takes nobody; what is under way and what was answered is kept."""

from __future__ import annotations

import pytest

from jndlab.errors import StudyClosed, StudyPaused
from jndlab.sessions import (
    answer_check,
    open_session,
    position,
    release_ahead,
    release_check,
    release_trial,
    store_answer,
)
from jndlab.store.studies import study_by_link
from jndlab.store.study_states import StudyState, set_study_state, study_state
from tests.store.launching import Launched, make_response

REFUSED = [("paused", StudyPaused), ("closed", StudyClosed)]


def put(launched: Launched, state: StudyState) -> None:
    with launched.store.write() as db:
        set_study_state(db, study_by_link(db, launched.link).id, state)


def state_of(launched: Launched) -> StudyState:
    with launched.store.read() as db:
        return study_state(db, study_by_link(db, launched.link).id)


def checked(launched: Launched) -> str:
    """A participant's session whose checks are over."""
    token = launched.open(simulated=False)
    check = release_check(launched.store, token)
    answer_check(launched.store, token, check.name, launched.right_answer(check.name))
    return token


def test_a_study_is_open_from_its_launch_and_the_newest_state_counts(launched: Launched) -> None:
    seen = [state_of(launched)]
    states: tuple[StudyState, ...] = ("paused", "paused", "running", "closed")
    for state in states:
        put(launched, state)
        seen.append(state_of(launched))
    assert seen == ["running", "paused", "paused", "running", "closed"]


@pytest.mark.parametrize(("state", "error"), REFUSED)
def test_nobody_starts(launched: Launched, state: StudyState, error: type[Exception]) -> None:
    put(launched, state)
    with pytest.raises(error):
        launched.open(simulated=False)
    put(launched, "running")
    assert launched.open(simulated=False)


@pytest.mark.parametrize(("state", "error"), REFUSED)
def test_nobody_goes_on_but_the_answer_on_its_way_is_stored(
    launched: Launched, state: StudyState, error: type[Exception]
) -> None:
    token = checked(launched)
    trial = release_trial(launched.store, token)
    put(launched, state)
    again = open_session(launched.store, link=launched.link, user_agent="a test", token=token)
    assert again[0] == token  # the same request once more is no new session
    for refused in (release_trial, release_ahead):
        with pytest.raises(error):
            refused(launched.store, token)
    store_answer(launched.store, token, trial.number, make_response(), key="key-of-the-answer")
    assert position(launched.store, token).n_answered == 1
    put(launched, "running")
    assert release_trial(launched.store, token).number == trial.number + 1


def test_simulated_listeners_are_not_kept_out(launched: Launched) -> None:
    put(launched, "closed")
    assert release_trial(launched.store, launched.open()).number == 1
