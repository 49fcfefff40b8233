"""Where a session stands while it is locked, so that trials can be handed out and answered."""

from __future__ import annotations

from sqlalchemy.orm import Session

from jndlab.store.histories import answered_so_far, keep_answered
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
        self.answered, self._kept_questionnaires = answered_so_far(db, session)
        """Answered trials, in order."""
        self._questionnaires = self._kept_questionnaires

    def next_step(self) -> Step:
        """What comes next. What was asked is read only where a question seems to be due: most
        often it is known to be answered."""
        step = self._next_step()
        if step.occasion is None:
            return step
        self._questionnaires = answered_occasions(self._db, self._session.id)
        return self._next_step()

    def _next_step(self) -> Step:
        session = self._session
        done = Done(
            checks_over=session.checked_at is not None,
            history=self.answered,
            questionnaires=self._questionnaires,
            asks=session.kind != "simulated",
        )
        return next_step(session.study, self.plan, done)

    def add(self, record: TrialRecord) -> None:
        """Count an answer that was given just now."""
        self.answered = (*self.answered, record)

    def keep(self) -> None:
        """Keep what is known for the next request; to be called when all is written."""
        # Where this transaction has not moved the chain on, nothing would show that it failed, and
        # with it perhaps the answer to a questionnaire that it has seen.
        moved = self._session.chain_head != self._head
        questionnaires = self._questionnaires if moved else self._kept_questionnaires
        keep_answered(self._session, self.answered, questionnaires)
