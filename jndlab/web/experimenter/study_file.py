"""The study file as text: errors at their line, two editors told apart, and its history."""

from __future__ import annotations

import difflib
from dataclasses import dataclass

from flask import Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from jndlab.errors import DraftConflict, Problem, StudyConflict, StudyError, StudyUnknown
from jndlab.store.models import DraftRow, StudyRow, UserRow
from jndlab.studies.drafts import current_draft, drafts_of, save_draft
from jndlab.study.study_file import MAX_BYTES
from jndlab.web.access import needs, the_study, the_user
from jndlab.web.body_limits import takes
from jndlab.web.context import settings, store
from jndlab.web.experimenter.blueprint import blueprint

MAX_FORM_BYTES = 4 * MAX_BYTES  # form encoding makes three bytes out of some
SHOWN_DRAFTS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """A saved text in the list of the history."""

    number: int
    by: str
    row: DraftRow


@blueprint.get("/studies/<slug>/file")
@needs("edit")
def study_file(slug: str) -> ResponseReturnValue:
    """The newest text, or an older one to look at."""
    history = _history()
    if not history:
        return render_template("experimenter/design_empty.html")
    number = request.args.get("draft", type=int)
    if number is None or number == history[0].number:
        return _page(history, history[0].row.text)
    older = next((saved for saved in history if saved.number == number), None)
    if older is None:
        raise StudyUnknown(f"There is no saved text number {number}.", "Choose one of the list.")
    return _page(history, history[0].row.text, older=older)


@blueprint.get("/studies/<slug>/study.yaml")
@needs("edit")
def study_yaml(slug: str) -> Response:
    """The newest text, to download."""
    with store().read() as db:
        draft = current_draft(db, the_study().study_id)
    if draft is None:
        raise StudyUnknown("There is no study file yet.", "Put in the sounds first.")
    name = f'attachment; filename="{slug}.yaml"'
    return Response(draft.text, mimetype="application/yaml", headers={"Content-Disposition": name})


@blueprint.post("/studies/<slug>/file")
@needs("edit")
@takes(MAX_FORM_BYTES)
def save_study_file(slug: str) -> ResponseReturnValue:
    """Save the text, unless it is no study or somebody else has saved meanwhile."""
    text = request.form.get("text", "").replace("\r\n", "\n").rstrip("\n") + "\n"
    based_on = request.form.get("based_on", -1, type=int)
    try:
        if len(text.encode()) > MAX_BYTES:
            message = f"the text is longer than {MAX_BYTES:,} bytes"
            raise StudyError([Problem(message=message, remedy="A study file is much shorter.")])
        save_draft(
            store(), settings(), the_study().study_id, text, based_on=based_on, by=the_user().id
        )
    except StudyError as error:
        return _page(_history(), text, problems=error.problems, based_on=based_on), 422
    except DraftConflict as error:
        return _page(_history(), text, conflict=error), 409
    except StudyConflict as error:
        return _page(_history(), text, refused=error, based_on=based_on), 409
    return redirect(url_for("experimenter.study_file", slug=_slug(), saved=1))


@blueprint.post("/studies/<slug>/file/restore")
@needs("edit")
def restore_study_file(slug: str) -> ResponseReturnValue:
    """Save an older text once more, as the newest."""
    history = _history()
    number = request.form.get("number", type=int)
    older = next((saved for saved in history if saved.number == number), None)
    if older is None:
        raise StudyUnknown(f"There is no saved text number {number}.", "Choose one of the list.")
    save_draft(
        store(),
        settings(),
        the_study().study_id,
        older.row.text,
        based_on=request.form.get("based_on", -1, type=int),
        by=the_user().id,
    )
    return redirect(url_for("experimenter.study_file", slug=_slug(), saved=1))


def _slug() -> str:
    """The study's short name now: it may just have been changed."""
    with store().read() as db:
        return db.get_one(StudyRow, the_study().study_id).slug


def _history() -> list[Saved]:
    with store().read() as db:
        return [
            Saved(number=row.number, by=_name(db.get(UserRow, row.saved_by)), row=row)
            for row in drafts_of(db, the_study().study_id)
        ]


def _name(user: UserRow | None) -> str:
    return "the command line" if user is None else user.name


def _page(
    history: list[Saved],
    text: str,
    *,
    problems: tuple[Problem, ...] = (),
    conflict: DraftConflict | None = None,
    refused: StudyConflict | None = None,
    older: Saved | None = None,
    based_on: int | None = None,
) -> str:
    newest = history[0] if history else None
    number = newest.number if newest else 0
    compared = older or (newest if conflict else None)
    return render_template(
        "experimenter/study_file.html",
        text=text,
        problems=sorted(problems, key=lambda p: p.location.line if p.location else 0),
        lines=sorted({p.location.line for p in problems if p.location}),
        conflict=conflict,
        refused=refused,
        older=older,
        theirs=newest if conflict else None,
        difference=_difference(compared.row.text, text) if compared else [],
        history=history[:SHOWN_DRAFTS],
        based_on=number if based_on is None else based_on,
        saved="saved" in request.args,
    )


def _difference(before: str, after: str) -> list[tuple[str, str]]:
    """Sign and text of the lines that differ, with three lines around them."""
    lines = list(difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=3))
    return [(line[:1], line[1:]) if line[:2] != "@@" else ("@", "") for line in lines[2:]]
