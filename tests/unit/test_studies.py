"""From folders to a launched study: new, check, launch, launch again."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from builders import (
    listing,
    make_noise,
    make_study_text,
    write_stimuli,
    write_study,
    write_text,
    write_wav,
)

from jndlab.errors import AudioError, StoreError, StudyConflict
from jndlab.settings import Settings
from jndlab.store.engine import Store, open_store
from jndlab.store.studies import all_studies, require_version, study_by_slug
from jndlab.studies import check_study, launch_study, new_study
from jndlab.study.study_file import load_study
from jndlab.study.trials import ParadigmName


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path / "data")


@pytest.fixture
def store(settings: Settings) -> Iterator[Store]:
    opened = open_store(settings)
    yield opened
    opened.close()


def slugs(store: Store) -> list[str]:
    with store.read() as db:
        return [row.slug for row in all_studies(db)]


def make(
    folder: Path, sounds: Path, paradigm: ParadigmName = "abx", condition: str = "bits"
) -> list[str]:
    made = new_study(
        folder, baseline=sounds / "baseline", compressed=[sounds / condition], paradigm=paradigm
    )
    return list(made.notes)


@pytest.mark.parametrize("paradigm", ["abx", "two-interval"])
@pytest.mark.parametrize("compression", ["rises", "falls"])
def test_a_new_study_is_one_that_can_be_launched(
    tmp_path: Path, settings: Settings, store: Store, paradigm: ParadigmName, compression: str
) -> None:
    write_stimuli(tmp_path / "sounds", compression=compression)
    notes = make(tmp_path / "My Study", tmp_path / "sounds", paradigm)
    study = load_study(tmp_path / "My Study")
    assert (study.slug, study.paradigm) == ("my-study", paradigm)
    assert study.stimuli.conditions[0].compression == compression
    assert any(f"compression {compression} with the level" in note for note in notes)
    assert any("write the unit" in note for note in notes)
    assert not check_study(tmp_path / "My Study").findings
    assert launch_study(store, settings, tmp_path / "My Study").is_new


def test_the_unit_of_a_known_method_needs_no_telling(tmp_path: Path) -> None:
    write_stimuli(tmp_path, condition="seofp")
    notes = make(tmp_path / "study", tmp_path, condition="seofp")
    assert load_study(tmp_path / "study").stimuli.conditions[0].unit == "fraction bits"
    assert not any("unit" in note for note in notes)


def test_two_new_studies_have_different_seeds(tmp_path: Path) -> None:
    write_stimuli(tmp_path)
    make(tmp_path / "one", tmp_path)
    make(tmp_path / "two", tmp_path)
    assert load_study(tmp_path / "one").seed != load_study(tmp_path / "two").seed


def test_a_study_that_is_there_is_not_written_over(tmp_path: Path) -> None:
    write_stimuli(tmp_path)
    path = write_text(tmp_path / "mine" / "study.yaml", "precious")
    with pytest.raises(StudyConflict, match="exists already"):
        make(path.parent, tmp_path)
    assert path.read_text(encoding="utf-8") == "precious"


def test_launching_an_unchanged_study_again_changes_nothing(
    study_file: Path, settings: Settings, store: Store
) -> None:
    first = launch_study(store, settings, study_file)
    before = listing(settings.clips)
    again = launch_study(store, settings, study_file)
    assert (first.is_new, again.is_new) == (True, False)
    assert (again.slug, again.link) == (first.slug, first.link)
    assert listing(settings.clips) == before


def test_a_launched_study_may_move_with_its_sounds(
    tmp_path: Path, study_folder: Path, settings: Settings, store: Store
) -> None:
    launch_study(store, settings, study_folder)
    shutil.move(study_folder, tmp_path / "elsewhere")
    (tmp_path / "elsewhere" / "baseline").rename(tmp_path / "elsewhere" / "original")
    text = make_study_text(stimuli={"baseline": "original"})
    write_text(tmp_path / "elsewhere" / "study.yaml", text)
    assert not launch_study(store, settings, tmp_path / "elsewhere").is_new


@pytest.mark.parametrize("place", ["baseline/one.wav", "bits/2/three.wav"])
def test_a_sound_changed_after_the_launch_is_refused_by_its_name(
    study_folder: Path, settings: Settings, store: Store, place: str
) -> None:
    launch_study(store, settings, study_folder)
    before = listing(settings.clips)
    write_wav(study_folder / place, make_noise(seed=9))
    with pytest.raises(StudyConflict, match="has changed since the launch") as caught:
        launch_study(store, settings, study_folder)
    assert place in caught.value.message
    assert listing(settings.clips) == before


def test_another_study_under_the_same_slug_is_refused(
    tmp_path: Path, study_file: Path, settings: Settings, store: Store
) -> None:
    launch_study(store, settings, study_file)
    other = write_study(tmp_path / "other", paradigm="two-interval")
    with pytest.raises(StudyConflict, match="'tiny' is in use") as caught:
        launch_study(store, settings, other)
    assert "new slug" in caught.value.remedy
    assert slugs(store) == ["tiny"]


@pytest.mark.parametrize("number", [0, 2])
def test_a_launch_with_a_wrong_sound_leaves_no_clip_and_no_study(
    study_folder: Path, settings: Settings, store: Store, number: int
) -> None:
    item = ("one", "two", "three")[number]
    write_wav(study_folder / "bits" / "1" / f"{item}.wav", make_noise(seed=1)[:99])
    with pytest.raises(AudioError, match="99 samples"):
        launch_study(store, settings, study_folder)
    assert listing(settings.clips) == {}
    assert slugs(store) == []


def test_a_launch_that_the_disk_breaks_off_can_be_done_again(
    study_file: Path, settings: Settings, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[int] = []

    def full(*arguments: object, **options: object) -> None:
        written.append(1)
        if len(written) > 5:
            raise StoreError("Cannot write.", "The disk is full.")

    with monkeypatch.context() as patch:
        patch.setattr("jndlab.clips.shelf.write_atomically", full)
        with pytest.raises(StoreError):
            launch_study(store, settings, study_file)
    assert slugs(store) == []
    assert launch_study(store, settings, study_file).is_new
    assert len(list(settings.clips.rglob("*.wav"))) == 12


def test_what_is_stored_is_the_definition_and_the_digest_of_its_sounds(
    tmp_path: Path, study_file: Path, settings: Settings, store: Store
) -> None:
    launch_study(store, settings, study_file)
    other = write_study(tmp_path / "other", slug="other")
    launch_study(store, settings, other)
    changed = write_study(tmp_path / "changed", slug="changed", sounds={"seconds": 0.2})
    launch_study(store, settings, changed)
    with store.read() as db:
        rows = {row.slug: row for row in all_studies(db)}
        versions = {slug: require_version(db, row.id) for slug, row in rows.items()}
        definition = load_study(study_file)
        assert versions["tiny"].definition == definition.to_json()
        assert versions["tiny"].definition_digest == definition.digest()
        assert len({version.digest for version in versions.values()}) == 3
        assert len({row.link for row in rows.values()}) == 3
        assert rows["tiny"].completion_code


def test_a_completion_code_that_was_chosen_is_kept(
    tmp_path: Path, settings: Settings, store: Store
) -> None:
    launch_study(store, settings, write_study(tmp_path / "study", completion_code="C-42"))
    with store.read() as db:
        row = study_by_slug(db, "tiny")
        assert row is not None
        assert row.completion_code == "C-42"
        version = require_version(db, row.id)
        assert json.loads(version.definition)["completion_code"] == "C-42"
