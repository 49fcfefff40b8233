"""What a process gives up before it looks at bytes that somebody sent.

Limits of memory, time and size of files hold on every Unix. Landlock, on Linux from 5.13, takes
away the files, programs and connections that reading a sound does not need.
"""

from __future__ import annotations

import ctypes
import os
import struct
import sys
from collections.abc import Iterable
from pathlib import Path

MEMORY_BYTES = 1024**3
"""Of address space: NumPy and the readers take about a third of it, a block of sound little."""
OPEN_FILES = 64

_CREATE, _ADD, _RESTRICT = 444, 445, 446  # the same on every processor
_NO_NEW_PRIVILEGES = 38
_READ = 0b1100
_WRITE = 0b110_0001_1011_0010 | _READ
"""Write, remove and make files and folders, give them another name, cut them off."""
_ALL_OF_VERSION = (0x1FFF, 0x3FFF, 0x7FFF, 0x7FFF, 0xFFFF)
"""Rights to files that versions 1 to 5 know."""
_TCP, _SCOPES = 0b11, 0b11
"""Binding and connecting; abstract sockets of, and signals to, processes outside."""


def limit_resources(*, cpu_seconds: int, file_bytes: int) -> None:
    """From now on at most so much processor time, and no file larger than ``file_bytes``."""
    if sys.platform == "win32":  # no such limits there: the time that the parent gives is left
        return
    import resource

    used = resource.getrusage(resource.RUSAGE_SELF)
    until = int(used.ru_utime + used.ru_stime) + 1 + cpu_seconds
    for kind, most in (
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_CPU, until),
        (resource.RLIMIT_FSIZE, file_bytes),
        (resource.RLIMIT_NOFILE, OPEN_FILES),
        (resource.RLIMIT_CORE, 0),
    ):
        hard = resource.getrlimit(kind)[1]
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        try:
            resource.setrlimit(kind, (most, hard))
        except (OSError, ValueError):  # macOS knows the name of a limit that it does not keep
            continue


def landlock_version() -> int:
    """The version of Landlock by which rights can be given up; 0 where the system has none."""
    if sys.platform != "linux":
        return 0
    libc = ctypes.CDLL(None, use_errno=True)
    return max(0, int(libc.syscall(_CREATE, None, ctypes.c_size_t(0), 1)))


def give_up_rights(*, reads: Iterable[Path], writes: Iterable[Path]) -> bool:
    """Leave this process the folders named, for good; whether the system can do that.

    It also can start no program, connect to nothing by TCP and signal no process outside.
    """
    version = landlock_version()
    if version < 1:
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    handled = _ALL_OF_VERSION[min(version, len(_ALL_OF_VERSION)) - 1]
    rights = struct.pack(
        "QQQ", handled, _TCP if version >= 4 else 0, _SCOPES if version >= 6 else 0
    )
    size = 24 if version >= 6 else 16 if version >= 4 else 8
    ruleset = libc.syscall(_CREATE, rights, ctypes.c_size_t(size), 0)
    if ruleset < 0:
        return False
    try:
        for paths, wanted in ((reads, _READ), (writes, _WRITE)):
            for path in paths:
                _allow(libc, ruleset, path, wanted & handled)
        libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
        return bool(libc.syscall(_RESTRICT, ruleset, 0) == 0)
    finally:
        os.close(ruleset)


def _allow(libc: ctypes.CDLL, ruleset: int, path: Path, rights: int) -> None:
    try:
        folder = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:  # a folder of the path of modules that is not there
        return
    try:
        if not path.is_dir():
            rights &= 0b110  # a file can only be read and written
        libc.syscall(_ADD, ruleset, 1, struct.pack("=Qi", rights, folder), 0)
    finally:
        os.close(folder)
