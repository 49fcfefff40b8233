"""Running the jobs that wait, in processes of their own: at low priority, one at a time.

A server looks now and then for what waits: another one may have asked for it, or have been cut off
while it was at it.
"""

from __future__ import annotations

import logging
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from jndlab.errors import JndlabError
from jndlab.settings import Settings
from jndlab.store.engine import Store
from jndlab.store.models import JobRow
from jndlab.web.jobs.claims import CUT_OFF, TRY_AGAIN, Claim, held_job, job_waits, take_job

LIMIT_SECONDS = 3600.0
KEPT_CHARACTERS = 2000
LOOK_SECONDS = 5.0
"""So often a server looks for work that it was not told of."""

log = logging.getLogger("jndlab.jobs")

_lock = threading.Lock()
_runners: set[Path] = set()


def keep_working(store: Store, settings: Settings) -> None:
    """Let a thread of this process look for work for as long as the process lives."""
    from jndlab.web.jobs.periodic import begin_what_is_due

    def look() -> None:
        is_away = False
        while True:
            try:
                begin_what_is_due(store, settings)
                with store.read() as db:
                    waits = job_waits(db)
                if waits:
                    ensure_runner(store, settings)
            except (JndlabError, SQLAlchemyError, OSError) as error:
                if not is_away:  # said once, not every time
                    log.error("Looking for jobs failed.", exc_info=error)
                is_away = True
            else:
                is_away = False
            time.sleep(LOOK_SECONDS)

    threading.Thread(target=look, name="job-watch", daemon=True).start()


def ensure_runner(store: Store, settings: Settings) -> None:
    """See to it that a thread of this process runs what waits; it ends when nothing does."""
    key = settings.data.resolve()
    with _lock:
        if key in _runners:
            return
        _runners.add(key)
    thread = threading.Thread(target=_run_all, args=(store, settings, key), name="job-runner")
    thread.daemon = True
    thread.start()


def _run_all(store: Store, settings: Settings, key: Path) -> None:
    try:
        while True:
            with _lock:  # whoever asks for a job now either is seen here or finds no runner
                with store.write() as db:
                    claim = take_job(db, socket.gethostname())
                if claim is None:
                    _runners.discard(key)
                    return
            _run(store, settings, claim)
    except BaseException:
        with _lock:
            _runners.discard(key)
        raise


def _run(store: Store, settings: Settings, claim: Claim) -> None:
    there = replace(settings, data=settings.data.resolve())
    command = [sys.executable, "-m", "jndlab.web.jobs.worker", claim.public_id, str(claim.attempt)]
    try:
        outcome = subprocess.run(
            command,
            env={**os.environ, **there.to_environment()},
            cwd=there.data,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=LIMIT_SECONDS,
            check=False,
        )
        said = outcome.stderr[-KEPT_CHARACTERS:]
        if outcome.returncode == 0:
            sys.stderr.write(said)  # into the server's log: a backup that failed, for instance
    except subprocess.TimeoutExpired:
        said = f"It took longer than {LIMIT_SECONDS / 60:.0f} minutes."
    except OSError as error:  # no memory or no number left for a process
        said = f"It could not begin: {error}."
    with store.write() as db:
        row = held_job(db, claim)
        if row is not None:  # it ended without saying so: killed, out of memory
            log.error("A job failed, %s: %s", row.kind, said)
            row.state, row.finished_at = "failed", datetime.now(UTC)
            row.message, row.remedy = CUT_OFF, TRY_AGAIN
        there_is_one = select(JobRow.id).where(JobRow.public_id == claim.public_id)
        was_deleted = db.scalar(there_is_one) is None  # with its study, meanwhile
    if was_deleted:
        shutil.rmtree(settings.job_folder(claim.public_id), ignore_errors=True)
