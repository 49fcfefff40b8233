"""Study file -> StudyDefinition, with every mistake at its line and a way to mend it."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails
from ruamel.yaml.comments import CommentedMap, CommentedSeq

from jndlab.errors import Location, Problem, StudyError
from jndlab.study.checks import KEYS_OF_KINDS
from jndlab.study.definition import MAX_TRIALS, StudyDefinition
from jndlab.study.examples import example_problems
from jndlab.study.questionnaires import questionnaire_problems
from jndlab.study.texts import own_texts, wording_problems
from jndlab.study.trials import BASELINE
from jndlab.study.yaml_source import (
    KeyPath,
    Locator,
    dotted,
    read_yaml,
    strange_problem,
    strange_values,
)

FILE_NAME = "study.yaml"
MAX_BYTES = 1_000_000


def study_path(path: Path) -> Path:
    """The study file that ``path`` means: the file itself, or the folder that holds it."""
    return path / FILE_NAME if path.is_dir() else path


def load_study(path: Path) -> StudyDefinition:
    """Read and validate a study file (or the folder that holds ``study.yaml``).

    Raises :class:`StudyError` with every problem found, each with its place in the file.
    """
    file = study_path(path)
    try:
        raw = file.read_bytes()
    except FileNotFoundError:
        message = f"There is no study file {file}."
        remedy = "Make one with: jndlab new FOLDER --baseline DIR --compressed DIR"
        raise StudyError([Problem(message=message, remedy=remedy)]) from None
    except OSError as error:
        message = f"Cannot read {file}: {error.strerror}"
        raise StudyError(
            [Problem(message=message, remedy="Check the path and its permissions.")]
        ) from None
    if len(raw) > MAX_BYTES:
        message = f"{file} has {len(raw):,} bytes; a study file has at most {MAX_BYTES:,}"
        raise StudyError([Problem(message=message, remedy="Name the study file itself.")])
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise StudyError(
            [
                Problem(
                    message="this byte is not UTF-8 text",
                    remedy="Save the file as UTF-8.",
                    location=Location(path=str(file), line=line),
                )
            ]
        ) from None
    return parse_study(text, source=str(file))


def parse_study(text: str, *, source: str = FILE_NAME) -> StudyDefinition:
    """Validate the text of a study file; ``source`` is named in the problems."""
    document = read_yaml(text, source)
    where = Locator(document, text.splitlines(), source)
    if not isinstance(document, CommentedMap):
        kind = "a list" if isinstance(document, CommentedSeq) else "empty or plain text"
        raise StudyError(
            [
                Problem(
                    message=f"a study file is a mapping of keys to values; this is {kind}",
                    remedy="Start with a key, for example: slug: my-study",
                    location=where(()),
                )
            ]
        )
    strange = list(strange_values(document, ()))
    if strange:
        raise StudyError([strange_problem(path, value, where) for path, value in strange])
    try:
        # Strict validation in JSON terms: "8" is no number, true is no 1, a list may be a tuple.
        study = StudyDefinition.model_validate_json(json.dumps(document))
    except ValidationError as error:
        details = error.errors(include_url=False, include_context=True)
        raise StudyError(
            [_problem(detail, where) for detail in details if not _is_echo(detail)]
        ) from None
    problems = [
        Problem(message=message, remedy=remedy, location=where(path))
        for path, message, remedy in _contradictions(study)
    ]
    if problems:
        raise StudyError(problems)
    return study


def _is_echo(detail: ErrorDetails) -> bool:
    """Whether it only repeats that the entries of a list are wrong ("0 valid entries")."""
    return detail["type"] == "too_short" and bool(detail["input"])


def _problem(detail: ErrorDetails, where: Locator) -> Problem:
    path: KeyPath = detail["loc"]
    name = dotted(path).removesuffix(".[key]")
    context = detail.get("ctx", {})
    match detail["type"]:
        case "extra_forbidden":
            known = sorted(_section_at(path[:-1]).model_fields)
            close = difflib.get_close_matches(str(path[-1]), known, n=1)
            message = f"unknown key {path[-1]!r}"
            hint = f"Did you mean {close[0]!r}? " if close else ""
            remedy = f"{hint}Keys known here: {', '.join(known)}."
        case "missing":
            section = dotted(path[:-1]) or "the study"
            message = f"the key {path[-1]!r} is missing in {section}"
            remedy = f"Add it: {_describe(path)}"
        case "literal_error":
            message = f"{name} cannot be {_shown(detail['input'])}"
            remedy = f"Use {context['expected']}."
        case "model_type" | "model_attributes_type":
            message = f"{name} must be a mapping of keys to values, not {_shown(detail['input'])}"
            remedy = f"Keys known here: {', '.join(sorted(_section_at(path).model_fields))}."
        case "float_type" | "int_type" | "int_from_float":
            kind = "a number" if detail["type"] == "float_type" else "a whole number"
            message = f"{name} must be {kind}, not {_shown(detail['input'])}"
            remedy = "Write a number without quotes and without a unit."
        case "string_type":
            message = f"{name} must be text, not {_shown(detail['input'])}"
            remedy = "Put it in quotes."
        case "tuple_type" | "list_type":
            message = f"{name} must be a list, not {_shown(detail['input'])}"
            remedy = "Write it as [first, second]."
        case "string_pattern_mismatch":
            message = f"{name} cannot be {_shown(detail['input'])}"
            remedy = f"{_describe(path)} (pattern {context['pattern']})"
        case _:
            message = f"{name}: {detail['msg'][:1].lower()}{detail['msg'][1:]}"
            remedy = _describe(path)
    return Problem(message=message, remedy=remedy, location=where(path))


def _shown(value: object) -> str:
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    return "nothing" if value is None else repr(value)


def _section_at(path: KeyPath) -> type[BaseModel]:
    """The model of the mapping at ``path``; list indices are passed over."""
    model: type[BaseModel] = StudyDefinition
    for part in path:
        if isinstance(part, str) and part in model.model_fields:
            inner = list(_models_in(model.model_fields[part].annotation))
            model = inner[0] if inner else model
    return model


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from _models_in(argument)


def _describe(path: KeyPath) -> str:
    names = [part for part in path if isinstance(part, str)]
    field = _section_at(path[:-1]).model_fields.get(names[-1]) if names else None
    if field is None or not field.description:
        return "`jndlab schema` describes every key."
    return f"{names[-1]}: {' '.join(field.description.split())}"


def _contradictions(study: StudyDefinition) -> Iterator[tuple[KeyPath, str, str]]:
    """What no single value shows: repeats, names that clash, a session without end."""
    for index in _repeats(study.stimuli.items):
        name = study.stimuli.items[index]
        yield ("stimuli", "items", index), f"the item {name!r} is listed twice", "Remove one."
    names = [condition.name for condition in study.stimuli.conditions]
    for index in _repeats(names):
        path: KeyPath = ("stimuli", "conditions", index, "name")
        yield path, f"two conditions are called {names[index]!r}", "Give each its own name."
    for number, condition in enumerate(study.stimuli.conditions):
        if condition.name.lower() == BASELINE:
            path = ("stimuli", "conditions", number, "name")
            yield path, "a condition cannot be called 'baseline'", "Name the compression method."
        for index in _repeats(condition.levels):
            path = ("stimuli", "conditions", number, "levels", index)
            level = condition.levels[index]
            yield path, f"the level {level:g} is listed twice", "Remove one."
    design = study.design
    n_cells = sum(len(condition.levels) for condition in study.stimuli.conditions)
    n_trials = n_cells * design.trials_per_level + design.identical_trials + design.gross_trials
    if n_trials > MAX_TRIALS:
        path = ("design", "trials_per_level")
        message = f"a session would have {n_trials} trials; the limit is {MAX_TRIALS}"
        yield path, message, "Use fewer levels, conditions or trials per level."
    criterion = design.practice_criterion
    if criterion is not None and criterion.last > design.practice_trials:
        message = f"practice_criterion looks at {criterion.last} trials; there are only " + (
            f"{design.practice_trials}"
        )
        path = ("design", "practice_criterion", "last")
        yield path, message, "Use a smaller number, or more practice_trials."
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


def _rule_contradictions(study: StudyDefinition) -> Iterator[tuple[KeyPath, str, str]]:
    """Rules of exclusion that would leave out every answer."""
    if study.analysis is None:
        return
    fast, slow = study.analysis.min_response_time_ms, study.analysis.max_response_time_ms
    if fast is not None and slow is not None and fast >= slow:
        message = "no answer is both slow and fast enough for these two limits"
        remedy = "Give a max_response_time_ms above min_response_time_ms."
        yield ("analysis", "max_response_time_ms"), message, remedy


def _gate_contradictions(study: StudyDefinition) -> Iterator[tuple[KeyPath, str, str]]:
    """Limits of the pair gate that would make an error of what is not even a warning."""
    if study.gate is None:
        return
    for what in ("delay_{}_samples", "gain_{}_db"):
        warning, error = (what.format(severity) for severity in ("warning", "error"))
        least, most = getattr(study.gate, warning), getattr(study.gate, error)
        if least > most:
            message = f"{error} ({most:g}) is below {warning} ({least:g})"
            yield ("gate", error), message, "Warn from a smaller figure than stops a launch."


def _check_contradictions(study: StudyDefinition) -> Iterator[tuple[KeyPath, str, str]]:
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


def _repeats(values: Sequence[object]) -> list[int]:
    return [index for index, value in enumerate(values) if value in values[:index]]
