"""What can be downloaded about links: lists, a QR code, and who a recruiter sent."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from datetime import UTC, datetime
from io import BytesIO, StringIO

import segno
from flask import Response
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import Headers

from jndlab.store.deeds import note_deed
from jndlab.store.links import links_of
from jndlab.store.recruits import recruits_of
from jndlab.store.studies import require_study
from jndlab.study.csv_cells import guard_text
from jndlab.web.access import needs, the_study, the_user
from jndlab.web.context import store
from jndlab.web.experimenter.blueprint import blueprint
from jndlab.web.experimenter.links import link_url, status_of

LINK_HEADS = ("label", "kind", "link", "state", "sessions", "finished", "participant", "expires")
RECRUIT_HEADS = ("recruiter", "external_id", "assignment", "state", "received")


@blueprint.get("/studies/<slug>/links.csv")
@needs("edit")
def links_csv(slug: str) -> ResponseReturnValue:
    """Every link with its label, to be sent out."""
    now = datetime.now(UTC)
    with store().read() as db:
        uses = links_of(db, require_study(db, slug).id)
    rows = [
        (
            use.link.label,
            use.link.kind,
            link_url(use.link.token),
            status_of(use, now),
            use.n_sessions,
            use.n_finished,
            use.participant,
            use.link.expires_at.isoformat(timespec="seconds") if use.link.expires_at else None,
        )
        for use in reversed(uses)
    ]
    return _csv(f"{slug}-links.csv", LINK_HEADS, rows)


@blueprint.get("/studies/<slug>/recruits.csv")
@needs("own")
def recruits_csv(slug: str) -> ResponseReturnValue:
    """Who a recruiter sent and how far they came, for payment; nothing leads to an answer."""
    with store().write() as db:
        study = require_study(db, slug)
        rows = [
            (
                row.recruiter,
                row.external_id,
                row.assignment,
                state,
                row.received_at.date().isoformat(),  # to the second it would name the session
            )
            for row, state in recruits_of(db, study.id)
        ]
        note_deed(db, "recruits-downloaded", study_id=study.id, user_id=the_user().id)
    return _csv(f"{slug}-recruits.csv", RECRUIT_HEADS, rows)


@blueprint.get("/studies/<slug>/link.svg")
@needs("edit")
def link_qr(slug: str) -> ResponseReturnValue:
    """The study's own link as a QR code, for a poster or a slide."""
    with store().read() as db:
        link = require_study(db, the_study().slug).link
    out = BytesIO()
    code = segno.make(link_url(link), error="m", micro=False)
    code.save(out, kind="svg", border=4, scale=8, dark="#000", light="#fff", title="Link")
    return Response(out.getvalue(), mimetype="image/svg+xml")


def _csv(
    name: str, heads: Iterable[str], rows: Iterable[Iterable[str | int | None]]
) -> ResponseReturnValue:
    out = StringIO()
    writer = csv.writer(out)
    writer.writerow(heads)
    for row in rows:
        writer.writerow(
            guard_text(cell) if isinstance(cell, str) else "" if cell is None else cell
            for cell in row
        )
    headers = Headers({"Content-Disposition": f'attachment; filename="{name}"'})
    return Response(out.getvalue(), mimetype="text/csv", headers=headers)
