"""A launched study with many real sessions under way, for the benchmarks of the server.

The sessions are opened as participants open them, with their own plans, checks passed and the first
questionnaire answered; every trial is handed out ahead, so that answers alone can be measured.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from real_parts import write_study

from jndlab.sessions import open_session, store_questionnaire
from jndlab.settings import Settings
from jndlab.store import sessions as rows
from jndlab.store.engine import Store, open_store
from jndlab.store.studies import require_study
from jndlab.store.under_way import hand_out, keep, plan_under_way, under_way
from jndlab.studies import launch_study
from jndlab.study.flow import Occasion
from jndlab.study.study_file import load_study
from jndlab.study.trials import Trial

DESIGN = {"trials_per_level": 8, "practice_trials": 4, "identical_trials": 4, "gross_trials": 4}
LEVELS = [0, 1, 2, 3, 4, 5]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One session as the load generator needs it: its token, and how many trials it has."""

    token: str
    n_trials: int


def launch(folder: Path, settings: Settings) -> tuple[Store, str]:
    """An ABX study of 60 trials with checks and questionnaires; its store and its link."""
    file = write_study(
        folder / "study",
        slug="load",
        items=["one", "two", "three", "four"],
        condition={"levels": LEVELS},
        design=DESIGN,
        questionnaires=[_questionnaire("you", "before"), _questionnaire("end", "after")],
    )
    store = open_store(settings)
    launch_study(store, settings, file)
    study = load_study(file)
    with store.read() as db:
        return store, require_study(db, study.slug).link


def fill(store: Store, link: str, n_sessions: int, *, ahead: bool = True) -> list[Asked]:
    """Open so many sessions; with ``ahead``, all of their trials are handed out."""
    return [_open(store, link, ahead=ahead) for _ in range(n_sessions)]


def _open(store: Store, link: str, *, ahead: bool) -> Asked:
    token, _ = open_session(store, link=link, user_agent="a benchmark")
    now = datetime.now(UTC)
    with store.write() as db:
        rows.session_by_token(db, token).checked_at = now
    occasion = Occasion(questionnaire="you", block=0)
    store_questionnaire(store, token, occasion, {"age": "30"}, key="age")
    with store.write() as db:
        session = under_way(db, token, lock=True)
        plan = plan_under_way(db, session)
        for trial in plan.trials if ahead else ():
            assert isinstance(trial, Trial)
            hand_out(db, session, trial, now)
        keep(db, session)
    return Asked(token=token, n_trials=len(plan.trials))


def answer_body(number: int) -> bytes:
    """What a page sends for a trial."""
    return json.dumps(
        {
            "key": f"0123456789abcdef-{number}",
            "response": "AB"[number % 2],
            "response_time_ms": 2345.6,
            "plays": [1, 1, 2],
            "context_rate_hz": 48000,
            "output_latency_ms": 12.5,
        }
    ).encode()


def requests_of(asked: Asked, *, with_trials: bool) -> Iterator[str]:
    """The HTTP requests that answer a session, one after the other; ``with_trials``: each after
    the two that ask for its trial and for those ahead."""
    for number in range(1, asked.n_trials + 1):
        if with_trials:
            yield _request("POST", "/api/v1/trial", asked.token, b"")
            yield _request("POST", "/api/v1/trials/ahead", asked.token, b"")
        path = f"/api/v1/trials/{number}/response"
        yield _request("PUT", path, asked.token, answer_body(number))


def _request(method: str, path: str, token: str, body: bytes) -> str:
    return (
        f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body.decode()}"
    )


def _questionnaire(name: str, when: str) -> dict[str, Any]:
    questions = [{"name": "age", "kind": "number", "text": "How old?", "min": 16}]
    return {"name": name, "title": name, "when": when, "questions": questions}
