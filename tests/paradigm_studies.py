"""Small studies of every paradigm and procedure on one set of sounds, taken through one server."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jndlab.listeners.http import simulate_over_http
from jndlab.listeners.truth import Truth
from jndlab.store.engine import open_store
from jndlab.store.studies import require_study
from jndlab.study.definition import StudyDefinition
from jndlab.study.procedures.track import Outcome
from jndlab.study.study_file import FILE_NAME, load_study
from jndlab.study.trials import GUESS_RATES
from tests.builders import make_noise, make_study_text, write_text, write_wav
from tests.servers import Server, jndlab

ITEMS = ("one", "two")
LEVELS = tuple(range(13))
"""Of each condition, falling: 0 is the most compressed. The truth lies in their middle."""
THRESHOLD, WIDTH = 6.0, 4.0
TRUTH = Truth(threshold=THRESHOLD, width=WIDTH, lapse_rate=0.02)
FORCED_CHOICE = tuple(GUESS_RATES)
ADAPTIVE = ("staircase", "questplus", "psi")
RATINGS = ("acr", "dcr", "ccr", "mushra", "bs1116")
NO_CATCH = {
    "practice_trials": 0,
    "identical_trials": 0,
    "gross_trials": 0,
    "trials_per_block": 200,
}
Row = dict[str, str]


def write_sounds(folder: Path, conditions: Sequence[str]) -> None:
    """The baseline and every condition at every level, a tenth of a second each."""
    for number, item in enumerate(ITEMS):
        baseline = make_noise(seed=10 + number, seconds=0.1)
        write_wav(folder / "baseline" / f"{item}.wav", baseline)
        for place, condition in enumerate(conditions):
            error = make_noise(seed=100 * (1 + place) + number, seconds=0.1)
            for level in LEVELS:
                compressed = baseline + 0.02 * 1.2 ** (LEVELS[-1] - level) * error
                write_wav(folder / condition / str(level) / f"{item}.wav", compressed)


def write_study_of(
    folder: Path,
    name: str,
    *,
    paradigms: Sequence[str],
    levels: Sequence[float] = LEVELS,
    conditions: Sequence[str] = ("bits",),
    n_per_level: int = 8,
    procedures: Sequence[str] = (),
    design: Mapping[str, Any] = NO_CATCH,
    **keys: Any,
) -> Path:
    """A study with one part for each paradigm, on the sounds beside it; one paradigm: no parts."""
    known = [
        {"name": one, "folder": f"../sounds/{one}", "levels": list(levels)} for one in conditions
    ]
    if len(paradigms) > 1:
        parts: list[dict[str, str]] = [{"name": one, "paradigm": one} for one in paradigms]
        for part, procedure in zip(parts, procedures, strict=False):
            part["procedure"] = procedure
        keys["parts"] = parts
    text = make_study_text(
        slug=name,
        paradigm=paradigms[0],
        items=list(ITEMS),
        conditions=known,
        stimuli={"baseline": "../sounds/baseline", **keys.pop("stimuli", {})},
        design={**NO_CATCH, "trials_per_level": n_per_level, **design},
        **keys,
    )
    return write_text(folder / name / FILE_NAME, text)


@dataclass
class Running:
    """A server with studies, and the listeners that take them."""

    folder: Path
    server: Server
    studies: Mapping[str, StudyDefinition]
    _taken: dict[tuple[str, int, Truth], list[Row]] = field(default_factory=dict)

    @classmethod
    def start(cls, folder: Path, files: Sequence[Path]) -> Running:
        """The server, with the studies of these files launched."""
        studies = [load_study(file) for file in files]
        server = Server(folder / "data", files).start()
        return cls(folder, server, {study.slug: study for study in studies})

    def take(self, name: str, *, truth: Truth = TRUTH, n_listeners: int, seed: int) -> list[Row]:
        """The exported rows of listeners who take a study over HTTP; asked again, the same."""
        key = (name, seed, truth)
        if key not in self._taken:
            print(f"{name}: seed {seed}, {n_listeners} listeners, {truth}")
            participants = simulate_over_http(
                self.studies[name],
                url=self.server.settings.url,
                link=self._link(name),
                truth=truth,
                n_listeners=n_listeners,
                seed=seed,
                concurrency=4,
            )
            took = {str(number) for number in participants}
            self._taken[key] = [row for row in self._export(name) if row["participant"] in took]
        return self._taken[key]

    def _link(self, name: str) -> str:
        with open_store(self.server.settings, create=False) as store, store.read() as db:
            return require_study(db, name).link

    def _export(self, name: str) -> list[Row]:
        data, output = str(self.server.data), str(self.folder)
        made = jndlab("export", name, "--data", data, "--output", output)
        assert made.returncode == 0, made.stderr
        with (self.folder / f"{name}-trials.csv").open(newline="", encoding="utf-8") as file:
            return list(csv.DictReader(file))


def of_part(rows: Sequence[Row], part: str) -> list[Row]:
    """The test trials of one part; empty: of a study without parts."""
    return [
        row
        for row in rows
        if row["part"] == part and (row["phase"], row["trial_kind"]) == ("main", "test")
    ]


def by_level(rows: Sequence[Row]) -> dict[float, list[Row]]:
    """The rows of each level, rising."""
    found: dict[float, list[Row]] = {}
    for row in sorted(rows, key=lambda row: float(row["level"] or "nan")):
        found.setdefault(float(row["level"]), []).append(row)
    return found


def by_participant(rows: Sequence[Row]) -> dict[int, list[Row]]:
    """The rows of each listener, in the order of the session."""
    found: dict[int, list[Row]] = {}
    for row in sorted(rows, key=lambda row: (int(row["participant"]), int(row["trial"]))):
        found.setdefault(int(row["participant"]), []).append(row)
    return found


def outcomes(rows: Sequence[Row]) -> list[Outcome]:
    """The answered trials of adaptive tracks, in order."""
    return [Outcome(float(row["level"]), row["correct"] == "1", row["track"]) for row in rows]
