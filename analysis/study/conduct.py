"""How sessions went beside their trials: what rules of exclusion ask that no trial tells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionConduct:
    """Counts of one session."""

    n_failed_checks: int = 0
    """Checks before the trials that were failed for good, and noted."""
    n_resumes: int = 0
    """How often it was gone on with after its page was closed or loaded anew."""
    n_hidden: int = 0
    """How often the page was hidden while a sound played."""


Conduct = Mapping[str, SessionConduct]
"""By the public id of the session."""
