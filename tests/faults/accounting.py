"""The accounting: acknowledged = stored, none twice, none without its trial, every plan unbroken.

It reads the tables with SQL of its own, since the queries of the product are what is on trial, and
asks only the pure core what trial has to follow on what was answered.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Engine, text

from jndlab.errors import RequestInvalid
from jndlab.study.progress import next_trial, score, upcoming_trials
from jndlab.study.session_plan import SessionPlan
from jndlab.study.trials import Response, Trial, TrialRecord
from tests.faults.ledger import Entry, Ledger

ALWAYS = datetime(2000, 1, 1, tzinfo=UTC)
"""No plan depends on times."""
MOST_AHEAD = 2


@dataclass
class Account:
    """What was promised beside what is there."""

    n_sessions: int = 0
    n_finished: int = 0
    n_acknowledged: int = 0
    n_stored: int = 0
    n_lost: int = 0
    """Acknowledged and not stored, or not as acknowledged."""
    n_twice: int = 0
    problems: list[str] = field(default_factory=list)

    def add(self, other: Account) -> None:
        """Count another place's account to this one."""
        for one in fields(self):
            setattr(self, one.name, getattr(self, one.name) + getattr(other, one.name))

    def require_whole(self) -> None:
        """Fail, and say what is wrong."""
        shown = "\n".join(self.problems[:20])
        assert not self.problems, f"{len(self.problems)} problems:\n{shown}"


@dataclass(frozen=True, slots=True)
class _Stored:
    """A session as the tables have it."""

    state: str
    paradigm: Any
    plan: SessionPlan
    plan_digest: str
    rows: Sequence[Mapping[str, Any]]

    @property
    def answers(self) -> dict[int, tuple[str, str]]:
        return {row["number"]: (row["response"], row["key"]) for row in self.rows if row["key"]}


def account_for(engine: Engine, ledger: Ledger) -> Account:
    """Compare the database with the ledger, also while answers come in.

    What was promised before the database is read has to be in it; what is in it has to have been
    sent until then.
    """
    promised, account = ledger.promises(), Account()
    with engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("BEGIN")  # one state for all that is read
        else:
            connection = connection.execution_options(isolation_level="REPEATABLE READ")
        _check_tables(connection, account)
        stored = _sessions(connection)
        connection.rollback()
    account.n_sessions = len(stored)
    account.n_finished = sum(one.state == "finished" for one in stored.values())
    account.n_stored = sum(len(one.answers) for one in stored.values())
    _check_promises(stored, promised, account)
    _check_origins(stored, ledger.entries(), account)
    for name, session in stored.items():
        for problem in _broken_plan(session):
            account.problems.append(f"session {name[:8]}: {problem}")
    return account


def _check_tables(connection: Connection, account: Account) -> None:
    """Nothing twice, nothing without what it belongs to, whatever constraints there are."""
    for what, query in _MUST_BE_EMPTY.items():
        n_found = len(connection.execute(text(query)).all())
        if n_found:
            account.problems.append(f"{n_found} times: {what}")
            account.n_twice += n_found if "twice" in what else 0
    if connection.dialect.name == "sqlite":
        checked = [row[0] for row in connection.execute(text("PRAGMA integrity_check"))]
        if checked != ["ok"]:
            account.problems.append(f"the file of the database is damaged: {checked[:3]}")


_MUST_BE_EMPTY = {
    "a trial twice": "SELECT session_id, number FROM presented_trials"
    " GROUP BY session_id, number HAVING count(*) > 1",
    "an answer twice": "SELECT presented_id FROM answers GROUP BY presented_id HAVING count(*) > 1",
    "one answer twice, at two trials": "SELECT p.session_id, a.key FROM answers a"
    " JOIN presented_trials p ON p.id = a.presented_id"
    " GROUP BY p.session_id, a.key HAVING count(*) > 1",
    "a participant's number twice": "SELECT study_id FROM sessions"
    " GROUP BY study_id, kind, participant HAVING count(*) > 1",
    "an answer without a presented trial": "SELECT presented_id FROM answers"
    " WHERE presented_id NOT IN (SELECT id FROM presented_trials WHERE n_loads > 0)",
    "a trial without a session": "SELECT id FROM presented_trials"
    " WHERE session_id NOT IN (SELECT id FROM sessions)",
    "a trial without its sounds": "SELECT id FROM presented_trials"
    " WHERE id NOT IN (SELECT presented_id FROM released_clips)",
}


def _sessions(connection: Connection) -> dict[str, _Stored]:
    """By digest of their token."""
    rows: dict[int, list[Mapping[str, Any]]] = defaultdict(list)
    for row in connection.execute(text(_ROWS)).mappings():
        rows[row["session_id"]].append(dict(row))
    return {
        row["token_digest"]: _Stored(
            row["state"],
            json.loads(row["definition"])["paradigm"],
            SessionPlan.from_json(row["plan"]),
            row["plan_digest"],
            rows[row["id"]],
        )
        for row in connection.execute(text(_SESSIONS)).mappings()
    }


_SESSIONS = (
    "SELECT s.id, s.token_digest, s.state, s.plan, s.plan_digest, v.definition"
    " FROM sessions s JOIN study_versions v ON v.id = s.version_id"
)
_ROWS = (
    "SELECT p.session_id, p.number, p.trial, p.n_loads, a.key, a.response, a.correct"
    " FROM presented_trials p LEFT JOIN answers a ON a.presented_id = p.id"
    " ORDER BY p.session_id, p.number"
)


def _check_promises(
    stored: Mapping[str, _Stored], promised: Sequence[Entry], account: Account
) -> None:
    """What was confirmed is there, as it was confirmed."""
    confirmed: Counter[tuple[str, int]] = Counter()
    for entry in promised:
        session = stored.get(entry.session)
        where = f"session {entry.session[:8]}"
        if entry.event in ("opened", "finished", "acknowledged") and session is None:
            account.problems.append(f"{where}: {entry.event}, and not there")
            account.n_lost += entry.event == "acknowledged"
        elif entry.event == "finished" and session is not None and session.state != "finished":
            account.problems.append(f"{where}: confirmed as finished, and {session.state}")
        elif entry.event == "acknowledged" and session is not None:
            confirmed[entry.session, entry.trial] += 1
            found = session.answers.get(entry.trial)
            if found is None or found[0] != entry.response:
                account.n_lost += 1
                account.problems.append(f"{where}: trial {entry.trial} confirmed, and {found}")
    account.n_acknowledged = len(confirmed)


def _check_origins(stored: Mapping[str, _Stored], sent: Sequence[Entry], account: Account) -> None:
    """Nothing is there that nobody sent."""
    known = {(one.session, one.trial, one.response, one.key) for one in sent if one.event == "sent"}
    for name, session in stored.items():
        for number, (response, key) in session.answers.items():
            if (name, number, response, key) not in known:
                account.problems.append(f"session {name[:8]}: trial {number} from nowhere")


def _broken_plan(session: _Stored) -> list[str]:
    """Each trial is the one that its plan and the answers before it lead to."""
    plan, problems = session.plan, []
    if plan.digest() != session.plan_digest:
        problems.append("the plan is not the one that was stored")
    history: list[TrialRecord] = []
    given = [row for row in session.rows if row["n_loads"] > 0]
    ahead = [row for row in session.rows if row["n_loads"] == 0]
    for row in given:
        due, trial = next_trial(plan, history), _trial(row)
        if due != trial:
            problems.append(f"trial {trial.number} is not the one that follows")
            break
        if row["key"] is not None and not _is_scored_right(session, trial, row):
            problems.append(f"trial {trial.number} is scored wrong")
        history.append(_record(trial, row))
    if any(record.response is None for record in history[:-1]):
        problems.append("a trial was passed over")
    if not problems:
        coming = (next_trial(plan, history), *upcoming_trials(plan, history, MOST_AHEAD))
        if any(_trial(row) not in coming for row in ahead):
            problems.append("a trial ahead is not one that follows")
        if (session.state == "finished") != (next_trial(plan, history) is None):
            problems.append(f"it is {session.state} after {len(history)} trials")
    return problems


def _is_scored_right(session: _Stored, trial: Trial, row: Mapping[str, Any]) -> bool:
    try:
        return bool(row["correct"] == score(session.paradigm, trial, row["response"]))
    except RequestInvalid:  # no possible response
        return False


def _trial(row: Mapping[str, Any]) -> Trial:
    return Trial.from_dict(json.loads(row["trial"]))


def _record(trial: Trial, row: Mapping[str, Any]) -> TrialRecord:
    if row["key"] is None:
        return TrialRecord(trial=trial, presented_at=ALWAYS)
    answer = Response(value=row["response"], response_time_ms=0.0, plays=())
    correct = None if row["correct"] is None else bool(row["correct"])
    return TrialRecord(trial=trial, presented_at=ALWAYS, response=answer, correct=correct)
