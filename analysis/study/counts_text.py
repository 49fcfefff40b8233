"""The cells of a text table, whatever its separator and decimal mark."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from jndlab.errors import DataError

_SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs", " ": "spaces"}
_DECIMAL_COMMA = re.compile(r"[+-]?\d*,\d+(?:[eE][+-]?\d+)?")
_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2},\d{3}")
_DECIMAL_POINT = re.compile(r"[+-]?\d*\.\d+(?:[eE][+-]?\d+)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class TextTable:
    """Headers and cells of a table, each row with the place that an error names."""

    source: str
    headers: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    places: tuple[str, ...]
    """Of each row: "data.csv:7", or "row 3"."""
    notes: tuple[str, ...]
    """How the text was read."""
    decimal_comma: bool


def read_text_table(path: str | Path) -> TextTable:
    """The cells of a file with one header row, separated by commas, semicolons, tabs or spaces.

    Lines that are empty or begin with # are left out, and so are columns without a name. DataError:
    no such file, not text, no rows, rows of different length, both decimal marks in one file.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder, "data.csv")
    ...     _ = file.write_text("x;k;n\\n1,5;3;10\\n", encoding="utf-8")
    ...     table = read_text_table(file)
    >>> table.headers, table.rows, table.decimal_comma
    (('x', 'k', 'n'), (('1,5', '3', '10'),), True)
    """
    file = Path(path)
    text, notes = _decoded(file)
    lines = list(_lines(text))
    if len(lines) < 2:
        raise DataError(
            f"{file.name} {'is empty' if not lines else 'has a header but no rows'}.",
            "Give one header row, such as level,n_correct,n_trials, and a row per level or trial.",
        )
    separator = _separator(lines[0][1])
    (_, first), *rest = _cells(lines, separator, file.name)
    headers = tuple(header.strip() for header in first)
    _check_headers(headers, file.name)
    named = [at for at, header in enumerate(headers) if header]
    rows = tuple(tuple(row[at].strip() for at in named) for _, row in rest)
    places = tuple(f"{file.name}:{number}" for number, _ in rest)
    comma = _uses_decimal_comma(rows, places)
    notes.append(f"Cells are separated by {_SEPARATORS[separator]}.")
    if len(named) < len(headers):
        notes.append("A column without a name was left out.")
    if comma:
        notes.append("Numbers have a decimal comma.")
    return TextTable(
        source=file.name,
        headers=tuple(headers[at] for at in named),
        rows=rows,
        places=places,
        notes=tuple(notes),
        decimal_comma=comma,
    )


def _decoded(file: Path) -> tuple[str, list[str]]:
    try:
        raw = file.read_bytes()
    except FileNotFoundError:
        raise DataError(f"There is no file {file}.", "Give the path of a CSV file.") from None
    except OSError as error:
        raise DataError(
            f"{file} cannot be read: {error.strerror}.", "Give a CSV file that you may read."
        ) from error
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ["utf-16"]
    elif b"\x00" in raw:
        raise DataError(
            f"{file.name} is not a text file.", "Save the table as CSV (UTF-8) and give that file."
        )
    else:
        encodings = ["utf-8-sig", "cp1252"]
    for encoding in encodings:
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        notes = [] if encoding == "utf-8-sig" else [f"The file was read as {encoding}, not UTF-8."]
        return text, notes
    raise DataError(f"{file.name} is not readable as text.", "Save it as CSV in UTF-8.")


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """(line number, line) of what is neither empty nor a comment."""
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip(" \t,;") and not line.lstrip().startswith("#"):
            yield number, line


def _separator(header: str) -> str:
    """The one that splits the header into most parts; a space only where nothing else does."""
    counts = {one: header.count(one) for one in (";", "\t", ",")}
    best = max(counts, key=lambda one: counts[one])
    if counts[best]:
        return best
    return " " if len(header.split()) > 1 else ","


def _cells(lines: list[tuple[int, str]], separator: str, name: str) -> list[tuple[int, list[str]]]:
    """(line number, cells) of every line, all of the same width."""
    rows = []
    for number, line in lines:
        try:
            reader = csv.reader([line], delimiter=separator, skipinitialspace=True, strict=True)
            row = next(reader)
        except csv.Error as error:
            raise DataError(
                f"{name}:{number} cannot be split into cells: {error}.",
                "Check its quotation marks.",
            ) from error
        rows.append((number, [cell for cell in row if cell] if separator == " " else row))
    width = len(rows[0][1])
    # As R writes them: names of rows, without a header of their own. Not with commas, where the
    # cell too many can be the decimals of a number.
    if separator != "," and all(len(row) == width + 1 for _, row in rows[1:]):
        rows[0][1].insert(0, "")
        width += 1
    for number, row in rows:
        if len(row) != width:
            raise DataError(
                f"{name}:{number} has {len(row)} cells, the header has {width}.",
                "Give every row as many cells as the header. Numbers with a decimal comma need "
                "another separator, such as a semicolon.",
            )
    return rows


def _check_headers(headers: tuple[str, ...], name: str) -> None:
    named = [header for header in headers if header]
    if all(_is_number(header) for header in named):
        raise DataError(
            f"The first line of {name} has numbers only, so the columns have no names.",
            "Put a header row above them, such as level,n_correct,n_trials.",
        )
    twice = sorted({header for header in named if named.count(header) > 1})
    if twice:
        raise DataError(f"{name} has more than one column {twice[0]!r}.", "Rename one of them.")


def _is_number(text: str) -> bool:
    try:
        float(text.replace(",", "."))
    except ValueError:
        return False
    return True


def _uses_decimal_comma(rows: tuple[tuple[str, ...], ...], places: tuple[str, ...]) -> bool:
    def first(pattern: re.Pattern[str]) -> tuple[str, str] | None:
        return next(
            (
                (place, cell)
                for place, row in zip(places, rows, strict=True)
                for cell in row
                if pattern.fullmatch(cell)
            ),
            None,
        )

    comma, point = first(_DECIMAL_COMMA), first(_DECIMAL_POINT)
    if comma and point:
        raise DataError(
            f"{comma[0]} has {comma[1]!r} and {point[0]} has {point[1]!r}: the decimal mark is not "
            "clear.",
            "Write all numbers with a point, and none with separators of thousands.",
        )
    if comma and all(
        _THOUSANDS.fullmatch(cell) for row in rows for cell in row if _DECIMAL_COMMA.fullmatch(cell)
    ):
        raise DataError(
            f"{comma[0]} has {comma[1]!r}: a fraction, or a separator of thousands?",
            "Write numbers with a point, and without separators of thousands.",
        )
    return comma is not None
