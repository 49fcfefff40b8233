"""The participant API. Order and truth stay on the server; the browser gets opaque names."""

from __future__ import annotations

from dataclasses import asdict

from flask import Blueprint, Response, jsonify, request, url_for
from flask.typing import ResponseReturnValue
from pydantic import BaseModel

from jndlab import sessions
from jndlab.clips import open_clips
from jndlab.errors import TokenInvalid
from jndlab.sessions.endings import give_up
from jndlab.sessions.opening import has_session, is_same_person
from jndlab.store.rates import OPENINGS, require_rate
from jndlab.study.flow import Occasion
from jndlab.study.trials import Response as TrialAnswer
from jndlab.web import messages, messages_checks, messages_trials
from jndlab.web.addresses import client_address
from jndlab.web.bodies import read_body
from jndlab.web.context import settings, store
from jndlab.web.openapi import openapi_document
from jndlab.web.sounds import MIMETYPE, clip_response

blueprint = Blueprint("api", __name__, url_prefix="/api/v1")


@blueprint.post("/sessions")
def open_session() -> ResponseReturnValue:
    """Open a session after consent."""
    body = read_body(messages.OpenSession)
    _require_few_openings(body)
    token, position = sessions.open_session(
        store(),
        link=body.link,
        user_agent=request.headers.get("User-Agent", ""),
        token=body.token,
        simulation=body.simulation,
        consent_version=body.consent_version,
        recruit=body.recruit,
    )
    return _json(messages.OpenedSession(token=token, **asdict(position))), 201


@blueprint.get("/session")
def session_state() -> ResponseReturnValue:
    """Where the session stands: what to do next, and how much is done."""
    return _json(messages.SessionState(**asdict(sessions.position(store(), _token()))))


@blueprint.post("/resume")
def resume() -> ResponseReturnValue:
    """Go on with a session in a page that was loaded anew."""
    body = read_body(messages.Resume)
    return _json(messages.SessionState(**asdict(sessions.resume(store(), _token(), body.key))))


@blueprint.post("/recruit")
def same_person() -> ResponseReturnValue:
    """Whether the session is of the person whom a recruiter's parameters name."""
    body = read_body(messages.WhoIsIt)
    return _json(messages.SamePerson(same=is_same_person(store(), _token(), body.recruit)))


@blueprint.post("/trial")
def current_trial() -> ResponseReturnValue:
    """Present the current trial. Asked again, it gives the same trial."""
    return _json(_trial(sessions.release_trial(store(), _token())))


@blueprint.post("/trials/ahead")
def trials_ahead() -> ResponseReturnValue:
    """Hand out the sounds of the next trials, at most two, before their turn."""
    views = sessions.release_ahead(store(), _token())
    return _json(messages_trials.TrialsAhead(trials=[_trial(view) for view in views]))


@blueprint.get("/clips/<name>")
def clip(name: str) -> ResponseReturnValue:
    """One sound as 24-bit PCM WAV. All intervals of a trial have the same length."""
    return clip_response(settings(), sessions.find_clip(store(), _token(), name), name)


@blueprint.get("/examples/<int(max=1000000):number>")
def example(number: int) -> ResponseReturnValue:
    """One sound of the page of instructions as 24-bit PCM WAV."""
    return clip_response(settings(), sessions.find_example(store(), _token(), number))


@blueprint.put("/trials/<int(max=1000000):number>/response")
def answer(number: int) -> ResponseReturnValue:
    """Answer a trial. Confirmed only when it is stored for good; safe to send twice."""
    body = read_body(messages_trials.TrialResponse)
    receipt = sessions.store_answer(
        store(),
        _token(),
        number,
        TrialAnswer(
            value=body.response,
            response_time_ms=body.response_time_ms,
            plays=tuple(body.plays),
            confidence=body.confidence,
        ),
        key=body.key,
        context_rate_hz=body.context_rate_hz,
        output_latency_ms=body.output_latency_ms,
        shown_ms_ago=body.shown_ms_ago,
        of_session=body.session,
    )
    return _json(
        messages_trials.AnswerReceipt(
            number=receipt.number,
            repeated=receipt.repeated,
            correct=receipt.correct,
            correct_response=receipt.correct_response,
        )
    )


@blueprint.post("/check")
def current_check() -> ResponseReturnValue:
    """Present the current trial of the current check. Asked again, it gives the same one."""
    view = sessions.release_check(store(), _token())
    gains = view.gain_range_db
    return _json(
        messages_checks.CheckTrial(
            kind=view.kind,
            number=view.number,
            n_trials=view.n_trials,
            attempt=view.attempt,
            answers=list(view.answers),
            intervals=[
                messages_checks.TimeSpan(start=start, end=end) for start, end in view.intervals
            ],
            gain_range=messages_checks.GainRange(lowest=gains[0], highest=gains[1], first=gains[2])
            if gains
            else None,
            clip=url_for("api.check_clip", name=view.name),
            answer=url_for("api.answer_check", name=view.name),
        )
    )


@blueprint.get("/checks/<name>/clip")
def check_clip(name: str) -> ResponseReturnValue:
    """The sound of a check as 24-bit PCM WAV."""
    return _wav(sessions.check_wav(store(), _token(), name, open_clips(settings())))


@blueprint.put("/checks/<name>")
def answer_check(name: str) -> ResponseReturnValue:
    """Answer a trial of a check. Each sound can be answered once, and the first answer stands."""
    body = read_body(messages_checks.CheckAnswer)
    receipt = sessions.answer_check(store(), _token(), name, body.answer)
    return _json(messages_checks.CheckResult(outcome=receipt.outcome, gain_db=receipt.gain_db))


@blueprint.put("/questionnaires/<name>")
def answer_questionnaire(name: str) -> ResponseReturnValue:
    """Answer a questionnaire. What is wrong is listed by question, and nothing is stored then."""
    body = read_body(messages_checks.QuestionnaireAnswers)
    receipt = sessions.store_questionnaire(
        store(),
        _token(),
        Occasion(questionnaire=name, block=body.block),
        body.answers,
        key=body.key,
    )
    problems = [messages_checks.AnswerProblem(**asdict(problem)) for problem in receipt.problems]
    return _json(
        messages_checks.QuestionnaireResult(
            stored=receipt.stored, repeated=receipt.repeated, problems=problems
        )
    )


@blueprint.post("/withdraw")
def withdraw() -> ResponseReturnValue:
    """Delete everything that the session has stored."""
    sessions.withdraw(store(), _token())
    return _json(messages.Withdrawn())


@blueprint.post("/events")
def event() -> ResponseReturnValue:
    """Report something that happened in the browser."""
    body = read_body(messages.ClientEvent)
    sessions.store_event(store(), _token(), body.kind, body.detail)
    return _json(messages.Stored())


@blueprint.post("/failure")
def failure() -> ResponseReturnValue:
    """Get the failure code, where the technology fails again and again."""
    leave = give_up(store(), _token(), read_body(messages.Failure).reason)
    return _json(messages.FailureCode(completion_code=leave.code or "", completion_url=leave.url))


@blueprint.post("/finish")
def finish() -> ResponseReturnValue:
    """Confirm the end of the session and get the completion code."""
    return _json(messages.SessionState(**asdict(sessions.finish(store(), _token()))))


@blueprint.get("/openapi.json")
def openapi() -> ResponseReturnValue:
    """This description."""
    return jsonify(openapi_document())


def _require_few_openings(body: messages.OpenSession) -> None:
    """Count a new session. Who asks again for one that is there fills no study with sessions."""
    address = "" if body.simulation is not None else client_address()
    if address and not has_session(store(), body.link, body.token):
        require_rate(store(), OPENINGS, address)


def _trial(view: sessions.TrialView) -> messages_trials.CurrentTrial:
    return messages_trials.CurrentTrial(
        session=view.session,
        number=view.number,
        n_trials=view.n_trials,
        phase="practice" if view.phase == "practice" else "main",
        place=view.place,
        n_in_phase=view.n_in_phase,
        at_most=view.at_most,
        paradigm=view.paradigm,
        part=view.part,
        starts_block=view.starts_block,
        intervals=[
            messages_trials.IntervalView(label=label, clip=url_for("api.clip", name=name))
            for label, name in zip(view.labels, view.clips, strict=True)
        ],
    )


def _token() -> str:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme != "Bearer" or not token:
        raise TokenInvalid(
            "This session is not known here.", "Open the link that you were given once more."
        )
    return token


def _json(message: BaseModel) -> Response:
    return Response(message.model_dump_json(), mimetype="application/json")


def _wav(content: bytes) -> Response:
    return Response(content, mimetype=MIMETYPE)
