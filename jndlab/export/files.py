"""Writing the tidy table and its dictionary into a folder."""

from __future__ import annotations

from collections.abc import Iterable
from io import StringIO
from pathlib import Path

from jndlab.export.tidy import data_dictionary, study_rows, write_csv
from jndlab.files import write_atomically
from jndlab.store.engine import Store
from jndlab.study.rows import Row


def write_table(rows: Iterable[Row], path: Path) -> int:
    """Write the rows as a CSV file, all or nothing; returns their number. Raises StoreError."""
    table = StringIO(newline="")
    n_rows = write_csv(rows, table)
    write_atomically(path, table.getvalue().encode(), replace=True)
    return n_rows


def export_study(store: Store, slug: str, folder: Path) -> list[tuple[Path, str]]:
    """Write SLUG-trials.csv and its dictionary; returns each path and what is in it.

    Raises StudyUnknown for an unknown study, StoreError if the folder cannot be written.
    """
    trials = folder / f"{slug}-trials.csv"
    dictionary = folder / f"{slug}-trials.dictionary.json"
    n_rows = write_table(study_rows(store, slug), trials)
    write_atomically(dictionary, data_dictionary().encode(), replace=True)
    return [(trials, f"{n_rows} trials"), (dictionary, "what each column means")]
