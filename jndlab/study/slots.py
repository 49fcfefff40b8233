"""Slots: the places of the counterbalancing, and which one the next session gets.

A design is balanced over slots 1, 2, 3 ..., not over people: somebody who never comes back would
leave a hole in it. So a slot is held by a session that is finished or goes on, and given out
again once its session is dead: left for too long, screened out or withdrawn. Holes are filled
before a new slot is begun, and completed sessions fill the slots from 1 upwards.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Literal

from jndlab.study.definition import Design

DEFAULT_HOURS = 24.0
"""How long an open session may be unseen before its slot is free, where the study sets no limit."""

SlotFate = Literal["finished", "living", "dead"]
"""What a session is to the balance: finished and living ones hold their slot and a place."""


def last_sign_of_life(design: Design, now: datetime) -> datetime:
    """An open session that was last seen before this is dead."""
    hours = DEFAULT_HOURS if design.resume_hours is None else design.resume_hours
    return now - timedelta(hours=hours)


def slot_fate(state: str, last_seen_at: datetime, design: Design, now: datetime) -> SlotFate:
    """Whether a session in that state holds its slot.

    A session that comes back after it was dead is living once more, and goes on with its own
    plan, whoever has its slot by then.
    """
    if state == "finished":
        return "finished"
    if state == "open" and last_seen_at >= last_sign_of_life(design, now):
        return "living"
    return "dead"


def next_slot(held: Collection[int]) -> int:
    """The lowest slot that nobody holds."""
    held = set(held)
    return next(slot for slot in range(1, len(held) + 2) if slot not in held)
