"""A small launched study, rendered once and copied for each test that changes it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from jndlab.sessions import open_session
from jndlab.settings import Settings
from jndlab.store.engine import Store, open_store
from jndlab.store.models import AnswerRow, CheckTrialRow, PresentedRow, SessionRow
from jndlab.store.sessions import token_digest
from jndlab.store.studies import all_studies, definition_of, require_version
from jndlab.studies import launch_study
from jndlab.study.definition import StudyDefinition
from jndlab.study.plan import SessionPlan
from jndlab.study.trials import Response
from tests.builders import write_study
from tests.databases import closed_at_end, database_url


@dataclass(frozen=True)
class Launched:
    """A launched study, its store, and the truth that only the server knows."""

    settings: Settings
    store: Store
    study: StudyDefinition
    link: str

    def open(self, *, simulated: bool = True) -> str:
        """The token of a new session; a simulated one needs no sound check."""
        key = self.study.simulation_key() if simulated else None
        return open_session(self.store, link=self.link, user_agent="a test", simulation=key)[0]

    def plan(self, token: str) -> SessionPlan:
        """The stored plan of a session, truth included."""
        with self.store.read() as db:
            return SessionPlan.from_json(_session(db, token).plan)

    def answers(self, token: str) -> dict[int, str]:
        """Stored responses by trial number; fails if a trial has two rows."""
        query = (
            select(PresentedRow.number, AnswerRow.response)
            .join(PresentedRow.answer)
            .join(PresentedRow.session)
            .where(SessionRow.token_digest == token_digest(token))
        )
        with self.store.read() as db:
            rows = [(number, response) for number, response in db.execute(query)]
        assert len(rows) == len(dict(rows)), "a trial has two answers"
        return dict(rows)

    def right_answer(self, name: str) -> str:
        """What is right in a trial of a check."""
        query = select(CheckTrialRow.right_answer).where(CheckTrialRow.name == name)
        with self.store.read() as db:
            return db.scalars(query).one()


def make_response(value: str = "A", *, plays: Sequence[int] = (1, 1, 1), ms: float = 900.0) -> Any:
    """A possible response to an ABX trial."""
    return Response(value=value, response_time_ms=ms, plays=tuple(plays))


def make_template(folder: Path, **overrides: Any) -> Path:
    """Launch a study (overrides as in ``builders.make_document``); returns its data folder."""
    settings = Settings(data=folder / "data")
    store = open_store(settings)
    launch_study(store, settings, write_study(folder / "study", **overrides))
    store.close()
    return settings.data


def open_copy(template: Path, folder: Path) -> Launched:
    """A copy of a launched study in a data folder of its own."""
    settings = Settings(data=folder / "data", database_url=database_url(copy_of=template))
    unused = shutil.ignore_patterns("jndlab.db*" if settings.database_url else "")
    shutil.copytree(template, settings.data, ignore=unused)
    store = closed_at_end(open_store(settings))
    with store.read() as db:
        row = all_studies(db)[0]
        definition = definition_of(require_version(db, row.id))
        return Launched(settings, store, definition, row.link)


@pytest.fixture
def study(data: Path, tmp_path: Path) -> Iterator[Launched]:
    """A copy, to change, of the data folder that the module has made."""
    launched = open_copy(data, tmp_path / "study")
    yield launched
    launched.store.close()


def _session(db: Any, token: str) -> SessionRow:
    row = db.scalars(select(SessionRow).where(SessionRow.token_digest == token_digest(token))).one()
    assert isinstance(row, SessionRow)
    return row
