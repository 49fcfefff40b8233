"""Trial records -> tidy rows, one per presented trial, as :data:`COLUMNS` describes them.

The rows of a simulation in memory and those of the database are made by the same function.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TextIO

from jndlab.store import sessions as session_rows
from jndlab.store.engine import Store
from jndlab.store.studies import definition_of, require_study
from jndlab.study.definition import StudyDefinition
from jndlab.study.trials import COLUMNS, GUESS_RATES, TrialRecord

Cell = str | int | float | None
Row = dict[str, Cell]

BOTH_KINDS = ("participant", "simulated")


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionFacts:
    """What every row of a session has in common."""

    study_digest: str
    session: str
    kind: str
    state: str
    participant: int
    jndlab_version: str


def tidy_rows(
    study: StudyDefinition, facts: SessionFacts, records: Iterable[TrialRecord]
) -> Iterator[Row]:
    """One row per record, keys and order as in :data:`COLUMNS`."""
    conditions = {condition.name: condition for condition in study.stimuli.conditions}
    for record in records:
        trial, response = record.trial, record.response
        condition = conditions[trial.condition]
        yield {
            "study": study.slug,
            "study_digest": facts.study_digest,
            "session": facts.session,
            "session_kind": facts.kind,
            "session_state": facts.state,
            "participant": facts.participant,
            "paradigm": study.paradigm,
            "guess_rate": GUESS_RATES[study.paradigm],
            "trial": trial.number,
            "block": trial.block,
            "phase": trial.phase,
            "trial_kind": trial.kind,
            "item": trial.item,
            "condition": trial.condition,
            "level": trial.level,
            "level_unit": condition.unit,
            "compression": condition.compression,
            "order": trial.order,
            "correct_response": trial.correct_response,
            "response": response.value if response else None,
            "correct": None if record.correct is None else int(record.correct),
            "response_time_ms": response.response_time_ms if response else None,
            "plays": ";".join(map(str, response.plays)) if response else None,
            "n_loads": record.n_loads,
            "context_rate_hz": record.context_rate_hz,
            "output_latency_ms": record.output_latency_ms,
            "presented_at": record.presented_at.isoformat(timespec="milliseconds"),
            "answered_at": record.answered_at.isoformat(timespec="milliseconds")
            if record.answered_at
            else None,
            "jndlab_version": facts.jndlab_version,
        }


def study_rows(store: Store, slug: str, *, kinds: Sequence[str] = BOTH_KINDS) -> Iterator[Row]:
    """The rows of a launched study, session by session. Raises StudyConflict."""
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


def write_csv(rows: Iterable[Row], out: TextIO, *, header: bool = True) -> int:
    """Write the rows as CSV (RFC 4180, UTF-8); returns their number."""
    writer = csv.DictWriter(out, fieldnames=[column.name for column in COLUMNS])
    if header:
        writer.writeheader()
    n_rows = 0
    for row in rows:
        writer.writerow(row)
        n_rows += 1
    return n_rows


def data_dictionary() -> str:
    """JSON that describes every column of the table."""
    columns = [
        {
            "name": column.name,
            "type": column.type,
            "description": column.description,
            "required": column.required,
            **({"values": list(column.values)} if column.values else {}),
        }
        for column in COLUMNS
    ]
    content = {"title": "jndlab trials: one row per presented trial", "columns": columns}
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"
