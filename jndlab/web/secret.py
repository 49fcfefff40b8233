"""The key that signs form tokens."""

from __future__ import annotations

from jndlab.settings import Settings
from jndlab.store.secret_key import secret_key


def load_secret_key(settings: Settings) -> str:
    """The key of the data folder. Raises StoreError if it cannot be kept or read."""
    return secret_key(settings.data)
