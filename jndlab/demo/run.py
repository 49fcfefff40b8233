"""`jndlab demo`: the whole way, on a machine that has nothing but jndlab.

Each step can be done again: what is there already is kept, so that a demo that was
interrupted goes on where it stopped.
"""

from __future__ import annotations

import contextlib
import http.client
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from importlib.resources import files
from pathlib import Path
from typing import Protocol

from jndlab.compression.axis import WeightAxis
from jndlab.compression.enhancer.bundled import REMARK, bundled_model
from jndlab.compression.rendering import count_steps, render_axis
from jndlab.compression.seofp.axis import Seofp
from jndlab.compression.sources import ModelSource
from jndlab.errors import ServerError
from jndlab.files import write_atomically
from jndlab.listeners.describing import describe_truth
from jndlab.listeners.http import simulate_over_http
from jndlab.listeners.truth import Truth
from jndlab.settings import Settings
from jndlab.store.engine import Store, open_store
from jndlab.store.studies import definition_of, progress_of, require_study, require_version
from jndlab.store.users import set_password
from jndlab.studies import launch_study, new_study
from jndlab.study.definition import Design
from jndlab.study.plan import count_trials
from jndlab.study.study_file import FILE_NAME, load_study
from jndlab.web.reports import make_study_report
from jndlab.web.server import PARENT, require_free_port

N_LISTENERS = 24
SEED = 20_260_101
LEVELS = (5.0, 3.0, 2.0, 1.0, 0.0, -1.322)
"""Fraction bits, from inaudible to obvious; the last rounds weights to powers 2.5 octaves apart."""
TRUTH = Truth(threshold=1.2, width=3.0, lapse_rate=0.02, bias=0.05, spread=0.4)
DESIGN = Design(trials_per_level=8, practice_trials=2, identical_trials=4, gross_trials=4)
TITLE = "Can you hear the difference? (demonstration with synthetic speech)"
USER = "demo"
FIRST_PORT, LAST_PORT = 8000, 8099
START_SECONDS = 60.0


class BarFactory(Protocol):
    """Makes a progress bar: a context that gives a function to move it by one."""

    def __call__(self, label: str, length: int) -> AbstractContextManager[Callable[[], None]]: ...


def run_demo(
    folder: Path,
    *,
    port: int | None,
    keep_serving: bool,
    echo: Callable[[str], None],
    bar: BarFactory,
) -> None:
    """Build the study, serve it, let simulated listeners take it, write the report.

    Raises ServerError if the server does not start, StoreError if ``folder`` cannot be
    written.
    """
    folder = folder.resolve()
    settings = Settings(data=folder / "data", port=port or _free_port())
    require_free_port(settings)
    echo("The sounds of this demonstration are synthetic speech in synthetic noise.")
    echo(f"They are enhanced by the small model that comes with jndlab, {REMARK}.")
    study = _build(folder, echo, bar)
    with contextlib.ExitStack() as stack:
        store = stack.enter_context(open_store(settings))
        with bar("Checking and rendering", len(load_study(study).stimuli.items)) as step:
            launched = launch_study(store, settings, study, progress=step)
        password = secrets.token_urlsafe(12)
        set_password(store, USER, password)
        process = stack.enter_context(_server(settings, folder / "server.log"))
        _simulate(store, settings, launched.slug, echo, bar)
        echo("Fitting ...")
        report = folder / "report.html"
        made = make_study_report(store, launched.slug, kind="simulated")
        write_atomically(report, made.page.encode(), replace=True)
        echo("\n".join(made.headlines))
        echo("")
        echo(f"Report        {report}")
        echo(f"Study file    {study / FILE_NAME}")
        if not keep_serving:
            return
        echo(f"Participants  {settings.url}/s/{launched.link}")
        echo(f"Experimenter  {settings.url}/studies   name: {USER}   password: {password}")
        echo("")
        echo("Serving until you press Ctrl+C.")
        _wait(process)


def _build(folder: Path, echo: Callable[[str], None], bar: BarFactory) -> Path:
    """Compress the enhancer, render the stimuli, make the study file: as an experimenter would."""
    study = folder / "study"
    if (study / FILE_NAME).exists():
        echo(f"Going on with the study in {study}")
        return study
    noisy = folder / "noisy"
    for source in (files("jndlab.demo") / "material" / "noisy").iterdir():
        write_atomically(noisy / source.name, source.read_bytes())
    stimuli = ModelSource(WeightAxis.of(bundled_model(), Seofp(), LEVELS), noisy)
    with bar("Enhancing, whole and compressed", count_steps(stimuli)) as step:
        rendered = render_axis(stimuli, folder / "sounds", progress=step)
    # A fixed seed, so that everybody sees the same demonstration.
    new_study(
        study,
        manifest=rendered.manifest,
        paradigm="abx",
        title=TITLE,
        design=DESIGN,
        slug="demo",
        seed=SEED,
    )
    return study


def _simulate(
    store: Store, settings: Settings, slug: str, echo: Callable[[str], None], bar: BarFactory
) -> None:
    with store.read() as db:
        row = require_study(db, slug)
        study = definition_of(require_version(db, row.id))
        done = progress_of(db, row.id, kind="simulated").n_finished
    missing = N_LISTENERS - done
    if missing <= 0:
        echo(f"{done} simulated listeners have taken it already.")
        return
    n_trials = missing * count_trials(study)
    with bar(f"{missing} simulated listeners", n_trials) as step:
        simulate_over_http(
            study,
            url=settings.url,
            link=row.link,
            truth=TRUTH,
            n_listeners=missing,
            seed=SEED,
            progress=step,
        )
    echo(f"{describe_truth(TRUTH, study)} (the report has to find it again)")


@contextlib.contextmanager
def _server(settings: Settings, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A server of its own process, as `jndlab serve` starts it; ended with the block."""
    environment = {**os.environ, **settings.to_environment(), PARENT: str(os.getpid())}
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "jndlab", "serve"],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
        )

    def stop(number: int, frame: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, stop)
    try:
        _wait_until_up(settings, process, log)
        yield process
    finally:
        signal.signal(signal.SIGTERM, before)
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_until_up(settings: Settings, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        connection = http.client.HTTPConnection(settings.host, settings.port, timeout=2)
        try:
            connection.request("GET", "/health")
            if connection.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.1)
        finally:
            connection.close()
    raise ServerError("The server did not start.", f"Its last words are in {log}.")


def _wait(process: subprocess.Popen[bytes]) -> None:
    try:
        process.wait()
    except KeyboardInterrupt:
        return
    raise ServerError("The server has ended.", "Look into server.log in the demo's folder.")


def _free_port() -> int:
    for port in range(FIRST_PORT, LAST_PORT + 1):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise ServerError(
        f"All ports from {FIRST_PORT} to {LAST_PORT} are in use.", "Name a free one with --port."
    )
