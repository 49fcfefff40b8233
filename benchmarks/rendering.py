"""What it takes to check and to render a thousand pairs: time, memory, and what a second run saves.

    python benchmarks/rendering.py [--quick] [--json FILE] [--pairs N] [--seconds N] [--workers N]

Pairs are synthetic: noise under the envelope of syllables at 16 kHz with compression noise 30 dB
below it, rendered to 48 kHz. Each step runs with one process and with as many as there are
processors, at most eight; the rendering then runs once more over the same clips. Memory is that of
all processes together (proportional set size, looked at every 50 ms), so that it does not count
shared pages twice. 1,000 pairs of 5 s take some 2 GB of a temporary folder and five minutes of CPU
time; --quick (100 pairs) a tenth.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import soundfile as sf
from printing import arguments, finish, show

from jndlab.audio.checking import check_sounds
from jndlab.audio.parallel import default_workers
from jndlab.audio.stimuli import render_stimuli
from jndlab.clips import FolderShelf
from jndlab.study.definition import StudyDefinition
from jndlab.study.study_file import parse_study

RATE_HZ = 16_000
STUDY = """
slug: rendering
title: Rendering
paradigm: abx
seed: 1
stimuli:
  baseline: baseline
  items: [{items}]
  conditions:
    - name: bits
      folder: bits
      levels: [1]
      unit: fraction bits
      compression: falls
"""


def write_pairs(folder: Path, n_pairs: int, seconds: int) -> StudyDefinition:
    """Sound files of a study with one level, each of its own."""
    n_frames = seconds * RATE_HZ
    envelope = 0.5 - 0.5 * np.cos(2 * np.pi * 4 * np.arange(n_frames) / RATE_HZ)
    items = [f"item{number:04d}" for number in range(n_pairs)]
    for name in ("baseline", "bits/1"):
        (folder / name).mkdir(parents=True)
    for number, item in enumerate(items):
        rng = np.random.default_rng(number)
        speech = 0.1 * envelope * rng.normal(size=n_frames)
        compressed = speech + 0.003 * rng.normal(size=n_frames)
        for name, sound in (("baseline", speech), ("bits/1", compressed)):
            sf.write(folder / name / f"{item}.wav", sound, RATE_HZ, subtype="PCM_16")
    return parse_study(STUDY.format(items=", ".join(items)))


class Memory:
    """The largest memory of this process and those below it, together, while a block runs."""

    def __enter__(self) -> Memory:
        self.peak_mib = 0.0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(0.05):
            self.peak_mib = max(self.peak_mib, sum(map(_memory_mib, _family())))


def _family() -> list[int]:
    """This process and its children; this one alone where the system does not tell."""
    found = [os.getpid()]
    for task in Path("/proc/self/task").glob("*"):  # a child belongs to the thread that began it
        with contextlib.suppress(OSError):
            found += map(int, (task / "children").read_text(encoding="ascii").split())
    return found


def _memory_mib(process: int) -> float:
    try:
        for line in Path(f"/proc/{process}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return float(line.split()[1]) / 1024
    except OSError:  # it has ended
        pass
    return 0.0


def measured(step: str, workers: int, work: Callable[[], object]) -> dict[str, Any]:
    """Wall-clock and CPU seconds of a step, children included, and the memory it took."""
    before, start = os.times(), time.perf_counter()
    with Memory() as memory:
        work()
    after = os.times()
    return {
        "step": step,
        "processes": workers,
        "seconds": time.perf_counter() - start,
        "CPU seconds": sum(after[:4]) - sum(before[:4]),
        "memory, MiB": memory.peak_mib,
    }


def main() -> None:
    options = arguments(
        __doc__,
        pairs=("pairs of sounds", 1000),
        seconds=("length of a clip", 5),
        workers=("processes; 0: as many as there are processors, at most eight", 0),
    )
    n_pairs = 100 if options.quick else options.pairs
    workers = options.workers or default_workers()
    rows = []
    with tempfile.TemporaryDirectory(prefix="jndlab-rendering-") as name:
        folder = Path(name)
        study = write_pairs(folder, n_pairs, options.seconds)
        for n in dict.fromkeys((1, workers)):
            clips = FolderShelf(folder / f"clips{n}")
            rows.append(measured("check", n, lambda n=n: check_sounds(study, folder, workers=n)))
            rows.append(
                measured(
                    "render",
                    n,
                    lambda n=n, clips=clips: render_stimuli(study, folder, clips, workers=n),
                )
            )
        rows.append(
            measured("render again", 1, lambda: render_stimuli(study, folder, clips, workers=1))
        )
    once = {(row["step"], row["processes"]): row for row in rows}
    shown = []
    for row in rows:
        reference = once["render" if row["step"] == "render again" else row["step"], 1]
        shown.append(
            {
                "step": row["step"],
                "processes": row["processes"],
                "CPU ms a pair": f"{1000 * row['CPU seconds'] / n_pairs:.0f}",
                "CPU, of one process": f"{row['CPU seconds'] / reference['CPU seconds']:.2f}",
                "time, of one process": f"{row['seconds'] / reference['seconds']:.2f}",
                "memory, MiB": f"{row['memory, MiB']:.0f}",
            }
        )
    print(f"{n_pairs} pairs of {options.seconds} s, {os.cpu_count()} processors\n")
    show(shown)
    finish(options, rows)


if __name__ == "__main__":
    main()
