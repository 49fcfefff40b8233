"""A study that is made in the browser: saving, two editors, preview, pilot, launch."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from jndlab.errors import DraftConflict, JndlabError, StudyConflict, StudyError
from jndlab.sessions import open_session
from jndlab.settings import Settings
from jndlab.store.engine import Store, open_store
from jndlab.store.models import DraftRow, SessionRow
from jndlab.store.studies import live_version, newest_version, require_study, versions_of
from jndlab.store.study_states import states_of, study_state
from jndlab.studies.drafts import (
    create_study,
    current_draft,
    drafts_of,
    has_unlaunched_changes,
    launch_draft,
    save_draft,
)
from jndlab.studies.lifecycle import NEXT_STATES, change_state
from jndlab.study.study_file import load_study
from tests.builders import make_study_text, write_stimuli


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path / "data")


@pytest.fixture
def store(settings: Settings) -> Iterator[Store]:
    with open_store(settings) as store:
        yield store


@pytest.fixture
def study(store: Store, settings: Settings) -> int:
    """A study with sounds and a first draft."""
    study = create_study(store, slug="tiny", title="Tiny", by=None)
    write_stimuli(settings.study_folder(study))
    save_draft(store, settings, study, make_study_text(), based_on=0, by=None)
    return study


def text_with(trials: int) -> str:
    return make_study_text(design={"trials_per_level": trials})


def test_what_is_saved_lies_in_the_studys_folder(
    store: Store, settings: Settings, study: int
) -> None:
    save_draft(store, settings, study, text_with(8), based_on=1, by=None)
    assert load_study(settings.study_folder(study)).design.trials_per_level == 8
    with store.read() as db:
        newest = current_draft(db, study)
        assert newest is not None
        assert (newest.number, newest.text) == (2, text_with(8))
        assert [row.number for row in drafts_of(db, study)] == [2, 1]  # nothing is lost
        assert require_study(db, "tiny").title == "A tiny study"


def test_the_second_of_two_editors_is_told_and_overwrites_nothing(
    store: Store, settings: Settings, study: int
) -> None:
    save_draft(store, settings, study, text_with(8), based_on=1, by=None)
    with pytest.raises(DraftConflict, match="while you were editing"):
        save_draft(store, settings, study, text_with(12), based_on=1, by=None)
    assert load_study(settings.study_folder(study)).design.trials_per_level == 8


def test_of_many_who_save_at_once_one_wins(store: Store, settings: Settings, study: int) -> None:
    texts = [text_with(trials) for trials in range(1, 9)]
    told: list[type[JndlabError] | int] = []

    def save(text: str) -> None:
        try:
            told.append(save_draft(store, settings, study, text, based_on=1, by=None))
        except JndlabError as error:
            told.append(type(error))

    threads = [threading.Thread(target=save, args=(text,)) for text in texts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(map(str, told)) == ["2", *[str(DraftConflict)] * 7]
    with store.read() as db:
        assert db.query(DraftRow).count() == 2
        newest = current_draft(db, study)
        assert newest is not None
        written = (settings.study_folder(study) / "study.yaml").read_text()
        assert newest.text == written


@pytest.mark.parametrize("text", ["", "jndlab: 1", "[", make_study_text(seed=-1)])
def test_a_text_that_is_no_study_is_not_saved(
    store: Store, settings: Settings, study: int, text: str
) -> None:
    with pytest.raises(StudyError):
        save_draft(store, settings, study, text, based_on=1, by=None)
    assert load_study(settings.study_folder(study)).design.trials_per_level == 4


def test_the_short_name_can_change_until_the_first_version(
    store: Store, settings: Settings, study: int
) -> None:
    create_study(store, slug="other", title="Other", by=None)
    with pytest.raises(StudyConflict, match="in use"):
        save_draft(store, settings, study, make_study_text(slug="other"), based_on=1, by=None)
    save_draft(store, settings, study, make_study_text(slug="renamed"), based_on=1, by=None)
    launch_draft(store, settings, study, target="preview", by=None)
    with pytest.raises(StudyConflict, match="stays 'renamed'"):
        save_draft(store, settings, study, make_study_text(), based_on=2, by=None)


@pytest.mark.parametrize("slug", ["", "Tiny", "-tiny", "ti ny", "a" * 64, "tiny/../x", "ä"])
def test_a_short_name_that_cannot_be_one_is_refused(store: Store, slug: str) -> None:
    with pytest.raises(StudyConflict, match="cannot be the short name"):
        create_study(store, slug=slug, title="x", by=None)


def test_a_preview_makes_a_version_that_no_participant_meets(
    store: Store, settings: Settings, study: int
) -> None:
    launch_draft(store, settings, study, target="preview", by=None)
    with store.read() as db:
        assert newest_version(db, study) is not None
        assert live_version(db, study) is None
        assert study_state(db, study) == "draft"
        link = require_study(db, "tiny").link
    with pytest.raises(JndlabError):
        open_session(store, link=link, user_agent="a test")


def test_a_pilot_counts_as_one_and_its_version_is_the_one_that_runs(
    store: Store, settings: Settings, study: int
) -> None:
    for target in ("piloting", "running"):
        launched = launch_draft(store, settings, study, target=target, by=None)
        open_session(store, link=launched.link, user_agent="a test")
    with store.read() as db:
        sessions = db.query(SessionRow).order_by(SessionRow.id).all()
        assert [(row.kind, row.participant) for row in sessions] == [
            ("pilot", 1),
            ("participant", 1),
        ]
        assert {row.version.number for row in sessions} == {1}
        assert [row.state for row in states_of(db, study)] == ["piloting", "running"]
        assert not has_unlaunched_changes(db, study)


def test_a_change_while_it_runs_wants_a_reason(
    store: Store, settings: Settings, study: int
) -> None:
    launch_draft(store, settings, study, target="running", by=None)
    save_draft(store, settings, study, text_with(8), based_on=1, by=None)
    with store.read() as db:
        assert has_unlaunched_changes(db, study)
    with pytest.raises(StudyConflict, match="another version"):
        launch_draft(store, settings, study, target="running", by=None, note="  ")
    with store.read() as db:
        assert len(versions_of(db, study)) == 1
    launch_draft(store, settings, study, target="running", by=None, note="More trials.")
    with store.read() as db:
        assert [row.number for row in versions_of(db, study) if row.live_since] == [1, 2]


def test_a_study_that_has_run_is_not_piloted_and_a_closed_one_not_launched(
    store: Store, settings: Settings, study: int
) -> None:
    launch_draft(store, settings, study, target="running", by=None)
    with pytest.raises(StudyConflict, match="cannot be piloted"):
        launch_draft(store, settings, study, target="piloting", by=None)
    change_state(store, study, "closed")
    with pytest.raises(StudyConflict, match="is closed"):
        launch_draft(store, settings, study, target="running", by=None)


def test_states_follow_one_another_only_in_the_ways_there_are(
    store: Store, settings: Settings, study: int
) -> None:
    with pytest.raises(StudyConflict, match="never launched"):
        change_state(store, study, "running")
    launch_draft(store, settings, study, target="running", by=None)
    for state in ("paused", "running", "closed", "archived", "closed"):
        change_state(store, study, state)
        with store.read() as db:
            assert study_state(db, study) == state
    with pytest.raises(StudyConflict, match="can become running or archived"):
        change_state(store, study, "paused")
    assert set(NEXT_STATES) == {s for ways in NEXT_STATES.values() for s in ways}


@pytest.mark.parametrize("which", ["baseline", "folder"])
@pytest.mark.parametrize(
    "folder", ["/etc", "../1/baseline", "a/../../1", "..\\..\\x", "C:\\sounds", "\\\\host\\x"]
)
def test_nobody_listens_to_sounds_outside_of_the_study(
    store: Store, settings: Settings, study: int, which: str, folder: str
) -> None:
    lines = [
        f"{line.partition(which)[0]}{which}: {folder!r}" if f"{which}:" in line else line
        for line in make_study_text().splitlines()
    ]
    assert sum(repr(folder) in line for line in lines) == 1
    with pytest.raises(StudyConflict, match="not inside the study"):
        save_draft(store, settings, study, "\n".join(lines), based_on=1, by=None)
    with store.read() as db:
        assert len(drafts_of(db, study)) == 1


@pytest.mark.parametrize("sound", ["../2/sounds/baseline/one.wav", "a/../../x.wav", "..\\x.wav"])
def test_nor_to_one_that_is_played_in_a_trap_trial(
    store: Store, settings: Settings, study: int, sound: str
) -> None:
    traps = [{"sound": sound, "answer": "1"}]
    text = make_study_text(paradigm="dcr", design={"traps": traps})
    with pytest.raises(StudyConflict, match="of a trap trial is not inside the study"):
        save_draft(store, settings, study, text, based_on=1, by=None)
    with store.read() as db:
        assert len(drafts_of(db, study)) == 1
