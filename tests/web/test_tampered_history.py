"""A history that the plan cannot have produced: a clear error, and never a level made up."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from jndlab.store.histories import forget
from jndlab.store.models import PresentedRow
from jndlab.web.app import create_app
from tests.store.launching import Launched, make_template, open_copy
from tests.web.participants import Participant

BARE = {"practice_trials": 0, "identical_trials": 0, "gross_trials": 0}


@pytest.fixture(params=["staircase", "questplus"])
def adaptive(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, tmp_path: Path
) -> Iterator[Launched]:
    """A launched study whose levels follow from the answers."""
    template = make_template(
        tmp_path_factory.mktemp(request.param),
        items=["one"],
        checks=[],
        design={"procedure": request.param, **BARE},
        adaptive={"stop": {"trials": 12}},
    )
    launched = open_copy(template, tmp_path)
    yield launched
    launched.store.close()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"level": 3.0}, "level 3, which the study does not offer"),
        ({"track": "another"}, "track 'another', which the study does not have"),
    ],
)
def test_a_history_that_cannot_be_is_refused_and_the_answers_are_kept(
    adaptive: Launched,
    changes: dict[str, object],
    message: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    client = create_app(adaptive.settings, adaptive.store).test_client()
    participant = Participant(client, adaptive).open()
    for _ in range(3):
        participant.answer(participant.trial(), "A")
    answers = adaptive.answers(participant.token)
    with adaptive.store.write() as db:
        row = db.scalars(select(PresentedRow).where(PresentedRow.number == 2)).one()
        row.trial = json.dumps({**json.loads(row.trial), **changes})
        forget(row.session.public_id)  # as a server does that is started anew
    for method, path in (("GET", "/session"), ("POST", "/trial")):
        caplog.clear()
        refused = participant.send(method, path)
        assert refused.status_code == 422, refused.text
        assert refused.json["error"]["code"] == "data-invalid"
        # The experimenter finds what is wrong in the log; a participant learns of no level.
        assert message in caplog.text
        assert message not in refused.text
        assert refused.json["error"]["remedy"]
    assert adaptive.answers(participant.token) == answers


def test_a_level_that_a_staircase_would_not_have_chosen_is_refused(
    tmp_path_factory: pytest.TempPathFactory, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    template = make_template(
        tmp_path_factory.mktemp("walk"),
        items=["one"],
        checks=[],
        design={"procedure": "staircase", **BARE},
        adaptive={"stop": {"trials": 12}},
    )
    launched = open_copy(template, tmp_path)
    participant = Participant(create_app(launched.settings, launched.store).test_client(), launched)
    participant.open()
    while len(launched.answers(participant.token)) < 5:
        participant.answer(participant.trial(), "A")
    with launched.store.write() as db:
        rows = db.scalars(select(PresentedRow).order_by(PresentedRow.number)).all()
        rows[0].trial = json.dumps({**json.loads(rows[0].trial), "level": 4.0})
        forget(rows[0].session.public_id)  # as a server does that is started anew
    refused = participant.send("POST", "/trial")
    launched.store.close()
    assert (refused.status_code, refused.json["error"]["code"]) == (422, "data-invalid")
    assert "level 4" in caplog.text
    assert "level" not in refused.json["error"]["message"]
