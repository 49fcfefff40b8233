"""The participant's page: one address per study; what is on it is decided step by step."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from jndlab.languages.tags import LANGUAGES
from jndlab.sessions.opening import refusal, version_for
from jndlab.store.links import ONE_SESSION, Entry, entry_by_token
from jndlab.store.models import VersionRow
from jndlab.store.studies import clip_size, definition_of, versions_of
from jndlab.study.consent import consent_in
from jndlab.study.plan import count_trials, estimate_minutes
from jndlab.study.recruiters import RECRUITERS
from jndlab.study.session_parts import all_parts
from jndlab.web.context import store
from jndlab.web.page_texts import page_texts
from jndlab.web.participant_tasks import count_page_parts, count_sounds, page_tasks
from jndlab.web.wording import choose_wording, study_wording

blueprint = Blueprint("participant", __name__)


@blueprint.get("/s/<link>")
def study(link: str) -> ResponseReturnValue:
    """The page on which a participant takes a study."""
    with store().read() as db:
        entry = entry_by_token(db, link)
        version = _version_asked_for(db, entry) or version_for(db, entry)
        definition = definition_of(version)
        size = clip_size(db, version.id)
        refused = refusal(db, entry, definition)
    catalogue = choose_wording(definition)
    title, texts = study_wording(definition)
    n_trials = count_trials(definition)
    return render_template(
        "participant/study.html",
        link=link,
        study_version=version.number,
        refusal=refused,
        for_anybody=entry.kind not in ONE_SESSION and not entry.recruiter,
        recruiter=RECRUITERS.get(entry.recruiter),
        personal=entry.kind == "personal",
        preview=entry.kind == "preview",
        page_texts=page_texts(catalogue),
        title=title,
        texts=texts,
        languages=[] if definition.language else list(LANGUAGES.values()),
        presentation=definition.presentation,
        design=definition.design,
        tasks=page_tasks(definition, size.seconds),
        n_parts=count_page_parts(definition),
        check_kinds=list(dict.fromkeys(rule.kind for rule in definition.check_rules())),
        has_practice=definition.design.practice_trials > 0,
        consent=consent_in(definition, catalogue.language.tag),
        questionnaires=definition.questionnaires,
        examples=definition.examples,
        n_trials=n_trials,
        at_most=any(part.adaptive for part in all_parts(definition)),
        minutes=estimate_minutes(definition, size.seconds),
        megabytes=max(1, round(count_sounds(definition) * size.megabytes)),
    )


def _version_asked_for(db: Session, entry: Entry) -> VersionRow | None:
    """The version of a session that began before the study was changed: ?version=NUMBER."""
    asked = request.args.get("version", "")
    for row in versions_of(db, entry.study.id):
        if str(row.number) == asked and (row.live_since is not None or entry.kind == "preview"):
            return row
    return None
