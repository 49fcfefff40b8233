"""What is wrong with the design of a study: parts, numbers, keys that mean nothing in it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from jndlab.study.definition import MAX_TRIALS, StudyDefinition
from jndlab.study.form_relevance import applies, tasks_of
from jndlab.study.plan import count_part_trials
from jndlab.study.plan_trials import several_sides
from jndlab.study.session_parts import SessionPart, all_parts, group_size
from jndlab.study.yaml_source import KeyPath

Found = Iterator[tuple[KeyPath, str, str]]
MAX_RATED = 15
"""Versions in one trial: ITU-R BS.1534-3 advises 12, and nobody keeps more than these apart."""
_INERT: dict[str, object] = {"feedback": "never", "identical_trials": 0, "gross_trials": 0}
"""Values that ask for nothing, by key: written where the key has no meaning, they do no harm."""


def part_problems(study: StudyDefinition) -> Found:
    """Parts that clash, or that do not fit the conditions."""
    known = [condition.name for condition in study.stimuli.conditions]
    names = [part.name for part in study.parts]
    for index in repeats(names):
        message = f"two parts are called {names[index]!r}"
        yield ("parts", index, "name"), message, "Give each its own name."
    for number, part in enumerate(study.parts):
        listed = part.conditions or ()
        for index, name in enumerate(listed):
            path: KeyPath = ("parts", number, "conditions", index)
            if name not in known:
                message = f"the study has no condition {name!r}"
                yield path, message, f"Conditions: {', '.join(known)}."
            elif name in listed[:index]:
                yield path, f"the condition {name!r} is listed twice", "Remove one."
    if study.parts and all(part.conditions is not None for part in study.parts):
        tested = {name for part in study.parts for name in part.conditions or ()}
        for number, name in enumerate(known):
            if name not in tested:
                path = ("stimuli", "conditions", number, "name")
                message = f"no part tests the condition {name!r}"
                yield path, message, "Name it in a part, or take it out of the study."


def design_problems(study: StudyDefinition) -> Found:
    """Numbers and rules of the design that cannot be kept."""
    design, pool = study.design, study.stimuli.items
    yield from _assignment_problems(study)
    if design.items_per_session is not None and design.items_per_session > len(pool):
        message = f"{design.items_per_session} items per session are more than the {len(pool)} " + (
            "of the study"
        )
        remedy = f"Use {len(pool)} at most, or add items."
        yield ("design", "items_per_session"), message, remedy
    parts = all_parts(study)
    if design.pairs == "every-pair" and not any(part.every_pair for part in parts):
        message = f"{parts[0].paradigm.name} compares with the baseline only"
        remedy = "Use every-pair with: preference, ccr, same-different."
        yield ("design", "pairs"), message, remedy
    criterion = design.practice_criterion
    if criterion is not None and criterion.last > design.practice_trials:
        message = f"practice_criterion looks at {criterion.last} trials; there are only " + (
            f"{design.practice_trials}"
        )
        path = ("design", "practice_criterion", "last")
        yield path, message, "Use a smaller number, or more practice_trials."
    yield from _repeat_problems(study)
    yield from _mushra_problems(study)


def _assignment_problems(study: StudyDefinition) -> Found:
    design, n_parts = study.design, len(study.parts)
    between = design.assignment == "between-participants"
    if between and n_parts < 2:
        message = "there are no parts that participants could be assigned to"
        yield ("design", "assignment"), message, "Write two or more `parts`, or leave it out."
    if design.part_order == "latin-square" and (between or n_parts < 2):
        message = "a session has no parts that could be put into an order"
        yield ("design", "part_order"), message, "Write two or more `parts`, or leave it out."
    size = group_size(study)
    if design.participants is not None and design.participants % size:
        what = f"{size} groups" if between else f"{size} rows of the Latin square"
        more = -(-design.participants // size) * size
        fewer = f" or {more - size}" if more > size else ""
        message = f"{design.participants} participants cannot be spread evenly over the {what}"
        yield ("design", "participants"), message, f"Use {more}{fewer}."


def _repeat_problems(study: StudyDefinition) -> Found:
    wanted = study.design.repeated_trials
    fixed = [part for part in all_parts(study) if not part.adaptive]
    if not wanted:
        return
    if not fixed:
        message = "trials whose levels follow from answers cannot be repeated"
        yield ("design", "repeated_trials"), message, "Leave it out, or use constant stimuli."
        return
    most = min(len(part.cells) * study.design.trials_per_level // 2 for part in fixed)
    if wanted > most:
        message = f"{wanted} repeated trials are more than the first half of the test has ({most})"
        yield ("design", "repeated_trials"), message, f"Use {most} at most."


def _mushra_problems(study: StudyDefinition) -> Found:
    anchors = study.stimuli.anchors_hz
    for index in repeats(anchors):
        path: KeyPath = ("stimuli", "anchors_hz", index)
        yield path, f"the anchor {anchors[index]:g} Hz is listed twice", "Remove one."
    for index, cutoff in enumerate(anchors):
        if 2 * cutoff >= study.presentation.sample_rate_hz:
            path = ("stimuli", "anchors_hz", index)
            message = f"at {study.presentation.sample_rate_hz} Hz a filter at {cutoff:g} Hz " + (
                "takes nothing away"
            )
            yield path, message, "Use a lower cut-off frequency."
    for part in all_parts(study):
        if not part.paradigm.several:
            continue
        n_rated = len(several_sides(study, part.conditions))
        if n_rated > MAX_RATED:
            message = f"a trial of {part.paradigm.name} would hold {n_rated} versions to rate; " + (
                f"the limit is {MAX_RATED}"
            )
            remedy = (
                "ITU-R BS.1534-3 advises 12 at most, reference and anchors included: use fewer "
                "levels, or several parts."
            )
            yield ("stimuli", "conditions"), message, remedy


def relevance_problems(study: StudyDefinition) -> Found:
    """Keys that ask for something which none of the study's trial types has."""
    tasks = tasks_of(study)
    used = " and ".join(dict.fromkeys(task.paradigm for task in tasks))
    for section in ("design", "presentation", "analysis", "stimuli"):
        content = getattr(study, section)
        if content is None:
            continue
        for key in sorted(content.model_fields_set & _ONLY_FOR_SOME[section]):
            value = getattr(content, key)
            if value == type(content).model_fields[key].default and key not in _INERT:
                continue
            if value != _INERT.get(key) and not applies(f"{section}.{key}", tasks):
                yield (section, key), f"{key} means nothing for {used}", "Leave it out."
    if study.adaptive is not None and not any(part.adaptive for part in all_parts(study)):
        message = "no procedure of the study follows the answers"
        remedy = "Leave the section out, or use: procedure: staircase, questplus or psi."
        yield ("adaptive",), message, remedy
    asked = any(part.paradigm.asks_confidence for part in all_parts(study))
    if study.design.confidence_steps is not None and not asked:
        message = f"confidence cannot be asked for in {used}, whose answers are ratings"
        yield ("design", "confidence_steps"), message, "Leave it out."


_ONLY_FOR_SOME = {
    "design": {"identical_trials", "gross_trials", "practice_criterion", "feedback"},
    "presentation": {"loop_region", "switching"},
    "analysis": {
        *("target_probability", "equivalence_bound", "bound_on", "sigmoid", "decision_model"),
        *("min_gross_correct", "min_practice_correct", "max_same_response"),
        *("max_same_response_run",),
    },
    "stimuli": {"anchors_hz"},
}
"""Keys that mean something for some trial types only."""


def length_problems(study: StudyDefinition) -> Found:
    """A session that is too long for anybody. Counts what no rule is sure to end earlier."""
    parts = all_parts(study)
    counts = [count_part_trials(study, part) - study.design.practice_trials for part in parts]
    between = study.design.assignment == "between-participants"
    n_trials = max(counts) if between else sum(counts)
    if n_trials <= MAX_TRIALS:
        return
    path, remedy = _longest(parts, counts)
    yield path, f"a session would have {n_trials} trials; the limit is {MAX_TRIALS}", remedy


def _longest(parts: Sequence[SessionPart], counts: Sequence[int]) -> tuple[KeyPath, str]:
    """What makes the longest part long, and what to do about it."""
    part = parts[max(range(len(parts)), key=counts.__getitem__)]
    if part.adaptive:
        return ("adaptive", "stop", "trials"), "Stop tracks earlier, or use fewer conditions."
    if part.every_pair:
        remedy = f"There are {len(part.cells)} pairs: use fewer levels or trials per level."
        return ("design", "pairs"), remedy
    remedy = "Use fewer levels, conditions or trials per level."
    return ("design", "trials_per_level"), remedy


def repeats(values: Sequence[object]) -> list[int]:
    """The indices of values that stand earlier already."""
    return [index for index, value in enumerate(values) if value in values[:index]]
