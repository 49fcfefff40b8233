"""A copy of a study with mended sounds, asked for on the page of the pair gate."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from jndlab.errors import StudyConflict
from jndlab.store.studies import study_by_slug
from jndlab.studies.drafts import create_study, save_draft
from jndlab.studies.gate import examine_study
from jndlab.studies.mended_copy import make_mended_copy
from jndlab.study.study_file import load_study
from jndlab.web.jobs.queue import newest_job, require_job
from tests.builders import listing, make_study_text, write_stimuli
from tests.servers import until
from tests.store.launching import Launched
from tests.store.test_gate import amplify
from tests.web.access import client_of

Csrf = Callable[[str], str]


@pytest.fixture
def study(launched: Launched) -> int:
    """A study made in the browser: one sound is louder, another one two samples late."""
    study = create_study(launched.store, slug="tiny", title="Tiny", by=None)
    folder = launched.settings.study_folder(study)
    write_stimuli(folder / "sounds")
    text = make_study_text(
        stimuli={"baseline": "sounds/baseline"}, condition={"folder": "sounds/bits"}
    )
    save_draft(launched.store, launched.settings, study, text, based_on=0, by=None)
    amplify(folder / "sounds" / "bits" / "2" / "one.wav", 0.4)
    amplify(folder / "sounds" / "bits" / "1" / "three.wav", 0, delay=2)
    return study


@pytest.fixture
def editor(app: Flask, launched: Launched, study: int) -> FlaskClient:
    return client_of(app, launched.store, "editor", slug="tiny")


def test_the_copy_has_nothing_left_to_find_and_the_study_stays_as_it_is(
    editor: FlaskClient, launched: Launched, study: int, csrf: Csrf
) -> None:
    folder = launched.settings.study_folder(study)
    examine_study(launched.settings, study)
    before = listing(folder)
    page = editor.get("/studies/tiny/gate").text
    assert "Make a copy with mended sounds" in page
    asked = editor.post("/studies/tiny/gate/mended", data={"csrf_token": csrf(page)})
    assert (asked.status_code, asked.headers["Location"]) == (302, "/studies/tiny/gate")
    with launched.store.read() as db:
        job = newest_job(db, study, "mended-copy")
    assert job is not None

    def ended() -> bool:
        with launched.store.read() as db:
            return require_job(db, job.public_id).state in ("done", "failed")

    until(ended, "the mended copy")
    told = editor.get(f"/jobs/{job.public_id}").json
    assert told is not None
    assert told["state"] == "done", told
    # Two samples are cut at the end of every version of one item, and one version is made softer.
    assert (told["result"]["n_changed"], told["result"]["n_files"]) == (5, 12)
    assert listing(folder) == before
    with launched.store.read() as db:
        copy = study_by_slug(db, "tiny-mended")
        assert copy is not None
        copy_folder = launched.settings.study_folder(copy.id)
        assert copy.title == "A tiny study (mended)"
    _, record = examine_study(launched.settings, copy.id)
    assert record.findings == ()
    assert load_study(copy_folder).seed != load_study(folder).seed
    page = re.sub(r"\s+", " ", editor.get("/studies/tiny/gate").text)
    assert 'href="/studies/tiny-mended/gate"' in page
    assert "bits/1/three.wav</b>: delay of +2.000 samples removed" in page
    assert editor.get("/studies/tiny-mended/gate").status_code == 200


def test_a_second_copy_has_a_name_of_its_own(launched: Launched, study: int) -> None:
    slugs = [
        make_mended_copy(
            launched.store,
            launched.settings,
            study,
            work=launched.settings.data / "jobs" / name,
            by=None,
        ).slug
        for name in ("a", "b")
    ]
    assert slugs == ["tiny-mended", "tiny-mended-2"]
    assert not (launched.settings.data / "jobs" / "a").exists()


def test_where_nothing_can_be_mended_no_copy_is_made(launched: Launched) -> None:
    study = create_study(launched.store, slug="fine", title="Fine", by=None)
    write_stimuli(launched.settings.study_folder(study))
    text = make_study_text(slug="fine")
    save_draft(launched.store, launched.settings, study, text, based_on=0, by=None)
    work = launched.settings.data / "jobs" / "c"
    with pytest.raises(StudyConflict, match="Nothing here can be mended"):
        make_mended_copy(launched.store, launched.settings, study, work=work, by=None)
    with launched.store.read() as db:
        assert study_by_slug(db, "fine-mended") is None


def test_who_may_only_look_is_not_offered_it(
    app: Flask, launched: Launched, study: int, csrf: Csrf
) -> None:
    examine_study(launched.settings, study)
    viewer = client_of(app, launched.store, "viewer", slug="tiny")
    page = viewer.get("/studies/tiny/gate").text
    assert "mended sounds" not in page
    refused = viewer.post("/studies/tiny/gate/mended", data={"csrf_token": csrf(page)})
    assert refused.status_code in (403, 404)
