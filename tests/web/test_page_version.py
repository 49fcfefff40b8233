"""The server tells which page it would send now; a page knows its own."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from jndlab.assets import asset_folder
from jndlab.web import page_version
from tests.store.launching import Launched


def test_page_and_answers_carry_the_same_version(client: FlaskClient, launched: Launched) -> None:
    page = client.get(f"/s/{launched.link}")
    [own] = re.findall(r'data-page="([0-9a-f]{16})"', page.text)
    assert page_version.HEADER not in page.headers
    for path in ("/api/v1/session", "/api/v1/nothing-here", "/api/v1/openapi.json"):
        assert client.get(path).headers[page_version.HEADER] == own


@pytest.mark.parametrize("changed", ["static/js/main.js", "templates/participant/study.html"])
def test_a_change_of_script_or_page_is_another_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, changed: str
) -> None:
    for name in ("static", "templates"):
        shutil.copytree(asset_folder(name), tmp_path / name)
    monkeypatch.setattr(page_version, "asset_folder", lambda name: tmp_path / name)
    before = page_version.page_version()
    (tmp_path / changed).write_text("another one", encoding="utf-8")
    assert page_version.page_version() != before
