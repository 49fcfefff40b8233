"""A table as a .sav file, for SPSS, PSPP, jamovi and JASP: labelled variables and values."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from jndlab.errors import DataError, MissingExtra
from jndlab.export.tables import Table
from jndlab.export.typed import typed_value
from jndlab.study.rows import Cell, Row
from jndlab.study.trials import Column

MAX_ROWS = 500_000
"""The format has the number of rows in its head, and the library wants them all in memory."""
_MAX_NAME_BYTES = 64
_MAX_LABEL_BYTES = 255
_MAX_TEXT_BYTES = 32_767
_RESERVED = frozenset({"all", "and", "by", "eq", "ge", "gt", "le", "lt", "ne", "not", "or"}) | {
    "to",
    "with",
}


def write_sav(table: Table, rows: Iterable[Row], path: Path) -> int:
    """Write the rows into a file; returns their number.

    Columns with a few fixed values are numbers with value labels, booleans 0 and 1, times dates
    in UTC. Raises MissingExtra, and DataError for more than :data:`MAX_ROWS` rows.
    """
    try:
        import pandas
        import pyreadstat
    except ImportError:
        raise MissingExtra("pyreadstat", "spss") from None

    cells: list[list[Any]] = [[] for _ in table.columns]
    for row in rows:
        for column, values in zip(table.columns, cells, strict=True):
            values.append(_value(column, row[column.name]))
        if len(cells[0]) > MAX_ROWS:
            raise DataError(
                f"The table {table.name} has more than {MAX_ROWS} rows, too many for SPSS.",
                "Export it as Parquet or CSV, or one kind of session at a time.",
            )
    names = spss_names(table.names)
    frame = pandas.DataFrame(
        {
            name: pandas.Series(values, dtype=_dtype(column))
            for name, column, values in zip(names, table.columns, cells, strict=True)
        }
    )
    named = list(zip(names, table.columns, strict=True))
    pyreadstat.write_sav(
        frame,
        str(path),
        file_label=table.title[:64],
        column_labels={
            name: clip_bytes(column.description, _MAX_LABEL_BYTES) for name, column in named
        },
        variable_value_labels={name: _labels(column) for name, column in named if _labels(column)},
        variable_measure={name: _measure(column) for name, column in named},
        variable_format={name: "DATETIME23.3" for name, column in named if column.type == "time"},
    )
    return len(frame)


def spss_names(names: Sequence[str]) -> list[str]:
    """Names that SPSS takes: letters, digits and underscores, no reserved word, none twice.

    >>> spss_names(["trial", "by", "3rd answer", "Trial"])
    ['trial', 'by_', 'v3rd_answer', 'Trial_2']
    """
    legal: list[str] = []
    for name in names:
        safe = re.sub(r"[^A-Za-z0-9_]", "_", name)[:_MAX_NAME_BYTES].rstrip("_") or "v"
        safe = safe if safe[0].isalpha() else f"v{safe}"[:_MAX_NAME_BYTES]
        safe = f"{safe}_" if safe.lower() in _RESERVED else safe
        known = {other.lower() for other in legal}
        unique, number = safe, 2
        while unique.lower() in known:
            unique, number = f"{safe[:60]}_{number}", number + 1
        legal.append(unique)
    return legal


def clip_bytes(text: str, n_bytes: int) -> str:
    """The beginning of a text that takes no more than so many bytes in UTF-8."""
    return text.encode()[:n_bytes].decode(errors="ignore")


def _value(column: Column, cell: Cell) -> object:
    if column.values:
        return None if cell is None else column.values.index(str(cell)) + 1
    value = typed_value(column, cell)
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, datetime):
        return value.replace(tzinfo=None)
    if column.type == "text":
        return clip_bytes(str(value or "").replace("\x00", ""), _MAX_TEXT_BYTES)
    return value


def _dtype(column: Column) -> str:
    if column.type == "time":
        return "datetime64[ms]"
    return "object" if column.type == "text" and not column.values else "float64"


def _labels(column: Column) -> dict[int | float, str]:
    if column.type == "boolean":
        return {0: "no", 1: "yes"}
    return dict(enumerate(column.values, start=1))


def _measure(column: Column) -> str:
    if column.type in ("text", "boolean"):
        return "nominal"
    return "scale"
