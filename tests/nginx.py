"""A real nginx before a server of ours that sends sounds as the shipped configuration says."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from tests.servers import free_port, until

SHIPPED = Path(__file__).parents[1] / "deploy" / "nginx.conf.template"
PROGRAM = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")

CONFIGURATION = """
daemon off; master_process off; pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{ }}
http {{
    access_log off; server_tokens off; etag off; if_modified_since off;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    server {{
        listen 127.0.0.1:{port};
        proxy_http_version 1.1;
        location / {{
            proxy_pass http://127.0.0.1:{behind};
            proxy_set_header Host $host;
            proxy_buffers 16 64k;
            proxy_max_temp_file_size 0;
        }}
        {sounds}
    }}
}}
"""


@dataclass
class Nginx:
    """nginx on a port of the loopback interface; a context that ends it.

    Without TLS, and with those locations of the shipped configuration that send sounds.
    """

    folder: Path
    behind: int
    """Port of the server that it stands before."""
    released: Path
    objects: str = "127.0.0.1:9"
    """Host and port of the object store."""
    internal: bool = True
    """False: whoever asks gets what is meant for nginx alone, to measure how fast that is."""
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    def answers(self) -> bool:
        """Whether it listens now; fails if it has ended."""
        assert self.process is not None
        assert self.process.poll() is None, (self.folder / "error.log").read_text()
        with closing(socket.socket()) as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def sounds(self) -> str:
        """The shipped locations, filled in."""
        values = {
            "RELEASED": str(self.released),
            "OBJECTS": f"http://{self.objects}",
            "OBJECTS_HOST": self.objects,
        }
        wanted = ("/_released/", "/_objects/", "@away_api")
        text = SHIPPED.read_text(encoding="utf-8")
        blocks = [re.search(rf"location {name} {{.*?^    }}", text, re.M | re.S) for name in wanted]
        found = "\n".join(block[0] for block in blocks if block is not None)
        assert all(blocks), "the shipped configuration has no such location"
        if not self.internal:
            found = found.replace("internal;", "")
        return re.sub(r"\$\{(\w+)\}", lambda name: values[name[1]], found)

    def __enter__(self) -> Nginx:
        assert PROGRAM is not None
        self.folder.mkdir(parents=True, exist_ok=True)
        configuration = self.folder / "nginx.conf"
        configuration.write_text(
            CONFIGURATION.format(
                folder=self.folder, port=self.port, behind=self.behind, sounds=self.sounds()
            )
        )
        self.process = subprocess.Popen(
            [PROGRAM, "-c", str(configuration), "-e", str(self.folder / "error.log")],
            stdin=subprocess.DEVNULL,
        )
        until(self.answers, "nginx")
        return self

    def __exit__(self, *error: object) -> None:
        assert self.process is not None
        self.process.terminate()
        self.process.wait()
