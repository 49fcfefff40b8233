"""Writing a data package: every table, the study itself, and a description of each file."""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jndlab.export.csv_tables import write_csv_file
from jndlab.export.history import history_in
from jndlab.export.package.archive import zip_files
from jndlab.export.package.descriptor import HISTORY, NAME, WrittenFile, package_descriptor
from jndlab.export.package.frozen_study import definition_json, definition_yaml
from jndlab.export.package.readme import readme
from jndlab.export.package.signed import (
    PLANS,
    PLANS_TITLE,
    SEAL,
    SEAL_TITLE,
    RowDigests,
    plan_lines,
    seal,
)
from jndlab.export.sessions import consents_in
from jndlab.export.snapshot import Snapshot
from jndlab.export.study_facts import LOG, STIMULI, VERSIONS, log_in, stimuli_in, versions_in
from jndlab.export.tables import TRIALS, Table, rows_of, tables_of
from jndlab.export.tidy import describe_columns
from jndlab.files import disk_error, replacing
from jndlab.store.signing import plan_key
from jndlab.store.study_states import study_state
from jndlab.study.csv_cells import CSV_RULE
from jndlab.study.rows import Row

SEED_IS_TOLD_IN = ("closed", "archived")
"""States of a study in which nobody answers any more, so that its seed gives nothing away."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AddedFile:
    """A file that the package holds beside the tables of the store."""

    path: str
    title: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Additions:
    """What is made outside of the store: tables of the analysis, documents, versions."""

    tables: Sequence[tuple[Table, Iterable[Row]]] = ()
    files: Sequence[AddedFile] = ()
    software: Mapping[str, str] = field(default_factory=dict)


def write_package(
    snapshot: Snapshot,
    target: Path,
    *,
    additions: Additions,
    with_seed: bool = False,
    licence: str = "",
) -> dict[str, int]:
    """Write the package as a zip file, all of it or nothing; returns the rows of each table.

    The seed, which tells the right answers, is in it only if the study is over or ``with_seed``.
    Equal content makes equal bytes. Raises StoreError.
    """
    with_seed = with_seed or study_state(snapshot.db, snapshot.study.id) in SEED_IS_TOLD_IN
    with tempfile.TemporaryDirectory(prefix="jndlab-package-") as name, replacing(target) as zipped:
        folder = Path(name)
        try:
            files = _write_files(snapshot, folder, additions, with_seed=with_seed)
            _describe(snapshot, folder, files, additions, with_seed=with_seed, licence=licence)
        except OSError as error:
            raise disk_error(folder, error) from None
        zip_files(folder, ["README.md", NAME, *(file.path for file in files)], zipped)
    return {file.table.name: file.n_rows for file in files if file.table is not None}


def _write_files(
    snapshot: Snapshot, folder: Path, additions: Additions, *, with_seed: bool
) -> list[WrittenFile]:
    digests = RowDigests()
    tables: list[tuple[Table, Iterable[Row]]] = [
        *((table, _rows(snapshot, table, digests)) for table in tables_of(snapshot)),
        (VERSIONS, versions_in(snapshot)),
        (STIMULI, stimuli_in(snapshot)),
        (LOG, log_in(snapshot)),
        *additions.tables,
    ]
    written = [_write_table(folder, table, rows) for table, rows in tables]
    documents = [
        AddedFile(
            path="dictionary.json",
            title="What every column of every table means",
            content=_json(
                {
                    "csv": CSV_RULE,
                    "tables": [
                        {
                            "name": table.name,
                            "title": table.title,
                            "columns": describe_columns(table.columns),
                        }
                        for table, _ in tables
                    ],
                }
            ),
        ),
        *_study_files(snapshot, with_seed=with_seed),
        *additions.files,
        AddedFile(
            path=HISTORY,
            title="Versions, registrations, states and looks at the data, for the report",
            content=_json(_history(snapshot)),
        ),
        AddedFile(
            path="consent.json",
            title="The texts that participants agreed to, by their version",
            content=_json(consents_in(snapshot)),
        ),
        AddedFile(
            path="software.json",
            title="Versions of the software that made this package",
            content=_json(dict(additions.software)),
        ),
    ]
    written += [_write_document(folder, document) for document in documents]
    written.append(_write_plans(folder, snapshot, with_plan=with_seed))
    sealed = seal(
        plan_key(snapshot.folder),
        study=snapshot.slug,
        files={file.path: file.sha256 for file in written},
        trials=digests.of_sessions,
    )
    seal_file = AddedFile(path=SEAL, title=SEAL_TITLE, content=_json(sealed))
    return [*written, _write_document(folder, seal_file)]


def _rows(snapshot: Snapshot, table: Table, digests: RowDigests) -> Iterable[Row]:
    rows = rows_of(snapshot, table)
    return digests.passing(rows) if table is TRIALS else rows


def _study_files(snapshot: Snapshot, *, with_seed: bool) -> Iterable[AddedFile]:
    for version in snapshot.versions:
        number = version.number
        yield AddedFile(
            path=f"study/version-{number}.json",
            title=f"Version {number} of the study, for programs",
            content=definition_json(version.definition, with_seed=with_seed).encode(),
        )
        yield AddedFile(
            path=f"study/version-{number}.yaml",
            title=f"Version {number} of the study as a study file",
            content=definition_yaml(version.definition, with_seed=with_seed).encode(),
        )
        if version.gate:
            yield AddedFile(
                path=f"gate/version-{number}.json",
                title=f"What the checks of the sounds found in version {number}, and the reasons "
                "to go on nevertheless",
                content=_json(json.loads(version.gate)),
            )


def _history(snapshot: Snapshot) -> dict[str, Any]:
    """The history less the definitions, which have files of their own."""
    content = history_in(snapshot).to_dict()
    for version in content["versions"]:
        del version["definition"]
    return content


def _describe(
    snapshot: Snapshot,
    folder: Path,
    files: Sequence[WrittenFile],
    additions: Additions,
    *,
    with_seed: bool,
    licence: str,
) -> None:
    state = study_state(snapshot.db, snapshot.study.id)
    descriptor = package_descriptor(
        slug=snapshot.slug,
        title=snapshot.study.title,
        files=files,
        licence=licence,
        facts={
            "study": snapshot.slug,
            "state": state,
            "session_kinds": list(snapshot.kinds),
            "seed_included": with_seed,
            "version": snapshot.version,
        },
    )
    text = readme(
        title=snapshot.study.title,
        slug=snapshot.slug,
        state=state,
        files=files,
        licence=licence,
        with_seed=with_seed,
    )
    (folder / NAME).write_bytes(_json(descriptor))
    (folder / "README.md").write_text(text, encoding="utf-8", newline="\n")


def _write_table(folder: Path, table: Table, rows: Iterable[Row]) -> WrittenFile:
    path = folder / "data" / f"{table.name}.csv"
    path.parent.mkdir(exist_ok=True)
    n_rows = write_csv_file(table, rows, path)
    return _written(folder, path, table.title, table=table, n_rows=n_rows)


def _write_plans(folder: Path, snapshot: Snapshot, *, with_plan: bool) -> WrittenFile:
    path = folder / PLANS
    with path.open("w", encoding="ascii", newline="\n") as file:
        file.writelines(plan_lines(snapshot, with_plan=with_plan))
    return _written(folder, path, PLANS_TITLE)


def _write_document(folder: Path, document: AddedFile) -> WrittenFile:
    path = folder / document.path
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(document.content)
    return _written(folder, path, document.title)


def _written(
    folder: Path, path: Path, title: str, *, table: Table | None = None, n_rows: int = 0
) -> WrittenFile:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return WrittenFile(
        path=path.relative_to(folder).as_posix(),
        title=title,
        n_bytes=path.stat().st_size,
        sha256=digest,
        table=table,
        n_rows=n_rows,
    )


def _json(content: Any) -> bytes:
    return (json.dumps(content, indent=2, ensure_ascii=False) + "\n").encode()
