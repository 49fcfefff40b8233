"""The keys of a study file as fields of a form: labels, kinds, limits and help. Pure.

Help, limits and choices are read from the models, so that a key that is added there is in the form.
"""

from __future__ import annotations

import math
import types
from dataclasses import dataclass
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from jndlab.languages.tags import LANGUAGES
from jndlab.study.analysis_plan import Analysis
from jndlab.study.checks import CheckKind
from jndlab.study.definition import Design, Presentation, StudyDefinition
from jndlab.study.texts import Texts

FieldKind = Literal["number", "whole", "choice", "yes-no", "line", "paragraphs", "several"]

LABELS: dict[str, str] = {
    "title": "Title",
    "paradigm": "Paradigm",
    "design.procedure": "Procedure",
    "design.trials_per_level": "Trials per level",
    "design.practice_trials": "Practice trials",
    "design.identical_trials": "Identical pairs (catch trials)",
    "design.gross_trials": "Gross differences (catch trials)",
    "design.trials_per_block": "Trials between breaks",
    "design.break_seconds": "A break lasts at least (s)",
    "design.confidence_steps": "Steps of confidence",
    "design.resume_hours": "A session can be resumed for (h)",
    "design.practice_criterion.share": "Practice ends at a proportion correct of",
    "design.practice_criterion.last": "over the last trials (number)",
    "design.feedback": "Feedback",
    "presentation.sample_rate_hz": "Sample rate (Hz)",
    "presentation.gap_ms": "Gap between intervals (ms)",
    "presentation.ramp_ms": "Fades (ms)",
    "presentation.switching": "A switch between intervals",
    "presentation.loop": "Sounds repeat",
    "presentation.loop_region": "A part of the sound can be chosen",
    "presentation.max_plays": "Most plays in a trial",
    "presentation.level_match": "Level matched to the baseline",
    "presentation.fresh_noise": "Noise in the last bit",
    "analysis.target_probability": "Proportion correct at the JND",
    "analysis.equivalence_bound": "Equivalence bound",
    "analysis.bound_on": "Scale of the bound",
    "analysis.bound_reason": "Why this bound",
    "analysis.alpha": "Error rate (alpha)",
    "analysis.sigmoid": "Form of the curve",
    "analysis.decision_model": "Decision model of d′",
    "analysis.min_gross_correct": "Least proportion correct, gross differences",
    "analysis.include_unfinished": "Unfinished sessions are analysed",
    "analysis.sample_size": "Sample size",
    "analysis.stopping_rule": "Stopping rule",
    "analysis.min_practice_correct": "Least proportion correct, practice",
    "analysis.max_same_response": "Largest share of one response",
    "analysis.max_same_response_run": "Longest run of one response",
    "analysis.max_reloaded_trials": "Most reloaded trials",
    "analysis.max_gap_minutes": "Longest interruption (min)",
    "analysis.max_median_response_time_ms": "Longest median response time (ms)",
    "analysis.max_failed_checks": "Most failed checks",
    "analysis.max_resumes": "Most resumes",
    "analysis.max_hidden": "Most times that the page was hidden",
    "analysis.min_trials": "Fewest usable test trials",
    "analysis.min_response_time_ms": "Shortest response time (ms)",
    "analysis.max_response_time_ms": "Longest response time (ms)",
    "analysis.max_loads": "Most loads of a trial",
    "texts.consent": "Information and consent",
    "texts.contact": "Contact",
    "texts.thanks": "Thanks",
    "texts.debrief": "Debriefing",
    "language": "Language of the page",
    "completion_code": "Completion code",
    "screen_out_code": "Screen-out code",
    "checks": "Before the first trial",
}
"""What a field is called; another key is called by its name."""

PARAGRAPHS = {"texts.consent", "texts.thanks", "texts.debrief"}
KINDS: dict[Any, FieldKind] = {
    bool: "yes-no",
    int: "whole",
    float: "number",
    str: "line",
    Literal: "choice",
}
SECTIONS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("basics", "Task", ("title", "paradigm", "design.procedure", "design.trials_per_level")),
    ("trials", "Trials and breaks", ("design.*",)),
    ("presentation", "Presentation", ("presentation.*",)),
    ("checks", "Checks", ("checks",)),
    ("texts", "Texts", ("texts.*", "language", "completion_code", "screen_out_code")),
    (
        "analysis",
        "Analysis plan",
        (
            "analysis.target_probability",
            "analysis.equivalence_bound",
            "analysis.bound_on",
            "analysis.bound_reason",
            "analysis.sample_size",
            "analysis.stopping_rule",
            "analysis.alpha",
            "analysis.sigmoid",
            "analysis.decision_model",
            "analysis.include_unfinished",
        ),
    ),
    ("exclusions", "Exclusion rules", ("analysis.*",)),
)
"""Key, heading and fields of each part of the form; a star stands for those not named before."""

FOLDED = {"presentation", "checks", "exclusions"}
"""Parts of the form that are closed at first: what is there suits most studies."""

MODELS: dict[str, type[BaseModel]] = {
    "design": Design,
    "presentation": Presentation,
    "analysis": Analysis,
    "texts": Texts,
}


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
    longest: int | None = None

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
    return list(MODELS[path[0]].model_fields)


def _all_fields() -> list[FormField]:
    study = StudyDefinition.model_fields
    fields = [_field("title", study["title"]), _field("paradigm", study["paradigm"])]
    for section, model in MODELS.items():
        for key, info in model.model_fields.items():
            if _parts(info.annotation)[0] is dict:  # wordings by language: in the study file
                continue
            inner = _model_in(info.annotation)
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
    for rule in info.metadata:
        for attribute in ("ge", "gt", "le", "lt", "max_length"):
            if getattr(rule, attribute, None) is not None:
                limits[attribute] = getattr(rule, attribute)
    field_kind = KINDS.get(kind, "line")
    longest = limits.get("max_length")
    return FormField(
        name=name,
        label=LABELS.get(name, name.rpartition(".")[2].replace("_", " ").capitalize()),
        help=" ".join((info.description or "").replace("`", "").split()),
        kind="paragraphs" if name in PARAGRAPHS else field_kind,
        options=options,
        optional=optional or can_be_none or kind is str,
        least=limits.get("ge", limits.get("gt")),
        most=limits.get("le", limits.get("lt")),
        longest=None if longest is None else math.floor(longest),
    )


def _parts(annotation: Any) -> tuple[Any, tuple[Any, ...], bool]:
    """The plain type behind an annotation, its choices, and whether it may be None."""
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
