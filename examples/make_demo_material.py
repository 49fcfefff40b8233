#!/usr/bin/env python3
"""Make the material of ``jndlab demo``: four short sentences in noise.

The sentences are spoken by a synthesiser (flite) and mixed with noise made from random numbers.
Nothing here is enhanced or compressed: ``jndlab demo`` does that with the enhancer that comes
with jndlab.

    python examples/make_demo_material.py --output my-material

writes ``noisy/ITEM.flac``, 16 kHz, 16 bit. The same synthesiser, seed and libraries give the same
samples. Change ITEMS to make sentences of your own.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile as sf
from numpy.typing import NDArray

from jndlab.compression.training.noises import coloured, gated, hum
from jndlab.compression.training.talkers import RATE_HZ, Talker, speak
from jndlab.errors import JndlabError

Signal = NDArray[np.float64]

LEAD_IN_S, LEAD_OUT_S = 0.25, 0.15
"""Noise alone before and after the sentence."""
FADE_S = 0.01
ACTIVE_LEVEL_DB = -28.0
FULL_SCALE_16_BIT = 32768


@dataclass(frozen=True)
class Item:
    """One sentence: who speaks it, how fast, in which noise, and how far that lies below it."""

    name: str
    voice: str
    text: str
    pace: float
    noise: str
    snr_db: float


ITEMS = (
    Item("harbour", "slt", "The boat left the harbour at noon.", 1.15, "pink", 5.0),
    Item("window", "awb", "The window was open all day.", 1.10, "hum", 3.0),
    Item("letters", "rms", "Four letters came in May.", 1.08, "brown", 2.0),
    Item("train", "slt", "The morning train was on time.", 1.16, "gated", 4.0),
)


def active_power(speech: Signal, *, threshold_db: float = -25.0) -> float:
    """Mean power of the 20-ms frames that lie within 25 dB of the loudest one."""
    length = RATE_HZ // 50
    frames = speech[: len(speech) // length * length].reshape(-1, length)
    powers = np.mean(frames**2, axis=1)
    return float(np.mean(powers[powers > powers.max() * 10 ** (threshold_db / 10)]))


def make_noise(kind: str, n_samples: int, rng: np.random.Generator) -> Signal:
    """Noise of unit power: a machine's hum, pink noise that comes and goes, or steady noise."""
    if kind == "hum":
        sound = hum(n_samples, rng)
    elif kind == "gated":
        sound = gated(n_samples, rng)
    else:
        sound = coloured(n_samples, {"pink": 0.5, "brown": 1.0}[kind], rng)
    return np.asarray(sound, dtype=np.float64)


def fade(sound: Signal) -> Signal:
    """Raised-cosine fades at both ends."""
    n_samples = round(FADE_S * RATE_HZ)
    ramp = 0.5 - 0.5 * np.cos(np.pi * np.arange(n_samples) / n_samples)
    gain = np.ones(len(sound))
    gain[:n_samples] = ramp
    gain[-n_samples:] = ramp[::-1]
    return sound * gain


def make_item(item: Item, rng: np.random.Generator) -> Signal:
    """The sentence in noise, its active level at -28 dB re full scale."""
    speech = np.asarray(speak(Talker("flite", item.voice), item.text, item.pace), dtype=np.float64)
    speech *= np.sqrt(10 ** (ACTIVE_LEVEL_DB / 10) / active_power(speech))
    padded = np.pad(speech, (round(LEAD_IN_S * RATE_HZ), round(LEAD_OUT_S * RATE_HZ)))
    noise = make_noise(item.noise, len(padded), rng)
    return fade(padded + noise * 10 ** ((ACTIVE_LEVEL_DB - item.snr_db) / 20))


def write_flac(path: Path, sound: Signal) -> None:
    """Write one 16-bit FLAC file, as small as it gets. Refuses clipping."""
    peak = float(np.max(np.abs(sound)))
    if peak >= 0.9:
        raise JndlabError(f"{path.stem}: the peak is {peak:.2f}.", "Lower ACTIVE_LEVEL_DB.")
    path.parent.mkdir(parents=True, exist_ok=True)
    samples = np.round(sound * FULL_SCALE_16_BIT).astype(np.int16)
    sf.write(path, samples, RATE_HZ, format="FLAC", subtype="PCM_16", compression_level=1.0)


def make_material(output: Path, *, seed: int) -> list[Path]:
    """Write every file; the paths come back. Nothing is written if a sentence cannot be made."""
    sounds = {
        item.name: make_item(item, np.random.default_rng([seed, number]))
        for number, item in enumerate(ITEMS)
    }
    paths = []
    for name, sound in sounds.items():
        paths.append(output / "noisy" / f"{name}.flac")
        write_flac(paths[-1], sound)
    return paths


def main(arguments: list[str] | None = None) -> int:
    """Read the command line, make the material, name the files."""
    parser = argparse.ArgumentParser(description="Make the noisy sentences of `jndlab demo`.")
    parser.add_argument(
        "--output", type=Path, default=Path("demo-material"), help="folder to write into"
    )
    parser.add_argument("--seed", type=int, default=2022, help="seed of the noise (%(default)s)")
    options = parser.parse_args(arguments)
    try:
        paths = make_material(options.output, seed=options.seed)
    except JndlabError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    for path in paths:
        print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
