"""The accounting itself: it finds what it is there to find."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import text

from tests.faults.accounting import Account
from tests.faults.ledger import Ledger
from tests.faults.running import Needs, Outcome, place, under_load
from tests.faults.site import Site


def nothing(site: Site, rng: object) -> None:
    """No fault at all."""


@pytest.fixture(scope="module")
def taken(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A place where a few sessions were taken, all in order, and nobody serves any more."""
    with place(Needs(), tmp_path_factory.mktemp("taken")) as site:
        outcome = Outcome(title="nothing", listeners=2)
        under_load(site, outcome, nothing, times=1, between=5, seed=3)
        outcome.account.require_whole()
        assert outcome.account.n_finished == outcome.account.n_sessions > 1
        site.server.terminate()
        yield site


def account_after(site: Site, *statements: str) -> Account:
    """The account of the database with a change, which is undone afterwards."""
    path = site.server.settings.database
    before = path.read_bytes()
    try:
        with site.engine().connect() as connection:
            for statement in statements:
                connection.execute(text(statement))
            connection.commit()
        with Ledger(site.folder / "ledger.jsonl") as ledger:
            return site.account(ledger)
    finally:
        for end in ("-wal", "-shm"):
            path.with_name(path.name + end).unlink(missing_ok=True)
        path.write_bytes(before)


def test_whole_data_have_no_problems(taken: Site) -> None:
    account_after(taken).require_whole()


LAST = "(SELECT max(presented_id) FROM answers)"


@pytest.mark.parametrize(
    ("statement", "problem"),
    [
        (f"DELETE FROM answers WHERE presented_id = {LAST}", "confirmed, and None"),
        (
            f"UPDATE answers SET response = 'other' WHERE presented_id = {LAST}",
            "from nowhere",
        ),
        ("UPDATE answers SET key = 'same'", "one answer twice"),
        (f"UPDATE answers SET correct = 1 - correct WHERE presented_id = {LAST}", "scored wrong"),
        (
            "UPDATE presented_trials SET number = number + 1 WHERE id = "
            "(SELECT max(id) FROM presented_trials)",
            "confirmed, and None",
        ),
        (
            "UPDATE presented_trials SET trial = (SELECT trial FROM presented_trials "
            "WHERE number = 2 LIMIT 1) WHERE number = 1",
            "is not the one that follows",
        ),
        (
            "UPDATE presented_trials SET n_loads = 0 WHERE number = 3",
            "an answer without a presented trial",
        ),
        ("DELETE FROM released_clips", "a trial without its sounds"),
        ("UPDATE sessions SET state = 'open'", "confirmed as finished, and open"),
        ("UPDATE sessions SET plan_digest = 'other'", "the plan is not the one that was stored"),
        ("UPDATE sessions SET token_digest = 'x' || token_digest", "and not there"),
    ],
)
def test_each_kind_of_damage_is_found(taken: Site, statement: str, problem: str) -> None:
    account = account_after(taken, statement)
    assert any(problem in one for one in account.problems), account.problems
    with pytest.raises(AssertionError, match="problems"):
        account.require_whole()


def test_what_is_lost_is_counted(taken: Site) -> None:
    whole = account_after(taken)
    account = account_after(taken, f"DELETE FROM answers WHERE presented_id = {LAST}")
    assert (account.n_lost, account.n_stored) == (1, whole.n_stored - 1)
