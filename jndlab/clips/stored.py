"""Rendered clips by the digest of their bytes: opened, read, kept, deleted.

The digest is the name, so that doing it again changes nothing and nothing in a name tells what is
in a clip. Whatever else needs to know where clips lie asks here.
"""

from __future__ import annotations

from collections.abc import Iterable

from jndlab.clips.bucket import BucketShelf
from jndlab.clips.shelf import FolderShelf, Shelf
from jndlab.errors import StoreError
from jndlab.settings import Settings

SUFFIX = ".wav"


def open_clips(settings: Settings) -> Shelf:
    """The place of the clips: the folder ``clips`` of the data folder, or an object store."""
    if settings.clips_url:
        return BucketShelf(f"{settings.clips_url}/clips")
    return FolderShelf(settings.clips)


def clip_name(digest: str) -> str:
    """Under which name the clip of that digest is kept."""
    return f"{digest[:2]}/{digest}{SUFFIX}"


def load_clip(clips: Shelf, digest: str) -> bytes:
    """The stored clip of that digest, a 24-bit WAV file. Raises StoreError if it is not there."""
    wav = clips.read(clip_name(digest))
    if wav is None:
        raise StoreError(
            "A clip cannot be read: it is not where the clips are kept.",
            "Restore the clips from a backup.",
        )
    return wav


def keep_clip(clips: Shelf, digest: str, wav: bytes) -> None:
    """Keep a clip; one that is there already stays as it is. Raises StoreError."""
    clips.write(clip_name(digest), wav)


def missing_clips(clips: Shelf, digests: Iterable[str]) -> set[str]:
    """Which of the clips are not there. Raises StoreError."""
    by_name = {clip_name(digest): digest for digest in digests}
    return {by_name[name] for name in clips.missing(by_name)}


def delete_clips(clips: Shelf, digests: Iterable[str]) -> None:
    """Delete clips, for good. Raises StoreError."""
    clips.remove([clip_name(digest) for digest in digests])
