"""How gunicorn serves jndlab, for those who know it: gunicorn -c python:jndlab.web.gunicorn_config

The settings are those of ``jndlab serve``. Studies are launched in the browser, or beforehand with
``jndlab serve STUDY``.
"""

from __future__ import annotations

import logging
import os
from contextlib import ExitStack
from typing import Any

from jndlab.settings import load_settings
from jndlab.store.secret_key import secret_key
from jndlab.web import metrics
from jndlab.web.logs import configure_logs
from jndlab.web.oidc import require_installed
from jndlab.web.server import PARENT, address_of, n_threads, only_server

_settings = load_settings()
_address = address_of(_settings)
_held = ExitStack()

bind = f"[{_address}]:{_settings.port}" if ":" in _address else f"{_address}:{_settings.port}"
workers = _settings.workers
worker_class = "gthread"
threads = n_threads(_settings)
wsgi_app = "jndlab.web.server:create_worker_app()"
graceful_timeout = 30
"""Seconds in which what was begun is answered after SIGTERM."""
keepalive = 75
"""Seconds; longer than nginx keeps its connections, so that it is nginx that closes them."""
control_socket_disable = True  # it would lie in the home of the account, which may have none
forwarded_allow_ips = "*"
"""jndlab itself sees to whom it believes: docs/how-to/run-on-a-server.md."""


def on_starting(server: Any) -> None:
    """Take the data folder, as ``jndlab serve`` does, before there is any worker."""
    metrics.require_installed(_settings)
    require_installed(_settings)
    _held.enter_context(only_server(_settings))
    _held.enter_context(metrics.shared_folder(_settings))
    secret_key(_settings.data)
    os.environ.update(_settings.to_environment())
    os.environ[PARENT] = str(os.getpid())
    configure_logs(_settings)
    own = logging.getLogger("gunicorn.error")
    own.handlers.clear()
    own.propagate = True


def on_exit(server: Any) -> None:
    """Let go of it."""
    _held.close()
