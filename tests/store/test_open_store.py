"""Opening a database: made when missing, refused with a remedy when it cannot be used."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import jndlab.store.migrate  # noqa: F401 (imported now: an ordinary user may not read it later)
from jndlab.errors import StoreError
from jndlab.settings import Settings
from jndlab.store.engine import open_store
from jndlab.store.schema import HEAD
from tests.builders import listing

pytestmark = pytest.mark.sqlite

NOBODY = 65534
NEWER = "9999"


def make_database(settings: Settings) -> Path:
    """A database at its head, closed, with everything in its main file."""
    open_store(settings).close()
    return settings.data / "jndlab.db"


def run_sql(path: Path, statement: str) -> None:
    connection = sqlite3.connect(path)
    connection.execute(statement)
    connection.commit()
    connection.close()


@contextmanager
def as_ordinary_user() -> Iterator[None]:
    """Give up root's right to write everywhere; changes nothing for anybody else."""
    user = os.geteuid()
    if user == 0:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(user)


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder below which an ordinary user may look (pytest's own are private)."""
    folder = Path(tempfile.mkdtemp(prefix="jndlab-test-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def test_a_missing_database_is_made_with_its_folders(tmp_path: Path) -> None:
    store = open_store(Settings(data=tmp_path / "new" / "data"))
    assert store.revision() == HEAD
    store.close()


def test_an_empty_file_is_a_database_to_be_filled(settings: Settings) -> None:
    settings.data.mkdir()
    (settings.data / "jndlab.db").touch()
    store = open_store(settings)
    assert store.revision() == HEAD
    store.close()


def test_a_missing_database_is_not_made_when_it_should_be_there(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="no database") as refused:
        open_store(Settings(data=tmp_path / "typo"), create=False)
    assert "--data" in refused.value.remedy
    assert listing(tmp_path) == {}


def test_opening_again_changes_no_byte(settings: Settings) -> None:
    path = make_database(settings)
    before = path.read_bytes()
    make_database(settings)
    assert path.read_bytes() == before


def test_a_newer_database_is_refused_and_left_as_it_is(settings: Settings) -> None:
    path = make_database(settings)
    run_sql(path, f"UPDATE alembic_version SET version_num = '{NEWER}'")
    before = path.read_bytes()
    with pytest.raises(StoreError, match="newer jndlab") as refused:
        open_store(settings)
    assert NEWER in refused.value.message
    assert HEAD in refused.value.message
    assert "pip install --upgrade jndlab" in refused.value.remedy
    assert path.read_bytes() == before


@pytest.mark.parametrize("content", [b"no database at all" * 100, b"RIFF\x00\x00\x00\x00WAVE" * 99])
def test_a_file_that_is_no_database_is_refused_and_left_as_it_is(
    settings: Settings, content: bytes
) -> None:
    settings.data.mkdir()
    path = settings.data / "jndlab.db"
    path.write_bytes(content)
    with pytest.raises(StoreError, match="not a database") as refused:
        open_store(settings)
    assert "backup" in refused.value.remedy
    assert listing(settings.data) == {"jndlab.db": content}


def test_a_damaged_database_is_refused(settings: Settings) -> None:
    path = make_database(settings)
    content = bytearray(path.read_bytes())
    content[100:4096] = bytes(3996)  # the page that lists the tables
    path.write_bytes(content)
    with pytest.raises(StoreError, match="malformed") as refused:
        open_store(settings)
    assert "backup" in refused.value.remedy


def test_a_folder_in_the_place_of_the_database_is_refused(settings: Settings) -> None:
    (settings.data / "jndlab.db").mkdir(parents=True)
    with pytest.raises(StoreError, match="unable to open") as refused:
        open_store(settings)
    assert refused.value.remedy


def test_a_file_in_the_place_of_the_data_folder_is_refused(settings: Settings) -> None:
    settings.data.write_text("not a folder")
    with pytest.raises(StoreError, match="Cannot write") as refused:
        open_store(settings)
    assert "in the way" in refused.value.remedy
    assert settings.data.read_text() == "not a folder"


def test_a_folder_without_write_access_is_refused_with_nothing_written(open_folder: Path) -> None:
    with as_ordinary_user(), pytest.raises(StoreError, match="Cannot write") as refused:
        open_store(Settings(data=open_folder / "sealed" / "data"))
    assert "Permission denied" in refused.value.remedy
    assert listing(open_folder) == {}


def test_a_database_without_write_access_is_refused_with_a_remedy(open_folder: Path) -> None:
    settings = Settings(data=open_folder / "data")
    path = make_database(settings)
    run_sql(path, "DELETE FROM alembic_version")  # so that there is something to write
    path.chmod(0o444)
    settings.data.chmod(0o555)
    before = path.read_bytes()
    with as_ordinary_user(), pytest.raises(StoreError) as refused:
        open_store(settings)
    assert "data folder" in refused.value.remedy
    assert path.read_bytes() == before
    settings.data.chmod(0o755)


@pytest.mark.parametrize("name", ["with space", "100 %41 #1", "what?mode=memory", "prüfung"])
def test_the_database_lies_in_the_folder_that_was_named(tmp_path: Path, name: str) -> None:
    settings = Settings(data=tmp_path / name)
    open_store(settings).close()
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert (tmp_path / name / "jndlab.db").is_file()


def test_processes_that_open_a_new_database_at_once_all_succeed(settings: Settings) -> None:
    program = (
        "import sys; from pathlib import Path; from jndlab.settings import Settings; "
        "from jndlab.store.engine import open_store; "
        "print(open_store(Settings(data=Path(sys.argv[1]))).revision())"
    )
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", program, str(settings.data)], stdout=subprocess.PIPE, text=True
        )
        for _ in range(4)
    ]
    assert [process.communicate(timeout=120)[0].strip() for process in processes] == [HEAD] * 4
