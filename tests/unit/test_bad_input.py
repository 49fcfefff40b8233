"""Bad input at the command line: status 2, one clear message with its remedy, nothing written."""

from __future__ import annotations

import shutil
import socket
import sqlite3
from collections.abc import Callable
from contextlib import closing
from io import StringIO
from pathlib import Path

import pytest
from builders import make_noise, make_study_text, write_stimuli, write_text, write_wav

from jndlab.settings import Settings
from jndlab.store.engine import open_store
from jndlab.studies import launch_study

Refused = Callable[..., str]
TEXT = make_study_text()


STUDY_FILES: list[tuple[str, str, str, str, str]] = [
    ("unknown key", "seed: 7", "sed: 7", "unknown key 'sed'", "Did you mean 'seed'?"),
    ("duplicate key", "seed: 7", "seed: 7\nseed: 8", "stands twice", "Remove one"),
    ("tab", "  gap_ms", "\tgap_ms", "a tab", "two spaces"),
    ("list for mapping", "texts:\n", "texts: []\nx:\n", "mapping", "Keys known here"),
    ("level no number", "[1, 2, 4]", "[1, two, 4]", "levels[1] must be a number", "quotes"),
    ("no levels", "[1, 2, 4]", "[]", "levels", "levels to test"),
]


@pytest.mark.parametrize(
    ("old", "new", "message", "remedy"),
    [pytest.param(*entry[1:], id=entry[0]) for entry in STUDY_FILES],
)
@pytest.mark.parametrize("command", ["check", "serve"])
def test_a_wrong_study_file_is_explained_and_nothing_is_launched(
    refused: Refused,
    study_file: Path,
    free_port: int,
    command: str,
    old: str,
    new: str,
    message: str,
    remedy: str,
) -> None:
    write_text(study_file, TEXT.replace(old, new))
    options = ["--port", free_port] if command == "serve" else []
    said = refused(command, study_file.parent, *options)
    assert message in said
    assert remedy in said
    assert f"{study_file}:" in said


@pytest.mark.parametrize("command", ["report", "export", "simulate"])
def test_a_wrong_study_file_stops_every_other_command(
    refused: Refused, here: Path, study_file: Path, command: str
) -> None:
    write_text(study_file, TEXT.replace("seed: 7", "sed: 7"))
    open_store(Settings(data=here / "jndlab-data")).close()
    assert "unknown key 'sed'" in refused(command, study_file.parent)


@pytest.mark.parametrize(
    "arguments",
    [
        ["check", "nowhere"],
        ["serve", "nowhere", "--port", 0],
        ["report", "nowhere"],
        ["export", "nowhere"],
        ["simulate", "nowhere"],
        ["simulate", "nowhere", "--in-memory", "x.csv"],
        ["new", "made", "--baseline", "nowhere", "--compressed", "nowhere"],
    ],
    ids=lambda arguments: " ".join(map(str, arguments)),
)
def test_what_is_not_there_is_named_and_nothing_is_made(
    refused: Refused, free_port: int, arguments: list[object]
) -> None:
    arguments = [free_port if argument == 0 else argument for argument in arguments]
    assert "no" in refused(*arguments)


LONG = "a" * 300  # file systems take 255


@pytest.mark.parametrize(
    "arguments",
    [
        ["check", LONG],
        ["new", LONG, "--baseline", "baseline", "--compressed", "bits"],
        ["new", "made", "--baseline", LONG, "--compressed", "bits"],
        ["new", "made", "--baseline", "baseline", "--compressed", f"{LONG}/bits"],
        ["serve", LONG],
        ["schema", "--output", LONG],
    ],
)
def test_a_path_too_long_is_told(
    refused: Refused, here: Path, free_port: int, arguments: list[str]
) -> None:
    write_stimuli(here)
    port = ["--port", free_port] if arguments[0] == "serve" else []
    assert "too long" in refused(*arguments, *port)


NEW = ["new", "made", "--baseline", "baseline", "--compressed", "bits"]


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda here: (here / "bits/2.5").mkdir(), "is an empty level"),
        (lambda here: (here / "bits/best").mkdir(), "'best' is none"),
        (lambda here: (here / "bits/2/two.wav").unlink(), "lacks two"),
        (lambda here: shutil.rmtree(here / "baseline"), "no folder"),
        (lambda here: write_text(here / "made", ""), "is a file"),
        (lambda here: write_text(here / "made/study.yaml", "mine"), "exists already"),
        (
            lambda here: write_wav(here / "baseline" / f"{'a' * 81}.wav", make_noise(seed=1)),
            "cannot be used",
        ),
        (
            lambda here: write_wav(here / "bits/4/one.wav", make_noise(seed=1)[:99]),
            "99 samples in 1 channels",
        ),
    ],
)
def test_new_refuses_folders_that_do_not_fit(
    refused: Refused, here: Path, spoil: Callable[[Path], object], message: str
) -> None:
    write_stimuli(here)
    spoil(here)
    assert message in refused(*NEW)


@pytest.mark.parametrize(
    "options", [["--unit", "u" * 41], ["--title", "t" * 201], ["--title", "\udcff"]]
)
def test_new_refuses_texts_that_the_study_file_could_not_hold(
    refused: Refused, here: Path, options: list[str]
) -> None:
    write_stimuli(here)
    refused(*NEW, *options)


def launched(here: Path, study: Path) -> Path:
    settings = Settings(data=here / "jndlab-data")
    store = open_store(settings)
    launch_study(store, settings, study)
    store.close()
    return settings.database


def change_sound(study: Path) -> None:
    write_wav(study / "bits/2/two.wav", make_noise(seed=9))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            lambda study: write_text(study / "study.yaml", make_study_text(seed=8)),
            "The slug 'tiny' is in use, for a study with another definition",
        ),
        (change_sound, "two.wav has changed since the launch"),
    ],
)
def test_a_slug_in_use_is_kept_from_a_changed_study(
    refused: Refused,
    here: Path,
    study_folder: Path,
    free_port: int,
    change: Callable[[Path], object],
    message: str,
) -> None:
    launched(here, study_folder)
    change(study_folder)
    said = refused("serve", study_folder, "--port", free_port)
    assert message in said
    assert "new slug" in said


def test_a_port_in_use_is_told_before_anything_is_made(
    refused: Refused, study_folder: Path
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        said = refused("serve", study_folder, "--port", port)
    assert f"127.0.0.1:{port}: Address already in use" in said
    assert "--port" in said


def test_a_host_that_is_not_ours_is_told(refused: Refused, free_port: int) -> None:
    said = refused("serve", "--host", "192.0.2.1", "--port", free_port)
    assert "Cannot listen at 192.0.2.1" in said
    assert "--host" in said


@pytest.mark.parametrize("text", ["x", "0", "65536", "-1", "²", "8 0", "1" * 5000])
def test_a_port_in_the_environment_that_is_none_is_told(
    refused: Refused, here: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setenv("JNDLAB_PORT", text)
    assert "JNDLAB_PORT is" in refused("serve")


@pytest.mark.parametrize("command", ["serve", "export", "report", "user", "simulate"])
def test_a_database_of_a_newer_version_is_left_alone(
    refused: Refused,
    here: Path,
    study_folder: Path,
    free_port: int,
    monkeypatch: pytest.MonkeyPatch,
    command: str,
) -> None:
    database = launched(here, study_folder)
    with closing(sqlite3.connect(database)) as db, db:
        db.execute("UPDATE alembic_version SET version_num = '9999'")
    monkeypatch.setattr("sys.stdin", StringIO("correct horse battery staple\n"))
    arguments = {
        "serve": [study_folder, "--port", free_port],
        "user": ["ada", "--password-stdin"],
    }.get(command, ["tiny"])
    said = refused(command, *arguments)
    assert "written by a newer jndlab (schema 9999" in said
    assert "pip install --upgrade jndlab" in said
