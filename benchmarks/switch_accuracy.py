"""Where a switch between intervals lies, what it adds, and whether intervals sound alike.

The page's own player (static/js/player.js) renders in Chromium's audio engine, offline, so every
sample can be compared with the schedule:

boundary
    a switch from one constant to another: the first sample that changes, against the time that the
    player says, in frames (a render quantum has 128);
transition
    a switch between two copies of one clip should change nothing: energy of the difference from
    the clip itself in the 20 ms around the switch, in dB re the clip's there; and the energy above
    8 kHz that a switch between two steady tones of 500 and 700 Hz makes, re the tones;
gains
    one clip as A, B and X: largest difference between what the three sound like.

    python benchmarks/switch_accuracy.py [--quick] [--json FILE] [--seed N]

Needs Chromium (see README). Three minutes; --quick half a minute.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from playwright.sync_api import Page, sync_playwright
from printing import arguments, finish, show
from real_parts import ARGUMENTS, ROOT, find_chromium

RATE, RAMP_S, SECONDS = 48_000, 0.005, 0.6
ADDRESS = "http://player.invalid"
Samples = NDArray[np.float64]

RENDER = """async ({ clips, steps, options, seconds, rate }) => {
  const { SwitchPlayer } = await import("/static/js/player.js");
  const context = new OfflineAudioContext(1, Math.round(seconds * rate), rate);
  const buffers = clips.map((samples) => {
    const buffer = context.createBuffer(1, samples.length, rate);
    buffer.copyToChannel(Float32Array.from(samples), 0);
    return buffer;
  });
  const player = new SwitchPlayer(context, buffers, options);
  const times = steps.map(([index, at]) => player.select(index, at));
  const rendered = await context.startRendering();
  return { samples: Array.from(rendered.getChannelData(0)), times };
}"""


def open_page(page: Page) -> None:
    """An empty page whose scripts are the repository's own files."""

    def serve(route: Any) -> None:
        path = route.request.url.removeprefix(ADDRESS)
        if path == "/":
            route.fulfill(body="<!doctype html>", content_type="text/html")
        else:
            route.fulfill(path=ROOT / path[1:], content_type="text/javascript")

    page.route(f"{ADDRESS}/**", serve)
    page.goto(f"{ADDRESS}/")


def render(
    page: Page, clips: list[Samples], steps: list[tuple[int, float]]
) -> tuple[Samples, list[float]]:
    result = page.evaluate(
        RENDER,
        {
            "clips": [clip.tolist() for clip in clips],
            "steps": steps,
            "options": {"rampSeconds": RAMP_S},
            "seconds": SECONDS,
            "rate": RATE,
        },
    )
    return np.array(result["samples"]), result["times"]


def sine(frequency_hz: float) -> Samples:
    time = np.arange(round(SECONDS * RATE)) / RATE
    return np.asarray(0.4 * np.sin(2 * np.pi * frequency_hz * time))


def around(time: float, seconds: float = 0.02) -> slice:
    middle, half = round((time + RAMP_S / 2) * RATE), round(seconds * RATE / 2)
    return slice(middle - half, middle + half)


def energy_db(part: Samples, whole: Samples) -> float:
    return 10.0 * float(np.log10(max(np.sum(part**2), 1e-30) / np.sum(whole**2)))


def boundary(page: Page, at: float) -> float:
    """Frames between the scheduled switch and the first sample that differs."""
    length = round(SECONDS * RATE)
    heard, times = render(page, [np.full(length, 0.5), np.full(length, -0.5)], [(0, 0.1), (1, at)])
    before = heard[: round(at * RATE) - 1][-1]
    changed = np.flatnonzero(np.abs(heard[round(0.2 * RATE) :] - before) > 1e-6)[0]
    first = changed + round(0.2 * RATE)
    return float(first - times[1] * RATE)


def copies(page: Page, at: float, clip: Samples) -> float:
    """Energy that a switch between two copies adds, in dB."""
    still, _ = render(page, [clip, clip], [(0, 0.1)])
    heard, times = render(page, [clip, clip], [(0, 0.1), (1, at)])
    here = around(times[1])
    return energy_db(heard[here] - still[here], still[here])


def splatter(page: Page, at: float) -> float:
    """Energy above 8 kHz round a switch between two tones, in dB re the tones."""
    heard, times = render(page, [sine(500.0), sine(700.0)], [(0, 0.1), (1, at)])
    part = heard[around(times[1], 0.1)]
    spectrum = np.abs(np.fft.rfft(part * np.blackman(part.size))) ** 2
    high = np.fft.rfftfreq(part.size, 1.0 / RATE) > 8_000.0
    return 10.0 * float(np.log10(spectrum[high].sum() / spectrum.sum()))


def gains(page: Page, clip: Samples) -> float:
    """Largest difference between one clip as A, as B and as X, from a cold start."""
    heard = [render(page, [clip] * 3, [(index, 0.1)])[0] for index in range(3)]
    return float(max(np.abs(heard[0] - other).max() for other in heard[1:]))


def main() -> None:
    options = arguments(__doc__, seed=("of times and noise", 1))
    rng = np.random.default_rng(options.seed)
    n = 5 if options.quick else 40
    times = rng.uniform(0.25, 0.45, n)
    noise = rng.uniform(-0.5, 0.5, round(SECONDS * RATE))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=list(ARGUMENTS))
        page = browser.new_page()
        open_page(page)
        rows = [
            row("boundary, frames from the schedule", [boundary(page, at) for at in times], 128),
            row("copies, added energy, dB", [copies(page, at, noise) for at in times], -60),
            row("tones, energy above 8 kHz, dB", [splatter(page, at) for at in times], -60),
            row("A, B, X of one clip, difference", [gains(page, noise)], 0),
        ]
        print(f"Chromium {browser.version}, {n} switches at random times, ramps of 5 ms\n")
        browser.close()
    show(rows)
    finish(options, rows)


def row(name: str, values: list[float], limit: float) -> dict[str, Any]:
    return {
        "what": name,
        "median": f"{np.median(values):.3g}",
        "worst": f"{max(values, key=abs) if limit >= 0 else max(values):.3g}",
        "limit": limit,
    }


if __name__ == "__main__":
    main()
