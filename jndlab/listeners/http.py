"""Simulated listeners that take a study through the real participant API, many at once.

A listener makes its own copy of the plan from the study file, since the server tells nobody
which interval is which; everything else it does as a browser would.
"""

from __future__ import annotations

import http.client
import json
import secrets
import threading
import time
import urllib.request
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import closing
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from jndlab.errors import ServerError
from jndlab.listeners.model import SimulatedListener, Truth
from jndlab.study.definition import StudyDefinition
from jndlab.study.plan import count_trials, plan_session
from jndlab.study.progress import next_trial, score
from jndlab.study.trials import Response, TrialRecord

TIMEOUT_S = 60
ATTEMPTS = 4
PASSING = (502, 503)
"""What a proxy answers while a server behind it is gone; the page of people tries again too."""
PAUSE_S = 0.1


def simulate_over_http(
    study: StudyDefinition,
    *,
    url: str,
    link: str,
    truth: Truth,
    n_listeners: int,
    seed: int,
    concurrency: int = 8,
    progress: Callable[[], None] = lambda: None,
    spared: Callable[[int], None] = lambda n_trials: None,
) -> list[int]:
    """Let ``n_listeners`` take the study at ``url``; returns their participant numbers.

    ``progress`` is called per answered trial, ``spared`` at the end of a session with the number
    of trials that it did not need. Raises ServerError if the server cannot be
    reached, refuses a request, or sends intervals that differ in length.
    """

    stop = threading.Event()

    def step() -> None:
        if stop.is_set():
            raise ServerError("Stopped.", "Another session failed, or you pressed Ctrl+C.")
        progress()

    most = count_trials(study)

    def take_session() -> int:
        participant, n_trials = _take_session(study, url, link, truth, seed, step)
        spared(most - n_trials)
        return participant

    with ThreadPoolExecutor(max_workers=max(1, min(concurrency, n_listeners))) as pool:
        futures = [pool.submit(take_session) for _ in range(n_listeners)]
        try:
            return sorted(future.result() for future in as_completed(futures))
        except BaseException:
            stop.set()  # the others end at their next trial
            for future in futures:
                future.cancel()
            raise


def _take_session(
    study: StudyDefinition,
    url: str,
    link: str,
    truth: Truth,
    seed: int,
    progress: Callable[[], None],
) -> tuple[int, int]:
    with closing(_Client(url)) as client:
        return _answer_all(client, study, link, truth, seed, progress)


def _answer_all(
    client: _Client,
    study: StudyDefinition,
    link: str,
    truth: Truth,
    seed: int,
    progress: Callable[[], None],
) -> tuple[int, int]:
    """Participant number, and trials that it took."""
    token = secrets.token_urlsafe(32)
    opening = {
        "link": link,
        "consent": True,
        "token": token,
        "simulation": study.simulation_key(),
    }
    opened = client.json("POST", "/api/v1/sessions", opening)
    participant = opened.whole_number("participant")
    slot = opened.get("slot", participant)  # servers from before there were slots tell none
    client.token = token
    listener = SimulatedListener(study=study, truth=truth, seed=seed, participant=participant)
    plan = plan_session(study, participant=participant, seed=study.seed, slot=slot)
    history: list[TrialRecord] = []
    while (trial := next_trial(plan, history)) is not None:
        shown = client.json("POST", "/api/v1/trial")
        if shown.whole_number("number") != trial.number:
            raise ServerError(
                f"The server presents trial {shown['number']}, the plan says {trial.number}.",
                "Simulate with the very study file that was launched.",
            )
        client.fetch_clips([interval["clip"] for interval in shown["intervals"]])
        response = listener.respond(trial)
        answer = _answer(response, key=f"simulated-{seed}-{participant}-{trial.number}")
        client.json("PUT", f"/api/v1/trials/{trial.number}/response", answer)
        correct = score(study.paradigm, trial, response.value)
        now = datetime.now(UTC)
        history.append(
            TrialRecord(trial=trial, presented_at=now, response=response, correct=correct)
        )
        progress()
    client.json("POST", "/api/v1/finish")
    return participant, len(history)


def _answer(response: Response, *, key: str) -> dict[str, Any]:
    answer = {
        "key": key,
        "response": response.value,
        "response_time_ms": response.response_time_ms,
        "plays": list(response.plays),
    }
    if response.confidence is not None:
        answer["confidence"] = response.confidence
    return answer


class _Reply(dict[str, Any]):
    """An answer of the server; what it lacks is the server's fault, and said so."""

    def __missing__(self, key: str) -> Any:
        raise _no_jndlab()

    def whole_number(self, key: str) -> int:
        value = self[key]
        if not isinstance(value, int):
            raise _no_jndlab()
        return value


class _Client:
    """A connection that is kept, opened again when it breaks, and speaks JSON."""

    def __init__(self, url: str) -> None:
        self._url = url
        parts = urlsplit(url)
        connect = (
            http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        )
        self._connection = connect(parts.hostname or "", parts.port, timeout=TIMEOUT_S)
        self.token = ""
        self._link: str | None = None

    def json(self, method: str, path: str, body: object = None) -> _Reply:
        """The JSON answer to a request. Every request of the API may be sent twice."""
        try:
            content = json.loads(self._send(method, path, body))
        except ValueError:
            content = None
        if not isinstance(content, dict):
            raise _no_jndlab()
        return _Reply(content)

    def fetch_clips(self, paths: list[str]) -> None:
        """Download the intervals of a trial, as a browser has to before it plays any."""
        lengths = {len(self._fetch(path)) for path in paths}
        if len(lengths) != 1:
            raise ServerError(
                "The intervals of a trial differ in length.", "Look at them with: jndlab check"
            )

    def close(self) -> None:
        self._connection.close()

    def _fetch(self, path: str) -> bytes:
        """A sound; a link to an object store is followed, without the token."""
        content = self._send("GET", path)
        if not self._link:
            return content
        try:
            with urllib.request.urlopen(self._link, timeout=TIMEOUT_S) as answer:
                return bytes(answer.read())
        except OSError as error:
            raise ServerError(
                f"A sound cannot be fetched from the object store: {error}.",
                "Try again; if it goes on, look at the object store.",
            ) from None

    def _send(self, method: str, path: str, body: object = None) -> bytes:
        headers = {"Content-Type": "application/json"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        payload = None if body is None else json.dumps(body)
        for attempt in range(1, ATTEMPTS + 1):
            try:
                self._connection.request(method, path, body=payload, headers=headers)
                answer = self._connection.getresponse()
                content = answer.read()
                if answer.status not in PASSING or attempt == ATTEMPTS:
                    break
                time.sleep(PAUSE_S * 2**attempt)
            except (OSError, http.client.HTTPException) as error:
                self._connection.close()
                if attempt == ATTEMPTS or isinstance(error, ConnectionRefusedError):
                    raise ServerError(
                        f"No server answers at {self._url}: {error}.",
                        "Start it with: jndlab serve STUDY (and name its link with --link)",
                    ) from None
        if answer.status >= 400:
            raise _refusal(answer.status, content)
        self._link = answer.getheader("Location")
        return content


def _no_jndlab() -> ServerError:
    return ServerError("What answers there is no jndlab server.", "Check the link.")


def _refusal(status: int, content: bytes) -> ServerError:
    try:
        error = json.loads(content)["error"]
        return ServerError(f"The server refused: {error['message']}", error["remedy"])
    except (ValueError, KeyError, TypeError):
        return ServerError(f"The server answered with status {status}.", "Is this a jndlab server?")
