"""A study that was taken, and where its backup goes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from jndlab.backups.making import Backup, make_backup
from jndlab.settings import Settings
from jndlab.store.copying import describe_tables
from jndlab.store.engine import open_store
from jndlab.store.models import AnswerRow, PresentedRow, SessionRow
from tests.databases import database_url
from tests.store.launching import Launched
from tests.store.taking import take_all


@pytest.fixture
def taken(launched: Launched) -> Launched:
    """A study that somebody has taken, and somebody else in part."""
    take_all(launched, launched.open(), seed=1)
    take_all(launched, launched.open(), seed=2, most=4)
    return launched


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where backups go."""
    return tmp_path / "backups"


@pytest.fixture
def made(taken: Launched, folder: Path) -> Backup:
    return make_backup(taken.settings, folder)


def elsewhere(tmp_path: Path) -> Settings:
    """An empty data folder, with an empty database of the kind that is tested."""
    url = database_url()
    return Settings(data=tmp_path / "elsewhere", database_url=url)


def facts(settings: Settings) -> Any:
    with open_store(settings, create=False) as store, store.read() as db:
        return describe_tables(db.connection())


def count(settings: Settings, column: Any) -> int:
    with open_store(settings, create=False) as store, store.read() as db:
        return len(db.scalars(select(column)).all())


def require_unbroken(settings: Settings) -> None:
    """The trials of each session are numbered without a gap, and answered but for the last."""
    with open_store(settings, create=False) as store, store.read() as db:
        for session in db.scalars(select(SessionRow.id)):
            trials = select(PresentedRow.number, AnswerRow.response).outerjoin(PresentedRow.answer)
            rows = db.execute(trials.where(PresentedRow.session_id == session)).all()
            numbers = sorted(number for number, _ in rows)
            assert numbers == list(range(1, len(rows) + 1))
            assert all(response for number, response in rows if number < len(rows))
