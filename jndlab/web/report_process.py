"""Reports for the web, made in a process of their own.

A fit takes seconds of computing and much memory. In the server's own process every
participant would wait for it; here none does, and however often a page is reloaded, one
report is made at a time.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
from functools import lru_cache
from pathlib import Path

from jndlab.errors import DataError, ServerError
from jndlab.settings import Settings
from jndlab.store.engine import Store
from jndlab.store.studies import progress_of, require_study
from jndlab.study.trials import SessionKind
from jndlab.web.reports import require_answers

WAIT_SECONDS = 20.0
LIMIT_SECONDS = 300.0

_one_at_a_time = threading.BoundedSemaphore(1)


def report_page(store: Store, settings: Settings, slug: str, *, kind: SessionKind) -> str:
    """The report as it is now. Made anew only if answers have come in since the last one.

    Raises StudyUnknown, DataError if there are no answers, ServerError if another report is
    being made.
    """
    require_answers(store, slug, kind=kind)
    with store.read() as db:
        progress = progress_of(db, require_study(db, slug).id, kind=kind)
    if not _one_at_a_time.acquire(timeout=WAIT_SECONDS):
        raise ServerError("Another report is being made.", "Try again in a minute.")
    try:
        return _render(settings, slug, kind, progress.n_answers, progress.n_finished)
    finally:
        _one_at_a_time.release()


@lru_cache(maxsize=4)
def _render(
    settings: Settings, slug: str, kind: SessionKind, n_answers: int, n_finished: int
) -> str:
    # The counts are there for the cache: with the same answers the report is the same.
    with tempfile.TemporaryDirectory(prefix="jndlab-report-") as folder:
        page = Path(folder) / "report.html"
        command = [sys.executable, "-m", "jndlab", "report", slug, "--kind", kind]
        outcome = subprocess.run(
            [*command, "--output", str(page)],
            env={**os.environ, **settings.to_environment()},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            timeout=LIMIT_SECONDS,
            check=False,
        )
        if outcome.returncode == 0:
            return page.read_text(encoding="utf-8")
        if outcome.returncode == 2:
            message, _, remedy = outcome.stderr.strip().partition("\n")
            raise DataError(message, remedy)
        raise RuntimeError(f"report process failed: {outcome.stderr}")
