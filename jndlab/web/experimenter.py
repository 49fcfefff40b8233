"""The experimenter's pages: sign in, studies, one study's progress, data and report."""

from __future__ import annotations

from collections.abc import Iterator
from io import StringIO
from itertools import islice

from flask import Blueprint, Response, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import Headers

from jndlab.errors import RequestInvalid, SignInError
from jndlab.export.tidy import BOTH_KINDS, data_dictionary, study_rows, write_csv
from jndlab.store import users
from jndlab.store.engine import Store
from jndlab.store.sessions import answered_numbers, plan_of, sessions_of
from jndlab.store.studies import all_studies, definition_of, progress_of, require_study
from jndlab.store.study_states import STATES, set_study_state, study_state
from jndlab.study.paradigms import PARADIGMS
from jndlab.study.trials import SessionKind
from jndlab.web.context import settings, store
from jndlab.web.report_process import report_page
from jndlab.web.security import REPORT_POLICY

blueprint = Blueprint("experimenter", __name__)

COOKIE = "jndlab_sign_in"
OPEN_TO_ALL = {"experimenter.sign_in", "experimenter.sign_in_form"}


@blueprint.before_request
def require_sign_in() -> ResponseReturnValue | None:
    """Everything here but the sign-in page is for signed-in experimenters."""
    g.user = users.signed_in_user(store(), request.cookies.get(COOKIE, ""))
    if g.user is None and request.endpoint not in OPEN_TO_ALL:
        return redirect(url_for("experimenter.sign_in_form"))
    return None


@blueprint.get("/sign-in")
def sign_in_form() -> ResponseReturnValue:
    """The sign-in page."""
    return render_template(
        "experimenter/sign_in.html", error=None, name="", has_users=users.has_users(store())
    )


@blueprint.post("/sign-in")
def sign_in() -> ResponseReturnValue:
    """Check name and password; a right one sets a cookie that scripts cannot read."""
    name, password = request.form.get("name", ""), request.form.get("password", "")
    try:
        token = users.sign_in(store(), name, password)
    except SignInError as error:
        page = render_template(
            "experimenter/sign_in.html", error=error, name=name, has_users=users.has_users(store())
        )
        return page, 403
    response = redirect(url_for("experimenter.studies"))
    response.set_cookie(
        COOKIE,
        token,
        max_age=int(users.SIGN_IN_LASTS.total_seconds()),
        httponly=True,
        samesite="Lax",
        secure=settings().secure_cookies,
    )
    return response


@blueprint.post("/sign-out")
def sign_out() -> ResponseReturnValue:
    """Forget this browser."""
    users.sign_out(store(), request.cookies.get(COOKIE, ""))
    response = redirect(url_for("experimenter.sign_in_form"))
    response.delete_cookie(COOKIE)
    return response


@blueprint.get("/studies")
def studies() -> ResponseReturnValue:
    """Every study with its progress."""
    with store().read() as db:
        entries = [
            {
                "slug": row.slug,
                "title": definition_of(row).title,
                "paradigm": PARADIGMS[definition_of(row).paradigm].name,
                "launched_at": row.launched_at,
                "progress": progress_of(db, row.id, kind="participant"),
                "simulated": progress_of(db, row.id, kind="simulated"),
            }
            for row in all_studies(db)
        ]
    return render_template("experimenter/studies.html", studies=entries)


@blueprint.get("/studies/<slug>")
def study(slug: str) -> ResponseReturnValue:
    """One study: link to hand out, progress, sessions, downloads."""
    with store().read() as db:
        row = require_study(db, slug)
        definition = definition_of(row)
        sessions = [
            {
                "participant": session.participant,
                "kind": session.kind,
                "state": session.state,
                "n_answered": len(answered_numbers(db, session.id)),
                "n_trials": len(plan_of(session).trials),
                "last_seen_at": session.last_seen_at,
            }
            for session in sessions_of(db, row.id, kinds=BOTH_KINDS)
        ]
        return render_template(
            "experimenter/study.html",
            study=row,
            definition=definition,
            state=study_state(db, row.id),
            link=_base_url() + url_for("participant.study", link=row.link),
            progress=progress_of(db, row.id, kind="participant"),
            simulated=progress_of(db, row.id, kind="simulated"),
            sessions=sessions,
        )


@blueprint.post("/studies/<slug>/state")
def set_state(slug: str) -> ResponseReturnValue:
    """Open, pause or close a study."""
    state = next((known for known in STATES if known == request.form.get("state")), None)
    if state is None:
        raise RequestInvalid("There is no such state.", f"Choose one of: {', '.join(STATES)}.")
    with store().write() as db:
        set_study_state(db, require_study(db, slug).id, state)
    return redirect(url_for("experimenter.study", slug=slug))


@blueprint.get("/studies/<slug>/trials.csv")
def trials_csv(slug: str) -> ResponseReturnValue:
    """The tidy table, sent while it is read."""
    with store().read() as db:
        require_study(db, slug)
    return Response(
        _csv_parts(store(), slug),
        mimetype="text/csv",
        headers=Headers({"Content-Disposition": f'attachment; filename="{slug}-trials.csv"'}),
    )


@blueprint.get("/studies/<slug>/trials.dictionary.json")
def dictionary(slug: str) -> ResponseReturnValue:
    """What every column of the table means."""
    with store().read() as db:
        require_study(db, slug)
    name = f'attachment; filename="{slug}-trials.dictionary.json"'
    headers = Headers({"Content-Disposition": name})
    return Response(data_dictionary(), mimetype="application/json", headers=headers)


@blueprint.get("/studies/<slug>/report")
def report(slug: str) -> ResponseReturnValue:
    """The report over the answers so far; of people, or of simulated listeners."""
    kind: SessionKind = "simulated" if request.args.get("kind") == "simulated" else "participant"
    page = report_page(store(), settings(), slug, kind=kind)
    headers = Headers({"Content-Security-Policy": REPORT_POLICY})
    return Response(page, mimetype="text/html", headers=headers)


def _base_url() -> str:
    """Base of the link to hand out: as set, or as this very page was reached."""
    return settings().public_url.rstrip("/") or request.url_root.rstrip("/")


def _csv_parts(store: Store, slug: str) -> Iterator[str]:
    """The table, a hundred rows at a time, whatever its length."""
    rows = study_rows(store, slug)
    out = StringIO()
    write_csv([], out)
    while True:
        yield out.getvalue()
        out = StringIO()
        batch = list(islice(rows, 100))
        if not batch:
            return
        write_csv(batch, out, header=False)
