"""Looking into sounds and archives that somebody sent, in a process that can do little else.

The readers of sound are written in C, and files are made to break them: what breaks here is a
process without secrets, connections or folders of its own, bounded in memory and time. The
functions are those of :mod:`jndlab.audio.received` and :mod:`jndlab.audio.archives`.
"""

from __future__ import annotations

import atexit
import base64
import contextlib
import json
import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jndlab import errors
from jndlab.audio.archives import Entry
from jndlab.audio.confinement import landlock_version
from jndlab.errors import ArchiveRefused, AudioError, JndlabError, StoreError

if TYPE_CHECKING:
    from jndlab.audio.received import SoundFacts

MAX_ANSWER = 64 * 1024**2
STALE_SECONDS = 30.0
"""Not used for so long, a process is about to end; another one takes its place."""
ITS_ERRORS = ("AudioError", "ArchiveRefused", "StoreError", "NoRoom")
KEPT_VARIABLES = (
    "PATH", "HOME", "LANG", "LC_ALL", "PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV",
    "LD_LIBRARY_PATH", "SYSTEMROOT",
)  # fmt: skip
"""The environment of a server holds its passwords."""

log = logging.getLogger("jndlab.confined")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Limits:
    seconds: float
    cpu_seconds: int
    file_bytes: int = 0


SOUND = _Limits(seconds=120.0, cpu_seconds=60)
ARCHIVE = _Limits(seconds=1800.0, cpu_seconds=900)


class _Broken(Exception):
    """The process has ended, or said something that is no answer."""


def check_received(path: Path, *, name: str, within: Path | None = None) -> SoundFacts:
    """What is in a received file. Raises AudioError, which calls it ``name``.

    ``within``: a folder of many such files, so that one process can look at all of them.
    """
    from jndlab.audio.received import AGAIN, SoundFacts  # with NumPy, which a start can do without

    path = path.absolute()
    folder = path.parent if within is None else within.absolute()
    try:
        facts = _reader.ask(folder, "sound", SOUND, path=str(path), name=name)
        return SoundFacts(
            seconds=float(facts["seconds"]),
            rate_hz=int(facts["rate_hz"]),
            n_channels=int(facts["n_channels"]),
        )
    except _Broken as error:
        log.error("The reader of sounds failed at %s: %s", path, error)
        raise AudioError(f"{name} cannot be read: the reader of sounds fails.", AGAIN) from None


def archive_entries(path: Path, *, max_bytes: int) -> list[Entry]:
    """The files of an archive. ArchiveRefused: it is none, or it has a dangerous entry."""
    found = _look(path, "entries", max_bytes=max_bytes)
    return [Entry(name=str(name), n_bytes=int(n_bytes)) for name, n_bytes in found]


def read_entry(path: Path, name: str, *, max_bytes: int) -> bytes:
    """The content of one small entry. ArchiveRefused: not there, or too large."""
    return base64.b64decode(_look(path, "entry", name=name, max_bytes=max_bytes))


def unpack(
    path: Path,
    targets: Mapping[str, Path],
    *,
    max_bytes: int,
    progress: Callable[[int], None] = lambda done: None,
) -> None:
    """Write the named entries to their targets; folders are made. ``progress``: files written.

    All targets lie beneath one folder, which is all that the process may write to. Raises
    ArchiveRefused, StoreError; the caller then removes what was written.
    """
    if not targets:
        return
    path, absolute = path.absolute(), {name: str(to.absolute()) for name, to in targets.items()}
    folder = Path(os.path.commonpath([Path(target).parent for target in absolute.values()]))
    folder.mkdir(parents=True, exist_ok=True)
    writer = _Confined()
    try:
        limits = _Limits(
            seconds=ARCHIVE.seconds, cpu_seconds=ARCHIVE.cpu_seconds, file_bytes=max_bytes + 1
        )
        writer.ask(
            path.parent, "unpack", limits, writes=folder, progress=progress,
            path=str(path), targets=absolute, max_bytes=max_bytes,
        )  # fmt: skip
    except _Broken as error:
        raise _archive_failed(path, error) from None
    finally:
        writer.end()


def _look(path: Path, task: str, **arguments: Any) -> Any:
    try:
        path = path.absolute()
        return _reader.ask(path.parent, task, ARCHIVE, path=str(path), **arguments)
    except _Broken as error:
        raise _archive_failed(path, error) from None


def _archive_failed(path: Path, error: _Broken) -> ArchiveRefused:
    log.error("The reader of archives failed at %s: %s", path, error)
    return ArchiveRefused(
        "The archive cannot be read: the reader of archives fails.", "Make the archive again."
    )


@dataclass
class _Confined:
    """One process, for one folder at a time; it is started when there is something to ask."""

    _lock: threading.Lock = field(default_factory=threading.Lock)
    _process: subprocess.Popen[bytes] | None = None
    _folders: tuple[Path, Path | None] | None = None
    _owner: int = 0
    _used: float = 0.0

    def ask(
        self,
        reads: Path,
        task: str,
        limits: _Limits,
        *,
        writes: Path | None = None,
        progress: Callable[[int], None] = lambda done: None,
        **arguments: Any,
    ) -> Any:
        """What comes of a task. Raises what the task raises, and _Broken if it breaks."""
        request = {
            "task": task,
            "arguments": arguments,
            "cpu_seconds": limits.cpu_seconds,
            "file_bytes": limits.file_bytes,
        }
        with self._lock:
            process = self._ready((reads, writes))
            timer = threading.Timer(limits.seconds, process.kill)
            timer.start()
            try:
                return _converse(process, request, progress)
            except JndlabError:
                raise
            except BaseException:  # Ctrl+C among them: half an answer must not be read later
                self._end()
                raise
            finally:
                timer.cancel()
                self._used = time.monotonic()

    def end(self) -> None:
        """End the process."""
        with self._lock:
            self._end()

    def _ready(self, folders: tuple[Path, Path | None]) -> subprocess.Popen[bytes]:
        if self._owner != os.getpid():  # a copy of another process: its pipes are not ours
            self._process, self._owner = None, os.getpid()
        stale = time.monotonic() - self._used > STALE_SECONDS
        if self._process is not None and (stale or self._folders != folders):
            self._end()
        if self._process is None or self._process.poll() is not None:
            self._process, self._folders = _start(*folders), folders
        return self._process

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is None or self._owner != os.getpid():
            return
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()


@cache
def _tell_what_is_missing() -> None:
    """Once: whoever looks after the server has to know that a bound of it does not hold."""
    if sys.platform == "linux" and landlock_version() < 1:
        log.warning(
            "Landlock is not to be had (an older kernel, or a filter of system calls): the reader "
            "of sounds keeps its limits of memory and time, but can open other files."
        )


def _start(reads: Path, writes: Path | None) -> subprocess.Popen[bytes]:
    _tell_what_is_missing()
    environment = {name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ}
    environment |= dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
    # -P: the working folder is no place to import from. A group of its own: Ctrl+C is for us.
    own_group: dict[str, Any] = {} if sys.platform == "win32" else {"process_group": 0}
    folders = [str(reads), str(writes or "")]
    try:
        return subprocess.Popen(
            [sys.executable, "-P", "-m", "jndlab.audio.confined_child", *folders],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
            **own_group,
        )
    except OSError as error:
        raise StoreError(
            f"No process can be started to look into a file: {error.strerror}.",
            "Look how many processes there are, and how much memory is left.",
        ) from None


def _converse(
    process: subprocess.Popen[bytes],
    request: dict[str, Any],
    progress: Callable[[int], None],
) -> Any:
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        process.stdin.write(json.dumps(request).encode() + b"\n")
        process.stdin.flush()
        while True:
            line = process.stdout.readline(MAX_ANSWER)
            if not line.endswith(b"\n"):
                raise _Broken(f"it ended with status {process.wait()}")
            said = json.loads(line)
            if "done" in said:
                progress(int(said["done"]))
            elif "refused" in said:
                raise _error_of(said)
            elif "failed" in said:
                raise _Broken(str(said["failed"]))
            else:
                return said["result"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise _Broken(f"{type(error).__name__}: {error}") from None


def _error_of(said: dict[str, Any]) -> JndlabError:
    kind = str(said["refused"])
    if kind not in ITS_ERRORS:
        raise _Broken(f"it raised {kind}: {said['message']}")
    message, remedy = str(said["message"]), str(said["remedy"])
    if kind == "ArchiveRefused":
        entries = tuple((str(name), str(reason)) for name, reason in said["entries"])
        return ArchiveRefused(message, remedy, entries=entries)
    made: JndlabError = getattr(errors, kind)(message, remedy)
    return made


_reader = _Confined()
atexit.register(_reader.end)
