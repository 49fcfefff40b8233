"""A table as JSON lines: one object a row, with true, false and null."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from jndlab.export.tables import Table
from jndlab.study.rows import Row


def json_lines(table: Table, rows: Iterable[Row]) -> Iterator[str]:
    """Each row as a line of JSON, keys in the order of the columns. Times are ISO 8601, UTC."""
    booleans = [column.name for column in table.columns if column.type == "boolean"]
    texts = [column.name for column in table.columns if column.type == "text"]
    for row in rows:
        content: dict[str, object] = {name: row[name] for name in table.names}
        for name in booleans:
            content[name] = None if row[name] is None else bool(row[name])
        for name in texts:
            content[name] = None if row[name] is None else str(row[name])
        yield json.dumps(content, ensure_ascii=False, allow_nan=False) + "\n"


def write_json_lines(table: Table, rows: Iterable[Row], path: Path) -> int:
    """Write the rows into a file; returns their number."""
    n_rows = 0
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for line in json_lines(table, rows):
            file.write(line)
            n_rows += 1
    return n_rows
