"""A study while data come in, the running result, and the log of deeds."""

from __future__ import annotations

from flask import Response
from sqlalchemy import select

from jndlab.store.deeds import deeds_of, detail_of
from jndlab.store.models import UserRow
from jndlab.store.study_states import study_state
from jndlab.web.access import needs, the_study
from jndlab.web.bodies import read_body
from jndlab.web.context import store
from jndlab.web.experimenter.live import Choice, choice_of, look_at
from jndlab.web.experimenter.live_curve import ask_for_curve
from jndlab.web.live.overview_records import StudyOverview
from jndlab.web.live.view import summary_of
from jndlab.web.manage import messages_watching as mw
from jndlab.web.manage.blueprint import answer, blueprint
from jndlab.web.manage.running import answer_job

SECRET = {"salt"}
"""With the salt, the seed could be guessed from the registered document."""


@blueprint.get("/studies/<slug>/live")
@needs("view")
def live(slug: str) -> Response:
    """How the sessions fare, without the result: ?kind= and ?version= as on the page."""
    with store().read() as db:
        state = study_state(db, the_study().study_id)
    overview = look_at(choice_of(state)).overview
    return answer(_summary(overview, summary_of(overview, state=state)))


@blueprint.post("/studies/<slug>/live/curve")
@needs("analyse")
def curve(slug: str) -> Response:
    """Look at the running result; where participants' data come in, that is noted."""
    body = read_body(mw.LookAtCurve)
    choice = Choice(kind=body.kind, version=body.version)
    return answer_job(ask_for_curve(choice, reason=body.reason))


@blueprint.get("/studies/<slug>/deeds")
@needs("own")
def deeds(slug: str) -> Response:
    """Who did what with the study, and when."""
    with store().read() as db:
        rows = deeds_of(db, the_study().study_id)
        users = {row.user_id for row in rows}
        known = db.scalars(select(UserRow).where(UserRow.id.in_(users)))
        names: dict[int | None, str] = {user.id: user.name for user in known}
    views = [
        mw.DeedView(
            at=row.at,
            deed=row.deed,
            by=names.get(row.user_id),
            detail={key: value for key, value in detail_of(row).items() if key not in SECRET},
        )
        for row in rows
    ]
    return answer(mw.DeedList(deeds=views))


def _summary(overview: StudyOverview, words: str) -> mw.LiveSummary:
    return mw.LiveSummary(
        kind=overview.kind,
        at=overview.at,
        summary=words,
        states=dict(overview.states),
        n_silent=overview.n_silent,
        n_unread=overview.n_unread,
        n_answers=overview.n_answers,
        n_resumes=overview.n_resumes,
        n_hidden=overview.n_hidden,
        last_sign_at=overview.last_sign_at,
        funnel=[
            mw.StageView(name=stage.name, n_sessions=stage.n_sessions) for stage in overview.funnel
        ],
        checks=[
            mw.CheckView(
                kind=one.kind,
                n_began=one.n_began,
                n_passed=one.n_passed,
                n_passed_later=one.n_passed_later,
                n_failed=one.n_failed,
                n_open=one.n_open,
            )
            for one in overview.checks
        ],
        gross=mw.TallyView(n_correct=overview.gross.n_correct, n_trials=overview.gross.n_trials),
        identical=mw.TallyView(
            n_correct=overview.identical.n_correct, n_trials=overview.identical.n_trials
        ),
        shares=[
            mw.ShareView(
                part=one.part,
                response=one.response,
                n_given=one.n_given,
                n_answers=one.n_answers,
                low=one.interval.low,
                high=one.interval.high,
            )
            for one in overview.shares
        ],
        ratings=[
            mw.RatingView(part=one.part, n_ratings=one.n_ratings, mean=one.mean)
            for one in overview.ratings
        ],
        median_ms=overview.times.median,
        plays_per_trial=overview.plays.median,
        answers_per_minute=list(overview.minutes),
        n_counted=overview.quota.n_finished,
        quota=overview.quota.n_wanted,
    )
