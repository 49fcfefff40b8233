"""A small disk of one's own under the data folder: full, read-only or without power at will.

An ext4 file system in a file, mounted by the loop device, which only root may do.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import struct
import subprocess
import tempfile
import time
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Self

SHUTDOWN = 0x8004587D
"""EXT4_IOC_SHUTDOWN: from now on nothing reaches the disk, not even what was written before."""
NO_LOG_FLUSH = struct.pack("I", 2)
GET_FLAGS, SET_FLAGS = 0x80086601, 0x40086602
IMMUTABLE = 0x10
"""What `chattr +i` sets. (A disk in use cannot be mounted read-only. What forces it, remount,abort,
lets fsync succeed now and then for writes that are lost: bare SQLite loses rows there, too.)"""
MEGABYTE = 2**20
UNMOUNT_SECONDS = 60.0


@cache
def missing() -> str:
    """Why there can be no such disk; empty if there can be one."""
    if os.geteuid() != 0:
        return "only root may mount a disk"
    tools = [name for name in ("mkfs.ext4", "mount", "umount") if shutil.which(name) is None]
    if tools:
        return f"{', '.join(tools)} is not installed"
    with tempfile.TemporaryDirectory() as folder:
        try:
            with Disk(Path(folder) / "disk", size=MEGABYTE):
                return ""
        except subprocess.CalledProcessError as error:  # in most containers
            return f"no disk can be mounted here: {error.stderr.decode().strip()}"


@dataclass
class Disk:
    """A mounted disk. A context that makes and removes it."""

    image: Path
    size: int = 48 * MEGABYTE

    @property
    def folder(self) -> Path:
        """Where it is mounted."""
        return self.image.with_suffix(".mounted")

    @property
    def _ballast(self) -> Path:
        return self.folder / "ballast"

    def __enter__(self) -> Self:
        with self.image.open("wb") as file:
            file.truncate(self.size)
        # Nothing kept back for root. Blocks as on real disks: with the 1 kB of small ones SQLite's
        # index of the log has holes, and to write there on a full disk ends the process (SIGBUS).
        _run("mkfs.ext4", "-q", "-m", "0", "-b", "4096", str(self.image))
        self.folder.mkdir(parents=True, exist_ok=True)
        try:
            self.mount()
        except BaseException:
            self.image.unlink()
            raise
        return self

    def __exit__(self, *error: object) -> None:
        self.unmount()
        self.image.unlink(missing_ok=True)

    def mount(self) -> None:
        """Attach it; what a crash left in its journal is played back."""
        _run("mount", "-o", "loop", str(self.image), str(self.folder))

    def unmount(self) -> None:
        """Detach it, as soon as those who used it are gone."""
        deadline = time.monotonic() + UNMOUNT_SECONDS
        while True:
            done = subprocess.run(
                ["umount", str(self.folder)], capture_output=True, text=True, check=False
            )
            if done.returncode == 0 or not os.path.ismount(self.folder):
                return
            assert time.monotonic() < deadline, done.stderr
            time.sleep(0.1)

    def fill(self) -> None:
        """Leave not one byte."""
        with self._ballast.open("ab", buffering=0) as file:
            for size in (MEGABYTE, 4096, 1):
                with contextlib.suppress(OSError):
                    while True:
                        file.write(b"\0" * size)

    def free(self) -> None:
        """Give the space back."""
        self._ballast.unlink(missing_ok=True)

    def protect(self, *, on: bool) -> None:
        """Let nothing be written, renamed or removed, also not in files that are open."""
        paths = [path for path in self.folder.rglob("*") if path.name != "lost+found"]
        for path in [self.folder, *paths] if on else [*paths, self.folder]:
            with contextlib.suppress(FileNotFoundError):  # one that was just removed
                _set_immutable(path, on=on)
        _run("sync", "--file-system", str(self.folder))  # or a power cut would bring it back

    def cut_power(self) -> None:
        """Lose everything that was not flushed; until it is mounted anew nothing can be used."""
        handle = os.open(self.folder, os.O_RDONLY)
        try:
            fcntl.ioctl(handle, SHUTDOWN, NO_LOG_FLUSH)
        finally:
            os.close(handle)

    def mount_anew(self) -> None:
        """Detach and attach it."""
        self.unmount()
        self.mount()


def _set_immutable(path: Path, *, on: bool) -> None:
    if not (path.is_file() or path.is_dir()):
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        flags = bytearray(4)
        fcntl.ioctl(handle, GET_FLAGS, flags)
        (old,) = struct.unpack("I", flags)
        new = old | IMMUTABLE if on else old & ~IMMUTABLE
        fcntl.ioctl(handle, SET_FLAGS, struct.pack("I", new))
    finally:
        os.close(handle)


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True)
