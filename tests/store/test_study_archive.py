"""A study put into an archive comes out the same elsewhere; a changed one is refused whole."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select

from jndlab.errors import ArchiveRefused, StudyConflict, StudyError
from jndlab.settings import Settings
from jndlab.store.engine import Store, open_store
from jndlab.store.models import StudyRow
from jndlab.studies import copying
from jndlab.studies.copying import copy_study
from jndlab.studies.study_archive import read_study_archive, write_study_archive
from jndlab.studies.uploads import ARCHIVE
from tests.builders import listing
from tests.databases import database_url
from tests.store.making import Making, make_study, wav_bytes


@pytest.fixture
def made(store: Store, settings: Settings) -> Making:
    made = make_study(store, settings)
    made.put()
    made.settle()
    return made


@pytest.fixture
def archive(made: Making, tmp_path: Path) -> Path:
    path = tmp_path / "heron.zip"
    write_study_archive(made.store, made.settings, made.study_id, path)
    return path


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[Making]:
    """An empty study on another server."""
    settings = Settings(data=tmp_path / "elsewhere", database_url=database_url())
    store = open_store(settings)
    yield make_study(store, settings, slug="empty")
    store.close()


def read(into: Making, path: Path) -> str:
    name = into.upload(ARCHIVE, path.read_bytes()).name
    return read_study_archive(into.store, into.settings, into.study_id, name, by=into.user_id)


def changed(path: Path, change: Callable[[dict[str, bytes]], None]) -> Path:
    """The archive with other content."""
    with zipfile.ZipFile(path) as archive:
        content = {name: archive.read(name) for name in archive.namelist()}
    change(content)
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in content.items():
            archive.writestr(name, data)
    return path


def test_a_study_comes_out_as_it_went_in(made: Making, archive: Path, elsewhere: Making) -> None:
    assert read(elsewhere, archive) == "heron"
    assert elsewhere.text() == made.text()
    assert listing(elsewhere.sounds) == listing(made.sounds)
    assert listing(elsewhere.folder / "uploads") == {}
    again = archive.with_name("again.zip")
    write_study_archive(elsewhere.store, elsewhere.settings, elsewhere.study_id, again)
    assert again.read_bytes() == archive.read_bytes()


def test_a_name_in_use_is_replaced_by_the_new_study_s_own(made: Making, archive: Path) -> None:
    other = make_study(made.store, made.settings, slug="other")
    assert read(other, archive) == "other"
    assert other.text() == made.text().replace("slug: heron", "slug: other")


def put(name: str, data: bytes) -> Callable[[dict[str, bytes]], None]:
    return lambda content: content.update({name: data})


def in_manifest(
    change: Callable[[dict[str, object]], object],
) -> Callable[[dict[str, bytes]], None]:
    def apply(content: dict[str, bytes]) -> None:
        manifest = json.loads(content["manifest.json"])
        change(manifest)
        content["manifest.json"] = json.dumps(manifest).encode()

    return apply


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda content: content.pop("manifest.json"), "has no manifest.json"),
        (put("manifest.json", b"{"), "manifest.json in the archive is not as it should be"),
        (put("manifest.json", b"[]"), "manifest.json in the archive is not as it should be"),
        (in_manifest(lambda m: m.update(format="other")), "is no study of this version"),
        (in_manifest(lambda m: m.update(version=2)), "is no study of this version"),
        (lambda content: content.pop("sounds/bits/1/one.wav"), "is not in the archive"),
        (put("sounds/bits/1/new.wav", b"x"), "but not in manifest.json"),
        (put("sounds/bits/1/one.wav", b"RIFF"), "is not what the manifest says"),
        (put("study.yaml", b"slug: other\n"), "is not what the manifest says"),
        (put("../study.yaml", b"x"), "leads out of its folder"),
        (in_manifest(lambda m: m["files"].pop("study.yaml")), "study.yaml"),  # type: ignore[attr-defined]
    ],
)
def test_an_archive_that_was_changed_is_refused_whole(
    archive: Path, elsewhere: Making, change: Callable[[dict[str, bytes]], None], message: str
) -> None:
    with pytest.raises(ArchiveRefused) as refused:
        read(elsewhere, changed(archive, change))
    assert message in refused.value.message
    assert not elsewhere.sounds.exists()
    assert listing(elsewhere.folder / "uploads") == {}
    with pytest.raises(AssertionError):
        elsewhere.text()


def test_a_wrong_study_file_is_refused_with_its_lines(archive: Path, elsewhere: Making) -> None:
    def spoil(content: dict[str, bytes]) -> None:
        content["study.yaml"] = content["study.yaml"].replace(b"abx", b"xba")
        digest = hashlib.sha256(content["study.yaml"]).hexdigest()
        in_manifest(lambda m: m["files"]["study.yaml"].update(sha256=digest))(content)  # type: ignore[index]

    with pytest.raises(StudyError, match="paradigm cannot be 'xba'"):
        read(elsewhere, changed(archive, spoil))
    assert not elsewhere.sounds.exists()


def test_a_study_with_something_in_it_is_not_overwritten(made: Making, archive: Path) -> None:
    before = listing(made.sounds)
    with pytest.raises(StudyConflict, match="something in it already"):
        read(made, archive)
    assert listing(made.sounds) == before


def test_a_copy_is_a_study_of_its_own(made: Making) -> None:
    copy_id = copy_study(
        made.store, made.settings, made.study_id, slug="copy", title="A copy", by=made.user_id
    )
    copy = Making(store=made.store, settings=made.settings, study_id=copy_id, user_id=made.user_id)
    ours, theirs = made.definition(), copy.definition()
    assert (theirs.slug, theirs.title) == ("copy", "A copy")
    assert theirs.seed != ours.seed
    assert (theirs.stimuli, theirs.design) == (ours.stimuli, ours.design)
    assert listing(copy.sounds) == listing(made.sounds)
    made.upload("bits/1/one.wav", wav_bytes(seconds=0.2))
    assert listing(copy.sounds) != listing(made.sounds)


def test_a_copy_that_fails_leaves_nothing(made: Making, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(copying.os, "link", fail)
    monkeypatch.setattr(copying.shutil, "copyfile", fail)
    folders = set(listing(made.settings.data / "studies"))
    with pytest.raises(Exception, match="disk of the server is full"):
        copy_study(made.store, made.settings, made.study_id, slug="copy", title="x", by=None)
    with made.store.read() as db:
        assert db.scalar(select(func.count()).select_from(StudyRow)) == 1
    assert set(listing(made.settings.data / "studies")) == folders


def test_an_empty_study_has_nothing_to_copy(store: Store, settings: Settings) -> None:
    empty = make_study(store, settings)
    with pytest.raises(StudyConflict, match="nothing to copy"):
        copy_study(store, settings, empty.study_id, slug="copy", title="x", by=None)
    with pytest.raises(StudyConflict, match="nothing to put into an archive"):
        write_study_archive(store, settings, empty.study_id, settings.data / "x.zip")
