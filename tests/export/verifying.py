"""A study with plans to verify: what tests change behind the server's back, and what is found."""

from __future__ import annotations

import csv
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from jndlab.export.verify.findings import Verification
from jndlab.export.verify.verification import verify_store
from jndlab.web.packages import PackageOptions, package_study
from tests.store.launching import Launched
from tests.store.taking import PARTS, STAIRCASE, launch, take_all

N_HEARING = 18
"""Trials of the first part: two of practice, twelve of the staircase, four catch trials."""


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study of two parts, an adaptive one and one of ratings, that four listeners took."""
    launched = launch(tmp_path_factory.mktemp("verify"), parts=PARTS, **STAIRCASE)
    for seed in range(3):
        take_all(launched, launched.open(), seed=seed)
    take_all(launched, launched.open(), seed=3, most=5)
    launched.store.close()
    return launched.settings.data


@pytest.fixture
def package(study: Launched, tmp_path: Path) -> Path:
    """An unpacked package with the seed."""
    package_study(study.store, "tiny", tmp_path / "p.zip", PackageOptions(with_seed=True))
    with zipfile.ZipFile(tmp_path / "p.zip") as archive:
        archive.extractall(tmp_path / "package")
    return tmp_path / "package"


def check(study: Launched) -> Verification:
    return verify_store(study.store, "tiny")


def run(study: Launched, *statements: str, **values: object) -> None:
    with study.store.write() as db:
        for statement in statements:
            db.execute(text(statement), values)


def found(verification: Verification) -> list[tuple[str, str, int | None]]:
    return [(one.code, one.participant, one.trial) for one in verification.findings]


def presented(study: Launched, session: int, number: int) -> dict[str, Any]:
    query = text("SELECT trial FROM presented_trials WHERE session_id = :s AND number = :n")
    with study.store.read() as db:
        return dict(json.loads(db.execute(query, {"s": session, "n": number}).scalar_one()))


def rewrite(study: Launched, session: int, number: int, **changed: object) -> None:
    """Change cells of a presented trial behind the server's back."""
    trial = {**presented(study, session, number), **changed}
    statement = "UPDATE presented_trials SET trial = :t WHERE session_id = :s AND number = :n"
    run(study, statement, t=json.dumps(trial), s=session, n=number)


def numbers_of(study: Launched, session: int, **wanted: object) -> list[int]:
    """Numbers of the trials of a session whose cells are these."""
    query = text("SELECT trial FROM presented_trials WHERE session_id = :s ORDER BY number")
    with study.store.read() as db:
        trials = [json.loads(one) for one in db.scalars(query, {"s": session})]
    return [
        one["number"]
        for one in trials
        if all(one.get(name, "") == value for name, value in wanted.items())
    ]


ANSWER_OF = "presented_id = (SELECT id FROM presented_trials WHERE session_id = :s AND number = :n)"


def edit_csv(path: Path, edit: Callable[[list[dict[str, str]]], None]) -> None:
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    columns = list(rows[0])
    edit(rows)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        writer.writerows(rows)
