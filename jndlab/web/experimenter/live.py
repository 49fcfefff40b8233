"""The live view of one study: the page, and what it asks for every few seconds.

Polling, not a stream: a held stream would keep a thread of the server from participants. What is
asked for carries an ETag, so that "nothing new" is a few bytes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Response, current_app, get_template_attribute, render_template, request, url_for
from flask.typing import ResponseReturnValue

from jndlab.errors import RequestInvalid
from jndlab.store.studies import require_study, versions_of
from jndlab.store.study_states import StudyState, study_state
from jndlab.study.trials import SessionKind
from jndlab.web.access import needs, the_study
from jndlab.web.context import store
from jndlab.web.experimenter.blueprint import blueprint
from jndlab.web.experimenter.overview import base_url
from jndlab.web.live.cells import Table
from jndlab.web.live.reader import Look, Readers
from jndlab.web.live.view import RULES, LiveView, live_view

EXTENSION = "jndlab.live"
KINDS: dict[SessionKind, str] = {
    "participant": "Participants",
    "pilot": "Pilot",
    "simulated": "Simulated listeners",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Which sessions are looked at."""

    kind: SessionKind
    version: int | None
    """None: every version."""


@blueprint.get("/studies/<slug>/live")
@needs("view")
def live(slug: str) -> ResponseReturnValue:
    """The study while data come in."""
    study_id = the_study().study_id
    with store().read() as db:
        row = require_study(db, slug)
        state = study_state(db, study_id)
        versions = [version.number for version in versions_of(db, study_id)]
    choice = choice_of(state)
    look = look_at(choice)
    return render_template(
        "experimenter/live.html",
        view=live_view(look.overview, state=state),
        etag=_etag(look, state),
        state=state,
        choice=choice,
        kinds=KINDS,
        versions=versions,
        rules=RULES,
        link=base_url() + url_for("participant.study", link=row.link),
    )


@blueprint.get("/studies/<slug>/live.json")
@needs("view")
def live_json(slug: str) -> ResponseReturnValue:
    """What has changed on that page; 304 while nothing has."""
    with store().read() as db:
        state = study_state(db, the_study().study_id)
    look = look_at(choice_of(state), seen=_seen())
    etag = _etag(look, state)
    if request.if_none_match.contains_weak(etag):  # a proxy that compresses makes it weak
        response = Response(status=304)
    else:
        body = _readers().kept(the_study().study_id, etag, lambda: _body(look, state))
        response = Response(body, mimetype="application/json")
    response.set_etag(etag)
    return response


def choice_of(state: StudyState, asked_for: Mapping[str, str] | None = None) -> Choice:
    """The sessions that the address, or a form, asks for. Raises RequestInvalid."""
    given = request.args if asked_for is None else asked_for
    asked = given.get("kind", "pilot" if state == "piloting" else "participant")
    kind = next((known for known in KINDS if known == asked), None)
    if kind is None:
        raise RequestInvalid(
            "There is no such kind of session.", f"Choose one of: {', '.join(KINDS)}."
        )
    version = given.get("version", "")
    if version and not (version.isascii() and version.isdigit() and len(version) < 7):
        raise RequestInvalid("There is no such version.", "Choose one of the list, or all.")
    return Choice(kind=kind, version=int(version) if version else None)


def look_at(choice: Choice, *, seen: str = "") -> Look:
    """A look at the study of this request; ``seen`` is the mark of the one that the page has."""
    reader = _readers().reader(the_study().study_id, choice.kind, choice.version)
    return reader.look(store(), seen=seen)


def _readers() -> Readers:
    readers: Readers = current_app.extensions.setdefault(EXTENSION, Readers())
    return readers


def _etag(look: Look, state: StudyState) -> str:
    return f"{look.etag}-{state}"


def _seen() -> str:
    """The look that the page has; whatever else a client may send is none."""
    marks = [mark for mark in request.if_none_match.as_set(include_weak=True) if "-" in mark]
    return marks[0].partition("-")[0] if len(marks) == 1 else ""


def _body(look: Look, state: StudyState) -> str:
    return json.dumps(as_json(live_view(look.overview, state=state), state), ensure_ascii=False)


def as_json(view: LiveView, state: StudyState) -> dict[str, Any]:
    """The view as the page's script reads it; figures are drawn as on the page."""
    draw = get_template_attribute("experimenter/_live_parts.html", "drawing")
    return {
        "state": state,
        "summary": view.summary,
        "empty": view.is_empty,
        "more": view.more,
        "tiles": [[tile.name, tile.value, tile.flag] for tile in view.tiles],
        "figures": [[figure.name, figure.says, str(draw(figure))] for figure in view.figures],
        "tables": {table.name: _rows(table) for table in view.tables},
    }


def _rows(table: Table) -> list[Any]:
    return [
        [row.key, [[cell.text, cell.sort, cell.flag] for cell in row.cells]] for row in table.rows
    ]
