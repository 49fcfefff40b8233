"""The running result of a study, part by part: curves, where tracks stand, or why there is neither.

Where levels follow from answers, most trials lie near the threshold and none far from it: a curve
through them would look like one and be none. What the tracks themselves say is shown instead.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from jndlab.study.rows import Row
from jndlab.study.trials import BASELINE, TASKS
from jndlab.web.live.curve import CurveNow, curves_from_json, running_curves

NO_CURVE = {
    "detection": "No curve of right answers: how often each answer is given depends on the "
    "listener's bias as well. The report gives d' and the bias.",
    "preference": "No curve: nothing is right or wrong. The report gives how often each one was "
    "preferred, by listeners.",
    "rating": "No curve: nothing is right or wrong. The report gives the means over listeners.",
}
COMPARED = (
    "No curve: conditions were compared with each other and not with the baseline. The report has "
    "them."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackNow:
    """One adaptive track of one session, so far."""

    part: str
    participant: int
    track: str
    procedure: str
    unit: str
    n_trials: int
    estimate: float | None
    low: float | None
    high: float | None
    n_reversals: int | None
    bound: str | None
    """In amount of compression, whichever way the level's number goes."""
    stopped: str | None

    @property
    def said(self) -> str:
        """The estimate in words."""
        if self.estimate is None:
            return "–"
        ends = {"at or above": ", or more compressed", "at or below": ", or less compressed"}
        return f"{self.estimate:.3g} {self.unit}".rstrip() + ends.get(self.bound or "", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class WithoutCurve:
    """A part that has no curve, and why."""

    part: str
    n_answers: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningResult:
    """What can be seen at one look."""

    curves: tuple[CurveNow, ...]
    tracks: tuple[TrackNow, ...]
    without: tuple[WithoutCurve, ...]

    @property
    def is_empty(self) -> bool:
        """Whether no test trial was answered yet."""
        return not (self.curves or self.without or any(one.n_trials for one in self.tracks))

    def to_dict(self) -> dict[str, Any]:
        """Ready for JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> RunningResult:
        """The result that :meth:`to_dict` wrote; one of an older jndlab has curves only."""
        return cls(
            curves=curves_from_json(stored.get("curves", ())),
            tracks=tuple(TrackNow(**one) for one in stored.get("tracks", ())),
            without=tuple(WithoutCurve(**one) for one in stored.get("without", ())),
        )


def running_result(rows: Iterable[Row], tracks: Iterable[Row]) -> RunningResult:
    """What the tidy rows of one kind of session, and those of its tracks, show by now."""
    tested = [
        row
        for row in rows
        if row["response"] is not None and (row["phase"], row["trial_kind"]) == ("main", "test")
    ]
    curves: list[CurveNow] = []
    without: list[WithoutCurve] = []
    for part in dict.fromkeys(str(row["part"] or "") for row in tested):
        own = [row for row in tested if str(row["part"] or "") == part and not row["track"]]
        with_curve = [row for row in own if not _reason(row)]
        curves += running_curves(with_curve, part=part)
        without += _without(part, own)
    return RunningResult(
        curves=tuple(curves), tracks=tuple(map(_track, tracks)), without=tuple(without)
    )


def _reason(row: Row) -> str:
    """Why there is no curve through this trial; empty if there is one."""
    measure = TASKS[str(row["paradigm"])].measure
    if measure != "correct":
        return NO_CURVE[measure]
    return "" if row["compared_with"] in (None, BASELINE) else COMPARED


def _without(part: str, rows: Sequence[Row]) -> list[WithoutCurve]:
    reasons = [reason for row in rows if (reason := _reason(row))]
    return [
        WithoutCurve(part=part, n_answers=reasons.count(reason), reason=reason)
        for reason in dict.fromkeys(reasons)
    ]


def _track(row: Row) -> TrackNow:
    return TrackNow(
        part=str(row["part"] or ""),
        participant=int(row["participant"] or 0),
        track=str(row["track"]),
        procedure=str(row["procedure"]),
        unit=str(row["level_unit"] or ""),
        n_trials=int(row["n_trials"] or 0),
        estimate=_number(row["estimate"]),
        low=_number(row["estimate_low"]),
        high=_number(row["estimate_high"]),
        n_reversals=None if row["n_reversals"] is None else int(row["n_reversals"]),
        bound=None if row["bound"] is None else str(row["bound"]),
        stopped=None if row["stopped"] is None else str(row["stopped"]),
    )


def _number(cell: object) -> float | None:
    return float(cell) if isinstance(cell, int | float) else None
