"""Every door through which a study is made: the scripts of the pages, and a program with a token.

The fixtures are an application without any study but the empty ``heron``, and its maker.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from jndlab.settings import Settings
from jndlab.store.engine import Store, open_store
from jndlab.studies.drafts import current_draft
from jndlab.web.app import create_app
from tests.store.making import Making
from tests.web.jobs import hold_jobs, run_jobs
from tests.web.making import Maker
from tests.web.programs import program_of

HERON = "/studies/heron"


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """One way in: requests with JSON, and the state of jobs."""

    ask: Callable[..., TestResponse]
    api: bool

    def sent(self, path: str, content: bytes) -> TestResponse:
        """A whole file in one part; the answer to the part."""
        told = {"path": path, "n_bytes": len(content), "replace": True}
        begun = self.ask("POST", f"{HERON}/uploads", json=told)
        assert begun.status_code in (200, 201), begun.text
        return self.part(begun.get_json()["name"], 0, data=content)

    def part(self, name: str, offset: int, **more: Any) -> TestResponse:
        headers = {"Upload-Offset": str(offset), "Content-Type": "application/octet-stream"}
        return self.ask("PATCH", f"{HERON}/uploads/{name}", headers=headers, **more)

    def job(self, asked: TestResponse, making: Making) -> dict[str, Any]:
        """The job that was asked for, when it has ended."""
        assert asked.status_code == 202, asked.text
        told = asked.get_json()
        run_jobs(making)  # type: ignore[arg-type]
        at = f"/jobs/{told['id']}" if self.api else told["job"]
        return dict(self.ask("GET", at).get_json())


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path / "data")


@pytest.fixture
def store(settings: Settings) -> Iterator[Store]:
    store = open_store(settings)
    yield store
    store.close()


@pytest.fixture
def app(store: Store, settings: Settings) -> Flask:
    return create_app(settings, store)


@pytest.fixture
def maker(app: Flask, store: Store, monkeypatch: pytest.MonkeyPatch) -> Maker:
    hold_jobs(monkeypatch)
    return Maker(app, store)


@pytest.fixture
def making(maker: Maker, settings: Settings) -> Making:
    """The empty study ``heron``."""
    return Making(store=maker.store, settings=settings, study_id=maker.make(), user_id=1)


@pytest.fixture(params=["page", "API"])
def door(request: pytest.FixtureRequest, app: Flask, maker: Maker, making: Making) -> Door:
    """The study's maker, at each door in turn."""
    if request.param == "page":
        return Door(ask=maker.ask, api=False)
    program = program_of(app, maker.store, role="owner")
    return Door(ask=program.send, api=True)


def error_of(response: TestResponse, *, status: int) -> str:
    """What is wrong, in words; nobody is told where the server keeps its files."""
    assert response.status_code == status, response.text
    error = response.get_json()["error"]
    assert error["message"]
    assert error["remedy"]
    assert "/data/" not in response.text
    return str(error["message"])


def files_of(making: Making) -> list[str]:
    return [
        path.relative_to(making.folder).as_posix()
        for path in making.folder.rglob("*")
        if path.is_file()
    ]


def newest_text(making: Making) -> str | None:
    with making.store.read() as db:
        draft = current_draft(db, making.study_id)
    return None if draft is None else draft.text
