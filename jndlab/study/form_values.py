"""What a form says of a study -> the same study file, changed in just those places. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from jndlab.study.analysis_plan import Analysis
from jndlab.study.definition import StudyDefinition
from jndlab.study.draft import ALWAYS_SHOWN, as_written, level_list
from jndlab.study.edit import remove_value, set_value
from jndlab.study.edit_task import set_adaptive, tasks_after, without_meaningless
from jndlab.study.form_fields import PARAGRAPHS, FormField, form_fields, order_at
from jndlab.study.paradigms import PARADIGMS
from jndlab.study.parts import Part

REMOVED_WHEN_EMPTY = {"design", "stimuli", "language"}
"""Where a draft leaves an empty key out; elsewhere it shows the key without a value."""
_UNWRITABLE = re.compile(r"[^\t\n\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What no YAML text can hold as it is."""
RARE_KEYS = frozenset(Analysis.model_fields) - ALWAYS_SHOWN


@dataclass(frozen=True, slots=True, kw_only=True)
class FormProblem:
    """A field that cannot be read."""

    name: str
    message: str


def form_values(study: StudyDefinition) -> dict[str, Any]:
    """The value of every field."""
    content = study.model_dump(mode="json")
    values = {}
    for name, field in form_fields().items():
        value: Any = content
        for part in field.path:
            value = value.get(part) if isinstance(value, dict) else None
        if field.kind == "numbers" or (field.optional and field.kind == "yes-no"):
            value = value or None
        values[name] = value
    values["checks"] = [rule.kind for rule in study.check_rules()]
    for name in sorted(PARAGRAPHS):
        blocks = (" ".join(block.split()) for block in values[name].split("\n\n"))
        values[name] = "\n\n".join(block for block in blocks if block)
    return values


def read_form(
    posted: Mapping[str, Sequence[str]], before: Mapping[str, Any], *, parts: Sequence[Part] = ()
) -> tuple[dict[str, Any], list[FormProblem]]:
    """The values that a form was sent with, and what of it cannot be read.

    A field that is not there at all keeps its value from ``before``, but for boxes: an unticked one
    is not sent. So does a field that means nothing for what listeners do in the study's ``parts``
    (none: the paradigm and the procedure that the form says).
    """
    values, problems = dict(before), []
    for name, field in form_fields().items():
        given = posted.get(name)
        if field.kind == "several":
            if f"{name}.shown" in posted:
                values[name] = [option for option in field.options if option in (given or ())]
        elif field.kind == "yes-no":
            if f"{name}.shown" in posted:
                values[name] = bool(given) or (None if field.optional else False)
        elif given is not None:
            try:
                values[name] = _read(field, given[0])
            except ValueError as error:
                values[name] = given[0][:100_000]
                problems.append(FormProblem(name=name, message=str(error)))
    paradigm = PARADIGMS.get(values["paradigm"])
    if paradigm is None:
        return values, problems
    if not parts and not paradigm.adaptive:
        values["design.procedure"] = "constant-stimuli"
    tasks = tasks_after(values, parts)
    kept = {
        name
        for name, field in form_fields().items()
        if name != "design.procedure" and field.paradigms and not field.applies(tasks)
    }
    values |= {name: before[name] for name in kept}
    return values, [problem for problem in problems if problem.name not in kept]


def changed_fields(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """The fields whose values differ, with the new ones."""
    return {name: after[name] for name in after if after[name] != before.get(name)}


def edit_study(text: str, changes: Mapping[str, Any], study: StudyDefinition) -> str:
    """The text with these fields changed. ``study`` is what the text says before."""
    criterion = {name: value for name, value in changes.items() if _is_criterion(name)}
    for name, value in changes.items():
        field = form_fields()[name]
        if name == "checks":
            text = set_value(text, ("checks",), _checks(study, value), order=order_at(("checks",)))
        elif name not in criterion:
            text = _set(text, field, value)
    if criterion:
        text = _set_criterion(text, criterion, study)
    if changes.keys() & {"paradigm", "design.procedure"}:
        tasks = tasks_after({**form_values(study), **changes}, study.parts)
        text = without_meaningless(text, tasks)
    return text


def _set(text: str, field: FormField, value: Any) -> str:
    path = field.path
    if field.kind == "numbers" and value:
        value = level_list(value)
    if path[0] == "adaptive":
        return set_adaptive(text, path, value)
    if value is None and (path[0] in REMOVED_WHEN_EMPTY or path[-1] in RARE_KEYS):
        return remove_value(text, path)
    if field.kind == "paragraphs":
        value = as_written(field.path[-1], value)
    return set_value(text, path, value, order=order_at(path))


def _is_criterion(name: str) -> bool:
    return name.startswith("design.practice_criterion.")


def _set_criterion(text: str, changes: Mapping[str, Any], study: StudyDefinition) -> str:
    path = ("design", "practice_criterion")
    now = study.design.practice_criterion
    wanted = {} if now is None else now.model_dump()
    wanted |= {name.rpartition(".")[2]: value for name, value in changes.items()}
    if all(value is None for value in wanted.values()):
        return remove_value(text, path)
    present = {key: value for key, value in wanted.items() if value is not None}
    return set_value(text, path, present, order=order_at(path))


def _checks(study: StudyDefinition, kinds: Sequence[str]) -> list[dict[str, Any]]:
    """The list of checks of these kinds; one that was there keeps its rule."""
    known = {
        check.kind: check.model_dump(mode="json", exclude_unset=True)
        for check in study.checks or ()
    }
    return [known.get(kind, {"kind": kind}) for kind in kinds]  # type: ignore[call-overload]


def _read(field: FormField, text: str) -> Any:
    text = text.replace("\r\n", "\n").strip()
    if _UNWRITABLE.search(text):
        raise ValueError("This holds a control character: type it anew instead of pasting it.")
    if field.kind == "paragraphs":
        blocks = (" ".join(block.split()) for block in text.split("\n\n"))
        text = "\n\n".join(block for block in blocks if block)
        if not text and field.name == "texts.consent":
            raise ValueError("Participants have to be told what they agree to.")
        return text
    if field.kind == "line":
        return " ".join(text.split())
    if not text and field.optional:
        return None
    if field.kind == "choice":
        found = [option for option in field.options if str(option) == text]
        if not found:
            raise ValueError(f"Choose one of: {', '.join(map(str, field.options))}.")
        return found[0]
    if field.kind == "numbers":
        return _numbers(field, text)
    return _number(field, text)


def _numbers(field: FormField, text: str) -> list[float]:
    try:
        numbers = [float(part) for part in re.split(r"[,;\s]+", text) if part]
    except ValueError:
        raise ValueError("These have to be numbers with commas between them.") from None
    if not all(abs(number) < 1e15 for number in numbers):
        raise ValueError("These have to be numbers of a usual size.")
    if field.most is not None and len(numbers) > field.most:
        raise ValueError(f"These have to be {field.most:g} numbers at most.")
    return numbers


def _number(field: FormField, text: str) -> float:
    whole = field.kind == "whole"
    kind = "a whole number" if whole else "a number"
    try:
        number = int(text) if whole else float(text.replace(",", "."))
    except ValueError:
        raise ValueError(f"This has to be {kind}.") from None
    if not abs(number) < 1e15:
        raise ValueError(f"This has to be {kind} of a usual size.")
    least, most = field.least, field.most
    if (least is not None and number < least) or (most is not None and number > most):
        raise ValueError(f"This has to be {kind} from {least or 0:g} to {most or 0:g}.")
    return number
