"""A real server with two short studies, and a real browser."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile as sf
from playwright.sync_api import Browser, Page, sync_playwright

from jndlab.settings import Settings
from jndlab.store.engine import open_store
from jndlab.store.users import set_password
from jndlab.studies import new_study
from jndlab.study.definition import Design
from jndlab.study.trials import ParadigmName
from tests.browser.chromium import ARGUMENTS, MISSING, find_chromium
from tests.servers import Server

USER, PASSWORD = "ada", "correct horse battery"
DESIGN = Design(
    trials_per_level=2, practice_trials=1, identical_trials=1, gross_trials=1, trials_per_block=4
)
SECONDS = 0.7


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A running server and a look into its database."""

    settings: Settings

    def link(self, slug: str) -> str:
        """The participants' link of a study."""
        [(link,)] = self.query("SELECT link FROM studies WHERE slug = ?", slug)
        return f"{self.settings.url}/s/{link}"

    def query(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """Rows as they are on the disk at this moment."""
        with closing(sqlite3.connect(self.settings.data / "jndlab.db")) as connection:
            return connection.execute(statement, values).fetchall()

    def newest_session(self) -> int:
        """Row id of the session that was opened last."""
        [(session,)] = self.query("SELECT max(id) FROM sessions")
        return int(session)

    def beeps(self, session: int) -> int:
        """How many beeps the newest sound check of a session has."""
        rows = self.query(
            "SELECT right_answer FROM check_trials WHERE session_id = ? ORDER BY id DESC", session
        )
        return int(rows[0][0])

    def trial(self, session: int, number: int) -> dict[str, Any]:
        """The truth about a presented trial."""
        [(trial,)] = self.query(
            "SELECT trial FROM presented_trials WHERE session_id = ? AND number = ?",
            session,
            number,
        )
        return dict(json.loads(trial))

    def answers(self, session: int) -> list[dict[str, Any]]:
        """Presented trials with their answers, in order."""
        rows = self.query(
            "SELECT p.number, p.n_loads, p.trial, a.response, a.correct, a.response_time_ms,"
            " a.plays, a.context_rate_hz FROM presented_trials p"
            " LEFT JOIN answers a ON a.presented_id = p.id WHERE p.session_id = ? AND p.n_loads > 0"
            " ORDER BY p.number",
            session,
        )
        names = ("number", "n_loads", "trial", "response", "correct", "time_ms", "plays", "rate_hz")
        return [dict(zip(names, row, strict=True)) for row in rows]


def make_study(
    folder: Path,
    slug: str,
    paradigm: ParadigmName,
    *,
    design: Design = DESIGN,
    seconds: float = SECONDS,
) -> Path:
    """A study of two items at two levels, made from noise bursts."""
    rng = np.random.default_rng(5)
    sounds = folder / "sounds"
    for item in ("first", "second"):
        noise = 0.1 * rng.standard_normal(round(seconds * 16000))
        for place, error in (("baseline", 0.0), ("rounded/3", 0.001), ("rounded/0", 0.03)):
            path = sounds / place / f"{item}.wav"
            path.parent.mkdir(parents=True, exist_ok=True)
            version = noise + error * rng.standard_normal(noise.size)
            sf.write(path, version, 16000, subtype="PCM_16")
    new_study(
        folder / slug,
        baseline=sounds / "baseline",
        compressed=[sounds / "rounded"],
        paradigm=paradigm,
        unit="fraction bits",
        title="Browser test",
        design=design,
    )
    return folder / slug


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("site")
    studies = [
        make_study(folder / "a", "abx", "abx"),
        make_study(folder / "b", "pairs", "two-interval"),
    ]
    data = folder / "data"
    store = open_store(Settings(data=data))
    set_password(store, USER, PASSWORD)
    store.close()
    with Server(data, studies) as server:
        yield Site(settings=server.settings)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = find_chromium()
    if path is None:
        pytest.fail(MISSING)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser, site: Site) -> Iterator[Page]:
    """A fresh profile; the test fails on a script error or a request to another server."""
    context = browser.new_context(viewport={"width": 390, "height": 844})
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on(
        "request",
        lambda request: (
            None
            if request.url.startswith((site.settings.url, "data:", "blob:"))
            else errors.append(f"request to {request.url}")
        ),
    )
    page.on(
        "console",
        lambda message: errors.append(message.text) if "Content Security" in message.text else None,
    )
    yield page
    if not page.is_closed():
        page.unroute_all(behavior="ignoreErrors")  # what is still loaded ahead is of no interest
    context.close()
    assert errors == []
