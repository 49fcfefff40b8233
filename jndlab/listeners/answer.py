"""What a simulated listener makes of one trial, before it is sent: an answer and how sure it is."""

from __future__ import annotations

from dataclasses import dataclass

_SUREST = 2.0
"""A margin beyond which an answer is as sure as can be said."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer, and the evidence for it."""

    value: str
    margin: float
    """How far the evidence lies beyond what the answer takes, about in standard deviations: 0 is a
    guess."""

    def confidence(self, n_steps: int | None) -> int | None:
        """How sure the listener says to be, from 1; None where it is not asked.

        The borders between the steps lie evenly from 0 to 2 standard deviations.
        """
        if n_steps is None:
            return None
        return 1 + sum(self.margin > _SUREST * step / n_steps for step in range(1, n_steps))
