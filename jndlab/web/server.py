"""Starting the production server: granian, one process, many threads.

One process, since two that contend for SQLite's file cost a factor of ten and more in the
slowest answers; threads, since an answer mostly waits for the disk.
"""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
import urllib.request
from collections.abc import Callable
from multiprocessing.util import Finalize
from typing import TYPE_CHECKING

from jndlab.errors import ServerError
from jndlab.files import write_atomically
from jndlab.settings import Settings
from jndlab.web.secret import load_secret_key

if TYPE_CHECKING:
    from flask import Flask

THREADS = 16
PARENT_CHECK_SECONDS = 0.5
PARENT = "JNDLAB_PARENT_PROCESS"
"""Variable with the number of the process whose end ends this one."""


def address_of(settings: Settings) -> str:
    """The IP address to bind to; the host may be given by name. Raises ServerError."""
    try:
        found = socket.getaddrinfo(settings.host, settings.port, type=socket.SOCK_STREAM)
    except (socket.gaierror, UnicodeError) as error:
        raise ServerError(
            f"Cannot listen at {settings.host}: {error}.",
            "Name an address of this machine with --host, such as 127.0.0.1 or 0.0.0.0.",
        ) from None
    return str(found[0][4][0])


def require_free_port(settings: Settings) -> None:
    """Raise ServerError if the server could not listen where it is told to."""
    address = address_of(settings)
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, settings.port))
        except OSError as error:
            raise ServerError(
                f"Cannot listen at {settings.host}:{settings.port}: {error.strerror}.",
                "Choose another port with --port (or end the program that uses this one); the "
                "address of --host must be one of this machine.",
            ) from None


def require_alone(settings: Settings) -> None:
    """Raise ServerError if another server runs on the same data folder.

    Two processes that write to one SQLite file wait for each other; one server is enough for
    all studies of a folder.
    """
    if not settings.running_at.exists():
        return
    address = settings.running_at.read_text(encoding="utf-8")
    try:
        urllib.request.urlopen(f"{address}/health", timeout=2).close()
    except (OSError, ValueError):
        return  # left behind by a server that was killed
    raise ServerError(
        f"{settings.data} is already served at {address}.",
        "Use that server, or end it first; it serves every study launched in this folder.",
    )


def run_server(settings: Settings) -> None:
    """Serve until SIGINT or SIGTERM. Raises StoreError if the secret key cannot be kept."""
    from granian import Granian
    from granian.constants import Interfaces
    from granian.log import LogLevels

    require_alone(settings)
    load_secret_key(settings)
    if os.environ.get(PARENT):
        _watch_parent(lambda: os.kill(os.getpid(), signal.SIGTERM))
    os.environ.update(settings.to_environment())  # the worker reads its settings from there
    os.environ[PARENT] = str(os.getpid())
    address = settings.local_url
    write_atomically(settings.running_at, address.encode(), replace=True)
    try:
        Granian(
            "jndlab.web.server:create_worker_app",
            factory=True,
            address=address_of(settings),
            port=settings.port,
            interface=Interfaces.WSGI,
            workers=1,
            blocking_threads=THREADS,
            respawn_failed_workers=True,
            websockets=False,
            log_level=LogLevels.error,
        ).serve()
    finally:
        if settings.running_at.read_text(encoding="utf-8") == address:
            settings.running_at.unlink()


def create_worker_app() -> Flask:
    """The application inside the worker process, which must not outlive the main one."""
    from jndlab.web.app import create_app

    # Ending at once is safe: what was acknowledged is on the disk.
    _watch_parent(lambda: os._exit(1))
    app = create_app()
    _, store = app.extensions["jndlab"]
    # Folds SQLite's log into its file. (A process of multiprocessing runs no atexit handlers.)
    Finalize(None, store.close, exitpriority=1)
    return app


def _watch_parent(end: Callable[[], None]) -> None:
    """Call ``end`` when the parent process is gone.

    Killed without a chance to say so, a parent would leave a server that holds the port.
    """
    parent = int(os.environ[PARENT])

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(PARENT_CHECK_SECONDS)
        end()

    threading.Thread(target=watch, daemon=True, name="parent-watch").start()
