"""The running result: hidden while data come in, and noted whenever somebody looks."""

from __future__ import annotations

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from jndlab.errors import RequestInvalid, StudyConflict, TokenInvalid
from jndlab.store.studies import versions_of
from jndlab.store.study_states import StudyState, study_state
from jndlab.web.access import needs, the_study, the_user
from jndlab.web.context import settings, store
from jndlab.web.experimenter.blueprint import blueprint
from jndlab.web.experimenter.live import KINDS, Choice, choice_of, look_at
from jndlab.web.jobs.queue import require_job, start_job
from jndlab.web.live.curve_figure import curve_figure
from jndlab.web.live.running import RunningResult
from jndlab.web.looks import is_look
from jndlab.web.peeks import MAX_REASON, describe_peeks, note_peek, peeks_of

JOB = "running-curve"
OVER: tuple[StudyState, ...] = ("closed", "archived")
FEWEST_CHARACTERS = 3


@blueprint.get("/studies/<slug>/live/curve")
@needs("analyse")
def curve(slug: str) -> ResponseReturnValue:
    """What looking early does, and the looks there were. It shows no result."""
    study_id = the_study().study_id
    with store().read() as db:
        state = study_state(db, study_id)
        choice = choice_of(state)
        peeks = peeks_of(db, study_id)
        versions = [version.number for version in versions_of(db, study_id)]
    return render_template(
        "experimenter/live_curve.html",
        over=state in OVER,
        counts=is_look(state, choice.kind),
        choice=choice,
        kinds=KINDS,
        versions=versions,
        overview=look_at(choice).overview,
        peeks=peeks,
        sentence=describe_peeks(peeks, kind=choice.kind),
        max_reason=MAX_REASON,
    )


@blueprint.post("/studies/<slug>/live/curve")
@needs("analyse")
def look_at_curve(slug: str) -> ResponseReturnValue:
    """Note the look at answers that count, then ask for the curve of this moment."""
    with store().read() as db:
        state = study_state(db, the_study().study_id)
    choice = choice_of(state, request.form)
    job = ask_for_curve(choice, reason=request.form.get("reason", ""))
    return redirect(url_for("experimenter.curve_then", slug=slug, look=job))


def ask_for_curve(choice: Choice, *, reason: str) -> str:
    """Note the look, and ask for the curve: the id of the job. Raises StudyConflict after the end,
    RequestInvalid if a reason is wanted and there is none."""
    study_id, user_id = the_study().study_id, the_user().id
    reason = reason.strip()
    with store().read() as db:
        state = study_state(db, study_id)
    if state in OVER:
        raise StudyConflict("No data come in any more.", "Open the report of the study.")
    overview = look_at(choice).overview
    if is_look(state, choice.kind):
        if len(reason) < FEWEST_CHARACTERS:
            raise RequestInvalid("The reason is missing.", "Write why you look before the end.")
        with store().write() as db:
            note_peek(
                db,
                study_id,
                user_id=user_id,
                reason=reason,
                kind=choice.kind,
                version=choice.version,
                n_finished=overview.states.get("finished", 0),
                n_open=overview.states.get("open", 0),
                n_answers=overview.n_answers,
            )
    # How much there is to see makes it a job of its own: a later look is made anew.
    options = {"kind": choice.kind, "version": choice.version, "answers": overview.n_answers}
    return start_job(store(), settings(), JOB, study_id=study_id, by=user_id, options=options)


@blueprint.get("/studies/<slug>/live/curve/<look>")
@needs("analyse")
def curve_then(slug: str, look: str) -> ResponseReturnValue:
    """The curve as it was at a look that was noted. It stays as it was then."""
    with store().read() as db:
        job = require_job(db, look)
    if job.kind != JOB or job.study_id != the_study().study_id:
        raise TokenInvalid("There is no such look.", "Look at the running result once more.")
    result = RunningResult.from_dict(job.result)
    return render_template(
        "experimenter/live_curve_then.html",
        job=job,
        kind=job.options.get("kind", "participant"),
        curves=[(one, curve_figure(one)) for one in result.curves],
        result=result,
    )
