"""Mended copies of sound files: what is written, and the row that says what was done."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import soundfile as sf

from jndlab.audio.dither import dithered, seed_of
from jndlab.audio.mending import MendedItem, MendedVersion, mend_item
from jndlab.audio.pairs import Source, level_text
from jndlab.audio.pcm import encode_float_wav, encode_wav
from jndlab.audio.reading import ENDINGS, Clip, file_digest, read_clip
from jndlab.audio.treatment import FADE_MS
from jndlab.errors import AudioError
from jndlab.files import write_atomically
from jndlab.study.definition import StudyDefinition

UNCHANGED = "as it was"
FLOATS = ("FLOAT", "DOUBLE")


@dataclass(frozen=True, slots=True, kw_only=True)
class MendedFile:
    """A copy in the new folder: a row of mended.csv."""

    item: str
    condition: str
    level: float | None
    path: str
    """Of the copy, relative to the new folder."""
    source_digest: str
    """SHA-256 (hex) of the file that it was made from."""
    digest: str
    """SHA-256 (hex) of the copy."""
    findings: str
    """Codes of the findings that asked for it."""
    delay_samples_removed: float = 0.0
    gain_db_applied: float = 0.0
    """That of the item included."""
    polarity: str = "kept"
    offset_removed: str = ""
    """Of full scale, by channel."""
    cut_start_samples: int = 0
    """Frames of the source that the copy lacks at its start."""
    cut_end_samples: int = 0
    padded_start_samples: int = 0
    """Frames of silence before the source's first."""
    padded_end_samples: int = 0
    fade_in_ms: float = 0.0
    fade_out_ms: float = 0.0
    encoding: str = UNCHANGED
    left: str = ""
    """What could have been mended but was not, and why."""

    @property
    def is_changed(self) -> bool:
        """Whether it is anything but a copy, byte by byte."""
        return self.encoding != UNCHANGED

    @property
    def summary(self) -> str:
        """What was done, in words."""
        done = []
        if self.delay_samples_removed:
            done.append(f"delay of {self.delay_samples_removed:+.3f} samples removed")
        if self.polarity != "kept":
            done.append("polarity turned")
        if self.gain_db_applied:
            done.append(f"{self.gain_db_applied:+.3f} dB")
        if self.offset_removed:
            done.append(f"offset of {self.offset_removed} removed")
        if self.cut_start_samples or self.cut_end_samples:
            done.append(f"cut by {self.cut_start_samples} and {self.cut_end_samples} samples")
        if self.padded_start_samples or self.padded_end_samples:
            padded = f"{self.padded_start_samples} and {self.padded_end_samples}"
            done.append(f"padded by {padded} samples")
        if self.fade_in_ms or self.fade_out_ms:
            done.append("faded")
        return "; ".join(done)

    def to_dict(self) -> dict[str, Any]:
        """Its fields by name."""
        return asdict(self)


def mend_files(
    study: StudyDefinition,
    sources: Sequence[Source],
    output: Path,
    *,
    kept: Mapping[str, MendedFile],
) -> list[MendedFile]:
    """Write the mended versions of one item below ``output``; the files that are there now.

    ``kept``: what was written before, by path. Where source and copy are still the same, nothing
    is done. Raises AudioError, StoreError.
    """
    before = [kept.get(_path(source, "")) or kept.get(_path(source, ".wav")) for source in sources]
    known = [one for one in before if one is not None]
    if len(known) == len(sources) and all(
        _is_there(output / one.path, one.digest) and file_digest(source.path) == one.source_digest
        for source, one in zip(sources, known, strict=True)
    ):
        return known
    loaded = [read_clip(source.path) for source in sources]
    mended = mend_item(study, sources, loaded)
    if mended is None:
        return [_copy(source, clip, output) for source, clip in zip(sources, loaded, strict=True)]
    return [
        _write(one, clip, mended, output) for one, clip in zip(mended.versions, loaded, strict=True)
    ]


def _write(one: MendedVersion, clip: Clip, mended: MendedItem, output: Path) -> MendedFile:
    if one.samples is None:
        return _copy(one.source, clip, output, left="; ".join(one.left))
    treatment, ends = one.treatment, mended.ends
    if sf.info(one.source.path).subtype in FLOATS:
        wav, encoding = encode_float_wav(one.samples, clip.rate_hz), "32-bit float"
    else:
        seed = seed_of(f"{clip.source_digest} {treatment} {ends} {mended.gain_db}")
        wav, encoding = encode_wav(dithered(one.samples, seed), clip.rate_hz), "24-bit"
    path = _path(one.source, ".wav")
    _put(output / path, wav)
    shift = round(treatment.delay_samples)
    first, last = ends.first + shift, ends.last + shift  # on the time axis of the source
    return MendedFile(
        item=one.source.item,
        condition=one.source.condition,
        level=one.source.level,
        path=path,
        source_digest=clip.source_digest,
        digest=hashlib.sha256(wav).hexdigest(),
        findings=" ".join(one.reasons),
        delay_samples_removed=treatment.delay_samples,
        gain_db_applied=treatment.gain_db + mended.gain_db,
        polarity="turned" if treatment.inverted else "kept",
        offset_removed=" ".join(f"{value:.6g}" for value in treatment.offset),
        cut_start_samples=max(first, 0),
        cut_end_samples=max(clip.n_frames - last, 0),
        padded_start_samples=max(-first, 0),
        padded_end_samples=max(last - clip.n_frames, 0),
        fade_in_ms=FADE_MS if ends.fade_in else 0.0,
        fade_out_ms=FADE_MS if ends.fade_out else 0.0,
        encoding=encoding,
        left="; ".join(one.left),
    )


def _copy(source: Source, clip: Clip, output: Path, *, left: str = "") -> MendedFile:
    content = source.path.read_bytes()
    if hashlib.sha256(content).hexdigest() != clip.source_digest:
        raise AudioError(
            f"{source.path} was replaced while it was being read.",
            "Wait until all sounds have arrived, then do the same again.",
        )
    path = _path(source, "")
    _put(output / path, content)
    return MendedFile(
        item=source.item,
        condition=source.condition,
        level=source.level,
        path=path,
        source_digest=clip.source_digest,
        digest=clip.source_digest,
        findings="",
        left=left,
    )


def _put(path: Path, content: bytes) -> None:
    write_atomically(path, content, replace=True)
    for ending in ENDINGS:  # of an earlier copy, before the source was replaced
        if ending != path.suffix:
            path.with_name(path.stem + ending).unlink(missing_ok=True)


def _path(source: Source, ending: str) -> str:
    """CONDITION/LEVEL/ITEM.wav; with the source's own ending for an empty one."""
    level = () if source.level is None else (level_text(source.level),)
    name = source.item + (ending or source.path.suffix.lower())
    return "/".join((source.condition, *level, name))


def _is_there(path: Path, digest: str) -> bool:
    return path.is_file() and file_digest(path) == digest
