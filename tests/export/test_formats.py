"""Every format, read back by the program that people read it with."""

from __future__ import annotations

import csv
import json
import shutil
import subprocess
import sys
import warnings
from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from jndlab.errors import DataError, MissingExtra, StudyUnknown
from jndlab.export import spss
from jndlab.export.csv_tables import csv_parts
from jndlab.export.files import export_study
from jndlab.export.formats import FORMATS, format_named
from jndlab.export.json_lines import json_lines
from jndlab.export.snapshot import snapshot_of
from jndlab.export.spss import spss_names
from jndlab.export.tables import QUESTIONNAIRES, TRIALS, rows_of, table_named, tables_of
from jndlab.store.engine import Store
from jndlab.study.rows import Row
from tests.export.answered import NOTES


@pytest.fixture(scope="module")
def folder(store: Store, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("formats")
    for one in FORMATS:
        export_study(store, "tiny", folder, file_format=one.name)
    return folder


@pytest.fixture(scope="module")
def rows(store: Store) -> dict[str, list[Row]]:
    with snapshot_of(store, "tiny") as snapshot:
        return {t.name: list(rows_of(snapshot, t)) for t in tables_of(snapshot)}


def notes(rows: list[Any]) -> list[Any]:
    return [row["value"] for row in rows if row["question"] == "note"]


def test_no_cell_of_a_csv_file_is_a_formula(folder: Path) -> None:
    paths = sorted(folder.glob("*.csv"))
    assert len(paths) == 5
    for path in paths:
        with path.open(newline="", encoding="utf-8") as file:
            for row in csv.reader(file, strict=True):
                for cell in row:
                    if cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n")):
                        float(cell)
    events = (folder / "tiny-events.csv").read_text(encoding="utf-8")
    assert "'=cmd|' /C calc'!A0" in events


def test_csv_is_as_rfc_4180_has_it(folder: Path) -> None:
    content = (folder / "tiny-questionnaires.csv").read_bytes()
    assert not content.startswith(b"\xef\xbb\xbf")
    lines = content.decode("utf-8").split("\r\n")
    assert lines[-1] == ""
    assert lines[0] == ",".join(QUESTIONNAIRES.names)
    assert '"two\nlines, ""quotes"" and, commas' in content.decode("utf-8")


def test_pandas_reads_the_csv_with_its_types(folder: Path, rows: dict[str, list[Row]]) -> None:
    pandas = pytest.importorskip("pandas")
    frame = pandas.read_csv(folder / "tiny-trials.csv")
    assert len(frame) == len(rows["trials"])
    assert frame["response_time_ms"].tolist() == [r["response_time_ms"] for r in rows["trials"]]
    assert frame["correct"].tolist() == [r["correct"] for r in rows["trials"]]
    times = pandas.to_datetime(frame["presented_at"])
    assert str(times.dt.tz) == "UTC"


def test_a_reader_with_the_rules_of_r_sees_the_same_table(
    folder: Path, rows: dict[str, list[Row]]
) -> None:
    """read.csv: the first line names the columns, types are guessed column by column."""
    with (folder / "tiny-trials.csv").open(newline="", encoding="utf-8") as file:
        header, *cells = list(csv.reader(file, strict=True))
    assert len(set(header)) == len(header)
    assert all(name.replace("_", "a").isalnum() and name[0].isalpha() for name in header)
    for place, column in enumerate(TRIALS.columns):
        values = [row[place] for row in cells if row[place] != ""]
        if column.type in ("integer", "number", "boolean"):
            assert [float(value) for value in values] == [
                r[column.name] for r in rows["trials"] if r[column.name] is not None
            ]


@pytest.mark.skipif(shutil.which("Rscript") is None, reason="R is not installed")
def test_r_reads_the_csv(folder: Path, rows: dict[str, list[Row]]) -> None:
    script = 'd <- read.csv("tiny-trials.csv"); cat(nrow(d), ncol(d), sum(d$correct, na.rm=TRUE))'
    done = subprocess.run(
        ["Rscript", "-e", script], cwd=folder, capture_output=True, text=True, check=True
    )
    n_correct = sum(int(row["correct"] or 0) for row in rows["trials"])
    assert done.stdout.split() == [
        str(len(rows["trials"])),
        str(len(TRIALS.columns)),
        str(n_correct),
    ]


def test_json_lines_hold_the_rows_with_true_and_false(
    folder: Path, rows: dict[str, list[Row]]
) -> None:
    text = (folder / "tiny-trials.jsonl").read_text(encoding="utf-8")
    read = [json.loads(line) for line in text.splitlines()]
    assert {type(row["correct"]) for row in read} == {bool}
    assert [{**row, "correct": int(row["correct"])} for row in read] == rows["trials"]
    asked = (folder / "tiny-questionnaires.jsonl").read_text(encoding="utf-8").split("\n")[:-1]
    assert notes([json.loads(line) for line in asked])[:6] == list(NOTES)


def test_parquet_holds_the_rows_with_their_types(folder: Path, rows: dict[str, list[Row]]) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    table = parquet.read_table(folder / "tiny-trials.parquet")
    assert table.schema.names == list(TRIALS.names)
    assert str(table.schema.field("correct").type) == "bool"
    assert str(table.schema.field("presented_at").type) == "timestamp[ms, tz=UTC]"
    assert b"trial type" in table.schema.field("paradigm").metadata[b"description"].lower()
    read = table.to_pylist()
    assert [row["response_time_ms"] for row in read] == [
        row["response_time_ms"] for row in rows["trials"]
    ]
    assert [row["presented_at"] for row in read] == [
        datetime.fromisoformat(str(row["presented_at"])) for row in rows["trials"]
    ]
    asked = parquet.read_table(folder / "tiny-questionnaires.parquet").to_pylist()
    assert notes(asked)[:6] == list(NOTES)


def test_pyreadstat_reads_the_sav_with_its_labels(folder: Path, rows: dict[str, list[Row]]) -> None:
    pyreadstat = pytest.importorskip("pyreadstat")
    frame, meta = pyreadstat.read_sav(folder / "tiny-trials.sav", apply_value_formats=True)
    assert meta.column_names == spss_names(TRIALS.names)
    assert meta.column_names_to_labels["phase"].startswith("Practice trials give feedback")
    assert meta.variable_value_labels["correct"] == {0.0: "no", 1.0: "yes"}
    assert frame["phase"].tolist() == [row["phase"] for row in rows["trials"]]
    assert frame["level"].tolist() == [row["level"] for row in rows["trials"]]
    assert frame["item"].tolist() == [row["item"] for row in rows["trials"]]
    asked, _ = pyreadstat.read_sav(folder / "tiny-questionnaires.sav")
    assert [note or None for note in notes(asked.to_dict("records"))][:6] == list(NOTES)


def test_more_rows_than_spss_can_take_are_refused_before_memory_is_full(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spss, "MAX_ROWS", 10)
    with pytest.raises(DataError, match="too many for SPSS"):
        export_study(store, "tiny", tmp_path, file_format="sav")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("package", "name", "extra"), [("pyarrow", "parquet", "parquet"), ("pyreadstat", "sav", "spss")]
)
def test_a_missing_package_is_named_with_the_command_that_installs_it(
    store: Store,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    package: str,
    name: str,
    extra: str,
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(MissingExtra) as caught:
        export_study(store, "tiny", tmp_path, file_format=name)
    assert f'pip install "jndlab[{extra}]"' in caught.value.remedy
    assert list(tmp_path.iterdir()) == []


def test_only_the_kinds_that_are_asked_for_are_exported(store: Store, tmp_path: Path) -> None:
    export_study(store, "tiny", tmp_path, kinds=["pilot", "preview"])
    with (tmp_path / "tiny-sessions.csv").open(newline="", encoding="utf-8") as file:
        assert [row["session_kind"] for row in csv.DictReader(file)] == ["pilot"]


def test_unknown_names_are_refused_with_the_known_ones() -> None:
    with pytest.raises(DataError) as caught:
        format_named("xls")
    assert "csv, jsonl, parquet, sav" in caught.value.remedy
    with pytest.raises(DataError) as caught:
        table_named("people")
    assert "sessions" in caught.value.remedy


def test_no_warning_is_given_to_whoever_reads_a_table_without_rows(folder: Path) -> None:
    pyreadstat = pytest.importorskip("pyreadstat")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        frame, _ = pyreadstat.read_sav(folder / "tiny-checks.sav")
    assert len(frame) == 0


def endless(row: Row) -> Iterator[Row]:
    while True:
        yield row


@pytest.mark.parametrize("write", [csv_parts, json_lines])
def test_a_table_without_end_begins_at_once(write: Any, rows: dict[str, list[Row]]) -> None:
    """No format that is streamed gathers its rows before it writes the first one."""
    parts = write(TRIALS, endless(rows["trials"][0]))
    assert len("".join(islice(parts, 3))) > 100


def test_parquet_is_written_in_groups_of_rows(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jndlab.export.parquet.ROWS_OF_A_GROUP", 50)
    export_study(store, "tiny", tmp_path, file_format="parquet")
    parquet = pytest.importorskip("pyarrow.parquet")
    written = parquet.ParquetFile(tmp_path / "tiny-trials.parquet")
    groups = [written.metadata.row_group(n).num_rows for n in range(written.num_row_groups)]
    assert groups == [50, 50, 50, 42]


def test_sessions_of_one_version_only(store: Store, tmp_path: Path) -> None:
    export_study(store, "tiny", tmp_path, version=1)
    assert (tmp_path / "tiny-trials.csv").stat().st_size > 10_000
    with pytest.raises(StudyUnknown, match="no version 2"):
        export_study(store, "tiny", tmp_path, version=2)
