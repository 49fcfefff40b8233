"""Writing the tidy table and its dictionary into a folder."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

from jndlab.export.tidy import data_dictionary, study_rows, write_csv
from jndlab.files import write_atomically
from jndlab.store.engine import Store


def export_study(store: Store, slug: str, folder: Path) -> list[tuple[Path, str]]:
    """Write SLUG-trials.csv and its dictionary; returns each path and what is in it.

    Raises StudyConflict for an unknown study, StoreError if the folder cannot be written.
    """
    table = StringIO(newline="")
    n_rows = write_csv(study_rows(store, slug), table)
    trials = folder / f"{slug}-trials.csv"
    dictionary = folder / f"{slug}-trials.dictionary.json"
    write_atomically(trials, table.getvalue().encode(), replace=True)
    write_atomically(dictionary, data_dictionary().encode(), replace=True)
    return [(trials, f"{n_rows} trials"), (dictionary, "what each column means")]
