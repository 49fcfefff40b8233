"""The short forms: each fault once under load, and the accounting afterwards.

The long forms, with the counts that docs/reference/reliability.md names: ``make faults``.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults import happen, special
from tests.faults.running import Needs, require
from tests.faults.scenarios import HOUR, Play, Scenario, loaded
from tests.faults.site import Fault


def one_after_the_other(*faults: Fault) -> Play:
    return loaded(happen.in_turn(*faults), between=10)


SHORT: dict[str, tuple[int, Needs, Play]] = {
    "kill, lock and bad line": (
        3,
        Needs(line=True),
        one_after_the_other(happen.kill_server, happen.locked(1.5), happen.bad_line(2.0)),
    ),
    "full, read-only, powerless": (
        3,
        Needs(disk=True),
        one_after_the_other(happen.full_disk(1.0), happen.read_only_disk(1.0), happen.cut_power),
    ),
    "clock": (1, Needs(clock=True), one_after_the_other(happen.clock_set(-HOUR))),
    "two servers on PostgreSQL": (
        3,
        Needs(n_servers=2, postgres=True),
        one_after_the_other(happen.kill_server, happen.kill_database, happen.locked(1.5)),
    ),
    "one trial, many answers": (10, Needs(), special.same_trial),
    "one trial, many answers, PostgreSQL": (10, Needs(postgres=True), special.same_trial),
    "restored from a backup": (1, Needs(), special.restore),
    "migrated": (1, Needs(), one_after_the_other(happen.migrate)),
    "upgraded": (2, Needs(), special.upgrade),
}


AUDITED = set(SHORT) - {"migrated"}
"""The schema before the chains has none to follow."""


@pytest.mark.parametrize("name", SHORT)
def test_what_was_acknowledged_is_stored_once_and_everybody_gets_to_the_end(
    name: str, tmp_path: Path, seed: int
) -> None:
    times, needs, course = SHORT[name]
    require(needs)
    if name == "upgraded" and (why := special.history_missing()):
        pytest.skip(why)
    scenario = Scenario(
        title=name,
        play=course,
        times=times,
        needs=needs,
        listeners=6,
        audited=name in AUDITED,
    )
    outcome = scenario.run(tmp_path, times=times, seed=seed, say=print)
    outcome.account.require_whole()
    assert outcome.times >= times
    assert outcome.account.n_acknowledged > 0
