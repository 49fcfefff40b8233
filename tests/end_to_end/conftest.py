"""One server for every study of the paradigms: starting it takes longer than taking a small one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.paradigm_studies import (
    ADAPTIVE,
    FORCED_CHOICE,
    LEVELS,
    RATINGS,
    Running,
    write_sounds,
    write_study_of,
)

CONDITIONS = ("bits", "prune", "group")
COARSE, FINE = {"harder": 2, "easier": 2, "reversals": 2}, {"harder": 1, "easier": 1}
SETTINGS = {
    "staircase": {"starts": [2], "step_sizes": [COARSE, FINE], "stop": {"trials": 32}},
    "questplus": {"stop": {"trials": 24}},
    "psi": {"stop": {"trials": 24}},
}


@pytest.fixture(scope="session")
def paradigms(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Studies by name: constant, staircase, questplus, psi, detection, preference, ratings, mixed.

    Each has one part for each of its paradigms; mixed has two parts, three conditions and
    interleaved tracks, with confidence and catch trials.
    """
    folder = tmp_path_factory.mktemp("paradigms")
    write_sounds(folder / "sounds", CONDITIONS)
    files = [
        write_study_of(
            folder, "constant", paradigms=FORCED_CHOICE, levels=LEVELS[2:-2:2], n_per_level=8
        ),
        *(
            write_study_of(
                folder,
                procedure,
                paradigms=FORCED_CHOICE,
                design={"procedure": procedure},
                adaptive=SETTINGS[procedure],
            )
            for procedure in ADAPTIVE
        ),
        write_study_of(
            folder,
            "detection",
            paradigms=("same-different", "yes-no"),
            levels=(3, 5, 7),
            n_per_level=32,
            design={"confidence_steps": 4},
        ),
        write_study_of(
            folder, "preference", paradigms=("preference",), levels=LEVELS[2:-2:2], n_per_level=16
        ),
        write_study_of(
            folder,
            "ratings",
            paradigms=RATINGS,
            levels=LEVELS[2:-2:2],
            n_per_level=4,
            stimuli={"anchors_hz": [3500, 7000]},
        ),
        write_study_of(
            folder,
            "mixed",
            paradigms=("abx", "same-different"),
            levels=LEVELS[::2],
            conditions=CONDITIONS,
            n_per_level=4,
            procedures=("staircase", "constant-stimuli"),
            design={"confidence_steps": 3, "practice_trials": 2, "identical_trials": 4},
            adaptive={"starts": [0, 4], "stop": {"reversals": 6, "trials": 20}},
        ),
    ]
    running = Running.start(folder, files)
    yield running
    running.server.kill()
