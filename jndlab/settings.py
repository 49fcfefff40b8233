"""Deployment settings, from the environment. Frozen; never exported with a study.

The study file holds the science; this holds where and how a server runs.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
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
    oidc_issuer: str = ""
    """Address of an OpenID Connect provider for experimenters' sign-in (JNDLAB_OIDC_ISSUER)."""
    oidc_client_id: str = ""
    """Name under which the provider knows this server (JNDLAB_OIDC_CLIENT_ID)."""
    oidc_client_secret: str = field(default="", repr=False)
    """What the provider gave this server to prove itself (JNDLAB_OIDC_CLIENT_SECRET)."""

    @property
    def database(self) -> Path:
        """The SQLite file."""
        return self.data / "jndlab.db"

    @property
    def clips(self) -> Path:
        """Folder of rendered clips, each named by its digest."""
        return self.data / "clips"

    def study_folder(self, study_id: int) -> Path:
        """Folder of a study that is made in the browser: its file, sounds and uploads."""
        return self.data / "studies" / str(study_id)

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
        """The variables from which :func:`load_settings` makes these settings again.

        For a process of ours; not to be shown, as one of them is a secret.
        """
        return {
            "JNDLAB_DATA": str(self.data),
            "JNDLAB_HOST": self.host,
            "JNDLAB_PORT": str(self.port),
            "JNDLAB_PUBLIC_URL": self.public_url,
            "JNDLAB_OIDC_ISSUER": self.oidc_issuer,
            "JNDLAB_OIDC_CLIENT_ID": self.oidc_client_id,
            "JNDLAB_OIDC_CLIENT_SECRET": self.oidc_client_secret,
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
        **_sign_in_elsewhere(environment),
    )


def _sign_in_elsewhere(environment: Mapping[str, str]) -> dict[str, str]:
    """The settings of OpenID Connect: all of them or none."""
    names = ("oidc_issuer", "oidc_client_id", "oidc_client_secret")
    given = {name: environment.get(f"JNDLAB_{name.upper()}", "").strip() for name in names}
    missing = [f"JNDLAB_{name.upper()}" for name, value in given.items() if not value]
    if missing and len(missing) < len(names):
        raise ServerError(
            f"OpenID Connect is set up in part: {', '.join(missing)} is missing.",
            "Set JNDLAB_OIDC_ISSUER, JNDLAB_OIDC_CLIENT_ID and JNDLAB_OIDC_CLIENT_SECRET, or none.",
        )
    issuer = given["oidc_issuer"]
    on_this_machine = r"http://(127\.0\.0\.1|localhost|\[::1\])(:[0-9]+)?"
    if issuer and not re.fullmatch(rf"(https://[^/?#\s]+|{on_this_machine})(/[^?#\s]*)?", issuer):
        raise ServerError(
            f"JNDLAB_OIDC_ISSUER is {issuer!r}.",
            "Write the provider's address as https://NAME or https://NAME/PATH.",
        )
    return given
