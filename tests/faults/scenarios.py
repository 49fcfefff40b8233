"""The faults of the list: what each needs, how often it happens, and how it is made to happen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults import happen, special
from tests.faults.running import Needs, Outcome, Say, place, under_load
from tests.faults.site import Fault

HOUR = 3600
Play = Callable[[Needs, Path, Outcome, int, int, Say], None]
"""The course of a scenario: where, in what, how often, with which seed."""


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """Something to be survived ``times`` times in the long form."""

    title: str
    play: Play
    times: int
    needs: Needs = field(default_factory=Needs)
    listeners: int = 12
    audited: bool = True

    def run(self, folder: Path, *, times: int, seed: int, say: Say = lambda text: None) -> Outcome:
        """Let it happen in a place of its own in ``folder``."""
        outcome = Outcome(title=self.title, listeners=self.listeners, audited=self.audited)
        self.play(self.needs, folder, outcome, times, seed, say)
        return outcome


def loaded(fault: Fault, *, between: int = 25) -> Play:
    """A fault that happens again and again while listeners answer."""

    def play(needs: Needs, folder: Path, outcome: Outcome, times: int, seed: int, say: Say) -> None:
        with place(needs, folder) as site:
            under_load(site, outcome, fault, times=times, between=between, seed=seed, say=say)

    return play


SCENARIOS: dict[str, Scenario] = {
    "kill": Scenario(title="server killed (SQLite)", play=loaded(happen.kill_server), times=200),
    "kill-postgres": Scenario(
        title="server killed (PostgreSQL)",
        play=loaded(happen.kill_server),
        times=200,
        needs=Needs(postgres=True),
    ),
    "kill-worker": Scenario(
        title="process that answers killed", play=loaded(happen.kill_worker), times=50
    ),
    "kill-one": Scenario(
        title="one of two servers killed",
        play=loaded(happen.kill_server),
        times=50,
        needs=Needs(n_servers=2, postgres=True),
    ),
    "kill-database": Scenario(
        title="PostgreSQL killed",
        play=loaded(happen.kill_database),
        times=50,
        needs=Needs(postgres=True),
    ),
    "full-disk": Scenario(
        title="disk full", play=loaded(happen.full_disk(2.0)), times=20, needs=Needs(disk=True)
    ),
    "read-only": Scenario(
        title="disk read-only",
        play=loaded(happen.read_only_disk(2.0)),
        times=20,
        needs=Needs(disk=True),
    ),
    "power": Scenario(
        title="power cut, unflushed writes lost",
        play=loaded(happen.cut_power),
        times=50,
        needs=Needs(disk=True),
    ),
    "locked": Scenario(
        title="database locked for 30 s (SQLite)", play=loaded(happen.locked(30)), times=3
    ),
    "locked-postgres": Scenario(
        title="tables locked for 30 s (PostgreSQL)",
        play=loaded(happen.locked(30)),
        times=3,
        needs=Needs(postgres=True),
    ),
    "line": Scenario(
        title="requests and answers lost, late, doubled, overtaken, cut",
        play=loaded(happen.bad_line(10.0)),
        times=12,
        needs=Needs(line=True),
    ),
    "clock": Scenario(
        title="clock set back an hour and forth again",
        play=loaded(happen.clock_set(-HOUR)),
        times=20,
        needs=Needs(clock=True),
    ),
    "same-trial": Scenario(
        title="32 clients answer the same trial at once (SQLite)",
        play=special.same_trial,
        times=100,
        listeners=32,
    ),
    "same-trial-postgres": Scenario(
        title="32 clients answer the same trial at once (PostgreSQL)",
        play=special.same_trial,
        times=100,
        needs=Needs(postgres=True),
        listeners=32,
    ),
    "migrate": Scenario(
        title="a server and four programs migrate at once (SQLite)",
        play=loaded(happen.migrate),
        times=20,
        audited=False,
    ),
    "migrate-postgres": Scenario(
        title="two servers and four programs migrate at once (PostgreSQL)",
        play=loaded(happen.migrate),
        times=20,
        needs=Needs(n_servers=2, postgres=True),
        audited=False,  # the older schema has no chain to follow
    ),
    "upgrade": Scenario(
        title="upgrade in mid-study from an older revision",
        play=special.upgrade,
        times=len(special.OLD_SCHEMAS),
    ),
    "restore": Scenario(
        title="data lost and restored from a backup in mid-study (SQLite)",
        play=special.restore,
        times=10,
    ),
    "restore-postgres": Scenario(
        title="data lost and restored from a backup in mid-study (PostgreSQL)",
        play=special.restore,
        times=10,
        needs=Needs(postgres=True),
    ),
    "everything": Scenario(
        title="bad line beside full disk, locks, kills or power cuts",
        play=loaded(
            happen.together(
                happen.bad_line(4.0),
                happen.one_of(
                    happen.full_disk(1.0), happen.locked(2.0), happen.kill_server, happen.cut_power
                ),
            )
        ),
        times=40,
        needs=Needs(disk=True, line=True),
    ),
}
