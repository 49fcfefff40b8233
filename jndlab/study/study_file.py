"""Study file -> StudyDefinition, with every mistake at its line and a way to mend it."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails
from ruamel.yaml.comments import CommentedMap, CommentedSeq

from jndlab.errors import Location, Problem, StudyError
from jndlab.study.contradictions import contradictions
from jndlab.study.definition import StudyDefinition
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
        for path, message, remedy in contradictions(study)
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
