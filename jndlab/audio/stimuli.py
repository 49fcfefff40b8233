"""Source files of a study -> checked, rendered clips, and what was done to each.

Rendering happens once, at the launch: one resampling with soxr at its best quality, one
rounding to 24 bits. Clips are stored under the digest of their bytes, so that doing it
again changes nothing and nothing in a file name tells what is in it. Fades are the player's, and
there is no dither: docs/explanation/sound.md says why.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from jndlab.audio.anchors import low_passed, require_anchors
from jndlab.audio.checking import Progress as Progress
from jndlab.audio.checking import form_findings
from jndlab.audio.level_match import match_gains
from jndlab.audio.pairs import Finding, Source
from jndlab.audio.parallel import map_in_order
from jndlab.audio.pcm import encode_wav, quantise
from jndlab.audio.reading import Clip, file_digest, read_clip
from jndlab.audio.render_cache import Rendered, cache_key, cached, keep
from jndlab.audio.sources import sources_of as sources_of
from jndlab.audio.sources import trap_sources
from jndlab.clips import Shelf, keep_clip, missing_clips
from jndlab.errors import AudioError
from jndlab.study.definition import StudyDefinition
from jndlab.study.trials import ANCHOR

CEILING = 1.0 - 2.0**-20
"""Highest sample after rendering; an item that would exceed it is turned down as a whole."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stimulus:
    """A rendered clip and how it was made."""

    item: str
    condition: str
    level: float | None
    clip: str
    """SHA-256 (hex) of the rendered WAV file, under which it is kept."""
    n_frames: int
    rate_hz: int
    n_channels: int
    gain_db: float
    """0 unless the study matches levels, or resampling overshot: all versions alike then."""
    source_digest: str
    """Of the file; of an anchor, that of the baseline it was made of."""
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
    study: StudyDefinition,
    root: Path,
    clips: Shelf,
    *,
    workers: int | None = None,
    progress: Progress = lambda: None,
) -> list[Stimulus]:
    """Render every clip of ``study`` into ``clips``; ``progress`` is per item.

    Anchors are made of the baselines; the sounds of trap trials come last.
    What makes the files unfit for rendering is looked at once more; what they sound like beside
    one another is the business of :func:`check_sounds`. Files that are there already stay as they
    are, and sources that were rendered before are read no further than for their digest.
    ``workers``: in so many processes; left out, in as many as are worth it. Raises AudioError if a
    sound has an error.
    """
    clips.tidy()
    stimuli: list[Stimulus] = []
    of_items = list(sources_of(study, root).values())
    for rendered in map_in_order(_render_files, (study, clips), of_items, workers=workers):
        stimuli += rendered
        progress()
    return [*stimuli, *_render_traps(study, root, clips)]


def stimuli_digest(stimuli: list[Stimulus]) -> str:
    """SHA-256 (hex) over what every item sounds like at every level of every condition."""
    lines = sorted(f"{s.item}\t{s.condition}\t{s.level}\t{s.clip}" for s in stimuli)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _render_files(
    shared: tuple[StudyDefinition, Shelf], sources: Sequence[Source]
) -> list[Stimulus]:
    """The stimuli of one item, rendered now or before."""
    study, clips = shared
    limits, anchors = study.pair_limits(), _anchors_of(study)
    rate_hz, how = study.presentation.sample_rate_hz, study.presentation.level_match
    # A sound below silent_db is not rendered.
    options: dict[str, object] = {
        "rate_hz": rate_hz,
        "level_match": how,
        "silent_db": limits.silent_db,
    }
    if anchors:
        options["anchors_hz"] = anchors
    digests = [file_digest(source.path) for source in sources]
    rendered = cached(clips, cache_key(digests, options))
    if rendered is None or not _all_there(clips, rendered, len(sources) + len(anchors)):
        loaded = [read_clip(source.path) for source in sources]
        require_sound(list(form_findings(sources, loaded, limits=limits)))
        require_anchors(anchors, loaded[0], item=sources[0].item)
        rendered = _render_item(loaded, match_gains(how, loaded), rate_hz, clips, anchors)
        digests = [clip.source_digest for clip in loaded]
        keep(clips, cache_key(digests, options), rendered)
    places = [(source.condition, source.level) for source in sources]
    places += [(ANCHOR, cutoff) for cutoff in anchors]
    digests += [digests[0]] * len(anchors)
    return [
        _stimulus(sources[0].item, condition, level, one, digest, rate_hz)
        for (condition, level), digest, one in zip(places, digests, rendered, strict=True)
    ]


def _anchors_of(study: StudyDefinition) -> tuple[float, ...]:
    """From the lowest cut-off up, so that the order in the file makes no difference."""
    return tuple(sorted(study.stimuli.anchors_hz))


def _render_traps(study: StudyDefinition, root: Path, clips: Shelf) -> Iterator[Stimulus]:
    """The sounds of the trap trials, in the format of the others."""
    rate_hz = study.presentation.sample_rate_hz
    for source in trap_sources(study, root):
        clip = read_clip(source.path)
        require_sound(list(form_findings([source], [clip], limits=study.pair_limits())))
        (one,) = _render_item([clip], [0.0], rate_hz, clips, ())
        yield _stimulus(source.item, source.condition, None, one, clip.source_digest, rate_hz)


def _stimulus(
    item: str, condition: str, level: float | None, one: Rendered, digest: str, rate_hz: int
) -> Stimulus:
    return Stimulus(
        item=item,
        condition=condition,
        level=level,
        clip=one.clip,
        n_frames=one.n_frames,
        rate_hz=rate_hz,
        n_channels=one.n_channels,
        gain_db=one.gain_db,
        source_digest=digest,
        source_rate_hz=one.source_rate_hz,
    )


def _all_there(clips: Shelf, rendered: Sequence[Rendered], n_clips: int) -> bool:
    return len(rendered) == n_clips and not missing_clips(clips, {one.clip for one in rendered})


def _render_item(
    loaded: Sequence[Clip],
    gains_db: Sequence[float],
    rate_hz: int,
    clips: Shelf,
    anchors_hz: Sequence[float],
) -> list[Rendered]:
    """``gains_db`` bring each version to the level of the baseline; anchors come last."""
    import soxr

    resampled = [
        clip.samples
        if clip.rate_hz == rate_hz
        else soxr.resample(clip.samples, clip.rate_hz, rate_hz, quality="VHQ")
        for clip in loaded
    ]
    factors = [10 ** (gain / 20) for gain in gains_db]
    for cutoff in anchors_hz:
        resampled.append(low_passed(resampled[0], rate_hz, cutoff))
        factors.append(factors[0])
    loaded = [*loaded, *(loaded[0] for _ in anchors_hz)]
    # One more for the whole item: turning down a single version would be a cue.
    peak = max(
        factor * float(np.abs(samples).max())
        for factor, samples in zip(factors, resampled, strict=True)
    )
    whole = min(1.0, CEILING / peak)
    rendered = []
    for clip, samples, factor in zip(loaded, resampled, factors, strict=True):
        gain = factor * whole
        wav = encode_wav(quantise(samples * gain), rate_hz)
        digest = hashlib.sha256(wav).hexdigest()
        keep_clip(clips, digest, wav)
        rendered.append(
            Rendered(
                clip=digest,
                n_frames=samples.shape[0],
                n_channels=samples.shape[1],
                gain_db=20 * float(np.log10(gain)),
                source_rate_hz=clip.rate_hz,
            )
        )
    return rendered
