"""The links of a study: who gets in with which, places, and recruiters."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any, cast

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from jndlab.errors import RequestInvalid
from jndlab.store.links import LinkKind, LinkUse, links_of, most_uses
from jndlab.store.models import StudyRow
from jndlab.store.slots import count_places
from jndlab.store.studies import definition_of, live_version, newest_version, require_study
from jndlab.studies.links import (
    MOST_LABEL_CHARACTERS,
    MOST_LINKS,
    LinkWish,
    make_links,
    preview_link,
    read_labels,
    set_quota,
    set_revoked,
)
from jndlab.study.recruiters import RECRUITERS
from jndlab.web.access import needs, the_study, the_user
from jndlab.web.context import store
from jndlab.web.experimenter.blueprint import blueprint
from jndlab.web.experimenter.overview import base_url


@blueprint.get("/studies/<slug>/links")
@needs("view")
def links(slug: str) -> ResponseReturnValue:
    """The links of a study, and the forms that make them."""
    return _page(slug)


@blueprint.post("/studies/<slug>/links")
@needs("edit")
def add_links(slug: str) -> ResponseReturnValue:
    """Make links as the form says."""
    try:
        made = make_links(store(), the_study().study_id, _wish(), by=the_user().id)
    except RequestInvalid as error:
        return _page(slug, error=error), 400
    return redirect(url_for("experimenter.links", slug=slug, made=len(made), _anchor="links"))


@blueprint.post("/studies/<slug>/links/<int(max=2147483647):link_id>")
@needs("edit")
def change_link(slug: str, link_id: int) -> ResponseReturnValue:
    """Take a link back, or let it be used again."""
    revoked = request.form.get("revoked") == "1"
    set_revoked(store(), the_study().study_id, link_id, revoked, by=the_user().id)
    return redirect(url_for("experimenter.links", slug=slug, _anchor="links"))


@blueprint.post("/studies/<slug>/quota")
@needs("edit")
def change_quota(slug: str) -> ResponseReturnValue:
    """Set how many participants the study takes."""
    try:
        quota = _whole(request.form.get("quota", ""), "The number of places")
        set_quota(store(), the_study().study_id, quota, by=the_user().id)
    except RequestInvalid as error:
        return _page(slug, quota_error=error), 400
    return redirect(url_for("experimenter.links", slug=slug, _anchor="places"))


@blueprint.post("/studies/<slug>/preview")
@needs("edit")
def open_preview(slug: str) -> ResponseReturnValue:
    """Look at the study as a participant would."""
    token = preview_link(store(), the_study().study_id, by=the_user().id)
    return redirect(url_for("participant.study", link=token))


def link_url(token: str) -> str:
    """The whole address of a link, to be handed out."""
    return base_url() + url_for("participant.study", link=token)


def status_of(use: LinkUse, now: datetime) -> str:
    """In a word, whether a link still takes people."""
    link, most = use.link, most_uses(use.link)
    if link.revoked_at is not None:
        return "revoked"
    if link.expires_at is not None and link.expires_at <= now:
        return "expired"
    return "used" if most is not None and use.n_sessions >= most else "open"


def _page(
    slug: str, *, error: RequestInvalid | None = None, quota_error: RequestInvalid | None = None
) -> str:
    now = datetime.now(UTC)
    may_see = the_study().allows("edit")
    with store().read() as db:
        study = require_study(db, slug)
        uses = links_of(db, study.id)
        return render_template(
            "experimenter/links.html",
            study=study,
            general=link_url(study.link) if may_see else None,
            rows=[_row(use, now, may_see=may_see) for use in uses],
            campaigns=[_campaign(use) for use in uses if use.link.recruiter] if may_see else [],
            places=_places(db, study, now),
            recruiters=RECRUITERS.values(),
            most_links=MOST_LINKS,
            most_characters=MOST_LABEL_CHARACTERS,
            today=now.date().isoformat(),
            made=request.args.get("made", type=int),
            error=error,
            quota_error=quota_error,
            typed=request.form,
        )


def _row(use: LinkUse, now: datetime, *, may_see: bool) -> dict[str, Any]:
    return {
        "link": use.link,
        "url": link_url(use.link.token) if may_see else None,
        "n_sessions": use.n_sessions,
        "n_finished": use.n_finished,
        "most": most_uses(use.link),
        "participant": use.participant,
        "status": status_of(use, now),
    }


def _campaign(use: LinkUse) -> dict[str, Any]:
    recruiter = RECRUITERS[use.link.recruiter]
    return {
        "recruiter": recruiter,
        "label": use.link.label,
        "id": use.link.id,
        "url": recruiter.entry_url(link_url(use.link.token)),
        "return_url": use.link.return_url,
    }


def _places(db: Session, study: StudyRow, now: datetime) -> dict[str, int | None]:
    version = live_version(db, study.id) or newest_version(db, study.id)
    if version is None:
        return {"finished": 0, "living": 0}
    design = definition_of(version).design
    finished, living = count_places(db, study.id, design=design, now=now)
    return {"finished": finished, "living": living}


def _wish() -> LinkWish:
    form = request.form
    labels = read_labels(form.get("labels", ""))
    number = _whole(form.get("number", ""), "The number of links")
    recruiter = form.get("recruiter", "")
    return LinkWish(
        kind=cast(LinkKind, form.get("kind", "multiple")),
        number=1 if number is None else number,
        labels=labels,
        recruiter=recruiter,
        return_url=form.get("return_url", "").strip() if recruiter else "",
        max_uses=_whole(form.get("max_uses", ""), "The number of uses"),
        expires_at=_end_of_day(form.get("expires", "")),
    )


def _whole(text: str, what: str) -> int | None:
    text = text.strip()
    if not text:
        return None
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise RequestInvalid(f"{what} cannot be {text[:20]!r}.", "Write a whole number in digits.")
    return int(text)


def _end_of_day(text: str) -> datetime | None:
    if not text.strip():
        return None
    try:
        day = date.fromisoformat(text.strip())
        return datetime.combine(day, time.min, UTC) + timedelta(days=1)
    except (ValueError, OverflowError):
        raise RequestInvalid(
            f"{text[:20]!r} is no date.", "Write it as year-month-day, such as 2027-03-31."
        ) from None
