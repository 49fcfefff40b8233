"""A folder as a zip file: the same bytes for the same content, whenever and wherever it is made."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

_MOMENT = (1980, 1, 1, 0, 0, 0)
"""The earliest that the format knows: times would make each file another one."""


def zip_files(folder: Path, names: Sequence[str], target: Path) -> None:
    """Put files of a folder into a zip file, in this order."""
    with ZipFile(target, "w") as archive:
        for name in names:
            path = folder / name
            entry = ZipInfo(name, date_time=_MOMENT)
            entry.compress_type = ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            entry.create_system = 3
            entry.file_size = path.stat().st_size  # beyond 2 GiB it needs another header
            with path.open("rb") as source, archive.open(entry, "w") as sink:
                shutil.copyfileobj(source, sink, 1 << 20)
