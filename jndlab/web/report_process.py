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
from dataclasses import replace
from pathlib import Path

from jndlab.errors import DataError, ServerError
from jndlab.settings import Settings
from jndlab.store.engine import Store
from jndlab.store.studies import progress_of, require_study
from jndlab.study.trials import SessionKind
from jndlab.web.reports import require_answers

WAIT_SECONDS = 2.0
LIMIT_SECONDS = 300.0

_one_at_a_time = threading.BoundedSemaphore(1)
_pages: dict[tuple[Path, str, SessionKind], tuple[tuple[int, int, int], str]] = {}
"""The newest report of each study and kind, with the counts of answers it was made from."""


def report_page(store: Store, settings: Settings, slug: str, *, kind: SessionKind) -> str:
    """The report as it is now. Made anew only if answers have come in since the last one.

    Raises StudyUnknown, DataError if there are no answers, ServerError if another report is
    being made.
    """
    require_answers(store, slug, kind=kind)
    with store.read() as db:
        progress = progress_of(db, require_study(db, slug).id, kind=kind)
    study = (settings.data, slug, kind)
    state = (progress.n_answers, progress.n_finished, progress.n_screened_out)
    known = _pages.get(study)
    if known is not None and known[0] == state:
        return known[1]
    if not _one_at_a_time.acquire(timeout=WAIT_SECONDS):
        raise ServerError("A report is being made just now.", "Try again in a minute.")
    try:
        _pages[study] = state, _render(settings, slug, kind)
        return _pages[study][1]
    finally:
        _one_at_a_time.release()


def _render(settings: Settings, slug: str, kind: SessionKind) -> str:
    there = replace(settings, data=settings.data.resolve())
    with tempfile.TemporaryDirectory(prefix="jndlab-report-") as folder:
        page = Path(folder) / "report.html"
        command = [sys.executable, "-m", "jndlab", "report", slug, "--kind", kind]
        try:
            outcome = subprocess.run(
                [*command, "--output", str(page)],
                # A folder of its own: in another one the slug could be taken for a study folder.
                cwd=folder,
                env={**os.environ, **there.to_environment()},
                stdin=subprocess.DEVNULL,
                capture_output=True,
                encoding="utf-8",
                timeout=LIMIT_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise ServerError(
                "The report takes too long.", f"Make it with: jndlab report {slug}"
            ) from None
        if outcome.returncode == 0:
            return page.read_text(encoding="utf-8")
        if outcome.returncode == 2:
            message, _, remedy = outcome.stderr.strip().partition("\n")
            raise DataError(message, remedy)
        raise RuntimeError(f"report process failed: {outcome.stderr}")
