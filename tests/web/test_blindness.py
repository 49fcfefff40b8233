"""Before an answer, nothing that leaves the server tells which interval is which."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from jndlab.audio.pcm import decode_wav, encode_wav
from jndlab.store.models import SessionRow, StimulusRow, StudyRow, VersionRow
from jndlab.study.paradigms import PARADIGMS
from jndlab.web.app import create_app
from tests.store.launching import Launched, make_template, open_copy
from tests.web.participants import Participant

OPAQUE = re.compile(r"/api/v1/(?:clips|checks)/([\w-]+)")
NAME_CHARACTERS = 24  # 18 random bytes, 144 bits


@pytest.fixture
def participant(either: Launched) -> Participant:
    client = create_app(either.settings, either.store).test_client()
    return Participant(client, either).open().pass_sound_check()


def take_all(participant: Participant) -> Iterator[Any]:
    """Every trial with its sounds, before it is answered with the first response."""
    first_response = PARADIGMS[participant.launched.study.paradigm].responses[0]
    for _ in participant.launched.plan(participant.token).trials:
        trial = participant.trial()
        yield trial
        participant.answer(trial, first_response)


def secrets_of(launched: Launched) -> list[str]:
    """What must never be seen: names, levels, digests, paths, seed, completion code."""
    study = launched.study
    (condition,) = study.stimuli.conditions
    with launched.store.read() as db:
        row = db.scalars(select(StudyRow)).one()
        version = db.scalars(select(VersionRow)).one()
        sessions = db.scalars(select(SessionRow)).all()
        clips = db.scalars(select(StimulusRow)).all()
    return [
        *study.stimuli.items,
        *(str(level) for level in condition.levels),
        *(condition.name, condition.unit, "baseline", "compressed", "gross"),
        *(version.digest, version.definition_digest, row.completion_code, study.simulation_key()),
        *(digest for clip in clips for digest in (clip.clip, clip.source_digest)),
        *(value for s in sessions for value in (s.plan_digest, s.public_id, s.token_digest)),
        *(str(launched.settings.data), "jndlab.db", ".wav"),
    ]


def said(response: TestResponse) -> str:
    """Head and body of an answer, less what is random in it."""
    body = "" if response.mimetype == "audio/wav" else response.text
    text = f"{response.status}\n{response.headers}\n{body}"
    for name in OPAQUE.findall(text):
        text = text.replace(name, "")
    token = re.search(r'"token":"([^"]+)"', text)
    return text.replace(token[1], "") if token else text


def values_in(content: Any) -> Iterator[Any]:
    """Every value in a JSON document, however deep."""
    if isinstance(content, dict):
        for value in content.values():
            yield from values_in(value)
    elif isinstance(content, list):
        for value in content:
            yield from values_in(value)
    else:
        yield content


def test_no_answer_of_the_server_names_anything_of_the_truth(participant: Participant) -> None:
    launched = participant.launched
    participant.received.append(participant.client.get(f"/s/{launched.link}"))
    for trial in take_all(participant):
        participant.clips(trial)
        participant.send("GET", "/session")
        participant.send("POST", "/finish")
        participant.send("PUT", f"/trials/{trial['number'] + 1}/response", {"x": 1})
    secrets = secrets_of(launched)
    orders = {order.code for order in PARADIGMS[launched.study.paradigm].orders}
    assert len(participant.received) > 50
    for response in participant.received:
        text = said(response)
        assert [secret for secret in secrets if secret.lower() in text.lower()] == []
        if response.is_json:
            assert orders.isdisjoint(map(str, values_in(response.json)))


def test_every_message_has_the_same_keys_in_the_same_order(participant: Participant) -> None:
    shapes: dict[str, set[tuple[str, ...]]] = {}
    for trial in take_all(participant):
        for name, content in (("trial", trial), *(("interval", i) for i in trial["intervals"])):
            shapes.setdefault(name, set()).add(tuple(content))
        labels = [interval["label"] for interval in trial["intervals"]]
        assert tuple(labels) == PARADIGMS[participant.launched.study.paradigm].labels
    for response in participant.received:
        if "/response" in response.request.path:
            shapes.setdefault("receipt", set()).add(tuple(json.loads(response.text)))
    assert {name: len(found) for name, found in shapes.items()} == {
        "trial": 1,
        "interval": 1,
        "receipt": 1,
    }


def test_only_practice_answers_say_what_was_right(participant: Participant) -> None:
    plan = {trial.number: trial for trial in participant.launched.plan(participant.token).trials}
    for trial in take_all(participant):
        assert "correct" not in json.dumps(trial)
    receipts = [r.json for r in participant.received if r.request.path.endswith("/response")]
    assert len(receipts) == len(plan)
    for receipt in receipts:
        truth = plan[receipt["number"]]
        practice = truth.phase == "practice"
        assert receipt["correct_response"] == (truth.correct_response if practice else None)
        assert (receipt["correct"] is None) == (not practice)


def test_the_sounds_of_a_trial_differ_in_no_header_and_not_in_length(
    participant: Participant,
) -> None:
    for trial in take_all(participant):
        clips = participant.clips(trial)
        assert {clip.status_code for clip in clips} == {200}
        heads = [clip.headers.copy() for clip in clips]
        for head, clip in zip(heads, clips, strict=True):
            own = base64.b64encode(hashlib.sha256(clip.data).digest()).decode()
            assert head.pop("Repr-Digest") == f"sha-256=:{own}:"  # tells what the bytes tell
            assert len(head.pop("X-Request-Id")) == 32  # random
        assert len({tuple(head.to_wsgi_list()) for head in heads}) == 1
        assert len({clip.data[:44] for clip in clips}) == 1  # the head of the WAV file
        assert len({len(clip.data) for clip in clips}) == 1


def test_no_two_sounds_ever_have_equal_bytes(participant: Participant) -> None:
    """Not X and its original, not the two of an identical pair, not a sound heard before."""
    digests = [
        hashlib.sha256(clip.data).hexdigest()
        for trial in take_all(participant)
        for clip in participant.clips(trial)
    ]
    stored = {path.stem for path in participant.launched.settings.clips.rglob("*.wav")}
    assert len(stored) == 6
    assert len(set(digests)) == len(digests)
    assert stored.isdisjoint(digests)


def test_the_noise_on_a_sound_cannot_be_computed_from_its_name(participant: Participant) -> None:
    """Or it could be taken off again, and X would equal A or B byte for byte."""
    (trial, *_) = take_all(participant)
    cleaned = []
    for interval, clip in zip(trial["intervals"], participant.clips(trial), strict=True):
        name = interval["clip"].rpartition("/")[2]
        samples = decode_wav(clip.data)
        seed = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8])
        noise = np.random.default_rng(seed).integers(-1, 2, size=samples.shape, dtype=np.int32)
        cleaned.append(hashlib.sha256(encode_wav(samples - noise, 48_000)).hexdigest())
    stored = {path.stem for path in participant.launched.settings.clips.rglob("*.wav")}
    assert stored.isdisjoint(cleaned)


def test_the_noise_on_a_sound_is_far_below_hearing(participant: Participant) -> None:
    (trial, *_) = take_all(participant)
    paths = participant.launched.settings.clips.rglob("*.wav")
    originals = [decode_wav(path.read_bytes()) for path in paths]
    for clip in participant.clips(trial):
        samples = decode_wav(clip.data)
        nearest = min(int(np.abs(samples - original).max()) for original in originals)
        assert nearest == 1  # one unit in the 24th bit


def test_names_of_sounds_are_long_random_and_used_once(participant: Participant) -> None:
    names = [
        interval["clip"].rpartition("/")[2]
        for trial in take_all(participant)
        for interval in trial["intervals"]
    ]
    second = Participant(participant.client, participant.launched).open().pass_sound_check()
    names += [
        interval["clip"].rpartition("/")[2]
        for trial in take_all(second)
        for interval in trial["intervals"]
    ]
    assert len(set(names)) == len(names)
    assert {len(name) for name in names} == {NAME_CHARACTERS}
    # A counter or a digest of the truth would repeat its beginning; 36 random ones do not.
    assert len({name[:8] for name in names}) == len(names)


def test_the_page_is_the_same_whatever_the_trial(participant: Participant) -> None:
    def page() -> tuple[bytes, list[tuple[str, str]]]:
        response = participant.client.get(f"/s/{participant.launched.link}")
        assert response.status_code == 200
        del response.headers["X-Request-Id"]  # random
        return response.data, response.headers.to_wsgi_list()

    first = page()
    for trial in take_all(participant):
        participant.clips(trial)
        assert page() == first
    assert page() == first


def test_a_participant_is_given_no_cookie(participant: Participant) -> None:
    for trial in take_all(participant):
        participant.clips(trial)
    participant.received.append(participant.client.get(f"/s/{participant.launched.link}"))
    assert not [r for r in participant.received if "Set-Cookie" in r.headers]


def test_sounds_are_named_two_trials_ahead_and_no_further(participant: Participant) -> None:
    n_intervals = len(PARADIGMS[participant.launched.study.paradigm].labels)
    n_trials = len(participant.launched.plan(participant.token).trials)
    for done, trial in enumerate(take_all(participant), start=1):
        for _ in range(3):
            ahead = participant.json("POST", "/trials/ahead")["trials"]
        assert [one["number"] for one in ahead] == list(
            range(done + 1, min(done + 2, n_trials) + 1)
        )
        assert all(tuple(one) == tuple(trial) for one in ahead)
        addresses = {a for r in participant.received if r.is_json for a in OPAQUE.findall(r.text)}
        assert len(addresses) - 1 == min(done + 2, n_trials) * n_intervals


def test_without_being_asked_the_server_names_no_sound_ahead(participant: Participant) -> None:
    n_intervals = len(PARADIGMS[participant.launched.study.paradigm].labels)
    for done, trial in enumerate(take_all(participant)):
        addresses = {a for r in participant.received if r.is_json for a in OPAQUE.findall(r.text)}
        sound_checks = 1
        assert len(addresses) - sound_checks == (done + 1) * n_intervals
        assert len(trial["intervals"]) == n_intervals


def test_a_study_may_send_its_clips_as_they_are(tmp_path: Path) -> None:
    """Then they can be cached, and X is a copy of A or B to whoever compares files."""
    template = make_template(tmp_path / "made", presentation={"fresh_noise": False})
    launched = open_copy(template, tmp_path / "copy")
    client = create_app(launched.settings, launched.store).test_client()
    participant = Participant(client, launched).open().pass_sound_check()
    clips = participant.clips(participant.trial())
    stored = {path.read_bytes() for path in launched.settings.clips.rglob("*.wav")}
    assert {clip.data for clip in clips} <= stored
    assert {clip.headers["Cache-Control"] for clip in clips} == {"private, max-age=86400"}
    launched.store.close()
