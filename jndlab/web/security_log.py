"""Who came in, who was kept out, and from what: lines of the log under one name.

A line names users by their number and addresses by their pattern: what was typed, sent or shown is
in none of them (:mod:`jndlab.web.logs`).
"""

from __future__ import annotations

import logging

from flask import g

from jndlab.errors import (
    AccessDenied,
    ArchiveRefused,
    JndlabError,
    NotSignedIn,
    StudyUnknown,
    TooManyAttempts,
    TooManyRequests,
)
from jndlab.store.rights import SignedIn
from jndlab.web.logs import FACTS
from jndlab.web.observation import route

WORTH_A_LINE = (
    AccessDenied,
    ArchiveRefused,
    NotSignedIn,
    StudyUnknown,
    TooManyAttempts,
    TooManyRequests,
)
"""Errors that somebody meets who wants more than they may; most of them by mistake."""

log = logging.getLogger("jndlab.security")


def note(event: str, *, user: int | None = None, **facts: str) -> None:
    """Write a line about the present request; ``user`` where it is not who is signed in."""
    known = getattr(g, "user", None)
    if user is None and isinstance(known, SignedIn):
        user = known.id
    log.info(event, extra={FACTS: {"user": user, "route": route(), **facts}})


def note_refusal(error: JndlabError) -> None:
    """Write a line if this error is one that tells of somebody's wish for more."""
    if isinstance(error, WORTH_A_LINE):
        note("refused", code=error.code)
