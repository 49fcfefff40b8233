"""Deployment settings, from the environment. Frozen; never exported with a study.

The study file holds the science; this holds where and how a server runs.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from jndlab.errors import ServerError


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Where data lie and where the server listens."""

    data: Path = Path("jndlab-data")
    """Folder of database, clips and secret key (JNDLAB_DATA)."""
    host: str = "127.0.0.1"
    """Address that the server binds to (JNDLAB_HOST)."""
    port: int = 8000
    """Port that the server binds to (JNDLAB_PORT)."""
    public_url: str = ""
    """How participants reach the server, where a proxy stands before it (JNDLAB_PUBLIC_URL)."""

    @property
    def database(self) -> Path:
        """The SQLite file."""
        return self.data / "jndlab.db"

    @property
    def clips(self) -> Path:
        """Folder of rendered clips, each named by its digest."""
        return self.data / "clips"

    @property
    def running_at(self) -> Path:
        """File that holds the address of the server while one runs on this data folder."""
        return self.data / "running-at"

    @property
    def local_url(self) -> str:
        """How the server is reached on its own machine."""
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)
        return f"http://[{host}]:{self.port}" if ":" in host else f"http://{host}:{self.port}"

    @property
    def url(self) -> str:
        """Base of all links, without a slash at the end."""
        return self.public_url.rstrip("/") or self.local_url

    @property
    def secure_cookies(self) -> bool:
        """Whether cookies travel over HTTPS only."""
        return self.url.startswith("https://")

    def to_environment(self) -> dict[str, str]:
        """The variables from which :func:`load_settings` makes these settings again."""
        return {
            "JNDLAB_DATA": str(self.data),
            "JNDLAB_HOST": self.host,
            "JNDLAB_PORT": str(self.port),
            "JNDLAB_PUBLIC_URL": self.public_url,
        }


def load_settings(
    environment: Mapping[str, str] = os.environ,
    *,
    data: Path | None = None,
    host: str | None = None,
    port: int | None = None,
) -> Settings:
    """Settings from the environment; arguments that are not None come first."""
    default = Settings()
    text = environment.get("JNDLAB_PORT", "")
    if text and not (re.fullmatch("[0-9]{1,5}", text) and 0 < int(text) < 65536):
        raise ServerError(f"JNDLAB_PORT is {text!r}.", "Set it to a number from 1 to 65535.")
    public_url = environment.get("JNDLAB_PUBLIC_URL", "")
    if public_url and not re.fullmatch(r"https?://[^/?#\s]+/?", public_url):
        raise ServerError(
            f"JNDLAB_PUBLIC_URL is {public_url!r}.",
            "Write it as https://NAME (or http://NAME:PORT), without a path: a host name "
            "of its own.",
        )
    return Settings(
        data=data or Path(environment.get("JNDLAB_DATA") or default.data),
        host=host or environment.get("JNDLAB_HOST") or default.host,
        port=port or int(text or default.port),
        public_url=public_url,
    )
