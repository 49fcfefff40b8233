"""The log: one line per event, in the form that the settings name, and about nobody."""

from __future__ import annotations

import base64
import json
import logging
import secrets
import sqlite3
from collections.abc import Callable, Iterator

import numpy as np
import pytest
from sqlalchemy.exc import IntegrityError

from jndlab.errors import StoreError
from jndlab.settings import Settings
from jndlab.web.logs import (
    FACTS,
    JsonLines,
    TextLines,
    clean,
    configure_logs,
    current_request,
    describe,
    traceback_of,
)

PRIVATE = [
    "203.0.113.7",
    "2001:db8::17",
    "2001:db8:0:1:2:3:4:5",
    "::1",
    "ann@example.org",
    "5f3a9c1e2b7d4a6890abcdef",
    "0123456789" * 6 + "abcd",
]
KEPT = [
    "2026-03-01 12:30:45",
    "0013_chains.py",
    "release_trial_ahead",
    "ModuleNotFoundError",
    "/srv/jndlab/jndlab.db",
    "jndlab 0.1.0",
]


@pytest.fixture
def record() -> Callable[..., logging.LogRecord]:
    def make(message: str, *args: object, **more: object) -> logging.LogRecord:
        return logging.getLogger("jndlab.web").makeRecord(
            "jndlab.web",
            logging.ERROR,
            "here.py",
            1,
            message,
            args,
            None,
            **more,  # type: ignore[arg-type]
        )

    return make


@pytest.mark.parametrize("word", PRIVATE)
@pytest.mark.parametrize("around", ["{}", "from {}: gone", "at /s/{} (x)", "'{}'"])
def test_what_is_about_somebody_is_left_out(word: str, around: str) -> None:
    assert word not in clean(around.format(word))


@pytest.mark.parametrize("text", KEPT)
def test_what_says_where_it_happened_stays(text: str) -> None:
    assert clean(f"Failed at {text} now") == f"Failed at {text} now"


def test_no_token_of_ours_gets_through(rng: np.random.Generator) -> None:
    for n_bytes in (12, 16, 18, 24, 32):
        for _ in range(200):
            token = base64.urlsafe_b64encode(rng.bytes(n_bytes)).rstrip(b"=").decode()
            assert token not in clean(f"at /s/{token}?x=1")


def test_passwords_and_queries_are_left_out() -> None:
    told = clean("postgresql://me:secret@db/x and GET /s/x?PROLIFIC_PID=17&a=b end")
    assert told == "postgresql://…@db/x and GET /s/x?… end"


def test_a_line_stays_one_line() -> None:
    assert "\n" not in clean("a\nb\r\x1b[31m")


@pytest.mark.parametrize(
    "error",
    [
        KeyError("Ann Smith"),
        ValueError("invalid literal for int() with base 10: 'Ann Smith'"),
        IntegrityError(
            "INSERT ...", {"name": "Ann Smith"}, sqlite3.IntegrityError("UNIQUE failed: users.name")
        ),
        FileNotFoundError(2, "No such file", "/data/Ann Smith"),
    ],
)
def test_an_errors_own_words_do_not_quote_anybody(error: Exception) -> None:
    told = describe(error)
    assert "Ann" not in told
    assert type(error).__name__ in told


def test_what_helps_to_mend_is_told() -> None:
    assert describe(sqlite3.OperationalError("database is locked")).endswith("database is locked")
    assert "full" in describe(StoreError("The disk is full.", "Free some space."))
    locked = IntegrityError("x", {}, sqlite3.OperationalError("database is locked"))
    assert describe(locked) == "IntegrityError of OperationalError: database is locked"


def test_psycopgs_details_are_left_out() -> None:
    psycopg = pytest.importorskip("psycopg")
    error = psycopg.errors.UniqueViolation("Key (external_id)=(Ann Smith) already exists.")
    assert describe(IntegrityError("x", {}, error)) == "IntegrityError of UniqueViolation 23505"


def raised(name: str = "Ann Smith") -> Exception:
    try:
        try:
            raise KeyError(name)
        except KeyError as error:
            raise StoreError("It is broken.", "Mend it.") from error
    except StoreError as error:
        return error


def test_a_traceback_says_where_and_of_what_it_came(
    record: Callable[..., logging.LogRecord],
) -> None:
    told = traceback_of(raised())
    assert "KeyError: …\nwhich led to\n" in told
    assert "in raised" in told
    assert "Ann" not in told
    assert "It is broken. | Mend it." in told
    failed = record("Unexpected error at %s", "/s/<link>")
    error = raised()
    failed.exc_info = (type(error), error, error.__traceback__)
    entry = json.loads(JsonLines().format(failed))
    assert entry["message"] == "Unexpected error at /s/<link>"
    assert entry["error"] == traceback_of(error)
    assert TextLines().format(failed).endswith(entry["error"])


def test_json_has_one_object_per_record_with_the_request_and_its_facts(
    record: Callable[..., logging.LogRecord],
) -> None:
    mark = current_request.set("r" * 32)
    try:
        answered = record("answered", extra={FACTS: {"route": "/s/<link>", "status": 200}})
        entry = json.loads(JsonLines().format(answered))
        text = TextLines().format(answered)
    finally:
        current_request.reset(mark)
    assert entry.pop("time").endswith("Z")
    assert entry.pop("process") > 0
    assert entry == {
        "level": "error",
        "logger": "jndlab.web",
        "message": "answered",
        "request": "r" * 32,
        "route": "/s/<link>",
        "status": 200,
    }
    assert "route=/s/<link>" in text
    assert f"request={'r' * 32}" in text


@pytest.fixture
def untouched() -> Iterator[None]:
    """Put the root logger back as it was."""
    root, own = logging.getLogger(), logging.getLogger("jndlab")
    before = (list(root.handlers), root.level, own.level)
    yield
    logging.captureWarnings(False)
    root.handlers[:], level, own_level = before
    root.setLevel(level)
    own.setLevel(own_level)


@pytest.mark.usefixtures("untouched")
@pytest.mark.parametrize("form", ["text", "json"])
def test_the_settings_choose_the_form(form: str, capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs(Settings(log=form))
    token = secrets.token_urlsafe(18)
    logging.getLogger("jndlab.web").warning("at %s", token)
    [line] = capsys.readouterr().err.splitlines()
    assert token not in line
    assert line.startswith("{") == (form == "json")
