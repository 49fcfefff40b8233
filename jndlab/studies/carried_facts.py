"""The manifest of mended copies, with the facts that stood beside the sounds that were mended."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from io import StringIO
from pathlib import Path

from jndlab.audio.layout import MANIFEST
from jndlab.audio.manifest import COLUMNS, read_manifest
from jndlab.audio.mended_files import MendedFile
from jndlab.audio.pairs import level_text
from jndlab.errors import AudioError
from jndlab.study.definition import StudyDefinition

Key = tuple[str, str, float | None]
MENDED = "mended"
"""Column that says in words what was done; text, so that nobody takes it for a score."""


def manifest_of(study: StudyDefinition, root: Path, files: Sequence[MendedFile]) -> bytes:
    """A manifest of ``files``: every column of the manifests beside the study's sounds, too.

    Those are the one that the study names, and manifest.csv in its folder ``root`` and where its
    folders of sounds lie; what stands in the first of them counts. Raises AudioError for one that
    cannot be read.
    """
    facts: dict[Key, dict[str, str]] = {}
    columns: dict[str, None] = {}
    for path in _manifests(study, root):
        for key, row in _rows(path):
            columns.update(dict.fromkeys(row))
            facts[key] = row | facts.get(key, {})
    text = StringIO()
    writer = csv.DictWriter(text, [*COLUMNS, *columns, MENDED], restval="", lineterminator="\n")
    writer.writeheader()
    for one in files:
        row = facts.get((one.item, one.condition, one.level), {})
        writer.writerow(row | _place(one) | _as_it_is_now(row, one))
    return text.getvalue().encode()


def _place(one: MendedFile) -> dict[str, str]:
    return {
        "item": one.item,
        "condition": one.condition,
        "level": "" if one.level is None else level_text(one.level),
        "path": one.path,
        MENDED: one.summary,
    }


def _as_it_is_now(row: Mapping[str, str], one: MendedFile) -> dict[str, str]:
    """Facts of the file, where the manifest has such columns, that the mending has changed."""
    now = {}
    if row.get("sound_digest"):
        now["sound_digest"] = one.digest
    if row.get("gain_db") and one.gain_db_applied:
        now["gain_db"] = f"{float(row['gain_db']) + one.gain_db_applied:.6g}"
    return now


def _manifests(study: StudyDefinition, root: Path) -> list[Path]:
    own = [] if study.stimuli.manifest is None else [root / study.stimuli.manifest]
    folders = [root, (root / study.stimuli.baseline).parent]
    folders += [(root / condition.folder).parent for condition in study.stimuli.conditions]
    paths = dict.fromkeys(
        path.resolve() for path in (*own, *(folder / MANIFEST for folder in folders))
    )
    return [path for path in paths if path.is_file()]


def _rows(path: Path) -> list[tuple[Key, dict[str, str]]]:
    """Place and facts of each line."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise AudioError(f"{path} cannot be read: {error}", "Save it as CSV in UTF-8.") from None
    found = []
    for row, cells in zip(read_manifest(text), csv.DictReader(StringIO(text)), strict=True):
        kept = {
            name: cell or ""
            for name, cell in cells.items()
            if isinstance(name, str) and name not in (*COLUMNS, MENDED)
        }
        found.append(((row.item, row.condition, row.level), kept))
    return found
