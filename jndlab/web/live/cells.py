"""What a table of the live view is made of: cells of text, each with what it is sorted by.

The page and its updates are made from the same cells, so that they cannot differ.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One cell of a table."""

    text: str
    sort: float | str
    """Empty: last, whichever way it is sorted."""
    flag: str = ""
    """What is odd about it, in a word or two."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column of a table."""

    label: str
    hint: str = ""
    """What it holds, where the label does not say it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row of a table, with a key that stays the same over updates."""

    key: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table that the page shows and keeps up to date."""

    name: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]


def blank() -> Cell:
    """Of what is not known, or of which there is none."""
    return Cell(text="–", sort="")


def count(number: int) -> Cell:
    """A number as it is."""
    return Cell(text=str(number), sort=number)


def counts(*numbers: int) -> Iterable[Cell]:
    """Numbers as they are."""
    return map(count, numbers)


def percent(share: float) -> str:
    """A share in whole per cent."""
    return f"{100 * share:.0f} %"


def since(moment: datetime, now: datetime) -> str:
    """How long ago something was, in words that do not change every second."""
    minutes = int((now - moment).total_seconds()) // 60
    if minutes < 1:
        return "just now"
    if minutes < 60:
        return f"{minutes} min ago"
    if minutes < 48 * 60:
        return f"{minutes // 60} h ago"
    return f"{minutes // (24 * 60)} days ago"
