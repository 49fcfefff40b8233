"""The jobs that make a report and its PDF: the fits take long and much memory."""

from __future__ import annotations

import hashlib
import io
import zipfile
from typing import TYPE_CHECKING, Any

from jndlab.errors import StudyUnknown
from jndlab.files import write_atomically
from jndlab.store.deeds import REPORTED, note_deed
from jndlab.store.models import StudyRow
from jndlab.store.studies import definition_of, live_version, newest_version
from jndlab.web.kept_reports import (
    FIGURES,
    NUMBERS,
    PAGE,
    PDF,
    answered_for,
    keep_report,
    require_report,
)
from jndlab.web.report_choice import ReportChoice
from jndlab.web.reports import StudyReport, make_chosen_report

if TYPE_CHECKING:
    from jndlab.web.jobs.worker import Job

_BESIDE_FITS = 4
"""Steps that are no fit: reading, checking, the page, the files."""


def run(job: Job) -> dict[str, Any]:
    """Option: choice. Makes page, numbers and figures. Result: the report's id."""
    study_id = job.require_study_id()
    choice = ReportChoice.from_dict(job.options["choice"])
    with job.store.read() as db:
        slug = db.get_one(StudyRow, study_id).slug
        answered = answered_for(db, study_id, choice)
        steps = _Steps(job, _count_conditions(db, study_id, choice) + _BESIDE_FITS)
    made = make_chosen_report(job.store, slug, choice, progress=steps.begin)
    steps.begin("writing the figures")
    kept = keep_report(
        job.settings,
        study_id,
        choice,
        report_id=job.public_id,
        answered=answered,
        version=made.versions,
        n_departures=made.n_departures,
        files=_files(made),
    )
    with job.store.write() as db:
        numbers = hashlib.sha256(kept.read(NUMBERS)).hexdigest()
        note_deed(
            db,
            REPORTED,
            study_id=study_id,
            user_id=job.created_by,
            report=kept.report_id,
            kind=choice.kind,
            numbers_sha256=numbers,
        )
    steps.end()
    # Nothing of what it says: to see that is a look, which is noted first.
    return {"report": kept.report_id}


def run_pdf(job: Job) -> dict[str, Any]:
    """Option: report, an id. Adds the PDF to that report's files. Raises MissingExtra."""
    from jndlab.analysis import render_pdf

    report = require_report(job.settings, job.require_study_id(), job.options["report"])
    page = report.read(PAGE).decode()
    job.progress(0, 1, "setting the pages")
    write_atomically(report.folder / PDF, render_pdf(page), replace=True)
    job.progress(1, 1)
    return {"report": report.report_id}


class _Steps:
    """Steps that are told when they begin, counted for the job."""

    def __init__(self, job: Job, n_steps: int) -> None:
        self._job, self._n_steps, self._n_begun = job, n_steps, 0

    def begin(self, what: str) -> None:
        """One step is done, and ``what`` begins."""
        self._n_steps = max(self._n_steps, self._n_begun + 1)
        self._job.progress(self._n_begun, self._n_steps, what[:1].upper() + what[1:])
        self._n_begun += 1

    def end(self) -> None:
        """All is done."""
        self._job.progress(self._n_steps, self._n_steps)


def _count_conditions(db: Any, study_id: int, choice: ReportChoice) -> int:
    if choice.condition is not None:
        return 1
    version = live_version(db, study_id) or newest_version(db, study_id)
    if version is None:
        raise StudyUnknown("The study has not been launched yet.", "Launch it first.")
    return len(definition_of(version).stimuli.conditions)


def _files(made: StudyReport) -> dict[str, bytes]:
    """What is kept of a report: the page, the numbers, and all of it in one file."""
    from jndlab.analysis import part_files

    files = {PAGE: made.page.encode()}
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as out:
        for name, content in part_files(made.parts):
            # A fixed time: equal results, equal files.
            out.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), content)
            if name == NUMBERS:
                files[NUMBERS] = content
    files[FIGURES] = archive.getvalue()
    return files
