"""The formats in which one table can be had."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from jndlab.errors import DataError
from jndlab.export.csv_tables import write_csv_file
from jndlab.export.json_lines import write_json_lines
from jndlab.export.parquet import write_parquet
from jndlab.export.spss import write_sav
from jndlab.export.tables import Table
from jndlab.study.rows import Row


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """A way to write a table into a file."""

    name: str
    title: str
    ending: str
    media_type: str
    streams: bool
    """Whether it can be sent while it is read."""
    write: Callable[[Table, Iterable[Row], Path], int]
    """Fills a file, returns the number of rows."""


FORMATS: tuple[Format, ...] = (
    Format(
        name="csv",
        title="CSV",
        ending="csv",
        media_type="text/csv",
        streams=True,
        write=write_csv_file,
    ),
    Format(
        name="jsonl",
        title="JSON lines",
        ending="jsonl",
        media_type="application/jsonl",
        streams=True,
        write=write_json_lines,
    ),
    Format(
        name="parquet",
        title="Parquet",
        ending="parquet",
        media_type="application/vnd.apache.parquet",
        streams=False,
        write=write_parquet,
    ),
    Format(
        name="sav",
        title="SPSS",
        ending="sav",
        media_type="application/x-spss-sav",
        streams=False,
        write=write_sav,
    ),
)
"""For single tables; a package and a Psych-DS folder hold all of them."""


def format_named(name: str) -> Format:
    """The format of that name. Raises DataError."""
    for one in FORMATS:
        if one.name == name:
            return one
    known = ", ".join(one.name for one in FORMATS)
    raise DataError(f"There is no format {name!r}.", f"Choose one of: {known}.")
