"""The tidy table of a study and what its columns mean, to download."""

from __future__ import annotations

from collections.abc import Iterator
from io import StringIO
from itertools import islice

from flask import Response
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import Headers

from jndlab.export.tidy import data_dictionary, study_rows, write_csv
from jndlab.store.engine import Store
from jndlab.web.access import needs
from jndlab.web.context import store
from jndlab.web.experimenter.blueprint import blueprint


@blueprint.get("/studies/<slug>/trials.csv")
@needs("analyse")
def trials_csv(slug: str) -> ResponseReturnValue:
    """The tidy table, sent while it is read."""
    return Response(
        _csv_parts(store(), slug),
        mimetype="text/csv",
        headers=Headers({"Content-Disposition": f'attachment; filename="{slug}-trials.csv"'}),
    )


@blueprint.get("/studies/<slug>/trials.dictionary.json")
@needs("view")
def dictionary(slug: str) -> ResponseReturnValue:
    """What every column of the table means."""
    name = f'attachment; filename="{slug}-trials.dictionary.json"'
    headers = Headers({"Content-Disposition": name})
    return Response(data_dictionary(), mimetype="application/json", headers=headers)


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
