"""The player's own code, rendered by the browser's audio engine and compared sample by sample."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import Page

from tests.browser.conftest import Site

pytestmark = pytest.mark.browser

RATE = 48000
RAMP_S = 0.005
Samples = NDArray[np.float64]

RENDER = """async ({ kind, clips, seconds, steps, gap, ramp, rate, groups }) => {
  const { SequencePlayer, SwitchPlayer } = await import("/static/js/player.js");
  const context = new OfflineAudioContext(1, Math.round(seconds * rate), rate);
  const buffers = clips.map((samples) => {
    const buffer = context.createBuffer(1, samples.length, rate);
    buffer.copyToChannel(Float32Array.from(samples), 0);
    return buffer;
  });
  const options = { gapSeconds: gap, rampSeconds: ramp, groups };
  let times;
  if (kind === "sequence") {
    const { starts, ends } = new SequencePlayer(context, buffers, options).play(steps[0]);
    times = [...starts, ...ends];
  } else {
    const player = new SwitchPlayer(context, buffers, options);
    times = steps.map(([index, at]) =>
      index === null ? (player.stop(at), at) : player.select(index, at));
  }
  const rendered = await context.startRendering();
  return { samples: Array.from(rendered.getChannelData(0)), times };
}"""


def sine(frequency_hz: float, seconds: float, phase: float = 0.7) -> Samples:
    time = np.arange(round(seconds * RATE)) / RATE
    return np.asarray(0.4 * np.sin(2 * np.pi * frequency_hz * time + phase), dtype=np.float64)


def ramped(samples: Samples) -> Samples:
    """The clip with linear ramps at both ends, as the player's gain makes them."""
    n = round(RAMP_S * RATE)
    gain = np.ones(samples.size)
    gain[:n] = np.arange(n) / n
    gain[-n:] = 1 - np.arange(n) / n
    return samples * gain


@pytest.fixture
def blank(page: Page, site: Site) -> Page:
    page.goto(f"{site.settings.url}/sign-in")
    return page


def test_two_intervals_come_in_order_whole_and_without_a_click(blank: Page) -> None:
    clips = [sine(440, 0.4), sine(1000, 0.4)]
    result = blank.evaluate(
        RENDER,
        {
            "kind": "sequence",
            "clips": [clip.tolist() for clip in clips],
            "seconds": 1.6,
            "steps": [0.1],
            "gap": 0.5,
            "ramp": RAMP_S,
            "rate": RATE,
        },
    )
    heard = np.array(result["samples"])
    expected = np.zeros(heard.size)
    for clip, start_s in zip(clips, (0.1, 1.0), strict=True):
        start = round(start_s * RATE)
        expected[start : start + clip.size] = ramped(clip)
    np.testing.assert_allclose(result["times"], [0.1, 1.0, 0.5, 1.4], atol=1e-9)
    np.testing.assert_allclose(heard, expected, atol=2e-6)
    # Before, between and after: digital silence.
    for silence in (slice(0, 4800), slice(24000, 48000), slice(67200, None)):
        assert np.abs(heard[silence]).max() == 0
    # No step at the ramps is greater than the steepest one inside the sound itself.
    for clip, start in zip(clips, (4800, 48000), strict=True):
        steepest = np.abs(np.diff(clip)).max()
        edges = np.diff(heard[start - 480 : start + clip.size + 480])
        assert np.abs(edges).max() <= 1.02 * steepest


def test_the_silence_between_two_groups_is_twice_as_long(blank: Page) -> None:
    arguments = {
        "kind": "sequence",
        "clips": [sine(440, 0.1).tolist()] * 4,
        "seconds": 1.0,
        "steps": [0.1],
        "gap": 0.1,
        "ramp": RAMP_S,
        "rate": RATE,
        "groups": [2, 2],
    }
    result = blank.evaluate(RENDER, arguments)
    np.testing.assert_allclose(result["times"][:4], [0.1, 0.3, 0.6, 0.8], atol=1e-9)
    heard = np.array(result["samples"])
    assert np.abs(heard[round(0.4 * RATE) : round(0.6 * RATE)]).max() == 0
    assert np.abs(heard[round(0.6 * RATE) : round(0.7 * RATE)]).max() > 0.3


def test_a_start_between_two_samples_is_moved_onto_one(blank: Page) -> None:
    noise = np.random.default_rng(3).uniform(-0.5, 0.5, 4800)
    arguments = {
        "kind": "sequence",
        "clips": [noise.tolist(), noise.tolist()],
        "seconds": 0.5,
        "steps": [0.1 + 0.37 / RATE],
        "gap": 0.1 + 0.41 / RATE,
        "ramp": RAMP_S,
        "rate": RATE,
    }
    heard = np.array(blank.evaluate(RENDER, arguments)["samples"])
    first, second = heard[4800:9600], heard[14400:19200]
    np.testing.assert_allclose(first[300:-300], noise[300:-300], atol=1e-6)
    np.testing.assert_allclose(first, second, atol=2e-4)  # ramps may lie up to a sample apart
    np.testing.assert_array_equal(first[300:-300], second[300:-300])


def test_switching_keeps_the_position_and_crosses_over_in_one_ramp(blank: Page) -> None:
    rng = np.random.default_rng(4)
    clips = [rng.uniform(-0.5, 0.5, 12000) for _ in range(3)]
    # A, then B, then X past the loop point, then silence.
    steps = [(0, 0.1), (1, 0.2), (2, 0.3), (None, 0.55)]
    arguments = {
        "kind": "switch",
        "clips": [clip.tolist() for clip in clips],
        "seconds": 0.7,
        "steps": steps,
        "gap": 0,
        "ramp": RAMP_S,
        "rate": RATE,
    }
    result = blank.evaluate(RENDER, arguments)
    heard = np.array(result["samples"])
    np.testing.assert_allclose(result["times"], [0.1, 0.2, 0.3, 0.55], atol=1e-9)
    np.testing.assert_allclose(heard, expected_switching(clips, steps, heard.size), atol=2e-6)


def expected_switching(
    clips: list[Samples], steps: list[tuple[int | None, float]], n_frames: int
) -> Samples:
    """Loops with faded ends that all began together, weighted by linear ramps."""
    n_ramp = round(RAMP_S * RATE)
    start = round(steps[0][1] * RATE)
    fade = np.minimum(np.arange(n_ramp) / n_ramp, 1)
    gains = np.zeros((len(clips), n_frames))
    first = steps[0][0]
    assert first is not None
    gains[first, start:] = 1
    current = first
    for index, at in steps[1:]:
        begin = round(at * RATE)
        ramp = np.ones(n_frames - begin)
        ramp[:n_ramp] = fade
        gains[current, begin:] = 1 - ramp
        if index is not None:
            gains[index, begin:] = ramp
            current = index
    out = np.zeros(n_frames)
    for clip, gain in zip(clips, gains, strict=True):
        faded = clip.copy()
        faded[:n_ramp] *= fade
        faded[-n_ramp:] *= fade[::-1]
        position = (np.arange(n_frames) - start) % clip.size
        out += np.where(np.arange(n_frames) >= start, faded[position], 0) * gain
    return out


def test_quick_switches_wait_for_the_ramp_before_them(blank: Page) -> None:
    clips = [sine(300, 0.25), sine(300, 0.25), sine(300, 0.25)]
    steps = [(0, 0.1), (1, 0.150), (2, 0.151), (0, 0.152), (None, 0.153)]
    arguments = {
        "kind": "switch",
        "clips": [clip.tolist() for clip in clips],
        "seconds": 0.4,
        "steps": steps,
        "gap": 0,
        "ramp": RAMP_S,
        "rate": RATE,
    }
    heard = np.array(blank.evaluate(RENDER, arguments)["samples"])
    steepest = np.abs(np.diff(clips[0])).max()
    # The clips are equal, so that nothing of the switches may be heard at all.
    switching = heard[7000:7900]
    offset = 7000 - 4800
    np.testing.assert_allclose(switching, clips[0][offset : offset + 900], atol=2e-6)
    assert np.abs(np.diff(heard)).max() <= 1.05 * steepest
    assert np.abs(heard[9000:]).max() == 0


def test_the_page_reads_every_sample_of_a_clip_exactly(blank: Page) -> None:
    from jndlab.audio.pcm import FULL_SCALE, encode_wav

    rng = np.random.default_rng(6)
    integers = rng.integers(-FULL_SCALE, FULL_SCALE, size=(500, 2), dtype=np.int32)
    integers[0], integers[1] = -FULL_SCALE, FULL_SCALE - 1
    channels = blank.evaluate(
        """async (bytes) => {
            const { parseWav } = await import("/static/js/wav.js");
            const { rate, channels } = parseWav(Uint8Array.from(bytes).buffer);
            return { rate, channels: channels.map((channel) => Array.from(channel)) };
        }""",
        list(encode_wav(integers, RATE)),
    )
    assert channels["rate"] == RATE
    np.testing.assert_array_equal(np.array(channels["channels"]).T * FULL_SCALE, integers)


def test_a_part_is_that_of_the_clip_faded_like_the_whole(blank: Page) -> None:
    clip = np.random.default_rng(6).uniform(-0.5, 0.5, 24000)
    heard = np.array(
        blank.evaluate(
            """async ({ clip, rate, ramp }) => {
              const { SwitchPlayer } = await import("/static/js/player.js");
              const context = new OfflineAudioContext(1, rate, rate);
              const buffer = context.createBuffer(1, clip.length, rate);
              buffer.copyToChannel(Float32Array.from(clip), 0);
              const player = new SwitchPlayer(context, [buffer, buffer], { rampSeconds: ramp });
              player.choose({ start: 0.1, end: 0.3 });
              player.select(1, 0.1);
              const rendered = await context.startRendering();
              return Array.from(rendered.getChannelData(0));
            }""",
            {"clip": clip.tolist(), "rate": RATE, "ramp": RAMP_S},
        )
    )
    part = ramped_ends(clip[4800:14400])
    np.testing.assert_allclose(heard[4800:14400], part, atol=2e-6)
    np.testing.assert_allclose(heard[14400:24000], part, atol=2e-6)  # and again: it loops


def ramped_ends(samples: Samples) -> Samples:
    """As the player fades the ends of a loop: rise and fall are mirror images."""
    n = round(RAMP_S * RATE)
    gain = np.ones(samples.size)
    gain[:n] = np.arange(n) / n
    gain[-n:] = gain[:n][::-1]
    return samples * gain
