"""Making a study: its file, its sounds, the pair gate, the launch."""

from __future__ import annotations

from dataclasses import asdict

from flask import Response, request

from jndlab.errors import RequestInvalid
from jndlab.studies.drafts import current_draft, save_draft
from jndlab.studies.gate import explain, gate_summary, is_current
from jndlab.studies.uploads import begin_upload, receive_part, upload_state
from jndlab.web.access import needs, the_study, the_user
from jndlab.web.bodies import read_body
from jndlab.web.body_limits import takes
from jndlab.web.context import settings, store
from jndlab.web.experimenter.uploads import MAX_PART_BYTES, part_offset
from jndlab.web.manage import messages as m
from jndlab.web.manage.blueprint import answer, blueprint
from jndlab.web.manage.running import start

MAX_FILE_BYTES = 1024**2


@blueprint.get("/studies/<slug>/file")
@needs("edit")
def study_file(slug: str) -> Response:
    """The newest draft of the study file. It holds the seed, which tells the right answers."""
    with store().read() as db:
        draft = current_draft(db, the_study().study_id)
    if draft is None:
        return answer(m.StudyFile(text="", number=0))
    return answer(m.StudyFile(text=draft.text, number=draft.number))


@blueprint.put("/studies/<slug>/file")
@needs("edit")
@takes(MAX_FILE_BYTES)
def save_study_file(slug: str) -> Response:
    """Save a draft; refused if somebody else has saved one meanwhile."""
    body = read_body(m.SaveStudyFile)
    number = save_draft(
        store(),
        settings(),
        the_study().study_id,
        body.text,
        based_on=body.based_on,
        by=the_user().id,
    )
    return answer(m.StudyFile(text=body.text, number=number))


@blueprint.post("/studies/<slug>/uploads")
@needs("edit")
def begin(slug: str) -> Response:
    """Begin a sound file or an archive, or find how far one has come."""
    body = read_body(m.BeginUpload)
    begun = begin_upload(
        store(),
        settings(),
        the_study().study_id,
        body.path,
        body.n_bytes,
        by=the_user().id,
        replace=body.replace,
    )
    return answer(m.UploadView(**asdict(begun)), 201)


@blueprint.get("/studies/<slug>/uploads/<name>")
@needs("edit")
def upload(slug: str, name: str) -> Response:
    """How far a file has come."""
    state = upload_state(store(), settings(), the_study().study_id, name)
    return answer(m.UploadView(**asdict(state)))


@blueprint.patch("/studies/<slug>/uploads/<name>")
@needs("edit")
@takes(MAX_PART_BYTES)
def send_part(slug: str, name: str) -> Response:
    """Take the next part of a file."""
    state = receive_part(
        store(), settings(), the_study().study_id, name, part_offset(), request.stream
    )
    return answer(m.UploadView(**asdict(state)))


@blueprint.post("/studies/<slug>/uploads/<name>/unpack")
@needs("edit")
def unpack(slug: str, name: str) -> Response:
    """Unpack an archive that has arrived: a job."""
    state = upload_state(store(), settings(), the_study().study_id, name)
    if not state.is_complete:
        raise RequestInvalid("The archive is not here as a whole.", "Go on sending it.")
    return start("unpack", {"name": name, "baseline": read_body(m.Unpack).baseline})


@blueprint.post("/studies/<slug>/gate")
@needs("edit")
def look_with_gate(slug: str) -> Response:
    """Let the pair gate look at every sound."""
    return start("gate", {})


@blueprint.get("/studies/<slug>/gate")
@needs("view")
def gate(slug: str) -> Response:
    """What the pair gate found when it last looked."""
    return answer(_gate())


@blueprint.put("/studies/<slug>/gate/reasons")
@needs("edit")
def write_reason(slug: str) -> Response:
    """Write why a warning is no reason against the study."""
    body = read_body(m.Explain)
    study_id = the_study().study_id
    record = gate_summary(store(), settings(), study_id)
    findings = [one for one in record.findings if one.finding.key == body.key] if record else []
    explain(store(), study_id, findings, body.reason, by=the_user().id)
    return answer(_gate())


@blueprint.post("/studies/<slug>/launch")
@needs("edit")
def launch(slug: str) -> Response:
    """Preview, pilot or launch what is saved."""
    body = read_body(m.Launch)
    return start("launch", {"target": body.target, "note": body.note.strip()})


def _gate() -> m.GateView:
    study_id = the_study().study_id
    record = gate_summary(store(), settings(), study_id)
    if record is None:
        return m.GateView(checked_at=None, is_current=False, findings=[])
    return m.GateView(
        checked_at=record.checked_at,
        is_current=is_current(settings(), study_id, record),
        findings=[
            m.FindingView(
                key=one.finding.key,
                code=one.finding.code,
                severity=one.finding.severity,
                item=one.finding.item,
                condition=one.finding.condition,
                level=one.finding.level,
                message=one.finding.message,
                remedy=one.finding.remedy,
                reason=one.reason or None,
            )
            for one in record.findings
        ],
    )
