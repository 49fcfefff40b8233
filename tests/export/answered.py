"""A small study that people, pilots and simulated listeners have taken: something to export."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from jndlab.sessions import (
    open_session,
    position,
    release_trial,
    store_answer,
    store_event,
    store_questionnaire,
    withdraw,
)
from jndlab.study.consent import consent_in
from jndlab.study.flow import Occasion
from jndlab.study.trials import Trial
from tests.store.launching import Launched, make_response, make_template, open_copy
from tests.store.recruiting import set_session

ANALYSIS = {"equivalence_bound": 0.6, "bound_reason": "Nobody minds less.", "alpha": 0.05}
YOU = {
    "name": "you",
    "title": "About you",
    "when": "before",
    "questions": [
        {"name": "age", "kind": "number", "text": "How old are you?", "unit": "years"},
        {
            "name": "devices",
            "kind": "choice",
            "several": True,
            "text": "What do you own?",
            "options": ["Headphones", "Loudspeakers"],
        },
        {"name": "note", "kind": "text", "text": "Anything else", "required": False},
    ],
}
NOTES = (
    '=HYPERLINK("http://evil.example/","Click")',
    "-2+3",
    "@SUM(1)",
    "'=1",
    'two\nlines, "quotes" and, commas – ünïcødé 🎧',
    None,
)
"""What participants typed, some of it dangerous to a spreadsheet."""
KEY = "a-key-of-the-page"
DESIGN = {"trials_per_level": 6, "practice_trials": 2, "identical_trials": 2, "gross_trials": 2}


def make_answered(folder: Path, **overrides: Any) -> Path:
    """The data folder of a study with six participants, a pilot, a simulated listener, and one
    who withdrew; overrides as in ``builders.make_document``."""
    document = {
        "checks": [],
        "questionnaires": [YOU],
        "analysis": ANALYSIS,
        "design": DESIGN,
        **overrides,
    }
    launched = open_copy(make_template(folder / "template", **document), folder / "answered")
    for number, note in enumerate(NOTES, start=1):
        token = enter(launched)
        devices = ["Headphones", "Loudspeakers"][: 1 + number % 2]
        say(launched, token, {"age": str(20 + number), "devices": devices, "note": note or ""})
        store_event(launched.store, token, "page-error", "=cmd|' /C calc'!A0")
        take(launched, token, seed=number)
    pilot = enter(launched)
    set_kind(launched, pilot, "pilot")
    say(launched, pilot, {"age": "30", "devices": ["Headphones"], "note": "a pilot"})
    take(launched, pilot, seed=50)
    preview = enter(launched)
    set_kind(launched, preview, "preview")
    take(launched, launched.open(simulated=True), seed=60)
    withdraw(launched.store, enter(launched))
    launched.store.close()
    return launched.settings.data


def enter(launched: Launched) -> str:
    """The token of a person's new session, the consent given."""
    consent = consent_in(launched.study, "en").version()
    return open_session(
        launched.store, link=launched.link, user_agent="a test", consent_version=consent
    )[0]


def say(launched: Launched, token: str, given: dict[str, Any]) -> None:
    """Answer the questionnaire before the trials."""
    if position(launched.store, token).step == "questionnaire":
        occasion = Occasion(questionnaire="you", block=0)
        assert store_questionnaire(launched.store, token, occasion, given, key=KEY).stored


def take(launched: Launched, token: str, *, seed: int) -> None:
    """Answer every trial, right with a probability that grows with the compression."""
    set_session(launched, token, checked_at=datetime.now(UTC))
    rng = np.random.default_rng(seed)
    for trial in launched.plan(token).trials:
        release_trial(launched.store, token)
        value = _answer(launched, trial, rng)
        response = make_response(value, ms=float(rng.uniform(800, 4000)))
        store_answer(launched.store, token, trial.number, response, key=KEY)


def set_kind(launched: Launched, token: str, kind: str) -> None:
    """Make a person's session one of another kind."""
    set_session(launched, token, kind=kind)


def _answer(launched: Launched, trial: Trial, rng: np.random.Generator) -> str:
    levels = launched.study.condition(trial.condition).by_compression()
    heard = (levels.index(trial.level) + 1) / len(levels)
    hears = trial.kind != "identical" and rng.random() < heard
    if hears or rng.random() < 0.5:
        return trial.correct_response
    return "B" if trial.correct_response == "A" else "A"
