"""Sound files -> arrays. The only place that opens a source file."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from jndlab.errors import AudioError

ENDINGS = (".wav", ".flac")
MAX_SECONDS = 120.0

Samples = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Clip:
    """A sound in memory."""

    samples: Samples
    """Shape (n_frames, n_channels), full scale 1.0."""
    rate_hz: int
    source_digest: str
    """SHA-256 (hex) of the file's bytes."""

    @property
    def n_frames(self) -> int:
        return int(self.samples.shape[0])

    @property
    def n_channels(self) -> int:
        return int(self.samples.shape[1])

    @property
    def seconds(self) -> float:
        return self.n_frames / self.rate_hz


def find_clip(folder: Path, item: str) -> Path:
    """The file of ``item`` in ``folder``. Raises AudioError if there is none, or two."""
    found = [folder / (item + ending) for ending in ENDINGS if (folder / (item + ending)).is_file()]
    if not found and folder.is_dir():  # ITEM.WAV, on a file system that tells the two apart
        found = [
            path
            for path in folder.iterdir()
            if path.stem == item and path.suffix.lower() in ENDINGS and path.is_file()
        ]
    if not found:
        raise AudioError(
            f"{folder} has no {item}.wav (or .flac).",
            "Render the missing file, or take the item out of the study file.",
        )
    if len(found) > 1:
        raise AudioError(
            f"{folder} has both {found[0].name} and {found[1].name}.", "Remove one of the two."
        )
    return found[0]


def read_clip(path: Path) -> Clip:
    """Read a WAV or FLAC file. Raises AudioError if it is missing, damaged or too long."""
    import soundfile as sf

    digest = file_digest(path)
    try:
        with sf.SoundFile(path) as sound:
            if sound.frames > MAX_SECONDS * sound.samplerate:
                raise AudioError(
                    f"{path} is longer than {MAX_SECONDS:g} s.", "Cut it into single utterances."
                )
            samples = sound.read(dtype="float64", always_2d=True)
            rate = int(sound.samplerate)
    except (sf.LibsndfileError, RuntimeError) as error:
        raise AudioError(
            f"{path} is no readable sound file: {error}", "Render it again as WAV or FLAC."
        ) from None
    return Clip(samples=np.asarray(samples, dtype=np.float64), rate_hz=rate, source_digest=digest)


def file_digest(path: Path) -> str:
    """SHA-256 (hex) of a file's bytes. Raises AudioError if it is missing or cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:
        raise AudioError(
            f"There is no file {path}.", "Check the folder in the study file."
        ) from None
    except PermissionError:
        raise AudioError(f"{path} cannot be read: permission denied.", "Check its owner.") from None
