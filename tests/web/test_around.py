"""What comes around the trials, over HTTP: consent, feedback, examples, practice."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from jndlab.store.models import ConsentTextRow, SessionRow
from jndlab.study.consent import consent_in
from jndlab.study.paradigms import PARADIGMS
from jndlab.web.app import create_app
from tests.store.launching import Launched, make_template, open_copy
from tests.web.participants import Participant, consent_to

Launch = Callable[..., Participant]
SMALL = {"trials_per_level": 1, "practice_trials": 2, "identical_trials": 2, "gross_trials": 0}


@pytest.fixture
def launch(tmp_path: Path) -> Iterator[Launch]:
    """A participant of a study with some keys, before consent."""
    made: list[Launched] = []

    def launch(**overrides: Any) -> Participant:
        folder = tmp_path / str(len(made))
        template = make_template(folder / "study", **({"checks": []} | overrides))
        made.append(open_copy(template, folder / "copy"))
        client = create_app(made[-1].settings, made[-1].store).test_client()
        return Participant(client, made[-1])

    yield launch
    for launched in made:
        launched.store.close()


def session_of(participant: Participant) -> SessionRow:
    with participant.launched.store.read() as db:
        return db.query(SessionRow).one()


@pytest.mark.parametrize("tag", ["en", "de"])
def test_the_text_that_was_agreed_to_is_kept_once_for_all(launch: Launch, tag: Any) -> None:
    participant = launch()
    consent = consent_in(participant.launched.study, tag)
    page = participant.client.get(f"/s/{participant.launched.link}?lang={tag}").text
    assert f'data-consent="{consent.version()}"' in page
    body = consent_to(participant.launched.link) | {"consent_version": consent.version()}
    participant.json("POST", "/sessions", body)
    row = session_of(participant)
    assert (row.consent_version, row.consented_at) == (consent.version(), row.opened_at)
    participant.json("POST", "/sessions", body)
    with participant.launched.store.read() as db:
        kept = db.query(ConsentTextRow).one()
    assert (
        kept.text == consent.text() == "A tiny study\n\nPlease listen.\n\nYou may stop at any time."
    )


def test_consent_to_another_text_opens_no_session(launch: Launch) -> None:
    participant = launch()
    body = consent_to(participant.launched.link) | {"consent_version": "0" * 64}
    response = participant.send("POST", "/sessions", body)
    assert (response.status_code, response.json["error"]["code"]) == (409, "consent-outdated")
    with participant.launched.store.read() as db:
        assert db.query(SessionRow).count() == 0


def test_one_word_more_in_the_consent_is_another_version(launch: Launch) -> None:
    versions = {
        consent_in(launch(**change).launched.study, "en").version()
        for change in (
            {},
            {"texts": {"consent": "Please listen well."}},
            {"texts": {"contact": "somebody@example.org"}},
            {"title": "Another study"},
        )
    }
    assert len(versions) == 4


@pytest.mark.parametrize(
    ("feedback", "told"),
    [("practice", {"practice"}), ("always", {"practice", "test"}), ("never", set())],
)
def test_feedback_is_given_where_the_study_says_and_never_on_an_identical_pair(
    launch: Launch, feedback: str, told: set[str]
) -> None:
    participant = launch(design=SMALL | {"feedback": feedback}).open()
    launched = participant.launched
    first = PARADIGMS[launched.study.paradigm].responses[0]
    found = set()
    for trial in launched.plan(participant.token).trials:
        receipt = participant.answer(participant.trial(), first)
        if receipt["correct"] is not None:
            assert receipt["correct"] == (trial.correct_response == first)
            assert receipt["correct_response"] == trial.correct_response
            found.add("practice" if trial.phase == "practice" else trial.kind)
    assert found == told


def test_a_practice_that_met_its_criterion_is_not_counted_as_left(launch: Launch) -> None:
    design = SMALL | {"practice_trials": 4, "practice_criterion": {"share": 1, "last": 2}}
    participant = launch(design=design).open()
    plan = participant.launched.plan(participant.token)
    for number in (1, 2):
        trial = participant.trial()
        assert trial["number"] == number
        assert participant.json("GET", "/session")["n_trials"] == len(plan.trials)
        participant.answer(trial, plan.trials[number - 1].correct_response)
    state = participant.json("GET", "/session")
    assert (state["n_answered"], state["n_trials"]) == (2, len(plan.trials) - 2)
    after = participant.trial()
    assert (after["number"], after["phase"], after["place"]) == (5, "main", 1)
    refused = participant.send("PUT", "/trials/3/response", {})
    assert refused.status_code == 400
    while participant.json("GET", "/session")["step"] == "trial":
        participant.answer(participant.trial(), "A")
    assert participant.json("POST", "/finish")["completion_code"]


def test_examples_are_the_sounds_of_the_study_and_name_nothing(launch: Launch) -> None:
    examples = [
        {"item": "one", "caption": "The original"},
        {"item": "two", "condition": "bits", "level": 1, "caption": "A coarse one"},
    ]
    participant = launch(examples=examples).open()
    page = participant.client.get(f"/s/{participant.launched.link}").text
    assert page.index("The original") < page.index("A coarse one")
    sounds = [participant.send("GET", f"/examples/{n}") for n in (0, 1, 0)]
    assert {sound.mimetype for sound in sounds} == {"audio/wav"}
    assert len({sound.data for sound in sounds}) == 3  # fresh noise every time
    for sound in sounds:
        sound.headers.remove("Repr-Digest")
        sound.headers.remove("X-Request-ID")
    assert len({str(sound.headers) for sound in sounds}) == 1
    assert participant.send("GET", "/examples/2").status_code == 404
    assert (
        Participant(participant.client, participant.launched).send("GET", "/examples/0").status_code
        == 404
    )


def test_withdrawing_over_http_is_safe_to_send_twice(launch: Launch) -> None:
    participant = launch().open()
    for _ in range(2):
        assert participant.json("POST", "/withdraw") == {"withdrawn": True}
    assert participant.json("GET", "/session")["step"] == "withdrawn"
    refused = participant.send("POST", "/trial")
    assert (refused.status_code, refused.json["error"]["code"]) == (409, "session-withdrawn")
