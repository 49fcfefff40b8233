"""A listener's connection to a server that sends sounds in one of all the ways there are."""

from __future__ import annotations

import http.client
import json
import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal
from unittest import mock
from urllib.parse import urlsplit

from werkzeug.serving import make_server

from jndlab.settings import Settings
from jndlab.store.engine import open_store
from jndlab.store.studies import all_studies, definition_of, require_version
from jndlab.studies import launch_study
from jndlab.web.app import create_app
from tests.builders import write_study
from tests.nginx import SoundsNginx
from tests.object_store import ObjectStore
from tests.store.launching import Launched

API = "/api/v1"
Way = Literal["app", "objects", "nginx", "nginx-objects", "signed"]
WAYS: tuple[Way, ...] = ("app", "objects", "nginx", "nginx-objects", "signed")
"""Clips in a folder, or in an object store, sent by the server; by nginx, from either; by links."""


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer, as it came over the line."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def header(self, name: str) -> str | None:
        found = [value for key, value in self.headers if key.lower() == name.lower()]
        return found[0] if found else None


@dataclass(frozen=True)
class Sending:
    """A running server with one launched study."""

    way: Way
    launched: Launched
    port: int
    store: ObjectStore | None

    def ask(
        self,
        method: str,
        path: str,
        *,
        token: str = "",
        body: object = None,
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        """One request to the server, or to the address that it gave."""
        parts = urlsplit(path)
        sent = dict(headers or {})
        if token:
            sent["Authorization"] = f"Bearer {token}"
        if body is not None:
            sent["Content-Type"] = "application/json"
        address = parts.path + (f"?{parts.query}" if parts.query else "")
        port = parts.port or self.port
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        connection.request(method, address, json.dumps(body) if body else None, sent)
        answer = connection.getresponse()
        reply = Reply(answer.status, tuple(answer.getheaders()), answer.read())
        connection.close()
        return reply

    def json(self, method: str, path: str, *, token: str = "", body: object = None) -> Any:
        """The content of an answer that has to be no refusal."""
        reply = self.ask(method, API + path, token=token, body=body)
        assert reply.status < 400, reply
        return json.loads(reply.body)

    def open(self) -> str:
        """The token of a session that needs no checks."""
        return self.launched.open()

    def sound(self, address: str, token: str, **headers: str) -> tuple[Reply, ...]:
        """The answers to a request for a sound, the one with the sound last."""
        first = self.ask("GET", address, token=token, headers=headers)
        location = first.header("Location")
        if location is None:
            return (first,)
        return (first, self.ask("GET", location, headers=headers))


@contextmanager
def sending(way: Way, folder: Path, store: ObjectStore | None) -> Iterator[Sending]:
    """A server that sends in that way, with a study that was launched for it."""
    settings = Settings(data=folder / "data")
    if way in ("objects", "nginx-objects", "signed"):
        assert store is not None
        settings = replace(settings, clips_url=store.url(way))
    if way in ("nginx", "nginx-objects"):
        settings = replace(settings, clips_by="nginx")
    if way == "signed":
        settings = replace(settings, clips_by="signed")
    with ExitStack() as stack:
        if store is not None:
            stack.enter_context(mock.patch.dict(os.environ, store.environment))
        launched = _launch(settings, folder)
        stack.callback(launched.store.close)
        app = create_app(launched.settings, launched.store)
        server = make_server("127.0.0.1", 0, app, threaded=True)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        stack.callback(thread.join)
        stack.callback(server.shutdown)
        port = server.server_port
        if settings.clips_by == "nginx":
            objects = "127.0.0.1:9" if store is None else f"127.0.0.1:{store.port}"
            nginx = SoundsNginx(
                folder=folder / "nginx", behind=port, released=settings.released, objects=objects
            )
            port = stack.enter_context(nginx).port
        yield Sending(way, launched, port, store)


def _launch(settings: Settings, folder: Path) -> Launched:
    store = open_store(settings)
    design = {"practice_trials": 0, "identical_trials": 2, "gross_trials": 0}
    launch_study(store, settings, write_study(folder / "study", design=design, checks=[]))
    with store.read() as db:
        row = all_studies(db)[0]
        return Launched(settings, store, definition_of(require_version(db, row.id)), row.link)
