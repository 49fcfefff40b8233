"""All sounds of a study -> findings, and the figures of each pair.

Items are looked at one by one, since nothing is compared across them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from jndlab.audio.anchors import require_anchors
from jndlab.audio.direction import check_direction
from jndlab.audio.level_checks import check_levels
from jndlab.audio.level_match import level_matched
from jndlab.audio.limits import LIMITS, PairLimits
from jndlab.audio.pair_checks import check_likeness
from jndlab.audio.pair_figures import ClipFigures, PairFigures, measure_clip, measure_pair
from jndlab.audio.pairs import Finding, Source, check_clip, check_pair
from jndlab.audio.parallel import map_in_order
from jndlab.audio.peak_faults import peak_faults
from jndlab.audio.reading import Clip, read_clip
from jndlab.audio.sources import pair_digest, sources_of, trap_sources
from jndlab.study.definition import StudyDefinition
from jndlab.study.trials import BASELINE

Progress = Callable[[], None]
NO_DISTANCE = ("delay", "gain", "polarity", "offset", "unrelated")
"""After these findings the distance to the baseline says nothing about the compression."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedPair:
    """A pair, what was measured on it, and which sounds that was."""

    item: str
    condition: str
    level: float
    sounds: str
    """Digest over both source files."""
    figures: PairFigures | None
    """None if the two cannot be compared."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedSounds:
    """Everything that was found out about the sounds of a study."""

    findings: tuple[Finding, ...]
    pairs: tuple[CheckedPair, ...]
    baselines: Mapping[str, str]
    """Digest of each item's baseline."""
    clip_seconds: float
    """Mean length of a clip."""
    limits: PairLimits = LIMITS
    """What figures were held against."""

    @property
    def digests(self) -> Mapping[tuple[str, str, float | None], str]:
        """By item, condition and level: what names the pair, or the baseline alone."""
        alone = {(item, BASELINE, None): digest for item, digest in self.baselines.items()}
        return alone | {(one.item, one.condition, one.level): one.sounds for one in self.pairs}


def check_sounds(
    study: StudyDefinition,
    root: Path,
    *,
    workers: int | None = None,
    progress: Progress = lambda: None,
) -> CheckedSounds:
    """Look at every sound file of a study below ``root``; ``progress`` is called per item.

    ``workers``: in so many processes; left out, in as many as are worth it. Raises AudioError for
    a missing or unreadable file, and for an anchor that could not be told from the baseline.
    """
    findings: list[Finding] = []
    pairs: list[CheckedPair] = []
    seconds: list[float] = []
    baselines: dict[str, str] = {}
    of_items = list(sources_of(study, root).values())
    for checked in map_in_order(_check_files, study, of_items, workers=workers):
        findings += checked.findings
        pairs += checked.pairs
        seconds.append(checked.seconds)
        baselines[checked.item] = checked.baseline
        progress()
    for source in trap_sources(study, root):
        clip = read_clip(source.path)
        findings += form_findings([source], [clip], limits=study.pair_limits())
    return CheckedSounds(
        findings=tuple(findings),
        pairs=tuple(pairs),
        baselines=baselines,
        clip_seconds=float(np.mean(seconds)),
        limits=study.pair_limits(),
    )


def form_findings(
    sources: Sequence[Source], loaded: Sequence[Clip], *, limits: PairLimits = LIMITS
) -> Iterator[Finding]:
    """What is wrong with the files of one item by their form; the baseline comes first."""
    for source, clip in zip(sources, loaded, strict=True):
        faults = list(check_clip(clip, limits=limits))
        if source.level is not None and not any(fault.code == "not-finite" for fault in faults):
            faults += check_pair(loaded[0], clip)
        for fault in faults:
            yield Finding.at(source, fault)


@dataclass(frozen=True, slots=True, kw_only=True)
class _CheckedItem:
    item: str
    baseline: str
    """Its digest."""
    seconds: float
    findings: list[Finding]
    pairs: list[CheckedPair]


def _check_files(study: StudyDefinition, sources: Sequence[Source]) -> _CheckedItem:
    loaded = [read_clip(source.path) for source in sources]
    require_anchors(study.stimuli.anchors_hz, loaded[0], item=sources[0].item)
    findings, pairs = check_item(study, sources, loaded)
    return _CheckedItem(
        item=sources[0].item,
        baseline=loaded[0].source_digest,
        seconds=loaded[0].seconds,
        findings=findings,
        pairs=pairs,
    )


def check_item(
    study: StudyDefinition, sources: Sequence[Source], loaded: Sequence[Clip]
) -> tuple[list[Finding], list[CheckedPair]]:
    """What is wrong with the sounds of one item, in memory, and what its pairs measure.

    By form as they are, beside one another as they will be played: with levels matched, where the
    study asks for it.
    """
    limits = study.pair_limits()
    findings = list(form_findings(sources, loaded, limits=limits))
    loaded = level_matched(study.presentation.level_match, loaded)
    bad = {(one.condition, one.level) for one in findings if one.severity == "error"}
    comparable = (sources[0].condition, sources[0].level) not in bad
    baseline = loaded[0]
    known = None
    if comparable:
        known = measure_clip(baseline.samples, baseline.rate_hz, limits=limits)
        findings += _peak_findings(sources[0], known, None, findings, limits)
    pairs = []
    for source, clip in zip(sources[1:], loaded[1:], strict=True):
        figures = None
        if comparable and (source.condition, source.level) not in bad:
            figures = measure_pair(baseline, clip, baseline_figures=known, limits=limits)
            faults = check_likeness(baseline, clip, figures, limits=limits)
            findings += [Finding.at(source, fault) for fault in faults]
            findings += _peak_findings(source, figures.compressed, known, findings, limits)
        assert source.level is not None  # only the baseline has none
        pairs.append(
            CheckedPair(
                item=source.item,
                condition=source.condition,
                level=source.level,
                sounds=pair_digest(baseline.source_digest, clip.source_digest),
                figures=figures,
            )
        )
    if not bad:
        findings += _axis_findings(study, sources, loaded, pairs, findings)
    return findings, pairs


def _peak_findings(
    source: Source,
    figures: ClipFigures,
    baseline: ClipFigures | None,
    found: Sequence[Finding],
    limits: PairLimits,
) -> list[Finding]:
    """Peaks between the samples, unless samples are clipped: then these are of no more matter."""
    place = (source.condition, source.level)
    if any(one.code == "clipped" and (one.condition, one.level) == place for one in found):
        return []
    faults = peak_faults(figures, baseline=baseline, limits=limits)
    return [Finding.at(source, fault) for fault in faults]


def _axis_findings(
    study: StudyDefinition,
    sources: Sequence[Source],
    loaded: Sequence[Clip],
    pairs: Sequence[CheckedPair],
    found: Sequence[Finding],
) -> list[Finding]:
    """What is seen only when the levels of a condition are held against each other."""
    reversed_ones = list(check_direction(study, sources, loaded))
    findings = [*reversed_ones]
    by_place = {(source.condition, source.level): source for source in sources}
    clips = dict(zip(by_place, loaded, strict=True))
    figures = {(pair.condition, pair.level): pair.figures for pair in pairs}
    shifted = {(one.condition, one.level) for one in found if one.code in NO_DISTANCE}
    for condition in study.stimuli.conditions:
        differences = {
            level: one.difference_db
            for level in condition.levels
            if (one := figures[condition.name, level]) and (condition.name, level) not in shifted
        }
        of_level = {level: clips[condition.name, level] for level in condition.levels}
        for level, fault in check_levels(
            condition, of_level, differences, limits=study.pair_limits()
        ):
            told = fault.code == "not-monotone" and any(
                one.condition == condition.name for one in reversed_ones
            )
            if not told:
                findings.append(Finding.at(by_place[condition.name, level], fault))
    return findings
