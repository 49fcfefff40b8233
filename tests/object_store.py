"""A real server that speaks the protocol of S3, as a process of its own, with one bucket."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import urllib.request
from dataclasses import dataclass, field

from tests.servers import free_port, until

BUCKET = "listening"


@dataclass
class ObjectStore:
    """A moto server on a port of the loopback interface; a context that ends it."""

    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        """The variables by which a program finds it."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_REGION": "us-east-1",
        }

    def url(self, prefix: str) -> str:
        """What JNDLAB_CLIPS_URL is for clips under that prefix."""
        return f"s3://{BUCKET}/{prefix}"

    def answers(self) -> bool:
        """Whether it answers now; fails if it has ended."""
        assert self.process is not None
        assert self.process.poll() is None, "the object store has ended"
        with contextlib.suppress(OSError), urllib.request.urlopen(f"{self.endpoint}/", timeout=5):
            return True
        return False

    def __enter__(self) -> ObjectStore:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(self.port)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        until(self.answers, "the object store")
        request = urllib.request.Request(f"{self.endpoint}/{BUCKET}", method="PUT")
        urllib.request.urlopen(request, timeout=30).close()
        return self

    def __exit__(self, *error: object) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.wait()
