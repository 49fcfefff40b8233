"""Which keys of a study file mean something for which trial types and procedures. Pure.

One table for the form, which shows no field that does nothing, and for the file that `jndlab new`
writes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple, get_args

from jndlab.study.adaptive import KEYS_OF_PROCEDURES
from jndlab.study.definition import StudyDefinition
from jndlab.study.paradigms import PARADIGMS, Paradigm
from jndlab.study.session_parts import all_parts
from jndlab.study.trials import ParadigmName, ProcedureName

PROCEDURES: tuple[ProcedureName, ...] = get_args(ProcedureName)
_FIXED = ("constant-stimuli",)
_FOLLOWING = tuple(name for name in PROCEDURES if name not in _FIXED)


class Task(NamedTuple):
    """What listeners do, and how the levels are chosen."""

    paradigm: ParadigmName
    procedure: ProcedureName


def _scored(paradigm: Paradigm) -> bool:
    return paradigm.measure in ("correct", "detection")


def _has_chance(paradigm: Paradigm) -> bool:
    return paradigm.measure == "correct"


def _is_switched(paradigm: Paradigm) -> bool:
    return paradigm.playback == "switched"


def _has_buttons(paradigm: Paradigm) -> bool:
    return paradigm.scale is None


OF_SEVERAL_MODELS = ("abx", "axb", "two-interval-standard", "same-different")
"""Trial types whose d′ rests on a decision model that has to be chosen."""

_OF_PARADIGMS: dict[str, Callable[[Paradigm], bool]] = {
    "stimuli.anchors_hz": lambda paradigm: paradigm.several,
    "design.procedure": lambda paradigm: paradigm.adaptive,
    "design.identical_trials": lambda paradigm: paradigm.has_identical,
    "design.gross_trials": lambda paradigm: paradigm.has_gross,
    "design.gold": _has_buttons,
    "design.traps": _has_buttons,
    "design.catch_placement": _has_buttons,
    "design.pairs": lambda paradigm: paradigm.symmetric,
    "design.confidence_steps": lambda paradigm: paradigm.asks_confidence,
    "design.practice_criterion": _scored,
    "design.feedback": _scored,
    "presentation.gap_ms": lambda paradigm: not _is_switched(paradigm) and len(paradigm.labels) > 1,
    "presentation.switching": _is_switched,
    "presentation.loop": _is_switched,
    "presentation.loop_region": _is_switched,
    "analysis.target_probability": _has_chance,
    "analysis.equivalence_bound": _scored,
    "analysis.bound_on": _scored,
    "analysis.quality_bound": lambda paradigm: not _scored(paradigm),
    "analysis.sigmoid": _has_chance,
    "analysis.decision_model": lambda paradigm: paradigm.name in OF_SEVERAL_MODELS,
    "analysis.min_gross_correct": lambda paradigm: paradigm.has_gross,
    "analysis.min_practice_correct": _scored,
    "analysis.max_same_response": _has_buttons,
    "analysis.max_same_response_run": _has_buttons,
}
_OF_PROCEDURES: dict[str, tuple[str, ...]] = {
    "design.trials_per_level": _FIXED,
    "design.repeated_trials": _FIXED,
    "adaptive": _FOLLOWING,
    "adaptive.stop.reversals": ("staircase",),
    "adaptive.stop.interval": ("questplus", "psi"),
    **{f"adaptive.{key}": names for key, names in KEYS_OF_PROCEDURES.items()},
}
OF_PARTS = ("design.part_order", "design.assignment")
"""Keys about parts of a session, which few studies have."""


def paradigms_of(name: str) -> tuple[ParadigmName, ...]:
    """The trial types for which the key means something."""
    rules = [rule for key, rule in _OF_PARADIGMS.items() if _is_in(name, key)]
    if name.startswith("adaptive"):
        rules.append(_OF_PARADIGMS["design.procedure"])
    return tuple(
        known for known, paradigm in PARADIGMS.items() if all(rule(paradigm) for rule in rules)
    )


def procedures_of(name: str) -> tuple[ProcedureName, ...]:
    """The procedures for which the key means something."""
    rules = [names for key, names in _OF_PROCEDURES.items() if _is_in(name, key)]
    return tuple(known for known in PROCEDURES if all(known in names for names in rules))


def applies(name: str, tasks: Iterable[Task]) -> bool:
    """Whether the key of that name (with dots) means something for one of these tasks."""
    paradigms, procedures = paradigms_of(name), procedures_of(name)
    return any(task.paradigm in paradigms and task.procedure in procedures for task in tasks)


def tasks_of(study: StudyDefinition) -> tuple[Task, ...]:
    """The tasks of all parts of a study."""
    return tuple(Task(part.paradigm.name, part.procedure) for part in all_parts(study))


def _is_in(name: str, key: str) -> bool:
    return name == key or name.startswith(f"{key}.")
