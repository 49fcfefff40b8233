"""What is known of a study beside its sessions, as tables: versions, stimuli, and what was done."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select

from jndlab.export.snapshot import Snapshot
from jndlab.export.tables import Table
from jndlab.export.tidy import shared_columns
from jndlab.store.deeds import EXCLUSIONS, EXPORTED, REPORTED, deeds_of, detail_of
from jndlab.store.models import StimulusRow
from jndlab.store.study_states import states_of
from jndlab.study.rows import Row
from jndlab.study.trials import Column

VERSIONS = Table(
    name="versions",
    title="jndlab versions: one row per frozen version of the study",
    holds="versions of the study",
    columns=(
        Column(name="version", type="integer", required=True, description="Number, from 1."),
        *shared_columns("study_digest"),
        Column(
            name="definition_digest",
            type="text",
            required=True,
            description="SHA-256 of the definition alone, less its folders.",
        ),
        Column(name="frozen_at", type="time", required=True, description="When it was frozen."),
        Column(
            name="live_since",
            type="time",
            description="When participants began to take it; empty if it was only tried out.",
        ),
        Column(
            name="registered_at",
            type="time",
            description="When its plan of analysis was registered; empty if it was not.",
        ),
        Column(name="note", type="text", description="Why there was a new version."),
        Column(
            name="jndlab_version",
            type="text",
            required=True,
            description="Version of jndlab that froze it.",
        ),
    ),
    key=("version",),
)

STIMULI = Table(
    name="stimuli",
    title="jndlab stimuli: one row per sound of a version, without the sound",
    holds="sounds",
    columns=(
        *shared_columns("study_digest"),
        Column(name="item", type="text", required=True, description="The utterance."),
        Column(
            name="condition",
            type="text",
            required=True,
            description="The compression method, or baseline.",
        ),
        Column(name="level", type="number", description="Its level; empty for the baseline."),
        Column(
            name="clip_sha256",
            type="text",
            required=True,
            description="SHA-256 of the clip as it was rendered for playing.",
        ),
        Column(name="duration_s", type="number", required=True, description="Length in seconds."),
        Column(name="rate_hz", type="integer", required=True, description="Sample rate played."),
        Column(name="n_channels", type="integer", required=True, description="1 or 2."),
        Column(
            name="gain_db",
            type="number",
            required=True,
            description="Gain that was applied: the same for all versions of an item, unless the "
            "study matches levels.",
        ),
        Column(
            name="source_sha256",
            type="text",
            required=True,
            description="SHA-256 of the file that it was rendered from.",
        ),
        Column(
            name="source_rate_hz",
            type="integer",
            required=True,
            description="Sample rate of that file.",
        ),
    ),
    refers=(("study_digest", "versions"),),
)

LOG = Table(
    name="log",
    title="jndlab log: what was done with the study, in order",
    holds="deeds",
    columns=(
        Column(name="at", type="time", required=True, description="When, UTC, ISO 8601."),
        Column(
            name="deed",
            type="text",
            required=True,
            description="What was done: state (of the study), launched, registered, or a look at "
            "the data or an export of them.",
        ),
        Column(name="detail", type="text", required=True, description="More of it, as JSON."),
    ),
)

PRIVATE_DEEDS = ("member-", "user-", "invitation-", "token-", "password-", "ownership-", "person-")
"""Deeds about experimenters or single participants, who are nobody's business here."""
NOISE = ("state-changed", EXPORTED, EXCLUSIONS, REPORTED)
"""Said elsewhere, or by every export of itself."""
_PRIVATE_DETAILS = frozenset({"salt", "name", "member", "token", "user"})


def versions_in(snapshot: Snapshot) -> Iterator[Row]:
    """One row per version."""
    for version in snapshot.versions:
        yield {
            "version": version.number,
            "study_digest": version.digest,
            "definition_digest": version.definition_digest,
            "frozen_at": _time(version.frozen_at),
            "live_since": _time(version.live_since),
            "registered_at": _time(version.registered_at),
            "note": version.note or None,
            "jndlab_version": version.jndlab_version,
        }


def stimuli_in(snapshot: Snapshot) -> Iterator[Row]:
    """One row per sound, version by version, the baseline of an item first."""
    for version in snapshot.versions:
        query = select(StimulusRow).where(StimulusRow.version_id == version.id)
        for clip in sorted(snapshot.db.scalars(query), key=_place):
            yield {
                "study_digest": version.digest,
                "item": clip.item,
                "condition": clip.condition,
                "level": clip.level,
                "clip_sha256": clip.clip,
                "duration_s": clip.n_frames / clip.rate_hz,
                "rate_hz": clip.rate_hz,
                "n_channels": clip.n_channels,
                "gain_db": clip.gain_db,
                "source_sha256": clip.source_digest,
                "source_rate_hz": clip.source_rate_hz,
            }


def _place(clip: StimulusRow) -> tuple[str, str, bool, float, int]:
    """Databases sort text by the language they were made for, and put no level first or last."""
    return (clip.item, clip.condition, clip.level is not None, clip.level or 0.0, clip.id)


def log_in(snapshot: Snapshot) -> Iterator[Row]:
    """States of the study and what was done with it, the first deed first."""
    study = snapshot.study.id
    found: list[tuple[datetime, str, Mapping[str, Any]]] = [
        (row.since, "state", {"state": row.state, **({"note": row.note} if row.note else {})})
        for row in states_of(snapshot.db, study)
    ]
    found += [
        (row.at, row.deed, detail_of(row))
        for row in deeds_of(snapshot.db, study)
        if row.deed not in NOISE and not row.deed.startswith(PRIVATE_DEEDS)
    ]
    for at, deed, detail in sorted(found, key=lambda one: one[0]):
        shown = {key: value for key, value in detail.items() if key not in _PRIVATE_DETAILS}
        text = json.dumps(shown, sort_keys=True, ensure_ascii=False)
        yield {"at": _time(at), "deed": deed, "detail": text}


def _time(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat(timespec="milliseconds")
