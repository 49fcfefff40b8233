"""Starting the production server: granian, many threads, on SQLite in one process.

One process, since two that contend for SQLite's file wait far longer than threads do;
threads, since an answer mostly waits for the disk. PostgreSQL serves several processes.
"""

from __future__ import annotations

import contextlib
import logging
import multiprocessing
import os
import signal
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from multiprocessing.util import Finalize
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jndlab.errors import ServerError, StoreError
from jndlab.files import hold_lock, make_folder, write_atomically
from jndlab.settings import Settings, load_settings
from jndlab.store.engine import Store, open_store
from jndlab.store.secret_key import secret_key

if TYPE_CHECKING:
    from flask import Flask
    from granian.server.common import AbstractServer

log = logging.getLogger("jndlab.web")

THREADS = {"sqlite": 16, "postgresql": 8}
"""For each process. On SQLite they share a flush, and while it lasts others are worked on; on
PostgreSQL each waits several times for one answer, and more only wait for one another."""
BACKLOG = 2048
"""Connections that may wait to be served: pages that come back all at once are not turned away."""
PARENT_CHECK_SECONDS = 0.5
STORE_SECONDS = 1.0
"""Between two tries of a worker to open the database."""
END_SECONDS = 30
"""That a worker has for the requests it took, where it is told to end; then it is killed."""
PAUSES_S = (1.0, 10.0)
"""Before a server whose workers ended begins again: the first, and the longest, to which it doubles
until the server has run for that long. (granian leaves a socket open at each beginning.)"""
PARENT = "JNDLAB_PARENT_PROCESS"
"""Variable with the number of the process whose end ends this one."""
HAS_RUN = "JNDLAB_HAS_RUN"
"""Variable with the file by which a worker tells its parent that it came to run: one without a
name, so that nothing is left of a server that is killed. Without /proc a worker cannot tell."""


def n_threads(settings: Settings) -> int:
    """Threads of a process that work on requests."""
    return THREADS["postgresql" if settings.database_url else "sqlite"]


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


@contextmanager
def only_server(settings: Settings) -> Iterator[None]:
    """Hold the data folder for this process. Raises ServerError if another server has it.

    Two processes that write to one SQLite file wait for each other, and one server is enough
    for all studies of a folder. The operating system frees the lock however the process ends.
    On PostgreSQL any number of servers may share the folder.
    """
    if settings.database_url:
        make_folder(settings.data)
        yield
        return
    existed = settings.data.exists()
    make_folder(settings.data)
    try:
        with hold_lock(settings.data / "server.lock") as mine:
            if not mine:
                raise ServerError(
                    f"Another server runs on {settings.data} already.",
                    "Use that one, or end it first; it serves every study launched in this folder.",
                )
            yield
    finally:
        if not existed and not any(settings.data.iterdir()):
            settings.data.rmdir()  # a launch that was refused leaves nothing behind


def run_server(settings: Settings) -> None:
    """Serve until SIGINT or SIGTERM. Raises StoreError if the secret key cannot be kept."""
    from jndlab.web import metrics
    from jndlab.web.logs import configure_logs
    from jndlab.web.oidc import require_installed

    metrics.require_installed(settings)
    require_free_port(settings)  # once more: a launch may have taken minutes
    require_installed(settings)
    secret_key(settings.data)
    if os.environ.get(PARENT):
        _watch_parent(lambda: os.kill(os.getpid(), signal.SIGTERM))
    os.environ.update(settings.to_environment())  # the worker reads its settings from there
    os.environ[PARENT] = str(os.getpid())
    if "obstore" in sys.modules:  # a study was launched into the object store just now
        # Its threads do not survive a fork: what it does in the child would end the child.
        multiprocessing.set_start_method("spawn", force=True)
    address = settings.local_url
    configure_logs(settings)
    write_atomically(settings.running_at, address.encode(), replace=True)
    try:
        with metrics.shared_folder(settings), tempfile.TemporaryFile() as sign:
            os.environ[HAS_RUN] = f"/proc/{os.getpid()}/fd/{sign.fileno()}"
            _keep_serving(
                partial(_new_server, settings), lambda: os.fstat(sign.fileno()).st_size > 0
            )
    finally:
        _forget_address(settings, address)


def _new_server(settings: Settings) -> AbstractServer[Any]:
    from granian import Granian
    from granian.constants import HTTPModes, Interfaces, RuntimeModes
    from granian.log import LogLevels

    from jndlab.web.logs import granian_logs

    return Granian(
        "jndlab.web.server:create_forked_app",
        factory=True,
        address=address_of(settings),
        port=settings.port,
        interface=Interfaces.WSGI,
        workers=settings.workers,
        blocking_threads=n_threads(settings),
        # What reads from the network is a small part of the work: one thread does it.
        runtime_mode=RuntimeModes.st,
        http=HTTPModes.http1,
        backlog=BACKLOG,
        respawn_failed_workers=True,
        websockets=False,
        workers_kill_timeout=END_SECONDS,
        log_level=LogLevels.error,
        log_dictconfig=granian_logs(),
    )


def _keep_serving(
    new_server: Callable[[], AbstractServer[Any]], has_run: Callable[[], bool]
) -> None:
    """Serve until a signal says to end, and begin again after a pause where granian gave up.

    It gives up where a worker ends within 5.5 s of another, as one does that has a fault. But a
    disk that is read-only ends them, too, and so does the system when memory runs out, and then a
    server has to come back by itself. Raises ServerError if no worker came to run.
    """
    pause_s = PAUSES_S[0]
    server = new_server()
    while True:
        began = time.monotonic()
        with contextlib.suppress(SystemExit):
            server.serve()
        server.main_loop_interrupt.clear()
        if _told_to_end(server):
            return
        if not has_run():
            raise ServerError(
                "The processes that answer requests end before they can.",
                "What ends them is in the lines above; mend it and start the server again.",
            )
        pause_s = PAUSES_S[0] if time.monotonic() - began > PAUSES_S[1] else pause_s
        log.error("Processes that answer requests ended twice in seconds | Begins again")
        server.main_loop_interrupt.wait(pause_s)
        if _told_to_end(server):
            return
        pause_s = min(2 * pause_s, PAUSES_S[1])
        server = _follow(server, new_server())


def _told_to_end(server: AbstractServer[Any]) -> bool:
    # A call, since a signal may change it between two looks, which mypy does not believe.
    return bool(server.interrupt_signal)


def _follow(ended: AbstractServer[Any], server: AbstractServer[Any]) -> AbstractServer[Any]:
    """The next server, told of a signal that came to the one before it at the last moment."""

    @server.on_startup
    def pass_on() -> None:
        if _told_to_end(ended):
            os.kill(os.getpid(), signal.SIGTERM)

    return server


def _forget_address(settings: Settings, address: str) -> None:
    # Another server on the same folder may have written its own meanwhile.
    with contextlib.suppress(FileNotFoundError):
        if settings.running_at.read_text(encoding="utf-8") == address:
            settings.running_at.unlink()


def create_forked_app() -> Flask:
    """The application inside a worker of granian, which can be told to end while it begins.

    Until granian has set its own handlers, those of the parent stand, which would only note it.
    """
    for ending in (signal.SIGINT, signal.SIGTERM):
        signal.signal(ending, signal.SIG_DFL)
    app = create_worker_app()
    with contextlib.suppress(OSError):  # a full disk; what it would mend is not worth ending for
        Path(os.environ[HAS_RUN]).write_bytes(b"1")
    return app


def create_worker_app() -> Flask:
    """The application inside the worker process, which must not outlive the main one."""
    from jndlab.web.app import create_app
    from jndlab.web.garbage import Searches
    from jndlab.web.heap import keep_small
    from jndlab.web.jobs.runner import keep_working
    from jndlab.web.logs import configure_logs

    keep_small()
    # Ending at once is safe: what was acknowledged is on the disk.
    _watch_parent(lambda: os._exit(1))
    settings = load_settings()
    configure_logs(settings)
    store = _open_when_possible(settings)
    app = create_app(settings, store)
    keep_working(store, settings)
    Searches().install()
    # Folds SQLite's log into its file. (A process of multiprocessing runs no atexit handlers.)
    Finalize(None, store.close, exitpriority=1)
    return app


def _open_when_possible(settings: Settings) -> Store:
    """The database, which could be used when the server was started.

    A worker that ended because its disk is read-only, or PostgreSQL away, is followed by another at
    once, which would end as well; this one waits. Nothing listens meanwhile, and pages try again.
    """
    said = ""
    while True:
        try:
            return open_store(settings)
        except StoreError as error:
            if error.message != said:  # once, not once a second for a night
                log.error("%s | %s", error.message, error.remedy)
            said = error.message
            time.sleep(STORE_SECONDS)


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
