"""Scenarios with a course of their own: one trial answered by many, and an upgrade."""

from __future__ import annotations

import random
import shutil
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

from jndlab.store.schema import KNOWN
from tests.faults.client import ANSWERS, Listener, Refused
from tests.faults.ledger import BACKUP, RESTORED, Ledger
from tests.faults.running import Needs, Outcome, Say, complaints, place, under_load
from tests.faults.site import Site

ROOT = Path(__file__).parents[2]
OLD_SCHEMAS: Mapping[str, Sequence[str]] = {
    "0013": ("steady", "stairs"),
    "0012": ("steady", "stairs"),
    "0011": ("steady", "stairs"),
    "0010": ("steady",),
    "0009": ("steady",),
}
"""Each the newest schema of an older revision from which studies are taken on, and those that it
knew. (0014 never was: it came with 0015.) The first one has chains, which have to go on; the one
before it has none yet."""


def same_trial(
    needs: Needs, folder: Path, outcome: Outcome, times: int, seed: int, say: Say
) -> None:
    """Many clients with one token do each step of a session at the same moment.

    In half of the trials all say the same; in the other half they contradict each other, and the
    first one has to stand, for everybody.
    """
    with place(needs, folder) as site, Ledger(folder / "ledger.jsonl") as ledger:
        number = 0
        while outcome.times < times:
            task = site.tasks[number % len(site.tasks)]
            people = [
                Listener(site.ports, task.link, task.simulation, seed + number, ledger)
                for _ in range(outcome.listeners)
            ]
            _take_together(people, outcome, times, random.Random(seed + number), ledger)
            number += 1
            say(f"{outcome.times} of {times}")
        account = site.account(ledger)
        account.problems += complaints(site)
        outcome.account.add(account)


def _take_together(
    people: list[Listener], outcome: Outcome, times: int, rng: random.Random, ledger: Ledger
) -> None:
    """One session by many; it is ended even where there were times enough."""
    say_wrong = outcome.account.problems.append
    with ThreadPoolExecutor(len(people)) as pool:
        together = _Together(people, pool)
        together.each(lambda one: one.open())
        while people[0].json("GET", "/session")["step"] != "finished":
            shown = together.each(lambda one: one.json("POST", "/trial"))
            if any(view != shown[0] for view in shown):
                say_wrong("the same trial was shown in two ways")
            answer = partial(_answer, trial=shown[0], quarrel=rng.random() < 0.5)
            outcome.account.problems += _wrong(together.each(answer))
            outcome.times += 1
        codes = together.each(lambda one: one.json("POST", "/finish")["completion_code"])
        if len(set(codes)) != 1:
            say_wrong("two completion codes")
        ledger.note("finished", people[0].token)
        for one in people:
            one.hang_up()
            outcome.retries += one.retries


def _wrong(answers: list[tuple[str, str]]) -> list[str]:
    """One answer is the first, and nobody is told that another one was taken."""
    n_first = sum(said == "first" for said, _ in answers)
    standing = {response for said, response in answers if said != "refused"}
    refused = {response for said, response in answers if said == "refused"}
    problems = [f"{n_first} answers were the first one"] if n_first != 1 else []
    if len(standing) != 1 or standing & refused:
        problems.append(f"{sorted(standing)} stand and {sorted(refused)} were refused")
    return problems


class _Together:
    """Lets everybody do the same at the same moment."""

    def __init__(self, people: list[Listener], pool: ThreadPoolExecutor) -> None:
        self._people, self._pool = people, pool
        self._barrier = threading.Barrier(len(people))

    def each(self, act: Any) -> list[Any]:
        """What came of it, by person."""

        def run(one: Listener) -> Any:
            self._barrier.wait(timeout=60)
            return act(one)

        return list(self._pool.map(run, self._people))


def _answer(one: Listener, trial: dict[str, Any], *, quarrel: bool) -> tuple[str, str]:
    """Whether it was the first, was taken as a repetition, or was refused; and what was said."""
    body = one.answer_to(trial)
    if quarrel:
        own = random.Random(f"{threading.get_ident()} {trial['number']}")
        paradigm = trial["paradigm"]
        body |= {"response": own.choice(ANSWERS[paradigm]), "key": own.randbytes(8).hex()}
    facts = {"trial": trial["number"], "response": body["response"], "key": body["key"]}
    one.ledger.note("sent", one.token, **facts)
    try:
        receipt = one.json("PUT", f"/trials/{trial['number']}/response", body)
    except Refused as refusal:
        if refusal.code != "answer-conflict":
            raise
        return "refused", body["response"]
    one.ledger.note("acknowledged", one.token, **facts, repeated=receipt["repeated"])
    return "repeated" if receipt["repeated"] else "first", body["response"]


def restore(needs: Needs, folder: Path, outcome: Outcome, times: int, seed: int, say: Say) -> None:
    """The data are backed up under load, lost a while later, and put back; the study goes on."""
    with place(needs, folder) as site:
        happens = _lose_and_restore
        under_load(site, outcome, happens, times=times, between=40, seed=seed, say=say, behind=True)


def _lose_and_restore(site: Site, rng: random.Random) -> None:
    assert site.ledger is not None
    backups = site.folder / f"backups-{rng.randrange(10**9)}"
    site.ledger.note("mark", detail=BACKUP)
    site.command("backup", str(backups))
    time.sleep(rng.uniform(0.0, 2.0))
    for server in site.servers:
        server.kill()
    site.lose_everything()
    [backup] = [path for path in backups.iterdir() if path.is_dir()]
    site.command("restore", str(backup))
    site.ledger.note("mark", detail=RESTORED)
    for server in site.servers:
        server.start()
    shutil.rmtree(backups)


def upgrade(needs: Needs, folder: Path, outcome: Outcome, times: int, seed: int, say: Say) -> None:
    """Sessions begun with an older revision of the code are taken on by this one."""
    for number in range(times):
        schema = list(OLD_SCHEMAS)[number % len(OLD_SCHEMAS)]
        say(f"from schema {schema}")
        own = folder / f"from-{schema}-{number}"
        own.mkdir()
        code = write_code_of(schema, own / "code")
        with place(needs, own, old_code=code, slugs=OLD_SCHEMAS[schema]) as site:
            under_load(site, outcome, _upgrade, times=1, between=40, seed=seed, say=say)
        shutil.rmtree(code)


def _upgrade(site: Site, rng: random.Random) -> None:
    """Put the new code in place while sessions are under way, and start it."""
    server = site.server
    if rng.random() < 0.5:
        server.kill()
    else:
        server.terminate()
    site.forget_old_code()
    server.start()


def history_missing() -> str:
    """Why there is no older code to begin with; empty if there is."""
    try:
        _git("rev-parse", "--verify", "--quiet", _last_of(min(OLD_SCHEMAS)))
    except (OSError, subprocess.CalledProcessError):
        return "this is no clone with the whole history"
    return ""


def write_code_of(schema: str, folder: Path) -> Path:
    """The code as it was when ``schema`` was its newest, out of the history."""
    revision = _last_of(schema)
    folder.mkdir(parents=True)
    archive = subprocess.run(
        ["git", "archive", revision], cwd=ROOT, check=True, capture_output=True
    ).stdout
    subprocess.run(["tar", "x", "-C", str(folder)], input=archive, check=True)
    return folder


def _last_of(schema: str) -> str:
    """The commit before the one that brought the next schema."""
    later = KNOWN[KNOWN.index(schema) + 1]
    path = f"jndlab/store/migrations/versions/{later}_*.py"
    return _git("log", "--diff-filter=A", "--format=%H", "-1", "--", path) + "^"


def _git(*arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=ROOT, check=True, capture_output=True, text=True)
    return done.stdout.strip()
