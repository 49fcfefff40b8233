"""Clips in an object store that speaks S3: Amazon's, MinIO, Garage, Ceph and others.

Address and credentials come from the variables that every such program reads: AWS_ENDPOINT_URL,
AWS_REGION, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from jndlab.errors import MissingExtra, StoreError

if TYPE_CHECKING:
    from obstore.store import S3Store

REMEDY = (
    "Look at JNDLAB_CLIPS_URL and the variables AWS_ENDPOINT_URL, AWS_REGION, AWS_ACCESS_KEY_ID "
    "and AWS_SECRET_ACCESS_KEY; the bucket has to exist."
)
WORKERS = 16
"""Questions to the store at a time, where there are many."""
SOUND: Any = {"Content-Type": "audio/wav", "Cache-Control": "no-store"}
"""How the store sends what it sends itself: browsers and proxies on the way keep nothing."""


@dataclass(frozen=True, slots=True)
class BucketShelf:
    """Objects under a prefix of a bucket: ``s3://BUCKET/PREFIX``."""

    url: str

    def read(self, name: str) -> bytes | None:
        """The object; None if there is none of that name."""
        import obstore

        with _explained("read"):
            try:
                return bytes(obstore.get(self._store, name).bytes())
            except FileNotFoundError:
                return None

    def write(self, name: str, content: bytes, *, replace: bool = False) -> None:
        """Keep an object. One of that name is written anew: it would be the same."""
        import obstore

        sound = name.endswith(".wav")
        with _explained("written"):
            obstore.put(self._store, name, content, attributes=SOUND if sound else None)

    def missing(self, names: Iterable[str]) -> set[str]:
        """Which of the names have no object."""
        import obstore

        def is_missing(name: str) -> bool:
            try:
                obstore.head(self._store, name)
            except FileNotFoundError:
                return True
            return False

        every = list(names)
        with _explained("read"), ThreadPoolExecutor(WORKERS) as pool:
            return {
                name for name, gone in zip(every, pool.map(is_missing, every), strict=True) if gone
            }

    def remove(self, names: Iterable[str]) -> None:
        """Delete objects; those that are gone already are no error."""
        import obstore

        with _explained("deleted"):
            try:
                obstore.delete(self._store, list(names))
            except FileNotFoundError:
                return

    def names(self, under: str = "") -> Iterator[str]:
        """The names of all objects, or of those under a folder; hidden ones left out."""
        import obstore

        with _explained("listed"):
            for part in obstore.list(self._store, under or None):
                for meta in part:
                    if not any(word.startswith(".") for word in meta["path"].split("/")):
                        yield meta["path"]

    def tidy(self) -> None:
        """Nothing to do: an object is there whole or not at all."""

    def signed(self, name: str, *, seconds: int) -> str:
        """An address from which anybody can fetch that object for so long."""
        import obstore

        with _explained("signed"):
            return str(obstore.sign(self._store, "GET", name, timedelta(seconds=seconds)))

    @property
    def _store(self) -> S3Store:
        return _connect(self.url, os.environ.get("AWS_ENDPOINT_URL", ""), os.getpid())


@lru_cache(maxsize=8)
def _connect(url: str, endpoint: str, process: int) -> S3Store:
    """A client with its connections. ``process``: they do not outlive a fork."""
    try:
        from obstore.store import S3Store
    except ImportError:
        raise MissingExtra("obstore", "s3") from None
    insecure = endpoint.startswith("http://")
    with _explained("reached"):
        return S3Store.from_url(
            url,
            client_options={"allow_http": insecure, "connect_timeout": "5s", "timeout": "60s"},
            # A participant waits meanwhile, and asks again.
            retry_config={"max_retries": 3, "retry_timeout": timedelta(seconds=15)},
        )


@contextmanager
def _explained(what: str) -> Iterator[None]:
    """Errors of the store as errors with a remedy. Participants are never shown either."""
    try:
        yield
    except Exception as error:
        if isinstance(error, OSError | ValueError) or _is_theirs(error):
            reason = str(error).split("\n", 1)[0][:300].rstrip(" .")
            raise StoreError(
                f"The object store of the clips cannot be {what}: {reason}.", REMEDY
            ) from error
        raise


def _is_theirs(error: Exception) -> bool:
    return type(error).__module__.partition(".")[0] == "obstore"
