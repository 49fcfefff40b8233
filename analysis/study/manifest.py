"""Reading a manifest of stimuli: rows with facts, checked, every error with row and column."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from jndlab.analysis.study.model_facts import SIZES, ModelFacts, StimulusFacts
from jndlab.errors import DataError
from jndlab.study.trials import BASELINE

Rows = list[tuple[int, dict[str, object]]]
_SYNONYMS = {
    "n_parameters": "parameters",
    "params": "parameters",
    "n_params": "parameters",
    "size_bytes": "bytes",
    "n_bytes": "bytes",
    "mac": "macs",
    "checkpoint": "checkpoint_digest",
    "checkpoint_sha256": "checkpoint_digest",
}
_TEXTS = ("item", "condition", "path", "checkpoint_digest")
_NEEDED = ("item", "condition", "level")
_EXTRA = "\x00extra"


def load_model_facts(source: str | Path | Iterable[Mapping[str, object]]) -> ModelFacts:
    """The facts in a manifest: a CSV file (UTF-8, comma), or rows with the same names.

    Columns item, condition, level (empty for the condition "baseline"), and any of path,
    parameters, bytes, macs, checkpoint_digest; other columns with numbers are objective scores,
    columns with text are ignored and listed. Empty cells are facts not known.

    DataError, with row and column: a column is missing, text in a number, an item twice, sizes that
    differ between the items of one model.

    >>> rows = [
    ...     {"item": "a", "condition": "baseline", "level": "", "bytes": 4000, "pesq": 4.5},
    ...     {"item": "a", "condition": "seofp", "level": 3, "bytes": 1000, "pesq": 4.1},
    ...     {"item": "a", "condition": "seofp", "level": 1, "bytes": 500, "pesq": 2.9},
    ... ]
    >>> facts = load_model_facts(rows)
    >>> facts.sizes, facts.scores, facts.baseline("bytes")
    (('bytes',), ('pesq',), 4000.0)
    >>> levels, pesq = facts.score_by_level("pesq", condition="seofp")
    >>> levels.tolist(), pesq.tolist()
    ([1.0, 3.0], [2.9, 4.1])
    """
    name, rows = _rows(source)
    if not rows:
        raise DataError(f"{name} has no rows.", "Give one row per sound file.")
    columns = _columns(rows, name)
    numeric = [column for column in columns if column not in _TEXTS and column != "level"]
    scores, ignored = [], []
    for column in numeric:
        if column in SIZES or _is_numeric(rows, column, name):
            scores.append(column)
        else:
            ignored.append(column)
    stimuli = tuple(_stimulus(row, number, name, scores) for number, row in rows)
    facts = ModelFacts(
        source=name,
        stimuli=stimuli,
        sizes=tuple(size for size in SIZES if any(size in one.sizes for one in stimuli)),
        scores=tuple(
            column
            for column in scores
            if column not in SIZES and any(column in one.scores for one in stimuli)
        ),
        ignored=tuple(ignored),
    )
    _check(facts, [number for number, _ in rows])
    return facts


def _rows(
    source: str | Path | Iterable[Mapping[str, object]],
) -> tuple[str, Rows]:
    """The name of the source, and its rows by their known names, with their numbers."""
    if isinstance(source, str | Path):
        path = Path(source)
        try:
            with path.open(newline="", encoding="utf-8-sig") as file:
                reader = csv.DictReader(file, restkey=_EXTRA)
                found: list[tuple[int, Mapping[str, object]]] = [
                    (reader.line_num, row) for row in reader if any(row.values())
                ]
        except FileNotFoundError:
            raise DataError(f"There is no file {path}.", "Give the path of the manifest.") from None
        except (OSError, UnicodeDecodeError, csv.Error) as error:
            raise DataError(
                f"{path.name} is not a readable CSV file: {error}.",
                "Save it as CSV with commas, in UTF-8.",
            ) from error
        name = path.name
    else:
        name, found = "the manifest", list(enumerate(source, start=1))
    return name, [
        (number, {_name_of(key): value for key, value in row.items()}) for number, row in found
    ]


def _name_of(column: object) -> str:
    key = str(column).strip().lower().replace(" ", "_").replace("-", "_")
    return _SYNONYMS.get(key, key)


def _columns(rows: Rows, name: str) -> list[str]:
    columns = list(dict.fromkeys(column for _, row in rows for column in row))
    missing = [column for column in _NEEDED if column not in columns]
    if missing:
        raise DataError(
            f"{name} lacks the column(s) {', '.join(missing)}; it has {', '.join(columns)}.",
            "Give the columns item, condition and level, and any facts beside them.",
        )
    for number, row in rows:
        if _EXTRA in row:
            raise DataError(
                f"Row {number} of {name} has more cells than the header.",
                "Quote cells that contain commas.",
            )
    return columns


def _text(value: object) -> str:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    return str(value).strip()


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _is_numeric(rows: Rows, column: str, name: str) -> bool:
    """Whether a column is a score. DataError: most of it is numbers, but not all."""
    cells = [(number, _text(row.get(column))) for number, row in rows]
    filled = [(number, text) for number, text in cells if text]
    wrong = [(number, text) for number, text in filled if _number(text) is None]
    if wrong and len(wrong) < len(filled) / 2:
        number, text = wrong[0]
        raise _not_a_number(number, name, column, text)
    return bool(filled) and not wrong


def _not_a_number(number: int, name: str, column: str, text: str) -> DataError:
    return DataError(
        f"Row {number} of {name}, column {column}: {text!r} is not a number.",
        "Write a number with a point, or leave the cell empty where the fact is not known.",
    )


def _stimulus(
    row: dict[str, object], number: int, name: str, numeric: Sequence[str]
) -> StimulusFacts:
    texts = {column: _text(row.get(column)) for column in _TEXTS}
    for column in ("item", "condition"):
        if not texts[column]:
            raise DataError(
                f"Row {number} of {name}, column {column}: is empty.", "Every sound file needs it."
            )
    values: dict[str, float] = {}
    for column in (*numeric, "level"):
        text = _text(row.get(column))
        if not text:
            continue
        value = _number(text)
        if value is None or not math.isfinite(value):
            raise _not_a_number(number, name, column, text)
        if column in SIZES and value <= 0:
            raise DataError(
                f"Row {number} of {name}, column {column}: {value:g} cannot be.",
                "Give a number above 0.",
            )
        values[column] = value
    is_baseline = texts["condition"] == BASELINE
    level = None if is_baseline else values.pop("level", None)
    values.pop("level", None)
    if not is_baseline and level is None:
        raise DataError(
            f"Row {number} of {name}, column level: is empty.",
            f'Only the condition "{BASELINE}" goes without a level.',
        )
    return StimulusFacts(
        item=texts["item"],
        condition=texts["condition"],
        level=level,
        path=texts["path"],
        checkpoint_digest=texts["checkpoint_digest"],
        sizes={key: value for key, value in values.items() if key in SIZES},
        scores={key: value for key, value in values.items() if key not in SIZES},
    )


def _check(facts: ModelFacts, numbers: Sequence[int]) -> None:
    """DataError: a stimulus twice, or one model with two sizes."""
    seen: dict[tuple[str, str, float | None], int] = {}
    model: dict[tuple[str, float | None, str], tuple[float, int]] = {}
    for number, one in zip(numbers, facts.stimuli, strict=True):
        key = (one.item, one.condition, one.level)
        if key in seen:
            raise DataError(
                f"Row {number} of {facts.source} repeats row {seen[key]}: item {one.item}, "
                f"condition {one.condition}, level {one.level}.",
                "Remove one of the two.",
            )
        seen[key] = number
        for size, value in one.sizes.items():
            known, row = model.setdefault((one.condition, one.level, size), (value, number))
            if known != value:
                raise DataError(
                    f"Row {number} of {facts.source}, column {size}: {value:g}, but row {row} says "
                    f"{known:g} for the same model.",
                    "One condition and level is one model: give the same number for all its items.",
                )
