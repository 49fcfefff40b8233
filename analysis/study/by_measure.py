"""The analysis of any study: its parts, each by what its answers say."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from jndlab.analysis.paradigms import get_paradigm
from jndlab.analysis.quality.analyse import analyse_quality
from jndlab.analysis.quality.results import QualityAnalysis
from jndlab.analysis.study.analyse import analyse_study
from jndlab.analysis.study.conduct import Conduct
from jndlab.analysis.study.data import TrialTable
from jndlab.analysis.study.detection import analyse_detection
from jndlab.analysis.study.detection_results import DetectionAnalysis
from jndlab.analysis.study.model_facts import ModelFacts
from jndlab.analysis.study.options import AnalysisOptions
from jndlab.analysis.study.overview import the_paradigm
from jndlab.analysis.study.parts import split_parts
from jndlab.analysis.study.record import StudyRecord
from jndlab.analysis.study.results import StudyAnalysis
from jndlab.analysis.study.tracks import TrackStatus
from jndlab.errors import DataError
from jndlab.study.trials import TASKS, Direction

AnyAnalysis = StudyAnalysis | DetectionAnalysis | QualityAnalysis
_DEFAULTS = AnalysisOptions()


@dataclass(frozen=True, slots=True, kw_only=True)
class PartAnalysis:
    """One part of a study and its analysis."""

    name: str
    """Empty where the session was all one."""
    analysis: AnyAnalysis
    participants: frozenset[int] = frozenset()
    """Who had trials in the part; in studies between participants everybody is in one part."""


def analyse_parts(
    table: TrialTable,
    *,
    seed: int,
    options: AnalysisOptions = _DEFAULTS,
    planned: AnalysisOptions | None = None,
    facts: ModelFacts | None = None,
    record: StudyRecord | None = None,
    conduct: Conduct | None = None,
    tracks: Sequence[TrackStatus] = (),
    directions: Mapping[str, Direction] | None = None,
    units: Mapping[str, str] | None = None,
    order: Sequence[str] = (),
    progress: Callable[[str], None] | None = None,
) -> tuple[PartAnalysis, ...]:
    """The analysis of every part of a study, in the order of ``order``, the names of its parts.

    Answers that are right by a chance level go to
    :func:`~jndlab.analysis.study.analyse.analyse_study`, those that a bias decides to
    :func:`~jndlab.analysis.study.detection.analyse_detection`, preferences and ratings to
    :func:`~jndlab.analysis.quality.analyse.analyse_quality`. ``tracks`` is what adaptive
    procedures say of their own tracks; ``directions`` and ``units`` of the conditions are needed
    where trials hold several at once. ``options.condition`` leaves out the parts without it.

    DataError: nothing left to analyse, several studies, a part with several paradigms.

    >>> from jndlab.analysis.study.example import example_trials
    >>> few = AnalysisOptions(n_resamples=100, group_model=False)
    >>> (only,) = analyse_parts(example_trials(), seed=1, options=few)
    >>> only.name, only.analysis.n_listeners
    ('', 8)
    """
    parts = split_parts(table, order)
    if not parts:
        raise DataError("There are no trials.", "Collect data first.")
    if options.condition is not None and len(parts) > 1:
        parts = [one for one in parts if options.condition in one[1]["condition"]]
        if not parts:
            raise DataError(
                f"No part has a condition {options.condition!r}.",
                "Choose a condition of the study, or leave the choice out.",
            )
    found = []
    for name, part in parts:
        tell = _told_of(name, progress) if len(parts) > 1 else progress
        paradigm = the_paradigm(part)
        measure = TASKS[paradigm].measure
        suited = _suited(options, paradigm)
        plan = None if planned is None else _suited(planned, paradigm)
        analysis: AnyAnalysis
        if measure == "correct":
            analysis = analyse_study(
                part,
                seed=seed,
                options=suited,
                planned=plan,
                facts=facts,
                record=record,
                conduct=conduct,
                tracks=[one for one in tracks if one.part == name],
                progress=tell,
            )
        elif measure == "detection":
            analysis = analyse_detection(
                part,
                seed=seed,
                options=suited,
                planned=plan,
                record=record,
                conduct=conduct,
                progress=tell,
            )
        else:
            analysis = analyse_quality(
                part,
                seed=seed,
                options=suited,
                planned=plan,
                record=record,
                conduct=conduct,
                directions=directions if directions is not None else _directions(table),
                units=units if units is not None else _units(table),
                progress=tell,
            )
        who = frozenset(int(one) for one in part["participant"])
        found.append(PartAnalysis(name=name, analysis=analysis, participants=who))
    return tuple(found)


def _suited(options: AnalysisOptions, paradigm: str) -> AnalysisOptions:
    """The options for one paradigm: a decision model is for those that have several."""
    if TASKS[paradigm].measure in ("correct", "detection") and get_paradigm(paradigm).models:
        return options
    return replace(options, decision_model=None)


def _told_of(name: str, progress: Callable[[str], None] | None) -> Callable[[str], None] | None:
    if progress is None:
        return None
    return lambda step: progress(f"part {name}: {step}")


def _directions(table: TrialTable) -> dict[str, Direction]:
    """Which way compression goes in each condition, as far as rows of any part say."""
    known: dict[str, Direction] = {}
    for condition, way in {*zip(table["condition"], table["compression"], strict=True)}:
        if condition and way:
            known[str(condition)] = "falls" if way == "falls" else "rises"
    return known


def _units(table: TrialTable) -> dict[str, str]:
    pairs = {*zip(table["condition"].tolist(), table["level_unit"].tolist(), strict=True)}
    return {condition: unit for condition, unit in sorted(pairs) if condition and unit}
