"""The key of a deployment: made at the first start, kept in the data folder, in no database.

Whatever is made with it is known to all servers of the data folder, and to nobody who has only a
copy of the database.
"""

from __future__ import annotations

import hashlib
import secrets
from functools import lru_cache
from pathlib import Path

from jndlab.files import disk_error, write_atomically

KEY_FILE = "secret-key"


def secret_key(folder: Path) -> str:
    """The key; there is no default one. Raises StoreError if it cannot be kept or read."""
    path = folder / KEY_FILE
    write_atomically(path, secrets.token_hex(32).encode(), mode=0o600)
    try:
        return path.read_text(encoding="ascii")
    except OSError as error:
        raise disk_error(path, error) from None


def keyed_digest(folder: Path, what: str) -> str:
    """A digest that says nothing about ``what`` to who has not the key."""
    content = what.encode("utf-8", "replace")
    return hashlib.blake2b(content, key=_key(folder), digest_size=32).hexdigest()


@lru_cache(maxsize=16)
def _key(folder: Path) -> bytes:
    # Not the key itself, which signs form tokens: one key, one purpose.
    return hashlib.blake2b(secret_key(folder).encode(), person=b"jndlab digests").digest()
