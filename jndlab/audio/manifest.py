"""``manifest.csv``: a table that says which file is which item, condition and level."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from io import StringIO

from jndlab.audio.places import Place, is_condition_name, level_of
from jndlab.errors import AudioError
from jndlab.study.definition import is_name
from jndlab.study.trials import BASELINE

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


def read_manifest(text: str) -> list[Row]:
    """The lines of a manifest. Raises AudioError that names the first line that is wrong.

    Further columns (facts about the models) are for the report and passed over here.
    """
    reader = csv.DictReader(StringIO(text.removeprefix("\ufeff")), strict=True)
    rows = []
    try:
        lacking = [name for name in COLUMNS if name not in (reader.fieldnames or ())]
        if lacking:
            raise AudioError(
                f"manifest.csv lacks the column {lacking[0]!r}.",
                f"Its first line names the columns, among them: {', '.join(COLUMNS)}.",
            )
        for entry in reader:
            rows.append(_row(entry, reader.line_num))
            if len(rows) > MAX_ROWS:
                raise AudioError(f"manifest.csv has more than {MAX_ROWS:,} lines.", "Use fewer.")
    except csv.Error as error:
        raise AudioError(
            f"manifest.csv, line {reader.line_num}: {error}", "Write it as a plain CSV file."
        ) from None
    return rows


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
    path = path.replace("\\", "/").removeprefix("./")
    name = BASELINE if is_baseline else condition
    return Row(line=line, item=item, condition=name, level=number, path=path)
