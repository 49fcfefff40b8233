"""Synthetic speech: sentences from templates, spoken by flite and eSpeak NG as subprocesses.

No recording of a person is involved. What is learned or measured on such speech says nothing
about natural voices, and has to be shown with that remark.
"""

from __future__ import annotations

import itertools
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile as sf
import soxr
from numpy.typing import NDArray

from jndlab.errors import CompressionError

RATE_HZ = 16000

_OPENINGS = ("Every morning", "Last winter", "After the storm", "Before dinner", "As usual", "Soon")
_SUBJECTS = (
    "the old captain", "a young nurse", "our neighbour", "the shy baker", "that clever child",
    "the tall gardener", "a tired driver", "my older sister", "the quiet judge", "each visitor",
)  # fmt: skip
_VERBS = (
    "carried", "forgot", "painted", "measured", "borrowed", "watched", "pushed", "described",
    "dropped", "found", "shook", "guarded",
)  # fmt: skip
_OBJECTS = (
    "the heavy box", "a blue bicycle", "six fresh eggs", "the broken clock", "an unusual map",
    "a thick blanket", "the sharp knife", "two silver spoons", "the missing page", "a jar of honey",
)  # fmt: skip
_PLACES = (
    "near the river", "behind the church", "across the frozen field", "in a dusty shop",
    "beside the bridge", "under the yellow lamp", "at the edge of town", "on the wooden stairs",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Talker:
    """One voice of one synthesiser."""

    program: str
    voice: str

    def command(self, text: str, path: Path, rate: float) -> list[str]:
        """Speak ``text`` into ``path``, at ``rate`` times the voice's own pace."""
        if self.program == "flite":
            stretch = f"duration_stretch={1 / rate:.3f}"
            return ["flite", "-voice", self.voice, "--setf", stretch, "-t", text, "-o", str(path)]
        pace = str(round(160 * rate))
        return ["espeak-ng", "-v", self.voice, "-s", pace, "-w", str(path), text]


FLITE = tuple(Talker("flite", voice) for voice in ("slt", "rms", "awb", "kal16"))
"""Made from recordings: they sound most like speech."""
ESPEAK = tuple(
    Talker("espeak-ng", f"{accent}+{variant}")
    for accent, variants in (
        ("en-us", ("m1", "m3", "m7", "f1", "f2", "f4", "belinda")),
        ("en-gb", ("m2", "m4", "m8", "f2", "f3", "f5", "adam")),
        ("en-gb-scotland", ("m5", "m6", "f1")),
        ("en-gb-x-gbclan", ("m3", "f2")),
        ("en-gb-x-rp", ("m1", "f4")),
    )
    for variant in variants
)
"""Formant synthesis: for variety in training."""
TALKERS = tuple(
    talker for index, formant in enumerate(ESPEAK) for talker in (FLITE[index % 4], formant)
)
"""Half of all sentences by flite, half by eSpeak NG."""


def sentences(n: int, rng: np.random.Generator, *, held_out: bool = False) -> list[str]:
    """So many sentences, all different.

    One in ten of all that can be formed is held out for tests: no training has it, whatever
    its seed.
    """
    parts = (_OPENINGS, _SUBJECTS, _VERBS, _OBJECTS, _PLACES)
    kept_apart = np.random.default_rng(0).permutation(np.prod([len(part) for part in parts])) % 10
    every = [
        words
        for words, place in zip(itertools.product(*parts), kept_apart, strict=True)
        if (place == 0) == held_out
    ]
    if n > len(every):
        raise CompressionError(
            f"There are {len(every)} sentences; {n} were asked for.", "Ask for fewer sounds."
        )
    chosen = rng.choice(len(every), size=n, replace=False)
    return ["{}, {} {} {} {}.".format(*every[index]) for index in chosen]


def speak(talker: Talker, text: str, rate: float = 1.0) -> NDArray[np.float32]:
    """The sentence as (n_samples,) at 16 kHz, silence at both ends cut off.

    Raises CompressionError where the synthesiser is not installed or fails.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "speech.wav"
        try:
            done = subprocess.run(
                talker.command(text, path, rate), check=False, capture_output=True, timeout=120
            )
        except FileNotFoundError:
            raise CompressionError(
                f"The speech synthesiser {talker.program} is not installed.",
                f"On Debian or Ubuntu: apt install {talker.program}",
            ) from None
        if done.returncode != 0 or not path.is_file():
            said = done.stderr.decode(errors="replace").strip()
            raise CompressionError(
                f"{talker.program} cannot speak as {talker.voice!r}: {said}",
                f"Install its English voices: apt install {talker.program}",
            )
        samples, rate_hz = sf.read(path, dtype="float32")
    speech = np.asarray(soxr.resample(samples, rate_hz, RATE_HZ), dtype=np.float32)
    loud = np.flatnonzero(np.abs(speech) > 0.01 * np.abs(speech).max(initial=0.0))
    return speech[loud[0] : loud[-1] + 1] if loud.size else speech


def synthesiser_version(program: str) -> str:
    """What the program says of itself, in one line; empty where it is not installed."""
    try:
        done = subprocess.run([program, "--version"], check=False, capture_output=True, timeout=30)
    except FileNotFoundError:
        return ""
    lines = (done.stdout or done.stderr).decode(errors="replace").splitlines()
    telling = [line.strip() for line in lines if any(letter.isdigit() for letter in line)]
    numbered = [line for line in telling if "version" in line.lower()] or telling or [""]
    return f"{program}: {numbered[0]}"[:120]
