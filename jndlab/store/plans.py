"""Parsed plans of sessions under way, kept by their digests: a plan never changes."""

from __future__ import annotations

from collections.abc import Callable

from jndlab.store.kept import Kept
from jndlab.study.session_plan import SessionPlan

_kept: Kept[SessionPlan] = Kept(limit=400_000)
"""Weighed by their trials of about 0.25 kB: 6,000 sessions of 60 at the same time take 90 MB."""


def parsed_plan(digest: str, load: Callable[[], str], *, over: bool) -> SessionPlan:
    """The plan of that digest; ``load`` gives its text where it is not kept.

    ``over``: the session has ended, and its plan need not be kept any longer.
    """
    plan = _kept.get(digest) or SessionPlan.from_json(load())
    if over:
        _kept.drop(digest)
    else:
        _kept.put(digest, plan, weight=len(plan.trials))
    return plan
