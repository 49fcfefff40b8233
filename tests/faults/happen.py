"""What can go wrong, each as a small function: it happens, and it is over when the call returns.

They take the place and a generator of random numbers, and nothing else; what they need beyond that
is bound before, so that they can be put together: ``one_of(kill_server, locked(30))``.
"""

from __future__ import annotations

import itertools
import os
import random
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from functools import partial

from jndlab.store.schema import KNOWN
from tests.faults.site import STUDIES, Fault, Site
from tests.servers import Server, until


def kill_server(site: Site, rng: random.Random) -> None:
    """kill -9 of a server at a random moment, now and then while it is still starting."""
    server = rng.choice(site.servers)
    server.kill()
    if rng.random() < 0.2:
        server.begin()
        time.sleep(rng.uniform(0.0, 1.5))
        server.kill()
    server.start()


def kill_worker(site: Site, rng: random.Random) -> None:
    """kill -9 of one process that answers requests; its parent has to start another.

    Where that is before the last one's successor has run for 5.5 s, granian gives up and the server
    has to begin again by itself.
    """
    workers = children_of(site.server)
    if workers:
        subprocess.run(["kill", "-9", str(rng.choice(workers))], check=False)
    time.sleep(rng.uniform(0.0, 7.0))


def kill_database(site: Site, rng: random.Random) -> None:
    """kill -9 of every process of PostgreSQL; it comes back after a moment."""
    assert site.postgres is not None
    site.postgres.kill()
    time.sleep(rng.uniform(0.0, 0.5))
    site.postgres.start()


def locked(seconds: float) -> Fault:
    """Another process holds the database, so that nobody can write."""
    return partial(_lock, seconds)


def _lock(seconds: float, site: Site, rng: random.Random) -> None:
    url = site.engine().url.render_as_string(hide_password=False)
    command = [sys.executable, "-c", _HOLD, url, str(seconds)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
    assert holder.returncode == 0


_HOLD = """
import sys, time
from sqlalchemy import create_engine, text
engine = create_engine(sys.argv[1])
with engine.connect() as connection:
    if engine.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA busy_timeout = 60000")
        connection.exec_driver_sql("BEGIN EXCLUSIVE")
    else:
        connection.execute(text("LOCK TABLE sessions"))
    print("held", flush=True)
    time.sleep(float(sys.argv[2]))
    connection.rollback()
"""


def full_disk(seconds: float) -> Fault:
    """Not one byte is left on the disk; then there is space again."""
    return partial(_fill, seconds)


def _fill(seconds: float, site: Site, rng: random.Random) -> None:
    assert site.disk is not None
    site.disk.fill()
    time.sleep(seconds)
    site.disk.free()


def read_only_disk(seconds: float) -> Fault:
    """Nothing can be written, and then it can again; the server runs on.

    SQLite writes the index of its log through memory that is mapped from a file, and a process that
    does so while that cannot be written is ended by the system (SIGBUS). Its parent starts another,
    which waits for the disk; where that one is hit, too, the server begins again.
    """
    return partial(_protect, seconds)


def _protect(seconds: float, site: Site, rng: random.Random) -> None:
    assert site.disk is not None
    site.disk.protect(on=True)
    time.sleep(seconds)
    site.disk.protect(on=False)


def cut_power(site: Site, rng: random.Random) -> None:
    """The power fails: what was not flushed to the disk is lost.

    The machine stands still before its disk is gone, in the middle of whatever it was flushing. A
    server that ran on would confirm what is lost: ext4's fsync, when the file system is shut down
    under it, says now and then that all is well, also to who writes plain files.
    """
    assert site.disk is not None
    site.server.suspend()
    site.disk.cut_power()
    site.server.kill()
    site.disk.mount_anew()
    site.server.start()


def clock_set(seconds: int) -> Fault:
    """Somebody sets the clock, and it stays so for a while."""
    return partial(_set_clock, seconds)


def _set_clock(seconds: int, site: Site, rng: random.Random) -> None:
    assert site.clock is not None
    site.clock.set(seconds)
    time.sleep(rng.uniform(1.0, 2.0))
    site.clock.set(0)


def bad_line(seconds: float, share: float = 0.3) -> Fault:
    """Requests and answers get lost, late, doubled, overtaken and cut."""
    return partial(_break_line, seconds, share)


def _break_line(seconds: float, share: float, site: Site, rng: random.Random) -> None:
    assert site.line is not None
    site.line.plan_faults(rng.randrange(2**32), share)
    time.sleep(seconds)
    site.line.plan_faults(0, 0.0)


def migrate(site: Site, rng: random.Random) -> None:
    """The servers end, the schema is that of an older revision, and several bring it up at once."""
    for server in site.servers:
        server.kill()
    subprocess.run(
        [sys.executable, "-c", _DOWN, rng.choice(KNOWN[-4:-1])],
        env={**os.environ, **site.server.settings.to_environment()},
        check=True,
    )
    for server in site.servers:
        server.begin()
    folder = site.folder / f"export-{rng.randrange(10**9)}"
    programs = [
        subprocess.Popen(
            [sys.executable, "-m", "jndlab", "export", slug, "--output", folder / str(n)],
            env={**os.environ, **site.server.settings.to_environment()},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        for n, slug in enumerate(2 * list(STUDIES))
    ]
    for program in programs:
        _, said = program.communicate(timeout=120)
        assert program.returncode == 0, said
    for server in site.servers:
        until(server.answers, f"the server to start; {server.log}")


_DOWN = """
import sys
from jndlab.settings import load_settings
from jndlab.store.engine import connect_store
from jndlab.store.migrate import downgrade
with connect_store(load_settings()) as store:
    downgrade(store.engine, sys.argv[1])
"""


def one_of(*faults: Fault) -> Fault:
    """One of them, drawn anew each time."""
    return lambda site, rng: rng.choice(faults)(site, rng)


def in_turn(*faults: Fault) -> Fault:
    """The first, then the second, and so on."""
    coming = itertools.cycle(faults)
    return lambda site, rng: next(coming)(site, rng)


def together(*faults: Fault) -> Fault:
    """All of them at the same time."""

    def happen(site: Site, rng: random.Random) -> None:
        failures: list[BaseException] = []

        def run(fault: Fault, seed: int) -> None:
            try:
                fault(site, random.Random(seed))
            except BaseException as error:
                failures.append(error)

        threads = [
            threading.Thread(target=run, args=(fault, rng.randrange(2**32))) for fault in faults
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if failures:
            raise failures[0]

    return happen


def children_of(server: Server) -> Sequence[int]:
    """The processes that a server has started."""
    assert server.process is not None
    done = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(server.process.pid)],
        capture_output=True,
        text=True,
        check=False,
    )
    return [int(word) for word in done.stdout.split()]
