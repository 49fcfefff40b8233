"""A whole session of each paradigm in Chromium, Firefox and WebKit, against the real server."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator

import pytest

from tests.browser.conftest import DESIGN, Site
from tests.browser.engines import ENGINES, open_browser, wanted
from tests.browser.engines_session import RealListener
from tests.browser.engines_window import RealBrowser

pytestmark = pytest.mark.browser

N_TRIALS = 2 * DESIGN.trials_per_level + 3
RELOADED = 4


@pytest.fixture(params=wanted())
def window(request: pytest.FixtureRequest) -> Iterator[RealBrowser]:
    engine = ENGINES[request.param]
    missing = engine.missing()
    if missing:
        line = (
            f"NOT TESTED IN {engine.name.upper()}: install {' '.join(dict.fromkeys(missing))}"
            " (Debian's names; tools/get-browser does it where it may)"
        )
        if os.environ.get("JNDLAB_ENGINES_REQUIRED"):
            pytest.fail(line)
        pytest.skip(line)
    with open_browser(request.param) as browser:
        print(f"{engine.name} {browser.version}")
        yield browser


@pytest.mark.parametrize("slug", ["abx", "pairs"])
def test_a_whole_session(window: RealBrowser, site: Site, slug: str) -> None:
    listener = RealListener(window, site, slug)
    listener.take_all(reload_at=RELOADED)
    # Feedback only in practice; its number of trials is one. The second block has a break.
    assert [listener.seen.count(kind) for kind in ("feedback", "break", "thanks")] == [1, 1, 1]
    rows = site.answers(listener.session)
    assert [row["number"] for row in rows] == list(range(1, N_TRIALS + 1))
    assert {row["number"]: row["response"] for row in rows} == listener.given
    assert [bool(row["correct"]) for row in rows] == [n % 2 == 1 for n in range(1, N_TRIALS + 1)]
    assert all(min(json.loads(row["plays"])) >= 1 for row in rows)
    assert {row["rate_hz"] for row in rows} == {48000}
    assert min(row["time_ms"] for row in rows) > 500
    [(state, code)] = site.query(
        "SELECT s.state, t.completion_code FROM sessions s JOIN studies t ON t.id = s.study_id"
        " WHERE s.id = ?",
        listener.session,
    )
    assert state == "finished"
    assert window.text("#completion-code") == code
    window.reload()
    window.wait("return document.querySelector('#completion-code').textContent !== ''")
    assert window.text("#completion-code") == code
