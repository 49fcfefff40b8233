"""What became of a study beside its answers: versions, registrations, states, looks at the data.

Plain records, so that a data package can carry them and a report on another machine can repeat
them. No names of experimenters.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from jndlab.export.snapshot import Snapshot
from jndlab.store.deeds import deeds_of, detail_of
from jndlab.store.models import VersionRow
from jndlab.store.study_states import states_of

LOOK = "peeked"
"""The deed of somebody who looked at results while answers were still coming in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisteredFacts:
    """When a version was registered, and what had happened by then."""

    at: str
    digest: str
    """SHA-256 of the published document."""
    quota: int | None
    n_pilot_answers: int
    n_earlier_answers: int


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionFacts:
    """A frozen version of a study."""

    number: int
    digest: str
    definition: str
    """Canonical JSON, the seed included."""
    frozen_at: str
    note: str
    registered: RegisteredFacts | None
    gate: str | None = None
    """JSON: what the pair gate found, and the written reasons to go on nevertheless."""
    manifest: str | None = None
    """CSV: sizes of the models and distances of the sounds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StateFacts:
    """A change of a study's state."""

    state: str
    since: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LookFacts:
    """Somebody's look at results while answers were still coming in."""

    at: str
    detail: Mapping[str, Any]
    """What was noted with it: what was looked at, and counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyHistory:
    """Everything of this kind, each in the order in which it happened."""

    versions: tuple[VersionFacts, ...]
    states: tuple[StateFacts, ...]
    looks: tuple[LookFacts, ...]

    def version(self, number: int) -> VersionFacts | None:
        """The version of that number."""
        return next((one for one in self.versions if one.number == number), None)

    def to_dict(self) -> dict[str, Any]:
        """Ready for JSON."""
        return dataclasses.asdict(self)

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> StudyHistory:
        """The history that :meth:`to_dict` wrote."""
        return cls(
            versions=tuple(
                VersionFacts(
                    **{**one, "registered": _registered(one["registered"])}  # the rest is text
                )
                for one in content["versions"]
            ),
            states=tuple(StateFacts(**one) for one in content["states"]),
            looks=tuple(LookFacts(**one) for one in content["looks"]),
        )


def history_in(snapshot: Snapshot) -> StudyHistory:
    """The history of the study of a snapshot."""
    db, study_id = snapshot.db, snapshot.study.id
    noted = {
        detail["version"]: detail
        for detail in map(detail_of, deeds_of(db, study_id, deed="registered"))
    }
    return StudyHistory(
        versions=tuple(_version(row, noted.get(row.number)) for row in snapshot.versions),
        states=tuple(
            StateFacts(state=row.state, since=row.since.isoformat(), note=row.note)
            for row in states_of(db, study_id)
        ),
        looks=tuple(
            LookFacts(at=row.at.isoformat(), detail=detail_of(row))
            for row in deeds_of(db, study_id, deed=LOOK)
        ),
    )


def _version(row: VersionRow, noted: Mapping[str, Any] | None) -> VersionFacts:
    registered = None
    if row.registered_at is not None and noted is not None:
        registered = RegisteredFacts(
            at=row.registered_at.isoformat(),
            digest=noted["digest"],
            quota=noted["quota"],
            n_pilot_answers=noted["n_pilot_answers"],
            n_earlier_answers=noted["n_earlier_answers"],
        )
    return VersionFacts(
        number=row.number,
        digest=row.digest,
        definition=row.definition,
        frozen_at=row.frozen_at.isoformat(),
        note=row.note,
        registered=registered,
        gate=row.gate,
        manifest=row.manifest,
    )


def _registered(content: Mapping[str, Any] | None) -> RegisteredFacts | None:
    return None if content is None else RegisteredFacts(**content)
