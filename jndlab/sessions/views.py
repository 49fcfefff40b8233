"""What goes out of a session: small frozen records, none of which holds the truth."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """Where a session stands: what comes next, and how much of it is done."""

    step: str
    """sound-check, trial or finished."""
    participant: int
    n_answered: int
    n_trials: int
    completion_code: str | None
    """Given once every trial is answered and stored."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialView:
    """A trial as its participant may see it: no item, no condition, no level, no key."""

    number: int
    n_trials: int
    phase: str
    place: int
    """Position within its phase, from 1."""
    n_in_phase: int
    starts_block: bool
    """Whether a break lies before it."""
    labels: tuple[str, ...]
    clips: tuple[str, ...]
    """Opaque clip names, in the order of the labels."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What a participant learns about a stored answer."""

    number: int
    repeated: bool
    """True if the same answer was stored before."""
    correct: bool | None
    """Feedback, in practice only."""
    correct_response: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleasedClip:
    """Which stored clip to send, and the seed of the noise in its last bit."""

    clip: str
    noise_seed: int
