"""What a participant does on the page, in the words of a participant."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect


class ParticipantPage:
    """The participant's page in a real browser."""

    def __init__(self, page: Page, link: str) -> None:
        self.page = page
        self.link = link

    def open(self) -> None:
        self.page.goto(self.link)

    def agree(self) -> None:
        self.page.get_by_role("button", name="I agree").click()

    def pass_sound_check(self, n_beeps: int) -> None:
        """Play the beeps, wait until they have ended, and give the number back."""
        self.page.get_by_role("button", name="Play the beeps").click()
        answer = self.page.get_by_role("button", name=str(n_beeps), exact=True)
        expect(answer).to_be_enabled(timeout=15_000)
        answer.click()

    def begin(self) -> None:
        self.page.get_by_role("button", name="Begin").click()

    def trial_number(self) -> int:
        """Number of the trial on the page, once its controls are ready."""
        self.page.locator("#play:enabled, .interval:enabled").first.wait_for(timeout=15_000)
        return int(self.page.locator("#trial-count").get_attribute("data-number") or 0)

    def listen_by_mouse(self) -> None:
        """Hear everything once, so that the answers open."""
        if self.page.locator("#play").count():
            self.page.get_by_role("button", name="Play", exact=True).click()
        else:
            for label in self.labels():
                self.page.get_by_role("button", name=label, exact=True).click()
                self.wait_until_heard(label)
        self._answers_open()

    def listen_by_keys(self) -> None:
        if self.page.locator("#play").count():
            self.page.keyboard.press("Space")
        else:
            for label in self.labels():
                self.page.keyboard.press(label.lower())
                self.wait_until_heard(label)
        self._answers_open()

    def wait_until_heard(self, label: str) -> None:
        """Wait until the page counts an interval as heard, however slow the machine is."""
        expect(self._interval(label)).to_have_class(re.compile("heard"), timeout=20_000)

    def answer_by_mouse(self, response: str) -> None:
        self.page.locator(f'[data-response="{response}"]').click()

    def answer_by_key(self, response: str) -> None:
        key = self.page.locator(f'[data-response="{response}"]').get_attribute("data-key")
        self.page.keyboard.press(str(key))

    def rate_by_keys(self, label: str, n_steps_up: int) -> None:
        """Rate an interval so many steps above the lowest; to hear it gave its slider the focus."""
        self.page.keyboard.press(label.lower())
        expect(self.slider(label)).to_be_focused()
        self.page.keyboard.press("Home")
        for _ in range(n_steps_up):
            self.page.keyboard.press("ArrowRight")

    def slider(self, label: str) -> Locator:
        """The slider that rates an interval."""
        return self.page.locator(".rating", has=self._interval(label)).locator(".slider")

    def labels(self) -> list[str]:
        """Of the intervals of this trial, in the order of the page."""
        return [
            str(one.get_attribute("data-label")) for one in self.page.locator(".interval").all()
        ]

    def wait_until_after(self, number: int, *, timeout_ms: float = 20_000) -> str:
        """What comes once trial ``number`` is stored: feedback, break, begin, trial or thanks."""
        handle = self.page.wait_for_function(
            """(number) => {
                const open = (id) => !document.getElementById(id).hidden;
                if (open("step-thanks")) return "thanks";
                if (open("step-break")) return "break";
                if (open("step-instructions")) return "begin";
                if (!open("step-trial")) return null;
                if (!document.getElementById("continue-row").hidden) return "feedback";
                const shown = document.getElementById("trial-count").dataset.number;
                return Number(shown) > number ? "trial" : null;
            }""",
            arg=number,
            timeout=timeout_ms,
        )
        return str(handle.json_value())

    def _interval(self, label: str) -> Locator:
        return self.page.locator(f'.interval[data-label="{label}"]')

    def _answers_open(self) -> None:
        if self.page.locator(".answer").count():
            expect(self.page.locator(".answer").first).to_be_enabled(timeout=20_000)
