"""The kinds of jobs: name -> the function that does it, imported when it is needed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any

from jndlab.store.rights import Right

if TYPE_CHECKING:
    from jndlab.web.jobs.worker import Job

Run = Callable[["Job"], dict[str, Any]]

KINDS: dict[str, str] = {
    "backup": "jndlab.web.jobs.backup:run",
    "certainty": "jndlab.web.jobs.certainty:run",
    "foreign-report": "jndlab.web.jobs.foreign_report:run",
    "exclusions": "jndlab.web.jobs.package:run_exclusions",
    "gate": "jndlab.web.jobs.gate:run",
    "import-look": "jndlab.web.jobs.importing:run_look",
    "import-take": "jndlab.web.jobs.importing:run_take",
    "launch": "jndlab.web.jobs.launch:run",
    "mended-copy": "jndlab.web.jobs.mending:run",
    "package": "jndlab.web.jobs.package:run",
    "report": "jndlab.web.jobs.report:run",
    "report-pdf": "jndlab.web.jobs.report:run_pdf",
    "retention": "jndlab.web.jobs.retention:run",
    "running-curve": "jndlab.web.jobs.running_curve:run",
    "read-study-archive": "jndlab.web.jobs.study_archives:run_read",
    "study-archive": "jndlab.web.jobs.study_archives:run_write",
    "tidying": "jndlab.web.jobs.tidying:run",
    "unpack": "jndlab.web.jobs.unpacking:run",
}
"""Kind -> module:function. The function gets the job and returns what the page is told."""

RIGHTS: dict[str, Right] = {
    "certainty": "view",
    "gate": "view",
    "launch": "view",
    "exclusions": "analyse",
    "report": "analyse",
    "report-pdf": "analyse",
    "running-curve": "analyse",
}
"""The right in the study that a job's state and files are for; what is not here is for editors."""


def right_for(kind: str, options: Mapping[str, Any]) -> Right:
    """The right that somebody needs to see a job, whoever has asked for it.

    Some hold what tells the right answers: a study file, a package with the seed.
    """
    if kind == "package":
        return "edit" if options.get("with_seed") else "analyse"
    return RIGHTS.get(kind, "edit")


def load_kind(kind: str) -> Run:
    """The function of a kind. Raises KeyError for one that there is not."""
    module, _, name = KINDS[kind].partition(":")
    run: Run = getattr(import_module(module), name)
    return run
