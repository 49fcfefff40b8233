"""A session on a slow line: does any trial start late because its sounds are still loading?

Chromium takes a real ABX study from a real server over a line throttled to 1.6 Mbit/s with 150 ms
of latency, as a mobile connection of the third generation; 16 trials of three clips of 2 s
(0.9 MB a trial, 4.3 s of the line's whole capacity). The participant hears every interval once and
answers; from the moment a trial appears to the moment its sounds can be played is what counts.

    python benchmarks/throttled_session.py [--quick] [--json FILE] [--kilobits N] [--latency MS]

About three minutes; --quick (6 trials) one.
"""

from __future__ import annotations

import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
from playwright.sync_api import Page, sync_playwright
from printing import arguments, finish, show
from real_parts import ARGUMENTS, Server, find_chromium, make_study

from jndlab.settings import Settings
from jndlab.store.engine import open_store
from jndlab.study.definition import Design

CLIP_SECONDS, LATE_MS = 2.0, 50.0
WATCH = """() => {
  window.waits = [];
  const count = document.getElementById("trial-count");
  const step = document.getElementById("step-trial");
  let shown = 0, number = "";
  const look = () => {
    const now = performance.now();
    if (!step.hidden && count.dataset.number !== number) {
      number = count.dataset.number;
      shown = now;
    }
    const ready = !step.hidden && document.querySelector(".interval:not(:disabled)") !== null;
    if (shown && ready && window.waits.length < Number(number)) window.waits.push(now - shown);
    requestAnimationFrame(look);
  };
  look();
}"""


def take(page: Page, n_trials: int) -> list[float]:
    """Milliseconds from a trial's appearance to its sounds, trial by trial."""
    page.get_by_role("button", name="I agree").click()
    page.get_by_role("button", name="Begin").click()
    page.evaluate(WATCH)
    for number in range(1, n_trials + 1):
        page.wait_for_function(f"() => window.waits.length === {number}", timeout=120_000)
        for key in "abx":
            page.keyboard.press(key)
            page.wait_for_timeout(1000.0 * CLIP_SECONDS)
        page.locator(".answer:enabled").first.wait_for()
        page.keyboard.press("1")
    page.locator("#step-thanks:not([hidden])").wait_for(timeout=60_000)
    return [float(wait) for wait in page.evaluate("() => window.waits")]


def measure(n_trials: int, kilobits: int, latency_ms: int, folder: Path) -> list[float]:
    design = Design(
        trials_per_level=n_trials // 2,
        practice_trials=0,
        identical_trials=0,
        gross_trials=0,
        trials_per_block=100,
    )
    study = make_study(folder, "abx", "abx", design=design, seconds=CLIP_SECONDS)
    with (study / "study.yaml").open("a", encoding="utf-8") as file:
        file.write("\nchecks: []\n")
    open_store(Settings(data=folder / "data")).close()
    with Server(folder / "data", [study]) as server, sync_playwright() as playwright:
        with closing(sqlite3.connect(folder / "data" / "jndlab.db")) as database:
            ((link,),) = database.execute("SELECT link FROM studies").fetchall()
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=list(ARGUMENTS))
        page = browser.new_page()
        line = page.context.new_cdp_session(page)
        line.send("Network.enable")
        line.send(
            "Network.emulateNetworkConditions",
            {
                "offline": False,
                "latency": latency_ms,
                "downloadThroughput": 125 * kilobits,
                "uploadThroughput": 125 * kilobits,
            },
        )
        page.goto(f"{server.settings.url}/s/{link}")
        waits = take(page, n_trials)
        browser.close()
    return waits


def main() -> None:
    options = arguments(
        __doc__, kilobits=("per second, both ways", 1600), latency=("of the line, in ms", 150)
    )
    n_trials = 6 if options.quick else 16
    with tempfile.TemporaryDirectory() as folder:
        waits = measure(n_trials, options.kilobits, options.latency, Path(folder))
    rows = [summary("1 to 3", waits[:3]), summary(f"4 to {n_trials}", waits[3:])]
    print(f"{options.kilobits} kbit/s, {options.latency} ms\n")
    show(rows)
    finish(options, rows)


def summary(name: str, waits: list[float]) -> dict[str, Any]:
    return {
        "trials": name,
        "median wait, ms": f"{np.median(waits):.0f}",
        "longest, ms": f"{max(waits):.0f}",
        f"later than {LATE_MS:.0f} ms": sum(wait > LATE_MS for wait in waits),
    }


if __name__ == "__main__":
    main()
