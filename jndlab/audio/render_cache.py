"""What was rendered before, by content: sounds that have not changed are not rendered again.

Beside the clips lies one small file per item, named by a digest over everything that its clips
follow from. Reading it takes the place of decoding and resampling; the clips themselves have to be
there. It may be deleted at any time.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from jndlab.clips import Shelf
from jndlab.errors import StoreError

RULES = 1
"""Goes up when the same sources would give other clips."""
FOLDER = ".rendered"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """A clip as it was rendered from one version of an item."""

    clip: str
    """SHA-256 (hex) of the rendered WAV file."""
    n_frames: int
    n_channels: int
    gain_db: float
    source_rate_hz: int


def cache_key(source_digests: Sequence[str], options: dict[str, Any]) -> str:
    """Name for what is made of these sources, in this order, with these options."""
    content = {"rules": RULES, "sources": list(source_digests), "options": options}
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def cached(clips: Shelf, key: str) -> list[Rendered] | None:
    """What :func:`keep` wrote; None if there is nothing, or nothing that can be read."""
    try:
        return [Rendered(**entry) for entry in json.loads(clips.read(_name(key)) or b"null")]
    except (StoreError, ValueError, TypeError):
        return None


def keep(clips: Shelf, key: str, rendered: Sequence[Rendered]) -> None:
    """Remember what was rendered, once all its clips are written. Raises StoreError."""
    content = json.dumps([asdict(one) for one in rendered])
    clips.write(_name(key), content.encode(), replace=True)


def _name(key: str) -> str:
    return f"{FOLDER}/{key[:2]}/{key}.json"
