"""A sound file that somebody sent: is it what its name says, whole, and of a size to work with?

Checked before the file gets a place in a study. What follows from the pair it belongs to is
looked at later, by the pair gate.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from jndlab.audio.reading import MAX_SECONDS
from jndlab.errors import AudioError

if TYPE_CHECKING:
    import soundfile

MAX_BYTES = 256 * 1024 * 1024
"""Two minutes of stereo at 96 kHz in 64-bit samples are 176 MiB."""
RATES_HZ = (4_000, 384_000)
LOSSLESS = ("PCM_U8", "PCM_S8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE")
BLOCK_FRAMES = 1 << 16
AGAIN = "Render it again as WAV or FLAC."


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundFacts:
    """What a sound file holds."""

    seconds: float
    rate_hz: int
    n_channels: int


def check_received(path: Path, *, name: str) -> SoundFacts:
    """What is in a received file. Raises AudioError, which calls it ``name``.

    The whole file is read, a block at a time, whatever its header says.
    """
    import soundfile as sf

    if path.stat().st_size > MAX_BYTES:
        raise AudioError(
            f"{name} is larger than {MAX_BYTES >> 20} MiB.", "Cut it into single utterances."
        )
    try:
        _require_whole(path, name)
        with sf.SoundFile(path) as sound:
            return _read_through(sound, name)
    except (sf.LibsndfileError, RuntimeError) as error:
        reason = str(error).rpartition(": ")[2] or "it cannot be read"
        raise AudioError(f"{name} is no readable sound file: {reason}", AGAIN) from None


def _read_through(sound: soundfile.SoundFile, name: str) -> SoundFacts:
    if sound.channels > 2:
        raise AudioError(f"{name} has {sound.channels} channels.", "Use mono or stereo.")
    if not RATES_HZ[0] <= sound.samplerate <= RATES_HZ[1]:
        raise AudioError(
            f"{name} has a sample rate of {sound.samplerate} Hz.",
            f"Use a rate from {RATES_HZ[0]} to {RATES_HZ[1]} Hz.",
        )
    if sound.subtype not in LOSSLESS:
        raise AudioError(
            f"{name} holds sound in a lossy or unusual coding ({sound.subtype}).",
            "Write plain PCM or floating point samples: coding is no part of the comparison.",
        )
    if sound.frames > MAX_SECONDS * sound.samplerate:
        raise AudioError(
            f"{name} is longer than {MAX_SECONDS:g} s.", "Cut it into single utterances."
        )
    n_frames = 0
    for block in sound.blocks(BLOCK_FRAMES, dtype="float64", always_2d=True):
        n_frames += len(block)
        if not np.isfinite(block).all():
            raise AudioError(
                f"{name} holds samples that are no numbers (NaN or infinite).",
                "Look for a division by zero in the model.",
            )
    if n_frames != sound.frames:
        raise AudioError(
            f"{name} is cut off: {n_frames} of the {sound.frames} samples that it promises.",
            "Write it again, or send it again if it is whole where it comes from.",
        )
    if n_frames == 0:
        raise AudioError(f"{name} holds no samples.", "Render it again.")
    return SoundFacts(
        seconds=n_frames / sound.samplerate, rate_hz=sound.samplerate, n_channels=sound.channels
    )


def _require_whole(path: Path, name: str) -> None:
    """Raise AudioError unless the file begins as its name says and holds what it announces."""
    ending = name.rpartition(".")[2].lower()
    with path.open("rb") as file:
        head = file.read(12)
        if ending == "flac" and head[:4] == b"fLaC":
            return
        if ending != "wav" or head[:4] not in (b"RIFF", b"RF64") or head[8:] != b"WAVE":
            kind = ending.upper()
            raise AudioError(f"{name} is no {kind} file, whatever its name says.", AGAIN)
        size = path.stat().st_size
        for _ in range(100):  # a WAV file has a handful of chunks
            header = file.read(8)
            if len(header) < 8:
                break
            chunk, n_bytes = struct.unpack("<4sI", header)
            left = size - file.tell()
            if chunk == b"data":
                if n_bytes > left and head[:4] == b"RIFF":
                    raise AudioError(
                        f"{name} promises {n_bytes:,} bytes of sound and holds {left:,}: it is cut "
                        "off, or was written by a program that could not go back to its header.",
                        "Write it again to a file, not through a pipe.",
                    )
                return
            file.seek(n_bytes + n_bytes % 2, 1)
    raise AudioError(f"{name} has a header, but no sound behind it.", AGAIN)
