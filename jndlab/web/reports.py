"""A study's answers -> its report. The one way from the store into the analysis."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jndlab.errors import DataError
from jndlab.export.checks import count_checks
from jndlab.export.snapshot import EXPORTED_KINDS
from jndlab.store.engine import Store
from jndlab.store.studies import progress_of, require_study
from jndlab.study.trials import SessionKind
from jndlab.web.check_procedure import describe_checks
from jndlab.web.gate_procedure import describe_gate
from jndlab.web.procedure import describe_procedure
from jndlab.web.report_choice import ReportChoice, Version, chosen_options, planned_options
from jndlab.web.report_input import WHOSE, ReportInput, report_input_of
from jndlab.web.session_procedure import describe_questionnaires, describe_sessions

if TYPE_CHECKING:
    from jndlab.analysis import PartAnalysis
    from jndlab.analysis.study.model_facts import ModelFacts

Progress = Callable[[str], None]
"""Is told of each step when it begins."""


def require_answers(store: Store, slug: str, *, kind: SessionKind) -> None:
    """Raise DataError if there are no answers of that kind, StudyUnknown for another study."""
    with store.read() as db:
        study = require_study(db, slug)
        counts = {k: progress_of(db, study.id, kind=k).n_answers for k in EXPORTED_KINDS}
    if counts[kind]:
        return
    remedy = f"Hand out the participants' link, or try: jndlab simulate {slug}"
    other = next((k for k in EXPORTED_KINDS if counts[k]), None)
    if other is not None:
        remedy = f"{counts[other]} answers are of another kind: ask for --kind {other}."
    raise DataError(f"{slug} has no answers from {WHOSE[kind]} yet.", remedy)


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyReport:
    """A report, and what it comes to in a sentence per condition."""

    page: str
    """One self-contained HTML file."""
    headlines: tuple[str, ...]
    versions: str
    """Numbers of the versions that it is about."""
    n_departures: int
    """From the plan."""
    parts: tuple[PartAnalysis, ...] = field(repr=False)
    """The analysis of every part of the session; one where it was all one."""

    @property
    def analysis(self) -> Any:
        """That of the first part, whatever kind its answers are of."""
        return self.parts[0].analysis


def make_study_report(
    store: Store,
    slug: str,
    *,
    kind: SessionKind,
    manifest: Path | None = None,
    version: Version = None,
    condition: str | None = None,
    include_pilot: bool = False,
    options: Mapping[str, Any] | None = None,
) -> StudyReport:
    """The report over the answers of one kind of session.

    ``manifest``: a CSV file with sizes of the models and objective scores of the stimuli.
    ``version``: None means the newest one with answers; sessions of others are left out, unless it
    is "all". ``condition``: the only one to report. ``options``: keys of the study file's section
    ``analysis`` with other values than planned, which the report marks.
    Raises DataError if there are no answers yet or something asked for cannot be, StudyUnknown
    for an unknown study.
    """
    choice = ReportChoice(
        kind=kind,
        version=version,
        condition=condition,
        include_pilot=include_pilot,
        changes=options or {},
    )
    return make_chosen_report(store, slug, choice, manifest=manifest)


def make_chosen_report(
    store: Store,
    slug: str,
    choice: ReportChoice,
    *,
    manifest: Path | None = None,
    progress: Progress | None = None,
) -> StudyReport:
    """The same, with the choice in one record; ``progress`` is told of each step."""
    if progress is not None:
        progress("reading the answers")
    if not choice.include_pilot:  # a pilot may have the only answers that there are
        require_answers(store, slug, kind=choice.kind)
    study = report_input_of(store, slug, choice)
    return report_on(study, manifest=manifest, progress=progress)


def report_on(
    study: ReportInput, *, manifest: Path | None = None, progress: Progress | None = None
) -> StudyReport:
    """The report on a study, wherever its answers come from. Raises DataError.

    A manifest that is given stands in for the one that is frozen with the study.
    """
    from jndlab.analysis import TrackStatus, analyse_parts, departures, headlines, render_parts

    definition = study.definition
    conditions = definition.stimuli.conditions
    parts = analyse_parts(
        study.trials,
        # Not the study's own seed: a report may be shown while the seed still has to be secret.
        seed=int(study.digest[:8], 16),
        options=chosen_options(definition.analysis, study.choice),
        planned=planned_options(definition.analysis, kind=study.kind),
        facts=_facts(study, manifest),
        record=study.record,
        conduct=study.conduct,
        tracks=[TrackStatus.from_row(row) for row in study.tracks],
        directions={one.name: one.compression for one in conditions},
        units={one.name: one.unit for one in conditions},
        order=[part.name for part in definition.parts],
        progress=progress,
    )
    if progress is not None:
        progress("drawing the figures and writing the page")
    return StudyReport(
        page=render_parts(parts, title=definition.title, procedure=_procedure(study)),
        headlines=tuple(
            f"{part.name}, {sentence}" if part.name else sentence
            for part in parts
            for sentence in headlines(part.analysis)
        ),
        versions=study.versions,
        n_departures=len({one for part in parts for one in departures(part.analysis)}),
        parts=parts,
    )


def _facts(study: ReportInput, manifest: Path | None) -> ModelFacts | None:
    """What is known of the models behind the sounds; None if nobody has said anything."""
    from jndlab.analysis import load_model_facts

    if manifest is not None:
        return load_model_facts(manifest)
    if study.manifest is None:
        return None
    return load_model_facts(list(csv.DictReader(StringIO(study.manifest))))


def _procedure(study: ReportInput) -> list[str]:
    """What was done, in paragraphs."""
    definition = study.definition
    procedure = describe_procedure(definition)
    gate = describe_gate(study.gate)
    if study.kind == "simulated":
        procedure = procedure[:-1]  # nobody had ears, headphones or a browser
    else:
        rules = definition.check_rules()
        counts = count_checks(rules, study.checks, kind=study.kind, digest=study.digest)
        procedure.append(describe_sessions(study.sessions))
        procedure.append(describe_checks(rules, counts))
        procedure += describe_questionnaires(definition.questionnaires, study.questionnaires)
    if gate:
        procedure.insert(1, " ".join(gate))  # after the stimuli
    if definition.analysis is not None and definition.analysis.bound_reason:
        procedure.append(f"Equivalence bound: {definition.analysis.bound_reason}")
    return procedure
