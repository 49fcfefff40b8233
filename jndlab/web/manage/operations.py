"""The requests of the experimenter's API."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from jndlab.web.manage import messages as m
from jndlab.web.operations import ANY_FILE, Operation

STUDY = "/studies/{slug}"


def _op(
    method: str, path: str, summary: str, answer: type[BaseModel] | None = None, **more: Any
) -> Operation:
    needs_body = more.get("body") is not None or more.get("takes") is not None
    errors = {404, *((400,) if needs_body else ()), *more.pop("errors", ())}
    return Operation(
        method=method,
        path=path,
        summary=summary,
        answer=answer,
        who="experimenter",
        errors=tuple(sorted(errors)),
        **more,
    )


MANAGE_OPERATIONS = (
    _op("get", "/me", "For whom the token acts.", m.Me),
    _op("get", "/studies", "The studies that the token may see.", m.StudyList),
    _op(
        "post",
        "/studies",
        "Make an empty study.",
        m.StudyView,
        body=m.NewStudy,
        status=201,
        errors=(409,),
    ),
    _op("get", STUDY, "One study: state, counts, link.", m.StudyView),
    _op(
        "delete",
        STUDY,
        "Delete a draft or an archived study for good.",
        m.Done,
        body=m.DeleteStudy,
        errors=(409,),
    ),
    _op("get", f"{STUDY}/file", "The newest draft of the study file.", m.StudyFile),
    _op(
        "put",
        f"{STUDY}/file",
        "Save a draft; refused if somebody else has saved one meanwhile.",
        m.StudyFile,
        body=m.SaveStudyFile,
        errors=(409, 422),
    ),
    _op(
        "post",
        f"{STUDY}/uploads",
        "Begin a sound file or an archive, or find how far one has come.",
        m.UploadView,
        body=m.BeginUpload,
        status=201,
        errors=(413, 422, 507),
    ),
    _op("get", f"{STUDY}/uploads/{{name}}", "How far a file has come.", m.UploadView),
    _op(
        "patch",
        f"{STUDY}/uploads/{{name}}",
        "Send the next part of a file; the header Upload-Offset says where it begins.",
        m.UploadView,
        takes=ANY_FILE,
        errors=(409, 413, 422, 507),
    ),
    _op(
        "post",
        f"{STUDY}/uploads/{{name}}/unpack",
        "Unpack an archive that has arrived: a job.",
        m.JobView,
        body=m.Unpack,
        status=202,
    ),
    _op(
        "post",
        f"{STUDY}/gate",
        "Let the pair gate look at every sound: a job.",
        m.JobView,
        status=202,
    ),
    _op("get", f"{STUDY}/gate", "What the pair gate found when it last looked.", m.GateView),
    _op(
        "put",
        f"{STUDY}/gate/reasons",
        "Write why a warning is no reason against the study.",
        m.GateView,
        body=m.Explain,
        errors=(409, 422),
    ),
    _op(
        "post",
        f"{STUDY}/launch",
        "Preview, pilot or launch: a job.",
        m.JobView,
        body=m.Launch,
        status=202,
    ),
    _op(
        "post",
        f"{STUDY}/state",
        "Pause, go on, close, archive.",
        m.StudyView,
        body=m.ChangeState,
        errors=(409,),
    ),
    _op("get", f"{STUDY}/versions", "The frozen versions.", m.VersionList),
    _op("get", f"{STUDY}/sessions", "The sessions and how far they are.", m.SessionList),
    _op("get", f"{STUDY}/links", "The links beside the study's own.", m.LinkList),
    _op(
        "post",
        f"{STUDY}/links",
        "Make links.",
        m.LinkList,
        body=m.MakeLinks,
        status=201,
    ),
    _op(
        "put",
        f"{STUDY}/links/{{link_id}}",
        "Take a link back, or let it be used again.",
        m.LinkList,
        body=m.Revoke,
    ),
    _op(
        "put",
        f"{STUDY}/quota",
        "How many sessions may count.",
        m.StudyView,
        body=m.SetQuota,
    ),
    _op("get", f"{STUDY}/members", "Who has which role.", m.MemberList),
    _op(
        "post",
        f"{STUDY}/members",
        "Give a user a role.",
        m.MemberList,
        body=m.AddMember,
        status=201,
        errors=(409,),
    ),
    _op(
        "put",
        f"{STUDY}/members/{{user_id}}",
        "Give a member another role.",
        m.MemberList,
        body=m.SetRole,
        errors=(409,),
    ),
    _op(
        "delete",
        f"{STUDY}/members/{{user_id}}",
        "Take a member out.",
        m.MemberList,
        errors=(409,),
    ),
    _op(
        "get",
        f"{STUDY}/data/{{table}}",
        "A table of the data: trials, checks, sessions, events or questionnaires.",
        gives="text/csv",
        query=("format", "kind", "version"),
        errors=(400, 422),
    ),
    _op(
        "post",
        f"{STUDY}/package",
        "Make one file with everything: a job.",
        m.JobView,
        body=m.MakePackage,
        status=202,
    ),
    _op(
        "post",
        f"{STUDY}/report",
        "Make a report: a job. While the study runs, this is noted as a look at the data.",
        m.JobView,
        body=m.MakeReport,
        status=202,
        errors=(422,),
    ),
    _op(
        "post",
        f"{STUDY}/reports/{{report_id}}/look",
        "Say why a report is looked at while answers come in; it is noted.",
        m.Done,
        body=m.Look,
    ),
    _op(
        "get",
        f"{STUDY}/reports/{{report_id}}/{{what}}",
        "A report that was made: html, numbers, figures or pdf.",
        gives=ANY_FILE,
        errors=(422,),
    ),
    _op("get", "/jobs/{job_id}", "How far long work is.", m.JobView),
    _op("get", "/jobs/{job_id}/files/{name}", "A file that a job has made.", gives=ANY_FILE),
)
