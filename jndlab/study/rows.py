"""Trial records -> tidy rows, one per presented trial, as :data:`COLUMNS` describes them.

The rows of a simulation in memory and those of the database are made by the same function.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from jndlab.study.definition import StudyDefinition
from jndlab.study.session_parts import all_parts
from jndlab.study.trials import GUESS_RATES, SessionKind, TrialRecord

Cell = str | int | float | None
Row = dict[str, Cell]


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionFacts:
    """What every row of a session has in common."""

    study_digest: str
    session: str
    kind: SessionKind
    state: str
    participant: int
    jndlab_version: str
    slot: int | None = None


def tidy_rows(
    study: StudyDefinition, facts: SessionFacts, records: Iterable[TrialRecord]
) -> Iterator[Row]:
    """One row per record, keys and order as in :data:`COLUMNS`."""
    conditions = {condition.name: condition for condition in study.stimuli.conditions}
    procedures = {part.name: part.procedure for part in all_parts(study)}
    for record in records:
        trial, response = record.trial, record.response
        condition = conditions.get(trial.condition)
        paradigm = trial.paradigm or study.paradigm
        yield {
            "study": study.slug,
            "study_digest": facts.study_digest,
            "session": facts.session,
            "session_kind": facts.kind,
            "session_state": facts.state,
            "participant": facts.participant,
            "slot": facts.slot,
            "paradigm": paradigm,
            "guess_rate": GUESS_RATES.get(paradigm),
            "procedure": procedures[trial.part],
            "part": trial.part or None,
            "track": trial.track or None,
            "trial": trial.number,
            "block": trial.block,
            "phase": trial.phase,
            "trial_kind": trial.kind,
            "item": trial.item,
            "condition": trial.condition or None,
            "level": trial.level,
            "level_unit": condition.unit if condition else None,
            "compression": condition.compression if condition else None,
            "compared_with": trial.compared_with,
            "compared_level": trial.compared_level,
            "order": trial.order,
            "sounds": ";".join(interval.sound() for interval in trial.intervals),
            "correct_response": trial.correct_response or None,
            "response": response.value if response else None,
            "correct": None if record.correct is None else int(record.correct),
            "response_time_ms": response.response_time_ms if response else None,
            "confidence": response.confidence if response else None,
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
