"""Jobs that are run when a test says so, in its own process."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from jndlab.errors import JndlabError
from jndlab.store.models import JobRow
from jndlab.web.jobs.claims import take_job
from jndlab.web.jobs.worker import Job, main, run_kind
from tests.store.launching import Launched


def hold_jobs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let jobs wait until :func:`run_jobs`."""
    monkeypatch.setattr("jndlab.web.jobs.queue.ensure_runner", lambda *_: None)


def work_in_this_process(launched: Launched, monkeypatch: pytest.MonkeyPatch) -> int:
    """Take the oldest job that waits and do it here, as the process of a job does; its status."""
    for name, value in launched.settings.to_environment().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("os.nice", lambda _: 0)
    with launched.store.write() as db:
        claim = take_job(db, "a host")
    assert claim is not None
    return main(claim.public_id, claim.attempt)


def run_jobs(launched: Launched) -> list[str]:
    """Run what waits; the kinds of the jobs that were run."""
    with launched.store.read() as db:
        waiting = db.scalars(select(JobRow).where(JobRow.state == "queued")).all()
    for row in waiting:
        job = Job(
            store=launched.store,
            settings=launched.settings,
            public_id=row.public_id,
            study_id=row.study_id,
            created_by=row.created_by,
            options=json.loads(row.options),
        )
        ended: dict[str, str] = {}
        try:
            ended |= {"state": "done", "result": json.dumps(run_kind(job, row.kind))}
        except JndlabError as error:
            ended |= {"state": "failed", "message": error.message, "remedy": error.remedy}
        with launched.store.write() as db:
            stored = db.scalars(select(JobRow).where(JobRow.public_id == row.public_id)).one()
            stored.finished_at = datetime.now(UTC)
            for name, value in ended.items():
                setattr(stored, name, value)
    return [row.kind for row in waiting]
