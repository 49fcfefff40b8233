"""Figures of a running server for Prometheus, over all its processes.

Each process keeps its counts in files of a folder that all of them share; whichever is asked for
/metrics adds them up. They are names of views and counts: nothing in them is about a person.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.util import find_spec
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from jndlab import __version__
from jndlab.errors import MissingExtra
from jndlab.settings import Settings
from jndlab.store.engine import Store
from jndlab.store.models import JobRow
from jndlab.web.jobs.backup import scheduled_backups

if TYPE_CHECKING:
    from prometheus_client.metrics_core import Metric

FOLDER = "PROMETHEUS_MULTIPROC_DIR"
"""Variable of prometheus_client: the folder that the processes of one server share."""
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
WAITING = ("queued", "running")


def require_installed(settings: Settings) -> None:
    """Raise MissingExtra if figures are wanted and their library is not there."""
    # Not imported: the library decides at its import whether it counts over several processes.
    if settings.metrics_token and find_spec("prometheus_client") is None:
        raise MissingExtra("prometheus-client", "server")


@contextmanager
def shared_folder(settings: Settings) -> Iterator[None]:
    """A folder for the counts of all processes that are started in the block."""
    if not settings.metrics_token:
        yield
        return
    folder = tempfile.mkdtemp(prefix="jndlab-metrics-")
    os.environ[FOLDER] = folder  # read by the library when a process first imports it
    try:
        yield
    finally:
        os.environ.pop(FOLDER, None)
        shutil.rmtree(folder, ignore_errors=True)


class Metrics:
    """Counts of this process, and the page that shows those of all. Raises MissingExtra."""

    def __init__(self, settings: Settings, store: Store) -> None:
        require_installed(settings)
        from prometheus_client import CollectorRegistry, Counter, Histogram
        from prometheus_client.multiprocess import MultiProcessCollector

        own = CollectorRegistry()
        self._requests = Counter(
            "jndlab_requests",
            "Requests by view and status.",
            ["view", "status"],
            registry=own,
        )
        self._seconds = Histogram(
            "jndlab_request_seconds",
            "Seconds until the answer to a request begins, by view.",
            ["view"],
            buckets=BUCKETS,
            registry=own,
        )
        self._registry = own
        if os.environ.get(FOLDER):
            self._registry = CollectorRegistry()
            MultiProcessCollector(self._registry)  # type: ignore[no-untyped-call]
        self._registry.register(_State(settings, store))

    def note(self, view: str, status: str, seconds: float) -> None:
        """Count one request."""
        self._requests.labels(view, status).inc()
        self._seconds.labels(view).observe(seconds)

    def page(self) -> tuple[bytes, str]:
        """All figures as Prometheus reads them, and the type of this text."""
        from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

        return generate_latest(self._registry), CONTENT_TYPE_LATEST


class _State:
    """What is looked up when somebody asks: the same from every process."""

    def __init__(self, settings: Settings, store: Store) -> None:
        self._settings, self._store = settings, store

    def collect(self) -> Iterator[Metric]:
        from prometheus_client.core import GaugeMetricFamily

        about = GaugeMetricFamily(
            "jndlab_info", "Version of jndlab and kind of database.", labels=["version", "database"]
        )
        about.add_metric([__version__, self._store.dialect], 1)
        yield about
        yield GaugeMetricFamily(
            "jndlab_data_free_bytes",
            "Free space on the disk of the data folder.",
            value=shutil.disk_usage(self._settings.data).free,
        )
        counts, oldest = self._jobs()
        jobs = GaugeMetricFamily("jndlab_jobs", "Long work that waits or runs.", labels=["state"])
        for state in WAITING:
            jobs.add_metric([state], counts.get(state, 0))
        yield jobs
        yield GaugeMetricFamily(
            "jndlab_oldest_job_seconds", "Since when the oldest job waits.", value=oldest
        )
        if self._settings.backup_to is not None:
            yield from self._backups()

    def _backups(self) -> Iterator[Metric]:
        """From the jobs' rows: one of several servers makes each backup, and all tell the same."""
        from prometheus_client.core import GaugeMetricFamily

        with self._store.read() as db:
            made = scheduled_backups(db)
        yield GaugeMetricFamily(
            "jndlab_last_backup_timestamp_seconds",
            "When the last backup that was verified was begun; 0: there is none.",
            value=0.0 if made.last_at is None else made.last_at.timestamp(),
        )
        yield GaugeMetricFamily(
            "jndlab_failed_backups",
            "Backups that failed since the last one that was verified.",
            value=made.n_failed,
        )

    def _jobs(self) -> tuple[dict[str, int], float]:
        with self._store.read() as db:
            query = select(JobRow.state, func.count()).where(JobRow.state.in_(WAITING))
            counts = {str(state): int(n) for state, n in db.execute(query.group_by(JobRow.state))}
            first = db.scalar(select(func.min(JobRow.created_at)).where(JobRow.state == "queued"))
        waited = 0.0 if first is None else (datetime.now(UTC) - first).total_seconds()
        return counts, max(0.0, waited)
