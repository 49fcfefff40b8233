"""Listeners that take any paradigm and any procedure, in memory of the test: for exports, the live
view and verification."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from jndlab.errors import SessionClosed
from jndlab.sessions import release_trial, store_answer
from jndlab.store import sessions as rows
from jndlab.store.under_way import handed_out
from jndlab.study.paradigms import Paradigm, paradigm_of
from jndlab.study.trials import Response, Trial
from tests.store.launching import Launched, make_template, open_copy

LEVELS = [1, 2, 3, 4, 5, 6]
SMALL = {"trials_per_level": 2}
STAIRCASE = {"adaptive": {"stop": {"reversals": 4, "trials": 12}}}
PARTS = [
    {"name": "hearing", "paradigm": "abx", "procedure": "staircase"},
    {"name": "quality", "paradigm": "acr", "procedure": "constant-stimuli"},
]


def launch(folder: Path, **overrides: Any) -> Launched:
    """A launched study; overrides as in ``builders.make_document``."""
    document = {"checks": [], "condition": {"levels": LEVELS}, "design": SMALL, **overrides}
    return open_copy(make_template(folder / "template", **document), folder / "launched")


def take_all(launched: Launched, token: str, *, seed: int, most: int | None = None) -> int:
    """Answer every trial of a session, or the first ``most``; returns how many were answered."""
    rng = np.random.default_rng(seed)
    n_answered = 0
    while most is None or n_answered < most:
        try:
            number = release_trial(launched.store, token).number
        except SessionClosed:
            break
        trial = current(launched, token, number)
        paradigm = paradigm_of(launched.study.paradigm, trial)
        response = Response(
            value=_value(launched, paradigm, trial, rng),
            response_time_ms=float(rng.uniform(900, 4000)),
            plays=(1,) * len(trial.intervals),
        )
        store_answer(launched.store, token, number, response, key=str(number))
        n_answered += 1
    return n_answered


def current(launched: Launched, token: str, number: int) -> Trial:
    """A trial that was handed out, truth included."""
    with launched.store.read() as db:
        row = handed_out(db, rows.require_session(db, token).id, number)
        assert row is not None
        return rows.trial_from_json(row.trial)


def _value(launched: Launched, paradigm: Paradigm, trial: Trial, rng: np.random.Generator) -> str:
    """What somebody says who hears compression the better the more there is of it."""
    if paradigm.scale is not None:
        scale = paradigm.scale
        rated = [one for one in trial.intervals if one.label not in paradigm.unrated]
        n_steps = round((scale.highest - scale.lowest) / scale.step)
        marks = [scale.lowest + scale.step * int(rng.integers(n_steps + 1)) for _ in rated]
        return ";".join(f"{mark:g}" for mark in marks)
    if not trial.correct_response:
        return str(rng.choice(list(paradigm.responses)))
    levels = launched.study.condition(trial.condition).by_compression()
    heard = (levels.index(trial.level) + 1) / len(levels) if trial.level is not None else 0.5
    if rng.random() < heard:
        return trial.correct_response.split("|")[0]  # of gold trials several may be right
    return str(rng.choice(list(paradigm.responses)))
