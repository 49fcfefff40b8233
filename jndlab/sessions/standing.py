"""Where a session stands while it is locked, so that trials can be handed out and answered."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy.orm import Session

from jndlab.store.histories import keep_known, known_of
from jndlab.store.questionnaires import answered_occasions
from jndlab.store.under_way import UnderWay, plan_under_way
from jndlab.study.flow import Done, Step, next_step
from jndlab.study.trials import TrialRecord


class Standing:
    """What a session has behind it, and what comes next."""

    def __init__(self, db: Session, session: UnderWay) -> None:
        self._db = db
        self._session = session
        self._head = session.chain_head
        self.plan = plan_under_way(db, session)
        self._known = self._before = known_of(db, session)

    @property
    def answered(self) -> tuple[TrialRecord, ...]:
        """Answered trials, in order."""
        return self._known.answered

    def next_step(self) -> Step:
        """What comes next. What was asked is read only where a question seems to be due: most
        often it is known to be answered."""
        if self._known.trial is not None:
            return Step(kind="trial", trial=self._known.trial)
        step = self._next_step()
        if step.occasion is not None:
            questionnaires = answered_occasions(self._db, self._session.id)
            self._known = replace(self._known, questionnaires=questionnaires)
            step = self._next_step()
        self._known = replace(self._known, trial=step.trial)
        return step

    def _next_step(self) -> Step:
        session = self._session
        done = Done(
            checks_over=session.checked_at is not None,
            history=self.answered,
            questionnaires=self._known.questionnaires,
            asks=session.kind != "simulated",
        )
        return next_step(session.study, self.plan, done)

    def add(self, record: TrialRecord) -> None:
        """Count an answer that was given just now."""
        self._known = replace(self._known, answered=(*self.answered, record), trial=None)

    def keep(self) -> None:
        """Keep what is known for the next request; to be called when all is written."""
        # Where this transaction has not moved the chain on, nothing would show that it failed, and
        # with it perhaps the answer to a questionnaire that it has seen.
        moved = self._session.chain_head != self._head
        keep_known(self._session, self._known if moved else self._before)
