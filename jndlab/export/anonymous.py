"""Data in which nobody is to be found again: new ids, no times of day, nothing that was typed.

Session ids and participants' numbers are drawn anew for each export and kept nowhere; sessions
come in an order drawn at random. Each session begins at one and the same time, so that durations
stay. Reports of browsers are left out, and of the questionnaires every text and every number.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import Session

from jndlab.store.models import SessionRow
from jndlab.store.retention import TYPED
from jndlab.study.rows import Cell, Row

if TYPE_CHECKING:
    from jndlab.export.tables import Table

BEGIN = datetime(2000, 1, 1, tzinfo=UTC)
"""When every session begins."""
LEFT_OUT = ("events",)
"""Tables that are about people's devices."""
EMPTIED = ("slot", "output_latency_ms")
"""slot is the participant's number in most studies; the latency tells one device from others."""


@dataclass(frozen=True, slots=True)
class Pseudonym:
    """What a session is called in one anonymised export."""

    session: str
    participant: int
    opened_at: datetime


class Anonymity:
    """New names for the sessions of one export."""

    def __init__(self, db: Session, study_id: int) -> None:
        query = select(SessionRow.public_id, SessionRow.kind, SessionRow.opened_at).where(
            SessionRow.study_id == study_id
        )
        rows = list(db.execute(query))
        secrets.SystemRandom().shuffle(rows)
        numbers: dict[str, int] = {}
        self.of: dict[str, Pseudonym] = {}
        """By public id, in the order of the export."""
        for public_id, kind, opened_at in rows:
            numbers[kind] = number = numbers.get(kind, 0) + 1
            self.of[public_id] = Pseudonym(secrets.token_hex(8), number, opened_at)

    def rows(self, table: Table, rows: Iterable[Row]) -> Iterator[Row]:
        """The rows of a table without what leads to somebody."""
        times = {column.name for column in table.columns if column.type == "time"}
        for row in rows:
            yield self._row(row, times)

    def _row(self, row: Row, times: set[str]) -> Row:
        known = self.of[str(row["session"])]
        changed: dict[str, Cell] = {"session": known.session, "participant": known.participant}
        for name in times:
            changed[name] = _shifted(row[name], known.opened_at)
        for name in EMPTIED:
            if name in row:
                changed[name] = None
        if row.get("question_kind") in TYPED:
            changed["value"] = None
        return {**row, **changed}


def _shifted(cell: Cell, opened_at: datetime) -> Cell:
    if cell is None:
        return None
    moment = datetime.fromisoformat(str(cell))
    return (BEGIN + (moment - opened_at)).isoformat(timespec="milliseconds")
