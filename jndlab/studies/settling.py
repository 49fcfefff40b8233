"""The sounds that came, went or were renamed -> the study file that says so.

The first time there are a baseline and a compressed version, the file is the one that ``jndlab
new`` writes; from then on only the places that have to change are touched.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from jndlab.audio.direction import measure_direction
from jndlab.audio.fill_table import FillTable, fill_table
from jndlab.audio.layout import MANIFEST
from jndlab.audio.manifest import Axes, axes_in, read_manifest
from jndlab.audio.places import Place
from jndlab.errors import AudioError, DraftConflict, StudyConflict
from jndlab.files import write_atomically
from jndlab.settings import Settings
from jndlab.store.deeds import note_deed
from jndlab.store.engine import Store
from jndlab.store.models import StudyRow
from jndlab.studies.drafts import current_draft, save_draft
from jndlab.studies.making import KNOWN_UNITS
from jndlab.studies.sound_files import SOUNDS, folder_lock, places_in, rename_condition
from jndlab.study.definition import MAX_UNIT, Condition, Stimuli
from jndlab.study.draft import draft_study
from jndlab.study.edit import set_value
from jndlab.study.edit_stimuli import (
    conditions_in,
    set_in_condition,
    with_conditions,
    with_items,
)
from jndlab.study.trials import BASELINE, Direction

TRIES = 5
"""How often a change is made anew where somebody else saves at the same moment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """What the sounds have done to the study."""

    table: FillTable
    draft: int
    """Number of the newest draft; 0 as long as the sounds make no study."""
    notes: tuple[str, ...]
    """What was found out and should be looked at."""


def settle_sounds(
    store: Store,
    settings: Settings,
    study_id: int,
    *,
    by: int | None,
    fresh: Collection[Place] | None = None,
    manifest: str | None = None,
) -> Settled:
    """Bring the newest draft up to date with the folder of sounds.

    ``fresh`` are the places that have just been filled; what else is there and not in the draft was
    left out on purpose. None: all are. ``manifest`` is the text of the one that came with them: it
    is kept with the study, and says unit and direction of its conditions. Raises StudyError if the
    draft cannot be edited, AudioError for a manifest that cannot be read.
    """
    folder = settings.study_folder(study_id)
    axes = Axes(units={}, directions={})
    if manifest is not None:
        axes = axes_in(read_manifest(manifest))
        write_atomically(folder / MANIFEST, manifest.encode(), replace=True)
    for _ in range(TRIES):
        with folder_lock(folder):
            places = places_in(folder / SOUNDS)
        table = fill_table(places)
        new = set(places) if fresh is None else set(fresh) & set(places)
        with store.read() as db:
            draft = current_draft(db, study_id)
            study = db.get_one(StudyRow, study_id)
        number, before = (draft.number, draft.text) if draft else (0, "")
        made, notes = _new_conditions(folder, table, before, axes)
        if draft is not None:
            text = _edited(before, table, new, made)
        elif table.has_baseline and made:
            text = _first(study, table, made)
        else:
            return Settled(table=table, draft=0, notes=())
        if manifest is not None:
            text = set_value(text, ("stimuli", "manifest"), MANIFEST)
        if text == before:
            return Settled(table=table, draft=number, notes=tuple(notes))
        try:
            number = save_draft(store, settings, study_id, text, based_on=number, by=by)
        except DraftConflict:
            continue
        with store.write() as db:
            note_deed(db, "sounds-changed", study_id=study_id, user_id=by, draft=number)
        return Settled(table=table, draft=number, notes=tuple(notes))
    raise DraftConflict(
        "Somebody else is saving this study again and again.", "Wait a moment, then try again."
    )


def describe_condition(
    store: Store,
    settings: Settings,
    study_id: int,
    name: str,
    *,
    by: int | None,
    rename_to: str | None = None,
    unit: str | None = None,
    compression: Direction | None = None,
) -> int:
    """Change name, unit or direction of a condition; the number of the new draft.

    Raises StudyConflict for a name that cannot be, DraftConflict if somebody saves just now.
    """
    with store.read() as db:
        draft = current_draft(db, study_id)
    if draft is None:
        raise StudyConflict(
            "The sounds make no study yet.", "Send the baseline and a compressed version first."
        )
    text, folder = draft.text, f"{SOUNDS}/{name}"
    if not any(entry["folder"] == folder for entry in conditions_in(text)):
        raise StudyConflict(
            f"The study file has no condition in {folder}.", "Look into the study file."
        )
    if unit is not None:
        text = set_in_condition(text, folder, "unit", unit.strip()[:MAX_UNIT] or "level")
    if compression is not None:
        levels = next(e["levels"] for e in conditions_in(text) if e["folder"] == folder)
        text = set_in_condition(text, folder, "compression", compression)
        ordered = sorted(levels, reverse=compression == "falls")
        text = set_in_condition(text, folder, "levels", ordered)
    if rename_to is None or rename_to == name:
        return save_draft(store, settings, study_id, text, based_on=draft.number, by=by)
    text = set_in_condition(text, folder, "name", rename_to)
    text = set_in_condition(text, folder, "folder", f"{SOUNDS}/{rename_to}")
    rename_condition(settings, study_id, name, rename_to)
    try:
        return save_draft(store, settings, study_id, text, based_on=draft.number, by=by)
    except BaseException:
        rename_condition(settings, study_id, rename_to, name)
        raise


def _new_conditions(
    folder: Path, table: FillTable, text: str, axes: Axes
) -> tuple[dict[str, Condition], list[str]]:
    """A condition for each folder that the text does not know, with what the sounds tell of it."""
    known = {entry["folder"] for entry in conditions_in(text)} if text else set()
    made, notes = {}, []
    for name, levels in table.levels.items():
        if f"{SOUNDS}/{name}" in known or not table.has_baseline:
            continue
        unit = axes.units.get(name) or KNOWN_UNITS.get(name.lower(), "level")
        if unit == "level":
            notes.append(f"{name}: say what the unit of its levels is")
        told = axes.directions.get(name)
        direction, note = (told, "") if told else _direction(folder / SOUNDS, name, table)
        notes += [note] if note else []
        made[f"{SOUNDS}/{name}"] = Condition(
            name=name,
            folder=f"{SOUNDS}/{name}",
            levels=levels,
            unit=unit,
            compression=direction,
        )
    return made, notes


def _direction(sounds: Path, name: str, table: FillTable) -> tuple[Direction, str]:
    """What the sounds say, and what to tell about it."""
    if len(table.levels[name]) == 1:
        return "rises", ""  # with one level it makes no difference
    gone = {p.item for p in table.missing if p.condition == name and p.level is not None}
    item = next((item for item in table.items if item not in gone), table.items[0])
    try:
        measured = measure_direction(sounds / BASELINE, sounds / name, item)
    except AudioError:
        known: Direction = "falls" if name.lower() in KNOWN_UNITS else "rises"
        note = f"{name}: the sounds do not show whether compression rises or falls with the level; "
        return known, note + f"{known} was taken: look whether that is right"
    return measured.compression, f"{name}: {measured}"


def _first(study: StudyRow, table: FillTable, made: dict[str, Condition]) -> str:
    """The file that ``jndlab new`` writes for these sounds."""
    return draft_study(
        slug=study.slug,
        title=study.title,
        paradigm="abx",
        seed=secrets.randbelow(2**53),
        stimuli=Stimuli(
            baseline=f"{SOUNDS}/{BASELINE}",
            items=table.items,
            conditions=tuple(made.values()),
        ),
    )


def _edited(text: str, table: FillTable, new: Collection[Place], made: dict[str, Condition]) -> str:
    fresh: dict[str, set[float]] = {}
    for place in new:
        if place.level is not None:
            fresh.setdefault(f"{SOUNDS}/{place.condition}", set()).add(place.level)
    if table.has_baseline:
        items = {place.item for place in new}
        text = with_items(text, there=table.items, fresh=items)
    return with_conditions(
        text,
        folders={f"{SOUNDS}/{name}": levels for name, levels in table.levels.items()},
        fresh=fresh,
        made={folder: made[folder] for folder in made if folder in fresh},
    )
