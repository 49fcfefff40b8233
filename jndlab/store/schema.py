"""The revisions of the schema, known without importing Alembic."""

from __future__ import annotations

from pathlib import Path

KNOWN: tuple[str, ...] = tuple(
    sorted(
        path.stem.split("_")[0]
        for path in (Path(__file__).parent / "migrations" / "versions").glob("[0-9]*_*.py")
    )
)
"""Every revision this jndlab can migrate from, oldest first."""

HEAD = KNOWN[-1]
