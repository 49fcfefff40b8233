"""What is wrong with the adaptive procedures of a study, found before anybody is tested."""

from __future__ import annotations

from collections.abc import Iterator

from jndlab.problems import Problem
from jndlab.study.adaptive import KEYS_OF_PROCEDURES, Adaptive
from jndlab.study.definition import StudyDefinition
from jndlab.study.plan import track_levels
from jndlab.study.procedures.settings import (
    TrackLevels,
    make_tracks,
    setting_problems,
    unused_keys,
)
from jndlab.study.procedures.track import level_problems
from jndlab.study.session_parts import SessionPart, all_parts
from jndlab.study.yaml_source import KeyPath

Found = Iterator[tuple[KeyPath, str, str]]


def adaptive_problems(study: StudyDefinition) -> Found:
    """Procedures that cannot serve their paradigm or their levels, settings that contradict."""
    settings = study.adaptive or Adaptive()
    adaptive = [(number, part) for number, part in enumerate(all_parts(study)) if part.adaptive]
    if not adaptive:
        return
    wrong = [(number, part) for number, part in adaptive if not part.paradigm.adaptive]
    for number, part in wrong:
        yield _procedure_path(study, number), *_cannot_serve(part)
    unused = [set(unused_keys(part.procedure, settings)) for _, part in adaptive]
    for key in KEYS_OF_PROCEDURES:
        if all(key in keys for keys in unused):
            names = ", ".join(dict.fromkeys(part.procedure for _, part in adaptive))
            message = f"{names} has no use for {key}"
            remedy = f"Leave it out, or use: {', '.join(KEYS_OF_PROCEDURES[key])}."
            yield ("adaptive", key), message, remedy
    contradicting = [*_target_problems(settings), *_start_problems(study, settings)]
    yield from contradicting
    if not wrong and not contradicting:
        for number, part in adaptive:
            yield from _track_problems(study, settings, number, part)


def _target_problems(settings: Adaptive) -> Found:
    for problem in setting_problems(settings):
        yield ("adaptive", "target_probability"), problem.message, problem.remedy


def _start_problems(study: StudyDefinition, settings: Adaptive) -> Found:
    """Starts that are no level of a condition that begins there."""
    conditions = {
        condition.name: condition
        for part in all_parts(study)
        if part.procedure == "staircase"
        for condition in part.conditions
    }
    for index, start in enumerate(settings.starts):
        path: KeyPath = ("adaptive", "starts", index)
        if start in settings.starts[:index]:
            yield path, f"the start {start:g} is listed twice", "Remove one."
        for condition in conditions.values():
            if start not in condition.levels:
                known = ", ".join(f"{level:g}" for level in condition.levels)
                message = f"{condition.name} has no level {start:g} to start at"
                yield path, message, f"Levels: {known}."


def _track_problems(
    study: StudyDefinition, settings: Adaptive, number: int, part: SessionPart
) -> Found:
    """Levels, grids and stop rules of the tracks of a part. Raises nothing."""
    tracks = track_levels(study, part)
    names = [condition.name for condition in study.stimuli.conditions]
    if any(len(set(condition.levels)) < len(condition.levels) for condition in part.conditions):
        return  # told as levels that are listed twice
    few = [condition for condition in part.conditions if level_problems(condition.by_compression())]
    for condition in few:
        path: KeyPath = ("stimuli", "conditions", names.index(condition.name), "levels")
        for problem in level_problems(condition.by_compression()):
            yield path, problem.message, problem.remedy
    if few:
        return
    for problem in _found(settings, part, tracks):
        path = _procedure_path(study, number)
        for key in settings.model_fields_set:
            # A problem that goes away with a key is about it.
            left = Adaptive(**settings.model_dump(exclude_unset=True, exclude={key}))
            if problem.message not in [one.message for one in _found(left, part, tracks)]:
                path = ("adaptive", key)
        yield path, problem.message, problem.remedy


def _found(settings: Adaptive, part: SessionPart, tracks: list[TrackLevels]) -> list[Problem]:
    try:
        return make_tracks(part.procedure, settings, tracks, seed=(0,)).problems()
    except ValueError as error:
        remedy = "Use another sigmoid, or levels above 0."
        return [Problem(message=str(error), remedy=remedy)]


def _cannot_serve(part: SessionPart) -> tuple[str, str]:
    name, why = part.paradigm.name, "its answers are neither right nor wrong"
    if part.paradigm.measure == "detection":
        why = "how often its answers are right depends on the listener's bias as well"
    message = f"the procedure {part.procedure} cannot serve {name}: {why}"
    return message, "Use constant-stimuli, or a paradigm with a chance level, such as 3afc."


def _procedure_path(study: StudyDefinition, number: int) -> KeyPath:
    """Where the procedure of a part is written."""
    if study.parts and study.parts[number].procedure is not None:
        return ("parts", number, "procedure")
    return ("design", "procedure")
