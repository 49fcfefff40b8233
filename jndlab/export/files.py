"""Writing the tidy tables and their dictionaries into a folder."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path

from jndlab.export.csv_tables import write_csv_file
from jndlab.export.formats import format_named
from jndlab.export.sessions import consents_in
from jndlab.export.snapshot import EXPORTED_KINDS, snapshot_of
from jndlab.export.tables import TRIALS, rows_of, tables_of
from jndlab.export.tidy import data_dictionary
from jndlab.files import replacing, write_atomically
from jndlab.store.engine import Store
from jndlab.study.rows import Row
from jndlab.study.trials import SessionKind


def write_table(rows: Iterable[Row], path: Path) -> int:
    """Write trials as a CSV file, all or nothing; returns their number. Raises StoreError."""
    with replacing(path) as temporary:
        return write_csv_file(TRIALS, rows, temporary)


def export_study(
    store: Store,
    slug: str,
    folder: Path,
    *,
    file_format: str = "csv",
    kinds: Sequence[SessionKind] = EXPORTED_KINDS,
    version: int | None = None,
    anonymous: bool = False,
) -> list[tuple[Path, str]]:
    """Write the tables of a study as files of one format, each with its dictionary.

    SLUG-trials.csv, SLUG-checks.csv, SLUG-sessions.csv and SLUG-events.csv, SLUG-questionnaires.csv
    if the study has any, and SLUG-consent.json with the texts that were agreed to. Returns each
    path and what is in it. ``anonymous``: in which nobody is to be found again
    (:mod:`jndlab.export.anonymous`), in files named SLUG-anonymised. Raises StudyUnknown for an
    unknown study, StoreError if the folder cannot be written, MissingExtra if the format needs a
    package that is not installed.
    """
    chosen = format_named(file_format)
    written: list[tuple[Path, str]] = []
    stem = f"{slug}-anonymised" if anonymous else slug
    with snapshot_of(store, slug, kinds=kinds, version=version, anonymous=anonymous) as snapshot:
        for table in tables_of(snapshot):
            path = folder / f"{stem}-{table.name}.{chosen.ending}"
            with replacing(path) as temporary:
                n_rows = chosen.write(table, rows_of(snapshot, table), temporary)
            dictionary = folder / f"{stem}-{table.name}.dictionary.json"
            described = data_dictionary(table.columns, title=table.title)
            write_atomically(dictionary, described.encode(), replace=True)
            written += [(path, f"{n_rows} {table.holds}"), (dictionary, "what each column means")]
        consents = consents_in(snapshot)
    if consents:
        path = folder / f"{stem}-consent.json"
        content = json.dumps(consents, indent=2, ensure_ascii=False) + "\n"
        write_atomically(path, content.encode(), replace=True)
        written.append((path, "the texts that participants agreed to"))
    return written
