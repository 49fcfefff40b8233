"""A change after the launch makes a new version; every session keeps the one it began with."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from jndlab.errors import StudyConflict
from jndlab.export.tidy import study_rows
from jndlab.sessions import open_session, release_trial
from jndlab.settings import Settings
from jndlab.store.deeds import deeds_of, detail_of
from jndlab.store.engine import Store, open_store
from jndlab.store.studies import (
    definition_of,
    live_version,
    newest_version,
    require_study,
    require_version,
    versions_of,
)
from jndlab.studies import LaunchedStudy, launch_study
from jndlab.study.study_file import load_study
from tests.builders import write_study

REASON = "The items of the first version were too quiet."


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path / "data")


@pytest.fixture
def store(settings: Settings) -> Iterator[Store]:
    with open_store(settings) as store:
        yield store


def launch(store: Store, settings: Settings, folder: Path, **how: str) -> LaunchedStudy:
    return launch_study(store, settings, folder / "study.yaml", **how)  # type: ignore[arg-type]


def take_a_trial(store: Store, link: str, folder: Path) -> None:
    key = load_study(folder / "study.yaml").simulation_key()
    token, _ = open_session(store, link=link, user_agent="a test", simulation=key)
    release_trial(store, token)


def test_a_change_without_a_reason_is_refused_and_the_message_names_the_way(
    tmp_path: Path, settings: Settings, store: Store
) -> None:
    folder = tmp_path / "study"
    write_study(folder)
    launch(store, settings, folder)
    write_study(folder, design={"trials_per_level": 8})
    with pytest.raises(StudyConflict, match="another definition") as refused:
        launch(store, settings, folder)
    assert "--new-version REASON" in refused.value.remedy
    with store.read() as db:
        assert len(versions_of(db, require_study(db, "tiny").id)) == 1


def test_a_change_with_a_reason_is_a_new_version_under_the_same_link(
    tmp_path: Path, settings: Settings, store: Store
) -> None:
    folder = tmp_path / "study"
    write_study(folder)
    first = launch(store, settings, folder)
    take_a_trial(store, first.link, folder)
    write_study(folder, design={"trials_per_level": 8})
    second = launch(store, settings, folder, note=REASON)
    take_a_trial(store, second.link, folder)
    assert (first.version, second.version, second.link) == (1, 2, first.link)
    with store.read() as db:
        study = require_study(db, "tiny")
        rows = versions_of(db, study.id)
        assert [row.note for row in rows] == ["", REASON]
        assert [definition_of(row).design.trials_per_level for row in rows] == [4, 8]
        assert live_version(db, study.id) is rows[1]
        assert require_version(db, study.id, 1) is rows[0]
        launches = [detail_of(row) for row in deeds_of(db, study.id, deed="launched")]
        digests = [row.digest for row in rows]
    assert [deed["version"] for deed in launches] == [1, 2]
    # The data say which version they belong to.
    assert [row["study_digest"] for row in study_rows(store, "tiny")] == digests


def test_a_changed_sound_alone_is_a_new_version(
    tmp_path: Path, settings: Settings, store: Store
) -> None:
    folder = tmp_path / "study"
    write_study(folder)
    launch(store, settings, folder)
    write_study(folder, sounds={"seconds": 0.4})
    with pytest.raises(StudyConflict, match="has changed since the launch"):
        launch(store, settings, folder)
    launch(store, settings, folder, note=REASON)
    with store.read() as db:
        rows = versions_of(db, require_study(db, "tiny").id)
        assert rows[0].definition_digest == rows[1].definition_digest
        assert rows[0].digest != rows[1].digest


def test_launching_the_unchanged_study_again_makes_no_version(
    tmp_path: Path, settings: Settings, store: Store
) -> None:
    folder = tmp_path / "study"
    write_study(folder)
    launch(store, settings, folder)
    again = launch(store, settings, folder, note=REASON)
    assert (again.version, again.is_new) == (1, False)
    with store.read() as db:
        study = require_study(db, "tiny")
        assert newest_version(db, study.id) is live_version(db, study.id)
