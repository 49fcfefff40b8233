"""The sounds of a study: what is there and missing, settling, deleting with undo, and the plan."""

from __future__ import annotations

from flask import Response

from jndlab.audio.places import Place, place_of
from jndlab.errors import StudyConflict
from jndlab.studies.drafts import current_draft
from jndlab.studies.settling import describe_condition, settle_sounds
from jndlab.studies.sound_files import delete_sounds, restore_sounds, table_of
from jndlab.studies.uploads import abandon_upload
from jndlab.study.study_file import parse_study
from jndlab.web.access import needs, the_study, the_user
from jndlab.web.bodies import read_body
from jndlab.web.body_limits import takes
from jndlab.web.certainty import ask_for_certainty
from jndlab.web.context import settings, store
from jndlab.web.experimenter.design import length_of
from jndlab.web.experimenter.sounds import MAX_LIST_BYTES, sound_file
from jndlab.web.manage import messages as m
from jndlab.web.manage import messages_making as mm
from jndlab.web.manage.blueprint import answer, blueprint


@blueprint.get("/studies/<slug>/sounds")
@needs("view")
def sounds(slug: str) -> Response:
    """Which sounds there are, and which are missing."""
    return answer(_sounds())


@blueprint.get("/studies/<slug>/sounds/file")
@needs("view")
def sound(slug: str) -> Response:
    """A source sound as it was sent: ?path= names its place."""
    return sound_file(slug)


@blueprint.delete("/studies/<slug>/sounds")
@needs("edit")
def delete_some(slug: str) -> Response:
    """Delete a file, a level or a condition, until somebody undoes it."""
    study_id, target = the_study().study_id, read_body(mm.DeleteSounds).target
    undo, n_files = delete_sounds(settings(), study_id, target)
    settle_sounds(store(), settings(), study_id, by=the_user().id, fresh=())
    return answer(mm.DeletedSounds(undo=undo, n_files=n_files))


@blueprint.post("/studies/<slug>/sounds/restore")
@needs("edit")
def restore(slug: str) -> Response:
    """Undo a deletion."""
    study_id, undo = the_study().study_id, read_body(mm.RestoreSounds).undo
    places = restore_sounds(settings(), study_id, undo)
    settle_sounds(store(), settings(), study_id, by=the_user().id, fresh=places)
    return answer(_sounds())


@blueprint.post("/studies/<slug>/sounds/settle")
@needs("edit")
@takes(MAX_LIST_BYTES)
def settle(slug: str) -> Response:
    """Bring the study file up to date with the sounds that were sent."""
    paths = read_body(mm.SettleSounds).paths
    fresh = None if paths is None else [place_of(path) for path in paths]
    settled = settle_sounds(
        store(), settings(), the_study().study_id, by=the_user().id, fresh=fresh
    )
    return answer(mm.Settled(draft=settled.draft, notes=list(settled.notes)))


@blueprint.put("/studies/<slug>/sounds/condition")
@needs("edit")
def change_condition(slug: str) -> Response:
    """Name, unit and direction of a condition."""
    body = read_body(mm.DescribeCondition)
    number = describe_condition(
        store(),
        settings(),
        the_study().study_id,
        body.condition,
        by=the_user().id,
        rename_to=body.name,
        unit=body.unit,
        compression=body.compression,
    )
    return answer(mm.Settled(draft=number, notes=[]))


@blueprint.delete("/studies/<slug>/uploads/<name>")
@needs("edit")
def abandon(slug: str, name: str) -> Response:
    """Forget a file that was begun."""
    abandon_upload(store(), settings(), the_study().study_id, name)
    return answer(m.Done())


@blueprint.post("/studies/<slug>/estimate")
@needs("view")
def estimate(slug: str) -> Response:
    """How long a session takes, and how certain the result will be."""
    study_id, n_listeners = the_study().study_id, read_body(mm.Estimate).n_listeners
    with store().read() as db:
        draft = current_draft(db, study_id)
    if draft is None:
        raise StudyConflict(
            "There is no study file yet.", "Send the baseline and a compressed version first."
        )
    study = parse_study(draft.text)
    asked = ask_for_certainty(
        store(), settings(), study_id, study, n_listeners=n_listeners, by=the_user().id
    )
    view = mm.EstimateView(**length_of(study), certainty=asked.result, job=asked.job)
    return answer(view)


def _sounds() -> mm.SoundsView:
    table = table_of(settings(), the_study().study_id)
    return mm.SoundsView(
        items=list(table.items),
        conditions=[
            mm.ConditionSounds(name=name, levels=list(levels))
            for name, levels in table.levels.items()
        ],
        missing=[_path(place) for place in table.missing],
        extra=[place.path for place in table.extra],
        has_baseline=table.has_baseline,
        is_complete=table.is_complete,
    )


def _path(place: Place) -> str:
    """Of a file that is not there: it may be WAV or FLAC."""
    return place.path.rpartition(".")[0]
