"""Scheduled backups: whoever looks after the server learns when one has failed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from jndlab.store.models import PeriodicRow
from jndlab.web.app import create_app
from jndlab.web.jobs.backup import scheduled_backups
from jndlab.web.jobs.periodic import begin_what_is_due
from jndlab.web.jobs.queue import add_job
from tests.store.launching import Launched
from tests.web.jobs import work_in_this_process
from tests.web.people import person
from tests.web.test_health import TOKEN, figures

FIGURES = ("jndlab_last_backup_timestamp_seconds", "jndlab_failed_backups")


@pytest.fixture
def good(launched: Launched, tmp_path: Path) -> Launched:
    """A server that backs up."""
    return replace(
        launched, settings=replace(launched.settings, backup_to=tmp_path / "backups", backup_keep=9)
    )


@pytest.fixture
def bad(launched: Launched) -> Launched:
    """The same with a folder where no backup may lie."""
    return replace(
        launched, settings=replace(launched.settings, backup_to=launched.settings.data / "inside")
    )


@pytest.fixture(autouse=True)
def work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jndlab.web.jobs.queue.ensure_runner", lambda *_: None)


def back_up(server: Launched, monkeypatch: pytest.MonkeyPatch) -> None:
    with server.store.write() as db:
        long_ago = datetime.now(UTC) - timedelta(days=2)
        db.execute(update(PeriodicRow).values(begun_at=long_ago))
    assert begin_what_is_due(server.store, server.settings)[0] == "backup"
    assert work_in_this_process(server, monkeypatch) == 0


def told(server: Launched) -> tuple[float, ...]:
    """The figures, as a server that was just started tells them."""
    settings = replace(server.settings, metrics_token=TOKEN)
    seen = figures(create_app(settings, server.store).test_client())
    return tuple(seen[name] for name in FIGURES if name in seen)


def test_without_scheduled_backups_there_are_no_figures(launched: Launched) -> None:
    assert told(launched) == ()


def test_figures_tell_of_the_last_one_and_of_those_that_failed_since(
    good: Launched, bad: Launched, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert told(good) == (0, 0)
    back_up(bad, monkeypatch)
    assert told(good) == (0, 1)
    before = datetime.now(UTC).timestamp()
    back_up(good, monkeypatch)
    first, n_failed = told(good)
    assert before <= first <= datetime.now(UTC).timestamp()
    assert n_failed == 0
    for n_failed in (1, 2):
        back_up(bad, monkeypatch)
        assert told(good) == (first, n_failed)
    back_up(good, monkeypatch)
    second, n_failed = told(good)
    assert second > first
    assert n_failed == 0


def test_a_job_that_had_nowhere_to_back_up_to_counts_as_none(
    launched: Launched, good: Launched, monkeypatch: pytest.MonkeyPatch
) -> None:
    with launched.store.write() as db:
        add_job(db, "backup", study_id=None, by=None)
    assert work_in_this_process(launched, monkeypatch) == 0
    assert told(good) == (0, 0)
    with launched.store.read() as db:
        assert scheduled_backups(db).last_at is None


def test_administrators_are_told_of_a_failure_until_one_succeeds(
    good: Launched, bad: Launched, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = create_app(good.settings, good.store)
    admin = person(app, good.store, "grace", is_admin=True)
    other = person(app, good.store, "ada")
    assert "backup" not in admin.get("/studies").text
    back_up(bad, monkeypatch)
    page = admin.get("/studies").text
    assert "The last scheduled backup has failed" in page
    assert "lies inside the data folder" in page
    assert "None was verified so far." in page
    assert "backup" not in other.get("/studies").text
    back_up(good, monkeypatch)
    assert "backup" not in admin.get("/studies").text
    back_up(bad, monkeypatch)
    back_up(bad, monkeypatch)
    page = admin.get("/studies").text
    assert "The last 2 scheduled backups have failed" in page
    assert "The last one that was verified holds the state of" in page
