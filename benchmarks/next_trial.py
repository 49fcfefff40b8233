"""What the next trial costs on the server, late in a long session beside early in one.

The real application, in process, asked through its HTTP interface: presenting a trial (the next one
is chosen and stored before its sounds are released) and storing its answer. A session is taken to
trial 980; then trial 10 of a fresh session and the next trial of the long one are measured in turn,
so that whatever else the computer does meets both alike. The staircase and QUEST+ have three
interleaved tracks; every choice is a function of the whole history, and nothing is remembered in
between but rows that never change.

    python benchmarks/next_trial.py [--quick] [--json FILE]

About two minutes; --quick measures at trial 300 in half of one. Told are medians in milliseconds of
CPU time, since most of the rest is waiting for the disk, and the ratio of late to early; of wall
time the ratio alone.
"""

from __future__ import annotations

import secrets
import statistics
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient
from printing import arguments, finish, show
from real_parts import write_study

from jndlab.settings import Settings
from jndlab.store.engine import open_store
from jndlab.store.studies import require_study
from jndlab.studies import launch_study
from jndlab.study.definition import StudyDefinition
from jndlab.study.study_file import load_study
from jndlab.web.app import create_app

EARLY, LATE = 10, 1000
NO_CATCH = {"practice_trials": 0, "identical_trials": 0, "gross_trials": 0, "trials_per_block": 100}
LEVELS = [0, 1, 2, 3, 4]
CONDITIONS = [
    {"name": name, "folder": name, "levels": LEVELS} for name in ("bits", "prune", "group")
]
TRACKS = {"stop": {"trials": 500}}
STUDIES: dict[str, dict[str, Any]] = {
    "constant stimuli": {"design": {**NO_CATCH, "trials_per_level": 72}},
    "staircase": {"design": {**NO_CATCH, "procedure": "staircase"}, "adaptive": TRACKS},
    "QUEST+": {"design": {**NO_CATCH, "procedure": "questplus"}, "adaptive": TRACKS},
}
Times = dict[str, list[float]]


@dataclass
class Session:
    """A session of somebody who guesses, one request after the other."""

    client: FlaskClient
    study: StudyDefinition
    link: str

    def __post_init__(self) -> None:
        self.token = secrets.token_urlsafe(32)
        key = self.study.simulation_key()
        opening = {"link": self.link, "consent": True, "token": self.token, "simulation": key}
        self._send("POST", "/api/v1/sessions", opening)

    def step(self, times: Times | None = None) -> int:
        """Present and answer one trial; returns its number. ``times`` are added to."""
        clocks = [_clocks()]
        shown = self._send("POST", "/api/v1/trial")
        clocks.append(_clocks())
        answer = {
            "key": f"benchmark-{shown['number']}",
            "response": "AB"[shown["number"] % 2],
            "response_time_ms": 1000.0,
            "plays": [1] * len(shown["intervals"]),
        }
        before = _clocks()
        self._send("PUT", f"/api/v1/trials/{shown['number']}/response", answer)
        clocks.append(_clocks())
        if times is not None:
            for name, start, end in (("next", clocks[0], clocks[1]), ("answer", before, clocks[2])):
                for kind, begun, ended in zip(("cpu", "wall"), start, end, strict=True):
                    times.setdefault(f"{name} {kind}", []).append(1000 * (ended - begun))
        return int(shown["number"])

    def _send(self, method: str, path: str, body: object = None) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self.token}"}
        reply = self.client.open(path, method=method, json=body, headers=headers)
        content: dict[str, Any] = reply.get_json()
        if reply.status_code >= 400:
            raise RuntimeError(content)
        return content


def _clocks() -> tuple[float, float]:
    return time.process_time(), time.perf_counter()


def measure(name: str, folder: Path, *, late: int, repeats: int) -> list[dict[str, Any]]:
    """Rows of one procedure: presenting and answering, early and late."""
    file = write_study(folder / "study", slug="long", conditions=CONDITIONS, **STUDIES[name])
    study, settings = load_study(file), Settings(data=folder / "data")
    with open_store(settings) as store:
        launch_study(store, settings, file)
        with store.read() as db:
            link = require_study(db, study.slug).link
        client = create_app(settings, store).test_client()
        long = Session(client, study, link)
        while long.step() < late - repeats // 2 - 1:
            pass
        early_times: Times = {}
        late_times: Times = {}
        for _ in range(repeats):
            fresh = Session(client, study, link)
            for _ in range(EARLY - 1):
                fresh.step()
            fresh.step(early_times)
            long.step(late_times)
    rows = []
    for what in ("next", "answer"):
        cpu, wall = (
            [statistics.median(times[f"{what} {kind}"]) for times in (early_times, late_times)]
            for kind in ("cpu", "wall")
        )
        rows.append(
            {
                "procedure": name,
                "request": {"next": "next trial", "answer": "answer"}[what],
                f"trial {EARLY}, ms": f"{cpu[0]:.1f}",
                f"trial {late}, ms": f"{cpu[1]:.1f}",
                "ratio": f"{cpu[1] / cpu[0]:.2f}",
                "ratio of wall time": f"{wall[1] / wall[0]:.2f}",
            }
        )
    return rows


def main() -> None:
    options = arguments(__doc__)
    late, repeats = (300, 10) if options.quick else (LATE, 30)
    rows: list[dict[str, Any]] = []
    for name in STUDIES:
        with tempfile.TemporaryDirectory() as folder:
            rows += measure(name, Path(folder), late=late, repeats=repeats)
    show(rows)
    finish(options, rows)


if __name__ == "__main__":
    main()
