"""What listeners were told, written down before they go on: the other half of the accounting.

One line of JSON per event, in the words that ``jndlab audit --acknowledged FILE`` understands.
"""

from __future__ import annotations

import hashlib
import json
import os
import threading
import time
from collections import Counter
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal, Self

EventKind = Literal[
    "opened",
    "sent",
    "acknowledged",
    "finished",
    "refused",
    "resumed",
    "closed",
    "mark",
    "forgotten",
]
"""sent: an answer is on its way. acknowledged: the server said that it is stored. refused: any
error but "not now". closed: the page was closed without waiting. forgotten: a server that was
restored from a backup does not know the session. mark: of the test itself."""
BACKUP, RESTORED = "backup", "restored"
"""Marks: when a backup was begun, and when it was put back."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the ledger."""

    event: EventKind
    session: str = ""
    """SHA-256 of its token, as the table of sessions has it."""
    trial: int = 0
    response: str = ""
    key: str = ""
    repeated: bool = False
    """Whether the server said that it had the answer already."""
    detail: str = ""
    at: float = 0.0
    """Seconds of a clock that nobody sets."""


@dataclass
class Ledger:
    """A file that entries are only ever added to. A context that closes it."""

    path: Path
    counts: Counter[str] = field(default_factory=Counter)
    """Entries by event, of this process."""

    def __post_init__(self) -> None:
        self._lock = threading.Lock()
        self._handle = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    def note(self, event: EventKind, token: str = "", **facts: Any) -> None:
        """Write an entry; it is in the file when this returns."""
        digest = hashlib.sha256(token.encode()).hexdigest() if token else ""
        line = {"event": event, "session": digest, **facts, "at": time.monotonic()}
        with self._lock:
            os.write(self._handle, (json.dumps(line) + "\n").encode())
            self.counts[event] += 1

    def entries(self) -> list[Entry]:
        """Everything that was noted so far."""
        with self._lock:
            lines = self.path.read_text(encoding="utf-8").splitlines()
        return [Entry(**json.loads(line)) for line in lines]

    def promises(self) -> list[Entry]:
        """What has to be there: all that was noted, but for what came between a backup and its
        restoring."""
        kept: list[Entry] = []
        since_backup: int | None = None
        for entry in self.entries():
            if entry.detail == BACKUP:
                since_backup = len(kept)
            elif entry.detail == RESTORED:
                del kept[since_backup:]
            kept.append(entry)
        return kept

    def write_receipts(self, path: Path) -> Path:
        """A file with the acknowledged answers only, for `jndlab audit --acknowledged`."""
        kept = [one for one in self.promises() if one.event == "acknowledged"]
        path.write_text("".join(json.dumps(asdict(one)) + "\n" for one in kept), encoding="utf-8")
        return path

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        os.close(self._handle)
