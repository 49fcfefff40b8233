"""Answers that are neither right nor wrong, and signed plans, on the way down and up again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import IntegrityError

from jndlab.export.verify.verification import verify_store
from jndlab.store.migrate import downgrade, upgrade
from tests.store.launching import Launched
from tests.store.taking import launch, take_all

ANSWERS = "SELECT presented_id, response, correct FROM answers ORDER BY presented_id"


@pytest.fixture
def rated(tmp_path: Path) -> Iterator[Launched]:
    """A study of ratings that somebody has taken."""
    launched = launch(tmp_path, paradigm="acr")
    take_all(launched, launched.open(), seed=1)
    yield launched
    launched.store.close()


def answers(launched: Launched) -> list[tuple[int, str, int | None]]:
    with launched.store.read() as db:
        return [(row[0], row[1], row[2]) for row in db.execute(text(ANSWERS))]


def test_ratings_come_down_as_wrong_answers_and_stay(rated: Launched) -> None:
    before = answers(rated)
    assert len(before) > 10
    assert {correct for _, _, correct in before} == {None}
    downgrade(rated.store.engine, "0010")
    older = answers(rated)
    assert [(number, value) for number, value, _ in older] == [
        (number, value) for number, value, _ in before
    ]
    assert {correct for _, _, correct in older} == {0}
    with pytest.raises(IntegrityError), rated.store.engine.begin() as connection:
        _forget(connection)
    upgrade(rated.store.engine)
    assert answers(rated) == older
    with rated.store.engine.begin() as connection:
        _forget(connection)
    assert answers(rated) == before


def _forget(connection: Connection) -> None:
    connection.execute(text("UPDATE answers SET correct = NULL"))


def test_plans_of_before_are_not_signed_afterwards(rated: Launched) -> None:
    """A signature says that the plan was there at the opening: it cannot be made later."""
    assert verify_store(rated.store, "tiny").verified
    downgrade(rated.store.engine, "0011")
    columns = {column["name"] for column in inspect(rated.store.engine).get_columns("sessions")}
    assert "plan_signature" not in columns
    upgrade(rated.store.engine)
    verification = verify_store(rated.store, "tiny")
    assert [one.code for one in verification.findings] == ["signature"]
    assert "before plans were signed" in verification.findings[0].message
    assert verification.n_remade == 1
