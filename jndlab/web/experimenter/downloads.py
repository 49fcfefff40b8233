"""The tables of a study, to download while they are read, and what their columns mean."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from flask import Response, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import Headers, MultiDict

from jndlab.errors import RequestInvalid
from jndlab.export.csv_tables import csv_parts
from jndlab.export.json_lines import json_lines
from jndlab.export.recruiter_ids import RECRUITER_IDS, recruiter_ids_in
from jndlab.export.row_counts import count_rows
from jndlab.export.snapshot import EXPORTED_KINDS, snapshot_of
from jndlab.export.tables import TRIALS, Table, rows_of, table_named
from jndlab.export.tidy import data_dictionary
from jndlab.store.engine import Store
from jndlab.study.rows import Row
from jndlab.study.trials import SessionKind
from jndlab.web.access import needs, the_user
from jndlab.web.context import store
from jndlab.web.experimenter.blueprint import blueprint
from jndlab.web.looks import note_download
from jndlab.web.report_choice import parse_version
from jndlab.web.study_export import note_export, note_recruiter_ids

STREAMED = {"csv": (csv_parts, "text/csv"), "jsonl": (json_lines, "application/jsonl")}
"""Formats that are sent while they are read; the others are made by a job."""
STREAMED_ROWS = 20_000
"""What takes about a second to read. A longer table is made by a job: whoever answers meanwhile
would wait for the thread, and on SQLite for the process, that reads it."""


@blueprint.get("/studies/<slug>/data/<table>.<ending>")
@needs("analyse")
def data_table(slug: str, table: str, ending: str) -> ResponseReturnValue:
    """A table as CSV or as JSON lines, of the sessions that the address asks for."""
    wanted = table_named(table)
    if ending not in STREAMED:
        raise RequestInvalid(
            f"A table cannot be had as {ending!r} here.", "Use csv or jsonl, or make a file."
        )
    kinds, version = chosen_sessions(request.args)
    with snapshot_of(store(), slug, kinds=kinds, version=version) as snapshot:
        if count_rows(snapshot)[wanted.name] > STREAMED_ROWS:
            raise RequestInvalid(
                f"The table {wanted.name} has more than {STREAMED_ROWS:,} rows.",
                "Make a file with everything (on the page of the data, or POST to the study's"
                " /package); that takes a while and disturbs nobody who listens.",
            )
    note_download(store(), slug, kinds=kinds, by=the_user().id)
    note_export(
        store(),
        slug,
        by=the_user().id,
        what=ending,
        table=wanted.name,
        kinds=list(kinds),
        version=version,
    )
    write, media_type = STREAMED[ending]
    parts = _rows(store(), slug, wanted, kinds, version)
    return _file(write(wanted, parts), media_type, f"{slug}-{wanted.name}.{ending}")


@blueprint.get("/studies/<slug>/data/<table>.dictionary.json")
@needs("view")
def table_dictionary(slug: str, table: str) -> ResponseReturnValue:
    """What every column of a table means."""
    wanted = table_named(table)
    text = data_dictionary(wanted.columns, title=wanted.title)
    return _file([text], "application/json", f"{slug}-{wanted.name}.dictionary.json")


@blueprint.get("/studies/<slug>/trials.csv")
@needs("analyse")
def trials_csv(slug: str) -> ResponseReturnValue:
    """The table of trials at the address that it always had."""
    return data_table(slug, TRIALS.name, "csv")


@blueprint.get("/studies/<slug>/trials.dictionary.json")
@needs("view")
def dictionary(slug: str) -> ResponseReturnValue:
    """Its dictionary, likewise."""
    return table_dictionary(slug, TRIALS.name)


@blueprint.post("/studies/<slug>/data/recruiter-ids")
@needs("own")
def recruiter_ids(slug: str) -> ResponseReturnValue:
    """Which recruiter's id each session has; it is noted who asked."""
    with snapshot_of(store(), slug) as snapshot:
        rows = list(recruiter_ids_in(snapshot))
    note_recruiter_ids(store(), slug, by=the_user().id, n_rows=len(rows))
    name = f"{slug}-{RECRUITER_IDS.name}.csv"
    return _file(csv_parts(RECRUITER_IDS, rows), "text/csv", name)


def chosen_sessions(given: MultiDict[str, str]) -> tuple[tuple[SessionKind, ...], int | None]:
    """Kinds of session and version that a form or an address asks for; all if it says nothing.

    Raises RequestInvalid, and DataError for a version that is no number.
    """
    asked = given.getlist("kind")
    unknown = [kind for kind in asked if kind not in EXPORTED_KINDS]
    if unknown:
        known = ", ".join(EXPORTED_KINDS)
        raise RequestInvalid(f"There is no kind of session {unknown[0]!r}.", f"Use: {known}.")
    version = parse_version(given.get("version", "all") or "all")
    kinds = tuple(kind for kind in EXPORTED_KINDS if not asked or kind in asked)
    return kinds, version if isinstance(version, int) else None


def _rows(
    store: Store, slug: str, table: Table, kinds: tuple[SessionKind, ...], version: int | None
) -> Iterator[Row]:
    with snapshot_of(store, slug, kinds=kinds, version=version) as snapshot:
        yield from rows_of(snapshot, table)


def _file(parts: Iterable[str], media_type: str, name: str) -> Response:
    headers = Headers({"Content-Disposition": f'attachment; filename="{name}"'})
    return Response(parts, mimetype=media_type, headers=headers)
