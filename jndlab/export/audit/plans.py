"""The presented trials of one session: none is missing, and each is the one that was due."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from jndlab.errors import DataError
from jndlab.export.audit.findings import AuditCode
from jndlab.export.audit.session_rows import StoredTrial
from jndlab.study.progress import next_trial
from jndlab.study.session_plan import SessionPlan
from jndlab.study.trials import Response, Trial, TrialRecord

Problem = tuple[AuditCode, int | None, str]
"""Code, number of the trial, message."""


def unanswered(trials: Sequence[StoredTrial], *, finished: bool) -> Iterator[Problem]:
    """Presented trials without an answer behind which the session went on."""
    newest = max((one.number for one in trials if one.is_answered), default=0)
    for one in trials:
        if one.is_presented and not one.is_answered and (finished or one.number < newest):
            yield "gap", one.number, "it has no answer, and the session went on."


def unplanned(
    plan: SessionPlan, trials: Sequence[StoredTrial], *, finished: bool
) -> tuple[int, list[Problem]]:
    """How many presented trials are those that were due, up to the first that is not, and why."""
    presented = [record_of(one) for one in trials if one.is_presented]
    try:
        for place, record in enumerate(presented):
            due = next_trial(plan, presented[:place])
            if due == record.trial:
                continue
            if due is not None and due.number < record.trial.number:
                return place, [("gap", due.number, "it is missing, and the session went on.")]
            what = "it is not the one that the plan has after the answers before it."
            return place, [("plan", record.trial.number, what)]
        due = next_trial(plan, presented) if finished else None
    except DataError as error:  # levels that no answers lead to
        return 0, [("plan", None, error.message)]
    missing = "it is missing, and the session counts as finished."
    return len(presented), [] if due is None else [("gap", due.number, missing)]


def record_of(stored: StoredTrial) -> TrialRecord:
    """What the next trial depends on."""
    row = stored.row
    response = None
    if stored.is_answered:
        response = Response(
            value=row["response"],
            response_time_ms=row["response_time_ms"],
            plays=tuple(json.loads(row["plays"])),
            confidence=row["confidence"],
        )
    return TrialRecord(
        trial=Trial.from_dict(json.loads(row["trial"])),
        presented_at=row["presented_at"],
        n_loads=row["n_loads"],
        response=response,
        answered_at=row["answered_at"],
        correct=row["correct"],
    )
