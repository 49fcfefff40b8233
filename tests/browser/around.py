"""A study with everything that comes around the trials, short enough to be taken in a test."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect

from jndlab.settings import Settings
from tests.browser.conftest import Site
from tests.browser.pages import ParticipantPage
from tests.builders import write_study
from tests.servers import Server

YOU = {
    "name": "you",
    "title": "About you",
    "text": "Three questions before we begin.",
    "when": "before",
    "questions": [
        {"name": "age", "kind": "number", "text": "How old are you?", "min": 16, "max": 120}
        | {"whole": True, "unit": "years"},
        {
            "name": "device",
            "kind": "choice",
            "text": "What do you listen with?",
            "options": ["Wired headphones", "Wireless headphones", "Loudspeakers"],
        },
        {
            "name": "languages",
            "kind": "choice",
            "several": True,
            "required": False,
            "text": "Which of these languages do you speak?",
            "options": ["English", "German", "Japanese"],
        },
    ],
}
TIRED = {
    "name": "tired",
    "title": "How are you doing?",
    "when": "between-blocks",
    "questions": [
        {
            "name": "tired",
            "kind": "scale",
            "text": "How tired are your ears?",
            "points": 7,
            "ends": ["not at all", "very tired"],
        }
    ],
}
END = {
    "name": "end",
    "title": "One last question",
    "when": "after",
    "questions": [
        {"name": "remarks", "kind": "text", "text": "Anything to tell us?", "required": False}
    ],
}
DESIGN = {
    "trials_per_level": 2,
    "practice_trials": 4,
    "practice_criterion": {"share": 1.0, "last": 2},
    "identical_trials": 0,
    "gross_trials": 0,
    "trials_per_block": 2,
    "break_seconds": 2,
}
STUDY: dict[str, Any] = {
    "slug": "around",
    "paradigm": "two-interval",
    "items": ["one", "two"],
    "condition": {"levels": [1, 2]},
    "checks": [],
    "design": DESIGN,
    "presentation": {"gap_ms": 100},
    "texts": {"debrief": "It was about rounding.\n\nThe softest steps cannot be heard."},
    "questionnaires": [YOU, TIRED, END],
    "examples": [
        {"item": "one", "caption": "The original"},
        {"item": "one", "condition": "bits", "level": 1, "caption": "A processed version"},
    ],
}
N_MAIN = 4
"""Two levels, two trials each, in two blocks."""


@contextmanager
def running_study(folder: Path, **overrides: Any) -> Iterator[Site]:
    """A server with that study, its keys changed as said."""
    study = write_study(folder / "study", **(STUDY | overrides)).parent
    with Server(folder / "data", [study]) as server:
        yield Site(settings=Settings(data=server.settings.data, port=server.port))


class Around(ParticipantPage):
    """A participant of that study."""

    def __init__(self, page: Page, site: Site) -> None:
        super().__init__(page, site.link("around"))
        self.site = site

    def questionnaire(self, title: str) -> None:
        """Wait until that questionnaire is on the page."""
        expect(self.page.get_by_role("heading", name=title, exact=True)).to_be_visible()

    def send(self) -> None:
        self.page.locator("#questionnaire-send").click()

    def answer_you(self) -> None:
        self.questionnaire("About you")
        self.page.get_by_label("How old are you?").fill("42")
        self.page.get_by_label("Wired headphones").check()
        self.page.get_by_label("German").check()
        self.send()

    def answer_tired(self) -> None:
        self.questionnaire("How are you doing?")
        self.page.get_by_role("radio", name="7 very tired").check()
        self.send()

    def answer_end(self) -> None:
        self.questionnaire("One last question")
        self.send()

    def start(self) -> int:
        """Consent, the first questionnaire and the instructions; returns the session."""
        self.open()
        self.agree()
        self.answer_you()
        self.begin()
        return self.site.newest_session()

    def take_trial(self, session: int, *, right: bool = True) -> int:
        """Listen to the trial on the page and answer it; returns its number."""
        number = self.trial_number()
        truth = str(self.site.trial(session, number)["correct_response"])
        self.listen_by_mouse()
        self.answer_by_mouse(truth if right else {"1": "2", "2": "1"}[truth])
        return number

    def take_practice(self, session: int) -> None:
        """Two right answers, which meet the criterion, and the instructions of the test."""
        for _ in range(2):
            self.take_trial(session)
            self.page.get_by_role("button", name="Continue").click()
        self.begin()

    def given(self, session: int) -> dict[tuple[str, int, str], Any]:
        """Stored answers by questionnaire, block and question."""
        rows = self.site.query(
            "SELECT questionnaire, block, question, value FROM questionnaire_answers"
            " WHERE session_id = ?",
            session,
        )
        return {(name, block, question): json.loads(value) for name, block, question, value in rows}
