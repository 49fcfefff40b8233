"""Comparisons of a baseline with its versions -> every item in every version, none missing."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from jndlab.importing.naming import first_distinct, is_generic, split_paths
from jndlab.study.yaml_source import KeyPath


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """One page or test set: a baseline and versions of the same recording."""

    place: KeyPath
    """Where it stands in the configuration."""
    baseline: Path
    versions: dict[str, Path]
    """By what the configuration calls them."""
    names: tuple[str, ...] = ()
    """What the configuration calls the recording, the best name first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """Every item in every version."""

    items: tuple[str, ...]
    versions: tuple[str, ...]
    baselines: dict[str, Path]
    cells: dict[tuple[str, str], Path]
    """By item and version."""
    repeats: float
    """How often a pair occurs in the configuration, on average."""
    dropped: tuple[tuple[KeyPath, str], ...]
    """Comparisons that do not fit in, or a version of one: where, and what."""


@dataclass(slots=True)
class _Table:
    """Cells before names are given: rows are recordings."""

    baselines: dict[object, Path] = field(default_factory=dict)
    names: dict[object, tuple[str, ...]] = field(default_factory=dict)
    cells: dict[tuple[object, str], Path] = field(default_factory=dict)
    counts: Counter[tuple[object, str]] = field(default_factory=Counter)
    places: dict[tuple[object, str], list[KeyPath]] = field(
        default_factory=lambda: defaultdict(list)
    )

    @property
    def versions(self) -> list[str]:
        return list(dict.fromkeys(version for _, version in self.cells))


def make_grid(comparisons: Sequence[Comparison]) -> Grid | None:
    """The largest complete table of items and versions. None: there is no comparison.

    Comparisons with the same baseline file are of one item, and the same pair again counts as a
    repetition. A version is known by its label, or where labels say nothing (C1) or differ from
    item to item, by that part of its path in which it differs from the baseline's.
    """
    if not any(one.versions for one in comparisons):
        return None
    by_label, by_path = _by_label(comparisons), _by_path(comparisons)
    tables = [table for table in (by_label, by_path) if table is not None]
    if by_path is not None and all(is_generic(version) for version in by_label.versions):
        tables.reverse()
    best = max(tables, key=lambda table: len(_complete(table)[0]) * len(_complete(table)[1]))
    return _grid(best)


def _by_label(comparisons: Sequence[Comparison]) -> _Table:
    files: dict[tuple[Path, str], set[Path]] = defaultdict(set)
    for one in comparisons:
        for label, path in one.versions.items():
            files[one.baseline, label].add(path)
    torn = {baseline for (baseline, _), paths in files.items() if len(paths) > 1}
    table = _Table()
    for number, one in enumerate(comparisons):
        row = (one.baseline, number) if one.baseline in torn else one.baseline
        for label, path in one.versions.items():
            _put(table, one, row, label, path)
    return table


def _by_path(comparisons: Sequence[Comparison]) -> _Table | None:
    table = _Table()
    for one in comparisons:
        for path in one.versions.values():
            split = split_paths(one.baseline, path)
            if split is None:
                return None
            item, version = split
            if table.cells.get((one.baseline, version), path) != path:
                return None
            _put(table, one, one.baseline, version, path, item)
    return table


def _put(
    table: _Table, one: Comparison, row: object, version: str, path: Path, *names: str
) -> None:
    cell = (row, version)
    table.baselines[row] = one.baseline
    table.names.setdefault(row, (*names, *one.names))
    table.cells[cell] = path
    table.counts[cell] += 1
    table.places[cell].append(one.place)


def _complete(table: _Table) -> tuple[list[object], list[str]]:
    """The rows and versions of the largest table without a gap, in their own order."""
    frequent = Counter(version for _, version in table.cells).most_common()
    best: tuple[list[object], list[str]] = ([], [])
    for n_versions in range(1, len(frequent) + 1):
        kept = {version for version, _ in frequent[:n_versions]}
        rows = [
            row for row in table.baselines if all((row, version) in table.cells for version in kept)
        ]
        if len(rows) * len(kept) > len(best[0]) * len(best[1]):
            best = (rows, [version for version in table.versions if version in kept])
    return best


def _grid(table: _Table) -> Grid:
    rows, versions = _complete(table)
    depth = max(len(table.names[row]) for row in rows)
    given = [[(table.names[row] + ("",) * depth)[at] for row in rows] for at in range(depth)]
    stems = [table.baselines[row].stem for row in rows]
    folders = [table.baselines[row].parent.name for row in rows]
    items = first_distinct([*given[:1], stems, *given[1:], folders], fallback="item")
    name_of = dict(zip(rows, items, strict=True))
    cells = {
        (name_of[row], version): table.cells[row, version] for row in rows for version in versions
    }
    kept = [(row, version) for row in rows for version in versions]
    return Grid(
        items=tuple(items),
        versions=tuple(versions),
        baselines={name_of[row]: table.baselines[row] for row in rows},
        cells=cells,
        repeats=sum(table.counts[cell] for cell in kept) / len(kept),
        dropped=tuple(
            (place, version)
            for (row, version), places in table.places.items()
            if (row, version) not in set(kept)
            for place in places
        ),
    )
