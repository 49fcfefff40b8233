"""Adaptive tracks of one condition: levels, answers, turns, and where each of them ended."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from jndlab.analysis.study.data import TrialTable
from jndlab.study.trials import Direction

Bound = Literal["at or below", "at or above"]
_LEFT_OUT = 2
"""Reversals of a staircase that count as its way to the threshold, where the procedure itself has
not said what it ended at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackStatus:
    """What the procedure itself says of one track of a session, at its last answer."""

    session: str
    track: str
    part: str = ""
    estimate: float | None = None
    """The level that it looks for; None: too early to say."""
    interval: tuple[float, float] | None = None
    """Its 95 % interval, where the procedure has one."""
    bound: Bound | None = None
    """The threshold lies at or beyond an end of the levels, in amount of compression: "at or
    below" the least compressed one, "at or above" the most compressed one."""
    target_probability: float | None = None
    """Proportion correct at the estimate, where the procedure states one."""
    stopped: str | None = None
    """The stop rule that was met, in words; None: the track went on when the session ended."""
    n_reversals: int | None = None
    """None: the procedure counts none, or has not said."""

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> TrackStatus:
        """Of a row of the exported table of tracks, texts or typed values.

        >>> row = {"session": "s1", "track": "seofp", "estimate": "2.5", "bound": ""}
        >>> TrackStatus.from_row(row).estimate
        2.5
        """
        low, high = _number(row.get("estimate_low")), _number(row.get("estimate_high"))
        bound = row.get("bound")
        turns = _number(row.get("n_reversals"))
        return cls(
            session=str(row["session"]),
            track=str(row["track"]),
            part=str(row.get("part") or ""),
            estimate=_number(row.get("estimate")),
            interval=None if low is None or high is None else (low, high),
            bound=bound if bound in ("at or below", "at or above") else None,
            target_probability=_number(row.get("target")),
            stopped=row.get("stopped") or None,
            n_reversals=None if turns is None else int(turns),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    """One track as it was heard."""

    participant: int
    session: str
    track: str
    trials: tuple[int, ...]
    """Numbers of its trials in the session."""
    levels: tuple[float, ...]
    correct: tuple[bool, ...]
    reversals: tuple[int, ...]
    """Places in ``levels`` at which the track turned."""
    status: TrackStatus
    recomputed: bool
    """The estimate is the mean of the reversals after the first two, computed from the trials: the
    procedure's own was not at hand."""


def tracks_of(
    trials: TrialTable, statuses: Sequence[TrackStatus], *, direction: Direction
) -> tuple[Track, ...]:
    """The tracks of the answered test trials of one condition, by participant and name.

    A staircase without a status gets the mean of its reversals after the first two, an even number
    of them (Levitt 1971); questplus and psi without one have no estimate, because it needs the
    grid of their curves. "At or below" and "at or above" follow then from the ends of the levels
    that anybody heard.
    """
    known: Mapping[tuple[str, str], TrackStatus] = {
        (one.session, one.track): one for one in statuses
    }
    found = []
    ends = (float(trials["level"].min()), float(trials["level"].max()))
    ends = ends[::-1] if direction == "falls" else ends  # hardest first
    keys = {
        (int(who), str(session), str(track))
        for who, session, track in zip(
            trials["participant"], trials["session"], trials["track"], strict=True
        )
        if track
    }
    for who, session, name in sorted(keys):
        rows = np.flatnonzero((trials["session"] == session) & (trials["track"] == name))
        rows = rows[np.argsort(trials["trial"][rows], kind="stable")]
        levels = tuple(float(level) for level in trials["level"][rows])
        turns = reversals(levels)
        status = known.get((session, name))
        found.append(
            Track(
                participant=who,
                session=session,
                track=name,
                trials=tuple(int(number) for number in trials["trial"][rows]),
                levels=levels,
                correct=tuple(bool(one) for one in trials["correct"][rows]),
                reversals=turns,
                status=status
                or _from_reversals(
                    session, name, levels, turns, str(trials["procedure"][rows[0]]), ends
                ),
                recomputed=status is None,
            )
        )
    return tuple(found)


def _number(cell: object) -> float | None:
    return None if cell in (None, "") else float(str(cell))


def reversals(levels: Sequence[float]) -> tuple[int, ...]:
    """Places at which a sequence of levels turns: the last trial before it goes the other way.

    >>> reversals([5, 4, 4, 3, 4, 4, 3, 2])
    (3, 5)
    """
    found = []
    way = 0.0
    for place in range(1, len(levels)):
        step = float(np.sign(levels[place] - levels[place - 1]))
        if step and way and step != way:
            found.append(place - 1)
        way = step or way
    return tuple(found)


def _from_reversals(
    session: str,
    track: str,
    levels: Sequence[float],
    turns: Sequence[int],
    procedure: str,
    ends: tuple[float, float],
) -> TrackStatus:
    late = list(turns[_LEFT_OUT:])
    late = late[len(late) % 2 :]
    if procedure != "staircase" or not late:
        return TrackStatus(session=session, track=track)
    hardest, easiest = ends
    ways = [(levels[place + 1] - levels[place]) * (easiest - hardest) for place in late]
    to_easier = [levels[place] for place, way in zip(late, ways, strict=True) if way > 0.0]
    to_harder = [levels[place] for place, way in zip(late, ways, strict=True) if way <= 0.0]
    floor = bool(to_easier) and all(level == hardest for level in to_easier)
    ceiling = bool(to_harder) and all(level == easiest for level in to_harder)
    bound: Bound | None = None
    if floor != ceiling:
        bound = "at or below" if floor else "at or above"
    return TrackStatus(
        session=session,
        track=track,
        estimate=float(np.mean([levels[place] for place in late])),
        bound=bound,
    )
