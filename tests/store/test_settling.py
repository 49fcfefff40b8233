"""The study file follows the sounds: the same file as `jndlab new`, and only what has to change."""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path

import pytest

from jndlab.audio.places import place_of
from jndlab.errors import ArchiveRefused, StudyConflict, StudyUnknown
from jndlab.settings import Settings
from jndlab.store.engine import Store
from jndlab.studies import new_study
from jndlab.studies.drafts import drafts_of, save_draft
from jndlab.studies.settling import describe_condition, settle_sounds
from jndlab.studies.sound_files import delete_sounds, places_in, restore_sounds, table_of
from jndlab.studies.unpacking import unpack_sounds
from jndlab.studies.uploads import ARCHIVE
from tests.builders import listing, make_noise, write_stimuli, write_wav
from tests.store.making import Making, make_study, wav_bytes


@pytest.fixture
def making(store: Store, settings: Settings) -> Making:
    return make_study(store, settings)


@pytest.fixture
def made(making: Making) -> Making:
    """A study whose sounds are all there."""
    making.put()
    making.settle()
    return making


def n_drafts(making: Making) -> int:
    with making.store.read() as db:
        return len(drafts_of(db, making.study_id))


@pytest.mark.parametrize("condition", ["seofp", "bits"])
def test_the_first_file_is_the_one_that_jndlab_new_writes(making: Making, condition: str) -> None:
    making.put(condition)
    settled = making.settle()
    assert settled.draft == 1
    twin = making.folder.parent / "twin"
    shutil.copytree(making.sounds, twin / "sounds")
    study = making.definition()
    new_study(
        twin,
        baseline=twin / "sounds" / "baseline",
        compressed=[twin / "sounds" / condition],
        paradigm="abx",
        slug=study.slug,
        title=study.title,
        seed=study.seed,
    )
    assert making.text().encode() == (twin / "study.yaml").read_bytes()
    assert (making.folder / "study.yaml").read_bytes() == making.text().encode()
    assert study.stimuli.conditions[0].compression == "falls"


def test_sounds_that_come_bit_by_bit_make_the_same_file(making: Making, settings: Settings) -> None:
    write_stimuli(making.folder / "all", levels=(1, 2, 4))
    source = making.folder / "all"
    for part in ("bits/2", "baseline", "bits/4", "bits/1"):
        shutil.copytree(source / part, making.sounds / part)
        making.settle()
    at_once = make_study(making.store, settings, slug="other")
    at_once.put()
    at_once.settle()
    told = at_once.text().replace("slug: other", "slug: heron")
    seeds = [str(study.definition().seed) for study in (at_once, making)]
    # Which way compression goes could not be told when there was one level.
    describe_condition(
        making.store, making.settings, making.study_id, "bits", by=None, compression="falls"
    )
    assert "levels: [4, 2, 1]" in making.text()
    body = [line for line in making.text().split("\n") if not line.startswith("seed")]
    assert body == [line for line in told.split("\n") if not line.startswith("seed")]
    assert all(seeds)


def test_before_there_is_a_baseline_there_is_no_draft(making: Making) -> None:
    shutil.copytree(write_stimuli(making.folder / "all") / "bits", making.sounds / "bits")
    settled = making.settle()
    assert (settled.draft, settled.table.has_baseline) == (0, False)
    assert not (making.folder / "study.yaml").exists()


def test_comments_and_choices_stay_when_sounds_come_and_go(made: Making) -> None:
    text = made.text().replace("items: [one, three, two]", "items: [one, two]  # three is noisy")
    save_draft(made.store, made.settings, made.study_id, text, based_on=1, by=None)
    write_stimuli(made.sounds, items=["one", "two", "three", "four"])
    settle_sounds(
        made.store,
        made.settings,
        made.study_id,
        by=None,
        fresh=[place_of("baseline/four.wav"), place_of("bits/1/four.wav")],
    )
    assert "items: [four, one, two] # three is noisy" in made.text()
    delete_sounds(made.settings, made.study_id, "bits/4")
    delete_sounds(made.settings, made.study_id, "baseline/one.wav")
    settle_sounds(made.store, made.settings, made.study_id, by=None, fresh=())
    assert made.definition().stimuli.items == ("four", "two")
    assert made.definition().stimuli.conditions[0].levels == (2.0, 1.0)
    assert "# three is noisy" in made.text()


def test_nothing_new_saves_nothing(made: Making) -> None:
    assert made.settle().draft == 1
    assert n_drafts(made) == 1


def test_a_second_condition_is_added_and_taken_away_again(made: Making) -> None:
    before = made.text()
    made.put("pruned", levels=(0.5, 0.9))
    settled = made.settle()
    assert [c.name for c in made.definition().stimuli.conditions] == ["bits", "pruned"]
    assert any("pruned: say what the unit" in note for note in settled.notes)
    delete_sounds(made.settings, made.study_id, "pruned")
    made.settle()
    assert made.text() == before


def test_the_last_sounds_deleted_leave_the_file_as_it_was(made: Making) -> None:
    before = made.text()
    for target in ("bits", "baseline"):
        delete_sounds(made.settings, made.study_id, target)
        made.settle()
    assert made.text() == before
    assert not table_of(made.settings, made.study_id).is_complete


@pytest.mark.parametrize("target", ["baseline", "bits", "bits/2", "bits/2/one.wav"])
def test_a_deletion_can_be_undone(made: Making, target: str) -> None:
    before, text = listing(made.sounds), made.text()
    token, n_files = delete_sounds(made.settings, made.study_id, target)
    made.settle()
    assert n_files == sum(path.startswith(target) for path in before if path.endswith(".wav"))
    assert listing(made.sounds) != before
    restored = restore_sounds(made.settings, made.study_id, token)
    assert len(restored) == n_files
    made.settle()
    assert (listing(made.sounds), made.text()) == (before, text)
    with pytest.raises(StudyUnknown, match="cannot be undone"):
        restore_sounds(made.settings, made.study_id, token)


def test_undoing_replaces_nothing_that_has_come_since(made: Making) -> None:
    token, _ = delete_sounds(made.settings, made.study_id, "bits/2/one.wav")
    made.upload("bits/2/one.wav", wav_bytes(seed=9))
    assert restore_sounds(made.settings, made.study_id, token) == []
    assert (made.sounds / "bits/2/one.wav").read_bytes() == wav_bytes(seed=9)


@pytest.mark.parametrize("token", ["..", "../../clips", "", "x/y", "0" * 16])
def test_no_other_folder_can_be_restored(made: Making, token: str) -> None:
    with pytest.raises(StudyUnknown):
        restore_sounds(made.settings, made.study_id, token)


def test_only_so_many_deletions_are_kept(made: Making) -> None:
    tokens = []
    for number in range(12):
        write_wav(made.sounds / "extra" / str(number) / "one.wav", make_noise(seed=1))
        tokens.append(delete_sounds(made.settings, made.study_id, "extra")[0])
    kept = {path.name for path in (made.folder / "trash").iterdir()}
    assert kept == set(tokens[2:])


def test_a_condition_gets_another_name_with_all_its_sounds(made: Making) -> None:
    describe_condition(
        made.store, made.settings, made.study_id, "bits", by=None, rename_to="fewer bits"
    )
    condition = made.definition().stimuli.conditions[0]
    assert (condition.name, condition.folder) == ("fewer bits", "sounds/fewer bits")
    assert {p.condition for p in places_in(made.sounds)} == {"baseline", "fewer bits"}
    assert made.settle().draft == 2


@pytest.mark.parametrize("name", ["baseline", "../x", "", "a/b", "x" * 81, "\0", "dot."])
def test_a_name_that_cannot_be_changes_nothing(made: Making, name: str) -> None:
    before = listing(made.folder)
    with pytest.raises(StudyConflict):
        describe_condition(
            made.store, made.settings, made.study_id, "bits", by=None, rename_to=name
        )
    assert listing(made.folder) == before


def test_a_name_in_use_changes_nothing(made: Making) -> None:
    made.put("pruned")
    made.settle()
    before = listing(made.folder)
    with pytest.raises(StudyConflict, match="another condition 'pruned'"):
        describe_condition(
            made.store, made.settings, made.study_id, "bits", by=None, rename_to="pruned"
        )
    assert listing(made.folder) == before


def test_unit_and_direction_are_told(made: Making) -> None:
    describe_condition(
        made.store, made.settings, made.study_id, "bits", by=None, unit="bits", compression="rises"
    )
    condition = made.definition().stimuli.conditions[0]
    assert (condition.unit, condition.compression) == ("bits", "rises")
    assert condition.levels == (1.0, 2.0, 4.0)


def zipped(making: Making, folder: Path, *, extra: dict[str, bytes] | None = None) -> str:
    """The name of an uploaded archive of a folder."""
    path = making.settings.data / "x.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for file in sorted(folder.rglob("*.wav")):
            archive.write(file, file.relative_to(folder.parent).as_posix())
        for name, content in (extra or {}).items():
            archive.writestr(name, content)
    return making.upload(ARCHIVE, path.read_bytes()).name


def test_an_archive_comes_out_in_its_places(making: Making, tmp_path: Path) -> None:
    name = zipped(making, write_stimuli(tmp_path / "rec"), extra={"rec/notes.txt": b"hello"})
    steps: list[tuple[int, int]] = []
    unpacked = unpack_sounds(
        making.store,
        making.settings,
        making.study_id,
        name,
        progress=lambda done, steps_: steps.append((done, steps_)),
    )
    assert listing(making.sounds) == listing(tmp_path / "rec")
    assert [left.path for left in unpacked.layout.left_out] == ["rec/notes.txt"]
    assert len(unpacked.placed) == 12
    assert steps[-1] == (24, 24)
    assert listing(making.folder / "uploads") == {}
    assert making.settle().draft == 1


def test_one_bad_sound_in_an_archive_refuses_all_of_it(making: Making, tmp_path: Path) -> None:
    bad = {"rec/bits/1/bad.wav": b"no sound", "rec/bits/2/cut.wav": wav_bytes()[:-500]}
    name = zipped(making, write_stimuli(tmp_path / "rec"), extra=bad)
    with pytest.raises(ArchiveRefused) as refused:
        unpack_sounds(making.store, making.settings, making.study_id, name)
    assert [entry for entry, _ in refused.value.entries] == [f"“{path}”" for path in bad]
    assert all(reason for _, reason in refused.value.entries)
    assert not making.sounds.exists()
    assert listing(making.folder / "uploads") == {}


def test_an_archive_without_sounds_is_refused(making: Making, tmp_path: Path) -> None:
    name = zipped(making, tmp_path / "nothing", extra={"letter.txt": b"Dear"})
    with pytest.raises(ArchiveRefused, match="no sounds that fit"):
        unpack_sounds(making.store, making.settings, making.study_id, name)


def test_an_unclear_archive_waits_for_an_answer(making: Making, tmp_path: Path) -> None:
    extra = {"left/a.wav": wav_bytes(), "right/a.wav": wav_bytes(seed=2)}
    name = zipped(making, tmp_path / "nothing", extra=extra)
    asked = unpack_sounds(making.store, making.settings, making.study_id, name)
    assert (asked.placed, asked.layout.candidates) == ((), ("left", "right"))
    told = unpack_sounds(making.store, making.settings, making.study_id, name, baseline="left")
    assert {place.path for place in told.placed} == {"baseline/a.wav", "right/1/a.wav"}
