"""A study's answers -> its report. The one way from the store into the analysis."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from jndlab.errors import DataError
from jndlab.export.checks import count_checks
from jndlab.export.tidy import BOTH_KINDS, study_rows
from jndlab.store.engine import Store
from jndlab.store.studies import definition_of, progress_of, require_study
from jndlab.study.definition import StudyDefinition
from jndlab.study.trials import SessionKind
from jndlab.web.check_procedure import describe_checks
from jndlab.web.procedure import describe_procedure
from jndlab.web.session_procedure import describe_questionnaires, describe_sessions

if TYPE_CHECKING:
    from jndlab.analysis import AnalysisOptions, StudyAnalysis


def require_answers(store: Store, slug: str, *, kind: SessionKind) -> None:
    """Raise DataError if there are no answers of that kind, StudyUnknown for another study."""
    with store.read() as db:
        study = require_study(db, slug)
        counts = {k: progress_of(db, study.id, kind=k).n_answers for k in BOTH_KINDS}
    if counts[kind]:
        return
    whose = "participants" if kind == "participant" else "simulated listeners"
    other: SessionKind = "simulated" if kind == "participant" else "participant"
    remedy = f"Hand out the participants' link, or try: jndlab simulate {slug}"
    if counts[other]:
        remedy = f"{counts[other]} answers are of the other kind: ask for --kind {other}."
    raise DataError(f"{slug} has no answers from {whose} yet.", remedy)


def planned_options(definition: StudyDefinition, *, kind: SessionKind) -> AnalysisOptions | None:
    """The analysis that the study file fixed; None if it fixed none."""
    from jndlab.analysis import AnalysisOptions

    if definition.analysis is None:
        return None
    fixed = definition.analysis.model_dump(exclude={"bound_reason"})
    return AnalysisOptions(session_kind=kind, **fixed)


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyReport:
    """A report, and what it comes to in a sentence per condition."""

    page: str
    """One self-contained HTML file."""
    headlines: tuple[str, ...]
    analysis: StudyAnalysis = field(repr=False)


def make_study_report(
    store: Store, slug: str, *, kind: SessionKind, manifest: Path | None = None
) -> StudyReport:
    """The report over the answers of one kind of session.

    ``manifest``: a CSV file with sizes of the models and objective scores of the stimuli.
    Raises DataError if there are no answers yet or the manifest is wrong, StudyUnknown for an
    unknown study.
    """
    require_answers(store, slug, kind=kind)
    with store.read() as db:
        study = require_study(db, slug)
        definition = definition_of(study)

    from jndlab.analysis import (
        AnalysisOptions,
        TrialTable,
        analyse_study,
        headline,
        load_model_facts,
        render_report,
    )

    table = TrialTable.from_rows(study_rows(store, slug, kinds=[kind]))
    planned = planned_options(definition, kind=kind)
    analysis = analyse_study(
        table,
        # Not the study's own seed: a report may be shown while the seed still has to be secret.
        seed=int(study.digest[:8], 16),
        options=planned or AnalysisOptions(session_kind=kind),
        planned=planned,
        facts=None if manifest is None else load_model_facts(manifest),
    )
    procedure = describe_procedure(definition)
    if kind == "simulated":
        procedure = procedure[:-1]  # nobody had ears, headphones or a browser
    else:
        rules = definition.check_rules()
        procedure.append(describe_sessions(store, slug))
        procedure.append(describe_checks(rules, count_checks(store, slug)))
        procedure += describe_questionnaires(store, slug)
    if definition.analysis is not None and definition.analysis.bound_reason:
        procedure.append(f"Bound of equivalence: {definition.analysis.bound_reason}")
    return StudyReport(
        page=render_report(analysis, title=definition.title, procedure=procedure),
        headlines=tuple(
            f"{condition.condition}: {headline(condition)}" for condition in analysis.conditions
        ),
        analysis=analysis,
    )
