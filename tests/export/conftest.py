"""A study with answers, made once; tests that change it get a copy."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from jndlab.settings import Settings
from jndlab.store.engine import Store, open_store
from tests.export.answered import make_answered
from tests.export.verifying import data, package
from tests.store.launching import Launched, open_copy, study

__all__ = ["data", "package", "study"]  # fixtures


@pytest.fixture(scope="session")
def answered_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_answered(tmp_path_factory.mktemp("exported"))


@pytest.fixture(scope="session")
def store(answered_data: Path) -> Iterator[Store]:
    """The study, to read only."""
    with open_store(Settings(data=answered_data)) as store:
        yield store


@pytest.fixture
def answered(answered_data: Path, tmp_path: Path) -> Iterator[Launched]:
    """A copy, to change."""
    launched = open_copy(answered_data, tmp_path / "copy")
    yield launched
    launched.store.close()
