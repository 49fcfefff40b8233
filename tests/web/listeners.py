"""Sessions that are taken to their end without a network, of any kind."""

from __future__ import annotations

from sqlalchemy import func, select

from jndlab.sessions import release_trial, store_answer
from jndlab.store.models import SessionRow
from jndlab.store.sessions import token_digest
from jndlab.study.trials import SessionKind
from tests.store.launching import Launched, make_response


def take(
    launched: Launched, n_listeners: int, *, kind: SessionKind = "participant", n_trials: int = 999
) -> None:
    """Let listeners answer, three of four trials rightly; with ``n_trials`` they stop after so
    many."""
    for _ in range(n_listeners):
        token = launched.open()
        with launched.store.write() as db:
            digest = token_digest(token)
            row = db.scalars(select(SessionRow).where(SessionRow.token_digest == digest)).one()
            if kind != row.kind:
                same = (SessionRow.study_id == row.study_id, SessionRow.kind == kind)
                last = db.scalar(select(func.max(SessionRow.participant)).where(*same))
                row.kind, row.participant = kind, (last or 0) + 1
        for trial in launched.plan(token).trials[:n_trials]:
            release_trial(launched.store, token)
            response = make_response(trial.correct_response if trial.number % 4 else "A")
            store_answer(launched.store, token, trial.number, response, key="taken")
