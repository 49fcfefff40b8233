"""One scenario from beginning to end: a fault under load, and the accounting afterwards."""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.browser.fault_proxy import FaultProxy
from tests.faults import clock, disk
from tests.faults.accounting import Account
from tests.faults.clock import Clock
from tests.faults.crowd import Crowd
from tests.faults.disk import Disk
from tests.faults.ledger import Ledger
from tests.faults.site import STUDIES, Fault, Site
from tests.postgres_server import PostgresServer
from tests.postgres_server import missing as postgres_missing

Say = Callable[[str], None]
REQUIRED = "JNDLAB_FAULTS_REQUIRED"
"""Variable: with 1 a fault that cannot be made here fails its test instead of skipping it."""
CHECK_EVERY = 10
"""Faults between two accounts while answers come in."""


@dataclass(frozen=True, kw_only=True)
class Needs:
    """What the place has to be made of; nothing said: one server and a file."""

    n_servers: int = 1
    postgres: bool = False
    disk: bool = False
    clock: bool = False
    line: bool = False

    def missing(self) -> str:
        """What of it there is not on this machine; empty if everything is."""
        return (
            (self.postgres and postgres_missing())
            or (self.disk and disk.missing())
            or (self.clock and clock.missing())
            or ""
        )


def require(needs: Needs) -> None:
    """Skip the test where it cannot be made here; fail it where it has to be."""
    if why := needs.missing():
        (pytest.fail if os.environ.get(REQUIRED) else pytest.skip)(why)


@contextmanager
def place(
    needs: Needs,
    folder: Path,
    *,
    old_code: Path | None = None,
    slugs: Sequence[str] = tuple(STUDIES),
) -> Iterator[Site]:
    """The place, started."""
    with ExitStack() as stack:
        site = Site(
            folder=folder,
            postgres=stack.enter_context(PostgresServer()) if needs.postgres else None,
            disk=stack.enter_context(Disk(folder / "disk")) if needs.disk else None,
            clock=stack.enter_context(Clock(folder / "clock")) if needs.clock else None,
            line=FaultProxy(0) if needs.line else None,
            n_servers=needs.n_servers,
            old_code=old_code,
            slugs=slugs,
        )
        yield stack.enter_context(site)


@dataclass(kw_only=True)
class Outcome:
    """What came of a scenario."""

    title: str
    times: int = 0
    listeners: int = 0
    audited: bool = True
    """Whether `jndlab audit` has to find everything whole, too."""
    retries: int = 0
    account: Account = field(default_factory=Account)

    @property
    def verdict(self) -> str:
        """In one word."""
        n_problems = len(self.account.problems)
        return f"{n_problems} PROBLEMS" if n_problems else "whole"

    def row(self) -> dict[str, str]:
        """A line of the table."""
        account = self.account
        return {
            "fault": self.title,
            "times": str(self.times),
            "at once": str(self.listeners),
            "sessions": f"{account.n_finished} of {account.n_sessions}",
            "acknowledged": str(account.n_acknowledged),
            "stored": str(account.n_stored),
            "lost": str(account.n_lost),
            "twice": str(account.n_twice),
            "sent again": str(self.retries),
            "outcome": self.verdict,
        }


def under_load(
    site: Site,
    outcome: Outcome,
    fault: Fault,
    *,
    times: int,
    between: int,
    seed: int,
    say: Say = lambda text: None,
    behind: bool = False,
) -> None:
    """Let it happen so often while listeners answer, let them finish, and account for everything.

    ``between``: answers that are confirmed between two faults, on average. ``behind``: the server
    may be put back to an earlier state.
    """
    rng = random.Random(seed)
    with (
        Ledger(site.folder / "ledger.jsonl") as ledger,
        site.crowd(ledger, outcome.listeners, seed, behind=behind) as crowd,
    ):
        crowd.wait_for(between)
        for number in range(1, times + 1):
            fault(site, rng)
            outcome.times += 1
            if number % CHECK_EVERY == 0:
                say(f"{number} of {times}, {ledger.counts['acknowledged']} answers confirmed")
                if site.account(ledger).problems:
                    break
            crowd.wait_for(rng.randrange(1, 2 * between))
            if crowd.problems:
                break
        crowd.finish()
        account_at_end(site, ledger, outcome, crowd)


def account_at_end(site: Site, ledger: Ledger, outcome: Outcome, crowd: Crowd) -> None:
    """Everything that was promised, and everybody at the end of the session."""
    outcome.retries += crowd.retries
    account = site.account(ledger)
    account.problems += crowd.problems
    if not crowd.problems and not crowd.behind and account.n_finished != account.n_sessions:
        account.problems.append(f"{account.n_sessions - account.n_finished} sessions are not over")
    account.problems += complaints(site)
    if outcome.audited:
        receipts = ledger.write_receipts(site.folder / "receipts.jsonl")
        try:
            site.command("audit", "--acknowledged", str(receipts))
        except AssertionError as error:
            account.problems.append(str(error))
    outcome.account.add(account)


def complaints(site: Site) -> Sequence[str]:
    """What servers may never say, whatever happens to them."""
    if not site.server.log.exists():
        return ["the server has no log"]
    said = site.server.log.read_text(encoding="utf-8", errors="replace")
    n_unexpected = said.count("Unexpected error at")
    return [f"{n_unexpected} unexpected errors in the log"] if n_unexpected else []
