"""`jndlab report-trials`: trials from anywhere, a mapping of columns, a report that says so."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from jndlab.analysis.study.example import example_rows
from jndlab.cli import cli
from jndlab.errors import JndlabError

TOLD = ("--paradigm", "abx", "--compression", "falls")


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """Somebody's table, with headers of their own."""
    rows = [row for row in example_rows() if (row["phase"], row["trial_kind"]) == ("main", "test")]
    lines = [f"S{r['participant']},{r['item']},{r['level']},{int(r['correct'])}" for r in rows]
    path = tmp_path / "old.csv"
    path.write_text("\n".join(["Wer,utt,Stufe,ok", *lines]) + "\n", encoding="utf-8")
    return path


def run(*arguments: object) -> Result:
    done = CliRunner().invoke(cli, ["report-trials", *map(str, arguments)], standalone_mode=False)
    if done.exception is not None:
        assert isinstance(done.exception, JndlabError), repr(done.exception)
        assert done.exception.remedy or "\n" in str(done.exception)
    return done


def test_a_mapping_on_the_command_line_gives_a_report(table: Path, tmp_path: Path) -> None:
    page, files = tmp_path / "page.html", tmp_path / "files"
    columns = ("--columns", "listener=Wer,level=Stufe", "--columns", "correct=ok")
    done = run(table, *columns, *TOLD, "--unit", "bits", "--output", page, "--files", files)
    assert done.exception is None
    assert "Read 512 trials of 8 listeners" in done.output
    assert "The just-noticeable difference is" in done.output
    assert "This test was not run by jndlab" in page.read_text(encoding="utf-8")
    numbers = json.loads((files / "numbers.json").read_text(encoding="utf-8"))
    assert numbers["n_listeners"] == 8


def test_a_mapping_file_says_the_same(table: Path, tmp_path: Path) -> None:
    mapping = tmp_path / "mapping.yaml"
    mapping.write_text(
        "columns: {listener: Wer, level: Stufe, correct: ok, item: ''}\n"
        "paradigm: abx\ncompression: falls\nunit: bits\n",
        encoding="utf-8",
    )
    done = run(table, "--mapping", mapping, "--dry-run")
    assert done.exception is None
    assert "level from Stufe, correct from ok, listener from Wer." in done.output
    assert "no column of recordings" in done.output
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mapping.yaml", "old.csv"]


def test_what_is_missing_is_said_with_the_options_that_say_it(table: Path) -> None:
    told = str(run(table).exception)
    assert "level=NAME" in told
    assert "--columns level=bits,correct=hit --paradigm abx --compression falls" in told


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--columns", "level"), "is not like item=utt"),
        (("--columns", "level=Stufe,correct=nothing"), "no column 'nothing'"),
        (("--columns", "levels=Stufe"), "Did you mean 'level'?"),
        (("--mapping", "nowhere.yaml"), "There is no file"),
        (("--columns", "level=Stufe,correct=ok", *TOLD, "--sigmoid", "round"), "sigmoid"),
        (("--columns", "level=Stufe,correct=ok", *TOLD, "--output", "SELF"), "table itself"),
    ],
)
def test_what_cannot_be(options: tuple[str, ...], message: str, table: Path) -> None:
    before = table.read_bytes()
    done = run(table, *[str(table) if one == "SELF" else one for one in options])
    assert message in str(done.exception)
    assert table.read_bytes() == before


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("- a\n", "no mapping of columns"),
        ("colums: {}\n", "no mapping of columns"),
        ("columns: 3\n", "columns is no mapping"),
        ("columns: {level: [a]}\n", "columns is no mapping"),
        ("compression: up\n", "compression cannot be 'up'"),
        ("columns: &a {level: *a}\n", "anchors"),
    ],
)
def test_mapping_files_that_cannot_be(text: str, message: str, table: Path, tmp_path: Path) -> None:
    mapping = tmp_path / "mapping.yaml"
    mapping.write_text(text, encoding="utf-8")
    assert message in str(run(table, "--mapping", mapping).exception)


def test_no_such_table(tmp_path: Path) -> None:
    assert "There is no file" in str(run(tmp_path / "nowhere.csv", *TOLD).exception)


def test_the_report_of_a_study_points_to_this_one(table: Path) -> None:
    done = CliRunner().invoke(cli, ["report", str(table)], standalone_mode=False)
    assert isinstance(done.exception, JndlabError)
    assert f"jndlab report-trials {table}" in done.exception.remedy
