"""A clock that can be set while a server runs, by a small library between it and the system.

(libfaketime would be the tool for it; setting its clock breaks ``time.sleep`` of Python.)
"""

from __future__ import annotations

import shutil
import struct
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

SOURCE = Path(__file__).with_name("clock.c")


def missing() -> str:
    """Why no clock can be set; empty if one can."""
    return "" if shutil.which("cc") else "there is no C compiler"


@dataclass
class Clock:
    """The time of day of the processes that get ``variables``. A context that makes it.

    ``file`` holds by how many seconds it is wrong.
    """

    file: Path

    @property
    def library(self) -> Path:
        """The library that the processes load first."""
        return self.file.with_suffix(".so")

    def __enter__(self) -> Self:
        command = ["cc", "-shared", "-fPIC", "-O2", "-o", str(self.library), str(SOURCE), "-ldl"]
        subprocess.run(command, check=True, capture_output=True)
        self.file.write_bytes(bytes(8))
        return self

    def __exit__(self, *error: object) -> None:
        self.file.unlink()
        self.library.unlink()

    @property
    def variables(self) -> Mapping[str, str]:
        """The environment of a process that looks at this clock."""
        return {"LD_PRELOAD": str(self.library), "JNDLAB_TEST_CLOCK": str(self.file)}

    def set(self, seconds: int) -> None:
        """Let it be wrong by so many seconds, at once."""
        with self.file.open("r+b") as file:  # in place: the processes have it mapped
            file.write(struct.pack("q", seconds))
