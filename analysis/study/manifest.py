"""Reading a manifest of stimuli: rows with facts, checked, every error with row and column."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from jndlab.analysis.study.model_facts import SIZES, TEXTS, ModelFacts, StimulusFacts
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
_TEXTS = ("item", "condition", "path", "checkpoint_digest", *TEXTS)
_RENDERING = ("x", "gain_db", "sound_digest")
"""How a file was made: neither a fact of the model nor a score."""
_NEEDED = ("item", "condition", "level")
_EXTRA = "\x00extra"


def load_model_facts(
    source: str | Path | io.TextIOBase | Iterable[Mapping[str, object]],
) -> ModelFacts:
    """The facts in a manifest: a CSV file (UTF-8, comma) by its path or open, or rows likewise.

    Columns item, condition, level (empty for the condition "baseline"), and any of path,
    parameters, bytes, macs, checkpoint_digest; texts of the model: unit, compression, origin
    ("seed-twin" and so on), method, model, seed, parameters_rule, bytes_rule, macs_rule. The
    columns x, gain_db and sound_digest tell how a file was made. Other columns with numbers are
    objective scores, others with text are ignored and listed. Empty cells are facts not known.

    DataError, with row and column: a column is missing, text in a number, an item twice, sizes or
    texts that differ between the items of one model.

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
    known = (*_TEXTS, *_RENDERING, "level")
    numeric = [column for column in columns if column not in known]
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
    source: str | Path | io.TextIOBase | Iterable[Mapping[str, object]],
) -> tuple[str, Rows]:
    """The name of the source, and its rows by their known names, with their numbers."""
    name = "the manifest"
    found: list[tuple[int, Mapping[str, object]]]
    if isinstance(source, str | Path | io.TextIOBase):
        name = name if isinstance(source, io.TextIOBase) else Path(source).name
        try:
            found = _read(source)
        except FileNotFoundError:
            raise DataError(
                f"There is no file {source}.", "Give the path of the manifest."
            ) from None
        except (OSError, UnicodeDecodeError, csv.Error) as error:
            raise DataError(
                f"{name} is not a readable CSV file: {error}.",
                "Save it as CSV with commas, in UTF-8.",
            ) from error
    else:
        found = list(enumerate(source, start=1))
    return name, [
        (number, {_name_of(key): value for key, value in row.items()}) for number, row in found
    ]


def _read(source: str | Path | io.TextIOBase) -> list[tuple[int, Mapping[str, object]]]:
    if not isinstance(source, io.TextIOBase):
        with Path(source).open(newline="", encoding="utf-8-sig") as file:
            return _read(file)
    reader = csv.DictReader(source, restkey=_EXTRA)
    return [(reader.line_num, row) for row in reader if any(row.values())]


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
        texts={name: texts[name] for name in TEXTS if texts[name]},
    )


def _check(facts: ModelFacts, numbers: Sequence[int]) -> None:
    """DataError: a stimulus twice, or one model with two sizes or two texts."""
    seen: dict[tuple[str, str, float | None], int] = {}
    model: dict[tuple[str, float | None, str], tuple[float | str, int]] = {}
    for number, one in zip(numbers, facts.stimuli, strict=True):
        key = (one.item, one.condition, one.level)
        if key in seen:
            raise DataError(
                f"Row {number} of {facts.source} repeats row {seen[key]}: item {one.item}, "
                f"condition {one.condition}, level {one.level}.",
                "Remove one of the two.",
            )
        seen[key] = number
        said: dict[str, float | str] = {**one.sizes, **one.texts}
        for name, value in said.items():
            known, row = model.setdefault((one.condition, one.level, name), (value, number))
            if known != value:
                raise DataError(
                    f"Row {number} of {facts.source}, column {name}: {_written(value)}, but row "
                    f"{row} says {_written(known)} for the same model.",
                    "One condition and level is one model: give the same for all its items.",
                )


def _written(value: float | str) -> str:
    return value if isinstance(value, str) else f"{value:g}"
