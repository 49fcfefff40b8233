"""A manifest beside a study: where its sounds lie, and what is frozen of it with the study."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from jndlab.audio.checking import CheckedSounds
from jndlab.audio.manifest import Axes, Row, axes_in, place_in_manifest, read_manifest
from jndlab.audio.pairs import Finding
from jndlab.audio.reading import ENDINGS
from jndlab.audio.sources import pair_digest
from jndlab.errors import AudioError
from jndlab.files import write_atomically
from jndlab.study.definition import StudyDefinition
from jndlab.study.trials import BASELINE

MAX_BYTES = 16 * 1024**2


@dataclass(frozen=True, slots=True, kw_only=True)
class ManifestFolders:
    """The folders that a manifest names, in the layout that a study wants."""

    baseline: Path
    conditions: tuple[Path, ...]
    axes: Axes


def manifest_text(path: Path) -> str:
    """The text of a manifest. Raises AudioError if it is missing, too large or no text."""
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise AudioError(
            f"The manifest {path} cannot be read: {error.strerror}.", "Check its path."
        ) from None
    if len(content) > MAX_BYTES:
        raise AudioError(
            f"The manifest {path} has more than {MAX_BYTES // 1024**2} MB.",
            "Leave out columns that no report needs.",
        )
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise AudioError(f"The manifest {path} is no UTF-8 text.", "Save it as UTF-8.") from None


def folders_in_manifest(manifest: Path, *, copy_to: Path) -> ManifestFolders:
    """Where the sounds lie that a manifest names, for ``jndlab new``.

    Sounds that lie at ``baseline/ITEM`` and ``CONDITION/LEVEL/ITEM`` beside the manifest are used
    where they are; others are copied into such folders below ``copy_to``. Raises AudioError.
    """
    rows = read_manifest(manifest_text(manifest))
    names = list(dict.fromkeys(row.condition for row in rows if row.level is not None))
    if not names or not any(row.level is None for row in rows):
        raise AudioError(
            f"{manifest} names {'no baseline' if names else 'no compressed version'}.",
            f"One row per sound; those of the baseline have {BASELINE!r} as their condition.",
        )
    root = manifest.parent
    _require_sounds(manifest, rows)
    if not all(_is_in_place(row) for row in rows):
        for row in rows:
            _copy(root / row.path, copy_to / place_in_manifest(row, row.path).path)
        root = copy_to
    return ManifestFolders(
        baseline=root / BASELINE,
        conditions=tuple(root / name for name in names),
        axes=axes_in(rows),
    )


def study_manifest(study: StudyDefinition, root: Path) -> str | None:
    """The text of a study's manifest, looked through; None if it has none.

    ``root`` is the study file's folder. Raises AudioError for a manifest that cannot be read or
    lacks a level of a condition that it knows.
    """
    if study.stimuli.manifest is None:
        return None
    path = root / study.stimuli.manifest
    text = manifest_text(path)
    known: dict[str, set[float | None]] = {}
    for row in read_manifest(text):
        known.setdefault(row.condition, set()).add(row.level)
    for condition in study.stimuli.conditions:
        missing = [one for one in condition.levels if one not in known.get(condition.name, {one})]
        if missing:
            raise AudioError(
                f"The manifest {path} has no row for level {missing[0]:g} of {condition.name}.",
                "Render the axis again so that the manifest has all tested levels, or take "
                "`manifest` out of the study file.",
            )
    return text


def _require_sounds(manifest: Path, rows: list[Row]) -> None:
    """Each row names a sound that is there, and none names the place of another: before any copy.

    Raises AudioError.
    """
    line_of: dict[str, int] = {}
    for row in rows:
        if not row.path.lower().endswith(ENDINGS):
            raise AudioError(
                f"{manifest}, line {row.line}: {row.path} is no WAV or FLAC file.",
                "Name the sound in the column path.",
            )
        if not (manifest.parent / row.path).is_file():
            raise AudioError(
                f"{manifest}, line {row.line}: there is no file {manifest.parent / row.path}.",
                "Check the column path: it is relative to the manifest.",
            )
        place = place_in_manifest(row, row.path)
        before = line_of.setdefault(f"{place.folder}/{place.item}", row.line)
        if before != row.line:
            raise AudioError(
                f"{manifest}, line {row.line}: the same item, condition and level as line "
                f"{before}.",
                "One row per sound: take one of the two out.",
            )


def _is_in_place(row: Row) -> bool:
    return row.path == place_in_manifest(row, row.path).path


def _copy(source: Path, target: Path) -> None:
    try:
        content = source.read_bytes()
    except OSError as error:
        raise AudioError(
            f"{source}, which the manifest names, cannot be read: {error.strerror}.",
            "Check the column path: it is relative to the manifest.",
        ) from None
    write_atomically(target, content)


def manifest_findings(manifest: str | None, sounds: CheckedSounds) -> Iterator[Finding]:
    """A warning for every sound that is not the one whose facts the manifest states."""
    if manifest is None:
        return
    stated = {
        (row.item, row.condition, row.level): row.sound_digest
        for row in read_manifest(manifest)
        if row.sound_digest
    }
    for item, digest in sounds.baselines.items():
        if stated.get((item, BASELINE, None), digest) != digest:
            yield _changed(item, BASELINE, None)
    for pair in sounds.pairs:
        known = stated.get((pair.item, pair.condition, pair.level))
        if known and pair_digest(sounds.baselines[pair.item], known) != pair.sounds:
            yield _changed(pair.item, pair.condition, pair.level)


def _changed(item: str, condition: str, level: float | None) -> Finding:
    return Finding(
        code="manifest",
        severity="warning",
        message="is another sound than the one in the manifest, whose distances the report shows",
        remedy="Render it again, or correct the manifest.",
        item=item,
        condition=condition,
        level=level,
    )
