"""A server that is killed in the middle: what was acknowledged is stored, and nothing twice."""

from __future__ import annotations

import http.client
import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from jndlab.listeners.model import SimulatedListener, Truth
from jndlab.settings import Settings
from jndlab.store.engine import open_store
from jndlab.store.sessions import history_of, sessions_of
from jndlab.store.studies import definition_of, require_study, require_version
from jndlab.study.definition import StudyDefinition
from jndlab.study.plan import plan_session
from jndlab.study.trials import Response
from tests.builders import write_study
from tests.servers import Server

N_LISTENERS = 6
N_TRIALS = 18
KILLS_AT = (20, 50, 80)
"""Numbers of acknowledged answers at which the server is killed, of 108 in all."""


@dataclass
class Tally:
    """Counts acknowledgements; sets ``reached`` at the next number that was asked for."""

    n_acknowledged: int = 0
    goal: int = 10**6
    reached: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def acknowledge(self) -> None:
        with self.lock:
            self.n_acknowledged += 1
            if self.n_acknowledged >= self.goal:
                self.reached.set()


@dataclass
class Client:
    """A listener who writes down each acknowledgement and keeps its token over a crash."""

    study: StudyDefinition
    link: str
    tally: Tally
    token: str = ""
    participant: int = 0
    acknowledged: dict[int, str] = field(default_factory=dict)
    finished: bool = False

    def open(self, port: int) -> None:
        body = {"link": self.link, "consent": True, "simulation": self.study.simulation_key()}
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        opened = self._send(connection, "POST", "/sessions", body)
        connection.close()
        self.token, self.participant = opened["token"], opened["participant"]

    def take(self, port: int) -> None:
        """Go on until the end, or until the connection breaks."""
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        try:
            self._take(connection)
        except (OSError, http.client.HTTPException):
            return  # killed; what was acknowledged is written down
        finally:
            connection.close()

    def responses(self) -> dict[int, Response]:
        """What this listener answers to each trial, whenever it is asked."""
        plan = plan_session(self.study, participant=self.participant, seed=self.study.seed)
        listener = SimulatedListener(
            study=self.study, truth=Truth(), seed=3, participant=self.participant
        )
        return {trial.number: listener.respond(trial) for trial in plan.trials}

    def would_answer(self) -> dict[int, str]:
        return {number: response.value for number, response in self.responses().items()}

    def _take(self, connection: http.client.HTTPConnection) -> None:
        responses = self.responses()
        while self._send(connection, "GET", "/session")["step"] != "finished":
            number = self._send(connection, "POST", "/trial")["number"]
            response = responses[number]
            body = {
                "key": f"answer-{number}",
                "response": response.value,
                "response_time_ms": response.response_time_ms,
                "plays": list(response.plays),
            }
            receipt = self._send(connection, "PUT", f"/trials/{number}/response", body)
            assert receipt["number"] == number
            assert number not in self.acknowledged
            self.acknowledged[number] = response.value
            self.tally.acknowledge()
        assert self._send(connection, "POST", "/finish")["completion_code"]
        self.finished = True

    def _send(
        self, connection: http.client.HTTPConnection, method: str, path: str, body: object = None
    ) -> Any:
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        connection.request(method, f"/api/v1{path}", json.dumps(body) if body else None, headers)
        answer = connection.getresponse()
        content = answer.read()
        assert answer.status < 400, content
        return json.loads(content)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with Server(tmp_path / "data", [write_study(tmp_path / "study")]) as server:
        yield server


def stored_answers(settings: Settings) -> dict[int, dict[int, str]]:
    """Responses by participant and trial, straight from the file."""
    store = open_store(settings, create=False)
    found: dict[int, dict[int, str]] = {}
    with store.read() as db:
        for session in sessions_of(db, require_study(db, "tiny").id, kinds=["simulated"]):
            records = history_of(db, session.id)
            numbers = [record.trial.number for record in records]
            assert numbers == list(range(1, len(numbers) + 1)), "a gap, or a trial twice"
            found[session.participant] = {
                record.trial.number: record.response.value for record in records if record.response
            }
    store.close()
    return found


def test_every_acknowledged_answer_survives_and_the_sessions_go_on(server: Server) -> None:
    store = open_store(server.settings, create=False)
    with store.read() as db:
        row = require_study(db, "tiny")
        study, link = definition_of(require_version(db, row.id)), row.link
    store.close()
    tally = Tally()
    clients = [Client(study, link, tally) for _ in range(N_LISTENERS)]
    for client in clients:
        client.open(server.port)

    with ThreadPoolExecutor(N_LISTENERS) as pool:
        for goal in KILLS_AT:
            tally.goal = goal
            tally.reached.clear()
            runs = [pool.submit(client.take, server.port) for client in clients]
            assert tally.reached.wait(timeout=120)
            server.kill()
            for run in runs:
                run.result(timeout=120)
            require_kept(clients, stored_answers(server.settings))
            server.start()
        for run in [pool.submit(client.take, server.port) for client in clients]:
            run.result(timeout=120)

    assert all(client.finished for client in clients)
    stored = stored_answers(server.settings)
    require_kept(clients, stored)
    for client in clients:  # each trial once, and none as somebody else would answer it
        assert stored[client.participant] == client.would_answer()
        assert len(stored[client.participant]) == N_TRIALS


def require_kept(clients: list[Client], stored: dict[int, dict[int, str]]) -> None:
    """Acknowledged is stored. Beyond it, at most the one answer that was on its way."""
    assert set(stored) == {client.participant for client in clients}
    for client in clients:
        answers = stored[client.participant]
        assert client.acknowledged.items() <= answers.items()
        # An answer that was stored while its acknowledgement got lost is not asked for again.
        lost = set(answers) - set(client.acknowledged)
        assert len(lost) <= len(KILLS_AT)
