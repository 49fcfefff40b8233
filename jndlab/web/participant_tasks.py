"""What the participant's page has to know of each paradigm of a study."""

from __future__ import annotations

from dataclasses import dataclass

from jndlab.study.definition import StudyDefinition
from jndlab.study.paradigms import Paradigm
from jndlab.study.plan import count_intervals, count_part_trials, trial_seconds
from jndlab.study.session_parts import SessionPart, all_parts
from jndlab.study.trials import ParadigmName

SHOWN_BEFORE = "ABC"
"""Letters of a trial that holds every condition, for as long as no trial is there to tell them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PageTask:
    """A paradigm of the study, with what its part of the page needs."""

    paradigm: Paradigm
    n_trials: int
    """Trials in this paradigm at most, over all parts of the study."""
    seconds: float
    """Rough time that one of them takes."""
    confidence_steps: int
    """0: not asked."""
    tells_in_practice: bool
    """Whether the practice tells what was right."""
    tells_in_test: bool

    @property
    def labels(self) -> tuple[str, ...]:
        """Of the intervals, before a trial is there: it brings its own."""
        more = tuple(SHOWN_BEFORE) if self.paradigm.several else ()
        return (*self.paradigm.labels, *more)


def page_tasks(study: StudyDefinition, clip_seconds: float) -> tuple[PageTask, ...]:
    """Every paradigm of a study once, in the order of the file, for clips of that mean length."""
    by_name: dict[ParadigmName, list[SessionPart]] = {}
    for part in all_parts(study):
        by_name.setdefault(part.paradigm.name, []).append(part)
    return tuple(_task(study, parts, clip_seconds) for parts in by_name.values())


def count_page_parts(study: StudyDefinition) -> int:
    """Parts that one session has."""
    between = study.design.assignment == "between-participants"
    return 1 if between else len(all_parts(study))


def count_sounds(study: StudyDefinition) -> int:
    """Sounds that one session plays at most."""
    counts = [
        count_part_trials(study, part) * count_intervals(study, part) for part in all_parts(study)
    ]
    between = study.design.assignment == "between-participants"
    return max(counts) if between else sum(counts)


def _task(study: StudyDefinition, parts: list[SessionPart], clip_seconds: float) -> PageTask:
    paradigm, design = parts[0].paradigm, study.design
    counts = [count_part_trials(study, part) for part in parts]
    seconds = sum(
        count * trial_seconds(study, part, clip_seconds)
        for count, part in zip(counts, parts, strict=True)
    )
    has_right = paradigm.measure in ("correct", "detection")
    return PageTask(
        paradigm=paradigm,
        n_trials=sum(counts),
        seconds=round(seconds / max(1, sum(counts)), 1),
        confidence_steps=(design.confidence_steps or 0) if paradigm.asks_confidence else 0,
        tells_in_practice=has_right and design.feedback != "never",
        tells_in_test=has_right and design.feedback == "always",
    )
