"""Taking the answers to a questionnaire, in one transaction."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from jndlab.errors import AnswerConflict, SessionClosed, TrialOutOfOrder
from jndlab.sessions.steps import step_of
from jndlab.sessions.views import QuestionnaireReceipt
from jndlab.store import questionnaires as answers
from jndlab.store import sessions as rows
from jndlab.store.deeds import note_end
from jndlab.store.engine import Store
from jndlab.store.studies import definition_of
from jndlab.study.flow import Occasion
from jndlab.study.questionnaire_answers import Given, check_answers


def store_questionnaire(
    store: Store, token: str, occasion: Occasion, given: Mapping[str, Given], *, key: str
) -> QuestionnaireReceipt:
    """Store the answers to one questionnaire; returns after they are safely on the disk.

    With a problem in any answer nothing is stored, and the receipt lists the problems. The same
    answers again are harmless. Raises TrialOutOfOrder if this questionnaire is not what comes
    now, AnswerConflict for other answers than those that are stored, SessionClosed.
    """
    with store.write(shared=True) as db:
        session = rows.session_by_token(db, token, lock=True)
        study = definition_of(session.version)
        asked = next((q for q in study.questionnaires if q.name == occasion.questionnaire), None)
        if asked is None:
            raise TrialOutOfOrder("There is no such questionnaire.", "Go on with what comes now.")
        values, problems = check_answers(asked, given)
        stored = answers.stored_values(db, session.id, occasion)
        if stored:
            if problems or values != stored:
                raise AnswerConflict(
                    "Other answers to this questionnaire are already stored, and they stand.",
                    "Go on with what comes now.",
                )
            return QuestionnaireReceipt(stored=True, repeated=True, problems=())
        if session.state != "open":
            raise SessionClosed("This session has ended.", "There is nothing to answer.")
        if step_of(db, session).occasion != occasion:
            raise TrialOutOfOrder(
                "The turn of this questionnaire has not come.", "Go on with what comes now."
            )
        if problems:
            return QuestionnaireReceipt(stored=False, repeated=False, problems=problems)
        now = datetime.now(UTC)
        answers.add_values(db, session, occasion, values, key=key, at=now)
        session.last_seen_at = now
        db.flush()
        if step_of(db, session).kind == "finished":
            session.state = "finished"
            session.finished_at = now
            note_end(db, session)
        return QuestionnaireReceipt(stored=True, repeated=False, problems=())
