"""Deleting a study: everything of it goes, nothing of another, and never while it runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from jndlab.clips import missing_clips, open_clips
from jndlab.errors import StudyConflict
from jndlab.settings import Settings
from jndlab.store.base import Base
from jndlab.store.copying import continue_numbers
from jndlab.store.deeds import detail_of
from jndlab.store.engine import Store
from jndlab.store.models import DeedRow, StimulusRow
from jndlab.store.studies import require_study
from jndlab.store.study_states import StudyState, set_study_state
from jndlab.studies import launch_study
from jndlab.studies.deleting import _delete_clips, delete_study
from jndlab.studies.drafts import create_study
from jndlab.studies.freezing import render_version
from jndlab.studies.making import check_study
from tests.builders import write_study
from tests.migrations.filling import make_row

NOT_OF_A_STUDY = {
    "users",
    "sign_ins",
    "failed_sign_ins",
    "periodic",
    "rates",
    "api_tokens",
    "consent_texts",
    "deeds",
}
NOT_YET: tuple[StudyState, ...] = ("piloting", "running", "paused", "closed")


def counts(store: Store) -> dict[str, int]:
    with store.read() as db:
        return {
            name: db.execute(text(f"SELECT count(*) FROM {name}")).scalar_one()
            for name in Base.metadata.tables
        }


def test_every_table_that_holds_something_of_it_is_emptied(
    store: Store, settings: Settings
) -> None:
    with store.write() as db:
        for table in Base.metadata.sorted_tables:
            db.execute(table.insert().values(**make_row(table)))
        if store.dialect == "postgresql":
            continue_numbers(db.connection())
        set_study_state(db, 1, "archived")
    folder = settings.study_folder(1)
    folder.mkdir(parents=True)
    (folder / "study.yaml").write_text("x")
    delete_study(store, settings, 1, by=None, confirmed="studies.slug")
    left = {name for name, n_rows in counts(store).items() if n_rows}
    assert left == NOT_OF_A_STUDY
    assert not folder.exists()
    with store.read() as db:
        if store.dialect == "sqlite":  # PostgreSQL checks at every step
            assert db.execute(text("PRAGMA foreign_key_check")).all() == []
        deeds = db.query(DeedRow).order_by(DeedRow.id).all()
        assert [row.study_id for row in deeds] == [None, None]
        assert detail_of(deeds[-1])["slug"] == "studies.slug"


@pytest.mark.parametrize("state", NOT_YET)
def test_it_is_refused_until_the_study_is_archived(
    store: Store, settings: Settings, tmp_path: Path, state: StudyState
) -> None:
    launch_study(store, settings, write_study(tmp_path / "study"))
    with store.write() as db:
        study = require_study(db, "tiny").id
        set_study_state(db, study, state)
    before = counts(store)
    with pytest.raises(StudyConflict, match=f"The study is {state}"):
        delete_study(store, settings, study, by=None, confirmed="tiny")
    assert counts(store) == before


def test_another_word_than_its_short_name_deletes_nothing(
    store: Store, settings: Settings, tmp_path: Path
) -> None:
    launch_study(store, settings, write_study(tmp_path / "study"))
    with store.write() as db:
        study = require_study(db, "tiny").id
        set_study_state(db, study, "archived")
    with pytest.raises(StudyConflict, match="was typed is not") as refused:
        delete_study(store, settings, study, by=None, confirmed="tinny")
    assert "Type tiny" in refused.value.remedy


def test_clips_that_another_study_plays_stay(
    store: Store, settings: Settings, tmp_path: Path
) -> None:
    launch_study(store, settings, write_study(tmp_path / "one", slug="one"))
    launch_study(store, settings, write_study(tmp_path / "two", slug="two", items=["one", "two"]))
    with store.write() as db:
        one = require_study(db, "one").id
        set_study_state(db, one, "archived")
    delete_study(store, settings, one, by=None, confirmed="one")
    with store.read() as db:
        kept = {row.clip for row in db.query(StimulusRow)}
    assert not missing_clips(open_clips(settings), kept)
    on_disk = {path.stem for path in settings.clips.rglob("*.wav")}
    assert on_disk == kept


def test_the_number_of_a_deleted_study_is_not_given_to_the_next_one(
    store: Store, settings: Settings
) -> None:
    first = create_study(store, slug="first", title="First", by=None)
    second = create_study(store, slug="second", title="Second", by=None)
    delete_study(store, settings, second, by=None, confirmed="second")
    third = create_study(store, slug="third", title="Third", by=None)
    assert len({first, second, third}) == 3
    # What a job that was under way writes afterwards belongs to nobody.
    assert settings.study_folder(third) != settings.study_folder(second)


def test_a_launch_while_a_study_with_the_same_sounds_is_deleted_is_refused(
    store: Store, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    launch_study(store, settings, write_study(tmp_path / "one", slug="one"))
    with store.write() as db:
        one = require_study(db, "one").id
        set_study_state(db, one, "archived")
    folder = write_study(tmp_path / "two", slug="two")

    def render(*arguments: Any, **options: Any) -> Any:
        stimuli = render_version(*arguments, **options)
        delete_study(store, settings, one, by=None, confirmed="one")
        return stimuli

    with monkeypatch.context() as patch:
        patch.setattr("jndlab.studies.launching.render_version", render)
        with pytest.raises(StudyConflict, match="deleted just now"):
            launch_study(store, settings, folder)
    two = launch_study(store, settings, folder)
    assert two.version == 1
    with store.read() as db:
        clips = {row.clip for row in db.query(StimulusRow)}
    assert clips
    assert not missing_clips(open_clips(settings), clips)


def test_clips_of_a_study_that_was_launched_while_another_was_deleted_stay(
    store: Store, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    launch_study(store, settings, write_study(tmp_path / "one", slug="one"))
    with store.write() as db:
        one = require_study(db, "one").id
        set_study_state(db, one, "archived")

    def delete_clips(*arguments: Any) -> None:
        launch_study(store, settings, write_study(tmp_path / "two", slug="two"))
        _delete_clips(*arguments)

    monkeypatch.setattr("jndlab.studies.deleting._delete_clips", delete_clips)
    delete_study(store, settings, one, by=None, confirmed="one")
    with store.read() as db:
        clips = {row.clip for row in db.query(StimulusRow)}
    assert clips
    assert not missing_clips(open_clips(settings), clips)


def test_a_sound_that_was_replaced_after_it_was_looked_at_is_not_launched(
    store: Store, settings: Settings, tmp_path: Path
) -> None:
    path = write_study(tmp_path / "study")
    for victim in sorted(path.parent.rglob("*.wav")):
        checked = check_study(path)
        whole = victim.read_bytes()
        # A byte of a sample, not of the header: it stays a sound that fits.
        victim.write_bytes(whole[:-40] + bytes([whole[-40] ^ 1]) + whole[-39:])
        with pytest.raises(StudyConflict, match="replaced while"):
            launch_study(store, settings, path, checked=checked)
        victim.write_bytes(whole)
    assert launch_study(store, settings, path, checked=check_study(path)).version == 1
