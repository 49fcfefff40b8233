"""Two dialects of WebDriver: W3C over HTTP (Chromium, WebKit) and Firefox's own over TCP.

Debian has no geckodriver, so Firefox is spoken to as geckodriver would, in Marionette: the same
commands under other names.
"""

from __future__ import annotations

import http.client
import json
import socket
from typing import Any, Protocol

COMMANDS = {
    # command: (HTTP method, path in the session, Marionette's name)
    "goto": ("POST", "/url", "WebDriver:Navigate"),
    "refresh": ("POST", "/refresh", "WebDriver:Refresh"),
    "back": ("POST", "/back", "WebDriver:Back"),
    "find": ("POST", "/element", "WebDriver:FindElement"),
    "click": ("POST", "/element/{id}/click", "WebDriver:ElementClick"),
    "actions": ("POST", "/actions", "WebDriver:PerformActions"),
    "script": ("POST", "/execute/sync", "WebDriver:ExecuteScript"),
    "script later": ("POST", "/execute/async", "WebDriver:ExecuteAsyncScript"),
    "resize": ("POST", "/window/rect", "WebDriver:SetWindowRect"),
}
ANSWER_SECONDS = 120.0


class DriverError(Exception):
    """The driver refused; ``code`` is WebDriver's name of the error."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code


class Wire(Protocol):
    """A way to send commands to one browser window."""

    def command(self, name: str, **parameters: Any) -> Any: ...

    def close(self) -> None:
        """End the browser kindly."""
        ...


class HttpWire:
    """W3C WebDriver over HTTP, to a driver that listens on the loopback interface."""

    def __init__(self, port: int, capabilities: dict[str, Any]) -> None:
        self._port = port
        self._session = ""
        opened = self._send("POST", "/session", {"capabilities": {"alwaysMatch": capabilities}})
        self._session = f"/session/{opened['sessionId']}"
        self.version = str(opened["capabilities"]["browserVersion"])

    def command(self, name: str, **parameters: Any) -> Any:
        method, path, _ = COMMANDS[name]
        return self._send(method, path.format(**parameters), parameters)

    def close(self) -> None:
        self._send("DELETE", "", None)

    def _send(self, method: str, path: str, body: dict[str, Any] | None) -> Any:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=ANSWER_SECONDS)
        try:
            connection.request(
                method,
                self._session + path,
                body=None if body is None else json.dumps(body),
                headers={"Content-Type": "application/json"},
            )
            value = json.loads(connection.getresponse().read())["value"]
        finally:
            connection.close()
        if isinstance(value, dict) and "error" in value:
            raise DriverError(value["error"], value.get("message", ""))
        return value


class MarionetteWire:
    """Firefox's protocol: JSON with its length before it; one answer to each command."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=ANSWER_SECONDS)
        self._stream = self._socket.makefile("rb")
        self._number = 0
        self._receive()  # a greeting
        opened = self._send("WebDriver:NewSession", {"capabilities": {"alwaysMatch": {}}})
        self.version = str(opened["capabilities"]["browserVersion"])

    def command(self, name: str, **parameters: Any) -> Any:
        answer = self._send(COMMANDS[name][2], parameters)
        return answer.get("value", answer) if isinstance(answer, dict) else answer

    def close(self) -> None:
        try:
            self._send("Marionette:Quit", {"flags": ["eForceQuit"]})
        finally:
            self._stream.close()
            self._socket.close()

    def _send(self, name: str, parameters: dict[str, Any]) -> Any:
        self._number += 1
        message = json.dumps([0, self._number, name, parameters]).encode()
        self._socket.sendall(b"%d:%s" % (len(message), message))
        _, _, error, answer = self._receive()
        if error:
            raise DriverError(error["error"], error["message"])
        return answer

    def _receive(self) -> Any:
        digits = b""
        while not digits.endswith(b":"):
            byte = self._stream.read(1)
            if not byte:
                raise DriverError("connection lost", "Firefox has ended")
            digits += byte
        return json.loads(self._stream.read(int(digits[:-1])))
