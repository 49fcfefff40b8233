"""Every measure, several parts and adaptive tracks through every format and back."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from jndlab.export.csv_tables import read_csv_rows
from jndlab.export.files import export_study
from jndlab.export.formats import FORMATS
from jndlab.export.package.reading import open_package
from jndlab.export.psych_ds import data_name, write_psych_ds
from jndlab.export.row_counts import count_rows
from jndlab.export.snapshot import snapshot_of
from jndlab.export.tables import TRACKS, TRIALS, Table, rows_of, tables_of
from jndlab.export.typed import typed_value
from jndlab.store import sessions as session_rows
from jndlab.study.progress import outcomes_of
from jndlab.study.rows import Row
from jndlab.study.trials import Column
from jndlab.web.packages import package_study
from tests.store.launching import Launched
from tests.store.taking import PARTS, SMALL, STAIRCASE, launch, take_all

STUDIES: dict[str, dict[str, Any]] = {
    "parts": {"parts": PARTS, **STAIRCASE},
    "tracks": {
        "paradigm": "3afc",
        "design": {**SMALL, "procedure": "questplus"},
        "adaptive": {"stop": {"trials": 8}},
        "conditions": [{}, {"name": "prune", "folder": "prune"}],
    },
    "sliders": {"paradigm": "mushra"},
    "preference": {"paradigm": "preference"},
    "detection": {"paradigm": "same-different"},
}


@pytest.fixture(scope="module", params=list(STUDIES))
def study(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Launched]:
    launched = launch(tmp_path_factory.mktemp(request.param), **STUDIES[request.param])
    for seed in range(2):
        take_all(launched, launched.open(), seed=seed)
    take_all(launched, launched.open(), seed=5, most=3)
    yield launched
    launched.store.close()


@pytest.fixture(scope="module")
def rows(study: Launched) -> dict[str, list[Row]]:
    with snapshot_of(study.store, "tiny") as snapshot:
        return {one.name: list(rows_of(snapshot, one)) for one in tables_of(snapshot)}


@pytest.fixture(scope="module")
def folder(study: Launched, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("formats")
    for one in FORMATS:
        export_study(study.store, "tiny", folder, file_format=one.name)
    return folder


def tables(rows: dict[str, list[Row]]) -> list[Table]:
    return [TRIALS, TRACKS] if "tracks" in rows else [TRIALS]


def typed(table: Table, rows: list[Row]) -> list[dict[str, Any]]:
    return [{one.name: typed_value(one, row[one.name]) for one in table.columns} for row in rows]


def test_tracks_are_a_table_only_where_levels_follow_answers(
    study: Launched, rows: dict[str, list[Row]]
) -> None:
    adaptive = any(one["procedure"] != "constant-stimuli" for one in rows["trials"])
    assert ("tracks" in rows) is adaptive
    with snapshot_of(study.store, "tiny") as snapshot:
        counts = count_rows(snapshot)
        shown = {table.name for table in tables_of(snapshot)}
    assert {name: counts[name] for name in shown} == {name: len(rows[name]) for name in shown}


def test_a_csv_file_gives_back_what_was_stored(folder: Path, rows: dict[str, list[Row]]) -> None:
    for table in tables(rows):
        path = folder / f"tiny-{table.name}.csv"
        with path.open(encoding="utf-8", newline="") as file:
            assert list(read_csv_rows(table, file, source=path.name)) == rows[table.name]


def test_json_lines_give_back_what_was_stored(folder: Path, rows: dict[str, list[Row]]) -> None:
    for table in tables(rows):
        lines = (folder / f"tiny-{table.name}.jsonl").read_text("utf-8").splitlines()
        booleans = [one.name for one in table.columns if one.type == "boolean"]
        expected = [
            {**row, **{b: None if row[b] is None else bool(row[b]) for b in booleans}}
            for row in rows[table.name]
        ]
        assert [json.loads(line) for line in lines] == expected


def test_parquet_gives_back_what_was_stored(folder: Path, rows: dict[str, list[Row]]) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    for table in tables(rows):
        read = parquet.read_table(folder / f"tiny-{table.name}.parquet").to_pylist()
        assert read == typed(table, rows[table.name])


def test_spss_gives_back_what_was_stored(folder: Path, rows: dict[str, list[Row]]) -> None:
    pyreadstat = pytest.importorskip("pyreadstat")
    for table in tables(rows):
        frame, _ = pyreadstat.read_sav(folder / f"tiny-{table.name}.sav", apply_value_formats=True)
        for column in table.columns:
            name = {"by": "by_"}.get(column.name, column.name)
            read = [_plain(cell) for cell in frame[name].astype(object)]
            stored = [_spss(column, row[column.name]) for row in rows[table.name]]
            assert read == stored, column.name


def _plain(cell: Any) -> Any:
    if cell != cell or cell is None or str(cell) == "NaT":
        return None
    # SPSS counts seconds as floating-point numbers, so that a millisecond is not exact.
    return cell.round("ms").to_pydatetime(warn=False) if hasattr(cell, "to_pydatetime") else cell


def _spss(column: Column, cell: Any) -> Any:
    """A text has no missing value there, and a boolean is a label."""
    if cell is None:
        return "" if column.type == "text" and not column.values else None
    if column.type == "boolean":
        return "yes" if cell else "no"
    return datetime.fromisoformat(cell).replace(tzinfo=None) if column.type == "time" else cell


def test_a_package_gives_back_what_was_stored_and_is_valid(
    study: Launched, rows: dict[str, list[Row]], tmp_path: Path
) -> None:
    path = tmp_path / "package.zip"
    package_study(study.store, "tiny", path)
    with open_package(path) as package:
        for name, stored in rows.items():
            assert list(package.rows(name)) == stored
    if "tracks" not in rows:
        return  # the validator takes seconds, and these have all the columns filled
    with zipfile.ZipFile(path) as archive:
        archive.extractall(tmp_path / "package")
    command = [sys.executable, "-m", "frictionless", "validate", "datapackage.json", "--json"]
    done = subprocess.run(
        command, cwd=tmp_path / "package", capture_output=True, text=True, check=False
    )
    assert json.loads(done.stdout)["valid"], done.stdout


def test_psych_ds_holds_the_same_rows(
    study: Launched, rows: dict[str, list[Row]], tmp_path: Path
) -> None:
    with snapshot_of(study.store, "tiny") as snapshot:
        write_psych_ds(snapshot, tmp_path)
    described = json.loads((tmp_path / "documentation" / "dictionary.json").read_text("utf-8"))
    names = {one["name"] for one in described["tables"]}
    for table in tables(rows):
        assert table.name in names
        with (tmp_path / "data" / data_name("tiny", table.name)).open(newline="") as file:
            assert len(list(csv.DictReader(file))) == len(rows[table.name])


def test_what_has_no_right_answer_has_an_empty_cell(rows: dict[str, list[Row]]) -> None:
    for row in rows["trials"]:
        judged = row["paradigm"] in ("abx", "3afc", "same-different")
        answered = row["response"] is not None
        assert (row["correct"] is not None) == (judged and answered), row
        assert (row["correct_response"] is not None) == judged


def test_a_track_says_what_its_procedure_says(study: Launched, rows: dict[str, list[Row]]) -> None:
    if "tracks" not in rows:
        return
    found = {(row["session"], row["part"] or "", row["track"]): row for row in rows["tracks"]}
    n_compared = 0
    with snapshot_of(study.store, "tiny") as snapshot:
        for session in snapshot.sessions():
            plan = session_rows.plan_of(session)
            history = session_rows.history_of(snapshot.db, session.id)
            for part in plan.adaptive:
                statuses = part.make().statuses(outcomes_of(history, part.part))
                for name, status in statuses.items():
                    row = found[session.public_id, part.part, name]
                    assert row["n_trials"] == status.n_trials
                    assert row["stopped"] == status.stopped
                    assert row["estimate"] == (status.estimate if status.n_trials else None)
                    n_compared += 1
    assert n_compared == len(found) > 2
