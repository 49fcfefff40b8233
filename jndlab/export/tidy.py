"""The tidy table of a study as CSV, and its data dictionary."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Sequence
from typing import TextIO

from jndlab.export.snapshot import EXPORTED_KINDS as EXPORTED_KINDS
from jndlab.export.snapshot import Snapshot, snapshot_of
from jndlab.store import sessions as session_rows
from jndlab.store.engine import Store
from jndlab.study.csv_cells import CSV_RULE, csv_cell
from jndlab.study.rows import Row, SessionFacts, tidy_rows
from jndlab.study.trials import COLUMNS, Column, SessionKind


def shared_columns(*names: str) -> tuple[Column, ...]:
    """Columns that another table has in common with that of the trials, in the order of names."""
    known = {column.name: column for column in COLUMNS}
    return tuple(known[name] for name in names)


TRIALS_TITLE = "jndlab trials: one row per presented trial"


def study_rows(
    store: Store, slug: str, *, kinds: Sequence[SessionKind] = EXPORTED_KINDS
) -> Iterator[Row]:
    """The rows of a launched study, session by session. Raises StudyUnknown."""
    with snapshot_of(store, slug, kinds=kinds) as snapshot:
        yield from trial_rows(snapshot)


def trial_rows(snapshot: Snapshot) -> Iterator[Row]:
    """The rows of the trials, session by session."""
    for session in snapshot.sessions():
        facts = SessionFacts(
            study_digest=snapshot.digest_of(session),
            session=session.public_id,
            kind=session.kind,
            state=session.state,
            participant=session.participant,
            slot=session.slot,
            jndlab_version=session.jndlab_version,
        )
        history = session_rows.history_of(snapshot.db, session.id)
        yield from tidy_rows(snapshot.definition_of(session), facts, history)


def write_csv(
    rows: Iterable[Row], out: TextIO, *, header: bool = True, columns: Sequence[Column] = COLUMNS
) -> int:
    """Write the rows as CSV (RFC 4180, UTF-8); returns their number.

    Texts follow :data:`~jndlab.study.csv_cells.CSV_RULE`.
    """
    names = [column.name for column in columns]
    known = set(names)
    writer = csv.writer(out)
    if header:
        writer.writerow(names)
    n_rows = 0
    for row in rows:
        if not row.keys() <= known:
            raise ValueError(f"columns that nothing describes: {sorted(row.keys() - known)}")
        writer.writerow([csv_cell(column, row[column.name]) for column in columns])
        n_rows += 1
    return n_rows


def describe_columns(columns: Sequence[Column]) -> list[dict[str, object]]:
    """Name, type and meaning of every column, ready for JSON."""
    return [
        {
            "name": column.name,
            "type": column.type,
            "description": column.description,
            "required": column.required,
            **({"values": list(column.values)} if column.values else {}),
        }
        for column in columns
    ]


def data_dictionary(
    columns: Sequence[Column] = COLUMNS,
    *,
    title: str = TRIALS_TITLE,
) -> str:
    """JSON that describes every column of a table."""
    content = {"title": title, "csv": CSV_RULE, "columns": describe_columns(columns)}
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"
