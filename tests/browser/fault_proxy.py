"""A bad line between browser and server: requests and answers get lost, late, doubled or cut.

What happens to each request of the participant API is drawn from a seeded plan. The page itself
comes through whole: without it there is nothing to test.
"""

from __future__ import annotations

import contextlib
import http.client
import random
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal

Fault = Literal[
    "none",
    "request lost",
    "request cut",
    "request late",
    "request twice",
    "request again later",
    "request overtaken",
    "answer lost",
    "answer cut",
    "answer late",
]
FAULTS: tuple[Fault, ...] = (
    "request lost",
    "request cut",
    "request late",
    "request twice",
    "request again later",
    "request overtaken",
    "answer lost",
    "answer cut",
    "answer late",
)
DELAY_SECONDS = 0.4
LATER_SECONDS = 1.5
OVERTAKING_SECONDS = 1.0
"""How long a request waits for another to go before it."""
HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "proxy-connection", "host"}


@dataclass(frozen=True)
class Request:
    """A request as the browser sent it."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def is_answer(self) -> bool:
        """Whether it brings the answer to a trial."""
        return self.method == "PUT" and self.path.endswith("/response")


@dataclass(frozen=True)
class Answer:
    """What the server said."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes


@dataclass
class FaultProxy:
    """A proxy on a port of its own, in front of the server on ``server_port``."""

    server_port: int
    before: Callable[[Request], None] = lambda request: None
    """Called before a request goes on to the server."""
    after: Callable[[Request], None] = lambda request: None
    """Called when the server has answered, before the browser learns of it."""
    happened: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self._plan = random.Random(0)
        self._share = 0.0
        self._bag: list[Fault] = []
        self._lock = threading.Lock()
        self._forwarded = threading.Condition()
        proxy = self

        class Handler(_Handler):
            def handle_request(self, request: Request) -> None:
                proxy.handle(self, request)

        self._listener = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._listener.daemon_threads = True
        self._thread = threading.Thread(target=self._listener.serve_forever, daemon=True)

    @property
    def port(self) -> int:
        return int(self._listener.server_address[1])

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> FaultProxy:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._listener.shutdown()
        self._listener.server_close()
        self._thread.join()

    def plan_faults(self, seed: int, share: float) -> None:
        """From now on, something happens to that share of the requests to the participant API."""
        self._plan = random.Random(seed)
        self._share = share

    def draw(self, request: Request) -> Fault:
        """What happens to this request: every fault comes once before any comes again."""
        if not request.path.startswith("/api/"):
            return "none"
        with self._lock:
            if self._plan.random() >= self._share:
                return "none"
            if not self._bag:
                self._bag = self._plan.sample(FAULTS, len(FAULTS))
            fault = self._bag.pop()
            self.happened[fault] += 1
            return fault

    def handle(self, browser: _Handler, request: Request) -> None:
        """Pass a request on, or not."""
        fault = self.draw(request)
        if fault == "request lost":
            return
        if fault == "request cut":
            self._send_half(request)
            return
        if fault == "request late":
            time.sleep(DELAY_SECONDS)
        if fault == "request overtaken":
            with self._forwarded:
                self._forwarded.wait(OVERTAKING_SECONDS)
        if fault == "request again later":
            threading.Timer(LATER_SECONDS, self._quietly, (request,)).start()
        self.before(request)
        try:
            if fault == "request twice":
                self._forward(request)
            answer = self._forward(request)
            self.after(request)
        except (OSError, http.client.HTTPException):
            return  # the server is away: the browser's connection breaks, too
        if fault == "answer late":
            time.sleep(DELAY_SECONDS)
        if fault != "answer lost":
            browser.give(answer, cut=fault == "answer cut")

    def _forward(self, request: Request) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.server_port, timeout=60)
        with contextlib.closing(connection):
            headers = {**request.headers, "Host": f"127.0.0.1:{self.port}"}
            connection.request(request.method, request.path, body=request.body, headers=headers)
            response = connection.getresponse()
            answer = Answer(response.status, response.getheaders(), response.read())
        with self._forwarded:
            self._forwarded.notify_all()
        return answer

    def _quietly(self, request: Request) -> None:
        with contextlib.suppress(OSError, http.client.HTTPException):
            self._forward(request)

    def _send_half(self, request: Request) -> None:
        """The first half of a request, and then the line breaks."""
        lines = [f"{request.method} {request.path} HTTP/1.1", f"Host: 127.0.0.1:{self.port}"]
        lines += [f"{name}: {value}" for name, value in request.headers.items()]
        whole = "\r\n".join([*lines, "", ""]).encode() + request.body
        half = whole[: len(whole) - max(1, len(request.body) // 2)]
        with (
            contextlib.suppress(OSError),
            socket.create_connection(("127.0.0.1", self.server_port), timeout=10) as line,
        ):
            line.sendall(half)


class _Handler(BaseHTTPRequestHandler):
    """The side of the browser: one request per connection, so that a broken one breaks no other."""

    protocol_version = "HTTP/1.1"

    def handle_request(self, request: Request) -> None:
        raise NotImplementedError

    def give(self, answer: Answer, *, cut: bool) -> None:
        """Send the answer, or with ``cut`` only the first half of it."""
        with contextlib.suppress(OSError):
            self.send_response_only(answer.status)
            for name, value in _passed_on(answer.headers):
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.body)))
            self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(answer.body[: len(answer.body) // 2] if cut else answer.body)

    def _any(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {k: v for k, v in self.headers.items() if k.lower() not in HOP_BY_HOP}
        self.close_connection = True
        self.handle_request(Request(self.command, self.path, headers, body))

    do_GET = do_POST = do_PUT = do_DELETE = _any

    def log_message(self, format: str, *arguments: Any) -> None:
        """Say nothing."""


def _passed_on(headers: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    skipped = HOP_BY_HOP | {"content-length"}
    return [(name, value) for name, value in headers if name.lower() not in skipped]
