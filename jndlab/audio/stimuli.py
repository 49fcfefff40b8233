"""Source files of a study -> checked, rendered clips, and what was done to each.

Rendering happens once, at the launch: one resampling with soxr at its best quality, one
rounding to 24 bits. Clips are stored under the digest of their bytes, so that doing it
again changes nothing and nothing in a file name tells what is in it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soxr

from jndlab.audio.checking import Progress as Progress
from jndlab.audio.checking import form_findings
from jndlab.audio.pairs import Finding, Source
from jndlab.audio.pcm import encode_wav, quantise
from jndlab.audio.reading import Clip, read_clip
from jndlab.audio.sources import sources_of as sources_of
from jndlab.errors import AudioError, StoreError
from jndlab.files import write_atomically
from jndlab.study.definition import StudyDefinition

CEILING = 1.0 - 2.0**-20
"""Highest sample after rendering; an item that would exceed it is turned down as a whole."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stimulus:
    """A rendered clip and how it was made."""

    item: str
    condition: str
    level: float | None
    clip: str
    """SHA-256 (hex) of the rendered WAV file, which is also its name in the clip folder."""
    n_frames: int
    rate_hz: int
    n_channels: int
    gain_db: float
    """Gain applied to every version of the item alike; 0 unless resampling overshot."""
    source_digest: str
    source_rate_hz: int


def require_sound(findings: Sequence[Finding]) -> None:
    """Raise AudioError if any finding is an error."""
    errors = [finding for finding in findings if finding.severity == "error"]
    if errors:
        shown = "\n".join(str(finding) for finding in errors[:10])
        more = f"\nand {len(errors) - 10} more" if len(errors) > 10 else ""
        raise AudioError(
            f"{len(errors)} of the sound files cannot be used:\n{shown}{more}",
            "Mend them, then look again with: jndlab check",
        )


def render_stimuli(
    study: StudyDefinition, root: Path, clips: Path, *, progress: Progress = lambda: None
) -> list[Stimulus]:
    """Render every clip of ``study`` into the folder ``clips``; ``progress`` is per item.

    What makes the files unfit for rendering is looked at once more; what they sound like beside
    one another is the business of :func:`check_sounds`. Raises AudioError if a sound has an
    error. Files that are there already stay as they are.
    """
    stimuli: list[Stimulus] = []
    for sources in sources_of(study, root).values():
        loaded = [read_clip(source.path) for source in sources]
        require_sound(list(form_findings(sources, loaded)))
        stimuli += _render_item(sources, loaded, study.presentation.sample_rate_hz, clips)
        progress()
    return stimuli


def stimuli_digest(stimuli: list[Stimulus]) -> str:
    """SHA-256 (hex) over what every item sounds like at every level of every condition."""
    lines = sorted(f"{s.item}\t{s.condition}\t{s.level}\t{s.clip}" for s in stimuli)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def clip_path(clips: Path, digest: str) -> Path:
    """Where the clip of that digest is stored."""
    return clips / digest[:2] / f"{digest}.wav"


def load_clip(clips: Path, digest: str) -> bytes:
    """The stored clip of that digest, a 24-bit WAV file. Raises StoreError if it is not there."""
    try:
        return clip_path(clips, digest).read_bytes()
    except OSError as error:
        raise StoreError(
            f"A clip cannot be read from the data folder: {error.strerror}.",
            "Restore the folder 'clips' from a backup.",
        ) from error


def _render_item(
    sources: list[Source], loaded: list[Clip], rate_hz: int, clips: Path
) -> Iterator[Stimulus]:
    resampled = [
        clip.samples
        if clip.rate_hz == rate_hz
        else soxr.resample(clip.samples, clip.rate_hz, rate_hz, quality="VHQ")
        for clip in loaded
    ]
    # One gain for the whole item: turning down a single version would be a cue.
    peak = max(float(np.abs(samples).max()) for samples in resampled)
    gain = min(1.0, CEILING / peak)
    for source, clip, samples in zip(sources, loaded, resampled, strict=True):
        wav = encode_wav(quantise(samples * gain), rate_hz)
        digest = hashlib.sha256(wav).hexdigest()
        write_atomically(clip_path(clips, digest), wav)
        yield Stimulus(
            item=source.item,
            condition=source.condition,
            level=source.level,
            clip=digest,
            n_frames=samples.shape[0],
            rate_hz=rate_hz,
            n_channels=samples.shape[1],
            gain_db=20 * float(np.log10(gain)),
            source_digest=clip.source_digest,
            source_rate_hz=clip.rate_hz,
        )
