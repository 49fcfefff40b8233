"""A participant's browser without the browser: the API through Flask's test client."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.store.launching import Launched

API = "/api/v1"


@dataclass
class Participant:
    """One participant; keeps everything that the server ever sent."""

    client: FlaskClient
    launched: Launched
    token: str = ""
    received: list[TestResponse] = field(default_factory=list)

    def send(self, method: str, path: str, json: object = None) -> TestResponse:
        """Send a request with this participant's token."""
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        address = path if path.startswith(API) else API + path
        response = self.client.open(address, method=method, json=json, headers=headers)
        self.received.append(response)
        return response

    def json(self, method: str, path: str, json: object = None) -> Any:
        """The content of an answer that has to be no refusal."""
        response = self.send(method, path, json)
        assert response.status_code < 400, response.text
        return response.json

    def open(self) -> Participant:
        """Give consent."""
        self.token = self.json("POST", "/sessions", consent_to(self.launched.link))["token"]
        return self

    def pass_sound_check(self) -> Participant:
        """Count the beeps; the truth comes from the store."""
        check = self.json("POST", "/check")
        self.send("GET", check["clip"])
        assert self.answer_check(check) == {"outcome": "passed", "gain_db": None}
        return self

    def answer_check(self, check: Any, *, right: bool = True) -> Any:
        """What comes of a right or a wrong answer to a trial of a check."""
        answer = self.launched.right_answer(check["answer"].rpartition("/")[2])
        if not right:
            answer = next(other for other in check["answers"] if other != answer)
        return self.json("PUT", check["answer"], {"answer": answer})

    def trial(self) -> Any:
        """The current trial."""
        return self.json("POST", "/trial")

    def clips(self, trial: Any) -> list[TestResponse]:
        """The sounds of a trial."""
        return [self.send("GET", interval["clip"]) for interval in trial["intervals"]]

    def answer(self, trial: Any, value: str) -> Any:
        """The receipt for an answer."""
        body = response_body(value, n_intervals=len(trial["intervals"]))
        return self.json("PUT", f"/trials/{trial['number']}/response", body)


def consent_to(link: str) -> dict[str, object]:
    """The body that opens a session."""
    return {"link": link, "consent": True}


def response_body(value: str = "A", *, n_intervals: int = 3, **overrides: Any) -> dict[str, Any]:
    """The body of a possible response."""
    body = {
        "key": "a-key-of-the-client",
        "response": value,
        "response_time_ms": 1234.5,
        "plays": [1] * n_intervals,
        "context_rate_hz": 48_000,
        "output_latency_ms": 12.5,
    }
    return body | overrides
