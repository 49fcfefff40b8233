"""``datapackage.json``: a Frictionless Data Package (version 1) that describes every file."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from jndlab.export.tables import Table
from jndlab.study.csv_cells import CSV_RULE
from jndlab.study.trials import Column

FORMAT = 1
"""Of the package as jndlab reads it again; in the property ``jndlab``."""
NAME = "datapackage.json"
HISTORY = "history.json"
_TIME = "%Y-%m-%dT%H:%M:%S.%f%z"


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenFile:
    """A file of the package, after it was written."""

    path: str
    """Relative, with slashes."""
    title: str
    n_bytes: int
    sha256: str
    table: Table | None = None
    n_rows: int = 0


def package_descriptor(
    *,
    slug: str,
    title: str,
    files: Sequence[WrittenFile],
    licence: str,
    facts: Mapping[str, Any],
) -> dict[str, Any]:
    """The descriptor; ``facts`` is what jndlab itself wants to know when it reads the package."""
    known = {file.table.name for file in files if file.table is not None}
    return {
        "profile": "data-package",
        "name": slug,
        "title": title,
        "description": "Answers to a listening test, with all that is needed to analyse them. "
        "README.md explains every file.",
        "keywords": ["listening test", "psychoacoustics", "just-noticeable difference"],
        **({"licenses": [_licence(licence)]} if licence else {}),
        "resources": [_resource(file, known) for file in files],
        "jndlab": {"format": FORMAT, **facts},
    }


def table_schema(table: Table, known: set[str]) -> dict[str, Any]:
    """The Table Schema of a table; foreign keys to the tables that are there."""
    keys = [
        {"fields": column, "reference": {"resource": other, "fields": column}}
        for column, other in table.refers
        if other in known
    ]
    return {
        "fields": [_field(column, table) for column in table.columns],
        "missingValues": [""],
        **({"primaryKey": list(table.key)} if table.key else {}),
        **({"foreignKeys": keys} if keys else {}),
    }


def _resource(file: WrittenFile, known: set[str]) -> dict[str, Any]:
    size = {"bytes": file.n_bytes, "hash": f"sha256:{file.sha256}"}
    if file.table is None:
        ending = file.path.rpartition(".")[2]
        media_type = _MEDIA_TYPES.get(ending, "application/octet-stream")
        return {
            "profile": "data-resource",
            # Else the validator guesses from the content: a study with a key "checks" is none
            # of its own checklists.
            "type": "file",
            "name": re.sub("[^a-z0-9_-]+", "-", file.path.lower()),
            "title": file.title,
            "path": file.path,
            "format": ending,
            "mediatype": media_type,
            **size,
        }
    return {
        "profile": "tabular-data-resource",
        "name": file.table.name,
        "title": file.title,
        "description": f"{file.n_rows} {file.table.holds}. {CSV_RULE}",
        "path": file.path,
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "dialect": {"delimiter": ",", "lineTerminator": "\r\n", "quoteChar": '"', "header": True},
        "schema": table_schema(file.table, known),
        **size,
    }


_MEDIA_TYPES = {
    "json": "application/json",
    "jsonl": "application/jsonl",
    "yaml": "application/yaml",
    "md": "text/markdown",
    "csv": "text/csv",
    "html": "text/html",
}


def _field(column: Column, table: Table) -> dict[str, Any]:
    constraints: dict[str, Any] = {}
    if column.required:
        constraints["required"] = True
    if column.values:
        constraints["enum"] = list(column.values)
    if table.key == (column.name,):
        constraints["unique"] = True
    kinds: dict[str, dict[str, Any]] = {
        "text": {"type": "string"},
        "integer": {"type": "integer"},
        "number": {"type": "number"},
        "boolean": {"type": "boolean", "trueValues": ["1"], "falseValues": ["0"]},
        "time": {"type": "datetime", "format": _TIME},
    }
    return {
        "name": column.name,
        **kinds[column.type],
        "description": column.description,
        **({"constraints": constraints} if constraints else {}),
    }


def _licence(licence: str) -> dict[str, str]:
    if "://" in licence:
        return {"path": licence}
    if re.fullmatch(r"[-A-Za-z0-9._+]+", licence):
        return {"name": licence}
    return {"name": "other", "title": licence}
