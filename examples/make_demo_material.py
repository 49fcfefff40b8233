#!/usr/bin/env python3
"""Make the material of ``jndlab demo``: four enhanced sentences, graded by fraction bits.

Four short sentences are spoken by a synthesiser (flite), mixed with synthetic noise and cleaned
by a small speech enhancer: an encoder and a decoder of 526 thousand stored weights, with
statistical gains between them. The baseline uses the weights in full precision. Each level of
``seofp`` keeps sign and exponent of every weight and rounds its fraction to that many bits, the
number format of SEOFP-NET: 0 bits leaves powers of two.

    python examples/make_demo_material.py --output my-material

writes ``baseline/ITEM.flac`` and ``seofp/LEVEL/ITEM.flac`` and prints how far every level lies
from the baseline. The same synthesiser, seed and libraries give the same samples.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import soundfile as sf
from numpy.typing import NDArray
from scipy.special import exp1

Signal = NDArray[np.float64]

SAMPLE_RATE_HZ = 16_000
FRAME = 512
HOP = 128
LEAD_IN_S = 0.6  # noise alone, for the noise estimate to settle; cut off afterwards
PAUSE_S = 0.05  # kept before and after the sentence
FADE_S = 0.005
ACTIVE_LEVEL_DB = -28.0
PEAK_LIMIT = 0.9
GAIN_FLOOR_DB = -18.0
NOISE_MARGIN = 1.3  # on the estimate, for the swell of the noise
FRACTION_BITS = (7, 5, 4, 3, 2, 0)
CONDITION = "seofp"


@dataclass(frozen=True)
class Item:
    """One sentence: who speaks it, how fast, and how far the noise lies below it."""

    name: str
    voice: str
    text: str
    duration_stretch: float
    snr_db: float


ITEMS = (
    Item("harbour", "slt", "The boat left the harbour at noon.", 0.87, 8.0),
    Item("window", "awb", "The window was open all day.", 0.91, 9.0),
    Item("letters", "rms", "Four letters came in May.", 0.93, 6.0),
    Item("train", "slt", "The morning train was on time.", 0.86, 7.0),
)


class DemoMaterialError(Exception):
    """The material cannot be made; the text says why and what to do."""


def find_synthesiser() -> str:
    """Return the path of flite, or say which package brings it."""
    path = shutil.which("flite")
    if path is None:
        raise DemoMaterialError(
            "the speech synthesiser flite was not found on the PATH.\n"
            "Install it (Debian, Ubuntu: `apt-get install flite`) and run this again."
        )
    spoken = subprocess.run([path, "-lv"], capture_output=True, text=True, check=False).stdout
    missing = sorted({item.voice for item in ITEMS} - set(spoken.split()))
    if missing:
        raise DemoMaterialError(
            f"this flite lacks the voices {', '.join(missing)}.\n"
            "Install a full build (Debian, Ubuntu: `apt-get install flite`) and run this again."
        )
    return path


def speak(synthesiser: str, item: Item) -> Signal:
    """Let flite say one sentence, at 16 kHz."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "speech.wav"
        stretch = f"duration_stretch={item.duration_stretch}"
        command = [synthesiser, "-voice", item.voice, "--setf", stretch, "-t", item.text]
        done = subprocess.run(
            [*command, "-o", str(path)], capture_output=True, text=True, check=False
        )
        if done.returncode != 0 or not path.is_file():
            raise DemoMaterialError(
                f"flite could not speak {item.name!r}: {done.stderr.strip() or 'no reason given'}\n"
                f"Try it by hand: {' '.join(command[:-1])} {item.text!r} -o out.wav"
            )
        samples, rate_hz = sf.read(path, dtype="float64")
    if rate_hz != SAMPLE_RATE_HZ or samples.ndim != 1:
        raise DemoMaterialError(
            f"voice {item.voice!r} speaks at {rate_hz} Hz; 16000 Hz mono is needed.\n"
            "Choose another voice for this item (`flite -lv` lists them)."
        )
    return np.asarray(samples, dtype=np.float64)


def frame_powers(signal: Signal, *, length: int = 320) -> Signal:
    """Mean power of successive 20 ms frames."""
    n_frames = len(signal) // length
    frames = signal[: n_frames * length].reshape(n_frames, length)
    return np.asarray(np.mean(frames**2, axis=1))


def trim(signal: Signal, *, threshold_db: float = -40.0) -> Signal:
    """Cut the silence before and after speech, leaving a short pause at each end."""
    powers = frame_powers(signal)
    loud = np.flatnonzero(powers > powers.max() * 10 ** (threshold_db / 10))
    pause = np.zeros(round(PAUSE_S * SAMPLE_RATE_HZ))
    return np.concatenate([pause, signal[loud[0] * 320 : (loud[-1] + 1) * 320], pause])


def active_power(signal: Signal, *, threshold_db: float = -25.0) -> float:
    """Mean power of the frames that lie within 25 dB of the loudest one."""
    powers = frame_powers(signal)
    return float(np.mean(powers[powers > powers.max() * 10 ** (threshold_db / 10)]))


def make_noise(n_samples: int, rng: np.random.Generator) -> Signal:
    """Noise with the long-term slope of speech whose level wanders slowly, at unit power."""
    frequencies = np.fft.rfftfreq(n_samples, 1 / SAMPLE_RATE_HZ)
    slope = 1 / (1 + (frequencies / 500) ** 2) ** 0.75  # 9 dB per octave above 500 Hz
    slope *= frequencies / np.hypot(frequencies, 80)  # no rumble
    noise = np.fft.irfft(np.fft.rfft(rng.standard_normal(n_samples)) * slope, n_samples)
    time_s = np.arange(n_samples) / SAMPLE_RATE_HZ
    swell_db = sum(
        1.0 * np.sin(2 * np.pi * (rate_hz * time_s + rng.uniform())) for rate_hz in (0.6, 1.7)
    )
    noise *= 10 ** (swell_db / 20)
    return np.asarray(noise / np.sqrt(np.mean(noise**2)))


def mix(speech: Signal, snr_db: float, rng: np.random.Generator) -> Signal:
    """Add noise to speech, led in by noise alone."""
    lead_in = np.zeros(round(LEAD_IN_S * SAMPLE_RATE_HZ))
    padded = np.concatenate([lead_in, speech])
    noise = make_noise(len(padded), rng)
    scale = np.sqrt(active_power(speech) * 10 ** (-snr_db / 10))
    return np.asarray(padded + noise * scale)


@dataclass(frozen=True)
class Transforms:
    """The stored weights of the enhancer: its first and its last layer.

    They are a short-time Fourier transform and its inverse written as convolutions: every row
    of ``encoder`` is one tap of all filters, every row of ``decoder`` one filter.
    """

    encoder: Signal  # FRAME x FRAME + 2
    decoder: Signal  # FRAME + 2 x FRAME


def make_transforms() -> Transforms:
    """Square-root Hann window times cosines and sines; decoder undoes encoder exactly."""
    taps, bins = np.arange(FRAME), np.arange(FRAME // 2 + 1)
    hann = 0.5 - 0.5 * np.cos(2 * np.pi * taps / FRAME)
    phase = 2 * np.pi * np.outer(taps, bins) / FRAME
    encoder = np.sqrt(hann)[:, None] * np.hstack([np.cos(phase), -np.sin(phase)])
    once = np.where((bins == 0) | (bins == FRAME // 2), 1.0, 2.0)  # bins without a twin
    scale = np.concatenate([once, once]) * 2 * HOP / FRAME**2
    return Transforms(encoder, (encoder * scale).T.copy())


def round_fraction(values: Signal, bits: int) -> Signal:
    """Keep sign and exponent, and round the fraction to the nearest of ``bits`` bits.

    With 0 bits every value becomes a power of two: 1.5 * 2**k and above goes up.
    """
    mantissa, exponent = np.frexp(values)  # 0.5 <= |mantissa| < 1
    steps = 2.0 ** (bits + 1)
    rounded = np.sign(mantissa) * np.floor(np.abs(mantissa) * steps + 0.5) / steps
    return np.asarray(np.ldexp(rounded, exponent))


def compress(transforms: Transforms, bits: int) -> Transforms:
    """The same enhancer with every weight rounded to ``bits`` fraction bits."""
    return Transforms(
        round_fraction(transforms.encoder, bits), round_fraction(transforms.decoder, bits)
    )


def estimate_noise(powers: Signal) -> Signal:
    """Noise power of every bin: the mean over the lead-in, smoothed over five bins.

    A fixed estimate on purpose: an adaptive one can lock on differently after the slightest
    change of the weights, and the axis would no longer be graded.
    """
    lead_in = powers[FRAME // HOP : int(LEAD_IN_S * SAMPLE_RATE_HZ) // HOP]
    mean = np.pad(np.mean(lead_in, axis=0), 2, mode="edge")
    return NOISE_MARGIN * np.convolve(mean, np.full(5, 0.2), mode="valid")


def enhancer_gains(powers: Signal) -> Signal:
    """Log-spectral amplitude gains (Ephraim and Malah 1985), decision-directed."""
    powers = powers + 1e-12
    noise = estimate_noise(powers)
    floor = 10 ** (GAIN_FLOOR_DB / 20)
    gains = np.empty_like(powers)
    clean = np.zeros(powers.shape[1])
    for index, power in enumerate(powers):
        posterior = np.minimum(power / noise, 1e4)
        prior = 0.97 * clean / noise + 0.03 * np.maximum(posterior - 1, 0)
        prior = np.maximum(prior, floor**2)
        wiener = prior / (1 + prior)
        gains[index] = np.minimum(wiener * np.exp(0.5 * exp1(wiener * posterior)), 1)
        clean = gains[index] ** 2 * power
    return np.maximum(gains, floor)


def enhance(noisy: Signal, transforms: Transforms) -> Signal:
    """Encode, weight with the gains, decode by overlap-add: as long as the input, no delay."""
    padded = np.pad(noisy, (FRAME, FRAME + HOP))
    frames = np.lib.stride_tricks.sliding_window_view(padded, FRAME)[::HOP]
    features = frames @ transforms.encoder
    cosines, sines = np.split(features, 2, axis=1)
    gains = enhancer_gains(cosines**2 + sines**2)
    pieces = (features * np.hstack([gains, gains])) @ transforms.decoder
    signal = np.zeros((len(pieces) - 1) * HOP + FRAME)
    for index, piece in enumerate(pieces):
        signal[index * HOP : index * HOP + FRAME] += piece
    return signal[FRAME : FRAME + len(noisy)]


def limit_band(signal: Signal) -> Signal:
    """Low-pass without delay, falling from 5.8 to 6.2 kHz: a sixth off every FLAC file."""
    frequencies = np.fft.rfftfreq(len(signal), 1 / SAMPLE_RATE_HZ)
    way = np.clip((frequencies - 5800) / 400, 0, 1)
    response = 0.5 + 0.5 * np.cos(np.pi * way)
    return np.asarray(np.fft.irfft(np.fft.rfft(signal) * response, len(signal)))


def fade(signal: Signal) -> Signal:
    """Raised-cosine fades of 5 ms at both ends."""
    n_samples = round(FADE_S * SAMPLE_RATE_HZ)
    ramp = 0.5 - 0.5 * np.cos(np.pi * np.arange(n_samples) / n_samples)
    faded = signal.copy()
    faded[:n_samples] *= ramp
    faded[-n_samples:] *= ramp[::-1]
    return faded


def to_16_bit(signal: Signal) -> Signal:
    """Round to the steps of 16-bit audio, so that what is measured is what is written."""
    return np.asarray(np.round(signal * 32768) / 32768)


def render_version(noisy: Signal, transforms: Transforms, n_samples: int) -> Signal:
    """The enhanced sentence as it will be heard, without the lead-in; level still free."""
    return fade(limit_band(enhance(noisy, transforms))[-n_samples:])


def make_item(
    item: Item, speech: Signal, rng: np.random.Generator
) -> tuple[Signal, dict[int, Signal]]:
    """Return the baseline of one item and its compressed versions by fraction bits.

    One factor brings the baseline to the common level; each version is matched to the
    baseline's power by one factor of its own, so that loudness gives nothing away.
    """
    noisy = mix(speech, item.snr_db, rng)
    transforms = make_transforms()
    baseline = render_version(noisy, transforms, len(speech))
    baseline *= np.sqrt(10 ** (ACTIVE_LEVEL_DB / 10) / active_power(baseline))
    versions = {}
    for bits in FRACTION_BITS:
        version = render_version(noisy, compress(transforms, bits), len(speech))
        version *= np.sqrt(np.mean(baseline**2) / np.mean(version**2))
        versions[bits] = to_16_bit(version)
    return to_16_bit(baseline), versions


def difference_level_db(version: Signal, baseline: Signal) -> float:
    """Level of the difference signal relative to the baseline."""
    return float(10 * np.log10(np.sum((version - baseline) ** 2) / np.sum(baseline**2)))


def check_item(item: Item, baseline: Signal, versions: dict[int, Signal]) -> list[float]:
    """Refuse clipping and an axis that is not monotone; return the difference levels."""
    peak = max(float(np.max(np.abs(signal))) for signal in (baseline, *versions.values()))
    if peak >= PEAK_LIMIT:
        raise DemoMaterialError(
            f"{item.name}: the peak is {peak:.2f} of full scale.\n"
            "Lower ACTIVE_LEVEL_DB and run this again."
        )
    levels_db = [difference_level_db(versions[bits], baseline) for bits in FRACTION_BITS]
    if any(later <= earlier for earlier, later in pairwise(levels_db)):
        raise DemoMaterialError(
            f"{item.name}: the difference does not grow with every bit dropped.\n"
            "Choose other fraction bits, another sentence or another seed."
        )
    return levels_db


def write_flac(path: Path, signal: Signal) -> None:
    """Write one 16-bit FLAC file, as small as it gets."""
    path.parent.mkdir(parents=True, exist_ok=True)
    samples = (signal * 32768).astype(np.int16)
    sf.write(path, samples, SAMPLE_RATE_HZ, format="FLAC", subtype="PCM_16", compression_level=1.0)


def make_material(output: Path, *, seed: int) -> dict[str, list[float]]:
    """Write every file and return the difference levels of each item, one per level."""
    synthesiser = find_synthesiser()
    table = {}
    for number, item in enumerate(ITEMS):
        speech = trim(speak(synthesiser, item))
        rng = np.random.default_rng([seed, number])
        baseline, versions = make_item(item, speech, rng)
        table[item.name] = check_item(item, baseline, versions)
        write_flac(output / "baseline" / f"{item.name}.flac", baseline)
        for bits, version in versions.items():
            write_flac(output / CONDITION / str(bits) / f"{item.name}.flac", version)
    return table


def render_table(table: dict[str, list[float]]) -> str:
    """The difference levels in dB as a Markdown table."""
    rows = [
        "| item | " + " | ".join(f"{bits} bits" for bits in FRACTION_BITS) + " |",
        "| --- |" + " ---: |" * len(FRACTION_BITS),
    ]
    rows += [
        f"| {name} | " + " | ".join(f"{level_db:.1f}" for level_db in levels_db) + " |"
        for name, levels_db in table.items()
    ]
    return "\n".join(rows)


def main(arguments: list[str] | None = None) -> int:
    """Read the command line, make the material, print the table."""
    parser = argparse.ArgumentParser(description="Make the sound material of `jndlab demo`.")
    parser.add_argument(
        "--output", type=Path, default=Path("demo-material"), help="folder to write into"
    )
    parser.add_argument("--seed", type=int, default=2022, help="seed of the noise (%(default)s)")
    options = parser.parse_args(arguments)
    try:
        table = make_material(options.output, seed=options.seed)
    except DemoMaterialError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print("Level of the difference from the baseline, in dB relative to the baseline:\n")
    print(render_table(table))
    return 0


if __name__ == "__main__":
    sys.exit(main())
