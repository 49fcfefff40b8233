"""The process that looks into what somebody sent: ``python -m jndlab.audio.confined_child``.

Standard input holds one request a line, standard output what came of each, all of it JSON. It
ends with its input, and when nothing was asked of it for a while.
"""

from __future__ import annotations

import base64
import codecs
import io
import json
import os
import sys
import sysconfig
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from jndlab.audio.archives import archive_entries, read_entry, unpack
from jndlab.audio.confinement import give_up_rights, limit_resources
from jndlab.audio.received import check_received
from jndlab.errors import JndlabError

IDLE_SECONDS = 60.0

Say = Callable[[dict[str, Any]], None]


def main(reads: str, writes: str) -> None:
    """Answer until the input ends. The folders are all that it may read and write; "" for none."""
    _load_what_comes_late()
    library = [Path(sysconfig.get_path(name)) for name in ("stdlib", "purelib", "platlib")]
    with os.fdopen(os.dup(1), "wb") as answers:
        os.dup2(2, 1)  # what a library prints must not get among the answers

        def say(what: dict[str, Any]) -> None:
            answers.write(json.dumps(what).encode() + b"\n")
            answers.flush()

        folders = [Path(writes)] if writes else []
        give_up_rights(reads=[*library, Path("/dev"), Path(reads)], writes=folders)
        while line := _next_line():
            request = json.loads(line)
            limit_resources(cpu_seconds=request["cpu_seconds"], file_bytes=request["file_bytes"])
            _answer(request["task"], request["arguments"], say)


def _answer(task: str, arguments: dict[str, Any], say: Say) -> None:
    try:
        say({"result": _TASKS[task](say, **arguments)})
    except JndlabError as error:
        entries = [list(entry) for entry in getattr(error, "entries", ())]
        say(
            {
                "refused": type(error).__name__,
                "message": error.message,
                "remedy": error.remedy,
                "entries": entries,
            }
        )
    except Exception as error:  # a defect, or no memory: told to whoever looks after the server
        say({"failed": f"{type(error).__name__}: {error}"})


def _sound(say: Say, path: str, name: str) -> dict[str, Any]:
    return asdict(check_received(Path(path), name=name))


def _entries(say: Say, path: str, max_bytes: int) -> list[list[Any]]:
    return [
        [entry.name, entry.n_bytes] for entry in archive_entries(Path(path), max_bytes=max_bytes)
    ]


def _entry(say: Say, path: str, name: str, max_bytes: int) -> str:
    return base64.b64encode(read_entry(Path(path), name, max_bytes=max_bytes)).decode()


def _unpack(say: Say, path: str, targets: dict[str, str], max_bytes: int) -> None:
    unpack(
        Path(path),
        {name: Path(target) for name, target in targets.items()},
        max_bytes=max_bytes,
        progress=lambda done: say({"done": done}),
    )


_TASKS: dict[str, Callable[..., Any]] = {
    "sound": _sound,
    "entries": _entries,
    "entry": _entry,
    "unpack": _unpack,
}


def _load_what_comes_late() -> None:
    """Libraries and codecs that are loaded at first use, when they may not be read any more."""
    codecs.lookup("cp437")  # of names in archives
    silence = io.BytesIO()
    soundfile.write(silence, np.zeros((1, 1)), 8000, format="WAV")
    silence.seek(0)
    assert np.isfinite(soundfile.read(silence)[0]).all()


def _next_line() -> bytes:
    """The next request; empty at the end, or when nobody has asked for a while."""
    if sys.platform != "win32":
        import select

        if not select.select([sys.stdin], [], [], IDLE_SECONDS)[0]:
            return b""
    return sys.stdin.buffer.readline()


if __name__ == "__main__":
    main(*sys.argv[1:])
