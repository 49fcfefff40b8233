"""Our pages behind the shipped nginx, by the rules of MDN's HTTP observatory: A+."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlsplit

import pytest

from tests.deploy.nginx import NAME
from tests.deploy.observatory import Scan, grade, score
from tests.deploy.site import Site

MOST_REDIRECTS = 10


def scan(site: Site, path: str) -> Scan:
    """As the observatory does it: HTTP first, then along all redirections."""
    answer = site.nginx.get_in_the_clear(path)
    way: list[str] = []
    cookies: list[str] = []
    while "Location" in answer.headers:
        assert len(way) < MOST_REDIRECTS
        address = answer.headers["Location"]
        way.append(address if "//" in address else f"{site.nginx.url}{address}")
        parts = urlsplit(way[-1])
        assert (parts.scheme, parts.netloc) == ("https", f"{NAME}:{site.nginx.port}")
        answer = site.nginx.get(parts.path or "/")
        cookies += answer.headers.get_all("Set-Cookie", [])
    return Scan(
        http_redirects=way,
        host=NAME,
        headers={name.lower(): value for name, value in answer.headers.items()},
        cookies=cookies,
        body=answer.text,
    )


@pytest.mark.parametrize("path", ["/", "/sign-in", "/s/LINK", "/s/nothing", "/studies/nothing"])
def test_every_page_gets_an_a_plus(site: Site, path: str) -> None:
    points = score(scan(site, path.replace("LINK", site.link)))
    assert min(points.values()) >= 0, points
    assert grade(points) >= (130, "A+")


def test_the_sign_in_page_gets_every_bonus(site: Site) -> None:
    points = score(scan(site, "/"))
    bonuses = {name: value for name, value in points.items() if value}
    assert bonuses == {
        "content-security-policy": 10,
        "cookies": 5,
        "cross-origin-resource-policy": 10,
        "referrer-policy": 5,
        "x-frame-options": 5,
    }


FAULTS = {
    "content-security-policy": {"content-security-policy": "default-src 'self' 'unsafe-inline'"},
    "x-frame-options": {"content-security-policy": "default-src 'none'"},
    "strict-transport-security": {"strict-transport-security": "max-age=60"},
    "x-content-type-options": {"x-content-type-options": ""},
    "referrer-policy": {"referrer-policy": "unsafe-url"},
    "cross-origin-resource-policy": {"cross-origin-resource-policy": "cross-origin"},
    "cross-origin-resource-sharing": {"access-control-allow-origin": "*"},
}


@pytest.mark.parametrize("rule", FAULTS)
def test_a_header_that_is_wrong_costs_points(site: Site, rule: str) -> None:
    seen = scan(site, "/")
    points = score(replace(seen, headers={**seen.headers, **FAULTS[rule]}))
    assert points[rule] < 0
    assert grade(points)[0] < grade(score(seen))[0]


@pytest.mark.parametrize(
    ("rule", "fault"),
    [
        ("cookies", {"cookies": ["jndlab_form=x; HttpOnly; SameSite=Lax"]}),
        ("cookies", {"cookies": ["jndlab_form=x; Secure; SameSite=Lax"]}),
        ("cookies", {"cookies": ["jndlab_form=x; Secure; HttpOnly"]}),
        ("redirection", {"http_redirects": []}),
        ("redirection", {"http_redirects": ["http://localhost/", "https://localhost/"]}),
        ("subresource-integrity", {"body": '<script src="https://cdn.example/x.js"></script>'}),
    ],
)
def test_a_fault_elsewhere_costs_points(site: Site, rule: str, fault: dict[str, object]) -> None:
    points = score(replace(scan(site, "/"), **fault))  # type: ignore[arg-type]
    assert points[rule] < 0
