"""Requests of the experimenter's API while a study runs, and about what came of it."""

from __future__ import annotations

from jndlab.web.manage import messages as m
from jndlab.web.manage import messages_watching as mw
from jndlab.web.manage.described import STUDY
from jndlab.web.manage.described import operation as _op

WATCHING = (
    _op(
        "get",
        f"{STUDY}/live",
        "How the sessions fare, without the result.",
        mw.LiveSummary,
        query=("kind", "version"),
        errors=(400,),
        right="view",
    ),
    _op(
        "post",
        f"{STUDY}/live/curve",
        "Look at the running result: a job. Where participants' data come in, it is noted.",
        m.JobView,
        body=mw.LookAtCurve,
        status=202,
        errors=(409,),
        right="analyse",
    ),
    _op(
        "get", f"{STUDY}/deeds", "Who did what with the study, and when.", mw.DeedList, right="own"
    ),
    _op(
        "get",
        f"{STUDY}/data/{{table}}/dictionary",
        "What every column of a table means.",
        mw.DictionaryView,
        errors=(422,),
        right="view",
    ),
    _op(
        "post",
        f"{STUDY}/exclusions",
        "List what the rules of the study file leave out: a job.",
        m.JobView,
        body=mw.ChooseSessions,
        status=202,
        right="analyse",
    ),
    _op(
        "post",
        f"{STUDY}/recruiter-ids",
        "Which recruiter's id each session has; it is noted who asked.",
        gives="text/csv",
        right="own",
    ),
    _op(
        "post",
        f"{STUDY}/reports/{{report_id}}/pdf",
        "Make the PDF of a report: a job.",
        m.JobView,
        status=202,
        right="analyse",
    ),
)
