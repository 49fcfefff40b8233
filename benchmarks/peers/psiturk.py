"""psiTurk 3: Flask and SQLAlchemy on gunicorn; each save rewrites the participant's record."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path

from peers.peer import Peer, request

FILL = """
import sys
from psiturk.db import db_session, init_db
from psiturk.models import Participant
init_db()
for n in range(int(sys.argv[1])):
    db_session.add(Participant(workerid=f"w{n}", assignmentid="a", hitid="h", cond=0,
                               counterbalance=0, ipaddress="", browser=""))
db_session.commit()
"""
CONFIG = """
[Server Parameters]
host = 127.0.0.1
port = {port}
threads = 2
"""


class PsiTurk(Peer):
    """The record of a participant with one trial in it, saved as after a trial."""

    def prepare(self, folder: Path, python: Path, n_sessions: int) -> None:
        program = str(python.with_name("psiturk-setup-example"))
        subprocess.run([program], cwd=folder, stdout=subprocess.DEVNULL, check=True)
        project = folder / "psiturk-example"
        (project / "config.txt").write_text(CONFIG.format(port=0), encoding="utf-8")
        subprocess.run([str(python), "-c", FILL, str(n_sessions)], cwd=project, check=True)

    def command(self, folder: Path, python: Path, port: int) -> Sequence[str]:
        project = folder / "psiturk-example"
        (project / "config.txt").write_text(CONFIG.format(port=port), encoding="utf-8")
        start = f"import os; os.chdir({str(project)!r}); "
        start += "from psiturk.experiment_server import launch; launch()"
        return [str(python), "-c", start]

    def requests(self, folder: Path, port: int, n_sessions: int, n_each: int) -> list[list[str]]:
        trial = {"uniqueid": "", "current_trial": 1, "dateTime": 1, "trialdata": {"response": "A"}}
        hands = []
        for number in range(n_sessions):
            who = f"w{number}:a"
            body = json.dumps({"currenttrial": 1, "data": [{**trial, "uniqueid": who}]})
            hands.append([request("PUT", f"/sync/{who}", "application/json", body)] * n_each)
        return hands
