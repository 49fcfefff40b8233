"""What came of a study: tables, packages, reports."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from flask import Response, request
from werkzeug.datastructures import Headers

from jndlab.errors import AccessDenied, DataError
from jndlab.export.formats import Format, format_named
from jndlab.export.snapshot import EXPORTED_KINDS, snapshot_of
from jndlab.export.tables import Table, rows_of, table_named
from jndlab.store.engine import Store
from jndlab.web.access import needs, the_study, the_user
from jndlab.web.context import settings, store
from jndlab.web.experimenter.data import require_may_have_seed
from jndlab.web.experimenter.report import FILES
from jndlab.web.kept_reports import KeptReport, require_report
from jndlab.web.looks import has_seen, is_look, note_download, note_look
from jndlab.web.manage import messages as m
from jndlab.web.manage.blueprint import answer, blueprint, read_body
from jndlab.web.manage.running import start
from jndlab.web.report_choice import ReportChoice

PART_BYTES = 256 * 1024


@blueprint.get("/studies/<slug>/data/<table>")
@needs("analyse")
def data(slug: str, table: str) -> Response:
    """A table of the data, in the format that ?format= names."""
    wanted = table_named(table)
    chosen = format_named(request.args.get("format", "csv"))
    note_download(store(), slug, kinds=EXPORTED_KINDS, by=the_user().id)
    name = f'attachment; filename="{slug}-{wanted.name}.{chosen.ending}"'
    file = _written(store(), slug, wanted, chosen)
    next(file)  # an extra that is missing, a full disk: told before the answer has begun
    headers = Headers({"Content-Disposition": name})
    return Response(file, mimetype=chosen.media_type, headers=headers)


def _written(store: Store, slug: str, table: Table, chosen: Format) -> Iterator[bytes]:
    """The file in parts; the first one is empty and comes when it is written."""
    with tempfile.TemporaryDirectory(prefix="jndlab-table-") as folder:
        path = Path(folder) / table.name
        with snapshot_of(store, slug) as snapshot:
            chosen.write(table, rows_of(snapshot, table), path)
        with path.open("rb") as file:
            yield b""
            while part := file.read(PART_BYTES):
                yield part


@blueprint.post("/studies/<slug>/package")
@needs("analyse")
def make_package(slug: str) -> Response:
    """Make a data package."""
    asked = read_body(m.MakePackage)
    require_may_have_seed(asked.with_seed)
    return start("package", asked.model_dump())


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
