"""``manifest.csv``: a table that says which file is which item, condition and level."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from io import StringIO
from typing import cast, get_args

from jndlab.audio.places import Place, is_condition_name, level_of
from jndlab.errors import AudioError
from jndlab.study.definition import MAX_UNIT, is_name
from jndlab.study.trials import BASELINE, Direction

COLUMNS = ("item", "condition", "level", "path")
MAX_ROWS = 50_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of a manifest."""

    line: int
    item: str
    condition: str
    level: float | None
    path: str
    """Relative to the manifest."""
    unit: str = ""
    """Of the level; empty where the manifest does not say it."""
    sound_digest: str = ""
    """SHA-256 (hex) of the file that the row's facts are of; empty where it does not say it."""
    compression: str = ""
    """rises or falls, as the level's number grows; empty where the manifest does not say it."""


def read_manifest(text: str) -> list[Row]:
    """The lines of a manifest. Raises AudioError that names the first line that is wrong.

    Columns unit and compression are read where they are there; further ones (facts about the
    models) are for the report and passed over here.
    """
    reader = csv.DictReader(StringIO(text.removeprefix("\ufeff")), strict=True)
    rows = []
    try:
        lacking = [name for name in COLUMNS if name not in (reader.fieldnames or ())]
        if lacking:
            raise _without_columns(text, lacking[0])
        for entry in reader:
            rows.append(_row(entry, reader.line_num))
            if len(rows) > MAX_ROWS:
                raise AudioError(f"manifest.csv has more than {MAX_ROWS:,} lines.", "Use fewer.")
    except csv.Error as error:
        raise AudioError(
            f"manifest.csv, line {reader.line_num}: {error}", "Write it as a plain CSV file."
        ) from None
    return rows


def _without_columns(text: str, lacking: str) -> AudioError:
    first = text.partition("\n")[0]
    for separator, name in ((";", "semicolons"), ("\t", "tabs")):
        if separator in first:
            return AudioError(
                f"manifest.csv has {name} between its columns.",
                "Save it with commas between the columns and points in the numbers: CSV, UTF-8.",
            )
    return AudioError(
        f"manifest.csv lacks the column {lacking!r}.",
        f"Its first line names the columns, among them: {', '.join(COLUMNS)}.",
    )


def place_in_manifest(row: Row, path: str) -> Place:
    """The place that a line gives to the file at ``path``."""
    ending = "." + path.rpartition(".")[2].lower()
    return Place(condition=row.condition, level=row.level, item=row.item, ending=ending)


def _row(entry: dict[str, str | None], line: int) -> Row:
    item, condition, level, path = ((entry[name] or "").strip() for name in COLUMNS)
    is_baseline = condition.lower() == BASELINE
    number = None if is_baseline else level_of(level)
    wrong = None
    if not is_name(item):
        wrong = f"the item {item!r} cannot be used"
    elif is_baseline and level:
        wrong = "the baseline has no level"
    elif not is_baseline and not is_condition_name(condition):
        wrong = f"the condition {condition!r} cannot be used"
    elif not is_baseline and number is None:
        wrong = f"the level {level!r} is no number"
    elif not path:
        wrong = "the path is missing"
    if wrong:
        raise AudioError(
            f"manifest.csv, line {line}: {wrong}.",
            "Names begin with a letter or digit; levels are numbers, and the baseline has none.",
        )
    unit, compression = ((entry.get(name) or "").strip() for name in ("unit", "compression"))
    if compression not in ("", *get_args(Direction)):
        raise AudioError(
            f"manifest.csv, line {line}: the compression {compression!r} is neither rises nor "
            "falls.",
            "Say whether compression rises or falls as the level's number grows, or leave it out.",
        )
    return Row(
        line=line,
        item=item,
        condition=BASELINE if is_baseline else condition,
        level=number,
        path=path.replace("\\", "/").removeprefix("./"),
        unit=unit[:MAX_UNIT],
        compression=compression,
        sound_digest=(entry.get("sound_digest") or "").strip().lower(),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Axes:
    """What a manifest says of the levels, by condition; what it does not say is missing."""

    units: Mapping[str, str]
    directions: Mapping[str, Direction]


def axes_in(rows: Iterable[Row]) -> Axes:
    """Unit and direction of each condition. Raises AudioError where its rows disagree."""
    units: dict[str, str] = {}
    directions: dict[str, str] = {}
    for row in rows:
        if row.level is None:
            continue
        for known, said in ((units, row.unit), (directions, row.compression)):
            if said and known.setdefault(row.condition, said) != said:
                raise AudioError(
                    f"manifest.csv, line {row.line}: {said!r}, but an earlier line of "
                    f"{row.condition} says {known[row.condition]!r}.",
                    "All rows of a condition have the same unit and the same direction.",
                )
    return Axes(units=units, directions=cast("dict[str, Direction]", directions))
