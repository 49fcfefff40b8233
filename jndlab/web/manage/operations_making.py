"""Requests of the experimenter's API about sounds, copies and registration of a study."""

from __future__ import annotations

from jndlab.web.manage import messages as m
from jndlab.web.manage import messages_making as mm
from jndlab.web.manage.described import STUDY
from jndlab.web.manage.described import operation as _op
from jndlab.web.operations import ANY_FILE, WAV

MAKING = (
    _op(
        "delete", f"{STUDY}/uploads/{{name}}", "Forget a file that was begun.", m.Done, right="edit"
    ),
    _op(
        "get",
        f"{STUDY}/sounds",
        "Which sounds there are, and which are missing.",
        mm.SoundsView,
        right="view",
    ),
    _op(
        "get",
        f"{STUDY}/sounds/file",
        "A source sound as it was sent; path names its place.",
        gives=WAV,
        query=("path",),
        errors=(422,),
        right="view",
    ),
    _op(
        "delete",
        f"{STUDY}/sounds",
        "Delete a file, a level or a condition, until somebody undoes it.",
        mm.DeletedSounds,
        body=mm.DeleteSounds,
        errors=(409, 422),
        right="edit",
    ),
    _op(
        "post",
        f"{STUDY}/sounds/restore",
        "Undo a deletion.",
        mm.SoundsView,
        body=mm.RestoreSounds,
        errors=(409, 422),
        right="edit",
    ),
    _op(
        "post",
        f"{STUDY}/sounds/settle",
        "Bring the study file up to date with the sounds that were sent; the first time, write it.",
        mm.Settled,
        body=mm.SettleSounds,
        errors=(409, 422),
        right="edit",
    ),
    _op(
        "put",
        f"{STUDY}/sounds/condition",
        "Name, unit and direction of a condition.",
        mm.Settled,
        body=mm.DescribeCondition,
        errors=(409, 422),
        right="edit",
    ),
    _op(
        "post",
        f"{STUDY}/estimate",
        "How long a session takes, and how certain the result will be.",
        mm.EstimateView,
        body=mm.Estimate,
        errors=(409, 422),
        right="view",
    ),
    _op(
        "post",
        f"{STUDY}/copies",
        "Make a copy, a draft of one's own.",
        m.StudyView,
        body=mm.CopyStudy,
        status=201,
        errors=(409, 422, 507),
        right="edit",
    ),
    _op(
        "post",
        f"{STUDY}/archive",
        "Put study file and sounds into one archive: a job.",
        m.JobView,
        status=202,
        right="edit",
    ),
    _op(
        "post",
        f"{STUDY}/uploads/{{name}}/take",
        "Fill an empty study from the archive of one: a job.",
        m.JobView,
        status=202,
        errors=(400,),
        right="own",
    ),
    _op(
        "post",
        f"{STUDY}/uploads/{{name}}/import",
        "Look into another tool's study, or fill an empty study from it: a job.",
        m.JobView,
        body=mm.ImportStudy,
        status=202,
        right="edit",
    ),
    _op(
        "post",
        f"{STUDY}/registration",
        "Register a version with its plan of analysis. It cannot be undone.",
        mm.RegistrationView,
        body=mm.RegisterVersion,
        errors=(409,),
        right="own",
    ),
    _op(
        "get",
        f"{STUDY}/registration/{{number}}/{{what}}",
        "The registered document: md to read, json for machines.",
        gives=ANY_FILE,
        errors=(400,),
        right="own",
    ),
)
