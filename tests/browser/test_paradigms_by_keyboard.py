"""Every paradigm taken once in a real browser, by keyboard, and what is stored of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf
from playwright.sync_api import Page, expect

from jndlab.settings import Settings
from jndlab.store.engine import open_store
from jndlab.store.users import set_password
from jndlab.studies import new_study
from jndlab.study.definition import Design
from jndlab.study.paradigms import PARADIGMS, Paradigm
from jndlab.study.trials import Trial
from tests.browser.conftest import PASSWORD, USER, Site
from tests.browser.pages import ParticipantPage
from tests.servers import Server

pytestmark = pytest.mark.browser

SECONDS = 0.25
SHORT = Design(trials_per_level=1, practice_trials=0, identical_trials=0, gross_trials=0)
SURE = {"yes-no": 4, "oddity": 2}
"""Paradigms whose study asks how sure an answer was, and the step that is pressed."""
TWO_PARTS = """
adaptive:
  n_down: 1
  starts: [0]
  stop: {trials: 3}
parts:
  - {name: levels, paradigm: 3afc, procedure: staircase}
  - {name: quality, paradigm: acr, procedure: constant-stimuli}
"""


def make_sounds(folder: Path) -> None:
    """Two short items, each at three levels."""
    rng = np.random.default_rng(11)
    for item in ("first", "second"):
        noise = 0.1 * rng.standard_normal(round(SECONDS * 16000))
        for place, error in (
            ("baseline", 0.0),
            ("rounded/3", 0.001),
            ("rounded/1", 0.01),
            ("rounded/0", 0.03),
        ):
            path = folder / place / f"{item}.wav"
            path.parent.mkdir(parents=True, exist_ok=True)
            sf.write(path, noise + error * rng.standard_normal(noise.size), 16000, subtype="PCM_16")


def make_study(folder: Path, sounds: Path, slug: str, paradigm: str, more: str = "") -> Path:
    """A study of a few trials without a sound check."""
    new_study(
        folder / slug,
        baseline=sounds / "baseline",
        compressed=[sounds / "rounded"],
        paradigm=paradigm,
        unit="fraction bits",
        title="By keyboard",
        design=SHORT.model_copy(update={"confidence_steps": 5 if slug in SURE else None}),
    )
    file = folder / slug / "study.yaml"
    text = file.read_text(encoding="utf-8")
    assert "checks:" not in text
    file.write_text(f"{text}\nchecks: []\n{more}", encoding="utf-8")
    return folder / slug


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A server with one study per paradigm, and one of two parts."""
    folder = tmp_path_factory.mktemp("paradigms")
    make_sounds(folder / "sounds")
    studies = [make_study(folder, folder / "sounds", name, name) for name in PARADIGMS]
    studies.append(make_study(folder, folder / "sounds", "two-parts", "3afc", TWO_PARTS))
    store = open_store(Settings(data=folder / "data"))
    set_password(store, USER, PASSWORD)
    store.close()
    with Server(folder / "data", studies) as server:
        yield Site(settings=server.settings)


def begin(page: Page, site: Site, slug: str) -> tuple[ParticipantPage, int]:
    """Consent by tab and enter, then the first instructions."""
    participant = ParticipantPage(page, site.link(slug))
    participant.open()
    expect(page.locator("#consent")).to_be_visible()
    page.locator("#consent").press("Enter")
    expect(page.locator("#step-instructions h1")).to_be_focused()
    session = site.newest_session()
    page.keyboard.press("Space")
    return participant, session


def answer(page: Page, participant: ParticipantPage, paradigm: Paradigm, trial: Trial) -> str:
    """Listen and answer by keys only; returns what was answered."""
    shown = page.locator(".interval, .marker").all_text_contents()
    labels = [interval.label for interval in trial.intervals]
    assert shown == (["♪"] if paradigm.playback == "sequence" and len(labels) == 1 else labels)
    participant.listen_by_keys()
    if paradigm.scale is None:
        response = paradigm.responses[trial.number % len(paradigm.responses)]
        page.keyboard.press(paradigm.keys[paradigm.responses.index(response)])
        return response
    rated = [label for label in labels if label not in paradigm.unrated]
    ratings = []
    for steps, label in enumerate(rated, start=trial.number):
        expect(page.locator("#next")).to_be_disabled()
        expect(page.locator("#gate")).to_contain_text("Still to rate:")
        participant.rate_by_keys(label, steps)
        ratings.append(paradigm.scale.lowest + steps * paradigm.scale.step)
    if paradigm.scale.needs_highest:
        expect(page.locator("#next")).to_be_disabled()
        expect(page.locator("#gate")).to_contain_text("rate the one that you take for it 5.0")
        page.keyboard.press("End")
        ratings[-1] = paradigm.scale.highest
    page.locator("#next").press("Enter")
    return ";".join(f"{rating:.{paradigm.scale.decimals}f}" for rating in ratings)


@pytest.mark.parametrize("name", PARADIGMS)
def test_a_session_by_keyboard_is_stored_as_it_was_answered(
    page: Page, site: Site, name: str
) -> None:
    paradigm = PARADIGMS[name]
    participant, session = begin(page, site, name)
    given: dict[int, str] = {}
    [(planned,)] = site.query("SELECT plan FROM sessions WHERE id = ?", session)
    n_trials = len(json.loads(planned)["trials"])
    for number in range(1, n_trials + 1):
        assert participant.trial_number() == number
        expect(page.locator("#trial-count")).to_have_text(f"Trial {number} of {n_trials}")
        trial = Trial.from_dict(site.trial(session, number))
        given[number] = answer(page, participant, paradigm, trial)
        if name in SURE:
            expect(page.locator("#confidence")).to_be_visible()
            page.keyboard.press(str(SURE[name]))
        after = participant.wait_until_after(number)
        assert after == ("thanks" if number == n_trials else "trial")
    rows = site.answers(session)
    assert {row["number"]: row["response"] for row in rows} == given
    for row in rows:
        trial = Trial.from_dict(json.loads(row["trial"]))
        assert paradigm.takes(row["response"], trial.intervals)
        right = row["response"] == trial.correct_response if trial.correct_response else None
        assert row["correct"] == right
        plays = json.loads(row["plays"])
        assert len(plays) == len(trial.intervals)
        assert min(plays) >= 1
    sure = site.query(
        "SELECT DISTINCT a.confidence FROM answers a JOIN presented_trials p"
        " ON p.id = a.presented_id WHERE p.session_id = ?",
        session,
    )
    assert sure == [(SURE.get(name),)]


def test_a_session_of_an_adaptive_part_and_a_part_of_ratings(page: Page, site: Site) -> None:
    participant, session = begin(page, site, "two-parts")
    seen: list[str] = []
    number = 0
    after = "trial"
    while after != "thanks":
        number = participant.trial_number()
        trial = Trial.from_dict(site.trial(session, number))
        paradigm = PARADIGMS[trial.paradigm or "3afc"]
        count = page.locator("#trial-count").text_content() or ""
        seen.append(f"{trial.part}: {count}")
        participant.listen_by_keys()
        right = trial.correct_response or "4"
        page.keyboard.press(paradigm.keys[paradigm.responses.index(right)])
        while (after := participant.wait_until_after(number)) not in ("trial", "thanks"):
            heading = page.locator("#step-break h1, #step-instructions h1").locator("visible=true")
            expect(heading).to_be_focused()
            seen.append(after)
            if after == "break":
                expect(page.locator("#break-progress")).to_contain_text("part 1 of 2")
            else:
                expect(page.locator("#part-count")).to_have_text("Part 2 of 2")
                expect(page.get_by_text("you were right")).to_have_count(0)
            opened = {"break": "#step-break", "begin": "#step-instructions"}[after]
            page.keyboard.press("Space")
            expect(page.locator(opened)).to_be_hidden()
    n_quality = sum(one.startswith("quality") for one in seen)
    assert seen == [
        *(f"levels: Trial {place} of at most 3" for place in (1, 2, 3)),
        "break",
        "begin",
        *(f"quality: Trial {place} of {n_quality}" for place in range(1, n_quality + 1)),
    ]
    rows = site.answers(session)
    assert [row["correct"] for row in rows] == [1, 1, 1, *[None] * n_quality]
    trials = [Trial.from_dict(json.loads(row["trial"])) for row in rows]
    assert [trial.level for trial in trials[:3]] == [0.0, 1.0, 3.0]  # right answers: harder
    assert {row["response"] for row in rows[3:]} == {"4"}
