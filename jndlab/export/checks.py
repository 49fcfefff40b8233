"""The checks before the first trial as a tidy table, and how many sessions passed each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter

from jndlab.export.snapshot import Snapshot, snapshot_of
from jndlab.export.tidy import shared_columns
from jndlab.store import sessions as session_rows
from jndlab.store.engine import Store
from jndlab.store.models import CheckTrialRow, SessionRow
from jndlab.study.checks import (
    CheckKind,
    CheckResponse,
    CheckRule,
    Outcome,
    attempt_outcome,
    checks_state,
)
from jndlab.study.rows import Row
from jndlab.study.trials import Column, SessionKind

CHECKS_TITLE = "jndlab checks: one row per sound of a check before the first trial"

CHECK_COLUMNS: tuple[Column, ...] = (
    *shared_columns("study", "study_digest", "session", "session_kind"),
    Column(
        name="session_state",
        type="text",
        required=True,
        description="State of the session at the time of the export; screened-out: a check ended "
        "it, and it has no trials.",
    ),
    *shared_columns("participant"),
    Column(
        name="check",
        type="integer",
        required=True,
        description="Position of the check in the study's list, from 1.",
    ),
    Column(name="kind", type="text", required=True, description="What is checked."),
    Column(
        name="attempt",
        type="integer",
        required=True,
        description="From 1; more where a failed check was given again.",
    ),
    Column(
        name="trial",
        type="integer",
        required=True,
        description="Position of the sound within the attempt, from 1.",
    ),
    Column(
        name="right_answer",
        type="text",
        description="The right answer; empty for a level, which has none.",
    ),
    Column(
        name="answer",
        type="text",
        description="The answer; for a level the gain in dB that was chosen. Empty if none was "
        "given.",
    ),
    Column(name="correct", type="boolean", description="1 right, 0 wrong, empty without answer."),
    Column(
        name="attempt_outcome",
        type="text",
        required=True,
        values=("open", "passed", "failed"),
        description="What the whole attempt came to; open: it was not answered to its end.",
    ),
    Column(
        name="made_at",
        type="time",
        required=True,
        description="When the server made the sound, UTC, ISO 8601.",
    ),
    Column(
        name="answered_at",
        type="time",
        description="When the server stored the answer, UTC, ISO 8601.",
    ),
)
"""The export of the checks: one row per sound of a check, these columns in this order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckCount:
    """How many sessions passed one check of a study."""

    kind: CheckKind
    n_began: int
    """Sessions that were given a sound of it."""
    n_passed: int
    n_passed_later: int
    """Of these, not at the first attempt."""
    n_failed: int
    """Sessions that failed for good and are flagged, or were screened out."""
    n_screened_out: int
    """Of these, the ones whose session ended by it."""

    @property
    def n_open(self) -> int:
        """Sessions that have not answered it to its end."""
        return self.n_began - self.n_passed - self.n_failed


def check_rows(store: Store, slug: str) -> Iterator[Row]:
    """One row per sound of a check, session by session. Raises StudyUnknown."""
    with snapshot_of(store, slug) as snapshot:
        yield from checks_in(snapshot)


def checks_in(snapshot: Snapshot) -> Iterator[Row]:
    """One row per sound of a check in people's sessions, session by session."""
    for session in snapshot.sessions(people=True):
        rules = snapshot.definition_of(session).check_rules()
        digest = snapshot.digest_of(session)
        trials = session_rows.check_trials(snapshot.db, session.id)
        responses = [
            CheckResponse(place=trial.place, attempt=trial.attempt, correct=trial.correct)
            for trial in trials
            if trial.correct is not None
        ]
        for trial in trials:
            outcome = attempt_outcome(rules[trial.place], responses, trial.place, trial.attempt)
            yield {
                "study": snapshot.slug,
                "study_digest": digest,
                **_row(session, trial, outcome),
            }


def count_checks(
    rules: Sequence[CheckRule], rows: Iterable[Row], *, kind: SessionKind, digest: str
) -> tuple[CheckCount, ...]:
    """The counts of every check of a version in its order, from the rows of the exported table.

    ``kind`` and ``digest``: whose rows to count, and of which version of the study.
    """
    mine = (row for row in rows if (row["session_kind"], row["study_digest"]) == (kind, digest))
    sessions = [list(group) for _, group in groupby(mine, key=itemgetter("session"))]
    return tuple(_count(place, rules, sessions) for place in range(len(rules)))


def failed_checks(rules: Mapping[str, Sequence[CheckRule]], rows: Iterable[Row]) -> dict[str, int]:
    """How many checks each session failed for good, from the rows of the exported table.

    ``rules``: of each version of the study, by its digest. Sessions that failed none are left out.
    """
    found: dict[str, int] = {}
    for session, group in groupby(rows, key=itemgetter("session")):
        mine = list(group)
        state = checks_state(rules[str(mine[0]["study_digest"])], _responses(mine))
        if "failed" in state.outcomes:
            found[str(session)] = state.outcomes.count("failed")
    return found


def _count(place: int, rules: Sequence[CheckRule], sessions: Sequence[Sequence[Row]]) -> CheckCount:
    n_began = n_passed = n_later = n_failed = n_out = 0
    for rows in sessions:
        mine = [row for row in rows if row["check"] == place + 1]
        if not mine:
            continue
        n_began += 1
        state = checks_state(rules, _responses(rows))
        outcome = state.outcomes[place]
        n_passed += outcome == "passed"
        n_later += outcome == "passed" and mine[-1]["attempt"] != 1
        n_failed += outcome == "failed"
        n_out += outcome == "failed" and state.screened_out and rules[place].ends_session
    return CheckCount(
        kind=rules[place].kind,
        n_began=n_began,
        n_passed=n_passed,
        n_passed_later=n_later,
        n_failed=n_failed,
        n_screened_out=n_out,
    )


def _responses(rows: Sequence[Row]) -> list[CheckResponse]:
    return [
        CheckResponse(
            place=int(row["check"] or 0) - 1,
            attempt=int(row["attempt"] or 0),
            correct=bool(row["correct"]),
        )
        for row in rows
        if row["correct"] is not None
    ]


def _row(session: SessionRow, trial: CheckTrialRow, outcome: Outcome) -> Row:
    answered = trial.answered_at
    return {
        "session": session.public_id,
        "session_kind": session.kind,
        "session_state": session.state,
        "participant": session.participant,
        "check": trial.place + 1,
        "kind": trial.kind,
        "attempt": trial.attempt,
        "trial": trial.number,
        "right_answer": trial.right_answer or None,
        "answer": trial.answer,
        "correct": None if trial.correct is None else int(trial.correct),
        "attempt_outcome": outcome,
        "made_at": trial.made_at.isoformat(timespec="milliseconds"),
        "answered_at": answered.isoformat(timespec="milliseconds") if answered else None,
    }
