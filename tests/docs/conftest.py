"""The documentation's pages, and the study that its examples speak of."""

from __future__ import annotations

from pathlib import Path

import pytest

from jndlab.export.files import write_table
from jndlab.listeners.memory import simulate_study
from jndlab.listeners.model import Truth
from jndlab.study.definition import Condition, Stimuli, StudyDefinition

ROOT = Path(__file__).resolve().parents[2]
TRUTH = Truth(threshold=3, width=4, spread=0.5)
"""As in the tutorial."""


@pytest.fixture
def exported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder, now the current one, but for the table of 12 simulated listeners."""
    study = StudyDefinition(
        slug="my-study",
        title="Listening test",
        paradigm="abx",
        seed=5273436628180702,
        stimuli=Stimuli(
            baseline="baseline",
            items=("p287_002", "p287_003", "p287_004", "p287_005"),
            conditions=(
                Condition(
                    name="seofp",
                    folder="seofp",
                    levels=(10.0, 7.0, 5.0, 4.0, 3.0, 2.0, 1.0, 0.0),
                    unit="fraction bits",
                    compression="falls",
                ),
            ),
        ),
    )
    rows = simulate_study(study, truth=TRUTH, n_listeners=12, seed=1)
    table = tmp_path / "my-study-trials.csv"
    write_table(rows, table)
    monkeypatch.chdir(tmp_path)
    return table
