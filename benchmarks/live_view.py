"""What the live view costs, and whether participants notice it.

First part, CPU time: one look at a study that nobody touches, over numbers of stored sessions and
trials. The cost grows with the sessions (a light row each) and not with their trials. Then a look
at which one session has answered once since the last one, and the first look after a start, per
session.

Second part: the real server over HTTP with 200 stored sessions of 100 trials. Four listeners
answer without a pause, while nobody, one and five experimenters have the live page open (each asks
every four seconds, as the page does). The order of the conditions turns from round to round; told
is the latency of the answers relative to that of the same round without a view.

    python benchmarks/live_view.py [--quick] [--json FILE]

About four minutes; --quick less than one. Ratios are what counts: times are this machine's, and the
second part wants it idle.
"""

from __future__ import annotations

import http.client
import http.cookiejar
import json
import re
import secrets
import statistics
import tempfile
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from printing import arguments, finish, show
from real_parts import Server, make_study
from sqlalchemy import update

from jndlab.settings import Settings
from jndlab.store.engine import Store, open_store
from jndlab.store.models import AnswerRow, PresentedRow, SessionRow, StudyRow
from jndlab.store.users import set_password
from jndlab.studies import launch_study
from jndlab.study.definition import Design
from jndlab.web.live.reader import LiveReader
from tests.live_filling import fill_study

STORED = ((50, 100), (200, 10), (200, 100), (200, 400))
NAME, PASSWORD = "ada", "correct horse battery"
LISTENERS = 4
POLL_SECONDS = 4.0
VIEWS = (0, 1, 5)


def launched(folder: Path) -> tuple[Settings, Store]:
    study = make_study(folder / "study", "live", "abx", design=Design(trials_per_level=12))
    settings = Settings(data=folder / "data")
    store = open_store(settings)
    launch_study(store, settings, study)
    return settings, store


def milliseconds(work: Callable[[], object], repeats: int) -> float:
    times = []
    for _ in range(repeats):
        start = time.process_time()
        work()
        times.append(1000 * (time.process_time() - start))
    return statistics.median(times)


def cost_of_looks(repeats: int) -> list[dict[str, Any]]:
    rows = []
    for n_sessions, n_trials in STORED:
        with tempfile.TemporaryDirectory() as folder:
            _, store = launched(Path(folder))
            now = datetime.now(UTC)
            fill_study(store, 1, n_sessions=n_sessions, n_trials=n_trials, now=now, varied=False)
            reader = LiveReader(1, "participant")
            start = time.process_time()
            while reader.look(store).overview.n_unread:
                pass
            first = 1000 * (time.process_time() - start) / n_sessions
            with store.write() as db:  # one session goes on
                db.execute(update(SessionRow).where(SessionRow.id == 1).values(state="open"))

            def touch(reader: LiveReader = reader) -> None:
                reader._last = None  # as if a minute had passed: the whole overview anew

            def one_answer(store: Store = store) -> None:
                with store.write() as db:
                    last = db.query(PresentedRow).filter_by(session_id=1)
                    row = last.order_by(PresentedRow.number.desc()).first()
                    assert row is not None
                    answer = db.get_one(AnswerRow, row.id)
                    db.add(_next(row, answer))
                    db.get_one(SessionRow, 1).last_seen_at = datetime.now(UTC)

            reader.look(store)
            asked = milliseconds(lambda: reader.look(store), repeats)  # noqa: B023
            anew = milliseconds(lambda: (touch(), reader.look(store)), repeats)  # noqa: B023
            moved = []
            for _ in range(max(5, repeats // 4)):
                one_answer()
                moved.append(milliseconds(lambda: reader.look(store), 1))  # noqa: B023
            rows.append(
                {
                    "sessions": n_sessions,
                    "trials each": n_trials,
                    "nothing new, ms": asked,
                    "a new minute, ms": anew,
                    "one answer, ms": statistics.median(moved),
                    "first look, ms/session": first,
                }
            )
            store.close()
    return rows


def _next(row: PresentedRow, answer: AnswerRow) -> PresentedRow:
    after = PresentedRow(
        session_id=row.session_id,
        number=row.number + 1,
        trial=row.trial,
        presented_at=datetime.now(UTC),
        n_loads=1,
    )
    kept = {column.key: getattr(answer, column.key) for column in AnswerRow.__table__.columns}
    del kept["presented_id"]
    after.answer = AnswerRow(**{**kept, "answered_at": datetime.now(UTC)})
    return after


class Experimenter:
    """A browser with the live page open, less the browser."""

    def __init__(self, url: str) -> None:
        self.url = f"{url}/studies/live/live.json?kind=simulated"
        jar = http.cookiejar.CookieJar()
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
        page = self.opener.open(f"{url}/sign-in").read().decode()
        found = re.search(r'name="csrf_token" value="([^"]+)"', page)
        assert found is not None
        form = {"csrf_token": found[1], "name": NAME, "password": PASSWORD}
        self.opener.open(f"{url}/sign-in", urllib.parse.urlencode(form).encode())
        self.etag = ""

    def watch(self, stop: threading.Event, after: float) -> None:
        """Ask every few seconds until told to stop."""
        wait = after
        while not stop.wait(wait):
            request = urllib.request.Request(self.url, headers={"If-None-Match": self.etag})
            try:
                with self.opener.open(request) as answer:
                    self.etag = answer.headers["ETag"]
                    more = json.load(answer)["more"]
            except urllib.error.HTTPError as refusal:
                if refusal.code != 304:
                    raise
                more = False
            wait = 0.3 if more else POLL_SECONDS


class Listener:
    """Answers session after session and notes how long each answer takes to be stored."""

    def __init__(self, port: int, link: str, key: str) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.link, self.key = link, key
        self.token = ""
        self.taken: list[float] = []

    def answer(self, stop: threading.Event) -> None:
        """Until told to stop."""
        while not stop.is_set():
            shown = self.token and self._send("POST", "/trial")
            if not shown or "number" not in shown:
                self.token = secrets.token_urlsafe(32)
                opening = {"link": self.link, "consent": True, "token": self.token}
                self._send("POST", "/sessions", {**opening, "simulation": self.key})
                continue
            body = {
                "key": f"{self.token}-{shown['number']}"[:60],
                "response": "A",
                "response_time_ms": 900.0,
                "plays": [1, 1, 1],
            }
            start = time.perf_counter()
            self._send("PUT", f"/trials/{shown['number']}/response", body)
            self.taken.append(time.perf_counter() - start)
            time.sleep(0.05)

    def _send(self, method: str, path: str, body: object = None) -> Any:
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        payload = None if body is None else json.dumps(body)
        self.connection.request(method, f"/api/v1{path}", payload, headers)
        return json.loads(self.connection.getresponse().read())


def latency(server: Server, link: str, key: str, n_views: int, seconds: float) -> list[float]:
    """Seconds that each answer took while so many views were open."""
    stop = threading.Event()
    views = [Experimenter(server.settings.url) for _ in range(n_views)]
    listeners = [Listener(server.port, link, key) for _ in range(LISTENERS)]
    threads = [
        threading.Thread(target=view.watch, args=(stop, POLL_SECONDS * place / max(n_views, 1)))
        for place, view in enumerate(views)
    ]
    threads += [threading.Thread(target=one.answer, args=(stop,)) for one in listeners]
    for thread in threads:
        thread.start()
    time.sleep(seconds)
    stop.set()
    for thread in threads:
        thread.join()
    return [taken for one in listeners for taken in one.taken]


def answers_beside_views(rounds: int, seconds: float) -> list[dict[str, Any]]:
    with tempfile.TemporaryDirectory() as folder:
        settings, store = launched(Path(folder))
        fill_study(
            store,
            1,
            n_sessions=200,
            n_trials=100,
            now=datetime.now(UTC),
            kind="simulated",
            varied=False,
        )
        set_password(store, NAME, PASSWORD)
        with store.read() as db:
            row = db.get_one(StudyRow, 1)
            link, key = row.link, _simulation_key(row)
        store.close()
        ratios: dict[int, list[tuple[float, float]]] = {n_views: [] for n_views in VIEWS}
        counts = dict.fromkeys(VIEWS, 0)
        with Server(settings.data) as server:
            latency(server, link, key, 1, 5.0)  # the first look reads everything
            for turn in range(rounds):
                order = VIEWS[turn % len(VIEWS) :] + VIEWS[: turn % len(VIEWS)]
                taken = {n: latency(server, link, key, n, seconds) for n in order}
                for n_views in VIEWS:
                    counts[n_views] += len(taken[n_views])
                    ratios[n_views].append(_relative(taken[n_views], taken[0]))
    return [
        {
            "views": n_views,
            "answers": counts[n_views],
            "median, relative": statistics.median(one for one, _ in ratios[n_views]),
            "95 % point, relative": statistics.median(one for _, one in ratios[n_views]),
        }
        for n_views in VIEWS
    ]


def _simulation_key(row: StudyRow) -> str:
    from jndlab.store.studies import definition_of

    return definition_of(row.versions[-1]).simulation_key()


def _relative(taken: list[float], without: list[float]) -> tuple[float, float]:
    return (
        statistics.median(taken) / statistics.median(without),
        statistics.quantiles(taken, n=20)[-1] / statistics.quantiles(without, n=20)[-1],
    )


def rounded(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {
            name: round(value, 2) if isinstance(value, float) else value
            for name, value in row.items()
        }
        for row in rows
    ]


def main() -> None:
    options = arguments(__doc__)
    looks = cost_of_looks(8 if options.quick else 40)
    show(rounded(looks))
    print()
    beside = answers_beside_views(*((1, 6.0) if options.quick else (6, 12.0)))
    show(rounded(beside))
    finish(options, [*looks, *beside])


if __name__ == "__main__":
    main()
