"""The rules of MDN's HTTP observatory (developer.mozilla.org/observatory), as far as we meet them.

Each rule gives points from its table; penalties count first, and bonuses only from 90 on. What a
rule has no line for here is a failure of the test, not a guess. tools/run-observatory asks the
observatory itself.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html.parser import HTMLParser
from http.cookies import SimpleCookie
from urllib.parse import urlsplit

HALF_A_YEAR = 15_768_000
BASE, ENOUGH_FOR_BONUSES = 100, 90
GRADES = ((100, "A+"), (90, "A"), (85, "A-"), (80, "B+"), (70, "B"), (65, "B-"), (60, "C+"))
PRIVATE = {"no-referrer", "same-origin", "strict-origin", "strict-origin-when-cross-origin"}
BROAD = {"*", "http:", "https:", "ftp:", "http://*", "https://*", "http://*.*", "https://*.*"}
UNSAFE = {"'unsafe-inline'", "'unsafe-eval'", "data:"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """What the observatory looks at: the page at the end of all redirections, and the way there."""

    http_redirects: Sequence[str]
    """Addresses that HTTP led to, one after the other."""
    host: str
    headers: Mapping[str, str]
    """Of the page, with small letters."""
    cookies: Sequence[str]
    """Everything that was set on the way."""
    body: str


def score(scan: Scan) -> dict[str, int]:
    """Points of each rule."""
    return {
        "content-security-policy": _policy(_directives(scan)),
        "cookies": _cookies(scan),
        "cross-origin-resource-sharing": _sharing(scan),
        "cross-origin-resource-policy": _resource_policy(scan),
        "redirection": _redirection(scan),
        "referrer-policy": 5 if scan.headers.get("referrer-policy") in PRIVATE else -5,
        "strict-transport-security": _transport(scan),
        "subresource-integrity": _scripts(scan),
        "x-content-type-options": 0
        if scan.headers.get("x-content-type-options") == "nosniff"
        else -5,
        "x-frame-options": _framing(scan),
    }


def grade(points: Mapping[str, int]) -> tuple[int, str]:
    """The sum and its letter."""
    total = BASE + sum(value for value in points.values() if value < 0)
    if total >= ENOUGH_FOR_BONUSES:
        total += sum(value for value in points.values() if value > 0)
    return total, next((letter for least, letter in GRADES if total >= least), "F")


def _directives(scan: Scan) -> dict[str, set[str]]:
    policy = scan.headers.get("content-security-policy", "")
    assert "," not in policy, "two policies"
    parts = [part.split() for part in policy.split(";") if part.strip()]
    names = [name for name, *_ in parts]
    assert len(names) == len(set(names)), "a directive twice"
    return {name: set(sources) for name, *sources in parts}


def _policy(directives: Mapping[str, set[str]]) -> int:
    if not directives:
        return -25
    default = directives.get("default-src", {"*"})
    script, style = directives.get("script-src", default), directives.get("style-src", default)
    objects = directives.get("object-src", default)
    everything = set[str]().union(*directives.values())
    if script & (UNSAFE | BROAD) or objects & BROAD:
        return -20
    if any(source.startswith(("http:", "ftp:")) for source in everything):
        return -20
    if style & (UNSAFE | BROAD):
        return 0
    form = directives.get("form-action", {"*"})
    strict = default == {"'none'"} and form <= {"'none'", "'self'"}
    return 10 if strict else 5


def _cookies(scan: Scan) -> int:
    if not scan.cookies:
        return 0
    for line in scan.cookies:
        [cookie] = SimpleCookie(line).values()
        if not cookie["secure"]:
            return -20
        if not cookie["httponly"]:
            return -30
        if cookie["samesite"] not in ("Lax", "Strict"):
            return -20
    return 5


def _sharing(scan: Scan) -> int:
    return -50 if "access-control-allow-origin" in scan.headers else 0


def _resource_policy(scan: Scan) -> int:
    given = scan.headers.get("cross-origin-resource-policy")
    return {"same-origin": 10, "same-site": 10, None: 0}.get(given, -20)


def _redirection(scan: Scan) -> int:
    if not scan.http_redirects:
        return -20
    first, last = urlsplit(scan.http_redirects[0]), urlsplit(scan.http_redirects[-1])
    if last.scheme != "https":
        return -20
    if first.scheme != "https":
        return -10
    return 0 if first.hostname == scan.host else -5


def _transport(scan: Scan) -> int:
    age = re.search(r"max-age=(\d+)", scan.headers.get("strict-transport-security", ""))
    if age is None:
        return -20
    return 0 if int(age[1]) >= HALF_A_YEAR else -10


class _Page(HTMLParser):
    """The scripts that a page loads."""

    def __init__(self, body: str) -> None:
        super().__init__()
        self.sources: list[str] = []
        self.feed(body)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        source = dict(attrs).get("src")
        if tag == "script" and source:
            self.sources.append(source)


def _scripts(scan: Scan) -> int:
    elsewhere = [one for one in _Page(scan.body).sources if not re.match("/(?!/)", one)]
    return -50 if elsewhere else 0


def _framing(scan: Scan) -> int:
    ancestors = _directives(scan).get("frame-ancestors", {"*"})
    return -20 if ancestors & BROAD else 5
