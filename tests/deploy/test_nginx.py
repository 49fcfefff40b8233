"""What nginx adds to the app servers, with the configuration that is shipped."""

from __future__ import annotations

import json
import re
import socket
import ssl

import pytest

from tests.deploy.nginx import NAME, Answer
from tests.deploy.site import TOKEN, Site
from tests.servers import until

HSTS = "max-age=63072000; includeSubDomains"
ONCE = (
    "Strict-Transport-Security",
    "Content-Security-Policy",
    "X-Content-Type-Options",
    "Referrer-Policy",
    "Cross-Origin-Resource-Policy",
    "Cache-Control",
    "X-Request-ID",
)
"""Headers of every answer, whoever gives it."""


def require_headers(answer: Answer) -> None:
    for name in ONCE:
        assert len(answer.headers.get_all(name, [])) == 1, (name, answer.headers.items())
    assert answer.headers["Strict-Transport-Security"] == HSTS
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Server"] == "nginx"


@pytest.mark.parametrize(
    "path", ["/sign-in", "/s/LINK", "/s/nothing", "/api/v1/session", "/api/v1/openapi.json"]
)
def test_every_answer_has_each_header_once(site: Site, path: str) -> None:
    require_headers(site.nginx.get(path.replace("LINK", site.link)))


@pytest.mark.parametrize(
    ("path", "status"),
    [("/metrics", 404), ("/_released/1/x.wav", 503), ("/_objects/bucket/x.wav", 503)],
)
def test_what_is_for_the_inside_is_not_there_for_others(site: Site, path: str, status: int) -> None:
    answer = site.nginx.get(path, {"Authorization": f"Bearer {TOKEN.replace(' ', '-')}"})
    assert answer.status == status
    require_headers(answer)


def test_too_large_a_body_is_refused_by_nginx_in_the_same_dress(site: Site) -> None:
    answer = site.nginx.get("/sign-in", {"Content-Length": str(10**9)}, method="POST")
    assert answer.status == 413
    require_headers(answer)


def test_http_leads_to_https_on_the_same_host(site: Site) -> None:
    answer = site.nginx.get_in_the_clear("/s/x?PROLIFIC_PID=1")
    assert answer.status == 308
    assert answer.headers["Location"] == f"{site.nginx.url}/s/x?PROLIFIC_PID=1"
    assert "Set-Cookie" not in answer.headers


def test_another_name_gets_no_answer(site: Site) -> None:
    with socket.create_connection((NAME, site.nginx.http_port), timeout=60) as plain:
        plain.sendall(b"GET / HTTP/1.1\r\nHost: other.example\r\n\r\n")
        assert plain.recv(1000) == b""
    unchecked = ssl.create_default_context()
    unchecked.check_hostname, unchecked.verify_mode = False, ssl.CERT_NONE
    with (
        socket.create_connection((NAME, site.nginx.port), timeout=60) as raw,
        pytest.raises(ssl.SSLError),
    ):
        unchecked.wrap_socket(raw, server_hostname="other.example")


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_tls_is_of_today(site: Site, version: ssl.TLSVersion) -> None:
    context = ssl.create_default_context(cafile=str(site.nginx.certificate))
    context.minimum_version = context.maximum_version = version
    with (
        socket.create_connection((NAME, site.nginx.port), timeout=60) as raw,
        context.wrap_socket(raw, server_hostname=NAME) as secure,
    ):
        cipher = secure.cipher()
        assert cipher is not None
        assert re.search("GCM|POLY1305", cipher[0])


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
def test_tls_of_yesterday_is_refused(site: Site) -> None:
    context = ssl.create_default_context(cafile=str(site.nginx.certificate))
    context.minimum_version = ssl.TLSVersion.TLSv1
    context.maximum_version = ssl.TLSVersion.TLSv1_1
    context.set_ciphers("ALL:@SECLEVEL=0")
    with (
        socket.create_connection((NAME, site.nginx.port), timeout=60) as raw,
        pytest.raises(ssl.SSLError),
    ):
        context.wrap_socket(raw, server_hostname=NAME)


def test_one_id_is_in_the_answer_and_in_both_logs_and_is_not_the_clients(site: Site) -> None:
    forged = "f" * 32
    answer = site.nginx.get("/sign-in", {"X-Request-ID": forged})
    request_id = answer.headers["X-Request-ID"]
    assert re.fullmatch("[0-9a-f]{32}", request_id)
    assert request_id != forged
    until(lambda: request_id in site.nginx.log.read_text(), "nginx to write its line")
    lines = [json.loads(line) for line in site.nginx.log.read_text().splitlines()]
    assert [line["status"] for line in lines if line["request"] == request_id] == ["200"]
    log = site.apps[0].log.read_text()
    assert log.count(f'"request": "{request_id}"') == 1
    assert forged not in log
