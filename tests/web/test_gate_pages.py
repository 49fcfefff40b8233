"""The pair gate in the browser's eyes: summary, table, one pair, reasons, and what is refused."""

from __future__ import annotations

import html
import io
import json
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf
from flask import Flask
from flask.testing import FlaskClient

from jndlab.store.gate import reasons_of
from jndlab.store.models import VersionRow
from jndlab.studies.drafts import create_study, save_draft
from jndlab.studies.gate import examine_study
from jndlab.web.jobs.queue import newest_job, require_job, start_job
from tests.builders import make_study_text, write_stimuli
from tests.servers import until
from tests.store.launching import Launched
from tests.store.test_gate import amplify
from tests.web.access import client_of

Csrf = Callable[[str], str]
PAIR = "/studies/tiny/gate/bits/2/one"


@pytest.fixture
def study(launched: Launched) -> int:
    """A study made in the browser: one pair is 0.4 dB louder, another one two samples late."""
    study = create_study(launched.store, slug="tiny", title="Tiny", by=None)
    folder = launched.settings.study_folder(study)
    write_stimuli(folder)
    save_draft(launched.store, launched.settings, study, make_study_text(), based_on=0, by=None)
    amplify(folder / "bits" / "2" / "one.wav", 0.4)
    amplify(folder / "bits" / "4" / "two.wav", 0.3)
    amplify(folder / "bits" / "1" / "three.wav", 0, delay=2)
    return study


@pytest.fixture
def folder(launched: Launched, study: int) -> Path:
    return launched.settings.study_folder(study)


@pytest.fixture
def editor(app: Flask, launched: Launched, study: int) -> FlaskClient:
    return client_of(app, launched.store, "editor", slug="tiny")


@pytest.fixture
def viewer(app: Flask, launched: Launched, study: int) -> FlaskClient:
    return client_of(app, launched.store, "viewer", slug="tiny")


@pytest.fixture
def checked(launched: Launched, study: int) -> int:
    examine_study(launched.settings, study)
    return study


def text_of(client: FlaskClient, address: str) -> str:
    """The words of a page."""
    response = client.get(address)
    assert response.status_code == 200, response.text
    words = re.sub(r"<[^>]+>", " ", response.text)
    return html.unescape(re.sub(r"\s+", " ", words))


def explain(client: FlaskClient, csrf: Csrf, **form: str) -> tuple[int, str]:
    token = csrf(client.get("/studies/tiny/gate").text)
    answer = client.post("/studies/tiny/gate/reasons", data={"csrf_token": token, **form})
    return answer.status_code, answer.headers.get("Location", "")


def test_before_the_first_look_the_page_says_what_to_do(
    editor: FlaskClient, viewer: FlaskClient
) -> None:
    assert "were not looked at yet" in text_of(editor, "/studies/tiny/gate")
    assert "Check the sounds" in text_of(editor, "/studies/tiny/gate")
    assert "Check the sounds" not in text_of(viewer, "/studies/tiny/gate")


def test_without_sounds_the_page_leads_to_where_they_are_added(
    app: Flask, launched: Launched
) -> None:
    create_study(launched.store, slug="bare", title="Bare", by=None)
    editor = client_of(app, launched.store, "editor", slug="bare")
    assert "There are no sounds to look at yet" in text_of(editor, "/studies/bare/gate")
    token = re.search(r'name="csrf-token" content="([^"]+)"', editor.get("/studies/bare/gate").text)
    assert token is not None
    refused = editor.post("/studies/bare/gate", data={"csrf_token": token[1]})
    assert refused.status_code == 400


def test_checking_is_a_job_and_its_findings_are_on_the_page(
    editor: FlaskClient, launched: Launched, study: int, csrf: Csrf
) -> None:
    token = csrf(editor.get("/studies/tiny/gate").text)
    asked = editor.post("/studies/tiny/gate", data={"csrf_token": token})
    assert (asked.status_code, asked.headers["Location"]) == (302, "/studies/tiny/gate")
    with launched.store.read() as db:
        job = newest_job(db, study, "gate")
    assert job is not None

    def ended() -> bool:
        with launched.store.read() as db:
            return require_job(db, job.public_id).state in ("done", "failed")

    until(ended, "the gate")
    told = editor.get(f"/jobs/{job.public_id}").json
    assert told is not None
    assert told["state"] == "done", told
    assert told["result"] == {"n_pairs": 9, "n_errors": 1, "n_warnings": 2}
    assert told["n_done"] == told["n_steps"] == 3
    page = text_of(editor, "/studies/tiny/gate")
    assert "9 pairs" in page
    assert "1 error stands against a launch" in page
    assert "Error: Delay in bits: 1" in page
    assert "Warning: Gain in bits: 2" in page


def test_the_table_has_every_pair_with_its_figures(viewer: FlaskClient, checked: int) -> None:
    page = viewer.get("/studies/tiny/gate").text
    rows = re.findall(r'<tr data-item="(\w+)" data-condition="bits" data-level="(\d)"', page)
    assert len(rows) == len(set(rows)) == 9
    (row,) = re.findall(r'<tr data-item="three"[^>]*data-level="1".*?</tr>', page, re.DOTALL)
    assert 'data-state="bad"' in row
    assert re.search(r">\+(2\.00|1\.99)\d<", row)
    assert "Error: Delay" in row


def test_a_reason_for_all_of_a_kind_and_one_for_a_single_pair(
    editor: FlaskClient, launched: Launched, checked: int, csrf: Csrf
) -> None:
    said = explain(editor, csrf, group="gain|bits", reason="Level belongs to <it>.")
    assert said == (302, "/studies/tiny/gate#findings")
    page = editor.get("/studies/tiny/gate").text
    assert "Level belongs to &lt;it&gt;." in page
    assert "Explained: Gain" in page
    said = explain(editor, csrf, finding="gain|one|bits|2", reason="This one is special.")
    assert said == (302, f"{PAIR}#findings")
    with launched.store.read() as db:
        texts = {key: reason.text for (key, _), reason in reasons_of(db, checked).items()}
    assert texts == {
        "gain|one|bits|2": "This one is special.",
        "gain|two|bits|4": "Level belongs to <it>.",
    }
    assert "This one is special." in text_of(editor, PAIR)


def test_reasons_that_explain_nothing_are_refused(
    editor: FlaskClient, launched: Launched, checked: int, csrf: Csrf
) -> None:
    forms: list[dict[str, str]] = [
        {"group": "delay|bits", "reason": "It is late."},
        {"finding": "delay|three|bits|1", "reason": "It is late."},
        {"finding": "gain|none|bits|2", "reason": "x"},
        {"finding": "gain|one|bits|2", "reason": "x" * 1001},
        {"reason": "x"},
        {},
    ]
    for form in forms:
        assert explain(editor, csrf, **form)[0] == 400, form
    with launched.store.read() as db:
        assert not reasons_of(db, checked)


def test_changed_sounds_are_noticed_on_both_pages(
    editor: FlaskClient, checked: int, folder: Path
) -> None:
    assert "have changed" not in text_of(editor, "/studies/tiny/gate")
    amplify(folder / "bits" / "2" / "one.wav", -0.4)
    assert "Sounds or study file have changed" in text_of(editor, "/studies/tiny/gate")
    assert "have changed since they were checked" in text_of(editor, PAIR)
    assert "Write it down" not in text_of(editor, PAIR)


def test_a_pair_shows_figures_against_limits(viewer: FlaskClient, checked: int) -> None:
    page = text_of(viewer, "/studies/tiny/gate/bits/1/three")
    assert "Error: Delay It comes 2.00 samples (0.125 ms) later than the baseline" in page
    assert "warning from 0.1, error from 1 sample" in page
    assert re.search(
        r"Delay Error: Delay \+(2\.00|1\.99)\d ± 0\.00\d samples \(\+0\.12\d ms\)", page
    )
    assert "LUFS" in page
    assert "No reason was written" in text_of(viewer, PAIR)
    assert "Write it down" not in text_of(viewer, PAIR)


def test_figures_are_drawn_from_the_sounds_as_they_are(
    viewer: FlaskClient, checked: int, folder: Path
) -> None:
    drawn = viewer.get(f"{PAIR}/figures.json").json
    assert drawn is not None
    assert drawn["seconds"] == pytest.approx(0.3)
    assert set(drawn["parts"]) == {"baseline", "compressed", "difference"}
    for part in drawn["parts"].values():
        lows, highs = part["waveform"]["lows"], part["waveform"]["highs"]
        assert len(lows) == len(highs) > 100
        assert all(low <= high for low, high in zip(lows, highs, strict=True))
        assert part["spectrogram"].startswith("data:image/png;base64,iVBOR")
    assert drawn["parts"]["difference"]["waveform"]["enlarged"] == 5
    assert drawn["parts"]["difference"]["gain_db"] == 19


def test_the_three_sounds_of_a_pair(viewer: FlaskClient, checked: int, folder: Path) -> None:
    def heard(which: str) -> np.ndarray:
        answer = viewer.get(f"{PAIR}/{which}.wav")
        assert answer.mimetype == "audio/wav"
        return sf.read(io.BytesIO(answer.data))[0]

    baseline, _ = sf.read(folder / "baseline" / "one.wav")
    np.testing.assert_array_equal(heard("baseline"), baseline)
    difference = heard("compressed") - heard("baseline")
    np.testing.assert_allclose(heard("difference"), difference, atol=2**-23)
    assert viewer.get(f"{PAIR}/other.wav").status_code == 404


def test_what_is_asked_for_by_the_digest_of_the_sounds_may_be_kept(
    viewer: FlaskClient, checked: int, folder: Path
) -> None:
    found = re.search(r'data-pair="([^"]+)"', viewer.get(PAIR).text)
    assert found is not None
    address = html.unescape(found[1])
    assert "max-age=86400" in viewer.get(address).headers["Cache-Control"]
    sound = json.loads(viewer.get(address).text)["parts"]["difference"]["url"]
    assert "private" in viewer.get(sound).headers["Cache-Control"]
    assert viewer.get(f"{PAIR}/figures.json").headers["Cache-Control"] == "no-store"
    amplify(folder / "bits" / "2" / "one.wav", 0.1)  # under the old address: no longer
    assert viewer.get(address).headers["Cache-Control"] == "no-store"


def test_a_pair_that_there_is_not_is_not_found(viewer: FlaskClient, checked: int) -> None:
    places = ["bits/3/one", "bits/nan/one", "bits/x/one", "bits/1e999/one", "other/2/one"]
    places += ["bits/2/four", "bits/2/..", "bits/2/..%2F..%2Fbaseline%2Fone", "%00/2/one"]
    for place in places:
        for what in ("", "/figures.json", "/baseline.wav"):
            answer = viewer.get(f"/studies/tiny/gate/{place}{what}")
            assert answer.status_code == 404, (place, what)


def test_an_unreadable_sound_is_told_without_the_servers_folders(
    viewer: FlaskClient, launched: Launched, checked: int, folder: Path
) -> None:
    (folder / "bits" / "2" / "one.wav").write_bytes(b"RIFF of nothing")
    page = text_of(viewer, PAIR)
    assert "bits/2/one.wav is no readable sound file" in page
    assert str(launched.settings.data) not in page
    answer = viewer.get(f"{PAIR}/figures.json")
    assert answer.status_code == 422
    assert str(launched.settings.data) not in answer.text


@pytest.mark.parametrize("kind", ["longer", "stereo", "rate", "nan", "silent", "empty", "infinite"])
def test_sounds_that_cannot_be_compared_are_shown_side_by_side(
    viewer: FlaskClient, checked: int, folder: Path, kind: str
) -> None:
    path = folder / "bits" / "2" / "one.wav"
    samples, rate_hz = sf.read(path, always_2d=True)
    changed = {
        "longer": np.vstack([samples, samples]),
        "stereo": np.hstack([samples, samples]),
        "rate": samples,
        "nan": np.full_like(samples, np.nan),
        "infinite": np.full_like(samples, np.inf),
        "silent": 0 * samples,
        "empty": samples[:0],
    }[kind]
    sf.write(path, changed, 8_000 if kind == "rate" else rate_hz, subtype="FLOAT")
    page = text_of(viewer, PAIR)
    assert ("cannot be compared" in page) == (kind != "silent")
    drawn = viewer.get(f"{PAIR}/figures.json")
    assert drawn.status_code == 200
    content = json.loads(drawn.text, parse_constant=lambda text: pytest.fail(text))
    assert ("difference" in content["parts"]) == (kind in ("nan", "silent", "infinite"))
    for part in content["parts"].values():
        assert viewer.get(part["url"]).status_code == 200


def test_a_study_from_the_command_line_shows_what_was_frozen(
    app: Flask, launched: Launched, csrf: Csrf
) -> None:
    editor = client_of(app, launched.store, "editor")
    page = text_of(editor, "/studies/heron/gate")
    assert "4 pairs" in page
    assert "frozen with the version" in page
    assert "Check" not in re.sub("Checked", "", page)
    pair = text_of(editor, "/studies/heron/gate/kestrelcut/1.375/quokkahop")
    assert "Measured on the clips as participants hear them, at 48 kHz" in pair
    answer = editor.get("/studies/heron/gate/kestrelcut/1.375/quokkahop/difference.wav")
    assert answer.status_code == 200


def test_a_version_from_before_there_was_a_gate(app: Flask, launched: Launched) -> None:
    viewer = client_of(app, launched.store, "viewer")
    for gate in (None, "{}"):
        with launched.store.write() as db:
            db.query(VersionRow).update({"gate": gate})
        assert "launched before findings were kept" in text_of(viewer, "/studies/heron/gate")
        assert viewer.get("/studies/heron/gate/kestrelcut/1.375/quokkahop").status_code == 200


@pytest.mark.parametrize("target", ["piloting", "running"])
def test_a_launch_waits_for_reasons_and_a_preview_does_not(
    editor: FlaskClient,
    launched: Launched,
    study: int,
    folder: Path,
    csrf: Csrf,
    target: str,
) -> None:
    amplify(folder / "bits" / "1" / "three.wav", 0, delay=-2)

    def launch(target: str) -> tuple[str, str]:
        job = start_job(
            launched.store,
            launched.settings,
            "launch",
            study_id=study,
            by=None,
            options={"target": target},
        )

        def ended() -> bool:
            with launched.store.read() as db:
                return require_job(db, job).state in ("done", "failed")

        until(ended, "the launch")
        with launched.store.read() as db:
            at = require_job(db, job)
            return at.state, at.message

    assert launch("preview") == ("done", "")
    assert launch(target) == (
        "failed",
        "2 warnings of the pair gate have no written reason yet.",
    )
    status, _ = explain(editor, csrf, group="gain|bits", reason="Level belongs to it.")
    assert status == 302
    assert launch(target) == ("done", "")


def test_limits_of_the_study_are_named_and_held_against(
    viewer: FlaskClient, launched: Launched, study: int
) -> None:
    text = make_study_text() + "\ngate:\n  gain_warning_db: 0.6\n  delay_error_samples: 5\n"
    save_draft(launched.store, launched.settings, study, text, based_on=1, by=None)
    (launched.settings.study_folder(study) / "study.yaml").write_text(text, encoding="utf-8")
    examine_study(launched.settings, study)
    shown = text_of(viewer, "/studies/tiny/gate")
    assert "delay_error_samples 5 (default 1), gain_warning_db 0.6 (default 0.1)" in shown
    assert "1 warning wants a written reason" in shown  # of two samples late; 0.4 dB is within
    pair = text_of(viewer, PAIR)
    assert "warning above 0.6, error above 1 dB" in pair
    assert "By octave" in pair
    assert "Active speech level (ITU-T P.56)" in pair
    assert "Peak between the samples (ITU-R BS.1770-4)" in pair
