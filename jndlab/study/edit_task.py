"""Paradigm, procedure and adaptive settings changed in the text of a study file. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from jndlab.study.draft_design import trials_comment
from jndlab.study.edit import remove_value, set_value, value_at
from jndlab.study.form_fields import MODELS, order_at
from jndlab.study.form_relevance import Task, applies
from jndlab.study.paradigms import PARADIGMS
from jndlab.study.parts import Part
from jndlab.study.yaml_source import KeyPath

_KEPT = ("design.procedure", "design.trials_per_level")
"""What a study may have without a use for it: it comes back when the procedure does."""
_SECTIONS: tuple[KeyPath, ...] = (
    *(("stimuli",), ("design",), ("adaptive", "stop"), ("adaptive",)),
    *(("presentation",), ("analysis",)),
)
_HARMLESS_DEFAULTS = ("presentation", "analysis")
"""Sections whose keys can stay where they say no more than the default: a draft lists them all."""
_NESTED: tuple[KeyPath, ...] = (("adaptive", "stop"), ("adaptive",))


def tasks_after(values: Mapping[str, Any], parts: Sequence[Part]) -> tuple[Task, ...]:
    """What listeners do in a study of these form values and parts."""
    paradigm, procedure = values["paradigm"], values["design.procedure"]
    if not parts:
        return (Task(paradigm, procedure),)
    return tuple(Task(part.paradigm or paradigm, part.procedure or procedure) for part in parts)


def set_adaptive(text: str, path: KeyPath, value: Any) -> str:
    """The text with a setting of the procedure, or without it: None or nothing. Sections come and
    go with what is in them."""
    if value is None or value == []:
        return _without_empty(remove_value(text, path))
    for length in range(1, len(path)):
        if not value_at(text, path[:length]):
            for part in reversed(path[length:]):
                value = {part: value}
            path = path[:length]
            break
    return set_value(text, path, value, order=order_at(tuple(map(str, path))))


def without_meaningless(text: str, tasks: Iterable[Task]) -> str:
    """The text without the keys that mean nothing for these tasks, and that a study of them
    therefore cannot have."""
    tasks = tuple(tasks)
    for section in _SECTIONS:
        content = value_at(text, section)
        for key, value in content.items() if isinstance(content, dict) else ():
            name = ".".join((*section, key))
            if name in _KEPT or applies(name, tasks):
                continue
            if section[0] not in _HARMLESS_DEFAULTS or value != _default(section[0], key):
                text = remove_value(text, (*section, key))
    text = _without_empty(text)
    if len(tasks) == 1:
        comment = f"# {trials_comment(tasks[0].paradigm)}"
        text = re.sub(_TRIALS_COMMENT, lambda _: comment, text, count=1)
        text = re.sub(
            _PARADIGM_COMMENT, lambda found: found[1] + PARADIGMS[tasks[0].paradigm].called, text
        )
    return text


_TRIALS_COMMENT = "|".join(
    sorted({re.escape(f"# {trials_comment(name)}") for name in PARADIGMS}, reverse=True)
)
"""The comments that a draft has on the number of trials, whichever its paradigm was."""
_PARADIGM_COMMENT = (
    r"(?m)^(paradigm: .*# )(?:"
    + "|".join(re.escape(one.called) for one in PARADIGMS.values())
    + ")$"
)


def _default(section: str, key: str) -> object:
    field = MODELS[section].model_fields.get(key)
    return None if field is None else field.default


def _without_empty(text: str) -> str:
    for path in _NESTED:
        if value_at(text, path) == {}:
            at = text.find(f"\n{path[0]}:") + 1
            text = remove_value(text, path)
            if len(path) == 1 and text[:at].endswith("\n\n"):  # the blank line went with it
                text = text[:at] + text[at:].removeprefix("\n")
    return text
