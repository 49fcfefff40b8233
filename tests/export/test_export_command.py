"""``jndlab export`` and ``jndlab report`` on packages, as somebody types them."""

from __future__ import annotations

import csv
import json
import stat
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from jndlab.cli import cli
from jndlab.errors import JndlabError
from jndlab.store.deeds import deeds_of, detail_of
from jndlab.store.studies import require_study
from tests.store.launching import Launched


def run(*arguments: object) -> Result:
    return CliRunner().invoke(cli, [str(argument) for argument in arguments])


def export(launched: Launched, output: Path, *options: str) -> Result:
    return run("export", "tiny", "--data", launched.settings.data, "--output", output, *options)


def deeds(launched: Launched, deed: str) -> list[dict[str, object]]:
    with launched.store.read() as db:
        study = require_study(db, "tiny")
        return [detail_of(row) for row in deeds_of(db, study.id, deed=deed)]


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("csv", "tiny-trials.csv"),
        ("jsonl", "tiny-sessions.jsonl"),
        ("parquet", "tiny-events.parquet"),
        ("sav", "tiny-questionnaires.sav"),
        ("package", "tiny-package.zip"),
        ("psych-ds", "tiny-psych-ds/data/study-tiny_description-trials_data.csv"),
    ],
)
def test_every_format_is_written_and_told(
    answered: Launched, tmp_path: Path, name: str, file: str
) -> None:
    result = export(answered, tmp_path / "out", "--format", name)
    assert result.exit_code == 0, result.output
    assert (tmp_path / "out" / file).is_file()
    assert f"Wrote {tmp_path / 'out' / file}" in result.output


def test_psych_ds_describes_every_column_and_has_no_empty_table(
    answered: Launched, tmp_path: Path
) -> None:
    assert export(answered, tmp_path, "--format", "psych-ds").exit_code == 0
    folder = tmp_path / "tiny-psych-ds"
    described = json.loads((folder / "dataset_description.json").read_text(encoding="utf-8"))
    assert {described["@type"], described["name"]} == {"Dataset", "A tiny study"}
    known = {variable["name"] for variable in described["variableMeasured"]}
    tables = sorted((folder / "data").iterdir())
    assert len(tables) == 6  # no checks, nothing left out
    for path in tables:
        assert path.name.endswith("_data.csv")
        with path.open(newline="", encoding="utf-8") as file:
            header, *rows = csv.reader(file)
        assert set(header) <= known
        assert rows
    assert "Version 1, frozen 20" in (folder / "CHANGES.md").read_text(encoding="utf-8")
    assert (folder / "README.md").is_file()


def test_ids_of_recruiters_need_to_be_asked_for_and_are_for_the_owner_of_the_file_only(
    answered: Launched, tmp_path: Path
) -> None:
    export(answered, tmp_path)
    path = tmp_path / "tiny-recruiter-ids.csv"
    assert not path.exists()
    assert deeds(answered, "recruiter-ids-exported") == []
    assert export(answered, tmp_path, "--with-recruiter-ids").exit_code == 0
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert deeds(answered, "recruiter-ids-exported") == [{"n_ids": 0}]


def test_the_seed_before_the_end_and_the_look_at_the_data_are_noted(
    answered: Launched, tmp_path: Path
) -> None:
    for _ in range(2):
        export(answered, tmp_path, "--format", "package", "--with-seed")
    assert len(deeds(answered, "seed-exported")) == 2
    (look,) = deeds(answered, "peeked")
    assert look["what"] == "the data"
    export(answered, tmp_path, "--kind", "simulated")
    assert len(deeds(answered, "peeked")) == 1


@pytest.mark.parametrize("option", [["--with-seed"], ["--manifest", "sizes.csv"]])
def test_options_of_the_package_are_refused_elsewhere(
    answered: Launched, tmp_path: Path, option: list[str]
) -> None:
    result = export(answered, tmp_path / "out", *option)
    assert isinstance(result.exception, JndlabError)
    assert "for the data package only" in result.exception.message
    assert not (tmp_path / "out").exists()


def test_a_report_on_a_file_that_is_not_there_says_so(tmp_path: Path) -> None:
    result = run("report", tmp_path / "nothing.zip")
    assert isinstance(result.exception, JndlabError)
    assert "There is no file" in result.exception.message
