"""Copies of a study: a duplicate, an archive, an archive taken back in, another tool's study."""

from __future__ import annotations

import secrets

from flask import Response

from jndlab.errors import RequestInvalid
from jndlab.studies.copying import copy_study
from jndlab.studies.uploads import upload_state
from jndlab.web.access import needs, the_study, the_user
from jndlab.web.bodies import read_body
from jndlab.web.context import settings, store
from jndlab.web.experimenter.copies import READ, WRITE
from jndlab.web.experimenter.importing import LOOK, TAKE
from jndlab.web.experimenter.new_study import require_title
from jndlab.web.manage import messages_making as mm
from jndlab.web.manage.blueprint import answer, blueprint
from jndlab.web.manage.running import start
from jndlab.web.manage.studies import study_view


@blueprint.post("/studies/<slug>/copies")
@needs("edit")
def copy(slug: str) -> Response:
    """Make a copy that belongs to whoever asks."""
    body = read_body(mm.CopyStudy)
    title = " ".join(body.title.split())
    require_title(title, body.slug)
    copy_id = copy_study(
        store(),
        settings(),
        the_study().study_id,
        slug=body.slug,
        title=title,
        by=the_user().id,
    )
    return answer(study_view(copy_id), 201)


@blueprint.post("/studies/<slug>/archive")
@needs("edit")
def make_archive(slug: str) -> Response:
    """Put study file and sounds into one archive."""
    return start(WRITE, {"ask": secrets.token_hex(4)})  # each time anew: the sounds may differ


@blueprint.post("/studies/<slug>/uploads/<name>/take")
@needs("own")
def take_archive(slug: str, name: str) -> Response:
    """Fill an empty study from the archive of one."""
    _require_whole(name)
    return start(READ, {"name": name})


@blueprint.post("/studies/<slug>/uploads/<name>/import")
@needs("edit")
def import_archive(slug: str, name: str) -> Response:
    """Look into another tool's study, or fill an empty study from it."""
    body = read_body(mm.ImportStudy)
    _require_whole(name)
    told = {
        "baseline": body.baseline.strip(),
        "unit": body.unit.strip(),
        "levels": [[one.version, [one.condition, one.level]] for one in body.levels],
        "paradigm": body.paradigm,
        "compression": body.compression,
        "take_ratings": "yes" if body.take_ratings else "",
    }
    return start(LOOK if body.look_only else TAKE, {"name": name, "told": told})


def _require_whole(name: str) -> None:
    if not upload_state(store(), settings(), the_study().study_id, name).is_complete:
        raise RequestInvalid("The archive is not here as a whole.", "Go on sending it.")
