"""A plan is registered before the first answer, published without what is secret, and stays."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from jndlab.errors import StudyConflict, StudyUnknown
from jndlab.sessions import release_trial, store_answer
from jndlab.store.deeds import deeds_of, detail_of
from jndlab.store.models import SessionRow, StudyRow
from jndlab.store.studies import require_study, require_version
from jndlab.studies.registration import (
    Registration,
    register_version,
    registration_of,
    why_not_registrable,
)
from jndlab.study.registration import (
    canonical,
    content_digest,
    registration_json,
    sealed,
)
from jndlab.study.registration_text import registration_markdown
from tests.store.launching import Launched, make_response, make_template, open_copy

PLAN = {"equivalence_bound": 0.66, "bound_reason": "As | agreed.", "sample_size": 24}
SECRET_SEED = 918_273_645_546
CODES = {"completion_code": "PAID-4711", "screen_out_code": "OUT-4712"}


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("registration")
    return make_template(folder, analysis=PLAN, seed=SECRET_SEED, **CODES)


@pytest.fixture
def study(template: Path, tmp_path: Path) -> Iterator[Launched]:
    launched = open_copy(template, tmp_path)
    yield launched
    launched.store.close()


def study_id(study: Launched) -> int:
    with study.store.read() as db:
        return require_study(db, study.study.slug).id


def register(study: Launched, **given: Any) -> Registration:
    return register_version(study.store, study_id(study), **given)


def answer(study: Launched, kind: str = "participant") -> None:
    """One answer of a session of that kind."""
    token = study.open()
    with study.store.write() as db:
        newest = db.scalars(select(SessionRow).order_by(SessionRow.id.desc()).limit(1)).one()
        newest.kind = kind  # type: ignore[assignment]
    release_trial(study.store, token)
    store_answer(study.store, token, 1, make_response(), key="k")


def test_the_document_tells_the_plan_and_keeps_the_seed(study: Launched) -> None:
    with study.store.write() as db:
        db.get_one(StudyRow, study_id(study)).quota = 30
    made = register(study)
    files = (registration_json(made.content), registration_markdown(made.content))
    for text in files:
        for secret in (str(SECRET_SEED), *CODES.values(), made.salt):
            assert secret not in text
        assert made.digest in text
        assert "agreed." in text
    document = json.loads(files[0])
    assert document["content"]["sample"]["sample_size"] == 24
    assert document["content"]["sample"]["quota"] == 30
    assert document["content"]["analysis"]["equivalence_bound"] == 0.66
    assert document["content"]["answers_before"]["to_this_version"] == 0
    assert "folder" not in json.dumps(document["content"]["definition"])
    assert content_digest(document["content"]) == document["sha256"] == made.digest
    assert "| `bound_reason` | As \\| agreed. |" in files[1]


def test_the_seal_is_opened_with_seed_and_salt_alone(study: Launched) -> None:
    made = register(study)
    with study.store.read() as db:
        digest = require_version(db, study_id(study)).digest
    seal = made.content["sealed"]
    assert made.seed == SECRET_SEED
    assert seal["seed_sha256"] == sealed(made.salt, str(made.seed))
    assert seal["study_digest_sha256"] == sealed(made.salt, digest)
    assert digest not in registration_json(made.content)
    assert len(made.salt) == 32


def test_registering_again_changes_nothing(study: Launched) -> None:
    made = register(study)
    with study.store.write() as db:
        db.get_one(StudyRow, study_id(study)).quota = 99
    assert register(study) == made
    with study.store.read() as db:
        deeds = deeds_of(db, study_id(study), deed="registered")
        assert len(deeds) == 1
        assert detail_of(deeds[0])["digest"] == made.digest
        again = registration_of(db, require_version(db, study_id(study)))
    assert again is not None
    assert canonical(again.content) == canonical(made.content)
    answer(study)
    assert register(study) == made


def test_after_the_first_answer_it_is_refused_with_the_way_to_go(study: Launched) -> None:
    answer(study)
    with pytest.raises(StudyConflict, match="given 1 answer to version 1") as refused:
        register(study)
    assert "new version" in refused.value.remedy
    with study.store.read() as db:
        version = require_version(db, study_id(study))
        assert version.registered_at is None
        assert str(why_not_registrable(db, version)) == str(refused.value)
        assert not deeds_of(db, study_id(study), deed="registered")


def test_simulated_listeners_and_a_pilot_stand_in_nobodys_way(study: Launched) -> None:
    answer(study, "simulated")
    answer(study, "pilot")
    made = register(study)
    assert made.content["answers_before"]["of_the_pilot"] == 1
    assert "A pilot had given 1 answer" in registration_markdown(made.content)


def test_a_study_without_a_plan_has_nothing_to_register(tmp_path: Path) -> None:
    launched = open_copy(make_template(tmp_path / "template"), tmp_path)
    with pytest.raises(StudyConflict, match="no plan of analysis") as refused:
        register(launched)
    launched.store.close()
    assert "'analysis'" in refused.value.remedy


def test_a_version_that_there_is_not_is_refused(study: Launched) -> None:
    with pytest.raises(StudyUnknown, match="no version 7"):
        register(study, number=7)
