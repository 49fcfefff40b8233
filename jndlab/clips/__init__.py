"""Where rendered clips lie: under the digest of their bytes, in a folder or in an object store.

A clip is never sent from there. What a listener gets is a copy with noise of its own
(:func:`jndlab.audio.pcm.freshen`), which may lie here for a minute under a random name.
"""

from jndlab.clips.released import Released, open_released
from jndlab.clips.shelf import FolderShelf, Shelf
from jndlab.clips.stored import (
    clip_name,
    delete_clips,
    keep_clip,
    load_clip,
    missing_clips,
    open_clips,
)

__all__ = [
    "FolderShelf",
    "Released",
    "Shelf",
    "clip_name",
    "delete_clips",
    "keep_clip",
    "load_clip",
    "missing_clips",
    "open_clips",
    "open_released",
]
