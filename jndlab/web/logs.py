"""The server's log: one line per event, as text or as JSON, and nothing in it about a person.

An address, a token, a clip's name or what somebody has typed gets into a log most easily by way of
an error's own words. So each line is cleaned here, whoever has written it.
"""

from __future__ import annotations

import json
import logging
import os
import re
import sqlite3
import sys
import threading
import time
import traceback
from contextvars import ContextVar
from typing import Any

from jndlab.errors import JndlabError
from jndlab.settings import Settings

current_request: ContextVar[str] = ContextVar("current_request", default="")
"""Id of the request that this thread answers; empty outside of one."""
FACTS = "facts"
"""Name of what a record carries beside its message: ``extra={FACTS: {...}}``."""
LEFT_OUT = "…"

_CLEANED = [
    (re.compile(r"(?<=://)[^/\s:@]+:[^/\s@]+(?=@)"), LEFT_OUT),  # name and password
    (re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+"), LEFT_OUT),
    (re.compile(r"(?<=[\w/])\?[^\s\"'<>]+"), "?" + LEFT_OUT),  # query of an address
    (re.compile(r"(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?![\w.])"), LEFT_OUT),
    (
        re.compile(r"(?<![\w:])(?:[0-9A-Fa-f:]*::[0-9A-Fa-f:]*|(?:[0-9A-Fa-f]+:){4,}[0-9A-Fa-f]+)"),
        LEFT_OUT,
    ),
    # What is random: tokens, names of clips, digests, ids of recruiters. Not names of errors.
    (
        re.compile(
            r"(?<![\w-])(?!(?:[A-Z][a-z]+)+(?:Error|Warning|Exception)\b)"
            r"(?=[A-Za-z_-]*[0-9]|[A-Z_-]*[a-z][a-z_-]*[A-Z]|[a-z_-]*[A-Z][A-Z_-]*[a-z])[\w-]{16,}"
        ),
        LEFT_OUT,
    ),
]
_QUOTED = re.compile(r"""(["'])(?:\\.|(?!\1).)*\1""")
_CONTROL = {number: f"\\x{number:02x}" for number in (*range(32), 127)} | {ord("\n"): " | "}


def configure_logs(settings: Settings) -> None:
    """Let everything that this process logs go to standard error, in the form of the settings."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines() if settings.log == "json" else TextLines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("jndlab").setLevel(logging.INFO)
    logging.captureWarnings(True)
    sys.excepthook = _uncaught
    threading.excepthook = lambda fault: _uncaught(fault.exc_type, fault.exc_value)


def granian_logs() -> dict[str, Any]:
    """What granian is told of logging: to leave it to :func:`configure_logs`."""
    passed_on = {"handlers": [], "propagate": True}
    return {
        "formatters": {},
        "handlers": {},
        "loggers": {"_granian": passed_on, "granian.access": dict(passed_on)},
    }


def clean(text: str) -> str:
    """The text without addresses, queries, passwords and whatever looks random, on one line."""
    for pattern, instead in _CLEANED:
        text = pattern.sub(instead, text)
    return text.translate(_CONTROL)


def describe(error: BaseException) -> str:
    """An exception in words that quote nobody: its class, and of its message what is ours."""
    name = type(error).__name__
    original = getattr(error, "orig", None)  # SQLAlchemy's errors quote the values of a statement
    if isinstance(original, BaseException):
        return f"{name} of {describe(original)}"
    if isinstance(error, (JndlabError, sqlite3.Error)):
        return f"{name}: {clean(str(error))}"
    if isinstance(error, OSError):
        return f"{name}: {error.strerror or ''}"
    state = getattr(error, "sqlstate", None)  # psycopg's errors quote values in their details
    if state or type(error).__module__.startswith(("psycopg", "sqlalchemy")):
        return f"{name} {state or ''}".strip()
    return f"{name}: {clean(_QUOTED.sub(LEFT_OUT, str(error)))}"


def traceback_of(error: BaseException) -> str:
    """Where an exception came from, with those that led to it, each as :func:`describe` has it."""
    chain: list[BaseException] = []
    while error is not None and error not in chain:
        chain.append(error)
        before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
        if before is None:
            break
        error = before
    parts = [
        f"{''.join(traceback.format_tb(one.__traceback__))}{describe(one)}"
        for one in reversed(chain)
    ]
    return "\nwhich led to\n".join(parts)


class JsonLines(logging.Formatter):
    """Each record as one JSON object."""

    def format(self, record: logging.LogRecord) -> str:
        entry: dict[str, object] = {
            "time": _time_of(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": clean(record.getMessage()),
            "process": os.getpid(),
        }
        if current_request.get():
            entry["request"] = current_request.get()
        entry.update(getattr(record, FACTS, {}))
        error = _error_of(record)
        if error is not None:
            entry["error"] = traceback_of(error)
        return json.dumps(entry, ensure_ascii=False)


class TextLines(logging.Formatter):
    """Each record as one line to be read by people; an exception's lines follow it."""

    def format(self, record: logging.LogRecord) -> str:
        parts = [_time_of(record), record.levelname, record.name, clean(record.getMessage())]
        parts += [f"{name}={value}" for name, value in getattr(record, FACTS, {}).items()]
        if current_request.get():
            parts.append(f"request={current_request.get()}")
        error = _error_of(record)
        trace = "" if error is None else f"\n{traceback_of(error)}"
        return " ".join(parts) + trace


def _uncaught(kind: type[BaseException], error: BaseException | None, *_: object) -> None:
    """What ends a process or a thread is logged like everything else."""
    if error is not None and not issubclass(kind, (KeyboardInterrupt, SystemExit)):
        logging.getLogger("jndlab").critical("Ended by an error.", exc_info=error)


def _error_of(record: logging.LogRecord) -> BaseException | None:
    return record.exc_info[1] if isinstance(record.exc_info, tuple) else None


def _time_of(record: logging.LogRecord) -> str:
    at = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
    return f"{at}.{int(record.msecs):03d}Z"
