"""The sounds of a study: the table that fills, conditions, listening, deleting with undo."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from pydantic import BaseModel, ConfigDict, Field

from jndlab.audio.layout import arrange
from jndlab.audio.places import Place, place_of
from jndlab.errors import JndlabError, RequestInvalid, StudyError
from jndlab.studies.drafts import current_draft
from jndlab.studies.settling import describe_condition, settle_sounds
from jndlab.studies.sound_files import (
    SOUNDS,
    delete_sounds,
    restore_sounds,
    sound_path,
    table_of,
)
from jndlab.study.edit_stimuli import conditions_in
from jndlab.study.trials import Direction
from jndlab.web.access import needs, the_study, the_user
from jndlab.web.bodies import read_body
from jndlab.web.body_limits import takes
from jndlab.web.context import settings, store
from jndlab.web.experimenter.blueprint import blueprint

MAX_FILES = 20_000
MAX_LIST_BYTES = 8 * 1024**2
SHOWN_ITEMS = 200
"""So many rows of the table are shown; the others are counted."""


class _Dropped(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    paths: list[str] = Field(max_length=MAX_FILES)
    baseline: str | None = None
    manifest: str | None = None


class _Sent(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    paths: list[str] = Field(max_length=MAX_FILES)
    manifest: str | None = None


@blueprint.get("/studies/<slug>/sounds")
@needs("view")
def sounds(slug: str) -> ResponseReturnValue:
    """The page: where to drop folders, what is there, what is missing."""
    return _page()


@blueprint.get("/studies/<slug>/sounds/table")
@needs("view")
def sounds_table(slug: str) -> ResponseReturnValue:
    """The part of the page that changes while files arrive."""
    return render_template("experimenter/_sounds_table.html", **_facts())


@blueprint.post("/studies/<slug>/sounds/arrange")
@needs("edit")
@takes(MAX_LIST_BYTES)
def arrange_sounds(slug: str) -> Response:
    """Where dropped files belong, before any of them is sent."""
    told = read_body(_Dropped)
    has_baseline = table_of(settings(), the_study().study_id).has_baseline
    layout = arrange(
        told.paths, baseline=told.baseline, has_baseline=has_baseline, manifest=told.manifest
    )
    return jsonify(
        {
            "placed": [[placed.path, placed.place.path] for placed in layout.placed],
            "left_out": [[left.path, left.reason] for left in layout.left_out],
            "baseline": layout.baseline,
            "candidates": layout.candidates,
            "is_sure": layout.is_sure,
            "notes": layout.notes,
        }
    )


@blueprint.post("/studies/<slug>/sounds/settle")
@needs("edit")
@takes(MAX_LIST_BYTES)
def settle(slug: str) -> Response:
    """Bring the study file up to date with the files that were sent."""
    sent = read_body(_Sent)
    settled = settle_sounds(
        store(),
        settings(),
        the_study().study_id,
        by=the_user().id,
        fresh=[place_of(path) for path in sent.paths],
        manifest=sent.manifest,
    )
    return jsonify({"draft": settled.draft, "notes": settled.notes})


@blueprint.get("/studies/<slug>/sounds/file")
@needs("view")
def sound_file(slug: str) -> Response:
    """A source sound, as it was sent."""
    path = sound_path(settings(), the_study().study_id, request.args.get("path", ""))
    kind = "audio/flac" if path.suffix == ".flac" else "audio/wav"
    return send_file(path.resolve(), mimetype=kind, conditional=True, max_age=0)


@blueprint.post("/studies/<slug>/sounds/delete")
@needs("edit")
def delete_sound(slug: str) -> ResponseReturnValue:
    """Delete a file, a level or a condition, until somebody undoes it."""
    study_id = the_study().study_id
    token, n_files = delete_sounds(settings(), study_id, request.form.get("target", ""))
    settle_sounds(store(), settings(), study_id, by=the_user().id, fresh=())
    return redirect(url_for("experimenter.sounds", slug=slug, undo=token, n=n_files))


@blueprint.post("/studies/<slug>/sounds/restore")
@needs("edit")
def restore_sound(slug: str) -> ResponseReturnValue:
    """Undo a deletion."""
    study_id = the_study().study_id
    places = restore_sounds(settings(), study_id, request.form.get("token", ""))
    settle_sounds(store(), settings(), study_id, by=the_user().id, fresh=places)
    return redirect(url_for("experimenter.sounds", slug=slug))


@blueprint.post("/studies/<slug>/sounds/condition")
@needs("edit")
def change_condition(slug: str) -> ResponseReturnValue:
    """Name, unit and direction of a condition."""
    wanted = request.form.get("compression")
    direction: Direction | None = (
        "rises" if wanted == "rises" else "falls" if wanted == "falls" else None
    )
    try:
        describe_condition(
            store(),
            settings(),
            the_study().study_id,
            request.form.get("condition", ""),
            by=the_user().id,
            rename_to=request.form.get("name", "").strip(),
            unit=request.form.get("unit", ""),
            compression=direction,
        )
    except StudyError:
        raise
    except JndlabError as error:
        return _page(error=error), 409
    return redirect(url_for("experimenter.sounds", slug=slug, _anchor="conditions"))


def _page(error: JndlabError | None = None) -> str:
    undo = request.args.get("undo", "")
    n_undo = request.args.get("n", 0, type=int)
    return render_template(
        "experimenter/sounds.html",
        undo=undo if undo.isalnum() else "",
        n_undo=n_undo,
        error=error,
        **_facts(),
    )


def _facts() -> dict[str, Any]:
    """What the page and its table show."""
    study_id = the_study().study_id
    table = table_of(settings(), study_id)
    with store().read() as db:
        draft = current_draft(db, study_id)
    told = {}
    if draft is not None:
        try:
            told = {entry["folder"]: entry for entry in conditions_in(draft.text)}
        except (StudyError, KeyError, TypeError) as error:
            raise RequestInvalid(
                "The study file cannot be read.", "Mend it on the page of the file."
            ) from error
    conditions = [
        {
            "name": name,
            "levels": _ordered(levels, told.get(f"{SOUNDS}/{name}", {}).get("compression")),
            "told": told.get(f"{SOUNDS}/{name}"),
        }
        for name, levels in table.levels.items()
    ]
    return {
        "table": table,
        "rows": table.items[:SHOWN_ITEMS],
        "conditions": conditions,
        "missing": {(p.condition, p.level, p.item) for p in table.missing},
        "missing_paths": [_shown(place) for place in table.missing],
        "extra_paths": [_shown(place) for place in table.extra],
        "has_draft": draft is not None,
        "folder_names": ["baseline", *table.levels],
    }


def _ordered(levels: tuple[float, ...], compression: object) -> list[float]:
    """From the least to the most compressed."""
    return sorted(levels, reverse=compression == "falls")


def _shown(place: Place) -> str:
    return place.path.rpartition(".")[0]
