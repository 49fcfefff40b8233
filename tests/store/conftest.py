"""An empty store, and one with a launched ABX study of 10 trials."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from jndlab.settings import Settings
from jndlab.store.engine import Store, open_store
from tests.store.launching import Launched, make_template, open_copy

DESIGN = {"trials_per_level": 2, "practice_trials": 2, "identical_trials": 1, "gross_trials": 1}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path / "data")


@pytest.fixture
def store(settings: Settings) -> Iterator[Store]:
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
