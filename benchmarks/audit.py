"""How fast `jndlab audit` follows the chains of a large study, and in how much memory.

One session is taken through the real store, and its rows are stored again as many times as it
takes, each copy with an opening, a signed plan, links and an end of its own, so that the audit has
everything to check and finds nothing. Then the real command runs in a process of its own, with and
without the plans.

    python benchmarks/audit.py [--quick] [--json FILE] [--trials 100000]

About two minutes and 150 MB of disk; 10^6 trials take ten times as much of both.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import real_parts  # noqa: F401 (finds the tests)
from printing import arguments, finish, show
from sqlalchemy import insert, select

from jndlab.store.chain import answered_link, presented_link, session_start
from jndlab.store.deeds import note_end, note_opening
from jndlab.store.models import AnswerRow, PresentedRow, ReleasedClipRow, SessionRow
from jndlab.store.signing import PlanKey, plan_key, plan_statement
from tests.store.launching import Launched
from tests.store.taking import launch, take_all

QUICK = 5_000
COMMAND = """
import sys
from jndlab.cli import cli
try:
    cli(sys.argv[1:])
finally:
    lines = open("/proc/self/status").read().splitlines()
    print("PEAK", next(line.split()[1] for line in lines if line.startswith("VmHWM:")))
"""


def columns_of(row: Any, *without: str) -> dict[str, Any]:
    """The stored values of a mapped row."""
    names = (column.key for column in row.__table__.columns)
    return {name: getattr(row, name) for name in names if name not in without}


def fill(study: Launched, n_trials: int) -> int:
    """Copies of the one session until so many trials are stored; how many there are."""
    with study.store.write() as db:
        first = db.scalars(select(SessionRow)).one()
        trials = db.scalars(select(PresentedRow).order_by(PresentedRow.number)).all()
        key, version = plan_key(study.store.folder), first.version.digest
        n_copies = max(0, -(-n_trials // len(trials)) - 1)
        for copy in range(1, n_copies + 1):
            session = SessionRow(**columns_of(first, "id", "chain_head"))
            session.participant += copy
            session.public_id, session.token_digest = f"{copy:016x}", f"copy {copy}"
            session.state, session.opened_at = "open", datetime.now(UTC)
            sign(session, key, version)
            db.add(session)
            note_opening(db, session)
            store_trials(db, session, trials)
            session.state = "finished"
            note_end(db, session)
            db.flush()
            db.expunge(session)
    return (n_copies + 1) * len(trials)


def sign(session: SessionRow, key: PlanKey, version: str) -> None:
    """Give a copy the signature and the beginning of a chain of its own."""
    session.plan_signature = key.sign(plan_statement(session, study_digest=version))
    session.chain_head = session_start(session, version_digest=version)


def store_trials(db: Any, session: SessionRow, trials: Any) -> None:
    """Store the trials of a copy with the links that follow from its opening."""
    head = str(session.chain_head)
    for trial in trials:
        clips = [
            {**columns_of(clip, "id"), "name": f"{session.public_id}-{trial.number}-{place}"}
            for place, clip in enumerate(trial.clips)
        ]
        told = [(one["name"], one["clip"], one["noise_seed"]) for one in clips]
        head = presented_link(head, number=trial.number, trial=trial.trial, clips=told)
        row = {**columns_of(trial, "id"), "session_id": session.id, "link": head}
        number = db.execute(insert(PresentedRow).values(**row)).inserted_primary_key[0]
        db.execute(insert(ReleasedClipRow), [{**one, "presented_id": number} for one in clips])
        answer = columns_of(trial.answer, "presented_id", "link")
        head = answered_link(
            head,
            number=trial.number,
            presented_at=trial.presented_at,
            n_loads=trial.n_loads,
            **answer,
        )
        db.execute(insert(AnswerRow).values(**answer, presented_id=number, link=head))
    session.chain_head = head


def audit(data: Path, n_trials: int, *options: str) -> dict[str, Any]:
    """What the command took; fails if it finds anything."""
    start = time.perf_counter()
    command = [sys.executable, "-c", COMMAND, "audit", "--data", str(data), *options]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    seconds = time.perf_counter() - start
    return {
        "audit": "chains and signatures" if options else "chains, signatures and plans",
        "trials": n_trials,
        "seconds": f"{seconds:.1f}",
        "trials/s": f"{n_trials / seconds:.0f}",
        "peak memory, MiB": f"{float(done.stdout.rpartition('PEAK ')[2]) / 1024:.0f}",
    }


def main() -> None:
    options = arguments(__doc__, trials=("trials to store", 100_000))
    wanted = min(options.trials, QUICK) if options.quick else options.trials
    with tempfile.TemporaryDirectory() as name:
        study = launch(Path(name), design={"trials_per_level": 8})
        take_all(study, study.open(), seed=1)
        n_trials = fill(study, wanted)
        study.store.close()
        rows = [audit(study.settings.data, n_trials)]
        rows.append(audit(study.settings.data, n_trials, "--without-plans"))
    show(rows)
    finish(options, rows)


if __name__ == "__main__":
    main()
