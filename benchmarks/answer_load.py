"""Many connections that each answer one trial after the other, as fast as the server takes them.

A process of its own, one thread, sockets and ready-made requests: what it costs itself is taken
from the server, with which it shares the machine. It reads lists of requests from its standard
input (JSON: one list of texts per connection) and prints what it measured as JSON.

    python benchmarks/answer_load.py HOST PORT SECONDS < requests.json
"""

from __future__ import annotations

import json
import selectors
import socket
import sys
import time
from collections import deque
from dataclasses import dataclass, field
from typing import Any

PATIENCE_SECONDS = 30.0


@dataclass(slots=True)
class Connection:
    """A closed loop: the next request goes out when the answer to the last one has come."""

    requests: deque[bytes]
    socket: socket.socket
    received: bytes = b""
    sent_at: float = 0.0
    n_sent: int = 0
    n_confirmed: int = 0
    """Answers: requests by PUT."""
    is_answer: bool = False
    is_closing: bool = False
    """The server takes one request on each connection."""
    times: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def send(self) -> bool:
        """Send the next request; False where there is none."""
        if not self.requests:
            return False
        self.sent_at = time.perf_counter()
        self.n_sent += 1
        request = self.requests.popleft()
        self.is_answer = request.startswith(b"PUT")
        self.socket.send(request)
        return True

    def receive(self) -> bool:
        """Take in what has come; True once the whole answer is there."""
        chunk = self.socket.recv(65536)
        if not chunk:
            raise ConnectionError("closed by the server")
        self.received += chunk
        head, found, body = self.received.partition(b"\r\n\r\n")
        if not found or not _is_whole(head, body):
            return False
        self.times.append(time.perf_counter() - self.sent_at)
        self.is_closing = b"connection: close" in head.lower()
        if not head.startswith((b"HTTP/1.1 200", b"HTTP/1.1 201", b"HTTP/1.1 302")):
            self.errors.append((head.split(b"\r\n", 1)[0] + b" " + body[:200]).decode())
        else:
            self.n_confirmed += self.is_answer
        self.received = b""
        return True


def connect(host: str, port: int) -> socket.socket:
    """A socket that sends at once and never blocks."""
    opened = socket.create_connection((host, port), timeout=PATIENCE_SECONDS)
    opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    opened.setblocking(False)
    return opened


def _is_whole(head: bytes, body: bytes) -> bool:
    """Whether an answer has come to its end."""
    lowered = head.lower()
    _, found, rest = lowered.partition(b"content-length:")
    if found:
        return len(body) >= int(rest.split(b"\r\n", 1)[0])
    return b"chunked" not in lowered or body.endswith(b"0\r\n\r\n")


def run(
    requests: list[list[str]], host: str, port: int, seconds: float
) -> tuple[list[Connection], float]:
    """Answer until the time is over or nothing is left; returns the connections and the time."""
    selector = selectors.DefaultSelector()
    connections = []
    for own in requests:
        connection = Connection(deque(text.encode() for text in own), connect(host, port))
        selector.register(connection.socket, selectors.EVENT_READ, connection)
        connections.append(connection)
    begun = time.perf_counter()
    n_waiting = sum(connection.send() for connection in connections)
    ended = begun
    while n_waiting:
        events = selector.select(PATIENCE_SECONDS)
        if not events:
            connections[0].errors.append(f"{n_waiting} connections waited {PATIENCE_SECONDS} s")
            break
        for key, _ in events:
            connection = key.data
            try:
                if not connection.receive():
                    continue
                ended = time.perf_counter()
                more = ended - begun < seconds
                if more and connection.is_closing:
                    selector.unregister(connection.socket)
                    connection.socket.close()
                    connection.socket = connect(host, port)
                    selector.register(connection.socket, selectors.EVENT_READ, connection)
                more = more and connection.send()
            except OSError as error:
                connection.errors.append(repr(error))
                more = False
                selector.unregister(connection.socket)
            n_waiting -= not more
    for connection in connections:
        connection.socket.close()
    return connections, ended - begun


def main() -> None:
    host, port, seconds = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
    connections, lasted = run(json.load(sys.stdin), host, port, seconds)
    result: dict[str, Any] = {
        "seconds": lasted,
        "times": [round(one, 6) for connection in connections for one in connection.times],
        "used": [connection.n_sent for connection in connections],
        "n_confirmed": sum(connection.n_confirmed for connection in connections),
        "errors": [error for connection in connections for error in connection.errors],
    }
    json.dump(result, sys.stdout)


if __name__ == "__main__":
    main()
