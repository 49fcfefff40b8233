"""The report of a study."""

from __future__ import annotations

from flask import Response, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import Headers

from jndlab.study.trials import SessionKind
from jndlab.web.access import needs
from jndlab.web.context import settings, store
from jndlab.web.experimenter.blueprint import blueprint
from jndlab.web.report_process import report_page
from jndlab.web.security import REPORT_POLICY


@blueprint.get("/studies/<slug>/report")
@needs("analyse")
def report(slug: str) -> ResponseReturnValue:
    """The report over the answers so far; of people, or of simulated listeners."""
    kind: SessionKind = "simulated" if request.args.get("kind") == "simulated" else "participant"
    page = report_page(store(), settings(), slug, kind=kind)
    headers = Headers({"Content-Security-Policy": REPORT_POLICY})
    return Response(page, mimetype="text/html", headers=headers)
