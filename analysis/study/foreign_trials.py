"""A table of trials that another program wrote -> a table as our own analyses take it.

What the table does not tell has to stand in a :class:`TrialTable` all the same. ``known`` says
which columns are facts, and :mod:`jndlab.analysis.report.foreign_report` leaves out every check
that would rest on the others.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from jndlab.analysis.study.counts_text import TextTable, read_text_table
from jndlab.analysis.study.data import TrialTable
from jndlab.analysis.study.foreign_cells import KINDS, PHASES, ForeignCells
from jndlab.analysis.study.foreign_columns import guess_columns
from jndlab.errors import DataError
from jndlab.study.trials import COLUMNS, GUESS_RATES, Direction, ParadigmName

PARADIGMS: dict[str, ParadigmName] = {
    **{name: name for name in GUESS_RATES},
    **{name.replace("-", "_"): name for name in GUESS_RATES},
    "2afc": "two-interval",
    "2ifc": "two-interval",
    "ab": "two-interval",
    "triangle": "oddity",
}
"""Tasks with a right answer and a chance level, by the names that they go by."""
NO_TIME = "1970-01-01T00:00:00+00:00"
_OWN = frozenset(column.name for column in COLUMNS if column.required)
_RIGHT, _WRONG = "the right one", "another one"


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeignTrials:
    """Trials of a test that jndlab did not run, and how they were read."""

    table: TrialTable = field(repr=False)
    source: str
    paradigm: ParadigmName
    columns: Mapping[str, str]
    """Role -> the header that was read for it."""
    known: frozenset[str]
    """Roles that the table tells, or that follow from it; everything else is a placeholder."""
    n_rows: int
    notes: tuple[str, ...]
    """Sentences on how the table was read."""
    listeners: tuple[str, ...]
    """What the table calls them, in the order of their numbers; empty: it has no such column."""
    file_digest: str


def load_foreign_trials(
    source: str | Path,
    *,
    paradigm: str | None = None,
    compression: Direction | None = None,
    columns: Mapping[str, str] | None = None,
    level_unit: str = "level",
    name: str | None = None,
) -> ForeignTrials:
    """Trials from any text table with one row per trial (commas, semicolons, tabs, decimal commas).

    ``columns`` says which column is what (:data:`~jndlab.analysis.study.foreign_columns.ROLES`);
    the others are found by their names. Right answers come from ``correct``, or from ``response``
    and ``correct_response``. Without a column of listeners all answers count as one person's.
    ``name``: what the table is called, if not like the file. DataError with the line: a value that
    cannot be; and, all at once, what is missing.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder, "mine.csv")
    ...     _ = file.write_text("who,bits,hit\\nada,3,1\\nada,5,0\\nbob,3,yes\\n", encoding="utf-8")
    ...     found = load_foreign_trials(file, paradigm="abx", compression="falls",
    ...                                 columns={"listener": "who"})
    >>> len(found.table), found.listeners, sorted(found.known)
    (3, ('ada', 'bob'), ['correct', 'level', 'listener'])
    """
    text = read_text_table(source)
    if name is not None:
        text = replace(text, source=name)
    if set(text.headers) >= _OWN:
        raise DataError(
            f"{text.source} is an export of jndlab.",
            "Read it as such: jndlab report with the data package, or load_trials in Python.",
        )
    found, notes = guess_columns(text.headers, given=columns, source=text.source)
    task = _paradigm(paradigm)
    _require_all(text, found, task, compression)
    cells = ForeignCells(text, found)
    listeners = tuple(dict.fromkeys(cells.texts("listener"))) if "listener" in cells else ()
    digest = hashlib.sha256(Path(source).read_bytes()).hexdigest()
    assert task is not None
    assert compression is not None
    rows = _rows(
        cells,
        listeners,
        {
            "study": text.source,
            "study_digest": f"none: jndlab did not run this test. SHA-256 of the file: {digest}",
            "session_kind": "participant",
            "session_state": "finished",
            "paradigm": task,
            "guess_rate": GUESS_RATES[task],
            "block": 1,
            "level_unit": level_unit,
            "compression": compression,
            "n_loads": 1,
            "presented_at": NO_TIME,
            "jndlab_version": "none",
        },
        n_rows=len(text.rows),
    )
    return ForeignTrials(
        table=_table(rows, text),
        source=text.source,
        paradigm=task,
        columns=found,
        known=_known(found),
        n_rows=len(text.rows),
        notes=(*text.notes, *notes, *_assumed(found)),
        listeners=listeners,
        file_digest=digest,
    )


def _paradigm(name: str | None) -> ParadigmName | None:
    if name is None or name.lower() in PARADIGMS:
        return PARADIGMS[name.lower()] if name else None
    raise DataError(
        f"Trials of {name!r} have no report like a study's.",
        f"That is for {', '.join(dict.fromkeys(PARADIGMS.values()))}. For other tasks: jndlab fit, "
        "which takes levels and counts.",
    )


def _require_all(
    text: TextTable,
    found: Mapping[str, str],
    paradigm: ParadigmName | None,
    compression: Direction | None,
) -> None:
    """Raise DataError that names everything that is missing, not only the first."""
    missing = []
    if "level" not in found:
        missing.append("the column with the level (level=NAME)")
    if "correct" not in found and not {"response", "correct_response"} <= set(found):
        missing.append(
            "the column with right and wrong (correct=NAME, or response=NAME and "
            "correct_response=NAME)"
        )
    if paradigm is None:
        missing.append("the task: abx or two-interval, for example (paradigm)")
    if compression not in ("rises", "falls"):
        missing.append("whether compression rises or falls as the level's number grows")
    if missing:
        shown = ", ".join(repr(header) for header in text.headers)
        raise DataError(
            f"{text.source} does not tell: {'; '.join(missing)}.",
            f"Its columns are {shown}. Say which is what.",
        )


def _rows(
    cells: ForeignCells, listeners: tuple[str, ...], common: Mapping[str, Any], *, n_rows: int
) -> Iterator[dict[str, Any]]:
    levels = cells.numbers("level")
    people = cells.texts("listener") if "listener" in cells else ["all"] * n_rows
    number_of = {name: number for number, name in enumerate(listeners or ("all",), start=1)}
    sessions = cells.texts("session") if "session" in cells else people
    conditions = _or(cells, "condition", "compressed", n_rows)
    items = _or(cells, "item", "unknown", n_rows)
    kinds = cells.words("kind", KINDS) if "kind" in cells else ["test"] * n_rows
    phases = cells.words("phase", PHASES) if "phase" in cells else ["main"] * n_rows
    trials = _trials(cells, people, sessions)
    answers = list(_answers(cells, n_rows))
    times = _times(cells, n_rows)
    for at in range(n_rows):
        response, right, correct = answers[at]
        yield {
            **common,
            "session": f"{people[at]} {sessions[at]}" if "session" in cells else people[at],
            "participant": number_of[people[at]],
            "trial": trials[at],
            "phase": phases[at],
            "trial_kind": kinds[at],
            # Orders are told apart as far as the table does: by which answer was right.
            "order": f"({right} right)",
            "item": items[at],
            "condition": conditions[at],
            "level": levels[at],
            "correct_response": right,
            "response": response,
            "correct": correct,
            "response_time_ms": times[at],
        }


def _or(cells: ForeignCells, role: str, instead: str, n_rows: int) -> list[str]:
    return cells.texts(role) if role in cells else [instead] * n_rows


def _answers(cells: ForeignCells, n_rows: int) -> Iterator[tuple[str | None, str, bool | None]]:
    """(response, right response, whether right) of every row; None where there is no answer."""
    responses: list[str] | None = None
    rights: list[str] | None = None
    if "response" in cells and "correct_response" in cells:
        responses = cells.texts("response", empty="")
        rights = cells.texts("correct_response")
    truths = cells.truths("correct") if "correct" in cells else None
    for at in range(n_rows):
        if responses is None or rights is None:
            assert truths is not None
            truth = truths[at]
            yield (None if truth is None else _RIGHT if truth else _WRONG), _RIGHT, truth
            continue
        given = responses[at] or None
        same = None if given is None else given == rights[at]
        if truths is not None and truths[at] != same:
            cells.contradiction(at, given, rights[at], truths[at])
        yield given, rights[at], same


def _trials(cells: ForeignCells, people: list[str], sessions: list[str]) -> list[int]:
    """The number of every trial in its session: as told, else in the order of the rows."""
    if "trial" in cells:
        told = [number for number in cells.numbers("trial") if number is not None]
        if all(number == int(number) and number >= 0 for number in told):
            shift = 1 if min(told) == 0 else 0
            return [int(number) + shift for number in told]
        raise DataError("Numbers of trials are whole and count from 0 or 1.", "Mend that column.")
    counts: dict[tuple[str, str], int] = {}
    numbers = []
    for key in zip(people, sessions, strict=True):
        counts[key] = counts.get(key, 0) + 1
        numbers.append(counts[key])
    return numbers


def _times(cells: ForeignCells, n_rows: int) -> list[float | None]:
    """Response times in milliseconds; None where there is none."""
    for role, factor in (("response_time_ms", 1.0), ("response_time_s", 1000.0)):
        if role in cells:
            found = cells.numbers(role, may_miss=True)
            negative = next((value for value in found if value is not None and value < 0), None)
            if negative is not None:
                raise DataError(
                    f"A response time of {negative:g} is below 0.", "Mend it, or leave it empty."
                )
            return [None if value is None else value * factor for value in found]
    return [None] * n_rows


def _table(rows: Iterator[dict[str, Any]], text: TextTable) -> TrialTable:
    try:
        return TrialTable.from_rows(rows)
    except DataError as error:
        if "repeats row" not in error.message:
            raise
        raise DataError(
            f"Two rows of {text.source} have the same listener, session and number of trial.",
            "Say which column is the session, or that there is no number of trial: trial=",
        ) from None


def _known(found: Mapping[str, str]) -> frozenset[str]:
    known = set(found) - {"response_time_s"}
    if "response_time_s" in found:
        known.add("response_time_ms")
    if not {"response", "correct_response"} <= known:
        known -= {"response", "correct_response"}
    return frozenset(known | {"correct"})


def _assumed(found: Mapping[str, str]) -> Iterator[str]:
    if "listener" not in found:
        yield "The table has no column of listeners: all answers count as one person's."
    if "item" not in found:
        yield "The table has no column of recordings: nothing is said of items."
    if "condition" not in found:
        yield "The table has no column of conditions: all trials are of one."
    if "kind" not in found:
        yield "The table has no column of catch trials: all trials are test trials."
    if "phase" not in found:
        yield "The table has no column of practice: all trials are of the main part."
