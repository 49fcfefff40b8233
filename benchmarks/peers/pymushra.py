"""pymushra: Flask's own server, and a file that is rewritten for each answer."""

from __future__ import annotations

import json
import urllib.parse
from collections.abc import Sequence
from pathlib import Path

from peers.peer import Peer, request

SESSION = {
    "testId": "load",
    "config": "configs/load.yaml",
    "participant": {"name": ["age"], "response": ["30"]},
    "surveyId": None,
    "trials": [
        {
            "type": "mushra",
            "id": "trial",
            "testId": "load",
            "responses": [{"stimulus": name, "score": 50, "time": 900} for name in ("C1", "C2")],
        }
    ],
}
"""What webMUSHRA sends at the end of a session, of one trial with two ratings."""


class PyMushra(Peer):
    """One request with a session of one trial."""

    def prepare(self, folder: Path, python: Path, n_sessions: int) -> None:
        (folder / "webmushra").mkdir()

    def command(self, folder: Path, python: Path, port: int) -> Sequence[str]:
        program = str(python.with_name("pymushra"))
        return [program, "-w", "webmushra", "-d", "load.json", "server", "-p", str(port)]

    def requests(self, folder: Path, port: int, n_sessions: int, n_each: int) -> list[list[str]]:
        body = urllib.parse.urlencode({"sessionJSON": json.dumps(SESSION)})
        one = request("POST", "/service/write.php", "application/x-www-form-urlencoded", body)
        return [[one] * n_each] * n_sessions
