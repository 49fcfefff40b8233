"""Where levels follow answers, nothing that leaves the server tells of levels or of tracks."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from jndlab.store import histories
from jndlab.study.plan import plan_session
from jndlab.study.progress import next_trial, upcoming_trials
from jndlab.study.trials import Response, TrialRecord
from jndlab.web.app import create_app
from tests.builders import make_definition
from tests.store.launching import Launched
from tests.store.taking import STAIRCASE, launch
from tests.web.participants import Participant
from tests.web.test_blindness import said, secrets_of

PARTS = [
    {"name": "hearing", "paradigm": "abx", "procedure": "staircase"},
    {"name": "judging", "paradigm": "mushra", "procedure": "constant-stimuli"},
]
WORDS = ("hearing", "judging", "staircase", "reversal", "track", "level", "estimate", "adaptive")


@pytest.fixture
def participant(tmp_path: Path) -> Iterator[Participant]:
    condition = {"name": "prunella", "folder": "prunella", "levels": [1.5, 2.5, 3.5, 4.5]}
    names = {"items": ["heron", "ibis", "stork"], "condition": condition}
    launched = launch(tmp_path, parts=PARTS, **STAIRCASE, **names)
    client = create_app(launched.settings, launched.store).test_client()
    yield Participant(client, launched).open()
    launched.store.close()


def answer(trial: Any) -> str:
    """Always the first response, or the middle of every scale."""
    n_rated = sum(interval["label"] != "R" for interval in trial["intervals"])
    return ";".join(["50"] * n_rated) if trial["paradigm"] == "mushra" else "A"


def test_nothing_of_levels_and_tracks_is_sent(participant: Participant) -> None:
    launched: Launched = participant.launched
    n_trials = 0
    while participant.json("GET", "/session")["step"] == "trial":
        trial = participant.trial()
        participant.clips(trial)
        participant.send("POST", "/trials/ahead")
        participant.answer(trial, answer(trial))
        n_trials += 1
    assert n_trials > 15
    participant.received.pop()  # at the end the completion code is told
    secrets = [*secrets_of(launched), *WORDS]
    for response in participant.received:
        text = said(response).lower()
        assert [secret for secret in secrets if secret.lower() in text] == [], response.request.path


def test_a_history_that_no_plan_gives_is_told_to_the_log_alone(
    participant: Participant, caplog: pytest.LogCaptureFixture
) -> None:
    """Answers that were changed in the database: what is wrong with them names levels."""
    for _ in range(6):
        participant.answer(participant.trial(), "A")
    with participant.launched.store.write() as db:
        db.execute(text("UPDATE answers SET correct = NOT correct"))
    histories._kept.clear()  # as after a restart
    for method, path in (("POST", "/trial"), ("POST", "/trials/ahead"), ("GET", "/session")):
        caplog.clear()
        refused = participant.send(method, path)
        assert refused.status_code == 422
        assert refused.json is not None
        assert refused.json["error"]["message"] == "The server cannot do this at the moment."
        assert "level" not in refused.text
        assert "at level" in caplog.text


STOPS: list[dict[str, int]] = [{"trials": 12}, {"reversals": 3, "trials": 20}]


@pytest.mark.parametrize("stop", STOPS, ids=["trials", "reversals"])
@pytest.mark.parametrize("n_conditions", [1, 2])
def test_what_is_handed_out_ahead_tells_neither_answers_nor_catch_trials(
    n_conditions: int, stop: dict[str, int]
) -> None:
    """Of the places among open ones, only a catch trial can be known ahead whatever is answered,
    and what comes after one: handing those out would name every catch trial. What is known of
    another track depends on whether the next answer can end this one, and so on the ones before."""
    conditions = [{"name": name, "folder": name} for name in ("bits", "prune")[:n_conditions]]
    study = make_definition(
        condition={"levels": [1, 2, 3, 4]},
        conditions=conditions,
        design={"procedure": "staircase", "identical_trials": 3, "gross_trials": 3},
        adaptive={"stop": stop},
    )
    plan = plan_session(study, participant=1, seed=study.seed)
    kinds = set()
    for seed in range(4):
        rng, history, n_practice = random.Random(seed), [], []
        while (trial := next_trial(plan, history)) is not None:
            ahead = upcoming_trials(plan, history, 2)
            if trial.phase == "practice":
                n_practice.append(len(ahead))
            else:
                assert ahead == ()
                kinds.add(trial.kind)
            history.append(
                TrialRecord(
                    trial=trial,
                    presented_at=datetime(2026, 1, 1, tzinfo=UTC),
                    response=Response(value="A", response_time_ms=900.0, plays=(1, 1, 1)),
                    correct=rng.random() < 0.3 + 0.2 * seed,
                )
            )
        assert n_practice == [1, 0]
    assert kinds == {"test", "identical", "gross"}
