"""The design of a study as a form, and what it comes to: length of a session, certainty."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from jndlab.audio.seconds import mean_seconds
from jndlab.errors import DraftConflict, StudyConflict, StudyError
from jndlab.store.engine import Store
from jndlab.store.models import DraftRow
from jndlab.studies.drafts import current_draft, drafts_of, save_draft
from jndlab.studies.sound_files import sounds_folder
from jndlab.study.definition import StudyDefinition
from jndlab.study.edit_task import tasks_after
from jndlab.study.form_fields import form_fields, form_sections
from jndlab.study.form_relevance import OF_PARTS, Task, tasks_of
from jndlab.study.form_values import (
    FormProblem,
    changed_fields,
    edit_study,
    form_values,
    read_form,
)
from jndlab.study.paradigms import PARADIGMS
from jndlab.study.plan import count_trials, estimate_minutes
from jndlab.study.study_file import parse_study
from jndlab.web.access import needs, the_study, the_user
from jndlab.web.body_limits import takes
from jndlab.web.certainty import ask_for_certainty
from jndlab.web.context import settings, store
from jndlab.web.experimenter.blueprint import blueprint
from jndlab.web.experimenter.field_problems import problems_at_fields
from jndlab.web.experimenter.task_choices import paradigm_groups, shown_parts

MAX_FORM_BYTES = 512 * 1024
USUAL_LISTENERS = 24
MOST_LISTENERS = 500


@blueprint.get("/studies/<slug>/design")
@needs("view")
def design(slug: str) -> ResponseReturnValue:
    """The form, as the newest draft fills it in."""
    draft = _newest()
    if draft is None:
        return render_template("experimenter/design_empty.html")
    study = parse_study(draft.text)
    return _page(draft, study, form_values(study))


@blueprint.post("/studies/<slug>/design")
@needs("edit")
@takes(MAX_FORM_BYTES)
def save_design(slug: str) -> ResponseReturnValue:
    """Save what was changed in the form, and nothing else."""
    draft = _newest()
    if draft is None:
        return render_template("experimenter/design_empty.html"), 409
    looked_at = _draft_number(request.form.get("looked_at", ""), draft)
    begun_at = parse_study(looked_at.text)
    before = form_values(begun_at)
    study = parse_study(draft.text)
    values, problems = read_form(request.form.to_dict(flat=False), before, parts=study.parts)
    if problems:
        return _page(draft, study, values, problems=problems, looked_at=looked_at), 422
    changes = changed_fields(before, values)
    text = draft.text
    try:
        if request.form.get("based_on") != str(draft.number):
            raise _saved_meanwhile()
        text = edit_study(draft.text, changes, study)
        parse_study(text)
        if text != draft.text:
            save_draft(
                store(),
                settings(),
                the_study().study_id,
                text,
                based_on=draft.number,
                by=the_user().id,
            )
    except StudyError as error:
        found = problems_at_fields(text, error)
        page = _page(draft, study, values, problems=found, looked_at=looked_at)
        return page, 422
    except DraftConflict as error:
        newest = _newest() or draft
        theirs = form_values(parse_study(newest.text))
        return (
            _page(
                newest,
                parse_study(newest.text),
                theirs | changes,
                conflict=error,
                rival=_rivals(before, theirs, changes),
                looked_at=looked_at,
            ),
            409,
        )
    except StudyConflict as error:
        return _page(draft, study, values, conflict=error, looked_at=looked_at), 409
    return redirect(url_for("experimenter.design", slug=slug, saved=1))


@blueprint.post("/studies/<slug>/design/estimate")
@needs("view")
@takes(MAX_FORM_BYTES)
def estimate(slug: str) -> Response:
    """How long a session takes with these values, and how certain the result will be.

    The first is said at once; the second is worked out by a job whose address is told.
    """
    draft = _newest()
    if draft is None:
        return jsonify({})
    study = parse_study(draft.text)
    before = form_values(study)
    values, problems = read_form(request.form.to_dict(flat=False), before, parts=study.parts)
    try:
        if problems:
            raise StudyError([])
        study = parse_study(edit_study(draft.text, changed_fields(before, values), study))
    except StudyError:
        return jsonify({"problem": "As soon as every field can be read."})
    n_listeners = min(
        max(request.form.get("listeners", USUAL_LISTENERS, type=int), 2), MOST_LISTENERS
    )
    asked = ask_for_certainty(
        store(), settings(), the_study().study_id, study, n_listeners=n_listeners, by=the_user().id
    )
    job = asked.job and url_for("experimenter.job", public_id=asked.job)
    return jsonify(length_of(study) | {"certainty": asked.result, "job": job})


def length_of(study: StudyDefinition) -> dict[str, Any]:
    """Trials and minutes of a session, and the mean length of a sound."""
    folder = sounds_folder(settings(), the_study().study_id) / "baseline"
    seconds = mean_seconds(folder)
    return {
        "n_trials": count_trials(study),
        "minutes": estimate_minutes(study, seconds),
        "clip_seconds": round(seconds, 1),
    }


def _page(
    draft: DraftRow,
    study: StudyDefinition,
    values: dict[str, Any],
    *,
    problems: list[FormProblem] | None = None,
    conflict: StudyConflict | None = None,
    rival: list[tuple[str, str, str]] | None = None,
    looked_at: DraftRow | None = None,
) -> str:
    by_field: dict[str, str] = {}
    for problem in problems or ():
        by_field.setdefault(problem.name, problem.message)
    return render_template(
        "experimenter/design.html",
        sections=form_sections(),
        values=values,
        problems=by_field,
        groups=paradigm_groups(),
        tasks=_tasks(study, values),
        parts=shown_parts(study),
        of_parts=OF_PARTS,
        labels={name: field.label for name, field in form_fields().items()},
        conflict=conflict,
        rival=rival or [],
        based_on=draft.number,
        looked_at=(looked_at or draft).number,
        saved="saved" in request.args,
        length=length_of(study),
        n_listeners=USUAL_LISTENERS,
    )


def _tasks(study: StudyDefinition, values: dict[str, Any]) -> tuple[Task, ...]:
    """What listeners do as the form says it, or as the study does where it cannot be read."""
    if values["paradigm"] not in PARADIGMS:
        return tasks_of(study)
    return tasks_after(values, study.parts)


def _rivals(
    before: dict[str, Any], theirs: dict[str, Any], mine: dict[str, Any]
) -> list[tuple[str, str, str]]:
    """Label, their value and mine, of every field that either has changed."""
    names = {*changed_fields(before, theirs), *mine}
    return [
        (form_fields()[name].label, _told(theirs[name]), _told(mine.get(name, theirs[name])))
        for name in form_fields()
        if name in names
    ]


def _told(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(value) or "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "–" if value in (None, "") else str(value)


def _newest() -> DraftRow | None:
    open_store: Store = store()
    with open_store.read() as db:
        return current_draft(db, the_study().study_id)


def _draft_number(text: str, newest: DraftRow) -> DraftRow:
    """The draft of that number, which the form was filled from; else the newest."""
    with store().read() as db:
        known = {str(row.number): row for row in drafts_of(db, the_study().study_id)}
    return known.get(text, newest)


def _saved_meanwhile() -> DraftConflict:
    return DraftConflict(
        "Somebody has saved this study while you were editing it. Nothing of theirs was changed.",
        "Below are both versions. Save again to put your changes on top of theirs.",
    )
