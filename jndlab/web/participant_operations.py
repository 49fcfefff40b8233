"""The requests of the participant API."""

from __future__ import annotations

from jndlab.web import messages, messages_checks, messages_trials
from jndlab.web.operations import Operation

PARTICIPANT_OPERATIONS = (
    Operation(
        method="post",
        path="/sessions",
        summary="Open a session after consent.",
        body=messages.OpenSession,
        answer=messages.OpenedSession,
        status=201,
        needs_token=False,
        errors=(400, 404, 409, 429),
    ),
    Operation(
        method="get",
        path="/session",
        summary="Where the session stands.",
        answer=messages.SessionState,
    ),
    Operation(
        method="post",
        path="/resume",
        summary="Go on with a session in a page that was loaded anew; counted once per key.",
        body=messages.Resume,
        answer=messages.SessionState,
        errors=(400, 404, 409),
    ),
    Operation(
        method="post",
        path="/recruit",
        summary="Whether the session is of the person whom a recruiter's parameters name.",
        body=messages.WhoIsIt,
        answer=messages.SamePerson,
        errors=(400, 404),
    ),
    Operation(
        method="post",
        path="/trial",
        summary="Present the current trial; asked again, the same trial.",
        answer=messages_trials.CurrentTrial,
        errors=(404, 409),
    ),
    Operation(
        method="post",
        path="/trials/ahead",
        summary="Hand out the sounds of the next trials, at most two, before their turn.",
        answer=messages_trials.TrialsAhead,
        errors=(404, 409),
    ),
    Operation(method="get", path="/clips/{name}", summary="One sound, 24-bit PCM WAV."),
    Operation(
        method="get",
        path="/examples/{number}",
        summary="A sound of the page of instructions, by its place there, from 0.",
    ),
    Operation(
        method="put",
        path="/trials/{number}/response",
        summary="Answer a trial; idempotent. A different answer to the same trial is refused.",
        body=messages_trials.TrialResponse,
        answer=messages_trials.AnswerReceipt,
        errors=(400, 404, 409),
    ),
    Operation(
        method="post",
        path="/check",
        summary="Present the current trial of the current check; asked again, the same one.",
        answer=messages_checks.CheckTrial,
        errors=(400, 404, 409),
    ),
    Operation(
        method="get",
        path="/checks/{name}/clip",
        summary="The sound of a check, 24-bit PCM WAV.",
    ),
    Operation(
        method="put",
        path="/checks/{name}",
        summary="Answer a trial of a check; idempotent. The first answer stands.",
        body=messages_checks.CheckAnswer,
        answer=messages_checks.CheckResult,
        errors=(400, 404),
    ),
    Operation(
        method="put",
        path="/questionnaires/{name}",
        summary="Answer a questionnaire; idempotent. With a problem in it nothing is stored.",
        body=messages_checks.QuestionnaireAnswers,
        answer=messages_checks.QuestionnaireResult,
        errors=(400, 404, 409),
    ),
    Operation(
        method="post",
        path="/withdraw",
        summary="Delete everything that the session has stored; idempotent.",
        answer=messages.Withdrawn,
    ),
    Operation(
        method="post",
        path="/events",
        summary="Report something that happened in the browser.",
        body=messages.ClientEvent,
        answer=messages.Stored,
        errors=(400, 404),
    ),
    Operation(
        method="post",
        path="/failure",
        summary="Get the failure code, where the technology fails again and again.",
        body=messages.Failure,
        answer=messages.FailureCode,
        errors=(400, 404, 409),
    ),
    Operation(
        method="post",
        path="/finish",
        summary="Confirm the end and get the completion code.",
        answer=messages.SessionState,
        errors=(404, 409),
    ),
)
