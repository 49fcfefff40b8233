"""The job that makes a report over a table of trials that somebody sent."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING, Any

from jndlab.errors import DataError
from jndlab.files import write_atomically
from jndlab.web.foreign_tables import require_table

if TYPE_CHECKING:
    from jndlab.web.jobs.worker import Job

PAGE, NUMBERS, FIGURES = "report.html", "numbers.json", "figures.zip"


def run(job: Job) -> dict[str, Any]:
    """Options: table, told. Result: the headlines, and how the table was read."""
    from jndlab.analysis import (
        AnalysisOptions,
        analyse_foreign_trials,
        foreign_procedure,
        headline,
        load_foreign_trials,
        render_report,
        report_files,
    )

    told = job.options["told"]
    assert job.created_by is not None
    table = require_table(job.settings, job.created_by, job.options["table"])
    job.progress(0, 3, "reading the table")
    try:
        trials = load_foreign_trials(
            table.path,
            paradigm=told["paradigm"] or None,
            compression=told["compression"] or None,
            columns=told["columns"],
            level_unit=told["unit"] or "level",
            name=table.name,
        )
        target = float(told["target"]) if told["target"] else AnalysisOptions().target_probability
        bound = float(told["bound"]) if told["bound"] else None
    except ValueError as error:
        raise DataError(f"This is no number: {error}.", "Write a proportion, like 0.75.") from None
    job.progress(1, 3, "fitting")
    options = AnalysisOptions(target_probability=target, equivalence_bound=bound)
    analysis = analyse_foreign_trials(trials, options=options)
    job.progress(2, 3, "writing the report")
    page = render_report(
        analysis, title=told["title"] or table.name, procedure=foreign_procedure(trials)
    )
    write_atomically(job.folder / PAGE, page.encode(), replace=True)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in report_files(analysis):
            if name == NUMBERS:
                write_atomically(job.folder / NUMBERS, content, replace=True)
            else:
                archive.writestr(zipfile.ZipInfo(name), content)
    write_atomically(job.folder / FIGURES, packed.getvalue(), replace=True)
    return {
        "headlines": [f"{one.condition}: {headline(one)}" for one in analysis.conditions],
        "notes": list(trials.notes),
        "n_rows": trials.n_rows,
    }
