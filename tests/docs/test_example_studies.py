"""The example studies: there is one for everything, and each is what it says.

Whether `jndlab check` passes them is in tests/end_to_end, with the sounds.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import pytest

from jndlab.listeners.memory import simulate_session
from jndlab.listeners.model import SimulatedListener, Truth
from jndlab.study.plan import count_trials, plan_session
from jndlab.study.progress import next_trial
from jndlab.study.session_parts import all_parts
from jndlab.study.session_plan import SessionPlan
from jndlab.study.study_file import load_study
from jndlab.study.trials import TASKS, ProcedureName
from tests.docs.conftest import ROOT

STUDIES = sorted((ROOT / "examples").glob("*/study.yaml"))
SIBLINGS = {"3afc": "4afc", "5afc": "4afc"}
"""Paradigms that another one's example speaks for."""


def name_of(path: Path) -> str:
    return path.parent.name


def test_there_is_an_example_of_every_paradigm_and_procedure() -> None:
    parts = [part for path in STUDIES for part in all_parts(load_study(path))]
    shown = {part.paradigm.name for part in parts}
    assert {SIBLINGS.get(name, name) for name in TASKS} - shown == set()
    assert {part.procedure for part in parts} == set(get_args(ProcedureName))
    assert len(STUDIES) >= 15


@pytest.mark.parametrize("path", STUDIES, ids=name_of)
def test_an_example_is_called_what_its_folder_is_and_explains_itself(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    name = name_of(path)
    assert load_study(path).slug == f"example-{name}"
    assert f"jndlab check examples/{name} " in text
    assert "make examples" in text
    # a remark on the first lines, and on what is no obvious choice
    assert text.startswith("# ")
    assert len(re.findall(r"\S # \w", text)) >= 5


@pytest.mark.parametrize("path", STUDIES, ids=name_of)
def test_an_example_makes_plans_of_the_size_it_promises(path: Path) -> None:
    study = load_study(path)
    for participant in (1, 2):
        plan = plan_session(study, participant=participant, seed=study.seed)
        assert SessionPlan.from_json(plan.to_json()) == plan
        assert 0 < len(plan.trials) <= count_trials(study)


@pytest.mark.parametrize("path", STUDIES, ids=name_of)
def test_an_example_can_be_taken_to_its_end(path: Path) -> None:
    study = load_study(path)
    levels = study.stimuli.conditions[0].by_compression()
    truth = Truth(threshold=levels[len(levels) // 2], width=abs(levels[-1] - levels[0]))
    listener = SimulatedListener(study=study, truth=truth, seed=1, participant=1)
    records = simulate_session(listener)
    assert {record.trial.phase for record in records} == {"practice", "main"}
    assert len(records) <= count_trials(study)
    assert next_trial(plan_session(study, participant=1, seed=study.seed), records) is None


def test_there_is_no_audio_in_the_repository() -> None:
    ignored = (ROOT / ".gitignore").read_text(encoding="utf-8").split()
    assert "/examples/sounds/" in ignored
