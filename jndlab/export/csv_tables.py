"""A table as CSV, streamed, and the rows of such a file again."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from datetime import datetime
from io import StringIO
from itertools import islice
from pathlib import Path
from typing import TextIO

from jndlab.errors import DataError
from jndlab.export.tables import Table
from jndlab.export.tidy import write_csv
from jndlab.study.csv_cells import unguard_text
from jndlab.study.rows import Cell, Row
from jndlab.study.trials import Column

_AT_ONCE = 100
_MAX_CELL = 10_000_000
"""Characters; the reports of a browser can be long."""


def csv_parts(table: Table, rows: Iterable[Row]) -> Iterator[str]:
    """The text of the file in parts, a hundred rows at a time, whatever their number."""
    rows = iter(rows)
    out = StringIO(newline="")
    write_csv([], out, columns=table.columns)
    while text := out.getvalue():
        yield text
        out = StringIO(newline="")
        write_csv(islice(rows, _AT_ONCE), out, header=False, columns=table.columns)


def write_csv_file(table: Table, rows: Iterable[Row], path: Path) -> int:
    """Write the rows into a file; returns their number."""
    with path.open("w", encoding="utf-8", newline="") as file:
        return write_csv(rows, file, columns=table.columns)


def read_csv_rows(table: Table, file: TextIO, *, source: str) -> Iterator[Row]:
    """The rows that :func:`~jndlab.export.tidy.write_csv` wrote, equal to what they were.

    A column that need not be filled in may be missing, for an older jndlab may not have had it;
    one that is not known is left out. DataError: anything else that is not as it was written.
    """
    csv.field_size_limit(_MAX_CELL)
    reader = csv.reader(file, strict=True)
    try:
        header = next(reader, [])
        places = _places(table, header, source)
        for cells in reader:
            if len(cells) != len(header):
                what = f"has {len(cells)} cells, not {len(header)}"
                raise _spoiled(f"Line {reader.line_num} of {source} {what}.")
            yield {
                column.name: None
                if place is None
                else _cell(column, cells[place], reader.line_num, source)
                for column, place in places
            }
    except (csv.Error, UnicodeDecodeError) as error:
        raise _spoiled(f"{source} is not a readable CSV file: {error}.") from error


def _places(table: Table, header: list[str], source: str) -> list[tuple[Column, int | None]]:
    """Where each column of the table stands in the file."""
    missing = [c.name for c in table.columns if c.required and c.name not in header]
    if missing or len(set(header)) < len(header):
        what = f"lacks {', '.join(missing)}" if missing else "has a column twice"
        raise _spoiled(f"{source} is no table of {table.name}: it {what}.")
    return [(c, header.index(c.name) if c.name in header else None) for c in table.columns]


def _cell(column: Column, text: str, line: int, source: str) -> Cell:
    if text == "":
        if column.required:
            raise _spoiled(f"Line {line} of {source}, column {column.name}: the cell is empty.")
        return None
    try:
        if column.type in ("integer", "boolean"):
            return int(text)
        if column.type == "number":
            return float(text)
        if column.type == "time":
            datetime.fromisoformat(text)
            return text
    except ValueError:
        what = f"{text[:40]!r} is not of type {column.type}"
        raise _spoiled(f"Line {line} of {source}, column {column.name}: {what}.") from None
    return unguard_text(text)


def _spoiled(message: str) -> DataError:
    return DataError(message, "Use the file as it was exported.")
