"""Analysing trials that another program wrote down: send a table, name columns, read a report."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

from flask import Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from werkzeug.datastructures import Headers

from jndlab.errors import DataError, RequestInvalid, TokenInvalid
from jndlab.store.models import JobRow
from jndlab.web.access import needs, the_user
from jndlab.web.body_limits import takes
from jndlab.web.context import settings, store
from jndlab.web.experimenter.blueprint import blueprint
from jndlab.web.foreign_tables import MAX_BYTES, ForeignTable, head_of, keep_table, require_table
from jndlab.web.jobs.foreign_report import PAGE
from jndlab.web.jobs.queue import JobState, start_job, state_of
from jndlab.web.security import REPORT_HOLDER_POLICY, REPORT_POLICY

KIND = "foreign-report"
SHOWN_ROWS = 5
MAX_TEXT = 200
_FORM_BYTES = 64 * 1024
_NONE = "-"
"""What the form sends for a role that no column has."""


@blueprint.get("/analyse-csv")
@needs("signed-in")
def analyse_csv() -> ResponseReturnValue:
    """Where a table of trials is chosen."""
    return render_template("experimenter/analyse_csv.html", table=None, error=None)


@blueprint.post("/analyse-csv")
@needs("signed-in")
@takes(MAX_BYTES + _FORM_BYTES)
def send_csv() -> ResponseReturnValue:
    """Keep the table, and go on to its columns."""
    sent = request.files.get("table")
    if sent is None or not sent.filename:
        raise RequestInvalid("There is no file.", "Choose a CSV file with a row per trial.")
    try:
        table = keep_table(settings(), the_user().id, sent.filename, sent.read())
        _require_table(table)
    except DataError as error:
        page = render_template("experimenter/analyse_csv.html", table=None, error=error)
        return page, 422
    return redirect(url_for("experimenter.csv_columns", token=table.token))


@blueprint.get("/analyse-csv/<token>")
@needs("signed-in")
def csv_columns(token: str) -> ResponseReturnValue:
    """Which column is what, with the first rows; and the report, once there is one."""
    from jndlab.analysis import guess_columns
    from jndlab.analysis.study.foreign_columns import ROLES
    from jndlab.analysis.study.foreign_trials import PARADIGMS

    table = require_table(settings(), the_user().id, token)
    headers, rows = _head(table)
    job, told = _job_of(request.args.get("job", ""), token)
    guessed, notes = guess_columns(headers)
    page = render_template(
        "experimenter/analyse_csv.html",
        table=table,
        error=None,
        headers=headers,
        rows=rows,
        roles=ROLES,
        columns=told["columns"] if told else guessed,
        told=told
        or dict.fromkeys(("paradigm", "compression", "unit", "title", "target", "bound"), ""),
        notes=() if told else notes,
        job=job,
        paradigms=tuple(dict.fromkeys(PARADIGMS.values())),
        no_column=_NONE,
    )
    return Response(page, headers=Headers({"Content-Security-Policy": REPORT_HOLDER_POLICY}))


@blueprint.post("/analyse-csv/<token>")
@needs("signed-in")
def make_csv_report(token: str) -> ResponseReturnValue:
    """Ask for the report of the table with these columns."""
    from jndlab.analysis.study.foreign_columns import NAMES

    table = require_table(settings(), the_user().id, token)
    columns = {}
    for role in NAMES:
        header = request.form.get(f"column-{role}", _NONE)
        columns[role] = "" if header == _NONE else header
    told: dict[str, Any] = {"columns": columns}
    for key in ("paradigm", "compression", "unit", "title", "target", "bound"):
        told[key] = request.form.get(key, "").strip()[:MAX_TEXT]
    job = start_job(
        store(),
        settings(),
        KIND,
        study_id=None,
        by=the_user().id,
        options={"table": table.token, "told": told},
    )
    return redirect(url_for("experimenter.csv_columns", token=token, job=job))


@blueprint.get("/analyse-csv/<token>/report/<job>")
@needs("signed-in")
def csv_report(token: str, job: str) -> Response:
    """The finished report, to be shown inside the page."""
    if _job_of(job, token)[0] is None:
        raise TokenInvalid("There is no such report.", "Make it once more.")
    try:
        page = (settings().job_folder(job) / PAGE).read_text(encoding="utf-8")
    except OSError:
        raise TokenInvalid("There is no such report.", "Make it once more.") from None
    return Response(page, headers=Headers({"Content-Security-Policy": REPORT_POLICY}))


def _require_table(table: ForeignTable) -> None:
    """Forget a file that is no table. Raises DataError."""
    try:
        _head(table)
    except DataError:
        table.path.unlink(missing_ok=True)
        raise


def _head(table: ForeignTable) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """Headers and first rows. DataError: this is no table."""
    from jndlab.analysis.study.counts_text import read_text_table

    with tempfile.TemporaryDirectory(prefix="jndlab-table-") as folder:
        text = read_text_table(head_of(table, Path(folder)))
    return text.headers, text.rows[:SHOWN_ROWS]


def _job_of(public_id: str, token: str) -> tuple[JobState | None, dict[str, Any] | None]:
    """A job of one's own over this table, and what it was told; None if there is none."""
    query = select(JobRow).where(
        JobRow.public_id == public_id,
        JobRow.kind == KIND,
        JobRow.created_by == the_user().id,
    )
    with store().read() as db:
        row = db.scalars(query).one_or_none()
        options = json.loads(row.options) if row is not None else {}
        if row is None or options.get("table") != token:
            return None, None
        return state_of(row), options["told"]
