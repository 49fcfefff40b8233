"""Many stored sessions, written straight into the tables: the live view at its limits."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from jndlab.store.engine import Store
from jndlab.store.models import (
    AnswerRow,
    CheckTrialRow,
    EventRow,
    PresentedRow,
    ResumeRow,
    SessionRow,
)
from jndlab.store.sessions import trial_to_json
from jndlab.store.studies import definition_of, require_version
from jndlab.study.definition import StudyDefinition
from jndlab.study.plan import SessionPlan, plan_session
from jndlab.study.trials import SessionKind, Trial

AGENTS = (
    "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
    "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/126.0 Safari/537.36",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5) AppleWebKit/605.1 Version/17.5 Mobile Safari/604.1",
    "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/126.0 Safari/537.36 Edg/126.0",
)


def fill_study(
    store: Store,
    study_id: int,
    *,
    n_sessions: int,
    now: datetime,
    kind: SessionKind = "participant",
    first: int = 1,
    n_trials: int | None = None,
    varied: bool = True,
) -> None:
    """Store sessions as participants leave them; the first ones are the oldest.

    ``first``: number of the first one. ``n_trials``: so many answers in each, whatever the study
    plans. ``varied``: some are under way or silent, some were screened out, and some stand out;
    otherwise all are finished.
    """
    with store.write() as db:
        version = require_version(db, study_id)
        study = definition_of(version)
        last = first + n_sessions - 1
        for number in range(first, last + 1):
            rng = np.random.default_rng([study.seed, number])
            plan = _plan(study, number, n_trials)
            opened = now - timedelta(minutes=3.0 * (last - number + 1) + 8.0)
            _Session(db, rng, plan, kind=kind, opened=opened, now=now).store(
                study, version.id, study_id, "finished" if not varied else _fate(number, last)
            )


def _plan(study: StudyDefinition, number: int, n_trials: int | None) -> SessionPlan:
    plan = plan_session(study, participant=number, seed=study.seed)
    if n_trials is None:
        return plan
    trials = [
        replace(plan.trials[place % len(plan.trials)], number=place + 1)
        for place in range(n_trials)
    ]
    return replace(plan, trials=tuple(trials))


def _fate(number: int, last: int) -> str:
    if number % 11 == 4:
        return "screened-out"
    if number % 13 == 6:
        return "silent"
    return "open" if number > last - 6 else "finished"


class _Session:
    """One session and all that hangs on it."""

    def __init__(
        self,
        db: Session,
        rng: np.random.Generator,
        plan: SessionPlan,
        *,
        kind: SessionKind,
        opened: datetime,
        now: datetime,
    ) -> None:
        self.db, self.rng, self.plan, self.kind = db, rng, plan, kind
        self.opened, self.now = opened, now

    def store(self, study: StudyDefinition, version_id: int, study_id: int, fate: str) -> None:
        number = self.plan.participant
        share = {"finished": 1.0, "screened-out": 0.0}.get(fate, 0.3 + 0.6 * self.rng.random())
        trials = self.plan.trials[: round(share * len(self.plan.trials))]
        answered = list(self._times(trials))
        seen = answered[-1][0] if answered else self.opened + timedelta(minutes=2)
        if fate == "open":
            seen = self.now - timedelta(seconds=20 * (number % 5))
        row = SessionRow(
            study_id=study_id,
            version_id=version_id,
            public_id=f"{self.kind}-{number}",
            token_digest=f"{self.kind}-{number}",
            kind=self.kind,
            participant=number,
            slot=number,
            state={"silent": "open"}.get(fate, fate),
            plan=self.plan.to_json(),
            plan_digest=self.plan.digest(),
            user_agent=AGENTS[number % len(AGENTS)],
            opened_at=self.opened,
            consented_at=self.opened,
            checked_at=self.opened + timedelta(minutes=1),
            last_seen_at=seen,
            finished_at=seen if fate == "finished" else None,
            jndlab_version="0",
        )
        self.db.add(row)
        self.db.flush()
        self._checks(study, row.id, passed=fate != "screened-out")
        self._answers(row.id, answered)
        self._events(row.id, number, seen)

    def _times(self, trials: tuple[Trial, ...]) -> Iterator[tuple[datetime, Trial, float]]:
        pace = 60.0 if self.plan.participant % 17 == 9 else 3.0
        at = self.opened + timedelta(minutes=1)
        for trial in trials:
            seconds = float(pace * self.rng.lognormal(sigma=0.3))
            at += timedelta(seconds=seconds + 2)
            yield min(at, self.now), trial, round(1000 * seconds, 1)

    def _checks(self, study: StudyDefinition, session_id: int, *, passed: bool) -> None:
        rows: list[dict[str, Any]] = [
            {
                "session_id": session_id,
                "place": place,
                "kind": rule.kind,
                "attempt": 1,
                "number": number + 1,
                "name": f"{self.kind}-{session_id}-{place}-{number}",
                "right_answer": "1",
                "seed": 1,
                "answer": "1",
                "correct": passed or place == 0,
                "made_at": self.opened,
                "answered_at": self.opened + timedelta(seconds=30),
            }
            for place, rule in enumerate(study.check_rules())
            for number in range(rule.n_trials)
        ]
        if rows and self.kind != "simulated":
            self.db.execute(insert(CheckTrialRow), rows)

    def _answers(self, session_id: int, answered: list[tuple[datetime, Trial, float]]) -> None:
        first = (self.db.scalar(select(func.max(PresentedRow.id))) or 0) + 1
        biased = self.plan.participant % 19 == 3
        presented, answers = [], []
        for place, (at, trial, milliseconds) in enumerate(answered):
            right = trial.kind == "gross" or self.rng.random() < 0.75
            wrong = "B" if trial.correct_response == "A" else "A"
            response = "A" if biased else trial.correct_response if right else wrong
            presented.append(
                {
                    "id": first + place,
                    "session_id": session_id,
                    "number": trial.number,
                    "trial": trial_to_json(trial),
                    "presented_at": at - timedelta(milliseconds=milliseconds),
                    "n_loads": 1,
                }
            )
            answers.append(
                {
                    "presented_id": first + place,
                    "key": f"{session_id}-{trial.number}",
                    "response": response,
                    "correct": response == trial.correct_response,
                    "response_time_ms": milliseconds,
                    "plays": json.dumps([int(one) for one in self.rng.integers(1, 4, size=3)]),
                    "context_rate_hz": 48_000,
                    "output_latency_ms": 12.0,
                    "answered_at": at,
                }
            )
        if answers:
            self.db.execute(insert(PresentedRow), presented)
            self.db.execute(insert(AnswerRow), answers)

    def _events(self, session_id: int, number: int, seen: datetime) -> None:
        hardware = 44_100 if number % 7 == 5 else 48_000
        told = {"granted_hz": 48_000, "hardware_hz": hardware, "output_latency_s": 0.012}
        at = self.opened + timedelta(seconds=5)
        self.db.add(
            EventRow(
                session_id=session_id,
                kind="audio-context",
                detail=json.dumps(told),
                received_at=at,
            )
        )
        for _ in range(number % 9 == 2):
            self.db.add(
                EventRow(
                    session_id=session_id,
                    kind="hidden-while-playing",
                    detail="",
                    received_at=at,
                )
            )
        for _ in range(number % 8 == 1):
            self.db.add(
                ResumeRow(session_id=session_id, key="one", resumed_at=seen, gap_seconds=75.0)
            )
