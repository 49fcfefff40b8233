"""Simulated listeners before servers that are gone, wrong or broken: an error, never a crash."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from builders import make_definition

from jndlab.cli import cli
from jndlab.errors import ServerError
from jndlab.listeners.http import simulate_over_http
from jndlab.listeners.model import Truth

STUDY = make_definition()


@contextmanager
def server(answers: dict[str, tuple[int, bytes]]) -> Iterator[str]:
    """A server that gives the same answer to each path, and nothing to others."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            status, content = answers.get(self.path, (0, b""))
            if status == 0:  # a connection that breaks
                self.close_connection = True
                return
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PUT = answer

        def log_message(self, *arguments: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        thread = threading.Thread(target=running.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{running.server_port}"
        finally:
            running.shutdown()
            thread.join()


def simulate(url: str) -> None:
    simulate_over_http(STUDY, url=url, link="x", truth=Truth(), n_listeners=1, seed=1)


def said_by(answers: dict[str, tuple[int, bytes]]) -> ServerError:
    with server(answers) as url, pytest.raises(ServerError) as caught:
        simulate(url)
    assert caught.value.remedy
    return caught.value


OPENED = (200, json.dumps({"token": "t", "participant": 1}).encode())


@pytest.mark.parametrize(
    "answer",
    [
        (200, b"<html>hello</html>"),
        (200, b""),
        (200, b"\xff\xfe"),
        (200, b"[]"),
        (200, b'{"other": 1}'),
        (200, b'{"token": "t", "participant": "many"}'),
        (404, b"<html>not here</html>"),
        (500, b'{"error": "x"}'),
        (503, b""),
    ],
    ids=str,
)
def test_a_server_that_is_no_jndlab_is_an_error(answer: tuple[int, bytes]) -> None:
    said_by({"/api/v1/sessions": answer})


def test_a_refusal_is_passed_on_with_its_remedy() -> None:
    error = {"error": {"code": "not-found", "message": "No such link.", "remedy": "Copy it."}}
    said = said_by({"/api/v1/sessions": (404, json.dumps(error).encode())})
    assert "No such link." in said.message
    assert said.remedy == "Copy it."


def test_a_connection_that_keeps_breaking_is_an_error() -> None:
    assert "No server answers" in said_by({}).message


def test_nobody_listening_is_an_error_that_names_an_option_that_exists(free_port: int) -> None:
    with pytest.raises(ServerError, match="No server answers") as caught:
        simulate(f"http://127.0.0.1:{free_port}")
    options = {option for entry in cli.commands["simulate"].params for option in entry.opts}
    named = [word.strip(".,()") for word in caught.value.remedy.split() if word.startswith("--")]
    assert set(named) <= options


def test_a_server_with_another_plan_is_an_error() -> None:
    shown = (200, json.dumps({"number": 7, "intervals": []}).encode())
    said = said_by({"/api/v1/sessions": OPENED, "/api/v1/trial": shown})
    assert "presents trial 7, the plan says 1" in said.message


def test_intervals_of_different_length_are_an_error() -> None:
    intervals = [{"clip": "/a"}, {"clip": "/b"}, {"clip": "/a"}]
    said = said_by(
        {
            "/api/v1/sessions": OPENED,
            "/api/v1/trial": (200, json.dumps({"number": 1, "intervals": intervals}).encode()),
            "/a": (200, b"12"),
            "/b": (200, b"123"),
        }
    )
    assert "differ in length" in said.message
