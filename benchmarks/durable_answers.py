"""Answers saved for good per second, and how long each takes, with 1 to 512 connections at once.

The real server over HTTP, everything switched on: sessions of participants with plans of 60 trials,
checks and questionnaires, hash chain, headers. Each connection sends one answer after the other and
waits for each confirmation; every answer is of another session than the one before, as where many
take part. The first answer of each session, which reads its plan, is not timed. SQLite is the
default set-up; PostgreSQL has two processes. In the same run: the limit of the disk (one process
that inserts a row and flushes it, and nothing else), the limit of the computer (the same over HTTP,
in groups, and nothing else) and, with --peers, other servers, which are installed in environments
in that folder as far as they can be.

    python benchmarks/durable_answers.py [--quick] [--json FILE] [--seconds 4]
        [--connections 1 8 32 128 512] [--systems sqlite postgresql] [--trials] [--gunicorn]
        [--peers FOLDER]

Two to three minutes without peers; --quick one. The load comes from the same machine, so that the
server has what the load generator leaves. Told are answers/s and percentiles of the time to the
confirmation in milliseconds. ``lost`` are confirmed answers that the database does not have
afterwards, and must be none: one lost, or an error, and the exit status is 1. --trials: each answer
is preceded by asking for its trial and for those ahead, as in a browser; the rate is of answers,
the times are of all three requests. --gunicorn: the same application on gunicorn's threads, which
the choice of server rests on.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bare_disk import measure_disk
from bare_server import BareServer
from filled_sessions import Asked, fill, launch, requests_of
from peers.otree import OTree
from peers.peer import Peer, install
from peers.psiturk import PsiTurk
from peers.pymushra import PyMushra
from printing import finish, show
from real_parts import Server
from sqlalchemy import func, select

from jndlab.settings import Settings
from jndlab.store.engine import connect_store
from jndlab.store.models import AnswerRow
from jndlab.store.moving import move_rows
from tests.postgres_server import PostgresServer, missing

CONNECTIONS = (1, 8, 32, 128, 512)
MOST_A_SECOND = 2500
"""More than any system here takes: so many answers are at hand."""
LEAST_SESSIONS = 640
N_TRIALS = 60
GUNICORN = ("--worker-class", "gthread", "--threads", "16", "--backlog", "2048")
PEERS: tuple[Peer, ...] = (
    PyMushra(name="pymushra", package="pymushra"),
    PsiTurk(name="psiTurk, 2 processes", package="psiturk", beside=("cryptography<39",)),
    OTree(name="oTree, SQLite", package="otree"),
)
BARE = BareServer(name="limit: the same over HTTP", package="jndlab")
LOAD = Path(__file__).with_name("answer_load.py")
Rows = list[dict[str, Any]]


class Requests:
    """What the sessions have still to send, dealt out to connections."""

    def __init__(self, asked: Sequence[Asked], *, with_trials: bool) -> None:
        self._left = [deque(requests_of(one, with_trials=with_trials)) for one in asked]

    def deal(self, n_connections: int) -> list[list[str]]:
        """All that is left: each connection gets sessions of its own, and takes them in turn."""
        hands = []
        for place in range(n_connections):
            own = self._left[place::n_connections]
            most = max(map(len, own))
            hands.append([left[turn] for turn in range(most) for left in own if turn < len(left)])
        return hands

    def deal_first(self, n_connections: int) -> list[list[str]]:
        """The first of each session only, which is answered once in 60 times: its plan is read."""
        n_own = [len(self._left[place::n_connections]) for place in range(n_connections)]
        return [hand[:n] for hand, n in zip(self.deal(n_connections), n_own, strict=True)]

    def take(self, used: Sequence[int]) -> None:
        """Strike out what the connections have sent."""
        for place, n_sent in enumerate(used):
            own = [left for left in self._left[place :: len(used)] if left]
            while n_sent and own:
                for left in own[:n_sent]:
                    left.popleft()
                n_sent -= min(n_sent, len(own))
                own = [left for left in own if left]


def load(hands: Sequence[Sequence[str]], port: int, seconds: float) -> dict[str, Any]:
    """What a load generator of its own process measured."""
    command = [sys.executable, str(LOAD), "127.0.0.1", str(port), str(seconds)]
    done = subprocess.run(
        command, input=json.dumps(hands).encode(), stdout=subprocess.PIPE, check=True
    )
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def row_of(system: str, n_connections: int, result: dict[str, Any], each: int) -> dict[str, Any]:
    """A row of the table; ``each``: requests that an answer takes."""
    times = [1000 * one for one in result["times"]]
    rate = len(times) / each / result["seconds"] if times else 0.0
    row = {"system": system, "connections": n_connections, "answers/s": f"{rate:.0f}"}
    for share in (50, 95, 99):
        row[f"p{share}"] = f"{percentile(times, share):.1f}"
    return {**row, "errors": len(result["errors"]), "lost": ""}


def percentile(times: Sequence[float], share: int) -> float:
    """NaN where nothing was confirmed."""
    if len(times) < 2:
        return times[0] if times else float("nan")
    return statistics.quantiles(times, n=100, method="inclusive")[share - 1]


def measure_jndlab(
    system: str, server: Server, asked: Sequence[Asked], options: argparse.Namespace
) -> Rows:
    """Rows of the real server, one per number of connections."""
    requests = Requests(asked, with_trials=options.trials)
    each = 3 if options.trials else 1
    rows: Rows = []
    n_before, n_confirmed = count_answers(server.settings), 0
    first = load(requests.deal_first(32), server.port, 60.0)
    requests.take(first["used"])
    n_confirmed += first["n_confirmed"]
    for n_connections in options.connections:
        result = load(requests.deal(n_connections), server.port, options.seconds)
        requests.take(result["used"])
        for error in result["errors"][:3]:
            print(f"{system}, {n_connections} connections: {error}", file=sys.stderr)
        rows.append(row_of(system, n_connections, result, each))
        n_confirmed += result["n_confirmed"]
    lost = n_confirmed - (count_answers(server.settings) - n_before)
    return [{**row, "lost": max(0, lost)} for row in rows]


def count_answers(settings: Settings) -> int:
    """Answers in the database."""
    with connect_store(settings) as store, store.read() as db:
        return db.scalar(select(func.count()).select_from(AnswerRow)) or 0


@dataclass
class Gunicorn(Server):
    """The same application on gunicorn."""

    def begin(self) -> None:
        settings = self.settings
        command = [sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{self.port}"]
        command += ["--workers", str(settings.workers), *GUNICORN, "jndlab.web.app:create_app()"]
        with self.log.open("ab") as out:
            self.process = subprocess.Popen(
                command,
                env={**os.environ, **settings.to_environment()},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )


@contextmanager
def database(folder: Path, system: str) -> Iterator[str]:
    """The address of the database of a system, with the sessions in it; empty: SQLite."""
    if system == "sqlite":
        yield ""
        return
    with PostgresServer(fsync=True) as server:
        url = server.url(server.create())
        with connect_store(Settings(data=folder)) as filled:
            move_rows(filled, Settings(data=folder, database_url=url))
        server.execute("VACUUM ANALYZE", database=url.rpartition("/")[2])
        yield url


def measure_peer(peer: Peer, options: argparse.Namespace) -> Rows:
    """Rows of another server, or the bare one, each number of connections on a fresh one."""
    rows: Rows = []
    for n_connections in options.connections:
        with tempfile.TemporaryDirectory() as name:
            folder, python = Path(name), peer.python((options.peers or Path()).absolute())
            peer.prepare(folder, python, n_connections)
            with peer.serving(folder, python) as port:
                n_each = 1 + int(MOST_A_SECOND * options.seconds / n_connections)
                hands = peer.requests(folder, port, n_connections, n_each)
                result = load(hands, port, options.seconds)
        for error in result["errors"][:1]:
            print(f"{peer.name}, {n_connections} connections: {error}", file=sys.stderr)
        rows.append(row_of(peer.name, n_connections, result, 1))
    return rows


def measure_all(options: argparse.Namespace) -> Rows:
    """Rows of everything that was asked for."""
    n_answers = MOST_A_SECOND * options.seconds * len(options.connections)
    n_sessions = max(LEAST_SESSIONS, max(options.connections), round(n_answers / N_TRIALS))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        rows = [
            row_of(f"limit: {what}", 1, result, 1)
            for what, result in measure_disk(folder, min(2.0, options.seconds))
        ]
        rows += measure_peer(BARE, options)
        filled = Settings(data=folder / "data")
        store, link = launch(folder, filled)
        with store:
            asked = fill(store, link, n_sessions, ahead=not options.trials)
        kind = Gunicorn if options.gunicorn else Server
        for system in ("postgresql", "sqlite"):  # SQLite changes what is copied from, so last
            if system not in options.systems:
                continue
            if system == "postgresql" and missing():
                print(f"PostgreSQL left out: {missing()}", file=sys.stderr)
                continue
            with (
                database(filled.data, system) as url,
                kind(filled.data, database_url=url) as server,
            ):
                words = {"sqlite": "SQLite, 1 process", "postgresql": "PostgreSQL, 2 processes"}
                title = f"jndlab{' on gunicorn' if options.gunicorn else ''}, {words[system]}"
                rows += measure_jndlab(title, server, asked, options)
    for peer in PEERS if options.peers else ():
        why = install(peer, options.peers.absolute())
        if why:
            print(f"{peer.name} left out: {why}", file=sys.stderr)
        else:
            rows += measure_peer(peer, options)
    return rows


def missed(rows: Rows) -> list[str]:
    """What must never be, however fast the machine: an error, or a confirmed answer lost."""
    return [
        f"{row['system']}, {row['connections']} connections: {row['errors']} errors, "
        f"{row['lost']} confirmed answers lost"
        for row in rows
        if row["system"].startswith("jndlab") and (row["errors"] or row["lost"])
    ]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="1.5 s each, at 1, 32 and 512")
    parser.add_argument("--json", type=Path, help="write the rows to this file too")
    parser.add_argument("--seconds", type=float, help="for each number of connections")
    parser.add_argument("--connections", type=int, nargs="+", help="numbers of connections")
    parser.add_argument(
        "--systems", nargs="*", choices=("sqlite", "postgresql"), default=("sqlite", "postgresql")
    )
    parser.add_argument(
        "--peers", type=Path, help="other servers, installed in environments in this folder"
    )
    parser.add_argument("--trials", action="store_true", help="ask for each trial, as a page does")
    parser.add_argument("--gunicorn", action="store_true", help="gunicorn in place of granian")
    options = parser.parse_args()
    options.connections = options.connections or ((1, 32, 512) if options.quick else CONNECTIONS)
    options.seconds = options.seconds or (1.5 if options.quick else 4.0)
    rows = measure_all(options)
    show(rows)
    finish(options, rows, missed(rows))


if __name__ == "__main__":
    main()
