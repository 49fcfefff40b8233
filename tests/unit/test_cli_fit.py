"""`jndlab fit`: counts from anywhere, and nothing but a clear word about what cannot be read."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from jndlab.cli import cli
from jndlab.errors import DataError, JndlabError

COUNTS = "level;correct;trials\n1;21;40\n2;23;40\n3;29;40\n4;33;40\n5;38;40\n6;39;40\n"


def run(folder: Path, text: str, *options: str) -> Result:
    table = folder / "counts.csv"
    table.write_text(text, encoding="utf-8")
    return CliRunner().invoke(cli, ["fit", str(table), *options], standalone_mode=False)


def test_a_table_of_counts_gives_a_threshold_in_words(tmp_path: Path) -> None:
    result = run(tmp_path, COUNTS, "--paradigm", "2afc", "--unit", "dB")
    assert result.exception is None
    assert "The just-noticeable difference is" in result.output
    assert "level in level, n_correct in correct" in result.output
    assert "threshold       3.137 (2.312 to 3.852)" in result.output
    assert "fewer than 5" in result.output  # one listener says nothing about others


def test_all_numbers_as_json_and_the_curve_as_a_figure(tmp_path: Path) -> None:
    figures = tmp_path / "figures"
    result = run(tmp_path, COUNTS, "--paradigm", "2afc", "--json", "--figures", str(figures))
    assert result.exception is None
    numbers = json.loads(result.stdout)
    (condition,) = numbers["conditions"]
    assert condition["paradigm"] == "2afc"
    assert len(condition["levels"]) == 6
    assert json.loads((figures / "numbers.json").read_text(encoding="utf-8")) == numbers
    assert "<svg" in (figures / "all-answers-curve.svg").read_text(encoding="utf-8")


def test_a_page_in_one_file_that_names_the_file_it_came_from(tmp_path: Path) -> None:
    page = tmp_path / "made" / "page.html"
    result = run(tmp_path, COUNTS, "--paradigm", "2afc", "--html", str(page), "--title", "Pilot")
    assert result.exception is None
    assert f"Wrote {page}" in result.stderr
    text = page.read_text(encoding="utf-8")
    assert "<h1>Pilot</h1>" in text
    assert hashlib.sha256(COUNTS.encode()).hexdigest() in text


def test_the_page_never_replaces_the_table(tmp_path: Path) -> None:
    error = run(
        tmp_path, COUNTS, "--paradigm", "2afc", "--html", f"{tmp_path}/counts.csv"
    ).exception
    assert isinstance(error, DataError)
    assert (tmp_path / "counts.csv").read_text(encoding="utf-8") == COUNTS


@pytest.mark.parametrize("option", ["--html", "--figures"])
def test_where_nothing_can_be_written_is_named(tmp_path: Path, option: str) -> None:
    result = run(tmp_path, COUNTS, "--paradigm", "2afc", option, f"{tmp_path}/counts.csv/new/x")
    assert isinstance(result.exception, JndlabError)
    assert "counts.csv" in result.exception.message
    assert result.exception.remedy


def test_columns_may_have_any_name(tmp_path: Path) -> None:
    text = COUNTS.replace("level", "snr").replace("correct", "ok")
    with pytest.raises(DataError, match="no column for level"):
        raise run(tmp_path, text, "--paradigm", "2afc").exception or AssertionError
    named = ("--column", "level=snr", "--column", "n_correct=ok")
    assert run(tmp_path, text, "--paradigm", "2afc", *named).exception is None


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("2;23;40", "2;x;40", "counts.csv:3, column 'correct'"),
        ("2;23;40", "2;50;40", "counts.csv:3"),
        ("2;23;40", "2;-1;40", "counts.csv:3"),
        ("2;23;40", "2;;40", "counts.csv:3"),
    ],
)
def test_what_cannot_be_is_named_with_its_line(tmp_path: Path, old, new, message) -> None:
    error = run(tmp_path, COUNTS.replace(old, new), "--paradigm", "2afc").exception
    assert isinstance(error, DataError)
    assert message in error.message
    assert error.remedy


def test_the_paradigm_must_be_said(tmp_path: Path) -> None:
    assert "paradigm" in str(run(tmp_path, COUNTS).exception)
    error = run(tmp_path, COUNTS, "--paradigm", "guess").exception
    assert isinstance(error, DataError)
    assert "There is no paradigm" in error.message
