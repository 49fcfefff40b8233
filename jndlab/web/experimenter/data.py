"""The data of a study: what there is, in which formats, and what the rules leave out."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import Any

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from jndlab.errors import AccessDenied, RequestInvalid
from jndlab.export.csv_tables import csv_parts
from jndlab.export.package.writing import SEED_IS_TOLD_IN
from jndlab.export.recruiter_ids import recruiter_ids_in
from jndlab.export.row_counts import count_rows
from jndlab.export.snapshot import EXPORTED_KINDS, Snapshot, snapshot_of
from jndlab.export.tables import Table, rows_of, tables_of
from jndlab.study.analysis_plan import Analysis
from jndlab.study.definition import StudyDefinition
from jndlab.study.trials import SessionKind
from jndlab.web.access import needs, the_study, the_user
from jndlab.web.context import settings, store
from jndlab.web.experimenter import downloads
from jndlab.web.experimenter.blueprint import blueprint
from jndlab.web.experimenter.downloads import chosen_sessions
from jndlab.web.jobs.kinds import right_for
from jndlab.web.jobs.queue import JobState, newest_job, start_job
from jndlab.web.looks import is_look

KIND_WORDS: dict[SessionKind, str] = {
    "participant": "Participants",
    "pilot": "The pilot",
    "simulated": "Simulated listeners",
}
FILE_FORMATS = {
    "package": "Data package: everything, and the report can be made from it elsewhere",
    "csv": "CSV: all tables, for spreadsheets and every program",
    "psych-ds": "Psych-DS: the layout of psychology's data sets",
    "jsonl": "JSON lines: all tables, for programs",
    "parquet": "Parquet: all tables, for R, Python, DuckDB",
    "sav": "SPSS (.sav): all tables, with labels; opens in JASP and jamovi, too",
}
LICENCES = ("CC0-1.0", "CC-BY-4.0", "CC-BY-SA-4.0", "CC-BY-NC-4.0", "ODbL-1.0")
MAX_LICENCE = 100
SAMPLE_ROWS = 200
"""Rows from which the size of a table is guessed."""
_NO_RULES = {"target_probability", "equivalence_bound", "bound_on", "bound_reason", "alpha"} | {
    "quality_bound",
    "sigmoid",
    "decision_model",
    "sample_size",
    "stopping_rule",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownTable:
    """A table as the page shows it."""

    table: Table
    n_rows: int
    n_bytes: int
    """As CSV, guessed from the first rows."""

    @property
    def is_long(self) -> bool:
        """Whether it is had by a job only."""
        return self.n_rows > downloads.STREAMED_ROWS

    @property
    def row_is(self) -> str:
        """What a row is."""
        return self.table.title.partition(": ")[2].removeprefix("one row per ")


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownRule:
    """A rule of exclusion that the study file states."""

    key: str
    value: Any
    meaning: str

    @property
    def limit(self) -> str:
        """The value as a study file writes it."""
        if isinstance(self.value, bool):
            return "true" if self.value else "false"
        return f"{self.value:g}"


@blueprint.get("/studies/<slug>/data")
@needs("analyse")
def data(slug: str) -> ResponseReturnValue:
    """Tables, files with everything, and exclusions."""
    access = the_study()
    kinds, version = chosen_sessions(request.args)
    with snapshot_of(store(), slug) as everything:
        n_sessions = _sessions_by_kind(everything)
        n_ids = sum(1 for _ in recruiter_ids_in(everything)) if access.allows("own") else 0
    with snapshot_of(store(), slug, kinds=kinds, version=version) as snapshot:
        newest = snapshot.versions[-1] if snapshot.versions else None
        definition = snapshot.definitions[newest.id] if newest else None
        return render_template(
            "experimenter/data.html",
            tables=_shown(snapshot),
            n_sessions=n_sessions,
            n_ids=n_ids,
            kinds=kinds,
            kind_words=KIND_WORDS,
            version=version,
            versions=[one.number for one in snapshot.versions],
            query={"kind": kinds if kinds != EXPORTED_KINDS else None, "version": version},
            formats=FILE_FORMATS,
            licences=LICENCES,
            seed_is_told=access.state in SEED_IS_TOLD_IN,
            collecting=is_look(access.state, "participant") and "participant" in kinds,
            rules=_rules(definition),
            planned=definition is not None and definition.analysis is not None,
            made=_seen_by_me(newest_job(snapshot.db, access.study_id, "package")),
            judged=newest_job(snapshot.db, access.study_id, "exclusions"),
        )


@blueprint.post("/studies/<slug>/data/file")
@needs("analyse")
def make_data_file(slug: str) -> ResponseReturnValue:
    """Ask for one file with everything."""
    form = request.form
    file_format = form.get("format", "package")
    if file_format not in FILE_FORMATS:
        raise RequestInvalid(
            f"There is no format {file_format!r}.", f"Choose one of: {', '.join(FILE_FORMATS)}."
        )
    licence = form.get("licence", "").strip()
    if len(licence) > MAX_LICENCE or not licence.isprintable():
        raise RequestInvalid(
            "This is no name of a licence.", "Write one such as CC-BY-4.0, or its address."
        )
    with_seed = form.get("with_seed") == "1" and file_format == "package"
    require_may_have_seed(with_seed)
    anonymised = form.get("anonymised") == "1"
    if anonymised and file_format == "package":
        raise RequestInvalid(
            "A data package cannot be anonymised: its plans are signed with whose they are.",
            "Choose another format.",
        )
    kinds, version = chosen_sessions(form)
    options = {
        "format": file_format,
        "kinds": list(kinds),
        "version": version,
        "with_seed": with_seed,
        "anonymised": anonymised,
        "licence": licence,
    }
    return _start(slug, "package", options)


def require_may_have_seed(with_seed: bool) -> None:
    """Raise AccessDenied for somebody who asks for the seed and may not see the study file."""
    if with_seed and not the_study().allows("edit"):
        raise AccessDenied(
            "Only editors can put the seed into a package.", "Leave it out, or ask an editor."
        )


def _seen_by_me(job: JobState | None) -> JobState | None:
    """A package that an editor has put the seed into is not offered to an analyst."""
    if job is None or not the_study().allows(right_for(job.kind, job.options)):
        return None
    return job


@blueprint.post("/studies/<slug>/data/exclusions")
@needs("analyse")
def judge_exclusions(slug: str) -> ResponseReturnValue:
    """Ask for the list of what the rules leave out."""
    kinds, version = chosen_sessions(request.form)
    return _start(slug, "exclusions", {"kinds": list(kinds), "version": version})


def _start(slug: str, kind: str, options: dict[str, Any]) -> ResponseReturnValue:
    with snapshot_of(store(), slug, version=options["version"]):
        pass  # there is such a version
    study_id = the_study().study_id
    start_job(store(), settings(), kind, study_id=study_id, by=the_user().id, options=options)
    query = {"kind": options["kinds"], "version": options["version"]}
    anchor = "exclusions" if kind == "exclusions" else "file"
    return redirect(url_for("experimenter.data", slug=slug, **query, _anchor=anchor))


def _shown(snapshot: Snapshot) -> list[ShownTable]:
    counts = count_rows(snapshot)
    return [
        ShownTable(
            table=table,
            n_rows=counts[table.name],
            n_bytes=_size(snapshot, table, counts[table.name]),
        )
        for table in tables_of(snapshot)
    ]


def _size(snapshot: Snapshot, table: Table, n_rows: int) -> int:
    sample = list(islice(rows_of(snapshot, table), SAMPLE_ROWS))
    n_bytes = sum(len(part.encode()) for part in csv_parts(table, sample))
    return n_bytes if not sample else round(n_bytes * n_rows / len(sample))


def _sessions_by_kind(snapshot: Snapshot) -> dict[SessionKind, int]:
    counts: dict[SessionKind, int] = dict.fromkeys(KIND_WORDS, 0)
    for session in snapshot.sessions():
        counts[session.kind] += 1
    return counts


def _rules(definition: StudyDefinition | None) -> list[ShownRule]:
    """The rules of exclusion that leave anything out, as the study file states them."""
    analysis = definition.analysis if definition is not None else None
    if analysis is None:
        return []
    return [
        ShownRule(
            key=key, value=getattr(analysis, key), meaning=" ".join(field.description.split())
        )
        for key, field in Analysis.model_fields.items()
        if key not in _NO_RULES and getattr(analysis, key) != field.default and field.description
    ]
