"""While a study runs: its sessions, and the jobs that were asked for."""

from __future__ import annotations

from typing import Any

from flask import Response, url_for
from sqlalchemy import func, select

from jndlab.export.tidy import EXPORTED_KINDS
from jndlab.store.models import AnswerRow, PresentedRow, SessionRow, VersionRow
from jndlab.web.access import needs, the_study, the_user
from jndlab.web.context import settings, store
from jndlab.web.experimenter.jobs import require_mine, send_job_file
from jndlab.web.jobs.queue import JobState, require_job, start_job
from jndlab.web.manage import messages as m
from jndlab.web.manage.blueprint import answer, blueprint


@blueprint.get("/studies/<slug>/sessions")
@needs("view")
def sessions(slug: str) -> Response:
    """The sessions of a study and how far they are."""
    n_answered = (
        select(PresentedRow.session_id, func.count().label("n"))
        .join(AnswerRow, AnswerRow.presented_id == PresentedRow.id)
        .group_by(PresentedRow.session_id)
        .subquery()
    )
    query = (
        select(SessionRow, VersionRow.number, func.coalesce(n_answered.c.n, 0))
        .join(VersionRow, VersionRow.id == SessionRow.version_id)
        .outerjoin(n_answered, n_answered.c.session_id == SessionRow.id)
        .where(SessionRow.study_id == the_study().study_id, SessionRow.kind.in_(EXPORTED_KINDS))
        .order_by(SessionRow.kind, SessionRow.participant)
    )
    with store().read() as db:
        views = [
            m.SessionView(
                session=row.public_id,
                kind=row.kind,
                participant=row.participant,
                version=number,
                state=row.state,
                n_answered=n,
                opened_at=row.opened_at,
                last_seen_at=row.last_seen_at,
                finished_at=row.finished_at,
            )
            for row, number, n in db.execute(query)
        ]
    return answer(m.SessionList(sessions=views))


@blueprint.get("/jobs/<job_id>")
@needs("signed-in")
def job(job_id: str) -> Response:
    """How far long work is."""
    return answer(_view(require_mine(job_id)))


@blueprint.get("/jobs/<job_id>/files/<name>")
@needs("signed-in")
def job_file(job_id: str, name: str) -> Response:
    """A file that a job has made."""
    return send_job_file(job_id, name)


def start(kind: str, options: dict[str, Any]) -> Response:
    """Ask for a job about the study of this request, and answer how far it is."""
    public_id = start_job(
        store(),
        settings(),
        kind,
        study_id=the_study().study_id,
        by=the_user().id,
        options=options,
    )
    return answer_job(public_id)


def answer_job(public_id: str) -> Response:
    """How far a job is that was just asked for."""
    with store().read() as db:
        return answer(_view(require_job(db, public_id)), 202)


def _view(at: JobState) -> m.JobView:
    folder = settings().job_folder(at.public_id)
    names = sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []
    return m.JobView(
        id=at.public_id,
        kind=at.kind,
        state=at.state,  # type: ignore[arg-type]
        n_done=at.n_done,
        n_steps=at.n_steps,
        message=at.message,
        remedy=at.remedy,
        result=at.result,
        files=[url_for("manage.job_file", job_id=at.public_id, name=name) for name in names],
    )
