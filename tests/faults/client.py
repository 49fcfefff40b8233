"""A listener who writes down what the server confirms, and is as patient as the page.

It keeps its token over everything, sends an unconfirmed answer again under the same key, and takes
only "not now" (502, 503) and broken connections for reasons to wait. Its answers are drawn, not
heard: what they are plays no part in whether they are kept.
"""

from __future__ import annotations

import base64
import hashlib
import http.client
import json
import random
import threading
from collections.abc import Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from typing import Any

from tests.faults.ledger import Ledger

RETRY_SECONDS = (0.03, 0.1, 0.25, 0.5, 1.0)
"""A tenth of the page's pauses (static/js/api.js), so that kills can follow each other closely."""
SILENCE_SECONDS = 20.0
"""As long as the page, after which a request is given up and sent again."""
ANSWERS = {"abx": ("A", "B"), "two-interval": ("1", "2")}


class Refused(Exception):
    """The server said no, which no fault may make it do."""

    def __init__(self, message: str, code: str = "") -> None:
        super().__init__(message)
        self.code = code


class Stopped(Exception):
    """The listener was told to go home."""


@dataclass
class Listener:
    """One session, from opening to completion code, by whatever servers there are."""

    ports: Sequence[int]
    link: str
    simulation: str
    """The key by which a session counts as simulated: without it there are checks to hear."""
    seed: int
    ledger: Ledger
    stop: threading.Event = field(default_factory=threading.Event)
    closes: float = 0.05
    """Share of trials in which the page is closed after the answer was sent, and loaded anew."""
    behind: bool = False
    """The server may be put back behind where this listener is, from a backup."""
    retries: int = 0

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)
        self.token = self._random.randbytes(16).hex()
        self._port = self._random.randrange(len(self.ports))
        self._connection: http.client.HTTPConnection | None = None

    def take(self) -> None:
        """The whole session. Raises Refused, or Stopped once ``stop`` is set."""
        try:
            self.open()
            while not self._go_on():
                pass
        except Refused as refusal:
            self.ledger.note("refused", self.token, detail=str(refusal))
            raise
        finally:
            self.hang_up()

    def _go_on(self) -> bool:
        """Do what comes next; whether that was the last thing."""
        try:
            if self.json("GET", "/session")["step"] != "finished":
                self.take_trial(self.json("POST", "/trial"))
                return False
            self.json("POST", "/finish")
            self.ledger.note("finished", self.token)
            return True
        except Refused as refusal:
            if not self.behind or refusal.code not in ("trial-out-of-order", "not-found"):
                raise
            if refusal.code == "not-found":  # begun after the backup: it begins anew
                self.ledger.note("forgotten", self.token)
                return True
            return False  # the page asks where the server is, too

    def open(self) -> None:
        """Open the session, or find it opened: the token is made here."""
        body = {
            "link": self.link,
            "consent": True,
            "token": self.token,
            "simulation": self.simulation,
        }
        self.json("POST", "/sessions", body)
        self.ledger.note("opened", self.token)

    def take_trial(self, trial: dict[str, Any]) -> None:
        """Answer a trial and those that are handed out ahead, as the page does."""
        if self._random.random() < 0.2:
            self.hear(trial)
        ahead = []
        if self._random.random() < 0.3:
            ahead = self.json("POST", "/trials/ahead")["trials"]
        body = self.answer_to(trial)
        if self._random.random() < self.closes:
            self._close_page(trial["number"], body)
        self.send_answer(trial["number"], body)
        for number, coming in enumerate(ahead, start=trial["number"] + 1):
            if coming["number"] == number:  # some are known ahead, and not the one before them
                self.send_answer(number, self.answer_to(coming) | {"shown_ms_ago": 50.0})

    def answer_to(self, trial: dict[str, Any]) -> dict[str, Any]:
        """The body of an answer; to the same trial always the same, like a kept outbox."""
        drawn = random.Random(f"{self.token} {trial['number']}")
        # The servers that an upgrade begins with (schema 0010) named it once, for the session.
        paradigm = trial.get("paradigm", "abx")
        return {
            "key": drawn.randbytes(8).hex(),
            "response": drawn.choice(ANSWERS[paradigm]),
            "response_time_ms": float(drawn.randrange(300, 3000)),
            "plays": [1] * len(trial["intervals"]),
        }

    def send_answer(self, number: int, body: dict[str, Any]) -> None:
        """Send an answer until it is confirmed, and write that down."""
        facts = {"trial": number, "response": body["response"], "key": body["key"]}
        self.ledger.note("sent", self.token, **facts)
        receipt = self.json("PUT", f"/trials/{number}/response", body)
        if receipt["number"] != number:
            raise Refused(f"the receipt of trial {number} is of trial {receipt['number']}")
        self.ledger.note("acknowledged", self.token, **facts, repeated=receipt["repeated"])

    def hear(self, trial: dict[str, Any]) -> None:
        """Load the sounds of a trial: whole, alike in length, and what their digests say."""
        lengths = set()
        for interval in trial["intervals"]:
            sound, digest = self._send("GET", interval["clip"], None)
            found = base64.b64encode(hashlib.sha256(sound).digest()).decode()
            if digest is not None and digest != f"sha-256=:{found}:":
                raise Refused(f"a sound of trial {trial['number']} is damaged")
            lengths.add(len(sound))
        if len(lengths) != 1:
            raise Refused(f"the sounds of trial {trial['number']} differ in length")

    def json(self, method: str, path: str, body: object = None) -> Any:
        """The JSON answer to a request, however long it takes to get one."""
        return json.loads(self._send(method, f"/api/v1{path}", body)[0])

    def hang_up(self) -> None:
        """Close the connection; the next request opens another."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _close_page(self, number: int, body: dict[str, Any]) -> None:
        """Send an answer, close the page without waiting, and come back."""
        facts = {"trial": number, "response": body["response"], "key": body["key"]}
        self.ledger.note("sent", self.token, **facts)
        with suppress(OSError):
            self._begin("PUT", f"/api/v1/trials/{number}/response", body)
        self.hang_up()
        self.ledger.note("closed", self.token, trial=number)
        self.json("POST", "/resume", {"key": self._random.randbytes(8).hex()})
        self.ledger.note("resumed", self.token)

    def _send(self, method: str, path: str, body: object) -> tuple[bytes, str | None]:
        attempt = 0
        while True:
            try:
                with closing(self._begin(method, path, body).getresponse()) as answer:
                    content = answer.read()
                    if answer.status < 400:
                        if answer.headers.get_content_type() == "application/json":
                            json.loads(content)  # half of one is none
                        return content, answer.getheader("Repr-Digest")
                    if answer.status not in (502, 503):
                        said = content.decode(errors="replace")[:300]
                        raise Refused(f"{method} {path}: {answer.status} {said}", _code(content))
            except (OSError, http.client.HTTPException, ValueError):
                self._port += 1  # as a proxy in front of several servers does
            self.hang_up()
            self.retries += 1
            if self.stop.wait(RETRY_SECONDS[min(attempt, len(RETRY_SECONDS) - 1)]):
                raise Stopped
            attempt += 1

    def _begin(self, method: str, path: str, body: object) -> http.client.HTTPConnection:
        if self._connection is None:
            port = self.ports[self._port % len(self.ports)]
            self._connection = http.client.HTTPConnection(
                "127.0.0.1", port, timeout=SILENCE_SECONDS
            )
        headers = {"Authorization": f"Bearer {self.token}"}
        if body is not None:
            headers["Content-Type"] = "application/json"
        payload = None if body is None else json.dumps(body)
        self._connection.request(method, path, payload, headers)
        return self._connection


def _code(content: bytes) -> str:
    try:
        return str(json.loads(content)["error"]["code"])
    except (ValueError, KeyError, TypeError):
        return ""
