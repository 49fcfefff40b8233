"""The application factory."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from flask import Flask, redirect, url_for
from flask_wtf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.wrappers import Response as BaseResponse

from jndlab import __version__
from jndlab.assets import asset_folder
from jndlab.settings import Settings, load_settings
from jndlab.store.engine import Store, open_store
from jndlab.store.secret_key import secret_key
from jndlab.web import (
    access,
    api,
    body_limits,
    errors,
    experimenter,
    health,
    manage,
    observation,
    page_version,
    participant,
    wording,
)
from jndlab.web.compression import compress
from jndlab.web.form_session import FormSessions
from jndlab.web.manage.blueprint import RowId
from jndlab.web.metrics import Metrics
from jndlab.web.security import add_headers

MAX_REQUEST_BYTES = 64 * 1024


class Application(Flask):
    """Its views, and what is done before and after them, are plain functions."""

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Flask looks anew at each of them, for each request, whether it is a coroutine."""
        return func


def create_app(settings: Settings | None = None, store: Store | None = None) -> Flask:
    """The whole application; without arguments it reads its settings from the environment.

    Raises StoreError if the database cannot be used.
    """
    settings = settings or load_settings()
    store = store or open_store(settings)
    app = Application(
        "jndlab",
        static_folder=asset_folder("static"),
        static_url_path="/static",
        template_folder=asset_folder("templates"),
    )
    app.config.update(
        SECRET_KEY=secret_key(settings.data),
        SESSION_COOKIE_NAME=f"{settings.cookie_prefix}jndlab_form",
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.secure_cookies,
        MAX_CONTENT_LENGTH=MAX_REQUEST_BYTES,
        MAX_FORM_MEMORY_SIZE=MAX_REQUEST_BYTES,
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=False,  # it wants a Referer, which our own policy keeps back
        SEND_FILE_MAX_AGE_DEFAULT=None,  # no-cache: asked for anew each time
    )
    app.session_interface = FormSessions()
    app.jinja_env.globals["jndlab_version"] = __version__
    app.jinja_env.globals["has_endpoint"] = lambda name: name in app.view_functions
    app.jinja_env.filters["paragraphs"] = paragraphs
    app.url_map.converters["id"] = RowId
    wording.install(app)
    page_version.install(app)
    app.extensions["jndlab"] = (settings, store)
    if settings.public_url:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1, x_host=1)  # type: ignore[method-assign]
    figures = Metrics(settings, store) if settings.metrics_token else None
    app.extensions[health.METRICS] = figures
    observation.install(app, settings, note=None if figures is None else figures.note)
    body_limits.install(app)  # before the form token is looked for in the body
    protect = CSRFProtect(app)
    for programs in (api.blueprint, manage.blueprint):
        protect.exempt(programs)  # bearer tokens, no cookies: nothing to forge
        app.register_blueprint(programs)
    app.register_blueprint(participant.blueprint)
    app.register_blueprint(experimenter.blueprint)
    app.register_blueprint(health.blueprint)
    app.add_url_rule("/", "home", _home)
    access.require_rules(app)
    app.after_request(compress)
    app.after_request(add_headers)
    errors.register(app)
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    return app


def paragraphs(text: str) -> list[str]:
    """The paragraphs of a text, which blank lines separate."""
    return [" ".join(block.split()) for block in text.split("\n\n") if block.strip()]


def _home() -> BaseResponse:
    return redirect(url_for("experimenter.studies"))
