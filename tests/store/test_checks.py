"""Checks before the first trial: one mechanism, decided on the server, nothing overwritten."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import select

from jndlab.audio.pcm import HEADER_BYTES, decode_wav
from jndlab.clips import open_clips
from jndlab.errors import RequestInvalid, SessionClosed, TokenInvalid, TrialOutOfOrder
from jndlab.sessions import (
    CheckReceipt,
    CheckView,
    answer_check,
    check_wav,
    position,
    release_check,
    release_trial,
)
from jndlab.sessions.checks import MAX_ATTEMPTS
from jndlab.store.models import CheckTrialRow, SessionRow, StudyRow
from jndlab.store.sessions import token_digest
from tests.store.launching import Launched, make_template, open_copy

ALL = [
    {"kind": "sound"},
    {"kind": "level"},
    {"kind": "left-right", "on_fail": "retry"},
    {"kind": "headphones-antiphase"},
    {"kind": "headphones-huggins", "n_trials": 2, "on_fail": "screen-out"},
    {"kind": "noise"},
    {"kind": "bandwidth"},
]


@pytest.fixture(scope="session")
def all_kinds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder of a launched study with every kind of check."""
    return make_template(tmp_path_factory.mktemp("checked"), checks=ALL, screen_out_code="OUT-1")


@pytest.fixture
def checked(all_kinds: Path, tmp_path: Path) -> Iterator[Launched]:
    launched = open_copy(all_kinds, tmp_path)
    yield launched
    launched.store.close()


@pytest.fixture
def launch(tmp_path: Path) -> Iterator[Callable[[list[dict[str, Any]]], Launched]]:
    """Launch a study with some checks."""
    made: list[Launched] = []

    def launch(checks: list[dict[str, Any]]) -> Launched:
        folder = tmp_path / str(len(made))
        made.append(open_copy(make_template(folder / "study", checks=checks), folder / "copy"))
        return made[-1]

    yield launch
    for launched in made:
        launched.store.close()


def wav_of(launched: Launched, token: str, name: str) -> bytes:
    return check_wav(launched.store, token, name, open_clips(launched.settings))


def answer(launched: Launched, token: str, view: CheckView, *, right: bool = True) -> CheckReceipt:
    if view.kind == "level":
        return answer_check(launched.store, token, view.name, "-12.5")
    value = launched.right_answer(view.name)
    if not right:
        value = next(other for other in view.answers if other != value)
    return answer_check(launched.store, token, view.name, value)


def take(launched: Launched, token: str, *, right: bool = True) -> list[tuple[str, str]]:
    """Kind and outcome of every answer until the checks are over."""
    seen = []
    while position(launched.store, token).step == "check":
        view = release_check(launched.store, token)
        seen.append((view.kind, answer(launched, token, view, right=right).outcome))
    return seen


def rows_of(launched: Launched, token: str) -> list[CheckTrialRow]:
    query = (
        select(CheckTrialRow)
        .join(SessionRow, SessionRow.id == CheckTrialRow.session_id)
        .where(SessionRow.token_digest == token_digest(token))
        .order_by(CheckTrialRow.id)
    )
    with launched.store.read() as db:
        return list(db.scalars(query))


def test_no_trial_before_the_checks_are_over(launched: Launched) -> None:
    token = launched.open(simulated=False)
    assert position(launched.store, token).step == "check"
    with pytest.raises(TrialOutOfOrder, match="checks come first"):
        release_trial(launched.store, token)
    assert take(launched, token) == [("sound", "passed")]
    assert position(launched.store, token).step == "trial"
    assert release_trial(launched.store, token).number == 1
    with pytest.raises(TrialOutOfOrder, match="checks are over"):
        release_check(launched.store, token)


def test_a_study_without_checks_and_a_simulated_listener_begin_at_once(
    launched: Launched, launch: Callable[..., Launched]
) -> None:
    assert position(launched.store, launched.open(simulated=True)).step == "trial"
    bare = launch([])
    assert position(bare.store, bare.open(simulated=False)).step == "trial"


def test_every_kind_can_be_passed_in_the_studys_order(checked: Launched) -> None:
    token = checked.open(simulated=False)
    seen = take(checked, token)
    kinds = [check["kind"] for check in ALL]
    assert list(dict.fromkeys(kind for kind, _ in seen)) == kinds
    assert [kind for kind, outcome in seen if outcome == "passed"] == kinds
    assert {outcome for _, outcome in seen} == {"next", "passed"}
    assert len(seen) == 1 + 1 + 4 + 6 + 2 + 3 + 3


def test_asked_again_the_same_trial_comes_and_answered_again_the_first_answer_stands(
    checked: Launched,
) -> None:
    token = checked.open(simulated=False)
    first, again = (release_check(checked.store, token) for _ in range(2))
    assert first == again
    assert wav_of(checked, token, first.name) == wav_of(checked, token, first.name)
    receipt = answer(checked, token, first)
    assert receipt == answer(checked, token, first)
    assert receipt == answer(checked, token, first, right=False)
    assert release_check(checked.store, token).kind == "level"
    assert [row.correct for row in rows_of(checked, token)] == [True, None]


def test_one_sound_takes_one_answer_so_that_trying_all_is_no_way_in(launched: Launched) -> None:
    token = launched.open(simulated=False)
    view = release_check(launched.store, token)
    assert answer(launched, token, view, right=False).outcome == "again"
    for value in view.answers:
        assert answer_check(launched.store, token, view.name, value).outcome == "again"
    assert position(launched.store, token).step == "check"
    assert release_check(launched.store, token).attempt == 2


def test_the_sound_check_is_not_given_without_end(launched: Launched) -> None:
    token = launched.open(simulated=False)
    for _ in range(MAX_ATTEMPTS):
        answer(launched, token, release_check(launched.store, token), right=False)
    with pytest.raises(RequestInvalid, match="too often"):
        release_check(launched.store, token)


def test_a_screen_out_ends_the_session_with_a_code_of_its_own(checked: Launched) -> None:
    token = checked.open(simulated=False)
    while (view := release_check(checked.store, token)).kind != "headphones-huggins":
        answer(checked, token, view)
    assert answer(checked, token, view, right=False).outcome == "next"
    view = release_check(checked.store, token)
    receipt = answer(checked, token, view, right=False)
    assert receipt.outcome == "failed"
    at = position(checked.store, token)
    assert (at.step, at.completion_code) == ("screened-out", "OUT-1")
    assert answer(checked, token, view) == receipt
    for closed in (release_check, release_trial):
        with pytest.raises(SessionClosed):
            closed(checked.store, token)
    with checked.store.read() as db:
        assert db.scalars(select(StudyRow.completion_code)).one() != "OUT-1"


def test_a_code_is_made_where_the_study_names_none(launched: Launched) -> None:
    with launched.store.read() as db:
        study = db.scalars(select(StudyRow)).one()
    assert study.screen_out_code
    assert study.screen_out_code != study.completion_code


def test_failing_flags_or_gives_one_retry_as_the_study_says(
    launch: Callable[..., Launched],
) -> None:
    flagged = launch([{"kind": "left-right", "n_trials": 1, "on_fail": "flag"}])
    token = flagged.open(simulated=False)
    assert take(flagged, token, right=False) == [("left-right", "failed")]
    assert position(flagged.store, token).step == "trial"
    again = launch([{"kind": "left-right", "n_trials": 1, "on_fail": "retry"}])
    token = again.open(simulated=False)
    assert take(again, token, right=False) == [("left-right", "again"), ("left-right", "failed")]
    assert position(again.store, token).step == "trial"
    out = launch(
        [{"kind": "noise", "n_trials": 1, "on_fail": "retry", "after_retry": "screen-out"}]
    )
    token = out.open(simulated=False)
    assert take(out, token, right=False) == [("noise", "again"), ("noise", "failed")]
    assert position(out.store, token).step == "screened-out"


def test_the_chosen_level_is_kept_with_the_session(checked: Launched) -> None:
    token = checked.open(simulated=False)
    answer(checked, token, release_check(checked.store, token))
    assert position(checked.store, token).gain_db is None
    view = release_check(checked.store, token)
    assert view.gain_range_db is not None
    for impossible in ("", "loud", "nan", "inf", "1", "-99", "-12,5"):
        with pytest.raises(RequestInvalid, match="cannot be"):
            answer_check(checked.store, token, view.name, impossible)
    assert answer_check(checked.store, token, view.name, "-12.5").gain_db == -12.5
    assert answer_check(checked.store, token, view.name, "-3").gain_db == -12.5  # it is locked
    assert position(checked.store, token).gain_db == -12.5


def test_an_answer_that_is_not_offered_is_refused_and_can_be_mended(launched: Launched) -> None:
    token = launched.open(simulated=False)
    view = release_check(launched.store, token)
    for impossible in ("", "0", "7", "three", "2 ", "left"):
        with pytest.raises(RequestInvalid, match="Use one of"):
            answer_check(launched.store, token, view.name, impossible)
    assert answer(launched, token, view).outcome == "passed"


def test_a_check_of_another_session_cannot_be_heard_or_answered(launched: Launched) -> None:
    mine, other = launched.open(simulated=False), launched.open(simulated=False)
    theirs = release_check(launched.store, other).name
    for name in (theirs, "x" * len(theirs)):
        with pytest.raises(TokenInvalid, match="no such clip"):
            wav_of(launched, mine, name)
        with pytest.raises(TokenInvalid, match="no such check"):
            answer_check(launched.store, mine, name, launched.right_answer(theirs))
    assert position(launched.store, mine).step == "check"


def test_neither_size_nor_head_nor_name_of_a_sound_tells_the_answer(checked: Launched) -> None:
    by_kind: dict[str, set[tuple[bytes, int, int]]] = {}
    names = []
    for _ in range(3):
        token = checked.open(simulated=False)
        while position(checked.store, token).step == "check":
            view = release_check(checked.store, token)
            wav = wav_of(checked, token, view.name)
            shape = (wav[:HEADER_BYTES], len(wav), len(view.name))
            by_kind.setdefault(view.kind, set()).add(shape)
            names.append(view.name)
            answer(checked, token, view)
    assert {kind: len(shapes) for kind, shapes in by_kind.items()} == dict.fromkeys(by_kind, 1)
    assert len(set(names)) == len(names)


def test_a_view_is_the_same_whatever_is_right_but_for_names_and_numbers(
    checked: Launched,
) -> None:
    views: dict[str, set[tuple[object, ...]]] = {}
    answers: dict[str, set[str]] = {}
    for _ in range(6):
        token = checked.open(simulated=False)
        while position(checked.store, token).step == "check":
            view = release_check(checked.store, token)
            fixed = (view.n_trials, view.attempt, view.answers, view.intervals, view.gain_range_db)
            views.setdefault(view.kind, set()).add(fixed)
            answers.setdefault(view.kind, set()).add(checked.right_answer(view.name))
            answer(checked, token, view)
    assert all(len(answers[kind]) > 1 for kind in answers if kind != "level")
    assert all(len(fixed) == 1 for fixed in views.values())


def test_the_level_is_set_on_the_studys_speech_whose_bytes_are_never_those_of_a_trial(
    checked: Launched,
) -> None:
    token = checked.open(simulated=False)
    answer(checked, token, release_check(checked.store, token))
    wav = wav_of(checked, token, release_check(checked.store, token).name)
    stored = {path.read_bytes() for path in checked.settings.clips.rglob("*.wav")}
    assert wav not in stored
    samples = decode_wav(wav)
    apart = min(
        int(np.abs(samples - decode_wav(other)).max()) for other in stored if len(other) == len(wav)
    )
    assert apart == 1


def test_soft_tones_are_soft_beside_the_studys_speech(launch: Callable[..., Launched]) -> None:
    peaks = {}
    for level in (-40, -20):
        launched = launch([{"kind": "noise", "tone_db": level}])
        token = launched.open(simulated=False)
        view = release_check(launched.store, token)
        wav = wav_of(launched, token, view.name)
        samples = decode_wav(wav)[:, 0] / 2**23
        start = round((1.5 * (int(launched.right_answer(view.name)) - 1) + 0.25) * 48_000)
        peaks[level] = np.abs(samples[start : start + 9_600]).max()
    assert 20 * np.log10(peaks[-20] / peaks[-40]) == pytest.approx(20, abs=0.1)
    # The test's speech is noise of -20 dB: 40 dB below that, and a sine's peak 3 dB above.
    assert 20 * np.log10(peaks[-40]) == pytest.approx(-57, abs=1)
