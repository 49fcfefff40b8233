"""The keys of a study file as fields of a form: labels, kinds, limits and help. Pure.

Help, limits and choices are read from the models, so that a key that is added there is in the form.
"""

from __future__ import annotations

import math
import re
import types
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from jndlab.languages.tags import LANGUAGES
from jndlab.study.adaptive import Adaptive, Stop
from jndlab.study.analysis_plan import Analysis
from jndlab.study.checks import CheckKind
from jndlab.study.definition import Design, Presentation, Stimuli, StudyDefinition
from jndlab.study.form_relevance import Task, applies, paradigms_of, procedures_of
from jndlab.study.form_words import FOLDED, HELP, LABELS, SECTIONS
from jndlab.study.texts import Texts
from jndlab.study.trials import TASKS

FieldKind = Literal[
    "number", "whole", "choice", "yes-no", "line", "paragraphs", "several", "numbers"
]

PARAGRAPHS = {"texts.consent", "texts.thanks", "texts.debrief"}
KINDS: dict[Any, FieldKind] = {
    bool: "yes-no",
    int: "whole",
    float: "number",
    str: "line",
    tuple: "numbers",
    Literal: "choice",
}
MODELS: dict[str, type[BaseModel]] = {
    "design": Design,
    "presentation": Presentation,
    "analysis": Analysis,
    "texts": Texts,
}
"""Sections of which every key is a field."""
FEW: dict[str, tuple[type[BaseModel], tuple[str, ...]]] = {
    "stimuli": (Stimuli, ("anchors_hz",)),
    "adaptive": (
        Adaptive,
        (
            *("n_down", "n_up", "target_probability", "starts", "n_averaged", "sigmoid"),
            "shared_lapse",
        ),
    ),
    "adaptive.stop": (Stop, ("trials", "reversals", "interval")),
}
"""Sections of which some keys are fields; the others are for the study file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FormField:
    """One field of the form."""

    name: str
    """The path of its key, with dots."""
    label: str
    help: str
    kind: FieldKind
    options: tuple[Any, ...] = ()
    optional: bool = False
    """Whether it can be left empty, which takes the key's own default."""
    least: float | None = None
    most: float | None = None
    """Of a list of numbers: how many there can be."""
    longest: int | None = None
    paradigms: tuple[str, ...] = ()
    """Trial types for which it means something."""
    procedures: tuple[str, ...] = ()
    """Procedures for which it does."""

    def applies(self, tasks: Iterable[Task]) -> bool:
        """Whether it means something for one of these tasks."""
        return applies(self.name, tasks)

    @property
    def path(self) -> tuple[str, ...]:
        """The path of its key."""
        return tuple(self.name.split("."))

    @property
    def id(self) -> str:
        """Its name on the page."""
        return self.name.replace(".", "-")


@dataclass(frozen=True, slots=True, kw_only=True)
class FormSection:
    """A part of the form."""

    key: str
    title: str
    fields: tuple[FormField, ...]

    @property
    def is_folded(self) -> bool:
        """Whether it is closed until somebody opens it."""
        return self.key in FOLDED


def form_sections() -> tuple[FormSection, ...]:
    """Every field of the form, in the order of the page."""
    left = {field.name: field for field in _all_fields()}
    sections = []
    for key, title, names in SECTIONS:
        taken = []
        for name in names:
            prefix = name.removesuffix("*")
            matching = [
                known
                for known in left
                if known == name or (prefix != name and known.startswith(prefix))
            ]
            taken += [left.pop(known) for known in matching]
        sections.append(FormSection(key=key, title=title, fields=tuple(taken)))
    return tuple(sections)


def form_fields() -> dict[str, FormField]:
    """Every field by its name."""
    return {field.name: field for section in form_sections() for field in section.fields}


def order_at(path: tuple[str, ...]) -> list[str]:
    """The keys beside ``path`` in the order of the model."""
    if len(path) == 1:
        return list(StudyDefinition.model_fields)
    section = ".".join(path[:-1])
    if section in FEW:
        return list(FEW[section][0].model_fields)
    return list(MODELS[path[0]].model_fields)


def _all_fields() -> list[FormField]:
    study = StudyDefinition.model_fields
    fields = [_field("title", study["title"])]
    fields.append(
        FormField(
            name="paradigm",
            label=LABELS["paradigm"],
            help=HELP["paradigm"],
            kind="choice",
            options=tuple(TASKS),
        )
    )
    for section, (model, keys) in FEW.items():
        fields += [
            _field(f"{section}.{key}", model.model_fields[key], optional=True) for key in keys
        ]
    for section, model in MODELS.items():
        for key, info in model.model_fields.items():
            inner = _model_in(info.annotation)
            kind = _parts(info.annotation)[0]
            if kind is dict or (kind is tuple and inner is not None):
                continue  # wordings by language, lists of rules: in the study file
            if inner is not None:
                fields += [
                    _field(f"{section}.{key}.{name}", part, optional=True)
                    for name, part in inner.model_fields.items()
                ]
            else:
                fields.append(_field(f"{section}.{key}", info))
    fields.append(
        FormField(
            name="checks",
            label=LABELS["checks"],
            help="In this order. How often, and what follows a failure: in the study file.",
            kind="several",
            options=get_args(CheckKind),
        )
    )
    language = study["language"].description or ""
    fields.append(
        FormField(
            name="language",
            label=LABELS["language"],
            help=" ".join(language.split()),
            kind="choice",
            options=tuple(LANGUAGES),
            optional=True,
        )
    )
    fields += [_field(name, study[name]) for name in ("completion_code", "screen_out_code")]
    return fields


def _field(name: str, info: FieldInfo, *, optional: bool = False) -> FormField:
    kind, options, can_be_none = _parts(info.annotation)
    limits: dict[str, float] = {}
    for rule in (*info.metadata, *_rules(info.annotation)):
        for attribute in ("ge", "gt", "le", "lt", "max_length"):
            if getattr(rule, attribute, None) is not None:
                limits[attribute] = getattr(rule, attribute)
    field_kind = KINDS.get(kind, "line")
    longest = limits.get("max_length")
    return FormField(
        name=name,
        label=LABELS.get(name, name.rpartition(".")[2].replace("_", " ").capitalize()),
        help=HELP.get(name) or _help(info),
        kind="paragraphs" if name in PARAGRAPHS else field_kind,
        options=options,
        optional=optional or can_be_none or kind is str,
        least=limits.get("ge", limits.get("gt")),
        most=longest if field_kind == "numbers" else limits.get("le", limits.get("lt")),
        longest=None if longest is None or field_kind == "numbers" else math.floor(longest),
        paradigms=paradigms_of(name),
        procedures=procedures_of(name),
    )


def _help(info: FieldInfo) -> str:
    """The key's description, less the procedures it is for: elsewhere the field is not shown."""
    words = " ".join((info.description or "").replace("`", "").split())
    told = re.sub(r"^(Staircase|Questplus, psi|Questplus|MUSHRA): ", "", words)
    return told[:1].upper() + told[1:]


def _rules(annotation: Any) -> tuple[Any, ...]:
    """The limits that an optional number carries inside its annotation."""
    inner = [part for part in get_args(annotation) if get_origin(part) is Annotated]
    if get_origin(annotation) not in (Union, types.UnionType) or not inner:
        return ()
    return tuple(
        rule
        for part in get_args(inner[0])[1:]
        for rule in (part.metadata if isinstance(part, FieldInfo) else (part,))
    )


def _parts(annotation: Any) -> tuple[Any, tuple[Any, ...], bool]:
    """The plain type behind an annotation, its choices, and whether it may be None."""
    if get_origin(annotation) is Annotated:
        return _parts(get_args(annotation)[0])
    if get_origin(annotation) in (Union, types.UnionType):
        inner = [part for part in get_args(annotation) if part is not type(None)]
        kind, options, _ = _parts(inner[0])
        return kind, options, True
    if get_origin(annotation) is Literal:
        return Literal, get_args(annotation), False
    if get_origin(annotation) is not None:
        return get_origin(annotation), (), False
    return annotation, (), False


def _model_in(annotation: Any) -> type[BaseModel] | None:
    for part in (annotation, *get_args(annotation)):
        if isinstance(part, type) and issubclass(part, BaseModel):
            return part
    return None
