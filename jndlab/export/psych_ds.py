"""A study as a Psych-DS data set: the layout that psychology has agreed on.

A folder with ``dataset_description.json``, tables named ``data/study-..._data.csv``, a README and
a CHANGES file. The tables are those of every CSV export.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from jndlab.export.csv_tables import write_csv_file
from jndlab.export.sessions import consents_in
from jndlab.export.snapshot import Snapshot
from jndlab.export.study_facts import STIMULI, VERSIONS, stimuli_in, versions_in
from jndlab.export.tables import Table, rows_of, tables_of
from jndlab.export.tidy import describe_columns
from jndlab.files import replacing, write_atomically
from jndlab.study.csv_cells import CSV_RULE
from jndlab.study.rows import Row
from jndlab.study.trials import Column


def write_psych_ds(
    snapshot: Snapshot,
    folder: Path,
    *,
    tables: Sequence[tuple[Table, Iterable[Row]]] = (),
    licence: str = "",
) -> list[tuple[Path, str]]:
    """Write the data set; returns each path and what is in it. Raises StoreError.

    ``tables`` are further ones, such as exclusions. A table without rows is left out: the
    validator takes it for a mistake.
    """
    everything: list[tuple[Table, Iterable[Row]]] = [
        *((table, rows_of(snapshot, table)) for table in tables_of(snapshot)),
        (VERSIONS, versions_in(snapshot)),
        (STIMULI, stimuli_in(snapshot)),
        *tables,
    ]
    written: list[tuple[Path, str]] = []
    kept: list[Table] = []
    for table, rows in everything:
        path = folder / "data" / data_name(snapshot.slug, table.name)
        with replacing(path) as temporary:
            n_rows = write_csv_file(table, rows, temporary)
        if n_rows == 0:
            path.unlink()
            continue
        kept.append(table)
        written.append((path, f"{n_rows} {table.holds}"))
    documents: dict[str, tuple[str, str]] = {
        "dataset_description.json": (_description(snapshot, kept, licence), "what the data set is"),
        "README.md": (_readme(snapshot, kept), "what lies where"),
        "CHANGES.md": (_changes(snapshot), "the versions of the study"),
        "documentation/dictionary.json": (_dictionary(kept), "what each column means"),
        "documentation/consent.json": (
            _json(consents_in(snapshot)),
            "the texts that participants agreed to",
        ),
    }
    for name, (text, what) in documents.items():
        write_atomically(folder / name, text.encode(), replace=True)
        written.append((folder / name, what))
    return written


def data_name(slug: str, table: str) -> str:
    """Name of the file of a table: keywords and values, then ``data``.

    >>> data_name("my-study", "trials")
    'study-mystudy_description-trials_data.csv'
    """
    return f"study-{re.sub('[^a-z0-9]', '', slug)}_description-{table}_data.csv"


def _description(snapshot: Snapshot, tables: Sequence[Table], licence: str) -> str:
    columns = {column.name: column for table in tables for column in table.columns}
    return _json(
        {
            "@context": "https://schema.org/",
            "@type": "Dataset",
            "name": snapshot.study.title,
            "description": f"Answers to the listening test {snapshot.slug}, exported by jndlab.",
            "schemaVersion": "Psych-DS 0.4.0",
            **({"license": licence} if licence else {}),
            "variableMeasured": [_variable(column, tables) for column in columns.values()],
        }
    )


def _variable(column: Column, tables: Sequence[Table]) -> dict[str, Any]:
    """A column as schema.org has it. What means different things in two tables says so."""
    meanings = {
        other.description: table.name
        for table in reversed(tables)
        for other in table.columns
        if other.name == column.name
    }
    said = [f"{name}: {text}" for text, name in reversed(meanings.items())]
    return {
        "@type": "PropertyValue",
        "name": column.name,
        "description": " ".join(said) if len(said) > 1 else next(iter(meanings)),
        **({"levels": list(column.values)} if column.values else {}),
    }


def _readme(snapshot: Snapshot, tables: Sequence[Table]) -> str:
    listed = "\n".join(
        f"- `data/{data_name(snapshot.slug, table.name)}`: {table.title.partition(': ')[2]}."
        for table in tables
    )
    return (
        f"# {snapshot.study.title}\n\nAnswers to the listening test `{snapshot.slug}` in the "
        f"layout of Psych-DS, exported by jndlab.\n\n{listed}\n\n`session` joins the tables; "
        "`documentation/dictionary.json` describes every column. Participants are numbers; what "
        f"they typed into text fields is in the questionnaires.\n\n{CSV_RULE}\n"
    )


def _changes(snapshot: Snapshot) -> str:
    lines = [
        f"- Version {version.number}, frozen {version.frozen_at.isoformat(timespec='seconds')}"
        + (f": {version.note}" if version.note else "")
        for version in reversed(snapshot.versions)
    ]
    return "# Changes\n\nVersions of the study, the newest first.\n\n" + "\n".join(lines) + "\n"


def _dictionary(tables: Sequence[Table]) -> str:
    described = [
        {"name": table.name, "title": table.title, "columns": describe_columns(table.columns)}
        for table in tables
    ]
    return _json({"csv": CSV_RULE, "tables": described})


def _json(content: Any) -> str:
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"
