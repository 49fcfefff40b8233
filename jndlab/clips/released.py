"""Sounds on their way out: one file for each released sound, gone after minutes.

Whoever sends a sound in the server's place (nginx, an object store) sees nothing but such a file.
So nothing that it tells beside the bytes (ETag, date, checksum, part of a range, hit of a cache)
can tell more than the bytes themselves, in which the noise of the last bit is drawn for this one
release. The name is the one by which its listener asks for it, which chance made for one session.
"""

from __future__ import annotations

import logging
import secrets
import shutil
import threading
import time
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlsplit

from jndlab.clips.bucket import BucketShelf
from jndlab.errors import JndlabError
from jndlab.files import disk_error, make_folder
from jndlab.settings import Settings

WINDOW_SECONDS = 60
"""Files of one window share a folder. It is removed when the window after the next begins."""
NGINX_FOLDER = "/_released/"
"""Internal location of nginx that stands for the folder of released sounds."""
NGINX_OBJECTS = "/_objects"
"""Internal location of nginx that stands for the object store."""

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class Released:
    """Where released sounds lie for a while: a folder, or the object store of the clips."""

    place: Path | BucketShelf
    _window: int = field(default=-1, init=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False)

    def put(self, opaque: str, wav: bytes) -> str:
        """Lay a sound out by its opaque name; the name under which it lies. Raises StoreError.

        Asked for again and again, it takes the place of itself: nobody can fill the disk.
        """
        window = int(time.time() // WINDOW_SECONDS)
        name = f"{window}/{opaque}.wav"
        if isinstance(self.place, BucketShelf):
            self.place.write(name, wav)
        else:
            _write(self.place / name, wav)
        self._sweep_at(window)
        return name

    def for_nginx(self, name: str) -> str:
        """The internal address at which nginx finds a sound that was laid out."""
        if isinstance(self.place, BucketShelf):
            parts = urlsplit(self.signed(name))
            return f"{NGINX_OBJECTS}{parts.path}?{parts.query}"
        return NGINX_FOLDER + name

    def signed(self, name: str) -> str:
        """The address at which the object store sends a sound, for a minute."""
        assert isinstance(self.place, BucketShelf), "settings see to it"
        return self.place.signed(name, seconds=WINDOW_SECONDS)

    def sweep(self, window: int) -> None:
        """Remove what was laid out before the window that precedes ``window``."""
        if isinstance(self.place, BucketShelf):
            names = [name for name in self.place.names() if _is_before(name, window - 1)]
            self.place.remove(names)
            return
        for folder in self.place.iterdir():
            if _is_before(folder.name, window - 1):
                shutil.rmtree(folder, ignore_errors=True)

    def _sweep_at(self, window: int) -> None:
        """Sweep in the background, once per window and process."""
        with self._lock:
            if window <= self._window:
                return
            self._window = window
        threading.Thread(target=self._sweep_quietly, args=(window,), daemon=True).start()

    def _sweep_quietly(self, window: int) -> None:
        try:
            self.sweep(window)
        except (JndlabError, OSError):
            logger.warning("released sounds could not be swept", exc_info=True)


def _write(path: Path, wav: bytes) -> None:
    """A whole file, whoever else writes it now. Not flushed: lost, it is made once more."""
    make_folder(path.parent)
    writing = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    try:
        writing.write_bytes(wav)
        writing.replace(path)
    except OSError as error:
        writing.unlink(missing_ok=True)
        raise disk_error("the sounds that go out", error) from None


def _is_before(name: str, window: int) -> bool:
    number = name.partition("/")[0]
    return number.isdecimal() and int(number) < window


def open_released(settings: Settings) -> Released:
    """Where released sounds lie: beside the clips."""
    return _released(settings.clips_url, settings.released)


@lru_cache(maxsize=8)
def _released(url: str, folder: Path) -> Released:
    return Released(BucketShelf(f"{url}/released") if url else folder)
