"""The real nginx, as a process of its own, for as long as a test needs it."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import socket
import subprocess
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, Self

from tests.servers import free_port, until

TEMPLATE = Path(__file__).parents[1] / "deploy" / "nginx.conf.template"
PROGRAM = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
"""Where nginx is; None if it is not installed."""

MAIN = """
{user}
daemon off;
{processes}
pid {folder}/nginx.pid;
error_log {folder}/error.log warn;
events {{ worker_connections 1024; }}
http {{
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/jndlab.conf;
}}
"""
"""What a Debian or a container has around it."""

SOUNDS = """
server {{
    listen 127.0.0.1:{port};
    access_log off;
    server_tokens off;
    etag off;
    if_modified_since off;
    proxy_http_version 1.1;
    location / {{
        proxy_pass http://127.0.0.1:{behind};
        proxy_set_header Host $host;
        proxy_buffers 16 64k;
        proxy_max_temp_file_size 0;
    }}
    {locations}
}}
"""


def variables_of(template: str) -> set[str]:
    """The names that are filled in."""
    return set(re.findall(r"\$\{([A-Z_0-9]+)\}", template))


def fill_in(template: str, values: Mapping[str, str]) -> str:
    """The template with its variables, as envsubst does it: only those, and each of them."""
    assert variables_of(template) == set(values)
    return re.sub(r"\$\{([A-Z_0-9]+)\}", lambda found: values[found[1]], template)


@dataclass(kw_only=True)
class NginxProcess(ABC):
    """nginx on a port of the loopback interface; a context that ends it."""

    folder: Path
    """For its configuration and its logs."""
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None
    processes: ClassVar[str] = "master_process on; worker_processes 2;"

    @abstractmethod
    def servers(self) -> str:
        """What is inside of its http block."""

    def __enter__(self) -> Self:
        assert PROGRAM is not None
        self.folder.mkdir(parents=True, exist_ok=True)
        self.folder.chmod(0o755)
        (self.folder / "jndlab.conf").write_text(self.servers())
        # Where the tests run as root, the workers of nginx do too: folders of tests are private.
        user = "user root;" if os.geteuid() == 0 else ""
        main = self.folder / "nginx.conf"
        main.write_text(MAIN.format(user=user, processes=self.processes, folder=self.folder))
        command = [PROGRAM, "-e", str(self.folder / "error.log"), "-c", str(main)]
        subprocess.run([*command, "-t"], check=True, capture_output=True)
        with (self.folder / "out.log").open("ab") as out:
            self.process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,
            )
        until(self._listens, f"nginx to start; {self.folder}/error.log")
        return self

    def __exit__(self, *error: object) -> None:
        if self.process is not None:
            self.process.terminate()  # workers end with it
            self.process.wait(timeout=60)

    def _listens(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, (self.folder / "error.log").read_text()
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port)):
            return True
        return False


@dataclass(kw_only=True)
class SoundsNginx(NginxProcess):
    """Before one server, without TLS, with those shipped locations that send sounds."""

    behind: int
    """Port of the server that it stands before."""
    released: Path
    objects: str = "127.0.0.1:9"
    """Host and port of the object store."""
    internal: bool = True
    """False: whoever asks gets what is meant for nginx alone, to measure how fast that is."""
    processes: ClassVar[str] = "master_process off;"  # one process, whose time can be measured

    def servers(self) -> str:
        return SOUNDS.format(port=self.port, behind=self.behind, locations=self._locations())

    def _locations(self) -> str:
        wanted = ("/_released/", "/_objects/", "@away_api")
        text = TEMPLATE.read_text(encoding="utf-8")
        blocks = [re.search(rf"location {name} {{.*?^    }}", text, re.M | re.S) for name in wanted]
        found = "\n".join(block[0] for block in blocks if block is not None)
        assert all(blocks), "the shipped configuration has no such location"
        if not self.internal:
            found = found.replace("internal;", "")
        values = {
            "RELEASED": str(self.released),
            "OBJECTS": f"http://{self.objects}",
            "OBJECTS_HOST": self.objects,
        }
        return fill_in(found, values)
