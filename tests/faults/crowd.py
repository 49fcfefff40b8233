"""Many listeners at once, one session after the other, for as long as faults happen."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Self

from tests.faults.client import Listener, Refused, Stopped
from tests.faults.ledger import Ledger

DRAIN_SECONDS = 300.0


@dataclass(frozen=True, slots=True)
class Task:
    """A study that listeners take."""

    slug: str
    link: str
    simulation: str


@dataclass
class Crowd:
    """Threads that take sessions; a context that sends them home at the end."""

    ports: Sequence[int]
    tasks: Sequence[Task]
    ledger: Ledger
    size: int
    seed: int = 0
    behind: bool = False
    n_sessions: int = 0
    retries: int = 0
    problems: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._lock = threading.Lock()
        self._enough = threading.Event()
        self._stop = threading.Event()
        self._threads = [
            threading.Thread(target=self._listen, daemon=True) for _ in range(self.size)
        ]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(timeout=60)

    def wait_for(self, n_acknowledged: int) -> None:
        """Until so many answers more were confirmed: faults without load prove nothing."""
        goal = self.ledger.counts["acknowledged"] + n_acknowledged
        deadline = time.monotonic() + DRAIN_SECONDS
        while self.ledger.counts["acknowledged"] < goal and not self.problems:
            assert time.monotonic() < deadline, "no answer was confirmed for minutes"
            time.sleep(0.01)

    def finish(self) -> None:
        """Let everybody end the session that they are in; fails if somebody cannot."""
        self._enough.set()
        deadline = time.monotonic() + DRAIN_SECONDS
        for thread in self._threads:
            thread.join(timeout=max(0.0, deadline - time.monotonic()))
        if any(thread.is_alive() for thread in self._threads):
            self.problems.append("sessions that cannot go on after the faults are over")

    def _listen(self) -> None:
        while not self._enough.is_set() and not self._stop.is_set():
            with self._lock:
                number = self.n_sessions
                self.n_sessions += 1
            task = self.tasks[number % len(self.tasks)]
            listener = Listener(
                self.ports,
                task.link,
                task.simulation,
                seed=1_000_003 * self.seed + number,
                ledger=self.ledger,
                stop=self._stop,
                behind=self.behind,
            )
            try:
                listener.take()
            except Stopped:
                return
            except (Refused, AssertionError, KeyError) as error:
                self.problems.append(f"session {number} of {task.slug}: {error!r}")
                return
            finally:
                with self._lock:
                    self.retries += listener.retries
