"""The real nginx with the configuration that is shipped, on free ports and with a certificate.

Run as a script it prints the Debian package that is missing, or nothing.
"""

from __future__ import annotations

import contextlib
import datetime
import http.client
import ssl
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.nginx import PROGRAM, TEMPLATE, NginxProcess, fill_in
from tests.servers import free_port

PACKAGE = "nginx-light"
REQUIRED = "JNDLAB_NGINX_REQUIRED"
"""Variable: with 1 a missing nginx fails its tests instead of skipping them."""
NAME = "localhost"


@dataclass
class Answer:
    """What nginx has sent."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


@dataclass(kw_only=True)
class Nginx(NginxProcess):
    """Before two app servers, with all of the shipped configuration."""

    apps: tuple[int, int]
    """Their ports."""
    released: Path = Path("/nonexistent")
    objects: str = "http://127.0.0.1:1"
    http_port: int = field(default_factory=free_port)

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

    def servers(self) -> str:
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
        return fill_in(TEMPLATE.read_text(), values)

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
    if PROGRAM is None:
        sys.stdout.write(f"{PACKAGE}\n")
