"""Which clips there are, wherever they lie."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath

from jndlab.clips import Shelf


def stored_clips(clips: Shelf) -> Iterator[str]:
    """The digests of all clips that are kept."""
    for name in clips.names():
        yield PurePosixPath(name).stem
