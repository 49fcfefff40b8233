"""The real nginx with the configuration that is shipped, on free ports and with a certificate.

Run as a script it prints the Debian package that is missing, or nothing.
"""

from __future__ import annotations

import contextlib
import datetime
import http.client
import os
import re
import shutil
import socket
import ssl
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.servers import free_port, until

PACKAGE = "nginx-light"
REQUIRED = "JNDLAB_NGINX_REQUIRED"
"""Variable: with 1 a missing nginx fails its tests instead of skipping them."""
NAME = "localhost"
TEMPLATE = Path(__file__).parents[2] / "deploy" / "nginx.conf.template"
MAIN = """
daemon off;
master_process on;
worker_processes 2;
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


def find_program() -> str | None:
    """Where nginx is; None if it is not installed."""
    return shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")


def variables_of(template: str) -> set[str]:
    """The names that are filled in."""
    return set(re.findall(r"\$\{([A-Z_0-9]+)\}", template))


def fill_in(template: str, values: Mapping[str, str]) -> str:
    """The template with its variables, as envsubst does it: only those, and each of them."""
    assert variables_of(template) == set(values)
    return re.sub(r"\$\{([A-Z_0-9]+)\}", lambda found: values[found[1]], template)


@dataclass
class Answer:
    """What nginx has sent."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


@dataclass
class Nginx:
    """nginx before two app servers. A context that ends it."""

    folder: Path
    apps: tuple[int, int]
    """Their ports."""
    released: Path = Path("/nonexistent")
    objects: str = "http://127.0.0.1:1"
    port: int = field(default_factory=free_port)
    http_port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"https://{NAME}:{self.port}"

    @property
    def certificate(self) -> Path:
        return self.folder / "certificate.pem"

    @property
    def log(self) -> Path:
        """One line per request."""
        return self.folder / "access.log"

    @cached_property
    def trust(self) -> ssl.SSLContext:
        """For clients: the certificate, and no other."""
        return ssl.create_default_context(cafile=str(self.certificate))

    def __enter__(self) -> Self:
        program = find_program()
        assert program is not None
        self.folder.mkdir(parents=True, exist_ok=True)
        self.folder.chmod(0o755)
        write_certificate(self.certificate, self.folder / "key.pem")
        values = {
            "SERVER_NAME": NAME,
            "PUBLIC_URL": self.url,
            "HTTP_PORT": f"127.0.0.1:{self.http_port}",
            "HTTPS_PORT": f"127.0.0.1:{self.port}",
            "APP_1": f"127.0.0.1:{self.apps[0]}",
            "APP_2": f"127.0.0.1:{self.apps[1]}",
            "OBJECTS": self.objects,
            "OBJECTS_HOST": self.objects.removeprefix("http://"),
            "RELEASED": str(self.released),
            "CERTIFICATE": str(self.certificate),
            "CERTIFICATE_KEY": str(self.folder / "key.pem"),
            "ACME": str(self.folder / "acme"),
            "LOG": str(self.log),
            "ERROR_LOG": str(self.folder / "error.log"),
        }
        (self.folder / "jndlab.conf").write_text(fill_in(TEMPLATE.read_text(), values))
        main = self.folder / "nginx.conf"
        # Where the tests run as root, the workers of nginx do too: folders of tests are private.
        main.write_text(
            ("user root;" if os.geteuid() == 0 else "") + MAIN.format(folder=self.folder)
        )
        command = [program, "-e", str(self.folder / "error.log"), "-c", str(main)]
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

    def get(
        self, path: str, headers: Mapping[str, str] | None = None, *, method: str = "GET"
    ) -> Answer:
        """The answer to one request over HTTPS; redirections are not followed."""
        connection = http.client.HTTPSConnection(NAME, self.port, timeout=60, context=self.trust)
        return _ask(connection, method, path, headers)

    def get_in_the_clear(self, path: str, headers: Mapping[str, str] | None = None) -> Answer:
        """The same over HTTP."""
        connection = http.client.HTTPConnection(NAME, self.http_port, timeout=60)
        return _ask(connection, "GET", path, headers)


def _ask(
    connection: http.client.HTTPConnection,
    method: str,
    path: str,
    headers: Mapping[str, str] | None,
) -> Answer:
    with contextlib.closing(connection):
        connection.request(method, path, headers=dict(headers or {}))
        answer = connection.getresponse()
        return Answer(answer.status, answer.msg, answer.read())


def write_certificate(certificate: Path, key_file: Path) -> None:
    """A certificate for NAME that signs itself, good for a day."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    key_file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )


if __name__ == "__main__":
    if find_program() is None:
        sys.stdout.write(f"{PACKAGE}\n")
