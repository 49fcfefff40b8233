"""How a cell of a table stands in a CSV file: one rule for writing, and its inverse.

A spreadsheet takes a text that begins with ``=`` for a formula and runs it. What participants
type into a questionnaire therefore gets a leading apostrophe, which spreadsheets show as text.
Every CSV file of jndlab follows the rule, and everything here that reads one undoes it.
"""

from __future__ import annotations

import re

from jndlab.study.trials import Column

_FORMULA = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")
_GUARDED = re.compile(r"'+[=+\-@\t\r\n＝＋－＠]")
_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")

CSV_RULE = (
    "A text that begins with =, +, -, @, a tab or a line break, and is no plain number, is written "
    "with a leading apostrophe, so that no spreadsheet runs it as a formula; a text that begins "
    "with apostrophes and such a sign gets one more. To have the exact text, take one apostrophe "
    "away from cells that begin with apostrophes and such a sign."
)
"""The rule in words, for dictionaries and packages."""


def guard_text(text: str) -> str:
    """A text as a CSV file holds it: never a formula.

    >>> guard_text("=1+1"), guard_text("-9.5"), guard_text("fine"), guard_text("'=1")
    ("'=1+1", '-9.5', 'fine', "''=1")
    """
    return f"'{text}" if _FORMULA.match(text) and not _NUMBER.fullmatch(text) else text


def unguard_text(text: str) -> str:
    """The text that :func:`guard_text` wrote.

    >>> unguard_text("'=1+1"), unguard_text("-9.5"), unguard_text("'tis")
    ('=1+1', '-9.5', "'tis")
    """
    return text[1:] if _GUARDED.match(text) else text


def csv_cell(column: Column, value: object) -> str:
    """A cell as a CSV file holds it; empty for None."""
    if value is None:
        return ""
    if column.type == "boolean":
        return "1" if value else "0"
    return guard_text(str(value)) if column.type == "text" else str(value)
