"""Every paradigm by its name: :data:`TASKS` names them, a file of this folder describes each."""

from __future__ import annotations

from importlib import import_module

from jndlab.study.paradigms.paradigm import Paradigm
from jndlab.study.trials import TASKS, ParadigmName, Trial

PARADIGMS: dict[ParadigmName, Paradigm] = {}


def _module(name: ParadigmName) -> str:
    """The file of a paradigm; no module's name begins with a digit."""
    plain = name.replace("-", "_")
    return f"jndlab.study.paradigms.{'m' if plain[0].isdigit() else ''}{plain}"


for _name in TASKS:
    PARADIGMS[_name] = import_module(_module(_name)).PARADIGM


def paradigm_of(study_paradigm: ParadigmName, trial: Trial) -> Paradigm:
    """The paradigm of a trial in a study of that paradigm."""
    return PARADIGMS[trial.paradigm or study_paradigm]
