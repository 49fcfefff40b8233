"""What came of a study: tables, packages, reports."""

from __future__ import annotations

from flask import Response, request
from flask.typing import ResponseReturnValue

from jndlab.errors import AccessDenied, DataError
from jndlab.export.snapshot import snapshot_of
from jndlab.web.access import needs, the_study, the_user
from jndlab.web.bodies import read_body
from jndlab.web.context import settings, store
from jndlab.web.experimenter.data import require_may_have_seed
from jndlab.web.experimenter.downloads import data_table, recruiter_ids, table_dictionary
from jndlab.web.experimenter.report import FILES
from jndlab.web.kept_reports import KeptReport, require_report
from jndlab.web.looks import has_seen, is_look, note_look
from jndlab.web.manage import messages as m
from jndlab.web.manage import messages_watching as mw
from jndlab.web.manage.blueprint import answer, blueprint
from jndlab.web.manage.running import start
from jndlab.web.report_choice import ReportChoice


@blueprint.get("/studies/<slug>/data/<table>")
@needs("analyse")
def data(slug: str, table: str) -> ResponseReturnValue:
    """A table of the data: ?format=csv or jsonl, ?kind=, ?version= as on the page."""
    return data_table(slug, table, request.args.get("format", "csv"))


@blueprint.post("/studies/<slug>/package")
@needs("analyse")
def make_package(slug: str) -> Response:
    """Make one file with everything."""
    asked = read_body(m.MakePackage)
    require_may_have_seed(asked.with_seed)
    return start("package", asked.model_dump())


@blueprint.get("/studies/<slug>/data/<table>/dictionary")
@needs("view")
def dictionary(slug: str, table: str) -> ResponseReturnValue:
    """What every column of a table means."""
    return table_dictionary(slug, table)


@blueprint.post("/studies/<slug>/exclusions")
@needs("analyse")
def exclusions(slug: str) -> Response:
    """List what the rules of the study file leave out."""
    asked = read_body(mw.ChooseSessions)
    with snapshot_of(store(), slug, version=asked.version):
        pass  # there is such a version
    return start("exclusions", asked.model_dump())


@blueprint.post("/studies/<slug>/recruiter-ids")
@needs("own")
def ids_of_recruiters(slug: str) -> ResponseReturnValue:
    """Which recruiter's id each session has; it is noted who asked."""
    return recruiter_ids(slug)


@blueprint.post("/studies/<slug>/report")
@needs("analyse")
def make_report(slug: str) -> Response:
    """Make a report."""
    choice = ReportChoice(**read_body(m.MakeReport).model_dump())
    return start("report", {"choice": choice.to_dict()})


@blueprint.post("/studies/<slug>/reports/<report_id>/look")
@needs("analyse")
def look(slug: str, report_id: str) -> Response:
    """Say why a report is looked at while answers come in; it is noted, and can be fetched then."""
    kept = require_report(settings(), the_study().study_id, report_id)
    reason = read_body(m.Look).reason.strip()
    note_look(store(), the_study().study_id, kept, reason=reason, by=the_user().id)
    return answer(m.Done())


@blueprint.post("/studies/<slug>/reports/<report_id>/pdf")
@needs("analyse")
def make_pdf(slug: str, report_id: str) -> Response:
    """Make the PDF of a report."""
    kept = require_report(settings(), the_study().study_id, report_id)
    return start("report-pdf", {"report": kept.report_id})


@blueprint.get("/studies/<slug>/reports/<report_id>/<what>")
@needs("analyse")
def report(slug: str, report_id: str, what: str) -> Response:
    """A report that was made: its page, numbers, figures, or PDF."""
    if what not in FILES:
        raise DataError("There is no such file.", f"Choose one of: {', '.join(FILES)}.")
    kept = require_report(settings(), the_study().study_id, report_id)
    _require_noted(kept)
    name, mimetype = FILES[what]
    return Response(kept.read(name), mimetype=mimetype)


def _require_noted(kept: KeptReport) -> None:
    access = the_study()
    if not is_look(access.state, kept.choice.kind):
        return
    with store().read() as db:
        if has_seen(db, access.study_id, kept, by=the_user().id):
            return
    raise AccessDenied(
        "The study still runs, and looking at its data changes what a test is worth.",
        "Say why you look first: POST to this report's /look. The report will list it.",
    )
