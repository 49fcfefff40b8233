"""A whole session as a person takes it, for any engine: one script for all three."""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.browser.conftest import Site
from tests.browser.engines_window import RealBrowser

VISIBLE_STEP = "document.querySelector('.step:not([hidden])')?.id"
READY = (
    "const count = document.querySelector('#trial-count');"
    "if (document.querySelector('#step-trial').hidden) return null;"
    "const control = document.querySelector('#play, .interval');"
    "return control.disabled || !document.querySelector('#continue-row').hidden"
    " ? null : Number(count.dataset.number);"
)
AFTER = (
    f"const step = {VISIBLE_STEP}; const number = arguments[0];"
    "if (step === 'step-problem') return 'problem';"
    "if (step === 'step-thanks') return 'thanks';"
    "if (step === 'step-break') return 'break';"
    "if (step === 'step-instructions') return 'begin';"
    "if (step !== 'step-trial') return null;"
    "if (!document.querySelector('#continue-row').hidden) return 'feedback';"
    "const shown = Number(document.querySelector('#trial-count').dataset.number);"
    "return shown > number ? 'trial' : null;"
)
GONE = "return document.querySelector(arguments[0]).getClientRects().length === 0"
HEARD = "return document.querySelectorAll('.interval')[arguments[0]].classList.contains('heard')"
POSSIBLE = "return [...document.querySelectorAll('.answer')].map((node) => node.dataset.response)"


@dataclass
class RealListener:
    """Somebody who takes part, now by mouse and now by keys."""

    browser: RealBrowser
    site: Site
    slug: str
    session: int = 0
    given: dict[int, str] = field(default_factory=dict)
    seen: list[str] = field(default_factory=list)

    def arrive(self) -> None:
        """Consent, a wrong and a right sound check, the first instructions."""
        self.browser.goto(self.site.link(self.slug))
        self.browser.click("#consent")
        self.browser.wait(
            "return !document.querySelector('#check-play').disabled", what="the sound check"
        )
        self.session = self.site.newest_session()
        self.count_beeps(self.site.beeps(self.session) % 6 + 1)
        self.browser.wait(
            "return document.querySelector('#check-message').textContent"
            " && !document.querySelector('#check-play').disabled",
            what="the second sound check",
        )
        self.count_beeps(self.site.beeps(self.session))
        self.browser.click("#begin")

    def count_beeps(self, n_beeps: int) -> None:
        self.browser.click("#check-play")
        self.browser.click(f'#check-answers [value="{n_beeps}"]')

    def come_back(self) -> None:
        """Reload in the middle of a trial, and go on."""
        self.browser.reload()
        self.browser.click("#resume")
        self.browser.click("#begin")

    def trial(self) -> int:
        """The number of the trial on the page, once it can be played."""
        return int(self.browser.wait(READY, what="the trial"))

    def take(self, number: int, *, right: bool, by_keys: bool) -> None:
        """Hear everything and answer."""
        truth = str(self.site.trial(self.session, number)["correct_response"])
        possible: list[str] = self.browser.script(POSSIBLE)
        response = truth if right else next(other for other in possible if other != truth)
        self.given[number] = response
        if self.slug == "abx":
            for index, label in enumerate("abx"):
                if by_keys:
                    self.browser.press(label)
                else:
                    self.browser.click(f".interval:nth-of-type({index + 1})")
                self.browser.wait(HEARD, index, what=f"{label} to be heard")
        elif by_keys:
            self.browser.press(" ")
        else:
            self.browser.click("#play")
        self.browser.wait("return !document.querySelector('.answer').disabled", what="answers")
        if by_keys:
            self.browser.press(str(possible.index(response) + 1))
        else:
            self.browser.click(f'[data-response="{response}"]')

    def go_on(self, number: int) -> bool:
        """Everything between two trials; false at the end."""
        while True:
            after = str(self.browser.wait(AFTER, number, what=f"what comes after trial {number}"))
            if after == "trial":
                return True
            self.seen.append(after)
            if after == "thanks":
                return False
            assert after != "problem", self.browser.text("#step-problem")
            if after == "feedback":
                self.browser.press("\ue007")  # enter, on the button in focus
                self.browser.wait("return document.querySelector('#continue-row').hidden")
            else:
                button = "#begin" if after == "begin" else "#break-over"
                self.browser.click(button)
                # The sound may take a moment to wake: until then the page shows the same step.
                self.browser.wait(GONE, button, what=f"{button} to be gone")

    def take_all(self, *, reload_at: int | None = None) -> None:
        """From the link to the thanks; right and wrong by turns, keys and mouse by turns."""
        self.arrive()
        number = self.trial()
        going = True
        while going:
            if number == reload_at:
                self.come_back()
            assert self.trial() == number
            self.take(number, right=number % 2 == 1, by_keys=number % 3 != 0)
            going = self.go_on(number)
            number += 1
