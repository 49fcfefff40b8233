"""A window of a real browser: the same few verbs for all engines."""

from __future__ import annotations

import contextlib
import time
from typing import Any

from tests.browser.engines_wire import DriverError, Wire

WAIT_SECONDS = 40.0


class RealBrowser:
    """A window of a real browser: what a person could do, and a look at what is on the page."""

    def __init__(self, engine: str, wire: Wire) -> None:
        self.engine = engine
        self._wire = wire

    @property
    def version(self) -> str:
        return str(getattr(self._wire, "version", "?"))

    def goto(self, url: str) -> None:
        self._wire.command("goto", url=url)

    def reload(self) -> None:
        self._wire.command("refresh")

    def back(self) -> None:
        self._wire.command("back")

    def resize(self, width: int, height: int) -> None:
        self._wire.command("resize", width=width, height=height)

    def script(self, body: str, *arguments: object) -> Any:
        """Run the body of a function in the page."""
        return self._wire.command("script", script=body, args=list(arguments))

    def script_later(self, body: str, *arguments: object) -> Any:
        """Run the body of an async function in the page and wait for what it returns."""
        text = (
            "const done = arguments[arguments.length - 1];"
            f"(async (...arguments) => {{ {body} }})(...arguments).then(done,"
            " (error) => done('failed: ' + error));"
        )
        return self._wire.command("script later", script=text, args=list(arguments))

    def click(self, selector: str) -> None:
        """A press with the mouse, once the element is there, enabled and in sight."""
        self.wait(
            "const e = document.querySelector(arguments[0]);"
            "return e !== null && !e.matches(':disabled') && e.getClientRects().length > 0;",
            selector,
            what=f"{selector} to be enabled",
        )
        found = self._wire.command("find", using="css selector", value=selector)
        element = next(iter(found.values()))
        self._wire.command("click", id=element)

    def press(self, key: str) -> None:
        """A key, pressed and let go, wherever the focus is."""
        keys = [{"type": "keyDown", "value": key}, {"type": "keyUp", "value": key}]
        self._wire.command("actions", actions=[{"type": "key", "id": "keys", "actions": keys}])

    def text(self, selector: str) -> str:
        """The visible text of an element; empty if it is hidden."""
        return str(
            self.script(
                "return document.querySelector(arguments[0])?.innerText.trim() ?? ''", selector
            )
        )

    def wait(self, body: str, *arguments: object, what: str = "") -> Any:
        """Wait until a script returns something true; fails after a generous time."""
        deadline = time.monotonic() + WAIT_SECONDS
        while True:
            # While a page is being replaced there is nothing to ask.
            with contextlib.suppress(DriverError):
                value = self.script(body, *arguments)
                if value:
                    return value
            assert time.monotonic() < deadline, f"{self.engine}: waited in vain for {what or body}"
            time.sleep(0.03)

    def close(self) -> None:
        self._wire.close()
