"""What a hostile participant learns without listening: X, the level, the condition?

A real server on this machine, a real HTTP connection. The participant takes sessions, 1,000 trials
in all, loads every sound (X first: what was fetched for it once may come sooner the next time), and
writes down all there is: names, lengths and order of everything in
the answers, headers, byte lengths, checksums, the time that each request took. Half of the trials
(with the truth, which is read from the server's database) teach; on the other half the best rule
among thousands has to name the truth. Rules: for each pair of intervals and each number that they
have, which is larger; for level and condition, the nearest class mean. A rule that works on the
half that it never saw is a leak.

    python benchmarks/hostile_participant.py [--quick] [--json FILE] [--seed N] [--nginx 1]
        [--objects 1]

--nginx 1: nginx sends the sounds; --objects 1: they lie in an object store. About three minutes;
--quick (200 trials) half a minute. What nobody can hide from somebody who
compares waveforms is said in docs/explanation/blinding.md, and shown here as the last row.
"""

from __future__ import annotations

import base64
import hashlib
import http.client
import json
import sqlite3
import tempfile
import time
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from printing import arguments, finish, show
from real_parts import Server, make_study

from jndlab.analysis import binomial_test, clopper_pearson
from jndlab.audio.pcm import decode_wav
from jndlab.settings import Settings
from jndlab.store.engine import open_store
from jndlab.study.definition import Design
from tests.nginx import SoundsNginx
from tests.object_store import ObjectStore

Floats = NDArray[np.float64]
PER_SESSION = 20


class Spy:
    """A participant who keeps every number that comes over the line."""

    def __init__(self, port: int, link: str) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.token = ""
        self.token = self.send("POST", "/sessions", {"link": link, "consent": True})[0]["token"]

    def send(self, method: str, path: str, body: object = None) -> tuple[Any, list[float], bytes]:
        """Content, numbers of the answer, raw bytes."""
        headers = {"Authorization": f"Bearer {self.token}"}
        if body is not None:
            headers["Content-Type"] = "application/json"
        start = time.perf_counter()
        address = path if path.startswith("/api/") else f"/api/v1{path}"
        self.connection.request(method, address, body and json.dumps(body), headers)
        response = self.connection.getresponse()
        first = time.perf_counter()
        content = response.read()
        last = time.perf_counter()
        head = "\n".join(f"{name}: {value}" for name, value in response.getheaders())
        numbers = [
            first - start,
            last - first,
            len(content),
            len(head),
            zlib.crc32(head.encode()),
            *_digits(hashlib.sha256(content).digest()),
        ]
        is_json = response.getheader("Content-Type", "").startswith("application/json")
        return (json.loads(content) if is_json else None), numbers, content

    def trial(self) -> tuple[int, list[list[float]], list[bytes]]:
        """Number of the current trial; numbers and sound of each interval."""
        shown, about, _ = self.send("POST", "/trial")
        _, ahead, _ = self.send("POST", "/trials/ahead")
        intervals, sounds = [], []
        for place in (2, 0, 1):
            interval = shown["intervals"][place]
            name = interval["clip"].rpartition("/")[2]
            _, numbers, sound = self.send("GET", interval["clip"])
            named = _digits(base64.urlsafe_b64decode(name + "=" * (-len(name) % 4)))
            intervals.append([place, len(name), *named, *numbers, *about[:4], *ahead[:4]])
            sounds.append(sound)
        in_order = (1, 2, 0)
        return shown["number"], [intervals[i] for i in in_order], [sounds[i] for i in in_order]

    def answer(self, number: int, n_intervals: int, value: str) -> None:
        self.send(
            "PUT",
            f"/trials/{number}/response",
            {
                "key": f"spy-{number:06d}",
                "response": value,
                "response_time_ms": 1000.0,
                "plays": [1] * n_intervals,
            },
        )


def _digits(raw: bytes) -> list[float]:
    return [float(byte) for byte in raw[:12]]


@contextmanager
def serving(folder: Path, study: Path, *, nginx: bool, objects: bool) -> Iterator[int]:
    """The port of a server with that study, or of nginx before it."""
    environment = {"JNDLAB_CLIPS_BY": "nginx" if nginx else "app"}
    with ExitStack() as stack:
        store = stack.enter_context(ObjectStore()) if objects else None
        if store is not None:
            environment |= store.environment | {"JNDLAB_CLIPS_URL": store.url("hostile")}
        server = stack.enter_context(Server(folder / "data", [study], environment=environment))
        port = server.port
        if nginx:
            released = Settings(data=folder / "data").released
            behind = SoundsNginx(
                folder=folder / "nginx",
                behind=port,
                released=released,
                objects=f"127.0.0.1:{store.port if store else 9}",
            )
            port = stack.enter_context(behind).port
        yield port


def collect(
    n_trials: int, folder: Path, *, nginx: bool, objects: bool
) -> tuple[Floats, list[dict[str, Any]], Floats]:
    """Numbers of shape (trials, intervals, numbers), the truth, and X's distance from A and B."""
    design = Design(
        trials_per_level=PER_SESSION // 2,
        practice_trials=0,
        identical_trials=0,
        gross_trials=0,
        trials_per_block=100,
    )
    study = make_study(folder, "abx", "abx", design=design)
    with (study / "study.yaml").open("a", encoding="utf-8") as file:
        file.write("\nchecks: []\n")
    open_store(Settings(data=folder / "data")).close()
    everything, truths, distances = [], [], []
    with (
        serving(folder, study, nginx=nginx, objects=objects) as port,
        closing(sqlite3.connect(folder / "data" / "jndlab.db")) as database,
    ):
        ((link,),) = database.execute("SELECT link FROM studies").fetchall()
        while len(truths) < n_trials:
            spy = Spy(port, link)
            ((session,),) = database.execute("SELECT max(id) FROM sessions").fetchall()
            for _ in range(PER_SESSION):
                number, intervals, sounds = spy.trial()
                ((truth,),) = database.execute(
                    "SELECT trial FROM presented_trials WHERE session_id = ? AND number = ?",
                    (session, number),
                ).fetchall()
                everything.append(intervals)
                truths.append(json.loads(truth))
                waves = [decode_wav(sound).astype(float) for sound in sounds]
                distances.append([np.abs(waves[2] - waves[i]).max() for i in (0, 1)])
                spy.answer(number, len(intervals), "A")
    return np.array(everything), truths, np.array(distances)


def larger(numbers: Floats) -> Floats:
    """For every pair of intervals and every number whether the first is larger: ±1 or 0."""
    pairs = [(0, 1), (0, 2), (1, 2)]
    compared = np.concatenate([np.sign(numbers[:, a] - numbers[:, b]) for a, b in pairs], axis=1)
    nearer = np.sign(np.abs(numbers[:, 2] - numbers[:, 0]) - np.abs(numbers[:, 2] - numbers[:, 1]))
    return np.concatenate([compared, nearer], axis=1)


def guess_two(rules: Floats, truth: Floats, half: int) -> int:
    """Right answers on the second half of the rule that was best on the first; truth ±1."""
    scores = rules[:half].T @ truth[:half]
    best = int(np.argmax(np.abs(scores)))
    said = rules[half:, best] * np.sign(scores[best] or 1.0)
    return int(np.sum(np.where(said == 0.0, 1.0, said) == truth[half:]))


def guess_classes(numbers: Floats, truth: NDArray[np.int64], half: int) -> int:
    """Right answers by the nearest class mean of the number that was best on the first half."""
    flat = numbers.reshape(len(numbers), -1)
    classes = np.unique(truth)
    means = np.array([flat[:half][truth[:half] == one].mean(axis=0) for one in classes])
    said = classes[np.abs(flat[None] - means[:, None]).argmin(axis=0)]
    best = int(np.argmax((said[:half] == truth[:half, None]).sum(axis=0)))
    return int(np.sum(said[half:, best] == truth[half:]))


def row(name: str, n_right: int, n: int, chance: float) -> dict[str, Any]:
    interval = clopper_pearson(n_right, n)
    low, high = 100.0 * interval.low, 100.0 * interval.high
    return {
        "what": name,
        "right": f"{n_right} of {n}",
        "share, %": f"{100 * n_right / n:.1f} ({low:.1f} to {high:.1f})",
        "chance, %": f"{100 * chance:.1f}",
        "p": f"{binomial_test(n_right, n, chance=chance).p_value:.3f}",
    }


def main() -> None:
    options = arguments(
        __doc__,
        seed=("of the order of trials", 1),
        nginx=("1: nginx sends the sounds", 0),
        objects=("1: the sounds lie in an object store", 0),
    )
    n_trials = 200 if options.quick else 1_000
    with tempfile.TemporaryDirectory() as folder:
        numbers, truths, distances = collect(
            n_trials, Path(folder), nginx=bool(options.nginx), objects=bool(options.objects)
        )
    order = np.random.default_rng(options.seed).permutation(len(truths))
    numbers, distances = numbers[order], distances[order]
    truths = [truths[i] for i in order]
    half = len(truths) // 2
    x_is_a = np.array([1.0 if one["correct_response"] == "A" else -1.0 for one in truths])
    a_is_baseline = np.array([1.0 if one["order"].startswith("AB") else -1.0 for one in truths])
    levels = np.array([one["level"] for one in truths])
    _, level = np.unique(levels, return_inverse=True)
    _, item = np.unique([one["item"] for one in truths], return_inverse=True)
    rules = larger(numbers)
    n = len(truths) - half
    rows = [
        row("X is A or B", guess_two(rules, x_is_a, half), n, 0.5),
        row("A is the baseline or not", guess_two(rules, a_is_baseline, half), n, 0.5),
        row("level", guess_classes(numbers, level, half), n, _share(level[half:])),
        row("item (its length tells)", guess_classes(numbers, item, half), n, _share(item[half:])),
        row(
            "X, by comparing waveforms",
            int(np.sum((distances[half:, 0] < distances[half:, 1]) == (x_is_a[half:] > 0))),
            n,
            0.5,
        ),
    ]
    print(f"{len(truths)} trials, {rules.shape[1]} rules, seed {options.seed}\n")
    show(rows)
    finish(options, rows)


def _share(classes: NDArray[np.int64]) -> float:
    """Of the commonest class: what naming it always gets right."""
    return float(np.bincount(classes).max() / len(classes))


if __name__ == "__main__":
    main()
