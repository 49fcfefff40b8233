"""The program on the page about the API, typed off and run against the real server."""

from __future__ import annotations

import csv
import re
import subprocess
import sys
import zipfile
from datetime import UTC, datetime
from pathlib import Path

from jndlab.listeners.http import simulate_over_http
from jndlab.listeners.model import Truth
from jndlab.store.engine import open_store
from jndlab.store.models import UserRow
from jndlab.store.studies import definition_of, require_study, require_version
from jndlab.store.tokens import create_token
from jndlab.web.openapi import OPERATIONS
from tests.builders import write_stimuli
from tests.docs.conftest import ROOT
from tests.servers import Server

PAGE = ROOT / "docs" / "how-to" / "api.md"
SECONDS = 120
WHO = ("simulated", "2")


def program() -> str:
    """The Python of the page, piece after piece."""
    pieces = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert len(pieces) > 4
    return "\n".join(pieces)


def token_on(server: Server) -> str:
    now = datetime.now(UTC)
    store = open_store(server.settings, create=False)
    with store.write() as db:
        user = UserRow(name="mia", is_admin=False, created_at=now)
        db.add(user)
        db.flush()
        token = create_token(db, user.id, name="api page", scope="own", lasts=None, now=now)
    store.close()
    return token


def test_the_program_makes_launches_and_exports_a_study(tmp_path: Path) -> None:
    sounds = write_stimuli(tmp_path / "sounds")
    script = tmp_path / "study_by_api.py"
    script.write_text(program(), encoding="utf-8")
    with Server(tmp_path / "data") as server:
        address = server.settings.url
        command = [sys.executable, str(script), address, token_on(server), str(sounds), *WHO]
        running = subprocess.Popen(
            command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        try:
            assert running.stdout is not None
            said = ""
            for line in running.stdout:
                said += line
                if line.startswith("Hand this out: "):
                    take(server, line.rpartition("/")[2].strip())
            _, wrong = running.communicate(timeout=SECONDS)
        finally:
            running.kill()
        assert running.returncode == 0, said + wrong
    assert "A session has" in said
    with zipfile.ZipFile(tmp_path / "codec-a.zip") as package:
        assert "datapackage.json" in package.namelist()
    with (tmp_path / "codec-a-trials.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert {row["participant"] for row in rows} == {"1", "2"}
    assert {row["session_kind"] for row in rows} == {"simulated"}


def take(server: Server, link: str) -> None:
    """Two simulated listeners."""
    store = open_store(server.settings, create=False)
    with store.read() as db:
        study = definition_of(require_version(db, require_study(db, "codec-a").id))
    store.close()
    truth = Truth(threshold=2.0, width=2.5)
    simulate_over_http(
        study, url=server.settings.url, link=link, truth=truth, n_listeners=2, seed=1
    )


def test_every_request_that_the_page_names_is_one() -> None:
    text = PAGE.read_text(encoding="utf-8")
    known = {
        (one.method.upper(), re.sub(r"\{\w+\}", "*", one.path.replace("/studies/{slug}", "…")))
        for one in OPERATIONS
    }
    named = {
        (method, re.sub(r"\b[A-Z]+\b", "*", path.replace("/studies/SLUG", "…")))
        for method, path in re.findall(r"`(GET|POST|PUT|PATCH|DELETE) ([^`? ]+)[^`]*`", text)
    }
    assert len(named) > 10
    assert named - known == set()
