"""The tables of a study, each with its columns, its key and what it refers to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from jndlab.errors import DataError
from jndlab.export.anonymous import LEFT_OUT
from jndlab.export.checks import CHECK_COLUMNS, CHECKS_TITLE, checks_in
from jndlab.export.events import EVENT_COLUMNS, EVENTS_TITLE, events_in
from jndlab.export.questionnaires import (
    QUESTIONNAIRE_COLUMNS,
    QUESTIONNAIRES_TITLE,
    questionnaires_in,
)
from jndlab.export.sessions import SESSION_COLUMNS, SESSIONS_TITLE, sessions_in
from jndlab.export.snapshot import Snapshot
from jndlab.export.tidy import TRIALS_TITLE, trial_rows
from jndlab.export.tracks import TRACK_COLUMNS, TRACKS_TITLE, has_tracks, tracks_in
from jndlab.study.rows import Row
from jndlab.study.trials import COLUMNS, Column


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """What a table is, without its rows."""

    name: str
    title: str
    holds: str
    """What its rows are, in the plural."""
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()
    """Columns that tell its rows apart; empty: the order does."""
    refers: tuple[tuple[str, str], ...] = ()
    """(column, table): the column names a row of that table, which has a column of that name."""

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns."""
        return tuple(column.name for column in self.columns)


Rows = Callable[[Snapshot], Iterable[Row]]
_TO_SESSION = (("session", "sessions"), ("study_digest", "versions"))

TRIALS = Table(
    name="trials",
    title=TRIALS_TITLE,
    holds="trials",
    columns=COLUMNS,
    key=("session", "trial"),
    refers=_TO_SESSION,
)
CHECKS = Table(
    name="checks",
    title=CHECKS_TITLE,
    holds="sounds of checks before the trials",
    columns=CHECK_COLUMNS,
    key=("session", "check", "attempt", "trial"),
    refers=_TO_SESSION,
)
SESSIONS = Table(
    name="sessions",
    title=SESSIONS_TITLE,
    holds="sessions",
    columns=SESSION_COLUMNS,
    key=("session",),
    refers=(("study_digest", "versions"),),
)
EVENTS = Table(
    name="events",
    title=EVENTS_TITLE,
    holds="reports of browsers",
    columns=EVENT_COLUMNS,
    refers=(("session", "sessions"),),
)
QUESTIONNAIRES = Table(
    name="questionnaires",
    title=QUESTIONNAIRES_TITLE,
    holds="answers to questions",
    columns=QUESTIONNAIRE_COLUMNS,
    key=("session", "questionnaire", "block", "question"),
    refers=_TO_SESSION,
)
TRACKS = Table(
    name="tracks",
    title=TRACKS_TITLE,
    holds="adaptive tracks",
    columns=TRACK_COLUMNS,
    key=("session", "part", "track"),
    refers=_TO_SESSION,
)

_ROWS: dict[str, Rows] = {
    "trials": trial_rows,
    "checks": checks_in,
    "sessions": sessions_in,
    "events": events_in,
    "questionnaires": questionnaires_in,
    "tracks": tracks_in,
}
STUDY_TABLES: tuple[Table, ...] = (TRIALS, CHECKS, SESSIONS, EVENTS, QUESTIONNAIRES, TRACKS)


def table_named(name: str) -> Table:
    """The table of that name. Raises DataError."""
    for table in STUDY_TABLES:
        if table.name == name:
            return table
    known = ", ".join(table.name for table in STUDY_TABLES)
    raise DataError(f"There is no table {name!r}.", f"Choose one of: {known}.")


def rows_of(snapshot: Snapshot, table: Table) -> Iterator[Row]:
    """The rows of a table, one after the other."""
    rows = _ROWS[table.name](snapshot)
    yield from rows if snapshot.anonymity is None else snapshot.anonymity.rows(table, rows)


def tables_of(snapshot: Snapshot) -> Sequence[Table]:
    """The tables that a study has: questionnaires only where a version of it asks any, tracks only
    where the levels of one follow from answers; anonymised, none about devices."""
    definitions = snapshot.definitions.values()
    has = {
        QUESTIONNAIRES.name: any(definition.questionnaires for definition in definitions),
        TRACKS.name: any(map(has_tracks, definitions)),
    }
    if snapshot.anonymity is not None:
        has |= dict.fromkeys(LEFT_OUT, False)
    return [table for table in STUDY_TABLES if has.get(table.name, True)]
