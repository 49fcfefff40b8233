"""A cell of a row as the value that its column says it is."""

from __future__ import annotations

from datetime import UTC, datetime

from jndlab.study.rows import Cell
from jndlab.study.trials import Column

Value = str | int | float | bool | datetime | None


def typed_value(column: Column, cell: Cell) -> Value:
    """The value: a boolean as True or False, a time as a datetime in UTC; None where empty."""
    if cell is None or cell == "":
        return None
    if column.type == "boolean":
        return bool(cell)
    if column.type == "integer":
        return int(cell)
    if column.type == "number":
        return float(cell)
    if column.type == "time":
        return datetime.fromisoformat(str(cell)).astimezone(UTC)
    return str(cell)
