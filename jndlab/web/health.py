"""What a machine asks a server about itself: does it live, can it work, how is it doing."""

from __future__ import annotations

import hmac
import logging
import os
from collections.abc import Callable

from flask import Blueprint, Response, abort, current_app, jsonify, request
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import SQLAlchemyError

from jndlab.clips import open_clips
from jndlab.errors import JndlabError
from jndlab.store.schema import HEAD
from jndlab.web.context import settings, store
from jndlab.web.metrics import Metrics

blueprint = Blueprint("health", __name__)
METRICS = "jndlab_metrics"
"""Name under which the application keeps its figures."""

log = logging.getLogger("jndlab.web")


@blueprint.get("/health")
def health() -> Response:
    """The process answers: there is nothing to be gained by starting it anew."""
    return Response("ok\n", mimetype="text/plain")


@blueprint.get("/ready")
def ready() -> ResponseReturnValue:
    """Whether it can take participants: 503 where not, and the names of what fails."""
    checks = {name: _passes(name, check) for name, check in CHECKS.items()}
    fine = all(checks.values())
    told = {name: "ok" if passed else "failed" for name, passed in checks.items()}
    return jsonify({"ready": fine, "checks": told}), 200 if fine else 503


@blueprint.get("/metrics")
def metrics() -> Response:
    """Figures for Prometheus, for who has the token of the settings."""
    figures: Metrics | None = current_app.extensions.get(METRICS)
    if figures is None:
        abort(404)
    given = request.headers.get("Authorization", "").encode()
    if not hmac.compare_digest(given, f"Bearer {settings().metrics_token}".encode()):
        abort(401)
    content, kind = figures.page()
    return Response(content, content_type=kind)


def _passes(name: str, check: Callable[[], bool]) -> bool:
    try:
        return check()
    except (JndlabError, OSError, SQLAlchemyError) as error:
        log.error("Not ready: %s", name, exc_info=error)
        return False


def _database() -> bool:
    with store().read():
        return True


def _schema() -> bool:
    return store().revision() == HEAD


def _clips() -> bool:
    if settings().clips_url:
        next(open_clips(settings()).names("ready"), None)
        return True
    folder = settings().clips
    return not folder.exists() or os.access(folder, os.R_OK | os.X_OK)


def _data() -> bool:
    return os.access(settings().data, os.R_OK | os.W_OK | os.X_OK)


CHECKS: dict[str, Callable[[], bool]] = {
    "database": _database,
    "schema": _schema,
    "clips": _clips,
    "data": _data,
}
