"""A table as Parquet, written in groups of rows, so that memory does not grow with the table."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from jndlab.errors import MissingExtra
from jndlab.export.tables import Table
from jndlab.export.typed import typed_value
from jndlab.study.rows import Row

if TYPE_CHECKING:
    import pyarrow

ROWS_OF_A_GROUP = 10_000


def write_parquet(table: Table, rows: Iterable[Row], path: Path) -> int:
    """Write the rows into a file; returns their number. Raises MissingExtra.

    Each column has its description as metadata; times are in milliseconds, UTC.
    """
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError:
        raise MissingExtra("pyarrow", "parquet") from None

    schema = _schema(table)
    n_rows = 0
    rows = iter(rows)
    with parquet.ParquetWriter(path, schema, compression="zstd") as writer:
        while batch := list(islice(rows, ROWS_OF_A_GROUP)):
            values = {
                column.name: [typed_value(column, row[column.name]) for row in batch]
                for column in table.columns
            }
            writer.write_table(pyarrow.Table.from_pydict(values, schema=schema))
            n_rows += len(batch)
    return n_rows


def _schema(table: Table) -> pyarrow.Schema:
    import pyarrow

    types = {
        "text": pyarrow.string(),
        "integer": pyarrow.int64(),
        "number": pyarrow.float64(),
        "boolean": pyarrow.bool_(),
        "time": pyarrow.timestamp("ms", tz="UTC"),
    }
    fields = [
        pyarrow.field(
            column.name,
            types[column.type],
            nullable=not column.required,
            metadata={"description": column.description},
        )
        for column in table.columns
    ]
    return pyarrow.schema(fields, metadata={"title": table.title})
