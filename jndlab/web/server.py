"""Starting the production server: granian, one process, many threads.

One process, since two that contend for SQLite's file cost a factor of ten and more in the
slowest answers; threads, since an answer mostly waits for the disk.
"""

from __future__ import annotations

import os
import socket

from jndlab.errors import ServerError
from jndlab.settings import Settings

THREADS = 16


def require_free_port(settings: Settings) -> None:
    """Raise ServerError if the server could not listen where it is told to."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except socket.gaierror as error:
            raise ServerError(
                f"Cannot listen at {settings.host}: {error.strerror}.",
                "Name an address of this machine with --host, such as 127.0.0.1 or 0.0.0.0.",
            ) from None
        except OSError as error:
            raise ServerError(
                f"Cannot listen at {settings.host}:{settings.port}: {error.strerror}.",
                "Choose another port with --port (or end the program that uses this one).",
            ) from None


def run_server(settings: Settings) -> None:
    """Serve until SIGINT or SIGTERM."""
    from granian import Granian
    from granian.constants import Interfaces
    from granian.log import LogLevels

    os.environ.update(settings.to_environment())  # the worker reads its settings from there
    Granian(
        "jndlab.web.app:create_app",
        factory=True,
        address=settings.host,
        port=settings.port,
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=THREADS,
        respawn_failed_workers=True,
        websockets=False,
        log_level=LogLevels.error,
    ).serve()
