"""How sessions went beside their trials, counted from the exported tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from jndlab.export.checks import failed_checks
from jndlab.study.checks import CheckRule
from jndlab.study.rows import Row

if TYPE_CHECKING:
    from jndlab.analysis import SessionConduct

HIDDEN = "hidden-while-playing"
"""The event of a page that went out of sight during a sound."""


def conduct_of(
    sessions: Iterable[Row],
    checks: Iterable[Row],
    events: Iterable[Row],
    *,
    rules: Mapping[str, Sequence[CheckRule]],
) -> dict[str, SessionConduct]:
    """By the public id of the session; ``rules`` are the checks of each version, by its digest."""
    from jndlab.analysis import SessionConduct

    hidden = Counter(str(row["session"]) for row in events if row["kind"] == HIDDEN)
    failed = failed_checks(rules, checks)
    return {
        str(row["session"]): SessionConduct(
            n_failed_checks=failed.get(str(row["session"]), 0),
            n_resumes=int(row["n_resumes"] or 0),
            n_hidden=hidden[str(row["session"])],
        )
        for row in sessions
    }
