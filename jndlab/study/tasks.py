"""Every paradigm by name: what its answers say, and the chance of guessing right.

Part of the vocabulary: :mod:`jndlab.study.trials` hands it on.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

ParadigmName = str
"""One of :data:`TASKS`; whoever reads a name from outside checks it against that table."""
Measure = Literal["correct", "detection", "preference", "rating"]
"""What an answer says. correct: right or wrong, against a chance level. detection: right or wrong,
but the listener's bias decides how often either is said, so that two rates are needed. preference:
which one is preferred, with nothing right. rating: a number on a scale, or one per interval."""

TrialKind = Literal["test", "identical", "gross", "repeated", "gold", "trap"]
"""test; or a catch trial, which :class:`Trial` explains."""
ProcedureName = Literal["constant-stimuli", "staircase", "questplus", "psi"]


@dataclass(frozen=True, slots=True)
class Task:
    """What the rooms that know no page and no sound have to know of a paradigm."""

    measure: Measure
    guess_rate: float | None = None
    """Chance of a correct response from somebody who hears nothing; None where there is none."""


TASKS: dict[ParadigmName, Task] = {
    "abx": Task("correct", 1 / 2),
    "abxy": Task("correct", 1 / 2),
    "axb": Task("correct", 1 / 2),
    "two-interval": Task("correct", 1 / 2),
    "two-interval-standard": Task("correct", 1 / 2),
    "oddity": Task("correct", 1 / 3),
    "3afc": Task("correct", 1 / 3),
    "4afc": Task("correct", 1 / 4),
    "5afc": Task("correct", 1 / 5),
    "duo-trio": Task("correct", 1 / 2),
    "tetrad": Task("correct", 1 / 3),
    "4iax": Task("correct", 1 / 2),
    "same-different": Task("detection"),
    "yes-no": Task("detection"),
    "preference": Task("preference"),
    "acr": Task("rating"),
    "dcr": Task("rating"),
    "ccr": Task("rating"),
    "mushra": Task("rating"),
    "bs1116": Task("rating"),
}
"""Every paradigm, in the order in which they are offered. What a page needs to know of each stands
in :mod:`jndlab.study.paradigms`, one file for each."""

GUESS_RATES: dict[ParadigmName, float] = {
    name: task.guess_rate for name, task in TASKS.items() if task.guess_rate is not None
}
"""Chance of a correct response from somebody who hears nothing, of the paradigms that have one.

The one place where it stands: paradigms, simulated listeners, export and fits read it here.
"""
