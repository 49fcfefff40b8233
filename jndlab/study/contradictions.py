"""What no single value of a study file shows: repeats, names that clash, a session without end."""

from __future__ import annotations

from collections.abc import Iterator

from jndlab.study.adaptive_problems import adaptive_problems
from jndlab.study.catch_problems import gold_problems, trap_problems
from jndlab.study.checks import KEYS_OF_KINDS
from jndlab.study.definition import StudyDefinition
from jndlab.study.design_problems import (
    design_problems,
    length_problems,
    part_problems,
    relevance_problems,
    repeats,
)
from jndlab.study.examples import example_problems
from jndlab.study.questionnaires import questionnaire_problems
from jndlab.study.texts import own_texts, wording_problems
from jndlab.study.trials import ANCHOR, BASELINE, TRAP
from jndlab.study.yaml_source import KeyPath

Contradiction = tuple[KeyPath, str, str]
"""Where it is, what is wrong, and how to mend it."""
RESERVED = {
    BASELINE: "Name the compression method.",
    ANCHOR: "Low-pass filtered anchors are called so: name the compression method.",
    TRAP: "Sounds of trap trials are called so: name the compression method.",
}
"""What conditions cannot be called."""


def contradictions(study: StudyDefinition) -> Iterator[Contradiction]:
    """Everything that is wrong with a study whose single values are all possible."""
    yield from _stimulus_contradictions(study)
    broken = list(part_problems(study))
    yield from broken
    if not broken:  # what follows asks for the conditions of each part
        yield from design_problems(study)
        yield from relevance_problems(study)
        yield from gold_problems(study)
        yield from trap_problems(study)
        endless = list(adaptive_problems(study))
        yield from endless
        if not endless:
            yield from length_problems(study)
    yield from _rule_contradictions(study)
    yield from _gate_contradictions(study)
    yield from _check_contradictions(study)
    yield from questionnaire_problems(study.questionnaires)
    yield from example_problems(
        study.examples,
        items=study.stimuli.items,
        levels={condition.name: condition.levels for condition in study.stimuli.conditions},
        baseline=BASELINE,
    )
    yield from wording_problems(study.texts, own_texts(study))


def _stimulus_contradictions(study: StudyDefinition) -> Iterator[Contradiction]:
    for index in repeats(study.stimuli.items):
        name = study.stimuli.items[index]
        yield ("stimuli", "items", index), f"the item {name!r} is listed twice", "Remove one."
    names = [condition.name for condition in study.stimuli.conditions]
    for index in repeats(names):
        path: KeyPath = ("stimuli", "conditions", index, "name")
        yield path, f"two conditions are called {names[index]!r}", "Give each its own name."
    for number, condition in enumerate(study.stimuli.conditions):
        remedy = RESERVED.get(condition.name.lower())
        if remedy is not None:
            path = ("stimuli", "conditions", number, "name")
            yield path, f"a condition cannot be called {condition.name.lower()!r}", remedy
        for index in repeats(condition.levels):
            path = ("stimuli", "conditions", number, "levels", index)
            level = condition.levels[index]
            yield path, f"the level {level:g} is listed twice", "Remove one."


def _rule_contradictions(study: StudyDefinition) -> Iterator[Contradiction]:
    """Rules of exclusion that would leave out every answer."""
    if study.analysis is None:
        return
    fast, slow = study.analysis.min_response_time_ms, study.analysis.max_response_time_ms
    if fast is not None and slow is not None and fast >= slow:
        message = "no answer is both slow and fast enough for these two limits"
        remedy = "Give a max_response_time_ms above min_response_time_ms."
        yield ("analysis", "max_response_time_ms"), message, remedy


def _gate_contradictions(study: StudyDefinition) -> Iterator[Contradiction]:
    """Limits of the pair gate that would make an error of what is not even a warning."""
    if study.gate is None:
        return
    for what in ("delay_{}_samples", "gain_{}_db"):
        warning, error = (what.format(severity) for severity in ("warning", "error"))
        least, most = getattr(study.gate, warning), getattr(study.gate, error)
        if least > most:
            message = f"{error} ({most:g}) is below {warning} ({least:g})"
            yield ("gate", error), message, "Warn from a smaller figure than stops a launch."


def _check_contradictions(study: StudyDefinition) -> Iterator[Contradiction]:
    """Checks that nobody could pass or that say what has no meaning for their kind."""
    for number, check in enumerate(study.checks or ()):
        rule = check.rule()
        if rule.pass_at > rule.n_trials:
            message = f"pass_at is {rule.pass_at}, but the check has {rule.n_trials} trials"
            yield ("checks", number, "pass_at"), message, "Nobody could pass: use a smaller one."
        for key, kinds in KEYS_OF_KINDS.items():
            if check.kind not in kinds and key in check.model_fields_set:
                message = f"a check of kind {check.kind} has no {key}"
                yield ("checks", number, key), message, f"Use it with: {', '.join(kinds)}."
