"""What is stored of people, for how long, and what one person may ask for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.datastructures import Headers

from jndlab.errors import JndlabError, RequestInvalid
from jndlab.export.person import export_person
from jndlab.sessions.withdrawal import delete_person
from jndlab.store.deeds import EXPORTED, detail_of
from jndlab.store.models import DeedRow, StudyRow, UserRow
from jndlab.store.people import FoundSession, find_sessions
from jndlab.store.retention import kept_then, personal_in, retention_of, today_utc
from jndlab.studies.retention import ENDED, WARNED_DAYS, set_retention
from jndlab.web.access import needs, the_study, the_user
from jndlab.web.context import store
from jndlab.web.experimenter.blueprint import blueprint

MOST_SHOWN = 50
MOST_CHARACTERS = 200
_WORDS = {
    "session-withdrawn": "A participant’s data were deleted",
    "person-exported": "Everything of one person was exported",
    "person-deleted": "One person’s data were deleted by an experimenter",
    "recruiter-ids-exported": "The recruiter’s ids of participants were exported",
    "retention-set": "The time for which data are kept was set",
    ENDED: "The time was over: data were erased",
    EXPORTED: "Data were exported",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """Something that was done with people's data."""

    at: datetime
    what: str
    by: str
    more: str


@blueprint.get("/studies/<slug>/privacy")
@needs("own")
def privacy(slug: str) -> ResponseReturnValue:
    """What is stored of people, how long it is kept, and what was done with it."""
    return _page()


@blueprint.post("/studies/<slug>/privacy/keep")
@needs("own")
def keep_until(slug: str) -> ResponseReturnValue:
    """Set how long what is personal is kept."""
    try:
        until = _day(request.form.get("until", "").strip())
        then = kept_then(request.form.get("then"))
        set_retention(store(), the_study().study_id, until, then, by=the_user().id)
    except RequestInvalid as error:
        return _page(error=error), 400
    flash("Saved." if until else "What is personal is kept for good.")
    return redirect(url_for("experimenter.privacy", slug=slug))


@blueprint.post("/studies/<slug>/privacy/person")
@needs("own")
def find_person(slug: str) -> ResponseReturnValue:
    """Look for a person: by POST, so that whom one looks for is in no address and no log."""
    who = request.form.get("who", "").strip()[:MOST_CHARACTERS]
    with store().read() as db:
        found = find_sessions(db, the_study().study_id, who)
    return _page(who=who, found=found)


@blueprint.post("/studies/<slug>/privacy/person/export")
@needs("own")
def person_file(slug: str) -> ResponseReturnValue:
    """Everything that is stored of one person, as a file; it is noted who asked."""
    return person_response(slug, request.form.get("session", ""))


def person_response(slug: str, session: str) -> Response:
    """The file of one person. Raises TokenInvalid."""
    text = export_person(store(), slug, session, by=the_user().id)
    headers = Headers(
        {"Content-Disposition": f'attachment; filename="{slug}-person-{session}.json"'}
    )
    return Response(text, content_type="application/json; charset=utf-8", headers=headers)


@blueprint.post("/studies/<slug>/privacy/person/delete")
@needs("own")
def remove_person(slug: str) -> ResponseReturnValue:
    """Delete everything that is stored of one person. There is no undo."""
    session = request.form.get("session", "")
    if request.form.get("confirmed") != "1":
        error = RequestInvalid(
            "Nothing was deleted: it was not confirmed.", "Tick that it is for good, then delete."
        )
        with store().read() as db:
            found = find_sessions(db, the_study().study_id, session)
        return _page(error=error, who=session, found=found), 400
    delete_person(store(), the_study().study_id, session, by=the_user().id)
    flash("Everything of this person is deleted. Delete it from what you have exported, too.")
    return redirect(url_for("experimenter.privacy", slug=slug))


def _page(
    *,
    error: JndlabError | None = None,
    who: str = "",
    found: Any = None,
) -> str:
    with store().read() as db:
        study = db.get_one(StudyRow, the_study().study_id)
        found_sessions: list[FoundSession] | None = None if found is None else list(found)
        return render_template(
            "experimenter/privacy.html",
            retention=retention_of(study),
            personal=personal_in(db, study),
            today=today_utc(),
            warned_days=WARNED_DAYS,
            entries=_entries(db, study.id),
            error=error,
            who=who,
            found=found_sessions,
        )


def _entries(db: Session, study_id: int) -> list[Entry]:
    query = (
        select(DeedRow, UserRow.name)
        .outerjoin(UserRow, UserRow.id == DeedRow.user_id)
        .where(DeedRow.study_id == study_id, DeedRow.deed.in_(_WORDS))
        .order_by(DeedRow.id.desc())
        .limit(MOST_SHOWN)
    )
    return [
        Entry(at=row.at, what=_WORDS[row.deed], by=name or _nobody(row), more=_more(row))
        for row, name in db.execute(query)
    ]


def _nobody(row: DeedRow) -> str:
    if row.deed == "session-withdrawn":
        return ""
    return "the server" if row.deed == ENDED else "the command line"


def _more(row: DeedRow) -> str:
    """What a reader wants to know of it; nobody's id at a recruiter is in a deed."""
    detail = detail_of(row)
    match row.deed:
        case "retention-set":
            until = detail.get("until")
            return f"until {until}, then {detail.get('then')}" if until else "for good"
        case "recruiter-ids-exported":
            return f"{detail.get('n_ids')} ids"
        case "exported":
            what = " ".join(str(detail[key]) for key in ("table", "what") if detail.get(key))
            return f"{what}, anonymised" if detail.get("anonymised") else what
        case "retention-ended":
            return "deleted" if detail.get("then") == "delete" else "anonymised"
    return f"session {detail.get('session')}"


def _day(text: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise RequestInvalid(f"{text[:40]!r} is no date.", "Write it as 2031-12-31.") from None
