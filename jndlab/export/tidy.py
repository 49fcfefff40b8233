"""The tidy table of a study as CSV, and its data dictionary."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Sequence
from typing import TextIO

from jndlab.store import sessions as session_rows
from jndlab.store.engine import Store
from jndlab.store.studies import definition_of, require_study
from jndlab.study.rows import Row, SessionFacts, tidy_rows
from jndlab.study.trials import COLUMNS, Column, SessionKind


def shared_columns(*names: str) -> tuple[Column, ...]:
    """Columns that another table has in common with that of the trials, in the order of names."""
    known = {column.name: column for column in COLUMNS}
    return tuple(known[name] for name in names)


TRIALS_TITLE = "jndlab trials: one row per presented trial"
BOTH_KINDS: tuple[SessionKind, ...] = ("participant", "simulated")


def study_rows(
    store: Store, slug: str, *, kinds: Sequence[SessionKind] = BOTH_KINDS
) -> Iterator[Row]:
    """The rows of a launched study, session by session. Raises StudyUnknown."""
    with store.read() as db:
        study = require_study(db, slug)
        definition = definition_of(study)
        for session in session_rows.sessions_of(db, study.id, kinds=kinds):
            facts = SessionFacts(
                study_digest=study.digest,
                session=session.public_id,
                kind=session.kind,
                state=session.state,
                participant=session.participant,
                jndlab_version=session.jndlab_version,
            )
            yield from tidy_rows(definition, facts, session_rows.history_of(db, session.id))


def write_csv(
    rows: Iterable[Row], out: TextIO, *, header: bool = True, columns: Sequence[Column] = COLUMNS
) -> int:
    """Write the rows as CSV (RFC 4180, UTF-8); returns their number."""
    writer = csv.DictWriter(out, fieldnames=[column.name for column in columns])
    if header:
        writer.writeheader()
    n_rows = 0
    for row in rows:
        writer.writerow(row)
        n_rows += 1
    return n_rows


def data_dictionary(
    columns: Sequence[Column] = COLUMNS,
    *,
    title: str = TRIALS_TITLE,
) -> str:
    """JSON that describes every column of a table."""
    described = [
        {
            "name": column.name,
            "type": column.type,
            "description": column.description,
            "required": column.required,
            **({"values": list(column.values)} if column.values else {}),
        }
        for column in columns
    ]
    content = {"title": title, "columns": described}
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"
