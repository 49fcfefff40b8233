"""What goes out compressed, and what must not."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from jndlab.assets import asset_folder
from jndlab.web.compression import MIN_BYTES, blank_comments
from tests.store.launching import Launched
from tests.web.participants import Participant

GZIP = {"Accept-Encoding": "gzip, br"}
SCRIPT = "/static/js/main.js"


def test_pages_scripts_and_styles_are_compressed(client: FlaskClient, launched: Launched) -> None:
    for path in (f"/s/{launched.link}", SCRIPT, "/static/css/base.css"):
        plain, packed = (
            client.get(path, buffered=True),
            client.get(path, headers=GZIP, buffered=True),
        )
        assert "Content-Encoding" not in plain.headers
        assert packed.headers["Content-Encoding"] == "gzip"
        assert len(packed.data) < 0.6 * len(plain.data)
        is_code = path.startswith("/static/")
        expected = blank_comments(plain.data) if is_code else plain.data
        assert gzip.decompress(packed.data) == expected
        assert int(packed.headers["Content-Length"]) == len(packed.data)
        for answer in (plain, packed):
            assert "Accept-Encoding" in answer.headers["Vary"]


def test_a_browser_that_refuses_it_gets_the_plain_file(client: FlaskClient) -> None:
    answer = client.get(SCRIPT, buffered=True, headers={"Accept-Encoding": "gzip;q=0"})
    assert "Content-Encoding" not in answer.headers


def test_an_unchanged_file_is_not_sent_again(client: FlaskClient) -> None:
    first = client.get(SCRIPT, buffered=True, headers=GZIP)
    again = client.get(
        SCRIPT, buffered=True, headers={**GZIP, "If-None-Match": first.headers["ETag"]}
    )
    assert again.status_code == 304
    assert again.data == b""


def test_a_part_of_a_file_and_its_head_stay_as_they_are(client: FlaskClient) -> None:
    part = client.get(SCRIPT, buffered=True, headers={**GZIP, "Range": "bytes=0-99"})
    assert part.status_code == 206
    assert "Content-Encoding" not in part.headers
    assert "Content-Encoding" not in client.head(SCRIPT, headers=GZIP, buffered=True).headers


def test_small_files_are_not_worth_it(client: FlaskClient) -> None:
    icon = client.get("/static/img/icon.svg", headers=GZIP, buffered=True)
    assert (len(icon.data) < MIN_BYTES) == ("Content-Encoding" not in icon.headers)


def test_lengths_of_the_api_tell_nothing(participant: Participant) -> None:
    participant.client.environ_base["HTTP_ACCEPT_ENCODING"] = "gzip"
    trial = participant.json("POST", "/trial")
    participant.send("GET", trial["intervals"][0]["clip"])
    for answer in participant.received[-2:]:
        assert "Content-Encoding" not in answer.headers


def test_pages_with_form_tokens_are_not_compressed(client: FlaskClient) -> None:
    assert "Content-Encoding" not in client.get("/sign-in", headers=GZIP).headers


SOURCE = b"""// @ts-check
/** Two lines
 * of words. */
import { a } from "./a.js"; // stays
  // gone
const link = "https://example.org"; /* stays */
  /** gone */
const text = `/* stays */`;
  /** @type {HTMLElement} */ (node).focus();
"""


def test_comments_of_scripts_go_and_every_line_keeps_its_number() -> None:
    assert blank_comments(SOURCE).split(b"\n") == [
        b"",
        b"",
        b"",
        b'import { a } from "./a.js"; // stays',
        b"",
        b'const link = "https://example.org"; /* stays */',
        b"",
        b"const text = `/* stays */`;",
        b"  /** @type {HTMLElement} */ (node).focus();",
        b"",
    ]


@pytest.mark.parametrize(
    "path", sorted(asset_folder("static").glob("js/*.js")), ids=lambda p: p.name
)
def test_no_code_is_lost_with_the_comments(path: Path) -> None:
    source = path.read_bytes().split(b"\n")
    lean = blank_comments(path.read_bytes()).split(b"\n")
    assert len(source) == len(lean)
    for before, after in zip(source, lean, strict=True):
        assert after == before or (
            after == b"" and before.lstrip().startswith((b"//", b"/*", b"*"))
        )
