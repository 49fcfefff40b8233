"""Sounds by links into an object store, in a real browser: another origin, and no token for it."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.object_store import ObjectStore
from tests.web.sending import sending

LOAD = """async ([link, token, address]) => {
  const { Session } = await import("/static/js/api.js");
  const session = new Session(link);
  session.adopt(token);
  const { bytes } = await session.clip(address);
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}"""


@pytest.mark.browser
def test_the_page_gets_its_sounds_from_the_object_store(browser: Browser, tmp_path: Path) -> None:
    with ObjectStore() as store, sending("signed", tmp_path, store) as server:
        token = server.open()
        trial = server.json("POST", "/trial", token=token)
        page = browser.new_page()
        said: list[str] = []
        page.on("console", lambda message: said.append(message.text))
        asked: list[tuple[str, dict[str, str]]] = []
        page.on("request", lambda request: asked.append((request.url, request.all_headers())))
        link = server.launched.link
        page.goto(f"http://127.0.0.1:{server.port}/s/{link}")
        for interval in trial["intervals"]:
            direct = server.sound(interval["clip"], token)[-1].body
            loaded = page.evaluate(LOAD, [link, token, interval["clip"]])
            assert loaded == hashlib.sha256(direct).hexdigest()
        elsewhere = [headers for url, headers in asked if url.startswith(store.endpoint)]
        assert len(elsewhere) == 3
        assert not [headers for headers in elsewhere if token in str(headers)]
        assert not [text for text in said if "Content Security Policy" in text]
        page.close()
