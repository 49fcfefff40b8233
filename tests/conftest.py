"""What every test may use: a printed seed, a small study on the disk, and PostgreSQL."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings

sys.path.insert(0, str(Path(__file__).parent))  # so that tests can import builders

from builders import write_study

from tests.databases import DATABASES, database, postgres

__all__ = ["database", "postgres"]  # fixtures

settings.register_profile("same", derandomize=True, deadline=None, database=None)
settings.load_profile("same")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--seed", type=int, default=20_260_301, help="Seed of the fixtures seed and rng."
    )


def pytest_report_header(config: pytest.Config) -> str:
    return f"seed: {config.getoption('--seed')} (change it with --seed)"


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test that asks for ``database`` runs on each, or on the one that it is marked with."""
    if "database" in metafunc.fixturenames:
        marks = {mark.name for mark in metafunc.definition.iter_markers()}
        metafunc.parametrize("database", sorted(marks & DATABASES or DATABASES), indirect=True)


@pytest.fixture
def seed(request: pytest.FixtureRequest) -> int:
    """The seed of this run, printed in the header."""
    return int(request.config.getoption("--seed"))


@pytest.fixture
def rng(seed: int) -> np.random.Generator:
    """A generator that starts afresh from the seed in each test."""
    return np.random.default_rng(seed)


@pytest.fixture
def study_file(tmp_path: Path) -> Path:
    """The study file of a small study with its sounds, in a folder of its own."""
    return write_study(tmp_path / "study")


@pytest.fixture
def study_folder(study_file: Path) -> Path:
    """The folder of :func:`study_file`."""
    return study_file.parent
