"""Whole sessions through nginx and two app servers, one of which is killed in the middle."""

from __future__ import annotations

import http.client
import json
import re
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select

from jndlab.listeners.http import simulate_over_http
from jndlab.listeners.truth import Truth
from jndlab.store.engine import open_store
from jndlab.store.models import AnswerRow, PresentedRow, SessionRow
from tests.deploy.site import Site
from tests.servers import port_is_free, until

LISTENERS = 6
TRUTH = Truth(threshold=3.0, width=2.0)


class Progress:
    """Counts acknowledged answers, and does something at the given one."""

    def __init__(self) -> None:
        self.n = 0
        self.at: dict[int, object] = {}
        self._lock = threading.Lock()

    def __call__(self) -> None:
        with self._lock:
            self.n += 1
            deed = self.at.pop(self.n, None)
        if callable(deed):
            deed()


def take(site: Site, *, seed: int, progress: Progress) -> list[int]:
    return simulate_over_http(
        site.study,
        url=site.nginx.url,
        link=site.link,
        truth=TRUTH,
        n_listeners=LISTENERS,
        seed=seed,
        concurrency=LISTENERS,
        progress=progress,
    )


def servers_in_log(lines: list[str]) -> Counter[str]:
    """How many requests each app server has answered, by nginx's log."""
    return Counter(json.loads(line)["server"].split(", ")[-1] for line in lines)


def require_all_stored(site: Site, participants: list[int], progress: Progress) -> None:
    """Every session is whole, and as many answers are stored as were confirmed."""
    rows = {one: trials for one, trials in stored(site).items() if one in participants}
    assert len(rows) == len(participants) == LISTENERS
    assert sum(len(trials) for trials in rows.values()) == progress.n
    for trials in rows.values():  # each trial of the plan, in order, answered once
        assert trials == [(number, 1) for number in range(1, len(trials) + 1)]


def stored(site: Site) -> dict[int, list[tuple[int, int]]]:
    """By participant: number of each presented trial, and how many answers it has."""
    query = (
        select(SessionRow.participant, PresentedRow.number, func.count(AnswerRow.presented_id))
        .join(PresentedRow.session)
        .outerjoin(PresentedRow.answer)
        .group_by(SessionRow.participant, PresentedRow.number)
        .order_by(SessionRow.participant, PresentedRow.number)
    )
    found: dict[int, list[tuple[int, int]]] = {}
    with open_store(site.settings, create=False) as store, store.read() as db:
        for participant, number, n_answers in db.execute(query):
            found.setdefault(participant, []).append((number, n_answers))
    return found


@pytest.fixture(autouse=True)
def mended(site: Site) -> Iterator[None]:
    """Leave the site with both servers, as the next test expects it."""
    yield
    site.mend()
    for app in site.apps:
        until(lambda: _asked(site, app.port), "nginx to use the server")  # noqa: B023


@pytest.fixture
def trusting(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the listeners trust the certificate of the site."""
    monkeypatch.setenv("SSL_CERT_FILE", str(site.nginx.certificate))


@pytest.mark.usefixtures("trusting")
def test_sessions_go_on_when_one_of_two_servers_is_killed(site: Site) -> None:
    progress = Progress()
    progress.at[LISTENERS * 3] = site.apps[1].kill
    before = len(site.nginx.log.read_text().splitlines())
    require_all_stored(site, take(site, seed=1, progress=progress), progress)
    lines = site.nginx.log.read_text().splitlines()[before:]
    addresses = {f"127.0.0.1:{app.port}" for app in site.apps}
    assert set(servers_in_log(lines)) == addresses  # both had sessions while both were there
    assert not any(json.loads(line)["status"] in ("500", "409") for line in lines)


@pytest.mark.usefixtures("trusting")
def test_sessions_go_on_while_both_servers_are_replaced_in_turn(site: Site) -> None:
    """As in an upgrade: one ends, starts again and is asked again, then the other."""

    def replace_both() -> None:
        for app in site.apps:
            assert app.terminate() == 0
            app.start()
            until(lambda: _asked(site, app.port), "nginx to use the server again")  # noqa: B023

    progress = Progress()
    progress.at[LISTENERS * 2] = replace_both
    require_all_stored(site, take(site, seed=3, progress=progress), progress)


def _asked(site: Site, port: int) -> bool:
    site.nginx.get("/sign-in")
    [line] = site.nginx.log.read_text().splitlines()[-1:]
    return bool(json.loads(line)["server"] == f"127.0.0.1:{port}")


@pytest.mark.usefixtures("trusting")
def test_what_nginx_and_the_servers_log_is_about_nobody(site: Site) -> None:
    take(site, seed=2, progress=Progress())
    person = "5f3a9c1e2b7d4a6890abcdef"
    site.nginx.get(f"/s/{site.link}?PROLIFIC_PID={person}", {"User-Agent": "Mozilla/5.0 (Ann)"})
    site.nginx.get("/api/v1/clips/secret-name-of-a-clip-12", {"Authorization": f"Bearer {person}"})
    site.nginx.get("/studies/some-study", {"Cookie": f"jndlab_sign_in={person}"})
    told = site.nginx.log.read_text() + "".join(
        line for app in site.apps for line in _json_lines(app.log)
    )
    routes = {json.loads(line).get("route") for line in _json_lines(site.apps[0].log)}
    assert "/api/v1/trials/<int(max=1000000):number>/response" in routes
    for private in (site.link, person, "secret-name", "some-study", "PROLIFIC", "Ann", "Bearer"):
        assert private not in told
    without_servers = re.sub(r'"server":"[^"]*"', "", told)
    assert "127.0.0.1" not in without_servers
    assert "?" not in without_servers


def _json_lines(log: Path) -> list[str]:
    """What the servers log, without what `jndlab serve` says to who starts it."""
    return [line for line in log.read_text().splitlines() if line.startswith("{")]


def test_a_server_that_is_asked_to_end_answers_what_it_has_begun(site: Site) -> None:
    """Through nginx nobody notices; asked directly, a request under way still gets its answer."""
    app = site.apps[0]
    connection = http.client.HTTPConnection("127.0.0.1", app.port, timeout=60)
    body = b'{"link": "nothing", "consent": true}'
    connection.putrequest("POST", "/api/v1/sessions")
    connection.putheader("Content-Type", "application/json")
    connection.putheader("Content-Length", str(len(body)))
    connection.endheaders()
    connection.send(body[:5])
    ended: list[int] = []
    ending = threading.Thread(target=lambda: ended.append(app.terminate()))
    ending.start()
    until(lambda: port_is_free(app.port), "the server to take nothing new")
    assert site.nginx.get("/sign-in").status == 200  # the other one, if need be
    connection.send(body[5:])
    assert connection.getresponse().status == 404
    connection.close()
    ending.join()
    assert ended == [0]
    for _ in range(4):
        assert site.nginx.get("/sign-in").status == 200
