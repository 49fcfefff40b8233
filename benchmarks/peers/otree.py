"""oTree with SQLite: a page with one question, round after round."""

from __future__ import annotations

import subprocess
import urllib.request
from collections.abc import Sequence
from pathlib import Path

from peers.peer import Peer, request

APP = """
from otree.api import *

class C(BaseConstants):
    NAME_IN_URL = "load"
    PLAYERS_PER_GROUP = None
    NUM_ROUNDS = {n_rounds}

class Subsession(BaseSubsession):
    pass

class Group(BaseGroup):
    pass

class Player(BasePlayer):
    response = models.StringField()

class Answer(Page):
    form_model = "player"
    form_fields = ["response"]

page_sequence = [Answer]
"""
PAGE = "{{ block content }}{{ formfields }}{{ next_button }}{{ endblock }}\n"
SETTINGS = (
    '\nSESSION_CONFIGS = [dict(name="load", app_sequence=["load"], num_demo_participants=1)]\n'
)
FILL = """
import sys
from otree.main import setup
setup()
from otree.database import db, init_orm
init_orm()
from otree.session import create_session
session = create_session("load", num_participants=int(sys.argv[1]))
for participant in session.get_participants():
    print("CODE", participant.code)
db.commit()
"""
MOST_ROUNDS = 1500


class OTree(Peer):
    """Each answer is a form that is posted; the page after it is not asked for."""

    def prepare(self, folder: Path, python: Path, n_sessions: int) -> None:
        program = str(python.with_name("otree"))
        quiet = {"stdout": subprocess.DEVNULL, "stdin": subprocess.DEVNULL, "check": True}
        subprocess.run([program, "startproject", "project", "--noinput"], cwd=folder, **quiet)
        project = folder / "project"
        (project / "load").mkdir()
        rounds = max(4, MOST_ROUNDS // n_sessions)
        (project / "load" / "__init__.py").write_text(
            APP.replace("{n_rounds}", str(rounds)), encoding="utf-8"
        )
        (project / "load" / "Answer.html").write_text(PAGE, encoding="utf-8")
        with (project / "settings.py").open("a", encoding="utf-8") as file:
            file.write(SETTINGS)
        subprocess.run([program, "resetdb", "--noinput"], cwd=project, **quiet)
        filled = subprocess.run(
            [str(python), "-c", FILL, str(n_sessions)],
            cwd=project,
            capture_output=True,
            text=True,
            check=True,
        )
        codes = [line.split()[1] for line in filled.stdout.splitlines() if "CODE" in line]
        (folder / "codes").write_text("\n".join(codes), encoding="utf-8")

    def command(self, folder: Path, python: Path, port: int) -> Sequence[str]:
        program = str(python.with_name("otree"))
        return ["sh", "-c", f"cd project && exec {program} prodserver {port}"]

    def requests(self, folder: Path, port: int, n_sessions: int, n_each: int) -> list[list[str]]:
        form, hands = "application/x-www-form-urlencoded", []
        codes = (folder / "codes").read_text(encoding="utf-8").split()
        rounds = min(n_each, max(4, MOST_ROUNDS // len(codes)))
        for code in codes:
            start = f"http://127.0.0.1:{port}/InitializeParticipant/{code}"
            urllib.request.urlopen(start, timeout=60).close()
            hands.append(
                [
                    request("POST", f"/p/{code}/load/Answer/{number}", form, "response=A")
                    for number in range(1, rounds + 1)
                ]
            )
        return hands
