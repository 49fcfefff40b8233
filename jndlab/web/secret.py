"""The key that signs form tokens: made at the first start, kept in the data folder."""

from __future__ import annotations

import secrets

from jndlab.files import disk_error, write_atomically
from jndlab.settings import Settings


def load_secret_key(settings: Settings) -> str:
    """The key; there is no default one. Raises StoreError if it cannot be kept or read."""
    path = settings.data / "secret-key"
    write_atomically(path, secrets.token_hex(32).encode(), mode=0o600)
    try:
        return path.read_text(encoding="ascii")
    except OSError as error:
        raise disk_error(path, error) from None
