"""What is noted of every request: its id, what kind it was, how it ended and how long it took.

Of an address only the pattern is noted (``/s/<link>``): the address itself has a token in it.
"""

from __future__ import annotations

import logging
import re
import secrets
import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from flask import Flask, Response, request

from jndlab.settings import Settings
from jndlab.web.logs import FACTS, current_request

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

HEADER = "X-Request-ID"
_PLAIN = "/static/"
"""Scripts and styles, of which a page loads dozens: none has an id where nothing went wrong."""
UNKNOWN = "unknown"
"""Instead of the pattern, where no view has the address."""

_ENDPOINT, _ROUTE = "jndlab.endpoint", "jndlab.route"
_GIVEN = re.compile("[A-Za-z0-9_-]{16,64}")

log = logging.getLogger("jndlab.requests")

Note = Callable[[str, str, float], None]
"""Is told of each request: endpoint, status, seconds."""


def install(app: Flask, settings: Settings, *, note: Note | None) -> None:
    """Observe every request to the application; ``note`` keeps count."""
    app.after_request(_tell_route)
    app.wsgi_app = Observed(  # type: ignore[method-assign]
        app.wsgi_app, trusts=bool(settings.public_url), logs=settings.log_requests, note=note
    )


def route() -> str:
    """The pattern of this request's address, to be named in the log."""
    return UNKNOWN if request.url_rule is None else request.url_rule.rule


class Observed:
    """A WSGI application whose requests have an id each.

    ``trusts``: the id of a proxy that stands before the server is taken over, so that one id is in
    the logs of both. Without a proxy anybody could choose it, and it is always our own.
    """

    def __init__(
        self, app: WSGIApplication, *, trusts: bool, logs: bool, note: Note | None
    ) -> None:
        self._app, self._trusts, self._logs, self._note = app, trusts, logs, note

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        began = time.perf_counter()
        request_id = self._id_of(environ)
        status = ""

        def start(line: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            nonlocal status
            status = line[:3]
            if status >= "400" or not environ.get("PATH_INFO", "").startswith(_PLAIN):
                headers.append((HEADER, request_id))
            return start_response(line, headers, exc_info)

        mark = current_request.set(request_id)
        try:
            return self._app(environ, start)
        finally:
            self._keep(environ, status or "500", time.perf_counter() - began)
            current_request.reset(mark)

    def _id_of(self, environ: WSGIEnvironment) -> str:
        given = environ.get("HTTP_X_REQUEST_ID", "") if self._trusts else ""
        return given if _GIVEN.fullmatch(given) else secrets.token_hex(16)

    def _keep(self, environ: WSGIEnvironment, status: str, seconds: float) -> None:
        if self._note is not None:
            self._note(environ.get(_ENDPOINT, UNKNOWN), status, seconds)
        if self._logs:
            facts = {
                "method": environ["REQUEST_METHOD"],
                "route": environ.get(_ROUTE, UNKNOWN),
                "status": int(status),
                "ms": round(1000 * seconds, 1),
            }
            log.info("answered", extra={FACTS: facts})


def _tell_route(response: Response) -> Response:
    """Keep what the request was for, as the context is gone when it is noted."""
    if request.endpoint is not None:
        request.environ[_ENDPOINT], request.environ[_ROUTE] = request.endpoint, route()
    return response
