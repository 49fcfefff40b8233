"""The studies themselves: what there is, how it stands, making and deleting."""

from __future__ import annotations

from flask import Response, url_for
from sqlalchemy.orm import Session

from jndlab.store.models import StudyRow
from jndlab.store.rights import access_to, studies_for
from jndlab.store.studies import StudyProgress, live_version, progress_of, versions_of
from jndlab.store.study_states import study_state
from jndlab.studies.deleting import delete_study
from jndlab.studies.drafts import has_unlaunched_changes
from jndlab.studies.lifecycle import change_state
from jndlab.studies.links import set_quota
from jndlab.web.access import needs, require_scope, the_study, the_user
from jndlab.web.bodies import read_body
from jndlab.web.context import settings, store
from jndlab.web.experimenter.new_study import begin_study
from jndlab.web.experimenter.overview import base_url
from jndlab.web.manage import messages as m
from jndlab.web.manage import messages_people as mp
from jndlab.web.manage.blueprint import answer, blueprint


@blueprint.get("/me")
@needs("signed-in")
def me() -> Response:
    """For whom the token acts."""
    user = the_user()
    return answer(m.Me(name=user.name, is_admin=user.is_admin, scope=user.scope))


@blueprint.get("/studies")
@needs("signed-in")
def studies() -> Response:
    """The studies that the token may see."""
    with store().read() as db:
        return answer(m.StudyList(studies=[_view(db, row) for row in studies_for(db, the_user())]))


@blueprint.post("/studies")
@needs("signed-in")
def make_study() -> Response:
    """Make an empty study."""
    require_scope("edit")
    body = read_body(m.NewStudy)
    study_id = begin_study(" ".join(body.title.split()), body.slug)
    return answer(study_view(study_id), 201)


@blueprint.get("/studies/<slug>")
@needs("view")
def study(slug: str) -> Response:
    """One study."""
    return answer(study_view(the_study().study_id))


@blueprint.delete("/studies/<slug>")
@needs("own")
def delete(slug: str) -> Response:
    """Delete a draft or an archived study for good."""
    body = read_body(m.DeleteStudy)
    delete_study(
        store(), settings(), the_study().study_id, by=the_user().id, confirmed=body.confirmed
    )
    return answer(m.Done())


@blueprint.post("/studies/<slug>/state")
@needs("edit")
def set_state(slug: str) -> Response:
    """Put a study into another state."""
    body = read_body(m.ChangeState)
    change_state(store(), the_study().study_id, body.state, by=the_user().id, note=body.note)
    return answer(study_view(the_study().study_id))


@blueprint.put("/studies/<slug>/quota")
@needs("edit")
def quota(slug: str) -> Response:
    """How many sessions may count."""
    set_quota(store(), the_study().study_id, read_body(mp.SetQuota).quota, by=the_user().id)
    return answer(study_view(the_study().study_id))


@blueprint.get("/studies/<slug>/versions")
@needs("view")
def versions(slug: str) -> Response:
    """The frozen versions."""
    with store().read() as db:
        rows = versions_of(db, the_study().study_id)
    return answer(
        m.VersionList(
            versions=[
                m.VersionView(
                    number=row.number,
                    digest=row.digest,
                    note=row.note,
                    frozen_at=row.frozen_at,
                    live_since=row.live_since,
                    registered_at=row.registered_at,
                )
                for row in rows
            ]
        )
    )


def study_view(study_id: int) -> m.StudyView:
    """A study as the token sees it."""
    with store().read() as db:
        return _view(db, db.get_one(StudyRow, study_id))


def _view(db: Session, row: StudyRow) -> m.StudyView:
    access = access_to(db, the_user(), row.slug)
    assert access is not None
    live = live_version(db, row.id)
    return m.StudyView(
        slug=row.slug,
        title=row.title,
        state=study_state(db, row.id),
        right=access.right,
        link=base_url() + url_for("participant.study", link=row.link),
        version=live.number if live else None,
        has_unlaunched_changes=has_unlaunched_changes(db, row.id),
        quota=row.quota,
        participants=_counts(progress_of(db, row.id, kind="participant")),
        pilot=_counts(progress_of(db, row.id, kind="pilot")),
        simulated=_counts(progress_of(db, row.id, kind="simulated")),
        created_at=row.created_at,
    )


def _counts(progress: StudyProgress) -> m.Counts:
    return m.Counts(
        n_open=progress.n_open,
        n_finished=progress.n_finished,
        n_screened_out=progress.n_screened_out,
        n_withdrawn=progress.n_withdrawn,
        n_answers=progress.n_answers,
    )
