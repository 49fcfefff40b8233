"""Sounds per second, and what one costs in CPU time: by the app, by nginx, from an object store.

The real server and a real nginx with the shipped configuration, over HTTP on this machine. Every
listener asks for the three sounds of a trial, again and again; each answer is made for that one
request (the noise of its last bit). In the same run the limit: nginx sending a plain file, which
no blind test may do. The object store is moto, which speaks the protocol but is no fast store: its
own CPU time stands in a column of its own, and its rates are a lower bound.

    python benchmarks/clips.py [--quick] [--json FILE] [--length 5] [--connections 8] [--seconds 6]

About a minute; --quick half of one. Told are sounds/s, percentiles of the time until the last byte,
and CPU time per sound by process. First comes what the server does to one sound, in this process.
"""

from __future__ import annotations

import hashlib
import http.client
import json
import os
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock
from urllib.parse import urlsplit

import numpy as np
from printing import arguments, finish, show
from real_parts import Server, make_study

from jndlab.audio.pcm import FULL_SCALE, decode_wav, encode_wav, freshen, quantise, wav_rate
from jndlab.clips import FolderShelf, Released, keep_clip, load_clip
from jndlab.settings import Settings
from jndlab.store.engine import open_store
from jndlab.store.studies import all_studies
from jndlab.study.definition import Design
from tests.nginx import PROGRAM, SoundsNginx
from tests.object_store import ObjectStore

DESIGN = Design(
    trials_per_level=4, practice_trials=0, identical_trials=0, gross_trials=0, trials_per_block=100
)
Rows = list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Way:
    """One way of sending: settings, whether nginx stands before it, where clips lie."""

    name: str
    clips_by: str = "app"
    objects: bool = False
    proxied: bool = False


WAYS = (
    Way("app"),
    Way("app, nginx before it", proxied=True),
    Way("nginx (X-Accel-Redirect)", "nginx", proxied=True),
    Way("app, object store", objects=True),
    Way("nginx, object store", "nginx", objects=True, proxied=True),
    Way("signed link, object store", "signed", objects=True),
)


def cpu_ms(call: Callable[[], object], n: int) -> float:
    """CPU time of one call, in milliseconds."""
    call()
    start = time.process_time()
    for _ in range(n):
        call()
    return 1000 * (time.process_time() - start) / n


def before(wav: bytes, seed: int) -> bytes:
    """How the noise was added before: whole numbers in and out of the bytes."""
    integers = decode_wav(wav)
    noise = np.random.default_rng(seed).integers(-1, 2, size=integers.shape, dtype=np.int32)
    return encode_wav(np.clip(integers + noise, -FULL_SCALE, FULL_SCALE - 1), wav_rate(wav))


def in_process(folder: Path, seconds: int, n: int) -> Rows:
    """What is done to one sound."""
    noise = 0.1 * np.random.default_rng(1).standard_normal((48_000 * seconds, 1))
    wav = encode_wav(quantise(noise), 48_000)
    clips = FolderShelf(folder / "one")
    digest = hashlib.sha256(wav).hexdigest()
    keep_clip(clips, digest, wav)
    released = Released(folder / "out")
    steps: dict[str, Callable[[], object]] = {
        "read from the folder": lambda: load_clip(clips, digest),
        "noise in the last bit": lambda: freshen(wav, 5),
        "the same, as it was done before": lambda: before(wav, 5),
        "SHA-256 for Repr-Digest": lambda: hashlib.sha256(wav).digest(),
        "laid out in a folder for nginx": lambda: released.put("x", wav),
    }
    size = f"{len(wav) / 1000:,.0f}"
    return [
        {"step": name, "kB": size, "CPU ms": f"{cpu_ms(call, n):.2f}"}
        for name, call in steps.items()
    ]


@contextmanager
def running(way: Way, folder: Path, study: Path, store: ObjectStore) -> Iterator[Any]:
    """A server that sends in that way: (port to ask, link, process groups by name)."""
    folder.mkdir()
    environment = dict(store.environment, JNDLAB_CLIPS_BY=way.clips_by)
    if way.objects:
        environment["JNDLAB_CLIPS_URL"] = store.url(folder.name)
    with ExitStack() as stack:
        server = stack.enter_context(Server(folder / "data", [study], environment=environment))
        assert server.process is not None
        assert store.process is not None
        processes = {"app": server.process.pid, "store": store.process.pid}
        port = server.port
        if way.proxied:
            released = Settings(data=folder / "data").released
            nginx = SoundsNginx(
                folder=folder / "nginx",
                behind=port,
                released=released,
                objects=f"127.0.0.1:{store.port}",
            )
            port = stack.enter_context(nginx).port
            assert nginx.process is not None
            processes["nginx"] = nginx.process.pid
        with open_store(server.settings, create=False) as database, database.read() as db:
            link = all_studies(db)[0].link
        yield port, link, processes


def cpu_seconds(process: int) -> float:
    """CPU time of a process and of those that it started, so far."""
    ticks = 0
    for path in Path("/proc").iterdir():
        if path.name.isdecimal():
            try:
                fields = (path / "stat").read_text().rpartition(") ")[2].split()
            except OSError:
                continue
            if int(path.name) == process or int(fields[2]) == process:  # its process group
                ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def listener(port: int, link: str) -> tuple[str, list[str]]:
    """The token of a session, and the addresses of the sounds of its first trial."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)

    def send(path: str, body: object, **headers: str) -> Any:
        json_type = {"Content-Type": "application/json", **headers}
        connection.request("POST", f"/api/v1{path}", json.dumps(body), json_type)
        return json.loads(connection.getresponse().read())

    token = send("/sessions", {"link": link, "consent": True})["token"]
    trial = send("/trial", {}, Authorization=f"Bearer {token}")
    return token, [interval["clip"] for interval in trial["intervals"]]


def fetch(
    port: int, paths: Sequence[str], headers: dict[str, str], until: float, times: list[float]
) -> None:
    """Ask for one sound after the other; times until the last byte are added to ``times``."""
    connections = {port: http.client.HTTPConnection("127.0.0.1", port, timeout=60)}
    buffer = bytearray(1 << 18)

    def get(at: int, path: str, sent: dict[str, str]) -> http.client.HTTPResponse:
        known = connections.setdefault(at, http.client.HTTPConnection("127.0.0.1", at, timeout=60))
        known.request("GET", path, headers=sent)
        answer = known.getresponse()
        length = sum(iter(lambda: answer.readinto(buffer), 0))
        if answer.status not in (200, 307) or (answer.status == 200 and length < 1000):
            raise RuntimeError(f"{answer.status} with {length} bytes")
        return answer

    n = 0
    while time.perf_counter() < until:
        start = time.perf_counter()
        answer = get(port, paths[n % len(paths)], headers)
        link = answer.getheader("Location")
        if link is not None:
            parts = urlsplit(link)
            get(parts.port or 80, f"{parts.path}?{parts.query}", {})
        times.append(time.perf_counter() - start)
        n += 1


def load(
    port: int, asked: Sequence[tuple[dict[str, str], Sequence[str]]], seconds: float
) -> list[float]:
    """Times of all sounds that the connections got, each asking for its own again and again."""
    times: list[float] = []
    until = time.perf_counter() + seconds
    threads = [
        threading.Thread(target=fetch, args=(port, paths, headers, until, times))
        for headers, paths in asked
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return times


def row(name: str, times: list[float], seconds: float, spent: dict[str, float]) -> dict[str, Any]:
    ranks = statistics.quantiles(times, n=100)
    costs = {who: f"{1000 * spent[who] / len(times):.2f}" if who in spent else "" for who in PARTS}
    return {
        "sent by": name,
        "sounds/s": f"{len(times) / seconds:,.0f}",
        "p50, ms": f"{1000 * ranks[49]:.0f}",
        "p99, ms": f"{1000 * ranks[98]:.0f}",
        **{f"CPU ms, {who}": cost for who, cost in costs.items()},
    }


PARTS = ("app", "nginx", "store")


def measure(way: Way, folder: Path, study: Path, store: ObjectStore, options: Any) -> Rows:
    """One way."""
    rows = []
    with running(way, folder, study, store) as (port, link, processes):
        if not way.objects:
            del processes["store"]
        asked: list[tuple[dict[str, str], Sequence[str]]] = []
        for _ in range(options.connections):
            token, paths = listener(port, link)
            asked.append(({"Authorization": f"Bearer {token}"}, paths))
        load(port, asked, 1.0)  # what is read and imported once
        was = {who: cpu_seconds(process) for who, process in processes.items()}
        times = load(port, asked, options.seconds)
        spent = {who: cpu_seconds(process) - was[who] for who, process in processes.items()}
        rows.append(row(way.name, times, options.seconds, spent))
    return rows


def limit(folder: Path, options: Any) -> dict[str, Any]:
    """nginx sending one plain file of the same length."""
    (folder / "plain" / "1").mkdir(parents=True)
    file = folder / "plain" / "1" / "x.wav"
    file.write_bytes(os.urandom(44 + 3 * 48_000 * options.length))
    nginx = SoundsNginx(
        folder=folder / "plain-nginx", behind=9, released=folder / "plain", internal=False
    )
    with nginx:
        assert nginx.process is not None
        asked: list[tuple[dict[str, str], Sequence[str]]] = [
            ({}, ["/_released/1/x.wav"])
        ] * options.connections
        was = cpu_seconds(nginx.process.pid)
        times = load(nginx.port, asked, options.seconds)
        spent = {"nginx": cpu_seconds(nginx.process.pid) - was}
    return row("limit: nginx, a plain file (not blind)", times, options.seconds, spent)


def main() -> None:
    options = arguments(
        __doc__,
        length=("seconds of a sound, mono at 48 kHz", 5),
        connections=("at a time", 8),
        seconds=("of measuring, each way", 6),
    )
    if options.quick:
        options.seconds = 2
    with tempfile.TemporaryDirectory(prefix="jndlab-clips-") as name, ObjectStore() as store:
        folder = Path(name)
        steps = in_process(folder, options.length, 20 if options.quick else 100)
        show(steps)
        print()
        study = make_study(folder, "abx", "abx", design=DESIGN, seconds=options.length)
        with (study / "study.yaml").open("a", encoding="utf-8") as file:
            file.write("\nchecks: []\n")
        rows: Rows = []
        with mock.patch.dict(os.environ, store.environment):
            for number, way in enumerate(WAYS):
                if way.proxied and PROGRAM is None:
                    print(f"nginx is not installed: {way.name} left out")
                    continue
                rows += measure(way, folder / f"way{number}", study, store, options)
        if PROGRAM is not None:
            rows.append(limit(folder, options))
    show(rows)
    finish(options, [*steps, *rows])


if __name__ == "__main__":
    main()
