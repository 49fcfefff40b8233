"""An empty store, and one with a launched ABX study of 10 trials.

Every test here runs on SQLite and on PostgreSQL, but those with the mark of one.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from jndlab.settings import Settings
from jndlab.store.engine import Store, open_store
from tests.databases import database_url
from tests.store.backing_up import folder, made, taken
from tests.store.launching import Launched, make_template, open_copy, study

__all__ = ["folder", "made", "study", "taken"]  # fixtures

DESIGN = {"trials_per_level": 2, "practice_trials": 2, "identical_trials": 1, "gross_trials": 1}


@pytest.fixture(autouse=True)
def on_each_database(database: str) -> None:
    """Ask for the fixture that repeats a test for each database."""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path / "data", database_url=database_url())


@pytest.fixture(scope="session")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite database with its tables and no rows: to copy it is faster than to make it."""
    settings = Settings(data=tmp_path_factory.mktemp("empty"))
    open_store(settings).close()
    return settings.database


@pytest.fixture
def store(settings: Settings, empty: Path) -> Iterator[Store]:
    if not settings.database_url:
        settings.data.mkdir()
        shutil.copy(empty, settings.database)
    store = open_store(settings)
    yield store
    store.close()


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_template(tmp_path_factory.mktemp("launched"), items=["one", "two"], design=DESIGN)


@pytest.fixture
def launched(template: Path, tmp_path: Path) -> Iterator[Launched]:
    launched = open_copy(template, tmp_path)
    yield launched
    launched.store.close()
