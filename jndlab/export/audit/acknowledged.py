"""Answers that clients say were acknowledged, held against those that are stored.

The file has one JSON object a line, with the keys ``session``, ``trial``, ``key`` and ``response``:
the public id of the session or the SHA-256 (hex) of its token, the number of the trial, the
idempotency key that was sent, and the answer. ``repeated``, as the receipt had it, says that the
answer was there already: then it may have come under another key. Other keys are left alone.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import or_, select, tuple_
from sqlalchemy.orm import Session

from jndlab.errors import DataError
from jndlab.store.models import AnswerRow, PresentedRow, SessionRow

_AT_ONCE = 400
"""Lines that are looked up together."""


class Acknowledged(NamedTuple):
    """One line of the file."""

    session: str
    trial: int
    key: str
    response: str
    repeated: bool = False


_REQUIRED = ("session", "trial", "key", "response")


class Verdict(NamedTuple):
    """What is stored of one acknowledged answer."""

    study_id: int | None
    """None: there is no such session."""
    public_id: str
    trial: int
    problem: str
    """Empty: it is stored just so."""
    lost: bool


def acknowledged_in(path: Path) -> Iterator[Acknowledged]:
    """The lines of a file. Raises DataError for one that cannot be used, or for no file."""
    try:
        with path.open("rb") as file:
            for number, line in enumerate(file, start=1):
                if line.strip():
                    yield _read(path, number, line)
    except OSError as error:
        raise DataError(
            f"{path} cannot be read: {error.strerror}.", "Name the file of acknowledged answers."
        ) from None


def _read(path: Path, number: int, line: bytes) -> Acknowledged:
    try:
        content = json.loads(line)
        session, trial, key, response = (content[name] for name in _REQUIRED)
        repeated = content.get("repeated") is True
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise _unusable(path, number) from None
    if type(trial) is not int or not all(
        isinstance(text, str) for text in (session, key, response)
    ):
        raise _unusable(path, number)
    return Acknowledged(session, trial, key, response, repeated)


def verdicts_on(db: Session, path: Path) -> Iterator[Verdict]:
    """What is stored of each acknowledged answer. An answer that was acknowledged twice, because
    it was sent twice, is looked up twice."""
    lines = acknowledged_in(path)
    while some := list(islice(lines, _AT_ONCE)):
        yield from _verdicts(db, some)


def _verdicts(db: Session, some: Sequence[Acknowledged]) -> Iterator[Verdict]:
    names = {one.session for one in some}
    columns = (
        SessionRow.id,
        SessionRow.study_id,
        SessionRow.public_id,
        SessionRow.token_digest,
        SessionRow.state,
    )
    query = select(*columns).where(
        or_(SessionRow.public_id.in_(names), SessionRow.token_digest.in_(names))
    )
    sessions = {}
    for row in db.execute(query):
        sessions[row.public_id] = sessions[row.token_digest] = row
    wanted = {(sessions[one.session].id, one.trial) for one in some if one.session in sessions}
    stored = {
        (session, number): (key, response)
        for session, number, key, response in db.execute(
            select(PresentedRow.session_id, PresentedRow.number, AnswerRow.key, AnswerRow.response)
            .join(AnswerRow, AnswerRow.presented_id == PresentedRow.id)
            .where(tuple_(PresentedRow.session_id, PresentedRow.number).in_(wanted))
        )
    }
    for one in some:
        session = sessions.get(one.session)
        if session is None:
            what = f"there is no session {one.session[:16]}, and its answer was acknowledged."
            yield Verdict(None, one.session[:16], one.trial, what, lost=True)
        elif session.state == "withdrawn":
            yield Verdict(session.study_id, session.public_id, one.trial, "", lost=False)
        else:
            found = stored.get((session.id, one.trial))
            problem = _problem(one, found)
            yield Verdict(
                session.study_id, session.public_id, one.trial, problem, lost=found is None
            )


def _problem(one: Acknowledged, found: tuple[str, str] | None) -> str:
    if found is None:
        return "its answer was acknowledged, and is not stored."
    key, response = found
    if response != one.response:
        return f"{one.response!r} was acknowledged, and {response!r} is stored."
    if key != one.key and not one.repeated:
        return "it was acknowledged under another key than it is stored with."
    return ""


def _unusable(path: Path, number: int) -> DataError:
    return DataError(
        f"Line {number} of {path} is no acknowledged answer.",
        'Write each as {"session": "PUBLIC ID OR SHA-256 OF THE TOKEN", "trial": 1, "key": "KEY", '
        '"response": "A"}.',
    )
