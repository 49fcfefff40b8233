"""The plan of one session, as the store keeps it: every trial in order, truth included."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import Any, Literal

from jndlab.study.adaptive import Adaptive
from jndlab.study.procedures.settings import TrackLevels, make_tracks
from jndlab.study.procedures.track import Tracks
from jndlab.study.trials import ParadigmName, ProcedureName, Trial


@dataclass(frozen=True, slots=True, kw_only=True)
class PracticeEnd:
    """When the practice is over before its last trial."""

    share: float
    """Share of right answers that ends it,"""
    last: int
    """among so many of the newest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenTrial:
    """A place for a test trial whose track and level follow from the answers before it."""

    number: int
    block: int
    part: str = ""

    @property
    def phase(self) -> Literal["main"]:
        """Practice has fixed levels."""
        return "main"

    @property
    def kind(self) -> Literal["test"]:
        """Catch trials have fixed levels."""
        return "test"


PlannedTrial = Trial | OpenTrial


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackPlan:
    """One adaptive track: what it offers, and which item in which order each of its trials gets."""

    name: str
    condition: str
    levels: tuple[float, ...]
    """From the least to the most compressed."""
    guess_rate: float
    start: float | None
    uses: tuple[tuple[str, str], ...]
    """Item and order code of its first, second ... trial."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AdaptivePlan:
    """The tracks of one part and the rules by which they go, stop rule included."""

    part: str
    paradigm: ParadigmName
    own_paradigm: ParadigmName | None
    """As trials note it: None where it is the study's."""
    procedure: ProcedureName
    settings: Adaptive
    seed: tuple[int, ...]
    tracks: tuple[TrackPlan, ...]
    n_trials: int
    """Trials of all its tracks at most."""

    def make(self) -> Tracks:
        """The procedure, ready to be asked."""
        levels = [
            TrackLevels(
                name=one.name, levels=one.levels, guess_rate=one.guess_rate, start=one.start
            )
            for one in self.tracks
        ]
        return make_tracks(self.procedure, self.settings, levels, seed=self.seed)

    def to_dict(self) -> dict[str, Any]:
        """As JSON keeps it; of the settings, what is written in the study."""
        content = {name: getattr(self, name) for name in self.__slots__}
        content["settings"] = self.settings.model_dump(mode="json", exclude_unset=True)
        content["tracks"] = [asdict(one) for one in self.tracks]
        return content

    @classmethod
    def from_dict(cls, content: dict[str, Any]) -> AdaptivePlan:
        """The plan that :meth:`to_dict` wrote."""
        tracks = tuple(
            TrackPlan(
                **{
                    **one,
                    "levels": tuple(one["levels"]),
                    "uses": tuple((item, order) for item, order in one["uses"]),
                }
            )
            for one in content["tracks"]
        )
        settings = Adaptive.model_validate_json(json.dumps(content["settings"]))
        return cls(
            **{
                **content,
                "seed": tuple(content["seed"]),
                "tracks": tracks,
                "settings": settings,
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionPlan:
    """Every trial of one session, in order, truth included."""

    participant: int
    seed: int
    trials: tuple[PlannedTrial, ...]
    """A place that the answers leave open holds an :class:`OpenTrial`."""
    practice_end: PracticeEnd | None = None
    """None: every practice trial is given."""
    slot: int | None = None
    """Place in the counterbalancing, where it is another than the participant's number."""
    adaptive: tuple[AdaptivePlan, ...] = ()
    """How levels follow from answers, for each part in which they do."""

    def to_json(self) -> str:
        """Canonical JSON, as the store keeps it. Keys that came later are left out where they say
        nothing: older plans keep their digest."""
        content: dict[str, Any] = {
            "participant": self.participant,
            "seed": self.seed,
            "trials": [_planned_to_dict(trial) for trial in self.trials],
        }
        if self.practice_end is not None:
            content["practice_end"] = asdict(self.practice_end)
        if self.slot is not None:
            content["slot"] = self.slot
        if self.adaptive:
            content["adaptive"] = [one.to_dict() for one in self.adaptive]
        return json.dumps(content, sort_keys=True, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> SessionPlan:
        """The plan that :meth:`to_json` wrote."""
        content = json.loads(text)
        end = content.get("practice_end")
        return cls(
            participant=content["participant"],
            seed=content["seed"],
            trials=tuple(_planned_from_dict(entry) for entry in content["trials"]),
            practice_end=PracticeEnd(**end) if end else None,
            slot=content.get("slot"),
            adaptive=tuple(AdaptivePlan.from_dict(one) for one in content.get("adaptive", ())),
        )

    def digest(self) -> str:
        """SHA-256 (hex) of the plan."""
        return hashlib.sha256(self.to_json().encode()).hexdigest()

    def adaptive_part(self, part: str) -> AdaptivePlan:
        """How levels follow from answers in that part. KeyError: they do not."""
        return {one.part: one for one in self.adaptive}[part]


def _planned_to_dict(trial: PlannedTrial) -> dict[str, Any]:
    # phase and kind, so that whoever reads no more than an outline finds them in every trial
    if isinstance(trial, OpenTrial):
        return {**asdict(trial), "phase": trial.phase, "kind": trial.kind, "open": True}
    return trial.to_dict()


def _planned_from_dict(entry: dict[str, Any]) -> PlannedTrial:
    if entry.get("open"):
        return OpenTrial(number=entry["number"], block=entry["block"], part=entry["part"])
    return Trial.from_dict(entry)
