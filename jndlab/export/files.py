"""Writing the tidy tables and their dictionaries into a folder."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

from jndlab.export.checks import CHECK_COLUMNS, CHECKS_TITLE, check_rows
from jndlab.export.events import EVENT_COLUMNS, EVENTS_TITLE, event_rows
from jndlab.export.questionnaires import (
    QUESTIONNAIRE_COLUMNS,
    QUESTIONNAIRES_TITLE,
    questionnaire_rows,
)
from jndlab.export.sessions import SESSION_COLUMNS, SESSIONS_TITLE, consent_texts, session_table
from jndlab.export.tidy import TRIALS_TITLE, data_dictionary, study_rows, write_csv
from jndlab.files import write_atomically
from jndlab.store.engine import Store
from jndlab.store.studies import definition_of, require_study
from jndlab.study.rows import Row
from jndlab.study.trials import COLUMNS, Column


def write_table(rows: Iterable[Row], path: Path, columns: Sequence[Column] = COLUMNS) -> int:
    """Write the rows as a CSV file, all or nothing; returns their number. Raises StoreError."""
    table = StringIO(newline="")
    n_rows = write_csv(rows, table, columns=columns)
    write_atomically(path, table.getvalue().encode(), replace=True)
    return n_rows


def export_study(store: Store, slug: str, folder: Path) -> list[tuple[Path, str]]:
    """Write the tables of a study as CSV files, each with its dictionary.

    SLUG-trials.csv, SLUG-checks.csv, SLUG-sessions.csv and SLUG-events.csv, SLUG-questionnaires.csv
    if the study has any, and SLUG-consent.json with the texts that were agreed to. Returns each
    path and what is in it. Raises StudyUnknown for an unknown study, StoreError if the folder
    cannot be written.
    """
    written: list[tuple[Path, str]] = []
    for table in _tables(store, slug):
        path = folder / f"{slug}-{table.name}.csv"
        n_rows = write_table(table.rows, path, table.columns)
        dictionary = folder / f"{slug}-{table.name}.dictionary.json"
        described = data_dictionary(table.columns, title=table.title)
        write_atomically(dictionary, described.encode(), replace=True)
        written += [(path, f"{n_rows} {table.holds}"), (dictionary, "what each column means")]
    consents = consent_texts(store, slug)
    if consents:
        path = folder / f"{slug}-consent.json"
        content = json.dumps(consents, indent=2, ensure_ascii=False) + "\n"
        write_atomically(path, content.encode(), replace=True)
        written.append((path, "the texts that participants agreed to"))
    return written


@dataclass(frozen=True, slots=True, kw_only=True)
class _Table:
    name: str
    rows: Iterable[Row]
    columns: Sequence[Column]
    title: str
    holds: str
    """What its rows are."""


def _tables(store: Store, slug: str) -> Iterator[_Table]:
    yield _Table(
        name="trials",
        rows=study_rows(store, slug),
        columns=COLUMNS,
        title=TRIALS_TITLE,
        holds="trials",
    )
    yield _Table(
        name="checks",
        rows=check_rows(store, slug),
        columns=CHECK_COLUMNS,
        title=CHECKS_TITLE,
        holds="sounds of checks before the trials",
    )
    yield _Table(
        name="sessions",
        rows=session_table(store, slug),
        columns=SESSION_COLUMNS,
        title=SESSIONS_TITLE,
        holds="sessions",
    )
    yield _Table(
        name="events",
        rows=event_rows(store, slug),
        columns=EVENT_COLUMNS,
        title=EVENTS_TITLE,
        holds="reports of browsers",
    )
    with store.read() as db:
        asks = bool(definition_of(require_study(db, slug)).questionnaires)
    if asks:
        yield _Table(
            name="questionnaires",
            rows=questionnaire_rows(store, slug),
            columns=QUESTIONNAIRE_COLUMNS,
            title=QUESTIONNAIRES_TITLE,
            holds="answers to questions",
        )
