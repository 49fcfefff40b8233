"""The report of a study: the page around it, making it, and what can be downloaded of it."""

from __future__ import annotations

from typing import Any

from flask import Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from werkzeug.datastructures import Headers, MultiDict

from jndlab.errors import DataError, RequestInvalid
from jndlab.store.answered import Answered, answered_by_version
from jndlab.store.studies import definition_of, live_version, newest_version, versions_of
from jndlab.studies.registration import registration_of
from jndlab.study.definition import StudyDefinition
from jndlab.study.trials import SessionKind
from jndlab.web.access import needs, the_study, the_user
from jndlab.web.context import settings, store
from jndlab.web.experimenter.blueprint import blueprint
from jndlab.web.jobs.queue import JobState, newest_job, start_job
from jndlab.web.kept_reports import (
    FIGURES,
    NUMBERS,
    PAGE,
    PDF,
    KeptReport,
    answered_for,
    kinds_of,
    newest_report,
    require_report,
)
from jndlab.web.looks import has_seen, is_look, note_look
from jndlab.web.peeks import MAX_REASON
from jndlab.web.report_choice import (
    OPTIONS,
    ReportChoice,
    parse_changes,
    parse_version,
    real_changes,
)
from jndlab.web.report_form import option_fields, written
from jndlab.web.security import REPORT_HOLDER_POLICY, REPORT_POLICY

KINDS: dict[SessionKind, str] = {
    "participant": "Participants",
    "pilot": "The pilot",
    "simulated": "Simulated listeners",
}
"""Whose answers can be reported, in the words of the page."""
FILES = {
    "html": (PAGE, "text/html"),
    "pdf": (PDF, "application/pdf"),
    "numbers": (NUMBERS, "application/json"),
    "figures": (FIGURES, "application/zip"),
}
FEWEST_LETTERS = 3
_ENDINGS = {"html": ".html", "pdf": ".pdf", "numbers": "-numbers.json", "figures": "-figures.zip"}


@blueprint.get("/studies/<slug>/report")
@needs("analyse")
def report(slug: str) -> ResponseReturnValue:
    """The newest finished report of what is chosen, inside the study's page."""
    access = the_study()
    choice = _choice_of(request.args)
    with store().read() as db:
        counts = {kind: answered_by_version(db, access.study_id, kinds=[kind]) for kind in KINDS}
        definition = _definition(db, access.study_id, choice)
        kept = newest_report(settings(), access.study_id, choice)
        collecting = is_look(access.state, choice.kind)
        page = render_template(
            "experimenter/report.html",
            choice=choice,
            kinds=KINDS,
            n_by_kind={kind: sum(one.n_answers for one in counts[kind].values()) for kind in KINDS},
            versions=_versions(counts, choice),
            definition=definition,
            fields=option_fields(definition.analysis, choice.changes) if definition else [],
            registration=_registration(db, access.study_id, kept),
            kept=kept,
            now=answered_for(db, access.study_id, choice),
            jobs=_jobs(db, access.study_id, choice, kept),
            collecting=collecting,
            hidden=is_hidden(kept),
            max_reason=MAX_REASON,
        )
    return Response(page, headers=Headers({"Content-Security-Policy": REPORT_HOLDER_POLICY}))


@blueprint.post("/studies/<slug>/report/make")
@needs("analyse")
def make_report(slug: str) -> ResponseReturnValue:
    """Ask for a report of what the form says."""
    study_id = the_study().study_id
    choice = _choice_of(request.form)
    with store().read() as db:
        definition = _definition(db, study_id, choice)
        now = answered_for(db, study_id, choice)
    if definition is None or not now.n_answers:
        raise DataError(
            f"There are no answers of this kind yet ({KINDS[choice.kind].lower()}).",
            "Hand out the participants' link, or choose other answers.",
        )
    plan = definition.analysis
    choice = ReportChoice.from_dict(
        {**choice.to_dict(), "changes": real_changes(plan, choice.changes)}
    )
    options = {"choice": choice.to_dict()}
    start_job(store(), settings(), "report", study_id=study_id, by=the_user().id, options=options)
    return redirect(_link_to(choice))


@blueprint.post("/studies/<slug>/report/<report_id>/look")
@needs("analyse")
def look_at_report(slug: str, report_id: str) -> ResponseReturnValue:
    """Show a report while answers are coming in; that is noted, with the reason."""
    study_id = the_study().study_id
    kept = require_report(settings(), study_id, report_id)
    reason = request.form.get("reason", "").strip()
    if len(reason) < FEWEST_LETTERS:
        raise RequestInvalid("A look wants a reason.", "Say why you look before the end.")
    note_look(store(), study_id, kept, reason=reason, by=the_user().id)
    return redirect(_link_to(kept.choice))


@blueprint.get("/studies/<slug>/report/<report_id>/page")
@needs("analyse")
def report_page(slug: str, report_id: str) -> ResponseReturnValue:
    """The report itself, one self-contained page."""
    kept = require_report(settings(), the_study().study_id, report_id)
    if is_hidden(kept):
        return redirect(_link_to(kept.choice))
    headers = Headers({"Content-Security-Policy": REPORT_POLICY})
    return Response(kept.read(PAGE), mimetype="text/html", headers=headers)


@blueprint.get("/studies/<slug>/report/<report_id>/files/<what>")
@needs("analyse")
def report_file(slug: str, report_id: str, what: str) -> ResponseReturnValue:
    """A file of a report, to download."""
    if what not in FILES:
        raise RequestInvalid("There is no such file.", f"Choose one of: {', '.join(FILES)}.")
    kept = require_report(settings(), the_study().study_id, report_id)
    if is_hidden(kept):
        return redirect(_link_to(kept.choice))
    name, mimetype = FILES[what]
    shown = f"{slug}-{_NAMES[kept.choice.kind]}{_ENDINGS[what]}"
    headers = Headers({"Content-Disposition": f'attachment; filename="{shown}"'})
    return Response(kept.read(name), mimetype=mimetype, headers=headers)


_NAMES: dict[SessionKind, str] = {
    "participant": "report",
    "pilot": "pilot",
    "simulated": "simulation",
}


@blueprint.post("/studies/<slug>/report/<report_id>/pdf")
@needs("analyse")
def make_report_pdf(slug: str, report_id: str) -> ResponseReturnValue:
    """Ask for the PDF of a report."""
    study_id = the_study().study_id
    kept = require_report(settings(), study_id, report_id)
    if not kept.has_pdf:
        options = {"report": kept.report_id}
        by = the_user().id
        start_job(store(), settings(), "report-pdf", study_id=study_id, by=by, options=options)
    return redirect(_link_to(kept.choice))


def is_hidden(kept: KeptReport | None) -> bool:
    """Whether to see a report is a look at incomplete data that is not noted yet."""
    access = the_study()
    if kept is None or not is_look(access.state, kept.choice.kind):
        return False
    with store().read() as db:
        return not has_seen(db, access.study_id, kept, by=the_user().id)


def _choice_of(form: MultiDict[str, str]) -> ReportChoice:
    """What a form or an address asks for. Raises DataError."""
    kind: SessionKind = next((one for one in KINDS if one == form.get("kind")), "participant")
    written_options = [(key, form[f"option-{key}"]) for key in OPTIONS if f"option-{key}" in form]
    return ReportChoice(
        kind=kind,
        version=parse_version(form.get("version", "")),
        condition=form.get("condition") or None,
        include_pilot=kind == "participant" and form.get("pilot") == "1",
        changes=parse_changes(written_options),
    )


def _link_to(choice: ReportChoice) -> str:
    """The address of the page with that choice."""
    asked: dict[str, Any] = {
        "kind": choice.kind if choice.kind != "participant" else None,
        "version": choice.version,
        "condition": choice.condition,
        "pilot": "1" if choice.include_pilot else None,
    }
    asked |= {f"option-{key}": written(value) for key, value in choice.changes.items()}
    return url_for("experimenter.report", slug=the_study().slug, **asked)


def _definition(db: Session, study_id: int, choice: ReportChoice) -> StudyDefinition | None:
    """The frozen study that a choice is about; None before the first launch."""
    versions = {row.number: row for row in versions_of(db, study_id)}
    answered = answered_by_version(db, study_id, kinds=kinds_of(choice))
    with_answers = [number for number, one in answered.items() if one.n_answers]
    if isinstance(choice.version, int):
        row = versions.get(choice.version)
    elif with_answers:
        row = versions[max(with_answers)]
    else:
        row = live_version(db, study_id) or newest_version(db, study_id)
    return None if row is None else definition_of(row)


def _versions(
    counts: dict[SessionKind, dict[int, Answered]], choice: ReportChoice
) -> dict[int, int]:
    """Sessions with answers of each version, for the kind of the choice."""
    return {number: one.n_sessions for number, one in counts[choice.kind].items() if one.n_answers}


def _registration(db: Session, study_id: int, kept: KeptReport | None) -> Any:
    """The registration of the version that a report is about."""
    if kept is None or not kept.version.isdecimal():
        return None
    row = next((one for one in versions_of(db, study_id) if one.number == int(kept.version)), None)
    return None if row is None else registration_of(db, row)


def _jobs(
    db: Session, study_id: int, choice: ReportChoice, kept: KeptReport | None
) -> dict[str, JobState | None]:
    """The jobs that the page has to tell of: those under way, and those that failed last."""
    making = newest_job(db, study_id, "report", options={"choice": choice.to_dict()})
    pdf = None
    if kept is not None:
        pdf = newest_job(db, study_id, "report-pdf", options={"report": kept.report_id})
    return {
        "report": None if making is None or making.state == "done" else making,
        "pdf": None if pdf is None or pdf.state == "done" else pdf,
    }
