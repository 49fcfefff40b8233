"""The first page of one study: where it stands, what is tested, what to do next."""

from __future__ import annotations

from typing import get_args

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from jndlab.errors import RequestInvalid
from jndlab.store.retention import retention_of, today_utc
from jndlab.store.studies import (
    definition_of,
    live_version,
    newest_version,
    progress_of,
    require_study,
    versions_of,
)
from jndlab.store.study_states import STATES, study_state
from jndlab.studies.deleting import DELETABLE, delete_study
from jndlab.studies.drafts import Target, current_draft, has_unlaunched_changes
from jndlab.studies.lifecycle import NEXT_STATES, change_state
from jndlab.studies.retention import WARNED_DAYS
from jndlab.web.access import needs, the_study, the_user
from jndlab.web.context import settings, store
from jndlab.web.experimenter.blueprint import blueprint
from jndlab.web.experimenter.next_steps import next_steps
from jndlab.web.experimenter.task_choices import task_words, trial_words
from jndlab.web.jobs.queue import newest_job, start_job

TARGETS = get_args(Target)
OLD_NAMES = {"open": "running"}


@blueprint.get("/studies/<slug>")
@needs("view")
def study(slug: str) -> ResponseReturnValue:
    """One study: its state, the link to hand out, what is tested, progress and sessions."""
    with store().read() as db:
        row = require_study(db, slug)
        state = study_state(db, row.id)
        live = live_version(db, row.id)
        frozen = live or newest_version(db, row.id)
        definition = definition_of(frozen) if frozen else None
        draft = current_draft(db, row.id)
        return render_template(
            "experimenter/study.html",
            study=row,
            live=live,
            frozen=frozen,
            versions=versions_of(db, row.id),
            definition=definition,
            task=task_words(definition) if definition else "",
            trials=trial_words(definition) if definition else "",
            state=state,
            next_states=NEXT_STATES[state],
            can_be_deleted=state in DELETABLE,
            draft=draft,
            steps=next_steps(store(), settings(), row.id, draft),
            job=newest_job(db, row.id, "launch"),
            has_changes=has_unlaunched_changes(db, row.id),
            link=base_url() + url_for("participant.study", link=row.link),
            progress=progress_of(db, row.id, kind="participant"),
            pilot=progress_of(db, row.id, kind="pilot"),
            simulated=progress_of(db, row.id, kind="simulated"),
            retention=retention_of(row),
            today=today_utc(),
            warned_days=WARNED_DAYS,
        )


@blueprint.post("/studies/<slug>/launch")
@needs("edit")
def launch(slug: str) -> ResponseReturnValue:
    """Ask for the launch of what is saved: for a preview, a pilot, or for good."""
    target = request.form.get("target", "")
    if target not in TARGETS:
        raise RequestInvalid("There is no such launch.", f"Choose one of: {', '.join(TARGETS)}.")
    options = {"target": target, "note": request.form.get("note", "").strip()[:1000]}
    start_job(
        store(),
        settings(),
        "launch",
        study_id=the_study().study_id,
        by=the_user().id,
        options=options,
    )
    return redirect(url_for("experimenter.study", slug=slug))


@blueprint.post("/studies/<slug>/state")
@needs("edit")
def set_state(slug: str) -> ResponseReturnValue:
    """Put a study into another state."""
    wanted = request.form.get("state", "")
    wanted = OLD_NAMES.get(wanted, wanted)
    state = next((known for known in STATES if known == wanted), None)
    if state is None:
        raise RequestInvalid("There is no such state.", f"Choose one of: {', '.join(STATES)}.")
    note = request.form.get("note", "")[:1000]
    change_state(store(), the_study().study_id, state, by=the_user().id, note=note)
    return redirect(url_for("experimenter.study", slug=slug))


@blueprint.post("/studies/<slug>/delete")
@needs("own")
def delete(slug: str) -> ResponseReturnValue:
    """Delete a draft or an archived study, with all that belongs to it."""
    delete_study(
        store(),
        settings(),
        the_study().study_id,
        by=the_user().id,
        confirmed=request.form.get("confirmed", "").strip(),
    )
    flash(f"{the_study().title} is deleted.")
    return redirect(url_for("experimenter.studies"))


def base_url() -> str:
    """Base of the links to hand out: as set, or as this very page was reached."""
    return settings().public_url.rstrip("/") or request.url_root.rstrip("/")
