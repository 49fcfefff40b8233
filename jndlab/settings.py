"""Deployment settings, from the environment. Frozen; never exported with a study.

The study file holds the science; this holds where and how a server runs.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from jndlab.errors import ServerError

DEFAULT_WORKERS = 2
"""On PostgreSQL, where several processes do not wait for each other."""
LOG_FORMS = ("text", "json")
MIN_METRICS_TOKEN = 16


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
    database_url: str = field(default="", repr=False)
    """A PostgreSQL database, password included; empty: SQLite (JNDLAB_DATABASE_URL)."""
    workers: int = 1
    """Processes that answer requests; on SQLite always one (JNDLAB_WORKERS)."""
    log: str = "text"
    """How the server writes its log: text or json (JNDLAB_LOG)."""
    log_requests: bool = False
    """Whether every request is in the log (JNDLAB_LOG_REQUESTS)."""
    metrics_token: str = field(default="", repr=False)
    """What Prometheus has to show to get /metrics; empty: there are none (JNDLAB_METRICS_TOKEN)."""
    clips_url: str = ""
    """An object store for the clips, s3://BUCKET/PREFIX; empty: a folder (JNDLAB_CLIPS_URL)."""
    clips_by: Literal["app", "nginx", "signed"] = "app"
    """Who sends sounds: this server, nginx, or the store by signed links (JNDLAB_CLIPS_BY)."""
    backup_to: Path | None = None
    """Folder that the server backs up to by itself; None: it does not (JNDLAB_BACKUP_TO)."""
    backup_hours: int = 24
    """How long after a backup the next one is made (JNDLAB_BACKUP_HOURS)."""
    backup_keep: int = 14
    """How many backups are kept, the newest ones (JNDLAB_BACKUP_KEEP)."""
    dask: str = ""
    """Address of a Dask scheduler for simulations and batches; empty: none (JNDLAB_DASK)."""
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
        """Folder of rendered clips, where they are in no object store."""
        return self.data / "clips"

    @property
    def released(self) -> Path:
        """Folder of sounds that nginx is about to send, for a minute each."""
        return self.data / "released"

    def study_folder(self, study_id: int) -> Path:
        """Folder of a study that is made in the browser: its file, sounds and uploads."""
        return self.data / "studies" / str(study_id)

    @property
    def jobs(self) -> Path:
        """Folder with a folder for each job that makes files."""
        return self.data / "jobs"

    def job_folder(self, public_id: str) -> Path:
        """Where a job puts its files."""
        return self.jobs / public_id

    @property
    def clips_to_delete(self) -> Path:
        """Folder with a list for each deleted study whose clips are still to be deleted."""
        return self.data / "clips-to-delete"

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

    @property
    def cookie_prefix(self) -> str:
        """In front of names of cookies: over HTTPS no other host can set or read ours."""
        return "__Host-" if self.secure_cookies else ""

    def to_environment(self) -> dict[str, str]:
        """The variables from which :func:`load_settings` makes these settings again.

        For a process of ours; not to be shown, as one of them is a secret.
        """
        return {
            "JNDLAB_DATA": str(self.data),
            "JNDLAB_HOST": self.host,
            "JNDLAB_PORT": str(self.port),
            "JNDLAB_PUBLIC_URL": self.public_url,
            "JNDLAB_DATABASE_URL": self.database_url,
            "JNDLAB_WORKERS": str(self.workers),
            "JNDLAB_LOG": self.log,
            "JNDLAB_LOG_REQUESTS": "yes" if self.log_requests else "no",
            "JNDLAB_METRICS_TOKEN": self.metrics_token,
            "JNDLAB_CLIPS_URL": self.clips_url,
            "JNDLAB_CLIPS_BY": self.clips_by,
            "JNDLAB_BACKUP_TO": str(self.backup_to or ""),
            "JNDLAB_BACKUP_HOURS": str(self.backup_hours),
            "JNDLAB_BACKUP_KEEP": str(self.backup_keep),
            "JNDLAB_DASK": self.dask,
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
        **_database(environment),
        **_clips(environment),
        **_observation(environment),
        **_backups(environment),
        dask=_dask(environment),
        **_sign_in_elsewhere(environment),
    )


def _database(environment: Mapping[str, str]) -> dict[str, Any]:
    """Which database, and how many processes use it."""
    url = environment.get("JNDLAB_DATABASE_URL", "").strip()
    if url and not re.fullmatch(r"postgresql(\+psycopg)?://\S+", url):
        raise ServerError(  # without the address: there may be a password in it
            "JNDLAB_DATABASE_URL is no address of a PostgreSQL database.",
            "Write it as postgresql://USER:PASSWORD@HOST/NAME, or leave it out for SQLite.",
        )
    text = environment.get("JNDLAB_WORKERS", "").strip()
    if text and not re.fullmatch("[1-9][0-9]?", text):
        raise ServerError(f"JNDLAB_WORKERS is {text!r}.", "Set it to a number from 1 to 99.")
    if not url and text not in ("", "1"):
        raise ServerError(
            f"JNDLAB_WORKERS is {text}, and the database is SQLite.",
            "One process is faster there: leave it out, or set JNDLAB_DATABASE_URL.",
        )
    return {"database_url": url, "workers": int(text or (DEFAULT_WORKERS if url else 1))}


def _observation(environment: Mapping[str, str]) -> dict[str, Any]:
    """What the server tells of itself: its log, and figures for Prometheus."""
    log = environment.get("JNDLAB_LOG", "").strip() or "text"
    if log not in LOG_FORMS:
        raise ServerError(f"JNDLAB_LOG is {log!r}.", f"Set it to {' or '.join(LOG_FORMS)}.")
    requests = environment.get("JNDLAB_LOG_REQUESTS", "").strip() or "no"
    if requests not in ("yes", "no"):
        raise ServerError(f"JNDLAB_LOG_REQUESTS is {requests!r}.", "Set it to yes or no.")
    token = environment.get("JNDLAB_METRICS_TOKEN", "").strip()
    if token and not re.fullmatch(f"[!-~]{{{MIN_METRICS_TOKEN},}}", token):
        raise ServerError(  # without the token, as this may be shown
            "JNDLAB_METRICS_TOKEN is too short, or has characters that no header can carry.",
            f"Make one of {MIN_METRICS_TOKEN} or more letters and digits: openssl rand -hex 24",
        )
    return {"log": log, "log_requests": requests == "yes", "metrics_token": token}


def _clips(environment: Mapping[str, str]) -> dict[str, Any]:
    """Where clips lie, and who sends them."""
    url = environment.get("JNDLAB_CLIPS_URL", "").strip().rstrip("/")
    if url and not re.fullmatch(r"s3://[a-z0-9][a-z0-9.-]{2,62}(/[A-Za-z0-9._-]+)*", url):
        raise ServerError(
            f"JNDLAB_CLIPS_URL is {url!r}.", "Write it as s3://BUCKET or s3://BUCKET/PREFIX."
        )
    by = environment.get("JNDLAB_CLIPS_BY", "").strip() or "app"
    if by not in ("app", "nginx", "signed"):
        raise ServerError(f"JNDLAB_CLIPS_BY is {by!r}.", "Set it to app, nginx or signed.")
    if by == "signed" and not url:
        raise ServerError(
            "JNDLAB_CLIPS_BY is signed, and the clips are in a folder.",
            "Set JNDLAB_CLIPS_URL to an object store, or JNDLAB_CLIPS_BY to app or nginx.",
        )
    return {"clips_url": url, "clips_by": by}


def _backups(environment: Mapping[str, str]) -> dict[str, Any]:
    """Where the server backs up to by itself, how often, and how many it keeps."""
    given: dict[str, Any] = {}
    for name in ("backup_hours", "backup_keep"):
        variable = f"JNDLAB_{name.upper()}"
        text = environment.get(variable, "").strip()
        if text and not re.fullmatch("[1-9][0-9]{0,3}", text):
            raise ServerError(f"{variable} is {text!r}.", "Set it to a number from 1 to 9999.")
        if text:
            given[name] = int(text)
    folder = environment.get("JNDLAB_BACKUP_TO", "").strip()
    if folder and not Path(folder).is_absolute():
        raise ServerError(
            f"JNDLAB_BACKUP_TO is {folder!r}.", "Write the whole path, such as /backup/jndlab."
        )
    return {**given, "backup_to": Path(folder) if folder else None}


def _dask(environment: Mapping[str, str]) -> str:
    """The address of a Dask scheduler."""
    address = environment.get("JNDLAB_DASK", "").strip()
    if address and not re.fullmatch(r"[a-z]+://[^/?#\s:]+:[0-9]{1,5}", address):
        raise ServerError(
            f"JNDLAB_DASK is {address!r}.",
            "Write the address of a Dask scheduler, such as tcp://127.0.0.1:8786, or leave it out.",
        )
    return address


def _sign_in_elsewhere(environment: Mapping[str, str]) -> dict[str, Any]:
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
