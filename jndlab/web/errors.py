"""Error class -> status, in one table; one JSON shape for the API, one page for people."""

from __future__ import annotations

import logging

from flask import Flask, g, jsonify, make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import NoResultFound
from werkzeug.exceptions import HTTPException

from jndlab import errors
from jndlab.languages.marks import N_
from jndlab.web.observation import route
from jndlab.web.security_log import note, note_refusal
from jndlab.web.wording import choose_wording

STATUS: dict[type[errors.JndlabError], int] = {
    errors.JndlabError: 400,
    errors.StudyError: 422,
    errors.StudyUnknown: 404,
    errors.StudyConflict: 409,
    errors.DraftConflict: 409,
    errors.AccessDenied: 403,
    errors.NotSignedIn: 401,
    errors.AudioError: 422,
    errors.CompressionError: 422,
    errors.ArchiveRefused: 422,
    errors.UploadConflict: 409,
    errors.TooLarge: 413,
    errors.NoRoom: 507,
    errors.StoreError: 503,
    errors.SessionError: 400,
    errors.TokenInvalid: 404,
    errors.RequestInvalid: 400,
    errors.TrialOutOfOrder: 409,
    errors.AnswerConflict: 409,
    errors.SessionClosed: 409,
    errors.SessionExpired: 409,
    errors.SessionWithdrawn: 409,
    errors.ConsentOutdated: 409,
    errors.StudyPaused: 409,
    errors.StudyClosed: 409,
    errors.StudyFull: 409,
    errors.LinkExpired: 409,
    errors.LinkRevoked: 409,
    errors.LinkUsedUp: 409,
    errors.RecruitMissing: 400,
    errors.RecruitBegun: 409,
    errors.RecruitDone: 409,
    errors.SignInError: 403,
    errors.TooManyAttempts: 429,
    errors.TooManyRequests: 429,
    errors.AccountError: 409,
    errors.DataError: 422,
    errors.FitError: 422,
    errors.ServerError: 502,
    errors.MissingExtra: 501,
}

_HTTP_REMEDIES = {
    404: N_("Check the address."),
    405: "Use the method that the API description names.",
    413: "Send less at once.",
    415: "Send JSON with Content-Type: application/json.",
}

_SERVER_BUSY = N_("The server cannot do this at the moment.")
_PATIENCE = N_(
    "Try again in a moment; what was confirmed as saved is safe. If it goes on, tell the "
    "experimenter."
)
_FULL = "The disk of the server is full; nothing was saved."
_FULL_REMEDY = "Free some space on the server, or ask who looks after it; then do the same again."
_FULL_SIGNS = ("No space left", "disk is full", "quota exceeded")
"""In the words of the operating system and of SQLite."""
_NOT_FOUND = N_("Not Found.")  # the web framework's words, for participants who mistype a link

log = logging.getLogger("jndlab.web")


def register(app: Flask) -> None:
    """Show every error in the one form that fits who asked."""
    app.register_error_handler(errors.JndlabError, _known)
    app.register_error_handler(CSRFError, _form_expired)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(NoResultFound, _gone)
    app.register_error_handler(Exception, _unknown)


def _known(error: errors.JndlabError) -> ResponseReturnValue:
    status = STATUS[type(error)]
    note_refusal(error)
    if status >= 500 and not isinstance(error, errors.NoRoom):
        log.error("%s", error)  # with paths, which are no business of a participant's
        if "user" in g and any(sign in error.message for sign in _FULL_SIGNS):
            return _show(STATUS[errors.NoRoom], errors.NoRoom.code, _FULL, _FULL_REMEDY)
        return _show(status, error.code, _SERVER_BUSY, _PATIENCE)
    if isinstance(error, errors.DataError) and request.blueprint == "api":
        log.error("At %s %s: %s", request.method, route(), error)  # names levels and tracks
        return _show(status, error.code, _SERVER_BUSY, _PATIENCE)
    shown = _show(status, error.code, error.message, error.remedy, **_facts(error))
    if isinstance(error, errors.TooManyRequests):
        response = make_response(shown)
        response.headers["Retry-After"] = str(error.seconds)
        return response
    return shown


def _facts(error: errors.JndlabError) -> dict[str, object]:
    """What a script needs to know of an error beside its message."""
    if isinstance(error, errors.UploadConflict):
        return {"offset": error.offset}
    if isinstance(error, errors.ArchiveRefused):
        return {"entries": error.entries}
    return {}


def _form_expired(error: CSRFError) -> ResponseReturnValue:
    note("form-refused")
    return _show(400, "form-expired", "This form has expired.", "Go back, reload and try again.")


def _http(error: HTTPException) -> ResponseReturnValue:
    status = error.code or 500
    if 300 <= status < 400:
        return error
    remedy = _HTTP_REMEDIES.get(status, "Try again; if it goes on, tell the experimenter.")
    response = make_response(_show(status, f"http-{status}", error.name + ".", remedy))
    allowed = error.get_response().headers.get("Allow")
    if allowed:
        response.headers["Allow"] = allowed
    return response


def _gone(error: NoResultFound) -> ResponseReturnValue:
    """A row that was there when the request began: its study was deleted, its upload abandoned."""
    log.warning("Gone meanwhile at %s %s", request.method, route(), exc_info=error)
    return _show(409, "gone", "This was deleted or changed meanwhile.", "Load the page again.")


def _unknown(error: Exception) -> ResponseReturnValue:
    log.exception("Unexpected error at %s %s", request.method, route())
    return _show(500, "server-failed", N_("Something went wrong."), _PATIENCE)


def _show(
    status: int, code: str, message: str, remedy: str, **facts: object
) -> ResponseReturnValue:
    wants_json = request.accept_mimetypes.best == "application/json"  # a script of our own pages
    if request.path.startswith("/api/") or wants_json:
        error = {"code": code, "message": message, "remedy": remedy, **facts}
        return jsonify({"error": error}), status
    if request.path.startswith("/s/"):
        choose_wording()
    return render_template("error.html", message=message, remedy=remedy), status
